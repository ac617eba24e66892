//! What every store must do, as one suite: the tests of each store, here and in other crates, call [`check_store`].
//!
//! Nothing of the program calls this. A failed check panics with what was expected, as tests do.

use std::collections::BTreeMap;
use std::thread;

use super::{Erase, OBJECT_BYTES_MAX, Put, Store, StoreError};
use crate::id::{ObjectHash, StrandId};
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};

/// Checks the contract of [`Store`]. `make` returns an empty store of its own on every call.
pub fn check_store(make: &mut dyn FnMut() -> Box<dyn Store>) {
    for check in [
        objects_of_all_kinds_are_found,
        ranges_are_exact,
        the_first_bytes_are_kept,
        one_of_many_writers_wins,
        different_writers_do_not_meet,
        wrong_puts_are_refused,
        missing_objects_are_missing,
        commits_are_idempotent,
        visitors_may_use_the_store,
    ] {
        check(&*make());
    }
}

/// Checks the contract of [`Erase`]. `make` returns an empty store of its own on every call.
pub fn check_erase(make: &mut dyn FnMut() -> Box<dyn Erase>) {
    let store = make();
    let objects = objects_of_all_kinds();
    for (name, bytes) in &objects {
        expect_put(&*store, name, bytes, Put::Written);
    }
    for (name, bytes) in &objects {
        store.erase(name).expect("an object is erased");
        expect_missing(&*store, name);
        store.erase(name).expect("erasing twice is no error");
        expect_put(&*store, name, bytes, Put::Written);
        store.erase(name).expect("an object is erased again");
    }
    store.commit().expect("erasures are committed");
    for folder in folders(&objects) {
        assert_eq!(listed(&*store, &folder), BTreeMap::new(), "{folder}");
    }
}

/// Returns one object of every kind of name, and two of some, in two strands; one of them is empty.
pub fn objects_of_all_kinds() -> BTreeMap<ObjectName, Vec<u8>> {
    let mut objects = BTreeMap::from([(ObjectName::Vault, b"a vault".to_vec())]);
    for number in [0, 1, 9_999_999_999] {
        let entry = format!("owners {number}").into_bytes();
        objects.insert(ObjectName::Owner(number, ObjectHash::of(&entry)), entry);
        let record = format!("expired {number}").into_bytes();
        objects.insert(ObjectName::Expiry(number, ObjectHash::of(&record)), record);
    }
    for strand in [StrandId([0; 16]), StrandId([0xfe; 16])] {
        objects.insert(ObjectName::Strand(strand), strand.to_hex().into_bytes());
        for kind in HashedKind::ALL {
            for salt in 0..5 {
                let bytes = format!("{strand} {kind:?} {salt}").into_bytes();
                let name = ObjectName::Hashed(strand, kind, ObjectHash::of(&bytes));
                objects.insert(name, bytes);
            }
        }
        for kind in NumberedKind::ALL {
            let bytes = format!("{strand} {kind:?}").into_bytes();
            let name = ObjectName::Numbered(strand, kind, 7, ObjectHash::of(&bytes));
            objects.insert(name, bytes);
        }
    }
    let empty = ObjectHash::of(b"");
    let name = ObjectName::Hashed(StrandId([0; 16]), HashedKind::Pack, empty);
    objects.insert(name, Vec::new());
    objects
}

fn objects_of_all_kinds_are_found(store: &dyn Store) {
    let objects = objects_of_all_kinds();
    for folder in folders(&objects) {
        assert_eq!(listed(store, &folder), BTreeMap::new(), "{folder}");
    }
    for (name, bytes) in &objects {
        expect_missing(store, name);
        expect_put(store, name, bytes, Put::Written);
    }
    store.commit().expect("objects are committed");
    for (name, bytes) in &objects {
        expect_bytes(store, name, bytes);
    }
    for folder in folders(&objects) {
        let expected: BTreeMap<ObjectName, u64> = objects
            .iter()
            .filter(|(name, _)| name.folder() == Some(folder))
            .map(|(name, bytes)| (*name, bytes.len() as u64))
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(listed(store, &folder), expected, "{folder}");
    }
}

fn ranges_are_exact(store: &dyn Store) {
    let bytes: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
    let name = pack(&bytes);
    expect_put(store, &name, &bytes, Put::Written);
    let mut buffer = vec![7; 1000];
    for (offset, length) in [(0, 0), (0, 1), (0, 100_000), (70_001, 29_999), (99_999, 1), (100_000, 0)] {
        let range = store.get_range(&name, offset, length);
        let start = offset as usize;
        assert_eq!(range.expect("the range is inside"), bytes[start..start + length]);
        store.read_range(&name, offset, length, &mut buffer).expect("the range is inside");
        assert_eq!(buffer, bytes[start..start + length]);
    }
    for (offset, length) in
        [(0, 100_001), (99_999, 2), (100_001, 0), (u64::MAX, 1), (u64::MAX, usize::MAX), (1 << 40, 1 << 40)]
    {
        match store.get_range(&name, offset, length) {
            Err(StoreError::Short { length_bytes: 100_000, .. }) => {}
            other => panic!("{length} bytes at {offset}: {other:?}"),
        }
        assert!(store.read_range(&name, offset, length, &mut buffer).is_err());
    }
}

fn the_first_bytes_are_kept(store: &dyn Store) {
    for name in [ObjectName::Vault, ObjectName::Strand(StrandId([1; 16]))] {
        expect_put(store, &name, b"first", Put::Written);
        expect_put(store, &name, b"second, and longer", Put::Present);
        expect_bytes(store, &name, b"first");
    }
}

fn one_of_many_writers_wins(store: &dyn Store) {
    for round in 0..8 {
        let name = ObjectName::Strand(StrandId([round; 16]));
        let winners: Vec<u8> = thread::scope(|scope| {
            let writers: Vec<_> =
                (0..8).map(|writer: u8| scope.spawn(move || (writer, store.put(&name, &[writer; 4096])))).collect();
            let answers = writers.into_iter().map(|thread| thread.join().expect("a writer ends"));
            answers
                .filter(|(_, put)| *put.as_ref().expect("a put is answered") == Put::Written)
                .map(|(writer, _)| writer)
                .collect()
        });
        assert_eq!(winners.len(), 1, "{winners:?} wrote {name}");
        expect_bytes(store, &name, &[winners[0]; 4096]);
    }
}

fn different_writers_do_not_meet(store: &dyn Store) {
    let object = |writer: u32, number: u32| format!("{writer} wrote {number}").into_bytes();
    thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                for number in 0..16 {
                    let bytes = object(writer, number);
                    expect_put(store, &pack(&bytes), &bytes, Put::Written);
                }
                store.commit().expect("a writer commits");
            });
        }
    });
    for (writer, number) in (0..8).flat_map(|w| (0..16).map(move |n| (w, n))) {
        let bytes = object(writer, number);
        expect_bytes(store, &pack(&bytes), &bytes);
    }
    let folder = Folder::Hashed(StrandId([3; 16]), HashedKind::Pack);
    assert_eq!(listed(store, &folder).len(), 8 * 16);
}

fn wrong_puts_are_refused(store: &dyn Store) {
    for (name, bytes) in objects_of_all_kinds() {
        if name.hash().is_some() {
            let mut wrong = bytes.clone();
            wrong.push(0);
            let answer = store.put(&name, &wrong);
            assert!(matches!(answer, Err(StoreError::WrongHash { .. })), "{answer:?}");
            expect_missing(store, &name);
        }
    }
    let name = ObjectName::Owner(10_000_000_000, ObjectHash::of(b"x"));
    let answer = store.put(&name, b"x");
    assert!(matches!(answer, Err(StoreError::TooLarge { .. })), "{answer:?}");
    let endless = vec![0; OBJECT_BYTES_MAX as usize + 1];
    let answer = store.put(&ObjectName::Vault, &endless);
    assert!(matches!(answer, Err(StoreError::TooLong { .. })), "{answer:?}");
    expect_missing(store, &ObjectName::Vault);
}

fn missing_objects_are_missing(store: &dyn Store) {
    let there = pack(b"there");
    expect_put(store, &there, b"there", Put::Written);
    for name in objects_of_all_kinds().keys() {
        expect_missing(store, name);
    }
    expect_bytes(store, &there, b"there");
}

fn commits_are_idempotent(store: &dyn Store) {
    store.commit().expect("nothing is committed");
    expect_put(store, &ObjectName::Vault, b"vault", Put::Written);
    for _ in 0..3 {
        store.commit().expect("the same is committed again");
    }
    expect_put(store, &ObjectName::Vault, b"other", Put::Present);
    store.commit().expect("a put that wrote nothing commits");
    expect_bytes(store, &ObjectName::Vault, b"vault");
}

fn visitors_may_use_the_store(store: &dyn Store) {
    let name = pack(b"visited");
    expect_put(store, &name, b"visited", Put::Written);
    let mut visited = Vec::new();
    let folder = Folder::Hashed(StrandId([3; 16]), HashedKind::Pack);
    store
        .list(&folder, &mut |name, _| {
            visited.push(store.get(&name).expect("what is listed is read"));
        })
        .expect("a folder is listed");
    assert_eq!(visited, [b"visited"]);
}

/// Names these bytes as a pack of some strand.
fn pack(bytes: &[u8]) -> ObjectName {
    ObjectName::Hashed(StrandId([3; 16]), HashedKind::Pack, ObjectHash::of(bytes))
}

fn folders(objects: &BTreeMap<ObjectName, Vec<u8>>) -> Vec<Folder> {
    let mut folders: Vec<Folder> = objects.keys().filter_map(ObjectName::folder).collect();
    folders.sort();
    folders.dedup();
    folders
}

fn listed(store: &dyn Store, folder: &Folder) -> BTreeMap<ObjectName, u64> {
    let mut objects = BTreeMap::new();
    store
        .list(folder, &mut |name, length_bytes| {
            let before = objects.insert(name, length_bytes);
            assert_eq!(before, None, "{name} is listed twice");
        })
        .expect("a folder is listed");
    objects
}

fn expect_put(store: &dyn Store, name: &ObjectName, bytes: &[u8], expected: Put) {
    assert_eq!(store.put(name, bytes).expect("a put is answered"), expected, "{name}");
}

fn expect_bytes(store: &dyn Store, name: &ObjectName, bytes: &[u8]) {
    assert_eq!(store.get(name).expect("an object is read"), bytes, "{name}");
    let length = store.head(name).expect("a length is read");
    assert_eq!(length, Some(bytes.len() as u64), "{name}");
    let range = store.get_range(name, 0, bytes.len());
    assert_eq!(range.expect("a range is read"), bytes, "{name}");
}

fn expect_missing(store: &dyn Store, name: &ObjectName) {
    assert_eq!(store.head(name).expect("a length is asked for"), None);
    for answer in [store.get(name), store.get_range(name, 0, 0), store.get_range(name, 5, 1)] {
        assert!(
            matches!(&answer, Err(StoreError::NotFound { name: missing }) if missing == name),
            "{name}: {answer:?}"
        );
    }
}
