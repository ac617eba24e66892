//! The packing of drawings since release 2004 (§4.7 of the specification): letters, and copies of what came before.

/// Unpacks all of `packed` to exactly `bytes`; nothing if that is not what it holds.
pub(super) fn unpack(packed: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let mut packed = Packed { bytes: packed, at: 0 };
    let mut out = Vec::with_capacity(bytes);
    loop {
        let mut code = packed.next()?;
        if code < 0x10 {
            let letters = packed.letters_of(code)?;
            packed.copy(letters, &mut out, bytes)?;
            code = packed.next()?;
        }
        if code == 0x11 {
            break;
        }
        let (back, copied, letters) = packed.code(code)?;
        if back > out.len() || copied > bytes - out.len() {
            return None;
        }
        (0..copied).for_each(|_| out.push(out[out.len() - back]));
        packed.copy(letters, &mut out, bytes)?;
    }
    (out.len() == bytes).then_some(out)
}

struct Packed<'p> {
    bytes: &'p [u8],
    at: usize,
}

impl Packed<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn copy(&mut self, letters: usize, out: &mut Vec<u8>, bytes_max: usize) -> Option<()> {
        let part = self.bytes.get(self.at..self.at.checked_add(letters)?)?;
        if letters > bytes_max - out.len() {
            return None;
        }
        out.extend_from_slice(part);
        self.at += letters;
        Some(())
    }

    /// Returns how many letters follow a code below 0x10.
    fn letters_of(&mut self, code: u8) -> Option<usize> {
        if code == 0 { Some(self.long()? + 0x0f + 3) } else { Some(usize::from(code) + 3) }
    }

    /// Reads a number: 255 for each zero, and the byte that is none.
    fn long(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        loop {
            match self.next()? {
                0 => number = number.checked_add(0xff)?,
                byte => return number.checked_add(usize::from(byte)),
            }
        }
    }

    /// Returns how far back a code copies from, how many bytes, and how many letters follow.
    fn code(&mut self, code: u8) -> Option<(usize, usize, usize)> {
        let copied = match code {
            0x10 => self.long()? + 9,
            0x12..=0x1f => usize::from(code & 0x0f) + 2,
            0x20 => self.long()? + 0x21,
            0x21..=0x3f => usize::from(code) - 0x1e,
            0x40.. => usize::from(code >> 4) - 1,
            _ => return None,
        };
        if code >= 0x40 {
            let back = usize::from(self.next()?) << 2 | usize::from(code >> 2 & 3);
            return Some((back + 1, copied, usize::from(code & 3)));
        }
        let (low, high) = (self.next()?, self.next()?);
        let back = usize::from(low >> 2) | usize::from(high) << 6;
        let far = if code < 0x20 { 0x3fff } else { 0 };
        Some((back + far + 1, copied, usize::from(low & 3)))
    }
}
