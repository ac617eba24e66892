//! `attest`: a signed proof of what on a disk is, bit by bit, what was kept.
#![expect(clippy::disallowed_methods, reason = "an attestation is a file that the user names")]

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use damage::{
    AssessOptions, Attestation, Chain, Counts, Evidence, Line, Live, Monitor, OTHERS_MAX, Other, Statement, assess,
};
use data_encoding::HEXLOWER;
use jiff::tz::TimeZone;
use restore::clean::CleanTree;
use restore::live::{LiveError, LiveTree};
use serde_json::{Value, json};
use triage::verdict::Class;
use vault::read::ReadFault;
use vault::world::{Clock, Entropy, Timestamp};

use super::damage::check_folder;
use crate::arguments::{AttestAct, AttestArguments, AttestVerifyArguments};
use crate::catalogue::{Catalogue, Listed, trim};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::plan_file;
use crate::progress::Progress;
use crate::report::{Moments, attestation_page};
use crate::selector::Selector;
use crate::verdict_words::class_word;
use crate::world::{SystemClock, SystemEntropy};

/// A longer file is no attestation.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Attests, or verifies an attestation.
pub fn run(context: &Context, arguments: &AttestArguments) -> Result<(), Failure> {
    match &arguments.act {
        Some(AttestAct::Verify(arguments)) => verify(context, arguments),
        None => attest(context, arguments),
    }
}

/// What is compared.
struct Ground<'c> {
    listed: &'c Listed,
    clean: CleanTree,
    below: Vec<u8>,
    folder: PathBuf,
    plan: Option<String>,
}

fn attest(context: &Context, arguments: &AttestArguments) -> Result<(), Failure> {
    let out = arguments.out.as_deref().ok_or_else(|| Failure::usage(text("err-attest-out")))?;
    let kit = context.kit()?;
    let catalogue = Catalogue::open(context)?;
    let owner = catalogue.vault.owner(&kit)?;
    let ground = ground(context, arguments, &catalogue)?;
    super::watch_interrupts(context)?;
    let page =
        arguments.html.as_deref().map(|path| super::damage::prepare(path).map(|file| (path, file))).transpose()?;
    let began = SystemClock.now();
    let statement = assess_ground(context, arguments, &catalogue, &ground, began)?;
    let attestation = statement.sign(owner).map_err(|error| Failure::from(std::io::Error::from(error)))?;
    let file = serde_json::to_vec_pretty(&attestation).map_err(|error| Failure::from(std::io::Error::from(error)))?;
    crate::secret_file::write_new(out, &file).map_err(|error| at_path(out, Failure::from(error)))?;
    if let Some((path, page)) = page {
        let zone = TimeZone::system();
        let spoken =
            |time| formats::spoken(time, &zone).map_or_else(|| formats::moment(time), |said| context.say(&said));
        let moments = Moments { snapshot: spoken(ground.listed.sealed.started), ended: spoken(SystemClock.now()) };
        let written = page.finish(&attestation_page(&context.messages, &statement, &attestation, &moments));
        written.map_err(|error| super::damage::report_failure(path, error))?;
    }
    tell(context, out, &statement)
}

fn ground<'c>(context: &Context, arguments: &AttestArguments, catalogue: &'c Catalogue) -> Result<Ground<'c>, Failure> {
    let folder = |path: &std::ffi::OsString| PathBuf::from(path);
    match (&arguments.plan, arguments.of.as_slice()) {
        (Some(path), [to]) => {
            let plan = plan_file::read_named(path)?;
            let listed = plan_file::snapshots(catalogue, &plan)?;
            let clean = plan_file::tree(context, catalogue, &plan)?;
            let mut bytes = Vec::new();
            plan.write(&mut bytes)?;
            let plan = Some(HEXLOWER.encode(digest(&SHA256, &bytes).as_ref()));
            Ok(Ground { listed: listed[listed.len() - 1], clean, below: Vec::new(), folder: folder(to), plan })
        }
        (None, [snapshot, to]) => {
            let (selector, path) = Selector::parse_with_path(snapshot)?;
            let listed = catalogue.select(&selector)?;
            let reader = catalogue.reader(context, listed)?;
            let below = trim(&path);
            check_folder(&reader, &below)?;
            Ok(Ground { listed, clean: CleanTree::new(vec![reader], 0), below, folder: folder(to), plan: None })
        }
        _ => Err(Failure::usage(text("err-attest-what"))),
    }
}

fn assess_ground(
    context: &Context,
    arguments: &AttestArguments,
    catalogue: &Catalogue,
    ground: &Ground<'_>,
    began: Timestamp,
) -> Result<Statement, Failure> {
    let tree = LiveTree::open(&ground.folder)?;
    let live = Live { tree: &tree, below: &ground.below, clean: &ground.clean };
    let chain = Chain { snapshots: ground.clean.snapshots(), files_before: 0, live: Some(live) };
    let mut key = [0; 32];
    SystemEntropy.fill(&mut key);
    let evidence = Evidence::Content { key };
    let options = AssessOptions { evidence, jobs: super::jobs(arguments.jobs), follows: false };
    let mut reader = Reader { context, progress: Progress::begin(context, 0), others: Vec::new(), unlisted: 0 };
    let totals = assess(chain, &options, &mut reader).ok_or_else(|| Failure::new(text("err-stopped")))?;
    let Reader { others, unlisted, .. } = reader;
    Ok(Statement {
        beffroi_attestation: Statement::VERSION,
        vault: catalogue.vault.id().to_hex(),
        source: ground.listed.sealed.source.clone(),
        host: ground.listed.sealed.host.clone(),
        snapshot: ground.listed.snapshot.hash.to_hex(),
        snapshot_time: formats::rfc3339(ground.listed.sealed.started),
        plan: ground.plan.clone(),
        folder: ground.folder.display().to_string(),
        began: formats::rfc3339(began),
        ended: formats::rfc3339(SystemClock.now()),
        program: format!("beffroi {}", env!("CARGO_PKG_VERSION")),
        clean_boot: arguments.clean_boot.clone(),
        counts: Counts::of(&totals),
        others,
        unlisted,
    })
}

fn tell(context: &Context, out: &Path, statement: &Statement) -> Result<(), Failure> {
    if !statement.is_sound() {
        context.note_alarm();
    }
    let counts = &statement.counts;
    context.tell(
        &text("say-attest-done")
            .show("path", out.display())
            .with("identical", counts.identical)
            .with("edited", counts.edited)
            .with("damaged", counts.damaged)
            .with("missing", counts.missing)
            .with("unknown", counts.unknown),
    )?;
    let bad = statement.others.iter().filter(|other| !matches!(other.class.as_str(), "edited" | "new"));
    for other in bad.take(40) {
        context.tell(
            &text("say-attest-other").with("class", other.class.as_str()).with("path", Output::safe(&other.path)),
        )?;
    }
    if statement.clean_boot.is_none() {
        context.note(&text("say-attest-no-boot"));
    }
    context
        .event("summary", json!({ "counts": counts, "others": statement.others.len(), "unlisted": statement.unlisted }))
}

fn verify(context: &Context, arguments: &AttestVerifyArguments) -> Result<(), Failure> {
    let path = arguments.file.as_path();
    let read = || -> Result<Vec<u8>, Failure> {
        match std::fs::metadata(path)?.len() {
            0..=FILE_BYTES_MAX => Ok(std::fs::read(path)?),
            _ => Err(Failure::new(text("err-attest-none"))),
        }
    };
    let file = read().map_err(|failure| at_path(path, failure))?;
    let (statement, owner) = Attestation::verify(&file).map_err(|error| at_path(path, error.into()))?;
    let owner = HEXLOWER.encode(&owner);
    let known = match (&arguments.owner, &context.global.vault) {
        (Some(wanted), _) if !wanted.eq_ignore_ascii_case(&owner) => {
            return Err(at_path(path, Failure::new(text("err-attest-owner").with("owner", owner))));
        }
        (Some(_), _) => true,
        (None, Some(_)) => is_of_vault(context, &statement, &owner).map_err(|failure| at_path(path, failure))?,
        (None, None) => false,
    };
    let counts = &statement.counts;
    context.tell(
        &text(if known { "say-attest-valid" } else { "say-attest-signed" })
            .with("owner", owner.as_str())
            .with("source", Output::safe(&statement.source))
            .with("folder", Output::safe(&statement.folder))
            .with("time", Output::safe(&statement.ended))
            .with("identical", counts.identical)
            .with("files", counts.files),
    )?;
    match &statement.clean_boot {
        Some(name) => context.tell(&text("attest-boot").with("name", Output::safe(name)))?,
        None => context.tell(&text("attest-no-boot"))?,
    }
    context.event("summary", json!({ "owner": owner, "owner_known": known, "statement": statement }))
}

/// Tells that an owner of the vault signed.
fn is_of_vault(context: &Context, statement: &Statement, owner: &str) -> Result<bool, Failure> {
    let vault = context.open_vault(vault::store::DirectoryAccess::ReadOnly)?;
    if vault.id().to_hex() != statement.vault {
        return Err(Failure::new(text("err-attest-vault")));
    }
    if let Some(kit) = context.kit_if_given()? {
        vault.accept(&kit)?;
    }
    match vault.log().owners.iter().any(|known| HEXLOWER.encode(known) == owner) {
        true => Ok(true),
        false => Err(Failure::new(text("err-attest-owner").with("owner", owner))),
    }
}

fn at_path(path: &Path, failure: Failure) -> Failure {
    failure.under(text("err-at-path").show("path", path.display()))
}

/// Gathers what is not identical.
struct Reader<'c> {
    context: &'c Context,
    progress: Progress<'c>,
    others: Vec<Other>,
    unlisted: u64,
}

impl Monitor for Reader<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.progress.add_entries(files);
        self.progress.add_bytes(bytes);
    }

    fn line(&mut self, line: Line) {
        if line.class == Class::Intact {
            return;
        }
        if self.others.len() < OTHERS_MAX {
            self.others.push(Other::of(&line, class_word));
        } else {
            self.unlisted += 1;
        }
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.context.warn_unread(path, fault);
    }

    fn unreadable(&mut self, path: &[u8], error: &LiveError) {
        self.context.note_incomplete();
        self.context.warn("fault", Value::Object(Output::path_fields(path)), error);
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set()
    }
}
