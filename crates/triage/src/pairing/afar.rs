//! Pairs over a whole tree, for files that no folder could pair: what was encrypted into a new folder, or lost its name.
//!
//! Over a tree, lengths alone say nothing: among thousands of files some always fit. But who encrypts many files makes all of them longer
//! by the same footer, filled up to the same block, and that shows in all lengths together.

use std::collections::HashMap;

use super::{FOOTER_BYTES_MAX, Likeness, Lone, Pair};

/// Fewer files do not show how much longer all became.
pub const FILES_MIN: usize = 10;
/// Ciphers fill up to blocks of 16 bytes: so much the growth of one file may be more than that of another.
const BLOCK_BYTES: u64 = 16;
/// So many of the files that are gone must fit.
const FITTING_PERCENT: usize = 90;
/// Files of which all growths that may be are looked at.
const PROBES: usize = 64;

/// Pairs files of a whole tree, each at most once: first those that kept names that nothing else has, then the others if nearly all of them
/// became longer by the same.
pub fn pair_afar(gone: &[Lone<'_>], new: &[Lone<'_>]) -> Vec<Pair> {
    let mut pairs = by_name(gone, new);
    let is_left = |taken: &[usize], at: &usize| taken.binary_search(at).is_err();
    let taken = |place: fn(&Pair) -> usize, pairs: &[Pair]| {
        let mut taken: Vec<usize> = pairs.iter().map(place).collect();
        taken.sort_unstable();
        taken
    };
    let (gone_taken, new_taken) = (taken(|pair| pair.gone, &pairs), taken(|pair| pair.new, &pairs));
    let gone_left = (0..gone.len()).filter(|at| is_left(&gone_taken, at)).map(|at| (gone[at].bytes, at)).collect();
    let new_left = (0..new.len()).filter(|at| is_left(&new_taken, at)).map(|at| (new[at].bytes, at)).collect();
    pairs.extend(by_growth(gone_left, new_left));
    pairs.sort_by_key(|pair| pair.gone);
    pairs
}

/// Pairs files of which the name stands once on each side, with about the same length.
fn by_name(gone: &[Lone<'_>], new: &[Lone<'_>]) -> Vec<Pair> {
    let (was, is) = (single_names(gone), single_names(new));
    let fits = |one: usize, other: usize| {
        (gone[one].bytes..=gone[one].bytes.saturating_add(FOOTER_BYTES_MAX)).contains(&new[other].bytes)
    };
    let pairs = was.iter().filter_map(|(name, one)| is.get(name).map(|other| (*one, *other)));
    pairs
        .filter(|(one, other)| fits(*one, *other))
        .map(|(gone, new)| Pair { gone, new, likeness: Likeness::NameKept })
        .collect()
}

/// Returns where the names stand that stand once, without their folders.
fn single_names<'n>(files: &[Lone<'n>]) -> HashMap<&'n [u8], usize> {
    let mut places: HashMap<&[u8], Option<usize>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let name = file.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        places.entry(name).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places.into_iter().filter_map(|(name, place)| Some((name, place?))).collect()
}

/// Pairs files, given as lengths and places, if nearly all that are gone have one that is longer by the same.
fn by_growth(mut gone: Vec<(u64, usize)>, mut new: Vec<(u64, usize)>) -> Vec<Pair> {
    if gone.len() < FILES_MIN || new.len() < FILES_MIN {
        return Vec::new();
    }
    gone.sort_unstable();
    new.sort_unstable();
    let Some(growth) = likely_growth(&gone, &new) else { return Vec::new() };
    let mut next = 0;
    let mut pairs = Vec::new();
    for (bytes, at) in &gone {
        let (least, most) = (bytes.saturating_add(growth), bytes.saturating_add(growth + BLOCK_BYTES));
        while new.get(next).is_some_and(|file| file.0 < least) {
            next += 1;
        }
        if let Some((_, found)) = new.get(next).filter(|file| file.0 <= most) {
            pairs.push(Pair { gone: *at, new: *found, likeness: Likeness::Length });
            next += 1;
        }
    }
    if pairs.len() * 100 >= gone.len() * FITTING_PERCENT { pairs } else { Vec::new() }
}

/// Returns by how much at least the most files are longer now. Long files lie far apart: these are asked.
fn likely_growth(gone: &[(u64, usize)], new: &[(u64, usize)]) -> Option<u64> {
    let mut votes: HashMap<u64, usize> = HashMap::new();
    for (bytes, _) in gone.iter().rev().take(PROBES) {
        let from = new.partition_point(|file| file.0 < *bytes);
        let near = new[from..].iter().take_while(|file| file.0 <= bytes.saturating_add(FOOTER_BYTES_MAX));
        near.for_each(|file| *votes.entry(file.0 - bytes).or_default() += 1);
    }
    // A growth stands for all that are a block longer.
    let all = |growth: &u64| (*growth..=growth + BLOCK_BYTES).filter_map(|growth| votes.get(&growth)).sum::<usize>();
    votes.keys().copied().max_by_key(|growth| (all(growth), std::cmp::Reverse(*growth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of files of an office, all unlike.
    fn lengths(count: u64) -> Vec<u64> {
        (1..=count).map(|number| 900 + number * number * 37 % 2_000_003).collect()
    }

    fn named(lengths: &[u64], name: impl Fn(usize) -> String) -> Vec<(String, u64)> {
        lengths.iter().enumerate().map(|(at, bytes)| (name(at), *bytes)).collect()
    }

    fn lone(files: &[(String, u64)]) -> Vec<Lone<'_>> {
        files.iter().map(|(name, bytes)| Lone { name: name.as_bytes(), bytes: *bytes }).collect()
    }

    fn pairs(gone: &[(String, u64)], new: &[(String, u64)]) -> Vec<Pair> {
        pair_afar(&lone(gone), &lone(new))
    }

    #[test]
    fn names_that_stand_once_go_together() {
        let gone = [("a/plan.docx".to_string(), 5000), ("a/x.txt".into(), 10), ("b/x.txt".into(), 10)];
        let new = [("new/x.txt".to_string(), 10), ("new/plan.docx".into(), 5512)];
        let found = pairs(&gone, &new);
        assert_eq!(found, [Pair { gone: 0, new: 1, likeness: Likeness::NameKept }]);
    }

    #[test]
    fn files_that_all_grew_by_the_same_go_together() {
        for (footer, block) in [(0, 1), (512, 1), (0, 16), (320, 16)] {
            let lengths = lengths(300);
            let gone = named(&lengths, |at| format!("dossier{}/courrier {at}.odt", at % 7));
            let grown: Vec<u64> = lengths.iter().map(|bytes| bytes.next_multiple_of(block) + footer).collect();
            let mut new = named(&grown, |at| format!("neu/{:016x}", at * 77_777_777 % 1_000_003));
            new.reverse();
            new.push(("neu/LISEZMOI.txt".into(), 1400));
            let found = pairs(&gone, &new);
            assert!(found.len() >= 290, "{footer} and {block}: {}", found.len());
            let right = found.iter().filter(|pair| new[pair.new].1 == grown[pair.gone]).count();
            assert!(right >= 285, "{footer} and {block}: {right}");
        }
    }

    #[test]
    fn files_that_have_nothing_to_do_with_one_another_do_not() {
        let gone = named(&lengths(300), |at| format!("2009/courrier {at}.odt"));
        let photos: Vec<u64> = (1..=300_u64).map(|number| 1000 + number * number * 53 % 1_900_009).collect();
        let new = named(&photos, |at| format!("photos/IMG_{at}.jpg"));
        assert_eq!(pairs(&gone, &new), []);
        assert_eq!(pairs(&gone[..9], &named(&lengths(9), |at| format!("neu/{at}"))), []);
        assert_eq!(pairs(&gone, &[]), []);
    }

    #[test]
    fn many_files_take_little_time() {
        let gone = named(&vec![9000; 20_000], |at| format!("a/courrier {at}.docx"));
        let new = named(&vec![9512; 20_000], |at| format!("b/{at}"));
        assert_eq!(pairs(&gone, &new).len(), 20_000);
    }
}
