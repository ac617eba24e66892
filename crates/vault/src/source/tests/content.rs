//! Content: holes, files that change, files that are none.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use super::*;

fn open(place: &Path, name: &str) -> Result<FileReader, SourceError> {
    let directory = handle(place);
    let stat = directory.stat(name.as_bytes())?;
    FileReader::open_in(&directory, name.as_bytes(), &stat)
}

/// Reads all, and tells holes and data as lengths.
fn read(reader: &mut FileReader, buffer_bytes: usize) -> (Vec<u8>, Vec<(char, u64)>) {
    let mut buffer = vec![0; buffer_bytes];
    let (mut content, mut runs) = (Vec::new(), Vec::new());
    while let Some(extent) = reader.next(&mut buffer).unwrap() {
        match extent {
            Extent::Data(bytes) => {
                content.extend_from_slice(bytes);
                runs.push(('d', bytes.len() as u64));
            }
            Extent::Hole(bytes) => runs.push(('h', bytes)),
        }
    }
    (content, runs)
}

#[test]
fn content_comes_back() {
    let place = tempfile::tempdir().unwrap();
    for bytes in [0_usize, 1, 4096, 300_000] {
        let content: Vec<u8> = (0..bytes).map(|index| (index % 251) as u8).collect();
        std::fs::write(place.path().join("f"), &content).unwrap();
        let mut reader = open(place.path(), "f").unwrap();
        assert_eq!(read(&mut reader, 1000).0, content);
        let whole = Outcome { bytes: bytes as u64, torn: false };
        assert_eq!(reader.finish().unwrap(), whole);
    }
}

#[test]
fn a_hundred_gigabytes_of_nothing_take_no_time() {
    let place = tempfile::tempdir().unwrap();
    let size = 100 << 30;
    let mut file = File::create(place.path().join("f")).unwrap();
    file.set_len(size).unwrap();
    let mut reader = open(place.path(), "f").unwrap();
    assert_eq!(read(&mut reader, 1 << 20), (vec![], vec![('h', size)]));
    assert!(!reader.finish().unwrap().torn);

    let middle = 50 << 30;
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&[1; 65_536]).unwrap();
    let mut reader = open(place.path(), "f").unwrap();
    let (content, runs) = read(&mut reader, 1 << 20);
    assert_eq!(content, [1; 65_536]);
    let after = size - middle - 65_536;
    assert_eq!(runs, [('h', middle), ('d', 65_536), ('h', after)]);
    assert_eq!(reader.finish().unwrap().bytes, size);
}

#[test]
fn a_file_that_grows_is_torn_and_ends_where_it_ended() {
    let place = tree(&["f"]);
    let mut reader = open(place.path(), "f").unwrap();
    let mut file = File::options().append(true).open(place.path().join("f")).unwrap();
    file.write_all(b"more").unwrap();
    assert_eq!(read(&mut reader, 10).0, b"f");
    let torn = Outcome { bytes: 1, torn: true };
    assert_eq!(reader.finish().unwrap(), torn);
}

#[test]
fn a_file_that_shrinks_is_torn() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("f");
    std::fs::write(&path, [1; 10_000]).unwrap();
    let mut reader = open(place.path(), "f").unwrap();
    let mut buffer = [0; 4000];
    reader.next(&mut buffer).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(5000).unwrap();
    assert_eq!(read(&mut reader, 4000).0, [1; 1000]);
    let torn = Outcome { bytes: 5000, torn: true };
    assert_eq!(reader.finish().unwrap(), torn);
}

#[test]
fn no_zeros_are_invented_where_a_sparse_file_was_cut() {
    let place = tempfile::tempdir().unwrap();
    let file = File::create(place.path().join("f")).unwrap();
    file.set_len(1 << 30).unwrap();
    let mut reader = open(place.path(), "f").unwrap();
    file.set_len(1 << 20).unwrap();
    assert_eq!(read(&mut reader, 4096), (vec![], vec![('h', 1 << 20)]));
    assert!(reader.finish().unwrap().torn);
}

#[test]
fn a_file_overwritten_with_the_same_length_is_torn() {
    let place = tree(&["f"]);
    let mut reader = open(place.path(), "f").unwrap();
    read(&mut reader, 10);
    let file = File::options().write(true).open(place.path().join("f")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(reader.finish().unwrap().torn);
}

#[test]
fn another_file_under_the_same_name_is_not_read() {
    let place = tree(&["f", "g"]);
    let directory = handle(place.path());
    let listed = directory.stat(b"f").unwrap();
    std::fs::rename(place.path().join("g"), place.path().join("f")).unwrap();
    let changed = |name: &[u8]| FileReader::open_in(&directory, name, &listed).err();
    assert!(matches!(changed(b"f"), Some(SourceError::Changed { .. })));
    assert!(matches!(changed(b"g"), Some(SourceError::Vanished { .. })));
    std::fs::remove_file(place.path().join("f")).unwrap();
    rustix::fs::mkfifoat(&directory, "f", rustix::fs::Mode::RUSR).unwrap();
    assert!(matches!(changed(b"f"), Some(SourceError::Changed { .. })), "and does not hang");
}

#[test]
fn an_error_of_the_medium_names_file_and_place() {
    // The first page of a process's memory is not mapped: reading it fails as a bad sector does.
    let memory = handle(&Path::new("/proc/self").canonicalize().unwrap());
    let listed = memory.stat(b"mem").unwrap();
    let mut reader = FileReader::open_in(&memory, b"mem", &listed).unwrap();
    reader.pretend_size(4096);
    let error = reader.next(&mut [0; 10]).unwrap_err();
    assert_eq!(error.to_string(), "cannot read, at byte 0, the file mem");
}
