//! What is done to one file, and the record of it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

use restore::TreePath;
use rustix::fs::{Gid, Mode, Stat, Uid, fchmod, fchown, fstat, futimens};

use super::cipher::{Cipher, Form};
use super::mechanics::{Renaming, Times, Way};
use super::pattern::Pattern;
use super::rewrite::{self, Hand};
use super::spans::Spans;
use super::strike::{Attack, AttackError};
use super::truth::{Deed, Record, WayBack};
use crate::ground::{self, FileTimes, GroundError, system};

/// A file that is open and may be attacked.
pub(super) struct Victim {
    path: TreePath,
    file: File,
    stat: Stat,
}

/// What became of a content.
struct Change {
    changed: Spans,
    pattern: Pattern,
    plain: Option<String>,
}

impl Victim {
    /// Opens a file, unless anything outside the copy would see what happens to it.
    pub(super) fn open(attack: &Attack<'_>, path: &TreePath) -> Result<Self, GroundError> {
        let file = attack.ground.open_file(path)?;
        let stat = fstat(&file).map_err(system("looked at", path))?;
        let known = attack.names.get(&ground::identity(&stat)).map_or(1, Vec::len);
        ground::check_names(&file, path, known)?;
        let bytes = ground::size(&stat);
        if bytes > FILE_BYTES_MAX {
            return Err(GroundError::TooLarge { path: path.clone(), bytes });
        }
        Ok(Self { path: path.clone(), file, stat })
    }

    fn bytes(&self) -> u64 {
        ground::size(&self.stat)
    }

    fn way_back(&self) -> WayBack {
        let mode = self.stat.st_mode & 0o7777;
        WayBack { times: Some(FileTimes::of(&self.stat)), mode, kept: None, plain: None }
    }

    fn io(&self) -> impl Fn(io::Error) -> AttackError + use<> {
        let path = self.path.clone();
        move |source| AttackError::Content { path: path.clone(), source }
    }
}

impl Attack<'_> {
    /// Does to a file what the profile says. Tells whether anything was done: a file may have been met by another name.
    pub(super) fn take(&mut self, victim: Victim) -> Result<bool, AttackError> {
        let way = self.profile.mechanics.way;
        if way.keeps_file() && !self.done.insert(ground::identity(&victim.stat)) {
            return Ok(false);
        }
        match way {
            Way::Delete => self.delete(&victim)?,
            way if way.keeps_file() => self.change_in_place(&victim)?,
            _ => self.replace(&victim)?,
        }
        Ok(true)
    }

    fn delete(&mut self, victim: &Victim) -> Result<(), AttackError> {
        self.note_for(&victim.path)?;
        let kept = self.set_aside(victim)?;
        let mut changed = Spans::default();
        changed.push(0..victim.bytes());
        let way_back = WayBack { kept: Some(kept), ..victim.way_back() };
        self.tell(victim, None, Change { changed, pattern: Pattern::Full, plain: None }, 0, way_back)
    }

    fn change_in_place(&mut self, victim: &Victim) -> Result<(), AttackError> {
        let renaming = self.profile.mechanics.renaming;
        let mut after = victim.path.clone();
        if renaming == Renaming::Before {
            after = self.give_new_name(&victim.path)?;
        }
        let change = self.change_content(victim, &victim.file, true)?;
        if renaming == Renaming::After {
            after = self.give_new_name(&victim.path)?;
        }
        self.settle_times(victim, &victim.file)?;
        self.note_for(&after)?;
        let bytes_after = ground::size(&fstat(&victim.file).map_err(system("looked at", &victim.path))?);
        let others = self.names.get(&ground::identity(&victim.stat)).cloned().unwrap_or_default();
        let changed = change.changed.clone();
        let way_back = WayBack { plain: change.plain.clone(), ..victim.way_back() };
        self.tell(victim, Some(after), change, bytes_after, way_back)?;
        for other in others.into_iter().filter(|other| *other != victim.path) {
            self.tell_other_name(victim, other, changed.clone(), bytes_after)?;
        }
        Ok(())
    }

    /// Gives a further name of a changed file its new name, too.
    fn tell_other_name(
        &mut self,
        victim: &Victim,
        other: TreePath,
        changed: Spans,
        bytes_after: u64,
    ) -> Result<(), AttackError> {
        let Ok(stat) = self.ground.stat(&other) else { return Ok(()) };
        if ground::identity(&stat) != ground::identity(&victim.stat) {
            return Ok(());
        }
        let after = self.give_new_name(&other)?;
        self.note_for(&after)?;
        let record = self.record(other, Some(after), victim.bytes(), bytes_after);
        self.truth.record(Record { changed, same_file_as: Some(victim.path.clone()), ..record })?;
        Ok(())
    }

    /// Makes a new file of the changed content and takes the old one away.
    fn replace(&mut self, victim: &Victim) -> Result<(), AttackError> {
        let (made_at, passing) = self.place_of_new_file(victim)?;
        self.before_names_change(&made_at)?;
        let file = self.ground.create_file(&made_at, Mode::RUSR | Mode::WUSR)?;
        rewrite::copy(&victim.file, &file).map_err(victim.io())?;
        let change = self.change_content(victim, &file, false)?;
        let owner = (Uid::from_raw(victim.stat.st_uid), Gid::from_raw(victim.stat.st_gid));
        // Without root's rights the file belongs to whoever rehearses, as it would to an attacker.
        let _ = fchown(&file, Some(owner.0), Some(owner.1));
        fchmod(&file, Mode::from_raw_mode(victim.stat.st_mode & 0o777)).map_err(system("made", &made_at))?;
        let kept = self.set_aside(victim)?;
        let mut after = made_at;
        if passing {
            self.ground.rename(&after, &victim.path)?;
            after = victim.path.clone();
            if self.profile.mechanics.way == Way::NewOver {
                after = self.give_new_name(&victim.path)?;
            }
        }
        self.settle_times(victim, &file)?;
        self.note_for(&after)?;
        let bytes_after = ground::size(&fstat(&file).map_err(system("looked at", &after))?);
        let way_back = WayBack { kept: Some(kept), ..victim.way_back() };
        self.tell(victim, Some(after), change, bytes_after, way_back)
    }

    /// Returns where the new file is made, and whether it moves from there to the old one's place.
    fn place_of_new_file(&mut self, victim: &Victim) -> Result<(TreePath, bool), AttackError> {
        let (folder, name) = ground::split(&victim.path);
        let mut dice = self.dice(&victim.path, b"name");
        let new_name = self.disguise.new_name(&self.profile.mechanics.extension, name, &mut dice);
        let wanted = match self.profile.mechanics.way {
            Way::NewFolder => {
                let folder = self.new_folder()?;
                self.free_path(&folder, new_name.as_deref().unwrap_or(name))?
            }
            Way::CopyAndDelete => match new_name {
                Some(name) => self.free_path(&TreePath::new(folder), &name)?,
                None => None,
            },
            _ => None,
        };
        if let Some(path) = wanted {
            return Ok((path, false));
        }
        let passing = self.dice(&victim.path, b"passing name").word(PASSING_LETTERS);
        Ok((ground::sibling(&victim.path, passing.as_bytes()), true))
    }

    /// Returns the folder that this attack makes for its files.
    fn new_folder(&mut self) -> Result<TreePath, AttackError> {
        if let Some(folder) = &self.new_folder {
            return Ok(folder.clone());
        }
        let name = self.dice(&TreePath::default(), b"folder").word(10);
        let folder = TreePath::new(name);
        self.before_names_change(&folder)?;
        self.ground.make_folder(&folder)?;
        self.new_folder = Some(folder.clone());
        let record = self.record(folder.clone(), Some(folder.clone()), 0, 0);
        self.truth.record(Record { before: None, deed: Deed::Folder, ..record })?;
        Ok(folder)
    }

    /// Changes what is in `file`, which has the victim's content, and tells how; keeps what no key brings back.
    fn change_content(&mut self, victim: &Victim, file: &File, keep_plain: bool) -> Result<Change, AttackError> {
        let form = self.profile.form;
        let fail = victim.io();
        let mut cipher = Cipher::new(&self.key, victim.path.as_bytes(), form);
        let mut change = match self.profile.mechanics.way {
            Way::Cut { bytes } => self.cut(victim, bytes.min(victim.bytes()))?,
            _ if !form.keeps_size() => self.encode(victim, file, &mut cipher).map_err(&fail)?,
            way => self.overwrite(victim, file, way, &mut cipher, keep_plain).map_err(&fail)?,
        };
        let footer_bytes = self.profile.mechanics.footer_bytes;
        if footer_bytes > 0 {
            let footer = self.disguise.footer(footer_bytes, &mut self.dice(&victim.path, b"footer"));
            let end = file.metadata().map_err(&fail)?.len();
            file.write_all_at(&footer, end).map_err(&fail)?;
            change.changed.push(end..end + footer.len() as u64);
        }
        Ok(change)
    }

    fn overwrite(
        &mut self,
        victim: &Victim,
        file: &File,
        way: Way,
        cipher: &mut Cipher,
        keep_plain: bool,
    ) -> io::Result<Change> {
        let pattern = self.profile.pattern.clone();
        let bytes = victim.bytes();
        let hand = if way == Way::Punch { Hand::Punch } else { Hand::Write };
        let (plain, mut kept) = match keep_plain && !cipher.form().is_reversible() {
            true => self.keep_plain().map(|(name, file)| (Some(name), Some(file)))?,
            false => (None, None),
        };
        let plain_to = kept.as_mut().map(|kept| kept as &mut dyn Write);
        let changed = if way == Way::TruncateAndRewrite {
            let whole = self.truth.shelf.nameless()?;
            rewrite::copy(file, &whole)?;
            let changed = rewrite::change(&whole, bytes, &pattern, cipher, hand, plain_to)?;
            file.set_len(0)?;
            rewrite::copy(&whole, file)?;
            changed
        } else {
            rewrite::change(file, bytes, &pattern, cipher, hand, plain_to)?
        };
        if let Some(mut kept) = kept {
            kept.flush()?;
        }
        Ok(Change { changed, pattern, plain })
    }

    fn encode(&mut self, victim: &Victim, file: &File, cipher: &mut Cipher) -> io::Result<Change> {
        let pattern = self.profile.pattern.clone();
        let coded = self.truth.shelf.nameless()?;
        let mut writer = BufWriter::new(&coded);
        rewrite::encode(file, victim.bytes(), &pattern, cipher, &mut writer)?;
        writer.flush()?;
        drop(writer);
        let changed = rewrite::differences(file, &coded)?;
        if self.profile.mechanics.way == Way::TruncateAndRewrite {
            file.set_len(0)?;
        }
        let bytes = rewrite::copy(&coded, file)?;
        file.set_len(bytes)?;
        Ok(Change { changed, pattern, plain: None })
    }

    fn cut(&mut self, victim: &Victim, bytes: u64) -> Result<Change, AttackError> {
        let fail = victim.io();
        let pattern = Pattern::From { start: bytes };
        let (name, mut kept) = self.keep_plain().map_err(&fail)?;
        let mut zeros = Cipher::new(&self.key, victim.path.as_bytes(), Form::Zeros);
        rewrite::change(&victim.file, victim.bytes(), &pattern, &mut zeros, Hand::Write, Some(&mut kept))
            .map_err(&fail)?;
        kept.flush().map_err(&fail)?;
        victim.file.set_len(bytes).map_err(&fail)?;
        let mut changed = Spans::default();
        changed.push(bytes..victim.bytes());
        Ok(Change { changed, pattern, plain: Some(name) })
    }

    fn keep_plain(&mut self) -> io::Result<(String, BufWriter<File>)> {
        let name = self.truth.fresh_name();
        let file = self.truth.shelf.create_plain(&name)?;
        Ok((name, BufWriter::new(file)))
    }

    /// Takes a file out of the copy, and returns its name among what is kept.
    fn set_aside(&mut self, victim: &Victim) -> Result<String, AttackError> {
        self.before_names_change(&victim.path)?;
        let name = self.truth.fresh_name();
        self.ground.move_out(&victim.path, &self.truth.shelf.kept, &name)?;
        Ok(name)
    }

    /// Gives a file its new name, and returns where it is then: where it was, if it gets none or that one is taken.
    fn give_new_name(&mut self, path: &TreePath) -> Result<TreePath, AttackError> {
        let mut dice = self.dice(path, b"name");
        let rule = &self.profile.mechanics.extension;
        let Some(name) = self.disguise.new_name(rule, ground::split(path).1, &mut dice) else {
            return Ok(path.clone());
        };
        let new = ground::sibling(path, &name);
        if !self.ground.is_free(&new)? {
            return Ok(path.clone());
        }
        self.before_names_change(path)?;
        self.ground.rename(path, &new)?;
        Ok(new)
    }

    fn settle_times(&self, victim: &Victim, file: &File) -> Result<(), AttackError> {
        if self.profile.mechanics.times == Times::Restored {
            let times = FileTimes::of(&victim.stat).timestamps();
            futimens(file, &times).map_err(system("given its times", &victim.path))?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        victim: &Victim,
        after: Option<TreePath>,
        change: Change,
        bytes_after: u64,
        way_back: WayBack,
    ) -> Result<(), AttackError> {
        let Change { changed, pattern, .. } = change;
        let record = self.record(victim.path.clone(), after, victim.bytes(), bytes_after);
        self.truth.record(Record { changed, pattern, way_back, ..record })?;
        Ok(())
    }

    fn record(&self, before: TreePath, after: Option<TreePath>, bytes_before: u64, bytes_after: u64) -> Record {
        Record {
            before: Some(before),
            after,
            deed: self.deed(),
            pattern: self.profile.pattern.clone(),
            form: self.profile.form,
            changed: Spans::default(),
            bytes_before,
            bytes_after,
            same_file_as: None,
            way_back: WayBack::default(),
        }
    }

    fn deed(&self) -> Deed {
        let form = self.profile.form;
        match self.profile.mechanics.way {
            Way::Delete => Deed::Deleted,
            Way::Cut { .. } => Deed::Cut,
            _ if !form.is_reversible() => Deed::Wiped,
            _ if !form.keeps_size() => Deed::Encoded,
            _ => Deed::Encrypted,
        }
    }
}

/// Larger files are passed over: a hole of a terabyte would fill the disk.
const FILE_BYTES_MAX: u64 = 4 << 30;
/// Length of names that last for one deed; two are never the same.
const PASSING_LETTERS: usize = 24;
