//! What each stage of a backup and of a restore costs, apart from the others: chunk, hash, seal, open, tree.
//!
//! ```sh
//! cargo bench -p beffroi-vault
//! ```
//!
//! Contents are made up here, the same on every machine: noise, which does not compress, and words, which compress like
//! office documents before they are zipped. Throughput is of plain bytes, or of entries of a directory.
#![allow(missing_docs, reason = "a program that measures")]

use std::convert::Infallible;
use std::hint::black_box;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use vault::blob::{BlobKind, BlobOpener, BlobOrigin, BlobSealer, zstd_version};
use vault::chunk::{ChunkSizes, Chunker};
use vault::id::BlobId;
use vault::secret::SecretKey;
use vault::tree::{
    BlobSink, ChunkRef, Content, DirectoryBuilder, Entry, EntryKind, FileTime, Splitter, parse_node, write_entry,
};

const LEVEL: i8 = 3;
const SALT: [u8; 32] = [1; 32];
/// A mail, a document, a chunk.
const LENGTHS: [usize; 3] = [4 << 10, 64 << 10, 512 << 10];
const DIRECTORY_ENTRIES: usize = 10_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn chunk(bencher: Bencher<'_, '_>) {
    let chunker = Chunker::new(&SecretKey::new([7; 32]), ChunkSizes::default());
    let content = noise(16 << 20);
    bencher.counter(BytesCount::new(content.len())).bench(|| {
        let (mut rest, mut chunks) = (content.as_slice(), 0);
        while !rest.is_empty() {
            rest = &rest[chunker.first(rest)..];
            chunks += 1;
        }
        chunks
    });
}

#[divan::bench(args = LENGTHS)]
fn hash(bencher: Bencher<'_, '_>, length: usize) {
    let (key, content) = (SecretKey::new([8; 32]), noise(length));
    bencher.counter(BytesCount::new(length)).bench(|| BlobKind::Chunk.id(&key, black_box(&content)));
}

#[divan::bench(args = LENGTHS)]
fn seal_noise(bencher: Bencher<'_, '_>, length: usize) {
    seal(bencher, &noise(length));
}

#[divan::bench(args = LENGTHS)]
fn seal_words(bencher: Bencher<'_, '_>, length: usize) {
    seal(bencher, &words(length));
}

#[divan::bench(args = LENGTHS)]
fn open_noise(bencher: Bencher<'_, '_>, length: usize) {
    open(bencher, &noise(length));
}

#[divan::bench(args = LENGTHS)]
fn open_words(bencher: Bencher<'_, '_>, length: usize) {
    open(bencher, &words(length));
}

#[divan::bench]
fn write_directory(bencher: Bencher<'_, '_>) {
    let (entries, splitter) = (entries(), Splitter::new(&SecretKey::new([7; 32])));
    bencher.counter(ItemsCount::new(DIRECTORY_ENTRIES)).bench(|| build(&entries, &splitter));
}

#[divan::bench]
fn parse_directory(bencher: Bencher<'_, '_>) {
    let nodes = build(&entries(), &Splitter::new(&SecretKey::new([7; 32])));
    bencher.counter(ItemsCount::new(DIRECTORY_ENTRIES)).bench(|| {
        nodes.iter().for_each(|plain| drop(black_box(parse_node(plain).expect("a node that was just written"))));
    });
}

fn seal(bencher: Bencher<'_, '_>, plain: &[u8]) {
    let mut sealer = BlobSealer::new(SecretKey::new([9; 32]), SALT, LEVEL);
    let id = BlobKind::Chunk.id(&SecretKey::new([8; 32]), plain);
    bencher.counter(BytesCount::new(plain.len())).bench_local(|| sealer.seal(&id, plain).0.len());
}

/// Opens, decompresses and verifies. The sealed bytes are copied each time, for they are used as working space.
fn open(bencher: Bencher<'_, '_>, plain: &[u8]) {
    let (session, id_key) = (SecretKey::new([9; 32]), SecretKey::new([8; 32]));
    let id = BlobKind::Chunk.id(&id_key, plain);
    let mut sealer = BlobSealer::new(session.clone(), SALT, LEVEL);
    let (sealed, coding) = sealer.seal(&id, plain);
    let origin = BlobOrigin { session: &session, salt: &SALT, zstd_version: zstd_version() };
    let mut opener = BlobOpener::default();
    let mut work = Vec::new();
    bencher.counter(BytesCount::new(plain.len())).bench_local(|| {
        work.clear();
        work.extend_from_slice(sealed);
        opener.open(&origin, &id_key, (BlobKind::Chunk, &id), &coding, &mut work).expect("what was sealed opens").len()
    });
}

/// Keeps the nodes of a directory as they are.
#[derive(Default)]
struct Nodes(Vec<Vec<u8>>);

impl BlobSink for Nodes {
    type Error = Infallible;

    fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, Infallible> {
        self.0.push(plain.to_vec());
        Ok(kind.id(&SecretKey::new([8; 32]), plain))
    }
}

fn build(entries: &[Entry], splitter: &Splitter) -> Vec<Vec<u8>> {
    let (mut builder, mut nodes) = (DirectoryBuilder::default(), Nodes::default());
    for entry in entries {
        let Ok(()) = builder.add(&entry.name, &write_entry(entry), splitter, &mut nodes);
    }
    let Ok(_) = builder.finish(splitter, &mut nodes);
    nodes.0
}

fn entries() -> Vec<Entry> {
    let time = FileTime { seconds: 1_700_000_000, nanoseconds: 123_456_789 };
    let entry = |number: usize| Entry {
        name: format!("courrier-{number:06}.eml").into_bytes(),
        kind: EntryKind::File {
            size: 4096,
            content: Content::Chunks(vec![ChunkRef { id: BlobId([number as u8; 32]), bytes: 4096 }]),
            sha256: None,
        },
        mode: 0o640,
        uid: 1000,
        gid: 1000,
        user: Some(b"mairie".to_vec()),
        group: Some(b"mairie".to_vec()),
        mtime: time,
        ctime: time,
        ..Entry::default()
    };
    (0..DIRECTORY_ENTRIES).map(entry).collect()
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut content = vec![0; bytes];
    blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut content);
    content
}

fn words(bytes: usize) -> Vec<u8> {
    let list =
        ["le ", "conseil ", "municipal ", "décide ", "d'approuver ", "les ", "travaux ", "de ", "la ", "rue ", "\n"];
    let text = noise(bytes).into_iter().flat_map(|byte| list[usize::from(byte) % list.len()].bytes());
    text.take(bytes).collect()
}
