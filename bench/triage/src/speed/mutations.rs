//! Files with something changed, to compare what two builds tell of them.

use crate::pool::Sample;

const FILE_BYTES_MAX: usize = 1 << 20;

/// Numbers that look drawn by lot and are the same in each run (SplitMix64, Steele and others 2014).
struct Lot(u64);

impl Lot {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ drawn >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ drawn >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ drawn >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.draw() % end.max(1) as u64) as usize
    }
}

/// Makes the `count`th mutation of one of the samples, with a word for what was done.
pub fn make(samples: &[&Sample], count: u64) -> (String, Sample) {
    let mut lot = Lot(count.wrapping_mul(0x0123_4567_89ab_cdef));
    let mut sample = samples[lot.below(samples.len())];
    while sample.bytes.len() > FILE_BYTES_MAX {
        sample = samples[lot.below(samples.len())];
    }
    let mut bytes = sample.bytes.clone();
    let what = mutate(&mut bytes, &mut lot);
    let changed = Sample { path: sample.path.clone(), name: sample.name.clone(), bytes, is_sound: false };
    (format!("{count} {what}"), changed)
}

fn mutate(bytes: &mut Vec<u8>, lot: &mut Lot) -> &'static str {
    let at = lot.below(bytes.len());
    let most = 1 << lot.below(14);
    let length = (1 + lot.below(most)).min(bytes.len() - at);
    match lot.below(8) {
        0 => {
            bytes[at] ^= 1 << lot.below(8);
            "bit"
        }
        1 => {
            bytes[at] = lot.draw() as u8;
            "byte"
        }
        2 => {
            bytes.truncate(at);
            "cut"
        }
        3 => {
            bytes[at..at + length].fill(0);
            "zeros"
        }
        4 => {
            drop(bytes.drain(at..at + length));
            "taken out"
        }
        5 => {
            let part = bytes[at..at + length].to_vec();
            let place = lot.below(bytes.len());
            bytes.splice(place..place, part);
            "put in"
        }
        _ => {
            bytes[at..at + length].iter_mut().for_each(|byte| *byte = lot.draw() as u8);
            "overwritten"
        }
    }
}
