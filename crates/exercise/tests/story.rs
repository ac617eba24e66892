//! The story, told of a small folder.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test makes a folder; one that cannot go on says where"
)]

use std::fs;
use std::sync::Mutex;
use std::time::SystemTime;

use exercise::attack::families;
use exercise::{CopyFault, ExerciseOptions, Happening, Narrator, Part, tell};
use restore::fill::{Fault, RestoreMonitor};
use restore::target::AttributeWarning;
use vault::backup::{Conclusion, Fate, Look, Monitor, Remark, Witness};
use vault::check::{CheckMonitor, SnapshotName};
use vault::id::StrandId;
use vault::world::{Clock, Entropy, Timestamp};

struct World;

impl Clock for World {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_nanos()).unwrap())
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        use std::io::Read;
        fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
    }
}

/// Writes down what went wrong.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

impl Monitor for Notes {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        self.note(format!("{remark:?}"));
    }
    fn stopping(&self) -> bool {
        false
    }
}

impl RestoreMonitor for Notes {
    fn total(&self, _: u64, _: u64) {}
    fn entry(&self, _: u64) {}
    fn fault(&self, fault: Fault) {
        self.note(format!("{fault:?}"));
    }
    fn warning(&self, warning: AttributeWarning) {
        self.note(format!("{warning:?}"));
    }
    fn stopping(&self) -> bool {
        false
    }
}

impl CheckMonitor for Notes {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {}
    fn stopping(&self) -> bool {
        false
    }
}

/// Sees nothing: what rings is tested where the guard is.
struct Blind;

struct NoLook;

impl Witness for Blind {
    fn look(&self, _: &[u8], _: u64) -> Box<dyn Look> {
        Box::new(NoLook)
    }
    fn hear(&self, _: Fate<'_>) {}
    fn conclude(&self) -> Conclusion {
        Conclusion { alarm_level: 2, ..Conclusion::default() }
    }
}

impl Look for NoLook {
    fn data(&mut self, _: &[u8]) {}
    fn zeros(&mut self, _: u64) {}
    fn finish(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

impl Narrator for Notes {
    fn guard(&self, _: bool) -> Box<dyn Witness> {
        Box::new(Blind)
    }
    fn begin(&self, _: Part) {}
    fn end(&self, _: &Happening) {}
    fn not_copied(&self, fault: CopyFault) {
        self.note(format!("{fault:?}"));
    }
    fn difference(&self, text: String) {
        self.note(text);
    }
}

#[test]
fn everything_comes_back_and_the_folder_is_as_before() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("town hall");
    for n in 0..700 {
        let service = folder.join(format!("service {}", n % 9));
        fs::create_dir_all(&service).unwrap();
        fs::write(service.join(format!("{n}.txt")), format!("délibération {n}\n").repeat(n)).unwrap();
    }
    fs::hard_link(folder.join("service 1/1.txt"), folder.join("service 2/same.txt")).unwrap();
    std::os::unix::fs::symlink("service 1", folder.join("link")).unwrap();
    let before = fs::read_dir(&folder).unwrap().count();
    let options = ExerciseOptions {
        place: place.path().to_path_buf(),
        host: "mairie".into(),
        program: "test".into(),
        jobs: 2,
        level: 3,
        seed: 5,
        attack: families().swap_remove(4),
    };
    let notes = Notes::default();
    let story = tell(&folder, &options, (&World, &World), &notes).unwrap();
    let notes = notes.0.into_inner().unwrap();
    assert!(story.is_sound() && notes.is_empty(), "{notes:?}\n{story:?}");
    assert_eq!(story.happenings.len(), 17);
    let mending = &story.mending;
    assert!(mending.is_whole() && mending.open == 0, "{mending:?}");
    assert!(mending.back >= story.reckoning.harmed && mending.attested + 2 >= story.second.files, "{mending:?}");
    let reckoning = &story.reckoning;
    assert!(reckoning.harmed > 500 && reckoning.missed_total + reckoning.accused_total == 0, "{reckoning:?}");
    assert_eq!((reckoning.found, reckoning.clean), (reckoning.harmed, reckoning.harmed));
    assert_eq!((reckoning.quiet_level, reckoning.alarm_level), (2, 2), "both are passed on");
    assert!(!reckoning.is_right(), "a day that rings is not right");
    assert!(story.changes.total() >= 7, "{:?}", story.changes);
    assert!(story.second.stored_bytes < story.first.stored_bytes / 2);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["town hall"], "the exercise leaves nothing behind");
}
