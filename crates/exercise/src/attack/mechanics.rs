//! How files are taken: by which way, in which order, how many, under which names.

use restore::TreePath;

use super::chance::Dice;
use crate::ground::{self, Found};

/// Everything about an attack but which bytes it changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mechanics {
    /// How a file gets its new content.
    pub way: Way,
    /// When a file gets its new name, if it gets one.
    pub renaming: Renaming,
    /// What the new name is.
    pub extension: Extension,
    /// How many bytes are added at the end.
    pub footer_bytes: usize,
    /// What becomes of access and modification times.
    pub times: Times,
    /// Which files come first.
    pub order: Order,
    /// Which files are taken at all.
    pub selection: Selection,
    /// Where notes lie.
    pub notes: Notes,
}

impl Default for Mechanics {
    /// In place, then renamed with seven letters of the victim's, by name, every file, a note in each folder.
    fn default() -> Self {
        Self {
            way: Way::InPlace,
            renaming: Renaming::After,
            extension: Extension::Victim { letters: 7 },
            footer_bytes: 0,
            times: Times::Left,
            order: Order::Names,
            selection: Selection::default(),
            notes: Notes::EachFolder,
        }
    }
}

/// How a file gets its new content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The changed ranges are written where they are.
    InPlace,
    /// The file is cut to nothing, and its new content is written from the beginning.
    TruncateAndRewrite,
    /// A new file is made beside it; the old one is deleted.
    CopyAndDelete,
    /// A new file is made beside it and renamed over it.
    NewOver,
    /// A new file is made in a folder that was not there; the old one is deleted.
    NewFolder,
    /// Holes are punched where ranges are changed.
    Punch,
    /// The file is cut to at most so many bytes.
    Cut {
        /// What stays.
        bytes: u64,
    },
    /// The file is deleted.
    Delete,
    /// The file is deleted, and another of its name and size is made.
    Recreate,
}

impl Way {
    /// Tells whether the file stays the file that it was, so that all its names see the change.
    pub fn keeps_file(self) -> bool {
        matches!(self, Self::InPlace | Self::TruncateAndRewrite | Self::Punch | Self::Cut { .. })
    }
}

/// When a file gets its new name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renaming {
    /// Before its content changes.
    Before,
    /// After its content has changed.
    After,
}

/// What the new name is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extension {
    /// The old one.
    None,
    /// The disguise's word after the old name.
    Word,
    /// The beginning of that word.
    Victim {
        /// How many letters.
        letters: usize,
    },
    /// A word of its own after each old name.
    EachFile {
        /// How long.
        letters: usize,
    },
    /// Nothing is left of the old name.
    WholeName,
}

/// What becomes of access and modification times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// They tell when the file was changed.
    Left,
    /// They are set to what they were.
    Restored,
}

/// Which files come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// By name, each folder where its name stands.
    Names,
    /// The same from the end.
    Reverse,
    /// The files of a folder before those below it.
    Breadth,
    /// The largest.
    Largest,
    /// The most recently modified.
    Newest,
    /// By chance.
    Random,
    /// Only one folder, chosen by chance, with all below it.
    OneFolder,
}

/// Which files are taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// How many of a hundred.
    pub percent: u64,
    /// How many at most in all.
    pub files_max: usize,
    /// How many at each call of [`super::Attack::strike`].
    pub files_per_strike: usize,
    /// Files below this size are left alone.
    pub bytes_min: u64,
    /// Files of these extensions, in lower case, are left alone.
    pub spared: Vec<&'static str>,
}

impl Default for Selection {
    /// Every file, at once.
    fn default() -> Self {
        Self { percent: 100, files_max: usize::MAX, files_per_strike: usize::MAX, bytes_min: 0, spared: Vec::new() }
    }
}

/// Where notes lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notes {
    /// Nowhere.
    None,
    /// One at the top, before any file is changed.
    First,
    /// One at the top, in the end.
    Last,
    /// One in each folder of which a file is changed.
    EachFolder,
    /// One beside each file.
    EachFile,
}

/// Puts victims in order and leaves out those that are spared.
pub(super) fn choose(mut files: Vec<Found>, mechanics: &Mechanics, dice: &mut Dice) -> Vec<Found> {
    let selection = &mechanics.selection;
    files.retain(|file| file.bytes >= selection.bytes_min && !is_spared(&file.path, &selection.spared));
    if mechanics.order == Order::OneFolder {
        keep_one_folder(&mut files, dice);
    }
    if selection.percent < 100 {
        let wanted = (files.len() as u64 * selection.percent).div_ceil(100);
        let mut places: Vec<usize> = (0..files.len()).collect();
        dice.shuffle(&mut places);
        places.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        let chosen: std::collections::HashSet<_> = places.into_iter().collect();
        let mut at = 0..;
        files.retain(|_| at.next().is_some_and(|at| chosen.contains(&at)));
    }
    sort(&mut files, mechanics.order, dice);
    files.truncate(selection.files_max);
    files
}

fn sort(files: &mut [Found], order: Order, dice: &mut Dice) {
    match order {
        Order::Names | Order::OneFolder => {}
        Order::Reverse => files.reverse(),
        Order::Breadth => files.sort_by_key(|file| file.path.as_bytes().iter().filter(|byte| **byte == b'/').count()),
        Order::Largest => files.sort_by_key(|file| std::cmp::Reverse(file.bytes)),
        Order::Newest => files.sort_by_key(|file| std::cmp::Reverse(file.times.modified)),
        Order::Random => dice.shuffle(files),
    }
}

fn keep_one_folder(files: &mut Vec<Found>, dice: &mut Dice) {
    let mut folders: Vec<Vec<u8>> = files.iter().filter_map(|file| Some(top(&file.path)?.to_vec())).collect();
    folders.dedup();
    if !folders.is_empty() {
        let folder = folders.swap_remove(dice.below(folders.len()));
        files.retain(|file| top(&file.path) == Some(&folder));
    }
}

/// Returns the topmost folder of a path that is not at the top itself.
fn top(path: &TreePath) -> Option<&[u8]> {
    let at = path.as_bytes().iter().position(|byte| *byte == b'/')?;
    Some(&path.as_bytes()[..at])
}

fn is_spared(path: &TreePath, spared: &[&str]) -> bool {
    let name = ground::split(path).1;
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return false };
    let extension = name[dot + 1..].to_ascii_lowercase();
    spared.iter().any(|spared| spared.as_bytes() == extension)
}

#[cfg(test)]
mod tests {
    use super::super::chance::AttackKey;
    use super::*;
    use crate::ground::FileTimes;

    fn files() -> Vec<Found> {
        let found = |path: &str, bytes, second| Found {
            path: TreePath::new(path),
            identity: (1, second as u64),
            bytes,
            times: FileTimes { accessed: (0, 0), modified: (second, 0) },
        };
        vec![found("a/b/1.JPG", 5, 3), found("a/2.txt", 9, 1), found("c/3", 1, 9), found("z", 2, 2)]
    }

    fn check(mechanics: Mechanics, expected: &[&str]) {
        let mut dice = AttackKey::of_seed(3).dice(b"", b"order");
        let chosen = choose(files(), &mechanics, &mut dice);
        let paths: Vec<_> = chosen.iter().map(|file| file.path.to_string()).collect();
        assert_eq!(paths, expected, "{mechanics:?}");
    }

    #[test]
    fn files_come_in_the_order_that_is_asked_for() {
        let of = |order| Mechanics { order, ..Mechanics::default() };
        check(of(Order::Names), &["a/b/1.JPG", "a/2.txt", "c/3", "z"]);
        check(of(Order::Reverse), &["z", "c/3", "a/2.txt", "a/b/1.JPG"]);
        check(of(Order::Breadth), &["z", "a/2.txt", "c/3", "a/b/1.JPG"]);
        check(of(Order::Largest), &["a/2.txt", "a/b/1.JPG", "z", "c/3"]);
        check(of(Order::Newest), &["c/3", "a/b/1.JPG", "z", "a/2.txt"]);
    }

    #[test]
    fn one_folder_is_one_folder_and_chance_chooses_it() {
        let mechanics = Mechanics { order: Order::OneFolder, ..Mechanics::default() };
        let folders: std::collections::BTreeSet<_> = (0..20)
            .map(|seed| {
                let chosen = choose(files(), &mechanics, &mut AttackKey::of_seed(seed).dice(b"", b"order"));
                chosen.iter().map(|file| file.path.to_string()).collect::<Vec<_>>()
            })
            .collect();
        let expected = [vec!["a/b/1.JPG".to_string(), "a/2.txt".into()], vec!["c/3".into()]];
        assert_eq!(folders.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_spared_is_left_alone() {
        let of = |selection| Mechanics { selection, ..Mechanics::default() };
        check(of(Selection { spared: vec!["jpg"], ..Selection::default() }), &["a/2.txt", "c/3", "z"]);
        check(of(Selection { bytes_min: 2, ..Selection::default() }), &["a/b/1.JPG", "a/2.txt", "z"]);
        check(of(Selection { files_max: 1, ..Selection::default() }), &["a/b/1.JPG"]);
        let half = of(Selection { percent: 50, ..Selection::default() });
        assert_eq!(choose(files(), &half, &mut AttackKey::of_seed(3).dice(b"", b"order")).len(), 2);
    }
}
