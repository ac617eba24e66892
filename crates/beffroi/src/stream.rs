//! A command whose output is kept. Who asks to stop does not wait until it says something.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, getpgrp, getpid, kill_process, kill_process_group, set_child_subreaper, waitpgid,
};
use rustix::termios::tcgetpgrp;

use crate::failure::Failure;
use crate::hooks::status_text;
use crate::interrupt::Interrupt;
use crate::messages::{Text, text};

/// A command whose output is kept. It is ended, with all that it started, when nobody wants its output any more.
#[derive(Debug)]
pub struct StreamSource {
    child: Child,
    /// It has a process group of its own.
    is_apart: bool,
    status: Option<ExitStatus>,
    interrupt: Interrupt,
}

/// What a command prints. Reading it fails once somebody asks to stop.
#[derive(Debug)]
pub struct StreamOutput {
    pipe: ChildStdout,
    interrupt: Interrupt,
}

impl StreamSource {
    /// Starts the command.
    pub fn start(words: &[std::ffi::OsString], interrupt: &Interrupt) -> Result<(Self, StreamOutput), Failure> {
        let program = words[0].to_string_lossy().into_owned();
        // Where this program has the terminal, Ctrl-C reaches all of the command by itself, and the command may ask for
        // a password there, which it could not from a group of its own.
        let is_apart = !has_terminal();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
        if is_apart {
            command.process_group(0);
            // What the command started becomes this program's to wait for when the command itself ends first. Without it,
            // it would be ended all the same, and only not be waited for.
            let _ = set_child_subreaper(Some(getpid()));
        }
        let failed = |error: io::Error| Failure::from(error).under(text("err-command-start").with("command", program));
        let mut child = command.spawn().map_err(failed)?;
        let pipe = child.stdout.take().expect("it was started with a pipe");
        let output = StreamOutput { pipe, interrupt: interrupt.clone() };
        Ok((Self { child, is_apart, status: None, interrupt: interrupt.clone() }, output))
    }

    /// Waits until the command ends: only success makes its output worth keeping.
    pub fn confirm(&mut self) -> io::Result<()> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if self.interrupt.is_set() {
                return Err(stopped());
            }
            std::thread::sleep(LOOK_INTERVAL);
        };
        self.status = Some(status);
        if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
    }

    /// Returns how the command failed, if it did.
    pub fn failure(&self) -> Option<Text> {
        self.status.filter(|status| !status.success()).map(status_text)
    }

    /// Asks the command to end, and ends it if it does not.
    fn end(&mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            self.send(signal);
            for _ in 0..GRACE_LOOKS {
                if self.is_over() {
                    return;
                }
                std::thread::sleep(LOOK_INTERVAL);
            }
        }
    }

    /// Sends a signal. Until [`StreamSource::is_over`] says so, the number means nobody else.
    fn send(&self, signal: Signal) {
        let Some(pid) = self.pid() else { return };
        // What cannot be reached has ended, or belongs to another user by now.
        let _ = if self.is_apart { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
    }

    /// Tells whether the command has ended, with all of its group.
    fn is_over(&mut self) -> bool {
        let Some(group) = self.pid().filter(|_| self.is_apart) else {
            return !matches!(self.child.try_wait(), Ok(None));
        };
        loop {
            match waitpgid(group, WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }
}

impl Drop for StreamSource {
    /// A command whose output nobody reads any more is ended.
    fn drop(&mut self) {
        if self.status.is_none() {
            self.end();
        }
    }
}

impl Read for StreamOutput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.interrupt.is_set() {
                return Err(stopped());
            }
            let mut waiting = [PollFd::new(&self.pipe, PollFlags::IN)];
            match poll(&mut waiting, Some(&SILENCE)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return self.pipe.read(buffer),
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

/// While the command prints nothing, this often is looked whether somebody asks to stop.
const SILENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// How often is looked whether the command has ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Five seconds: so long a command may take to end when it is asked to.
const GRACE_LOOKS: u32 = 250;

/// Not [`io::ErrorKind::Interrupted`]: readers would try again.
fn stopped() -> io::Error {
    io::Error::other("stopped")
}

/// Tells whether this program has the terminal it was started from, if any.
fn has_terminal() -> bool {
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = rustix::fs::open("/dev/tty", flags, Mode::empty());
    terminal.and_then(tcgetpgrp).is_ok_and(|group| group == getpgrp())
}
