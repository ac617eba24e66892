//! What every command works with: the language, the output, the vault, the kit, this machine's state.
#![expect(clippy::disallowed_methods, reason = "the command line is where the environment comes in")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Access, access};
use serde_json::{Map, Value, json};
use vault::kit::RecoveryKit;
use vault::read::ReadFault;
use vault::scratch::Scratch;
use vault::state::StateFolder;
use vault::store::{DirectoryAccess, DirectoryStore, ReturningStore, Store};
use vault::vault::{Vault, VaultError};

use crate::arguments::GlobalArguments;
use crate::failure::{ALARM, Cause, DAMAGED, DONE, Failure, FailureKind, INCOMPLETE};
use crate::interrupt::Interrupt;
use crate::kit_file::read_kit;
use crate::messages::{Explain, Explanation, Messages, Text, text};
use crate::output::Output;
use crate::record::Record;

/// What every command works with.
pub struct Context {
    /// The language.
    pub messages: Messages,
    /// Where results and notes go.
    pub output: Output,
    /// What holds for every command.
    pub global: GlobalArguments,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// What the command did, for the journal.
    pub record: Record,
    incomplete: AtomicBool,
    damaged: AtomicBool,
    alarmed: AtomicBool,
}

impl Context {
    /// Begins.
    pub fn new(messages: Messages, global: GlobalArguments) -> Self {
        let output = Output::new(global.json);
        let interrupt = Interrupt::default();
        Self {
            messages,
            output,
            global,
            interrupt,
            record: Record::default(),
            incomplete: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
            alarmed: AtomicBool::new(false),
        }
    }

    /// Puts a message into the language.
    pub fn say(&self, text: &Text) -> String {
        self.messages.say(text)
    }

    /// Prints a message for people on standard error.
    pub fn note(&self, text: &Text) {
        self.output.note(&self.say(text));
    }

    /// Prints a message for people as a result; nothing where results are for programs.
    pub fn tell(&self, text: &Text) -> Result<(), Failure> {
        if self.output.is_json() { Ok(()) } else { self.output.line(&self.say(text)) }
    }

    /// Prints an event for programs; nothing where results are for people. The journal takes figures from here.
    pub fn event(&self, event: &str, fields: Value) -> Result<(), Failure> {
        self.record.event(event, &fields);
        if self.output.is_json() { self.output.event(event, object(fields)) } else { Ok(()) }
    }

    /// Tells of something that went wrong while the command goes on.
    pub fn warn(&self, event: &str, mut fields: Value, error: &(impl Explain + ?Sized)) {
        let explanation = Explanation::of(error);
        let chain = self.chain(explanation.causes());
        self.output.note(&self.say(&text("say-warning").with("words", chain.clone())));
        fields["message"] = chain.into();
        if let Some(Cause::Text(first)) = explanation.causes().first() {
            fields["key"] = first.key().into();
        }
        let _ = self.event(event, fields);
    }

    /// Notes that the vault is damaged: the command goes on, and ends with code 5.
    pub fn note_damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    /// Notes that an alarm rings: the command goes on, and ends with code 4.
    pub fn note_alarm(&self) {
        self.alarmed.store(true, Ordering::Relaxed);
    }

    /// Notes that an item could not be read or written: the command goes on, and ends with code 3.
    pub fn note_incomplete(&self) {
        self.incomplete.store(true, Ordering::Relaxed);
    }

    /// Notes what cannot be read: damage, unless this machine is to blame.
    pub fn note_fault(&self, fault: &ReadFault) {
        match fault {
            ReadFault::Scratch(_) => self.note_incomplete(),
            _ => self.note_damage(),
        }
    }

    /// Tells that something at a path cannot be read in the vault.
    pub fn warn_unread(&self, path: &[u8], fault: &ReadFault) {
        self.note_fault(fault);
        self.warn("fault", Value::Object(Output::path_fields(path)), fault);
    }

    /// Returns the exit code of a command that came to its end.
    pub fn exit_code(&self) -> u8 {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        match (is(&self.damaged), is(&self.alarmed), is(&self.incomplete)) {
            (true, ..) => DAMAGED,
            (_, true, _) => ALARM,
            (_, _, true) => INCOMPLETE,
            _ => DONE,
        }
    }

    /// Tells of a failure: what happened, why, what to do.
    pub fn fail(&self, failure: &Failure) {
        if failure.kind == FailureKind::ClosedPipe {
            return;
        }
        let chain = self.chain(&failure.causes);
        let advice = self.advice(&failure.causes);
        self.output.note(&self.say(&text("say-error").with("words", chain.clone())));
        for words in &advice {
            self.output.note(&self.say(&text("say-advice").with("words", words.as_str())));
        }
        let keys = failure.causes.iter().filter_map(|cause| match cause {
            Cause::Text(text) => Some(text.key()),
            Cause::Foreign(_) => None,
        });
        let keys: Vec<_> = keys.collect();
        let fields = json!({ "code": failure.exit_code(), "keys": keys, "message": chain, "advice": advice });
        let _ = self.event("error", fields);
    }

    /// Returns what to do about causes, each advice once.
    pub fn advice(&self, causes: &[Cause]) -> Vec<String> {
        let mut advice: Vec<String> = Vec::new();
        for cause in causes {
            let Cause::Text(text) = cause else { continue };
            advice.extend(self.messages.advice(text).filter(|words| !advice.contains(words)));
        }
        advice
    }

    /// Returns the vault's directory as it was given.
    pub fn vault_path(&self) -> Result<&Path, Failure> {
        self.global.vault.as_deref().ok_or_else(|| Failure::usage(text("err-no-vault-given")))
    }

    /// Opens the vault.
    pub fn open_vault(&self, access: DirectoryAccess) -> Result<Vault, Failure> {
        self.open_vault_at(self.vault_path()?, access)
    }

    /// Opens a vault in a directory.
    pub fn open_vault_at(&self, path: &Path, access: DirectoryAccess) -> Result<Vault, Failure> {
        let at = || text("err-at-vault").show("place", path.display());
        let store = DirectoryStore::open(path, access).map_err(|error| Failure::from(error).under(at()))?;
        self.open_vault_in(path, Arc::new(store))
    }

    /// Opens the vault for somebody who reads for long: its disk may be away meanwhile.
    pub fn open_returning_vault(&self) -> Result<Vault, Failure> {
        let path = self.vault_path()?;
        let at = || text("err-at-vault").show("place", path.display());
        let store = ReturningStore::open(path).map_err(|error| Failure::from(error).under(at()))?;
        self.open_vault_in(path, Arc::new(store))
    }

    fn open_vault_in(&self, path: &Path, store: Arc<dyn Store>) -> Result<Vault, Failure> {
        let at = || text("err-at-vault").show("place", path.display());
        let empty = || {
            let first = std::fs::read_dir(path).ok().and_then(|mut entries| entries.next());
            first.is_none()
        };
        let vault = Vault::open(store).map_err(|error| match error {
            VaultError::Missing if empty() => Failure::new(text("err-vault-empty")).under(at()),
            other => Failure::from(other).under(at()),
        })?;
        for fault in &vault.log().faults {
            self.warn("fault", json!({ "object": fault.name().to_string() }), fault);
        }
        Ok(vault)
    }

    /// Reads the recovery kit that the command needs.
    pub fn kit(&self) -> Result<RecoveryKit, Failure> {
        self.kit_if_given()?.ok_or_else(|| Failure::usage(text("err-no-identity-given")))
    }

    /// Reads the recovery kit, if one was given.
    pub fn kit_if_given(&self) -> Result<Option<RecoveryKit>, Failure> {
        self.global.identity.as_deref().map(read_kit).transpose()
    }

    /// Opens this machine's state.
    pub fn state(&self) -> Result<StateFolder, Failure> {
        Ok(StateFolder::open(&self.state_path()?)?)
    }

    /// Returns where this machine's state is.
    pub fn state_path(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.global.state {
            return Ok(path.clone());
        }
        if rustix::process::geteuid().is_root() {
            return Ok(PathBuf::from("/var/lib/beffroi"));
        }
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
        base.map(|base| base.join("beffroi")).ok_or_else(|| Failure::usage(text("err-no-state")))
    }

    /// Returns where what does not fit in memory goes. `/tmp` comes last: it often is memory itself.
    pub fn scratch(&self) -> Scratch {
        let given = std::env::var_os("TMPDIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let usable = |folder: &&str| access(*folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
        let usual = || ["/var/tmp", "/tmp"].into_iter().find(usable).unwrap_or("/var/tmp").into();
        Scratch::new(given.unwrap_or_else(usual))
    }

    /// Puts what happened and why into one line.
    pub fn chain(&self, causes: &[Cause]) -> String {
        let words: Vec<String> = causes
            .iter()
            .map(|cause| match cause {
                Cause::Text(text) => self.say(text),
                Cause::Foreign(words) => words.clone(),
            })
            .collect();
        words.join(&self.messages.word("say-because"))
    }
}

/// Returns the fields of a JSON object.
pub fn object(fields: Value) -> Map<String, Value> {
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
