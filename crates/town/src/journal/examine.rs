//! Examining a journal: every hash, every signature, every certificate, and the checkpoints that were given away.

use std::thread;

use jiff::Timestamp;

use super::certificate::Certificate;
use super::end::{EndError, opened};
use super::faults::{Fault, Remark, Wrong};
use super::line::{JournalId, LineError, LineHash, PublicKey, lines, read_line, whole_bytes};
use super::{Checkpoint, Entry, Fact};

/// What an examination found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Examination {
    /// The journal, if there is a first line.
    pub journal: Option<JournalId>,
    /// The desk's key, if the first entry opens a journal.
    pub desk: Option<PublicKey>,
    /// The town's name, as the first entry has it.
    pub town: String,
    /// How many lines there are.
    pub entries: u64,
    /// The hash of the last of them.
    pub last: Option<LineHash>,
    /// The times of the first and the last entry that can be read.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Whether the last entry closes the journal.
    pub is_closed: bool,
    /// Who vouches for the desk's key.
    pub certified: Vec<Certified>,
    /// What is wrong; nothing: the journal is what the desk wrote.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub faults_untold: u64,
    /// What is worth a word.
    pub remarks: Vec<Remark>,
    /// How many more there are.
    pub remarks_untold: u64,
}

/// An owner who vouches for the desk's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certified {
    /// In which entry.
    pub line: u64,
    /// The vault, in hexadecimal.
    pub vault: String,
    /// The owner's public key, in hexadecimal.
    pub owner: String,
    /// What was signed.
    pub certificate: Certificate,
}

/// So many faults, and so many remarks, are told one by one.
const TOLD_MAX: usize = 100;
/// So many owners are named.
const CERTIFIED_MAX: usize = 64;
/// So many lines are examined: a crisis of years. No entry is so short that a file of 256 MiB has more; memory for each line is bounded by it.
const LINES_MAX: usize = 1_000_000;

impl Examination {
    /// Tells whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// Returns the line that is given away, if there is an entry.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        Some(Checkpoint { journal: self.journal?, entries: self.entries, last: self.last? })
    }

    fn blame(&mut self, line: u64, wrong: Wrong) {
        match self.faults.len() {
            0..TOLD_MAX => self.faults.push(Fault { line, wrong }),
            _ => self.faults_untold += 1,
        }
    }

    fn remark(&mut self, remark: Remark) {
        match self.remarks.len() {
            0..TOLD_MAX => self.remarks.push(remark),
            _ => self.remarks_untold += 1,
        }
    }
}

/// Examines a journal's file: it must be one chain, signed by one desk from end to end, and hold what each checkpoint has seen.
///
/// Memory beyond the file: some hundred bytes a line.
pub fn examine(file: &[u8], checkpoints: &[Checkpoint], threads: usize) -> Examination {
    let mut lines: Vec<&[u8]> = lines(file).take(LINES_MAX + 1).collect();
    let mut found = Examination { entries: lines.len() as u64, ..Examination::default() };
    let torn = file.len() - whole_bytes(file);
    if torn > 0 {
        found.remark(Remark::Torn { bytes: torn as u64 });
    }
    if lines.len() > LINES_MAX {
        lines.truncate(LINES_MAX);
        found.entries = LINES_MAX as u64;
        found.blame(LINES_MAX as u64, Wrong::TooMany);
    }
    let hashes = match opening(&mut found, &lines) {
        Some(desk) => {
            let looked = look_at_all(&lines, &desk, threads);
            Chain::new(&mut found, desk).follow(&looked);
            looked.into_iter().map(|line| line.hash).collect()
        }
        None => lines.iter().map(|line| LineHash::of(line)).collect::<Vec<_>>(),
    };
    found.last = hashes.last().copied();
    checkpoints.iter().for_each(|checkpoint| compare(&mut found, &hashes, checkpoint));
    found
}

/// Reads the entries that a journal's desk signed, in the order in which it wrote them. What somebody changed, or put there himself, is
/// left out, and an entry counts once, wherever it stands: neither can a line that was copied to the end say what is so now.
///
/// What is missing does not show here: that is for [`examine()`].
pub fn signed_entries(file: &[u8]) -> Vec<Entry> {
    let first = lines(file).next().and_then(|line| read_line(line).ok());
    let Some((desk, _)) = first.and_then(|(entry, _)| opened(&entry).ok()) else { return Vec::new() };
    let signed = lines(file).take(LINES_MAX).filter_map(|line| read_line(line).ok());
    let mut entries: Vec<Entry> = signed.filter(|(_, signed)| signed.is_by(&desk)).map(|(entry, _)| entry).collect();
    entries.sort_by_key(|entry| entry.number);
    entries.dedup_by_key(|entry| entry.number);
    entries
}

/// Finds out whose journal it is.
fn opening(found: &mut Examination, lines: &[&[u8]]) -> Option<PublicKey> {
    let Some(first) = lines.first() else {
        found.blame(1, Wrong::NotOpened);
        return None;
    };
    found.journal = Some(JournalId::of(LineHash::of(first)));
    let wrong = match read_line(first) {
        Ok((entry, _)) => match opened(&entry) {
            Ok((desk, town)) => {
                (found.desk, found.town) = (Some(desk), town);
                return Some(desk);
            }
            Err(EndError::Later(version)) => Wrong::Later(version),
            Err(_) => Wrong::NotOpened,
        },
        Err(error) => Wrong::Line(error),
    };
    found.blame(1, wrong);
    None
}

fn compare(found: &mut Examination, hashes: &[LineHash], checkpoint: &Checkpoint) {
    if found.journal != Some(checkpoint.journal) {
        // A journal whose first line was changed has another name, too.
        return found.blame(1, Wrong::OtherJournal { journal: checkpoint.journal });
    }
    let at = checkpoint.entries.checked_sub(1).and_then(|at| hashes.get(usize::try_from(at).ok()?));
    match at {
        None => found.blame(hashes.len() as u64, Wrong::Cut { entries: checkpoint.entries }),
        Some(hash) if *hash != checkpoint.last => found.blame(checkpoint.entries, Wrong::Rewritten),
        Some(_) => {}
    }
}

/// What is kept of a line.
struct Looked {
    hash: LineHash,
    said: Result<Said, LineError>,
}

/// What a sound line says of its place; and facts that count for the journal.
struct Said {
    number: u64,
    before: LineHash,
    time: Timestamp,
    fact: Option<Box<Fact>>,
}

fn look_at_all(lines: &[&[u8]], desk: &PublicKey, threads: usize) -> Vec<Looked> {
    let share = lines.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> = lines
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|line| look_at(line, desk)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("looking at a line does not panic")).collect()
    })
}

fn look_at(line: &[u8], desk: &PublicKey) -> Looked {
    let said = read_line(line).and_then(|(entry, signed)| match signed.is_by(desk) {
        true => Ok(said(entry)),
        false => Err(LineError::Signature),
    });
    Looked { hash: LineHash::of(line), said }
}

fn said(entry: Entry) -> Said {
    let counts = |fact: &Fact| matches!(fact, Fact::Opened { .. } | Fact::Certified { .. } | Fact::Closed);
    Said {
        number: entry.number,
        before: LineHash::parse(&entry.before).unwrap_or(LineHash::NONE),
        time: entry.time,
        fact: entry.fact.filter(counts).map(Box::new),
    }
}

/// Follows the chain from line to line.
struct Chain<'e> {
    found: &'e mut Examination,
    desk: PublicKey,
    /// The highest number so far.
    highest: u64,
    /// The hash of the line before; nothing if that does not hold, since its fault is told already.
    before: Option<LineHash>,
}

impl<'e> Chain<'e> {
    fn new(found: &'e mut Examination, desk: PublicKey) -> Self {
        Self { found, desk, highest: 0, before: Some(LineHash::NONE) }
    }

    fn follow(mut self, lines: &[Looked]) {
        for (line, looked) in (1..).zip(lines) {
            match &looked.said {
                Ok(said) => self.place(line, said, looked.hash),
                Err(error) => {
                    self.found.blame(line, Wrong::Line(error.clone()));
                    self.before = None;
                    self.highest += 1;
                }
            }
        }
    }

    fn place(&mut self, line: u64, said: &Said, hash: LineHash) {
        let next = self.highest + 1;
        let is_next = match said.number {
            number if number < next => {
                self.found.blame(line, Wrong::Misplaced { number });
                false
            }
            number if number > next => {
                self.found.blame(line, Wrong::Missing { from: next, to: number - 1 });
                false
            }
            _ => true,
        };
        if is_next && self.before.is_some_and(|before| before != said.before) {
            self.found.blame(line, Wrong::Chain);
        }
        self.highest = self.highest.max(said.number);
        // What follows a line out of place cannot follow on from it: one word is enough.
        self.before = is_next.then_some(hash);
        self.note_time(line, said.time);
        self.note_fact(line, said.fact.as_deref());
    }

    fn note_time(&mut self, line: u64, time: Timestamp) {
        match &mut self.found.times {
            Some((_, before)) if *before > time => {
                let before = std::mem::replace(before, time);
                self.found.remark(Remark::Backwards { line, before, time });
            }
            Some((_, last)) => *last = time,
            None => self.found.times = Some((time, time)),
        }
    }

    fn note_fact(&mut self, line: u64, fact: Option<&Fact>) {
        if self.found.is_closed {
            self.found.remark(Remark::AfterClosed { line });
        }
        self.found.is_closed = false;
        match fact {
            Some(Fact::Closed) => self.found.is_closed = true,
            Some(Fact::Opened { .. }) if line > 1 => self.found.blame(line, Wrong::OpenedAgain),
            Some(Fact::Certified { vault, owner, statement, signature }) => {
                let Some(journal) = self.found.journal else { return };
                match Certificate::verify((vault, owner), (statement, signature), (journal, &self.desk)) {
                    Ok(certificate) if self.found.certified.len() < CERTIFIED_MAX => {
                        let (vault, owner) = (vault.clone(), owner.clone());
                        self.found.certified.push(Certified { line, vault, owner, certificate });
                    }
                    Ok(_) => {}
                    Err(error) => self.found.blame(line, Wrong::Certificate(error)),
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
