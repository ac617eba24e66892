//! Ctrl-C, and whoever stops listening.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};

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

/// Interrupts a backup of what a shell script prints, once the script wrote its process number into `group`. Returns how
/// long it took to stop.
fn interrupt_stalled(rig: &Rig, script: &str) -> Duration {
    let mut command = rig.command();
    command.args(["backup", "--source", "dump", "--command", "--", "sh", "-c", script]);
    // Not the group that has the terminal, where there is one.
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().unwrap();
    let group = loop {
        let written = fs::read_to_string(rig.path("group")).unwrap_or_default();
        match written.trim().parse().ok().filter(|_| written.ends_with('\n')).and_then(Pid::from_raw) {
            Some(group) => break group,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    fs::remove_file(rig.path("group")).unwrap();
    // The command is at its long sleep by now.
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    let time = begun.elapsed();
    ran.ends(1).says("stopped; nothing is lost");
    assert_eq!(test_kill_process_group(group), Err(Errno::SRCH), "{script}: something of it lives");
    time
}

#[test]
fn a_command_that_stalls_is_ended_with_all_that_it_started() {
    let rig = Rig::new();
    for script in [
        "echo begun; echo $$ > group; sleep 1000 | cat",
        "echo $$ > group; sleep 1000",
        // It prints no more, and does not end.
        "echo all; exec >&-; echo $$ > group; sleep 1000",
    ] {
        let time = interrupt_stalled(&rig, script);
        println!("{time:?} for {script}");
        assert!(time < Duration::from_secs(3), "{script}: {time:?}");
    }
    rig.run(["snapshots"]).done().says("no snapshot");
}

#[test]
fn a_command_that_will_not_end_is_ended_after_five_seconds() {
    let rig = Rig::new();
    let time = interrupt_stalled(&rig, "trap '' TERM INT; echo $$ > group; sleep 1000 | cat");
    assert!(Duration::from_secs(5) <= time && time < Duration::from_secs(8), "{time:?}");
    let stream = |words: &[&str]| rig.run([&["backup", "--source", "dump", "--command", "--"], words].concat());
    stream(&["sh", "-c", "sleep 0.5; echo late; sleep 0.5; echo later"]).done();
    assert_eq!(rig.run(["cat", "latest:dump"]).done().out, "late\nlater\n");
}
