//! A town hall at work: what is in its folder, and how that changes from day to day.
#![expect(clippy::disallowed_methods, reason = "the simulation changes files in its own temporary folder")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dice::Dice;
use crate::folder::{Desk, make_private_folder, remove_folder};

/// What there is, by path: the hashes of files, and `None` for directories.
pub type Fingerprints = BTreeMap<Vec<u8>, Option<blake3::Hash>>;

/// How large a town hall is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HallSize {
    /// Length of the register, a file that changes in place, in bytes.
    pub register_bytes: usize,
    /// Albums of ten photographs.
    pub albums: u64,
    /// Length of a photograph in bytes, about.
    pub photo_bytes: u64,
    /// Documents of the services.
    pub documents: u64,
    /// Length of a document in bytes, at most.
    pub document_bytes: u64,
    /// Mails that are there at the beginning.
    pub mails: u64,
}

impl HallSize {
    /// About 120 MB.
    pub const TOWN: Self = Self {
        register_bytes: 32 << 20,
        albums: 15,
        photo_bytes: 400_000,
        documents: 800,
        document_bytes: 80_000,
        mails: 500,
    };
    /// 6 MB, and 20 MB half a year later.
    pub const HAMLET: Self = Self {
        register_bytes: 1 << 20,
        albums: 4,
        photo_bytes: 60_000,
        documents: 120,
        document_bytes: 24_000,
        mails: 60,
    };
}

/// What people do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// All that happens in a town hall.
    Everything,
    /// 4 KiB of the register change every day, and nothing else.
    Register,
}

/// A folder and what is in it.
pub struct TownHall {
    folder: PathBuf,
    size: HallSize,
    work: Work,
    dice: Dice,
    ticks: u64,
    /// Counts things, so that each gets a name of its own.
    count: u64,
    register: Vec<u8>,
    things: Fingerprints,
    /// The archive while it is elsewhere: names and contents.
    away: Vec<(String, Vec<u8>)>,
}

const SERVICES: [&str; 6] = ["accueil", "urbanisme", "état civil", "école", "eau", "élections"];
const REGISTER: &str = "bases/registre.db";
const ARCHIVE: &str = "archives/1998";
const HALF_YEAR: u64 = 182;
const WORDS: [&str; 24] = [
    "le ",
    "conseil ",
    "municipal ",
    "de ",
    "la ",
    "commune ",
    "réuni ",
    "en ",
    "séance ",
    "ordinaire ",
    "après ",
    "avoir ",
    "délibéré ",
    "à ",
    "l'unanimité ",
    "décide ",
    "d'approuver ",
    "les ",
    "travaux ",
    "rue ",
    "du ",
    "Marché ",
    "pour ",
    "2024.\n",
];

impl TownHall {
    /// Fills an empty folder.
    pub fn build(folder: &Path, seed: u64, size: HallSize, work: Work) -> io::Result<Self> {
        make_private_folder(folder)?;
        let mut hall = Self {
            folder: folder.to_path_buf(),
            size,
            work,
            dice: Dice::new(seed ^ 0xa11),
            ticks: 0,
            count: 0,
            register: Vec::new(),
            things: Fingerprints::new(),
            away: Vec::new(),
        };
        let register = noise(&mut hall.dice, size.register_bytes);
        hall.write(REGISTER, &register)?;
        hall.register = register;
        (0..size.albums).try_for_each(|_| hall.add_album())?;
        (0..size.documents).try_for_each(|_| hall.add_document())?;
        (0..size.mails).try_for_each(|_| hall.add_mail(0))?;
        for number in 0..2 * size.albums {
            let scan = hall.content(size.photo_bytes);
            hall.write(&format!("{ARCHIVE}/acte {number}.tif"), &scan)?;
        }
        Ok(hall)
    }

    /// What there is now.
    pub fn fingerprints(&self) -> Arc<Fingerprints> {
        Arc::new(self.things.clone())
    }

    /// A day's work.
    pub fn work(&mut self, day: u64) -> io::Result<()> {
        self.change_register()?;
        if self.work == Work::Register {
            return Ok(());
        }
        for _ in 0..3 + self.dice.below(7) {
            self.add_mail(day)?;
        }
        for _ in 0..self.dice.below(5) {
            self.add_document()?;
        }
        for _ in 0..3 {
            self.edit()?;
        }
        (0..self.dice.below(4)).try_for_each(|_| self.delete_one())?;
        if self.dice.once_in(2) {
            self.rename()?;
        }
        if day.is_multiple_of(30) {
            self.add_album()?;
        }
        match day % 365 {
            200 => self.take_archive_away()?,
            260 => self.bring_archive_back()?,
            _ => {}
        }
        if day.is_multiple_of(HALF_YEAR) { self.tidy_up() } else { Ok(()) }
    }

    /// 4 KiB somewhere in the register are others.
    fn change_register(&mut self) -> io::Result<()> {
        let page = self.dice.place(self.register.len() / 4096) * 4096;
        let change = noise(&mut self.dice, 4096);
        let mut register = std::mem::take(&mut self.register);
        register[page..page + 4096].copy_from_slice(&change);
        let done = self.write(REGISTER, &register);
        self.register = register;
        done
    }

    fn add_mail(&mut self, day: u64) -> io::Result<()> {
        let bytes = 1000 + self.dice.place(29_000);
        let mail = text(&mut self.dice, bytes);
        let path = format!("courriel/{}/{}/m{}.eml", day / 365, day % 365 / 30, self.next());
        self.write(&path, &mail)
    }

    fn add_document(&mut self) -> io::Result<()> {
        let content = self.content(self.size.document_bytes);
        let (service, folder) = (self.dice.pick(&SERVICES), self.dice.below(8));
        let path = format!("services/{service}/dossier {folder}/d{}", self.next());
        self.write(&path, &content)
    }

    fn add_album(&mut self) -> io::Result<()> {
        let album = self.next();
        for number in 0..10 {
            let bytes = self.size.photo_bytes / 2 + self.dice.below(self.size.photo_bytes);
            let photo = noise(&mut self.dice, bytes as usize);
            self.write(&format!("photos/album {album:06}/{number}.jpg"), &photo)?;
        }
        Ok(())
    }

    /// A document is saved again: longer, or all of it anew, as compressed formats are.
    fn edit(&mut self) -> io::Result<()> {
        let Some(path) = self.some_file("services/") else { return Ok(()) };
        let mut content = fs::read(self.folder.join(&path))?;
        if self.dice.once_in(2) {
            content = noise(&mut self.dice, content.len());
        } else {
            let (at, words) = (self.dice.place(content.len() + 1), text(&mut self.dice, 300));
            drop(content.splice(at..at, words));
        }
        self.write(&path, &content)
    }

    fn delete_one(&mut self) -> io::Result<()> {
        let below = self.dice.pick(&["services/", "courriel/"]);
        self.some_file(below).map_or(Ok(()), |path| self.remove(&path))
    }

    fn rename(&mut self) -> io::Result<()> {
        let Some(old) = self.some_file("services/") else { return Ok(()) };
        let (service, folder) = (self.dice.pick(&SERVICES), self.dice.below(8));
        let new = format!("services/{service}/dossier {folder}/r{}", self.next());
        self.note_parents(&new);
        if let Some(parent) = self.folder.join(&new).parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(self.folder.join(&old), self.folder.join(&new))?;
        let thing = self.things.remove(old.as_bytes()).flatten();
        self.things.insert(new.into_bytes(), thing);
        Ok(())
    }

    /// Half of the albums and a third of mails and documents go, the oldest ones of each.
    fn tidy_up(&mut self) -> io::Result<()> {
        for (below, part) in [("photos/", 2), ("courriel/", 3), ("services/", 3)] {
            let mut files = self.files(below);
            // Names end in numbers that grow.
            files.sort_by_key(|path| number_in(path));
            files.truncate(files.len() / part);
            files.iter().try_for_each(|path| self.remove(path))?;
        }
        Ok(())
    }

    fn take_archive_away(&mut self) -> io::Result<()> {
        for path in self.files(ARCHIVE) {
            let content = fs::read(self.folder.join(&path))?;
            self.things.remove(path.as_bytes());
            self.away.push((path, content));
        }
        self.things.remove(ARCHIVE.as_bytes());
        remove_folder(&self.folder.join(ARCHIVE))
    }

    fn bring_archive_back(&mut self) -> io::Result<()> {
        for (path, content) in std::mem::take(&mut self.away) {
            self.write(&path, &content)?;
        }
        Ok(())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        Desk::new(&self.folder, &mut self.ticks).write(&self.folder.join(path), content)?;
        self.note_parents(path);
        self.things.insert(path.as_bytes().to_vec(), Some(blake3::hash(content)));
        Ok(())
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        self.things.remove(path.as_bytes());
        fs::remove_file(self.folder.join(path))
    }

    fn note_parents(&mut self, path: &str) {
        for (end, _) in path.match_indices('/') {
            self.things.insert(path.as_bytes()[..end].to_vec(), None);
        }
    }

    /// The files below a folder, sorted.
    fn files(&self, below: &str) -> Vec<String> {
        let below =
            self.things.range(below.as_bytes().to_vec()..).take_while(|(path, _)| path.starts_with(below.as_bytes()));
        let files = below.filter(|(_, hash)| hash.is_some());
        files.map(|(path, _)| String::from_utf8_lossy(path).into_owned()).collect()
    }

    fn some_file(&mut self, below: &str) -> Option<String> {
        let files = self.files(below);
        files.get(self.dice.place(files.len())).cloned()
    }

    /// Makes a document: half of them compress.
    fn content(&mut self, bytes_max: u64) -> Vec<u8> {
        let bytes = (bytes_max / 16 + self.dice.below(bytes_max)) as usize;
        if self.dice.once_in(2) { noise(&mut self.dice, bytes) } else { text(&mut self.dice, bytes) }
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// The number that a name carries: of an album its own, of a file that which follows its first letter.
fn number_in(path: &str) -> u64 {
    let digits = path.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
    digits.filter_map(|digits| digits.parse().ok()).max().unwrap_or(0)
}

fn noise(dice: &mut Dice, bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    dice.fill(&mut noise);
    noise
}

fn text(dice: &mut Dice, bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 16);
    let mut order = vec![0; bytes / 2 + 1];
    dice.fill(&mut order);
    let words = order.iter().map(|choice| WORDS[usize::from(*choice) % WORDS.len()]);
    for word in words {
        text.extend(word.as_bytes());
        if text.len() >= bytes {
            break;
        }
    }
    text.truncate(bytes);
    text
}
