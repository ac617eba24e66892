//! Measures what a backup and a restore cannot do without: each stage alone, on one core, over the same bytes.
//!
//! ```sh
//! cargo run --release -p beffroi-vault --example floor -- FOLDER SCRATCH
//! ```
//!
//! Prints seconds of one core as JSON. `SCRATCH` is a folder on the medium where vaults and restored trees go; what is written
//! there stays in its folder `floor`. A backup that keeps all cores busy cannot take less than the sum of its stages over the
//! number of cores, unless a stage itself gets faster.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that measures and prints")]

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Timespec, Timestamps, fchown, fstat, futimens, openat, statat};
use vault::blob::{BlobKind, BlobOpener, BlobOrigin, BlobSealer, zstd_version};
use vault::chunk::{ChunkSizes, Chunker};
use vault::id::BlobId;
use vault::secret::SecretKey;

const LEVEL: i8 = 3;
const SALT: [u8; 32] = [1; 32];
const PACK_BYTES: usize = 16 << 20;

fn main() {
    let [_, folder, scratch] = std::env::args_os().collect::<Vec<_>>().try_into().expect("usage: floor FOLDER SCRATCH");
    let (folder, scratch) = (PathBuf::from(folder), PathBuf::from(scratch).join("floor"));
    fs::create_dir_all(scratch.join("packs")).expect("a folder to write to");
    let mut files = Vec::new();
    let walk = timed(|| list(&folder, &mut files));
    let mut stages = Stages::new(scratch.join("packs"));
    for path in &files {
        stages.keep(path);
    }
    stages.write_pack();
    let create = timed(|| create_files(&scratch.join("restored"), &folder, &files));
    stages.print(files.len(), walk, create);
}

/// Seconds of each stage, and what it works with.
struct Stages {
    chunker: Chunker,
    id_key: SecretKey,
    session: SecretKey,
    sealer: BlobSealer,
    opener: BlobOpener,
    seen: HashSet<BlobId>,
    packs: PathBuf,
    pack: Vec<u8>,
    pack_count: u64,
    content: Vec<u8>,
    bytes: u64,
    stored_bytes: u64,
    seconds: Seconds,
}

#[derive(Default)]
struct Seconds {
    read: Duration,
    chunk: Duration,
    hash: Duration,
    compress_and_seal: Duration,
    name_packs: Duration,
    write: Duration,
    open: Duration,
}

impl Stages {
    fn new(packs: PathBuf) -> Self {
        let session = SecretKey::new([9; 32]);
        Self {
            chunker: Chunker::new(&SecretKey::new([7; 32]), ChunkSizes::default()),
            id_key: SecretKey::new([8; 32]),
            sealer: BlobSealer::new(session.clone(), SALT, LEVEL),
            session,
            opener: BlobOpener::default(),
            seen: HashSet::new(),
            packs,
            pack: Vec::with_capacity(2 * PACK_BYTES),
            pack_count: 0,
            content: Vec::new(),
            bytes: 0,
            stored_bytes: 0,
            seconds: Seconds::default(),
        }
    }

    fn keep(&mut self, path: &Path) {
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        self.seconds.read += timed(|| {
            let mut file = File::open(path).expect("a file that can be read");
            file.read_to_end(&mut content).expect("a file that can be read");
        });
        self.bytes += content.len() as u64;
        let mut rest = content.as_slice();
        while !rest.is_empty() {
            let began = Instant::now();
            let length = self.chunker.first(rest);
            self.seconds.chunk += began.elapsed();
            self.keep_chunk(&rest[..length]);
            rest = &rest[length..];
        }
        self.content = content;
    }

    fn keep_chunk(&mut self, plain: &[u8]) {
        let kind = BlobKind::Chunk;
        let began = Instant::now();
        let id = kind.id(&self.id_key, plain);
        self.seconds.hash += began.elapsed();
        if !self.seen.insert(id) {
            return;
        }
        let began = Instant::now();
        let (sealed, coding) = self.sealer.seal(&id, plain);
        self.seconds.compress_and_seal += began.elapsed();
        let start = self.pack.len();
        self.pack.extend_from_slice(sealed);
        let mut sealed = self.pack[start..].to_vec();
        let origin = BlobOrigin { session: &self.session, salt: &SALT, zstd_version: zstd_version() };
        let began = Instant::now();
        let opened = self.opener.open(&origin, &self.id_key, (kind, &id), &coding, &mut sealed);
        self.seconds.open += began.elapsed();
        assert!(opened.expect("what was sealed opens") == plain);
        if self.pack.len() >= PACK_BYTES {
            self.write_pack();
        }
    }

    fn write_pack(&mut self) {
        let began = Instant::now();
        let hash = blake3::hash(&self.pack);
        self.seconds.name_packs += began.elapsed();
        self.pack_count += 1;
        self.stored_bytes += self.pack.len() as u64;
        let path = self.packs.join(hash.to_hex().as_str());
        self.seconds.write += timed(|| {
            let mut file = File::create(path).expect("room for a pack");
            file.write_all(&self.pack).expect("room for a pack");
            file.sync_all().expect("a medium that keeps what it is given");
        });
        self.pack.clear();
    }

    fn print(&self, files: usize, walk: Duration, create: Duration) {
        let took = &self.seconds;
        let backup = [
            ("walk", walk),
            ("read", took.read),
            ("chunk", took.chunk),
            ("hash", took.hash),
            ("compress and seal", took.compress_and_seal),
            ("name packs", took.name_packs),
            ("write packs", took.write),
        ];
        // Content that several files share is opened once.
        let restore = [("open, decompress and verify", took.open), ("create and fill", create)];
        println!("{{");
        println!("  \"files\": {files}, \"bytes\": {}, \"stored_bytes\": {},", self.bytes, self.stored_bytes);
        println!("  \"packs\": {},", self.pack_count);
        print_stages("first", &backup);
        println!(",");
        print_stages("unchanged", &backup[..1]);
        println!(",");
        print_stages("restore", &restore);
        println!("\n}}");
    }
}

fn print_stages(step: &str, stages: &[(&str, Duration)]) {
    let seconds = |took: &Duration| format!("{:.3}", took.as_secs_f64());
    let parts: Vec<_> = stages.iter().map(|(name, took)| format!("\"{name}\": {}", seconds(took))).collect();
    let sum: Duration = stages.iter().map(|(_, took)| *took).sum();
    print!("  \"{step}\": {{{}, \"sum\": {}}}", parts.join(", "), seconds(&sum));
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// Lists a tree as a backup must: every name, and what the system knows of it.
fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let handle = openat(CWD, &folder, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("a folder");
        for entry in fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("a folder that can be read");
            let stat = statat(&handle, entry.file_name().as_bytes(), AtFlags::SYMLINK_NOFOLLOW).expect("an entry");
            match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
                rustix::fs::FileType::Directory => folders.push(entry.path()),
                rustix::fs::FileType::RegularFile => files.push(entry.path()),
                _ => {}
            }
        }
    }
}

/// Makes all files anew, with their content, owners and times, as a restore must. The content comes from the page cache:
/// reading it is in this figure, and so are the folders.
fn create_files(to: &Path, from: &Path, files: &[PathBuf]) {
    let mut buffer = Vec::new();
    let mut last = PathBuf::new();
    for path in files {
        let target = to.join(path.strip_prefix(from).expect("it was found there"));
        let folder = target.parent().expect("it is below the target");
        if folder != last {
            fs::create_dir_all(folder).expect("a folder can be made");
            last = folder.to_path_buf();
        }
        buffer.clear();
        File::open(path).and_then(|mut file| file.read_to_end(&mut buffer)).expect("a file that can be read");
        let mut file = File::create_new(&target).expect("a file can be made");
        file.write_all(&buffer).expect("room for a file");
        let stat = fs::metadata(path).expect("it is still there");
        fchown(&file, None, None).expect("its owner stays");
        let time = Timespec { tv_sec: stat.mtime(), tv_nsec: stat.mtime_nsec() };
        futimens(&file, &Timestamps { last_access: time, last_modification: time }).expect("its time can be set");
        fstat(&file).expect("it can be looked at");
    }
}
