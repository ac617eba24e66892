use jiff::civil::date;
use jiff::tz::TimeZone;

use super::super::read::read;
use super::*;

/// A map about which there is no doubt.
const CALM: &str = r#"[town]
name = "Saint-Avit"
inhabitants = 1200
switchboard = "01 99 00 00 00"
restore_bytes_per_second = 50000000

[[entity]]
id = "mairie"

[[person]]
id = "maire"
role = "maire"
phone = "+33 6 39 98 00 01"
deputy = "adjoint"
duties = ["decide", "machines", "speak", "complain", "dpo"]
verified = 2026-06-01

[[person]]
id = "adjoint"
role = "adjoint"

[[provider]]
id = "editeur"

[[host]]
id = "nas"

[[source]]
name = "partage"
host = "nas"
bytes = 100000000000

[[service]]
id = "etat-civil"
wave = 2
sources = ["partage"]
needs = ["nas"]
meanwhile_public = "Registres papier."
personal_data = ["identité"]
persons = 1200

[[service]]
id = "paie"
kept_by = "editeur"
needs = ["etat-civil"]

[[event]]
id = "scrutin"
kind = "election"
dates = [2027-04-11]
services = ["paie"]
"#;

fn doubts(text: &str) -> Vec<Finding> {
    let reading = read(text, &|_| Some(TimeZone::UTC));
    let map = reading.map.unwrap_or_else(|| panic!("{:#?}", reading.findings));
    check(&map, &reading.places, date(2026, 11, 22))
}

#[test]
fn a_calm_map_gives_no_doubt() {
    assert_eq!(doubts(CALM), []);
}

fn id<T: for<'s> From<&'s str>>(name: &str) -> T {
    T::from(name)
}

fn write(words: &str) -> Proposal {
    Proposal::Write(words.to_string())
}

fn write_in(table: Table, of: &str, words: &str) -> Proposal {
    Proposal::WriteIn { table, of: of.to_string(), words: words.to_string() }
}

/// What is replaced by what, the line that is told, the doubt, the proposal.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(&'static str, &'static str, u32, Doubt, Proposal)> {
    let late = |every_hours, loss_hours_max| Doubt::KeptTooSeldom {
        service: id("etat-civil"),
        source: id("partage"),
        every_hours,
        loss_hours_max,
    };
    let ask =
        Proposal::AskForCopies { provider: "editeur".into(), example: "[[source]]\nname = \"export-editeur\"".into() };
    let kept = Proposal::OneOf(vec!["sources = [\"…\"]".into(), "kept_by = \"…\"".into()]);
    let person = || id("maire");
    vec![
        ("kept_by = \"editeur\"\n", "", 42, Doubt::NothingKept { service: id("paie") }, kept),
        (
            "sources = [\"partage\"]",
            "kept_by = \"editeur\"",
            28,
            Doubt::UnusedSource { source: id("partage") },
            write_in(Table::Service, "…", "sources = [\"partage\"]"),
        ),
        (
            "bytes = 100000000000",
            "every_hours = 48",
            33,
            late(48, 24),
            write_in(Table::Source, "partage", "every_hours = 24"),
        ),
        (
            "wave = 2",
            "wave = 2\nloss_hours_max = 4",
            36,
            late(24, 4),
            write_in(Table::Source, "partage", "every_hours = 4"),
        ),
        (
            "persons = 1200",
            "persons = 1200\noutage_hours_max = 2",
            41,
            // 100 GB at 50 MB/s, an hour for the host, half an hour for the service.
            Doubt::TooSlow { service: id("etat-civil"), minutes: 34 + 90, bytes: 100_000_000_000, outage_hours_max: 2 },
            Proposal::Shorten("outage_hours_max = 3".into()),
        ),
        (
            "restore_bytes_per_second = 50000000\n",
            "",
            1,
            Doubt::NoRate,
            Proposal::Measure("restore_bytes_per_second = …".into()),
        ),
        (
            "needs = [\"etat-civil\"]",
            "personal_data = [\"RIB\"]\npersons = 9\nneeds = [\"etat-civil\", \"editeur\"]",
            22,
            Doubt::OnlyCopy { provider: id("editeur"), services: vec![id("paie")] },
            ask,
        ),
        (
            "\"decide\", ",
            "",
            10,
            Doubt::NobodyFor { duty: Duty::Decide },
            write_in(Table::Person, "…", "duties = [\"decide\"]"),
        ),
        (", \"dpo\"", "", 10, Doubt::NobodyFor { duty: Duty::Dpo }, write_in(Table::Person, "…", "duties = [\"dpo\"]")),
        ("deputy = \"adjoint\"\n", "", 10, Doubt::NoDeputy { person: person() }, write("deputy = \"…\"")),
        (
            "deputy = \"adjoint\"",
            "deputy = \"maire\"",
            14,
            Doubt::NoDeputy { person: person() },
            write("deputy = \"…\""),
        ),
        ("phone = \"+33 6 39 98 00 01\"\n", "", 10, Doubt::NoPhone { person: person() }, write("phone = \"06 …\"")),
        (
            "+33 6 39 98 00 01",
            "+33.1.99.00.00.00",
            13,
            Doubt::SwitchboardPhone { person: person() },
            Proposal::OtherPhone,
        ),
        (
            "verified = 2026-06-01",
            "verified = 2025-11-21",
            16,
            Doubt::NotVerified { people: vec![person()], since: Some(date(2025, 11, 21)) },
            Proposal::Call("verified = 2026-11-22".into()),
        ),
        (
            "verified = 2026-06-01\n",
            "",
            10,
            Doubt::NotVerified { people: vec![person()], since: None },
            Proposal::Call("verified = 2026-11-22".into()),
        ),
        (
            "kept_by = \"editeur\"",
            "kept_by = \"editeur\"\nwave = 1",
            46,
            Doubt::LaterWave { service: id("paie"), wave: Wave::TRUST, need: id("etat-civil"), later: Wave::LIFE },
            write_in(Table::Service, "etat-civil", "wave = 1"),
        ),
        (
            "services = [\"paie\"]",
            "services = []",
            51,
            Doubt::NoServices { event: id("scrutin") },
            write("services = [\"…\"]"),
        ),
        ("2027-04-11", "2026-03-15", 50, Doubt::OverDates { event: id("scrutin") }, write("dates = [2027-03-15]")),
        ("persons = 1200\n", "", 39, Doubt::NoPersons { service: id("etat-civil") }, write("persons = 1200")),
        (
            "wave = 2",
            "wave = 2\nloss_hours_max = 72",
            36,
            Doubt::CivilRegistry { service: id("etat-civil"), loss_hours_max: 72 },
            write("loss_hours_max = 24"),
        ),
        (
            "meanwhile_public = \"Registres papier.\"\n",
            "",
            33,
            Doubt::NoMeanwhile { service: id("etat-civil") },
            write("meanwhile_public = \"…\""),
        ),
    ]
}

#[test]
fn every_doubt_names_the_line_and_what_to_write() {
    for (from, to, line, doubt, proposal) in cases() {
        assert!(CALM.contains(from), "{from}");
        let found = doubts(&CALM.replacen(from, to, 1));
        let problem = Problem::Doubt(doubt);
        let wanted = Finding { line, severity: Severity::Warning, problem, proposal: Some(proposal) };
        assert_eq!(found, [wanted], "{from} → {to}");
    }
}

#[test]
fn what_takes_more_than_half_of_the_urgent_with_it_is_told() {
    let service = |name: &str, wave: u8, need: &str| {
        format!(
            "[[service]]\nid = \"{name}\"\nwave = {wave}\nkept_by = \"editeur\"\nmeanwhile_staff = \"papier\"\nneeds = [\"{need}\"]\n"
        )
    };
    let mut text = CALM.replace("id = \"nas\"", "id = \"nas\"\nneeds = [\"armoire\"]");
    text.push_str(
        "[[host]]\nid = \"armoire\"\nneeds = [\"salle\"]\n[[host]]\nid = \"salle\"\n[[host]]\nid = \"autre\"\n",
    );
    text.push_str(&service("cantine", 2, "nas"));
    text.push_str(&service("titres", 3, "armoire"));
    text.push_str(&service("police", 2, "autre"));
    text.push_str(&service("sig", 6, "nas"));
    let point = |node: &str, falls| {
        Problem::Doubt(Doubt::SinglePoint { nodes: node.split(' ').map(id).collect(), falls, of: 4 })
    };
    let found: Vec<(Problem, u32)> = doubts(&text).into_iter().map(|finding| (finding.problem, finding.line)).collect();
    assert_eq!(found, [(point("armoire salle", 3), 53)], "two of four are not more than half");
}
