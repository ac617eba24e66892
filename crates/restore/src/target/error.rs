//! What can go wrong with an entry, and what is only a pity.

use std::fmt;

use rustix::io::Errno;

use crate::TreePath;

use super::attributes::Flaw;

/// An entry that could not be put in its place. Paths are relative to the target, but for the target itself.
#[derive(thiserror::Error, Debug)]
pub enum TargetError {
    /// The disk is full, or the owner's quota.
    #[error("no space left for {path}")]
    NoSpace {
        /// What was written.
        path: TreePath,
        /// Whether disk or quota.
        #[source]
        source: Errno,
    },
    /// The file system is mounted read-only.
    #[error("the file system of {0} is read-only")]
    ReadOnly(TreePath),
    /// The system refuses this user.
    #[error("access to {path} was refused")]
    Denied {
        /// What was touched.
        path: TreePath,
        /// The system's word.
        #[source]
        source: Errno,
    },
    /// Something of another type has this name: a symbolic link, a directory, a file.
    #[error("something else is in the way at {0}")]
    InTheWay(TreePath),
    /// The name is not one component that stays in its directory.
    #[error("the name {name:?} in {directory} is not safe")]
    UnsafeName {
        /// Where.
        directory: TreePath,
        /// The name as the tree gives it.
        name: TreePath,
    },
    /// What was there a moment ago is gone: another process works on this directory.
    #[error("{0} vanished while it was being filled")]
    Vanished(TreePath),
    /// It is no more what was to be replaced: somebody wrote or put something there meanwhile.
    #[error("{0} was changed meanwhile and stays")]
    Changed(TreePath),
    /// The file system cannot give this file a second name.
    #[error("{path} cannot be linked")]
    NotLinkable {
        /// The new name.
        path: TreePath,
        /// The system's word.
        #[source]
        source: Errno,
    },
    /// The call is not meant for entries of this kind.
    #[error("{0} is of another kind than this call makes")]
    WrongKind(TreePath),
    /// The id was given by another target.
    #[error("the directory's id is not of this target")]
    UnknownDirectory,
    /// More than four billion directories.
    #[error("there are too many directories; {0} was not added")]
    TooManyDirectories(TreePath),
    /// Anything else that the system says.
    #[error("{path} could not be written")]
    Io {
        /// What was touched.
        path: TreePath,
        /// The system's word.
        #[source]
        source: Errno,
    },
}

/// An attribute that an entry lacks now although its content is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttributeWarning {
    /// The entry's path from the target's root.
    pub path: TreePath,
    /// What it lacks.
    pub attribute: Attribute,
    /// What the system said; `None` if it was not asked.
    pub reason: Option<Errno>,
}

/// What an entry may lack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Attribute {
    /// The owner or the group.
    Owner,
    /// The permission bits.
    Mode,
    /// The set-user-id or set-group-id bit, left off because the owner is another, or by the system.
    SpecialBits,
    /// The extended attribute of this name.
    Xattr(Vec<u8>),
    /// The time of the last change.
    Times,
    /// The device itself.
    Device,
}

impl TargetError {
    pub(super) fn of(errno: Errno, path: TreePath) -> Self {
        match errno {
            Errno::NOSPC | Errno::DQUOT => Self::NoSpace { path, source: errno },
            Errno::ROFS => Self::ReadOnly(path),
            Errno::ACCESS | Errno::PERM => Self::Denied { path, source: errno },
            Errno::EXIST | Errno::NOTDIR | Errno::LOOP | Errno::ISDIR | Errno::NOTEMPTY => Self::InTheWay(path),
            Errno::NOENT | Errno::STALE => Self::Vanished(path),
            _ => Self::Io { path, source: errno },
        }
    }
}

impl AttributeWarning {
    pub(super) fn of((attribute, reason): Flaw, path: TreePath) -> Self {
        Self { path, attribute, reason }
    }
}

impl fmt::Display for AttributeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} was not set", self.path, self.attribute)?;
        match self.reason {
            Some(errno) => write!(f, ": {errno}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Mode => f.write_str("mode"),
            Self::SpecialBits => f.write_str("set-user-id or set-group-id bit"),
            Self::Xattr(name) => write!(f, "attribute {}", TreePath::new(&name[..])),
            Self::Times => f.write_str("time of last change"),
            Self::Device => f.write_str("device"),
        }
    }
}
