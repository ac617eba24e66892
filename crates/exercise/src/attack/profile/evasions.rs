//! Attackers that try not to be found: by their content, their names, their times or their slowness.

use super::super::cipher::Form;
use super::super::mechanics::{Extension, Mechanics, Notes, Order, Selection, Times, Way};
use super::super::pattern::Pattern;
use super::{KIB, Profile, ProfileKind, every};

/// Returns the profiles of known ways around detection, and of some that are only feared.
pub fn evasions() -> Vec<Profile> {
    [partial(), encoded(), hidden()].concat()
}

/// In place, with the old name and the old times, and without a note: only the content tells.
fn silent() -> Mechanics {
    Mechanics { extension: Extension::None, notes: Notes::None, times: Times::Restored, ..Mechanics::default() }
}

fn evasion(
    name: &'static str,
    resembles: &'static str,
    source: &'static str,
    (pattern, form): (Pattern, Form),
    mechanics: Mechanics,
) -> Profile {
    Profile { name, resembles, source, kind: ProfileKind::Evasion, pattern, form, mechanics }
}

fn partial() -> Vec<Profile> {
    const HAN: &str = "Han, Lin and Porter: 3 to 5 % of a file suffice";
    const PROBES: &str = "RansomShield's published reviews: probes at fixed places see plain text; windows ours";
    let stream = |pattern| (pattern, Form::Stream);
    let percent = |percent, parts| stream(Pattern::Percent { percent, parts });
    let irregular = Pattern::NofM { n: 1, m: 8, unit_bytes: 512, seed: 20_261_122 };
    vec![
        evasion("three-percent", "partial encryption", HAN, percent(3, 32), silent()),
        evasion("five-percent", "Royal with -ep 5", "DXC: 5 seen in an incident log", percent(5, 10), silent()),
        evasion("16-of-256", "finer than any entropy", "ours, after LockFile", stream(every(16, 240)), silent()),
        evasion("irregular", "no period to be found", "ours", stream(irregular), silent()),
        evasion(
            "after-4-kib",
            "header left as it is",
            "arXiv 2303.17351: headers against DAA",
            stream(Pattern::From { start: 4 * KIB }),
            silent(),
        ),
        evasion(
            "after-64-kib",
            "header left as it is",
            "arXiv 2303.17351: headers against DAA",
            stream(Pattern::From { start: 64 * KIB }),
            silent(),
        ),
        evasion(
            "around-probes",
            "plain where probes look",
            PROBES,
            stream(Pattern::AllBut { window_bytes: 4 * KIB }),
            silent(),
        ),
        evasion(
            "around-wide-probes",
            "plain where probes look",
            PROBES,
            stream(Pattern::AllBut { window_bytes: 64 * KIB }),
            silent(),
        ),
        evasion(
            "one-window",
            "averaged away",
            "RansomShield's published reviews",
            stream(Pattern::Percent { percent: 2, parts: 1 }),
            silent(),
        ),
    ]
}

fn encoded() -> Vec<Profile> {
    const RHEA: &str = "arXiv 2601.18216: coded cipher text looks like text";
    let full = |form| (Pattern::Full, form);
    let named = || Mechanics { way: Way::NewOver, ..Mechanics::default() };
    vec![
        evasion("base64", "coded cipher text", RHEA, full(Form::Base64 { lines: false }), silent()),
        evasion("base64-in-lines", "coded cipher text", RHEA, full(Form::Base64 { lines: true }), named()),
        evasion("hexadecimal", "coded cipher text", RHEA, full(Form::Hex), named()),
        evasion("ascii85", "coded cipher text", RHEA, full(Form::Ascii85), silent()),
        evasion(
            "shared-entropy",
            "entropy sharing",
            "Sensors 24:1446; fillers ours",
            full(Form::Shared { fillers: 3 }),
            silent(),
        ),
        evasion(
            "low-bits",
            "bytes keep their looks",
            "ours, after Sensors 24:1446",
            full(Form::Masked { mask: 0x0f }),
            silent(),
        ),
        evasion("one-bit", "bytes keep their looks", "ours", full(Form::Masked { mask: 0x01 }), silent()),
    ]
}

fn hidden() -> Vec<Profile> {
    const NAKED_SUN: &str = "Naked Sun (ACNS 2020) and RansomShield's published reviews: below every window";
    const PAIRS: &str = "RansomShield's published reviews: what follows an inode loses it";
    let full = || (Pattern::Full, Form::Stream);
    let trickle = Selection { files_per_strike: 1, ..Selection::default() };
    let some = Selection { percent: 10, files_max: 50, files_per_strike: 1, ..Selection::default() };
    vec![
        evasion("trickle", "slow and low", NAKED_SUN, full(), Mechanics { selection: trickle, ..silent() }),
        evasion(
            "a-tenth-slowly",
            "slow and low",
            NAKED_SUN,
            full(),
            Mechanics { selection: some, order: Order::Random, ..silent() },
        ),
        evasion("times-restored", "size and times as before", "RansomShield's published reviews", full(), silent()),
        evasion("copy-and-delete", "another inode", PAIRS, full(), Mechanics { way: Way::CopyAndDelete, ..silent() }),
        evasion("over-the-old-silently", "another inode", PAIRS, full(), Mechanics { way: Way::NewOver, ..silent() }),
        evasion("into-a-new-folder", "no baseline there", PAIRS, full(), Mechanics { way: Way::NewFolder, ..silent() }),
        evasion(
            "one-folder",
            "a path is given",
            "DXC: Royal's -path",
            full(),
            Mechanics { order: Order::OneFolder, ..silent() },
        ),
        evasion(
            "renamed-wholly",
            "no pair by name",
            "ours",
            full(),
            Mechanics { extension: Extension::WholeName, ..silent() },
        ),
    ]
}
