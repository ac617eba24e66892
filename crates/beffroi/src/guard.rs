//! Looks at what is kept while it is kept, and says whether to ring.
//!
//! This is the machine's own word, a hint: it can ring within minutes. What is really hurt is told at the desk, from content.

use std::sync::{Mutex, PoisonError};

use triage::alarm::{Alarm, Level, Sensitivity, weigh};
use triage::facts::{Depth, Facts};
use triage::ledger::{Account, Ledger, Seen};
use triage::look::Looker;
use triage::shield::shielded;
use triage::verdict::Version;
use vault::backup::{Conclusion, Fate, Look, Witness};
use vault::tree::{Content, Entry, EntryKind};
use vault::world::Entropy;

/// Guards one backup.
pub struct Guard {
    /// Where samples are taken; nobody can foresee it.
    key: [u8; 32],
    depth: Depth,
    hurt_lately: u64,
    sensitivity: Sensitivity,
    ledger: Mutex<Ledger>,
    account: Mutex<Account>,
}

impl Guard {
    /// Begins. The first backup of a source has nothing to compare with: a glance at each file is enough to be armed.
    pub fn new(entropy: &dyn Entropy, is_first: bool, hurt_lately: u64, sensitivity: Sensitivity) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        let depth = if is_first { Depth::Glance } else { Depth::Full };
        Self { key, depth, hurt_lately, sensitivity, ledger: Mutex::default(), account: Mutex::default() }
    }

    /// Returns what the backup came to, once it is complete.
    pub fn account(&self) -> Account {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Witness for Guard {
    fn look(&self, name: &[u8], bytes: u64) -> Box<dyn Look> {
        Box::new(Looking(Looker::new(name, bytes, self.depth, self.key)))
    }

    fn hear(&self, fate: Fate<'_>) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        match fate {
            Fate::Enter { name, .. } => ledger.enter(name),
            Fate::Leave => ledger.leave(),
            Fate::Same { .. } => ledger.same(),
            Fate::New { after } => ledger.new_file(&seen(&after.name, after)),
            Fate::Changed { before, after } => ledger.changed(&after.name, &version(before), &version(after)),
            Fate::Gone { path, before: Some(before) } if is_file(before) => ledger.gone(&seen(path, before)),
            Fate::Gone { .. } => {}
            Fate::GoneUntold { count } => ledger.gone_untold(count),
        }
    }

    fn conclude(&self) -> Conclusion {
        let ledger = std::mem::take(&mut *self.ledger.lock().unwrap_or_else(PoisonError::into_inner));
        let account = ledger.finish(self.hurt_lately);
        let alarm = weigh(&account.tally, self.sensitivity);
        let damage_hint = account.tally.damaged + account.tally.renamed_damaged;
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = account;
        let alarm_level = alarm.level.number();
        Conclusion { damage_hint, alarm_level, alarm: (alarm.level > Level::Calm).then(|| alarm.to_bytes()) }
    }
}

/// Returns why a snapshot raises an alarm; without reasons if those are not understood.
pub fn alarm_of(level: u64, reasons: Option<&[u8]>) -> Alarm {
    let told = reasons.and_then(Alarm::from_bytes);
    let grounds = told.map(|alarm| alarm.grounds).unwrap_or_default();
    Alarm { level: Level::of_number(level), grounds }
}

struct Looking(Looker);

impl Look for Looking {
    fn data(&mut self, bytes: &[u8]) {
        self.0.data(bytes);
    }

    fn zeros(&mut self, bytes: u64) {
        self.0.zeros(bytes);
    }

    fn finish(&mut self) -> Vec<u8> {
        let facts = shielded(|| self.0.finish());
        facts.map(|facts| facts.to_bytes().to_vec()).unwrap_or_default()
    }
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File { .. })
}

fn seen<'e>(name: &'e [u8], entry: &Entry) -> Seen<'e> {
    Seen { name, version: version(entry), content: content_number(entry) }
}

fn version(entry: &Entry) -> Version {
    let facts = entry.facts.as_deref().and_then(Facts::from_bytes);
    Version { facts, bytes: entry.size() }
}

/// Returns a number that is the same for the same bytes, as long as they are cut alike.
fn content_number(entry: &Entry) -> u64 {
    let first = match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } => chunks.first().map(|chunk| chunk.id),
        EntryKind::File { content: Content::List(id, _), .. } => Some(*id),
        _ => None,
    };
    let start = first.map_or([0; 8], |id| *id.0.first_chunk().expect("an id has 32 bytes"));
    u64::from_le_bytes(start) ^ entry.size()
}
