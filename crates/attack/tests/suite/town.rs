//! A town: a vault in a folder, an agent that adds to it, another agent, and the kit.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use vault::backup::{Agent, BackupError, BackupOptions, Monitor, Outcome, Remark, backup_tree};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;
use vault::world::{Clock, Entropy, Timestamp};

/// The memory that nothing hostile makes the owner exceed, in KiB.
pub const PEAK_KIB_MAX: u64 = 300 << 10;

pub struct World;

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_700_000_200)
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system has randomness");
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Monitor for Notes {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        self.0.lock().unwrap().push(format!("{remark:?}"));
    }
    fn stopping(&self) -> bool {
        false
    }
}

/// Files by path with their content, other entries with `None`.
pub type Contents = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

pub struct Town {
    folder: tempfile::TempDir,
    pub kit: RecoveryKit,
    /// Of the machine that is robbed, then of its neighbour.
    machines: [AgentKeys; 2],
    /// What every snapshot must hold: its number, its hash, its content.
    pub kept: Vec<(u64, String, Contents)>,
    /// The owner at the desk is not root.
    is_owner_nobody: bool,
}

/// What a program printed.
pub struct Said(pub Vec<String>);

impl Town {
    /// Two snapshots of the machine that will be robbed, and one of its neighbour.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["source-0", "source-1", "state-0", "state-1", "desk"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let store = Arc::new(DirectoryStore::create(folder.path().join("vault")).unwrap());
        let (mut vault, kit) = Vault::found(store, &[], World.now(), &World).unwrap();
        let machines = ["mairie", "voisine"].map(|label| vault.enrol(&kit, label, World.now(), &World).unwrap());
        fs::write(folder.path().join("desk/kit.txt"), kit.to_text(&[]).as_bytes()).unwrap();
        let mut town = Self { folder, kit, machines, kept: Vec::new(), is_owner_nobody: false };
        for machine in [0, 1] {
            let folder =
                StateFolder::open(&town.path(&format!("state-{machine}"))).unwrap().for_vault(vault.id()).unwrap();
            town.machines[machine].save_new(&folder).unwrap();
        }
        town.write(0, "courrier/lettre.txt", b"Madame, Monsieur, votre demande est acceptee.");
        town.write(0, "courrier/efface.txt", b"signalement confidentiel, efface depuis");
        town.keep(0).unwrap();
        fs::remove_file(town.path("source-0/courrier/efface.txt")).unwrap();
        town.write(0, "image.bin", &noise(7, 100_000));
        town.keep(0).unwrap();
        town.write(1, "registre.txt", b"registre de la voisine");
        town.keep(1).unwrap();
        town
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, machine: usize, path: &str, content: &[u8]) {
        let path = self.path(&format!("source-{machine}")).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn vault(&self) -> Vault {
        let store = DirectoryStore::open(self.path("vault"), DirectoryAccess::ReadWrite).unwrap();
        Vault::open(Arc::new(store)).unwrap()
    }

    /// Name of a machine's strand.
    pub fn strand(&self, machine: usize) -> String {
        self.machines[machine].strand.to_hex()
    }

    /// Makes a backup of a machine; it must give back from then on what its source holds now.
    pub fn keep(&mut self, machine: usize) -> Result<Outcome, BackupError> {
        let outcome = self.backup(machine)?;
        self.kept.push((outcome.seq, outcome.hash.to_hex(), read_folder(&self.path(&format!("source-{machine}")))));
        Ok(outcome)
    }

    /// Makes a backup of which nothing is promised.
    pub fn backup(&self, machine: usize) -> Result<Outcome, BackupError> {
        let (vault, state) = (self.vault(), self.path(&format!("state-{machine}")));
        let folder = StateFolder::open(&state).unwrap().for_vault(vault.id()).unwrap();
        let lock = folder.lock().unwrap();
        let keys = &self.machines[machine];
        let agent = Agent { vault: &vault, keys, folder: &folder, lock: &lock, clock: &World, entropy: &World };
        let roots = RootPaths::resolve(&[self.path(&format!("source-{machine}"))])?;
        let walk = Walk::open(&roots, WalkOptions::everything(state))?;
        backup_tree(agent, walk, &Names::of_machine(), &options(), &Notes::default())
    }

    /// Lets the attacker loose on copies, and adds to the vault what he made and what was not there before.
    pub fn suffer(&self, attack: &str) -> Said {
        let given = tempfile::tempdir_in(self.folder.path()).unwrap();
        copy(&self.path("state-0"), &given.path().join("state"));
        copy(&self.path("vault"), &given.path().join("vault"));
        self.assert_no_secret_below(given.path());
        let said = run(Command::new(env!("CARGO_BIN_EXE_attacker")).arg(given.path()).arg(attack).current_dir(&given));
        add_only(&given.path().join("drop"), &self.path("vault"));
        said
    }

    /// Nothing that the owners alone know is in what the attacker was given.
    fn assert_no_secret_below(&self, folder: &Path) {
        let all: Vec<u8> = read_folder(folder).into_values().flatten().flatten().collect();
        let holds = |secret: &[u8]| all.windows(secret.len()).any(|window| window == secret);
        assert!(holds(self.machines[0].id_key.expose()), "the search finds what is there");
        let owners = self.vault().secrets(&self.kit, &self.machines[0].strand).unwrap();
        let identities =
            self.kit.identities.iter().chain(&owners.identities).map(|identity| identity.expose().as_bytes());
        let neighbour = &self.machines[1];
        let keys = [&neighbour.signing_seed, &neighbour.id_key, &neighbour.chunk_seed, &neighbour.index_key];
        let keys = keys.into_iter().chain([self.kit.owner.as_ref().unwrap().seed()]).map(|key| &key.expose()[..]);
        assert!(identities.chain(keys).chain([&b"AGE-SECRET-KEY"[..]]).all(|secret| !holds(secret)));
    }

    /// Asks the owner, within the memory that is allowed.
    pub fn ask(&self, words: &[&str]) -> Said {
        let said = self.ask_at_any_cost(words);
        assert!(said.peak_kib() <= PEAK_KIB_MAX, "{words:?}: {} KiB", said.peak_kib());
        said
    }

    fn ask_at_any_cost(&self, words: &[&str]) -> Said {
        let (verb, more) = words.split_first().unwrap();
        let mut command = Command::new("timeout");
        command.arg("90");
        if self.is_owner_nobody {
            let read = Command::new("chmod").args(["-R", "go+rX"]).arg(self.path("vault")).status().unwrap();
            assert!(read.success());
            // Whoever is not root may not reach the folder that this program was built in.
            command.args(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
            command.arg(self.path("desk/owner"));
        } else {
            command.arg(env!("CARGO_BIN_EXE_owner"));
        }
        command.arg(verb).arg(self.path("vault")).arg(self.path("desk/kit.txt"));
        run(command.args(more))
    }

    /// From now on who sits at the desk is not root; he owns the desk, and reads the vault.
    pub fn seat_nobody(&mut self) {
        // Whoever runs this suite without being root is nobody already.
        if !rustix::process::geteuid().is_root() {
            return;
        }
        self.is_owner_nobody = true;
        fs::set_permissions(self.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_owner"), self.path("desk/owner")).unwrap();
        give_to_nobody(&self.path("desk"));
    }

    /// Restores a snapshot to a new folder; returns what the owner says, and the folder.
    pub fn restore(&self, hash: &str) -> (Said, PathBuf) {
        let to = self.new_folder();
        (self.ask(&["restore", hash, to.to_str().unwrap()]), to)
    }

    /// The same, with the owners that its entries name.
    pub fn restore_owned(&self, hash: &str) -> (Said, PathBuf) {
        let to = self.new_folder();
        (self.ask(&["restore", hash, to.to_str().unwrap(), "owned"]), to)
    }

    fn new_folder(&self) -> PathBuf {
        let to = tempfile::tempdir_in(self.path("desk")).unwrap().keep();
        if self.is_owner_nobody {
            give_to_nobody(&to);
        }
        to
    }

    /// The snapshots of the robbed machine that count and that no backup of ours made.
    pub fn forged(&self) -> Vec<String> {
        let said = self.ask(&["list"]);
        let strand = format!("snapshot {} ", self.strand(0));
        let hashes = said.0.iter().filter(|line| line.starts_with(&strand)).filter_map(|line| line.split(' ').nth(3));
        hashes.filter(|hash| self.kept.iter().all(|(_, kept, _)| kept != hash)).map(String::from).collect()
    }

    /// Everything that was kept is listed, restores byte for byte, and no damage touches it. Returns what `check` says.
    pub fn stands(&self) -> Said {
        let listed = self.ask(&["list"]);
        let check = self.ask(&["check"]);
        for (seq, hash, content) in &self.kept {
            assert!(listed.0.iter().any(|line| line.ends_with(hash)), "{hash} is listed: {:#?}", listed.0);
            let (said, to) = self.restore(hash);
            assert!(read_folder(&to) == *content, "{hash} restores: {:#?}", said.0);
            assert!(said.has("faults 0"), "{hash}: {:#?}", said.0);
            assert!(!check.has(&format!("hurt {seq} {hash}")), "{seq} is not hurt: {:#?}", check.0);
        }
        assert!(check.has("stopped false"), "{:#?}", check.0);
        check
    }

    /// The next backup of both machines is made and gives back what the attacker promised, and everything stands.
    pub fn goes_on(&mut self) -> Said {
        for machine in [0, 1] {
            self.write(machine, "attendu.bin", &crate::awaited::awaited());
            self.keep(machine).unwrap();
        }
        self.stands()
    }
}

impl Said {
    pub fn has(&self, line: &str) -> bool {
        self.0.iter().any(|said| said == line)
    }

    /// Tells whether a line has all these parts.
    pub fn tells(&self, parts: &[&str]) -> bool {
        self.0.iter().any(|line| parts.iter().all(|part| line.contains(part)))
    }

    /// Lines that begin with a word.
    pub fn count(&self, word: &str) -> usize {
        self.0.iter().filter(|line| line.split(' ').next() == Some(word)).count()
    }

    /// The number behind a word.
    pub fn number(&self, word: &str) -> u64 {
        let line = self.0.iter().find_map(|line| line.strip_prefix(word)).expect(word);
        line.trim().parse().unwrap()
    }

    pub fn peak_kib(&self) -> u64 {
        self.number("peak ")
    }
}

fn run(command: &mut Command) -> Said {
    let output = command.env_clear().env("PATH", "/usr/bin:/bin").output().unwrap();
    let said: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect();
    assert!(output.status.success(), "{command:?}: {}\n{said:#?}", String::from_utf8_lossy(&output.stderr));
    Said(said)
}

fn give_to_nobody(folder: &Path) {
    assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(folder).status().unwrap().success());
}

fn options() -> BackupOptions {
    BackupOptions {
        source: "files".into(),
        host: "mairie".into(),
        program: "test".into(),
        paths: vec![b"/source".to_vec()],
        level: 3,
        jobs: 2,
        one_reader: false,
        sizes: ChunkSizes { bytes_min: 1024, bytes_average: 4096, bytes_max: 16384 },
        fixed: Exclusions::none(),
        reread_one_in: 64,
        sha256: true,
    }
}

/// Moves files to where nothing was before; what is there stays as it is.
fn add_only(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            add_only(&entry.path(), &place);
        } else {
            // Unlike a rename, a link replaces nothing.
            drop(fs::hard_link(entry.path(), place));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place)
        } else {
            assert!(fs::copy(entry.path(), place).is_ok())
        }
    }
}

/// Reads a folder with all that is below.
pub fn read_folder(folder: &Path) -> Contents {
    let mut contents = Contents::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(below).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                waiting.push(entry.path());
            }
            let path = entry.path().strip_prefix(folder).unwrap().as_os_str().as_bytes().to_vec();
            contents.insert(path, kind.is_file().then(|| fs::read(entry.path()).unwrap()));
        }
    }
    contents
}

/// Bytes that do not compress.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(word).flatten().take(bytes).collect()
}
