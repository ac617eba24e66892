use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::journal::{CertificateError, Draft, End, Kind, LINE_BYTES_MAX, SIGNED_PREFIX, Stamp, write_line};

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> PublicKey {
    key.public_key().as_ref().try_into().unwrap()
}

fn sign(key: &Ed25519KeyPair, text: &[u8]) -> [u8; 64] {
    key.sign(&[SIGNED_PREFIX, text].concat()).as_ref().try_into().unwrap()
}

fn stamp(second: i64) -> Stamp {
    let time = Timestamp::from_second(1_795_000_000 + second).unwrap();
    Stamp { time, clock: "system".into(), author: "Élodie Martin".into() }
}

fn opening(desk: &Ed25519KeyPair, version: u32) -> Draft {
    let desk = HEXLOWER.encode(&public(desk));
    let (town, program) = ("Saint-Exemple".into(), "beffroi 0".into());
    let fact = Fact::Opened { version, town, map_sha256: None, desk, program, exercise: true };
    Draft::new(Kind::Observation, "Ouvert.").with(fact)
}

/// A journal as a desk writes it.
struct Desk {
    key: Ed25519KeyPair,
    lines: Vec<Vec<u8>>,
    end: End,
}

impl Desk {
    fn new() -> Self {
        let key = key(1);
        let entry = opening(&key, 1).first(&stamp(0));
        let line = write_line(&entry, |text| sign(&key, text)).unwrap();
        let end = End::read(&line, &line, &line).unwrap();
        Self { key, lines: vec![line], end }
    }

    fn of(entries: usize) -> Self {
        let mut desk = Self::new();
        (1..entries).for_each(|number| desk.write(Draft::new(Kind::Action, format!("Fait {number}.")), number as i64));
        desk
    }

    fn write(&mut self, draft: Draft, second: i64) {
        let entry = draft.after(&self.end, &stamp(second));
        let line = write_line(&entry, |text| sign(&self.key, text)).unwrap();
        self.end.follow(&entry, &line);
        self.lines.push(line);
    }

    fn file(&self) -> Vec<u8> {
        file(&self.lines)
    }
}

fn file(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect()
}

/// What is found without and with a checkpoint.
fn wrongs(lines: &[Vec<u8>], checkpoints: &[Checkpoint]) -> Vec<(u64, Wrong)> {
    examine(&file(lines), checkpoints, 2).faults.into_iter().map(|fault| (fault.line, fault.wrong)).collect()
}

/// Writes lines anew, as whoever holds the desk's key can.
fn rewrite(lines: &mut [Vec<u8>], from: usize) {
    for at in from..lines.len() {
        let mut entry = read_line(&lines[at]).unwrap().0;
        (entry.number, entry.before) = (at as u64 + 1, LineHash::of(&lines[at - 1]).to_string());
        lines[at] = write_line(&entry, |text| sign(&key(1), text)).unwrap();
    }
}

#[test]
fn what_a_desk_wrote_is_sound() {
    let mut desk = Desk::of(50);
    let early = Desk::of(20).end.checkpoint();
    desk.write(Draft::new(Kind::Decision, "Fin.").with(Fact::Closed), 60);
    for threads in [0, 1, 2, 7, 200] {
        let found = examine(&desk.file(), &[early, desk.end.checkpoint()], threads);
        assert_eq!(found.faults, []);
        assert_eq!((found.entries, found.is_closed, found.town.as_str()), (51, true, "Saint-Exemple"));
        assert_eq!((found.checkpoint(), found.desk), (Some(desk.end.checkpoint()), Some(desk.end.desk)));
        assert_eq!(found.times, Some((stamp(0).time, stamp(60).time)));
    }
    let end = End::read(&desk.lines[0], &desk.lines[49], &desk.lines[50]).unwrap();
    assert_eq!(end, desk.end);
    assert!(end.is_closed);
}

#[test]
fn what_was_done_to_a_journal_is_named() {
    let desk = Desk::of(9);
    let signature = || Wrong::Line(LineError::Signature);
    let mut edited = desk.lines.clone();
    edited[4] = String::from_utf8(edited[4].clone()).unwrap().replace("Fait 4.", "Fait 5.").into();
    assert_eq!(wrongs(&edited, &[]), [(5, signature())]);

    let mut removed = desk.lines.clone();
    removed.drain(3..5);
    assert_eq!(wrongs(&removed, &[]), [(4, Wrong::Missing { from: 4, to: 5 })]);

    let mut swapped = desk.lines.clone();
    swapped.swap(3, 4);
    assert_eq!(wrongs(&swapped, &[]), [(4, Wrong::Missing { from: 4, to: 4 }), (5, Wrong::Misplaced { number: 4 })]);

    let mut other = desk.lines.clone();
    let draft = Draft::new(Kind::Action, "Rien.").after(&Desk::of(4).end, &stamp(4));
    other[4] = write_line(&draft, |text| sign(&key(2), text)).unwrap();
    assert_eq!(wrongs(&other, &[]), [(5, signature())]);
    other[4] = write_line(&draft, |text| sign(&desk.key, text)).unwrap();
    assert_eq!(wrongs(&other, &[]), [(6, Wrong::Chain)]);

    let mut garbage = desk.lines.clone();
    garbage[2] = b"{}\tAAAA".to_vec();
    garbage[5] = vec![b'x'; LINE_BYTES_MAX + 1];
    assert_eq!(wrongs(&garbage, &[]), [(3, Wrong::Line(LineError::Shape)), (6, Wrong::Line(LineError::TooLong))]);
}

#[test]
fn what_holds_by_itself_is_held_to_its_checkpoints() {
    let desk = Desk::of(9);
    let given = [Desk::of(3).end.checkpoint(), desk.end.checkpoint()];
    let cut = &desk.lines[..6];
    assert_eq!(wrongs(cut, &[]), [], "nothing shows without a checkpoint");
    assert_eq!(wrongs(cut, &given), [(6, Wrong::Cut { entries: 9 })]);

    // Whoever holds the desk's key writes another journal.
    let mut anew = desk.lines.clone();
    anew.remove(4);
    rewrite(&mut anew, 4);
    assert_eq!(wrongs(&anew, &[]), []);
    assert_eq!(wrongs(&anew, &given), [(8, Wrong::Cut { entries: 9 })]);
    let mut anew = desk.lines.clone();
    let mut entry = read_line(&anew[5]).unwrap().0;
    entry.text = "Autre chose.".into();
    anew[5] = write_line(&entry, |text| sign(&desk.key, text)).unwrap();
    rewrite(&mut anew, 6);
    assert_eq!(wrongs(&anew, &[]), []);
    assert_eq!(wrongs(&anew, &given), [(9, Wrong::Rewritten)]);
    let stranger = Checkpoint { journal: JournalId([0; 16]), ..given[0] };
    assert_eq!(wrongs(&desk.lines, &[stranger]), [(1, Wrong::OtherJournal { journal: stranger.journal })]);
}

#[test]
fn nothing_and_what_is_not_finished_are_no_entries() {
    assert_eq!(wrongs(&[], &[]), [(1, Wrong::NotOpened)]);
    let desk = Desk::of(3);
    let whole = desk.file();
    let found = examine(&whole[..whole.len() - 1], &[], 1);
    let torn = desk.lines[2].len() as u64;
    assert_eq!((found.entries, found.faults, found.remarks), (2, vec![], vec![Remark::Torn { bytes: torn }]));
    let second = desk.lines[1..].to_vec();
    assert_eq!(wrongs(&second, &[]), [(1, Wrong::NotOpened)]);
    let later = opening(&desk.key, 2).first(&stamp(0));
    let later = write_line(&later, |text| sign(&desk.key, text)).unwrap();
    assert_eq!(End::read(&later, &later, &later), Err(EndError::Later(2)));
    assert_eq!(wrongs(&[later], &[]), [(1, Wrong::Later(2))]);
}

#[test]
fn only_a_sound_end_is_written_to() {
    let desk = Desk::of(4);
    let line = |at: usize| desk.lines[at].as_slice();
    assert!(End::read(line(0), line(2), line(3)).is_ok());
    assert_eq!(End::read(line(0), line(1), line(3)), Err(EndError::Chain));
    assert_eq!(End::read(line(1), line(2), line(3)), Err(EndError::NotOpened));
    let mut changed = line(3).to_vec();
    changed[100] ^= 1;
    assert!(matches!(End::read(line(0), line(2), &changed), Err(EndError::Last(_))));
    let mut first = line(0).to_vec();
    let at = first.len() - 5;
    first[at] = if first[at] == b'A' { b'B' } else { b'A' };
    assert!(matches!(End::read(&first, line(2), line(3)), Err(EndError::First(_))));
}

#[test]
fn a_clock_that_went_back_and_words_after_the_end_are_remarks() {
    let mut desk = Desk::of(2);
    desk.write(Draft::new(Kind::Decision, "Fin.").with(Fact::Closed), -5);
    desk.write(Draft::new(Kind::Action, "Encore."), 9);
    let found = examine(&desk.file(), &[], 1);
    let (before, time) = (stamp(1).time, stamp(-5).time);
    assert_eq!(found.remarks, [Remark::Backwards { line: 3, before, time }, Remark::AfterClosed { line: 4 }]);
    assert!(found.is_sound() && !found.is_closed);
}

#[test]
fn an_owner_vouches_for_this_desk_and_no_other() {
    let owner = key(7);
    let certify = |desk: &mut Desk, certificate: &Certificate| {
        let fact = certificate.sign(&public(&owner), |text| sign(&owner, text)).unwrap();
        desk.write(Draft::new(Kind::Action, "Certifié.").with(fact), 1);
    };
    let mut desk = Desk::new();
    let right = Certificate::new(desk.end.journal, &desk.end.desk, "Saint-Exemple", "00ff", stamp(1).time);
    certify(&mut desk, &right);
    let found = examine(&desk.file(), &[], 1);
    assert!(found.is_sound());
    assert_eq!(found.certified.len(), 1);
    assert_eq!(found.certified[0].owner, HEXLOWER.encode(&public(&owner)));

    let wrong = [
        Certificate { journal: "00".repeat(16), ..right.clone() },
        Certificate { desk: "00".repeat(32), ..right.clone() },
    ];
    for certificate in wrong {
        let mut desk = Desk::new();
        certify(&mut desk, &certificate);
        assert_eq!(wrongs(&desk.lines, &[]), [(2, Wrong::Certificate(CertificateError::Other))]);
    }
    let mut desk = Desk::new();
    certify(&mut desk, &Certificate { beffroi_desk: 2, ..right.clone() });
    assert_eq!(wrongs(&desk.lines, &[]), [(2, Wrong::Certificate(CertificateError::Form))]);
    let mut desk = Desk::new();
    let fact = right.sign(&public(&owner), |text| sign(&key(8), text)).unwrap();
    desk.write(Draft::new(Kind::Action, "Certifié.").with(fact), 1);
    assert_eq!(wrongs(&desk.lines, &[]), [(2, Wrong::Certificate(CertificateError::Signature))]);
}

#[test]
fn faults_are_counted_and_not_all_told() {
    let desk = Desk::of(3);
    let mut file = desk.file();
    file.extend(b"\n".repeat(5000));
    let found = examine(&file, &[], 2);
    assert_eq!((found.faults.len(), found.faults_untold, found.entries), (100, 4900, 5003));
}

#[test]
fn json_may_not_be_written_otherwise() {
    let desk = Desk::new();
    let line = String::from_utf8(desk.lines[0].clone()).unwrap();
    let json = line.split('\t').next().unwrap().replacen("{\"number\":1,", "{\"number\": 1,", 1);
    let signature = data_encoding::BASE64.encode(&sign(&desk.key, json.as_bytes()));
    assert_eq!(read_line(format!("{json}\t{signature}").as_bytes()).unwrap_err(), LineError::Beginning);
    let deep = format!("{}{}\t{signature}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(read_line(deep.as_bytes()), Err(LineError::Json(_))));
}

/// What somebody may do to a journal.
#[derive(Clone, Debug)]
enum Tampering {
    Edit(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Truncate(prop::sample::Index),
    Insert(prop::sample::Index, prop::sample::Index),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 1..=255u8).prop_map(|(at, by)| Tampering::Edit(at, by)),
        at().prop_map(Tampering::Remove),
        (at(), at()).prop_map(|(one, other)| Tampering::Swap(one, other)),
        at().prop_map(Tampering::Truncate),
        (at(), at()).prop_map(|(from, to)| Tampering::Insert(from, to)),
    ]
}

/// Does it to the lines that the checkpoint has seen; returns the file.
fn tamper(lines: &[Vec<u8>], seen: usize, tampering: &Tampering) -> Vec<u8> {
    let mut lines = lines.to_vec();
    match tampering {
        Tampering::Edit(at, by) => {
            let end = file(&lines[..seen]).len();
            let mut file = file(&lines);
            file[at.index(end)] ^= by;
            return file;
        }
        Tampering::Remove(at) => drop(lines.remove(at.index(seen))),
        Tampering::Swap(one, other) => lines.swap(one.index(seen), other.index(seen)),
        Tampering::Truncate(at) => {
            let end = file(&lines[..seen]).len();
            return file(&lines)[..at.index(end)].to_vec();
        }
        Tampering::Insert(from, to) => {
            let line = lines[from.index(lines.len())].clone();
            lines.insert(to.index(seen), line);
        }
    }
    file(&lines)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_done_behind_a_checkpoint_is_found(seen in 1..9usize, how in tampering()) {
        let desk = Desk::of(8);
        let checkpoint = Desk::of(seen.min(8)).end.checkpoint();
        let tampered = tamper(&desk.lines, seen.min(8), &how);
        prop_assume!(tampered != desk.file());
        prop_assert!(!examine(&tampered, &[checkpoint], 2).is_sound(), "{how:?}");
    }

    #[test]
    fn whatever_is_not_an_end_cut_off_is_found_without_one(how in tampering()) {
        let desk = Desk::of(6);
        let tampered = tamper(&desk.lines, 6, &how);
        let is_cut = desk.file().starts_with(&tampered);
        // A last line feed that became something else leaves a line that is not finished.
        let is_torn = tampered.starts_with(&file(&desk.lines[..5])) && !tampered.ends_with(b"\n");
        prop_assume!(!is_cut && !is_torn);
        prop_assert!(!examine(&tampered, &[], 2).is_sound(), "{how:?}");
    }
}

#[test]
fn what_the_desk_did_not_sign_or_signed_before_is_not_what_holds_now() {
    let desk = Desk::of(6);
    let (sound, other) = (&desk.lines, &key(2));
    let numbers = |lines: &[Vec<u8>]| {
        let file: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        signed_entries(&file).iter().map(|entry| entry.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(sound), [1, 2, 3, 4, 5, 6]);
    let entry = Draft::new(Kind::Action, "Rien.").after(&desk.end, &stamp(9));
    let forged = write_line(&entry, |text| sign(other, text)).unwrap();
    assert_eq!(numbers(&[&sound[..], &[forged]].concat()), [1, 2, 3, 4, 5, 6]);
    // A line that was copied to the end, or to the beginning, says nothing new and hides nothing.
    assert_eq!(numbers(&[&sound[..], &sound[2..3]].concat()), [1, 2, 3, 4, 5, 6]);
    assert_eq!(numbers(&[&sound[..1], &sound[5..], &sound[1..]].concat()), [1, 2, 3, 4, 5, 6]);
    assert_eq!(numbers(&sound[1..]), [0; 0]);
    assert_eq!(numbers(&[]), [0; 0]);
}
