//! Making a vault: the kit comes first, and nothing is overwritten.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::rig::{Rig, mode};

#[test]
fn the_kit_is_written_for_scripts_and_opens_the_vault() {
    let rig = Rig::new();
    assert_eq!(mode(&rig.path("kit")), 0o600);
    let kit = fs::read_to_string(rig.path("kit")).unwrap();
    assert!(kit.starts_with("# Beffroi recovery kit"), "{kit}");
    assert!(kit.contains("\n# vault: ") && kit.contains("\n# owner-key: ") && kit.contains("\nAGE-SECRET-KEY-1"));
    rig.run(["snapshots"]).done().says("There is no snapshot.");
}

#[test]
fn without_a_terminal_a_file_for_the_kit_is_needed() {
    let rig = Rig::empty();
    rig.run(["init", "vault"]).ends(2).says("--recovery-out FILE");
    rig.run(["--lang", "fr", "init", "vault"]).ends(2).says("trousse de secours");
    assert!(!rig.path("vault").exists());
}

#[test]
fn nothing_that_is_there_is_touched() {
    let rig = Rig::empty();
    fs::create_dir(rig.path("vault")).unwrap();
    fs::write(rig.path("vault/letter"), "dear").unwrap();
    rig.run(["init", "vault", "--recovery-out", "kit"]).ends(1).says("is not empty");
    assert!(!rig.path("kit").exists(), "no kit without a vault");
    fs::write(rig.path("kit"), "old kit").unwrap();
    rig.run(["init", "other", "--recovery-out", "kit"]).ends(1).says("a kit is never overwritten");
    assert_eq!(fs::read_to_string(rig.path("kit")).unwrap(), "old kit");
    assert!(!rig.path("other").exists());
    rig.run(["init", "other", "--recovery-out", "other/kit"]).ends(2).says("would lie in the vault");
    rig.run(["init", "other", "--recovery-out", "missing/kit"]).ends(1).says("no vault was made");
    assert!(!rig.path("other").exists());
}

#[test]
fn on_a_terminal_the_end_of_the_kit_is_asked_back() {
    let rig = Rig::empty();
    let (mut terminal, mut child) = start_on_terminal(&rig);
    let shown = answer(&mut terminal, &["wrong!", "KIT"]);
    assert!(child.wait().unwrap().success(), "{shown}");
    assert!(shown.contains('▀') || shown.contains('█'), "no QR code: {shown}");
    assert!(shown.contains("That is not right. 2 more tries."), "{shown}");
    assert!(rig.path("vault/vault").exists());
}

#[test]
fn a_kit_that_is_not_confirmed_makes_no_vault() {
    let rig = Rig::empty();
    let (mut terminal, mut child) = start_on_terminal(&rig);
    let shown = answer(&mut terminal, &["a", "b", "c"]);
    assert_eq!(child.wait().unwrap().code(), Some(1), "{shown}");
    assert!(shown.contains("no vault was made"), "{shown}");
    assert!(!rig.path("vault").exists());
}

fn start_on_terminal(rig: &Rig) -> (fs::File, Child) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let user = fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let user = OwnedFd::from(user);
    let mut command = rig.command();
    command.args(["init", "vault"]);
    command.stdin(user.try_clone().unwrap()).stdout(user.try_clone().unwrap()).stderr(user);
    (fs::File::from(controller), command.spawn().unwrap())
}

/// Gives one answer to each question; `KIT` stands for the true end. Returns all that was shown.
fn answer(terminal: &mut fs::File, answers: &[&str]) -> String {
    let (mut shown, mut asked) = (Vec::new(), 0);
    let mut buffer = [0; 4096];
    // The terminal ends with an error when the program has gone.
    while let Ok(bytes @ 1..) = terminal.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..bytes]);
        let words = String::from_utf8_lossy(&shown).into_owned();
        if words.matches("last line of the kit: ").count() > asked && asked < answers.len() {
            let line = words.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap().trim();
            let end = if answers[asked] == "KIT" { &line[line.len() - 6..] } else { answers[asked] };
            writeln!(terminal, "{end}").unwrap();
            asked += 1;
        }
    }
    String::from_utf8_lossy(&shown).into_owned()
}
