//! Opening a file, and nothing else: a pipe would wait for whoever writes to it, a device may never end.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a file to read it; a link may lead to it.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(path, OpenOptions::new().read(true), OFlags::empty())
}

/// Opens a file to read it, unless a link stands in its place.
pub fn open_no_link(path: &Path) -> io::Result<File> {
    open_with(path, OpenOptions::new().read(true), OFlags::NOFOLLOW)
}

/// Opens a file with some options; what is no file is an error, at once.
pub fn open_with(path: &Path, options: &OpenOptions, flags: OFlags) -> io::Result<File> {
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY | flags).bits()).map_err(io::Error::other)?;
    let file = options.clone().custom_flags(flags).open(path)?;
    match file.metadata()?.file_type() {
        kind if kind.is_file() => Ok(file),
        kind if kind.is_dir() => Err(rustix::io::Errno::ISDIR.into()),
        _ => Err(rustix::io::Errno::INVAL.into()),
    }
}
