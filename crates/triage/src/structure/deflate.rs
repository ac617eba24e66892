//! Inflating without keeping anything: only checksums and the ends matter. RFC 1950, RFC 1951.

use flate2::{Decompress, FlushDecompress, Status};

use crate::limits::Budget;
use crate::window::{Walk, Window};

const OUTPUT_BYTES: usize = 32 << 10;

/// Inflates one stream after another.
pub(crate) struct Inflater {
    inner: Decompress,
    output: Vec<u8>,
}

/// Where a stream stands after some input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All input is used, and more must come.
    More,
    /// The stream is whole; `used` bytes of this input belong to it.
    Complete { used: usize },
    /// The input cannot be part of such a stream, at `used` or some bytes before.
    Bad { used: usize },
}

/// How a stream in a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Whole; what follows begins at `at`.
    Complete { at: u64 },
    /// The range ended first.
    Cut,
    /// Bytes at `at` or shortly before are wrong.
    Bad { at: u64 },
}

impl Inflater {
    /// Begins with a stream that has the head and the checksum of zlib, or none.
    pub(crate) fn new(has_zlib_head: bool) -> Self {
        Self { inner: Decompress::new(has_zlib_head), output: vec![0; OUTPUT_BYTES] }
    }

    /// Begins another stream.
    pub(crate) fn begin(&mut self, has_zlib_head: bool) {
        self.inner.reset(has_zlib_head);
    }

    /// Takes some input and hands on what it inflates to.
    pub(crate) fn push(&mut self, input: &[u8], budget: &Budget, sink: &mut dyn FnMut(&[u8])) -> Walk<Progress> {
        let mut used = 0;
        loop {
            let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
            let status = self.inner.decompress(&input[used..], &mut self.output, FlushDecompress::None);
            let produced = (self.inner.total_out() - before_out) as usize;
            let taken = (self.inner.total_in() - before_in) as usize;
            used += taken;
            budget.inflated(produced as u64)?;
            sink(&self.output[..produced]);
            match status {
                Err(_) => return Ok(Progress::Bad { used }),
                Ok(Status::StreamEnd) => return Ok(Progress::Complete { used }),
                Ok(_) if used == input.len() && produced < self.output.len() => return Ok(Progress::More),
                Ok(_) if produced == 0 && taken == 0 => return Ok(Progress::Bad { used }),
                Ok(_) => {}
            }
        }
    }

    /// Inflates the stream that begins at `at` and lies before `end`.
    pub(crate) fn run(&mut self, window: &mut Window, at: u64, end: u64, sink: &mut dyn FnMut(&[u8])) -> Walk<End> {
        let budget = window.budget();
        let mut at = at;
        loop {
            let input = window.some(at, end)?;
            if input.is_empty() {
                return Ok(End::Cut);
            }
            let bytes = input.len();
            match self.push(input, budget, sink)? {
                Progress::More => at += bytes as u64,
                Progress::Complete { used } => return Ok(End::Complete { at: at + used as u64 }),
                Progress::Bad { used } => return Ok(End::Bad { at: at + used as u64 }),
            }
        }
    }
}

/// Inflates a small part that is held in memory, up to `bytes_max`; what is broken gives what came before it.
pub(crate) fn inflate_small(
    window: &mut Window,
    at: u64,
    end: u64,
    has_zlib_head: bool,
    bytes_max: usize,
) -> Walk<Vec<u8>> {
    let mut whole = Vec::new();
    Inflater::new(has_zlib_head).run(window, at, end, &mut |part| {
        let rest = bytes_max - whole.len().min(bytes_max);
        whole.extend_from_slice(&part[..part.len().min(rest)]);
    })?;
    Ok(whole)
}
