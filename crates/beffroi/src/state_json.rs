//! Small JSON files of this machine's state: read if they are sound, written whole.
#![expect(clippy::disallowed_methods, reason = "these are files of the state")]

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a file; nothing if there is none, or if it makes no sense.
pub fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Writes a file, durably: the old one stays until the new one is whole.
pub fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.json");
        assert_eq!(read::<Vec<u64>>(&path), None);
        write(&path, &vec![1_u64, 2]).unwrap();
        assert_eq!(read(&path), Some(vec![1_u64, 2]));
        std::fs::write(&path, "[1, 2").unwrap();
        assert_eq!(read::<Vec<u64>>(&path), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
