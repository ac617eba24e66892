//! Whose the restored files are.

use std::sync::Arc;

use vault::tree::Entry;

/// Finds this machine's numbers of users and groups.
pub trait OwnerNames: Send + Sync {
    /// Returns the number of a user, if this machine knows the name.
    fn uid(&self, user: &[u8]) -> Option<u32>;

    /// Returns the number of a group, if this machine knows the name.
    fn gid(&self, group: &[u8]) -> Option<u32>;
}

/// How owners are set.
#[derive(Clone)]
pub enum Owners {
    /// By name where the entry has one that this machine knows, else by number.
    ByName(Arc<dyn OwnerNames>),
    /// By the entry's numbers.
    ByNumber,
    /// Not at all: everything belongs to whoever restores.
    Keep,
}

impl Owners {
    /// Returns uid and gid to set, or `None` to leave both.
    pub fn wanted(&self, entry: &Entry) -> Option<(u32, u32)> {
        match self {
            Self::Keep => None,
            Self::ByNumber => Some((entry.uid, entry.gid)),
            Self::ByName(names) => {
                let uid = entry.user.as_ref().and_then(|user| names.uid(user));
                let gid = entry.group.as_ref().and_then(|group| names.gid(group));
                Some((uid.unwrap_or(entry.uid), gid.unwrap_or(entry.gid)))
            }
        }
    }
}
