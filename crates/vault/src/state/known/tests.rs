use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::id::ObjectHash;
use crate::state::PackSize;
use crate::state::folder::scratch;
use crate::world::Entropy;

struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed) as u8);
    }
}

const SMALL: Limits = Limits { placed_max: 5, runs_max: 2, memory_records_max: 4 };

struct Session {
    packs: Arc<PackTable>,
    known: KnownBlobs,
    opening: Opening,
    _lock: StateLock,
}

struct Disk {
    base: tempfile::TempDir,
    folder: StateFolder,
    entropy: Counted,
}

impl Disk {
    fn new() -> Self {
        let (base, folder) = scratch();
        let entropy = Counted(AtomicU64::new(1));
        Self { base, folder, entropy }
    }

    fn session(&self, limits: Limits) -> Session {
        let lock = self.folder.lock().unwrap();
        let (packs, _) = PackTable::open(&self.folder, &self.entropy).unwrap();
        let packs = Arc::new(packs);
        let opened = KnownBlobs::open_within(&self.folder, &lock, packs.clone(), limits);
        let (known, opening) = opened.unwrap();
        Session { packs, known, opening, _lock: lock }
    }

    fn files(&self, start: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.base.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> =
            paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).collect();
        paths.sort();
        paths
    }
}

fn id(n: u16) -> BlobId {
    BlobId(*blake3::hash(&n.to_le_bytes()).as_bytes())
}

fn hash(number: PackNumber) -> ObjectHash {
    ObjectHash(*blake3::hash(&number.0.to_be_bytes()).as_bytes())
}

fn size(blobs: u32) -> PackSize {
    PackSize { blobs, bytes: 1, plain_bytes: 1 }
}

fn durable_pack(session: &Session, ids: impl IntoIterator<Item = u16>) -> PackNumber {
    let number = session.packs.allot(0).unwrap();
    for n in ids {
        assert_eq!(session.known.claim(&id(n)), Claim::Mine);
        session.known.place(&id(n), number).unwrap();
    }
    session.packs.finish(number, hash(number), size(1));
    session.packs.mark_durable(&[number]);
    number
}

#[test]
fn a_claim_is_for_one_and_can_be_given_back() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    let known = &session.known;
    assert_eq!(known.claim(&id(1)), Claim::Mine);
    assert_eq!(known.claim(&id(1)), Claim::Taken);
    assert_eq!(known.find(&id(1)), None);
    known.release(&id(1));
    assert_eq!(known.claim(&id(1)), Claim::Mine);
    let pack = session.packs.allot(0).unwrap();
    known.place(&id(1), pack).unwrap();
    known.release(&id(1));
    assert_eq!(known.claim(&id(1)), Claim::Known(pack));
    session.packs.mark_gone(pack);
    assert_eq!(known.claim(&id(1)), Claim::Mine);
}

#[test]
fn of_many_threads_one_packs_each_blob() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    let pack = session.packs.allot(0).unwrap();
    let mine = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..300 {
                    if session.known.claim(&id(n)) == Claim::Mine {
                        mine.fetch_add(1, Ordering::Relaxed);
                        session.known.place(&id(n), pack).unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(mine.into_inner(), 300);
    assert!((0..300).all(|n| session.known.find(&id(n)) == Some(pack)));
    assert_eq!(session.known.failed_reads(), 0);
}

#[test]
fn packs_that_were_never_confirmed_are_not_known_after_a_crash() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    let kept = durable_pack(&session, 0..20);
    let open = session.packs.allot(0).unwrap();
    for n in 20..40 {
        session.known.place(&id(n), open).unwrap();
    }
    session.known.save().unwrap();
    // Durable in the store, but too late for what was saved.
    let late = durable_pack(&session, 40..60);
    session.packs.mark_gone(open);
    drop(session);

    let session = disk.session(SMALL);
    assert_eq!(session.opening, Opening::Loaded);
    assert!((0..20).all(|n| session.known.find(&id(n)) == Some(kept)));
    assert!((20..60).all(|n| session.known.find(&id(n)).is_none()));
    let unread = session.packs.retain_present([hash(kept), hash(late)]);
    assert_eq!(unread, [hash(late)]);
    let adopted = session.packs.adopt(0, hash(late), size(20)).unwrap();
    let ids = (40..60).map(id);
    session.known.insert_pack(adopted, ids).unwrap();
    session.known.save().unwrap();
    drop(session);

    let session = disk.session(SMALL);
    assert!((40..60).all(|n| session.known.find(&id(n)) == Some(adopted)));
    let unread = session.packs.retain_present([hash(kept), hash(late)]);
    assert_eq!(unread, []);
}

#[test]
fn a_table_saved_alone_leaves_newer_packs_to_be_read_again() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    let old = durable_pack(&session, 0..3);
    let begun = session.packs.allot(0).unwrap();
    session.known.place(&id(3), begun).unwrap();
    session.known.save().unwrap();
    session.known.place(&id(4), begun).unwrap();
    session.packs.finish(begun, hash(begun), size(2));
    session.packs.mark_durable(&[begun]);
    let new = durable_pack(&session, 5..9);
    session.packs.save().unwrap();
    drop(session);

    let session = disk.session(SMALL);
    let unread = session.packs.retain_present([hash(old), hash(begun), hash(new)]);
    assert_eq!(unread, [hash(begun), hash(new)]);
    assert_eq!(session.packs.adopt(0, hash(begun), size(2)).unwrap(), begun);
    session.known.insert_pack(begun, [id(3), id(4)]).unwrap();
    assert_eq!(session.known.find(&id(4)), Some(begun));
}

#[test]
fn any_damage_loses_all_and_asks_for_all_packs_again() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    let pack = durable_pack(&session, 0..7);
    session.known.save().unwrap();
    drop(session);
    let files = [disk.files("known"), disk.files("run-")].concat();
    assert!(files.len() >= 2);
    let whole: Vec<_> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    for (damaged, bytes) in files.iter().zip(&whole) {
        for place in 0..bytes.len() {
            for (path, bytes) in files.iter().zip(&whole) {
                restore_file(path, bytes);
            }
            let mut bytes = bytes.clone();
            bytes[place] ^= 4;
            fs::write(damaged, bytes).unwrap();
            let session = disk.session(SMALL);
            assert!(matches!(session.opening, Opening::Lost { .. }));
            assert_eq!(session.known.find(&id(1)), None);
            let unread = session.packs.retain_present([hash(pack)]);
            assert_eq!(unread, [hash(pack)]);
        }
    }
}

fn restore_file(path: &std::path::Path, bytes: &[u8]) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn a_new_series_of_packs_makes_old_numbers_stale() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    durable_pack(&session, 0..7);
    session.known.save().unwrap();
    drop(session);
    fs::remove_file(disk.base.path().join("packs")).unwrap();
    let session = disk.session(SMALL);
    let reason = LostReason::Stale;
    assert_eq!(session.opening, Opening::Lost { reason });
    assert_eq!(session.known.find(&id(1)), None);
    assert_eq!(disk.files("run-"), Vec::<PathBuf>::new());
}

#[test]
fn runs_are_few_and_files_that_nothing_names_are_removed() {
    let disk = Disk::new();
    let session = disk.session(SMALL);
    for start in 0..20 {
        durable_pack(&session, start * 10..start * 10 + 10);
        session.known.save().unwrap();
        let listed = reading(&session.known.runs).len();
        assert!(listed <= SMALL.runs_max);
        assert_eq!(disk.files("run-").len(), listed);
    }
    drop(session);
    let listed = disk.files("run-").len();
    restore_file(&disk.base.path().join("run-0000009999"), b"left");
    restore_file(&disk.base.path().join(".tmp-run-0000009998"), b"left");
    let session = disk.session(SMALL);
    assert_eq!(disk.files("run-").len(), listed);
    assert_eq!(disk.files(".tmp-").len(), 0);
    assert!((0..200).all(|n| session.known.find(&id(n)).is_some()));
}

#[test]
fn merging_drops_what_was_in_packs_that_are_gone() {
    let disk = Disk::new();
    let limits = Limits { runs_max: 1, ..SMALL };
    let session = disk.session(limits);
    let gone = durable_pack(&session, 0..30);
    let kept = durable_pack(&session, 30..40);
    session.known.save().unwrap();
    session.packs.mark_gone(gone);
    let again = durable_pack(&session, 10..15);
    session.known.save().unwrap();
    let records: Vec<u64> = (reading(&session.known.runs).iter()).map(|run| run.records()).collect();
    assert_eq!(records, [15]);
    assert_eq!(session.known.find(&id(12)), Some(again));
    assert_eq!(session.known.find(&id(35)), Some(kept));
    assert_eq!(session.known.find(&id(5)), None);
}

#[derive(Clone, Debug)]
enum Step {
    Place(u16),
    Durable,
    Gone(usize),
    Save,
    Crash,
    Adopt(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0u16..60).prop_map(Step::Place),
        3 => Just(Step::Durable),
        1 => any::<usize>().prop_map(Step::Gone),
        2 => Just(Step::Save),
        1 => Just(Step::Crash),
        1 => any::<usize>().prop_map(Step::Adopt),
    ]
}

/// What should be known: for each id, the live packs that hold it; the saved state beside it.
#[derive(Clone, Default)]
struct Model {
    blobs: BTreeMap<(u16, PackNumber), ()>,
    durable: Vec<PackNumber>,
    gone: Vec<PackNumber>,
    open: Option<PackNumber>,
}

impl Model {
    fn holders(&self, n: u16) -> Vec<PackNumber> {
        let held = self.blobs.range((n, PackNumber(0))..=(n, PackNumber(u32::MAX)));
        let packs = held.map(|((_, pack), ())| *pack);
        packs.filter(|pack| self.durable.contains(pack) || self.open == Some(*pack)).collect()
    }

    fn check(&self, session: &Session) {
        for n in 0..60 {
            let holders = self.holders(n);
            match session.known.find(&id(n)) {
                Some(pack) => assert!(holders.contains(&pack), "{n} in {pack:?}, not {holders:?}"),
                None => assert!(holders.is_empty() || self.was_lost(n), "{n} unknown, in {holders:?}"),
            }
        }
    }

    /// Of several packs that hold a blob, one may be remembered; when that is gone, the blob is sent again.
    fn was_lost(&self, n: u16) -> bool {
        let lost = |pack: &PackNumber| self.blobs.contains_key(&(n, *pack));
        self.gone.iter().any(lost)
    }
}

fn run(steps: Vec<Step>, limits: Limits) {
    let disk = Disk::new();
    let mut session = disk.session(limits);
    let mut model = Model::default();
    let mut saved = Model::default();
    for step in steps {
        let looks = !matches!(step, Step::Place(_) | Step::Durable);
        match step {
            Step::Place(n) => {
                let open = *model.open.get_or_insert_with(|| session.packs.allot(0).unwrap());
                if session.known.claim(&id(n)) == Claim::Mine {
                    session.known.place(&id(n), open).unwrap();
                    assert!(model.holders(n).is_empty() || model.was_lost(n));
                    model.blobs.insert((n, open), ());
                }
            }
            Step::Durable => {
                if let Some(open) = model.open.take() {
                    session.packs.finish(open, hash(open), size(1));
                    session.packs.mark_durable(&[open]);
                    model.durable.push(open);
                }
            }
            Step::Gone(which) if !model.durable.is_empty() => {
                let pack = model.durable.remove(which % model.durable.len());
                model.gone.push(pack);
                session.packs.mark_gone(pack);
            }
            Step::Save => {
                session.known.save().unwrap();
                saved = model.clone();
                saved.open = None;
            }
            Step::Crash => {
                drop(session);
                session = disk.session(limits);
                model = saved.clone();
            }
            Step::Adopt(which) if !model.durable.is_empty() => {
                // A pack made elsewhere, that shares blobs with one that is here.
                let other = model.durable[which % model.durable.len()];
                let shared = (0..60).filter(|n| model.blobs.contains_key(&(*n, other)));
                let shared: Vec<u16> = shared.chain([which as u16 % 60]).collect();
                let made = ObjectHash(*blake3::hash(&which.to_le_bytes()).as_bytes());
                let pack = session.packs.adopt(0, made, size(1)).unwrap();
                let ids = shared.iter().map(|n| id(*n));
                session.known.insert_pack(pack, ids).unwrap();
                model.blobs.extend(shared.iter().map(|n| ((*n, pack), ())));
                if !model.durable.contains(&pack) {
                    model.durable.push(pack);
                }
            }
            Step::Gone(_) | Step::Adopt(_) => {}
        }
        if looks {
            model.check(&session);
        }
    }
    model.check(&session);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn known_blobs_are_those_of_the_model(steps in prop::collection::vec(step(), 1..120)) {
        run(steps, SMALL);
    }
}
