//! This machine's numbers of users and groups, by name.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::{Mutex, PoisonError};

use restore::target::OwnerNames;

/// Asks the machine's name service, once for each name.
#[derive(Debug, Default)]
pub struct MachineOwners {
    users: Mutex<HashMap<Vec<u8>, Option<u32>>>,
    groups: Mutex<HashMap<Vec<u8>, Option<u32>>>,
}

impl OwnerNames for MachineOwners {
    fn uid(&self, user: &[u8]) -> Option<u32> {
        remembered(&self.users, user, |name| Some(uzers::get_user_by_name(name)?.uid()))
    }

    fn gid(&self, group: &[u8]) -> Option<u32> {
        remembered(&self.groups, group, |name| Some(uzers::get_group_by_name(name)?.gid()))
    }
}

/// A hostile tree may name any number of owners.
const KNOWN_MAX: usize = 65_536;

fn remembered(
    known: &Mutex<HashMap<Vec<u8>, Option<u32>>>,
    name: &[u8],
    ask: impl FnOnce(&OsStr) -> Option<u32>,
) -> Option<u32> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(number) = known.get(name) {
        return *number;
    }
    let number = ask(OsStr::from_bytes(name));
    if known.len() < KNOWN_MAX {
        known.insert(name.to_vec(), number);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known_and_nonsense_is_not() {
        let owners = MachineOwners::default();
        for _ in 0..2 {
            assert_eq!(owners.uid(b"root"), Some(0));
            assert_eq!(owners.gid(b"root"), Some(0));
            assert_eq!(owners.uid(b"no such \xff user"), None);
        }
    }
}
