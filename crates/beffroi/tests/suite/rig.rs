//! A sealed environment, a vault in it, and the program.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The program.
pub const BEFFROI: &str = env!("CARGO_BIN_EXE_beffroi");

/// A folder with a source, and places for a vault, a state and a kit.
pub struct Rig {
    pub folder: tempfile::TempDir,
}

/// What a run of the program left.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub bytes: Vec<u8>,
}

impl Rig {
    /// Makes a folder without a vault.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("source")).unwrap();
        fs::write(folder.path().join("notify.toml"), "").unwrap();
        Self { folder }
    }

    /// Makes a vault in which this machine is enrolled.
    pub fn new() -> Self {
        let rig = Self::empty();
        let kit = rig.path("kit");
        rig.run(["init", "vault", "--recovery-out", kit.to_str().unwrap()]).done();
        rig
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path("source").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Prepares a run: nothing of the surroundings comes in.
    pub fn command(&self) -> Command {
        let mut command = Command::new(BEFFROI);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("TZ", "UTC");
        command.env("BEFFROI_VAULT", self.path("vault")).env("BEFFROI_STATE", self.path("state"));
        // Who is told on the machine that tests is not told of tests.
        command.env("BEFFROI_NOTIFY", self.path("notify.toml"));
        if self.path("kit").exists() {
            command.env("BEFFROI_IDENTITY", self.path("kit"));
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        Ran::of(self.command().args(arguments).output().unwrap())
    }

    /// Runs without the kit.
    pub fn run_sealed(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        Ran::of(self.command().env_remove("BEFFROI_IDENTITY").args(arguments).output().unwrap())
    }

    /// Runs as root without its privileges: rights count.
    pub fn run_powerless(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all", "--", BEFFROI]).args(arguments);
        for (name, value) in self.command().get_envs() {
            value.map(|value| command.env(name, value));
        }
        Ran::of(command.env("LANG", "C").current_dir(self.folder.path()).stdin(Stdio::null()).output().unwrap())
    }

    /// Keeps the source, and returns the snapshot's id.
    pub fn backup(&self) -> String {
        let ran = self.run(["--json", "backup", "source"]).done();
        ran.events("summary")[0]["snapshot"].as_str().unwrap().to_string()
    }

    /// Returns the files of the vault's packs.
    pub fn packs(&self) -> Vec<PathBuf> {
        let mut packs = Vec::new();
        let mut waiting = vec![self.path("vault")];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else if path.components().any(|part| part.as_os_str() == "packs")
                    && !path.file_name().unwrap().to_str().unwrap().starts_with('.')
                {
                    packs.push(path);
                }
            }
        }
        packs
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }

    /// Demands an exit code.
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n--- out:\n{}\n--- err:\n{}", self.out, self.err);
        self
    }

    /// Demands success.
    pub fn done(self) -> Self {
        self.ends(0)
    }

    /// Demands words on standard error. No-break spaces count as blanks.
    pub fn says(self, words: &str) -> Self {
        let err = self.err.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(err.contains(words), "no “{words}” in:\n{err}");
        self
    }

    /// Reads the JSON lines of an event; every line must be JSON.
    pub fn events(&self, event: &str) -> Vec<Value> {
        let lines = self.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["event"] == event).collect()
    }
}

/// Tells whether two folders hold the same, to the byte.
pub fn same(one: &Path, other: &Path) -> bool {
    Command::new("diff").arg("-r").args([one, other]).stdout(Stdio::null()).status().unwrap().success()
}

/// Returns the permission bits.
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Returns bytes that do not compress.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut noise = Vec::with_capacity(bytes + 8);
    while noise.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend(state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    noise.truncate(bytes);
    noise
}
