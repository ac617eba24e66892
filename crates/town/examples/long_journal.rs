//! Writes a long journal, to measure how long it takes to examine one.
//!
//! ```sh
//! cargo run --release -p beffroi-town --example long_journal -- 100000 journal.jsonl
//! beffroi journal verify journal.jsonl
//! ```
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement, by hand")]

use std::time::Instant;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use town::journal::{Draft, End, Fact, Kind, SIGNED_PREFIX, Stamp, examine, write_line};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let entries: u64 = arguments.next().and_then(|words| words.parse().ok()).expect("how many entries");
    let path = arguments.next().expect("the file to write");
    let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("any 32 bytes are a seed");
    let sign = |text: &[u8]| {
        let signature = key.sign(&[SIGNED_PREFIX, text].concat());
        signature.as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    };
    let stamp = |second: u64| Stamp {
        time: Timestamp::from_second(1_795_000_000 + second as i64).expect("a time of this century"),
        clock: "system".into(),
        author: "Élodie Martin".into(),
    };
    let opened = Fact::Opened {
        version: town::journal::VERSION,
        town: "Saint-Exemple".into(),
        map_sha256: None,
        desk: HEXLOWER.encode(key.public_key().as_ref()),
        program: "long_journal".into(),
        exercise: true,
    };
    let first = Draft::new(Kind::Observation, "Ouvert.").with(opened).first(&stamp(0));
    let line = write_line(&first, sign).expect("a short line");
    let mut end = End::read(&line, &line, &line).expect("a journal that begins");
    let mut file = [line, b"\n".to_vec()].concat();
    for second in 1..entries {
        let words =
            format!("Serveur {second} : arrêté, disque retiré, étiqueté et remis à la gendarmerie contre reçu.");
        let entry = Draft::new(Kind::Evidence, words).after(&end, &stamp(second));
        let line = write_line(&entry, sign).expect("a short line");
        end.follow(&entry, &line);
        file.extend(line);
        file.push(b'\n');
    }
    for threads in [1, 2] {
        let began = Instant::now();
        let found = examine(&file, &[end.checkpoint()], threads);
        println!("{threads} threads: {:?}, {} bytes, sound: {}", began.elapsed(), file.len(), found.is_sound());
    }
    std::fs::write(path, file).expect("the file can be written");
}
