//! The recipe of the documents, typed as it stands there, on an export: sound, and changed in every way.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{checkpoint, open};
use crate::rig::{Ran, Rig};

const ENGLISH: &str = include_str!("../../../../../docs/verify-journal.md");
const FRENCH: &str = include_str!("../../../../../docs/verifier-journal.md");

/// Takes the lines between the marks.
fn recipe(document: &str) -> &str {
    let begin = document.find("```bash\n").expect("the document has a recipe") + "```bash\n".len();
    &document[begin..begin + document[begin..].find("```").expect("the recipe ends")]
}

fn verify(rig: &Rig, folder: &str, given: &[&str]) -> Ran {
    let mut command = Command::new("bash");
    command.arg(rig.path("verify.sh")).args(given).current_dir(rig.path(folder));
    Ran::of(command.output().unwrap())
}

/// Writes the sums anew, as whoever changes an export would.
fn sum(folder: &Path) {
    let script = "find . -type f ! -name SHA256SUMS -printf '%P\\n' | sort | xargs -d '\\n' sha256sum > ../sums && mv ../sums SHA256SUMS";
    assert!(Command::new("bash").args(["-c", script]).current_dir(folder).status().unwrap().success());
}

#[test]
fn the_recipe_finds_what_the_program_finds() {
    assert_eq!(recipe(ENGLISH), recipe(FRENCH));
    let rig = Rig::new();
    fs::write(rig.path("verify.sh"), recipe(ENGLISH)).unwrap();
    open(&rig);
    let words = "dit \"cela\" \\ et\tdes\nlignes, à 100 % – n°1";
    rig.run(["crisis", "note", words, "--attach", "notify.toml", "--no-copy"]).done();
    rig.run(["crisis", "note", "pièce", "--attach", "kit"]).done();
    (0..3).for_each(|number| drop(rig.run(["crisis", "note", &format!("note {number}")]).done()));
    let given = checkpoint(&rig);
    rig.run(["crisis", "note", "after"]).done();
    rig.run(["--lang", "fr", "journal", "export", "export"]).done();
    assert!(fs::read_to_string(rig.path("export/journal.txt")).unwrap().contains("note 2"));
    let ran = verify(&rig, "export", &[&given]).done();
    assert!(ran.out.contains("Sound: 8 entries") && ran.out.contains("Certified by the owner"), "{}", ran.out);
    verify(&rig, "export", &[]).done();
    verify(&rig, "export", &["nothing"]).ends(1);
    rig.run(["journal", "verify", "export", "--checkpoint", &given]).done();

    let sound = fs::read_to_string(rig.path("export/journal.jsonl")).unwrap();
    let lines: Vec<&str> = sound.lines().collect();
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        change(&mut lines);
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let ways: [(String, &str); 8] = [
        (changed(&|lines| lines[4] = lines[4].replace("note 0", "note 9")), "entry 5 was changed"),
        (changed(&|lines| drop(lines.remove(4))), "entry 5 does not follow"),
        (changed(&|lines| lines.swap(4, 5)), "entry 5 does not follow"),
        (changed(&|lines| lines.truncate(5)), "the journal was cut"),
        (changed(&Vec::clear), "there is no entry"),
        (sound.replace("note 0", "note\0 0"), "bytes that no entry has"),
        (sound[..sound.len() - 1].to_string(), "not finished"),
        (sound.replacen("\"text\":\"", "\"text\":\"x", 1), "was changed"),
    ];
    for (file, words) in ways {
        fs::write(rig.path("export/journal.jsonl"), &file).unwrap();
        let ran = verify(&rig, "export", &[&given]).ends(1);
        assert!(ran.out.contains("a file is not as it was exported"), "{}", ran.out);
        sum(&rig.path("export"));
        let ran = verify(&rig, "export", &[&given]).ends(1);
        assert!(ran.out.contains(words), "{words}: {}{}", ran.out, ran.err);
    }
    fs::write(rig.path("export/journal.jsonl"), &sound).unwrap();
    sum(&rig.path("export"));
    verify(&rig, "export", &[&given]).done();
    // Another key, another certificate, another attachment.
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let attachment = fs::read_dir(rig.path("export/attachments")).unwrap().next().unwrap().unwrap().path();
    let certificate = rig.path("export/certificates/2.json");
    let later = read(&certificate).replacen("\"time\":\"2", "\"time\":\"3", 1);
    let others = [
        (rig.path("export/desk.pem"), read(&rig.path("export/certificates/2.pem"))),
        (rig.path("export/certificates/2.pem"), read(&rig.path("export/desk.pem"))),
        (certificate, later),
        (attachment.clone(), format!("{}x", read(&attachment))),
    ];
    for (path, other) in others {
        let before = read(&path);
        assert_ne!(before, other);
        fs::write(&path, other).unwrap();
        sum(&rig.path("export"));
        verify(&rig, "export", &[&given]).ends(1);
        fs::write(&path, before).unwrap();
    }
    sum(&rig.path("export"));
    verify(&rig, "export", &[&given]).done();
}

#[test]
fn a_journal_that_was_written_anew_with_the_desks_key_is_held_to_its_checkpoint() {
    let rig = Rig::new();
    fs::write(rig.path("verify.sh"), recipe(ENGLISH)).unwrap();
    open(&rig);
    rig.run(["crisis", "note", "ce qui fut"]).done();
    let given = checkpoint(&rig);
    // Whoever holds the key goes back and writes something else.
    let path = rig.path("journal/journal.jsonl");
    let lines = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = lines.lines().take(2).collect();
    fs::write(&path, format!("{}\n", kept.join("\n"))).unwrap();
    rig.run(["crisis", "note", "autre chose"]).done();
    rig.run(["journal", "verify"]).done();
    rig.run(["journal", "verify", "--checkpoint", &given]).ends(5).says("not those that the checkpoint has seen");
    rig.run(["journal", "export", "export"]).done();
    verify(&rig, "export", &[]).done();
    let ran = verify(&rig, "export", &[&given]).ends(1);
    assert!(ran.out.contains("not those that the checkpoint has seen"), "{}", ran.out);
}

#[test]
fn a_key_of_another_kind_whose_last_bytes_are_those_of_a_desk_signs_nothing() {
    // Who makes an RSA key chooses its exponent, which stands last: it can end in the bytes of any desk's or owner's public key.
    let rig = Rig::empty();
    let forge = r#"
openssl genrsa -out rsa.pem 2048 2> /dev/null
mkdir forged && openssl pkey -in rsa.pem -pubout -out forged/desk.pem
desk=$(openssl pkey -pubin -in forged/desk.pem -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
json="{\"number\":1,\"before\":\"$(printf '0%.0s' {1..64})\",\"fact\":{\"what\":\"opened\",\"desk\":\"$desk\"}}"
printf 'beffroi statement v0\n%s' "$json" > signed
openssl pkeyutl -sign -inkey rsa.pem -rawin -in signed -out signature
printf '%s\t%s\n' "$json" "$(base64 -w0 signature)" > forged/journal.jsonl
"#;
    let made = Command::new("bash").args(["-euc", forge]).current_dir(rig.path(".")).status().unwrap();
    assert!(made.success(), "apt-get install openssl");
    fs::write(rig.path("verify.sh"), recipe(ENGLISH)).unwrap();
    sum(&rig.path("forged"));
    let ran = verify(&rig, "forged", &[]).ends(1);
    assert!(ran.out.contains("desk.pem is no Ed25519 key"), "{}{}", ran.out, ran.err);
}

#[test]
fn names_in_an_export_cannot_steer_the_terminal_of_whoever_verifies_it() {
    let rig = Rig::new();
    fs::write(rig.path("verify.sh"), recipe(ENGLISH)).unwrap();
    open(&rig);
    rig.run(["journal", "export", "export"]).done();
    let hostile = "x\u{1b}[2K\rSound: 9 entries";
    fs::create_dir(rig.path("export/attachments")).unwrap();
    fs::write(rig.path("export/attachments").join(hostile), "x").unwrap();
    let quiet =
        |ran: &Ran| assert!(!format!("{}{}", ran.out, ran.err).contains(['\u{1b}', '\r']), "{}{}", ran.out, ran.err);
    quiet(&verify(&rig, "export", &[]).ends(1));
    let sums = rig.path("export/SHA256SUMS");
    let line = format!("{}  attachments/{hostile}\n", "0".repeat(64));
    fs::write(&sums, fs::read_to_string(&sums).unwrap() + &line).unwrap();
    quiet(&verify(&rig, "export", &[]).ends(1));
}
