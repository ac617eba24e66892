//! Which new file of a directory may be what became of one that is gone.
//!
//! Who encrypts files gives them other names: an ending behind the old name, another ending, or a name made of nothing. What
//! stays is the directory, often the beginning of the name, and the length but for a footer. A pair says only "this may have been
//! that": whether it is damage is judged from what the two hold.

mod afar;

use std::collections::HashMap;

use crate::kind::Kind;

pub use afar::{FILES_MIN, pair_afar};

/// A file of which only one version is there.
#[derive(Clone, Copy, Debug)]
pub struct Lone<'n> {
    /// Its name.
    pub name: &'n [u8],
    /// Its length in bytes.
    pub bytes: u64,
}

/// Why two files were taken for one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Likeness {
    /// The new name is the old one and more behind it, or more before it.
    NameKept,
    /// The names are the same but for what follows the last dot.
    StemKept,
    /// The lengths are the same but for a footer, those of no other two are, and the names tell nothing.
    Length,
    /// As many files are gone as are new, and in the order of their names all lengths go together.
    Order,
}

/// A file that is gone and the new one that it may have become, as places in what was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Which one is gone.
    pub gone: usize,
    /// Which one is new.
    pub new: usize,
    /// Why.
    pub likeness: Likeness,
}

/// What may follow an encrypted content, in bytes; of the families that were described, none has more.
pub const FOOTER_BYTES_MAX: u64 = 4096;

/// Pairs the files of one directory, each at most once. Whether lengths tell anything is asked only of what names left over.
pub fn pair(gone: &[Lone<'_>], new: &[Lone<'_>]) -> Vec<Pair> {
    let mut pairing = Pairing { gone_left: vec![true; gone.len()], new_left: vec![true; new.len()], pairs: Vec::new() };
    pairing.by_name(gone, new);
    pairing.by_stem(gone, new);
    pairing.by_length(gone, new);
    pairing.by_order(gone, new);
    pairing.pairs.sort_by_key(|pair| pair.gone);
    pairing.pairs
}

struct Pairing {
    gone_left: Vec<bool>,
    new_left: Vec<bool>,
    pairs: Vec<Pair>,
}

impl Pairing {
    fn join(&mut self, gone: usize, new: usize, likeness: Likeness) {
        if self.gone_left[gone] && self.new_left[new] {
            (self.gone_left[gone], self.new_left[new]) = (false, false);
            self.pairs.push(Pair { gone, new, likeness });
        }
    }

    /// `plan.docx` and `plan.docx.xyz`, or `[locked] plan.docx`: all beginnings and ends of a new name are looked up. Of several
    /// that have one name in theirs, the likeliest gets it, and the others are asked again: `plan.docx, my notes.txt` is no wreck.
    fn by_name(&mut self, gone: &[Lone<'_>], new: &[Lone<'_>]) {
        let by_name: HashMap<&[u8], usize> = gone.iter().enumerate().map(|(at, file)| (file.name, at)).collect();
        let mut asked: Vec<usize> = (0..new.len()).collect();
        while !asked.is_empty() {
            let mut wanted: HashMap<usize, Vec<usize>> = HashMap::new();
            for at in asked.drain(..) {
                let name = new[at].name;
                let found = (1..name.len())
                    .rev()
                    .flat_map(|length| [&name[..length], &name[name.len() - length..]])
                    .find_map(|part| by_name.get(part).filter(|gone| self.gone_left[**gone]));
                if let Some(gone) = found {
                    wanted.entry(*gone).or_default().push(at);
                }
            }
            for (was, mut many) in wanted {
                many.sort_by_key(|at| (strangeness(&gone[was], &new[*at]), *at));
                self.join(was, many[0], Likeness::NameKept);
                asked.extend(&many[1..]);
            }
        }
    }

    fn by_stem(&mut self, was_at: &[Lone<'_>], new: &[Lone<'_>]) {
        let mut by_stem: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (at, file) in was_at.iter().enumerate().filter(|(at, _)| self.gone_left[*at]) {
            by_stem.entry(stem(file.name)).or_default().push(at);
        }
        let left: Vec<usize> = (0..new.len()).filter(|at| self.new_left[*at]).collect();
        for at in left {
            let Some(gone) = by_stem.get(stem(new[at].name)) else { continue };
            let nearest = gone.iter().filter(|gone| self.gone_left[**gone]);
            if let Some(nearest) = nearest.min_by_key(|was| files_apart(&was_at[**was], &new[at])).copied() {
                self.join(nearest, at, Likeness::StemKept);
            }
        }
    }

    fn by_length(&mut self, gone: &[Lone<'_>], new: &[Lone<'_>]) {
        let mut lengths: Vec<(u64, usize)> =
            (0..gone.len()).filter(|at| self.gone_left[*at]).map(|at| (gone[at].bytes, at)).collect();
        lengths.sort_unstable();
        let fitting = |bytes: u64| {
            let from = lengths.partition_point(|(length, _)| *length < bytes.saturating_sub(FOOTER_BYTES_MAX));
            lengths[from..].iter().take_while(move |(length, _)| *length <= bytes).map(|(_, at)| *at)
        };
        let mut wanted: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in (0..new.len()).filter(|at| self.new_left[*at]) {
            let mut fits = fitting(new[at].bytes);
            if let (Some(only), None) = (fits.next(), fits.next()) {
                wanted.entry(only).or_default().push(at);
            }
        }
        let mut single: Vec<_> = wanted.into_iter().filter(|(_, new)| new.len() == 1).collect();
        single.sort_unstable();
        for (gone, new) in single {
            self.join(gone, new[0], Likeness::Length);
        }
    }

    fn by_order(&mut self, gone: &[Lone<'_>], new: &[Lone<'_>]) {
        let left = |left: &[bool], files: &[Lone<'_>]| {
            let mut places: Vec<usize> = (0..files.len()).filter(|at| left[*at]).collect();
            places.sort_by_key(|at| files[*at].name);
            places
        };
        let (gone_left, new_left) = (left(&self.gone_left, gone), left(&self.new_left, new));
        let fits = |(one, other): (&usize, &usize)| {
            let (was, is) = (gone[*one].bytes, new[*other].bytes);
            (was..=was.saturating_add(FOOTER_BYTES_MAX)).contains(&is)
        };
        if gone_left.len() == new_left.len() && gone_left.iter().zip(&new_left).all(fits) {
            gone_left.iter().zip(&new_left).for_each(|(gone, new)| self.join(*gone, *new, Likeness::Order));
        }
    }
}

/// Tells how unlikely it is that a file with another's name in its own is what became of it: it promises to be something else; its
/// length is not that of a content and a footer; the lengths are far apart; much was added to the name.
fn strangeness(was: &Lone<'_>, is: &Lone<'_>) -> (bool, bool, u64, usize) {
    let is_something_else = Kind::expected(is.name).is_some_and(|promised| Kind::expected(was.name) != Some(promised));
    let fits = (was.bytes..=was.bytes.saturating_add(FOOTER_BYTES_MAX)).contains(&is.bytes);
    (is_something_else, !fits, files_apart(was, is), is.name.len())
}

/// Returns by how many bytes two lengths differ.
fn files_apart(one: &Lone<'_>, other: &Lone<'_>) -> u64 {
    one.bytes.abs_diff(other.bytes)
}

/// Returns a name without its last ending.
pub fn stem(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files<'n>(files: &[(&'n str, u64)]) -> Vec<Lone<'n>> {
        files.iter().map(|(name, bytes)| Lone { name: name.as_bytes(), bytes: *bytes }).collect()
    }

    fn pairs(gone: &[(&str, u64)], new: &[(&str, u64)]) -> Vec<(usize, usize, Likeness)> {
        pair(&files(gone), &files(new)).iter().map(|pair| (pair.gone, pair.new, pair.likeness)).collect()
    }

    #[test]
    fn an_ending_behind_or_before_the_name_is_told() {
        let found = pairs(
            &[("plan.docx", 100), ("a.pdf", 5)],
            &[("a.pdf.abc", 5), ("LISEZMOI.txt", 3), ("[id] plan.docx", 612)],
        );
        assert_eq!(found, [(0, 2, Likeness::NameKept), (1, 0, Likeness::NameKept)]);
    }

    #[test]
    fn the_longest_name_wins() {
        let found = pairs(&[("plan", 1), ("plan.docx", 1)], &[("plan.docx.xyz", 1), ("plan.xyz", 1)]);
        assert_eq!(found, [(0, 1, Likeness::NameKept), (1, 0, Likeness::NameKept)]);
    }

    #[test]
    fn what_somebody_wrote_about_a_file_is_not_its_wreck() {
        let found = pairs(
            &[("plan.pdf", 2352), ("plan.pdf, notes.txt", 90)],
            &[("plan.pdf, minutes.txt", 2352), ("plan.pdf, notes.txt.k2x9", 90), ("plan.pdf.k2x9", 2864)],
        );
        assert_eq!(found, [(0, 2, Likeness::NameKept), (1, 1, Likeness::NameKept)]);
        assert_eq!(pairs(&[("plan", 9)], &[("plan 2", 9000), ("plan.k2x9", 9)]), [(0, 1, Likeness::NameKept)]);
    }

    #[test]
    fn another_ending_is_told() {
        assert_eq!(pairs(&[("plan.docx", 100)], &[("plan.lock", 700)]), [(0, 0, Likeness::StemKept)]);
    }

    #[test]
    fn lengths_that_nothing_else_has_tell() {
        let found = pairs(&[("a.doc", 100_000), ("b.doc", 200_000)], &[("zz81", 200_512), ("qq17", 100_512)]);
        assert_eq!(found, [(0, 1, Likeness::Length), (1, 0, Likeness::Length)]);
    }

    #[test]
    fn lengths_that_several_have_do_not() {
        let found = pairs(&[("a.doc", 100), ("b.doc", 200), ("c.doc", 50_000)], &[("zz81", 300), ("qq17", 90_000)]);
        assert_eq!(found, []);
    }

    #[test]
    fn the_order_tells_if_all_lengths_go_together() {
        let found = pairs(&[("a.doc", 100), ("b.doc", 200)], &[("0001.x", 400), ("0002.x", 350)]);
        assert_eq!(found, [(0, 0, Likeness::Order), (1, 1, Likeness::Order)]);
    }

    #[test]
    fn many_files_take_little_time() {
        let names: Vec<String> = (0..20_000).map(|number| format!("courrier {number} au maire.docx")).collect();
        let gone: Vec<_> = names.iter().map(|name| Lone { name: name.as_bytes(), bytes: 9000 }).collect();
        let endings: Vec<String> = names.iter().map(|name| format!("{name}.k2x9")).collect();
        let new: Vec<_> = endings.iter().map(|name| Lone { name: name.as_bytes(), bytes: 9512 }).collect();
        let found = pair(&gone, &new);
        assert!(found.iter().all(|pair| pair.gone == pair.new && pair.likeness == Likeness::NameKept));
        assert_eq!(found.len(), gone.len());
    }
}
