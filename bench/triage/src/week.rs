//! An attack that lasts five backups, in a town that works before, meanwhile and after: is the clean tree what it should be?
//!
//! Some files of the corpus make a town. People edit, rename, add and delete; each day a part of the files is attacked, in a copy of
//! that part, and what became of it takes its place. What should be there is written down as it happens. At the end the program
//! makes its plan and restores it, and both are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use exercise::Sandbox;
use exercise::attack::{Disguise, Profile, attack};
use serde::Serialize;
use triage::Kind;

use crate::program::{TownHall, text};
use crate::town::paths_below;

/// So many files make a town.
const FILES: usize = 120;
const BYTES_MAX: u64 = 2 << 20;
/// So many backups the attack lasts.
const DAYS: u64 = 5;
/// So many files are worked on between two backups.
const WORKED_ON: usize = 6;
/// On one day in so many, a text is corrected in its place.
const CORRECTED_ONE_IN: usize = 6;

#[derive(Serialize, Default)]
struct WeekLine<'r> {
    run: &'static str,
    profile: &'r str,
    seed: u64,
    files: usize,
    /// Files that the attack harmed.
    harmed: usize,
    /// Harmed, and given back as they should be.
    right: usize,
    /// Harmed, not as they should be, and listed for people.
    listed: usize,
    /// Deleted, and not given back, since what they held is there under another path that came the same day: a copy that somebody made.
    elsewhere: usize,
    /// Harmed, not as they should be, and not listed: the harm was not seen.
    missed: Vec<String>,
    /// Not harmed, and not as they should be.
    good_work_lost: Vec<String>,
    /// Not harmed, and listed for people: doubtful or unknown.
    listed_for_nothing: usize,
    /// Left by the attack, and not taken away: notes, wrecks of which nobody knows what they were.
    left_over: usize,
    /// Deleted by people in the days of the attack, given back, and listed.
    brought_back: usize,
    /// There and should not be, for no reason that is known.
    odd: Vec<String>,
    /// Harmed before they, or their last edits, were ever kept.
    never_kept: usize,
}

/// What should be there: contents by path.
type Should = BTreeMap<String, Vec<u8>>;

/// Runs one profile, and gives one line.
pub fn week(
    (corpus, place): (&Path, &Path),
    beffroi: &Path,
    profile: &Profile,
    seed: u64,
    line: &mut dyn FnMut(String),
) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(place)?;
    let live = folder.path().join("town");
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut should = settle(corpus, &live, &mut chance)?;
    let town = TownHall::open(beffroi, place, live.clone())?;
    town.keep()?;
    work(&live, &mut should, &BTreeSet::new(), &mut chance, 0)?;
    let sound = town.keep()?.0;
    let (mut harmed, mut left) = (BTreeSet::new(), BTreeSet::new());
    let (mut deleted_meanwhile, mut never_kept) = (BTreeSet::new(), 0);
    for day in 1..=DAYS {
        let kept = should.clone();
        let gone = work(&live, &mut should, &harmed, &mut chance, day)?;
        deleted_meanwhile.extend(gone);
        let before = harmed.clone();
        strike(&live, place, profile, (seed, day), &should, &mut harmed, &mut left)?;
        // What was written today and harmed today, nobody has.
        for path in
            harmed.difference(&before).filter(|path| kept.get(*path) != should.get(*path)).cloned().collect::<Vec<_>>()
        {
            never_kept += 1;
            match kept.get(&path) {
                Some(content) => drop(should.insert(path, content.clone())),
                None => {
                    should.remove(&path);
                    left.insert(path.clone());
                    harmed.remove(&path);
                }
            }
        }
        town.keep()?;
    }
    work(&live, &mut should, &harmed, &mut chance, DAYS + 1)?;
    town.keep()?;
    let (fresh, planned) = town.clean(&sound)?;
    let mut told = WeekLine {
        run: "week",
        profile: profile.name,
        seed,
        files: should.len(),
        harmed: harmed.len(),
        never_kept,
        ..WeekLine::default()
    };
    let mut there: BTreeSet<String> = paths_below(&fresh)?.into_iter().collect();
    compare((&should, &harmed), (&fresh, &planned), &mut there, &mut told)?;
    for path in there {
        if left.contains(&path) {
            told.left_over += 1;
        } else if deleted_meanwhile.contains(&path) {
            told.brought_back += 1;
        } else {
            told.odd.push(path);
        }
    }
    line(serde_json::to_string(&told)?);
    Ok(())
}

/// Holds what came back against what should be there; what is left in `there` should not be.
fn compare(
    (should, harmed): (&Should, &BTreeSet<String>),
    (fresh, planned): (&Path, &BTreeMap<String, String>),
    there: &mut BTreeSet<String>,
    told: &mut WeekLine<'_>,
) -> Result<(), Box<dyn Error>> {
    let is_listed =
        |path: &String| planned.get(path).is_some_and(|said| said.starts_with("keep") && !said.ends_with("deleted"));
    for (path, content) in should {
        let is_right = there.remove(path) && fs::read(fresh.join(path))? == *content;
        match (is_right, harmed.contains(path), is_listed(path)) {
            (true, true, _) => told.right += 1,
            (false, true, true) => told.listed += 1,
            (false, true, false) if !fresh.join(path).exists() && is_elsewhere(fresh, should, path)? => {
                told.elsewhere += 1;
            }
            (false, true, false) => {
                let said = planned.get(path).map_or("not in the plan", String::as_str);
                told.missed.push(format!("{path}: {said}"));
            }
            (true, false, is_listed) => told.listed_for_nothing += usize::from(is_listed),
            (false, false, _) => told.good_work_lost.push(path.clone()),
        }
    }
    Ok(())
}

/// Tells whether another path has what one should have.
fn is_elsewhere(fresh: &Path, should: &Should, path: &str) -> Result<bool, Box<dyn Error>> {
    let others = should.iter().filter(|(other, content)| *other != path && **content == should[path]);
    for (other, content) in others {
        if fs::read(fresh.join(other)).is_ok_and(|there| there == *content) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Chooses files of the corpus and copies them.
fn settle(corpus: &Path, live: &Path, chance: &mut Chance) -> Result<Should, Box<dyn Error>> {
    let mut paths = paths_below(corpus)?;
    paths.sort();
    let mut should = Should::new();
    while should.len() < FILES && !paths.is_empty() {
        let path = paths.swap_remove(chance.below(paths.len()));
        let bytes = fs::metadata(corpus.join(&path))?.len();
        if bytes == 0 || bytes > BYTES_MAX {
            continue;
        }
        let content = fs::read(corpus.join(&path))?;
        write(live, &path, &content)?;
        should.insert(path, content);
    }
    Ok(should)
}

/// Works on some files that are as they should be. Returns the paths that are no more.
fn work(
    live: &Path,
    should: &mut Should,
    harmed: &BTreeSet<String>,
    chance: &mut Chance,
    day: u64,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut deleted = Vec::new();
    let sound: Vec<String> = should.keys().filter(|path| !harmed.contains(*path)).cloned().collect();
    for at in 0..WORKED_ON.min(sound.len()) {
        let path = &sound[chance.below(sound.len())];
        let Some(content) = should.get(path).cloned() else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        match at % 6 {
            0 | 1 if is_plain_text(&content, name) => {
                let edited = [&content[..], format!("Une ligne de plus, jour {day}.\n").as_bytes()].concat();
                put(live, should, path, edited)?;
            }
            0 | 1 => put(live, should, &format!("{path} (copie du jour {day}).{}", extension(name)), content)?,
            2 => {
                let renamed = format!("{}jour {day}, {name}", &path[..path.len() - name.len()]);
                fs::rename(live.join(path), live.join(&renamed))?;
                should.remove(path);
                deleted.push(path.clone());
                should.insert(renamed, content);
            }
            3 => {
                fs::remove_file(live.join(path))?;
                should.remove(path);
                deleted.push(path.clone());
            }
            _ => {
                let words = format!("Compte rendu du jour {day}, dossier {}.\n", chance.below(1000)).repeat(20 + at);
                put(live, should, &format!("{path}, compte rendu {day}-{at}.txt"), words.into_bytes())?;
            }
        }
    }
    // Now and then somebody corrects a digit in a small text: it is as long as before.
    if chance.below(CORRECTED_ONE_IN) == 0 && !sound.is_empty() {
        let path = &sound[chance.below(sound.len())];
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(corrected) =
            should.get(path).filter(|content| is_plain_text(content, name)).and_then(|content| corrected(content))
        {
            put(live, should, path, corrected)?;
        }
    }
    Ok(deleted)
}

/// Replaces the last digit by another one.
fn corrected(content: &[u8]) -> Option<Vec<u8>> {
    let at = content.iter().rposition(u8::is_ascii_digit)?;
    let mut corrected = content.to_vec();
    corrected[at] = b'0' + (content[at] - b'0' + 3) % 10;
    Some(corrected)
}

/// Attacks a part of the files, in a copy of that part.
fn strike(
    live: &Path,
    place: &Path,
    profile: &Profile,
    (seed, day): (u64, u64),
    should: &Should,
    harmed: &mut BTreeSet<String>,
    left: &mut BTreeSet<String>,
) -> Result<(), Box<dyn Error>> {
    let part = tempfile::tempdir_in(place)?;
    let mut taken = Vec::new();
    for (path, content) in should {
        let is_turn = (1..DAYS).contains(&day) && blake3::hash(path.as_bytes()).as_bytes()[0] % DAYS as u8 == day as u8;
        if !harmed.contains(path) && (is_turn || day == DAYS) {
            write(part.path(), path, content)?;
            // Times are part of what attackers restore.
            let times = fs::metadata(live.join(path))?.modified()?;
            fs::File::options().write(true).open(part.path().join(path))?.set_modified(times)?;
            taken.push(path.clone());
        }
    }
    let sandbox = Sandbox::copy(part.path(), place, &mut |_| {})?;
    // One attacker has one disguise.
    let truth = attack(&sandbox, profile.clone(), Disguise::of_seed(seed), seed * 10 + day)?;
    for record in truth.records.iter().filter(|record| record.is_harm()) {
        harmed.extend(text(record.before.as_ref()));
    }
    for path in &taken {
        fs::remove_file(live.join(path))?;
    }
    for path in paths_below(&sandbox.path())? {
        let from = sandbox.path().join(&path);
        write(live, &path, &fs::read(&from)?)?;
        fs::File::options().write(true).open(live.join(&path))?.set_modified(fs::metadata(&from)?.modified()?)?;
        if !should.contains_key(&path) {
            left.insert(path);
        }
    }
    Ok(())
}

fn put(live: &Path, should: &mut Should, path: &str, content: Vec<u8>) -> std::io::Result<()> {
    write(live, path, &content)?;
    should.insert(path.to_string(), content);
    Ok(())
}

fn write(top: &Path, path: &str, content: &[u8]) -> std::io::Result<()> {
    let path = top.join(path);
    fs::create_dir_all(path.parent().unwrap_or(top))?;
    fs::write(path, content)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("dat", |(_, extension)| extension)
}

/// Tells whether a line more does no harm.
fn is_plain_text(content: &[u8], name: &str) -> bool {
    let is_plain = matches!(Kind::of(content, name.as_bytes()), Kind::Text | Kind::Csv | Kind::Sql | Kind::Script);
    is_plain && std::str::from_utf8(content).is_ok()
}

/// Marsaglia's xorshift (2003): enough to choose files by.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}
