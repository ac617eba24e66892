//! Which packs are worn: mostly dead, or small and many. What is still used in them is sent again, so that they
//! die with the snapshots that need the rest.
//!
//! Nothing is gained before the dead part could go: the daily snapshots of the five weeks before pin it anyway. And a tree
//! that was changed as a whole, by an attack or by a move, may be put back as it was. So a pack must have been worn for five
//! weeks. How much this saves and costs is in `docs/retention.md`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::assemble::PackUse;
use super::run::Run;
use super::{BackupError, Remark};
use crate::id::SourceTag;
use crate::list::Needed;
use crate::name::{Folder, NumberedKind};
use crate::snapshots::{needed, read_snapshot};
use crate::state::{Opening, PackNumber, PackRecord, PackStatus, PackTable, Share, StateFolder, UseTable, Wear};
use crate::world::Timestamp;

/// A pack of which less is in use is worn, in percent of its blobs before compression. What is sent again is there twice until
/// the last old snapshot is gone that needs it, which may be in seven years: it must be little beside what then goes.
const LIVE_PERCENT_MIN: u64 = 10;
/// Packs below are small: they are judged by their number, for next to nothing would be gained from what is dead in them.
/// Sending larger ones again because they are many would cost more than it saves: as long as an older snapshot needs the old
/// ones, all that was sent again is stored twice.
const SMALL_BYTES_MAX: u64 = 256 << 10;
/// So many small packs of about one size may be.
const SMALL_COUNT_MAX: usize = 32;
/// How long a pack must have been worn: as long as daily snapshots are kept (`docs/retention.md`).
const WORN_SECONDS: i64 = 35 * 86_400;
/// A run sends again at most one part in so many of what is in use, …
const RENEWED_ONE_IN: u64 = 32;
/// … or so many bytes.
const RENEWED_BYTES_MIN: u64 = 256 << 20;

/// Opens the table of uses, and lets the packs that are worn count as absent in this run.
pub(super) fn wear_packs(run: &Run<'_>, folder: &StateFolder, now: Timestamp) -> Result<UseTable, BackupError> {
    let (mut uses, opening) = UseTable::open(folder, run.packs.series())?;
    if opening != Opening::Loaded && !run.packs.durable().is_empty() {
        count_named_packs(run, &mut uses)?;
    }
    let time = Timestamp::from_seconds(now.seconds().saturating_sub(WORN_SECONDS));
    let worn = choose(&run.packs, &uses.totals(), uses.worn_since(time));
    if !worn.packs.is_empty() {
        run.packs.wear(&worn.packs);
        run.monitor.remark(Remark::WornPacks { count: worn.packs.len() as u64, bytes: worn.bytes });
    }
    Ok(uses)
}

/// Notes what a source uses from now on, and which packs that leaves worn.
pub(super) fn note_uses(packs: &PackTable, uses: &mut UseTable, (tag, used): (SourceTag, &PackUse), now: Timestamp) {
    uses.set_source(tag, used.shares(), |pack| packs.is_live(pack));
    let totals = uses.totals();
    let worn = totals.iter().filter_map(|(pack, live_bytes)| Candidate::of(packs, *pack, *live_bytes));
    uses.set_worn(worn.map(|candidate| (candidate.pack, candidate.wear)), now);
}

/// What is chosen to be sent again.
struct Worn {
    packs: Vec<PackNumber>,
    /// Bytes in use in them, before compression.
    bytes: u64,
}

/// A pack that is worn.
struct Candidate {
    pack: PackNumber,
    wear: Wear,
    live_bytes: u64,
    live_percent: u64,
    /// Packs of about one size and of one kind have the same.
    group: (u32, u8),
}

impl Candidate {
    /// Judges a pack. Where nothing is in use there is nothing to send again, and content that comes back finds it.
    fn of(packs: &PackTable, pack: PackNumber, live_bytes: u64) -> Option<Self> {
        let PackRecord { kind, size, status, .. } = packs.record(pack)?;
        if status != PackStatus::Durable || live_bytes == 0 {
            return None;
        }
        let live_percent = live_bytes.saturating_mul(100) / size.plain_bytes.max(1);
        let wear = match size.bytes {
            0..SMALL_BYTES_MAX => Wear::Small,
            _ if live_percent < LIVE_PERCENT_MIN => Wear::Sparse,
            _ => return None,
        };
        // Eight times larger is another size.
        let group = (size.bytes.max(1).ilog2() / 3, kind);
        Some(Self { pack, wear, live_bytes, live_percent, group })
    }
}

/// Chooses among packs that were worn long enough: the most dead first, then the small ones, smallest first.
fn choose(packs: &PackTable, totals: &HashMap<PackNumber, u64>, worn: impl Iterator<Item = PackNumber>) -> Worn {
    let used = |pack: &PackNumber| totals.get(pack).copied().unwrap_or(0);
    let mut sparse = Vec::new();
    let mut small: BTreeMap<_, Vec<Candidate>> = BTreeMap::new();
    for candidate in worn.filter_map(|pack| Candidate::of(packs, pack, used(&pack))) {
        match candidate.wear {
            Wear::Sparse => sparse.push(candidate),
            Wear::Small => small.entry(candidate.group).or_default().push(candidate),
        }
    }
    sparse.sort_by_key(|candidate| (candidate.live_percent, candidate.pack));
    let many = small.into_values().filter(|group| group.len() > SMALL_COUNT_MAX).flatten();
    let live_bytes: u64 = totals.values().sum();
    take_share(sparse.into_iter().chain(many), (live_bytes / RENEWED_ONE_IN).max(RENEWED_BYTES_MIN))
}

/// Takes what one run may send again. What is left waits for the next.
fn take_share(candidates: impl Iterator<Item = Candidate>, bytes_max: u64) -> Worn {
    let mut worn = Worn { packs: Vec::new(), bytes: 0 };
    for candidate in candidates {
        if worn.bytes + candidate.live_bytes <= bytes_max {
            worn.bytes += candidate.live_bytes;
            worn.packs.push(candidate.pack);
        }
    }
    worn
}

/// Counts every pack that the newest manifest of each source names as used whole: what the agent knew better is lost.
fn count_named_packs(run: &Run<'_>, uses: &mut UseTable) -> Result<(), BackupError> {
    let mut manifests = Vec::new();
    let folder = Folder::Numbered(run.keys.strand, NumberedKind::Snapshot);
    run.store().list(&folder, &mut |name, _| manifests.push(name))?;
    manifests.sort_by_key(|name| Reverse(*name));
    let mut seen = HashSet::new();
    for name in manifests {
        if run.monitor.stopping() {
            return Err(BackupError::Stopped);
        }
        let Ok((snapshot, _)) = read_snapshot(run.vault, &name) else { continue };
        let tag = snapshot.manifest.source_tag;
        if seen.insert(tag) {
            let (names, _) = needed(run.store(), &snapshot.manifest, &mut |_| {});
            let numbers = names.iter().filter_map(Needed::pack).filter_map(|hash| run.packs.find_by_hash(&hash));
            let whole = |pack| Share { pack, bytes: run.packs.record(pack).map_or(0, |pack| pack.size.plain_bytes) };
            uses.set_source(tag, numbers.map(whole), |_| true);
        }
    }
    Ok(())
}
