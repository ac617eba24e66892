//! The paths to keep, and the root that stands for them.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use rustix::io::Errno;

use super::error::Operation;
use super::{FileKind, Identity, SourceError, SourcePath, Stat};

/// The paths to keep, resolved: links on the way to them are followed once, here, and never below.
#[derive(Clone, Debug)]
pub struct RootPaths {
    pub(super) shape: RootShape,
    /// Every path as given: a directory among them is entered though it is another file system.
    pub(super) given: HashSet<Identity>,
}

/// What stands at the top of the tree.
#[derive(Clone, Debug)]
pub(super) enum RootShape {
    /// One directory, which is the root itself.
    Directory(SourcePath),
    /// One file: the root is made up and holds nothing else.
    File { directory: SourcePath, chosen: Chosen },
    /// Several paths: the root is made up and holds their components.
    Several(Chosen),
}

/// A name on the way to the paths to keep.
#[derive(Clone, Default, Debug)]
pub(super) struct Chosen {
    /// What is chosen below, if this is not kept whole.
    pub(super) children: BTreeMap<Vec<u8>, Chosen>,
    /// This, with everything in it, is kept.
    pub(super) whole: bool,
}

impl RootPaths {
    /// Resolves the absolute paths to keep. A path inside another is covered by it.
    pub fn resolve(paths: &[PathBuf]) -> Result<Self, SourceError> {
        let mut tree = Chosen::default();
        let mut given = HashSet::new();
        let mut files = HashSet::new();
        for path in paths {
            let (resolved, stat) = resolve(path)?;
            given.insert(stat.identity);
            if stat.kind != FileKind::Directory {
                files.insert(resolved.clone());
            }
            tree.choose(&resolved);
        }
        let shape = match tree.only_path() {
            _ if paths.is_empty() => return Err(SourceError::NoRoots),
            Some(path) if files.contains(&path) => file_shape(&path),
            Some(path) => RootShape::Directory(path),
            None => RootShape::Several(tree),
        };
        Ok(Self { shape, given })
    }

    /// Tells whether the root stands for no single directory: one file, or several paths.
    pub fn made_up(&self) -> bool {
        !matches!(self.shape, RootShape::Directory(_))
    }
}

impl Chosen {
    fn choose(&mut self, path: &SourcePath) {
        let mut node = self;
        for name in components(path) {
            if node.whole {
                return;
            }
            node = node.children.entry(name.to_vec()).or_default();
        }
        node.whole = true;
        node.children.clear();
    }

    /// The path, if only one is kept.
    fn only_path(&self) -> Option<SourcePath> {
        let mut node = self;
        let mut path = Vec::new();
        while !node.whole {
            let (name, child) = node.children.first_key_value()?;
            if node.children.len() > 1 {
                return None;
            }
            path.push(b'/');
            path.extend_from_slice(name);
            node = child;
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Some(SourcePath(path))
    }
}

fn components(path: &SourcePath) -> impl Iterator<Item = &[u8]> {
    path.0.split(|byte| *byte == b'/').filter(|name| !name.is_empty())
}

fn file_shape(path: &SourcePath) -> RootShape {
    let slash = path.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let whole = Chosen { whole: true, ..Chosen::default() };
    RootShape::File {
        directory: SourcePath(path.0[..slash.max(1)].to_vec()),
        chosen: Chosen { children: BTreeMap::from([(path.0[slash + 1..].to_vec(), whole)]), whole: false },
    }
}

fn resolve(path: &Path) -> Result<(SourcePath, Stat), SourceError> {
    let given = SourcePath(path.as_os_str().as_bytes().to_vec());
    if !path.is_absolute() {
        return Err(SourceError::RelativeRoot { path: given });
    }
    let resolved = path.canonicalize().map_err(|error| {
        let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
        root_error(given.clone(), errno)
    })?;
    let stat = statx(CWD, OsStr::new(&resolved), AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS)
        .and_then(|statx| Stat::from_statx(&statx).ok_or(Errno::INVAL))
        .map_err(|errno| root_error(given, errno))?;
    Ok((SourcePath(resolved.as_os_str().as_bytes().to_vec()), stat))
}

pub(super) fn root_error(path: SourcePath, errno: Errno) -> SourceError {
    match errno {
        Errno::NOENT | Errno::NOTDIR => SourceError::MissingRoot { path },
        _ => SourceError::from_errno(Operation::Inspect, path, errno),
    }
}
