//! Whether bytes look as if nobody could have foreseen one of them.

use crate::texture::{chi_square, count_bytes};

/// Fewer bytes say nothing.
const BYTES_MIN: usize = 24;
/// Of fewer bytes than these, a key or a token in letters looks random, too; it has no bytes beyond ASCII.
const LETTERS_MIN: usize = 64;
/// In short text, a smaller share of bytes is beyond ASCII: of random bytes half are.
const HIGH_PERCENT: std::ops::RangeInclusive<usize> = 30..=70;
/// Bounds of chi-square with 255 degrees of freedom, whose mean is 255 and deviation 22.6: some six deviations around.
const CHI_MIN: f64 = 130.0;
const CHI_MAX: f64 = 400.0;

/// Tells whether each byte value is as frequent as the others. Encrypted bytes always are; well compressed ones may be.
pub(crate) fn looks_random(bytes: &[u8]) -> bool {
    if bytes.len() < BYTES_MIN || (bytes.len() < LETTERS_MIN && !is_half_high(bytes)) {
        return false;
    }
    (CHI_MIN..CHI_MAX).contains(&chi_square(&count_bytes(bytes), bytes.len()))
}

fn is_half_high(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    HIGH_PERCENT.contains(&(high * 100 / bytes.len())) && std::str::from_utf8(bytes).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_zeros_are_not_random() {
        let text = "Le conseil municipal, convoqué le 3 mai, s'est réuni à la mairie. ".repeat(8);
        assert!(!looks_random(text.as_bytes()));
        assert!(!looks_random(&[0; 4096]));
        assert!(!looks_random(&(0..=255).cycle().take(65536).collect::<Vec<u8>>()));
        assert!(!looks_random(b"short"));
        assert!(!looks_random(b"kq81ZvT0dLx3PmW7yHs9RfB2nGj5cUe4aXo6QiKt8"));
        let latin: Vec<u8> = "Élodie Lefèvre à la Châtaigneraie, née".chars().map(|letter| letter as u8).collect();
        assert!(!looks_random(&latin));
        assert!(!looks_random("διαβατήριο της Ελένης".as_bytes()));
    }

    #[test]
    fn of_few_random_bytes_most_are_told() {
        let mut random = vec![0; 57 * 1000];
        blake3::Hasher::new().finalize_xof().fill(&mut random);
        let told = random.chunks(57).filter(|part| looks_random(part)).count();
        assert!(told >= 990, "{told} of 1000");
    }

    #[test]
    fn what_a_generator_gives_is_random() {
        for (seed, bytes) in (1..200).zip([64, 256, 512, 4096, 65536].into_iter().cycle()) {
            let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed);
            let random: Vec<u8> = std::iter::repeat_with(|| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .take(bytes)
            .collect();
            assert!(looks_random(&random), "seed {seed}, {bytes} bytes");
        }
    }
}
