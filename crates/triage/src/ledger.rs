//! The account of one backup: what became of every path, added up while the tree passes by in order.
//!
//! Within a folder, files that are gone and files that are new are set against each other when the folder ends. Memory is bounded:
//! of what is beyond the bounds, only numbers are kept.

use std::collections::HashMap;

use crate::alarm::Tally;
use crate::emptying::Emptying;
use crate::pairing::{Lone, pair};
use crate::verdict::{Class, Reason, Verdict, Version, is_another_file, judge};

/// A file as the ledger sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'n> {
    /// Its name; of what is gone, its path below the folder.
    pub name: &'n [u8],
    /// What is known of it.
    pub version: Version,
    /// Tells contents apart: the same for the same bytes.
    pub content: u64,
}

/// A path that looks hurt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hurt {
    /// Its path now, from the roots.
    pub path: Vec<u8>,
    /// Its path before, if that was another.
    pub path_before: Option<Vec<u8>>,
    /// What became of it.
    pub verdict: Verdict,
}

/// The account of one backup.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Vec<Folder>,
    path: Vec<u8>,
    tally: Tally,
    emptying: Emptying,
    hurt: Vec<Hurt>,
    gone: HashMap<u64, u64>,
    gone_untold: u64,
    moved: u64,
    new: HashMap<u64, u64>,
    notes: HashMap<u64, u64>,
}

/// What a backup came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// The numbers.
    pub tally: Tally,
    /// The first paths that look hurt or suspect, at most [`Ledger::HURT_MAX`].
    pub hurt: Vec<Hurt>,
}

#[derive(Debug, Default)]
struct Folder {
    path_bytes: usize,
    gone: Vec<Kept>,
    new: Vec<Kept>,
    /// Files that look hurt, for certain or not.
    hurt: u64,
}

#[derive(Debug)]
struct Kept {
    name: Vec<u8>,
    version: Version,
    content: u64,
}

impl Ledger {
    /// So many paths are named.
    pub const HURT_MAX: usize = 1000;
    /// So many files of a folder that are gone, and so many that are new, are set against each other.
    pub const LONE_MAX: usize = 20_000;
    /// So many contents are remembered, to tell what was only moved, and what lies in many folders.
    pub const CONTENTS_MAX: usize = 1 << 18;
    /// A note is not larger, in bytes.
    pub const NOTE_BYTES_MAX: u64 = 64 << 10;
    /// A note lies in so many folders.
    pub const NOTE_FOLDERS_MIN: u64 = 3;

    /// A folder begins.
    pub fn enter(&mut self, name: &[u8]) {
        let path_bytes = self.path.len();
        if !name.is_empty() {
            self.push_name(name);
        }
        self.open.push(Folder { path_bytes, ..Folder::default() });
    }

    /// The innermost folder ends.
    pub fn leave(&mut self) {
        let Some(mut folder) = self.open.pop() else { return };
        self.match_up(&mut folder);
        self.look_for_notes(&folder);
        self.path.truncate(folder.path_bytes);
    }

    /// A file is as it was.
    pub fn same(&mut self) {
        self.tally.files_before += 1;
    }

    /// A file has other bytes.
    pub fn changed(&mut self, name: &[u8], before: &Version, after: &Version) {
        self.tally.files_before += 1;
        let found = judge(before, after, None);
        self.count(&found);
        self.tally.damaged += u64::from(found.class.is_hurt());
        if matches!(found.class, Class::Damaged | Class::Suspect) {
            self.open.last_mut().into_iter().for_each(|folder| folder.hurt += 1);
            let path = self.path_of(name);
            self.tell(Hurt { path, path_before: None, verdict: found });
        }
    }

    /// A file was not there before.
    pub fn new_file(&mut self, file: &Seen<'_>) {
        if self.new.len() < Self::CONTENTS_MAX {
            *self.new.entry(file.content).or_default() += 1;
        }
        if let Some(folder) = self.open.last_mut().filter(|folder| folder.new.len() < Self::LONE_MAX) {
            folder.new.push(Kept::of(file));
        }
    }

    /// A file is not there any more. What lay in folders that are gone too has a path.
    pub fn gone(&mut self, file: &Seen<'_>) {
        self.tally.files_before += 1;
        if self.gone.len() < Self::CONTENTS_MAX {
            *self.gone.entry(file.content).or_default() += 1;
        } else {
            self.gone_untold += 1;
        }
        let lone = !file.name.contains(&b'/');
        if let Some(folder) = self.open.last_mut().filter(|folder| lone && folder.gone.len() < Self::LONE_MAX) {
            folder.gone.push(Kept::of(file));
        }
    }

    /// So many files more are not there any more.
    pub fn gone_untold(&mut self, count: u64) {
        self.tally.files_before += count;
        self.gone_untold += count;
    }

    /// Adds all up. `hurt_lately` is how many files looked hurt in the thirty days before.
    pub fn finish(mut self, hurt_lately: u64) -> Account {
        while !self.open.is_empty() {
            self.leave();
        }
        let moved: u64 =
            self.gone.iter().map(|(content, gone)| self.new.get(content).map_or(0, |new| *new.min(gone))).sum();
        let gone: u64 = self.gone.values().sum::<u64>() + self.gone_untold;
        self.tally.deleted = gone.saturating_sub(moved + self.moved);
        let most = self.notes.values().copied().max().unwrap_or(0);
        self.tally.note_folders = if most >= Self::NOTE_FOLDERS_MIN { most } else { 0 };
        self.tally.hurt_lately = hurt_lately;
        self.settle_emptying();
        Account { tally: self.tally, hurt: self.hurt }
    }

    /// Texts that were emptied are damaged where it is proved that nobody tidied up.
    fn settle_emptying(&mut self) {
        if !self.emptying.is_proved() {
            return;
        }
        self.tally.damaged += std::mem::take(&mut self.tally.emptied);
        for hurt in &mut self.hurt {
            hurt.verdict.class = self.emptying.raise(hurt.verdict.class, &hurt.verdict.reasons);
        }
    }

    /// Sets what is gone from a folder against what is new in it.
    fn match_up(&mut self, folder: &mut Folder) {
        if folder.gone.is_empty() || folder.new.is_empty() {
            return;
        }
        let pairs = pair(&as_lone(&folder.gone), &as_lone(&folder.new));
        let mut taken = vec![false; folder.new.len()];
        for found in pairs {
            let (was, is) = (&folder.gone[found.gone], &folder.new[found.new]);
            if was.content == is.content || is_another_file(&was.name, &is.name, &is.version) {
                continue;
            }
            let verdict = judge(&was.version, &is.version, None);
            self.count(&verdict);
            if !verdict.class.is_hurt() {
                continue;
            }
            self.tally.renamed_damaged += 1;
            folder.hurt += 1;
            self.moved += 1;
            taken[found.new] = true;
            let (path, path_before) = (self.path_of(&is.name), Some(self.path_of(&was.name)));
            self.tell(Hurt { path, path_before, verdict: Verdict { class: Class::RenamedDamaged, ..verdict } });
        }
        let mut taken = taken.into_iter();
        folder.new.retain(|_| !taken.next().unwrap_or(false));
    }

    /// Remembers small new files that lie beside hurt ones.
    fn look_for_notes(&mut self, folder: &Folder) {
        if folder.hurt == 0 {
            return;
        }
        for file in folder.new.iter().filter(|file| (1..=Self::NOTE_BYTES_MAX).contains(&file.version.bytes)) {
            if self.notes.len() < Self::CONTENTS_MAX {
                *self.notes.entry(file.content).or_default() += 1;
            }
        }
    }

    fn count(&mut self, verdict: &Verdict) {
        self.emptying.note(verdict.class, &verdict.reasons);
        let emptied = Emptying::is_waiting(verdict.class, &verdict.reasons);
        self.tally.emptied += u64::from(emptied);
        self.tally.suspect += u64::from(verdict.class == Class::Suspect && !emptied);
        self.tally.protected += u64::from(verdict.reasons.contains(&Reason::NewlyProtected));
    }

    fn tell(&mut self, hurt: Hurt) {
        if self.hurt.len() < Self::HURT_MAX {
            self.hurt.push(hurt);
        }
    }

    fn path_of(&self, name: &[u8]) -> Vec<u8> {
        let mut path = self.path.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        path
    }

    fn push_name(&mut self, name: &[u8]) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
    }
}

impl Kept {
    fn of(file: &Seen<'_>) -> Self {
        Self { name: file.name.to_vec(), version: file.version, content: file.content }
    }
}

fn as_lone(files: &[Kept]) -> Vec<Lone<'_>> {
    files.iter().map(|file| Lone { name: &file.name, bytes: file.version.bytes }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Depth, Facts, Finding};
    use crate::kind::Kind;

    fn version(kind: Kind, finding: Finding) -> Version {
        let depth = Depth::Full;
        let facts = Facts { kind, finding, depth, shows_at_ends: false, even_share: 255, zero_share: 0, windows: 9 };
        Version { facts: Some(facts), bytes: 1000 }
    }

    const SOUND: (Kind, Finding) = (Kind::Ooxml, Finding::Valid);
    const NOISE: (Kind, Finding) = (Kind::Unknown, Finding::RandomLike);

    fn seen(name: &str, (kind, finding): (Kind, Finding), content: u64) -> Seen<'_> {
        Seen { name: name.as_bytes(), version: version(kind, finding), content }
    }

    #[test]
    fn damage_in_place_and_under_another_name_is_counted_and_named() {
        let mut ledger = Ledger::default();
        ledger.enter(b"");
        ledger.enter(b"urbanisme");
        ledger.changed(b"plan.docx", &version(SOUND.0, SOUND.1), &version(NOISE.0, NOISE.1));
        ledger.gone(&seen("plu.docx", SOUND, 1));
        ledger.new_file(&seen("plu.docx.zz", NOISE, 2));
        ledger.same();
        ledger.leave();
        ledger.leave();
        let account = ledger.finish(0);
        let tally = Tally { files_before: 3, damaged: 1, renamed_damaged: 1, ..Tally::default() };
        assert_eq!(account.tally, tally);
        let paths: Vec<_> = account.hurt.iter().map(|hurt| String::from_utf8_lossy(&hurt.path).into_owned()).collect();
        assert_eq!(paths, ["urbanisme/plan.docx", "urbanisme/plu.docx.zz"]);
        assert_eq!(account.hurt[1].path_before.as_deref(), Some(b"urbanisme/plu.docx".as_slice()));
    }

    #[test]
    fn what_was_moved_or_converted_is_neither_hurt_nor_deleted() {
        let mut ledger = Ledger::default();
        ledger.enter(b"");
        ledger.gone(&seen("a.docx", SOUND, 1));
        ledger.gone(&seen("old/b.docx", SOUND, 2));
        ledger.gone(&seen("c.docx", SOUND, 3));
        ledger.new_file(&seen("c.pdf", (Kind::Pdf, Finding::Valid), 4));
        ledger.enter(b"archives");
        ledger.new_file(&seen("a.docx", SOUND, 1));
        ledger.new_file(&seen("b.docx", SOUND, 2));
        ledger.leave();
        ledger.leave();
        let tally = ledger.finish(0).tally;
        assert_eq!(tally, Tally { files_before: 3, deleted: 1, ..Tally::default() });
    }

    #[test]
    fn a_note_is_what_lies_beside_hurt_files_in_three_folders() {
        let note = seen("LISEZMOI.txt", (Kind::Text, Finding::Valid), 77);
        for (folders, hurt, expected) in [(3, true, 3), (2, true, 0), (9, false, 0)] {
            let mut ledger = Ledger::default();
            ledger.enter(b"");
            for number in 0..folders {
                ledger.enter(format!("f{number}").as_bytes());
                ledger.new_file(&note);
                if hurt {
                    ledger.changed(b"x.odt", &version(SOUND.0, SOUND.1), &version(NOISE.0, NOISE.1));
                }
                ledger.leave();
            }
            ledger.leave();
            assert_eq!(ledger.finish(0).tally.note_folders, expected);
        }
    }

    #[test]
    fn texts_that_were_emptied_with_documents_are_damaged() {
        let empty = Version { facts: None, bytes: 0 };
        for (documents, damaged, emptied) in [(9, 9, 3), (10, 13, 0)] {
            let mut ledger = Ledger::default();
            ledger.enter(b"");
            for _ in 0..3 {
                ledger.changed(b"note.txt", &version(Kind::Text, Finding::Valid), &empty);
            }
            for _ in 0..documents {
                ledger.changed(b"plan.docx", &version(SOUND.0, SOUND.1), &empty);
            }
            let account = ledger.finish(0);
            assert_eq!((account.tally.damaged, account.tally.emptied), (damaged, emptied));
            let hurt = account.hurt.iter().filter(|hurt| hurt.verdict.class == Class::Damaged).count() as u64;
            assert_eq!(hurt, damaged);
        }
    }

    #[test]
    fn memory_is_bounded_and_numbers_are_not() {
        let mut ledger = Ledger::default();
        ledger.enter(b"");
        for number in 0..300_000u64 {
            let name = format!("{number}.docx");
            ledger.gone(&seen(&name, SOUND, number));
        }
        ledger.gone_untold(5);
        assert_eq!(ledger.open[0].gone.len(), Ledger::LONE_MAX);
        ledger.leave();
        assert_eq!(ledger.finish(0).tally.deleted, 300_005);
    }
}
