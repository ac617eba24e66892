//! The walk over a tree, depth first, in the order of names.
//!
//! Invariants:
//! - no recursion: the stack is a vector, and its depth is bounded;
//! - at most [`WalkOptions::open_directories_max`] directories of the stack are open, whatever the depth. One further up
//!   is opened again through `..`, and only taken if it is the same directory;
//! - the names that wait on the whole stack take at most [`WalkOptions::names_bytes_max`], the rest lies in a scratch file;
//! - files of one directory are asked for in the order of their inodes, some hundred at a time, because that is their
//!   order on a spinning disk, and told in the order of names.

use std::collections::btree_map::IntoIter;
use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use super::cache_tag::has_valid_cache_tag;
use super::listing::{CACHE_TAG, Listing, collect, scratch_error};
use super::names_in_memory::ListedName;
use super::roots::{Chosen, RootShape, root_error};
use super::stack::{Frame, Stack};
use super::{
    Directory, DirectoryHandle, Event, Exclusions, FileKind, Identity, Item, LeftOut, RootPaths, SourceError,
    SourcePath, Stat,
};
use crate::scratch::ScratchFile;

/// What a walk leaves out, and how much it may hold.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Patterns of what to leave out. What lies on the way to a given path, and the path itself, is never left out.
    pub exclusions: Exclusions,
    /// Keeps of a directory with a valid `CACHEDIR.TAG` only the tag; a given path is kept whole all the same.
    pub skip_caches: bool,
    /// Stays on the file systems of the given paths; a mount point is kept as an empty directory.
    pub one_file_system: bool,
    /// Leaves larger files out.
    pub file_bytes_max: Option<u64>,
    /// Directories that are kept empty wherever they are met: the vault itself, the program's state.
    pub never_enter: HashSet<Identity>,
    /// Memory for names, in bytes, from 4 KiB to 2 GiB.
    pub names_bytes_max: usize,
    /// Directories of the stack that are open at once, at least 2. Handles that events hold are not counted.
    pub open_directories_max: usize,
    /// Where names go that do not fit in memory, in files without a name.
    pub scratch: PathBuf,
}

impl WalkOptions {
    /// Leaves nothing out; 32 MiB of names, 64 open directories.
    pub fn everything(scratch: PathBuf) -> Self {
        Self {
            exclusions: Exclusions::none(),
            skip_caches: false,
            one_file_system: false,
            file_bytes_max: None,
            never_enter: HashSet::new(),
            names_bytes_max: 32 << 20,
            open_directories_max: 64,
            scratch,
        }
    }
}

/// A walk over the paths to keep: an iterator of [`Event`]s, in bounded memory.
///
/// May be sent to another thread; [`super::ReadAhead`] does.
#[derive(Debug)]
pub struct Walk {
    options: WalkOptions,
    given: HashSet<Identity>,
    root: Option<(Directory, RootEntries)>,
    stack: Stack,
    /// What was found and not yet told.
    ready: VecDeque<Event>,
    /// The path of the directory on top, with a `/` at its end; only kept where patterns are matched.
    path: Vec<u8>,
    scratch: ScratchFile,
    dirents: Vec<u8>,
}

/// What is told of the root.
#[derive(Debug)]
enum RootEntries {
    All,
    Chosen(Chosen),
}

/// The entries of a directory that are still to come.
#[derive(Debug)]
pub(super) enum Entries {
    /// Those that it lists.
    Listed {
        listing: Listing,
        /// Taken, but not its turn yet.
        held: Option<ListedName>,
    },
    /// Those that lead to the given paths.
    Chosen(IntoIter<Vec<u8>, Chosen>),
}

/// A directory deeper than this is listed as unreadable: no program makes such trees, some file systems invent them.
pub const DEPTH_MAX: usize = 65_536;

const DIRENTS_BYTES: usize = 64 << 10;
const WINDOW_NAMES_MAX: usize = 256;

impl Walk {
    /// Opens the root. One that cannot be opened is an error here; whatever goes wrong below is an event.
    pub fn open(roots: &RootPaths, mut options: WalkOptions) -> Result<Self, SourceError> {
        options.names_bytes_max = options.names_bytes_max.clamp(4 << 10, 2 << 30);
        let (place, entries) = match &roots.shape {
            RootShape::Directory(path) => (path.clone(), RootEntries::All),
            RootShape::File { directory, chosen } => (directory.clone(), RootEntries::Chosen(chosen.clone())),
            RootShape::Several(chosen) => (SourcePath(b"/".to_vec()), RootEntries::Chosen(chosen.clone())),
        };
        let (handle, stat) = DirectoryHandle::open_root(&place).map_err(|error| match error {
            SourceError::Vanished { path } => root_error(path, rustix::io::Errno::NOENT),
            other => other,
        })?;
        let root =
            Directory { name: Vec::new(), stat, handle: Arc::new(handle), made_up: roots.made_up(), left_out: None };
        Ok(Self {
            scratch: ScratchFile::new(options.scratch.clone()),
            stack: Stack::new(options.open_directories_max),
            options,
            given: roots.given.clone(),
            root: Some((root, entries)),
            ready: VecDeque::new(),
            path: Vec::new(),
            dirents: Vec::with_capacity(DIRENTS_BYTES),
        })
    }

    /// Makes one step, which adds some events, or none; `false` at the end.
    fn step(&mut self) -> bool {
        if let Some((root, entries)) = self.root.take() {
            self.enter_root(root, entries);
            return true;
        }
        let Some(frame) = self.stack.top() else {
            return false;
        };
        match &mut frame.entries {
            Entries::Chosen(chosen) => match chosen.next() {
                None => self.leave(),
                Some((name, chosen)) => self.visit_chosen(&name, chosen),
            },
            Entries::Listed { .. } => self.visit_listed(),
        }
        true
    }

    fn enter_root(&mut self, root: Directory, entries: RootEntries) {
        let device = root.stat.identity.device;
        match entries {
            RootEntries::All => self.enter(root, device, false),
            RootEntries::Chosen(chosen) => self.enter_chosen(root, chosen),
        }
    }

    /// Tells the next files of the directory on top together, or enters its next directory, or leaves it.
    fn visit_listed(&mut self) {
        let mut window = Vec::new();
        while window.len() < WINDOW_NAMES_MAX {
            match self.take_listed() {
                None if window.is_empty() => return self.leave(),
                None => break,
                Some(listed) if matches!(listed.kind(), Some(FileKind::Directory) | None) => {
                    if window.is_empty() {
                        return self.visit_directory(listed);
                    }
                    self.hold(listed);
                    break;
                }
                Some(listed) => window.push(listed),
            }
        }
        self.visit_window(window);
    }

    fn take_listed(&mut self) -> Option<ListedName> {
        let bytes_max = self.options.names_bytes_max / 8;
        let frame = self.stack.top()?;
        let Entries::Listed { listing, held } = &mut frame.entries else {
            return None;
        };
        if held.is_some() {
            return held.take();
        }
        match listing.take_next(bytes_max, &mut self.scratch) {
            Ok(listed) => listed,
            Err(errno) => {
                let error = scratch_error(frame.path.to_path(), errno);
                self.ready.push_back(Event::Unreadable(error));
                listing.clear(&mut self.scratch);
                None
            }
        }
    }

    fn hold(&mut self, listed: ListedName) {
        if let Some(frame) = self.stack.top()
            && let Entries::Listed { held, .. } = &mut frame.entries
        {
            *held = Some(listed);
        }
    }

    /// Tells files: asked for in the order of inodes, told in the order of names.
    fn visit_window(&mut self, mut window: Vec<ListedName>) {
        let Some(directory) = self.stack.top_handle() else {
            return;
        };
        if !self.options.exclusions.is_empty() {
            window.retain(|listed| !self.excludes(&listed.name, false));
        }
        let mut order: Vec<usize> = (0..window.len()).collect();
        order.sort_unstable_by_key(|index| window[*index].inode);
        let mut stats: Vec<Option<Result<Stat, SourceError>>> = Vec::new();
        stats.resize_with(window.len(), || None);
        for index in order {
            stats[index] = Some(directory.stat(&window[index].name));
        }
        for (listed, stat) in window.into_iter().zip(stats.into_iter().flatten()) {
            match stat {
                Ok(stat) if stat.kind == FileKind::Directory => {
                    let path = directory.path().join(&listed.name);
                    let error = SourceError::Changed { path };
                    self.ready.push_back(Event::Unreadable(error));
                }
                Ok(stat) => self.tell_item(listed.name, stat, &directory),
                Err(error) => self.ready.push_back(Event::Unreadable(error)),
            }
        }
    }

    /// Enters what is listed as a directory, or of which the file system does not say what it is.
    fn visit_directory(&mut self, listed: ListedName) {
        let Some(parent) = self.stack.top_handle() else {
            return;
        };
        if listed.kind().is_none() {
            match parent.stat(&listed.name) {
                Err(error) => return self.ready.push_back(Event::Unreadable(error)),
                Ok(stat) if stat.kind != FileKind::Directory => {
                    if !self.excludes(&listed.name, false) {
                        self.tell_item(listed.name, stat, &parent);
                    }
                    return;
                }
                Ok(_) => {}
            }
        }
        if self.excludes(&listed.name, true) {
            return;
        }
        if let Some(directory) = self.open_directory(&parent, &listed.name) {
            let device = self.stack.top_device();
            self.enter(directory, device, true);
        }
    }

    /// Visits a name that leads to the given paths, or is one of them.
    fn visit_chosen(&mut self, name: &[u8], chosen: Chosen) {
        let Some(parent) = self.stack.top_handle() else {
            return;
        };
        match parent.stat(name) {
            Err(error) => self.ready.push_back(Event::Unreadable(error)),
            Ok(stat) if stat.kind == FileKind::Directory => {
                let Some(directory) = self.open_directory(&parent, name) else {
                    return;
                };
                if chosen.whole {
                    let device = directory.stat.identity.device;
                    self.enter(directory, device, false);
                } else {
                    self.enter_chosen(directory, chosen);
                }
            }
            Ok(stat) if chosen.whole => self.tell_item(name.to_vec(), stat, &parent),
            Ok(_) => {
                let path = parent.path().join(name);
                let error = SourceError::Changed { path };
                self.ready.push_back(Event::Unreadable(error));
            }
        }
    }

    fn tell_item(&mut self, name: Vec<u8>, stat: Stat, directory: &Arc<DirectoryHandle>) {
        let too_large = |bytes_max| stat.kind == FileKind::File && stat.size > bytes_max;
        let item = Item { name, stat, directory: directory.clone() };
        self.ready.push_back(match self.options.file_bytes_max.is_some_and(too_large) {
            true => Event::TooLarge(item),
            false => Event::Item(item),
        });
    }

    fn open_directory(&mut self, parent: &DirectoryHandle, name: &[u8]) -> Option<Directory> {
        let opened = if self.stack.depth() > DEPTH_MAX {
            Err(SourceError::TooDeep { path: parent.path().join(name), depth_max: DEPTH_MAX })
        } else {
            parent.open_child(name)
        };
        match opened {
            Err(error) => {
                self.ready.push_back(Event::Unreadable(error));
                None
            }
            Ok((handle, stat)) => {
                Some(Directory { name: name.to_vec(), stat, handle: Arc::new(handle), made_up: false, left_out: None })
            }
        }
    }

    /// Begins a directory of which everything is kept, as far as the options say so.
    ///
    /// `device` is the file system to stay on, `optional` says that nobody gave this very path.
    fn enter(&mut self, mut directory: Directory, device: u64, optional: bool) {
        let identity = directory.stat.identity;
        let given = !optional || self.given.contains(&identity);
        directory.left_out = self.left_out(&directory, device, given);
        let handle = directory.handle.clone();
        if directory.left_out.is_some() {
            self.ready.push_back(Event::Enter(directory));
            return self.ready.push_back(Event::Leave);
        }
        let (listing, error) = self.list(&mut directory, given);
        self.ready.push_back(Event::Enter(directory));
        self.ready.extend(error.map(Event::Unreadable));
        let entries = Entries::Listed { listing, held: None };
        let device = if given { identity.device } else { device };
        self.push(Frame::new(handle, entries, device));
    }

    fn enter_chosen(&mut self, directory: Directory, chosen: Chosen) {
        let handle = directory.handle.clone();
        let device = directory.stat.identity.device;
        self.ready.push_back(Event::Enter(directory));
        let entries = Entries::Chosen(chosen.children.into_iter());
        self.push(Frame::new(handle, entries, device));
    }

    fn left_out(&self, directory: &Directory, device: u64, given: bool) -> Option<LeftOut> {
        let identity = directory.stat.identity;
        if self.options.never_enter.contains(&identity) {
            return Some(LeftOut::NeverEnter);
        }
        if given || identity.device == self.stack.top_identity()?.device {
            return None;
        }
        if self.options.one_file_system && identity.device != device {
            return Some(LeftOut::OtherFileSystem);
        }
        directory.handle.of_the_kernel().then_some(LeftOut::KernelFileSystem)
    }

    /// Reads the names in a directory; of a cache only the tag.
    fn list(&mut self, directory: &mut Directory, given: bool) -> (Listing, Option<SourceError>) {
        let handle = &directory.handle;
        if !handle.readable() {
            let path = handle.path().to_path();
            return (Listing::empty(), Some(SourceError::Denied { path }));
        }
        let bytes_max = self.options.names_bytes_max / 2;
        let mut collected = collect(handle, &mut self.dirents, bytes_max, &mut self.scratch);
        let check_tag = self.options.skip_caches && !given && collected.has_cache_tag;
        if check_tag && has_valid_cache_tag(handle) {
            collected.listing.clear(&mut self.scratch);
            directory.left_out = Some(LeftOut::Cache);
            return (Listing::single(CACHE_TAG), None);
        }
        (collected.listing, collected.error)
    }

    fn push(&mut self, frame: Frame) {
        if !self.options.exclusions.is_empty() && self.stack.depth() > 0 {
            self.path.extend_from_slice(frame.path.name());
            self.path.push(b'/');
        }
        self.stack.push(frame);
        let bytes_max = self.options.names_bytes_max;
        if let Err(error) = self.stack.shed(bytes_max, &mut self.scratch) {
            self.ready.push_back(Event::Unreadable(error));
        }
    }

    fn leave(&mut self) {
        let Some(mut frame) = self.stack.pop(&mut self.scratch) else {
            return;
        };
        self.ready.push_back(Event::Leave);
        let kept = self.path.len().saturating_sub(frame.path.name().len() + 1);
        self.path.truncate(kept);
        let child = frame.handle.take();
        if let Err(error) = self.stack.reopen_top(child.as_deref(), &mut self.scratch) {
            self.ready.push_back(Event::Unreadable(error));
        }
    }

    fn excludes(&self, name: &[u8], is_directory: bool) -> bool {
        if self.options.exclusions.is_empty() {
            return false;
        }
        let path = [&self.path, name].concat();
        self.options.exclusions.excludes(&path, is_directory)
    }
}

impl Iterator for Walk {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if !self.step() {
                return None;
            }
        }
    }
}
