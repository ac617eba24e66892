//! How easily alarms ring: three levels, and what each is in numbers.

/// How easily the rules strike. The later one is the more sensitive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Sensitivity {
    /// Where a few files are broken by ordinary work now and then. What hurts a tenth of the files rings as usual.
    Low,
    /// What is used unless somebody asks for something else.
    #[default]
    Usual,
    /// One hurt file rings.
    High,
}

/// From which numbers of files the rules strike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// So many hurt files ring, also if they come one by one within thirty days; fewer are watched.
    pub hurt: FilesMin,
    /// So many suspect files ring; fewer are watched.
    pub suspect: FilesMin,
    /// So many emptied files ring.
    pub emptied: FilesMin,
    /// Deletion rings from so many files, if they are
    pub deleted_min: u64,
    /// this share of all files, in percent.
    pub deleted_percent_min: u64,
    /// So many newly protected files are watched.
    pub protected_min: u64,
}

/// From how many files on a rule strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilesMin {
    /// So many do, whatever their share, and
    pub files: u64,
    /// so many do if they are a tenth of the files that there were: a small folder has no more to lose.
    pub files_of_few: u64,
}

/// The share of all files, in percent, from which a rule strikes as usual at every level.
pub const LARGE_SHARE_PERCENT: u64 = 10;

const LOW: Thresholds = Thresholds {
    hurt: FilesMin { files: 10, files_of_few: 3 },
    suspect: FilesMin { files: 30, files_of_few: 10 },
    emptied: FilesMin { files: 30, files_of_few: 10 },
    deleted_min: 20,
    deleted_percent_min: 90,
    protected_min: 30,
};

const USUAL: Thresholds = Thresholds {
    hurt: FilesMin { files: 3, files_of_few: 3 },
    suspect: FilesMin { files: 10, files_of_few: 10 },
    emptied: FilesMin { files: 10, files_of_few: 10 },
    deleted_min: 20,
    deleted_percent_min: 60,
    protected_min: 10,
};

const HIGH: Thresholds = Thresholds {
    hurt: FilesMin { files: 1, files_of_few: 1 },
    suspect: FilesMin { files: 3, files_of_few: 3 },
    emptied: FilesMin { files: 3, files_of_few: 3 },
    deleted_min: 10,
    deleted_percent_min: 30,
    protected_min: 3,
};

impl Sensitivity {
    /// All, the least sensitive first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Usual, Self::High];

    /// Returns what it is in numbers.
    pub fn thresholds(self) -> &'static Thresholds {
        match self {
            Self::Low => &LOW,
            Self::Usual => &USUAL,
            Self::High => &HIGH,
        }
    }

    /// Returns its number: 0, 1 or 2.
    pub fn number(self) -> u64 {
        match self {
            Self::Low => 0,
            Self::Usual => 1,
            Self::High => 2,
        }
    }

    /// Returns the sensitivity of a number; one that is not known is of a later program, and the most sensitive.
    pub fn of_number(number: u64) -> Self {
        match number {
            0 => Self::Low,
            1 => Self::Usual,
            _ => Self::High,
        }
    }

    /// Returns its word: `low`, `usual` or `high`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Usual => "usual",
            Self::High => "high",
        }
    }

    /// Returns the sensitivity of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sensitivity| sensitivity.word() == word)
    }
}

impl FilesMin {
    /// Tells whether so many files of so many are enough.
    pub fn is_reached(self, files: u64, of: u64) -> bool {
        files >= self.files || (files >= self.files_of_few && is_share(files, of, LARGE_SHARE_PERCENT))
    }
}

/// Tells whether so many files are at least this share of all, in percent.
pub fn is_share(files: u64, of: u64, percent: u64) -> bool {
    u128::from(files) * 100 >= u128::from(of) * u128::from(percent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alarm::{Level, Tally, weigh};

    /// Numbers as they are near the thresholds, and any.
    fn count() -> impl Strategy<Value = u64> {
        prop_oneof![8 => 0u64..40, 2 => 0u64..2000, 1 => any::<u64>()]
    }

    prop_compose! {
        fn tally()(
            files_before in count(),
            (damaged, renamed_damaged, suspect, protected) in (count(), count(), count(), count()),
            (deleted, emptied, note_folders, hurt_lately) in (count(), count(), count(), count()),
            // Most rules are silent, so that each is heard alone.
            kept in any::<u8>(),
        ) -> Tally {
            let only = |bit: u8, count: u64| if kept & (1 << bit) == 0 { 0 } else { count };
            Tally {
                files_before,
                damaged: only(0, damaged),
                renamed_damaged: only(1, renamed_damaged),
                suspect: only(2, suspect),
                protected: only(3, protected),
                deleted: only(4, deleted),
                emptied: only(5, emptied),
                note_folders: only(6, note_folders),
                hurt_lately: only(7, hurt_lately),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_more_sensitive_is_never_the_quieter(tally in tally()) {
            let [low, usual, high] = Sensitivity::ALL.map(|sensitivity| weigh(&tally, sensitivity).level);
            prop_assert!(low <= usual && usual <= high, "{low:?} {usual:?} {high:?}");
        }

        #[test]
        fn no_level_is_deaf_to_hurt_files(tally in tally()) {
            let is_hurt = tally.damaged > 0 || tally.renamed_damaged > 0 || tally.suspect > 0;
            let low = weigh(&tally, Sensitivity::Low).level;
            prop_assert!(!is_hurt || low >= Level::Watch);
        }

        #[test]
        fn what_takes_a_tenth_rings_at_low_as_usual(tally in tally(), tenths in 1u64..40) {
            let least = [tally.damaged, tally.suspect, tally.emptied].into_iter().filter(|files| *files > 0).min();
            let files_before = least.unwrap_or(0).saturating_mul(10) / tenths;
            let large = Tally { files_before, renamed_damaged: 0, deleted: 0, protected: 0, hurt_lately: 0, ..tally };
            prop_assert_eq!(weigh(&large, Sensitivity::Low).level, weigh(&large, Sensitivity::Usual).level);
        }
    }

    #[test]
    fn what_must_always_ring_rings_at_low() {
        let of = |files_before| Tally { files_before, ..Tally::default() };
        let attacks = [
            ("all of a large tree", Tally { damaged: 1000, ..of(1000) }),
            ("all of a small folder, renamed", Tally { renamed_damaged: 12, note_folders: 2, ..of(12) }),
            ("three of four files", Tally { damaged: 3, ..of(4) }),
            ("one in a hundred", Tally { damaged: 10, ..of(1000) }),
            ("three in a hundred thousand files, in parts", Tally { damaged: 3000, ..of(100_000) }),
            ("one file a night, at the tenth", Tally { damaged: 1, hurt_lately: 9, ..of(100_000) }),
            ("encoded, of kinds that prove little", Tally { suspect: 40, ..of(1000) }),
            ("a small folder of such", Tally { suspect: 12, ..of(12) }),
            ("wiped", Tally { deleted: 950, ..of(1000) }),
            ("emptied", Tally { emptied: 100, ..of(100) }),
            ("a small folder, emptied", Tally { emptied: 12, ..of(12) }),
        ];
        for (what, tally) in attacks {
            assert_eq!(weigh(&tally, Sensitivity::Low).level, Level::Alarm, "{what}");
        }
    }

    #[test]
    fn each_level_says_something_of_its_own() {
        let levels = |tally| Sensitivity::ALL.map(|sensitivity| weigh(&tally, sensitivity).level);
        let of = Tally { files_before: 1000, ..Tally::default() };
        assert_eq!(levels(Tally { damaged: 1, ..of }), [Level::Watch, Level::Watch, Level::Alarm]);
        assert_eq!(levels(Tally { damaged: 5, ..of }), [Level::Watch, Level::Alarm, Level::Alarm]);
        assert_eq!(levels(Tally { deleted: 700, ..of }), [Level::Calm, Level::Alarm, Level::Alarm]);
        assert_eq!(levels(Tally { deleted: 400, ..of }), [Level::Calm, Level::Calm, Level::Alarm]);
        assert_eq!(levels(Tally { protected: 12, ..of }), [Level::Calm, Level::Watch, Level::Watch]);
    }

    #[test]
    fn words_and_numbers_lead_back() {
        for sensitivity in Sensitivity::ALL {
            assert_eq!(Sensitivity::of_word(sensitivity.word()), Some(sensitivity));
            assert_eq!(Sensitivity::of_number(sensitivity.number()), sensitivity);
        }
        assert_eq!((Sensitivity::of_word("LOW"), Sensitivity::of_number(9)), (None, Sensitivity::High));
    }
}
