//! The snapshots of a vault as the owners see them, and the one that somebody means.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::json;
use vault::id::{SourceTag, StrandId};
use vault::kit::RecoveryKit;
use vault::manifest::SealedManifest;
use vault::read::{ReadFault, SnapshotReader, StrandReader};
use vault::snapshots::{Snapshot, read_snapshots};
use vault::store::DirectoryAccess;
use vault::strand::{SecretsError, StrandSecrets, source_tag};
use vault::tree::Entry;
use vault::vault::{Vault, VaultError};

use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::selector::{Selector, Which};

/// A snapshot whose seal was opened.
pub struct Listed {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What only the owners read.
    pub sealed: SealedManifest,
}

/// All snapshots of a vault, oldest first.
///
/// Within a strand the numbers decide, not clocks; strands follow each other by their newest snapshots.
pub struct Catalogue {
    /// The vault.
    pub vault: Vault,
    /// The snapshots.
    pub snapshots: Vec<Listed>,
    secrets: HashMap<StrandId, StrandSecrets>,
}

impl Listed {
    /// Returns the id as lists show it.
    pub fn short_id(&self) -> String {
        short(&self.snapshot.hash.to_hex())
    }
}

impl Catalogue {
    /// Reads the vault that was given with the kit that was given.
    pub fn open(context: &Context) -> Result<Self, Failure> {
        let kit = context.kit()?;
        let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
        Self::read(context, vault, &kit)
    }

    /// Reads all manifests. What cannot be believed is told, and left out.
    pub fn read(context: &Context, vault: Vault, kit: &RecoveryKit) -> Result<Self, Failure> {
        vault.accept(kit)?;
        let mut secrets = HashMap::new();
        let mut refused: Option<Failure> = None;
        let mut strands: Vec<Vec<Listed>> = Vec::new();
        for enrolment in &vault.log().strands {
            match vault.secrets(kit, &enrolment.strand) {
                Ok(opened) => {
                    strands.push(read_strand(context, &vault, &opened)?);
                    secrets.insert(enrolment.strand, opened);
                }
                Err(error) => {
                    let fields = json!({ "strand": enrolment.strand.to_hex() });
                    if !is_other_kit(&error) {
                        context.note_damage();
                        context.warn("fault", fields, &error);
                    }
                    refused.get_or_insert(error.into());
                }
            }
        }
        if let (true, Some(refused)) = (secrets.is_empty(), refused) {
            return Err(refused);
        }
        strands.sort_by_key(|strand| strand.last().map(|newest| newest.sealed.started));
        Ok(Self { vault, snapshots: strands.into_iter().flatten().collect(), secrets })
    }

    /// Finds the snapshot that is meant.
    pub fn select(&self, selector: &Selector) -> Result<&Listed, Failure> {
        match selector {
            Selector::Latest => self.latest(),
            Selector::Source(name, which) => self.of_source(name, *which),
            Selector::Id(digits) => self.by_id(digits),
        }
    }

    /// Returns the tags under which the machines keep a source of this name, or would; at least one of them does.
    pub fn source_tags(&self, source: &str) -> Result<Vec<SourceTag>, Failure> {
        if !self.snapshots.iter().any(|listed| listed.sealed.source == source) {
            return Err(self.no_source(source));
        }
        let mut tags: Vec<_> = self.secrets.keys().map(|strand| self.source_tag(strand, source)).collect();
        tags.sort();
        Ok(tags)
    }

    /// Returns the tag under which a machine keeps a source, from the keys that the kit opened: not what a manifest shows.
    pub fn source_tag(&self, strand: &StrandId, source: &str) -> SourceTag {
        source_tag(&self.secrets[strand].id_key, source)
    }

    /// Opens a snapshot for reading; objects that cannot be used are told.
    pub fn reader(&self, context: &Context, listed: &Listed) -> Result<SnapshotReader, Failure> {
        let strand = self.strand(context, listed.snapshot.manifest.strand, &[&listed.snapshot])?;
        Ok(strand.snapshot(&listed.snapshot)?)
    }

    /// Opens many snapshots, in the order given; what strands share is read once.
    pub fn readers<'l>(
        &self,
        context: &Context,
        chosen: &[&'l Listed],
    ) -> Result<Vec<(&'l Listed, SnapshotReader)>, Failure> {
        let mut strands: HashMap<StrandId, Arc<StrandReader>> = HashMap::new();
        let mut readers = Vec::with_capacity(chosen.len());
        for listed in chosen {
            let strand = listed.snapshot.manifest.strand;
            let reader = match strands.get(&strand) {
                Some(reader) => Arc::clone(reader),
                None => {
                    let of_strand = chosen.iter().filter(|other| other.snapshot.manifest.strand == strand);
                    let opened = self.strand(context, strand, &of_strand.map(|l| &l.snapshot).collect::<Vec<_>>())?;
                    Arc::clone(strands.entry(strand).or_insert(opened))
                }
            };
            readers.push((*listed, reader.snapshot(&listed.snapshot)?));
        }
        Ok(readers)
    }

    fn strand(
        &self,
        context: &Context,
        strand: StrandId,
        snapshots: &[&Snapshot],
    ) -> Result<Arc<StrandReader>, Failure> {
        let mut fault = |fault: ReadFault| {
            context.note_fault(&fault);
            context.warn("fault", json!({ "strand": strand.to_hex() }), &fault);
        };
        let secrets = self.secrets[&strand].clone();
        Ok(Arc::new(StrandReader::open(
            Arc::clone(self.vault.store()),
            secrets,
            snapshots,
            &context.scratch(),
            &mut fault,
        )?))
    }

    fn latest(&self) -> Result<&Listed, Failure> {
        let sources: BTreeSet<_> = self.snapshots.iter().map(|listed| source_and_host(&listed.sealed)).collect();
        match (self.snapshots.last(), sources.len()) {
            (None, _) => Err(Failure::new(text("err-no-snapshots"))),
            (Some(latest), 1) => Ok(latest),
            (Some(_), _) => {
                let names: BTreeSet<_> = sources.iter().map(|(source, _)| format!("{source}@latest")).collect();
                let names: Vec<_> = names.into_iter().collect();
                Err(Failure::usage(text("err-several-sources").with("sources", names.join(", "))))
            }
        }
    }

    /// Says that there is no such source, and which there are.
    pub fn no_source(&self, name: &str) -> Failure {
        let known: BTreeSet<_> = self.snapshots.iter().map(|listed| Output::safe(&listed.sealed.source)).collect();
        let known: Vec<_> = known.into_iter().collect();
        Failure::new(text("err-no-source").with("source", Output::safe(name)).with("sources", known.join(", ")))
    }

    fn of_source(&self, name: &str, which: Which) -> Result<&Listed, Failure> {
        let of_name = || self.snapshots.iter().filter(|listed| listed.sealed.source == name);
        if of_name().next().is_none() {
            return Err(self.no_source(name));
        }
        let hosts: BTreeSet<_> = of_name().map(|listed| Output::safe(&listed.sealed.host)).collect();
        if hosts.len() > 1 {
            let ids = hosts.iter().filter_map(|host| of_name().rfind(|l| &Output::safe(&l.sealed.host) == host));
            let ids: Vec<_> = ids.map(|l| format!("{} ({})", l.short_id(), Output::safe(&l.sealed.host))).collect();
            let said = text("err-several-hosts").with("source", Output::safe(name)).with("snapshots", ids.join(", "));
            return Err(Failure::usage(said));
        }
        let found = match which {
            Which::Back(count) => of_name().rev().nth(count),
            Which::Day(day) => of_name().rfind(|listed| formats::local_day(listed.sealed.started) == Some(day)),
        };
        found.ok_or_else(|| {
            let count = of_name().count() as u64;
            Failure::new(text("err-no-such-snapshot").with("source", Output::safe(name)).with("count", count))
        })
    }

    fn by_id(&self, digits: &str) -> Result<&Listed, Failure> {
        let found: Vec<_> =
            self.snapshots.iter().filter(|listed| listed.snapshot.hash.to_hex().starts_with(digits)).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(Failure::new(text("err-no-such-id").with("id", digits))),
            several => {
                let ids: Vec<_> =
                    several.iter().map(|listed| listed.snapshot.hash.to_hex()[..16].to_string()).collect();
                Err(Failure::usage(text("err-ambiguous-id").with("id", digits).with("snapshots", ids.join(", "))))
            }
        }
    }
}

/// Finds the entry that somebody means: a path from the snapshot's root, or the path that it had on the machine.
pub fn find_entry(reader: &SnapshotReader, path: &[u8]) -> Result<(Vec<u8>, Entry), Failure> {
    let mut tried = vec![trim(path)];
    if let ([kept], true) = (reader.manifest().paths.as_slice(), path.starts_with(b"/")) {
        let below = path.strip_prefix(kept.as_slice());
        tried.extend(below.filter(|below| below.is_empty() || below.starts_with(b"/")).map(trim));
    }
    for path in tried {
        if let Some(entry) = reader.find(&path)? {
            return Ok((path, entry));
        }
    }
    Err(Failure::new(text("err-no-such-path").with("path", Output::safe_bytes(path))))
}

/// Shortens an id for people: enough to be unique and to be typed.
pub fn short(hex: &str) -> String {
    hex[..8].to_string()
}

/// Writes a path as a snapshot has it: names between single `/`, nothing at the ends.
pub fn trim(path: &[u8]) -> Vec<u8> {
    let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    names.collect::<Vec<_>>().join(&b'/')
}

fn read_strand(context: &Context, vault: &Vault, secrets: &StrandSecrets) -> Result<Vec<Listed>, Failure> {
    let snapshots = read_snapshots(vault, secrets.strand, &mut |fault| {
        context.note_damage();
        context.warn("fault", json!({ "strand": secrets.strand.to_hex() }), &fault);
    })?;
    let mut listed = Vec::with_capacity(snapshots.len());
    for snapshot in snapshots {
        match snapshot.manifest.unseal(secrets) {
            Ok(sealed) => listed.push(Listed { snapshot, sealed }),
            Err(error) => {
                context.note_damage();
                context.warn("fault", json!({ "snapshot": snapshot.hash.to_hex() }), &error);
            }
        }
    }
    Ok(listed)
}

fn source_and_host(sealed: &SealedManifest) -> (String, String) {
    (Output::safe(&sealed.source), Output::safe(&sealed.host))
}

/// Tells whether a strand's secrets are sound and only sealed to others.
fn is_other_kit(error: &VaultError) -> bool {
    use vault::envelope::EnvelopeError::WrongKey;
    matches!(error, VaultError::Secrets(SecretsError::Envelope { source: WrongKey, .. }))
}
