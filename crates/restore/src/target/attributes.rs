//! Owner, mode, ACLs, extended attributes and times, in the order in which the kernel lets them stand.
//!
//! 1. The owner: changing it takes set-user-id bits and capabilities away.
//! 2. Attributes that only a file with write permission accepts (`user.`), while it has it.
//! 3. The mode.
//! 4. ACLs, which refine the mode, and capabilities.
//! 5. The times, which everything else would change.

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, Stat, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use vault::tree::{Entry, FileTime};

use super::error::Attribute;
use super::owners::Owners;

/// An attribute that could not be set, and why; `None` if the system was not asked.
pub(super) type Flaw = (Attribute, Option<Errno>);

/// What gets attributes.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// A file or directory that is open.
    Open(&'a OwnedFd),
    /// Anything, opened with `O_PATH`.
    Pinned(&'a OwnedFd),
}

/// What a subject should become.
pub(super) struct Wishes<'a> {
    pub entry: &'a Entry,
    pub owners: &'a Owners,
    /// It was made in a directory with a default ACL and has an ACL of it.
    pub inherited_acl: bool,
    /// Other ACLs and `user.` attributes go.
    pub only_these: bool,
}

/// Sets all attributes; only a subject that cannot even be looked at is an error.
pub(super) fn apply(subject: Subject<'_>, wishes: &Wishes<'_>) -> Result<Vec<Flaw>, Errno> {
    let stat = rustix::fs::fstat(subject.fd())?;
    let entry = wishes.entry;
    let mut flaws = Vec::new();
    if wishes.only_these {
        remove_others(subject, entry, &mut flaws);
    } else if wishes.inherited_acl && !is_symlink(&stat) {
        remove_inherited(subject, &mut flaws);
    }
    let owner_right = set_owner(subject, &stat, wishes, &mut flaws);
    set_xattrs(subject, entry, &mut flaws, |name| !follows_mode(name));
    if !is_symlink(&stat) {
        // Removing an ACL and changing the owner may change the mode.
        let mode_known = !wishes.inherited_acl && !wishes.only_these && stat.st_mode & 0o7000 == 0;
        let current = mode_known.then_some(stat.st_mode & 0o7777);
        set_mode(subject, current, entry.mode, owner_right, &mut flaws);
    }
    set_xattrs(subject, entry, &mut flaws, follows_mode);
    set_times(subject, entry.mtime, &mut flaws);
    Ok(flaws)
}

/// Tells whether a directory gives an ACL to whatever is made in it; a file system without ACLs does not.
pub(super) fn has_default_acl(directory: &OwnedFd) -> bool {
    rustix::fs::fgetxattr_query(directory, DEFAULT_ACL).is_ok()
}

/// Tells whether a directory that gets the entry's attributes has a default ACL from then on.
pub(super) fn gives_default_acl(entry: &Entry) -> bool {
    entry.xattrs.iter().any(|(name, _)| name == DEFAULT_ACL)
}

/// Removes the ACLs that a new directory inherited.
pub(super) fn remove_acls(directory: &OwnedFd) -> Result<(), Errno> {
    for name in [DEFAULT_ACL, ACCESS_ACL] {
        match rustix::fs::fremovexattr(directory, name) {
            Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Returns the path that leads through an open descriptor to what it names, also where no call takes the descriptor.
pub(crate) fn descriptor_path(fd: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Splits the kernel's list of attribute names.
pub(crate) fn attribute_names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == 0).filter(|name| !name.is_empty())
}

impl Subject<'_> {
    fn fd(&self) -> &OwnedFd {
        match self {
            Self::Open(fd) | Self::Pinned(fd) => fd,
        }
    }

    fn chown(&self, uid: Option<Uid>, gid: Option<Gid>) -> Result<(), Errno> {
        match self {
            Self::Open(fd) => rustix::fs::fchown(fd, uid, gid),
            Self::Pinned(fd) => rustix::fs::chownat(fd, c"", uid, gid, AtFlags::EMPTY_PATH),
        }
    }

    fn chmod(&self, mode: Mode) -> Result<(), Errno> {
        match self {
            Self::Open(fd) => rustix::fs::fchmod(fd, mode),
            Self::Pinned(fd) => rustix::fs::chmod(descriptor_path(fd), mode),
        }
    }

    fn set_xattr(&self, name: &[u8], value: &[u8]) -> Result<(), Errno> {
        let flags = XattrFlags::empty();
        match self {
            Self::Open(fd) => rustix::fs::fsetxattr(fd, name, value, flags),
            Self::Pinned(fd) => rustix::fs::setxattr(descriptor_path(fd), name, value, flags),
        }
    }

    fn remove_xattr(&self, name: &[u8]) -> Result<(), Errno> {
        match self {
            Self::Open(fd) => rustix::fs::fremovexattr(fd, name),
            Self::Pinned(fd) => rustix::fs::removexattr(descriptor_path(fd), name),
        }
    }

    fn set_times(&self, times: &Timestamps) -> Result<(), Errno> {
        match self {
            Self::Open(fd) => rustix::fs::futimens(fd, times),
            Self::Pinned(fd) => match rustix::fs::utimensat(fd, c"", times, AtFlags::EMPTY_PATH) {
                // Before Linux 5.8.
                Err(Errno::INVAL | Errno::NOENT) => {
                    rustix::fs::utimensat(CWD, descriptor_path(fd), times, AtFlags::empty())
                }
                answer => answer,
            },
        }
    }
}

/// Sets owner and group where they differ; tells whether both are the entry's now.
fn set_owner(subject: Subject<'_>, stat: &Stat, wishes: &Wishes<'_>, flaws: &mut Vec<Flaw>) -> bool {
    let Some((uid, gid)) = wishes.owners.wanted(wishes.entry) else {
        return (stat.st_uid, stat.st_gid) == (wishes.entry.uid, wishes.entry.gid);
    };
    if (stat.st_uid, stat.st_gid) == (uid, gid) {
        return true;
    }
    if uid == NOBODY_AT_ALL || gid == NOBODY_AT_ALL {
        flaws.push((Attribute::Owner, None));
        return false;
    }
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    let Err(errno) = subject.chown(Some(uid), Some(gid)) else {
        return true;
    };
    flaws.push((Attribute::Owner, Some(errno)));
    if errno == Errno::PERM {
        // Who cannot give files away may still share them with a group of theirs.
        let _ = subject.chown(None, Some(gid));
    }
    false
}

/// Sets the mode where it differs from `current`, without set-id bits that would serve the wrong owner.
fn set_mode(subject: Subject<'_>, current: Option<u32>, mode: u32, owner_right: bool, flaws: &mut Vec<Flaw>) {
    let mode = mode & 0o7777;
    let allowed = if owner_right { mode } else { mode & !SET_ID };
    if allowed != mode {
        flaws.push((Attribute::SpecialBits, None));
    }
    if current == Some(allowed) {
        return;
    }
    if let Err(errno) = subject.chmod(Mode::from_raw_mode(allowed)) {
        flaws.push((Attribute::Mode, Some(errno)));
        return;
    }
    // The kernel leaves these bits off without a word for who is not of the group.
    let kept = |stat: Stat| stat.st_mode & SET_ID == allowed & SET_ID;
    if allowed & SET_ID != 0 && !rustix::fs::fstat(subject.fd()).is_ok_and(kept) {
        flaws.push((Attribute::SpecialBits, None));
    }
}

fn set_xattrs(subject: Subject<'_>, entry: &Entry, flaws: &mut Vec<Flaw>, which: impl Fn(&[u8]) -> bool) {
    for (name, value) in entry.xattrs.iter().filter(|(name, _)| which(name)) {
        if let Err(errno) = subject.set_xattr(name, value) {
            flaws.push((Attribute::Xattr(name.clone()), Some(errno)));
        }
    }
}

/// Tells whether an attribute is set after the mode.
fn follows_mode(name: &[u8]) -> bool {
    is_acl(name) || name == CAPABILITY
}

fn is_acl(name: &[u8]) -> bool {
    name.starts_with(b"system.posix_acl_")
}

/// Removes the ACL that came from the directory; the entry's own is set later.
fn remove_inherited(subject: Subject<'_>, flaws: &mut Vec<Flaw>) {
    match subject.remove_xattr(ACCESS_ACL) {
        Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
        Err(errno) => flaws.push((Attribute::Xattr(ACCESS_ACL.to_vec()), Some(errno))),
    }
}

/// Removes the ACLs and `user.` attributes that the entry does not have.
fn remove_others(subject: Subject<'_>, entry: &Entry, flaws: &mut Vec<Flaw>) {
    let mut list = Vec::with_capacity(XATTR_LIST_BYTES_MAX);
    if rustix::fs::flistxattr(subject.fd(), rustix::buffer::spare_capacity(&mut list)).is_err() {
        // A file system without attributes has none to remove.
        return;
    }
    let wanted = |name: &[u8]| entry.xattrs.iter().any(|(own, _)| own == name);
    for name in attribute_names(&list) {
        let ours_to_remove = is_acl(name) || name.starts_with(b"user.");
        if !ours_to_remove || wanted(name) {
            continue;
        }
        if let Err(errno) = subject.remove_xattr(name) {
            flaws.push((Attribute::Xattr(name.to_vec()), Some(errno)));
        }
    }
}

fn set_times(subject: Subject<'_>, mtime: FileTime, flaws: &mut Vec<Flaw>) {
    if mtime.nanoseconds > 999_999_999 {
        // Some such values mean "now" to the kernel.
        flaws.push((Attribute::Times, None));
        return;
    }
    let time = Timespec { tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds.into() };
    let times = Timestamps { last_access: time, last_modification: time };
    if let Err(errno) = subject.set_times(&times) {
        flaws.push((Attribute::Times, Some(errno)));
    }
}

fn is_symlink(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Symlink
}

const ACCESS_ACL: &[u8] = b"system.posix_acl_access";
const DEFAULT_ACL: &[u8] = b"system.posix_acl_default";
const CAPABILITY: &[u8] = b"security.capability";
const SET_ID: u32 = 0o6000;
/// What means "do not change" to the kernel, so that nobody can own a file by it.
const NOBODY_AT_ALL: u32 = u32::MAX;
/// The kernel's limit.
pub(crate) const XATTR_LIST_BYTES_MAX: usize = 64 << 10;
