//! A folder that people work in, and what is in it.
#![expect(clippy::disallowed_methods, reason = "the simulation changes files in its own temporary folder")]

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::dice::Dice;

/// What a folder holds, by path.
pub type Contents = BTreeMap<Vec<u8>, Thing>;

/// One thing in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A file and its content.
    File(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link and its target.
    Link(Vec<u8>),
}

/// Reads a whole folder.
pub fn read_folder(folder: &Path) -> io::Result<Contents> {
    let mut contents = Contents::new();
    read_below(folder, b"", &mut contents)?;
    Ok(contents)
}

/// A folder in which files change, with a clock of its own: every change gets a new time, so that none hides in a tick
/// of the file system's.
pub struct Desk<'d> {
    folder: PathBuf,
    ticks: &'d mut u64,
}

impl<'d> Desk<'d> {
    /// Sits down at a folder. `ticks` counts changes.
    pub fn new(folder: &Path, ticks: &'d mut u64) -> Self {
        Self { folder: folder.to_path_buf(), ticks }
    }

    /// Does one thing to the folder, as people do; `big` is the length of a large file in bytes. Tells what it was.
    pub fn change(&mut self, dice: &mut Dice, big: Option<usize>) -> io::Result<String> {
        let files = self.files()?;
        let old = files.get(dice.place(files.len())).cloned();
        let new = self.folder.join(format!("{}/{}", dice.pick(&["a", "a/b", "été"]), dice.below(14)));
        let is_free = new.symlink_metadata().is_err();
        if let Some(bytes) = big {
            self.write(&self.folder.join("big"), &dice.content(bytes))?;
            return Ok(format!("a file of {bytes} bytes"));
        }
        match (dice.below(12), old) {
            (0, Some(old)) => fs::remove_file(old).map(|()| "delete".into()),
            (1, Some(old)) if is_free => self.rename(&old, &new),
            (2, Some(old)) if is_free => self.link(&old, &new),
            (3, Some(old)) if is_free => self.write(&new, &fs::read(old)?).map(|()| "copy".into()),
            (4 | 5, Some(old)) => self.edit(&old, dice),
            (6, _) if is_free => self.point(&new, dice),
            (7, _) => self.crowd(dice),
            (8, _) => self.empty("a/b").map(|()| "empty a folder".into()),
            _ => {
                let bytes = dice.below(20_000) as usize;
                self.write(&new, &dice.content(bytes)).map(|()| "write".into())
            }
        }
    }

    /// Writes a file, and the folders on the way to it.
    pub fn write(&mut self, path: &Path, content: &[u8]) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if path.symlink_metadata().is_ok_and(|stat| stat.is_symlink()) {
            fs::remove_file(path)?;
        }
        fs::write(path, content)?;
        self.date(path)
    }

    /// Removes a file, if it is there.
    pub fn remove(&mut self, path: &Path) -> io::Result<()> {
        if path.symlink_metadata().is_ok() { fs::remove_file(path) } else { Ok(()) }
    }

    /// Gives a file a time that no file had before.
    fn date(&mut self, path: &Path) -> io::Result<()> {
        *self.ticks += 1;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000 + *self.ticks);
        File::options().write(true).open(path)?.set_times(FileTimes::new().set_modified(time))
    }

    fn rename(&mut self, old: &Path, new: &Path) -> io::Result<String> {
        fs::create_dir_all(new.parent().unwrap_or(&self.folder))?;
        fs::rename(old, new).map(|()| "rename".into())
    }

    fn link(&mut self, old: &Path, new: &Path) -> io::Result<String> {
        fs::create_dir_all(new.parent().unwrap_or(&self.folder))?;
        fs::hard_link(old, new).map(|()| "link".into())
    }

    fn point(&mut self, new: &Path, dice: &mut Dice) -> io::Result<String> {
        fs::create_dir_all(new.parent().unwrap_or(&self.folder))?;
        symlink(format!("../somewhere/{}", dice.draw()), new).map(|()| "symbolic link".into())
    }

    /// Inserts into a file, cuts it, or puts zeros into it.
    fn edit(&mut self, path: &Path, dice: &mut Dice) -> io::Result<String> {
        let mut content = fs::read(path)?;
        let at = dice.place(content.len() + 1);
        let what = match dice.below(4) {
            0 => {
                content.truncate(at);
                "shrink"
            }
            1 => {
                drop(content.splice(at..at, vec![0; dice.place(40_000)]));
                "zeros"
            }
            2 => {
                let bytes = content.len();
                content = dice.content(bytes);
                "rewrite"
            }
            _ => {
                let bytes = dice.place(3000);
                drop(content.splice(at..at, dice.content(bytes)));
                "grow"
            }
        };
        self.write(path, &content)?;
        Ok(what.into())
    }

    /// Makes many small files.
    fn crowd(&mut self, dice: &mut Dice) -> io::Result<String> {
        let count = 20 + dice.below(60);
        let folder = self.folder.join(format!("many{}", dice.below(3)));
        for number in 0..count {
            self.write(&folder.join(format!("n{number:03}")), &dice.draw().to_le_bytes())?;
        }
        Ok(format!("{count} small files"))
    }

    fn empty(&mut self, name: &str) -> io::Result<()> {
        let folder = self.folder.join(name);
        if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
    }

    /// The regular files, sorted.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let things = read_names(&self.folder)?;
        Ok(things.into_iter().filter(|path| path.symlink_metadata().is_ok_and(|stat| stat.is_file())).collect())
    }
}

/// Copies a folder of files; what was at the new place is gone.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    remove_folder(to)?;
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

/// Removes a folder with all that is in it, if it is there.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

/// Makes an empty folder that only its owner may enter.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

fn read_names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(read_names(&entry.path())?);
        }
        names.push(entry.path());
    }
    names.sort();
    Ok(names)
}

fn read_below(folder: &Path, prefix: &[u8], contents: &mut Contents) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let mut path = prefix.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(entry.file_name().as_bytes());
        let kind = entry.file_type()?;
        let thing = if kind.is_dir() {
            read_below(&entry.path(), &path, contents)?;
            Thing::Directory
        } else if kind.is_symlink() {
            Thing::Link(fs::read_link(entry.path())?.as_os_str().as_bytes().to_vec())
        } else {
            Thing::File(fs::read(entry.path())?)
        };
        contents.insert(path, thing);
    }
    Ok(())
}
