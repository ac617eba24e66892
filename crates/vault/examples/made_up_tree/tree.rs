//! Which files and folders there are, worked out from their numbers.

use super::protocol::Attributes;

/// A tree of so many files. Of each folder only where its files begin is in memory.
pub struct Tree {
    /// How many files each folder of files holds: the two large ones, then the others.
    counts: Vec<u64>,
    bytes_max: u64,
    /// One file in so many is another than it was.
    changed: Option<u64>,
}

/// A file or a folder.
#[derive(Clone, Copy)]
pub enum Node {
    Root,
    /// A folder of folders, by its number.
    Service(u64),
    /// A folder of files, by its number.
    Folder(u64),
    /// A file, by folder and number.
    File(u64, u64),
}

const LARGE: u64 = 2;
const FOLDERS_OF_SERVICE: u64 = 500;
const WORDS: [&str; 8] = [
    "Délibération n°",
    "Arrêté",
    "Facture",
    "Permis de construire",
    "Courrier reçu",
    "Acte de naissance",
    "Devis",
    "PV",
];
const ENDINGS: [&str; 4] = ["pdf", "odt", "eml", "xlsx"];
const BEGIN_SECONDS: u64 = 1_600_000_000;
/// Inodes: folders of files have this bit, services the next one; files the number of their folder above.
const FOLDER_BIT: u64 = 1 << 62;
const SERVICE_BIT: u64 = 1 << 61;
const FILE_BITS: u32 = 24;

impl Tree {
    pub fn new(files: u64, bytes_max: u64, changed: Option<u64>) -> Self {
        let mut counts = vec![(files / 10).min(1_000_000), (files / 50).min(200_000)];
        let mut left = files - counts[0] - counts[1];
        while left > 0 {
            let count = (20 + scatter(counts.len() as u64) % 181).min(left);
            counts.push(count);
            left -= count;
        }
        Self { counts, bytes_max, changed }
    }

    pub fn files(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub fn folders(&self) -> u64 {
        self.counts.len() as u64 + self.services()
    }

    fn services(&self) -> u64 {
        (self.counts.len() as u64 - LARGE).div_ceil(FOLDERS_OF_SERVICE)
    }

    /// Finds what has an inode number.
    pub fn node(&self, inode: u64) -> Option<Node> {
        Some(match inode {
            0 => return None,
            1 => Node::Root,
            _ if inode & FOLDER_BIT != 0 => Node::Folder(inode & !FOLDER_BIT),
            _ if inode & SERVICE_BIT != 0 => Node::Service(inode & !SERVICE_BIT),
            _ => Node::File((inode >> FILE_BITS) - 1, inode & ((1 << FILE_BITS) - 1)),
        })
    }

    /// Returns the entry of a folder at a place.
    pub fn child(&self, folder: Node, place: u64) -> Option<Node> {
        let folders = self.counts.len() as u64;
        match folder {
            Node::Root if place < LARGE => Some(Node::Folder(place)),
            Node::Root => (place - LARGE < self.services()).then_some(Node::Service(place - LARGE)),
            Node::Service(service) => {
                let folder = LARGE + service * FOLDERS_OF_SERVICE + place;
                (place < FOLDERS_OF_SERVICE && folder < folders).then_some(Node::Folder(folder))
            }
            Node::Folder(folder) => (place < self.counts[folder as usize]).then_some(Node::File(folder, place)),
            Node::File(..) => None,
        }
    }

    pub fn name(&self, node: Node) -> String {
        match node {
            Node::Root => String::new(),
            Node::Service(service) => format!("service {service:04}"),
            Node::Folder(0) => "courriel archivé 0000000".into(),
            Node::Folder(1) => "numérisation 0000001".into(),
            Node::Folder(folder) => format!("dossier {folder:07}"),
            Node::File(folder, file) => {
                let chance = scatter(folder << FILE_BITS | file);
                let (word, ending) = (WORDS[(chance % 8) as usize], ENDINGS[(chance / 8 % 4) as usize]);
                format!("{word} {file:07}.{ending}")
            }
        }
    }

    /// Finds an entry of a folder. The number in the name says which it would be.
    pub fn find(&self, folder: Node, name: &[u8]) -> Option<Node> {
        let digits = name.split(|byte| !byte.is_ascii_digit()).find(|part| part.len() >= 4)?;
        let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let node = match folder {
            Node::Root if name.starts_with(b"service") => Node::Service(number),
            Node::Root | Node::Service(_) => Node::Folder(number),
            Node::Folder(folder) => Node::File(folder, number),
            Node::File(..) => return None,
        };
        (self.name(node).as_bytes() == name).then_some(node)
    }

    pub fn attributes(&self, node: Node) -> Attributes {
        let inode = match node {
            Node::Root => 1,
            Node::Service(service) => SERVICE_BIT | service,
            Node::Folder(folder) => FOLDER_BIT | folder,
            Node::File(folder, file) => (folder + 1) << FILE_BITS | file,
        };
        match node {
            Node::File(..) => {
                let bytes = scatter(inode ^ 0x5eed) % (self.bytes_max + 1);
                let later = u64::from(self.is_changed(inode)) * 100_000_000;
                let seconds = BEGIN_SECONDS + scatter(inode ^ 0x71) % 100_000_000 + later;
                Attributes { inode, bytes, seconds, is_folder: false }
            }
            _ => Attributes { inode, bytes: 4096, seconds: BEGIN_SECONDS, is_folder: true },
        }
    }

    /// Makes the content of a file, which no other has: half noise, half words.
    pub fn content(&self, node: Node) -> Vec<u8> {
        let Attributes { inode, bytes, .. } = self.attributes(node);
        let seed = if self.is_changed(inode) { !inode } else { inode };
        let mut content = Vec::with_capacity(bytes as usize + 16);
        let mut round = 0;
        while content.len() < bytes as usize {
            content.extend(scatter(seed.wrapping_add(round << 40)).to_le_bytes());
            content.extend(b"monsieur");
            round += 1;
        }
        content.truncate(bytes as usize);
        content
    }

    fn is_changed(&self, inode: u64) -> bool {
        self.changed.is_some_and(|one_in| scatter(inode ^ 0xc4a6).is_multiple_of(one_in.max(1)))
    }
}

/// Turns a number into one that looks like chance (SplitMix64).
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
