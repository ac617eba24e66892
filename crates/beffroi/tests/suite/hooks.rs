//! Commands around a backup, and commands whose output is kept.

use std::fs;

use crate::rig::Rig;

#[test]
fn hooks_run_around_the_backup_without_a_shell() {
    let rig = Rig::new();
    rig.write("a", "1");
    let script = "#!/bin/sh\necho \"$BEFFROI_HOOK $BEFFROI_SOURCE $BEFFROI_RESULT $1\" >> log\necho chatter\n";
    fs::write(rig.path("hook"), script).unwrap();
    fs::set_permissions(rig.path("hook"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let ran = rig.run(["--json", "backup", "--before", "./hook 'a; b'", "--after", "./hook $HOME", "source"]).done();
    assert_eq!(ran.events("summary").len(), 1, "what hooks print is no result");
    assert_eq!(fs::read_to_string(rig.path("log")).unwrap(), "before source  a; b\nafter source done $HOME\n");
}

#[test]
fn a_failing_hook_ends_with_one() {
    let rig = Rig::new();
    rig.write("a", "1");
    let before = ["backup", "--before", "false", "--after", "touch after-ran", "source"];
    rig.run(before).ends(1).says("the command before the backup failed (false): it ended with status 1");
    assert!(rig.path("after-ran").exists(), "what must be tidied up is");
    rig.run(["snapshots"]).done().says("no snapshot");
    rig.run(["--lang", "fr", "backup", "--after", "false", "source"]).ends(1).says("d'après la sauvegarde a échoué");
    rig.run(["backup", "--before", "'open", "source"]).ends(2).says("a quote is open");
    rig.run(["backup", "--before", "no-such-program", "source"]).ends(1).says("there is no such file");
}

#[test]
fn the_output_of_a_command_is_kept_only_if_it_succeeds() {
    let rig = Rig::new();
    let stream = |words: &[&str]| rig.run([&["backup", "--source", "dump", "--command", "--"], words].concat());
    stream(&["sh", "-c", "echo half; exit 3"]).ends(1).says("it ended with status 3");
    stream(&["no-such-program"]).ends(1).says("cannot be started");
    rig.run(["snapshots"]).done().says("no snapshot");
    stream(&["echo", "--whole", "dump"]).done();
    assert_eq!(rig.run(["cat", "latest:dump"]).done().out, "--whole dump\n");
    rig.run(["backup", "--command", "--", "echo"]).ends(2).says("--source");
}
