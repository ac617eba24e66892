//! A restore in parts, one a phase.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use vault::id::ObjectHash;
use vault::tree::Entry;

use super::{Order, Phase, is_within};
use crate::clean::{CleanTree, restore_turn};
use crate::fill::{
    Decision, Fault, RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome, Selection, has_entries,
};
use crate::target::{AttributeWarning, Overwrite, Owners};

/// Restores a clean tree into `to` in an order. `next` is asked now and then whether the order is another one now; that is
/// heard while nothing is written over, for what is back is known by being there.
///
/// Folders that are on the way to what was named are made with it. Where whoever restores is not root they get their attributes at the
/// very end, since they might let nobody in.
pub fn restore_in_order(
    tree: &CleanTree,
    to: &Path,
    options: &RestoreOptions,
    (order, next): (&Order, &(dyn Fn() -> Option<Order> + Sync)),
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let (entries, bytes) = tree.announced();
    monitor.total(entries, bytes);
    let was_empty = !has_entries(to);
    let hears = options.overwrite == Overwrite::Never;
    let watch =
        Watch { monitor, next, hears, heard: Mutex::default(), back: Amount::default(), owed: Amount::default() };
    let mut order = order.clone();
    let mut again = false;
    loop {
        match restore_phases(tree, to, options, &order, &watch) {
            // What was back when the order changed was found there again, and is nobody else's.
            Ok(outcome) if again && was_empty => {
                let (entries, bytes) = watch.back.read();
                return Ok(RestoreOutcome { entries, bytes, kept: 0, ..outcome });
            }
            Err(RestoreError::Stopped) if !monitor.stopping() => {
                let Some(heard) = watch.take() else { return Err(RestoreError::Stopped) };
                (order, again) = (heard, true);
                watch.begin_again();
            }
            done => return done,
        }
    }
}

fn restore_phases(
    tree: &CleanTree,
    to: &Path,
    options: &RestoreOptions,
    order: &Order,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let mut outcome = RestoreOutcome::default();
    let phases = order.phases();
    let finished = Finished::default();
    for (at, phase) in phases.iter().enumerate() {
        let is_last = at + 1 == phases.len();
        let finishes = is_last || !matches!(options.owners, Owners::Keep);
        let turn = Turn { order, phase: *phase, is_last, finishes, finished: &finished };
        outcome = outcome.plus(&restore_turn(tree, to, options, turn, monitor)?);
    }
    Ok(outcome)
}

/// The turn of one phase.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'o> {
    order: &'o Order,
    phase: Phase,
    is_last: bool,
    /// Directories get their attributes.
    finishes: bool,
    finished: &'o Finished,
}

/// Directories that were given their attributes, by a digest of their path, and whether they still have them.
#[derive(Default)]
struct Finished(Mutex<HashMap<[u8; 16], bool>>);

impl Finished {
    fn with<R>(&self, path: &[u8], ask: impl FnOnce(&mut HashMap<[u8; 16], bool>, [u8; 16]) -> R) -> R {
        let digest = ObjectHash::of(path);
        let digest = *digest.0.first_chunk().expect("a digest has 32 bytes");
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), digest)
    }
}

impl<'o> Turn<'o> {
    /// Returns the part of what somebody selects whose turn it is.
    pub fn of<'s>(self, inner: &'s dyn Selection) -> impl Selection + use<'s, 'o> {
        Part { inner, turn: self }
    }
}

/// Of what somebody selects, the files of one phase.
struct Part<'s, 'o> {
    inner: &'s dyn Selection,
    turn: Turn<'o>,
}

impl Selection for Part<'_, '_> {
    /// What is asked so is the first name of a file that is taken now: it is, or it was.
    fn decide(&self, path: &[u8], is_directory: bool) -> Decision {
        self.inner.decide(path, is_directory)
    }

    fn decide_entry(&self, path: &[u8], entry: &Entry) -> Decision {
        let Turn { order, phase, .. } = self.turn;
        let is_meant = match phase {
            Phase::Named(at) if entry.is_directory() => {
                let named = &order.first[at];
                is_within(path, named) || is_within(named, path)
            }
            _ if entry.is_directory() => true,
            phase => order.phase(path, entry) == phase,
        };
        if is_meant { self.inner.decide_entry(path, entry) } else { Decision::Skip }
    }

    fn finishes(&self, path: &[u8], is_new: bool) -> bool {
        let finishes = self.turn.finishes && self.inner.finishes(path, is_new);
        if !finishes {
            // Something may go into it now: it gets its time again.
            self.turn.finished.with(path, |known, digest| known.get_mut(&digest).map(|has| *has = false));
        }
        finishes
    }

    fn is_final(&self) -> bool {
        self.turn.is_last
    }

    fn wants_directory(&self, path: &[u8]) -> bool {
        self.turn.is_last && self.turn.finished.with(path, |known, digest| known.get(&digest) != Some(&true))
    }

    fn counts_directory(&self, path: &[u8]) -> bool {
        self.turn.finished.with(path, |known, digest| known.insert(digest, true).is_none())
    }
}

#[derive(Default)]
struct Amount {
    entries: AtomicU64,
    bytes: AtomicU64,
}

impl Amount {
    fn add(&self, bytes: u64) {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn read(&self) -> (u64, u64) {
        (self.entries.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// Takes one away, if there is one.
    fn pay(&self) -> bool {
        self.entries.try_update(Ordering::Relaxed, Ordering::Relaxed, |entries| entries.checked_sub(1)).is_ok()
    }
}

/// Passes on what a restore tells, and listens for another order.
struct Watch<'m> {
    monitor: &'m dyn RestoreMonitor,
    next: &'m (dyn Fn() -> Option<Order> + Sync),
    hears: bool,
    heard: Mutex<Option<Order>>,
    /// What is back.
    back: Amount,
    /// What was back when the order changed: it is found again, and was told.
    owed: Amount,
}

impl Watch<'_> {
    fn take(&self) -> Option<Order> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn begin_again(&self) {
        self.owed.entries.store(self.back.read().0, Ordering::Relaxed);
    }
}

impl RestoreMonitor for Watch<'_> {
    fn total(&self, _: u64, _: u64) {}

    fn entry(&self, bytes: u64) {
        if self.owed.pay() {
            return;
        }
        self.back.add(bytes);
        self.monitor.entry(bytes);
    }

    fn fault(&self, fault: Fault) {
        self.monitor.fault(fault);
    }

    fn warning(&self, warning: AttributeWarning) {
        self.monitor.warning(warning);
    }

    fn stopping(&self) -> bool {
        if self.monitor.stopping() {
            return true;
        }
        if !self.hears {
            return false;
        }
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = (self.next)() {
            *heard = Some(order);
        }
        heard.is_some()
    }
}
