//! Texture: whether bytes look drawn by lot, told from windows that nobody can foresee.
//!
//! A window is compared with an even spread by Pearson's chi-square (1900). Of random bytes it has a mean of 255 and a standard
//! deviation of √510 ≈ 22.6 with one bin a byte value, 15 and √30 ≈ 5.5 with one bin a half-byte: the second needs fewer
//! bytes. A limit of entropy would have to know the size of the window: 256 random bytes have 7.14 bits a byte, not 8.
//!
//! Where windows lie is drawn from a key. Windows at places that everybody knows could be left alone by whoever encrypts the rest.
//!
//! A high share of even windows is no proof: what is compressed looks alike. What counts is a change from one version to the next.

/// Takes samples of a content that passes by.
#[derive(Debug)]
pub struct Sampler {
    key: [u8; 32],
    /// The window that is being filled, or waited for.
    window: Vec<u8>,
    window_start: u64,
    window_bytes: usize,
    stretch: u64,
    offset: u64,
    found: Texture,
    run: u32,
}

/// What windows of a content look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Texture {
    /// Windows that were looked at.
    pub windows: u32,
    /// Those that look drawn by lot.
    pub even: u32,
    /// Those of zeros alone.
    pub zero: u32,
    /// The most even windows that followed one another.
    pub even_run: u32,
}

impl Sampler {
    /// One window is taken of each stretch of so many bytes.
    pub const STRETCH_BYTES: u64 = 64 << 10;
    /// A window of a long content, in bytes.
    pub const WINDOW_BYTES: usize = 4 << 10;

    /// Begins with a content of about `bytes` bytes. Of a short one, a quarter is looked at.
    pub fn new(key: [u8; 32], bytes: u64) -> Self {
        let stretch = if bytes >= Self::STRETCH_BYTES { Self::STRETCH_BYTES } else { (bytes / 4).clamp(256, 16 << 10) };
        let window_bytes = (stretch / 4).clamp(64, Self::WINDOW_BYTES as u64) as usize;
        let mut sampler = Self {
            key,
            window: Vec::with_capacity(window_bytes),
            window_start: 0,
            window_bytes,
            stretch,
            offset: 0,
            found: Texture::default(),
            run: 0,
        };
        sampler.window_start = sampler.place(0);
        sampler
    }

    /// Takes the next bytes.
    pub fn data(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wait = self.next_offset() - self.offset;
            if wait >= bytes.len() as u64 {
                self.offset += bytes.len() as u64;
                return;
            }
            bytes = &bytes[wait as usize..];
            self.offset += wait;
            let taken = (self.window_bytes - self.window.len()).min(bytes.len());
            self.window.extend_from_slice(&bytes[..taken]);
            self.offset += taken as u64;
            bytes = &bytes[taken..];
            if self.window.len() == self.window_bytes {
                self.close_window();
            }
        }
    }

    /// Passes over zeros that nobody read.
    pub fn zeros(&mut self, bytes: u64) {
        let end = self.offset + bytes;
        let stretches = end / self.stretch - self.offset / self.stretch;
        self.found.windows = self.found.windows.saturating_add(u32::try_from(stretches).unwrap_or(u32::MAX));
        self.found.zero = self.found.zero.saturating_add(u32::try_from(stretches).unwrap_or(u32::MAX));
        self.run = 0;
        self.window.clear();
        self.offset = end;
        self.window_start = self.place(end.div_ceil(self.stretch));
    }

    /// Returns what was found. What is left of a last window counts if it is long enough to tell anything.
    pub fn finish(&mut self) -> Texture {
        if self.window.len() >= EVENNESS_BYTES_MIN {
            self.close_window();
        }
        self.found
    }

    fn next_offset(&self) -> u64 {
        self.window_start + self.window.len() as u64
    }

    fn close_window(&mut self) {
        let (even, zero) = (is_even(&self.window), self.window.iter().all(|byte| *byte == 0));
        self.found.windows += 1;
        self.found.zero += u32::from(zero);
        self.found.even += u32::from(even);
        self.run = if even { self.run + 1 } else { 0 };
        self.found.even_run = self.found.even_run.max(self.run);
        self.window.clear();
        self.window_start = self.place(self.window_start / self.stretch + 1);
    }

    /// Returns where the window of a stretch begins.
    fn place(&self, stretch: u64) -> u64 {
        let room = self.stretch - self.window_bytes as u64 + 1;
        let drawn = blake3::keyed_hash(&self.key, &stretch.to_le_bytes());
        let number = u64::from_le_bytes(*drawn.as_bytes().first_chunk().expect("a hash has 32 bytes"));
        stretch * self.stretch + number % room
    }
}

impl Texture {
    /// Returns the share of even windows, from 0 to 255.
    pub fn even_share(&self) -> u8 {
        share(self.even, self.windows)
    }

    /// Returns the share of windows of zeros, from 0 to 255.
    pub fn zero_share(&self) -> u8 {
        share(self.zero, self.windows)
    }
}

/// Fewer bytes tell nothing of how they were drawn.
pub const EVENNESS_BYTES_MIN: usize = 64;

/// From so many bytes on, each byte value has a bin of its own: four are expected in each.
const BYTE_BINS_BYTES_MIN: usize = 1 << 10;

/// Standard deviations from the mean within which bytes look drawn by lot.
pub(crate) const DEVIATIONS_MAX: f64 = 4.5;

/// Tells whether bytes are spread as evenly as random ones, and not more so; never of less than [`EVENNESS_BYTES_MIN`].
pub fn is_even(bytes: &[u8]) -> bool {
    // Of random bytes half are high. Text has none, as a rule, and is told by a look without counting.
    if bytes.len() < EVENNESS_BYTES_MIN || bytes.is_ascii() {
        return false;
    }
    let (squares, bins) = if bytes.len() >= BYTE_BINS_BYTES_MIN { by_bytes(bytes) } else { by_halves(bytes) };
    let freedom = (bins - 1) as f64;
    (squares - freedom).abs() <= DEVIATIONS_MAX * (2.0 * freedom).sqrt()
}

fn by_bytes(bytes: &[u8]) -> (f64, usize) {
    let counts = count_bytes(bytes);
    (chi_square(&counts, bytes.len()), counts.len())
}

/// Counts how often each byte comes. Two tables, so that a byte that follows itself need not wait for its own count.
pub(crate) fn count_bytes(bytes: &[u8]) -> [u32; 256] {
    let (mut counts, mut others) = ([0u32; 256], [0u32; 256]);
    let (pairs, rest) = bytes.as_chunks::<2>();
    for [one, other] in pairs {
        counts[usize::from(*one)] += 1;
        others[usize::from(*other)] += 1;
    }
    rest.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
    counts
}

fn by_halves(bytes: &[u8]) -> (f64, usize) {
    let mut counts = [0u32; 16];
    for byte in bytes {
        counts[usize::from(*byte >> 4)] += 1;
        counts[usize::from(*byte & 15)] += 1;
    }
    (chi_square(&counts, 2 * bytes.len()), counts.len())
}

/// Pearson's statistic for bins that are expected to be equal: the sum of (count - expected)² / expected, in whole numbers as long as
/// that is possible.
pub(crate) fn chi_square(counts: &[u32], total: usize) -> f64 {
    let squares: u64 = counts.iter().map(|count| u64::from(*count) * u64::from(*count)).sum();
    squares as f64 * counts.len() as f64 / total as f64 - total as f64
}

fn share(part: u32, whole: u32) -> u8 {
    (u64::from(part) * 255 / u64::from(whole.max(1))) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(bytes: usize, seed: u64) -> Vec<u8> {
        let mut out = vec![0; bytes];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
        out
    }

    fn texture(content: &[u8], part: usize) -> Texture {
        let mut sampler = Sampler::new([7; 32], content.len() as u64);
        content.chunks(part).for_each(|part| sampler.data(part));
        sampler.finish()
    }

    #[test]
    fn random_bytes_are_even_in_windows_of_any_size() {
        for bytes in [64, 100, 256, 1000, 1024, 4096, 65536] {
            let even = (0..2000).filter(|seed| is_even(&random(bytes, *seed))).count();
            assert!(even >= 1995, "{even} of 2000 windows of {bytes} bytes");
        }
    }

    #[test]
    fn text_code_and_numbers_are_not() {
        let text = "Le conseil municipal, réuni le 3 mars, a délibéré sur le budget de la commune. ".repeat(60);
        let numbers: Vec<u8> = (0..1024u32).flat_map(u32::to_le_bytes).collect();
        for bytes in [64, 256, 1024, 4096] {
            assert!(!is_even(&text.as_bytes()[..bytes]));
            assert!(!is_even(&numbers[..bytes]));
            assert!(!is_even(&vec![0; bytes]));
        }
        let base64 = data_encoding::BASE64.encode(&random(3072, 1));
        assert!(!is_even(base64.as_bytes()));
    }

    #[test]
    fn bytes_that_are_spread_too_evenly_were_not_drawn() {
        let counted: Vec<u8> = (0..4096).map(|place| place as u8).collect();
        assert!(!is_even(&counted));
    }

    #[test]
    fn it_matters_not_in_which_parts_bytes_come() {
        let content = random(1 << 20, 3);
        let whole = texture(&content, content.len());
        assert_eq!(whole.windows, 16);
        for part in [1, 100, 4096, 65_537] {
            assert_eq!(texture(&content, part), whole);
        }
    }

    #[test]
    fn the_shares_follow_what_is_there() {
        let mut content = random(1 << 20, 4);
        assert_eq!(texture(&content, 4096).even_share(), 255);
        content[512 << 10..].fill(b'a');
        let half = texture(&content, 4096).even_share();
        assert!((110..=145).contains(&half), "{half}");
        assert_eq!(texture(&[0; 1 << 20], 4096).zero_share(), 255);
    }

    #[test]
    fn holes_are_zeros_and_move_the_windows_on() {
        let mut sampler = Sampler::new([7; 32], 64 << 20);
        sampler.data(&random(1 << 20, 5));
        sampler.zeros(62 << 20);
        sampler.data(&random(1 << 20, 6));
        let found = sampler.finish();
        assert_eq!((found.windows, found.zero), (1024, 992));
        assert!((30..=32).contains(&found.even), "{found:?}");
    }

    #[test]
    fn another_key_looks_elsewhere() {
        let places = |key| (0..8).map(|stretch| Sampler::new([key; 32], 1 << 20).place(stretch)).collect::<Vec<_>>();
        assert_ne!(places(1), places(2));
    }

    #[test]
    fn short_contents_are_looked_at_too() {
        assert_eq!(texture(b"", 1), Texture::default());
        assert!(texture(&random(300, 9), 300).windows >= 1);
        let found = texture(&random(8000, 9), 100);
        assert_eq!(found.even, found.windows);
        assert!(found.windows >= 3, "{found:?}");
    }
}
