//! A vault as a folder that can only be read: sources, their snapshots by date, clean trees (FUSE, `fuse(4)`).
//!
//! Nothing is written anywhere. What is held in memory is bounded: opened chunks, numbers of what the kernel asked for (which is
//! asked to forget the oldest), where the blobs are. Hard links do not share an inode here: each name has its own.
//!
//! Several threads answer. Whoever reads from the vault holds no lock that others need, but for those who list a folder through the
//! same handle, and those who wait for the same chunk.
#![expect(clippy::disallowed_methods, reason = "the folder where the vault is to appear is looked at")]

mod ahead;
mod attributes;
mod blocks;
mod file_system;
mod folder;
mod handles;
mod inodes;
mod nodes;
mod opened;
mod pieces;
mod shelves;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, bounded};
use fuser::{Config, INodeNo, MountOption, Notifier, Session, SessionACL, SessionUnmounter};
use rustix::io::Errno;
use rustix::mount::{UnmountFlags, unmount};
use thiserror::Error;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::FileTime;

use self::ahead::Ahead;
use self::file_system::VaultFiles;
use self::handles::Handles;
use self::inodes::{Inodes, Stale};
use self::nodes::Nodes;
use self::opened::OpenedBlobs;
use self::shelves::Shelves;
use crate::clean::CleanTree;

/// A source, as a folder of its own.
pub struct MountedSource {
    /// The folder's name: one component of a path, which no other source has.
    pub name: Vec<u8>,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<MountedSnapshot>,
    /// What is shown as `clean`.
    pub clean: Option<Arc<CleanTree>>,
}

/// A snapshot, as a folder of a source's.
pub struct MountedSnapshot {
    /// The folder's name: neither `latest` nor `clean`, and no other's of the source.
    pub name: Vec<u8>,
    /// When the backup began.
    pub started: FileTime,
    /// What is in it.
    pub reader: SnapshotReader,
}

/// How a vault is mounted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MountOptions {
    /// About so many bytes of opened chunks, of names and attributes, and of nodes of trees are held.
    pub cache_bytes_max: usize,
    /// Others than who mounts it may look, each as the modes and access lists of the entries let them.
    pub others: bool,
    /// So many threads answer.
    pub threads: usize,
}

/// An object of the vault that cannot be used, and the first path that needed it. Each object is told once.
#[derive(Debug)]
pub struct MountFault {
    /// The path from the mounted folder.
    pub path: Vec<u8>,
    /// What is wrong.
    pub fault: ReadFault,
}

/// Why nothing is mounted.
#[derive(Debug, Error)]
pub enum MountError {
    /// Something is in the folder, which would be hidden.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A program that showed a vault there died: the folder must be unmounted by hand.
    #[error("{} still belongs to a program that died", path.display())]
    LeftBehind {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be used.
    #[error("{} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Whoever is not root may let others look only if the system says so.
    #[error("the system does not let others look at {}", path.display())]
    Others {
        /// The folder.
        path: PathBuf,
    },
    /// The system does not let it be mounted.
    #[error("the system does not mount on {}", path.display())]
    System {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody answers the kernel any more.
    #[error("{} is not shown any more", path.display())]
    Ended {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A vault that is mounted. Dropping it takes it away.
pub struct Mounted {
    path: PathBuf,
    unmounter: SessionUnmounter,
    /// Until its end was looked at.
    answering: Option<JoinHandle<io::Result<()>>>,
}

/// So many names may wait to be forgotten.
const STALE_MAX: usize = 256;

impl Default for MountOptions {
    fn default() -> Self {
        Self { cache_bytes_max: 64 << 20, others: false, threads: 8 }
    }
}

impl MountOptions {
    fn opened_bytes_max(&self) -> usize {
        self.cache_bytes_max / 8 * 4
    }

    fn nodes_bytes_max(&self) -> usize {
        self.cache_bytes_max / 8
    }

    fn names_bytes_max(&self) -> usize {
        self.cache_bytes_max / 8 * 3
    }
}

impl Mounted {
    /// Mounts on an empty folder; when this returns, everything is there. What goes wrong later is sent to `faults`.
    pub fn mount(
        sources: Vec<MountedSource>,
        path: &Path,
        options: &MountOptions,
        faults: Sender<MountFault>,
    ) -> Result<Self, MountError> {
        let path = empty_folder(path)?;
        let refused = |source: io::Error| {
            // What fusermount3 says; whoever may not open /dev/fuse is told something else.
            let others = source.to_string().contains("user_allow_other");
            let path = path.clone();
            if others { MountError::Others { path } } else { MountError::System { path, source } }
        };
        let blobs = Arc::new(OpenedBlobs::new(options.opened_bytes_max()));
        let (stale, forgettable) = bounded(STALE_MAX);
        let files = VaultFiles {
            shelves: Shelves { sources, nodes: Nodes::new(options.nodes_bytes_max()) },
            ahead: Ahead::start(&blobs).map_err(refused)?,
            blobs,
            inodes: Mutex::new(Inodes::new(options.names_bytes_max())),
            stale,
            faults,
            open: Handles::default(),
            opens_alone: false,
            begun: AtomicU64::new(0),
            others: options.others,
            told: Mutex::new(HashSet::new()),
        };
        let mut session = Session::new(files, &path, &config(options)).map_err(refused)?;
        let (notifier, unmounter) = (session.notifier(), session.unmount_callable());
        let start = |name: &str| thread::Builder::new().name(name.into());
        start("forgetting").spawn(move || forget(&notifier, &forgettable)).map_err(refused)?;
        let answering = start("answering").spawn(move || session.run()).map_err(refused)?;
        Ok(Self { path, unmounter, answering: Some(answering) })
    }

    /// Tells whether nobody can ask any more: it was taken away, and what was open is closed.
    pub fn is_over(&self) -> bool {
        self.answering.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends it, and tells if it ended by a failure.
    pub fn end(mut self) -> Result<(), MountError> {
        if !self.is_over() {
            return Ok(());
        }
        let Some(answering) = self.answering.take() else { return Ok(()) };
        let panicked = |_| Err(io::Error::other("a thread that answers panicked"));
        let ended = answering.join().unwrap_or_else(panicked);
        ended.map_err(|source| MountError::Ended { path: self.path.clone(), source })
    }

    /// Takes it away from its folder at once. Whoever has a file open can read on until [`Mounted::is_over`].
    pub fn take_away(&mut self) -> io::Result<()> {
        match self.unmounter.unmount() {
            // Somebody has something open.
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                Ok(unmount(&self.path, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)?)
            }
            done => done,
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if !self.is_over() {
            // There is nobody to tell; `umount` does it by hand.
            let _ = self.take_away();
        }
    }
}

fn empty_folder(path: &Path) -> Result<PathBuf, MountError> {
    let unusable = |source: io::Error| match source.raw_os_error() {
        Some(code) if code == Errno::NOTCONN.raw_os_error() => MountError::LeftBehind { path: path.to_path_buf() },
        _ => MountError::Folder { path: path.to_path_buf(), source },
    };
    let whole = path.canonicalize().map_err(unusable)?;
    match std::fs::read_dir(&whole).map_err(unusable)?.next() {
        None => Ok(whole),
        Some(Ok(_)) => Err(MountError::NotEmpty { path: path.to_path_buf() }),
        Some(Err(error)) => Err(unusable(error)),
    }
}

fn config(options: &MountOptions) -> Config {
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName("beffroi".into()),
        MountOption::Subtype("beffroi".into()),
        MountOption::RO,
        MountOption::NoDev,
        MountOption::NoSuid,
        // What an attacker left is looked at here, not started.
        MountOption::NoExec,
        MountOption::NoAtime,
    ];
    if options.others {
        config.mount_options.push(MountOption::DefaultPermissions);
        config.acl = SessionACL::All;
    }
    config.n_threads = Some(options.threads.max(1));
    config
}

/// Asks the kernel to forget. It waits for answers about the same folder, so whoever answers must not do this.
fn forget(notifier: &Notifier, stale: &Receiver<Stale>) {
    for Stale { parent, name } in stale {
        // What it does not know is forgotten already.
        let _ = notifier.inval_entry(INodeNo(parent), OsStr::from_bytes(&name));
    }
}
