//! Why a part of the source could not be read.

use std::fmt::{self, Write as _};
use std::io;

use rustix::io::Errno;
use thiserror::Error;

/// A path as the file system spells it: bytes, of no given encoding.
///
/// `Display` shows what is not UTF-8 as `\u{fffd}` and escapes control characters, so that a hostile name cannot
/// forge a line of a report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourcePath(pub Vec<u8>);

/// What was being done when the system refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Reading the names in a directory.
    List,
    /// Asking for size, times and owner.
    Inspect,
    /// Opening.
    Open,
    /// Reading content.
    Read {
        /// Where, in bytes from the file's beginning.
        offset: u64,
    },
    /// Reading extended attributes.
    Attributes,
    /// Reading the target of a symbolic link.
    Link,
}

/// Why a part of the source could not be read.
#[derive(Debug, Error)]
pub enum SourceError {
    /// No path was given.
    #[error("no path to keep was given")]
    NoRoots,
    /// A path to keep does not begin with `/`.
    #[error("{path} is not an absolute path")]
    RelativeRoot {
        /// The path as given.
        path: SourcePath,
    },
    /// A path to keep does not exist.
    #[error("{path} does not exist")]
    MissingRoot {
        /// The path as given.
        path: SourcePath,
    },
    /// A pattern of what to leave out cannot be understood.
    #[error("cannot use the exclusion {text}")]
    Exclusion {
        /// The pattern, or the file of patterns.
        text: String,
        /// What is wrong with it.
        #[source]
        source: ignore::Error,
    },
    /// It was listed and is gone: usual in a tree that lives.
    #[error("{path} disappeared during the backup")]
    Vanished {
        /// The path.
        path: SourcePath,
    },
    /// The right to read it is missing.
    #[error("permission denied on {path}")]
    Denied {
        /// The path.
        path: SourcePath,
    },
    /// Between listing and opening, another file took its name.
    #[error("{path} became another file during the backup")]
    Changed {
        /// The path.
        path: SourcePath,
    },
    /// The directory was moved away while its entries were read; the rest of them is missing.
    #[error("{path} was moved during the backup")]
    Moved {
        /// The directory.
        path: SourcePath,
    },
    /// The directory lies deeper than any honest tree.
    #[error("{path} is more than {depth_max} directories deep")]
    TooDeep {
        /// The directory.
        path: SourcePath,
        /// The limit, in directories.
        depth_max: usize,
    },
    /// Another program holds a lease on the file and does not give it back.
    #[error("{path} is held by another program")]
    Leased {
        /// The file.
        path: SourcePath,
    },
    /// Extended attributes beyond the limit.
    #[error("the extended attributes of {path} exceed {bytes_max} bytes")]
    AttributesTooLarge {
        /// The path.
        path: SourcePath,
        /// The limit, in bytes of names and values.
        bytes_max: usize,
    },
    /// `/proc` is not mounted: attributes of what cannot be opened cannot be read.
    #[error("the extended attributes of {path} cannot be read without /proc")]
    NoProc {
        /// The path.
        path: SourcePath,
    },
    /// The scratch file that holds the names of large directories failed.
    #[error("the temporary file for the names in {path} failed")]
    Scratch {
        /// The directory whose names it held.
        path: SourcePath,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The system has no thread left for the read-ahead.
    #[error("cannot start a thread")]
    Thread {
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Anything else that the system says.
    #[error("cannot {operation} {path}")]
    Io {
        /// What was being done.
        operation: Operation,
        /// The path.
        path: SourcePath,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl SourcePath {
    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl SourceError {
    /// Returns the path that the error is about, if it is about one.
    pub fn path(&self) -> Option<&SourcePath> {
        match self {
            Self::NoRoots | Self::Exclusion { .. } | Self::Thread { .. } => None,
            Self::RelativeRoot { path }
            | Self::MissingRoot { path }
            | Self::Vanished { path }
            | Self::Denied { path }
            | Self::Changed { path }
            | Self::Moved { path }
            | Self::TooDeep { path, .. }
            | Self::Leased { path }
            | Self::AttributesTooLarge { path, .. }
            | Self::NoProc { path }
            | Self::Scratch { path, .. }
            | Self::Io { path, .. } => Some(path),
        }
    }

    /// Sorts what the system said into a situation.
    pub(super) fn from_errno(operation: Operation, path: SourcePath, errno: Errno) -> Self {
        match (errno, operation) {
            (Errno::NOENT | Errno::STALE, _) => Self::Vanished { path },
            (Errno::ACCESS | Errno::PERM, _) => Self::Denied { path },
            (Errno::LOOP | Errno::NOTDIR, Operation::Open) => Self::Changed { path },
            _ => Self::Io { operation, path, source: errno.into() },
        }
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in String::from_utf8_lossy(&self.0).chars() {
            if is_steering(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Tells whether a character ends a line, steers a terminal or turns the direction of writing: `exe.txt` may be shown of what ends in
/// `.exe`.
fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Debug for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Inspect => f.write_str("inspect"),
            Self::Open => f.write_str("open"),
            Self::Read { offset } => write!(f, "read, at byte {offset}, the file"),
            Self::Attributes => f.write_str("read the extended attributes of"),
            Self::Link => f.write_str("read the target of"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_cannot_forge_a_line() {
        let path = SourcePath(b"a\nb\x1b[2J\xff\xc3\xa9".to_vec());
        assert_eq!(path.to_string(), "a\\nb\\u{1b}[2J\u{fffd}é");
        let turned = SourcePath("facture\u{202e}fdp.exe\u{2069}\u{2028}".into());
        assert_eq!(turned.to_string(), "facture\\u{202e}fdp.exe\\u{2069}\\u{2028}");
    }
}
