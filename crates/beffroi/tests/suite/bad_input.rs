//! Wrong usage, wrong vaults, wrong kits: each says what to do next, in both languages.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::rig::{Ran, Rig};

#[test]
fn wrong_usage_ends_with_two_in_both_languages() {
    let rig = Rig::empty();
    let check = |arguments: &[&str], english: &str, french: &str| {
        rig.run(arguments).ends(2).says(english);
        rig.run([&["--lang", "fr"], arguments].concat()).ends(2).says(french);
    };
    check(&[], "no command was given", "aucune commande n'a été donnée");
    check(&["alarm"], "“beffroi alarm --help” lists", "« beffroi alarm --help » énumère");
    check(&["journal", "export"], "“beffroi journal export --help”", "« beffroi journal export --help »");
    check(&["crisis", "open", "--titel", "x"], "“beffroi crisis open --help”", "« beffroi crisis open --help »");
    check(&["bakup"], "no command “bakup”", "pas de commande « bakup »");
    check(&["backup"], "missing: <PATH>...", "il manque : <PATH>...");
    check(&["backup", "--levle", "3", "x"], "“--levle” is not understood", "« --levle » n'est pas compris");
    check(&["backup", "--level", "33", "x"], "“33” is no value", "« 33 » n'est pas une valeur");
    check(
        &["restore", "latest", "--to", "x", "--overwrite", "maybe"],
        "(never, always, if-damaged)",
        "(never, always, if-damaged)",
    );
    check(&["ls", "latest", "extra"], "“extra” is not understood", "« extra » n'est pas compris");
}

#[test]
fn help_is_whole_in_both_languages() {
    let rig = Rig::empty();
    let english = rig.run(["--help"]).done().out;
    assert!(english.contains("Commands:") && english.contains("Exit codes:"), "{english}");
    let french = rig.run(["--lang=fr", "backup", "--help"]).done().out;
    for foreign in ["Print help", "Options:\n  -h", "[default", "[env", "Usage:"] {
        assert!(!french.contains(foreign), "“{foreign}” in\n{french}");
    }
    assert!(french.contains("Garder des chemins"), "{french}");
    assert!(rig.run(["--version"]).done().out.starts_with("beffroi "));
    assert!(rig.run(["completions", "bash"]).done().out.contains("_beffroi"));
    assert!(rig.run(["man"]).done().out.contains(".TH beffroi"));
    fs::create_dir(rig.path("pages")).unwrap();
    rig.run(["man", "--to", "pages"]).done();
    assert!(rig.path("pages/beffroi-backup.1").exists());
}

#[test]
fn wrong_vaults_say_what_they_are() {
    let rig = Rig::new();
    let look = |vault: &str| rig.run(["--vault", vault, "snapshots"]);
    let unsaid = rig.command().env_remove("BEFFROI_VAULT").arg("snapshots").output().unwrap();
    Ran::of(unsaid).ends(2).says("--vault DIR");
    look("missing").ends(1).says("there is no folder missing").says("beffroi init missing");
    fs::create_dir(rig.path("hollow")).unwrap();
    look("hollow").ends(1).says("the folder is empty");
    rig.write("photo.jpg", "x");
    look("source").ends(1).says("this folder holds no vault");
    fs::create_dir(rig.path("half")).unwrap();
    fs::copy(rig.path("vault/vault"), rig.path("half/vault")).unwrap();
    look("half").ends(1).says("was interrupted").says("Delete the folder");
    rig.run(["--vault", "half", "--lang", "fr", "snapshots"]).ends(1).says("Supprimez le dossier");
    fs::write(rig.path("half/vault"), "something of mine").unwrap();
    look("half").ends(1).says("was not written by Beffroi");
    let mut newer = fs::read(rig.path("vault/vault")).unwrap();
    newer[4] = 9;
    fs::write(rig.path("half/vault"), newer).unwrap();
    look("half").ends(1).says("a newer version of Beffroi");
    fs::write(rig.path("half/vault"), "BFRV\0\u{1}").unwrap();
    look("half").ends(5).says("the description of the vault cannot be read");
    look("kit").ends(1).says("there is no folder kit");
}

#[test]
fn wrong_kits_say_what_they_are() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.backup();
    let other = Rig::new();
    let read = |kit: &str| rig.run(["--identity", kit, "ls", "latest"]);
    fs::copy(other.path("kit"), rig.path("foreign")).unwrap();
    read("foreign").ends(1).says("this kit is of vault");
    let kit = fs::read_to_string(other.path("kit")).unwrap();
    let identity = kit.lines().last().unwrap();
    let make = |name: &str, content: &[u8]| {
        fs::write(rig.path(name), content).unwrap();
        fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    };
    make("bare", identity.as_bytes());
    read("bare").ends(1).says("does not open this vault");
    make("empty", b"# nothing\n");
    read("empty").ends(1).says("there is no age identity");
    make("typo", identity.replace("KEY-1", "KEY-1B").as_bytes());
    read("typo").ends(1).says("line 1 is not an age identity");
    make("binary", b"\xff\xfe\x00");
    read("binary").ends(1).says("this is not a text");
    read("missing").ends(1).says("there is no such file");
    fs::set_permissions(rig.path("kit"), fs::Permissions::from_mode(0o640)).unwrap();
    read("kit").ends(1).says("chmod 600");
    rig.run(["--lang", "fr", "ls", "latest"]).ends(1).says("peut être lue par d'autres");
}

#[test]
fn wrong_sources_and_states_say_what_they_are() {
    let rig = Rig::new();
    rig.run(["backup", "missing"]).ends(1).says("does not exist");
    rig.run(["backup", "--exclude", "a{b", "source"]).ends(2).says("the exclusion a{b cannot be used");
    rig.run(["backup", "--exclude-from", "missing", "source"]).ends(2).says("the exclusion");
    fs::set_permissions(rig.path("state"), fs::Permissions::from_mode(0o755)).unwrap();
    rig.run(["backup", "source"]).ends(1).says("chmod 700");
    fs::set_permissions(rig.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
    rig.run(["--state", "new", "backup", "source"]).ends(1).says("not enrolled");
}

#[test]
fn the_vault_and_the_state_are_never_kept() {
    let rig = Rig::new();
    rig.write("a", "1");
    let whole = rig.folder.path().to_str().unwrap();
    rig.run(["backup", "--source", "all", whole]).done();
    let listed = rig.run(["ls", "-R", "latest"]).done().out;
    assert!(listed.contains("source/a\n") && listed.contains("vault/\n"), "{listed}");
    assert!(!listed.contains("vault/vault") && !listed.contains("state/vaults"), "{listed}");
}

#[test]
fn exclusions_are_those_of_gitignore() {
    let rig = Rig::new();
    for name in ["a.tmp", "keep.tmp", "cache/x", "b"] {
        rig.write(name, "1");
    }
    fs::write(rig.path("patterns"), "# comment\ncache/\n").unwrap();
    let arguments = ["backup", "--exclude", "*.tmp", "--exclude", "!keep.tmp", "--exclude-from", "patterns", "source"];
    rig.run(arguments).done();
    assert_eq!(rig.run(["ls", "-R", "latest"]).done().out, "b\nkeep.tmp\n");
}
