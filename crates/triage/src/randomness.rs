//! Whether bytes look as if nobody could have foreseen one of them.

/// Fewer bytes say nothing.
const BYTES_MIN: usize = 64;
/// Bounds of chi-square with 255 degrees of freedom, whose mean is 255 and deviation 22.6: some six deviations around.
const CHI_MIN: f64 = 130.0;
const CHI_MAX: f64 = 400.0;

/// Tells whether each byte value is as frequent as the others. Encrypted bytes always are; well compressed ones may be.
pub(crate) fn looks_random(bytes: &[u8]) -> bool {
    if bytes.len() < BYTES_MIN {
        return false;
    }
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let expected = bytes.len() as f64 / 256.0;
    let chi: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    (CHI_MIN..CHI_MAX).contains(&chi)
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
