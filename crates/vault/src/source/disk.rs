//! What kind of disk a folder lies on.
#![expect(clippy::disallowed_methods, reason = "the kernel tells in /sys; this module is part of reading sources")]

use std::path::{Path, PathBuf};

use rustix::fs::{major, minor, stat};

/// Tells whether a path lies on a spinning disk, as far as the kernel knows: reading two places at once is slow there.
pub fn is_rotational(path: &Path) -> bool {
    let Ok(stat) = stat(path) else { return false };
    let device = PathBuf::from(format!("/sys/dev/block/{}:{}", major(stat.st_dev), minor(stat.st_dev)));
    // A partition has no queue of its own: its disk is the folder above.
    ["queue/rotational", "../queue/rotational"]
        .iter()
        .find_map(|place| std::fs::read_to_string(device.join(place)).ok())
        .is_some_and(|answer| answer.trim() == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_does_not_spin() {
        assert!(!is_rotational(Path::new("/dev/shm")));
        assert!(!is_rotational(Path::new("/nowhere")));
    }
}
