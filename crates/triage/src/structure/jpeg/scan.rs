//! The coded part of a JPEG picture: every code is followed, every block counted (ITU-T T.81 §F.2, §G.2).

use std::ops::Range;

use super::huffman::Table;
use super::{Component, Frame};
use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

/// Bits of coded data: a zero follows each 0xFF, and any other byte there is a marker.
struct CodedBits<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    end: u64,
    held: u64,
    held_bits: u32,
    /// Where a marker or the end stopped the reading.
    stopped: bool,
    /// Bits given behind that place.
    lent_bits: u32,
}

/// Why a walk through codes ended.
enum Refusal {
    /// No sound picture has this.
    Bad,
    Stop(Stop),
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

type Coded<T> = Result<T, Refusal>;

/// What the head of a scan says.
struct Scan<'f> {
    parts: Vec<Part<'f>>,
    spectral: Range<usize>,
    high: u8,
    low: u8,
    is_progressive: bool,
}

struct Part<'f> {
    component: Component,
    place: usize,
    dc: Option<&'f Table>,
    ac: Option<&'f Table>,
}

/// Walks through the scan whose head is `head`, and returns where the next marker is.
pub(super) fn walk(
    window: &mut Window,
    findings: &mut Findings,
    frame: &mut Frame,
    head: Range<u64>,
    end: u64,
) -> Walk<u64> {
    let text = window.take(head.start, (head.end - head.start) as usize)?.to_vec();
    findings.parsed_bytes += text.len() as u64;
    if !frame.is_walked {
        return pass(window, findings, head.end, end);
    }
    let mut seen = std::mem::take(&mut frame.seen);
    let outcome = {
        let Some(scan) = Scan::read(&text, frame) else { return Err(Stop::Broken { at: head.start }) };
        if !scan.has_tables() {
            return pass(window, findings, head.end, end);
        }
        prepare(window, frame, &scan, &mut seen)?;
        let mut bits = CodedBits { window, at: head.end, end, held: 0, held_bits: 0, stopped: false, lent_bits: 0 };
        let outcome = scan.blocks(frame, &mut bits, &mut seen);
        (outcome, bits.at, bits.at >= end)
    };
    frame.seen = seen;
    let (outcome, at, is_at_end) = outcome;
    match outcome {
        Ok(at) => {
            findings.parsed_bytes += at - head.end;
            Ok(at)
        }
        Err(Refusal::Stop(stop)) => Err(stop),
        Err(Refusal::Bad) if is_at_end => Err(Stop::Ended { at: end }),
        Err(Refusal::Bad) => Err(Stop::Broken { at }),
    }
}

/// Passes coded data that is not understood: only its markers are looked at.
fn pass(window: &mut Window, findings: &mut Findings, at: u64, end: u64) -> Walk<u64> {
    findings.note(Note::Opaque { at, bytes: 0 });
    let mut at = at;
    loop {
        let part = window.some(at, end)?;
        if part.is_empty() {
            return Err(Stop::Ended { at: end });
        }
        match part.iter().position(|&byte| byte == 0xff) {
            None => at += part.len() as u64,
            Some(found) => {
                at += found as u64;
                match window.peek(at, 2)? {
                    [_, 0 | 0xd0..=0xd7] => at += 2,
                    [_, 0xff] => at += 1,
                    [_, 1..=0xbf] => return Err(Stop::Broken { at }),
                    [_, _] => return Ok(at),
                    _ => return Err(Stop::Ended { at: end }),
                }
            }
        }
    }
}

/// Makes room for what later scans of a progressive picture need to know.
fn prepare(window: &Window, frame: &Frame, scan: &Scan, seen: &mut Vec<Vec<u64>>) -> Walk<()> {
    seen.resize(frame.components.len(), Vec::new());
    let (across, down) = frame.units();
    let whole = |component: &Component| u64::from(across * component.across) * u64::from(down * component.down);
    let blocks: u64 = frame.components.iter().map(whole).sum();
    window.budget().entries(blocks / 16)?;
    if scan.is_progressive {
        window.budget().memory(blocks * 8)?;
        for (masks, component) in seen.iter_mut().zip(&frame.components) {
            masks.resize(whole(component) as usize, 0);
        }
    }
    Ok(())
}

impl<'f> Scan<'f> {
    fn read(text: &[u8], frame: &'f Frame) -> Option<Self> {
        let (&count, rest) = text.split_first()?;
        let count = usize::from(count);
        if !(1..=4).contains(&count) || rest.len() < 2 * count + 3 {
            return None;
        }
        let parts =
            rest[..2 * count].chunks_exact(2).map(|pair| part(frame, pair[0], pair[1])).collect::<Option<_>>()?;
        let [first, last, approximation] = rest[2 * count..2 * count + 3] else { return None };
        let scan = Self {
            parts,
            spectral: usize::from(first)..usize::from(last) + 1,
            high: approximation >> 4,
            low: approximation & 15,
            is_progressive: frame.is_progressive,
        };
        let is_sound =
            !frame.is_progressive || (first <= last && last < 64 && scan.low < 14 && (first > 0 || last == 0));
        is_sound.then_some(scan)
    }

    /// Follows all blocks, and returns where the marker behind them is.
    fn blocks(&self, frame: &Frame, bits: &mut CodedBits, seen: &mut [Vec<u64>]) -> Coded<u64> {
        let units = frame.units();
        let (across, down) = match &self.parts[..] {
            [alone] => frame.blocks_alone(&alone.component),
            _ => units,
        };
        let (mut until_restart, mut restart) = (frame.restart_blocks, 0_u8);
        let mut ends = 0_u32;
        for row in 0..down {
            bits.window.budget().work(u64::from(across))?;
            for column in 0..across {
                if frame.restart_blocks > 0 && until_restart == 0 {
                    bits.restart(restart)?;
                    restart = (restart + 1) & 7;
                    until_restart = frame.restart_blocks;
                    ends = 0;
                }
                self.unit(units.0, bits, seen, (column, row), &mut ends)?;
                until_restart = until_restart.wrapping_sub(1);
            }
        }
        if ends > 0 { Err(Refusal::Bad) } else { bits.finish() }
    }

    /// Films of single pictures leave the tables away, and everybody knows them; such are not walked.
    fn has_tables(&self) -> bool {
        self.is_progressive || self.parts.iter().all(|part| part.dc.is_some() && part.ac.is_some())
    }

    fn unit(
        &self,
        units_across: u32,
        bits: &mut CodedBits,
        seen: &mut [Vec<u64>],
        at: (u32, u32),
        ends: &mut u32,
    ) -> Coded<()> {
        for part in &self.parts {
            let component = &part.component;
            let alone = self.parts.len() == 1;
            let (wide, high) = if alone { (1, 1) } else { (component.across, component.down) };
            for down in 0..high {
                for across in 0..wide {
                    if !self.is_progressive {
                        part.baseline(bits)?;
                        continue;
                    }
                    let (column, row) = (at.0 * wide + across, at.1 * high + down);
                    let place = row as usize * (units_across * component.across) as usize + column as usize;
                    let mask = seen[part.place].get_mut(place).ok_or(Refusal::Bad)?;
                    self.progressive(part, bits, mask, ends)?;
                }
            }
        }
        Ok(())
    }

    fn progressive(&self, part: &Part, bits: &mut CodedBits, mask: &mut u64, ends: &mut u32) -> Coded<()> {
        match (self.spectral.start, self.high) {
            (0, 0) => part.dc_difference(bits),
            (0, _) => bits.skip(1),
            (_, 0) => self.first_pass(part, bits, mask, ends),
            (_, _) => self.refining_pass(part, bits, mask, ends),
        }
    }

    /// The first bits of some coefficients (§G.1.2.2).
    fn first_pass(&self, part: &Part, bits: &mut CodedBits, mask: &mut u64, ends: &mut u32) -> Coded<()> {
        if *ends > 0 {
            *ends -= 1;
            return Ok(());
        }
        let table = part.ac.ok_or(Refusal::Bad)?;
        let mut place = self.spectral.start;
        while place < self.spectral.end {
            let symbol = bits.symbol(table)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size > 0 {
                place += run;
                bits.skip(size)?;
                if place >= self.spectral.end {
                    return Err(Refusal::Bad);
                }
                *mask |= 1 << place;
                place += 1;
            } else if run == 15 {
                place += 16;
            } else {
                *ends = (1 << run) - 1 + bits.take(run as u32)?;
                return Ok(());
            }
        }
        if place > self.spectral.end { Err(Refusal::Bad) } else { Ok(()) }
    }

    /// One more bit of coefficients that are known, and the first of others (§G.1.2.3).
    fn refining_pass(&self, part: &Part, bits: &mut CodedBits, mask: &mut u64, ends: &mut u32) -> Coded<()> {
        let band = (u64::MAX >> (64 - self.spectral.end)) & (u64::MAX << self.spectral.start);
        let mut place = self.spectral.start;
        while *ends == 0 && place < self.spectral.end {
            let symbol = bits.symbol(part.ac.ok_or(Refusal::Bad)?)?;
            let (mut run, size) = (u32::from(symbol >> 4), symbol & 15);
            match size {
                0 if run < 15 => {
                    *ends = (1 << run) + bits.take(run)?;
                    break;
                }
                0 => {}
                1 => bits.skip(1)?,
                _ => return Err(Refusal::Bad),
            }
            let mut is_placed = false;
            while place < self.spectral.end {
                if *mask >> place & 1 == 1 {
                    bits.skip(1)?;
                } else if run == 0 {
                    is_placed = true;
                    *mask |= u64::from(size) << place;
                    place += 1;
                    break;
                } else {
                    run -= 1;
                }
                place += 1;
            }
            if size == 1 && !is_placed {
                return Err(Refusal::Bad);
            }
        }
        if *ends > 0 {
            let rest = if place < 64 { band & (u64::MAX << place) } else { 0 };
            bits.skip((*mask & rest).count_ones())?;
            *ends -= 1;
        }
        Ok(())
    }
}

fn part<'f>(frame: &'f Frame, id: u8, tables: u8) -> Option<Part<'f>> {
    let place = frame.components.iter().position(|component| component.id == id)?;
    let table = |tables: &'f [Option<Table>; 4], at: u8| tables.get(usize::from(at)).map(Option::as_ref);
    let (dc, ac) = (table(&frame.dc, tables >> 4)?, table(&frame.ac, tables & 15)?);
    Some(Part { component: frame.components[place], place, dc, ac })
}

impl Part<'_> {
    #[inline]
    fn dc_difference(&self, bits: &mut CodedBits) -> Coded<()> {
        let size = bits.symbol(self.dc.ok_or(Refusal::Bad)?)?;
        if size > 16 { Err(Refusal::Bad) } else { bits.skip(u32::from(size)) }
    }

    /// All coefficients of a block (§F.2.2).
    #[inline]
    fn baseline(&self, bits: &mut CodedBits) -> Coded<()> {
        self.dc_difference(bits)?;
        let table = self.ac.ok_or(Refusal::Bad)?;
        let mut place = 1;
        while place < 64 {
            // A code and its value are 31 bits at most.
            bits.fill()?;
            let Some((length, symbol)) = table.symbol(bits.ahead()) else { return Err(Refusal::Bad) };
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            bits.held_bits -= length + size;
            if size > 0 {
                place += run + 1;
            } else if run == 15 {
                place += 16;
            } else {
                return Ok(());
            }
        }
        // Some encoders write a run of sixteen zeros that goes one behind the end.
        if place > 65 { Err(Refusal::Bad) } else { Ok(()) }
    }
}

impl CodedBits<'_, '_> {
    #[inline]
    fn symbol(&mut self, table: &Table) -> Coded<u8> {
        self.fill()?;
        let Some((length, symbol)) = table.symbol(self.ahead()) else { return Err(Refusal::Bad) };
        self.held_bits -= length;
        Ok(symbol)
    }

    /// Takes up to 16 bits.
    fn take(&mut self, bits: u32) -> Coded<u32> {
        self.fill()?;
        let ahead = self.ahead();
        self.held_bits -= bits;
        Ok(if bits == 0 { 0 } else { ahead >> (16 - bits) })
    }

    #[inline]
    fn skip(&mut self, bits: u32) -> Coded<()> {
        let mut left = bits;
        while left > 0 {
            self.fill()?;
            let some = left.min(16);
            self.held_bits -= some;
            left -= some;
        }
        Ok(())
    }

    /// The next 16 bits, of which there must be as many.
    #[inline]
    fn ahead(&self) -> u32 {
        (self.held >> (self.held_bits - 16)) as u32 & 0xffff
    }

    /// Makes sure that 32 bits are held.
    #[inline]
    fn fill(&mut self) -> Coded<()> {
        if self.held_bits < 32 { self.refill() } else { Ok(()) }
    }

    #[inline(never)]
    fn refill(&mut self) -> Coded<()> {
        if !self.stopped {
            self.many_bytes()?;
        }
        while self.held_bits <= 48 {
            if self.stopped {
                if self.lent_bits > self.held_bits {
                    return Err(Refusal::Bad);
                }
                self.held <<= 16;
                self.held_bits += 16;
                self.lent_bits += 16;
            } else if let Some(byte) = self.byte()? {
                self.held = self.held << 8 | u64::from(byte);
                self.held_bits += 8;
            }
        }
        Ok(())
    }

    /// Takes bytes among which no marker can be.
    #[inline]
    fn many_bytes(&mut self) -> Coded<()> {
        let part = self.window.some(self.at, self.end)?;
        let wanted = ((64 - self.held_bits) / 8) as usize;
        if part.len() < wanted || part[..wanted].contains(&0xff) {
            return Ok(());
        }
        for &byte in &part[..wanted] {
            self.held = self.held << 8 | u64::from(byte);
        }
        self.held_bits += 8 * wanted as u32;
        self.at += wanted as u64;
        Ok(())
    }

    /// Takes one byte; none before a marker and at the end, where it stops for good.
    fn byte(&mut self) -> Coded<Option<u8>> {
        let left = self.end.saturating_sub(self.at);
        let (byte, bytes) = match self.window.peek(self.at, left.min(2) as usize)? {
            [0xff, 0] => (Some(0xff), 2),
            // Bytes that may fill before a marker.
            [0xff, 0xff] => (None, 1),
            [0xff, ..] | [] => {
                self.stopped = true;
                (None, 0)
            }
            [byte, ..] => (Some(*byte), 1),
        };
        self.at += bytes;
        Ok(byte)
    }

    /// Passes the padding of the last byte, and returns where the marker behind it is. A few encoders leave two bytes more, or
    /// one byte over and over.
    fn finish(&mut self) -> Coded<u64> {
        if self.lent_bits > self.held_bits {
            return Err(Refusal::Bad);
        }
        let real_bytes = (self.held_bits - self.lent_bits) / 8;
        let held = if self.lent_bits < 64 { self.held >> self.lent_bits } else { 0 };
        let mut more = More::default();
        for place in (0..real_bytes).rev() {
            more.add((held >> (8 * place)) as u8)?;
        }
        while !self.stopped {
            if let Some(byte) = self.byte()? {
                more.add(byte)?;
            }
        }
        (self.held, self.held_bits, self.lent_bits) = (0, 0, 0);
        Ok(self.at)
    }

    /// Passes the marker that stands between parts, the `count`th modulo eight.
    fn restart(&mut self, count: u8) -> Coded<()> {
        let at = self.finish()?;
        if self.window.peek(at, 2)? != [0xff, 0xd0 + count] {
            return Err(Refusal::Bad);
        }
        self.at = at + 2;
        self.stopped = false;
        Ok(())
    }
}

/// Bytes behind the last block.
#[derive(Default)]
struct More {
    count: u64,
    first: u8,
    differs: bool,
}

impl More {
    fn add(&mut self, byte: u8) -> Coded<()> {
        if self.count == 0 {
            self.first = byte;
        }
        self.differs |= byte != self.first;
        self.count += 1;
        if self.count > 2 && self.differs { Err(Refusal::Bad) } else { Ok(()) }
    }
}
