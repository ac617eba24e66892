//! A vault's directory that may go away for a while, as a disk does that somebody unplugs, or a network share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::{DirectoryAccess, DirectoryStore, Put, Store, StoreError};
use crate::name::{Folder, ObjectName};

/// A directory to read from. What fails is tried once more in the folder that has the path by then, which may be another one.
///
/// Whoever reads for days outlives the folder that was opened at first. That it is the same vault need not be asked: every blob
/// proves itself.
#[derive(Debug)]
pub struct ReturningStore {
    path: PathBuf,
    directory: RwLock<Arc<DirectoryStore>>,
}

impl ReturningStore {
    /// Opens a vault's directory for reading. A path that is no folder is [`StoreError::NoFolder`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let directory = DirectoryStore::open(path, DirectoryAccess::ReadOnly)?;
        // A relative path must mean the same later.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        Ok(Self { path, directory: RwLock::new(Arc::new(directory)) })
    }

    fn read<T>(&self, mut read: impl FnMut(&DirectoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let directory = Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner));
        let error = match read(&directory) {
            Err(error) if may_be_away(&error) => error,
            done => return done,
        };
        let Ok(found) = DirectoryStore::open(&self.path, DirectoryAccess::ReadOnly) else { return Err(error) };
        // The first failure says more than the second.
        let done = read(&found).map_err(|_| error)?;
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        Ok(done)
    }
}

/// Tells whether the object might be there again once its folder is.
fn may_be_away(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { .. } | StoreError::Io { .. } | StoreError::NoFolder { .. })
}

impl Store for ReturningStore {
    fn put(&self, _: &ObjectName, _: &[u8]) -> Result<Put, StoreError> {
        Err(StoreError::ReadOnly { place: self.path.display().to_string() })
    }

    fn commit(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        self.read(|directory| directory.get(name))
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        self.read(|directory| directory.get_range(name, offset, bytes))
    }

    fn read_range(&self, name: &ObjectName, offset: u64, bytes: usize, buffer: &mut Vec<u8>) -> Result<(), StoreError> {
        self.read(|directory| directory.read_range(name, offset, bytes, buffer))
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        let found = |directory: &DirectoryStore| directory.head(name)?.ok_or(StoreError::NotFound { name: *name });
        match self.read(found) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        let listed = self.read(|directory| {
            let mut objects = Vec::new();
            directory.list(folder, &mut |name, bytes| objects.push((name, bytes)))?;
            Ok(objects)
        })?;
        listed.into_iter().for_each(|(name, bytes)| visit(name, bytes));
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the folder is taken away and brought back")]
mod tests {
    use super::*;
    use crate::id::{ObjectHash, StrandId};
    use crate::name::HashedKind;

    #[test]
    fn what_was_away_can_be_read_when_another_folder_has_its_path() {
        let place = tempfile::tempdir().unwrap();
        let [path, copy] = ["vault", "copy"].map(|name| place.path().join(name));
        let name = ObjectName::Hashed(StrandId([3; 16]), HashedKind::Pack, ObjectHash::of(b"bytes"));
        for folder in [&path, &copy] {
            DirectoryStore::create(folder).unwrap().put(&name, b"bytes").unwrap();
        }
        let store = ReturningStore::open(&path).unwrap();
        let mut buffer = Vec::new();
        store.read_range(&name, 1, 3, &mut buffer).unwrap();
        assert_eq!(buffer, b"yte");
        std::fs::remove_dir_all(&path).unwrap();
        assert!(matches!(store.get(&name), Err(StoreError::NotFound { .. })));
        assert_eq!(store.head(&name).unwrap(), None);
        std::fs::rename(&copy, &path).unwrap();
        store.read_range(&name, 0, 5, &mut buffer).unwrap();
        assert_eq!((buffer, store.get(&name).unwrap()), (b"bytes".to_vec(), b"bytes".to_vec()));
        assert_eq!(store.head(&name).unwrap(), Some(5));
        assert!(matches!(store.put(&name, b"bytes"), Err(StoreError::ReadOnly { .. })));
    }
}
