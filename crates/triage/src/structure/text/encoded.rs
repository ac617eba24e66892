//! Whole files of base64, hexadecimal digits or the like: text by its letters, and random by what it says.

use crate::state::Encoding;
use crate::window::{Walk, Window};

/// Shorter ones are keys, tokens and checksums.
const BYTES_MIN: u64 = 512;
const LETTERS_MAX: usize = 96;

/// Tells whether the file is nothing but random bytes in letters.
pub(crate) fn seek(window: &mut Window) -> Walk<Option<Encoding>> {
    if window.bytes() < BYTES_MIN || guess(window.peek(0, 4096)?).is_none() {
        return Ok(None);
    }
    let mut counts = [0_u64; 256];
    let bytes = window.bytes();
    let mut at = 0;
    while at < bytes {
        let part = window.some(at, bytes)?;
        if part.is_empty() {
            break;
        }
        part.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        at += part.len() as u64;
    }
    Ok(encoding(&counts))
}

/// Tells by the head alone.
pub(super) fn guess(head: &[u8]) -> Option<Encoding> {
    let mut counts = [0_u64; 256];
    head.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    encoding(&counts)
}

fn encoding(counts: &[u64; 256]) -> Option<Encoding> {
    let ends: u64 = [b'\n', b'\r'].map(|end| counts[usize::from(end)]).iter().sum();
    let total: u64 = counts.iter().sum::<u64>() - ends;
    let only = |alphabet: &dyn Fn(u8) -> bool| {
        let inside: u64 = (0..=255_u8).filter(|&byte| alphabet(byte)).map(|byte| counts[usize::from(byte)]).sum();
        inside + 8 >= total && total > 256
    };
    let is_even = |letters: usize| is_even(counts, total, letters);
    if only(&|byte| byte.is_ascii_hexdigit()) && is_even(16) {
        Some(Encoding::Hex)
    } else if only(&|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')) && is_even(64) {
        Some(Encoding::Base64)
    } else if counts[usize::from(b' ')] == 0 && only(&|byte| byte.is_ascii_graphic()) && is_even(85) {
        Some(Encoding::Base85)
    } else {
        None
    }
}

/// Tells whether `letters` different letters are as frequent as random bytes make them: chi-square with `letters - 1` degrees of freedom,
/// within eight deviations and a tenth, since the last group of an encoding is not even.
fn is_even(counts: &[u64; 256], total: u64, letters: usize) -> bool {
    let seen = (33..127).filter(|&byte| counts[byte] > 0).count().min(LETTERS_MAX);
    if seen < letters || seen > letters + 2 || (total as f64) < 4.0 * letters as f64 {
        return false;
    }
    let mut sorted: Vec<u64> = (33..127).map(|byte| counts[byte]).collect();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    let apart = |(rank, &count): (usize, &u64)| {
        let expected = total as f64 * share(letters, rank);
        (count as f64 - expected).powi(2) / expected
    };
    let chi: f64 = sorted[..letters].iter().enumerate().map(apart).sum();
    let freedom = (letters - 1) as f64;
    chi < freedom + 8.0 * (2.0 * freedom).sqrt() + 0.1 * freedom
}

/// Returns how frequent a letter is, by its rank. The first of five letters of base85 stands for the highest part of 32 bits, and those
/// have no use for all of its values: 2³² is 82.28 times 85⁴.
fn share(letters: usize, rank: usize) -> f64 {
    const HIGHEST: f64 = 82.28;
    if letters != 85 {
        return 1.0 / letters as f64;
    }
    let first = (HIGHEST - rank as f64).clamp(0.0, 1.0) / HIGHEST;
    0.2 * first + 0.8 / 85.0
}
