//! Entries and nodes as bytes (`docs/format.md` §7).

use minicbor::Decoder;

use super::build::ITEMS_MAX;
use super::entry::{ChunkRef, Content, Entry, EntryKind, FileTime};
use crate::bytes::{self, FormatError, Writer};
use crate::id::BlobId;

const ENTRY: &str = "tree entry";
const NODE: &str = "tree node";

const FLAG_TORN: u64 = 1;
const FLAG_MADE_UP: u64 = 2;

/// A node of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node {
    /// Entries, sorted by name.
    Leaf(Vec<Entry>),
    /// Nodes of the level below.
    Branch(u64, Vec<Child>),
}

impl Node {
    /// Returns how many levels of nodes are below: none below a leaf.
    pub fn level(&self) -> u64 {
        match self {
            Self::Leaf(_) => 0,
            Self::Branch(level, _) => *level,
        }
    }

    /// About how much memory the node takes, in bytes, if its plain text has so many.
    pub(crate) fn bytes_in_memory(&self, plain_bytes: usize) -> usize {
        plain_bytes
            + match self {
                Self::Leaf(entries) => size_of_val(entries.as_slice()),
                Self::Branch(_, children) => size_of_val(children.as_slice()),
            }
    }
}

/// A node below another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Child {
    /// Name of its first entry.
    pub first: Vec<u8>,
    /// The node.
    pub id: BlobId,
    /// How many entries of this directory it leads to.
    pub entries: u64,
}

/// Writes an entry.
pub fn write_entry(entry: &Entry) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(count_fields(entry));
    out.unsigned(0).bytes(&entry.name);
    out.unsigned(1).unsigned(type_number(&entry.kind));
    out.unsigned(2).unsigned(u64::from(entry.mode));
    out.unsigned(3).unsigned(u64::from(entry.uid));
    out.unsigned(4).unsigned(u64::from(entry.gid));
    write_optional(&mut out, 5, entry.user.as_deref());
    write_optional(&mut out, 6, entry.group.as_deref());
    write_time(&mut out, 7, entry.mtime);
    write_time(&mut out, 9, entry.ctime);
    if entry.size() > 0 {
        out.unsigned(11).unsigned(entry.size());
    }
    if !entry.xattrs.is_empty() {
        out.unsigned(12).array(entry.xattrs.len());
        for (name, value) in &entry.xattrs {
            out.array(2).bytes(name).bytes(value);
        }
    }
    write_optional(&mut out, 13, entry.hard_link.as_deref());
    write_kind(&mut out, entry);
    out.finish()
}

fn write_kind(out: &mut Writer, entry: &Entry) {
    let flags = flags(entry);
    match &entry.kind {
        EntryKind::Symlink { target } => write_optional(out, 14, Some(target)),
        EntryKind::CharDevice { major, minor } | EntryKind::BlockDevice { major, minor } => {
            out.unsigned(15).array(2).unsigned(u64::from(*major)).unsigned(u64::from(*minor));
        }
        EntryKind::File { content, .. } => write_content(out, content),
        EntryKind::Directory { node, .. } => write_optional(out, 18, node.as_ref().map(|id| &id.0[..])),
        EntryKind::Fifo | EntryKind::Socket => {}
    }
    write_optional(out, 19, entry.facts.as_deref());
    if let EntryKind::File { sha256, .. } = &entry.kind {
        write_optional(out, 20, sha256.as_ref().map(|hash| &hash[..]));
    }
    if flags > 0 {
        out.unsigned(21).unsigned(flags);
    }
    if let EntryKind::Directory { entries_below, bytes_below, .. } = entry.kind {
        for (key, value) in [(22, entries_below), (23, bytes_below)] {
            if value > 0 {
                out.unsigned(key).unsigned(value);
            }
        }
    }
}

fn write_content(out: &mut Writer, content: &Content) {
    match content {
        Content::Chunks(chunks) if chunks.is_empty() => {}
        Content::Chunks(chunks) => {
            out.unsigned(16).array(chunks.len() * 2);
            for chunk in chunks {
                out.bytes(&chunk.id.0).unsigned(chunk.bytes);
            }
        }
        Content::List(id, level) => {
            out.unsigned(17).array(2).bytes(&id.0).unsigned(u64::from(*level));
        }
    }
}

fn write_optional(out: &mut Writer, key: u64, value: Option<&[u8]>) {
    if let Some(value) = value {
        out.unsigned(key).bytes(value);
    }
}

fn write_time(out: &mut Writer, key: u64, time: FileTime) {
    out.unsigned(key).signed(time.seconds);
    if time.nanoseconds > 0 {
        out.unsigned(key + 1).unsigned(u64::from(time.nanoseconds));
    }
}

fn count_fields(entry: &Entry) -> usize {
    let present = |condition: bool| usize::from(condition);
    let kind = match &entry.kind {
        EntryKind::Symlink { .. } | EntryKind::CharDevice { .. } | EntryKind::BlockDevice { .. } => 1,
        EntryKind::File { content, sha256, .. } => {
            present(*content != Content::EMPTY) + present(sha256.is_some()) + present(entry.size() > 0)
        }
        EntryKind::Directory { node, entries_below, bytes_below } => {
            present(node.is_some()) + present(*entries_below > 0) + present(*bytes_below > 0)
        }
        EntryKind::Fifo | EntryKind::Socket => 0,
    };
    let optional = [
        entry.user.is_some(),
        entry.group.is_some(),
        entry.mtime.nanoseconds > 0,
        entry.ctime.nanoseconds > 0,
        !entry.xattrs.is_empty(),
        entry.hard_link.is_some(),
        entry.facts.is_some(),
        flags(entry) > 0,
    ];
    7 + kind + optional.into_iter().filter(|is| *is).count()
}

fn flags(entry: &Entry) -> u64 {
    (if entry.torn { FLAG_TORN } else { 0 }) | (if entry.made_up { FLAG_MADE_UP } else { 0 })
}

fn type_number(kind: &EntryKind) -> u64 {
    match kind {
        EntryKind::File { .. } => 0,
        EntryKind::Directory { .. } => 1,
        EntryKind::Symlink { .. } => 2,
        EntryKind::Fifo => 3,
        EntryKind::Socket => 4,
        EntryKind::CharDevice { .. } => 5,
        EntryKind::BlockDevice { .. } => 6,
    }
}

/// Reads an entry of a directory; its name is one that is safe to create.
pub fn parse_entry(item: &[u8]) -> Result<Entry, FormatError> {
    let mut read = Decoder::new(item);
    let entry = read_entry(&mut read)?;
    bytes::end(&read, ENTRY)?;
    if is_safe_name(&entry.name) { Ok(entry) } else { Err(FormatError::Malformed(ENTRY)) }
}

/// Reads a root entry: a directory without a name.
pub fn read_root(read: &mut Decoder<'_>) -> Result<Entry, FormatError> {
    let entry = read_entry(read)?;
    if entry.name.is_empty() && entry.is_directory() { Ok(entry) } else { Err(FormatError::Malformed(ENTRY)) }
}

/// Tells whether a name can be one component of a path: not empty, `.` or `..`, without `/` or zero, at most 255 bytes.
pub fn is_safe_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && name.len() <= 255 && !name.iter().any(|b| matches!(b, b'/' | 0))
}

/// The fields of an entry as they come, before they are known to fit together.
#[derive(Default)]
struct Fields {
    entry: Entry,
    kind: Option<u64>,
    size: u64,
    target: Option<Vec<u8>>,
    device: Option<(u32, u32)>,
    content: Option<Content>,
    node: Option<BlobId>,
    sha256: Option<[u8; 32]>,
    entries_below: u64,
    bytes_below: u64,
}

fn read_entry(read: &mut Decoder<'_>) -> Result<Entry, FormatError> {
    let mut fields = Fields::default();
    bytes::read_map(read, ENTRY, |key, read| read_field(&mut fields, key, read))?;
    let malformed = FormatError::Malformed(ENTRY);
    let mut entry = fields.entry;
    let device = || fields.device.ok_or(FormatError::Malformed(ENTRY));
    entry.kind = match fields.kind.ok_or(FormatError::Malformed(ENTRY))? {
        0 => EntryKind::File {
            size: fields.size,
            content: fields.content.unwrap_or(Content::EMPTY),
            sha256: fields.sha256,
        },
        1 => EntryKind::Directory {
            node: fields.node,
            entries_below: fields.entries_below,
            bytes_below: fields.bytes_below,
        },
        2 => EntryKind::Symlink { target: fields.target.ok_or(FormatError::Malformed(ENTRY))? },
        3 => EntryKind::Fifo,
        4 => EntryKind::Socket,
        5 => device().map(|(major, minor)| EntryKind::CharDevice { major, minor })?,
        6 => device().map(|(major, minor)| EntryKind::BlockDevice { major, minor })?,
        _ => return Err(FormatError::Newer(ENTRY)),
    };
    let times_fit = [entry.mtime, entry.ctime].iter().all(|time| time.nanoseconds < 1_000_000_000);
    if entry.mode <= 0o7777 && times_fit && content_fits(&entry.kind) { Ok(entry) } else { Err(malformed) }
}

/// The chunks of a file add up to its size.
fn content_fits(kind: &EntryKind) -> bool {
    match kind {
        EntryKind::File { size, content: Content::Chunks(chunks), .. } => {
            chunks.len() <= Content::INLINE_MAX
                && chunks.iter().try_fold(0u64, |sum, chunk| sum.checked_add(chunk.bytes)) == Some(*size)
        }
        _ => true,
    }
}

fn read_field(fields: &mut Fields, key: u64, read: &mut Decoder<'_>) -> Result<bool, FormatError> {
    let entry = &mut fields.entry;
    match key {
        0 => entry.name = bytes::bytes(read, ENTRY)?.to_vec(),
        1 => fields.kind = Some(bytes::unsigned(read, ENTRY)?),
        2 => entry.mode = bytes::small(read, ENTRY)?,
        3 => entry.uid = bytes::small(read, ENTRY)?,
        4 => entry.gid = bytes::small(read, ENTRY)?,
        5 => entry.user = Some(bytes::bytes(read, ENTRY)?.to_vec()),
        6 => entry.group = Some(bytes::bytes(read, ENTRY)?.to_vec()),
        7 => entry.mtime.seconds = bytes::signed(read, ENTRY)?,
        8 => entry.mtime.nanoseconds = bytes::small(read, ENTRY)?,
        9 => entry.ctime.seconds = bytes::signed(read, ENTRY)?,
        10 => entry.ctime.nanoseconds = bytes::small(read, ENTRY)?,
        11 => fields.size = bytes::unsigned(read, ENTRY)?,
        12 => entry.xattrs = read_xattrs(read)?,
        13 => entry.hard_link = Some(bytes::bytes(read, ENTRY)?.to_vec()),
        14 => fields.target = Some(bytes::bytes(read, ENTRY)?.to_vec()),
        15 => {
            expect_array(read, 2)?;
            fields.device = Some((bytes::small(read, ENTRY)?, bytes::small(read, ENTRY)?));
        }
        16 => fields.content = Some(read_chunks(read)?),
        17 if fields.content.is_some() => return Err(FormatError::Malformed(ENTRY)),
        17 => {
            expect_array(read, 2)?;
            let id = BlobId(bytes::fixed(read, ENTRY)?);
            let level = u8::try_from(bytes::unsigned(read, ENTRY)?).map_err(|_| FormatError::TooLarge(ENTRY))?;
            fields.content = Some(Content::List(id, level));
        }
        18 => fields.node = Some(BlobId(bytes::fixed(read, ENTRY)?)),
        19 => entry.facts = Some(bytes::bytes(read, ENTRY)?.to_vec()),
        20 => fields.sha256 = Some(bytes::fixed(read, ENTRY)?),
        21 => {
            let flags = bytes::unsigned(read, ENTRY)?;
            (entry.torn, entry.made_up) = (flags & FLAG_TORN > 0, flags & FLAG_MADE_UP > 0);
        }
        22 => fields.entries_below = bytes::unsigned(read, ENTRY)?,
        23 => fields.bytes_below = bytes::unsigned(read, ENTRY)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn expect_array(read: &mut Decoder<'_>, items: u64) -> Result<(), FormatError> {
    if bytes::array(read, ENTRY)? == items { Ok(()) } else { Err(FormatError::Malformed(ENTRY)) }
}

fn read_xattrs(read: &mut Decoder<'_>) -> Result<Vec<(Vec<u8>, Vec<u8>)>, FormatError> {
    let mut xattrs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for _ in 0..bytes::array(read, ENTRY)? {
        expect_array(read, 2)?;
        let (name, value) = (bytes::bytes(read, ENTRY)?.to_vec(), bytes::bytes(read, ENTRY)?.to_vec());
        if xattrs.last().is_some_and(|(before, _)| *before >= name) {
            return Err(FormatError::Malformed(ENTRY));
        }
        xattrs.push((name, value));
    }
    Ok(xattrs)
}

fn read_chunks(read: &mut Decoder<'_>) -> Result<Content, FormatError> {
    let items = bytes::array(read, ENTRY)?;
    if items % 2 != 0 || items > 2 * Content::INLINE_MAX as u64 {
        return Err(FormatError::Malformed(ENTRY));
    }
    let chunk = |_| Ok(ChunkRef { id: BlobId(bytes::fixed(read, ENTRY)?), bytes: bytes::unsigned(read, ENTRY)? });
    (0..items / 2).map(chunk).collect::<Result<_, _>>().map(Content::Chunks)
}

/// Reads a node. Entries must be sorted, with safe names.
pub fn parse_node(plain: &[u8]) -> Result<Node, FormatError> {
    let mut read = Decoder::new(plain);
    let (mut level, mut node) = (None, None);
    bytes::read_map(&mut read, NODE, |key, read| {
        match (key, level) {
            (0, _) => level = Some(bytes::unsigned(read, NODE)?),
            (1, Some(0)) => node = Some(Node::Leaf(read_leaf(read)?)),
            (1, Some(level @ 1..=16)) => node = Some(Node::Branch(level, read_branch(read)?)),
            (1, _) => return Err(FormatError::Malformed(NODE)),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    bytes::end(&read, NODE)?;
    node.ok_or(FormatError::Malformed(NODE))
}

fn read_leaf(read: &mut Decoder<'_>) -> Result<Vec<Entry>, FormatError> {
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..items(read)? {
        let entry = read_entry(read)?;
        let after = entries.last().is_none_or(|last| last.name < entry.name);
        if !after || !is_safe_name(&entry.name) {
            return Err(FormatError::Malformed(NODE));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Reads how many items a node has. Those of a few bytes take hundreds in memory: a large node of them would fill it.
fn items(read: &mut Decoder<'_>) -> Result<u64, FormatError> {
    let items = bytes::array(read, NODE)?;
    if items > ITEMS_MAX as u64 { Err(FormatError::TooLarge(NODE)) } else { Ok(items) }
}

fn read_branch(read: &mut Decoder<'_>) -> Result<Vec<Child>, FormatError> {
    let mut children: Vec<Child> = Vec::new();
    for _ in 0..items(read)? {
        if bytes::array(read, NODE)? != 3 {
            return Err(FormatError::Malformed(NODE));
        }
        let first = bytes::bytes(read, NODE)?.to_vec();
        let child = Child { first, id: BlobId(bytes::fixed(read, NODE)?), entries: bytes::unsigned(read, NODE)? };
        if children.last().is_some_and(|last| last.first >= child.first) {
            return Err(FormatError::Malformed(NODE));
        }
        children.push(child);
    }
    Ok(children)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Entry {
        Entry {
            name: b"plan \xff\n.docx".to_vec(),
            kind: EntryKind::File {
                size: 1_000_010,
                content: Content::Chunks(vec![
                    ChunkRef { id: BlobId([1; 32]), bytes: 10 },
                    ChunkRef { id: BlobId::ZEROS, bytes: 1_000_000 },
                ]),
                sha256: Some([3; 32]),
            },
            mode: 0o6755,
            uid: 1000,
            gid: u32::MAX,
            user: Some(b"mairie".to_vec()),
            group: None,
            mtime: FileTime { seconds: -5, nanoseconds: 999_999_999 },
            ctime: FileTime { seconds: 1 << 40, nanoseconds: 0 },
            xattrs: vec![(b"user.a".to_vec(), vec![]), (b"user.b".to_vec(), vec![0, 1])],
            hard_link: Some(b"a/first".to_vec()),
            facts: Some(vec![9]),
            torn: true,
            made_up: false,
        }
    }

    #[test]
    fn entries_of_every_kind_are_read_as_they_were_written() {
        let kinds = [
            EntryKind::File { size: 0, content: Content::EMPTY, sha256: None },
            EntryKind::File { size: 1 << 40, content: Content::List(BlobId([4; 32]), 2), sha256: None },
            EntryKind::Directory { node: Some(BlobId([5; 32])), entries_below: 3, bytes_below: 0 },
            EntryKind::default(),
            EntryKind::Symlink { target: b"../..".to_vec() },
            EntryKind::Fifo,
            EntryKind::Socket,
            EntryKind::CharDevice { major: 1, minor: 3 },
            EntryKind::BlockDevice { major: u32::MAX, minor: 0 },
        ];
        let small = kinds.map(|kind| Entry { name: b"n".to_vec(), kind, ..Entry::default() });
        for entry in [full()].into_iter().chain(small) {
            assert_eq!(parse_entry(&write_entry(&entry)), Ok(entry));
        }
    }

    #[test]
    fn hostile_entries_are_refused() {
        let names: [&[u8]; 7] = [b"", b".", b"..", b"/etc/passwd", b"a/b", b"a\0b", &[b'x'; 256]];
        for name in names {
            let entry = Entry { name: name.to_vec(), ..full() };
            assert!(parse_entry(&write_entry(&entry)).is_err(), "{name:?}");
        }
        let mode = Entry { mode: 0o10000, ..full() };
        assert!(parse_entry(&write_entry(&mode)).is_err());
        let chunks = Content::Chunks(vec![ChunkRef { id: BlobId([1; 32]), bytes: 10 }]);
        let size = Entry { kind: EntryKind::File { size: 11, content: chunks, sha256: None }, ..full() };
        assert!(parse_entry(&write_entry(&size)).is_err(), "chunks that do not add up");
        let attribute = |name: &[u8]| (name.to_vec(), Vec::new());
        for xattrs in [[attribute(b"user.b"), attribute(b"user.a")], [attribute(b"user.a"), attribute(b"user.a")]] {
            assert!(
                parse_entry(&write_entry(&Entry { xattrs: xattrs.to_vec(), ..full() })).is_err(),
                "attributes out of order"
            );
        }
    }

    #[test]
    fn an_entry_tells_its_content_once() {
        let entry = |content: &[u64]| {
            let mut out = Writer::default();
            out.map(1 + content.len()).unsigned(1).unsigned(0);
            for key in content {
                match key {
                    16 => drop(out.unsigned(16).array(0)),
                    _ => drop(out.unsigned(17).array(2).bytes(&[1; 32]).unsigned(0)),
                }
            }
            let node = out.finish();
            read_entry(&mut Decoder::new(&node)).map(|entry| entry.kind)
        };
        assert!(entry(&[16]).is_ok() && entry(&[17]).is_ok());
        assert_eq!(entry(&[16, 17]), Err(FormatError::Malformed(ENTRY)));
    }

    #[test]
    fn a_node_says_its_level_and_what_is_in_it() {
        assert_eq!(parse_node(&[0xa2, 0, 0, 1, 0x80]), Ok(Node::Leaf(vec![])));
        assert_eq!(parse_node(&[0xa2, 0, 16, 1, 0x80]), Ok(Node::Branch(16, vec![])));
        for node in [&[0xa0][..], &[0xa1, 0, 0], &[0xa1, 0, 17], &[0xa1, 1, 0x80], &[0xa2, 0, 17, 1, 0x80]] {
            assert_eq!(parse_node(node), Err(FormatError::Malformed(NODE)), "{node:?}");
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_a_reader_panic() {
        let bytes = write_entry(&full());
        for at in 0..bytes.len() {
            for change in [1, 0x20, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                let _ = parse_entry(&changed);
                let _ = parse_node(&changed);
            }
        }
    }
}
