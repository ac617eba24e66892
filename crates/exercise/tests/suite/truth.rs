//! For each profile: the truth is the difference, to the byte, and undoing it leaves none.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use exercise::attack::{
    Deed, Disguise, Extension, Form, Mechanics, Notes, Order, Pattern, Profile, ProfileKind, Record, Renaming,
    Selection, Times, Truth, Way, attack, evasions, families, undo, wipers,
};
use restore::compare::{CompareOptions, compare_trees};

use super::odd_tree::{Look, Scene, look, pseudo_random};

#[test]
fn the_truth_about_each_family_is_the_difference() {
    check_all(families());
}

#[test]
fn the_truth_about_each_wiper_is_the_difference() {
    check_all(wipers());
}

#[test]
fn the_truth_about_each_evasion_is_the_difference() {
    check_all(evasions());
}

#[test]
fn the_truth_about_any_mixture_is_the_difference() {
    let scene = Scene::small();
    for seed in 0..MIXTURES {
        let profile = mixture(seed);
        let disguise = if seed % 5 == 0 { Disguise::plain() } else { Disguise::of_seed(seed) };
        check_told_and_undone(&scene, &profile, disguise, seed);
    }
}

const MIXTURES: u64 = 150;

/// Mixes a pattern, a form and mechanics that no known attacker may ever have mixed.
fn mixture(seed: u64) -> Profile {
    let chance = pseudo_random(16, seed);
    let pick = |at: usize, of: usize| usize::from(chance[at]) % of;
    let ways = [
        Way::InPlace,
        Way::TruncateAndRewrite,
        Way::CopyAndDelete,
        Way::NewOver,
        Way::NewFolder,
        Way::Punch,
        Way::Cut { bytes: 100 },
        Way::Delete,
        Way::Recreate,
    ];
    let forms = [
        Form::Stream,
        Form::Masked { mask: 0x10 },
        Form::Base64 { lines: true },
        Form::Ascii85,
        Form::Shared { fillers: 1 },
        Form::Zeros,
        Form::Noise,
    ];
    let patterns = [
        Pattern::Full,
        Pattern::Every { start: 3, cover: 50, skip: 71 },
        Pattern::NofM { n: 2, m: 5, unit_bytes: 33, seed },
        Pattern::AllBut { window_bytes: 64 },
        Pattern::Head { bytes: 4 },
    ];
    let way = ways[pick(0, ways.len())];
    let form = if way == Way::Punch { Form::Zeros } else { forms[pick(1, forms.len())] };
    let shrinks = matches!(way, Way::Cut { .. } | Way::Delete | Way::Punch);
    let mechanics = Mechanics {
        way,
        renaming: [Renaming::Before, Renaming::After][pick(3, 2)],
        extension: [Extension::None, Extension::Word, Extension::EachFile { letters: 3 }, Extension::WholeName]
            [pick(4, 4)]
        .clone(),
        footer_bytes: if shrinks { 0 } else { [0, 20][pick(5, 2)] },
        times: [Times::Left, Times::Restored][pick(6, 2)],
        order: [Order::Names, Order::Reverse, Order::Breadth, Order::Largest, Order::Random][pick(7, 5)],
        selection: Selection { percent: [100, 40][pick(8, 2)], files_per_strike: 3, ..Selection::default() },
        notes: [Notes::None, Notes::First, Notes::Last, Notes::EachFolder, Notes::EachFile][pick(9, 5)],
    };
    let pattern = patterns[pick(2, patterns.len())].clone();
    let [name, resembles, source] = ["mixture", "nothing", "this test"];
    Profile { name, resembles, source, kind: ProfileKind::Evasion, pattern, form, mechanics }
}

fn check_all(profiles: Vec<Profile>) {
    let (scene, small) = (Scene::new(), Scene::small());
    for (profile, seed) in profiles.into_iter().zip(1..) {
        check(&scene, &profile, Disguise::of_seed(seed), seed);
        check(&small, &profile, Disguise::plain(), seed);
    }
}

fn check(scene: &Scene, profile: &Profile, disguise: Disguise, seed: u64) {
    let truth = check_told_and_undone(scene, profile, disguise, seed);
    assert!(truth.iter().any(Record::is_harm), "{}: something is harmed", profile.name);
}

fn check_told_and_undone(scene: &Scene, profile: &Profile, disguise: Disguise, seed: u64) -> Vec<Record> {
    let what = format!("{} {seed} {:?} {:?} {:?}", profile.name, profile.pattern, profile.form, profile.mechanics);
    let name = &what[..];
    let sandbox = scene.sandbox();
    let before = look(&sandbox.path());
    let truth = attack(&sandbox, profile.clone(), disguise, seed).unwrap_or_else(|error| panic!("{what}: {error}"));
    let after = look(&sandbox.path());
    assert_records(name, &truth, &before, &after);
    assert_rest(name, &truth, &before, &after);
    let read_again = Truth::read(&sandbox, 0).unwrap();
    assert_eq!((&read_again.records, &read_again.key), (&truth.records, &truth.key), "{name}");
    undo(&sandbox, &read_again).unwrap_or_else(|error| panic!("{what}: {error}"));
    let comparison = compare_trees(&scene.tree(), &sandbox.path(), &CompareOptions::default()).unwrap();
    assert!(comparison.is_same(), "{name}: {:?}", comparison.differences);
    assert!(look(&sandbox.path()) == before, "{name}: all is back, times too");
    scene.assert_outside_unchanged(name);
    truth.records
}

/// Each record tells what can be seen, and no path is told twice.
fn assert_records(name: &str, truth: &Truth, before: &BTreeMap<Vec<u8>, Look>, after: &BTreeMap<Vec<u8>, Look>) {
    let (mut olds, mut news) = (BTreeSet::new(), BTreeSet::new());
    for record in &truth.records {
        let of = |path: &Option<restore::TreePath>, all: &BTreeMap<Vec<u8>, Look>| {
            path.as_ref().map(|path| all.get(path.as_bytes()).unwrap_or_else(|| panic!("{name}: {path}")).clone())
        };
        if record.deed == Deed::Folder {
            news.extend(record.after.clone());
            continue;
        }
        let old = of(&record.before, before).map_or(Vec::new(), |look| look.bytes.unwrap());
        let new = of(&record.after, after).map_or(Vec::new(), |look| look.bytes.unwrap());
        assert_eq!(
            (record.bytes_before, record.bytes_after),
            (old.len() as u64, new.len() as u64),
            "{name}: {record:?}"
        );
        let expected = differences(&old, &new);
        assert!(record.changed.ranges() == expected, "{name}: {:?} is not told as it is", record.before);
        for (path, seen) in [(&record.before, &mut olds), (&record.after, &mut news)] {
            assert!(path.iter().all(|path| seen.insert(path.clone())), "{name}: {path:?} is told twice");
        }
    }
}

/// What no record tells of is as it was; folders may have other times.
fn assert_rest(name: &str, truth: &Truth, before: &BTreeMap<Vec<u8>, Look>, after: &BTreeMap<Vec<u8>, Look>) {
    let told = |pick: fn(&exercise::attack::Record) -> &Option<restore::TreePath>| -> BTreeSet<Vec<u8>> {
        truth.records.iter().filter_map(|record| Some(pick(record).as_ref()?.as_bytes().to_vec())).collect()
    };
    let (olds, news) = (told(|record| &record.before), told(|record| &record.after));
    for (path, old) in before.iter().filter(|(path, _)| !olds.contains(*path)) {
        let path_text = String::from_utf8_lossy(path);
        let new = after.get(path).unwrap_or_else(|| panic!("{name}: {path_text} is gone, and nothing tells of it"));
        assert!(old.bytes == new.bytes, "{name}: {path_text} changed, and nothing tells of it");
        assert!(old.bytes.is_none() || old == new, "{name}: {path_text} has other attributes");
    }
    let added: Vec<_> = after.keys().filter(|path| !before.contains_key(*path) && !news.contains(*path)).collect();
    assert!(added.is_empty(), "{name}: {added:?} are new, and nothing tells of them");
}

/// Compares byte by byte, in the plainest way.
fn differences(old: &[u8], new: &[u8]) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let both = old.len().min(new.len());
    for at in 0..both {
        if old[at] != new[at] {
            let at = at as u64;
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end = at + 1,
                _ => ranges.push(at..at + 1),
            }
        }
    }
    let (both, longer) = (both as u64, old.len().max(new.len()) as u64);
    match ranges.last_mut() {
        Some(last) if last.end == both => last.end = longer,
        _ if both < longer => ranges.push(both..longer),
        _ => {}
    }
    ranges
}
