//! A few bits of all bytes, drawn by lot: so cipher text may be mixed into a file whose bytes keep their looks. Letters become letters, and
//! sound becomes sound.
//!
//! No program does that to a whole file. One that hides a message in the lowest bits of a picture or a sound leaves the head alone, or
//! nobody could open it; one that changes capitals to small letters changes one bit, and by rule.

/// More bits are none that were chosen to leave the looks.
const BITS_MAX: u32 = 4;
/// The bit between capitals and small letters of ASCII.
const CASE: u8 = 0x20;
const HEAD_BYTES: u64 = 64;
/// Of the head half of the bytes change where one bit is drawn: this is four deviations below.
const HEAD_CHANGES_MIN: u64 = 16;
/// Chi-square may be so many deviations above its mean.
const DEVIATIONS_MAX: f64 = 12.0;

/// What differs between bytes at the same places.
#[derive(Debug)]
pub(super) struct Mask {
    /// How often each difference was seen.
    counts: [u64; 256],
    head_changes: u64,
}

impl Default for Mask {
    fn default() -> Self {
        Self { counts: [0; 256], head_changes: 0 }
    }
}

impl Mask {
    /// Takes a difference.
    pub(super) fn add(&mut self, at: u64, difference: u8) {
        self.counts[usize::from(difference)] += 1;
        self.head_changes += u64::from(at < HEAD_BYTES);
    }

    /// Returns the bits that were drawn in all of so many bytes: each of their values as often as any other, the old one too.
    pub(super) fn bits(&self, common_bytes: u64) -> Option<u8> {
        let seen = (0..=u8::MAX).filter(|difference| self.counts[usize::from(*difference)] > 0);
        let bits = seen.fold(0, |bits, difference| bits | difference);
        if bits == 0 || bits.count_ones() > BITS_MAX || bits == CASE {
            return None;
        }
        if common_bytes < HEAD_BYTES || self.head_changes < HEAD_CHANGES_MIN {
            return None;
        }
        let same = common_bytes.saturating_sub(self.counts.iter().sum());
        let values = f64::from(1_u32 << bits.count_ones());
        let expected = common_bytes as f64 / values;
        let drawn = (1..=u8::MAX).filter(|value| value & !bits == 0).map(|value| self.counts[usize::from(value)]);
        let squares: f64 = drawn.chain([same]).map(|found| (found as f64 - expected).powi(2) / expected).sum();
        let freedom = values - 1.0;
        (squares <= freedom + DEVIATIONS_MAX * (2.0 * freedom).sqrt()).then_some(bits)
    }
}

#[cfg(test)]
mod tests {
    use crate::delta::{Comparer, Delta, Pattern};

    fn noise(bytes: usize) -> Vec<u8> {
        let mut out = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut out);
        out
    }

    fn delta(before: &[u8], after: &[u8]) -> Delta {
        let mut comparer = Comparer::new(before.len() as u64, after.len() as u64);
        comparer.compare(before, after);
        comparer.finish()
    }

    fn text(bytes: usize) -> Vec<u8> {
        "Le conseil a délibéré ; le budget 2026 est adopté.\n".bytes().cycle().take(bytes).collect()
    }

    #[test]
    fn bits_that_were_drawn_in_all_bytes_are_overwriting() {
        for bytes in [100, 1000, 100_000] {
            for bits in [0x01, 0x0f, 0x03, 0x12] {
                let before = text(bytes);
                let after: Vec<u8> = before.iter().zip(noise(bytes)).map(|(byte, drawn)| byte ^ drawn & bits).collect();
                let found = delta(&before, &after);
                assert_eq!(found.pattern, Pattern::Masked { bits }, "{bytes} bytes");
                assert!(found.is_overwriting());
            }
        }
    }

    #[test]
    fn work_on_a_text_or_in_the_lowest_bits_of_a_picture_is_none() {
        let before = text(5000);
        let louder = before.to_ascii_uppercase();
        let other_case: Vec<u8> =
            before.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }).collect();
        let next_year: Vec<u8> =
            before.iter().map(|byte| if byte.is_ascii_digit() { byte ^ 1 } else { *byte }).collect();
        let half = [text(2500), text(2500).iter().map(|byte| byte ^ 1).collect()].concat();
        for after in [&louder, &other_case, &next_year, &half] {
            assert!(!matches!(delta(&before, after).pattern, Pattern::Masked { .. }));
        }
        let picture = noise(5000);
        let hidden: Vec<u8> = picture
            .iter()
            .zip(text(5000))
            .enumerate()
            .map(|(at, (byte, drawn))| if at < 54 { *byte } else { byte ^ drawn.count_ones() as u8 & 1 })
            .collect();
        assert!(!matches!(delta(&picture, &hidden).pattern, Pattern::Masked { .. }));
    }
}
