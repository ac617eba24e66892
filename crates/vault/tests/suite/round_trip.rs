//! What was kept comes back, backup after backup.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use vault::backup::Remark;
use vault::source::Exclusions;

use crate::rig::{Notes, Rig, noise, read_folder};

#[test]
fn a_tree_comes_back_after_every_backup() {
    let rig = Rig::new();
    let mut truths = Vec::new();
    for round in 0..4u64 {
        rig.write("délibérations/2026.txt", format!("séance {round}\n").repeat(500).as_bytes());
        rig.write(&format!("mail/{round}.eml"), b"bonjour");
        rig.write("empty", b"");
        rig.write("image.bin", &[noise(1, 300_000), noise(round, 5000), noise(2, 300_000)].concat());
        rig.write("zeros", &vec![0; 200_000]);
        if round == 2 {
            fs::remove_file(rig.source().join("mail/0.eml")).unwrap();
            symlink("mail/1.eml", rig.source().join("link")).unwrap();
        }
        let outcome = rig.backup();
        assert_eq!(outcome.seq, round + 1);
        truths.push(read_folder(&rig.source()));
        if round > 0 {
            // The image changed in its middle, the rest is known.
            assert!(outcome.counts.new_bytes < 60_000, "{:?}", outcome.counts);
        }
    }
    let snapshots = rig.snapshots();
    for (snapshot, truth) in snapshots.iter().zip(&truths) {
        assert!(rig.contents(snapshot) == *truth, "snapshot {}", snapshot.manifest.seq);
    }
}

#[test]
fn an_unchanged_tree_costs_a_manifest() {
    let rig = Rig::new();
    for n in 0..2000 {
        rig.write(&format!("d{}/{n}", n % 7), &noise(n, 100));
    }
    rig.backup();
    let outcome = rig.backup();
    assert_eq!((outcome.counts.added, outcome.counts.changed, outcome.counts.removed), (0, 0, 0));
    assert_eq!(outcome.counts.stored_bytes, 0);
    let snapshots = rig.snapshots();
    assert!(rig.contents(&snapshots[1]) == read_folder(&rig.source()));
}

#[test]
fn a_lost_cache_costs_no_upload() {
    let rig = Rig::new();
    for n in 0..500 {
        rig.write(&format!("d{}/{n}", n % 7), &noise(n, 3000));
    }
    rig.backup();
    let vaults = rig.state().join("vaults");
    fs::remove_dir_all(vaults).unwrap();
    let outcome = rig.backup();
    assert_eq!(outcome.counts.stored_bytes, 0, "{:?}", outcome.counts);
    assert!(outcome.adopted_packs > 0);
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
}

#[test]
fn a_stream_is_kept_only_if_its_command_succeeds() {
    let rig = Rig::new();
    let dump = noise(5, 1_000_000);
    assert!(rig.try_stream(&dump, false).is_err());
    assert!(rig.snapshots().is_empty());
    rig.try_stream(&dump, true).unwrap();
    let contents = rig.contents(&rig.snapshots()[0]);
    assert!(contents[&b"files"[..]] == Some(dump));
}

#[test]
fn hard_links_carry_their_content_and_name_the_first() {
    let rig = Rig::new();
    rig.write("b/second", &noise(3, 50_000));
    fs::create_dir(rig.source().join("a")).unwrap();
    fs::hard_link(rig.source().join("b/second"), rig.source().join("a/first")).unwrap();
    for round in 0..3 {
        let outcome = rig.backup();
        assert!(round == 0 || outcome.counts.changed == 0, "{:?}", outcome.counts);
        let snapshot = rig.snapshots().pop().unwrap();
        let (reader, _) = rig.open(&snapshot);
        let first = reader.find(b"a/first").unwrap().unwrap();
        let second = reader.find(b"b/second").unwrap().unwrap();
        assert_eq!(first.hard_link, None);
        assert_eq!(second.hard_link.as_deref(), Some(&b"a/first"[..]));
        assert_eq!(first.kind, second.kind);
    }
}

#[test]
fn packs_that_vanished_are_sent_again() {
    use std::sync::Arc;
    use vault::name::{HashedKind, ObjectName};
    use vault::store::{Erase, MemoryStore};
    let store = MemoryStore::new();
    let rig = Rig::over(Arc::new(store.clone()));
    for n in 0..50 {
        rig.write(&format!("{n}"), &noise(n, 3000));
    }
    rig.backup();
    for name in store.names() {
        if matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _)) {
            store.erase(&name).unwrap();
        }
    }
    rig.backup();
    let snapshots = rig.snapshots();
    assert!(rig.contents(&snapshots[1]) == read_folder(&rig.source()));
    assert!(!rig.open(&snapshots[0]).1.is_empty());
}

#[test]
fn a_disk_image_is_cut_at_fixed_sizes() {
    let mut rig = Rig::new();
    rig.options.fixed = Exclusions::builder().pattern("*.img").unwrap().build().unwrap();
    let mut disk = noise(1, 100_000);
    rig.write("vm/disk.img", &disk);
    rig.write("vm/other", &noise(2, 100_000));
    rig.backup();
    disk[50_000] ^= 1;
    rig.write("vm/disk.img", &disk);
    rig.backup();
    let lengths = |snapshot: &vault::snapshots::Snapshot, path: &[u8]| -> Vec<(u64, vault::id::BlobId)> {
        let (reader, _) = rig.open(snapshot);
        let entry = reader.find(path).unwrap().unwrap();
        reader.chunks(&entry).map(|chunk| chunk.unwrap()).map(|chunk| (chunk.bytes, chunk.id)).collect()
    };
    let snapshots = rig.snapshots();
    let [before, after] = [&snapshots[0], &snapshots[1]].map(|snapshot| lengths(snapshot, b"vm/disk.img"));
    assert!(before[..24].iter().all(|(bytes, _)| *bytes == 4096), "{before:?}");
    assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 1);
    assert!(lengths(&snapshots[1], b"vm/other").iter().any(|(bytes, _)| *bytes != 4096));
    assert!(rig.contents(&snapshots[1]) == read_folder(&rig.source()));
}

#[test]
fn new_sizes_of_chunks_are_no_silent_change() {
    let mut rig = Rig::new();
    rig.options.reread_one_in = 1;
    rig.write("plan", &noise(1, 100_000));
    rig.backup();
    rig.options.sizes.bytes_average *= 2;
    assert_eq!(rig.backup().counts.damage_hint, 0);
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
}

#[test]
fn what_changes_behind_its_times_is_found() {
    let mut rig = Rig::new();
    rig.options.reread_one_in = 1;
    let image = rig.state().join("image");
    fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
    run("mkfs.ext4", &[OsStr::new("-q"), image.as_os_str()]);
    let mount = || run("mount", &[OsStr::new("-oloop"), image.as_os_str(), rig.source().as_os_str()]);
    let unmount = || run("umount", &[rig.source().as_os_str()]);
    mount();
    rig.write("plan", &noise(1, 100_000));
    rig.write("other", &noise(2, 100_000));
    rig.backup();
    assert_eq!(rig.backup().counts.damage_hint, 0);
    unmount();
    // Somebody writes to the disk below the file system: no time changes, as for one who sets the clock back.
    let mut disk = fs::read(&image).unwrap();
    let place = disk.windows(64).position(|window| window == &noise(1, 64)[..]).unwrap();
    disk[place + 5] ^= 1;
    fs::write(&image, disk).unwrap();
    mount();
    let notes = Notes::default();
    let outcome = rig.try_backup(&notes);
    unmount();
    assert_eq!(outcome.unwrap().counts.damage_hint, 1);
    let remarks = notes.0.into_inner().unwrap();
    assert!(matches!(&remarks[..], [Remark::SilentlyChanged { path }] if path.as_bytes() == b"plan"), "{remarks:?}");
}

fn run(program: &str, arguments: &[&OsStr]) {
    let status = Command::new(program).args(arguments).status();
    let status = status.unwrap_or_else(|_| panic!("{program} is missing: apt-get install e2fsprogs mount"));
    assert!(status.success(), "{program} {arguments:?} needs root");
}
