//! The owner at the desk: a process that has the kit and the vault, and tells at its end how much memory it took.
//!
//! `owner check VAULT KIT`, `owner verify VAULT KIT`, `owner list VAULT KIT`, `owner restore VAULT KIT HASH TO [owned]`,
//! `owner walk VAULT KIT HASH`, `owner diff VAULT KIT HASH HASH`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the owner of a test reads files, prints what came out, and may die"
)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use restore::fill::{Fault, RestoreMonitor, RestoreOptions, restore};
use restore::target::{AttributeWarning, Overwrite, Owners};
use rustix::process::{Resource, Rlimit, setrlimit};
use vault::check::{CheckMonitor, CheckOptions, CheckReport, SnapshotName, Verified, VerifyOptions, check, verify_new};
use vault::diff::{DiffItem, diff};
use vault::id::StrandId;
use vault::kit::RecoveryKit;
use vault::read::{ReadFault, SnapshotReader, StrandReader, WalkItem};
use vault::scratch::Scratch;
use vault::snapshots::read_all_snapshots;
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;

/// Stops when it lasts too long, and counts what it does not print.
struct Desk {
    until: Instant,
    faults: AtomicU64,
    warnings: AtomicU64,
}

/// Beyond this the machine would suffer: an allocation fails, and the process with it.
const ADDRESSES_MAX: u64 = 3 << 30;
const SECONDS_MAX: u64 = 60;

fn main() {
    let limit = Rlimit { current: Some(ADDRESSES_MAX), maximum: Some(ADDRESSES_MAX) };
    setrlimit(Resource::As, limit).unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check", vault, kit] => check_all(vault, kit, false),
        ["verify", vault, kit] => check_all(vault, kit, true),
        ["list", vault, kit] => list(vault, kit),
        ["restore", vault, kit, hash, to] => restore_one(vault, kit, (hash, to), Owners::Keep),
        ["restore", vault, kit, hash, to, "owned"] => restore_one(vault, kit, (hash, to), Owners::ByNumber),
        ["walk", vault, kit, hash] => walk(vault, kit, hash),
        ["diff", vault, kit, before, after] => compare(vault, kit, before, after),
        _ => Err("owner: check, verify, list, restore, walk or diff".into()),
    };
    if let Err(error) = done {
        println!("refused {}", chain(error.as_ref()));
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak {}", peak.trim().trim_end_matches(" kB"));
}

fn open(vault: &str, kit: &str) -> Result<(Vault, RecoveryKit), Box<dyn Error>> {
    let vault = Vault::open(Arc::new(DirectoryStore::open(vault, DirectoryAccess::ReadOnly)?))?;
    let kit = RecoveryKit::parse(&fs::read_to_string(kit)?)?;
    vault.accept(&kit)?;
    Ok((vault, kit))
}

/// What does not fit in memory lies beside the kit.
fn scratch(kit: &str) -> Scratch {
    Scratch::new(Path::new(kit).parent().unwrap())
}

fn check_all(vault: &str, kit_path: &str, is_verification: bool) -> Result<(), Box<dyn Error>> {
    let (vault, kit) = open(vault, kit_path)?;
    let (desk, scratch) = (Desk::new(), scratch(kit_path));
    let report = if is_verification {
        let options = VerifyOptions { new_percent: 100, known_percent: 100, seed: 1, jobs: 2 };
        verify_new(&vault, &kit, &options, &Verified::new(), &scratch, &desk)?.0
    } else {
        let options = CheckOptions { read_data_percent: Some(100), seed: 1, jobs: 2 };
        check(&vault, Some(&kit), &options, &scratch, &desk)?
    };
    tell(&report);
    Ok(())
}

fn tell(report: &CheckReport) {
    for fault in &report.faults {
        let object = fault.object.map_or("-".to_string(), |object| object.to_string());
        let mut touched: Vec<_> = fault.snapshots.iter().map(|snapshot| snapshot.seq.to_string()).collect();
        touched.dedup();
        println!("fault {object} [{}] {}", touched.join(","), chain(&fault.what));
    }
    for hurt in &report.hurt {
        println!("hurt {} {}", hurt.snapshot.seq, hurt.snapshot.hash);
    }
    report.orphans.iter().for_each(|orphan| println!("orphan {orphan}"));
    report.foreign.iter().for_each(|strand| println!("foreign {strand}"));
    println!("stopped {}", report.stopped);
}

fn list(vault: &str, kit: &str) -> Result<(), Box<dyn Error>> {
    let (vault, _) = open(vault, kit)?;
    let snapshots = read_all_snapshots(&vault, &mut |fault| println!("fault {}", chain(&fault)))?;
    for snapshot in snapshots {
        println!("snapshot {} {} {}", snapshot.manifest.strand, snapshot.manifest.seq, snapshot.hash);
    }
    Ok(())
}

fn restore_one(vault: &str, kit: &str, (hash, to): (&str, &str), owners: Owners) -> Result<(), Box<dyn Error>> {
    let reader = open_snapshot(vault, kit, hash)?;
    let options = RestoreOptions { overwrite: Overwrite::Never, verify: true, jobs: 2, owners };
    let desk = Desk::new();
    fs::create_dir_all(to)?;
    let outcome = restore(&reader, b"", Path::new(to), &options, &desk)?;
    println!("entries {}", outcome.entries);
    println!("faults {}", outcome.faults);
    println!("verified {}", outcome.verified);
    Ok(())
}

/// What `ls -R` does.
fn walk(vault: &str, kit: &str, hash: &str) -> Result<(), Box<dyn Error>> {
    let reader = open_snapshot(vault, kit, hash)?;
    let (desk, mut entries, mut faults) = (Desk::new(), 0, 0);
    for item in reader.walk(reader.root()).take_while(|_| !desk.is_over()) {
        match item {
            WalkItem::Entry(..) => entries += 1,
            WalkItem::Leave(_) => {}
            WalkItem::Fault(..) => faults += 1,
        }
    }
    tell_counts(&desk, entries, faults);
    Ok(())
}

fn compare(vault: &str, kit: &str, before: &str, after: &str) -> Result<(), Box<dyn Error>> {
    let (before, after) = (open_snapshot(vault, kit, before)?, open_snapshot(vault, kit, after)?);
    let (desk, mut changes, mut faults) = (Desk::new(), 0, 0);
    for item in diff(&before, &after).take_while(|_| !desk.is_over()) {
        match item {
            DiffItem::Change(_) => changes += 1,
            DiffItem::Fault { .. } => faults += 1,
        }
    }
    tell_counts(&desk, changes, faults);
    Ok(())
}

fn tell_counts(desk: &Desk, entries: u64, faults: u64) {
    println!("entries {entries}");
    println!("faults {faults}");
    println!("stopped {}", desk.is_over());
}

fn open_snapshot(vault: &str, kit_path: &str, hash: &str) -> Result<SnapshotReader, Box<dyn Error>> {
    let (vault, kit) = open(vault, kit_path)?;
    let snapshots = read_all_snapshots(&vault, &mut |_| {})?;
    let snapshot = snapshots.iter().find(|snapshot| snapshot.hash.to_hex() == hash).ok_or("no such snapshot")?;
    let secrets = vault.secrets(&kit, &snapshot.manifest.strand)?;
    let mut faults = |fault: ReadFault| println!("fault {}", chain(&fault));
    let store = Arc::clone(vault.store());
    let strand = StrandReader::open(store, secrets, &[snapshot], &scratch(kit_path), &mut faults)?;
    Ok(Arc::new(strand).snapshot(snapshot)?)
}

/// An error with what is behind it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

impl Desk {
    fn new() -> Self {
        let until = Instant::now() + Duration::from_secs(SECONDS_MAX);
        Self { until, faults: AtomicU64::new(0), warnings: AtomicU64::new(0) }
    }

    fn is_over(&self) -> bool {
        Instant::now() > self.until
    }
}

impl CheckMonitor for Desk {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {}
    fn stopping(&self) -> bool {
        self.is_over()
    }
}

impl RestoreMonitor for Desk {
    fn total(&self, _: u64, _: u64) {}
    fn entry(&self, _: u64) {}
    fn fault(&self, fault: Fault) {
        if self.faults.fetch_add(1, Ordering::Relaxed) < 50 {
            println!("fault {} {}", String::from_utf8_lossy(fault.path.as_bytes()), chain(&fault.error));
        }
    }
    fn warning(&self, warning: AttributeWarning) {
        if self.warnings.fetch_add(1, Ordering::Relaxed) < 50 {
            println!("warning {} {:?}", String::from_utf8_lossy(warning.path.as_bytes()), warning.attribute);
        }
    }
    fn stopping(&self) -> bool {
        self.is_over()
    }
}
