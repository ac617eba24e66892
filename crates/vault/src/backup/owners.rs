//! What the last walk took for granted, and what may be otherwise today: the names of users and groups, which can change
//! without a trace in the files that they own, and how content is cut.

use std::collections::BTreeSet;
use std::sync::Arc;

use minicbor::Decoder;

use crate::bytes::{self, FormatError, Writer};
use crate::chunk::ChunkSizes;
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
    cut_alike: bool,
}

impl Owners {
    /// Compares what the last walk noted with today.
    pub fn continued(footer: &CacheFooter, names: &Names, sizes: ChunkSizes) -> Self {
        let (cut_alike, names_hold) = compare(&footer.bytes, names, sizes).unwrap_or((false, false));
        Self { changed: !names_hold, cut_alike, ..Self::default() }
    }

    /// Tells whether a name changed since the last walk.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Tells whether equal content is made of the same chunks as on the last walk.
    pub fn cut_alike(&self) -> bool {
        self.cut_alike
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
    pub fn to_footer(&self, names: &Names, sizes: ChunkSizes) -> CacheFooter {
        let mut out = Writer::default();
        out.array(5);
        for bytes in sizes_of(sizes) {
            out.unsigned(bytes as u64);
        }
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

fn sizes_of(sizes: ChunkSizes) -> [usize; 3] {
    [sizes.bytes_min, sizes.bytes_average, sizes.bytes_max]
}

/// Tells whether the sizes of chunks are the same, and whether all names are.
fn compare(footer: &[u8], names: &Names, sizes: ChunkSizes) -> Result<(bool, bool), FormatError> {
    let mut read = Decoder::new(footer);
    bytes::array(&mut read, WHAT)?;
    let mut cut_alike = true;
    for now in sizes_of(sizes) {
        cut_alike &= bytes::unsigned(&mut read, WHAT)? == now as u64;
    }
    let names_hold = same_names(&mut read, |id| names.user(id))? && same_names(&mut read, |id| names.group(id))?;
    Ok((cut_alike, names_hold))
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
