//! Somebody works against the exercise: links and foreign files are swapped in while it runs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use exercise::GroundError;
use exercise::attack::{
    Attack, Disguise, Form, Mechanics, Notes, Pattern, Profile, ProfileKind, Renaming, Way, attack, undo,
};

use super::odd_tree::{Scene, look};

const WAYS: [Way; 9] = [
    Way::InPlace,
    Way::TruncateAndRewrite,
    Way::CopyAndDelete,
    Way::NewOver,
    Way::NewFolder,
    Way::Punch,
    Way::Cut { bytes: 3 },
    Way::Delete,
    Way::Recreate,
];

fn profile(way: Way) -> Profile {
    Profile {
        name: "test",
        resembles: "nothing",
        source: "this test",
        kind: ProfileKind::Wiper,
        pattern: Pattern::Full,
        form: Form::Zeros,
        mechanics: Mechanics { way, notes: Notes::EachFile, renaming: Renaming::Before, ..Mechanics::default() },
    }
}

/// Swaps something into a copy after the attack has looked around, and tells what was passed over.
fn swapped(way: Way, swap: impl Fn(&Path, &Path)) -> Vec<String> {
    let mut scene = Scene::small();
    let sandbox = scene.sandbox();
    let mut attack = Attack::begin(&sandbox, profile(way), Disguise::of_seed(1), 1).unwrap();
    swap(&sandbox.path(), &scene.outside());
    scene.outside_is_right_now();
    while attack.strike().unwrap() > 0 {}
    let passed_over = attack.passed_over().iter().map(GroundError::to_string).collect();
    let truth = attack.end().unwrap();
    assert!(truth.records.len() > 5, "{way:?}: the rest was attacked");
    scene.assert_outside_unchanged(&format!("{way:?}"));
    passed_over
}

#[test]
fn a_link_in_a_folders_place_is_not_followed() {
    for way in WAYS {
        let passed_over = swapped(way, |copy, outside| {
            fs::rename(copy.join("a/b"), copy.join("moved away")).unwrap();
            symlink(outside.join("deep"), copy.join("a/b")).unwrap();
            fs::write(copy.join("moved away/plan.docx"), "new").unwrap();
        });
        assert!(passed_over.iter().any(|path| path.contains("a/b/")), "{way:?}: {passed_over:?}");
    }
}

#[test]
fn a_link_or_a_fifo_in_a_files_place_is_not_followed() {
    for way in WAYS {
        let passed_over = swapped(way, |copy, outside| {
            fs::remove_file(copy.join("at the top.txt")).unwrap();
            symlink(outside.join("precious.txt"), copy.join("at the top.txt")).unwrap();
            fs::remove_file(copy.join("photos/one.jpg")).unwrap();
            fs::rename(copy.join("a/fifo"), copy.join("photos/one.jpg")).unwrap();
        });
        for name in ["at the top.txt", "photos/one.jpg"] {
            assert!(passed_over.iter().any(|path| path.contains(name)), "{way:?}: {passed_over:?}");
        }
    }
}

#[test]
fn a_file_with_a_name_outside_is_left_alone() {
    for way in WAYS {
        let passed_over = swapped(way, |copy, outside| {
            fs::remove_file(copy.join("at the top.txt")).unwrap();
            fs::hard_link(outside.join("precious.txt"), copy.join("at the top.txt")).unwrap();
        });
        assert!(passed_over.iter().any(|path| path.contains("has names elsewhere")), "{way:?}: {passed_over:?}");
    }
}

#[test]
fn a_link_in_the_copys_own_place_is_not_followed() {
    let scene = Scene::small();
    let sandbox = scene.sandbox();
    fs::rename(sandbox.path(), sandbox.beside("moved away")).unwrap();
    symlink(scene.outside(), sandbox.path()).unwrap();
    for way in WAYS {
        assert!(attack(&sandbox, profile(way), Disguise::of_seed(1), 1).is_err(), "{way:?}");
        scene.assert_outside_unchanged("the copy's own place");
    }
}

/// What is mounted until this is dropped: before the sandbox removes its folder.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn bind(from: &Path, to: std::path::PathBuf) -> Self {
        let status = Command::new("mount").arg("--bind").args([from, &to]).status().unwrap();
        assert!(status.success(), "this test needs root's right to mount");
        Self(to)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let status = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(status.is_ok_and(|status| status.success()), "{} is still mounted", self.0.display());
    }
}

#[test]
fn what_is_mounted_in_the_copy_is_not_entered() {
    let scene = Scene::small();
    for way in WAYS {
        let sandbox = scene.sandbox();
        let mounted = Mounted::bind(&scene.outside(), sandbox.path().join("photos"));
        let mut attack = Attack::begin(&sandbox, profile(way), Disguise::of_seed(1), 1).unwrap();
        while attack.strike().unwrap() > 0 {}
        assert!(attack.passed_over().iter().any(|error| error.to_string().contains("photos")), "{way:?}");
        undo(&sandbox, &attack.end().unwrap()).unwrap();
        drop(mounted);
        scene.assert_outside_unchanged(&format!("{way:?}"));
    }
}

#[test]
fn undoing_follows_no_link_either() {
    for way in WAYS {
        let scene = Scene::small();
        let sandbox = scene.sandbox();
        let truth = attack(&sandbox, profile(way), Disguise::plain(), 1).unwrap();
        fs::rename(sandbox.path().join("a/b"), sandbox.path().join("moved away")).unwrap();
        symlink(scene.outside().join("deep"), sandbox.path().join("a/b")).unwrap();
        assert!(undo(&sandbox, &truth).is_err(), "{way:?}");
        scene.assert_outside_unchanged(&format!("{way:?}"));
    }
}

#[test]
fn undoing_leaves_a_file_with_a_name_outside_alone() {
    for way in [Way::InPlace, Way::TruncateAndRewrite, Way::Punch, Way::Cut { bytes: 3 }] {
        let mut scene = Scene::small();
        let sandbox = scene.sandbox();
        let truth = attack(&sandbox, profile(way), Disguise::plain(), 1).unwrap();
        fs::remove_file(sandbox.path().join("at the top.txt")).unwrap();
        fs::hard_link(scene.outside().join("precious.txt"), sandbox.path().join("at the top.txt")).unwrap();
        scene.outside_is_right_now();
        let refused = undo(&sandbox, &truth).unwrap_err();
        assert!(refused.to_string().contains("has names elsewhere"), "{way:?}: {refused}");
        scene.assert_outside_unchanged(&format!("{way:?}"));
    }
}

#[test]
fn a_hole_larger_than_the_disk_is_passed_over() {
    let scene = Scene::small();
    fs::File::create(scene.tree().join("huge.img")).unwrap().set_len(1 << 40).unwrap();
    let sandbox = scene.sandbox();
    let mut attack = Attack::begin(&sandbox, profile(Way::InPlace), Disguise::plain(), 1).unwrap();
    while attack.strike().unwrap() > 0 {}
    let too_large = |error: &GroundError| matches!(error, GroundError::TooLarge { bytes, .. } if *bytes == 1 << 40);
    assert!(attack.passed_over().iter().any(too_large));
    undo(&sandbox, &attack.end().unwrap()).unwrap();
    fs::remove_file(sandbox.path().join("huge.img")).unwrap();
    fs::remove_file(scene.tree().join("huge.img")).unwrap();
    let contents = |path: &Path| look(path).into_iter().map(|(path, look)| (path, look.bytes)).collect::<Vec<_>>();
    assert!(contents(&sandbox.path()) == contents(&scene.tree()));
}
