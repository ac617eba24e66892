//! The second disk.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use vault::copy::{CopyFault, CopyMonitor, CopyOptions, CopyReport, copy};
use vault::name::ObjectName;
use vault::snapshots::Snapshot;
use vault::vault::Vault;

use crate::failure::{Told, chain, ensure};
use crate::oracles::listed;
use crate::place::{Origin, Visit};
use crate::town::{Disk, Town, locked};

/// Copies the vault. Returns the words of the failure, if it was interrupted.
pub fn copy_vault(town: &Arc<Town>, visits: Vec<(u64, Visit)>) -> Told<Option<String>> {
    let origin = Origin { machine: 0, position: town.entropy.position() };
    let mut source = town.place(Disk::Vault).handle(origin);
    let is_alone = visits.is_empty();
    for (call, visit) in visits {
        source = source.visited(call, visit);
    }
    let from = Vault::open(Arc::new(source)).map_err(|error| chain(&error))?;
    let before: BTreeSet<ObjectName> = listed(&town.open(Disk::Vault)?)?.iter().map(Snapshot::name).collect();
    let watcher = Watcher::default();
    let options = CopyOptions { jobs: 1, verify: false };
    match copy(&from, town.owners_handle(Disk::Copy), &options, &watcher) {
        Ok(report) => {
            if is_alone {
                verify_report(town, &report, &watcher)?;
                locked(&town.copied).extend(before);
            }
            Ok(None)
        }
        Err(error) => Ok(Some(chain(&error))),
    }
}

fn verify_report(town: &Town, report: &CopyReport, watcher: &Watcher) -> Told<()> {
    let fault = locked(&watcher.0).first().cloned();
    ensure(fault.is_none(), || format!("copying finds a fault that nobody made: {}", fault.unwrap_or_default()))?;
    ensure(report.incomplete_snapshots == 0, || "a copy lacks snapshots, and tells of no fault".into())?;
    town.tell(format!("{} objects copied", report.copied.objects));
    Ok(())
}

/// Keeps what is told.
#[derive(Default)]
struct Watcher(Mutex<Vec<String>>);

impl CopyMonitor for Watcher {
    fn planned(&self, _: u64, _: u64) {}
    fn copied(&self, _: u64) {}
    fn present(&self, _: u64) {}
    fn fault(&self, fault: CopyFault) {
        locked(&self.0).push(chain(&fault));
    }
    fn stopping(&self) -> bool {
        false
    }
}
