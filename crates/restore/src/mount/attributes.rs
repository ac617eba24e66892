//! What the kernel is told of an entry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{FileAttr, FileType, INodeNo};
use vault::tree::{Content, Entry, EntryKind, FileTime};

use super::shelves::{Node, Shelves, Stored};

/// Sizes and blocks are told in blocks of so many bytes.
const BLOCK_BYTES: u64 = 512;
/// How much a program had better read at once, in bytes.
const READ_BYTES: u32 = 128 << 10;

/// Returns the attributes of what has a number.
pub(super) fn attributes(shelves: &Shelves, number: u64, node: &Node) -> FileAttr {
    match node {
        Node::Stored(Stored { entry, .. }) | Node::Clean(_, _, entry) => of_entry(number, entry),
        Node::Root => {
            let newest =
                shelves.sources.iter().filter_map(|source| source.snapshots.last()).map(|newest| newest.started);
            of_entry(number, &made_up(EntryKind::default(), 0o755, newest.max()))
        }
        Node::Source(at) => {
            let newest = shelves.sources[*at].snapshots.last().map(|newest| newest.started);
            of_entry(number, &made_up(EntryKind::default(), 0o755, newest))
        }
        Node::Latest(at) => {
            let newest = shelves.sources[*at].snapshots.last();
            let target = newest.map(|newest| newest.name.clone()).unwrap_or_default();
            of_entry(number, &made_up(EntryKind::Symlink { target }, 0o777, newest.map(|newest| newest.started)))
        }
    }
}

/// Returns what stands for no entry: the kernel remembers that there is none.
pub(super) fn nothing() -> FileAttr {
    of_entry(0, &Entry::default())
}

fn made_up(kind: EntryKind, mode: u32, time: Option<FileTime>) -> Entry {
    let time = time.unwrap_or_default();
    Entry { kind, mode, mtime: time, ctime: time, ..Entry::default() }
}

fn of_entry(number: u64, entry: &Entry) -> FileAttr {
    let (kind, size, rdev) = match &entry.kind {
        EntryKind::File { size, .. } => (FileType::RegularFile, *size, 0),
        EntryKind::Directory { .. } => (FileType::Directory, 0, 0),
        EntryKind::Symlink { target } => (FileType::Symlink, target.len() as u64, 0),
        EntryKind::Fifo => (FileType::NamedPipe, 0, 0),
        EntryKind::Socket => (FileType::Socket, 0, 0),
        EntryKind::CharDevice { major, minor } => (FileType::CharDevice, 0, device(*major, *minor)),
        EntryKind::BlockDevice { major, minor } => (FileType::BlockDevice, 0, device(*major, *minor)),
    };
    let mtime = system_time(entry.mtime);
    FileAttr {
        ino: INodeNo(number),
        // The kernel counts in signed numbers.
        size: size.min(i64::MAX as u64),
        blocks: blocks(entry),
        atime: mtime,
        mtime,
        ctime: system_time(entry.ctime),
        crtime: UNIX_EPOCH,
        kind,
        perm: (entry.mode & 0o7777) as u16,
        // Of a folder this means: not counted.
        nlink: 1,
        uid: entry.uid,
        gid: entry.gid,
        rdev,
        blksize: READ_BYTES,
        flags: 0,
    }
}

/// About how many blocks a file would take. How many holes a large file has is not known without reading its lists: a little
/// less than all makes programs that copy ask where the holes are.
fn blocks(entry: &Entry) -> u64 {
    match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } => {
            let stored = chunks.iter().filter(|chunk| !chunk.is_zeros()).map(|chunk| chunk.bytes.div_ceil(BLOCK_BYTES));
            stored.fold(0, u64::saturating_add)
        }
        EntryKind::File { size, content: Content::List(..), .. } => (size / BLOCK_BYTES).saturating_sub(1),
        _ => 0,
    }
}

/// Puts a device's numbers together as the kernel does in 32 bits.
fn device(major: u32, minor: u32) -> u32 {
    (minor & 0xff) | (major & 0xfff) << 8 | (minor & !0xff) << 12
}

/// Returns a time; one that cannot be said is 1970.
fn system_time(time: FileTime) -> SystemTime {
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let whole = if time.seconds < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
    let exact = whole.and_then(|whole| whole.checked_add(Duration::from_nanos(time.nanoseconds.into())));
    exact.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_and_far_away_are_times() {
        let time = |seconds, nanoseconds| system_time(FileTime { seconds, nanoseconds });
        assert_eq!(time(-1, 500_000_000), UNIX_EPOCH - Duration::from_millis(500));
        assert_eq!(time(1, 7), UNIX_EPOCH + Duration::new(1, 7));
        for far in [i64::MIN, i64::MAX] {
            time(far, 999_999_999);
        }
    }

    #[test]
    fn absurd_sizes_are_told_as_what_the_kernel_can_hold() {
        let content = Content::List(vault::id::BlobId([1; 32]), 8);
        let entry = Entry { kind: EntryKind::File { size: u64::MAX, content, sha256: None }, ..Entry::default() };
        assert_eq!(of_entry(2, &entry).size, i64::MAX as u64);
        assert_eq!((device(8, 1), device(259, 300)), (0x801, 0x1_0000 << 4 | 259 << 8 | 44));
    }
}
