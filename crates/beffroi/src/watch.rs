//! Shows how backups, restores and checks go on, lists what a person should know, and asks whether to stop.

use std::sync::atomic::{AtomicU64, Ordering};

use restore::fill::{Fault, FaultError, RestoreMonitor};
use restore::target::AttributeWarning;
use serde_json::{Value, json};
use triage::ledger::Account;
use vault::backup::{Monitor, Remark, Witness};
use vault::check::{CheckMonitor, SnapshotName};
use vault::id::StrandId;

use crate::catalogue::short;
use crate::context::Context;
use crate::guard::Guard;
use crate::messages::{remark_text, text};
use crate::output::Output;
use crate::progress::Progress;

/// Watches a backup, a restore or a check; or an exercise, which is all of them.
pub struct Watch<'c> {
    context: &'c Context,
    progress: Progress<'c>,
    warnings: AtomicU64,
    guard: Option<Guard>,
}

/// A share that takes no owners would warn of every file; the first ones say enough.
const WARNINGS_SHOWN: u64 = 20;

impl<'c> Watch<'c> {
    /// Begins. `bytes_total` is what is expected; 0 where it is unknown.
    pub fn begin(context: &'c Context, bytes_total: u64) -> Self {
        Self { context, progress: Progress::begin(context, bytes_total), warnings: AtomicU64::new(0), guard: None }
    }

    /// Lets somebody look at what is kept.
    pub fn guarded(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Returns what the guarded backup came to.
    pub fn account(&self) -> Account {
        self.guard.as_ref().map(Guard::account).unwrap_or_default()
    }

    /// What the command works with.
    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// The line that moves.
    pub fn progress(&self) -> &Progress<'c> {
        &self.progress
    }

    /// Ends, and returns how many warnings came after those that may be shown: see [`tell_hidden_warnings`].
    pub fn close(self) -> u64 {
        self.warnings.load(Ordering::Relaxed).saturating_sub(WARNINGS_SHOWN)
    }

    fn is_stopping(&self) -> bool {
        self.context.interrupt.is_set()
    }
}

/// Tells how many warnings more there were, if any.
pub fn tell_hidden_warnings(context: &Context, count: u64) {
    if count > 0 {
        context.note(&text("say-more-warnings").with("count", count));
    }
}

impl Monitor for Watch<'_> {
    fn read(&self, bytes: u64) {
        self.progress.add_bytes(bytes);
    }

    fn entry(&self, _bytes: u64) {
        self.progress.add_entries(1);
    }

    fn directory(&self, path: &[u8]) {
        self.progress.set_path(path);
    }

    fn remark(&self, remark: Remark) {
        tell_remark(self.context, &remark);
    }

    fn stopping(&self) -> bool {
        self.is_stopping()
    }

    fn witness(&self) -> Option<&dyn Witness> {
        self.guard.as_ref().map(|guard| guard as &dyn Witness)
    }
}

impl RestoreMonitor for Watch<'_> {
    fn total(&self, _entries: u64, bytes: u64) {
        self.progress.expect_bytes(bytes);
    }

    fn entry(&self, bytes: u64) {
        self.progress.add_entries(1);
        self.progress.add_bytes(bytes);
    }

    fn fault(&self, fault: Fault) {
        tell_fault(self.context, &fault);
    }

    fn warning(&self, warning: AttributeWarning) {
        let shown = self.warnings.fetch_add(1, Ordering::Relaxed) < WARNINGS_SHOWN;
        if shown || self.context.global.verbose || self.context.output.is_json() {
            let fields = Value::Object(Output::path_fields(warning.path.as_bytes()));
            self.context.warn("warning", fields, &warning);
        }
    }

    fn stopping(&self) -> bool {
        self.is_stopping()
    }
}

impl CheckMonitor for Watch<'_> {
    fn reading(&self, _strand: StrandId, _objects: u64) {}

    fn read(&self, bytes: u64) {
        self.progress.add_entries(1);
        self.progress.add_bytes(bytes);
    }

    fn walking(&self, snapshot: &SnapshotName) {
        self.progress.set_path(short(&snapshot.hash.to_hex()).as_bytes());
    }

    fn stopping(&self) -> bool {
        self.is_stopping()
    }
}

/// Tells what is not restored, and notes what it means for the exit code.
fn tell_fault(context: &Context, fault: &Fault) {
    match &fault.error {
        FaultError::Read(fault) => context.note_fault(fault),
        FaultError::Write(_) | FaultError::Differs => context.note_incomplete(),
    }
    context.warn("fault", Value::Object(Output::path_fields(fault.path.as_bytes())), fault);
}

/// Tells what a person should know, and notes what it means for the exit code.
fn tell_remark(context: &Context, remark: &Remark) {
    if remark.is_incomplete() {
        context.note_incomplete();
    }
    if matches!(remark, Remark::DamagedPack { .. }) {
        context.note_damage();
    }
    let mut fields = remark_path(remark);
    fields["incomplete"] = remark.is_incomplete().into();
    match (remark, remark_text(remark)) {
        (Remark::Unreadable(error), _) => context.warn("remark", fields, error.as_ref()),
        (Remark::LeftOut { .. } | Remark::WornPacks { .. }, Some(_)) if !context.global.verbose => {}
        (_, Some(words)) => {
            context.note(&words);
            fields["key"] = words.key().into();
            fields["message"] = context.say(&words).into();
            let _ = context.event("remark", fields);
        }
        (_, None) => {}
    }
}

fn remark_path(remark: &Remark) -> Value {
    let path = match remark {
        Remark::Unreadable(error) => error.path(),
        Remark::Torn { path }
        | Remark::SilentlyChanged { path }
        | Remark::LeftOut { path, .. }
        | Remark::TooLarge { path, .. } => Some(path),
        Remark::VaultForgot { .. }
        | Remark::Unremembered { .. }
        | Remark::OwnerLogCut { .. }
        | Remark::DamagedPack { .. }
        | Remark::WornPacks { .. }
        | Remark::LostPacks { .. } => None,
    };
    path.map_or_else(|| json!({}), |path| Value::Object(Output::path_fields(path.as_bytes())))
}
