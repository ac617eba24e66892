//! Attackers that destroy. What they overwrite lies in the truth, so that also this can be undone.

use super::super::cipher::Form;
use super::super::mechanics::{Extension, Mechanics, Notes, Order, Way};
use super::super::pattern::Pattern;
use super::{MIB, Profile, ProfileKind};

/// Returns the profiles that resemble known wipers.
pub fn wipers() -> Vec<Profile> {
    let first = |bytes| Pattern::Head { bytes };
    let quiet = || Mechanics { extension: Extension::None, notes: Notes::None, ..Mechanics::default() };
    let way = |way| Mechanics { way, ..quiet() };
    let renamed = Mechanics { extension: Extension::EachFile { letters: 4 }, ..quiet() };
    let random = Mechanics { order: Order::Random, ..quiet() };
    vec![
        wiper("zeros", "common to wipers", "CrowdStrike, wipers part 1", Pattern::Full, Form::Zeros, quiet()),
        wiper("zeros-in-front", "CaddyWiper", "general knowledge", first(10 * MIB), Form::Zeros, quiet()),
        wiper("one-byte-in-front", "WhisperGate", "general knowledge", first(MIB), Form::Fixed { byte: 0xcc }, renamed),
        wiper("noise", "IsaacWiper", "general knowledge", Pattern::Full, Form::Noise, random),
        wiper("cut-to-nothing", "common to wipers", "Trellix", Pattern::Full, Form::Zeros, way(Way::Cut { bytes: 0 })),
        wiper("holes", "common to wipers", "Trellix; holes ours", Pattern::Full, Form::Zeros, way(Way::Punch)),
        wiper("deleted", "common to wipers", "Trellix", Pattern::Full, Form::Zeros, way(Way::Delete)),
        wiper("made-again-of-zeros", "common to wipers", "Trellix", Pattern::Full, Form::Zeros, way(Way::Recreate)),
        wiper("made-again-of-noise", "common to wipers", "Trellix", Pattern::Full, Form::Noise, way(Way::Recreate)),
    ]
}

fn wiper(
    name: &'static str,
    resembles: &'static str,
    source: &'static str,
    pattern: Pattern,
    form: Form,
    mechanics: Mechanics,
) -> Profile {
    Profile { name, resembles, source, kind: ProfileKind::Wiper, pattern, form, mechanics }
}
