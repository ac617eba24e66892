//! The bugs: what stands in the source, and what is put in its place.

/// One bug.
pub struct Bug {
    /// What it is, in a few words.
    pub name: &'static str,
    /// File, text that is in it once, and text in its place.
    pub edits: &'static [(&'static str, &'static str, &'static str)],
}

const BACKUP: &str = "crates/vault/src/backup/mod.rs";
const COMMIT: &str = "crates/vault/src/backup/commit.rs";
const SEAL: &str = "crates/vault/src/seal.rs";
const PACK: &str = "crates/vault/src/pack.rs";
const PLAN: &str = "crates/vault/src/expire/plan.rs";
const READ: &str = "crates/vault/src/read/mod.rs";
const APPLY: &str = "crates/vault/src/expire/apply.rs";

const FLUSH_PACKS: (&str, &str, &str) = (
    BACKUP,
    "            self.run.store().commit()?;
            self.run.packs.mark_durable",
    "            self.run.packs.mark_durable",
);

/// All bugs.
pub const BUGS: &[Bug] = &[
    Bug {
        name: "nothing is flushed before the manifest",
        edits: &[
            FLUSH_PACKS,
            (
                COMMIT,
                "    run.store().commit()?;
    let object = manifest.sign",
                "    let object = manifest.sign",
            ),
        ],
    },
    Bug {
        name: "the manifest is put before its packs are flushed",
        edits: &[
            (BACKUP, "let (assembled, cache) = saving.durable(made)?;", "let (assembled, cache) = made?;"),
            (
                BACKUP,
                "    let outcome = saving.commit(assembled)?;
    cache",
                "    let outcome = saving.commit(assembled)?;
    saving.durable(Ok(()))?;
    cache",
            ),
            (
                COMMIT,
                "    run.store().commit()?;
    let object = manifest.sign",
                "    let object = manifest.sign",
            ),
            (
                COMMIT,
                "    run.store().put(&name, &object)?;
    run.store().commit()?;
    run.known.save()?;",
                "    run.store().put(&name, &object)?;
    run.store().commit()?;",
            ),
        ],
    },
    Bug {
        name: "the key of a blob without its id",
        edits: &[(SEAL, "    message[55..87].copy_from_slice(&seal.id.0);\n", "")],
    },
    Bug { name: "the key of a blob without its level", edits: &[(SEAL, "    message[88] = seal.level as u8;\n", "")] },
    Bug {
        name: "the key of a box without its digest",
        edits: &[(SEAL, ".update(&[kind as u8]).update(salt).update(digest);", ".update(&[kind as u8]).update(salt);")],
    },
    Bug {
        name: "one salt for all backups",
        edits: &[(
            PACK,
            "Ok(Self { key, salt: random(entropy), sealed_key })",
            "Ok(Self { key, salt: [0; 32], sealed_key })",
        )],
    },
    Bug {
        name: "one session key for all backups",
        edits: &[(PACK, "let key = SecretKey::random(entropy);", "let key = SecretKey::new([9; 32]);")],
    },
    Bug {
        name: "expiry deletes what kept snapshots need",
        edits: &[(PLAN, "!kept.holds(name) && !waiting.holds(name)", "!waiting.holds(name)")],
    },
    Bug {
        name: "expiry does not look at leases",
        edits: &[(PLAN, "live.next().map(|seq|", "live.next().filter(|_| false).map(|seq|")],
    },
    Bug {
        name: "expiry deletes packs before manifests",
        edits: &[(
            APPLY,
            "    applying.erase_manifests()?;
    applying.erase_others()?;",
            "    applying.erase_others()?;
    applying.erase_manifests()?;",
        )],
    },
    Bug { name: "a week less is kept", edits: &[("crates/vault/src/expire/rule.rs", "weeks: 13,", "weeks: 12,")] },
    Bug {
        name: "an index is believed about packs that the manifest does not name",
        edits: &[
            (
                "crates/vault/src/read/learn.rs",
                "in packs.iter().filter(|pack| wanted.contains(&pack.hash)) {",
                "in packs.iter().filter(|_| !wanted.is_empty()) {",
            ),
            (READ, "if location.kind == kind && self.allowed.contains(location.pack) {", "if location.kind == kind {"),
            (
                READ,
                "Err(fault) => drop(first_fault.get_or_insert(fault)),",
                "Err(fault) => {
                    first_fault.get_or_insert(fault);
                    break;
                }",
            ),
        ],
    },
    Bug {
        name: "a pack that nobody named is adopted",
        edits: &[(
            "crates/vault/src/backup/reconcile.rs",
            "let strange = find_strange(run, &unknown)?;",
            "let strange = find_strange(run, &[])?;",
        )],
    },
    Bug {
        name: "a pack is noted after it is put",
        edits: &[(
            "crates/vault/src/backup/packer.rs",
            "    run.begun.lock().unwrap_or_else(PoisonError::into_inner).note(finished.hash)?;
    run.store().put(&name, &finished.bytes)?;",
            "    run.store().put(&name, &finished.bytes)?;
    run.begun.lock().unwrap_or_else(PoisonError::into_inner).note(finished.hash)?;",
        )],
    },
    Bug {
        name: "the cache is written before packs are flushed and the snapshot is there",
        edits: &[(
            BACKUP,
            "    let (assembled, cache) = saving.durable(made)?;
    let owners = assembled.owners.to_footer(names, options.sizes);
    let outcome = saving.commit(assembled)?;
    cache.finish(&owners)?;
    Ok(outcome)",
            "    let (assembled, cache) = made?;
    let owners = assembled.owners.to_footer(names, options.sizes);
    cache.finish(&owners)?;
    let assembled = saving.durable(Ok(assembled))?;
    saving.commit(assembled)",
        )],
    },
    Bug {
        name: "a number is given again after a machine was set back",
        edits: &[(
            COMMIT,
            "Some((seq, hash)) if shown.is_none_or(|shown| shown.0 < seq || (shown.0 == seq && shown.1 != hash)) => {",
            "Some((seq, hash)) if shown != Some((seq, hash)) => {",
        )],
    },
    Bug {
        name: "a number is given again after a manifest was misread",
        edits: &[(
            COMMIT,
            "Err(SnapshotFault::Changed { .. }) => read_snapshot(agent.vault, &name),",
            "Err(SnapshotFault::Changed { .. }) => return Ok(false),",
        )],
    },
    Bug {
        name: "an owners' entry is put before what it signs is flushed",
        edits: &[(
            "crates/vault/src/vault.rs",
            "        self.store.commit()?;
        self.store.put(&ObjectName::Owner(seq, hash), &signed)?;",
            "        self.store.put(&ObjectName::Owner(seq, hash), &signed)?;",
        )],
    },
    Bug {
        name: "a copy puts manifests before packs are flushed",
        edits: &[(
            "crates/vault/src/copy.rs",
            "        self.commit()?;
        for manifest in &manifests {",
            "        for manifest in &manifests {",
        )],
    },
];
