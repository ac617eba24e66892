//! What the disk holds, what it shows, and what a crash makes of the difference.

use super::{Fault, FaultPlan, Kind, Medium, Moment, Survivors};
use crate::name::ObjectName;
use crate::store::memory::Objects;

#[derive(Debug)]
pub(super) struct Disk {
    plan: FaultPlan,
    chance: Chance,
    /// What readers see.
    pub(super) visible: Objects,
    /// What a crash cannot take.
    durable: Objects,
    /// What leads from `durable` to `visible`, in order.
    pending: Vec<Change>,
    /// Counts openings, so that handles of earlier ones are known.
    pub(super) opening: u64,
    pub(super) is_crashed: bool,
    pub(super) is_poisoned: bool,
    pub(super) operations: u64,
    pub(super) writes: u64,
    pub(super) struck: u64,
    pub(super) leftovers: u64,
}

/// One step of what a store holds.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Put(ObjectName, Vec<u8>),
    Erase(ObjectName),
}

impl Disk {
    pub(super) fn new(plan: FaultPlan) -> Self {
        Self {
            chance: Chance(plan.seed),
            plan,
            visible: Objects::new(),
            durable: Objects::new(),
            pending: Vec::new(),
            opening: 0,
            is_crashed: false,
            is_poisoned: false,
            operations: 0,
            writes: 0,
            struck: 0,
            leftovers: 0,
        }
    }

    /// Begins a new opening and returns its number.
    pub(super) fn reopen(&mut self, plan: FaultPlan) -> u64 {
        if self.is_poisoned {
            self.crash();
        }
        self.is_crashed = false;
        self.is_poisoned = false;
        self.operations = 0;
        self.writes = 0;
        self.struck = 0;
        self.chance = Chance(plan.seed);
        self.plan = plan;
        self.opening += 1;
        self.opening
    }

    /// Counts a call and returns the fault that is due.
    pub(super) fn next_fault(&mut self, kind: Kind) -> Option<Fault> {
        self.operations += 1;
        self.writes += u64::from(kind.writes());
        let is_due = |moment: Moment| match moment {
            Moment::Operation(number) => number == self.operations,
            Moment::Write(number) => kind.writes() && number == self.writes,
        };
        let mut due = self.plan.faults.iter().filter(|(at, _)| is_due(*at));
        let fault = due.find(|(_, fault)| kind.suffers(*fault))?.1;
        self.struck += 1;
        Some(fault)
    }

    pub(super) fn has_room(&self, bytes: u64) -> bool {
        let taken: u64 = self.visible.values().map(|object| object.len() as u64).sum();
        self.plan.capacity_bytes.is_none_or(|capacity| taken + bytes <= capacity)
    }

    /// Makes a change that readers see and a crash may take.
    pub(super) fn change(&mut self, change: Change) {
        change.clone().apply(&mut self.visible);
        self.pending.push(change);
    }

    /// Makes durable what is visible, or says so.
    pub(super) fn commit(&mut self) {
        if self.plan.medium == Medium::Deceiving {
            return;
        }
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    /// Takes the power away: what survives is durable, and all that is visible afterwards.
    pub(super) fn crash(&mut self) {
        if self.is_crashed {
            return;
        }
        self.is_crashed = true;
        let pending = std::mem::take(&mut self.pending);
        let first = self.chance.below(pending.len() as u64 + 1);
        for (number, change) in (0..).zip(pending) {
            let survives = match self.plan.survivors {
                Survivors::Nothing => false,
                Survivors::Everything => true,
                Survivors::InOrder => number < first,
                Survivors::Scattered => self.chance.coin(),
            };
            if survives {
                self.tear(change).apply(&mut self.durable);
            } else if matches!(change, Change::Put(..)) {
                self.leftovers += u64::from(self.chance.coin());
            }
        }
        self.visible = self.durable.clone();
    }

    /// Applies a fault to bytes on their way; an empty object has nothing to spoil.
    pub(super) fn spoil(&mut self, mut object: Vec<u8>, fault: Option<Fault>) -> Vec<u8> {
        if object.is_empty() {
            return object;
        }
        match fault {
            Some(Fault::FlipBit) => {
                let bit = self.chance.below(object.len() as u64 * 8);
                object[(bit / 8) as usize] ^= 1 << (bit % 8);
            }
            Some(Fault::Truncate) => object.truncate(self.chance.below(object.len() as u64) as usize),
            _ => {}
        }
        object
    }

    /// Tears a surviving put where the medium does that.
    fn tear(&mut self, change: Change) -> Change {
        match change {
            Change::Put(name, mut object)
                if self.plan.medium != Medium::Honest && !object.is_empty() && self.chance.coin() =>
            {
                let whole = self.chance.below(object.len() as u64) as usize;
                if self.chance.coin() {
                    object.truncate(whole);
                } else {
                    object[whole..].fill(0);
                }
                Change::Put(name, object)
            }
            change => change,
        }
    }
}

impl Change {
    fn apply(self, objects: &mut Objects) {
        match self {
            Self::Put(name, object) => {
                objects.insert(name, object);
            }
            Self::Erase(name) => {
                objects.remove(&name);
            }
        }
    }
}

/// Numbers that look random and depend on the seed alone (SplitMix64).
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`, which is not zero. The bias is far below what a test could see.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn coin(&mut self) -> bool {
        self.next() >> 63 == 1
    }
}
