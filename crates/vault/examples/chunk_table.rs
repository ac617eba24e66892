//! Prints what sizes of chunks and levels of compression cost and save on real folders.
//!
//! ```sh
//! cargo run --release -p beffroi-vault --example chunk_table -- FOLDER…
//! ```
//!
//! Several folders are taken as later states of one source: what they share is stored once.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that measures and prints")]

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use vault::chunk::{ChunkSizes, Chunker};
use vault::secret::SecretKey;
use vault::source::{Event, Extent, FileKind, FileReader, RootPaths, Walk, WalkOptions};

/// Bytes that a blob costs besides its content: tag, and its line in a directory, of which the id does not compress.
const BLOB_EXTRA_BYTES: u64 = 16 + 36;

#[derive(Default)]
struct Totals {
    bytes: u64,
    blobs: u64,
    unique_bytes: u64,
    stored_bytes: u64,
    compressing: Duration,
    seen: HashSet<[u8; 32]>,
}

fn main() {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    assert!(!folders.is_empty(), "usage: chunk_table FOLDER…");
    println!(
        "| smallest / average / largest, KiB | level | blobs | unique, MiB | stored, MiB | of it per blob, MiB | compressing, s |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for average_kib in [256, 512, 1024, 2048, 4096] {
        measure(&folders, average_kib, 3);
    }
    for level in [1, 6, 9] {
        measure(&folders, 1024, level);
    }
}

fn measure(folders: &[PathBuf], average_kib: usize, level: i32) {
    let sizes = ChunkSizes {
        bytes_min: (average_kib << 10) / 4,
        bytes_average: average_kib << 10,
        bytes_max: (average_kib << 10) * 4,
    };
    let chunker = Chunker::new(&SecretKey::new([7; 32]), sizes);
    let mut compressor = zstd::bulk::Compressor::new(level).expect("memory for a compressor");
    let mut totals = Totals::default();
    for folder in folders {
        let roots = RootPaths::resolve(std::slice::from_ref(folder)).expect("an absolute folder");
        let walk = Walk::open(&roots, WalkOptions::everything(std::env::temp_dir())).expect("a folder");
        for event in walk {
            let Event::Item(item) = event else { continue };
            if item.stat.kind == FileKind::File && (item.stat.links == 1 || totals.seen.insert(inode_key(&item))) {
                let Ok(reader) = FileReader::open(&item) else { continue };
                cut(reader, &chunker, &mut |chunk| totals.add(chunk, &mut compressor));
            }
        }
    }
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "| {} / {} / {} | {level} | {} | {:.0} of {:.0} | {:.1} | {:.1} | {:.1} |",
        sizes.bytes_min >> 10,
        sizes.bytes_average >> 10,
        sizes.bytes_max >> 10,
        totals.blobs,
        mib(totals.unique_bytes),
        mib(totals.bytes),
        mib(totals.stored_bytes + totals.blobs * BLOB_EXTRA_BYTES),
        mib(totals.blobs * BLOB_EXTRA_BYTES),
        totals.compressing.as_secs_f64(),
    );
}

fn inode_key(item: &vault::source::Item) -> [u8; 32] {
    *blake3::hash(&[item.stat.identity.device.to_le_bytes(), item.stat.identity.inode.to_le_bytes()].concat())
        .as_bytes()
}

fn cut(mut reader: FileReader, chunker: &Chunker, take: &mut dyn FnMut(&[u8])) {
    let mut buffer = vec![0; 2 * chunker.sizes().bytes_max];
    let mut filled = 0;
    loop {
        let (read, hole) = match reader.next(&mut buffer[filled..]) {
            Ok(Some(Extent::Data(data))) => (data.len(), false),
            Ok(Some(Extent::Hole(_))) => (0, true),
            Ok(None) | Err(_) => (0, false),
        };
        filled += read;
        let last = read == 0;
        let mut start = 0;
        while start < filled && (last || filled - start >= chunker.sizes().bytes_max) {
            let length = chunker.first(&buffer[start..filled]);
            take(&buffer[start..start + length]);
            start += length;
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        if last && !hole {
            return;
        }
    }
}

impl Totals {
    fn add(&mut self, chunk: &[u8], compressor: &mut zstd::bulk::Compressor<'_>) {
        self.bytes += chunk.len() as u64;
        if chunk.iter().all(|byte| *byte == 0) || !self.seen.insert(*blake3::hash(chunk).as_bytes()) {
            return;
        }
        self.blobs += 1;
        self.unique_bytes += chunk.len() as u64;
        let began = Instant::now();
        let coded = compressor.compress(chunk).expect("memory to compress");
        self.compressing += began.elapsed();
        self.stored_bytes += coded.len().min(chunk.len()) as u64;
    }
}
