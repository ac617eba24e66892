//! A copy of a folder that may be changed at will.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use restore::target::{DIRECTORY, DirectoryId, Outcome, Overwrite, Owners, Target, TargetError};
use rustix::fs::{CWD, Mode, OFlags, openat};
use thiserror::Error;
use vault::source::{
    Attributes, Directory, Event, Extent, FileKind, FileReader, Identity, Item, RootPaths, SourceError, Stat, Walk,
    WalkOptions,
};
use vault::tree::{Content, Entry, EntryKind};

/// A temporary folder with a copy in it. Dropped, it is gone.
///
/// There is no other way to one than [`Sandbox::copy`]: what it holds was made here, and nothing else can be changed
/// through it.
pub struct Sandbox {
    folder: tempfile::TempDir,
    handle: OwnedFd,
    /// Entries copied.
    pub entries: u64,
    /// Bytes of content copied, holes counted.
    pub bytes: u64,
}

/// Something that was not copied.
#[derive(Debug, Error)]
pub enum CopyFault {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It cannot be written.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// Why there is no sandbox.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The temporary folder cannot be made.
    #[error("no temporary folder can be made in {place}")]
    Folder {
        /// Where.
        place: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder to copy.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The copy as a whole.
    #[error(transparent)]
    Target(#[from] TargetError),
}

const BUFFER_BYTES: usize = 1 << 20;

impl Sandbox {
    /// Copies a folder, with all attributes that this user may set, into a new temporary folder in `place`.
    pub fn copy(folder: &Path, place: &Path, fault: &mut dyn FnMut(CopyFault)) -> Result<Self, SandboxError> {
        let made = tempfile::Builder::new().prefix("beffroi-exercise-").tempdir_in(place);
        let fail = |source| SandboxError::Folder { place: place.to_path_buf(), source };
        let sandbox = made.map_err(fail)?;
        let handle = openat(CWD, sandbox.path(), DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
        let handle = handle.map_err(|errno| fail(errno.into()))?;
        let roots = RootPaths::resolve(&[folder.to_path_buf()])?;
        let mut options = WalkOptions::everything(sandbox.path().to_path_buf());
        options.one_file_system = true;
        let walk = Walk::open(&roots, options)?;
        let owners = if rustix::process::geteuid().is_root() { Owners::ByNumber } else { Owners::Keep };
        let target = Target::open_with_owners(&sandbox.path().join("copy"), Overwrite::Never, owners)?;
        let mut copying =
            Copying { target, fault, links: HashMap::new(), buffer: vec![0; BUFFER_BYTES], entries: 0, bytes: 0 };
        copying.all(walk);
        let (entries, bytes) = (copying.entries, copying.bytes);
        Ok(Self { folder: sandbox, handle, entries, bytes })
    }

    /// Where the copy is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("copy")
    }

    /// Returns a place beside the copy, for a vault, a state, a restored tree.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the copy is called in the temporary folder.
    pub(crate) const COPY: &[u8] = b"copy";

    /// Returns the temporary folder as it was made, wherever its path leads now.
    pub(crate) fn folder_handle(&self) -> &OwnedFd {
        &self.handle
    }
}

struct Copying<'f> {
    target: Target,
    fault: &'f mut dyn FnMut(CopyFault),
    links: HashMap<Identity, (DirectoryId, Vec<u8>)>,
    buffer: Vec<u8>,
    entries: u64,
    bytes: u64,
}

impl Copying<'_> {
    fn all(&mut self, walk: Walk) {
        let mut open: Vec<Option<(DirectoryId, Entry)>> = Vec::new();
        for event in walk {
            let parent = open.last().and_then(|directory| directory.as_ref().map(|(id, _)| *id));
            match event {
                Event::Enter(directory) => {
                    let entered = self.enter(parent, open.is_empty(), &directory);
                    open.push(entered);
                }
                Event::Leave => {
                    if let Some(Some((id, entry))) = open.pop() {
                        let finished = self.target.finish_directory(id, &entry);
                        self.note(finished);
                    }
                }
                Event::Item(item) => {
                    if let Some(parent) = parent {
                        self.item(parent, &item);
                    }
                }
                Event::Unreadable(error) => (self.fault)(error.into()),
                Event::TooLarge(_) => {}
            }
        }
    }

    fn enter(
        &mut self,
        parent: Option<DirectoryId>,
        root: bool,
        directory: &Directory,
    ) -> Option<(DirectoryId, Entry)> {
        let xattrs = directory.handle.attributes().unwrap_or_default();
        let entry = entry_of(&directory.name, &directory.stat, EntryKind::default(), xattrs);
        if root {
            return Some((DirectoryId::ROOT, entry));
        }
        match self.target.add_directory(parent?, &directory.name) {
            Ok(id) => Some((id, entry)),
            Err(error) => {
                (self.fault)(error.into());
                None
            }
        }
    }

    fn item(&mut self, parent: DirectoryId, item: &Item) {
        if item.stat.links > 1
            && let Some((folder, name)) = self.links.get(&item.stat.identity)
        {
            let linked = self.target.link((*folder, name), (parent, &item.name));
            return self.note(linked);
        }
        match self.make(parent, item) {
            Ok(()) => {
                if item.stat.links > 1 {
                    self.links.insert(item.stat.identity, (parent, item.name.clone()));
                }
            }
            Err(fault) => (self.fault)(fault),
        }
    }

    fn make(&mut self, parent: DirectoryId, item: &Item) -> Result<(), CopyFault> {
        let (major, minor) = item.stat.device_numbers;
        let kind = match item.stat.kind {
            FileKind::File => return self.file(parent, item),
            FileKind::Symlink => EntryKind::Symlink { target: item.read_link()?.unwrap_or_default() },
            FileKind::Fifo => EntryKind::Fifo,
            FileKind::Socket => EntryKind::Socket,
            FileKind::CharDevice => EntryKind::CharDevice { major, minor },
            FileKind::BlockDevice => EntryKind::BlockDevice { major, minor },
            FileKind::Directory => return Ok(()),
        };
        let entry = entry_of(&item.name, &item.stat, kind, item.attributes().unwrap_or_default());
        let made = self.target.make_special(parent, &entry);
        self.note(made);
        Ok(())
    }

    fn file(&mut self, parent: DirectoryId, item: &Item) -> Result<(), CopyFault> {
        let mut reader = FileReader::open(item)?;
        let kind = EntryKind::File { size: reader.stat().size, content: Content::EMPTY, sha256: None };
        let entry = entry_of(&item.name, reader.stat(), kind, reader.attributes()?);
        let Some(file) = self.target.create_file(parent, &entry)? else { return Ok(()) };
        let mut offset = 0;
        while let Some(extent) = reader.next(&mut self.buffer)? {
            offset += match extent {
                Extent::Data(bytes) => {
                    file.write_at(offset, bytes)?;
                    bytes.len() as u64
                }
                Extent::Hole(bytes) => bytes,
            };
        }
        file.set_size(offset)?;
        let finished = file.finish(&entry);
        self.bytes += offset;
        self.note(finished);
        Ok(())
    }

    fn note(&mut self, made: Result<Outcome, TargetError>) {
        match made {
            Ok(_) => self.entries += 1,
            Err(error) => (self.fault)(error.into()),
        }
    }
}

fn entry_of(name: &[u8], stat: &Stat, kind: EntryKind, xattrs: Attributes) -> Entry {
    Entry {
        name: name.to_vec(),
        kind,
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
        mtime: stat.mtime,
        ctime: stat.ctime,
        xattrs,
        ..Entry::default()
    }
}
