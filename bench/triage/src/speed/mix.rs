//! The speed on a mix of kinds. No survey of a town's file server by bytes could be found, so the mix is an assumption, stated
//! here: much scanned paper and many photographs, then office documents.

use std::collections::BTreeMap;
use std::time::Duration;

use triage::Kind;

use crate::Row;

/// Which share of the bytes each group of kinds has, in a hundred.
const TOWN: [(f64, &[Kind]); 13] = [
    (25.0, &[Kind::Pdf]),
    (25.0, &[Kind::Jpeg]),
    (13.0, &[Kind::Ooxml]),
    (4.0, &[Kind::Odf]),
    (10.0, &[Kind::Ole2]),
    (4.0, &[Kind::Png]),
    (4.0, &[Kind::Tiff]),
    (4.0, &[Kind::Zip, Kind::Jar, Kind::Epub]),
    (4.0, &[Kind::Mp4, Kind::Avi, Kind::Mp3, Kind::Wav]),
    (3.0, &[Kind::Text, Kind::Csv, Kind::Xml, Kind::Html, Kind::Json, Kind::Rtf]),
    (2.0, &[Kind::Sqlite, Kind::Access, Kind::Dbase, Kind::Shapefile]),
    (1.0, &[Kind::Email, Kind::Mbox]),
    (1.0, &[Kind::Gzip]),
];

/// Prints the speed on the samples as they are, and on the stated mix.
pub fn print(rows: &BTreeMap<Kind, Row>) {
    let (bytes, time) = sum(rows.values());
    println!("\nAll samples together: {:.0} MB/s", bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9));
    let mut seconds_per_megabyte = 0.0;
    println!("\n| mix of a town | share of bytes | MB/s | share of time |\n| --- | --- | --- | --- |");
    let mut lines = Vec::new();
    for (share, kinds) in TOWN {
        let (bytes, time) = sum(kinds.iter().filter_map(|kind| rows.get(kind)));
        if bytes == 0 {
            println!("\nNo mix: there is no sample of {kinds:?}.");
            return;
        }
        let seconds = time.as_secs_f64() / (bytes as f64 / 1e6);
        seconds_per_megabyte += share / 100.0 * seconds;
        lines.push((format!("{kinds:?}"), share, 1.0 / seconds, share / 100.0 * seconds));
    }
    for (kinds, share, speed, seconds) in lines {
        let of_time = 100.0 * seconds / seconds_per_megabyte;
        println!("| {} | {share} % | {speed:.0} | {of_time:.0} % |", kinds.trim_matches(['[', ']']));
    }
    println!("\nMix of a town: {:.0} MB/s", 1.0 / seconds_per_megabyte);
}

fn sum<'r>(rows: impl Iterator<Item = &'r Row>) -> (u64, Duration) {
    rows.fold((0, Duration::ZERO), |sum, row| (sum.0 + row.bytes, sum.1 + row.time))
}
