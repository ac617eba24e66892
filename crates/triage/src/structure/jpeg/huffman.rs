//! Huffman tables of JPEG (ITU-T T.81 §C, §F.2.2.3).

use std::cell::OnceCell;

/// Codes up to this length are found in one step.
const FAST_BITS: u32 = 9;
/// So many bits are looked at to pass several coefficients in one step.
pub(super) const STEP_BITS: u32 = 11;

/// A table that turns codes into symbols.
pub(super) struct Table {
    /// For the next nine bits: length of the code and symbol; length 0 where the code is longer.
    fast: Vec<(u8, u8)>,
    /// For each length: behind the last code, on 16 bits.
    limits: [u32; 17],
    /// For each length: what to add to a code to find its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
    /// Made when a baseline scan first needs them.
    steps: OnceCell<Box<Steps>>,
}

/// For the next [`STEP_BITS`] bits, how far one look leads.
pub(super) type Steps = [Step; 1 << STEP_BITS];

/// One look at the bits ahead: as many coefficients of a baseline block as have their codes among them.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// How many bits the codes and their values have.
    pub(super) bits: u8,
    /// How many coefficients they pass; [`Step::ENDS`] and one more if the last code ends the block; above all where even
    /// the first code is longer.
    pub(super) reach: u8,
}

impl Step {
    /// What the reach has on top if the block ends.
    pub(super) const ENDS: u8 = 64;
    pub(super) const UNKNOWN: Self = Self { bits: 0, reach: u8::MAX };
}

/// Reads the tables of a segment; false if one cannot be.
pub(super) fn read_tables(mut part: &[u8], dc: &mut [Option<Table>; 4], ac: &mut [Option<Table>; 4]) -> bool {
    while let [class, rest @ ..] = part {
        let Some((lengths, rest)) = rest.split_first_chunk::<16>() else { return false };
        let count: usize = lengths.iter().map(|&count| usize::from(count)).sum();
        let place = usize::from(class & 15);
        if class >> 4 > 1 || place > 3 || count > 256 || rest.len() < count {
            return false;
        }
        let (symbols, rest) = rest.split_at(count);
        let Some(table) = Table::new(lengths, symbols) else { return false };
        let tables = if class >> 4 == 0 { &mut *dc } else { &mut *ac };
        tables[place] = Some(table);
        part = rest;
    }
    true
}

impl Table {
    fn new(lengths: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            fast: vec![(0, 0); 1 << FAST_BITS],
            limits: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
            steps: OnceCell::new(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for length in 1..=16_u32 {
            table.offsets[length as usize] = place as i32 - code as i32;
            for _ in 0..lengths[length as usize - 1] {
                if code >= 1 << length {
                    return None;
                }
                if length <= FAST_BITS {
                    let first = (code << (FAST_BITS - length)) as usize;
                    let entries = &mut table.fast[first..first + (1 << (FAST_BITS - length))];
                    entries.fill((length as u8, symbols[place]));
                }
                code += 1;
                place += 1;
            }
            table.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    /// Finds the symbol of the code that begins 16 bits, and the length of the code.
    #[inline]
    pub(super) fn symbol(&self, ahead: u32) -> Option<(u32, u8)> {
        let (length, symbol) = self.fast[(ahead >> (16 - FAST_BITS)) as usize];
        if length > 0 {
            return Some((u32::from(length), symbol));
        }
        for length in FAST_BITS + 1..=16 {
            if ahead < self.limits[length as usize] {
                let place = (ahead >> (16 - length)) as i32 + self.offsets[length as usize];
                return self.symbols.get(usize::try_from(place).ok()?).map(|&symbol| (length, symbol));
            }
        }
        None
    }

    /// Returns the steps of baseline coefficients that begin with codes of this table.
    pub(super) fn steps(&self) -> &Steps {
        self.steps.get_or_init(|| {
            let mut steps = Box::new([Step::UNKNOWN; 1 << STEP_BITS]);
            for (ahead, step) in (0..).zip(steps.iter_mut()) {
                *step = self.step(ahead);
            }
            steps
        })
    }

    fn step(&self, ahead: u32) -> Step {
        let mut step = Step { bits: 0, reach: 0 };
        while u32::from(step.bits) < STEP_BITS {
            let left = STEP_BITS - u32::from(step.bits);
            // What is behind the bits ahead is taken for zeros, and a code that reaches there is not believed.
            let Some((length, symbol)) = self.symbol(ahead << (16 - left) & 0xffff).filter(|found| found.0 <= left)
            else {
                break;
            };
            let (run, size) = (symbol >> 4, symbol & 15);
            let ends = size == 0 && run < 15;
            let reach = step.reach + if ends { 1 } else { run + 1 };
            // No block has more behind its first coefficient.
            if reach > 63 + u8::from(ends) {
                break;
            }
            step = Step { bits: step.bits + length as u8 + size, reach };
            if ends {
                step.reach += Step::ENDS;
                return step;
            }
        }
        if step.bits == 0 { Step::UNKNOWN } else { step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of one to sixteen bits: values of one and two bits, ends, runs of sixteen zeros, and what is rare.
    fn table() -> Table {
        let lengths = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        let symbols = [0x01, 0x00, 0xf0, 0x12, 0x31, 0x02, 0xe3, 0xf0, 0x05, 0x61, 0x0a, 0x20, 0x71, 0x0f, 0xff];
        Table::new(&lengths, &symbols).expect("the code is sound")
    }

    #[test]
    fn a_step_is_what_its_codes_are_one_by_one() {
        let table = table();
        for ahead in 0..1 << STEP_BITS {
            let step = table.step(ahead);
            let (mut bits, mut reach, mut ends) = (0, 0, false);
            while bits < STEP_BITS && !ends {
                // Whatever follows the bits ahead, the codes among them are these.
                let follow = |bit: u32| ((ahead << 16) | (bit * 0xffff)) << bits >> STEP_BITS & 0xffff;
                let found = table.symbol(follow(0));
                let Some((length, symbol)) = found.filter(|found| found.0 + bits <= STEP_BITS) else { break };
                assert_eq!(found, table.symbol(follow(1)));
                let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
                if reach + run + 1 > 63 && !(size == 0 && run < 15 && reach < 64) {
                    break;
                }
                ends = size == 0 && run < 15;
                reach += if ends { 1 } else { run + 1 };
                bits += length + size;
            }
            let told = if bits == 0 {
                Step::UNKNOWN
            } else {
                Step { bits: bits as u8, reach: reach as u8 + u8::from(ends) * Step::ENDS }
            };
            assert_eq!((step.bits, step.reach), (told.bits, told.reach), "{ahead:011b}");
        }
    }
}
