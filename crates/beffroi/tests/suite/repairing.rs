//! The repair in place: every kind of entry, and whoever works on the tree at the same time.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use restore::compare::{Aspect, CompareOptions, compare_trees};

use crate::alarms::town;
use crate::interruptions::desk::Mount;
use crate::rig::{Ran, Rig, noise, same};
use crate::slowly::hurt;

#[path = "repairing/swapping.rs"]
mod swapping;

const MEND: [&str; 6] = ["--json", "restore", "latest", "--to", "source", "--overwrite"];

/// Repairs from the newest snapshot.
fn mend(rig: &Rig, more: &[&str]) -> Ran {
    rig.run([&MEND[..], &["if-damaged"], more].concat())
}

fn shell(rig: &Rig, script: &str) {
    let ran = Command::new("sh").args(["-ec", script]).current_dir(rig.folder.path()).status().unwrap();
    assert!(ran.success(), "{script}");
}

/// Among the paths: what was linked may not be.
const LINKS: &str = "links";

/// Demands that two folders are the same, attributes and links too, but for the times of folders that were there.
fn assert_alike(one: &Path, other: &Path, but_times_of: &[&str]) {
    let found = compare_trees(one, other, &CompareOptions::default()).unwrap();
    let matters = |aspect: &Aspect, path: &str| match aspect {
        Aspect::ModifiedAt(..) => !but_times_of.contains(&path),
        Aspect::HardLinks => !but_times_of.contains(&LINKS),
        _ => true,
    };
    let differences = found.differences.into_iter();
    let left: Vec<_> = differences.filter(|one| matters(&one.aspect, &one.path.to_string())).collect();
    assert!(left.is_empty(), "{left:#?}");
}

const ODDITIES: &str = "
    cd source
    ln -s 'lettre 1.txt' mairie/lien; ln -s /nowhere mairie/pendant; chown -h 1000:1000 mairie/lien
    touch -h -d 2001-02-03 mairie/lien
    mkfifo -m 640 mairie/tube; mknod mairie/nul c 1 3; chmod 666 mairie/nul
    mkdir -p -m 750 vide 'service/vide aussi'; chown 1000:100 vide; setfattr -n user.marque -v 1 vide
    chmod 2775 service; chown 1000:100 service; setfacl -d -m u:1000:rwx service
    echo bonjour >service/note; ln -s note service/lien
    head -c 40000 mairie/lettre\\ 1.txt >mairie/double; ln mairie/double ecole/double; ln mairie/double service/double
    chmod 640 mairie/double; chown 1000:100 mairie/double; setfattr -n user.marque -v deux mairie/double
    setfacl -m u:1000:r mairie/double; touch -d 2002-03-04 mairie/double vide service 'service/vide aussi'
";

/// Takes the oddities away, or puts something else in their places.
const HARM: &str = "
    cd source
    rm mairie/lien mairie/tube mairie/nul; mkfifo mairie/lien; ln -s /etc/passwd mairie/tube; mkdir mairie/nul
    rm mairie/pendant; rmdir vide; ln -s /etc vide
    rm -r service; echo 'un fichier' >service
";

/// Writes over a file of three names.
const HARM_LINKED: &str = "
    head -c 40000 /dev/urandom >wreck; cat wreck >mairie/double; rm wreck
";

#[test]
fn every_kind_of_entry_comes_back_from_a_snapshot_and_by_a_plan() {
    for by_plan in [false, true] {
        let rig = Rig::new();
        town(&rig);
        shell(&rig, ODDITIES);
        rig.backup();
        shell(&rig, &format!("cp -a source should\n{HARM}{HARM_LINKED}"));
        if by_plan {
            rig.run(["clean", "--since", "latest", "--plan", "plan"]).done();
        }
        let what: &[&str] = if by_plan { &["--plan", "plan"] } else { &["latest"] };
        let how = ["--to", "source", "--overwrite", "if-damaged", "--verify", "--evidence", "kept"];
        let ran = rig.run([&["--json", "restore"], what, &how].concat()).done();
        let summary = ran.events("summary").remove(0);
        assert_alike(&rig.path("source"), &rig.path("should"), &[".", "mairie", "ecole"]);
        assert_eq!(summary["verified"], 4, "the file of three names, and a note: {summary}");
        assert_eq!((summary["stayed"].as_u64(), summary["faults"].as_u64()), (Some(0), Some(0)), "{summary}");
        // What lay in their places is kept: a file, links, a fifo; an empty folder is not.
        assert_eq!(fs::read(rig.path("kept/service")).unwrap(), b"un fichier\n");
        assert!(fs::symlink_metadata(rig.path("kept/vide")).unwrap().is_symlink());
        assert!(fs::symlink_metadata(rig.path("kept/mairie/lien")).unwrap().file_type().is_fifo());
        assert_eq!(fs::read_link(rig.path("kept/mairie/tube")).unwrap(), Path::new("/etc/passwd"));
        assert_eq!(fs::metadata(rig.path("kept/mairie/double")).unwrap().len(), 40_000);
        let again = rig.run([&["--json", "restore"], what, &how].concat()).done();
        assert_eq!(again.events("summary")[0]["back"], 0, "nothing is left to do");
    }
}

#[test]
fn a_file_or_a_folder_in_the_way_is_not_lost() {
    let rig = Rig::new();
    town(&rig);
    shell(&rig, ODDITIES);
    rig.backup();
    shell(&rig, "cp -a source should; cd source; rm -r service; echo travail >service; rm mairie/lien mairie/tube");
    shell(&rig, "cd source; echo a >mairie/lien; mkdir mairie/tube ecole/x; mv 'ecole/lettre 1.txt' ecole/x/");
    shell(&rig, "cd source; mv ecole/x 'ecole/lettre 1.txt'; echo b >mairie/tube/travail");
    let ran = mend(&rig, &[]).ends(3);
    assert_eq!(ran.events("summary")[0]["stayed"], 4, "{}", ran.out);
    for (path, content) in [("service", "travail\n"), ("mairie/lien", "a\n"), ("mairie/tube/travail", "b\n")] {
        assert_eq!(fs::read_to_string(rig.path("source").join(path)).unwrap(), content);
    }
    let said = rig.run(["restore", "latest", "--to", "source", "--overwrite", "if-damaged"]).ends(3);
    let said = said.says("a file lies at service, where there was none; with --evidence DIR it goes there");
    said.says("a folder with something in it is in the way at mairie/tube");
    mend(&rig, &["--evidence", "kept"]).ends(3);
    assert_eq!(fs::read(rig.path("kept/service")).unwrap(), b"travail\n");
    assert!(rig.path("source/service/vide aussi").is_dir());
    shell(&rig, "rm -r source/mairie/tube 'source/ecole/lettre 1.txt'");
    mend(&rig, &["--evidence", "kept"]).done();
    // A name that comes back beside sound ones is a file of its own.
    assert_alike(&rig.path("source"), &rig.path("should"), &[".", "mairie", "ecole", LINKS]);
}

#[test]
fn links_that_point_elsewhere_and_other_rights_stay_and_are_told() {
    let rig = Rig::new();
    town(&rig);
    shell(&rig, ODDITIES);
    rig.backup();
    shell(&rig, "cd source; ln -sfn /ailleurs mairie/lien; chmod 700 ecole; chown 7:7 'ecole/lettre 1.txt' vide");
    // A file that is put back has its own rights again, and is not told.
    shell(&rig, "chmod 777 'source/mairie/lettre 2.txt'");
    hurt(&rig.path("source/mairie/lettre 2.txt"), 1);
    let before = fs::metadata(rig.path("source/ecole")).unwrap();
    let ran = mend(&rig, &[]).done();
    let summary = ran.events("summary").remove(0);
    assert_eq!((summary["elsewhere"].as_u64(), summary["attributes"].as_u64()), (Some(1), Some(3)), "{summary}");
    let told = ran.events("elsewhere").remove(0);
    assert_eq!((told["path"].as_str(), told["now"].as_str()), (Some("mairie/lien"), Some("/ailleurs")), "{told}");
    assert_eq!(told["kept"], "lettre 1.txt");
    let mut told: Vec<_> =
        ran.events("attributes").iter().map(|one| one["path"].as_str().unwrap().to_string()).collect();
    told.sort();
    assert_eq!(told, ["ecole", "ecole/lettre 1.txt", "vide"]);
    assert_eq!(fs::read_link(rig.path("source/mairie/lien")).unwrap(), Path::new("/ailleurs"));
    let after = fs::metadata(rig.path("source/ecole")).unwrap();
    let of = |about: &fs::Metadata| (about.mode(), about.mtime(), about.mtime_nsec(), about.ctime_nsec());
    assert_eq!(of(&after), of(&before));
    let said = rig.run(["--lang", "fr", "restore", "latest", "--to", "source", "--overwrite", "if-damaged"]).done();
    said.says("Le lien mairie/lien mène à /ailleurs").says("3 fichiers ou dossiers qui restent");
    // One that should point where it did is given back by name.
    rig.run(["restore", "latest:mairie/lien", "--to", "source/mairie", "--overwrite", "always"]).done();
    assert_eq!(fs::read_link(rig.path("source/mairie/lien")).unwrap(), Path::new("lettre 1.txt"));
}

#[test]
fn a_part_of_a_source_is_repaired_where_it_lies() {
    let rig = Rig::new();
    town(&rig);
    shell(&rig, ODDITIES);
    rig.backup();
    shell(&rig, "cp -a source should");
    for name in ["mairie/lettre 1.txt", "mairie/urbanisme/compte 1.csv", "ecole/lettre 1.txt", "mairie/double"] {
        hurt(&rig.path("source").join(name), 2);
    }
    let other = fs::read(rig.path("source/ecole/lettre 1.txt")).unwrap();
    let how = ["--to", "source/mairie", "--overwrite", "if-damaged", "--verify", "--evidence", "kept"];
    let ran = rig.run([&["--json", "restore", "latest:mairie/"], &how[..]].concat()).done();
    let summary = ran.events("summary").remove(0);
    assert_eq!((summary["back"].as_u64(), summary["verified"].as_u64()), (Some(3), Some(3)), "{summary}");
    assert_eq!(fs::read(rig.path("source/ecole/lettre 1.txt")).unwrap(), other, "what is beside is not touched");
    assert!(rig.path("kept/urbanisme/compte 1.csv").exists(), "evidence is kept by its path from the folder");
    assert!(same(&rig.path("source/mairie/urbanisme"), &rig.path("should/mairie/urbanisme")));
    assert_eq!(
        fs::read(rig.path("source/mairie/double")).unwrap(),
        fs::read(rig.path("should/mairie/double")).unwrap()
    );
    rig.run(["restore", "latest:nulle part", "--to", "source", "--overwrite", "if-damaged"]).ends(1);
}

#[test]
fn one_of_several_folders_is_not_repaired_with_what_was_kept_of_all() {
    let rig = Rig::new();
    town(&rig);
    fs::create_dir(rig.path("home")).unwrap();
    fs::write(rig.path("home/note"), "one").unwrap();
    let keep = || rig.run(["backup", "--source", "files", "source", "home"]);
    keep().done();
    let (mayors, school) = (rig.path("source/mairie/lettre 1.txt"), rig.path("source/ecole/lettre 1.txt"));
    let was = fs::read(&mayors).unwrap();
    hurt(&mayors, 1);
    hurt(&school, 2);
    let spoilt = fs::read(&mayors).unwrap();
    rig.run(["clean", "--plan", "plan", "--since", "latest"]).done();
    let how = ["--overwrite", "if-damaged"];
    for what in [&["restore", "--plan", "plan"][..], &["restore", "latest"]] {
        for to in ["source", "./source/", "source/../source"] {
            let ran = rig.run([what, &["--to", to], &how].concat()).ends(2);
            ran.says("is one of several folders that were kept together")
                .says("Give the folder in which they all lie: --to ");
        }
    }
    assert_eq!(fs::read(&mayors).unwrap(), spoilt, "nothing was touched");
    assert!(!rig.path("source/source").exists());
    // The folder of that name in the snapshot is the one that lies there.
    let part = format!("files@latest:{}", &rig.path("source").display().to_string()[1..]);
    rig.run([&["restore", &part, "--to", "source"][..], &how].concat()).done();
    assert_eq!(fs::read(&mayors).unwrap(), was);
    // Elsewhere it is given back under its whole path, and repaired from there.
    rig.run(["restore", "latest", "--to", "out"]).done();
    let moved = rig.path("out").join(mayors.strip_prefix("/").unwrap());
    hurt(&moved, 3);
    rig.run([&["restore", "latest", "--to", "out"][..], &how].concat()).done();
    assert_eq!(fs::read(&moved).unwrap(), was);
}

#[test]
fn evidence_goes_to_another_disk_and_never_into_the_tree() {
    let rig = Rig::new();
    town(&rig);
    shell(&rig, ODDITIES);
    rig.backup();
    shell(&rig, &format!("cp -a source should\n{HARM}"));
    hurt(&rig.path("source/mairie/lettre 3.txt"), 3);
    let wreck = fs::read(rig.path("source/mairie/lettre 3.txt")).unwrap();
    symlink("source/mairie", rig.path("lien")).unwrap();
    for place in ["source/kept", "source", "lien/kept", "./source/../source/a/b"] {
        mend(&rig, &["--evidence", place]).ends(2);
    }
    assert!(!rig.path("source/kept").exists() && !rig.path("source/mairie/kept").exists());
    // A link in the place of a folder of evidence is not followed.
    let disk = Mount::new(rig.path("disk"), "1m");
    fs::create_dir_all(rig.path("disk/kept")).unwrap();
    fs::create_dir(rig.path("outside")).unwrap();
    symlink(rig.path("outside"), rig.path("disk/kept/mairie")).unwrap();
    mend(&rig, &["--evidence", "disk/kept"]).done();
    assert_eq!(fs::read_dir(rig.path("outside")).unwrap().count(), 0);
    assert_eq!(fs::read(rig.path("disk/kept/mairie.1/lettre 3.txt")).unwrap(), wreck);
    assert_eq!(fs::read_link(rig.path("disk/kept/mairie.1/tube")).unwrap(), Path::new("/etc/passwd"));
    // A disk that is too small ends it, and nothing is lost.
    for seed in 0..5 {
        hurt(&rig.path(&format!("source/mairie/lettre {seed}.txt")), 10 + seed);
    }
    let wreck = fs::read(rig.path("source/mairie/lettre 3.txt")).unwrap();
    // It takes what there is room for, and no more.
    let _ = fs::write(rig.path("disk/filler"), noise(1, 1 << 20));
    let full = mend(&rig, &["--evidence", "disk/kept"]).ends(1);
    assert_eq!(full.events("error")[0]["keys"][1], "err-evidence-folder", "{}", full.out);
    assert_eq!(fs::read(rig.path("source/mairie/lettre 3.txt")).unwrap(), wreck);
    fs::remove_file(rig.path("disk/filler")).unwrap();
    disk.remount("16m", false);
    mend(&rig, &["--evidence", "disk/kept"]).done();
    assert_alike(&rig.path("source"), &rig.path("should"), &[".", "mairie", "ecole", LINKS]);
    assert_eq!(fs::read(rig.path("disk/kept/mairie.1/lettre 3.txt.1")).unwrap(), wreck);
    assert!(!rig.path("disk/kept/mairie.1/lettre 3.txt.2").exists(), "it is kept once");
}

#[test]
fn a_full_disk_ends_a_repair_that_goes_on_when_there_is_room() {
    let rig = Rig::new();
    let disk = Mount::new(rig.path("disk"), "12m");
    fs::create_dir(rig.path("disk/tree")).unwrap();
    for number in 0..6 {
        fs::write(rig.path("disk/tree").join(format!("acte {number}")), noise(number, 1_500_000)).unwrap();
    }
    rig.run(["backup", "disk/tree"]).done();
    shell(&rig, "cp -a disk/tree should");
    // Gone, and their place taken by something else.
    shell(&rig, "rm disk/tree/acte*; head -c 7000000 /dev/zero >disk/filler");
    let repair = ["restore", "latest", "--to", "disk/tree", "--overwrite", "if-damaged"];
    rig.run(repair).ends(1).says("no space is left");
    for entry in fs::read_dir(rig.path("disk/tree")).unwrap() {
        let name = entry.unwrap().file_name();
        let name = name.to_str().unwrap();
        assert_eq!(
            fs::read(rig.path("disk/tree").join(name)).unwrap(),
            fs::read(rig.path("should").join(name)).unwrap()
        );
    }
    fs::remove_file(rig.path("disk/filler")).unwrap();
    rig.run(repair).done();
    assert!(same(&rig.path("disk/tree"), &rig.path("should")));
    drop(disk);
}

#[test]
fn what_may_not_be_read_or_written_stays_and_is_told() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    shell(&rig, "cp -a source should");
    for name in ["mairie/lettre 1.txt", "ecole/lettre 1.txt", "etat civil/lettre 1.txt"] {
        hurt(&rig.path("source").join(name), 5);
    }
    let set = |name: &str, mode: u32| {
        fs::set_permissions(rig.path("source").join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("mairie", 0o000);
    set("ecole", 0o500);
    let how = ["restore", "latest", "--to", "source", "--overwrite", "if-damaged"];
    let ran = rig.run_powerless(how).ends(3);
    let ran = ran.says("mairie").says("ecole/lettre 1.txt");
    assert!(ran.out.contains("source is repaired in part: 1 "), "{}", ran.out);
    set("mairie", 0o755);
    set("ecole", 0o755);
    let sound = |name: &str| {
        fs::read(rig.path("source").join(name)).unwrap() == fs::read(rig.path("should").join(name)).unwrap()
    };
    assert!(sound("etat civil/lettre 1.txt") && !sound("mairie/lettre 1.txt") && !sound("ecole/lettre 1.txt"));
    mend(&rig, &[]).done();
    assert!(same(&rig.path("source"), &rig.path("should")));
    let _ = File::open(rig.path("source/mairie/lettre 1.txt")).unwrap();
}
