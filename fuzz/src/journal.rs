//! A journal, as somebody may hand it in: its file, its lines, a checkpoint.

use data_encoding::BASE64;
use town::journal::{Checkpoint, LINE_BYTES_MAX, Wrong, entries, examine, read_line, write_line};

/// Reads an input as a file, as the JSON of a line, and as a checkpoint.
///
/// A line that was read is written as an entry with the same meaning, and a file without faults holds nothing but entries.
pub fn journal(data: &[u8]) {
    let found = examine(data, &[], 2);
    assert!(found.faults.len() <= 100 && found.remarks.len() <= 100 && found.certified.len() <= 64, "bounded");
    if found.is_sound() {
        assert!(entries(data).count() as u64 == found.entries, "every line is an entry");
        let checkpoint = found.checkpoint().expect("a sound journal has a first entry");
        assert!(examine(data, &[checkpoint], 1).is_sound(), "a journal holds its own checkpoint");
        let cut = Checkpoint { entries: checkpoint.entries + 1, ..checkpoint };
        let faults = examine(data, &[cut], 1).faults;
        assert!(faults.iter().any(|fault| matches!(fault.wrong, Wrong::Cut { .. })), "a cut is found");
    }
    line(data);
    if let Ok(checkpoint) = String::from_utf8_lossy(data).parse::<Checkpoint>() {
        assert!(checkpoint.to_string().parse() == Ok(checkpoint), "a checkpoint is read as it was written");
    }
}

fn line(data: &[u8]) {
    let signature = [7; 64];
    let line = [data, b"\t", BASE64.encode(&signature).as_bytes()].concat();
    let Ok((entry, _)) = read_line(&line) else { return };
    assert!(line.len() <= LINE_BYTES_MAX, "a long line is refused");
    // What later programs added is passed over, and numbers may lose digits: so the first writing may differ, and no other.
    let Ok(once) = write_line(&entry, |_| signature) else { return };
    let (read, _) = read_line(&once).expect("what was written is read");
    assert!(read == entry && write_line(&read, |_| signature) == Ok(once), "an entry is read as it was written");
}
