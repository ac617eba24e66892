use super::*;
use crate::map::finding::ValueKind;

/// A zone without a database of zones.
pub fn paris(name: &str) -> Option<TimeZone> {
    (name == "Europe/Paris").then(|| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
}

const SOUND: &str = r#"[town]
name = "Saint-Avit"
inhabitants = 1200

[[entity]]
id = "mairie"
name = "Mairie"

[[person]]
id = "secretaire"
role = { fr = "secrétaire", en = "secretary" }
duties = ["decide", "machines"]
verified = 2026-01-10

[[provider]]
id = "editeur"

[[host]]
id = "nas"
needs = ["editeur"]

[[source]]
name = "partage"
host = "nas"

[[service]]
id = "etat-civil"
owner = "secretaire"
sources = ["partage"]
needs = ["nas"]
wave = 2

[[service]]
id = "paie"
kept_by = "editeur"
needs = ["etat-civil"]

[[event]]
id = "paie-du-mois"
kind = "payday"
monthly = 25
services = ["paie"]
"#;

fn read_it(text: &str) -> Reading {
    read(text, &paris)
}

#[test]
fn a_sound_map_is_read_whole() {
    let reading = read_it(SOUND);
    assert_eq!(reading.findings, []);
    let map = reading.map.unwrap();
    assert_eq!((map.town.name.as_str(), map.town.inhabitants, map.town.nis2), ("Saint-Avit", 1200, Nis2::None));
    let service = map.service(&"etat-civil".into()).unwrap();
    assert_eq!((service.entity.as_str(), service.wave.number()), ("mairie", 2), "the only entity");
    assert_eq!((service.outage_hours_max, service.loss_hours_max, service.return_minutes), (24, 24, 30), "usual");
    assert_eq!(map.people[0].role, Words { fr: "secrétaire".into(), en: "secretary".into() });
    assert_eq!(map.people[0].duties, [Duty::Decide, Duty::Machines]);
    assert_eq!(map.services[1].wave, Wave::REST);
    assert_eq!(map.services[1].kept_by, Some("editeur".into()));
    assert_eq!(map.hosts[0].return_minutes, 60);
    assert_eq!((map.events[0].when.clone(), map.events[0].lead_days), (When::Monthly(25), 7));
    assert_eq!(map.services[0].line, 26);
    assert_eq!(reading.places.line(26, "wave"), 31);
    assert_eq!(reading.places.line(26, "paper"), 26, "where the table begins, if the field is not there");
}

#[test]
fn a_mark_of_order_and_other_ends_of_lines_do_no_harm() {
    let text = format!("\u{feff}{}", SOUND.replace('\n', "\r\n"));
    let reading = read_it(&text);
    assert_eq!(reading.findings, []);
    assert_eq!(reading.map.unwrap().services[0].line, 26);
}

/// A map that is broken in one place: what is replaced by what, the line that is told, what is wrong, what is proposed.
struct Broken {
    from: &'static str,
    to: &'static str,
    line: u32,
    problem: Problem,
    proposal: Option<Proposal>,
}

fn write(words: &str) -> Option<Proposal> {
    Some(Proposal::Write(words.to_string()))
}

fn near(name: &str) -> Option<Proposal> {
    Some(Proposal::Nearest(name.to_string()))
}

fn define(example: &str) -> Option<Proposal> {
    Some(Proposal::Define { example: example.to_string() })
}

fn unknown(kind: NameKind, name: &str) -> Problem {
    Problem::UnknownName { kind, name: name.to_string() }
}

fn out_of_range(field: &str, number: &str, min: u64, max: u64) -> Problem {
    Problem::OutOfRange { field: field.into(), number: number.into(), min, max }
}

fn wrong(field: &str, wanted: ValueKind, found: ValueKind) -> Problem {
    Problem::WrongKind { field: field.into(), wanted, found }
}

macro_rules! broken {
    ($($from:literal => $to:literal, $line:literal: $problem:expr, $proposal:expr;)*) => {
        vec![$(Broken { from: $from, to: $to, line: $line, problem: $problem, proposal: $proposal }),*]
    };
}

fn broken() -> Vec<Broken> {
    use NameKind::{Entity, Host, Node, Person, Provider, Service, Source};
    let one_of = |words: &[&str]| Some(Proposal::OneOf(words.iter().map(|word| (*word).to_string()).collect()));
    broken! {
        "wave = 2" => "wav = 2", 31: Problem::UnknownKey { table: Table::Service, key: "wav".into() }, near("wave");
        "wave = 2" => "monthly = 2", 31: Problem::UnknownKey { table: Table::Service, key: "monthly".into() },
            Some(Proposal::Elsewhere { table: Table::Event });
        "[[host]]" => "[[hots]]", 18: Problem::UnknownKey { table: Table::File, key: "hots".into() }, near("host");
        "inhabitants = 1200" => "", 1: Problem::MissingField { table: Table::Town, field: "inhabitants" },
            write("inhabitants = 8000");
        "id = \"etat-civil\"" => "name = \"État civil\"", 26: Problem::MissingField { table: Table::Service, field: "id" },
            write("id = \"etat-civil\"");
        "[town]\nname = \"Saint-Avit\"\ninhabitants = 1200\n" => "\n\n\n", 1: Problem::MissingTable { table: Table::Town },
            define("[town]\nname = \"…\"\ninhabitants = 8000");
        "inhabitants = 1200" => "inhabitants = \"1200\"", 3:
            wrong("inhabitants", ValueKind::Integer, ValueKind::Text), write("inhabitants = 1200");
        "name = \"Saint-Avit\"" => "name = 42", 2: wrong("name", ValueKind::Text, ValueKind::Integer), write("name = \"42\"");
        "needs = [\"nas\"]" => "needs = \"nas, paie\"", 30: wrong("needs", ValueKind::ListOfText, ValueKind::Text),
            write("needs = [\"nas\", \"paie\"]");
        "wave = 2" => "outage_hours_max = \"2 jours\"", 31:
            wrong("outage_hours_max", ValueKind::Integer, ValueKind::Text), write("outage_hours_max = 48");
        "wave = 2" => "loss_hours_max = -4", 31: out_of_range("loss_hours_max", "-4", 0, 87_600), None;
        "wave = 2" => "return_minutes = 1.5", 31: wrong("return_minutes", ValueKind::Integer, ValueKind::Float), None;
        "wave = 2" => "wave = 7", 31: out_of_range("wave", "7", 0, 6), None;
        "needs = [\"nas\"]" => "needs = [\"nsa\"]", 30: unknown(Node, "nsa"), near("nas");
        "needs = [\"nas\"]" => "needs = [\"nas\",\n  \"hyperviseur\"]", 31: unknown(Node, "hyperviseur"),
            define("[[host]]\nid = \"hyperviseur\"");
        "wave = 2" => "entity = \"marie\"", 31: unknown(Entity, "marie"), near("mairie");
        "owner = \"secretaire\"" => "owner = \"secrétair\"", 28: unknown(Person, "secrétair"), near("secretaire");
        "sources = [\"partage\"]" => "sources = [\"partages\"]", 29: unknown(Source, "partages"), near("partage");
        "services = [\"paie\"]" => "services = [\"paye\"]", 42: unknown(Service, "paye"), near("paie");
        "services = [\"paie\"]" => "services = [\"nas\"]", 42:
            Problem::OtherKind { wanted: Service, found: Host, name: "nas".into() }, define("[[service]]\nid = \"…\"");
        "kept_by = \"editeur\"" => "kept_by = \"hebergeur\"", 35: unknown(Provider, "hebergeur"),
            define("[[provider]]\nid = \"hebergeur\"");
        "id = \"paie\"" => "id = \"nas\"", 34: Problem::Twice { kind: Service, name: "nas".into(), first: 19 },
            Some(Proposal::Rename);
        "id = \"editeur\"" => "id = \"editeur\"\nneeds = [\"paie\"]", 17:
            Problem::Cycle { names: ["editeur", "paie", "etat-civil", "nas"].map(str::to_string).into() },
            Some(Proposal::CutNeed { of: "nas".into(), need: "editeur".into() });
        "needs = [\"etat-civil\"]" => "needs = [\"paie\"]", 36: Problem::Cycle { names: vec!["paie".into()] },
            Some(Proposal::CutNeed { of: "paie".into(), need: "paie".into() });
        "verified = 2026-01-10" => "verified = \"10/01/2026\"", 13:
            Problem::BadDate { field: "verified", written: "10/01/2026".into() }, write("2026-01-10");
        "verified = 2026-01-10" => "verified = 2026-01-10T10:00:00Z", 13:
            Problem::BadDate { field: "verified", written: "2026-01-10T10:00:00Z".into() }, None;
        "monthly = 25" => "dates = []", 41: Problem::Empty { field: "dates".into() }, write("dates = [2026-03-15]");
        "monthly = 25" => "monthly = 32", 41: out_of_range("monthly", "32", 1, 31), None;
        "monthly = 25" => "yearly = \"02-30\"", 41: Problem::BadDate { field: "yearly", written: "02-30".into() },
            write("yearly = \"09-01\"");
        "monthly = 25" => "season = \"11-01\"", 41: Problem::BadDate { field: "season", written: "11-01".into() },
            write("season = \"11-01..03-31\"");
        "monthly = 25" => "monthly = 25\nyearly = \"09-01\"", 38: Problem::When { count: 2 },
            Some(Proposal::KeepOne(vec!["monthly".into(), "yearly".into()]));
        "kind = \"payday\"" => "kind = \"paiday\"", 40:
            Problem::UnknownWord { field: "kind".into(), word: "paiday".into() }, near("payday");
        "duties = [\"decide\", \"machines\"]" => "duties = [\"décide\", \"café\"]", 12:
            Problem::UnknownWord { field: "duties".into(), word: "décide".into() }, near("decide");
        "inhabitants = 1200" => "zone = \"Europe/Pari\"\ninhabitants = 1200", 3:
            Problem::UnknownZone { zone: "Europe/Pari".into() }, write("zone = \"Europe/Paris\"");
        "inhabitants = 1200" => "inhabitants = 1200\nnis2 = \"maybe\"", 4:
            Problem::UnknownWord { field: "nis2".into(), word: "maybe".into() }, one_of(&["none", "important", "essential"]);
        "id = \"paie\"" => "id = \"../paie du mois\"", 34: Problem::BadName { name: "../paie du mois".into() },
            write("id = \"paie-du-mois\"");
        "name = \"Mairie\"" => "name = {}", 7: Problem::Empty { field: "name".into() }, Some(Proposal::Remove);
    }
}

#[test]
fn every_broken_map_names_the_line_and_a_mend() {
    for Broken { from, to, line, problem, proposal } in broken() {
        assert!(SOUND.contains(from), "{from}");
        let reading = read_it(&SOUND.replacen(from, to, 1));
        assert!(reading.map.is_none(), "{to}");
        let wanted = Finding { line, severity: Severity::Error, problem, proposal };
        assert!(reading.findings.contains(&wanted), "{to}\nnot {wanted:#?}\nin {:#?}", reading.findings);
    }
}

#[test]
fn a_line_that_is_no_toml_is_told_with_the_rest() {
    for (from, to, line, words) in [
        ("inhabitants = 1200", "inhabitants 1200", 3, "value"),
        ("name = \"Mairie\"", "name = \"Mairie", 7, "\""),
        ("name = \"Mairie\"", "id = \"deux\"", 7, "duplicate key"),
        ("needs = [\"nas\"]", "needs = [\"nas\"", 30, "array"),
    ] {
        let text = SOUND.replacen(from, to, 1).replace("monthly = 25", "monthlyy = 25");
        let reading = read_it(&text);
        assert!(reading.map.is_none());
        let syntax = reading.findings.iter().find_map(|finding| match &finding.problem {
            Problem::Syntax { message } => Some((finding.line, message.clone())),
            _ => None,
        });
        let (at, message) = syntax.unwrap_or_else(|| panic!("{to}: {:#?}", reading.findings));
        assert!(at == line || at == line + 1, "{to}: {at}");
        assert!(message.contains(words), "{message}");
        let other = reading
            .findings
            .iter()
            .any(|finding| matches!(&finding.problem, Problem::UnknownKey { key, .. } if key == "monthlyy"));
        assert!(other, "the rest is told too: {:#?}", reading.findings);
    }
}

#[test]
fn all_errors_of_a_file_are_told_at_once() {
    let mut text = SOUND.to_string();
    for (from, to) in [("inhabitants", "inhabitant"), ("\"nas\"]", "\"naz\"]"), ("payday", "pay"), ("monthly = 25", "")]
    {
        text = text.replacen(from, to, 1);
    }
    let lines: Vec<u32> = read_it(&text).findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 3, 30, 38, 40]);
}

#[test]
fn too_much_is_refused_and_too_many_findings_are_counted() {
    let long = format!("{SOUND}#{}", " ".repeat(BYTES_MAX));
    assert!(matches!(read_it(&long).findings[..], [Finding { problem: Problem::TooLong { .. }, .. }]));
    let mut many = SOUND.to_string();
    (0..NODES_MAX).for_each(|number| many.push_str(&format!("[[host]]\nid = \"h{number}\"\n")));
    let findings = read_it(&many).findings;
    assert!(matches!(findings[..], [Finding { problem: Problem::TooMany { count: 10_004 }, .. }]), "{findings:?}");
    let wrong = format!("{SOUND}{}", (0..500).map(|number| format!("x{number} = 1\n")).collect::<String>());
    let reading = read_it(&wrong);
    assert!(matches!(reading.findings.last().unwrap().problem, Problem::More { count: 300 }));
    assert!(reading.map.is_none());
}

#[test]
fn what_is_hardly_toml_is_refused_before_memory_is_taken_for_it() {
    for text in ["=".repeat(BYTES_MAX), "[a]\n\"\n".repeat(1 << 18), "a=[".repeat(1 << 20), "[".repeat(BYTES_MAX)] {
        let reading = read_it(&text);
        assert!(reading.map.is_none());
        assert!(matches!(reading.findings[0].problem, Problem::Syntax { .. }), "{:?}", reading.findings[0]);
        assert!(reading.findings.len() <= 201);
    }
}

/// A chain of needs as long as a map may be: no stack must grow with it.
#[test]
fn a_chain_of_ten_thousand_needs_is_read_and_its_cycle_found() {
    let mut text = SOUND.to_string();
    let last = NODES_MAX - 5;
    for number in 0..=last {
        let need = if number == last { 0 } else { number + 1 };
        text.push_str(&format!("[[host]]\nid = \"h{number}\"\nneeds = [\"h{need}\"]\n"));
    }
    let findings = read_it(&text).findings;
    let [Finding { problem: Problem::Cycle { names }, .. }] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(names.len(), last + 1);
}
