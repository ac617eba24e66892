//! The map of a town, and tables of other programs, as somebody may have written them.
#![allow(dead_code, reason = "each target calls one of the two")]

use jiff::civil::date;
use jiff::tz::TimeZone;
use town::graph::Graph;
use town::map::check::check;
use town::map::finding::Severity;
use town::map::import::{decode, import};
use town::map::read::{Reading, read};
use town::picture::picture;

/// Reads a map, looks at it and draws it. A map without an error keeps what it promises; every finding has its line.
pub fn town_map(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Reading { map, findings, places } = zoned(text);
    let lines = 1 + text.matches('\n').count() as u64;
    assert!(findings.iter().all(|finding| (1..=lines).contains(&u64::from(finding.line))));
    assert_eq!(map.is_none(), findings.iter().any(|finding| finding.severity == Severity::Error));
    let Some(map) = map else { return };
    assert!(Graph::of(&map).is_ok(), "every need exists, and none leads back to itself");
    let doubts = check(&map, &places, date(2026, 11, 22));
    assert!(doubts.iter().all(|doubt| u64::from(doubt.line) <= lines && doubt.proposal.is_some()));
    let drawn = picture(&map).expect("it is a graph");
    let boxes: usize = drawn.frames.iter().map(|frame| frame.boxes.len()).sum();
    assert_eq!(boxes, map.services.len() + map.hosts.len() + map.providers.len());
}

/// Reads a table and adds it to a small map: whatever stands in it, the whole is a map, or has a cycle of needs.
pub fn town_table(data: &[u8]) {
    const MAP: &str = "[town]\nname = \"V\"\ninhabitants = 1\n[[entity]]\nid = \"mairie\"\n[[host]]\nid = \"nas\"\n";
    let table = decode(data);
    let map = zoned(MAP).map.expect("it is a map");
    for known in [Some(&map), None] {
        let imported = import(&table, known);
        let text: String = imported.services.iter().map(|service| service.text.as_str()).collect();
        let reading = zoned(&format!("{MAP}{text}"));
        if let (Some(_), Some(whole)) = (known, &reading.map) {
            assert_eq!(whole.services.len(), imported.services.len());
            assert_eq!((whole.hosts.len(), whole.entities.len()), (1, 1), "a cell writes no other table");
        }
        let syntax = town::map::finding::Problem::Syntax { message: String::new() };
        let is_syntax = |problem| std::mem::discriminant(problem) == std::mem::discriminant(&syntax);
        assert!(!reading.findings.iter().any(|finding| is_syntax(&finding.problem)), "{text}");
    }
}

fn zoned(text: &str) -> Reading {
    read(text, &|name| (name == "Europe/Paris").then_some(TimeZone::UTC))
}
