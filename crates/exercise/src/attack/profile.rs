//! Profiles: what known attackers do to files, as public reports tell it.
//!
//! Each is named for what it does. Where a report gives no figure, the figure is the exercise's own, and the source says
//! so. Sizes of most families matter for large files only; small ones are changed as a whole, as they do.

mod evasions;
mod families;
mod wipers;

use super::cipher::Form;
use super::mechanics::Mechanics;
use super::pattern::Pattern;

pub use evasions::evasions;
pub use families::families;
pub use wipers::wipers;

/// How an attacker changes files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// What it does, in a few words.
    pub name: &'static str,
    /// Which public family, wiper or technique it resembles.
    pub resembles: &'static str,
    /// Who published the parameters.
    pub source: &'static str,
    /// What sort of attacker it is.
    pub kind: ProfileKind,
    /// Which bytes.
    pub pattern: Pattern,
    /// What becomes of them.
    pub form: Form,
    /// How files are taken.
    pub mechanics: Mechanics,
}

/// What sort of attacker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProfileKind {
    /// It encrypts for money.
    Family,
    /// It destroys.
    Wiper,
    /// It tries not to be found.
    Evasion,
}

/// Returns all profiles: families, wipers, evasions.
pub fn profiles() -> Vec<Profile> {
    [families(), wipers(), evasions()].concat()
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Everything up to a size.
fn full_up_to(bytes_max: u64, larger: Pattern) -> Pattern {
    Pattern::by_size([(bytes_max, Pattern::Full)], larger)
}

fn every(cover: u64, skip: u64) -> Pattern {
    Pattern::Every { start: 0, cover, skip }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::mechanics::Way;
    use super::*;

    #[test]
    fn there_are_enough_and_each_has_a_name_of_its_own_and_a_source() {
        assert!(families().len() >= 20 && wipers().len() >= 7 && evasions().len() >= 15);
        let mut names = HashSet::new();
        for profile in profiles() {
            assert!(names.insert(profile.name), "{} twice", profile.name);
            assert!(!profile.source.is_empty() && !profile.resembles.is_empty(), "{}", profile.name);
        }
    }

    #[test]
    fn profiles_make_sense() {
        for profile in profiles() {
            let Profile { form, mechanics, .. } = &profile;
            if mechanics.way == Way::Punch {
                assert_eq!(*form, Form::Zeros, "{}: holes read as zeros", profile.name);
            }
            if matches!(mechanics.way, Way::Cut { .. } | Way::Delete | Way::Punch) {
                assert_eq!(mechanics.footer_bytes, 0, "{}: nothing follows what is gone", profile.name);
            }
            assert_eq!(profile.kind == ProfileKind::Wiper, !form.is_reversible(), "{}", profile.name);
            assert!(profile.pattern.ranges(1_000_000).next().is_some(), "{} changes a file of 1 MB", profile.name);
        }
    }
}
