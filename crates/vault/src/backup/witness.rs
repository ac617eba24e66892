//! Who looks at content while it passes by, and hears what became of every path.
//!
//! The vault keeps what a witness found and understands none of it: facts of a file lie in its entry, an alarm in the manifest.
//! They are the agent's word, a hint: whoever took the machine over writes what he likes there.

use crate::tree::{Entry, EntryKind};

/// Looks at the files of one backup.
pub trait Witness: Send + Sync {
    /// Begins to look at the content of a file. Called from several threads; a file that changed while it was read is looked at
    /// again from its beginning.
    fn look(&self, name: &[u8], bytes: u64) -> Box<dyn Look>;

    /// Hears of a path, in the order of the tree, from one thread.
    fn hear(&self, fate: Fate<'_>);

    /// Says what it makes of all this. Called once, when the tree is complete.
    fn conclude(&self) -> Conclusion;
}

/// Looks at the content of one file.
pub trait Look {
    /// The next bytes.
    fn data(&mut self, bytes: &[u8]);

    /// So many zeros, which nobody read: a hole.
    fn zeros(&mut self, bytes: u64);

    /// Returns the facts to keep; nothing, and what is longer than [`FACTS_BYTES_MAX`], is not kept.
    fn finish(&mut self) -> Vec<u8>;
}

/// What became of a path since the last backup of the source.
#[derive(Clone, Copy, Debug)]
pub enum Fate<'e> {
    /// A directory begins; the root's name is empty.
    Enter {
        /// Its name.
        name: &'e [u8],
        /// The last backup did not have it.
        new: bool,
    },
    /// The innermost directory ends.
    Leave,
    /// Something other than a directory whose content is as it was, as far as its times tell, or which has none.
    Same {
        /// Its length in bytes.
        bytes: u64,
    },
    /// A file that was not there, or whose past is not known.
    New {
        /// What it is now.
        after: &'e Entry,
    },
    /// A file whose content is another.
    Changed {
        /// What it was.
        before: &'e Entry,
        /// What it is now.
        after: &'e Entry,
    },
    /// Something that is not there any more; of a directory, all below it follows or came before.
    Gone {
        /// Its path below the innermost directory.
        path: &'e [u8],
        /// What it was; nothing of a directory.
        before: Option<&'e Entry>,
    },
    /// So many more are not there any more in this directory and below, of which nothing was remembered.
    GoneUntold {
        /// How many.
        count: u64,
    },
}

/// What a witness makes of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conclusion {
    /// How many paths look hurt.
    pub damage_hint: u64,
    /// Whether there is an alarm, open for all to read: 0 calm, 1 watch, 2 alarm.
    pub alarm_level: u64,
    /// Why, for the owners' eyes; opaque here.
    pub alarm: Option<Vec<u8>>,
}

/// Facts of a file that are longer are not kept.
pub const FACTS_BYTES_MAX: usize = 64;

/// An alarm that is longer is not kept.
pub const ALARM_BYTES_MAX: usize = 1 << 16;

/// What a witness gets to hear of a file that is built.
#[derive(Clone, Debug)]
pub(super) enum Past {
    /// Nothing is known of it.
    None,
    /// Its entry in the last backup.
    Entry(Box<Entry>),
}

impl Past {
    /// Returns what became of a file.
    pub fn fate<'e>(&'e self, after: &'e Entry) -> Fate<'e> {
        match self {
            Self::None => Fate::New { after },
            Self::Entry(before) if !is_same_content(before, after) => Fate::Changed { before, after },
            Self::Entry(_) => Fate::Same { bytes: after.size() },
        }
    }
}

fn is_same_content(before: &Entry, after: &Entry) -> bool {
    matches!(before.kind, EntryKind::File { .. }) && before.kind == after.kind
}
