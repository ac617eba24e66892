//! A vault, a state, a kit and a source, and the real program that works on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use restore::compare::{CompareOptions, compare_trees};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_remount, unmount};
use serde_json::Value;
use vault::check::{CheckMonitor, CheckOptions, SnapshotName, check};
use vault::id::StrandId;
use vault::kit::RecoveryKit;
use vault::scratch::Scratch;
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;

/// Everything of one town hall, in a temporary folder.
pub struct Desk(tempfile::TempDir);

/// What the program did.
pub struct Done {
    pub code: Option<i32>,
    /// What it told programs, line by line.
    pub events: Vec<Value>,
    /// What it told people.
    pub words: String,
}

impl Desk {
    /// Makes an empty vault below `base`, with this machine enrolled.
    pub fn new(base: &Path) -> Self {
        let desk = Self::unfounded(base);
        desk.found();
        desk
    }

    /// Makes the folder only: something may be mounted in it before [`Desk::found`].
    pub fn unfounded(base: &Path) -> Self {
        Self(tempfile::Builder::new().prefix("beffroi-interruptions-").tempdir_in(base).unwrap())
    }

    pub fn found(&self) {
        let (vault, kit) = (self.path("vault"), self.path("kit"));
        self.run(&["init", vault.to_str().unwrap(), "--recovery-out", kit.to_str().unwrap()]).succeeded();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Prepares the program, for this vault and this state.
    pub fn beffroi(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beffroi"));
        command.args(words).args(["--json", "--no-progress", "--lang", "en"]);
        command.env("BEFFROI_STATE", self.path("state")).env("BEFFROI_IDENTITY", self.path("kit"));
        if words[0] != "init" {
            command.env("BEFFROI_VAULT", self.path("vault"));
        }
        command
    }

    /// Prepares the program as [`Desk::beffroi`] does, with a clock that is some days behind.
    pub fn beffroi_on_day(&self, words: &[&str], days_ago: u64) -> Command {
        let mut command = self.beffroi(words);
        command.env("LD_PRELOAD", clock_library()).env("FAKETIME", format!("-{}", days_ago * 86_400));
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    pub fn run_on_day(&self, words: &[&str], days_ago: u64) -> Done {
        Done::of(&self.beffroi_on_day(words, days_ago).stdin(Stdio::null()).output().unwrap())
    }

    pub fn run(&self, words: &[&str]) -> Done {
        Done::of(&self.beffroi(words).stdin(Stdio::null()).output().unwrap())
    }

    pub fn backup(&self) -> Done {
        self.run(&self.backup_words().each_ref().map(String::as_str))
    }

    /// One thread: the moments of a kill are then spread over more of the work.
    pub fn backup_words(&self) -> [String; 5] {
        let words = ["backup", "--jobs=1", "--source", "town"].map(String::from);
        let [backup, jobs, option, name] = words;
        [backup, jobs, option, name, self.path("source").to_str().unwrap().into()]
    }

    /// Restores a snapshot into a new folder and compares it with what it must be.
    pub fn assert_restores(&self, snapshot: &str, truth: &Path) {
        let back = self.path("back");
        self.run(&["restore", snapshot, "--to", back.to_str().unwrap()]).succeeded();
        assert_same(truth, &back);
        fs::remove_dir_all(back).unwrap();
    }

    /// Returns the ids of the snapshots, oldest first.
    pub fn snapshots(&self) -> Vec<String> {
        let listed = self.run(&["snapshots"]).succeeded();
        listed.events.iter().filter_map(|event| Some(event["snapshot"].as_str()?.to_string())).collect()
    }

    /// Reads every byte of the vault and every tree in it.
    pub fn assert_sound(&self) {
        self.assert_sound_at(&self.path("vault"));
    }

    /// Reads every byte of a copy of the vault.
    pub fn assert_sound_at(&self, vault: &Path) {
        let store = DirectoryStore::open(vault, DirectoryAccess::ReadOnly).unwrap();
        let kit = RecoveryKit::parse(&fs::read_to_string(self.path("kit")).unwrap()).unwrap();
        let options = CheckOptions { read_data_percent: Some(100), seed: 1, jobs: 2 };
        let report =
            check(&Vault::open(Arc::new(store)).unwrap(), Some(&kit), &options, &Scratch::new("/var/tmp"), &Quiet)
                .unwrap();
        assert!(report.is_sound(), "{report:#?}");
    }

    /// Returns the bytes of all packs in the vault, and of unfinished writes.
    pub fn stored_bytes(&self) -> (u64, u64) {
        let (mut packs, mut leftovers) = (0, 0);
        for file in files_below(&self.path("vault")) {
            // A running backup gives a file its name meanwhile.
            let Ok(bytes) = fs::metadata(&file).map(|metadata| metadata.len()) else { continue };
            let is_leftover = file.file_name().unwrap().to_str().unwrap().starts_with(".tmp-");
            match is_leftover {
                true => leftovers += bytes,
                false if file.components().any(|part| part.as_os_str() == "packs") => packs += bytes,
                false => {}
            }
        }
        (packs, leftovers)
    }
}

impl Done {
    fn of(output: &Output) -> Self {
        let lines = String::from_utf8(output.stdout.clone()).unwrap();
        Self {
            code: output.status.code(),
            events: lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            words: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.words);
        self
    }

    /// Asserts that it failed, with one of the catalogue's messages and no panic.
    pub fn failed_with(&self, key: &str) {
        assert_eq!(self.code, Some(1), "{}", self.words);
        let keys = &self.events.last().unwrap()["keys"];
        let told = keys.as_array().unwrap().iter().any(|told| told == key);
        assert!(told && !self.words.contains("panicked"), "{key}: {keys}\n{}", self.words);
    }

    /// Returns a figure of the summary.
    pub fn figure(&self, name: &str) -> u64 {
        self.events.last().unwrap()[name].as_u64().unwrap()
    }
}

/// Returns the library of Debian's package `faketime`.
fn clock_library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).filter(|path| path.exists());
    libraries.next().expect("libfaketime is missing, type: apt-get install -y faketime")
}

/// Runs a command and kills it after a time; tells whether it was still running.
pub fn kill_after(command: &mut Command, delay: Duration) -> bool {
    let start = Instant::now();
    kill_when(command, || {
        std::thread::sleep(delay.saturating_sub(start.elapsed()));
        true
    })
}

/// Runs a command and kills it once something is the case; tells whether it was still running.
pub fn kill_when(command: &mut Command, mut is_time: impl FnMut() -> bool) -> bool {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && !is_time() {}
    child.kill().unwrap();
    let status = child.wait().unwrap();
    // What libfaketime shares among processes stays behind when one is killed.
    for name in ["faketime_shm", "sem.faketime_sem"] {
        let _ = fs::remove_file(format!("/dev/shm/{name}_{}", child.id()));
    }
    assert!(status.success() || status.code().is_none(), "{status}");
    status.code().is_none()
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed())
}

pub fn assert_same(truth: &Path, back: &Path) {
    let comparison = compare_trees(truth, back, &CompareOptions::default()).unwrap();
    assert!(comparison.is_same(), "{} and {}: {:#?}", truth.display(), back.display(), comparison.differences);
}

/// Returns everything below a folder that is no folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// Returns bytes that look random and come again with the same seed.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut noise: Vec<u8> = std::iter::repeat_with(|| dice.next().to_le_bytes()).flatten().take(bytes + 7).collect();
    noise.truncate(bytes);
    noise
}

/// Chance that repeats itself.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Splitmix64: its state is a counter, so that any seed will do.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Returns a moment of a duration, or a little after it.
    pub fn moment_of(&mut self, duration: Duration) -> Duration {
        duration.mul_f64(self.below(1050) as f64 / 1000.0)
    }
}

pub fn count(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |count| count.parse().unwrap())
}

/// A memory file system of a certain size, mounted until dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts at `place`, which is made; only root may.
    pub fn new(place: PathBuf, size: &str) -> Self {
        assert!(rustix::process::geteuid().is_root(), "only root may mount: run the tests as root");
        fs::create_dir(&place).unwrap();
        let options = std::ffi::CString::new(format!("mode=0700,size={size}")).unwrap();
        mount("tmpfs", &place, "tmpfs", MountFlags::empty(), options.as_c_str()).unwrap();
        Self(place)
    }

    pub fn remount(&self, size: &str, read_only: bool) {
        let flags = if read_only { MountFlags::RDONLY } else { MountFlags::empty() };
        mount_remount(&self.0, flags, format!("size={size}")).unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        unmount(&self.0, UnmountFlags::DETACH).unwrap();
    }
}

struct Quiet;

impl CheckMonitor for Quiet {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {}
    fn stopping(&self) -> bool {
        false
    }
}
