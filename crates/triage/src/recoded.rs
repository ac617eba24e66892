//! Short files that became letters: too short to show that random bytes hide in them, but as long as the version before in letters.

/// Longer files show by themselves how even their letters are.
pub const BYTES_MAX: u64 = 4096;
/// Fewer letters say nothing.
const LETTERS_MIN: usize = 24;
/// More than this stays of no text by chance.
const KEPT_BYTES_MIN: usize = 6;
/// What an encryption adds: an initial value, a check, padding.
const ADDED_BYTES_MAX: usize = 64;

/// Tells whether `after` is nothing but letters of base64, hexadecimal digits or base85 that stand for as many bytes as `before` has,
/// or a few more, where `before` is no such thing itself.
pub fn is_recoded(before: &[u8], after: &[u8]) -> bool {
    let letters: Vec<u8> = after.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if letters.len().min(before.len()) < LETTERS_MIN || kept_bytes(before, after) >= KEPT_BYTES_MIN {
        return false;
    }
    // Letters come in lines; what has blanks has words. Digits may be set in pairs.
    let has_blanks = after.iter().any(|byte| matches!(byte, b' ' | b'\t'));
    let stands_for = |bytes: usize| (before.len()..=before.len() + ADDED_BYTES_MAX).contains(&bytes);
    let coded = |alphabet: fn(u8) -> bool, bytes: usize, is_mixed: fn(&[u8]) -> bool| {
        letters.iter().all(|letter| alphabet(*letter))
            && stands_for(bytes)
            && is_mixed(&letters)
            && !all(before, alphabet)
    };
    let padding = letters.iter().rev().take_while(|letter| **letter == b'=').count().min(2);
    coded(|letter| letter.is_ascii_hexdigit(), letters.len() / 2, is_mixed_hex)
        || !has_blanks
            && (coded(is_base64, letters.len() * 3 / 4 - padding, is_mixed_case)
                || coded(|letter| letter.is_ascii_graphic(), letters.len() * 4 / 5, is_mixed_signs))
}

/// Returns how much of the version before stands at the beginning and at the end of the other: nothing of what was encrypted, by chance one
/// letter or two.
fn kept_bytes(before: &[u8], after: &[u8]) -> usize {
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[start..], &after[start..]);
    let same = |(one, other): &(&u8, &u8)| one == other && !one.is_ascii_whitespace();
    start + before.iter().rev().zip(after.iter().rev()).take_while(same).count()
}

fn is_base64(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/' | b'-' | b'_' | b'=')
}

fn all(text: &[u8], alphabet: fn(u8) -> bool) -> bool {
    text.iter().filter(|byte| !byte.is_ascii_whitespace()).all(|byte| alphabet(*byte))
        && text.iter().filter(|byte| byte.is_ascii_whitespace()).count() * 32 < text.len()
}

/// Words are written in small letters.
fn is_mixed_case(letters: &[u8]) -> bool {
    let count = |of: fn(&u8) -> bool| letters.iter().filter(|letter| of(letter)).count();
    count(u8::is_ascii_uppercase) * 5 > letters.len() && count(u8::is_ascii_lowercase) * 5 > letters.len()
}

fn is_mixed_hex(letters: &[u8]) -> bool {
    let figures = letters.iter().filter(|letter| letter.is_ascii_digit()).count();
    figures * 3 > letters.len() && figures * 5 < letters.len() * 4 + letters.len() / 2
}

/// A third of 85 letters are no letters and no figures.
fn is_mixed_signs(letters: &[u8]) -> bool {
    let signs = letters.iter().filter(|letter| !letter.is_ascii_alphanumeric()).count();
    signs * 6 > letters.len() && is_spread(letters)
}

/// Tells whether no letter comes too often.
fn is_spread(letters: &[u8]) -> bool {
    let mut counts = [0_usize; 256];
    letters.iter().for_each(|letter| counts[usize::from(*letter)] += 1);
    counts.iter().max().is_some_and(|most| *most <= 4 + letters.len() / 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bytes: usize, seed: u64) -> Vec<u8> {
        let mut out = vec![0; bytes];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
        out
    }

    fn base85(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for part in bytes.chunks(4) {
            let mut four = [0; 4];
            four[..part.len()].copy_from_slice(part);
            let mut number = u32::from_be_bytes(four);
            let mut letters = [0; 5];
            for letter in letters.iter_mut().rev() {
                *letter = b'!' + (number % 85) as u8;
                number /= 85;
            }
            out.extend_from_slice(&letters);
        }
        out
    }

    #[test]
    fn short_texts_in_letters_are_told() {
        let text = "Le conseil a délibéré ; la séance est levée à vingt heures. ".repeat(8);
        for bytes in [40, 56, 100, 300] {
            let before = &text.as_bytes()[..bytes];
            for seed in 0..300 {
                let hidden = noise(bytes + (seed as usize % 3) * 16, seed);
                assert!(is_recoded(before, data_encoding::BASE64.encode(&hidden).as_bytes()), "{bytes} {seed}");
                assert!(is_recoded(before, data_encoding::BASE64_MIME.encode(&hidden).as_bytes()), "{bytes} {seed}");
                assert!(is_recoded(before, data_encoding::HEXLOWER.encode(&hidden).as_bytes()), "{bytes} {seed}");
                assert!(is_recoded(before, &base85(&hidden)), "{bytes} {seed}");
            }
        }
    }

    #[test]
    fn texts_lists_and_keys_are_not() {
        let before = "Le conseil a délibéré ; la séance est levée.\n";
        let longer = "Le conseil municipal a délibéré ; la séance est levée à vingt heures.\n";
        let list = "rue_de_la_gare\nrue_du_port\nplace_du_marche\navenue_foch\nallee\n";
        assert!(!is_recoded(before.as_bytes(), longer.as_bytes()));
        assert!(!is_recoded(before.as_bytes(), list.as_bytes()));
        let keys: Vec<String> = (0..2).map(|seed| data_encoding::BASE64.encode(&noise(48, seed))).collect();
        assert!(!is_recoded(keys[0].as_bytes(), keys[1].as_bytes()), "a key that was changed");
        assert!(!is_recoded(b"", b"abc"));
        assert!(!is_recoded(b"", &keys[0].as_bytes()[..40]), "a key where nothing was");
        // A script of signs, and a line behind it.
        let script = b"#! /bin/sh\n$XGETTEXT *.cpp *.h -o $podir/libkmime5.pot\n";
        assert!(!is_recoded(script, &[&script[..], b"Une ligne de plus, jour 0.\n"].concat()));
        assert!(!is_recoded(script, &[b"#! /bin/bash\n", &script[11..]].concat()));
        assert!(!is_recoded(script, b"#!/bin/sh\n$MSGFMT --check -o \"$podir/$1.gmo\" *.po && rm -f *.pot; exit $?\n"));
    }
}
