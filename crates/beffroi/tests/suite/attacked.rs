//! The harmless attacker against a copy, the real program, and the truth: what is told must be what was done.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use exercise::Sandbox;
use exercise::attack::{Disguise, Profile, attack, evasions, families, wipers};

use crate::rig::Rig;

/// Real files of some kinds, of which Debian and Python bring many: no file is in two folders.
fn fill(folder: &Path) {
    let made = Command::new("python3").arg("-c").arg(MAKE).arg(folder).status();
    assert!(made.expect("python3 is there: apt-get install python3").success());
}

const MAKE: &str = "
import gzip, os, random, sqlite3, sys, zipfile, zlib, struct
random.seed(11)
words = 'commune conseil délibération budget école voirie urbanisme séance arrêté maire registre'.split()
def text(lines): return '\\n'.join(' '.join(random.choice(words) for _ in range(9)) for _ in range(lines)) + '\\n'
def png(width, height):
    rows = b''.join(b'\\0' + bytes(random.randrange(90) + x % 40 for x in range(width * 3)) for _ in range(height))
    chunk = lambda kind, body: struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    head = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')
for place in ['mairie', 'mairie/finances', 'école', 'services/état civil', 'services/voirie']:
    folder = os.path.join(sys.argv[1], place)
    os.makedirs(folder, exist_ok=True)
    at = lambda name: os.path.join(folder, name)
    for number in range(3):
        open(at(f'note {number}.txt'), 'w').write(text(60 + 40 * number))
        open(at(f'compte {number}.csv'), 'w').write(text(300).replace(' ', ';'))
        with gzip.open(at(f'journal {number}.log.gz'), 'wb') as made: made.write(text(900).encode())
        open(at(f'photo {number}.png'), 'wb').write(png(60, 50 + number))
        with zipfile.ZipFile(at(f'dossier {number}.zip'), 'w', zipfile.ZIP_DEFLATED) as made:
            for part in range(4): made.writestr(f'pièce {part}.txt', text(400))
    base = sqlite3.connect(at('fichier.sqlite'))
    base.execute('create table habitants (nom text, rue text)')
    base.executemany('insert into habitants values (?, ?)', [(text(1), text(1)) for _ in range(200)])
    base.commit(); base.close()
";

/// What a profile leaves is told path by path; returns what of its harm was not.
fn missed(profile: &Profile, seed: u64) -> (Vec<String>, Vec<String>, i32) {
    let rig = Rig::new();
    let original = rig.path("original");
    fs::create_dir(&original).unwrap();
    fill(&original);
    let sandbox = Sandbox::copy(&original, rig.folder.path(), &mut |fault| panic!("{fault}")).unwrap();
    let copy = sandbox.path().to_str().unwrap().to_string();
    let keep = |code: &[i32]| {
        let ran = rig.run(["backup", "--source", "town", &copy]);
        assert!(code.contains(&ran.code), "{}: {}\n{}", profile.name, ran.code, ran.err);
        ran.code
    };
    keep(&[0]);
    let truth = attack(&sandbox, profile.clone(), Disguise::of_seed(seed), seed).unwrap();
    let code = keep(&[0, 4]);
    let ran = rig.run(["--json", "damage"]).done();
    let told = |classes: &[&str]| -> BTreeSet<String> {
        let lines = ran.events("damage").into_iter().filter(|line| classes.contains(&line["class"].as_str().unwrap()));
        lines.map(|line| line["path"].as_str().unwrap().to_string()).collect()
    };
    let harmed: BTreeSet<String> = truth
        .records
        .iter()
        .filter(|record| record.is_harm())
        .filter_map(|record| record.before.as_ref())
        .map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned())
        .collect();
    let found = told(&["damaged", "renamed-damaged", "deleted", "suspect"]);
    let wrong = told(&["damaged", "renamed-damaged"]);
    (harmed.difference(&found).cloned().collect(), wrong.difference(&harmed).cloned().collect(), code)
}

#[test]
fn every_family_is_found_path_by_path_and_rings() {
    for (seed, profile) in (1..).zip(families()) {
        let (missed, wrong, code) = missed(&profile, seed);
        assert_eq!((missed.len(), wrong.len(), code), (0, 0, 4), "{}: {missed:?} {wrong:?}", profile.name);
    }
}

#[test]
fn every_wiper_is_found_and_rings() {
    for (seed, profile) in (101..).zip(wipers()) {
        let (missed, wrong, code) = missed(&profile, seed);
        assert_eq!((missed.len(), wrong.len(), code), (0, 0, 4), "{}: {missed:?} {wrong:?}", profile.name);
    }
}

/// What makes letters of letters leaves a text: nothing but reading it would tell.
const LETTERS_OF_LETTERS: [&str; 2] = ["low-bits", "one-bit"];

#[test]
fn evasions_are_found_but_for_letters_made_of_letters() {
    let mut rang = 0;
    for (seed, profile) in (201..).zip(evasions()) {
        let (missed, wrong, code) = missed(&profile, seed);
        rang += usize::from(code == 4);
        let is_text = |path: &String| path.ends_with(".txt") || path.ends_with(".csv");
        let is_known = LETTERS_OF_LETTERS.contains(&profile.name) && missed.iter().all(is_text);
        assert!(missed.is_empty() || is_known, "{}: {missed:?}", profile.name);
        assert!(wrong.is_empty(), "{}: {wrong:?}", profile.name);
    }
    // Two leave files of these sizes alone.
    assert_eq!(rang, evasions().len() - 2);
}
