//! Which bytes of a file are changed. Pure: sizes in, ranges out.

use std::fmt;
use std::iter;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Chooses byte ranges of a file by its size. All lengths are in bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub enum Pattern {
    /// Everything.
    Full,
    /// Everything but the last bytes that do not fill a unit.
    Units {
        /// Length of a unit.
        unit_bytes: u64,
    },
    /// The beginning.
    Head {
        /// How much of it.
        bytes: u64,
    },
    /// Everything from an offset on: the head stays whole.
    From {
        /// The offset.
        start: u64,
    },
    /// One range.
    Slice {
        /// Where it begins.
        start: u64,
        /// Its length.
        bytes: u64,
    },
    /// Stretches of one length at one distance.
    Every {
        /// Where the first begins.
        start: u64,
        /// Length of a stretch.
        cover: u64,
        /// What is left between two.
        skip: u64,
    },
    /// Of every `m` units `n`, chosen by a seed, so that no period shows.
    NofM {
        /// How many are changed.
        n: u64,
        /// Of how many.
        m: u64,
        /// Length of a unit.
        unit_bytes: u64,
        /// Chooses.
        seed: u64,
    },
    /// The beginning of each of some equal parts.
    Percent {
        /// How much of each part, 0 to 100; at least a byte, unless 0.
        percent: u64,
        /// How many parts.
        parts: u64,
    },
    /// Blocks of one length, spread evenly from the beginning.
    Blocks {
        /// How many.
        count: u64,
        /// Length of each.
        bytes: u64,
    },
    /// The beginning, and of the rest what another pattern chooses, counted from where the rest begins.
    Then {
        /// Length of the beginning.
        head: u64,
        /// The rest's.
        rest: Box<Pattern>,
    },
    /// Everything but three windows that stay as they are, at the start, in the middle and at the end.
    AllBut {
        /// Length of a window.
        window_bytes: u64,
    },
    /// The first rule whose size is not exceeded decides, else the last pattern.
    BySize {
        /// Rules by rising size.
        rules: Vec<Rule>,
        /// For larger files.
        larger: Box<Pattern>,
    },
}

/// A pattern for files up to a size.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Rule {
    /// The largest size.
    pub bytes_max: u64,
    /// What is changed then.
    pub pattern: Pattern,
}

impl Pattern {
    /// Chooses by size: `(largest size, pattern)` by rising size, and what holds for larger files.
    pub fn by_size(rules: impl IntoIterator<Item = (u64, Pattern)>, larger: Pattern) -> Self {
        let rules = rules.into_iter().map(|(bytes_max, pattern)| Rule { bytes_max, pattern }).collect();
        Self::BySize { rules, larger: Box::new(larger) }
    }

    /// Changes the first `head` bytes, and of the rest `percent` of each of `parts` equal parts.
    pub fn smart(head: u64, percent: u64, parts: u64) -> Self {
        Self::Then { head, rest: Box::new(Self::Percent { percent, parts }) }
    }

    /// Returns the ranges that are changed in a file of `bytes`: sorted, apart from each other, not empty, within it.
    pub fn ranges(&self, bytes: u64) -> Ranges {
        Ranges { raw: self.raw(bytes), bytes, pending: None }
    }

    /// Ranges by rising start; they may overlap, touch, be empty, or reach beyond the end.
    fn raw(&self, bytes: u64) -> Raw {
        match self {
            Self::Full => one(0, bytes),
            Self::Units { unit_bytes } => one(0, bytes - bytes % (*unit_bytes).max(1)),
            Self::Head { bytes } => one(0, *bytes),
            Self::From { start } => one(*start, u64::MAX),
            Self::Slice { start, bytes } => one(*start, start.saturating_add(*bytes)),
            Self::Every { start, cover, skip } => every(*start, *cover, *skip, bytes),
            Self::NofM { n, m, unit_bytes, seed } => n_of_m(*n, *m, *unit_bytes, *seed, bytes),
            Self::Percent { percent, parts } => percent_of_parts(*percent, *parts, bytes),
            Self::Blocks { count, bytes: block } => blocks(*count, *block, bytes),
            Self::Then { head, rest } => {
                let head = *head;
                let rest = rest.raw(bytes.saturating_sub(head));
                let moved = rest.map(move |range| range.start.saturating_add(head)..range.end.saturating_add(head));
                Box::new(iter::once(0..head).chain(moved))
            }
            Self::AllBut { window_bytes } => all_but(*window_bytes, bytes),
            Self::BySize { rules, larger } => {
                rules.iter().find(|rule| bytes <= rule.bytes_max).map_or(&**larger, |rule| &rule.pattern).raw(bytes)
            }
        }
    }
}

/// Tells the pattern in words; lengths are in bytes.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "everything"),
            Self::Units { unit_bytes } => write!(f, "all whole units of {unit_bytes}"),
            Self::Head { bytes } => write!(f, "the first {bytes}"),
            Self::From { start } => write!(f, "from {start} on"),
            Self::Slice { start, bytes } => write!(f, "{bytes} from {start} on"),
            Self::Every { start: 0, cover, skip } => write!(f, "{cover}, then skip {skip}, and again"),
            Self::Every { start, cover, skip } => write!(f, "from {start} on {cover}, then skip {skip}, and again"),
            Self::NofM { n, m, unit_bytes, .. } => write!(f, "{n} of every {m} units of {unit_bytes}, by chance"),
            Self::Percent { percent, parts: 1 } => write!(f, "the first {percent} %"),
            Self::Percent { percent, parts } => write!(f, "the first {percent} % of each of {parts} parts"),
            Self::Blocks { count, bytes } => write!(f, "{count} blocks of {bytes}"),
            Self::Then { head, rest } => write!(f, "the first {head}; of the rest {rest}"),
            Self::AllBut { window_bytes } => write!(f, "all but {window_bytes} at the start, middle and end"),
            Self::BySize { rules, larger } => {
                for Rule { bytes_max, pattern } in rules {
                    write!(f, "up to {bytes_max}: {pattern}; ")?;
                }
                write!(f, "larger: {larger}")
            }
        }
    }
}

/// The ranges of one file, in order.
pub struct Ranges {
    raw: Raw,
    bytes: u64,
    pending: Option<Range<u64>>,
}

impl Iterator for Ranges {
    type Item = Range<u64>;

    fn next(&mut self) -> Option<Range<u64>> {
        for range in self.raw.by_ref() {
            let range = range.start..range.end.min(self.bytes);
            if range.start >= range.end {
                continue;
            }
            match &mut self.pending {
                Some(pending) if range.start <= pending.end => pending.end = pending.end.max(range.end),
                pending => {
                    if let Some(whole) = pending.replace(range) {
                        return Some(whole);
                    }
                }
            }
        }
        self.pending.take()
    }
}

type Raw = Box<dyn Iterator<Item = Range<u64>>>;

fn one(start: u64, end: u64) -> Raw {
    Box::new(iter::once(start..end))
}

fn every(start: u64, cover: u64, skip: u64, bytes: u64) -> Raw {
    if cover == 0 {
        return Box::new(iter::empty());
    }
    if skip == 0 {
        return one(start, u64::MAX);
    }
    let period = cover.saturating_add(skip);
    let starts = iter::successors(Some(start), move |at| at.checked_add(period)).take_while(move |at| *at < bytes);
    Box::new(starts.map(move |at| at..at.saturating_add(cover)))
}

/// Keeps the chance of each group exact: a unit is taken with the odds of what is still wanted among what is left.
fn n_of_m(n: u64, m: u64, unit_bytes: u64, seed: u64, bytes: u64) -> Raw {
    let (m, unit) = (m.max(1), unit_bytes.max(1));
    let mut wanted = 0;
    let units = (0..bytes.div_ceil(unit)).filter(move |at| {
        let left = m - at % m;
        if left == m {
            wanted = n;
        }
        let taken = scatter(seed, *at) % left < wanted;
        wanted -= u64::from(taken);
        taken
    });
    Box::new(units.map(move |at| at * unit..(at * unit).saturating_add(unit)))
}

fn percent_of_parts(percent: u64, parts: u64, bytes: u64) -> Raw {
    let parts = parts.clamp(1, bytes.max(1));
    let percent = percent.min(100);
    Box::new((0..parts).map(move |part| {
        let start = share(bytes, part, parts);
        let whole = share(bytes, part + 1, parts) - start;
        let covered = share(whole, percent, 100).max(u64::from(percent > 0));
        start..start + covered
    }))
}

fn blocks(count: u64, block: u64, bytes: u64) -> Raw {
    let count = count.min(bytes);
    Box::new((0..count).map(move |at| {
        let start = share(bytes, at, count);
        start..start.saturating_add(block)
    }))
}

fn all_but(window: u64, bytes: u64) -> Raw {
    let middle = (bytes / 2).saturating_sub(window / 2);
    let ranges = [window..middle, middle.saturating_add(window).max(window)..bytes.saturating_sub(window)];
    Box::new(ranges.into_iter())
}

/// Returns `part / parts` of `whole`, rounded down.
fn share(whole: u64, part: u64, parts: u64) -> u64 {
    let exact = u128::from(whole) * u128::from(part) / u128::from(parts.max(1));
    u64::try_from(exact).unwrap_or(u64::MAX)
}

/// Mixes two numbers into one that looks like chance (the finalizer of SplitMix64, Steele and others 2014).
fn scatter(seed: u64, at: u64) -> u64 {
    let mut mixed = seed ^ at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: Pattern, bytes: u64, expected: &[(u64, u64)]) {
        let ranges: Vec<_> = pattern.ranges(bytes).map(|range| (range.start, range.end)).collect();
        assert_eq!(ranges, expected, "{pattern:?} of {bytes}");
    }

    #[test]
    fn each_pattern_chooses_what_it_says() {
        use Pattern::*;
        check(Full, 10, &[(0, 10)]);
        check(Full, 0, &[]);
        check(Units { unit_bytes: 64 }, 200, &[(0, 192)]);
        check(Head { bytes: 4 }, 10, &[(0, 4)]);
        check(Head { bytes: 4 }, 3, &[(0, 3)]);
        check(From { start: 4 }, 10, &[(4, 10)]);
        check(Slice { start: 5, bytes: 3 }, 10, &[(5, 8)]);
        check(Every { start: 0, cover: 2, skip: 3 }, 11, &[(0, 2), (5, 7), (10, 11)]);
        check(Every { start: 1, cover: 2, skip: 0 }, 9, &[(1, 9)]);
        check(Percent { percent: 50, parts: 2 }, 20, &[(0, 5), (10, 15)]);
        check(Percent { percent: 1, parts: 2 }, 20, &[(0, 1), (10, 11)]);
        check(Percent { percent: 0, parts: 2 }, 20, &[]);
        check(Blocks { count: 3, bytes: 2 }, 30, &[(0, 2), (10, 12), (20, 22)]);
        check(Pattern::smart(4, 50, 2), 12, &[(0, 6), (8, 10)]);
        check(AllBut { window_bytes: 2 }, 20, &[(2, 9), (11, 18)]);
        check(AllBut { window_bytes: 8 }, 20, &[]);
        let by_size = Pattern::by_size([(4, Full), (8, Head { bytes: 1 })], Head { bytes: 2 });
        check(by_size.clone(), 4, &[(0, 4)]);
        check(by_size.clone(), 8, &[(0, 1)]);
        check(by_size, 9, &[(0, 2)]);
    }

    #[test]
    fn of_every_m_units_exactly_n_are_chosen_and_no_period_shows() {
        let pattern = Pattern::NofM { n: 3, m: 8, unit_bytes: 16, seed: 7 };
        let mut chosen = vec![0_u64; 100];
        let mut starts = Vec::new();
        for range in pattern.ranges(100 * 8 * 16) {
            for unit in range.start / 16..range.end / 16 {
                chosen[usize::try_from(unit / 8).unwrap()] += 1;
                starts.push(unit % 8);
            }
        }
        assert!(chosen.iter().all(|n| *n == 3), "{chosen:?}");
        assert!((0..8).all(|place| starts.contains(&place)), "every place of a group is chosen some time");
    }

    fn any_pattern() -> impl Strategy<Value = Pattern> {
        use Pattern::*;
        let length = prop_oneof![0..70_u64, 0..100_000_u64, Just(u64::MAX)];
        let (a, b, c) = (length.clone(), length.clone(), length.clone());
        let leaf = prop_oneof![
            Just(Full),
            length.clone().prop_map(|unit_bytes| Units { unit_bytes }),
            length.clone().prop_map(|bytes| Head { bytes }),
            length.clone().prop_map(|start| From { start }),
            (a.clone(), b.clone()).prop_map(|(start, bytes)| Slice { start, bytes }),
            (a, b, c).prop_map(|(start, cover, skip)| Every { start, cover, skip }),
            (0..20_u64, 0..20_u64, length.clone(), any::<u64>()).prop_map(|(n, m, unit_bytes, seed)| NofM {
                n,
                m,
                unit_bytes,
                seed
            }),
            (0..120_u64, length.clone()).prop_map(|(percent, parts)| Percent { percent, parts }),
            (length.clone(), length.clone()).prop_map(|(count, bytes)| Blocks { count, bytes }),
            length.clone().prop_map(|window_bytes| AllBut { window_bytes }),
        ];
        leaf.prop_recursive(2, 8, 3, move |inner| {
            prop_oneof![
                (length.clone(), inner.clone()).prop_map(|(head, rest)| Then { head, rest: Box::new(rest) }),
                (length.clone(), inner.clone(), inner)
                    .prop_map(|(at, small, larger)| { Pattern::by_size([(at, small)], larger) }),
            ]
        })
    }

    proptest! {
        #[test]
        fn ranges_are_sorted_apart_and_within_the_file(
            pattern in any_pattern(),
            bytes in prop_oneof![0..10_u64, 0..300_000_u64],
        ) {
            let mut end = None;
            for range in pattern.ranges(bytes) {
                prop_assert!(range.start < range.end && range.end <= bytes, "{range:?}");
                prop_assert!(end.is_none_or(|end| end < range.start), "{end:?} {range:?}");
                end = Some(range.end);
            }
        }
    }
}
