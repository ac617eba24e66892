//! The vaults of `testdata`: what earlier writers wrote is read for ever; what later ones may write is read as far as
//! `docs/format.md` says, and never spoilt.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use vault::envelope::{Identity, open_with};
use vault::id::{StrandId, VaultId};
use vault::kit::RecoveryKit;
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::strand::KeysObject;
use vault::vault::Vault;

use crate::rig::{Rig, same};
use crate::truth;

/// A copy of one of the vaults, with its kit, and with the machine's key file.
struct Kept {
    rig: Rig,
    testdata: PathBuf,
    vault: VaultId,
    strand: StrandId,
}

/// A snapshot, and what must come back of it.
struct Expected {
    hash: String,
    is_whole: bool,
    lines: Vec<String>,
}

impl Kept {
    fn copy_of(name: &str) -> Self {
        let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
        let rig = Rig::empty();
        let copied = Command::new("cp").arg("-a").arg(testdata.join("vault")).arg(rig.path("vault")).status();
        assert!(copied.unwrap().success());
        private_copy(&testdata.join("kit.txt"), &rig.path("kit"));
        let key = fs::read(testdata.join("agent-key")).unwrap();
        // Two byte strings begin the map of the key file: the vault, the strand.
        let vault = VaultId::from_slice(&key[8..24]).unwrap();
        let strand = StrandId::from_slice(&key[26..42]).unwrap();
        let folder = rig.path(&format!("state/vaults/{vault}/strands/{strand}"));
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
        private_copy(&testdata.join("agent-key"), &folder.join("agent"));
        Self { rig, testdata, vault, strand }
    }

    fn expected(&self) -> Vec<Expected> {
        let truth = fs::read_to_string(self.testdata.join("truth.txt")).unwrap();
        let mut expected: Vec<Expected> = Vec::new();
        for line in truth.lines() {
            match line.strip_prefix("snapshot ").and_then(|rest| rest.split_once(' ')) {
                Some((hash, how)) => {
                    expected.push(Expected { hash: hash.into(), is_whole: how == "whole", lines: Vec::new() });
                }
                None => expected.last_mut().unwrap().lines.push(line.into()),
            }
        }
        assert!(expected.len() >= 3, "{name} tells of its snapshots", name = self.testdata.display());
        expected
    }

    /// Restores every snapshot that the truth names and compares, to the byte; each restore ends with a code.
    fn comes_back(&self, code: i32) {
        for Expected { hash, is_whole, lines } in self.expected() {
            let back = self.rig.path(&format!("back-{hash}"));
            let ran = self.rig.run(["restore", &hash[..16], "--to", back.to_str().unwrap()]);
            let ran = ran.ends(code);
            if !is_whole {
                ran.says("a newer version of Beffroi wrote");
            }
            let mut expected = lines;
            expected.sort();
            assert_eq!(truth::lines(&back), expected, "snapshot {hash}");
            fs::remove_dir_all(back).unwrap();
        }
    }

    /// Demands that every object is as it was made; returns the leases that are gone.
    fn is_untouched(&self) -> usize {
        let (before, after) = (objects(&self.testdata.join("vault")), objects(&self.rig.path("vault")));
        let gone = before.into_iter().filter(|(name, content)| match after.get(name) {
            Some(now) => {
                assert!(now == content, "{} was changed", name.display());
                false
            }
            None => {
                assert!(is_lease(name), "{} was deleted", name.display());
                true
            }
        });
        gone.count()
    }

    fn open(&self) -> (Vault, RecoveryKit) {
        let store = DirectoryStore::open(self.rig.path("vault"), DirectoryAccess::ReadOnly).unwrap();
        let kit = RecoveryKit::parse(&fs::read_to_string(self.rig.path("kit")).unwrap()).unwrap();
        (Vault::open(Arc::new(store)).unwrap(), kit)
    }

    /// The names in one of the folders of the strand, in their order.
    fn names(&self, folder: &str) -> Vec<String> {
        let folder = self.rig.path(&format!("vault/strands/{}/{folder}", self.strand));
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Saves once, and gives back what was saved; both end with a code.
    fn goes_on(&self, code: i32) {
        self.rig.write("new", "what is saved today");
        let ran = self.rig.run(["--json", "backup", "source"]).ends(code);
        let newest = ran.events("summary")[0]["snapshot"].as_str().unwrap().to_string();
        self.rig.run(["restore", &newest, "--to", "newest"]).ends(code);
        assert!(same(&self.rig.path("source"), &self.rig.path("newest")));
    }
}

fn private_copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
}

fn is_lease(name: &Path) -> bool {
    name.components().any(|part| part.as_os_str() == "leases")
}

/// All files below a folder.
fn objects(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut objects = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(place) = waiting.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                objects.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    objects
}

#[test]
fn a_vault_of_version_0_comes_back_and_goes_on() {
    let kept = Kept::copy_of("v0-plain");
    kept.comes_back(0);
    kept.rig.run(["check", "--read-data=100"]).done();
    kept.goes_on(0);
    kept.rig.run(["check", "--read-data=100"]).done();
    assert_eq!(kept.is_untouched(), 0);
}

#[test]
fn additions_of_later_writers_are_passed_over_in_every_object() {
    let kept = Kept::copy_of("v0-newer-fields");
    kept.comes_back(0);
    kept.rig.run(["check", "--read-data=100"]).done();
    let listed = kept.rig.run(["--json", "snapshots"]).done().events("snapshot");
    assert_eq!(listed.len(), kept.expected().len());
}

#[test]
fn todays_writer_leaves_additions_as_they_are() {
    let kept = Kept::copy_of("v0-newer-fields");
    kept.goes_on(0);
    assert!(kept.names("snapshots").pop().unwrap().starts_with("0000000004-"));
    let reader = Identity::generate();
    kept.rig.run(["recipient", "add", reader.recipient().unwrap().as_str()]).done();
    kept.rig.run(["expire", "--yes"]).done();
    kept.rig.run(["copy", "--to", "copy"]).done();
    assert_eq!(kept.is_untouched(), 1, "the lease that a record of the later program condemned long ago");
    kept.comes_back(0);
    kept.rig.run(["check", "--read-data=100"]).done();
    // Leases speak of one store, and are not copied.
    let copied = objects(&kept.rig.path("copy"));
    for (name, content) in objects(&kept.testdata.join("vault")) {
        assert!(is_lease(&name) || copied.get(&name) == Some(&content), "{}", name.display());
    }
}

#[test]
fn additions_to_a_strands_secrets_are_sealed_again_with_them() {
    let kept = Kept::copy_of("v0-newer-fields");
    let reader = Identity::generate();
    kept.rig.run(["recipient", "add", reader.recipient().unwrap().as_str()]).done();
    let newest = kept.names("keys").pop().unwrap();
    assert!(newest.starts_with("0000000002-"), "{newest}");
    let object = fs::read(kept.rig.path(&format!("vault/strands/{}/keys/{newest}", kept.strand))).unwrap();
    let plain = open_with(&[reader], &KeysObject::from_bytes(&object).unwrap().sealed).unwrap();
    for addition in [&b"an addition"[..], b"bytes"] {
        assert!(plain.windows(addition.len()).any(|part| part == addition), "an addition is lost");
    }
    let (vault, kit) = kept.open();
    vault.secrets(&kit, &kept.strand).unwrap();
}

#[test]
fn what_a_later_version_wrote_is_named_and_the_rest_is_given_back() {
    let kept = Kept::copy_of("v0-newer-version");
    kept.comes_back(5);
    let listed = kept.rig.run(["--json", "snapshots"]).ends(5);
    assert_eq!(listed.events("snapshot").len(), kept.expected().len());
    kept.rig.run(["snapshots"]).ends(5).says("a newer version of Beffroi wrote the manifest");
    let checked = kept.rig.run(["check", "--read-data=100"]).ends(5);
    for kind in ["manifest", "pack", "index", "list", "strand"] {
        let told = format!("a newer version of Beffroi wrote the {kind}");
        assert!(checked.out.contains(&told) || checked.err.contains(&told), "{told}:\n{}{}", checked.out, checked.err);
    }
    assert_eq!(kept.is_untouched(), 0);
}

#[test]
fn todays_writer_follows_a_later_manifest_and_lets_nothing_go() {
    let kept = Kept::copy_of("v0-newer-version");
    let before = kept.names("snapshots");
    assert!(before.last().unwrap().starts_with("0000000007-"));
    kept.goes_on(5);
    let after = kept.names("snapshots");
    assert!(after.len() == before.len() + 1 && after.last().unwrap().starts_with("0000000008-"), "{after:?}");
    let held = kept.rig.run(["expire", "--yes"]);
    held.says("a newer version of Beffroi wrote");
    assert_eq!(kept.is_untouched(), 0);
    kept.comes_back(5);
}

#[test]
fn an_owners_entry_of_a_later_version_stops_everything_and_nothing_is_touched() {
    let kept = Kept::copy_of("v0-newer-version");
    for entry in fs::read_dir(kept.testdata.join("later-owner-entry")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), kept.rig.path("vault/owner").join(entry.file_name())).unwrap();
    }
    let before = objects(&kept.rig.path("vault"));
    kept.rig.write("new", "what is saved today");
    for arguments in [&["snapshots"][..], &["backup", "source"], &["check"], &["expire", "--yes"]] {
        kept.rig.run(arguments).ends(1).says("a newer version of Beffroi wrote this vault").says("nothing was touched");
    }
    assert!(objects(&kept.rig.path("vault")) == before);
    assert_eq!(kept.vault.to_hex().len(), 32);
}
