//! Bytes that strayed into a text: single ones, too far apart to show in one version alone.
//!
//! An odd byte in a text proves nothing, for many texts have some. With the version before at hand it is another matter: who edits
//! a text does not leave its length as it was and put in, here and there, codes that it never had and that nobody writes.

use crate::structure::text::{is_control, is_usual_high, sequence_bytes};

/// Looks at the bytes that changed in a text.
#[derive(Debug)]
pub(super) struct Strays {
    /// Values that the version before has.
    known: [bool; 256],
    /// Values that no text has, where another stood before.
    found: [bool; 256],
    zeros: u64,
}

impl Default for Strays {
    fn default() -> Self {
        Self { known: [false; 256], found: [false; 256], zeros: 0 }
    }
}

impl Strays {
    /// Takes the next bytes of both versions. A letter that is cut by the end of a part counts as whole.
    pub(super) fn compare(&mut self, before: &[u8], after: &[u8]) {
        before.iter().for_each(|byte| self.known[usize::from(*byte)] = true);
        let bytes = before.len().min(after.len());
        let mut place = after.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        while place < bytes {
            let byte = after[place];
            let letter = if byte < 0x80 { 1 } else { sequence_bytes(&after[place..]).unwrap_or(1) };
            let is_cut = byte >= 0xc0 && place + 3 >= bytes;
            let is_stray = letter == 1 && !is_cut && (is_control(byte) || byte >= 0x80 && !is_usual_high(byte));
            if is_stray && before[place] != byte {
                self.found[usize::from(byte)] = true;
                self.zeros += u64::from(byte == 0);
            }
            place += letter;
        }
    }

    /// Returns how many values strayed in that the version before never had. A text of two bytes a letter has zeros everywhere, and
    /// is another way to write.
    pub(super) fn count(&self, common_bytes: u64) -> u32 {
        if self.zeros * 8 > common_bytes {
            return 0;
        }
        let is_new = |value: &usize| self.found[*value] && !self.known[*value];
        u32::try_from((0..256).filter(is_new).count()).unwrap_or(u32::MAX)
    }
}
