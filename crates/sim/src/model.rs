//! What must be in the vault, as plainly as it can be said: the snapshots that somebody was told of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vault::id::StrandId;
use vault::name::ObjectName;

use crate::folder::Contents;

/// A snapshot that must come back.
#[derive(Clone)]
pub struct Promise {
    /// Its strand.
    pub strand: StrandId,
    /// Its number.
    pub seq: u64,
    /// What it must give back.
    pub contents: Arc<Contents>,
}

/// What must be there, and what may be.
#[derive(Default)]
pub struct Model {
    /// Snapshots that must be there.
    present: BTreeMap<ObjectName, Promise>,
    /// Snapshots that somebody put or erased without being told that it is done: the disk decides.
    possible: BTreeMap<ObjectName, Promise>,
    /// All that ever were.
    ever: BTreeMap<ObjectName, Promise>,
    /// What a backup that is running would promise.
    running: BTreeMap<StrandId, Promise>,
}

impl Model {
    /// A backup begins.
    pub fn begin(&mut self, promise: Promise) {
        self.running.insert(promise.strand, promise);
    }

    /// A backup ended, after it put these manifests; `told` is the one that it told of.
    pub fn end(&mut self, strand: StrandId, put: &[ObjectName], told: Option<ObjectName>) {
        let Some(promise) = self.running.remove(&strand) else { return };
        for name in put {
            let promise = numbered(&promise, name);
            self.ever.insert(*name, promise.clone());
            let fate = if told == Some(*name) { &mut self.present } else { &mut self.possible };
            fate.insert(*name, promise);
        }
    }

    /// Snapshots are there, and nothing can take them any more: those that were possible are promised from now on, or
    /// never will be there.
    pub fn settle(&mut self, listed: &BTreeSet<ObjectName>) {
        let possible = std::mem::take(&mut self.possible);
        self.present.extend(possible.into_iter().filter(|(name, _)| listed.contains(name)));
    }

    /// Tells whether a snapshot may be there.
    pub fn may_be(&self, name: &ObjectName) -> bool {
        self.present.contains_key(name) || self.possible.contains_key(name)
    }

    /// A snapshot was let go, by the rule; `surely` if it cannot come back.
    pub fn release(&mut self, name: &ObjectName, surely: bool) {
        if let Some(promise) = self.present.remove(name)
            && !surely
        {
            self.possible.insert(*name, promise);
        }
    }

    /// Returns the snapshots that must be there.
    pub fn present(&self) -> &BTreeMap<ObjectName, Promise> {
        &self.present
    }

    /// Returns what a snapshot that was ever put must give back.
    pub fn ever(&self, name: &ObjectName) -> Option<Promise> {
        let running = || self.running.get(&name.strand()?).map(|promise| numbered(promise, name));
        self.ever.get(name).cloned().or_else(running)
    }
}

/// The promise with the number that the manifest's name says.
fn numbered(promise: &Promise, name: &ObjectName) -> Promise {
    let seq = match name {
        ObjectName::Numbered(_, _, seq, _) => *seq,
        _ => promise.seq,
    };
    Promise { seq, ..promise.clone() }
}
