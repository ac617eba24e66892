//! Keeping, listing, comparing, giving back, checking, copying.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::rig::{Ran, Rig, noise, same};

#[test]
fn what_is_kept_is_listed_found_printed_and_given_back() {
    let rig = Rig::new();
    let image = noise(1, 3_000_000);
    rig.write("mail/letter.eml", "dear");
    rig.write("image.bin", &image);
    symlink("mail/letter.eml", rig.path("source/link")).unwrap();
    let first = rig.backup();
    assert_eq!(rig.run(["ls", "latest"]).done().out, "image.bin\nlink\nmail/\n");
    assert_eq!(rig.run(["ls", "-R", "latest:mail"]).done().out, "mail/letter.eml\n");
    let long = rig.run(["ls", "-l", "latest:link"]).done().out;
    assert!(long.starts_with("lrwxrwxrwx") && long.ends_with("link -> mail/letter.eml\n"), "{long}");
    assert!(rig.run(["cat", "latest:image.bin"]).done().bytes == image);
    let absolute = format!("{first}:{}", rig.path("source/mail/letter.eml").display());
    assert_eq!(rig.run(["cat", &absolute]).done().out, "dear");
    rig.write("mail/letter.eml", "dear all");
    rig.backup();
    rig.backup();
    assert_eq!(rig.run(["find", "*.eml"]).done().out.lines().count(), 2, "each version once");
    let changes = rig.run(["diff", "source@latest~2", "latest"]).done();
    assert!(changes.out.contains("M mail/letter.eml (4 B → 8 B)"), "{}", changes.out);
    rig.run(["restore", "latest", "--to", "back", "--verify"]).done();
    assert!(same(&rig.path("source"), &rig.path("back")));
    rig.run(["restore", "source@latest~2:mail", "--to", "old"]).done();
    assert_eq!(fs::read_to_string(rig.path("old/letter.eml")).unwrap(), "dear");
    let kept = rig.run(["restore", "latest:mail", "--to", "old"]).done().says("already");
    assert!(kept.err.contains("--overwrite always"));
    rig.run(["restore", "latest:mail", "--to", "old", "--overwrite", "always"]).done();
    assert_eq!(fs::read_to_string(rig.path("old/letter.eml")).unwrap(), "dear all");
}

#[test]
fn the_list_speaks_with_a_kit_and_is_short_without() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    let opened = rig.run(["snapshots"]).done().out;
    assert!(opened.contains("source") && opened.contains("UTC"), "{opened}");
    let sealed = rig.run_sealed(["snapshots"]).done().says("only the clear part");
    assert!(!sealed.out.contains("source"), "{}", sealed.out);
    rig.run_sealed(["--lang=fr", "snapshots"]).done().says("seule la partie en clair");
    rig.run_sealed(["ls", "latest"]).ends(2).says("--identity FILE");
}

#[test]
fn json_lines_tell_names_of_any_bytes() {
    let rig = Rig::new();
    let odd = OsStr::from_bytes(b"a\xff\nb");
    fs::write(rig.path("source").join(odd), "x").unwrap();
    rig.backup();
    let entries = rig.run(["--json", "ls", "latest"]).done().events("entry");
    assert_eq!(entries[0]["path_b64"], "Yf8KYg==");
    assert_eq!(entries[0]["size"], 1);
    assert_eq!(rig.run(["ls", "latest"]).done().out, "a\u{fffd}\\nb\n");
    let mut selector = b"latest:".to_vec();
    selector.extend_from_slice(odd.as_bytes());
    assert_eq!(rig.run([OsStr::new("cat"), OsStr::from_bytes(&selector)]).done().out, "x");
    let snapshots = rig.run(["--json", "snapshots"]).done().events("snapshot");
    assert_eq!(snapshots[0]["source"], "source");
    assert_eq!(snapshots[0]["entries"], 1);
    let failed = rig.run(["--json", "ls", "beef"]).ends(1);
    assert_eq!(failed.events("error")[0]["keys"][0], "err-no-such-id");
}

#[test]
fn unreadable_files_are_listed_and_end_with_three() {
    assert!(rustix::process::geteuid().is_root(), "another user reads here: run the tests as root");
    let rig = Rig::new();
    rig.write("open", "1");
    rig.write("closed", "2");
    fs::set_permissions(rig.path("source/closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let mut command = std::process::Command::new("setpriv");
    command.args(["--bounding-set=-all", "--inh-caps=-all", "--"]).arg(crate::rig::BEFFROI);
    command.env("BEFFROI_VAULT", rig.path("vault")).env("BEFFROI_STATE", rig.path("state")).env("LANG", "C");
    command.env_remove("LC_ALL").env_remove("BEFFROI_LANG").current_dir(rig.folder.path());
    let ran = crate::rig::Ran::of(command.args(["backup", "source"]).output().unwrap());
    ran.ends(3).says("permission denied on closed").says("One entry could not be read");
}

#[test]
fn damage_is_named_and_ends_with_five() {
    let rig = Rig::new();
    rig.write("hurt/minutes.txt", noise(1, 200_000));
    rig.backup();
    let hurt = rig.packs();
    rig.write("new.txt", noise(2, 1000));
    rig.backup();
    rig.run(["check", "--read-data"]).done();
    let largest = hurt.iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let mut bytes = fs::read(largest).unwrap();
    bytes[5000] ^= 1;
    fs::write(largest, bytes).unwrap();
    let found = rig.run(["check", "--read-data"]).ends(5);
    assert!(found.out.contains("hurt/minutes.txt (content)"), "{}", found.out);
    assert!(found.out.contains("2 of 2 snapshots are hurt"), "{}", found.out);
    let french = rig.run(["--lang", "fr", "check", "--read-data"]).ends(5);
    assert!(french.out.contains("Le coffre est abîmé"), "{}", french.out);
    assert_eq!(rig.run(["--json", "check", "--read-data"]).ends(5).events("hurt").len(), 2);
    let back = rig.run(["restore", "latest", "--to", "back"]).ends(5).says("hurt/minutes.txt");
    assert!(back.out.contains("Restored"));
    assert!(fs::read(rig.path("back/new.txt")).unwrap() == noise(2, 1000), "the rest is given back");
    rig.run(["cat", "latest:hurt/minutes.txt"]).ends(5);
}

#[test]
fn a_copy_is_a_vault() {
    let rig = Rig::new();
    rig.write("a", noise(3, 100_000));
    rig.backup();
    rig.run(["copy", "--to", "second"]).done();
    let again = rig.run(["copy", "--to", "second"]).done().out;
    assert!(again.contains("0 objects copied"), "{again}");
    rig.run(["--vault", "second", "check", "--read-data"]).done();
    rig.run(["--vault", "second", "restore", "latest", "--to", "back"]).done();
    assert!(same(&rig.path("source"), &rig.path("back")));
    rig.run(["copy", "--to", "source"]).ends(1).says("is not empty");
}

#[test]
fn a_lost_machine_enrols_again_and_a_strand_is_retired() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    rig.run(["enrol"]).ends(1).says("enrolled already");
    fs::rename(rig.path("state"), rig.path("lost")).unwrap();
    rig.run(["backup", "source"]).ends(1).says("beffroi enrol");
    rig.run(["enrol"]).done();
    rig.backup();
    let strands: Vec<_> = rig.run(["--json", "snapshots"]).done().events("snapshot");
    assert_ne!(strands[0]["strand"], strands[1]["strand"]);
    assert_eq!(rig.run(["ls", "latest"]).done().out, "a\n", "one source, though on two strands");
    let newest = strands[1]["strand"].as_str().unwrap();
    rig.run(["retire", &newest[..6], "--reason", "stolen"]).done();
    rig.run(["backup", "source"]).ends(1).says("was retired: stolen");
    rig.run(["retire", newest, "--reason", "again"]).ends(1).says("already");
}

#[test]
fn recipients_come_and_go() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    rig.run(["recipient", "remove", recipient]).ends(1).says("not among");
    rig.run(["recipient", "add", recipient]).done();
    rig.run(["recipient", "add", recipient]).ends(1).says("already");
    rig.run(["recipient", "remove", recipient]).done();
    rig.run(["recipient", "add", "age1nonsense"]).ends(2).says("is not an age recipient");
    rig.backup();
    rig.run(["restore", "latest", "--to", "back"]).done();
    assert!(same(&rig.path("source"), &rig.path("back")));
}

#[test]
fn expiry_shows_its_plan_and_asks() {
    let rig = Rig::new();
    rig.write("a", "1");
    for _ in 0..5 {
        rig.backup();
    }
    let planned = rig.run(["--json", "expire", "--dry-run"]).done();
    assert_eq!(planned.events("plan")[0]["snapshots"], 5);
    assert_eq!(rig.run(["--json", "snapshots"]).events("snapshot").len(), 5, "a dry run does nothing");
    rig.run(["expire"]).ends(2).says("--dry-run");
    rig.run(["expire", "--yes"]).done();
    assert_eq!(rig.run(["--json", "snapshots"]).events("snapshot").len(), 5, "nothing goes before seven days");
    rig.run(["check", "--read-data"]).done();
}

#[test]
fn what_was_verified_is_remembered() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    let verified = |count: u64| {
        let summary = rig.run(["--json", "verify-new", "--new=100"]).done().events("summary");
        assert_eq!(summary[0]["snapshots"], count);
    };
    verified(1);
    verified(0);
    rig.backup();
    verified(1);
    fs::write(rig.path("state/vaults").join(vault_id(&rig)).join("verified.json"), "{").unwrap();
    rig.run(["verify-new"]).ends(1).says("everything is verified again");
}

#[test]
fn the_exercise_is_sound() {
    let rig = Rig::empty();
    for number in 0..60 {
        rig.write(
            &format!("service {}/note {number}.txt", number % 7),
            "Le conseil a délibéré.\n".repeat(100 + number),
        );
    }
    rig.write("données", noise(1, 300_000));
    let told = rig.run(["exercise", "source"]).done();
    for words in [
        "Everything came back twice",
        "raised no alarm",
        "backup rang",
        "61 of 61 are told",
        "61 files put back",
        "everything is as before the attack",
    ] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    let french = rig.run(["--lang", "fr", "exercise", "source", "--attack", "64-of-192"]).done();
    for words in ["Tout est revenu deux fois", "a donné l'alarme"] {
        assert!(french.out.contains(words), "{words}: {}", french.out);
    }
    let told = rig.run(["--json", "exercise", "source", "--seed", "9"]).done();
    assert_eq!(told.events("part").len(), 17);
    let mending = &told.events("mending")[0];
    assert_eq!((&mending["whole"], &mending["not_attested"]), (&true.into(), &0.into()), "{mending}");
    let reckoning = &told.events("reckoning")[0];
    assert!(reckoning["harmed"].as_u64() > Some(50), "{reckoning}");
    assert_eq!((&reckoning["found"], &reckoning["clean"]), (&reckoning["harmed"], &reckoning["harmed"]));
    rig.run(["exercise", "source", "--attack", "none"]).ends(2);
}

#[test]
fn an_exercise_tells_what_it_missed() {
    // Letters made of letters, in a text of forty bytes, are what triage is known not to see.
    let rig = Rig::empty();
    for number in 0..60 {
        rig.write(&format!("note {number}.txt"), "Le conseil a délibéré.\n".repeat(100 + number));
    }
    let told =
        rig.run(["exercise", "source", "--attack", "low-bits"]).ends(1).says("not everything that was hurt was told");
    assert!(told.out.contains("missed: ") && told.out.contains("59 of 60 are told"), "{}", told.out);
}

fn vault_id(rig: &Rig) -> std::ffi::OsString {
    fs::read_dir(rig.path("state/vaults")).unwrap().next().unwrap().unwrap().file_name()
}

#[test]
fn what_fits_in_memory_needs_no_folder_for_more() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    for folder in ["/nowhere/at/all", "/dev/null", ""] {
        let run =
            |arguments: &[&str]| Ran::of(rig.command().env("TMPDIR", folder).args(arguments).output().unwrap()).done();
        run(&["restore", "latest", "--to", "back", "--overwrite", "always", "--verify"]);
        run(&["check", "--read-data"]);
        assert_eq!(run(&["cat", "latest:a"]).out, "1");
    }
    assert!(same(&rig.path("source"), &rig.path("back")));
}
