//! The tree of a snapshot: every node and chunk list is read, every chunk is located, every number is compared.
//!
//! Nothing here recurses: trees are as deep as whoever wrote them pleased.

use std::sync::Arc;
use std::vec;

use super::memory::{Memory, Summary};
use super::packs::{BlobState, read_damage};
use super::report::{Damage, FaultNumber, Findings, HurtPart};
use super::strand::Scene;
use crate::blob::BlobKind;
use crate::bytes::FormatError;
use crate::content::parse_list;
use crate::id::BlobId;
use crate::read::{Located, PackNumber, StrandReader};
use crate::scratch::ScratchError;
use crate::tree::{Child, ChunkRef, Content, Entry, EntryKind, Node, parse_node};

/// Walks the tree of a snapshot.
pub(super) fn check_tree(
    scene: &Scene<'_>,
    memory: &mut Memory,
    blobs: &mut BlobState,
    findings: &mut Findings,
) -> Result<(), ScratchError> {
    let reader = Arc::clone(scene.opened.strand());
    memory.begin(scene.opened.packs(), reader.pack_count());
    let mut walk = Walk {
        scene,
        reader: &reader,
        memory,
        blobs,
        findings,
        blind_spots: None,
        frames: Vec::new(),
        held_bytes: 0,
        first_held: 0,
        path: Vec::new(),
        total: Summary::default(),
        failed: None,
    };
    walk.run();
    walk.failed.map_or(Ok(()), Err)
}

struct Walk<'a> {
    scene: &'a Scene<'a>,
    reader: &'a StrandReader,
    memory: &'a mut Memory,
    blobs: &'a mut BlobState,
    findings: &'a mut Findings,
    blind_spots: Option<Vec<FaultNumber>>,
    frames: Vec<Frame>,
    /// What the items of all frames take in memory, about.
    held_bytes: usize,
    /// The items of the frames before this one were let go.
    first_held: usize,
    path: Vec<u8>,
    total: Summary,
    /// Blobs cannot be looked up: what is found from here on means nothing.
    failed: Option<ScratchError>,
}

/// A node that is being walked.
struct Frame {
    id: BlobId,
    items: Items,
    /// How many items were taken.
    taken: usize,
    /// About what the items take in memory.
    bytes: usize,
    place: Place,
    found: Summary,
}

/// Items of frames above this many bytes are let go, the outermost first, and read again.
const HELD_BYTES_MAX: usize = 16 << 20;

enum Items {
    Leaf(vec::IntoIter<Entry>),
    Branch(u64, vec::IntoIter<Child>),
    /// Let go.
    Gone,
}

/// What stands above a node.
enum Place {
    /// A directory: its name, what is told of entries and bytes below, and how long the path above it is.
    Directory { name: Vec<u8>, entries_below: u64, bytes_below: u64, path_bytes: usize },
    /// A node of the level above.
    Node { first: Vec<u8>, entries: u64, level: u64 },
}

/// A blob that was read, and the pack that had it.
type Read = Result<(Vec<u8>, PackNumber), Vec<FaultNumber>>;

impl Walk<'_> {
    fn run(&mut self) {
        let root = self.scene.opened.root().clone();
        self.enter(&root);
        while let Some(frame) = self.frames.last_mut() {
            if self.failed.is_some() || self.scene.plan.monitor.stopping() {
                return;
            }
            match &mut frame.items {
                Items::Gone => self.read_again(),
                Items::Leaf(entries) => match entries.next() {
                    Some(entry) => {
                        frame.taken += 1;
                        self.entry(entry);
                    }
                    None => self.leave(),
                },
                Items::Branch(level, children) => match children.next() {
                    Some(child) => {
                        frame.taken += 1;
                        let place = Place::Node { first: child.first, entries: child.entries, level: *level - 1 };
                        self.descend(child.id, place);
                    }
                    None => self.leave(),
                },
            }
        }
        self.compare_counts();
    }

    fn entry(&mut self, entry: Entry) {
        if entry.is_directory() {
            return self.enter(&entry);
        }
        let mut found = Summary { files: 1, bytes: entry.size(), ..Summary::default() };
        if let EntryKind::File { size, content, .. } = &entry.kind {
            let causes = self.check_content(content, *size, &mut found);
            if !causes.is_empty() {
                let path_bytes = self.path.len();
                self.push_name(&entry.name);
                self.hurt(HurtPart::Content, causes, &mut found);
                self.path.truncate(path_bytes);
            }
        }
        self.take(&entry.name, found);
    }

    /// Begins a directory.
    fn enter(&mut self, directory: &Entry) {
        let EntryKind::Directory { node, entries_below, bytes_below } = directory.kind else { return };
        let place =
            Place::Directory { name: directory.name.clone(), entries_below, bytes_below, path_bytes: self.path.len() };
        self.push_name(&directory.name);
        match node {
            Some(id) => self.descend(id, place),
            None => self.settle(place, Summary::default()),
        }
    }

    /// Begins a node, unless it is known.
    fn descend(&mut self, id: BlobId, place: Place) {
        if let Some(found) = self.known(&id, &place) {
            if found.hurt > 0 {
                self.findings.hurt_more(self.scene.name, found.hurt);
            }
            return self.settle(place, found);
        }
        let read = self.read(BlobKind::Node, &id).and_then(|(plain, pack)| self.parse(&plain, pack, &place));
        match read {
            Ok((items, bytes, found)) => self.push(Frame { id, items, taken: 0, bytes, place, found }),
            Err(causes) => {
                let mut found = Summary::default();
                self.hurt(HurtPart::Entries, causes, &mut found);
                self.settle(place, found);
            }
        }
    }

    /// Adds a frame; those furthest up let go of their items if all together hold too much.
    fn push(&mut self, frame: Frame) {
        self.held_bytes += frame.bytes;
        if self.held_bytes > HELD_BYTES_MAX {
            while self.held_bytes > HELD_BYTES_MAX / 2 && self.first_held < self.frames.len() {
                let outermost = &mut self.frames[self.first_held];
                outermost.items = Items::Gone;
                self.held_bytes -= std::mem::take(&mut outermost.bytes);
                self.first_held += 1;
            }
        }
        self.frames.push(frame);
    }

    /// Reads the items of the last frame again, which were let go.
    fn read_again(&mut self) {
        let Some(id) = self.frames.last().map(|frame| frame.id) else { return };
        let read = self.read(BlobKind::Node, &id);
        let parsed = read.map(|(plain, _)| parse_node(&plain).map(|node| (node.bytes_in_memory(plain.len()), node)));
        let mut lost = Summary::default();
        if let Err(causes) = &parsed {
            self.hurt(HurtPart::Entries, causes.clone(), &mut lost);
        }
        let Some(frame) = self.frames.last_mut() else { return };
        frame.found.add_below(&lost);
        // What was parsed once is parsed again, or the medium failed in between: then it is told, and nothing follows.
        frame.items = Items::Leaf(Vec::new().into_iter());
        if let Ok(Ok((bytes, node))) = parsed {
            frame.bytes = bytes;
            frame.items = items_after(node, frame.taken).1;
            self.held_bytes += bytes;
        }
    }

    fn parse(
        &mut self,
        plain: &[u8],
        pack: PackNumber,
        place: &Place,
    ) -> Result<(Items, usize, Summary), Vec<FaultNumber>> {
        let mut found = Summary::default();
        found.packs.insert(pack);
        let wrong = FormatError::Malformed("tree node");
        let parsed = parse_node(plain).and_then(|node| {
            let bytes = node.bytes_in_memory(plain.len());
            let (level, items) = items_after(node, 0);
            found.level = level;
            let expected = matches!(place, Place::Directory { .. }) || place.level() == Some(level);
            if expected { Ok((items, bytes)) } else { Err(wrong) }
        });
        match parsed {
            Ok((items, bytes)) => Ok((items, bytes, found)),
            Err(source) => Err(vec![self.findings.fault(Some(self.reader.pack_name(pack)), Damage::Malformed(source))]),
        }
    }

    /// Returns what is known of a subtree, if that is all that there is to say of it here.
    fn known(&mut self, id: &BlobId, place: &Place) -> Option<Summary> {
        let enough = self.findings.names_enough(&self.scene.name);
        let known = match self.memory.sound(BlobKind::Node, id) {
            Some(sound) => sound,
            None => self.memory.unsound(BlobKind::Node, id).filter(|found| enough || found.hurt == 0)?,
        };
        let tells = match place {
            Place::Directory { .. } => true,
            Place::Node { level, .. } => *level == known.level && known.names.is_some(),
        };
        tells.then(|| known.clone())
    }

    /// Ends a node.
    fn leave(&mut self) {
        let Some(Frame { id, place, mut found, bytes, .. }) = self.frames.pop() else { return };
        self.held_bytes -= bytes;
        self.first_held = self.first_held.min(self.frames.len().saturating_sub(1));
        if matches!(place, Place::Directory { .. }) {
            found.names = None;
        }
        self.memory.remember(BlobKind::Node, id, found.clone());
        self.settle(place, found);
    }

    /// Compares what was found with what is told above, and adds it there.
    fn settle(&mut self, place: Place, mut found: Summary) {
        match place {
            Place::Directory { name, entries_below, bytes_below, path_bytes } => {
                if found.hurt == 0 {
                    found.untrue |= self.is_untrue("entries below a directory", entries_below, found.entries);
                    found.untrue |= self.is_untrue("bytes below a directory", bytes_below, found.bytes);
                }
                self.path.truncate(path_bytes);
                self.take(&name, Summary { names: None, direct: 0, level: 0, ..found });
            }
            Place::Node { first, entries, .. } => {
                let (lower, upper) = found.names.take().map_or_else(|| (first.clone(), first.clone()), |names| *names);
                let whole = found.hurt == 0;
                let untrue = whole && self.is_untrue("entries of a directory", entries, found.direct);
                let Some(parent) = self.frames.last_mut() else { return };
                parent.found.direct = parent.found.direct.saturating_add(found.direct);
                parent.found.add_below(&found);
                let disordered = !parent.found.follow(&first, &upper) || (whole && lower != first);
                parent.found.untrue |= untrue || disordered;
                if disordered {
                    let fault = self.findings.fault(Some(self.scene.name.object()), Damage::Disordered);
                    self.findings.touch(self.scene.name, fault);
                }
            }
        }
    }

    /// Adds an entry and what is below it to the node that holds it.
    fn take(&mut self, name: &[u8], mut found: Summary) {
        let Some(parent) = self.frames.last_mut() else {
            self.total = found;
            return;
        };
        found.entries = found.entries.saturating_add(1);
        parent.found.direct = parent.found.direct.saturating_add(1);
        parent.found.add_below(&found);
        // Names within a leaf are in order, or it would not have been parsed.
        parent.found.follow(name, name);
    }

    /// Returns the causes for which bytes of a file are lost; none if it is whole.
    fn check_content(&mut self, content: &Content, size: u64, found: &mut Summary) -> Vec<FaultNumber> {
        let mut causes = match content {
            Content::Chunks(chunks) => self.check_chunks(chunks, found),
            Content::List(id, level) => self.check_lists(ChunkRef { id: *id, bytes: size }, *level, found),
        };
        causes.sort_unstable();
        causes.dedup();
        causes
    }

    fn check_chunks(&mut self, chunks: &[ChunkRef], found: &mut Summary) -> Vec<FaultNumber> {
        let mut causes = Vec::new();
        for chunk in chunks.iter().filter(|chunk| !chunk.is_zeros()) {
            match self.locate_chunk(chunk) {
                Ok(pack) => found.packs.insert(pack),
                Err(why) => causes.extend(why),
            }
        }
        causes.sort_unstable();
        causes.dedup();
        causes
    }

    /// Walks the chunk lists of a file.
    fn check_lists(&mut self, top: ChunkRef, level: u8, found: &mut Summary) -> Vec<FaultNumber> {
        let mut open: Vec<OpenList> = Vec::new();
        let mut all = Vec::new();
        let mut next = Some((top, level));
        loop {
            if let Some((list, level)) = next.take() {
                match self.list(&list, level, found) {
                    List::Known(causes) => match open.last_mut() {
                        Some(above) => above.causes.extend(causes),
                        None => all.extend(causes),
                    },
                    List::Open(list) => open.push(list),
                }
            }
            let Some(last) = open.last_mut() else { return all };
            next = last.below.next().map(|list| (list, last.level - 1));
            if next.is_none()
                && let Some(done) = open.pop()
            {
                let causes = self.close_list(done, found);
                open.last_mut().map_or(&mut all, |above| &mut above.causes).extend(causes);
            }
        }
    }

    /// Reads a list, unless it is known; one of level 0 is done at once.
    fn list(&mut self, list: &ChunkRef, level: u8, found: &mut Summary) -> List {
        if let Some(known) = self.memory.sound(BlobKind::List, &list.id).filter(|known| is_list(known, list, level)) {
            found.packs.join(known.packs);
            return List::Known(Vec::new());
        }
        if let Some(causes) = self.memory.lost_list(&list.id) {
            return List::Known(causes.clone());
        }
        let (plain, pack) = match self.read(BlobKind::List, &list.id) {
            Ok(read) => read,
            Err(causes) => return List::Known(causes),
        };
        let records = match parse_list(&plain, level, list.bytes) {
            Ok(records) => records,
            Err(source) => {
                let name = self.reader.pack_name(pack);
                return List::Known(vec![self.findings.fault(Some(name), Damage::Malformed(source))]);
            }
        };
        let mut own = Summary { level: level.into(), bytes: list.bytes, ..Summary::default() };
        own.packs.insert(pack);
        let (causes, below) =
            if level == 0 { (self.check_chunks(&records, &mut own), Vec::new()) } else { (Vec::new(), records) };
        List::Open(OpenList { id: list.id, level, below: below.into_iter(), found: own, causes })
    }

    /// Ends a list, and returns why it leads to lost bytes.
    fn close_list(&mut self, list: OpenList, found: &mut Summary) -> Vec<FaultNumber> {
        let OpenList { id, level, found: mut own, mut causes, .. } = list;
        found.packs.join(own.packs);
        if causes.is_empty() {
            if level > 0 {
                // What is below was added to the file alone.
                own.packs.join(found.packs);
            }
            self.memory.remember(BlobKind::List, id, own);
        } else {
            causes.sort_unstable();
            causes.dedup();
            self.memory.lose_list(id, causes.clone());
        }
        causes
    }

    /// Finds a sound copy of a chunk in a pack that the snapshot names.
    fn locate_chunk(&mut self, chunk: &ChunkRef) -> Result<PackNumber, Vec<FaultNumber>> {
        let mut causes = Vec::new();
        let reader = self.reader;
        for copy in self.or_end(reader.locator().copies(&chunk.id)).into_iter().flatten() {
            let Some((place, Located { location, .. })) = self.or_end(copy) else { break };
            if location.kind != BlobKind::Chunk || !self.scene.opened.packs().contains(location.pack) {
                continue;
            }
            if self.blobs.is_bad(place) {
                causes.extend(self.blobs.cause(location.pack));
            } else if u64::from(location.coding.plain_bytes) == chunk.bytes {
                return Ok(location.pack);
            } else {
                let object = Some(self.scene.name.object());
                causes.push(self.findings.fault(object, Damage::WrongLength { blob: chunk.id }));
            }
        }
        Err(self.or_unlocated(causes, &chunk.id))
    }

    /// Reads a blob from a pack that the snapshot names.
    fn read(&mut self, kind: BlobKind, id: &BlobId) -> Read {
        let mut causes = Vec::new();
        let reader = self.reader;
        for copy in self.or_end(reader.locator().copies(id)).into_iter().flatten() {
            let Some((place, Located { location, .. })) = self.or_end(copy) else { break };
            if location.kind != kind || !self.scene.opened.packs().contains(location.pack) {
                continue;
            }
            if !self.blobs.is_bad(place) {
                match reader.read_blob(kind, id, &location).map_err(read_damage) {
                    Ok(plain) => return Ok((plain, location.pack)),
                    Err(Ok((object, what))) => {
                        let fault = self.findings.fault(object, what);
                        self.blobs.mark(place);
                        self.blobs.blame(location.pack, fault);
                    }
                    Err(Err(error)) => drop(self.failed.get_or_insert(error)),
                }
            }
            causes.extend(self.blobs.cause(location.pack));
        }
        Err(self.or_unlocated(causes, id))
    }

    /// Takes what was looked up; the walk ends if that failed.
    fn or_end<T>(&mut self, found: Result<T, ScratchError>) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(error) => {
                self.failed.get_or_insert(error);
                None
            }
        }
    }

    /// Says why a blob is lost: the faults of its copies or, if there is none, of what may have held it.
    fn or_unlocated(&mut self, mut causes: Vec<FaultNumber>, id: &BlobId) -> Vec<FaultNumber> {
        if causes.is_empty() {
            let scene = self.scene;
            causes.clone_from(self.blind_spots.get_or_insert_with(|| scene.blind_spots()));
        }
        if causes.is_empty() {
            let object = Some(self.scene.name.object());
            causes.push(self.findings.fault(object, Damage::Unlocated { first: *id }));
        }
        causes
    }

    fn hurt(&mut self, part: HurtPart, causes: Vec<FaultNumber>, found: &mut Summary) {
        found.hurt = 1;
        self.findings.hurt_path(self.scene.name, &self.path, part, causes);
    }

    fn push_name(&mut self, name: &[u8]) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
    }

    fn compare_counts(&mut self) {
        let total = std::mem::take(&mut self.total);
        self.findings.report.counts.files += total.files;
        if total.hurt == 0 {
            let told = self.scene.snapshot.manifest.counts;
            self.is_untrue("files", told.files, total.files);
            self.is_untrue("bytes", told.bytes, total.bytes);
        }
    }

    /// Compares a number that is told with the one that was found, and notes where they differ.
    fn is_untrue(&mut self, what: &'static str, told: u64, found: u64) -> bool {
        if told != found {
            let object = Some(self.scene.name.object());
            let fault = self.findings.fault(object, Damage::Untrue { what, told, found });
            self.findings.touch(self.scene.name, fault);
        }
        told != found
    }
}

/// A chunk list that is being walked.
struct OpenList {
    id: BlobId,
    level: u8,
    below: vec::IntoIter<ChunkRef>,
    found: Summary,
    causes: Vec<FaultNumber>,
}

enum List {
    /// All is said: why it leads to lost bytes, if it does.
    Known(Vec<FaultNumber>),
    Open(OpenList),
}

impl Place {
    fn level(&self) -> Option<u64> {
        match self {
            Self::Directory { .. } => None,
            Self::Node { level, .. } => Some(*level),
        }
    }
}

/// Returns the level of a node, and its items but for the first few.
fn items_after(node: Node, taken: usize) -> (u64, Items) {
    match node {
        Node::Leaf(mut entries) => {
            entries.drain(..taken.min(entries.len()));
            (0, Items::Leaf(entries.into_iter()))
        }
        Node::Branch(level, mut children) => {
            children.drain(..taken.min(children.len()));
            (level, Items::Branch(level, children.into_iter()))
        }
    }
}

fn is_list(known: &Summary, list: &ChunkRef, level: u8) -> bool {
    known.level == u64::from(level) && known.bytes == list.bytes
}
