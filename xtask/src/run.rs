//! Runs programs, whose output goes straight to the terminal or the log.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

/// Returns where cargo builds.
pub fn build_folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "cargo reads this variable too, and what it builds must be found")]
    let set = std::env::var_os("CARGO_TARGET_DIR");
    workspace().join(set.unwrap_or_else(|| "target".into()))
}

/// Returns the cargo that runs this.
pub fn cargo() -> Command {
    program(env!("CARGO"))
}

/// Prepares a program, to run in the workspace.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace());
    command
}

/// Runs a program; anything but success is an error that says what was run.
pub fn succeed(command: &mut Command) -> Result<(), String> {
    println!("\n$ {}", spoken(command));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", spoken(command))),
        Err(error) => Err(format!("{} cannot be run: {error}", spoken(command))),
    }
}

/// Tells whether a program can be run and succeeds; its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Returns a command as one would type it.
fn spoken(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let variables = variables.map(|(name, value)| format!("{}={:?} ", name.display(), value));
    let arguments = command.get_args().map(|argument| format!(" {}", argument.display()));
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    variables.chain([name.display().to_string()]).chain(arguments).collect()
}
