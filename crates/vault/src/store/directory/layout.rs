//! Where in the directory an object lies, and which object a file is.

use crate::id::StrandId;
use crate::name::{Folder, HashedKind, ObjectName};

/// How the names of unfinished writes begin.
pub(super) const TEMPORARY: &str = ".tmp-";

/// Digits of the hash that name a pack's folder.
const FAN_DIGITS: usize = 2;

/// An object's place: a folder, relative to the vault's and empty for that itself, and a file in it.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Location {
    pub(super) folder: String,
    pub(super) file: String,
}

impl Location {
    pub(super) fn of(name: &ObjectName) -> Self {
        let path = name.to_string();
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let folder = match name {
            // A hash is written in 64 digits.
            ObjectName::Hashed(_, HashedKind::Pack, _) => join(folder, &file[..FAN_DIGITS]),
            _ => folder.to_string(),
        };
        let file = file.to_string();
        Self { folder, file }
    }

    pub(super) fn path(&self) -> String {
        join(&self.folder, &self.file)
    }
}

/// Tells whether a file is named as an unfinished write: `.tmp-`, the number of a process, `-`, and another number.
pub(super) fn is_temporary(file: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let numbers = file.strip_prefix(TEMPORARY).and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(process, count)| is_number(process) && is_number(count))
}

/// Returns the object that a file in a directory of `folder` is; a foreign file is `None`.
pub(super) fn name_of(folder: &Folder, directory: &str, file: &str) -> Option<ObjectName> {
    let name = match folder {
        Folder::Hashed(_, HashedKind::Pack) => ObjectName::parse(&format!("{folder}/{file}")),
        _ => ObjectName::parse(&join(directory, file)),
    }?;
    let location = Location::of(&name);
    // A pack in the wrong fan is where nobody looks for it.
    let found = location.folder == directory && name.folder() == Some(*folder);
    found.then_some(name)
}

/// Tells whether the objects of a folder lie in directories below it.
pub(super) fn is_fanned_out(folder: &Folder) -> bool {
    matches!(folder, Folder::Strands | Folder::Hashed(_, HashedKind::Pack))
}

/// Tells whether a directory below such a folder is named as one that holds objects.
pub(super) fn is_fan(folder: &Folder, name: &str) -> bool {
    match folder {
        Folder::Strands => StrandId::from_hex(name).is_some(),
        _ => {
            let digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            name.len() == FAN_DIGITS && name.bytes().all(digit)
        }
    }
}

/// Joins relative paths; the empty one is the vault's own folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

/// Returns every component of a path with the path above it, from the top.
pub(super) fn steps(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = path.match_indices('/').map(|(slash, _)| slash + 1);
    let starts = (!path.is_empty()).then_some(0).into_iter().chain(starts);
    starts.map(|start| {
        let above = path[..start].trim_end_matches('/');
        let below = &path[start..];
        (above, below.split_once('/').map_or(below, |(name, _)| name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::objects_of_all_kinds;

    #[test]
    fn every_object_is_found_where_it_lies() {
        for name in objects_of_all_kinds().keys() {
            let Location { folder, file } = Location::of(name);
            let Some(listing) = name.folder() else {
                assert_eq!((folder.as_str(), file.as_str()), ("", "vault"));
                continue;
            };
            assert_eq!(name_of(&listing, &folder, &file), Some(*name));
            assert_eq!(name_of(&listing, &join(&folder, "x"), &file), None);
            let fan = folder.rsplit_once('/').map_or("", |(_, fan)| fan);
            let fanned_out = folder != listing.to_string();
            assert_eq!(is_fanned_out(&listing), fanned_out);
            assert!(!fanned_out || is_fan(&listing, fan));
        }
    }

    #[test]
    fn unfinished_writes_are_told_by_their_names() {
        for name in [".tmp-1-1", ".tmp-4194304-18446744073709551615"] {
            assert!(is_temporary(name), "{name}");
        }
        for name in
            [".tmp-", ".tmp-1", ".tmp-1-", ".tmp--1", ".tmp-1-1-1", ".tmp-1-1.odt", ".tmp-a-1", "tmp-1-1", ".~1-1"]
        {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn packs_are_fanned_out() {
        let strand = StrandId([1; 16]);
        let hash = crate::id::ObjectHash([0xc4; 32]);
        let location = Location::of(&ObjectName::Hashed(strand, HashedKind::Pack, hash));
        assert_eq!(location.folder, format!("strands/{strand}/packs/c4"));
        assert_eq!(location.path(), format!("strands/{strand}/packs/c4/{hash}"));
    }

    #[test]
    fn steps_lead_from_the_top() {
        let all = |path| steps(path).collect::<Vec<_>>();
        assert_eq!(all(""), []);
        assert_eq!(all("owner"), [("", "owner")]);
        assert_eq!(all("a/bc/d"), [("", "a"), ("a", "bc"), ("a/bc", "d")]);
    }
}
