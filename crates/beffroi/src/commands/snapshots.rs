//! `snapshots`: what the vault keeps.

use serde_json::json;
use vault::manifest::Counts;
use vault::snapshots::{Snapshot, read_all_snapshots};
use vault::store::DirectoryAccess;

use crate::arguments::SnapshotsArguments;
use crate::catalogue::{Catalogue, Listed, short};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::table::{self, Align};

/// Lists the snapshots; without a kit, what everybody can read of them.
pub fn run(context: &Context, arguments: &SnapshotsArguments) -> Result<(), Failure> {
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    match context.kit_if_given()? {
        Some(kit) => {
            let catalogue = Catalogue::read(context, vault, &kit)?;
            let wanted = |listed: &&Listed| arguments.source.as_ref().is_none_or(|name| *name == listed.sealed.source);
            list_opened(context, &catalogue.snapshots.iter().filter(wanted).collect::<Vec<_>>())
        }
        None if arguments.source.is_some() => Err(Failure::usage(text("err-no-identity-given"))),
        None => {
            let snapshots = read_all_snapshots(&vault, &mut |fault| {
                context.note_damage();
                context.warn("fault", json!({}), &fault);
            })?;
            context.note(&text("say-snapshots-sealed"));
            list_sealed(context, &snapshots)
        }
    }
}

fn list_opened(context: &Context, snapshots: &[&Listed]) -> Result<(), Failure> {
    if context.output.is_json() {
        return snapshots.iter().try_for_each(|listed| context.output.item("snapshot", object(fields(listed))));
    }
    let heads = ["col-id", "col-time", "col-source", "col-host", "col-entries", "col-size", "col-new"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    for listed in snapshots {
        let [entries, size, new] = figures(context, &listed.snapshot.manifest.counts);
        let (source, host) = (Output::safe(&listed.sealed.source), Output::safe(&listed.sealed.host));
        rows.push(vec![listed.short_id(), formats::moment(listed.sealed.started), source, host, entries, size, new]);
    }
    let columns = [Align::Left, Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right];
    print(context, &columns, &rows)
}

fn list_sealed(context: &Context, snapshots: &[Snapshot]) -> Result<(), Failure> {
    if context.output.is_json() {
        let fields = |snapshot: &Snapshot| object(clear_fields(snapshot));
        return snapshots.iter().try_for_each(|snapshot| context.output.item("snapshot", fields(snapshot)));
    }
    let heads = ["col-id", "col-strand", "col-sequence", "col-entries", "col-size", "col-new"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    for snapshot in snapshots {
        let [entries, size, new] = figures(context, &snapshot.manifest.counts);
        let (id, strand) = (short(&snapshot.hash.to_hex()), short(&snapshot.manifest.strand.to_hex()));
        rows.push(vec![id, strand, snapshot.manifest.seq.to_string(), entries, size, new]);
    }
    let columns = [Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    print(context, &columns, &rows)
}

fn print(context: &Context, columns: &[Align], rows: &[Vec<String>]) -> Result<(), Failure> {
    if rows.len() == 1 {
        context.note(&text("say-no-snapshots"));
        return Ok(());
    }
    table::set(columns, rows).iter().try_for_each(|line| context.output.line(line))
}

fn figures(context: &Context, counts: &Counts) -> [String; 3] {
    let language = context.messages.language();
    [
        formats::number(counts.files, language),
        formats::size(counts.bytes, language),
        formats::size(counts.stored_bytes, language),
    ]
}

fn fields(listed: &Listed) -> serde_json::Value {
    let mut fields = clear_fields(&listed.snapshot);
    let sealed = &listed.sealed;
    let paths: Vec<_> = sealed.paths.iter().map(|path| Output::path_fields(path)).collect();
    fields["source"] = sealed.source.as_str().into();
    fields["host"] = sealed.host.as_str().into();
    fields["started"] = formats::rfc3339(sealed.started).into();
    fields["finished"] = formats::rfc3339(sealed.finished).into();
    fields["paths"] = json!(paths);
    fields["program"] = sealed.program.as_str().into();
    fields
}

fn clear_fields(snapshot: &Snapshot) -> serde_json::Value {
    let (manifest, counts) = (&snapshot.manifest, &snapshot.manifest.counts);
    json!({
        "snapshot": snapshot.hash.to_hex(), "strand": manifest.strand.to_hex(), "sequence": manifest.seq,
        "entries": counts.files, "bytes": counts.bytes, "added": counts.added, "changed": counts.changed,
        "removed": counts.removed, "unreadable": counts.unreadable, "new_bytes": counts.new_bytes,
        "stored_bytes": counts.stored_bytes,
    })
}
