//! Symbolic links, fifos, sockets, devices and hard links.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, linkat, makedev, mknodat, statat, symlinkat, unlinkat};
use rustix::io::Errno;
use vault::tree::{Entry, EntryKind};

use super::attributes::{Subject, apply};
use super::error::{Attribute, AttributeWarning};
use super::temporary::Temporary;
use super::{DirectoryId, Outcome, Overwrite, Place, Shared, TargetError, file_type};

pub(super) fn make(shared: &Arc<Shared>, directory: DirectoryId, entry: &Entry) -> Result<Outcome, TargetError> {
    let name = shared.component(directory, &entry.name)?;
    if matches!(entry.kind, EntryKind::File { .. } | EntryKind::Directory { .. }) {
        return Err(TargetError::WrongKind(shared.path(directory, name)));
    }
    let traits = shared.table().traits(directory);
    let parent = shared.handle(directory)?;
    if shared.look_if_needed(directory, &parent, entry, traits.created)? == Place::Kept {
        return Ok(Outcome::Kept);
    }
    let fail = |errno| shared.error(errno, directory, name);
    let made = Temporary::create(&parent, |parent, name| make_node(parent, name, &entry.kind));
    let temporary = match made {
        Ok((temporary, ())) => temporary,
        Err(errno) if is_device(&entry.kind) && matches!(errno, Errno::PERM | Errno::INVAL) => {
            let flaw = (Attribute::Device, Some(errno));
            let path = shared.path(directory, name);
            return Ok(Outcome::Refused(AttributeWarning::of(flaw, path)));
        }
        Err(errno) => return Err(fail(errno)),
    };
    let pinned = pin(shared, &temporary, &entry.kind).map_err(fail)?;
    let wishes = shared.wishes(entry, traits.inherits);
    let flaws = apply(Subject::Pinned(&pinned), &wishes).map_err(fail)?;
    shared.place(temporary, directory, entry, flaws)
}

pub(super) fn link(
    shared: &Arc<Shared>,
    from: (DirectoryId, &[u8]),
    to: (DirectoryId, &[u8]),
) -> Result<Outcome, TargetError> {
    let from_name = shared.component(from.0, from.1)?;
    let to_name = shared.component(to.0, to.1)?;
    let from_fd = shared.handle(from.0)?;
    let to_fd = shared.handle(to.0)?;
    let link_as = |directory: &OwnedFd, name: &[u8]| linkat(&*from_fd, from_name, directory, name, AtFlags::empty());
    match link_as(&to_fd, to_name) {
        Ok(()) => return Ok(Outcome::Written(Vec::new())),
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(link_error(shared, errno, from, to)),
    }
    match taken_by(shared, from, to, &from_fd, &to_fd)? {
        Taken::BySame => return Ok(Outcome::Written(Vec::new())),
        Taken::ByOther if shared.overwrite == Overwrite::Never => return Ok(Outcome::Kept),
        Taken::ByOther => {}
    }
    let (temporary, ()) = Temporary::create(&to_fd, link_as).map_err(|errno| link_error(shared, errno, from, to))?;
    let temporary_name = temporary.name().to_vec();
    shared.check_expected(to.0, &to_fd, to_name)?;
    temporary.place(to_name, Overwrite::Always).map_err(|errno| shared.error(errno, to.0, to_name))?;
    // Between two names of one file, a rename does nothing: `to` may have become one meanwhile.
    match unlinkat(&*to_fd, &temporary_name[..], AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(Outcome::Written(Vec::new())),
        Err(errno) => Err(shared.error(errno, to.0, to_name)),
    }
}

/// What has the name that a link should have.
enum Taken {
    BySame,
    ByOther,
}

fn taken_by(
    shared: &Shared,
    from: (DirectoryId, &[u8]),
    to: (DirectoryId, &[u8]),
    from_fd: &OwnedFd,
    to_fd: &OwnedFd,
) -> Result<Taken, TargetError> {
    let source =
        statat(from_fd, from.1, AtFlags::SYMLINK_NOFOLLOW).map_err(|errno| shared.error(errno, from.0, from.1))?;
    let found = statat(to_fd, to.1, AtFlags::SYMLINK_NOFOLLOW).map_err(|errno| shared.error(errno, to.0, to.1))?;
    if (source.st_dev, source.st_ino) == (found.st_dev, found.st_ino) {
        return Ok(Taken::BySame);
    }
    let found_type = FileType::from_raw_mode(found.st_mode);
    let same_type = found_type == FileType::from_raw_mode(source.st_mode);
    let replaceable = shared.overwrite == Overwrite::Always && found_type != FileType::Directory;
    if replaceable || (shared.overwrite == Overwrite::Never && same_type) {
        return Ok(Taken::ByOther);
    }
    Err(TargetError::InTheWay(shared.path(to.0, to.1)))
}

fn link_error(shared: &Shared, errno: Errno, from: (DirectoryId, &[u8]), to: (DirectoryId, &[u8])) -> TargetError {
    match errno {
        Errno::XDEV | Errno::MLINK | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS => {
            TargetError::NotLinkable { path: shared.path(to.0, to.1), source: errno }
        }
        Errno::NOENT => shared.error(errno, from.0, from.1),
        _ => shared.error(errno, to.0, to.1),
    }
}

fn make_node(parent: &OwnedFd, name: &[u8], kind: &EntryKind) -> Result<(), Errno> {
    let node = |kind, device| mknodat(parent, name, kind, Mode::RUSR | Mode::WUSR, device);
    match *kind {
        EntryKind::Symlink { ref target } => symlinkat(&target[..], parent, name),
        EntryKind::Fifo => node(FileType::Fifo, 0),
        EntryKind::Socket => node(FileType::Socket, 0),
        EntryKind::CharDevice { major, minor } => node(FileType::CharacterDevice, device(major, minor)?),
        EntryKind::BlockDevice { major, minor } => node(FileType::BlockDevice, device(major, minor)?),
        EntryKind::File { .. } | EntryKind::Directory { .. } => Err(Errno::INVAL),
    }
}

/// Joins a device's numbers; the kernel would cut larger ones, and make another device.
fn device(major: u32, minor: u32) -> Result<u64, Errno> {
    if major > MAJOR_MAX || minor > MINOR_MAX {
        return Err(Errno::INVAL);
    }
    Ok(makedev(major, minor))
}

fn is_device(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::CharDevice { .. } | EntryKind::BlockDevice { .. })
}

/// Opens what was just made, and makes sure that it is still that.
///
/// Who may write in the directory could have put a hard link of someone else's file in its place, for us to give away.
pub(super) fn pin(shared: &Shared, temporary: &Temporary, kind: &EntryKind) -> Result<OwnedFd, Errno> {
    let fd = shared.beneath.open(temporary.directory(), temporary.name(), OFlags::PATH, Mode::empty())?;
    let stat = fstat(&fd)?;
    let ours = FileType::from_raw_mode(stat.st_mode) == file_type(kind) && stat.st_nlink == 1;
    if ours { Ok(fd) } else { Err(Errno::NOENT) }
}

const MAJOR_MAX: u32 = (1 << 12) - 1;
const MINOR_MAX: u32 = (1 << 20) - 1;
