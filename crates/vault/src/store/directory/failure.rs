//! What the system said, and where, on its way to a [`StoreError`].

use std::io;

use rustix::io::Errno;

use crate::name::ObjectName;
use crate::store::StoreError;

/// A system call that failed on a file or folder.
#[derive(Debug)]
pub(super) struct Failure {
    place: String,
    source: io::Error,
}

impl Failure {
    pub(super) fn new(place: String, source: io::Error) -> Self {
        Self { place, source }
    }

    /// Tells whether the medium was full, for all or for this user.
    pub(super) fn is_full(&self) -> bool {
        matches!(self.errno(), Some(Errno::NOSPC | Errno::DQUOT))
    }

    /// Says what it means to the writer of an object.
    pub(super) fn writing(self, name: &ObjectName) -> StoreError {
        if self.is_full() {
            return StoreError::NoSpace { name: *name };
        }
        self.into()
    }

    fn errno(&self) -> Option<Errno> {
        Errno::from_io_error(&self.source)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let errno = failure.errno();
        let Failure { place, source } = failure;
        match errno {
            Some(Errno::ROFS) => Self::ReadOnly { place },
            Some(Errno::ACCESS | Errno::PERM) => Self::Denied { place },
            // A link where no link is followed, a file where a folder should be, a folder where a file should be.
            Some(Errno::LOOP | Errno::NOTDIR | Errno::ISDIR) => Self::InTheWay { place },
            _ => Self::Io { place, source },
        }
    }
}
