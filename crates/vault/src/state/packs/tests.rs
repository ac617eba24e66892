#![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

use super::*;
use crate::state::folder::scratch;

struct Same(u8);

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn open(folder: &StateFolder) -> (PackTable, Opening) {
    PackTable::open(folder, &Same(9)).unwrap()
}

fn hash(byte: u8) -> ObjectHash {
    ObjectHash([byte; 32])
}

fn size(blobs: u32, bytes: u64) -> PackSize {
    PackSize { blobs, bytes, plain_bytes: 2 * bytes }
}

fn durable_pack(packs: &PackTable, byte: u8) -> PackNumber {
    let number = packs.allot(0).unwrap();
    packs.finish(number, hash(byte), size(3, 1000));
    packs.mark_durable(&[number]);
    number
}

#[test]
fn only_durable_packs_survive_and_no_number_is_given_twice() {
    let (_base, folder) = scratch();
    let (packs, opening) = open(&folder);
    let reason = LostReason::Absent;
    assert_eq!(opening, Opening::Lost { reason });
    let kept = durable_pack(&packs, 1);
    let put = packs.allot(1).unwrap();
    packs.finish(put, hash(2), size(4, 2000));
    let begun = packs.allot(0).unwrap();
    packs.mark_durable(&[begun]);
    assert_eq!(packs.finished(), [put]);
    assert!([kept, put, begun].iter().all(|number| packs.is_live(*number)));
    packs.save().unwrap();

    let (packs, opening) = open(&folder);
    assert_eq!(opening, Opening::Loaded);
    assert_eq!(packs.durable(), [kept]);
    assert!(packs.is_live(kept) && !packs.is_live(put) && !packs.is_live(begun));
    assert_eq!(packs.find_by_hash(&hash(2)), None);
    let record = packs.record(kept).unwrap();
    assert_eq!((record.hash, record.size), (Some(hash(1)), size(3, 1000)));
    assert_eq!(packs.allot(0).unwrap(), PackNumber(3));
    assert_eq!(packs.record(PackNumber(9)), None);
}

#[test]
fn packs_that_vanish_are_gone_and_those_that_appear_are_named() {
    let (_base, folder) = scratch();
    let (packs, _) = open(&folder);
    let stays = durable_pack(&packs, 1);
    let vanishes = durable_pack(&packs, 2);
    let open = packs.allot(0).unwrap();
    let unknown = packs.retain_present([hash(1), hash(3), hash(1)]);
    assert_eq!(unknown, [hash(3)]);
    assert!(packs.is_live(stays) && !packs.is_live(vanishes) && packs.is_live(open));

    let adopted = packs.adopt(0, hash(3), size(5, 50)).unwrap();
    assert_eq!(packs.adopt(0, hash(3), size(5, 50)).unwrap(), adopted);
    assert_eq!(packs.retain_present([hash(1), hash(3)]), [hash(3)]);
    packs.mark_read(adopted);
    assert_eq!(packs.retain_present([hash(1), hash(3)]), []);
    // One that comes back is another pack, as far as numbers go.
    assert_eq!(packs.retain_present([hash(1), hash(2), hash(3)]), [hash(2)]);
    assert_ne!(packs.adopt(0, hash(2), size(3, 1000)).unwrap(), vanishes);
}

#[test]
fn coverage_by_indexes_is_kept_and_ends_with_them() {
    let (_base, folder) = scratch();
    let (packs, _) = open(&folder);
    let numbers: Vec<_> = (1..=3).map(|byte| durable_pack(&packs, byte)).collect();
    packs.cover(hash(100), &numbers[..1]);
    packs.cover(hash(101), &numbers[1..]);
    packs.save().unwrap();
    let (packs, _) = open(&folder);
    let covered = || -> Vec<_> {
        let index = |number: &PackNumber| packs.record(*number).unwrap().index;
        numbers.iter().map(index).collect()
    };
    assert_eq!(covered(), [Some(hash(100)), Some(hash(101)), Some(hash(101))]);
    let unknown = packs.retain_indexes_present([hash(101), hash(102)]);
    assert_eq!(unknown, [hash(102)]);
    assert_eq!(covered(), [None, Some(hash(101)), Some(hash(101))]);
}

#[test]
fn worn_packs_are_live_and_not_reused_until_the_table_is_opened_again() {
    let (_base, folder) = scratch();
    let (packs, _) = open(&folder);
    let numbers: Vec<_> = (1..=2).map(|byte| durable_pack(&packs, byte)).collect();
    let shares: Vec<_> = numbers.iter().map(|pack| Share { pack: *pack, bytes: 5 }).collect();
    assert!(packs.all_reusable(&shares));
    packs.wear(&[numbers[1], PackNumber(77)]);
    assert!(packs.is_live(numbers[1]) && !packs.is_reusable(numbers[1]));
    assert!(packs.all_reusable(&shares[..1]) && !packs.all_reusable(&shares));
    packs.save().unwrap();
    let (packs, _) = open(&folder);
    assert!(packs.all_reusable(&shares));
}

#[test]
fn a_damaged_table_is_lost_and_begins_a_new_series() {
    let (base, folder) = scratch();
    let (packs, _) = open(&folder);
    durable_pack(&packs, 1);
    packs.cover(hash(8), &[PackNumber(0)]);
    packs.save().unwrap();
    let path = base.path().join(NAME);
    let whole = std::fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x81;
        std::fs::write(&path, &bytes).unwrap();
        let (packs, opening) = PackTable::open(&folder, &Same(7)).unwrap();
        assert!(matches!(opening, Opening::Lost { .. }), "byte {place}");
        assert_eq!((packs.series(), packs.durable()), (Series([7; 16]), vec![]));
    }
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    let (base, folder) = scratch();
    let (packs, _) = open(&folder);
    durable_pack(&packs, 1);
    packs.save().unwrap();
    let path = base.path().join(NAME);
    std::fs::write(&path, b"seen").unwrap();
    packs.save().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"seen");
    packs.mark_gone(PackNumber(0));
    packs.save().unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), b"seen");
}
