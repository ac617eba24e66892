//! What the agent saw last in the vault: its own newest snapshot, and how far the owner log went.
//!
//! A vault that shows less than this was set back, or somebody took from it. The agent tells, gives no number twice, and
//! seals to nobody whom the owners had already removed.

use crate::envelope::Recipient;
use crate::id::ObjectHash;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread};
use crate::state::folder::StateFolder;
use crate::state::{LostReason, StateError};

/// What the agent saw last. If the file is lost, it remembers nothing, and believes what the vault shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Newest {
    /// Number of the strand's newest snapshot.
    pub seq: u64,
    /// Hash of its manifest.
    pub hash: ObjectHash,
    /// Number of owners' entries that were believed.
    pub owner_entries: u64,
    /// To whom session keys were sealed.
    pub recipient: Recipient,
}

impl Newest {
    /// Reads it from a strand's folder; `None` if it is lost.
    pub fn open(folder: &StateFolder) -> Result<Option<Self>, StateError> {
        match read(folder) {
            Ok(newest) => Ok(Some(newest)),
            Err(Unread::Refused(error)) => Err(error),
            Err(Unread::Lost(_)) => Ok(None),
        }
    }

    /// Writes it, durably.
    pub fn save(&self, folder: &StateFolder) -> Result<(), StateError> {
        let mut writer = CheckedWriter::create(folder, NAME, HEAD)?;
        writer.write(&self.seq.to_le_bytes())?;
        writer.write(&self.hash.0)?;
        writer.write(&self.owner_entries.to_le_bytes())?;
        writer.write(self.recipient.as_str().as_bytes())?;
        writer.close()?.0.replace()?;
        Ok(())
    }
}

const NAME: &str = "newest";
const HEAD: Head = Head { magic: *b"BFSN", version: 0 };
const RECIPIENT_BYTES_MAX: u64 = 1 << 16;

fn read(folder: &StateFolder) -> Result<Newest, Unread> {
    let mut reader = CheckedReader::open(folder, NAME, HEAD)?;
    let seq = u64::from_le_bytes(reader.array()?);
    let hash = ObjectHash(reader.array()?);
    let owner_entries = u64::from_le_bytes(reader.array()?);
    if reader.content_bytes_left() > RECIPIENT_BYTES_MAX {
        return Err(LostReason::Damaged.into());
    }
    let mut recipient = vec![0; reader.content_bytes_left() as usize];
    reader.read(&mut recipient)?;
    reader.finish()?;
    let recipient = String::from_utf8(recipient).ok().and_then(|text| Recipient::parse(&text).ok());
    Ok(Newest { seq, hash, owner_entries, recipient: recipient.ok_or(LostReason::Damaged)? })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

    use super::*;
    use crate::envelope::Identity;
    use crate::state::folder::scratch;

    #[test]
    fn it_is_remembered_whole_or_not_at_all() {
        let (base, folder) = scratch();
        assert_eq!(Newest::open(&folder).unwrap(), None);
        let recipient = Identity::generate().recipient().unwrap();
        let mut newest = Newest { seq: 7, hash: ObjectHash([3; 32]), owner_entries: 2, recipient };
        newest.save(&folder).unwrap();
        newest.seq = 8;
        newest.save(&folder).unwrap();
        assert_eq!(Newest::open(&folder).unwrap().as_ref(), Some(&newest));
        let path = base.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(Newest::open(&folder).unwrap(), None, "cut at {end}");
        }
    }
}
