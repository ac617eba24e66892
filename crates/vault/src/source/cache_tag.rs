//! The Cache Directory Tagging Specification (<https://bford.info/cachedir/>).

use rustix::io::{Errno, pread};

use super::FileKind;
use super::directory::{DirectoryHandle, stat_open};
use super::listing::CACHE_TAG;

/// How a valid tag begins.
pub const CACHE_SIGNATURE: &[u8; 43] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Tells whether the directory holds a valid tag; one that cannot be read is none, so that the directory is kept.
pub(super) fn has_valid_cache_tag(directory: &DirectoryHandle) -> bool {
    let Ok(tag) = directory.open_file(CACHE_TAG) else {
        return false;
    };
    if !stat_open(&tag).is_ok_and(|stat| stat.kind == FileKind::File) {
        return false;
    }
    let mut head = [0; CACHE_SIGNATURE.len()];
    loop {
        match pread(&tag, &mut head, 0) {
            Err(Errno::INTR) => {}
            read => return read == Ok(head.len()) && head == *CACHE_SIGNATURE,
        }
    }
}
