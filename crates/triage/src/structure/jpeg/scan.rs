//! The coded part of a JPEG picture: every code is followed, every block counted (ITU-T T.81 §F.2, §G.2).

use std::ops::Range;

use super::bits::{Ahead, Coded, CodedBits, Fault, Read, Refusal};
use super::huffman::{STEP_BITS, Step, Steps, Table};
use super::{Component, Frame};
use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

/// Scans of fewer blocks are read code by code: making tables of steps takes longer. Each block has bits, so that no file makes
/// more tables than it pays for.
const STEPS_PAY_FROM_BLOCKS: u64 = 4096;

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
    /// Those of `ac`, for a baseline scan.
    steps: Option<&'f Steps>,
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
        let Some(mut scan) = Scan::read(&text, frame) else { return Err(Stop::Broken { at: head.start }) };
        if !scan.has_tables() {
            return pass(window, findings, head.end, end);
        }
        prepare(window, frame, &scan, &mut seen)?;
        if !scan.is_progressive && scan.count_blocks(frame) >= STEPS_PAY_FROM_BLOCKS {
            scan.parts.iter_mut().for_each(|part| part.steps = part.ac.map(Table::steps));
        }
        let mut bits = CodedBits::new(window, head.end, end);
        let outcome = scan.blocks(frame, &mut bits, &mut seen);
        (outcome, bits.at(), bits.is_at_end())
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
        let units_across = frame.units().0;
        let (across, down) = self.units(frame);
        let (mut until_restart, mut restart) = (frame.restart_blocks, 0_u8);
        let mut ends = 0_u32;
        for row in 0..down {
            bits.spend(u64::from(across))?;
            for column in 0..across {
                if frame.restart_blocks > 0 && until_restart == 0 {
                    bits.restart(restart)?;
                    restart = (restart + 1) & 7;
                    until_restart = frame.restart_blocks;
                    ends = 0;
                }
                self.unit(units_across, bits, seen, (column, row), &mut ends)?;
                until_restart = until_restart.wrapping_sub(1);
            }
        }
        if ends > 0 { Err(Refusal::Bad) } else { bits.finish() }
    }

    /// How many units there are, across and down: blocks, where a component is scanned alone.
    fn units(&self, frame: &Frame) -> (u32, u32) {
        match &self.parts[..] {
            [alone] => frame.blocks_alone(&alone.component),
            _ => frame.units(),
        }
    }

    fn count_blocks(&self, frame: &Frame) -> u64 {
        let (across, down) = self.units(frame);
        let in_unit = |part: &Part| u64::from(part.component.across * part.component.down);
        let blocks = if self.parts.len() == 1 { 1 } else { self.parts.iter().map(in_unit).sum() };
        u64::from(across) * u64::from(down) * blocks
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
                        bits.block(|ahead| part.baseline(ahead))?;
                        continue;
                    }
                    let (column, row) = (at.0 * wide + across, at.1 * high + down);
                    let place = row as usize * (units_across * component.across) as usize + column as usize;
                    let mask = seen[part.place].get_mut(place).ok_or(Refusal::Bad)?;
                    bits.block(|ahead| self.progressive(part, ahead, mask, ends))?;
                }
            }
        }
        Ok(())
    }

    fn progressive<'c>(&self, part: &Part, mut ahead: Ahead<'c>, mask: &mut u64, ends: &mut u32) -> Read<'c> {
        match (self.spectral.start, self.high) {
            (0, 0) => part.dc_difference(ahead),
            (0, _) => {
                ahead.skip(1);
                Ok(ahead)
            }
            (_, 0) => self.first_pass(part, ahead, mask, ends),
            (_, _) => self.refining_pass(part, ahead, mask, ends),
        }
    }

    /// The first bits of some coefficients (§G.1.2.2).
    fn first_pass<'c>(&self, part: &Part, mut ahead: Ahead<'c>, mask: &mut u64, ends: &mut u32) -> Read<'c> {
        if *ends > 0 {
            *ends -= 1;
            return Ok(ahead);
        }
        let mut place = self.spectral.start;
        while place < self.spectral.end {
            let symbol = symbol(part.ac, &mut ahead)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size > 0 {
                place += run;
                ahead.pass(size);
                if place >= self.spectral.end {
                    return Err(ahead.fault());
                }
                *mask |= 1 << place;
                place += 1;
            } else if run == 15 {
                place += 16;
            } else {
                *ends = (1 << run) - 1 + ahead.take(run as u32);
                return Ok(ahead);
            }
        }
        if place <= self.spectral.end { Ok(ahead) } else { Err(ahead.fault()) }
    }

    /// One more bit of coefficients that are known, and the first of others (§G.1.2.3).
    fn refining_pass<'c>(&self, part: &Part, mut ahead: Ahead<'c>, mask: &mut u64, ends: &mut u32) -> Read<'c> {
        let band = (u64::MAX >> (64 - self.spectral.end)) & (u64::MAX << self.spectral.start);
        let mut place = self.spectral.start;
        while *ends == 0 && place < self.spectral.end {
            let symbol = symbol(part.ac, &mut ahead)?;
            let (run, size) = (u32::from(symbol >> 4), symbol & 15);
            match size {
                0 if run < 15 => {
                    *ends = (1 << run) + ahead.take(run);
                    break;
                }
                0 => {}
                1 => ahead.pass(1),
                _ => return Err(ahead.fault()),
            }
            let found = zero_behind(*mask, place, run).filter(|&found| found < self.spectral.end);
            let next = found.unwrap_or(self.spectral.end);
            ahead.skip((*mask & below(next) & !below(place)).count_ones());
            match found {
                Some(found) => *mask |= u64::from(size) << found,
                None if size == 1 => return Err(ahead.fault()),
                None => {}
            }
            place = next + 1;
        }
        if *ends > 0 {
            ahead.skip((*mask & band & !below(place)).count_ones());
            *ends -= 1;
        }
        Ok(ahead)
    }
}

/// Returns the place of a zero coefficient from `place` on, with `run` zeros between.
fn zero_behind(mask: u64, place: usize, run: u32) -> Option<usize> {
    let mut zeros = !mask & !below(place);
    for _ in 0..run {
        zeros &= zeros.wrapping_sub(1);
    }
    (zeros > 0).then_some(zeros.trailing_zeros() as usize)
}

/// The bits before a place, of which there are 64.
fn below(place: usize) -> u64 {
    if place < 64 { (1 << place) - 1 } else { u64::MAX }
}

fn part<'f>(frame: &'f Frame, id: u8, tables: u8) -> Option<Part<'f>> {
    let place = frame.components.iter().position(|component| component.id == id)?;
    let table = |tables: &'f [Option<Table>; 4], at: u8| tables.get(usize::from(at)).map(Option::as_ref);
    let (dc, ac) = (table(&frame.dc, tables >> 4)?, table(&frame.ac, tables & 15)?);
    Some(Part { component: frame.components[place], place, dc, ac, steps: None })
}

impl Part<'_> {
    #[inline]
    fn dc_difference<'c>(&self, mut ahead: Ahead<'c>) -> Read<'c> {
        let size = symbol(self.dc, &mut ahead)?;
        if size > 16 {
            return Err(ahead.fault());
        }
        ahead.pass(u32::from(size));
        Ok(ahead)
    }

    /// All coefficients of a block (§F.2.2).
    #[inline]
    fn baseline<'c>(&self, ahead: Ahead<'c>) -> Read<'c> {
        let mut ahead = self.dc_difference(ahead)?;
        let mut place = 1;
        loop {
            ahead.fill();
            let step = self.steps.map_or(Step::UNKNOWN, |steps| steps[ahead.peek(STEP_BITS) as usize]);
            let after = place + u32::from(step.reach);
            if after < 64 {
                ahead.pass(u32::from(step.bits));
                place = after;
                continue;
            }
            if after == 64 || (step.reach > Step::ENDS && after <= 64 + u32::from(Step::ENDS)) {
                ahead.pass(u32::from(step.bits));
                return Ok(ahead);
            }
            (ahead, place) = self.coefficient(ahead, place)?;
            if place >= 64 {
                // Some encoders write a run of sixteen zeros that goes one behind the end.
                return if place <= 65 { Ok(ahead) } else { Err(ahead.fault()) };
            }
        }
    }

    /// Passes one coefficient with the zeros before it, and returns the place behind; 64 if the block ends.
    #[inline]
    fn coefficient<'c>(&self, mut ahead: Ahead<'c>, place: u32) -> Result<(Ahead<'c>, u32), Fault> {
        let symbol = symbol(self.ac, &mut ahead)?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        ahead.pass(size);
        Ok((ahead, if size > 0 || run == 15 { place + run + 1 } else { 64 }))
    }
}

/// Reads a code. Behind it, a value of up to 16 bits is held.
#[inline]
fn symbol(table: Option<&Table>, ahead: &mut Ahead) -> Result<u8, Fault> {
    ahead.fill();
    let Some((length, symbol)) = table.and_then(|table| table.symbol(ahead.peek(16))) else {
        return Err(ahead.fault());
    };
    ahead.pass(length);
    Ok(symbol)
}
