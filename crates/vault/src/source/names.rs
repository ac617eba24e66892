//! Names of owners and groups, as the machine knows them: local files, LDAP, a Windows domain.

use std::collections::HashMap;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, Mutex, PoisonError};

/// Names of owners and groups, asked of the machine's name service (NSS) once each and remembered.
///
/// May be shared between threads. A name service that does not answer gives no names; it may take its time to do so.
pub struct Names {
    users: Cache,
    groups: Cache,
}

type Lookup = Box<dyn Fn(u32) -> Option<Vec<u8>> + Send + Sync>;

struct Cache {
    lookup: Lookup,
    known: Mutex<HashMap<u32, Option<Arc<[u8]>>>>,
}

/// A hostile tree may name four billion owners.
const KNOWN_MAX: usize = 65_536;

impl Names {
    /// Asks the machine's name service.
    pub fn of_machine() -> Self {
        Self::with(
            |uid| Some(uzers::get_user_by_uid(uid)?.name().as_bytes().to_vec()),
            |gid| Some(uzers::get_group_by_gid(gid)?.name().as_bytes().to_vec()),
        )
    }

    /// Asks the functions given, for users and for groups.
    pub fn with(
        user: impl Fn(u32) -> Option<Vec<u8>> + Send + Sync + 'static,
        group: impl Fn(u32) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self { users: Cache::new(Box::new(user)), groups: Cache::new(Box::new(group)) }
    }

    /// Returns the name of an owner; `None` if the machine knows none.
    pub fn user(&self, uid: u32) -> Option<Arc<[u8]>> {
        self.users.name(uid)
    }

    /// Returns the name of a group; `None` if the machine knows none.
    pub fn group(&self, gid: u32) -> Option<Arc<[u8]>> {
        self.groups.name(gid)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl Cache {
    fn new(lookup: Lookup) -> Self {
        Self { lookup, known: Mutex::new(HashMap::new()) }
    }

    fn name(&self, id: u32) -> Option<Arc<[u8]>> {
        // The map is whole after each of its calls: a panic elsewhere leaves nothing half done.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(&id) {
            return name.clone();
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let name = (self.lookup)(id).filter(|name| !name.is_empty());
        let name = name.map(Arc::from);
        known.insert(id, name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_machine_knows_root() {
        let names = Names::of_machine();
        assert_eq!(names.user(0).as_deref(), Some(&b"root"[..]));
        assert_eq!(names.group(0).as_deref(), Some(&b"root"[..]));
        assert_eq!(names.user(4_000_000_000), None);
    }

    #[test]
    fn each_is_asked_once_and_memory_is_bounded() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let ask = |id: u32| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            (id.is_multiple_of(2)).then(|| vec![b'u'])
        };
        let names = Names::with(ask, |_| Some(Vec::new()));
        for id in [1, 2, 1, 2] {
            assert_eq!(names.user(id).is_some(), id == 2);
        }
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
        assert_eq!(names.group(1), None, "an empty name is none");
        for id in 0..70_000 {
            names.user(id);
        }
        assert!(names.users.known.lock().unwrap().len() <= KNOWN_MAX);
    }
}
