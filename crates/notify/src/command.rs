//! Handing a notice to a command: for gateways to text messages, or whatever else a town has.
//!
//! The title and the text come on its standard input. What it prints is not looked at: it may hold secrets.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::notice::Notice;
use crate::post::{SendError, World};
use crate::settings::CommandWay;

/// How often it is looked whether the command has ended.
const LOOK: Duration = Duration::from_millis(50);
/// Where commands are found.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs the command, with nothing of this program's environment.
pub fn carry(way: &CommandWay, notice: &Notice, world: &dyn World) -> Result<(), SendError> {
    let program = way.argv[0].clone();
    let mut command = Command::new(&program);
    command.args(&way.argv[1..]).env_clear().env("PATH", PATH).process_group(0);
    command.env("BEFFROI_NOTICE_ID", notice.id.as_str());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|source| SendError::CommandStart { program: program.clone(), source })?;
    if let Some(mut input) = child.stdin.take() {
        // A pipe takes all of it at once; a command that does not read it has its reasons.
        let _ = writeln!(input, "{}\n\n{}", notice.title, notice.text);
    }
    match wait(&mut child, way.seconds_max, world) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(SendError::CommandFailed { program, status: status.to_string() }),
        None => Err(SendError::CommandSlow { program }),
    }
}

/// Waits for the end; ends it with all that it started when its time is over.
fn wait(child: &mut Child, seconds_max: u64, world: &dyn World) -> Option<ExitStatus> {
    let looks = seconds_max * 1000 / LOOK.as_millis() as u64;
    for _ in 0..looks.max(1) {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        world.pause(LOOK);
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
    None
}
