//! What is named comes back first, small before large, recent before old; and another order is heard on the way.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use restore::clean::{Choice, CleanTree};
use restore::fill::{Fault, RestoreMonitor, RestoreOptions, RestoreOutcome};
use restore::order::{Order, Phase, Sorting, restore_in_order, survey};
use restore::target::{AttributeWarning, Overwrite, Owners};

use crate::round_trip::make_tree;
use crate::town::{Town, assert_same, noise};

/// Counts what it is told, and stops when it is to.
#[derive(Default)]
struct Counting {
    total: AtomicU64,
    entries: AtomicU64,
    stops_at: Option<u64>,
}

impl RestoreMonitor for Counting {
    fn total(&self, entries: u64, _: u64) {
        self.total.fetch_add(entries, Ordering::Relaxed);
    }
    fn entry(&self, _: u64) {
        self.entries.fetch_add(1, Ordering::Relaxed);
    }
    fn fault(&self, fault: Fault) {
        panic!("{:?}: {}", fault.path, fault.error);
    }
    fn warning(&self, warning: AttributeWarning) {
        panic!("{warning:?}");
    }
    fn stopping(&self) -> bool {
        self.stops_at.is_some_and(|at| self.entries.load(Ordering::Relaxed) >= at)
    }
}

fn options(owners: Owners) -> RestoreOptions {
    RestoreOptions { overwrite: Overwrite::Never, verify: true, jobs: 2, owners }
}

fn sorted(first: &[&str]) -> Order {
    let sorting = Sorting { small_bytes_max: 8000, recent_since: 0 };
    Order { first: first.iter().map(|path| path.as_bytes().to_vec()).collect(), rest: Some(sorting) }
}

fn run(town: &Town, order: &Order, next: &(dyn Fn() -> Option<Order> + Sync), monitor: &Counting) -> RestoreOutcome {
    let tree = CleanTree::new(town.snapshots(), 0);
    restore_in_order(&tree, &town.path("back"), &options(Owners::ByNumber), (order, next), monitor).unwrap()
}

/// When regular files below a folder were put there: the first and the last.
fn times(folder: &Path, is_meant: &dyn Fn(&Path) -> bool) -> ((i64, i64), (i64, i64)) {
    let (mut all, mut waiting) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
            let about = entry.metadata().unwrap();
            if about.is_dir() {
                waiting.push(entry.path());
            } else if about.is_file() && about.nlink() == 1 && is_meant(&entry.path()) {
                all.push((about.ctime(), about.ctime_nsec()));
            }
        }
    }
    (*all.iter().min().unwrap(), *all.iter().max().unwrap())
}

#[test]
fn what_is_named_comes_back_first_and_nothing_is_missing() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let order = sorted(&["service 5", "service 1"]);
    let monitor = Counting::default();
    let outcome = run(&town, &order, &|| None, &monitor);
    let back = town.path("back");
    assert_same(&town.path("source"), &back);
    let told = (outcome.entries, outcome.kept, outcome.faults);
    let entries = monitor.total.load(Ordering::Relaxed) + 1;
    assert_eq!(told, (entries, 0, 0), "each entry and the root, once");
    assert_eq!(monitor.entries.load(Ordering::Relaxed), entries);
    let of = |name: &str| times(&back.join(name), &|_| true);
    let small =
        times(&back, &|path| !path.starts_with(back.join("service 5")) && path.metadata().unwrap().len() <= 8000);
    assert!(of("service 5").1 <= of("service 1").0, "the first named comes first");
    assert!(of("service 1").1 <= of("service 2").0, "what is named comes before the rest");
    assert!(of("service 5").1 <= small.0);
    let large = times(&back, &|path| {
        !path.starts_with(back.join("service 5"))
            && !path.starts_with(back.join("service 1"))
            && path.metadata().unwrap().len() > 8000
    });
    assert!(small.1 <= large.0, "small comes before large");
}

#[test]
fn whoever_is_not_root_is_not_kept_out_by_what_came_back() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let tree = CleanTree::new(town.snapshots(), 0);
    let order = sorted(&["service 5"]);
    let done =
        restore_in_order(&tree, &town.path("back"), &options(Owners::Keep), (&order, &|| None), &Counting::default());
    assert_eq!(done.unwrap().faults, 0);
    assert_same(&town.path("source"), &town.path("back"));
}

#[test]
fn another_order_is_heard_on_the_way() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let monitor = Counting::default();
    let (said, begun) =
        (Mutex::new(vec![sorted(&["service 6"]), sorted(&["service 3", "service 6"])]), AtomicU64::new(40));
    let next = || {
        let back = monitor.entries.load(Ordering::Relaxed);
        let is_time = back >= begun.load(Ordering::Relaxed);
        is_time.then(|| said.lock().unwrap().pop()).flatten().inspect(|_| begun.store(back + 80, Ordering::Relaxed))
    };
    let outcome = run(&town, &sorted(&[]), &next, &monitor);
    assert!(said.lock().unwrap().is_empty(), "both were heard");
    assert_same(&town.path("source"), &town.path("back"));
    let entries = monitor.total.load(Ordering::Relaxed) + 1;
    assert_eq!((outcome.entries, outcome.kept, outcome.faults), (entries, 0, 0));
    assert_eq!(monitor.entries.load(Ordering::Relaxed), entries, "nothing is told twice");
}

#[test]
fn a_restore_that_is_stopped_is_not_gone_on_with_for_another_order() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let tree = CleanTree::new(town.snapshots(), 0);
    let monitor = Counting { stops_at: Some(30), ..Counting::default() };
    let next = || monitor.stopping().then(|| sorted(&["service 3"]));
    let to = town.path("back");
    let done = restore_in_order(&tree, &to, &options(Owners::ByNumber), (&sorted(&[]), &next), &monitor);
    assert!(done.is_err());
    // The same command goes on, in whatever order.
    let outcome = run(&town, &sorted(&["service 4"]), &|| None, &Counting::default());
    assert!(outcome.kept > 0);
    assert_same(&town.path("source"), &to);
}

#[test]
fn a_survey_counts_each_file_in_its_phase() {
    let town = Town::new();
    let source = town.path("source");
    for (name, bytes) in [("a/1", 100), ("a/2", 9000), ("b/3", 200), ("b/4", 20_000)] {
        fs::create_dir_all(source.join(name).parent().unwrap()).unwrap();
        fs::write(source.join(name), noise(bytes as u64, bytes)).unwrap();
    }
    fs::hard_link(source.join("b/4"), source.join("b/5")).unwrap();
    town.backup();
    fs::write(source.join("b/3"), noise(1, 300)).unwrap();
    town.backup();
    let mut tree = CleanTree::new(town.snapshots(), 1);
    tree.choose(b"b/3", Choice::From(0));
    let mut looked = 0;
    let amounts = survey(&tree, &sorted(&["a"]), &mut |files| {
        looked += files;
        false
    });
    let amounts = amounts.unwrap();
    let told = |phase| amounts.get(&phase).map(|amount| (amount.files, amount.bytes));
    assert_eq!((told(Phase::Named(0)), looked), (Some((2, 9100)), 5));
    assert_eq!((told(Phase::SmallRecent), told(Phase::LargeRecent)), (Some((1, 200)), Some((2, 20_000))));
    assert_eq!(told(Phase::SmallOlder), None);
    let stored: u64 = amounts.values().map(|amount| amount.stored_bytes).sum();
    assert!((29_300..31_000).contains(&stored), "{stored}");
    assert_eq!(survey(&tree, &sorted(&["a"]), &mut |_| true), None);
}

#[test]
fn a_clean_tree_is_the_same_in_any_order() {
    let town = Town::new();
    let source = town.path("source");
    make_tree(&source);
    fs::create_dir_all(source.join("gone/empty")).unwrap();
    fs::write(source.join("gone/file"), noise(3, 9000)).unwrap();
    town.backup();
    fs::remove_dir_all(source.join("gone")).unwrap();
    for number in [7, 14, 98, 290] {
        let path = source.join(format!("service {}/{number}.dat", number % 7));
        fs::write(path, noise(900 + number, (number * number % 9000) as usize)).unwrap();
    }
    town.backup();
    let mut tree = CleanTree::new(town.snapshots(), 1);
    for path in ["service 0/7.dat", "service 0/98.dat", "service 3/290.dat", "gone/file", "gone/empty/nothing"] {
        tree.choose(path.as_bytes(), Choice::From(0));
    }
    let fill = |to: &str, order: &Order| {
        let options = options(Owners::ByNumber);
        let done = restore_in_order(&tree, &town.path(to), &options, (order, &|| None), &Counting::default()).unwrap();
        assert_eq!((done.faults, done.kept), (0, 0));
        done.entries
    };
    let plain = fill("plain", &Order::default());
    for (to, first) in [("sorted", vec![]), ("named", vec!["service 3", "gone"]), ("file", vec!["service 0/98.dat"])] {
        let entries = fill(to, &sorted(&first));
        assert_same(&town.path("plain"), &town.path(to));
        assert!(entries <= plain, "nothing is counted twice: {entries}, {plain}");
    }
}
