//! What is written down of one version of a file while it is saved, in a few bytes, to be compared with the next version.

use crate::kind::Kind;
use crate::state::State;
use crate::texture::Texture;

/// Facts of one version of a file. They are the word of the machine that saved it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// In which state.
    pub finding: Finding,
    /// Whether all of it was examined, or its head and tail alone.
    pub depth: Depth,
    /// Its head and tail alone show that it is not sound.
    pub shows_at_ends: bool,
    /// The share of windows that look drawn by lot, 0 to 255.
    pub even_share: u8,
    /// The share of windows of zeros, 0 to 255.
    pub zero_share: u8,
    /// How many windows were looked at, 255 for more.
    pub windows: u8,
}

/// A state without its places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finding {
    /// It holds.
    Valid,
    /// It holds, and a password keeps it closed.
    Protected,
    /// It ends too early.
    Truncated,
    /// Its structure does not hold.
    Broken,
    /// Parts of it are not what they must be.
    Corrupt,
    /// One byte, over and over.
    Zeroed,
    /// No byte is more frequent than another.
    RandomLike,
    /// Letters that hide random bytes.
    Encoded,
    /// Nothing can be said.
    Unknown,
}

/// How much of a file was examined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Depth {
    /// Its head, its tail and samples between.
    Glance,
    /// All of it.
    Full,
}

impl Facts {
    /// Their length, in bytes.
    pub const BYTES: usize = 6;

    /// Makes facts of an examination of all of a file. `shows_at_ends` is what a glance would have said.
    pub fn of_all(kind: Kind, state: &State, shows_at_ends: bool, texture: &Texture) -> Self {
        Self { depth: Depth::Full, shows_at_ends, ..Self::of_ends(kind, state, texture) }
    }

    /// Makes facts of a glance at head and tail.
    pub fn of_ends(kind: Kind, state: &State, texture: &Texture) -> Self {
        Self {
            kind,
            finding: Finding::of(state),
            depth: Depth::Glance,
            shows_at_ends: Finding::of(state).is_unsound(),
            even_share: texture.even_share(),
            zero_share: texture.zero_share(),
            windows: u8::try_from(texture.windows).unwrap_or(u8::MAX),
        }
    }

    /// Writes them: version and depth, kind, finding, the two shares, the windows.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let depth = u8::from(self.depth == Depth::Full) | u8::from(self.shows_at_ends) << 1;
        let finding = self.finding as u8;
        [VERSION << 2 | depth, number_of(self.kind), finding, self.even_share, self.zero_share, self.windows]
    }

    /// Reads them; `None` if they are of another version: then nothing is known of that version of the file.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let &[head, kind, finding, even_share, zero_share, windows] = bytes else { return None };
        if head >> 2 != VERSION {
            return None;
        }
        let depth = if head & 1 == 1 { Depth::Full } else { Depth::Glance };
        let finding = *FINDINGS.get(usize::from(finding))?;
        let (kind, shows_at_ends) = (*KINDS.get(usize::from(kind))?, head & 2 != 0);
        Some(Self { kind, finding, depth, shows_at_ends, even_share, zero_share, windows })
    }

    /// Tells whether most of the file looks drawn by lot.
    pub fn is_even(&self) -> bool {
        self.windows > 0 && self.even_share >= EVEN_SHARE_MIN
    }

    /// Tells whether little of the file looks drawn by lot.
    pub fn is_uneven(&self) -> bool {
        self.windows > 0 && self.even_share <= UNEVEN_SHARE_MAX
    }
}

/// Another reading of the numbers needs another version.
const VERSION: u8 = 1;
/// Nine in ten windows.
const EVEN_SHARE_MIN: u8 = 230;
/// One in eight windows.
const UNEVEN_SHARE_MAX: u8 = 32;

const FINDINGS: [Finding; 9] = [
    Finding::Valid,
    Finding::Protected,
    Finding::Truncated,
    Finding::Broken,
    Finding::Corrupt,
    Finding::Zeroed,
    Finding::RandomLike,
    Finding::Encoded,
    Finding::Unknown,
];

/// Kinds by their numbers in stored facts: a new kind comes at the end.
const KINDS: &[Kind] = &[
    Kind::Zip,
    Kind::Ooxml,
    Kind::Odf,
    Kind::Epub,
    Kind::Jar,
    Kind::Ole2,
    Kind::Pdf,
    Kind::Rtf,
    Kind::Text,
    Kind::Csv,
    Kind::Xml,
    Kind::Html,
    Kind::Json,
    Kind::Sql,
    Kind::Script,
    Kind::Dxf,
    Kind::Email,
    Kind::Mbox,
    Kind::Png,
    Kind::Jpeg,
    Kind::Tiff,
    Kind::Gif,
    Kind::Bmp,
    Kind::WebP,
    Kind::Gzip,
    Kind::Xz,
    Kind::Zstd,
    Kind::Bzip2,
    Kind::SevenZip,
    Kind::Rar,
    Kind::Tar,
    Kind::Sqlite,
    Kind::Access,
    Kind::Pst,
    Kind::Dbase,
    Kind::Shapefile,
    Kind::ShapeIndex,
    Kind::Dwg,
    Kind::Mp4,
    Kind::Mp3,
    Kind::Wav,
    Kind::Vhdx,
    Kind::Qcow2,
    Kind::Vmdk,
    Kind::Elf,
    Kind::Pe,
    Kind::OpenPgp,
    Kind::Unknown,
    Kind::Ogg,
    Kind::Flac,
    Kind::Avi,
    Kind::Emf,
    Kind::Wmf,
    Kind::Font,
    Kind::OldWord,
    Kind::DrawnPage,
    Kind::Postgres,
    Kind::Lzma,
];

fn number_of(kind: Kind) -> u8 {
    KINDS.iter().position(|known| *known == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

impl Finding {
    /// Leaves the places out of a state.
    pub fn of(state: &State) -> Self {
        match state {
            State::Valid => Self::Valid,
            State::Protected => Self::Protected,
            State::Truncated { .. } => Self::Truncated,
            State::Broken { .. } => Self::Broken,
            State::Corrupt { .. } => Self::Corrupt,
            State::Zeroed => Self::Zeroed,
            State::RandomLike => Self::RandomLike,
            State::Encoded(_) => Self::Encoded,
            State::Unknown(_) => Self::Unknown,
        }
    }

    /// Tells whether the file is as a program left it.
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Valid | Self::Protected)
    }

    /// Tells whether something is wrong with the file, now or ever since.
    pub fn is_unsound(self) -> bool {
        !self.is_sound() && self != Self::Unknown
    }

    /// Tells whether nothing of what the file was can be left.
    pub fn is_total(self) -> bool {
        matches!(self, Self::Zeroed | Self::RandomLike | Self::Encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written() {
        for finding in FINDINGS {
            for depth in [Depth::Glance, Depth::Full] {
                let shows_at_ends = finding == Finding::Broken;
                let facts =
                    Facts { kind: Kind::Odf, finding, depth, shows_at_ends, even_share: 1, zero_share: 2, windows: 3 };
                assert_eq!(Facts::from_bytes(&facts.to_bytes()), Some(facts));
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_nothing() {
        let facts = Facts {
            kind: Kind::Pdf,
            finding: Finding::Valid,
            depth: Depth::Full,
            shows_at_ends: false,
            even_share: 0,
            zero_share: 0,
            windows: 0,
        };
        let bytes = facts.to_bytes();
        assert_eq!(Facts::from_bytes(&bytes[..5]), None);
        for (at, byte) in [(0, 0xff), (1, 0xff), (2, 9)] {
            let mut other = bytes;
            other[at] = byte;
            assert_eq!(Facts::from_bytes(&other), None, "byte {at}");
        }
    }
}
