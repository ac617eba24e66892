//! Whether to ring, and why: rules over what a whole backup came to, no trained model.
//!
//! Each rule has one sentence that a person understands. Numbers of files alone ring for nothing that offices do: a folder that is
//! converted, protected by passwords, packed or sorted away is work. What rings is content that was sound and is not any more.

mod sensitivity;

use minicbor::{Decoder, Encoder};

use sensitivity::is_share;
pub use sensitivity::{FilesMin, Sensitivity, Thresholds};

/// What the paths of one backup came to, compared with the backup before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Files of the snapshot before.
    pub files_before: u64,
    /// Files that look hurt under their own name.
    pub damaged: u64,
    /// Files that look hurt under another name.
    pub renamed_damaged: u64,
    /// Files that look hurt now, of which it is not certain that they were sound.
    pub suspect: u64,
    /// Files that were sound and have a password now.
    pub protected: u64,
    /// Files that are gone, but for those that were found under another name.
    pub deleted: u64,
    /// Files that are empty now, of kinds of which an empty one says nothing.
    pub emptied: u64,
    /// Folders in which the same small new file lies beside hurt ones.
    pub note_folders: u64,
    /// Files that looked hurt in backups before, within the last thirty days.
    pub hurt_lately: u64,
}

/// How loud.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Level {
    /// Nothing to say.
    #[default]
    Calm,
    /// Worth a look; nothing stops.
    Watch,
    /// Somebody must answer; nothing of this machine's backups is let go before.
    Alarm,
}

/// A rule that struck, with its numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ground {
    /// So many files were sound and are hurt.
    Damaged {
        /// Under their own name.
        files: u64,
        /// Under another name.
        renamed: u64,
    },
    /// Few are hurt now, but with those of the last thirty days they are many.
    Trickle {
        /// Now.
        files: u64,
        /// In the thirty days before.
        lately: u64,
    },
    /// Files look hurt, or drawn by lot, and whether they were sound before is not certain.
    Suspect {
        /// How many.
        files: u64,
    },
    /// Most of what was there is gone.
    Deleted {
        /// How many files.
        files: u64,
        /// Of how many.
        of: u64,
    },
    /// Files are empty now.
    Emptied {
        /// How many.
        files: u64,
    },
    /// Files got a password.
    Protected {
        /// How many.
        files: u64,
    },
    /// The same small file lies in folders with hurt ones.
    Notes {
        /// How many folders.
        folders: u64,
    },
}

/// What the rules say of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alarm {
    /// How loud.
    pub level: Level,
    /// Why, the gravest first.
    pub grounds: Vec<Ground>,
}

/// Applies the rules.
pub fn weigh(tally: &Tally, sensitivity: Sensitivity) -> Alarm {
    let thresholds = sensitivity.thresholds();
    let mut grounds: Vec<(Level, Ground)> = Vec::new();
    let hurt = tally.damaged.saturating_add(tally.renamed_damaged);
    let of = tally.files_before;
    let rings = |strikes: bool| if strikes { Level::Alarm } else { Level::Watch };
    if hurt > 0 {
        let is_many = thresholds.hurt.is_reached(hurt, of);
        grounds.push((rings(is_many), Ground::Damaged { files: tally.damaged, renamed: tally.renamed_damaged }));
        if !is_many && tally.hurt_lately > 0 {
            let in_all = hurt.saturating_add(tally.hurt_lately);
            let ground = Ground::Trickle { files: hurt, lately: tally.hurt_lately };
            grounds.push((rings(thresholds.hurt.is_reached(in_all, of)), ground));
        }
    }
    if tally.note_folders > 0 {
        grounds.push((Level::Watch, Ground::Notes { folders: tally.note_folders }));
    }
    if tally.suspect > 0 {
        grounds
            .push((rings(thresholds.suspect.is_reached(tally.suspect, of)), Ground::Suspect { files: tally.suspect }));
    }
    if tally.deleted >= thresholds.deleted_min && is_share(tally.deleted, of, thresholds.deleted_percent_min) {
        grounds.push((Level::Alarm, Ground::Deleted { files: tally.deleted, of }));
    }
    if thresholds.emptied.is_reached(tally.emptied, of) {
        grounds.push((Level::Alarm, Ground::Emptied { files: tally.emptied }));
    }
    if tally.protected >= thresholds.protected_min {
        grounds.push((Level::Watch, Ground::Protected { files: tally.protected }));
    }
    grounds.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    let level = grounds.first().map_or(Level::Calm, |(level, _)| *level);
    Alarm { level, grounds: grounds.into_iter().map(|(_, ground)| ground).collect() }
}

impl Level {
    /// Returns its number: 0, 1 or 2.
    pub fn number(self) -> u64 {
        match self {
            Self::Calm => 0,
            Self::Watch => 1,
            Self::Alarm => 2,
        }
    }

    /// Returns the level of a number; one that is not known is an alarm of a later program.
    pub fn of_number(number: u64) -> Self {
        match number {
            0 => Self::Calm,
            1 => Self::Watch,
            _ => Self::Alarm,
        }
    }
}

impl Alarm {
    /// Writes it: `[0, level, [[ground, number, number], …]]` in CBOR.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out);
        let written = encoder
            .array(3)
            .and_then(|out| out.u64(VERSION))
            .and_then(|out| out.u64(self.level.number()))
            .and_then(|out| out.array(self.grounds.len() as u64))
            .and_then(|out| {
                self.grounds.iter().try_fold(out, |out, ground| {
                    let (code, one, other) = ground.numbers();
                    out.array(3)?.u64(code)?.u64(one)?.u64(other)
                })
            });
        written.expect("a vector takes all bytes");
        out
    }

    /// Reads it; `None` if it is not what [`Alarm::to_bytes`] writes. Grounds of later programs are left out.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut read = Decoder::new(bytes);
        if read.array().ok()? != Some(3) || read.u64().ok()? != VERSION {
            return None;
        }
        let level = Level::of_number(read.u64().ok()?);
        let count = read.array().ok()??.min(GROUNDS_MAX);
        let mut grounds = Vec::new();
        for _ in 0..count {
            if read.array().ok()? != Some(3) {
                return None;
            }
            let (code, one, other) = (read.u64().ok()?, read.u64().ok()?, read.u64().ok()?);
            grounds.extend(Ground::of_numbers(code, one, other));
        }
        Some(Self { level, grounds })
    }
}

const VERSION: u64 = 0;
const GROUNDS_MAX: u64 = 64;

impl Ground {
    fn numbers(&self) -> (u64, u64, u64) {
        match *self {
            Self::Damaged { files, renamed } => (0, files, renamed),
            Self::Trickle { files, lately } => (1, files, lately),
            Self::Suspect { files } => (2, files, 0),
            Self::Deleted { files, of } => (3, files, of),
            Self::Emptied { files } => (4, files, 0),
            Self::Protected { files } => (5, files, 0),
            Self::Notes { folders } => (6, folders, 0),
        }
    }

    fn of_numbers(code: u64, one: u64, other: u64) -> Option<Self> {
        Some(match code {
            0 => Self::Damaged { files: one, renamed: other },
            1 => Self::Trickle { files: one, lately: other },
            2 => Self::Suspect { files: one },
            3 => Self::Deleted { files: one, of: other },
            4 => Self::Emptied { files: one },
            5 => Self::Protected { files: one },
            6 => Self::Notes { folders: one },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(tally: Tally) -> Level {
        weigh(&Tally { files_before: 1000, ..tally }, Sensitivity::Usual).level
    }

    #[test]
    fn three_hurt_files_ring_one_is_watched() {
        assert_eq!(level(Tally::default()), Level::Calm);
        assert_eq!(level(Tally { damaged: 1, ..Tally::default() }), Level::Watch);
        assert_eq!(level(Tally { damaged: 2, renamed_damaged: 1, ..Tally::default() }), Level::Alarm);
    }

    #[test]
    fn one_file_a_backup_rings_at_the_third() {
        let tally = |hurt_lately| Tally { damaged: 1, hurt_lately, ..Tally::default() };
        assert_eq!(level(tally(1)), Level::Watch);
        assert_eq!(level(tally(2)), Level::Alarm);
        // What was hurt before and is no more does not ring by itself.
        assert_eq!(level(Tally { hurt_lately: 5, ..Tally::default() }), Level::Calm);
    }

    #[test]
    fn work_does_not_ring() {
        assert_eq!(level(Tally { deleted: 400, ..Tally::default() }), Level::Calm);
        assert_eq!(level(Tally { protected: 900, ..Tally::default() }), Level::Watch);
        let few = Tally { files_before: 12, deleted: 12, ..Tally::default() };
        assert_eq!(weigh(&few, Sensitivity::Usual).level, Level::Calm);
    }

    #[test]
    fn wiping_rings() {
        assert_eq!(level(Tally { deleted: 900, ..Tally::default() }), Level::Alarm);
        assert_eq!(level(Tally { emptied: 50, ..Tally::default() }), Level::Alarm);
    }

    #[test]
    fn the_gravest_ground_comes_first() {
        let tally = Tally { suspect: 2, deleted: 900, note_folders: 3, ..Tally::default() };
        let alarm = weigh(&Tally { files_before: 1000, ..tally }, Sensitivity::Usual);
        assert_eq!(alarm.grounds[0], Ground::Deleted { files: 900, of: 1000 });
        assert_eq!(alarm.grounds.len(), 3);
    }

    #[test]
    fn an_alarm_is_read_as_it_was_written() {
        let grounds = vec![
            Ground::Damaged { files: 7, renamed: u64::MAX },
            Ground::Trickle { files: 1, lately: 2 },
            Ground::Suspect { files: 3 },
            Ground::Deleted { files: 4, of: 5 },
            Ground::Emptied { files: 6 },
            Ground::Protected { files: 8 },
            Ground::Notes { folders: 9 },
        ];
        let alarm = Alarm { level: Level::Alarm, grounds };
        let bytes = alarm.to_bytes();
        assert_eq!(Alarm::from_bytes(&bytes), Some(alarm));
        (0..bytes.len()).for_each(|end| assert_eq!(Alarm::from_bytes(&bytes[..end]), None));
    }

    #[test]
    fn a_later_ground_is_left_out_and_the_level_stays() {
        let later = [0x83, 0, 2, 0x81, 0x83, 0x18, 99, 1, 2];
        assert_eq!(Alarm::from_bytes(&later), Some(Alarm { level: Level::Alarm, grounds: Vec::new() }));
    }
}
