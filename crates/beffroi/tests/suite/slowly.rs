//! Attackers that are patient, and a machine that lies.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use triage::facts::{Depth, Facts, Finding};
use triage::look::Looker;
use vault::backup::{Agent, BackupOptions, Conclusion, Fate, Look, Monitor, Remark, Witness, backup_tree};
use vault::chunk::ChunkSizes;
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;
use vault::world::{Clock, Entropy, Timestamp};

use crate::alarms::town;
use crate::rig::{Rig, noise};

/// Mixes 64 of every 192 bytes with noise; length and time of the last change stay.
pub fn hurt(path: &Path, seed: u64) {
    let about = fs::metadata(path).unwrap();
    let mut content = fs::read(path).unwrap();
    for (place, part) in content.chunks_mut(192).enumerate() {
        let end = part.len().min(64);
        part[..end].copy_from_slice(&noise(seed * 1000 + place as u64, end));
    }
    fs::write(path, content).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(about.modified().unwrap()).unwrap();
}

/// Returns all files of the source, by path below it.
pub fn files(rig: &Rig) -> Vec<String> {
    files_in(&rig.path("source"))
}

/// Returns all that is no folder in a folder, by path below it.
pub fn files_in(top: &Path) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![top.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() && !path.is_symlink() {
                true => waiting.push(path),
                false => found.push(path.strip_prefix(top).unwrap().to_str().unwrap().to_string()),
            }
        }
    }
    found.sort();
    found
}

fn keep(rig: &Rig, code: i32) -> String {
    let ran = rig.run(["--json", "backup", "source"]).ends(code);
    ran.events("summary")[0]["snapshot"].as_str().unwrap().to_string()
}

fn hurt_lines(rig: &Rig, arguments: &[&str]) -> BTreeMap<String, Value> {
    let ran = rig.run([&["--json", "damage"], arguments].concat()).done();
    let lines = ran.events("damage").into_iter().filter(|line| line["class"] == "damaged");
    lines.map(|line| (line["path"].as_str().unwrap().to_string(), line)).collect()
}

#[test]
fn one_file_a_backup_for_forty_backups() {
    let rig = Rig::new();
    town(&rig);
    let all = files(&rig);
    let mut snapshots = vec![keep(&rig, 0)];
    let (victims, others) = all.split_at(40);
    for (night, victim) in (0..).zip(victims) {
        hurt(&rig.path("source").join(victim), night);
        // Somebody works meanwhile.
        let edited = others.iter().filter(|path| !path.ends_with(".zip")).nth(night as usize % 10).unwrap();
        let mut text = fs::read(rig.path("source").join(edited)).unwrap();
        text.extend_from_slice(b"Une ligne de plus.\n");
        rig.write(edited, text);
        snapshots.push(keep(&rig, if night < 2 { 0 } else { 4 }));
    }
    let told = hurt_lines(&rig, &["--from", &snapshots[0]]);
    let names: Vec<&String> = told.keys().collect();
    assert_eq!(names, victims.iter().collect::<Vec<_>>(), "each that was hurt is told, and no other");
    for (night, victim) in victims.iter().enumerate() {
        let line = &told[victim];
        assert_eq!(line["clean"].as_str(), Some(&*snapshots[night]), "{line}");
        assert_eq!(line["first_seen"].as_str(), Some(&*snapshots[night + 1]), "{line}");
    }
}

#[test]
fn one_file_in_a_hundred_rings() {
    let rig = Rig::new();
    for number in 0..600 {
        let line = format!("Délibération {number} du conseil municipal.\n");
        rig.write(&format!("service {}/{number}.txt", number % 17), line.repeat(30 + number % 50));
    }
    keep(&rig, 0);
    let victims: Vec<String> = files(&rig).into_iter().step_by(100).collect();
    for (seed, victim) in (0..).zip(&victims) {
        hurt(&rig.path("source").join(victim), seed);
    }
    keep(&rig, 4);
    assert_eq!(hurt_lines(&rig, &[]).into_keys().collect::<Vec<_>>(), victims);
}

#[test]
fn a_machine_that_lies_is_found_at_the_desk() {
    let rig = Rig::new();
    town(&rig);
    keep(&rig, 0);
    let victims: Vec<String> = files(&rig).into_iter().step_by(7).collect();
    for (seed, victim) in (0..).zip(&victims) {
        hurt(&rig.path("source").join(victim), seed);
    }
    keep_lying(&rig);
    // Its word says that all is well: no alarm, sound facts.
    assert!(rig.run(["--json", "alarm", "list"]).done().events("alarm").is_empty());
    assert!(hurt_lines(&rig, &["--facts-only"]).is_empty());
    assert_eq!(hurt_lines(&rig, &[]).into_keys().collect::<Vec<_>>(), victims, "content tells");
}

/// Keeps the source as whoever took the machine over would: every file is told as sound, and nothing rings.
fn keep_lying(rig: &Rig) {
    let store = DirectoryStore::open(rig.path("vault"), DirectoryAccess::ReadWrite).unwrap();
    let vault = Vault::open(Arc::new(store)).unwrap();
    let folder = StateFolder::open(&rig.path("state")).unwrap().for_vault(vault.id()).unwrap();
    let lock = folder.lock().unwrap();
    let keys = AgentKeys::open(&folder, vault.log()).unwrap();
    let agent = Agent { vault: &vault, keys: &keys, folder: &folder, lock: &lock, clock: &World, entropy: &World };
    let source = rig.path("source");
    let roots = RootPaths::resolve(std::slice::from_ref(&source)).unwrap();
    let walk = Walk::open(&roots, WalkOptions::everything(rig.path("state"))).unwrap();
    let options = BackupOptions {
        source: "source".into(),
        host: "mairie".into(),
        program: "a thief".into(),
        paths: vec![source.into_os_string().into_encoded_bytes()],
        level: 3,
        jobs: 1,
        one_reader: false,
        sizes: ChunkSizes::default(),
        fixed: Exclusions::none(),
        reread_one_in: 64,
        sha256: false,
    };
    backup_tree(agent, walk, &Names::of_machine(), &options, &Liar).unwrap();
}

struct World;

impl Clock for World {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_nanos()).unwrap())
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

struct Liar;

impl Monitor for Liar {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, _: Remark) {}
    fn stopping(&self) -> bool {
        false
    }
    fn witness(&self) -> Option<&dyn Witness> {
        Some(self)
    }
}

impl Witness for Liar {
    fn look(&self, name: &[u8], bytes: u64) -> Box<dyn Look> {
        Box::new(Lie(Looker::new(name, bytes, Depth::Full, [0; 32])))
    }
    fn hear(&self, _: Fate<'_>) {}
    fn conclude(&self) -> Conclusion {
        Conclusion::default()
    }
}

struct Lie(Looker);

impl Look for Lie {
    fn data(&mut self, bytes: &[u8]) {
        self.0.data(bytes);
    }
    fn zeros(&mut self, bytes: u64) {
        self.0.zeros(bytes);
    }
    fn finish(&mut self) -> Vec<u8> {
        let seen = self.0.finish();
        Facts { finding: Finding::Valid, shows_at_ends: false, even_share: 0, ..seen }.to_bytes().to_vec()
    }
}
