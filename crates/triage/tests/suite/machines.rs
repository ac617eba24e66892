//! Databases, disks, programs and archives that have checksums or tables: what is hurt is told by its place, and what the formats allow is
//! no damage.

use std::ops::Range;

use triage::{Kind, Note, State, Unknown};

use crate::samples::{Random, all, examine_as};

fn sample(name: &str) -> Vec<u8> {
    all().into_iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("there is {name}")).bytes
}

/// Examines a sample with a range of it replaced by random bytes.
fn hurt(name: &str, range: Range<usize>) -> State {
    let mut bytes = sample(name);
    let random = Random::new(range.start as u64 + 1).bytes(range.len());
    bytes[range].copy_from_slice(&random);
    examine_as(&bytes, name).state
}

/// Examines a sample with some bytes of it replaced.
fn with(name: &str, at: usize, new: &[u8]) -> State {
    let mut bytes = sample(name);
    bytes[at..at + new.len()].copy_from_slice(new);
    examine_as(&bytes, name).state
}

/// What is told of a file that is corrupt in one place.
fn corrupt_in(range: Range<usize>) -> State {
    State::Corrupt { ranges: std::iter::once(range.start as u64..range.end as u64).collect() }
}

fn is_doubtful(state: &State) -> bool {
    matches!(state, State::Unknown(Unknown::Doubtful { .. }))
}

/// Returns how many of so many random places of 16 bytes are found.
fn found_of(name: &str, rounds: u64) -> u64 {
    let mut random = Random::new(77);
    let bytes = sample(name).len() as u64;
    (0..rounds)
        .filter(|_| {
            let at = random.below(bytes - 16) as usize;
            hurt(name, at..at + 16).is_unsound()
        })
        .count() as u64
}

#[test]
fn sixteen_bytes_in_mail_boxes_drawings_and_lzma_are_found() {
    // What is not found lies in fillings that nothing reads.
    for (name, least) in [("courrier.pst", 182), ("plan.dwg", 180), ("letter.lzma", 199)] {
        let found = found_of(name, 200);
        assert!(found >= least, "{name}: {found} of 200");
    }
}

#[test]
fn pages_of_access_tell_their_place() {
    let pages = sample("base.mdb").len() / 4096;
    for page in 1..pages - 1 {
        let at = page * 4096;
        assert_eq!(hurt("base.mdb", at..at + 64), corrupt_in(at..at + 4096), "page {page}");
    }
    assert!(!hurt("base.mdb", 3 * 4096 + 40..3 * 4096 + 56).is_sound(), "the list of rows is read");
    assert!(matches!(hurt("base.mdb", 0..16), State::Broken { offset: 0 }));
}

#[test]
fn a_database_of_access_with_a_key_is_closed() {
    let mut bytes = sample("base.mdb");
    let pages = Random::new(4).bytes(bytes.len() - 4096);
    bytes[0x3e..0x42].copy_from_slice(&[1, 2, 3, 4]);
    let is_broken = matches!(examine_as(&bytes, "base.mdb").state, State::Broken { .. });
    assert!(is_broken, "a head that tells of a key, before pages that can be read");
    bytes[4096..].copy_from_slice(&pages);
    assert_eq!(examine_as(&bytes, "base.mdb").state, State::Protected);
}

#[test]
fn a_drawing_whose_program_sums_otherwise_leaves_doubt() {
    let mut bytes = sample("plan.dwg");
    let mut at = 0x100;
    for page_bytes in [736, 832, 64, 960, 1056] {
        // The gap has no sum.
        bytes[at + 28] ^= if page_bytes == 64 { 0 } else { 0x55 };
        at += page_bytes;
    }
    let map_at = at;
    bytes[map_at + 16] ^= 0;
    let some = examine_as(&bytes, "plan.dwg");
    assert_eq!(some.kind, Kind::Dwg);
    assert!(
        matches!(&some.state, State::Corrupt { ranges } if ranges.len() == 2),
        "the map has its sum: {:?}",
        some.state
    );
    assert!(matches!(hurt("plan.dwg", 0x90..0xa0), State::Broken { offset: 0x80 }));
    assert!(is_doubtful(&with("plan.dwg", 0, b"AC1021")), "nobody reads release 2007 here");
}

#[test]
fn parts_of_old_drawings_lie_inside() {
    let mut bytes = b"AC1015\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    for part in 0..3_u8 {
        bytes.push(part);
        bytes.extend([100 + u32::from(part) * 200, 150].map(u32::to_le_bytes).concat());
    }
    bytes.extend([0, 0]);
    bytes.extend(b"\x95\xa0\x4e\x28\x99\x82\x1a\xe5\x5e\x41\xe0\x5f\x9d\x3a\x4d\0");
    bytes.resize(700, 7);
    let state = |bytes: &[u8]| examine_as(bytes, "plan.dwg").state;
    assert_eq!(state(&bytes), State::Valid);
    assert_eq!(state(&bytes[..500]), State::Truncated { at: 500 });
    bytes[60] ^= 1;
    assert!(matches!(state(&bytes), State::Broken { .. }));
}

#[test]
fn heads_of_archives_have_sums() {
    for name in ["archive5.rar", "archive3.rar"] {
        assert!(hurt(name, 10..14).is_unsound(), "{name}");
        let bytes = sample(name);
        assert!(examine_as(&bytes[..bytes.len() / 2], name).state.is_unsound(), "{name}");
    }
}

#[test]
fn pages_of_postgresql_tell_their_place() {
    let pages = sample("agents-heap").len() / 8192;
    for page in 0..pages {
        let at = page * 8192;
        let state = hurt("agents-heap", at + 8..at + 24);
        if page == 0 {
            // The first one tells what the file is, and its name does not.
            assert!(matches!(state, State::Unknown(_)), "{state:?}");
        } else {
            assert_eq!(state, corrupt_in(at..at + 8192));
        }
    }
    assert!(
        is_doubtful(&hurt("agents-heap", 8192 + 40..8192 + 56)),
        "a page may be torn in a copy of a running server"
    );
    let mut bytes = sample("agents-heap").repeat(4);
    // Rows that begin within the head of their page.
    (0..bytes.len()).step_by(8192).for_each(|at| bytes[at + 40..at + 44].copy_from_slice(&[1, 0x80, 0x40, 0]));
    assert!(examine_as(&bytes, "agents-heap").state.is_unsound(), "not all of them");
}

#[test]
fn tables_of_disks_are_read() {
    let bytes = sample("disk.qcow2");
    let first_at = u64::from_be_bytes(bytes[40..48].try_into().unwrap()) as usize;
    let second_at = (u64::from_be_bytes(bytes[first_at..first_at + 8].try_into().unwrap()) & 0xff_ffff_ffff) as usize;
    assert_eq!(with("disk.qcow2", first_at, &[0x7f]), corrupt_in(first_at..first_at + 8));
    assert_eq!(with("disk.qcow2", second_at, &[0x3f]), corrupt_in(second_at..second_at + 8));
    assert!(is_doubtful(&with("disk.qcow2", second_at + 2, &[1])), "a disk in use grows while it is read");
    assert_eq!(with("disk.qcow2", 35, &[1]), State::Protected);
    assert!(hurt("disk.qcow2", 0..16).is_unsound());

    assert!(matches!(with("disk.vmdk", 73, b"\r\n"), State::Broken { .. }), "sent as text");
    assert!(hurt("disk.vmdk", 512..600).is_unsound(), "the description");
    let first_at = 512 * sample("disk.vmdk")[56] as usize;
    assert!(hurt("disk.vmdk", first_at..first_at + 4).is_unsound());
    let description = b"# Disk DescriptorFile\nversion=1\nCID=fffffffe\ncreateType=\"monolithicFlat\"\n";
    assert_eq!(examine_as(description, "disk.vmdk").state, State::Valid);
    assert!(
        is_doubtful(&examine_as(&[&[0; 4096], description.as_slice()].concat(), "disk.vmdk").state),
        "the plain form"
    );
}

#[test]
fn disks_of_hyper_v_have_their_sums() {
    let packed = sample("disk.vhdx.zst");
    let disk = zstd::decode_all(packed.as_slice()).expect("it is packed");
    let state = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = disk.clone();
        change(&mut bytes);
        examine_as(&bytes, "disk.vhdx")
    };
    assert_eq!(state(&|_| {}).state, State::Valid);
    let one = state(&|bytes| bytes[(64 << 10) + 20] ^= 1);
    assert_eq!(one.state, State::Valid, "a machine that fell leaves one head behind");
    assert!(one.notes.contains(&Note::Irregular { at: 64 << 10 }));
    let both = state(&|bytes| [64 << 10, 128 << 10].into_iter().for_each(|at| bytes[at + 20] ^= 1));
    assert_eq!(both.state, State::Broken { offset: 64 << 10 });
    let list = state(&|bytes| bytes[(192 << 10) + 500] ^= 1);
    assert_eq!(list.state, corrupt_in(192 << 10..256 << 10));
    let regions = disk[(192 << 10) + 16..].chunks(32);
    let table = regions.take(2).find(|region| region.starts_with(&[0x66, 0x77, 0xc2, 0x2d])).expect("a table");
    let table = u64::from_le_bytes(table[16..24].try_into().unwrap()) as usize;
    assert_eq!(disk[table] & 7, 6, "its first block is there");
    let entry = state(&|bytes| bytes[table + 1] = 0xff);
    assert_eq!(entry.state, corrupt_in(table..table + 8));
    assert!(is_doubtful(&state(&|bytes| bytes[table + 4] = 0xff).state));
    assert!(matches!(state(&|bytes| bytes.truncate(1 << 20)).state, State::Truncated { .. }));
}

#[test]
fn programs_that_are_cut_are_told() {
    for name in ["tool.elf", "tool.exe"] {
        let bytes = sample(name);
        for part in 1..8 {
            let state = examine_as(&bytes[..bytes.len() * part / 8], name).state;
            assert!(state.is_unsound(), "{name}, {part} of 8: {state:?}");
        }
    }
    assert!(is_doubtful(&examine_as(&[b"MZ".as_slice(), &[0; 500]].concat(), "ancien.exe").state), "a program of DOS");
    assert!(matches!(with("tool.elf", 40, &[0xff; 8]), State::Truncated { .. }));
    assert!(matches!(with("tool.elf", 52, &[0; 2]), State::Broken { .. }));
}

#[test]
fn old_documents_and_pages_with_previews_are_read() {
    assert!(matches!(hurt("vieux-word2.doc", 4096..4608), State::Corrupt { .. }));
    let bytes = sample("vieux-word2.doc");
    assert!(matches!(examine_as(&bytes[..9000], "vieux-word2.doc").state, State::Truncated { at: 9000 }));
    assert_eq!(with("vieux-word2.doc", 11, &[1]), State::Protected);
    assert!(matches!(with("vieux-word2.doc", 28, &[0; 4]), State::Broken { .. }));
    let bytes = sample("affiche.eps");
    assert!(matches!(examine_as(&bytes[..1000], "affiche.eps").state, State::Truncated { .. }));
    assert!(hurt("affiche.eps", 30..60).is_unsound());
    let page = examine_as(b"%!PS-Adobe-3.0\nshowpage\n", "affiche.eps");
    assert_eq!((page.kind, page.state), (Kind::Text, State::Valid));
    let told = [b"\x1b%-12345X@PJL JOB\n".as_slice(), &[0, 1, 2, 3, 4, 5, 6, 7], b"%!PS-Adobe-3.0\n"].concat();
    assert!(!examine_as(&told, "affiche.ps").state.is_unsound(), "what printers are told before a page");
}

#[test]
fn lzma_that_is_cut_or_ends_elsewhere_is_told() {
    let bytes = sample("letter.lzma");
    let state = |bytes: &[u8]| examine_as(bytes, "letter.lzma");
    assert!(matches!(state(&bytes[..bytes.len() - 9]).state, State::Truncated { .. }));
    let longer = state(&[&bytes[..], &[7; 60]].concat());
    assert_eq!(longer.state, State::Valid);
    assert!(longer.notes.contains(&Note::Trailing { at: bytes.len() as u64, bytes: 60 }));
    let mut told = bytes.clone();
    told[5..13].copy_from_slice(&100_u64.to_le_bytes());
    assert!(state(&told).state.is_unsound(), "it goes on behind the length that it tells");
}

#[test]
fn sound_in_one_frame_is_sound_with_its_tag() {
    let mut bytes = b"ID3\x02\0\0\0\0\0\x14TT2\0\0\x0e\0La Marseillai".to_vec();
    let frame = sample("seance.mp3");
    let at = frame.windows(2).position(|pair| pair[0] == 0xff && pair[1] >= 0xe2).expect("a frame");
    bytes.extend(&frame[at..at + 100]);
    assert_eq!(examine_as(&bytes, "seance.mp3").state, State::Valid);
    bytes[10] = 3;
    assert!(!examine_as(&bytes, "seance.mp3").state.is_sound());
}
