//! A town and its tree afterwards, compared as the product compares them: by the agent, file by file and as a whole, and at the desk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use damage::{Named, judge_versions};
use triage::alarm::{Alarm, Sensitivity, weigh};
use triage::emptying::Emptying;
use triage::facts::Depth;
use triage::ledger::{Ledger, Seen};
use triage::pairing::{Lone, pair, pair_afar};
use triage::verdict::{Class, Reason, Verdict, judge};

use crate::town::{KEY, Kept, Town, name_of, paths_below, seen, split};

/// What was told of one path.
pub struct Told {
    /// The path before; of what is new, its path.
    pub path: String,
    /// Its path now, if that is another.
    pub path_now: Option<String>,
    /// The agent, if the version before was of the first backup.
    pub agent_at_first: Verdict,
    /// The agent, later.
    pub agent: Verdict,
    /// The desk.
    pub desk: Verdict,
}

/// What was told of a whole tree.
pub struct Comparison {
    /// Of every path that is not as it was.
    pub told: Vec<Told>,
    /// What the agent would do at the backup after the first one.
    pub alarm: Alarm,
}

/// Compares a town with its tree afterwards.
pub fn compare(town: &Town, top: &Path) -> io::Result<Comparison> {
    let mut reading = Reading { town, top, told: Vec::new(), ledger: Ledger::default(), new_left: Vec::new() };
    reading.folder(&Folder::of_trees(town, &paths_below(top)?), "")?;
    reading.afar();
    raise_emptied(&mut reading.told);
    Ok(Comparison { told: reading.told, alarm: weigh(&reading.ledger.finish(0).tally, Sensitivity::Usual) })
}

/// Texts that were emptied together with documents are lost: a rule over all that was told, asked of each who tells.
fn raise_emptied(told: &mut [Told]) {
    let sides: [fn(&mut Told) -> &mut Verdict; 3] =
        [|told| &mut told.agent_at_first, |told| &mut told.agent, |told| &mut told.desk];
    for side in sides {
        let mut emptying = Emptying::default();
        told.iter_mut().map(side).for_each(|told| emptying.note(told.class, &told.reasons));
        told.iter_mut().map(side).for_each(|told| told.class = emptying.raise(told.class, &told.reasons));
    }
}

/// The names of one folder, before and after.
#[derive(Default)]
struct Folder {
    before: BTreeSet<String>,
    after: BTreeSet<String>,
    folders: BTreeMap<String, Folder>,
}

impl Folder {
    fn of_trees(town: &Town, after: &[String]) -> Self {
        let mut top = Self::default();
        for path in town.files.keys() {
            top.at(split(path).0).before.insert(name_of(path).to_string());
        }
        for path in after {
            top.at(split(path).0).after.insert(name_of(path).to_string());
        }
        top
    }

    fn at(&mut self, path: &str) -> &mut Self {
        path.split('/')
            .filter(|name| !name.is_empty())
            .fold(self, |folder, name| folder.folders.entry(name.to_string()).or_default())
    }
}

struct Reading<'t> {
    town: &'t Town,
    top: &'t Path,
    told: Vec<Told>,
    ledger: Ledger,
    /// What is new in some folder, and was paired with nothing there.
    new_left: Vec<(String, Vec<u8>)>,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Folder, path: &str) -> io::Result<()> {
        self.ledger.enter(name_of(path).as_bytes());
        for name in folder.before.intersection(&folder.after) {
            self.both(&join(path, name))?;
        }
        let gone: Vec<String> = folder.before.difference(&folder.after).map(|name| join(path, name)).collect();
        let new: Vec<String> = folder.after.difference(&folder.before).map(|name| join(path, name)).collect();
        self.lone(&gone, &new)?;
        for (name, inner) in &folder.folders {
            self.folder(inner, &join(path, name))?;
        }
        self.ledger.leave();
        Ok(())
    }

    /// A path that is there before and after.
    fn both(&mut self, path: &str) -> io::Result<()> {
        let (kept, bytes) = (&self.town.files[path], std::fs::read(self.top.join(path))?);
        if bytes == kept.bytes {
            self.ledger.same();
            return Ok(());
        }
        let after = seen(path, &bytes, Depth::Full);
        self.ledger.changed(name_of(path).as_bytes(), &kept.at_first, &after);
        self.told.push(told(path, None, kept, &bytes));
        Ok(())
    }

    /// Paths of one folder that are gone, and that are new: pairs of them are judged as both the agent and the desk do.
    fn lone(&mut self, gone: &[String], new: &[String]) -> io::Result<()> {
        for path in gone {
            let kept = &self.town.files[path];
            let content = number_of(&kept.bytes);
            self.ledger.gone(&Seen { name: name_of(path).as_bytes(), version: kept.at_first, content });
        }
        let mut contents = Vec::new();
        for path in new {
            let bytes = std::fs::read(self.top.join(path))?;
            let (version, content) = (seen(path, &bytes, Depth::Full), number_of(&bytes));
            self.ledger.new_file(&Seen { name: name_of(path).as_bytes(), version, content });
            contents.push(bytes);
        }
        let was: Vec<Lone<'_>> = gone.iter().map(|path| lone(path, &self.town.files[path].bytes)).collect();
        let is: Vec<Lone<'_>> = new.iter().zip(&contents).map(|(path, bytes)| lone(path, bytes)).collect();
        let (mut judged, mut paired) = (BTreeMap::new(), BTreeSet::new());
        for found in pair(&was, &is) {
            let kept = &self.town.files[&gone[found.gone]];
            if kept.bytes != contents[found.new] {
                let told = told(&gone[found.gone], Some(&new[found.new]), kept, &contents[found.new]);
                paired.extend(told.desk.class.is_hurt().then_some(found.new));
                judged.insert(gone[found.gone].clone(), told);
            }
        }
        let deleted = |path: &String| unpaired(path, Class::Deleted);
        self.told.extend(gone.iter().map(|path| judged.remove(path).unwrap_or_else(|| deleted(path))));
        self.told.extend(new.iter().map(|path| unpaired(path, Class::New)));
        let left = new.iter().zip(contents).enumerate().filter(|(at, _)| !paired.contains(at));
        self.new_left.extend(left.map(|(_, (path, bytes))| (path.clone(), bytes)));
        Ok(())
    }

    /// Pairs over the whole tree what is gone and new, after all folders: a pair that is hurt is no longer told as gone.
    fn afar(&mut self) {
        let is_gone = |told: &&Told| told.desk.class == Class::Deleted;
        let gone: Vec<String> = self.told.iter().filter(is_gone).map(|told| told.path.clone()).collect();
        let was: Vec<Lone<'_>> = gone.iter().map(|path| lone(path, &self.town.files[path].bytes)).collect();
        let is: Vec<Lone<'_>> = self.new_left.iter().map(|(path, bytes)| lone(path, bytes)).collect();
        let mut judged = BTreeMap::new();
        for found in pair_afar(&was, &is) {
            let (kept, (path_now, bytes)) = (&self.town.files[&gone[found.gone]], &self.new_left[found.new]);
            if kept.bytes != *bytes {
                let told = told(&gone[found.gone], Some(path_now), kept, bytes);
                judged.extend(told.desk.class.is_hurt().then(|| (gone[found.gone].clone(), told)));
            }
        }
        for told in &mut self.told {
            if let Some(found) = judged.remove(&told.path) {
                // The agent sees folder by folder.
                *told = Told { agent: told.agent.clone(), agent_at_first: told.agent_at_first.clone(), ..found };
            }
        }
    }
}

/// Judges two versions. A pair that is not hurt is no pair: one is gone, another is new.
fn told(path: &str, path_now: Option<&str>, kept: &Kept, bytes: &[u8]) -> Told {
    let name = path_now.unwrap_or(path);
    let after = seen(name, bytes, Depth::Full);
    let before = Named { content: &kept.bytes, name: name_of(path).as_bytes() };
    let bytes = bytes.to_vec();
    let now = Named { content: &bytes, name: name_of(name).as_bytes() };
    let desk = judge_versions(before, now, KEY).expect("bytes in memory can be read");
    let of_pair = |verdict: Verdict| match (path_now, verdict.class) {
        (None, _) => verdict,
        (Some(_), Class::Damaged) => Verdict { class: Class::RenamedDamaged, ..verdict },
        (Some(_), _) => Verdict { class: Class::Deleted, ..verdict },
    };
    Told {
        path: path.to_string(),
        path_now: path_now.map(str::to_string),
        agent_at_first: of_pair(judge(&kept.at_first, &after, None)),
        agent: of_pair(judge(&kept.later, &after, None)),
        desk: of_pair(desk),
    }
}

fn unpaired(path: &str, class: Class) -> Told {
    let verdict = || Verdict { class, reasons: Vec::<Reason>::new() };
    Told { path: path.to_string(), path_now: None, agent_at_first: verdict(), agent: verdict(), desk: verdict() }
}

fn lone<'n>(path: &'n str, bytes: &[u8]) -> Lone<'n> {
    Lone { name: name_of(path).as_bytes(), bytes: bytes.len() as u64 }
}

/// Returns a number that is the same for the same bytes.
fn number_of(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*blake3::hash(bytes).as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}
