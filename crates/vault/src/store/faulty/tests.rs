use super::*;
use crate::id::{ObjectHash, StrandId};
use crate::name::HashedKind;
use crate::store::conformance::{check_erase, check_store};

const FOLDER: Folder = Folder::Hashed(StrandId([2; 16]), HashedKind::Pack);

fn object(number: u64) -> (ObjectName, Vec<u8>) {
    let bytes = format!("object {number}").repeat(10).into_bytes();
    let hash = ObjectHash::of(&bytes);
    let name = ObjectName::Hashed(StrandId([2; 16]), HashedKind::Pack, hash);
    (name, bytes)
}

fn put(store: &FaultyStore, number: u64) -> Result<Put, StoreError> {
    let (name, bytes) = object(number);
    store.put(&name, &bytes)
}

fn plan(faults: &[(Moment, Fault)]) -> FaultPlan {
    FaultPlan { faults: faults.to_vec(), ..FaultPlan::default() }
}

/// Returns which of the first objects are there, and checks that those are whole.
fn whole_objects(store: &FaultyStore) -> Vec<u64> {
    let there = (0..20).filter(|number| {
        let (name, bytes) = object(*number);
        let found = store.head(&name).unwrap().is_some();
        assert!(!found || store.get(&name).unwrap() == bytes);
        found
    });
    there.collect()
}

/// Commits objects 0 to 4, puts 5 to 9, erases 0, crashes and opens again.
fn history(plan: FaultPlan) -> FaultyStore {
    let store = FaultyStore::new(plan);
    for number in 0..5 {
        assert_eq!(put(&store, number).unwrap(), Put::Written);
    }
    store.commit().unwrap();
    for number in 5..10 {
        assert_eq!(put(&store, number).unwrap(), Put::Written);
    }
    store.erase(&object(0).0).unwrap();
    assert_eq!(whole_objects(&store), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    store.crash();
    store.get(&object(1).0).unwrap_err();
    put(&store, 11).unwrap_err();
    store.commit().unwrap_err();
    let reopened = store.reopen(FaultPlan::default());
    store.head(&object(1).0).unwrap_err();
    reopened
}

#[test]
fn conforms_without_faults() {
    check_store(&mut || Box::new(FaultyStore::new(FaultPlan::default())));
    check_erase(&mut || Box::new(FaultyStore::new(FaultPlan::default())));
}

#[test]
fn a_crash_keeps_what_was_committed_and_what_the_plan_says() {
    let survivors = |survivors, seed| whole_objects(&history(FaultPlan { survivors, seed, ..FaultPlan::default() }));
    assert_eq!(survivors(Survivors::Nothing, 0), [0, 1, 2, 3, 4]);
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    assert_eq!(survivors(Survivors::Everything, 0), all);
    let (mut gaps, mut lengths) = (0, std::collections::BTreeSet::new());
    for seed in 0..50 {
        let prefix = survivors(Survivors::InOrder, seed);
        let consecutive = prefix.windows(2).all(|pair| pair[1] == pair[0] + 1);
        assert!(consecutive && prefix.contains(&4), "{prefix:?}");
        lengths.insert(prefix.len());
        let scattered = survivors(Survivors::Scattered, seed);
        assert!([1, 2, 3, 4].iter().all(|number| scattered.contains(number)));
        gaps += u64::from(scattered.contains(&9) && !scattered.contains(&5));
        assert_eq!(survivors(Survivors::Scattered, seed), scattered);
    }
    assert!(gaps > 0 && lengths.len() > 3, "{gaps} {lengths:?}");
}

#[test]
fn an_honest_crash_leaves_leftovers_that_are_no_objects() {
    let store = history(FaultPlan::default());
    assert!(store.leftovers() > 0);
    let mut listed = 0;
    store.list(&FOLDER, &mut |_, _| listed += 1).unwrap();
    assert_eq!(listed, 5);
}

#[test]
fn a_tearing_medium_tears_only_what_was_not_committed() {
    let (mut torn, mut whole) = (0, 0);
    for seed in 0..20 {
        let store = history(FaultPlan {
            seed,
            survivors: Survivors::Everything,
            medium: Medium::Tearing,
            ..FaultPlan::default()
        });
        for number in 1..10 {
            let (name, bytes) = object(number);
            let intact = store.get(&name).unwrap() == bytes;
            assert!(intact || number >= 5);
            torn += u64::from(!intact);
            whole += u64::from(intact && number >= 5);
        }
    }
    assert!(torn > 10 && whole > 10, "{torn} torn, {whole} whole");
}

#[test]
fn a_deceiving_medium_forgets_commits() {
    let medium = Medium::Deceiving;
    let store = history(FaultPlan { medium, ..FaultPlan::default() });
    assert_eq!(whole_objects(&store), Vec::<u64>::new());
}

#[test]
fn the_power_goes_before_or_after_a_call() {
    for (fault, expected) in [(Fault::CrashBefore, vec![0]), (Fault::CrashAfter, vec![0, 1])] {
        let store = FaultyStore::new(plan(&[(Moment::Write(4), fault)]));
        put(&store, 0).unwrap();
        store.commit().unwrap();
        store.head(&object(0).0).unwrap();
        put(&store, 1).unwrap();
        store.commit().unwrap_err();
        assert!(store.is_crashed());
        assert_eq!((store.struck(), store.operations(), store.writes()), (1, 5, 4));
        let reopened = store.reopen(FaultPlan::default());
        assert_eq!(whole_objects(&reopened), expected);
    }
}

#[test]
fn a_failed_commit_poisons_and_loses() {
    let store = FaultyStore::new(plan(&[(Moment::Operation(2), Fault::Error)]));
    put(&store, 0).unwrap();
    store.commit().unwrap_err();
    for answer in [put(&store, 1).map(|_| ()), store.commit(), store.erase(&object(0).0)] {
        assert!(matches!(answer, Err(StoreError::Poisoned { .. })));
    }
    assert_eq!(whole_objects(&store), [0]);
    let reopened = store.reopen(FaultPlan::default());
    assert_eq!(whole_objects(&reopened), Vec::<u64>::new());
    put(&reopened, 1).unwrap();
    reopened.commit().unwrap();
}

#[test]
fn errors_and_lost_answers_differ_in_what_happened() {
    let store =
        FaultyStore::new(plan(&[(Moment::Operation(1), Fault::Error), (Moment::Operation(2), Fault::LostAnswer)]));
    put(&store, 0).unwrap_err();
    put(&store, 1).unwrap_err();
    assert_eq!(whole_objects(&store), [1]);
    assert_eq!(put(&store, 1).unwrap(), Put::Present);
}

#[test]
fn a_full_disk_refuses_and_takes_again_after_an_erasure() {
    let bytes = object(0).1.len() as u64;
    let mut plan = plan(&[(Moment::Write(2), Fault::Full)]);
    plan.capacity_bytes = Some(2 * bytes);
    let store = FaultyStore::new(plan);
    put(&store, 0).unwrap();
    assert!(matches!(put(&store, 1), Err(StoreError::NoSpace { .. })));
    put(&store, 1).unwrap();
    assert!(matches!(put(&store, 2), Err(StoreError::NoSpace { .. })));
    assert_eq!(put(&store, 1).unwrap(), Put::Present);
    store.erase(&object(0).0).unwrap();
    put(&store, 2).unwrap();
    assert_eq!(whole_objects(&store), [1, 2]);
}

#[test]
fn bits_flip_and_ends_vanish() {
    let (name, bytes) = object(0);
    let wrong_bits = |other: &[u8]| -> u32 {
        assert_eq!(other.len(), bytes.len());
        let pairs = bytes.iter().zip(other);
        pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
    };
    for seed in 0..20 {
        let plan = |number, fault| FaultPlan { seed, ..plan(&[(Moment::Operation(number), fault)]) };
        for number in 1..4 {
            let store = FaultyStore::new(plan(number, Fault::FlipBit));
            put(&store, 0).unwrap();
            let expected = [u32::from(number < 3), u32::from(number != 2)];
            assert_eq!(wrong_bits(&store.get(&name).unwrap()), expected[0]);
            let all = store.get_range(&name, 0, bytes.len()).unwrap();
            assert_eq!(wrong_bits(&all), expected[1]);
        }
        for number in 1..3 {
            let store = FaultyStore::new(plan(number, Fault::Truncate));
            put(&store, 0).unwrap();
            let part = store.get(&name).unwrap();
            assert!(part.len() < bytes.len() && bytes.starts_with(&part));
        }
        let store = FaultyStore::new(plan(2, Fault::Truncate));
        put(&store, 0).unwrap();
        let answer = store.get_range(&name, 0, 1);
        assert!(matches!(answer, Err(StoreError::Short { .. })));
    }
}

#[test]
fn faults_spare_calls_that_they_do_not_concern() {
    let store = FaultyStore::new(plan(&[
        (Moment::Operation(1), Fault::Full),
        (Moment::Operation(2), Fault::FlipBit),
        (Moment::Operation(3), Fault::Truncate),
    ]));
    store.head(&ObjectName::Vault).unwrap();
    store.commit().unwrap();
    store.erase(&ObjectName::Vault).unwrap();
    assert_eq!((store.operations(), store.struck()), (3, 0));
}
