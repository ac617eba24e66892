//! Years of a town hall in which nothing goes wrong: a backup every day, expiry every week.
//!
//! What is asked here is not whether something is lost on a bad day but whether the vault stays what it should be when it
//! grows old: every snapshot that is kept gives back what there was, expiry does what is written, and what is stored is
//! little more than what is needed ([`Holding`]).

mod account;
mod hall;
mod ledger;
mod mail_bag;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use vault::chunk::ChunkSizes;
use vault::expire::{apply, plan};
use vault::kit::RecoveryKit;
use vault::name::{NumberedKind, ObjectName};
use vault::read::{SnapshotReader, StrandReader};
use vault::scratch::Scratch;
use vault::snapshots::Snapshot;
use vault::store::{Erase, MemoryStore, Store};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::dice::Dice;
use crate::expectation::{Claims, expect};
use crate::failure::{Tell, Told, chain, ensure};
use crate::machine::{Machine, Remarks, SimEntropy};
use crate::oracles::listed;
use crate::owners::compare;
use crate::rule::DAY;
use crate::town::{BEGIN, temporary_folder};

pub use account::{Account, Year};
pub use hall::{HallSize, Work};
pub use ledger::Holding;
pub use mail_bag::Sort;

use hall::{Fingerprints, TownHall};
use ledger::{Ledger, Reached, fingerprints, reached};
use mail_bag::MailBag;

/// What is lived through.
#[derive(Clone, Debug)]
pub struct Span {
    /// Decides all.
    pub seed: u64,
    /// Backups, one a day.
    pub days: u64,
    /// How large the town hall is.
    pub size: HallSize,
    /// What people do.
    pub work: Work,
    /// Bounds of chunks.
    pub sizes: ChunkSizes,
}

const DAYS_OF_YEAR: u64 = 365;

impl Span {
    /// Years of a town hall of some 120 MB, with the sizes that the program uses.
    pub fn of_years(years: u64, seed: u64) -> Self {
        // Every fourth year has a day more; on the whole that is enough of a calendar.
        let days = years * DAYS_OF_YEAR + years / 4;
        Self { seed, days, size: HallSize::TOWN, work: Work::Everything, sizes: ChunkSizes::default() }
    }

    /// Days of a small one, with small chunks. How large a pack must be to be worn stays what it is, so that the figures
    /// are not those of a large one.
    pub fn of_days(days: u64, seed: u64) -> Self {
        let sizes = ChunkSizes { bytes_min: 4096, bytes_average: 16384, bytes_max: 65536 };
        Self { seed, days, size: HallSize::HAMLET, work: Work::Everything, sizes }
    }
}

/// Lives through a span. `told` gets each year when it is over. Returns the account of all of them.
pub fn live(span: &Span, told: &mut dyn FnMut(&Year)) -> Told<Account> {
    let mut life = Life::begin(span)?;
    let mut account = Account::default();
    for day in 0..span.days {
        life.save(day, &mut account)?;
        if day % 7 == 6 {
            life.expire()?;
            account.weigh(life.weigh()?);
        }
        if (day + 1) % DAYS_OF_YEAR == 0 || day + 1 == span.days {
            life.verify_all(&mut account)?;
            told(account.close_year(day + 1));
        }
    }
    Ok(account)
}

/// A town hall, its vault, and what is known of both.
struct Life {
    bag: Arc<MailBag>,
    kit: RecoveryKit,
    machine: Machine,
    hall: TownHall,
    dice: Dice,
    time: Arc<AtomicI64>,
    claims: Claims,
    /// What each snapshot must give back, and which blobs it reaches.
    snapshots: BTreeMap<ObjectName, (Arc<Fingerprints>, Reached)>,
    ledger: Ledger,
    folder: TempDir,
}

impl Life {
    fn begin(span: &Span) -> Told<Self> {
        let folder = temporary_folder().tell("a temporary folder")?;
        let entropy = SimEntropy::new(span.seed);
        let bag = Arc::new(MailBag::new(MemoryStore::new()));
        let now = Timestamp::from_seconds(BEGIN);
        let store = Arc::clone(&bag) as Arc<dyn Store>;
        let (mut vault, kit) = Vault::found(store, &[], now, &entropy).tell("founding")?;
        let keys = vault.enrol(&kit, "mairie", now, &entropy).tell("enrolling")?;
        let time = Arc::new(AtomicI64::new(BEGIN));
        let machine = Machine::new((1, span.seed), keys, 1, &time, folder.path())?.with_sizes(span.sizes);
        let hall = TownHall::build(&machine.source(0), span.seed, span.size, span.work).tell("the town hall")?;
        let dice = Dice::new(span.seed ^ 0x1eaf);
        let (claims, snapshots) = (Mutex::default(), BTreeMap::new());
        Ok(Self { bag, kit, machine, hall, dice, time, claims, snapshots, ledger: Ledger::default(), folder })
    }

    /// A day, and its backup in the night. A part of what it made is read at once.
    fn save(&mut self, day: u64, account: &mut Account) -> Told<()> {
        if day > 0 {
            self.hall.work(day).tell("a day's work")?;
        }
        let night = 7200 + self.dice.below(3600) as i64;
        self.time.store(BEGIN + day as i64 * DAY + night, Ordering::SeqCst);
        let remarks = Remarks::default();
        let outcome = self.machine.save(Arc::clone(&self.bag) as Arc<dyn Store>, 0, 3, &remarks);
        let outcome = outcome.map_err(|error| format!("the backup of day {day}: {}", chain(&error)))?;
        let complaint = remarks.complaint();
        ensure(complaint.is_none(), || format!("a backup remarks {}", complaint.unwrap_or_default()))?;
        account.sent(self.bag.empty(), remarks.worn_bytes(), outcome.counts.bytes);
        let strand = self.machine.keys.strand;
        let name = ObjectName::Numbered(strand, NumberedKind::Snapshot, outcome.seq, outcome.hash);
        let vault = self.open()?;
        let (snapshot, _) = vault::snapshots::read_snapshot(&vault, &name).tell("the new snapshot")?;
        let reader = self.read(&vault, &snapshot)?;
        self.snapshots.insert(name, (self.hall.fingerprints(), reached(&reader).tell(name)?));
        let part = self.dice.below(16);
        account.restored_files += self.verify(&reader, name, &|hash| u64::from(hash.as_bytes()[0]) % 16 == part)?;
        Ok(())
    }

    /// The owners expire, at noon. Afterwards there is what the written rule says, and nothing else.
    fn expire(&mut self) -> Told<()> {
        self.time.fetch_add(DAY / 2, Ordering::SeqCst);
        let now = Timestamp::from_seconds(self.time.load(Ordering::SeqCst));
        let vault = self.open()?;
        let before: BTreeSet<ObjectName> = self.bag.names().into_iter().collect();
        let expected = expect((&self.kit, &self.claims), &vault, now)?;
        let plan = plan(&vault, &self.kit, now).tell("a plan of expiry")?;
        compare(&plan, &expected)?;
        apply(&vault, &self.kit, &plan, self.bag.as_ref() as &dyn Erase, now).tell("expiry")?;
        let after: BTreeSet<ObjectName> = self.bag.names().into_iter().collect();
        let lost = before.difference(&after).find(|name| !expected.deleted.contains(*name));
        ensure(lost.is_none(), || format!("expiry took {lost:?}, against the rule"))?;
        let left = expected.deleted.intersection(&after).next();
        ensure(left.is_none(), || format!("expiry left {left:?}, against the rule"))?;
        self.snapshots.retain(|name, _| after.contains(name));
        self.bag.empty();
        self.ledger.kept = expected.kept;
        Ok(())
    }

    /// What there is, and what is needed of it.
    fn weigh(&mut self) -> Told<Holding> {
        let vault = self.open()?;
        let secrets = vault.secrets(&self.kit, &self.machine.keys.strand).tell("the secrets")?;
        self.ledger.weigh(&vault, &secrets, &self.snapshots)
    }

    /// Restores every snapshot that is there, whole.
    fn verify_all(&mut self, account: &mut Account) -> Told<()> {
        let vault = self.open()?;
        let snapshots = listed(&vault)?;
        let names: BTreeSet<ObjectName> = snapshots.iter().map(Snapshot::name).collect();
        ensure(names.iter().eq(self.snapshots.keys()), || "there are other snapshots than there should be".into())?;
        for snapshot in &snapshots {
            let reader = self.read(&vault, snapshot)?;
            account.restored_files += self.verify(&reader, snapshot.name(), &|_| true)?;
            account.restored_snapshots += 1;
        }
        Ok(())
    }

    /// Compares what a snapshot gives back; of files only those that are wanted. Returns how many they were.
    fn verify(&self, reader: &SnapshotReader, name: ObjectName, wanted: &dyn Fn(&blake3::Hash) -> bool) -> Told<u64> {
        let expected = &self.snapshots[&name].0;
        fingerprints(reader, expected, wanted).map_err(|why| format!("{name}: {why}"))
    }

    fn open(&self) -> Told<Vault> {
        Vault::open(Arc::clone(&self.bag) as Arc<dyn Store>).tell("the vault cannot be opened")
    }

    /// Opens a snapshot with nothing but the kit.
    fn read(&self, vault: &Vault, snapshot: &Snapshot) -> Told<SnapshotReader> {
        let secrets = vault.secrets(&self.kit, &snapshot.manifest.strand).tell("the secrets")?;
        let mut faults = Vec::new();
        let store = Arc::clone(vault.store());
        let scratch = Scratch::new(self.folder.path());
        let reader = StrandReader::open(store, secrets, &[snapshot], &scratch, &mut |fault| faults.push(fault));
        let reader = reader.tell("the strand")?;
        match faults.first() {
            Some(fault) => Err(chain(fault)),
            None => Arc::new(reader).snapshot(snapshot).tell("the manifest"),
        }
    }
}
