//! `init`: a new vault, this machine its first strand, and the recovery kit.
//!
//! The vault is made in memory first. The kit is on paper or on disk before the first byte of the vault is: a vault
//! whose kit was lost would be a vault that nobody opens.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde_json::json;
use vault::envelope::Recipient;
use vault::kit::RecoveryKit;
use vault::name::{Folder, ObjectName};
use vault::state::AgentKeys;
use vault::store::{DirectoryStore, MemoryStore, Store, StoreError};
use vault::vault::Vault;
use vault::world::Clock;
use zeroize::Zeroizing;

use crate::arguments::InitArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::secret_file;
use crate::world::{SystemClock, SystemEntropy};

/// Makes a vault.
pub fn run(context: &Context, arguments: &InitArguments) -> Result<(), Failure> {
    let further = arguments.recipient.iter().map(|words| Recipient::parse(words)).collect::<Result<Vec<_>, _>>()?;
    let handover = Handover::choose(arguments)?;
    let state = context.state()?;
    let was_there = arguments.new_vault.symlink_metadata().is_ok();
    let at = || text("err-at-vault").show("place", arguments.new_vault.display());
    let store = DirectoryStore::create(&arguments.new_vault).map_err(|error| Failure::from(error).under(at()))?;
    let draft = Draft::make(&further)?;
    if let Err(failure) = handover.hand_over(context, &draft.kit) {
        if !was_there {
            // Only an empty folder can be removed so: the one that was made above.
            let _ = std::fs::remove_dir(&arguments.new_vault);
        }
        return Err(failure);
    }
    let folder = state.for_vault(draft.keys.vault)?;
    draft.keys.save_new(&folder)?;
    draft.write(&store).map_err(|error| Failure::from(error).under(at()))?;
    let place = arguments.new_vault.display();
    context.tell(&text("say-init-done").show("place", place).with("host", draft.keys.label.as_str()))?;
    context.note(&text("say-init-warning"));
    let fields = json!({ "vault": draft.keys.vault.to_hex(), "strand": draft.keys.strand.to_hex() });
    context.event("summary", fields)
}

/// A vault that is only in memory yet.
struct Draft {
    store: MemoryStore,
    kit: RecoveryKit,
    keys: AgentKeys,
}

impl Draft {
    fn make(further: &[Recipient]) -> Result<Self, Failure> {
        let store = MemoryStore::new();
        let now = SystemClock.now();
        let (mut vault, kit) = Vault::found(Arc::new(store.clone()), further, now, &SystemEntropy)?;
        let keys = vault.enrol(&kit, &host_name(), now, &SystemEntropy)?;
        Ok(Self { store, kit, keys })
    }

    /// Writes the objects in an order in which a crash leaves a vault that can be told to be half made.
    fn write(&self, to: &dyn Store) -> Result<(), StoreError> {
        let mut names = self.store.names();
        names.sort_by_key(|name| match name {
            ObjectName::Vault => (0, 0),
            ObjectName::Owner(0, _) => (1, 0),
            other => (if other.folder() == Some(Folder::Owner) { 3 } else { 2 }, 0),
        });
        for name in names {
            to.put(&name, &self.store.get(&name)?)?;
            to.commit()?;
        }
        Ok(())
    }
}

/// How the kit reaches the owners.
enum Handover<'a> {
    File(&'a Path),
    Terminal,
}

impl<'a> Handover<'a> {
    fn choose(arguments: &'a InitArguments) -> Result<Self, Failure> {
        match &arguments.recovery_out {
            Some(path) if is_inside(path, &arguments.new_vault) => {
                Err(Failure::usage(text("err-kit-in-vault").show("path", path.display())))
            }
            Some(path) if path.symlink_metadata().is_ok() => {
                Err(Failure::new(text("err-kit-exists").show("path", path.display())))
            }
            Some(path) => Ok(Self::File(path)),
            None if io::stdin().is_terminal() && io::stdout().is_terminal() => Ok(Self::Terminal),
            None => Err(Failure::usage(text("err-no-recovery-out"))),
        }
    }

    fn hand_over(&self, context: &Context, kit: &RecoveryKit) -> Result<(), Failure> {
        match self {
            Self::File(path) => {
                let words = kit.to_text(&comments(context));
                let failed = |error| Failure::from(error).under(text("err-kit-write").show("path", path.display()));
                secret_file::write_new(path, words.as_bytes()).map_err(failed)?;
                context.tell(&text("say-kit-written").show("path", path.display()))
            }
            Self::Terminal => {
                show(context, kit)?;
                ask_back(context, kit)
            }
        }
    }
}

const TRIES: u64 = 3;
const ASKED_CHARACTERS: usize = 6;

fn comments(context: &Context) -> Vec<String> {
    let made = text("kit-made").with("time", formats::moment(SystemClock.now())).with("host", host_name());
    let name = format!("Beffroi recovery kit / {}", context.messages.word("kit-name"));
    vec![name, context.say(&made), context.messages.word("kit-keep")]
}

fn show(context: &Context, kit: &RecoveryKit) -> Result<(), Failure> {
    let words = kit.to_text(&comments(context));
    let bare = kit.to_text(&[]);
    let code = QrCode::with_error_correction_level(bare.as_bytes(), EcLevel::M);
    context.output.line(&context.messages.word("say-kit-title"))?;
    context.output.line("")?;
    context.output.bytes(words.as_bytes())?;
    context.output.line("")?;
    if let Ok(code) = code {
        let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
        context.output.line(&Zeroizing::new(picture))?;
    }
    context.output.line(&context.messages.word("say-kit-advice"))
}

/// Asks for the end of the kit, so that nobody goes on without having written it down.
fn ask_back(context: &Context, kit: &RecoveryKit) -> Result<(), Failure> {
    let identity = kit.identities[0].expose();
    let end = &identity[identity.len() - ASKED_CHARACTERS..];
    for left in (0..TRIES).rev() {
        context.output.ask(&context.messages.word("ask-kit-end"))?;
        let mut answer = Zeroizing::new(String::new());
        let bytes = io::stdin().read_line(&mut answer).map_err(Failure::from)?;
        if answer.trim().eq_ignore_ascii_case(end) {
            return Ok(());
        }
        if bytes == 0 {
            break;
        }
        if left > 0 {
            context.output.line(&context.say(&text("say-kit-wrong").with("left", left)))?;
        }
    }
    Err(Failure::new(text("err-kit-not-confirmed")))
}

/// Tells whether a file would lie in a folder. Neither needs to exist; links on the way to both are followed.
fn is_inside(path: &Path, folder: &Path) -> bool {
    match (resolve(path), resolve(folder)) {
        (Some(path), Some(folder)) => path.starts_with(folder),
        _ => false,
    }
}

/// Follows the links in as much of a path as exists.
fn resolve(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let existing = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let (above, resolved) = existing?;
    Some(resolved.join(path.strip_prefix(above).ok()?))
}

/// Returns the name of this machine.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
