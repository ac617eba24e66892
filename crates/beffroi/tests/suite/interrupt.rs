//! Ctrl-C, and whoever stops listening.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::rig::{Ran, Rig, noise, same};

#[test]
fn an_interrupted_backup_goes_on_where_it_stopped() {
    let rig = Rig::new();
    let total_bytes = 8 * 16_000_000;
    for seed in 0..8 {
        rig.write(&seed.to_string(), noise(seed + 1, total_bytes / 8));
    }
    let mut command = rig.command();
    command.args(["backup", "source"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while rig.packs().is_empty() {
        std::thread::sleep(Duration::from_millis(2));
    }
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    ran.ends(1).says("stopped; nothing is lost").says("Run the same command again");
    rig.run(["snapshots"]).done().says("no snapshot");
    let resumed = rig.run(["--json", "backup", "source"]).done();
    let stored = resumed.events("summary")[0]["stored_bytes"].as_u64().unwrap();
    assert!(stored <= (total_bytes - 8_000_000) as u64, "{stored} bytes were sent again");
    rig.run(["restore", "latest", "--to", "back"]).done();
    assert!(same(&rig.path("source"), &rig.path("back")));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let rig = Rig::new();
    for n in 0..3000 {
        rig.write(&format!("a file with a long name, so that the pipe is full soon {n}"), "");
    }
    rig.backup();
    let mut command = rig.command();
    command.args(["ls", "latest"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 10];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
}
