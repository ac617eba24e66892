//! Looking at a file while its bytes pass by once, in order.
//!
//! The head, the tail and samples between are kept of any file. Of one that is to be examined in full, all bytes are kept as
//! long as they are not too many: an examination reads here and there.

use crate::facts::{Depth, Facts};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::pairing::stem;
use crate::state::{State, Unknown};
use crate::texture::Sampler;
use crate::{examine, glance};

/// Looks at one file.
#[derive(Debug)]
pub struct Looker {
    name: Vec<u8>,
    depth: Depth,
    bytes: u64,
    /// The first bytes; all of them while the file may be examined in full.
    head: Vec<u8>,
    /// The last bytes, twice as many as are needed before they are cut.
    tail: Vec<u8>,
    sampler: Sampler,
}

impl Looker {
    /// So many bytes of the head and of the tail are kept.
    pub const END_BYTES: usize = 64 << 10;
    /// Longer files are never examined in full while they are saved.
    pub const FULL_BYTES_MAX: usize = 8 << 20;

    /// Begins with a file of about `bytes` bytes. The key decides where samples are taken.
    pub fn new(name: &[u8], bytes: u64, depth: Depth, key: [u8; 32]) -> Self {
        let fits = bytes <= Self::FULL_BYTES_MAX as u64;
        let depth = if fits { depth } else { Depth::Glance };
        // Most files are short, and as long as they were said to be: then nothing grows.
        let room = bytes.min(Self::END_BYTES as u64) as usize;
        Self {
            name: telling_name(name).to_vec(),
            depth,
            bytes: 0,
            head: Vec::with_capacity(room),
            tail: Vec::new(),
            sampler: Sampler::new(key, bytes),
        }
    }

    /// Takes the next bytes.
    pub fn data(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sampler.data(bytes);
        self.keep(bytes);
    }

    /// Takes zeros that nobody read.
    pub fn zeros(&mut self, mut bytes: u64) {
        const ZEROS: [u8; 4096] = [0; 4096];
        self.bytes += bytes;
        self.sampler.zeros(bytes);
        // More than both ends can hold leaves no trace in them.
        bytes = bytes.min(self.head_room() as u64 + 2 * Self::END_BYTES as u64);
        while bytes > 0 {
            let part = bytes.min(ZEROS.len() as u64) as usize;
            self.keep(&ZEROS[..part]);
            bytes -= part as u64;
        }
    }

    /// Says what was seen.
    pub fn finish(&mut self) -> Facts {
        let texture = self.sampler.finish();
        let whole = self.bytes == self.head.len() as u64;
        let head = &self.head[..self.head.len().min(Self::END_BYTES)];
        let tail = if whole { &self.head[self.head.len() - head.len()..] } else { self.last_bytes() };
        if self.depth == Depth::Glance || !whole {
            let seen = glance(head, tail, self.bytes, &self.name);
            return Facts::of_ends(seen.kind, &seen.state, &texture);
        }
        let (kind, state) = match examine(&self.head, &self.name, &Self::limits()) {
            Ok(found) => (found.kind, found.state),
            Err(_) => (Kind::Unknown, State::Unknown(Unknown::Unrecognised)),
        };
        // What was seen of the version before may be its ends alone: then only ends can be compared.
        let shows_at_ends = state.is_unsound() && glance(head, tail, self.bytes, &self.name).state.is_unsound();
        Facts::of_all(kind, &state, shows_at_ends, &texture)
    }

    /// While files are saved, a hostile one must not hold the backup up for seconds: what costs more is unknown.
    fn limits() -> Limits {
        Limits {
            work_bytes_max: 1 << 30,
            inflated_bytes_max: 256 << 20,
            memory_bytes_max: 16 << 20,
            ..Limits::default()
        }
    }

    fn head_room(&self) -> usize {
        let most = if self.depth == Depth::Full { Self::FULL_BYTES_MAX } else { Self::END_BYTES };
        most.saturating_sub(self.head.len())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(self.head_room().min(bytes.len()));
        self.head.extend_from_slice(first);
        if rest.is_empty() {
            return;
        }
        let last = &rest[rest.len().saturating_sub(Self::END_BYTES)..];
        if self.tail.len() + last.len() > 2 * Self::END_BYTES {
            let cut = self.tail.len().saturating_sub(Self::END_BYTES);
            self.tail.drain(..cut);
        }
        self.tail.extend_from_slice(last);
    }

    /// Returns the last bytes of a file that is longer than its head.
    fn last_bytes(&self) -> &[u8] {
        &self.tail[self.tail.len().saturating_sub(Self::END_BYTES)..]
    }
}

/// Returns the part of a name that promises a kind: an ending that nobody knows may hide one (`plan.docx.k2x9`).
pub fn telling_name(name: &[u8]) -> &[u8] {
    match Kind::expected(name) {
        None if Kind::expected(stem(name)).is_some() => stem(name),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Finding;

    fn look(name: &str, content: &[u8], depth: Depth, part: usize) -> Facts {
        let mut looker = Looker::new(name.as_bytes(), content.len() as u64, depth, [3; 32]);
        content.chunks(part).for_each(|part| looker.data(part));
        looker.finish()
    }

    fn noise(bytes: usize) -> Vec<u8> {
        let mut out = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut out);
        out
    }

    #[test]
    fn it_matters_not_in_which_parts_bytes_come() {
        let text = "Le conseil a délibéré ; le budget est adopté.\n".repeat(20_000);
        for content in [text.as_bytes(), &noise(700_000), b"", b"x"] {
            for depth in [Depth::Glance, Depth::Full] {
                let whole = look("a.txt", content, depth, content.len().max(1));
                for part in [1000, 65_536, 100_001] {
                    assert_eq!(look("a.txt", content, depth, part), whole);
                }
            }
        }
    }

    #[test]
    fn a_full_look_sees_what_a_glance_does_not() {
        let mut text = "Le conseil a délibéré ; le budget est adopté.\n".repeat(20_000).into_bytes();
        text[400_000..400_100].copy_from_slice(&noise(100));
        assert!(look("a.txt", &text, Depth::Full, 4096).finding.is_unsound());
        assert_eq!(look("a.txt", &text, Depth::Glance, 4096).finding, Finding::Valid);
        let long = text.repeat(10);
        assert_eq!(look("a.txt", &long, Depth::Full, 65_536).depth, Depth::Glance);
    }

    #[test]
    fn a_new_ending_does_not_hide_what_a_file_should_be() {
        assert_eq!(telling_name(b"plan.docx.k2x9"), b"plan.docx");
        assert_eq!(telling_name(b"plan.docx.pdf"), b"plan.docx.pdf");
        assert_eq!(telling_name(b"plan.k2x9"), b"plan.k2x9");
        assert_eq!(look("plan.docx.k2x9", &noise(30_000), Depth::Glance, 4096).finding, Finding::RandomLike);
    }

    #[test]
    fn holes_are_looked_at_as_zeros() {
        let mut looker = Looker::new(b"disk.img", 1 << 40, Depth::Full, [3; 32]);
        looker.data(&noise(4096));
        looker.zeros((1 << 40) - 8192);
        looker.data(&noise(4096));
        let facts = looker.finish();
        assert_eq!((facts.depth, facts.windows), (Depth::Glance, 255));
        assert!(facts.zero_share >= 254);
        assert!(looker.tail.len() <= 2 * Looker::END_BYTES && looker.head.len() <= Looker::END_BYTES);
    }
}
