//! Attackers that encrypt for money.

use super::super::cipher::Form;
use super::super::mechanics::{Extension, Mechanics, Notes, Order, Renaming, Selection, Way};
use super::super::pattern::Pattern;
use super::{GIB, KIB, MIB, Profile, ProfileKind, every, full_up_to};

/// Returns the profiles that resemble known families, with the parameters that are public.
pub fn families() -> Vec<Profile> {
    [heads(), stretches(), shares(), by_size(), whole()].concat()
}

fn family(
    name: &'static str,
    resembles: &'static str,
    source: &'static str,
    pattern: Pattern,
    mechanics: Mechanics,
) -> Profile {
    Profile { name, resembles, source, kind: ProfileKind::Family, pattern, form: Form::Stream, mechanics }
}

/// Only the beginning is changed, whatever the size.
fn heads() -> Vec<Profile> {
    let fixed = || Mechanics { extension: Extension::Word, ..Mechanics::default() };
    let random = Mechanics::default;
    vec![
        family("first-4-kib", "LockBit 2.0", "Trend Micro; Splunk SURGe 2022", head(4 * KIB), fixed()),
        family("first-256-kib", "LockBit", "Elastio: the first 0x40000 bytes", head(256 * KIB), random()),
        family(
            "first-512-kib",
            "DarkSide, fast",
            "Deep Instinct; size from general knowledge",
            head(512 * KIB),
            random(),
        ),
        family("first-1-mib", "BlackMatter", "Heimdal; size from general knowledge", head(MIB), random()),
        family(
            "head-only",
            "BlackCat, HeadOnly",
            "SentinelLabs 2022, by general knowledge; size ours",
            head(2 * MIB),
            random(),
        ),
        family("first-megabytes", "Qilin (Agenda), fast", "KnowBe4; size ours", head(3 * MIB), random()),
        family(
            "head-in-a-copy",
            "STOP (Djvu)",
            "ids-sax2.com: a copy is changed, the original deleted, a marker follows; sizes from general knowledge",
            Pattern::Slice { start: 5, bytes: 153_600 },
            Mechanics { way: Way::CopyAndDelete, footer_bytes: 334, ..fixed() },
        ),
    ]
}

/// Stretches all along the file.
fn stretches() -> Vec<Profile> {
    let random = Mechanics::default;
    vec![
        family(
            "every-other-16-bytes",
            "LockFile",
            "Threatpost, Acronis, Deep Instinct: 16 bytes in every 32, from the beginning; images are left alone",
            every(16, 16),
            Mechanics {
                extension: Extension::Word,
                renaming: Renaming::Before,
                notes: Notes::First,
                selection: Selection { spared: vec!["jpg", "jpeg", "png", "gif", "bmp"], ..Selection::default() },
                ..Mechanics::default()
            },
        ),
        family(
            "dots",
            "BlackCat, DotPattern",
            "SentinelLabs 2022, by general knowledge; steps ours",
            every(4 * KIB, 60 * KIB),
            random(),
        ),
        family(
            "skip-step",
            "Qilin (Agenda), skip-step",
            "KnowBe4: skip N MiB, encrypt Y MiB; figures ours",
            full_up_to(3 * MIB, Pattern::Every { start: 2 * MIB, cover: MIB, skip: 2 * MIB }),
            random(),
        ),
        family(
            "64-of-192",
            "Black Basta, 2023",
            "SRLabs, black-basta-buster: by 64 bytes, alone up to 5000, of 192 up to 1 GiB, of 6400 beyond",
            basta(
                5000,
                Pattern::Then { head: 5000, rest: Box::new(Pattern::Every { start: 6336, cover: 64, skip: 6336 }) },
            ),
            Mechanics { footer_bytes: 314, ..Mechanics::default() },
        ),
        family(
            "64-of-128-or-256",
            "Black Basta, 2022",
            "general knowledge, 704 bytes confirmed by SRLabs",
            Pattern::by_size([(703, Pattern::Full), (4 * KIB, every(64, 192))], every(64, 128)),
            random(),
        ),
    ]
}

/// A share of each of some parts.
fn shares() -> Vec<Profile> {
    vec![
        family(
            "smart",
            "BlackCat, SmartPattern",
            "SentinelLabs 2022: the beginning, then a share of each of ten parts; figures ours",
            Pattern::smart(64 * KIB, 10, 10),
            Mechanics { footer_bytes: 256, ..Mechanics::default() },
        ),
        family(
            "advanced-smart",
            "BlackCat, AdvancedSmartPattern",
            "SentinelLabs 2022, by general knowledge; figures ours",
            Pattern::smart(4 * KIB, 20, 32),
            Mechanics { order: Order::Random, ..Mechanics::default() },
        ),
        family(
            "percent",
            "Qilin (Agenda), percent",
            "KnowBe4; figures ours",
            Pattern::Percent { percent: 30, parts: 8 },
            Mechanics { order: Order::Largest, ..Mechanics::default() },
        ),
        family(
            "half",
            "Royal, the default",
            "DXC: -ep 50; the limit for small files from Cybereason, by general knowledge",
            full_up_to(5_245_000, Pattern::Percent { percent: 50, parts: 16 }),
            Mechanics { footer_bytes: 532, ..Mechanics::default() },
        ),
    ]
}

/// Large files are changed in parts, small ones as a whole.
fn by_size() -> Vec<Profile> {
    let random = Mechanics::default;
    vec![
        family(
            "full-below-256-kib",
            "LockBit 3.0",
            "Strobes: full below 256 KiB, at intervals above; intervals ours",
            full_up_to(256 * KIB, every(256 * KIB, 768 * KIB)),
            Mechanics { extension: Extension::Victim { letters: 9 }, footer_bytes: 128, ..Mechanics::default() },
        ),
        family(
            "chunks-of-1-mib",
            "Play",
            "SentinelLabs 2022: 2, 3 or 5 chunks of 0x100000 bytes by size, by general knowledge",
            Pattern::by_size(
                [(0x27ff_ffff, Pattern::Blocks { count: 2, bytes: MIB }), (0x3fff_ffff, blocks_of_1_mib(3))],
                blocks_of_1_mib(5),
            ),
            Mechanics { extension: Extension::Word, notes: Notes::First, ..Mechanics::default() },
        ),
        family(
            "half-or-four-blocks",
            "Akira, Windows",
            "heise and Avast, by general knowledge: the first half up to 2,000,000 bytes, else four blocks; length ours",
            Pattern::by_size(
                [(2_000_000, Pattern::Percent { percent: 50, parts: 1 })],
                Pattern::Percent { percent: 40, parts: 4 },
            ),
            Mechanics { footer_bytes: 512, ..Mechanics::default() },
        ),
        family(
            "blocks-above-57-mb",
            "Ryuk",
            "Emsisoft: above 57,000,000 bytes up to 2,000 blocks of 1,000,000; how many is ours; a marked footer",
            full_up_to(57_000_000, Pattern::Blocks { count: 20, bytes: 1_000_000 }),
            Mechanics { extension: Extension::Word, footer_bytes: 274, ..Mechanics::default() },
        ),
        family(
            "whole-then-1-mib-then-parts",
            "Conti",
            "Schamper: a footer of 512 bytes; sizes from Chuong Dong, by general knowledge",
            Pattern::by_size([(MIB, Pattern::Full), (5 * MIB, head(MIB))], Pattern::Percent { percent: 50, parts: 5 }),
            Mechanics { extension: Extension::Victim { letters: 5 }, footer_bytes: 512, ..Mechanics::default() },
        ),
        family(
            "1-mib-then-skip",
            "REvil",
            "general knowledge: 1 MiB, then a gap of a configured length",
            every(MIB, MIB),
            Mechanics { footer_bytes: 232, order: Order::Breadth, ..Mechanics::default() },
        ),
        family(
            "three-chunks",
            "Babuk",
            "general knowledge: small files full, three chunks of larger ones",
            full_up_to(20 * MIB, Pattern::Percent { percent: 30, parts: 3 }),
            Mechanics { renaming: Renaming::Before, extension: Extension::Word, ..Mechanics::default() },
        ),
        family("large-files-head", "Babuk, ESXi", "general knowledge: the first 512 MiB", head(512 * MIB), random()),
    ]
}

/// Every byte of every file.
fn whole() -> Vec<Profile> {
    let full = |name, resembles, source, mechanics| family(name, resembles, source, Pattern::Full, mechanics);
    vec![
        full(
            "whole-by-blocks",
            "Avaddon",
            "arXiv 2102.04796: blocks of 0x100000 bytes",
            Mechanics { footer_bytes: 512, ..Mechanics::default() },
        ),
        full(
            "whole-slowly",
            "PYSA (Mespinoza)",
            "Acronis, Emsisoft: whole files, by two threads",
            Mechanics {
                extension: Extension::Word,
                selection: Selection { files_per_strike: 5, ..Selection::default() },
                notes: Notes::Last,
                ..Mechanics::default()
            },
        ),
        full(
            "a-note-beside-each-file",
            "DoppelPaymer",
            "general knowledge",
            Mechanics { notes: Notes::EachFile, extension: Extension::Word, ..Mechanics::default() },
        ),
        full(
            "a-word-for-each-file",
            "Maze",
            "general knowledge",
            Mechanics { extension: Extension::EachFile { letters: 6 }, footer_bytes: 264, ..Mechanics::default() },
        ),
        full(
            "nothing-left-of-the-name",
            "Cerber",
            "general knowledge",
            Mechanics { extension: Extension::WholeName, renaming: Renaming::Before, ..Mechanics::default() },
        ),
        full(
            "a-new-file-over-the-old",
            "many",
            "Han, Lin and Porter: combinations of delete, rename and overwrite",
            Mechanics { way: Way::NewOver, order: Order::Reverse, ..Mechanics::default() },
        ),
        full(
            "cut-and-written-anew",
            "many",
            "Han, Lin and Porter",
            Mechanics { way: Way::TruncateAndRewrite, order: Order::Newest, ..Mechanics::default() },
        ),
    ]
}

fn head(bytes: u64) -> Pattern {
    Pattern::Head { bytes }
}

fn blocks_of_1_mib(count: u64) -> Pattern {
    Pattern::Blocks { count, bytes: MIB }
}

fn basta(full_below: u64, beyond: Pattern) -> Pattern {
    Pattern::by_size([(full_below - 1, Pattern::Units { unit_bytes: 64 }), (GIB, every(64, 128))], beyond)
}
