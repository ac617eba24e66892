//! The recovery kit as a file.
#![expect(clippy::disallowed_methods, reason = "the recovery kit is a file")]

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use vault::kit::RecoveryKit;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::messages::text;

/// A kit is a few lines; a file with this many bytes is something else.
const KIT_BYTES_MAX: u64 = 1 << 20;

/// Reads a kit, or any age identity file. A file that others may read is refused: a kit is worth the whole vault.
pub fn read_kit(path: &Path) -> Result<RecoveryKit, Failure> {
    let at = || text("err-at-kit").show("path", path.display());
    let failed = |error: std::io::Error| Failure::from(error).under(at());
    let file = File::open(path).map_err(failed)?;
    let status = file.metadata().map_err(failed)?;
    if status.is_file() && status.mode() & 0o077 != 0 {
        let mode = format!("{:04o}", status.mode() & 0o7777);
        return Err(Failure::new(text("err-kit-loose").show("path", path.display()).with("mode", mode)));
    }
    let mut content = Zeroizing::new(Vec::with_capacity(64 << 10));
    file.take(KIT_BYTES_MAX).read_to_end(&mut content).map_err(failed)?;
    let kit = match std::str::from_utf8(&content) {
        Ok(words) => RecoveryKit::parse(words),
        Err(_) => return Err(Failure::new(text("err-kit-binary")).under(at())),
    };
    kit.map_err(|error| Failure::from(error).under(at()))
}
