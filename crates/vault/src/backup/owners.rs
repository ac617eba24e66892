//! Names of users and groups: they can change without a trace in the files that they own.

use std::collections::BTreeSet;
use std::sync::Arc;

use minicbor::Decoder;

use crate::bytes::{self, FormatError, Writer};
use crate::source::{Names, Stat};
use crate::state::cache::CacheFooter;

/// Beyond so many owners a tree's cache does not remember more names.
const OWNERS_MAX: usize = 8192;
const WHAT: &str = "cache footer";

/// The owners met in a tree.
#[derive(Default)]
pub(super) struct Owners {
    users: BTreeSet<u32>,
    groups: BTreeSet<u32>,
    last: Option<(u32, u32)>,
    changed: bool,
}

impl Owners {
    /// Compares the names that the last walk met with those of today.
    pub fn continued(footer: &CacheFooter, names: &Names) -> Self {
        let changed = !footer.bytes.is_empty() && !names_hold(&footer.bytes, names).unwrap_or(false);
        Self { changed, ..Self::default() }
    }

    /// Tells whether a name changed since the last walk.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Notes the owner of a file.
    pub fn note(&mut self, stat: &Stat) {
        let owner = (stat.uid, stat.gid);
        if self.last != Some(owner) {
            self.last = Some(owner);
            if self.users.len() < OWNERS_MAX {
                self.users.insert(stat.uid);
            }
            if self.groups.len() < OWNERS_MAX {
                self.groups.insert(stat.gid);
            }
        }
    }

    /// Writes the owners with their names of today.
    pub fn to_footer(&self, names: &Names) -> CacheFooter {
        let mut out = Writer::default();
        out.array(2);
        write_names(&mut out, &self.users, |id| names.user(id));
        write_names(&mut out, &self.groups, |id| names.group(id));
        CacheFooter { bytes: out.finish() }
    }
}

fn write_names(out: &mut Writer, ids: &BTreeSet<u32>, name: impl Fn(u32) -> Option<Arc<[u8]>>) {
    out.array(ids.len() * 2);
    for id in ids {
        out.unsigned(u64::from(*id)).bytes(name(*id).as_deref().unwrap_or_default());
    }
}

fn names_hold(footer: &[u8], names: &Names) -> Result<bool, FormatError> {
    let mut read = Decoder::new(footer);
    bytes::array(&mut read, WHAT)?;
    Ok(same_names(&mut read, |id| names.user(id))? && same_names(&mut read, |id| names.group(id))?)
}

fn same_names(read: &mut Decoder<'_>, name: impl Fn(u32) -> Option<Arc<[u8]>>) -> Result<bool, FormatError> {
    for _ in 0..bytes::array(read, WHAT)? / 2 {
        let id = bytes::small(read, WHAT)?;
        if bytes::bytes(read, WHAT)? != name(id).as_deref().unwrap_or_default() {
            return Ok(false);
        }
    }
    Ok(true)
}
