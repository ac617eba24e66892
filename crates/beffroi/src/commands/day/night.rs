//! The night: the harmless attacker at the village's copy.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use exercise::attack::{Attack, AttackError, Deed, Disguise, Profile, Record, Truth, families};

use super::stage::Stage;
use crate::failure::Failure;

/// So many files are put aside of each kind.
const SAMPLES: usize = 2;

/// What was done at night.
pub struct Night {
    /// How many files were harmed.
    pub harmed: u64,
    /// The first notes that the attacker laid down.
    pub notes: Vec<PathBuf>,
    /// A few files that he harmed.
    pub samples: Vec<PathBuf>,
}

impl Night {
    /// Lets a known family, which the seed chooses, at the copy.
    pub fn fall(stage: &Stage<'_>) -> Result<Self, Failure> {
        let mut families = families();
        let place = stage.seed.wrapping_sub(1) % families.len() as u64;
        let family = families.swap_remove(usize::try_from(place).unwrap_or(0));
        let struck = until_unplugged(stage, family);
        let truth = struck.map_err(|error| Failure::from(exercise::ExerciseError::from(error)))?;
        let path = |record: &Record| {
            let path = record.after.as_ref()?;
            Some(stage.sandbox.path().join(OsStr::from_bytes(path.as_bytes())))
        };
        let some = |which: &dyn Fn(&&Record) -> bool| -> Vec<PathBuf> {
            truth.records.iter().filter(which).filter_map(path).take(SAMPLES).collect()
        };
        Ok(Self {
            harmed: truth.records.iter().filter(|record| record.is_harm()).count() as u64,
            // All notes say the same.
            notes: some(&|record| record.deed == Deed::Note).into_iter().take(1).collect(),
            samples: some(&|record| record.is_harm()),
        })
    }

    /// Counts what differs between what came back and what was made up, and all files.
    pub fn compare(
        &self,
        stage: &Stage<'_>,
        differences: impl Fn(&Path, &Path) -> io::Result<(u64, u64)>,
    ) -> Result<(u64, u64), Failure> {
        let mut sum = (0, 0);
        for source in stage.sources() {
            let (differ, files) = differences(&stage.original.join(source), &stage.back().join(source))?;
            sum = (sum.0 + differ, sum.1 + files);
        }
        Ok(sum)
    }
}

/// Somebody pulls the plug when the attacker has taken two files of three: what is sound must then be told from what is not.
fn until_unplugged(stage: &Stage<'_>, mut family: Profile) -> Result<Truth, AttackError> {
    let at_once = &mut family.mechanics.selection.files_per_strike;
    *at_once = (*at_once).min(50);
    let mut attack = Attack::begin(&stage.sandbox, family, Disguise::of_seed(stage.seed), stage.seed)?;
    let mut struck = 0;
    while struck * 3 < stage.sandbox.entries * 2 {
        match attack.strike()? {
            0 => break,
            files => struck += files as u64,
        }
    }
    attack.end()
}
