//! One attack: which files, in which order, with notes, and what is passed over.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, Write};

use restore::TreePath;
use rustix::fs::Mode;
use thiserror::Error;

use super::chance::{AttackKey, Dice};
use super::cipher::Form;
use super::deeds::Victim;
use super::disguise::Disguise;
use super::mechanics::{self, Notes};
use super::pattern::Pattern;
use super::profile::Profile;
use super::spans::Spans;
use super::truth::{Deed, FolderBefore, Record, Truth, TruthError, TruthWriter, WayBack};
use crate::Sandbox;
use crate::ground::{self, FileTimes, Found, Ground, GroundError, Identity};

/// An attack under way.
///
/// An error leaves the copy in a state that the truth does not tell to the end: throw the sandbox away.
pub struct Attack<'s> {
    pub(super) sandbox: &'s Sandbox,
    pub(super) ground: Ground,
    pub(super) profile: Profile,
    pub(super) disguise: Disguise,
    pub(super) key: AttackKey,
    pub(super) truth: TruthWriter,
    /// All names of each file, as they were before the attack.
    pub(super) names: HashMap<Identity, Vec<TreePath>>,
    /// Files that were changed where they are, under all their names.
    pub(super) done: HashSet<Identity>,
    /// The folder that this attack made for its files.
    pub(super) new_folder: Option<TreePath>,
    victims: VecDeque<Found>,
    folders_told: HashSet<TreePath>,
    folders_noted: HashSet<TreePath>,
    passed_over: Vec<GroundError>,
}

/// Why an attack could not go on.
#[derive(Debug, Error)]
pub enum AttackError {
    /// The copy.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// The truth.
    #[error(transparent)]
    Truth(#[from] TruthError),
    /// The content of a file, or what is kept of it.
    #[error("the content of {path} could not be changed")]
    Content {
        /// Which file.
        path: TreePath,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Attacks a sandbox's copy until nothing is left to do, and returns what was done.
pub fn attack(sandbox: &Sandbox, profile: Profile, disguise: Disguise, seed: u64) -> Result<Truth, AttackError> {
    let mut attack = Attack::begin(sandbox, profile, disguise, seed)?;
    while attack.strike()? > 0 {}
    attack.end()
}

impl<'s> Attack<'s> {
    /// Looks around in the copy, and chooses what will be attacked. The seed decides all that chance decides.
    pub fn begin(sandbox: &'s Sandbox, profile: Profile, disguise: Disguise, seed: u64) -> Result<Self, AttackError> {
        let ground = Ground::open(sandbox)?;
        let listing = ground.list()?;
        let key = AttackKey::of_seed(seed);
        let mut names: HashMap<Identity, Vec<TreePath>> = HashMap::new();
        for file in &listing.files {
            names.entry(file.identity).or_default().push(file.path.clone());
        }
        let victims = mechanics::choose(listing.files, &profile.mechanics, &mut key.dice(b"", b"order")).into();
        let truth = TruthWriter::create(sandbox, profile.name, seed, &key)?;
        let mut attack = Self {
            sandbox,
            ground,
            profile,
            disguise,
            key,
            truth,
            names,
            done: HashSet::new(),
            new_folder: None,
            victims,
            folders_told: HashSet::new(),
            folders_noted: HashSet::new(),
            passed_over: listing.unreached,
        };
        if attack.profile.mechanics.notes == Notes::First {
            attack.lay_note(&TreePath::default(), b"")?;
        }
        Ok(attack)
    }

    /// Attacks the next files, as many as the profile takes at once, and tells how many; 0 when none is left.
    pub fn strike(&mut self) -> Result<usize, AttackError> {
        let mut struck = 0;
        while struck < self.profile.mechanics.selection.files_per_strike {
            let Some(found) = self.victims.pop_front() else { break };
            if self.done.contains(&found.identity) {
                continue;
            }
            match Victim::open(self, &found.path) {
                Ok(victim) => struck += usize::from(self.take(victim)?),
                Err(error) => self.passed_over.push(error),
            }
        }
        Ok(struck)
    }

    /// Returns what was not attacked and why: it could not be opened, or is not the copy's alone.
    pub fn passed_over(&self) -> &[GroundError] {
        &self.passed_over
    }

    /// Ends the attack, and reads the truth back from where it was written.
    pub fn end(mut self) -> Result<Truth, AttackError> {
        if self.profile.mechanics.notes == Notes::Last {
            self.lay_note(&TreePath::default(), b"")?;
        }
        let number = self.truth.finish()?;
        Ok(Truth::read(self.sandbox, number)?)
    }

    /// Returns dice for one path and one purpose.
    pub(super) fn dice(&self, path: &TreePath, purpose: &[u8]) -> Dice {
        self.key.dice(path.as_bytes(), purpose)
    }

    /// Tells the truth how the folder of a path is, before anything in it gets another name.
    pub(super) fn before_names_change(&mut self, path: &TreePath) -> Result<(), AttackError> {
        let folder = TreePath::new(ground::split(path).0);
        if self.folders_told.insert(folder.clone()) && self.new_folder.as_ref() != Some(&folder) {
            let times = FileTimes::of(&self.ground.stat(&folder)?);
            self.truth.folder(FolderBefore { path: Some(folder), times })?;
        }
        Ok(())
    }

    /// Lays the note that belongs to a file which is now at `path`, if one does.
    pub(super) fn note_for(&mut self, path: &TreePath) -> Result<(), AttackError> {
        let (folder, name) = ground::split(path);
        let folder = TreePath::new(folder);
        match self.profile.mechanics.notes {
            Notes::EachFile => self.lay_note(&folder, name),
            Notes::EachFolder if self.folders_noted.insert(folder.clone()) => self.lay_note(&folder, name),
            _ => Ok(()),
        }
    }

    /// Returns a path in a folder that nothing has: with this name, or else with a number before it.
    pub(super) fn free_path(&self, folder: &TreePath, name: &[u8]) -> Result<Option<TreePath>, GroundError> {
        for number in 0..FREE_NAME_TRIES {
            let name = if number == 0 { name.to_vec() } else { [format!("{number}-").as_bytes(), name].concat() };
            if name.len() > NAME_BYTES_MAX {
                return Ok(None);
            }
            let path = folder.join(&name);
            if self.ground.is_free(&path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn lay_note(&mut self, folder: &TreePath, beside: &[u8]) -> Result<(), AttackError> {
        let Some(note) = self.disguise.note.clone() else { return Ok(()) };
        let name = note.name(self.profile.mechanics.notes, beside);
        let Some(path) = self.free_path(folder, &name)? else { return Ok(()) };
        self.before_names_change(&path)?;
        let written = self.ground.create_file(&path, Mode::from_raw_mode(0o644))?.write_all(note.text().as_bytes());
        written.map_err(|source| AttackError::Content { path: path.clone(), source })?;
        let bytes = note.text().len() as u64;
        let mut changed = Spans::default();
        changed.push(0..bytes);
        self.truth.record(Record {
            before: None,
            after: Some(path),
            deed: Deed::Note,
            pattern: Pattern::Full,
            form: Form::Stream,
            changed,
            bytes_before: 0,
            bytes_after: bytes,
            same_file_as: None,
            way_back: WayBack::default(),
        })?;
        Ok(())
    }
}

const FREE_NAME_TRIES: u32 = 1000;
const NAME_BYTES_MAX: usize = 255;
