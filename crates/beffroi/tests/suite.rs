//! The program as people and scripts meet it: real processes on temporary folders.
//!
//! One binary; every file of `suite/` is named here.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make and read files; one that cannot go on says where"
)]

#[path = "suite/alarms.rs"]
mod alarms;
#[path = "suite/attacked.rs"]
mod attacked;
#[path = "suite/attesting.rs"]
mod attesting;
#[path = "suite/bad_input.rs"]
mod bad_input;
#[path = "suite/cleaning.rs"]
mod cleaning;
#[path = "suite/compatibility.rs"]
mod compatibility;
#[path = "suite/disk.rs"]
mod disk;
#[path = "suite/drafts.rs"]
mod drafts;
#[path = "suite/hooks.rs"]
mod hooks;
#[path = "suite/hunt.rs"]
mod hunt;
#[path = "suite/init.rs"]
mod init;
#[path = "suite/interrupt.rs"]
mod interrupt;
#[path = "suite/interruptions.rs"]
mod interruptions;
#[path = "suite/journal.rs"]
mod journal;
#[path = "suite/keeping.rs"]
mod keeping;
#[path = "suite/mending.rs"]
mod mending;
#[path = "suite/mounting.rs"]
mod mounting;
#[path = "suite/mounting_for_others.rs"]
mod mounting_for_others;
#[path = "suite/notices.rs"]
mod notices;
#[path = "suite/planning.rs"]
mod planning;
#[path = "suite/recovering.rs"]
mod recovering;
#[path = "suite/repairing.rs"]
mod repairing;
#[path = "suite/report.rs"]
mod report;
#[path = "suite/rig.rs"]
mod rig;
#[path = "suite/selectors.rs"]
mod selectors;
#[path = "suite/sensitivity.rs"]
mod sensitivity;
#[path = "suite/slowly.rs"]
mod slowly;
#[path = "suite/town.rs"]
mod town;
#[path = "../../../testdata/truth.rs"]
mod truth;

#[test]
fn every_file_of_the_suite_is_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let named = std::fs::read_to_string(folder.join("suite.rs")).unwrap();
    for entry in std::fs::read_dir(folder.join("suite")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(named.contains(&format!("suite/{name}")), "{name}");
    }
}
