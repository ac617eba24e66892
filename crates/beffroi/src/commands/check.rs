//! `check`: what is damaged, and which snapshots and files that hurts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vault::check::{CheckFault, CheckOptions, CheckReport, Extent, HurtPart, HurtSnapshot, SnapshotName, check};
use vault::kit::RecoveryKit;
use vault::snapshots::read_all_snapshots;
use vault::store::DirectoryAccess;
use vault::vault::Vault;
use vault::world::random;

use crate::arguments::CheckArguments;
use crate::catalogue::short;
use crate::context::{Context, object};
use crate::failure::{Cause, Failure};
use crate::formats;
use crate::messages::{Explanation, Gap, text};
use crate::output::Output;
use crate::watch::Watch;
use crate::world::SystemEntropy;

/// Checks the vault; with a kit, what is in it too.
pub fn run(context: &Context, arguments: &CheckArguments) -> Result<(), Failure> {
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let kit = context.kit_if_given()?;
    if let Some(kit) = &kit {
        vault.accept(kit)?;
    }
    super::watch_interrupts(context)?;
    let options = CheckOptions {
        read_data_percent: arguments.read_data,
        seed: u64::from_le_bytes(random(&SystemEntropy)),
        jobs: super::jobs(arguments.jobs),
    };
    let monitor = Watch::begin(context, 0);
    let report = check(&vault, kit.as_ref(), &options, &context.scratch(), &monitor)?;
    monitor.close();
    if kit.is_none() {
        context.note(&text("say-check-sealed"));
    }
    tell_report(context, &vault, kit.as_ref(), &report)
}

/// Prints what a check found, and notes what it means for the exit code.
pub fn tell_report(
    context: &Context,
    vault: &Vault,
    kit: Option<&RecoveryKit>,
    report: &CheckReport,
) -> Result<(), Failure> {
    report.faults.iter().try_for_each(|fault| tell_damage(context, fault))?;
    if !report.hurt.is_empty() {
        let names = Names::of(vault, kit)?;
        report.hurt.iter().try_for_each(|hurt| tell_hurt(context, &names, hurt))?;
    }
    if !report.faults.is_empty() {
        context.note_damage();
    }
    let counts = report.counts;
    let fields = json!({
        "sound": report.is_sound(), "faults": report.faults.len(), "hurt": report.hurt.len(),
        "orphans": report.orphans.len(), "objects": counts.objects, "packs": counts.packs,
        "bytes_read": counts.bytes_read, "blobs_verified": counts.blobs_verified, "snapshots": counts.snapshots,
        "stopped": report.stopped,
    });
    context.event("summary", fields)?;
    if report.stopped {
        return Err(Failure::new(text("err-check-stopped")));
    }
    let key = if report.faults.is_empty() { "say-check-sound" } else { "say-check-damaged" };
    context.tell(
        &text(key)
            .with("faults", report.faults.len() as u64)
            .with("hurt", report.hurt.len() as u64)
            .with("snapshots", counts.snapshots)
            .with("objects", counts.objects)
            .with("read", Gap::Bytes(counts.bytes_read)),
    )?;
    if !report.orphans.is_empty() {
        context.note(&text("say-check-orphans").with("count", report.orphans.len() as u64));
    }
    Ok(())
}

fn tell_damage(context: &Context, fault: &CheckFault) -> Result<(), Failure> {
    let explanation = Explanation::of(&fault.what);
    let words = context.chain(explanation.causes());
    let name = fault.object.map(|name| name.to_string());
    let snapshots: Vec<_> = fault.snapshots.iter().map(|snapshot| snapshot.hash.to_hex()).collect();
    let said = text("say-check-fault").with("name", name.clone().unwrap_or_else(|| "-".into())).with("words", &*words);
    context.tell(&said)?;
    let mut fields = json!({ "object": name, "message": words, "snapshots": snapshots });
    if let Some(Cause::Text(first)) = explanation.causes().first() {
        fields["key"] = first.key().into();
    }
    context.event("fault", fields)
}

fn tell_hurt(context: &Context, names: &Names, hurt: &HurtSnapshot) -> Result<(), Failure> {
    let id = hurt.snapshot.hash.to_hex();
    let name = names.find(&hurt.snapshot);
    let extent = match &hurt.extent {
        Extent::Whole => text("say-check-whole"),
        Extent::Unknown => text("say-check-unknown"),
        Extent::Paths { total, .. } => text("say-check-paths").with("count", *total),
    };
    context.tell(&text("say-check-hurt").with("snapshot", short(&id)).with("name", name).with("extent", extent))?;
    let paths = match &hurt.extent {
        Extent::Paths { paths, .. } => paths.as_slice(),
        Extent::Whole | Extent::Unknown => &[],
    };
    let mut listed: Vec<Map<String, Value>> = Vec::with_capacity(paths.len());
    for path in paths {
        let key = match path.part {
            HurtPart::Content => "say-check-content",
            HurtPart::Entries => "say-check-entries",
        };
        context.tell(&text(key).with("path", Output::safe_bytes(&path.path)))?;
        let mut fields = Output::path_fields(&path.path);
        let part = if path.part == HurtPart::Content { "content" } else { "entries" };
        fields.insert("part".into(), part.into());
        listed.push(fields);
    }
    let total = match &hurt.extent {
        Extent::Whole => json!("whole"),
        Extent::Unknown => json!("unknown"),
        Extent::Paths { total, .. } => json!(total),
    };
    context.event("hurt", Value::Object(object(json!({ "snapshot": id, "lost": total, "paths": listed }))))
}

/// How people know the snapshots.
struct Names(BTreeMap<SnapshotName, String>);

impl Names {
    fn of(vault: &Vault, kit: Option<&RecoveryKit>) -> Result<Self, Failure> {
        let mut names = BTreeMap::new();
        let Some(kit) = kit else { return Ok(Self(names)) };
        for snapshot in read_all_snapshots(vault, &mut |_| {})? {
            let manifest = &snapshot.manifest;
            let opened = vault.secrets(kit, &manifest.strand).ok().and_then(|secrets| manifest.unseal(&secrets).ok());
            if let Some(sealed) = opened {
                let name = SnapshotName { strand: manifest.strand, seq: manifest.seq, hash: snapshot.hash };
                let words = format!(" ({}, {})", Output::safe(&sealed.source), formats::moment(sealed.started));
                names.insert(name, words);
            }
        }
        Ok(Self(names))
    }

    fn find(&self, snapshot: &SnapshotName) -> String {
        self.0.get(snapshot).cloned().unwrap_or_default()
    }
}
