//! `copy`: a second vault, elsewhere.

use std::sync::Arc;

use serde_json::json;
use vault::copy::{CopyFault, CopyMonitor, CopyOptions, copy};
use vault::name::ObjectName;
use vault::store::{DirectoryAccess, DirectoryStore, Store, StoreError};
use vault::world::Clock;

use crate::arguments::CopyArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::progress::Progress;
use crate::world::SystemClock;

/// Adds to another vault what it lacks.
pub fn run(context: &Context, arguments: &CopyArguments) -> Result<(), Failure> {
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let at = || text("err-at-copy").show("place", arguments.to.display());
    let target = open_target(arguments).map_err(|error| Failure::from(error).under(at()))?;
    super::watch_interrupts(context)?;
    let started = SystemClock.now();
    let monitor = CopyWatch { context, progress: Progress::begin(context, 0) };
    let options = CopyOptions { jobs: super::jobs(arguments.jobs), verify: arguments.verify };
    let done = copy(&vault, target, &options, &monitor);
    drop(monitor);
    let report = done.map_err(|error| Failure::from(error).under(at()))?;
    if report.faults > 0 {
        context.note_damage();
    }
    let time = formats::between(started, SystemClock.now());
    context.tell(
        &text("say-copy-done")
            .show("place", arguments.to.display())
            .with("objects", report.copied.objects)
            .with("bytes", Gap::Bytes(report.copied.bytes))
            .with("present", report.present.objects)
            .with("time", formats::duration(time, context.messages.language())),
    )?;
    if report.incomplete_snapshots > 0 {
        context.note(&text("say-copy-incomplete").with("count", report.incomplete_snapshots));
    }
    let fields = json!({
        "copied_objects": report.copied.objects, "copied_bytes": report.copied.bytes,
        "present_objects": report.present.objects, "present_bytes": report.present.bytes,
        "incomplete_snapshots": report.incomplete_snapshots, "faults": report.faults, "seconds": time.as_secs_f64(),
    });
    context.event("summary", fields)
}

/// Opens a copy that is there, or an empty folder; a folder of something else is refused.
fn open_target(arguments: &CopyArguments) -> Result<Arc<dyn Store>, StoreError> {
    let store = match DirectoryStore::open(&arguments.to, DirectoryAccess::ReadWrite) {
        Ok(store) if store.head(&ObjectName::Vault)?.is_some() => store,
        Ok(_) | Err(StoreError::NoFolder { .. }) => DirectoryStore::create(&arguments.to)?,
        Err(error) => return Err(error),
    };
    // What runs that were killed left half written is no object; what cannot be removed only takes room.
    let _ = store.erase_abandoned();
    Ok(Arc::new(store))
}

struct CopyWatch<'c> {
    context: &'c Context,
    progress: Progress<'c>,
}

impl CopyMonitor for CopyWatch<'_> {
    fn planned(&self, _objects: u64, bytes: u64) {
        self.progress.expect_more_bytes(bytes);
    }

    fn copied(&self, bytes: u64) {
        self.progress.add_entries(1);
        self.progress.add_bytes(bytes);
    }

    fn present(&self, bytes: u64) {
        self.progress.add_bytes(bytes);
    }

    fn fault(&self, fault: CopyFault) {
        self.context.note_damage();
        self.context.warn("fault", json!({}), &fault);
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set()
    }
}
