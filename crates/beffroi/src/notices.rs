//! Who is told of an alarm: the settings, what a notice says in each language, and sending what waits.
#![expect(
    clippy::disallowed_methods,
    reason = "the settings and the secrets are files, and where they lie is in the environment"
)]

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{
    Delivery, Entry, Held, Language as NoticeLanguage, Level as NoticeLevel, Network, Notice, NoticeId, Outcome,
    Parcel, Post, Recipient, SecretError, SecretPlace, Settings, Spool, World, deliver,
};
use serde_json::{Map, Value, json};
use triage::alarm::{Ground, Level};
use vault::world::{Clock, Timestamp};
use zeroize::Zeroizing;

use crate::catalogue::short;
use crate::commands::{ground_fields, ground_text};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Explanation, Language, Messages, Text, text};
use crate::world::SystemClock;

/// What a backup found, as it is told to people outside: never the name of a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How loud.
    pub level: Level,
    /// Why.
    pub grounds: Vec<Ground>,
    /// The source's name.
    pub source: String,
    /// The machine's name.
    pub host: String,
    /// The vault's id.
    pub vault: String,
    /// The snapshot's id.
    pub snapshot: String,
    /// When the backup was begun.
    pub started: Timestamp,
}

/// Tells whom it concerns, and tries again what waits from before. Nothing that fails here makes the backup fail.
pub fn after_backup(context: &Context, given: Option<&Path>, finding: Option<&Finding>) {
    if let Err(failure) = tell(context, given, finding) {
        context.note(&text("say-notice-failed").with("words", context.chain(&failure.causes)));
        let _ = context.event("notice", json!({ "result": "failed", "message": context.chain(&failure.causes) }));
    }
}

/// Sends all that waits, due or not; returns how many notices wait still.
pub fn send_waiting(context: &Context, given: Option<&Path>) -> Result<usize, Failure> {
    let settings = read_settings(&needed_path(given)?)?;
    let spool = Spool::open(&spool_path(context)?)?;
    let parcels = waiting(context, &spool, &settings, false)?;
    let outcomes = send(&settings, parcels);
    tell_outcomes(context, &outcomes)?;
    Ok(outcomes.iter().filter(|outcome| !matches!(outcome.delivery, Delivery::Sent)).count())
}

/// Sends everybody, or one, a notice that says that it is a trial; returns how many did not take it.
pub fn send_trial(context: &Context, given: Option<&Path>, only: Option<&str>) -> Result<usize, Failure> {
    let settings = read_settings(&needed_path(given)?)?;
    let chosen: Vec<&Recipient> =
        settings.recipients.iter().filter(|recipient| only.is_none_or(|name| name == recipient.name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = settings.recipients.iter().map(|recipient| recipient.name.as_str()).collect();
        return Err(Failure::usage(text("err-notify-nobody").with("names", names.join(", "))));
    }
    let parcels = chosen.into_iter().map(|recipient| {
        let notice = trial(context, recipient);
        Parcel { recipient: recipient.clone(), notice, held: None }
    });
    let outcomes = send(&settings, parcels.collect());
    tell_outcomes(context, &outcomes)?;
    Ok(outcomes.iter().filter(|outcome| !matches!(outcome.delivery, Delivery::Sent)).count())
}

fn tell(context: &Context, given: Option<&Path>, finding: Option<&Finding>) -> Result<(), Failure> {
    let folder = spool_path(context)?;
    if finding.is_none() && !folder.exists() {
        return Ok(());
    }
    let Some(path) = settings_path(given) else {
        if finding.is_some_and(|finding| finding.level == Level::Alarm) {
            context.note(&text("say-notice-nobody"));
        }
        return Ok(());
    };
    let settings = read_settings(&path)?;
    let spool = Spool::open(&folder)?;
    // What is new goes first: an old notice that fails must not keep it back.
    let mut parcels = finding.map_or_else(Vec::new, |finding| fresh(context, &spool, &settings, finding));
    parcels.extend(waiting(context, &spool, &settings, true)?);
    tell_outcomes(context, &send(&settings, parcels))
}

/// Writes what is new into the spool, then hands it over. A spool that is full or broken keeps nobody from being told.
fn fresh(context: &Context, spool: &Spool, settings: &Settings, finding: &Finding) -> Vec<Parcel> {
    let concerned = settings.recipients.iter().filter(|recipient| level_of(finding.level) >= recipient.from);
    let parcels = concerned.map(|recipient| {
        let notice = finding.notice(&messages_for(context, recipient), recipient.names_source);
        let kept = spool.put(Entry::new(&recipient.name, notice.clone(), now_seconds()));
        let held = kept.unwrap_or_else(|error| {
            context.warn("warning", json!({}), &error);
            None
        });
        Parcel { recipient: recipient.clone(), notice, held }
    });
    parcels.collect()
}

/// Takes what waits from the spool; what is too old, or for nobody any more, goes.
fn waiting(context: &Context, spool: &Spool, settings: &Settings, only_due: bool) -> Result<Vec<Parcel>, Failure> {
    let now = now_seconds();
    let mut parcels = Vec::new();
    for held in spool.hold_all()? {
        let recipient = settings.recipients.iter().find(|recipient| recipient.name == held.entry.recipient);
        match recipient.filter(|_| !held.entry.is_stale(now)) {
            None => give_up(context, held)?,
            Some(recipient) if !only_due || held.entry.is_due(now) => {
                let (recipient, notice) = (recipient.clone(), held.entry.notice.clone());
                parcels.push(Parcel { recipient, notice, held: Some(held) });
            }
            Some(_) => {}
        }
    }
    Ok(parcels)
}

fn give_up(context: &Context, held: Held) -> Result<(), Failure> {
    let (recipient, notice) = (held.entry.recipient.clone(), held.entry.notice.id.as_str().to_string());
    held.forget()?;
    context.note(&text("say-notice-given-up").with("recipient", recipient.as_str()));
    context.event("notice", json!({ "recipient": recipient, "notice": notice, "result": "given-up" }))
}

fn send(settings: &Settings, parcels: Vec<Parcel>) -> Vec<Outcome> {
    let (post, world): (Arc<dyn Post>, Arc<dyn World>) = (Arc::new(Network), Arc::new(SystemWorld));
    deliver(&post, &world, parcels, Duration::from_secs(settings.seconds_max))
}

/// Says who was told and who was not, why, and what to do about it.
fn tell_outcomes(context: &Context, outcomes: &[Outcome]) -> Result<(), Failure> {
    for outcome in outcomes {
        let (key, is_sent) = match &outcome.delivery {
            Delivery::Sent => ("say-notice-sent", true),
            Delivery::Failed(_) => ("say-notice-not-sent", false),
            Delivery::Behind => ("say-notice-behind", false),
            Delivery::Late => ("say-notice-late", false),
        };
        let result = match (is_sent, outcome.is_kept) {
            (true, _) => "sent",
            (false, true) => "waiting",
            (false, false) => "failed",
        };
        let mut said = text(key).with("recipient", outcome.recipient.as_str()).with("way", outcome.way);
        let mut fields = json!({
            "recipient": outcome.recipient, "way": outcome.way, "notice": outcome.notice.as_str(), "result": result,
        });
        let mut advice = Vec::new();
        if let Delivery::Failed(error) = &outcome.delivery {
            let explanation = Explanation::of(error);
            let words = context.chain(explanation.causes());
            fields["message"] = words.clone().into();
            said = said.with("words", words);
            advice = context.advice(explanation.causes());
        }
        context.note(&said);
        for words in advice {
            context.note(&text("say-advice").with("words", words));
        }
        context.event("notice", fields)?;
    }
    Ok(())
}

impl Finding {
    fn notice(&self, messages: &Messages, names_source: bool) -> Notice {
        let id = NoticeId::of(&[b"alarm", self.vault.as_bytes(), self.snapshot.as_bytes()]);
        let level = level_of(self.level);
        let (title, lead) = match (self.level, names_source) {
            (Level::Alarm, true) => ("notice-alarm-title-of", "notice-alarm-of"),
            (Level::Alarm, false) => ("notice-alarm-title", "notice-alarm"),
            (_, true) => ("notice-watch-title-of", "notice-watch-of"),
            (_, false) => ("notice-watch-title", "notice-watch"),
        };
        let fill = |key: &'static str| -> Text {
            text(key)
                .with("source", self.source.as_str())
                .with("host", self.host.as_str())
                .with("snapshot", short(&self.snapshot))
                .with("time", formats::moment(self.started))
        };
        let mut lines = vec![messages.say(&fill(lead)), String::new(), messages.word("notice-why")];
        let reason =
            |ground: &Ground| messages.say(&text("say-ground").with("words", messages.say(&ground_text(ground))));
        lines.extend(self.grounds.iter().map(reason));
        lines.extend([String::new(), messages.word("notice-next")]);
        let steps = match self.level {
            Level::Alarm => &["notice-next-cut", "notice-next-explain", "notice-next-damage"][..],
            _ => &["notice-next-ask", "notice-next-explain"][..],
        };
        lines.extend(steps.iter().map(|step| messages.say(&fill(step))));
        lines.extend([String::new(), messages.say(&text("notice-foot").with("id", id.as_str()))]);
        Notice::new(id, level, &messages.say(&fill(title)), &lines.join("\n"), self.fields(names_source))
    }

    fn fields(&self, names_source: bool) -> Map<String, Value> {
        let grounds: Vec<Value> = self.grounds.iter().map(ground_fields).collect();
        let started = formats::rfc3339(self.started);
        let mut fields = json!({ "snapshot": self.snapshot, "started": started, "grounds": grounds });
        if names_source {
            fields["source"] = self.source.as_str().into();
            fields["host"] = self.host.as_str().into();
        }
        object(fields)
    }
}

fn trial(context: &Context, recipient: &Recipient) -> Notice {
    let messages = messages_for(context, recipient);
    let now = SystemClock.now();
    let id = NoticeId::of(&[b"trial", recipient.name.as_bytes(), &now.0.to_le_bytes()]);
    let body = text("notice-trial").with("time", formats::moment(now)).with("recipient", recipient.name.as_str());
    let fields = object(json!({ "started": formats::rfc3339(now) }));
    Notice::new(id, NoticeLevel::Test, &messages.word("notice-trial-title"), &messages.say(&body), fields)
}

fn messages_for(context: &Context, recipient: &Recipient) -> Messages {
    Messages::new(match recipient.language {
        Some(NoticeLanguage::Fr) => Language::Fr,
        Some(NoticeLanguage::En) => Language::En,
        None => context.messages.language(),
    })
}

fn level_of(level: Level) -> NoticeLevel {
    match level {
        Level::Alarm => NoticeLevel::Alarm,
        Level::Watch | Level::Calm => NoticeLevel::Watch,
    }
}

fn spool_path(context: &Context) -> Result<PathBuf, Failure> {
    Ok(context.state_path()?.join("notices"))
}

/// Returns where the settings are: where it was said, else at the usual place if there is such a file.
fn settings_path(given: Option<&Path>) -> Option<PathBuf> {
    if let Some(given) = given {
        return Some(given.to_path_buf());
    }
    Some(usual_path()?).filter(|path| path.exists())
}

fn needed_path(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let usual = || usual_path().unwrap_or_else(|| "notify.toml".into()).display().to_string();
    settings_path(given).ok_or_else(|| Failure::usage(text("err-notify-none").with("path", usual())))
}

fn usual_path() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some("/etc/beffroi/notify.toml".into());
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("beffroi/notify.toml"))
}

/// A longer file is none of ours, in bytes.
const SETTINGS_BYTES_MAX: u64 = 1 << 20;

fn read_settings(path: &Path) -> Result<Settings, Failure> {
    let at = || text("err-notify-at").show("path", path.display());
    let read = File::open(path).and_then(|file| {
        let mut written = String::new();
        file.take(SETTINGS_BYTES_MAX).read_to_string(&mut written)?;
        Ok(written)
    });
    let written = read.map_err(|error| Failure::from(error).under(at()))?;
    Settings::parse(&written).map_err(|error| Failure::from(error).under(at()))
}

fn now_seconds() -> u64 {
    u64::try_from(SystemClock.now().seconds()).unwrap_or(0)
}

/// The clock, and the files that the settings name.
#[derive(Clone, Copy, Debug)]
struct SystemWorld;

/// No secret is longer, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;
/// No file of certificates is longer, in bytes.
const CERTIFICATES_BYTES_MAX: u64 = 4 << 20;

impl World for SystemWorld {
    fn secret(&self, place: &SecretPlace) -> Result<Zeroizing<String>, SecretError> {
        let path = match place {
            SecretPlace::File(path) => path.clone(),
            SecretPlace::Credential(name) => credential(name)?,
        };
        let unreadable = |source: io::Error| SecretError::Unreadable { path: path.clone(), source };
        let file = File::open(&path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Loose { path, mode });
        }
        // As large as it can become: a vector that grows leaves copies behind.
        let mut read = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX as usize + 1));
        file.take(SECRET_BYTES_MAX).read_to_end(&mut read).map_err(unreadable)?;
        let secret = std::str::from_utf8(&read).unwrap_or_default().trim_end_matches(['\r', '\n']);
        if secret.is_empty() || secret.contains(char::is_control) {
            return Err(SecretError::Malformed { path });
        }
        Ok(Zeroizing::new(secret.to_string()))
    }

    fn certificates(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        File::open(path)?.take(CERTIFICATES_BYTES_MAX).read_to_end(&mut read)?;
        Ok(read)
    }

    fn now_seconds(&self) -> u64 {
        now_seconds()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

fn credential(name: &str) -> Result<PathBuf, SecretError> {
    let missing = || SecretError::NoCredential { name: name.to_string() };
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).ok_or_else(missing)?;
    // A name, and no way out of the folder.
    let is_name = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    let path = Some(folder.join(name)).filter(|path| is_name && fs::metadata(path).is_ok());
    path.ok_or_else(missing)
}
