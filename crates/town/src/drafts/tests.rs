//! A scripted crisis: a town hall and a social centre on one server, told draft by draft.

use proptest::prelude::*;

use super::*;
use crate::journal::Fact;
use crate::scripted::{Script, town};

/// Sunday's attack as it stands after thirty hours: much is known, not all.
fn crisis() -> Script {
    let mut script = Script::begin();
    script.known(0);
    script.note(0, "the shares do not open");
    script.entry(1, Kind::Action, "the network was cut", None);
    script.state(2, "serveur", Level::Down, None);
    script.state(3, "etat-civil", Level::Degraded, Some(48));
    damage(&mut script, 4, "registres", 120);
    damage(&mut script, 5, "registres", 150);
    script.answer(6, "nature", "ransomware on the file server");
    script.answer(6, "confidentiality", "?");
    let note = script.evidence(7, "what the attackers wrote", "LISEZMOI.txt");
    script.answer(8, "ransom-note", &format!("on the desktop of three machines, see #{note}"));
    script.answer(9, "consequences", "people wait longer for papers");
    script.answer(9, "consequences@ccas", "some meals may not come");
    let cost =
        |cents| Fact::Cost { category: "aide".into(), entity: Some("ccas".into()), cents, proof: Some("F-1".into()) };
    script.fact(10, "two days of help", cost(240_000));
    script
}

fn damage(script: &mut Script, hours: i64, source: &str, hurt: u64) -> u64 {
    let damage = Damage {
        source: source.into(),
        files: 1000,
        hurt,
        gone: 3,
        sound: 800,
        unknown: 47,
        sound_until: Some(script.at(-30)),
        hurt_since: Some(script.at(-9)),
    };
    script.fact(hours, "damage", Fact::Damage(damage))
}

fn drafted(what: What, script: &Script, entity: Option<&str>, hours: i64) -> Draft {
    let map = town();
    let entity = entity.map(|id| map.entity(&id.into()).unwrap());
    draft(what, &map, &script.entries, entity, script.at(hours)).unwrap()
}

/// Writes each field as `name=filled`, `?` or `!`.
fn outline(draft: &Draft) -> Vec<String> {
    let field = |field: &Field| match &field.content {
        Content::Filled(lines) => format!("{}={}", field.name.name(), lines.len()),
        Content::NotKnown { .. } => format!("{}?", field.name.name()),
        Content::Missing { .. } => format!("{}!", field.name.name()),
    };
    draft.sections.iter().flat_map(|section| &section.fields).map(field).collect()
}

fn lines(draft: &Draft, name: FieldName) -> &[Line] {
    match &draft.field(name).unwrap().content {
        Content::Filled(lines) => lines,
        other => panic!("{name:?}: {other:?}"),
    }
}

const CNIL: What = What::Cnil { complementary: false };

#[test]
fn the_notification_has_what_article_33_asks_for() {
    let draft = drafted(CNIL, &crisis(), Some("mairie"), 30);
    assert_eq!(
        outline(&draft),
        [
            "stage=1",
            "entity=1",
            "siret=1",
            "address=1",
            "representative=1",
            "dpo=1",
            "discovered=1",
            "circumstances!",
            "began=1",
            "sound-until=1",
            "ended!",
            "processors=1",
            "nature=1",
            "confidentiality?",
            "integrity=1",
            "availability=2",
            "data-categories=3",
            "person-categories!",
            "person-count=1",
            "record-count=1",
            "consequences=1",
            "measures-taken=1",
            "measures-planned!",
            "delay-reasons=1",
            "high-risk!",
            "persons-informed!",
            "persons-informed-how!",
            "register-facts=1",
            "register-effects=1",
            "register-measures=1",
            "register-notified=1",
        ]
    );
    assert_eq!(draft.counts(), Counts { filled: 23, not_known: 1, missing: 7 });
}

#[test]
fn sums_show_their_parts_and_what_is_not_in_them() {
    let draft = drafted(CNIL, &crisis(), Some("mairie"), 30);
    let name = |fr: &str, en: &str| Words { fr: fr.into(), en: en.into() };
    let Value::Sum(persons) = &lines(&draft, FieldName::PersonCount)[0].value else { panic!() };
    let parts = vec![(name("état civil", "civil registry"), 8000), (name("paie", "payroll"), 120)];
    assert_eq!((persons.total, &persons.parts, persons.without.len()), (8120, &parts, 0));
    let Value::Sum(records) = &lines(&draft, FieldName::RecordCount)[0].value else { panic!() };
    assert_eq!((records.total, &records.without), (21_000, &vec![name("paie", "payroll")]));
    // Of the social centre, another number: it notifies for itself.
    let draft = drafted(CNIL, &crisis(), Some("ccas"), 30);
    let Value::Sum(persons) = &lines(&draft, FieldName::PersonCount)[0].value else { panic!() };
    assert_eq!(persons.total, 90);
}

#[test]
fn what_nobody_said_of_a_service_is_in_no_sum() {
    let mut script = Script::begin();
    script.known(0);
    let draft = drafted(CNIL, &script, Some("mairie"), 1);
    for name in [FieldName::PersonCount, FieldName::DataCategories, FieldName::Availability, FieldName::Integrity] {
        assert!(matches!(draft.field(name).unwrap().content, Content::NotKnown { .. }), "{name:?}");
    }
    script.state(2, "paie", Level::Down, None);
    let draft = drafted(CNIL, &script, Some("mairie"), 3);
    let Value::Sum(persons) = &lines(&draft, FieldName::PersonCount)[0].value else { panic!() };
    assert_eq!((persons.total, persons.unknown.len()), (120, 1), "of the registry nobody knows: {persons:?}");
}

#[test]
fn an_answer_of_an_entity_is_its_own() {
    let said = |entity| match &lines(&drafted(CNIL, &crisis(), Some(entity), 30), FieldName::Consequences)[0].value {
        Value::Said(words) => words.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (said("mairie").as_str(), said("ccas").as_str()),
        ("people wait longer for papers", "some meals may not come")
    );
}

#[test]
fn what_was_hurt_is_told_after_all_is_back_and_so_is_a_source_that_no_service_names() {
    let mut script = crisis();
    let files = |script: &Script, entity: &str| {
        let draft = drafted(CNIL, script, Some(entity), 30);
        let told = lines(&draft, FieldName::Integrity).iter().map(|line| match &line.value {
            Value::Files(damage) => (damage.source.clone(), damage.hurt),
            other => panic!("{other:?}"),
        });
        told.collect::<Vec<_>>()
    };
    let before = files(&script, "mairie");
    let (source, hurt) = before[0].clone();
    assert!(hurt > 0);
    let back = Damage { source, files: 1000, sound: 1000, ..Damage::default() };
    script.fact(20, "all is back", Fact::Damage(back));
    assert_eq!(files(&script, "mairie"), before);
    damage(&mut script, 21, "nobody's", 12);
    for entity in ["mairie", "ccas"] {
        assert!(files(&script, entity).contains(&("nobody's".to_string(), 12)), "{entity}");
    }
}

#[test]
fn the_last_damage_counts_and_says_from_where() {
    let draft = drafted(CNIL, &crisis(), Some("mairie"), 30);
    let line = &lines(&draft, FieldName::Integrity)[0];
    assert!(matches!(&line.value, Value::Files(damage) if damage.hurt == 150), "{line:?}");
    assert_eq!(line.from, [Provenance::Entry(8)]);
}

#[test]
fn reasons_are_due_after_72_hours_unless_it_was_notified_before() {
    let mut script = crisis();
    let reason = |script: &Script, hours| {
        let draft = drafted(CNIL, script, Some("mairie"), hours);
        draft.field(FieldName::DelayReasons).unwrap().content.clone()
    };
    let in_time =
        |content| matches!(content, Content::Filled(lines) if lines[0].value == Value::Phrase(Phrase::InTime));
    assert!(in_time(reason(&script, 72)));
    assert_eq!(reason(&script, 73), Content::Missing { fill: Fill::Answer(FieldName::DelayReasons), who: Duty::Dpo });
    script.answer(73, "delay-reasons", "no telephone for two days");
    let Content::Filled(told) = reason(&script, 80) else { panic!() };
    assert_eq!(told[0].value, Value::Late { hours: 80 });
    let met = Fact::Met { deadline: "cnil".into(), entity: None, receipt: Some("V-77".into()) };
    let entry = script.fact(60, "notified", met);
    assert!(in_time(reason(&script, 200)));
    let draft = drafted(What::Cnil { complementary: true }, &script, Some("mairie"), 200);
    let receipt = &lines(&draft, FieldName::InitialReceipt)[0];
    assert!(matches!(&receipt.value, Value::Met { receipt: Some(number), .. } if number == "V-77"));
    assert_eq!(receipt.from, [Provenance::Entry(entry)]);
}

#[test]
fn without_t0_it_is_missing_and_says_who_decides() {
    let draft = drafted(CNIL, &Script::begin(), Some("mairie"), 30);
    for name in [FieldName::Discovered, FieldName::DelayReasons] {
        assert_eq!(draft.field(name).unwrap().content, Content::Missing { fill: Fill::Known, who: Duty::Decide });
    }
}

#[test]
fn the_complaint_has_what_investigators_ask_for() {
    let draft = drafted(What::Complaint, &crisis(), Some("mairie"), 30);
    assert_eq!(
        outline(&draft),
        [
            "entity=1",
            "siret=1",
            "address=1",
            "representative=1",
            "complainant=1",
            "investigator-contact=1",
            "discovered=1",
            "circumstances!",
            "nature=1",
            "began=1",
            "sound-until=1",
            "ended!",
            "timeline=9",
            "journal-end=1",
            "machines=1",
            "machine-places=1",
            "systems=1",
            "accounts-seen!",
            "addresses-seen!",
            "ransom-note=2",
            "trapped-message!",
            "firewall-logs!",
            "disk-copies!",
            "encrypted-samples!",
            "pieces=1",
            "files-hurt=1",
            "services-touched=2",
            "damage-estimate?",
            "providers-involved=1",
            "offences=1",
            "handover=2",
        ]
    );
    let Value::Piece { file, .. } = &lines(&draft, FieldName::RansomNote)[1].value else { panic!() };
    assert_eq!(file.name, "LISEZMOI.txt");
    let Value::Machine { place, .. } = &lines(&draft, FieldName::Machines)[0].value else { panic!() };
    assert_eq!(place.as_deref(), Some("1 place de la Mairie, 99999 Vaubourg"));
}

#[test]
fn what_the_map_lacks_of_an_entity_is_missing_in_its_complaint() {
    let draft = drafted(What::Complaint, &crisis(), Some("ccas"), 30);
    let missing = |name, key| {
        assert_eq!(draft.field(name).unwrap().content, Content::Missing { fill: Fill::Map(key), who: Duty::Complain });
    };
    missing(FieldName::Siret, "entity.siret");
    missing(FieldName::Address, "entity.address");
    missing(FieldName::Representative, "entity.representative");
    assert_eq!(outline(&draft)[27], "damage-estimate=2", "the cost is its own");
}

#[test]
fn an_address_that_one_machine_lacks_is_missing() {
    let mut map = town();
    map.hosts[0].place = None;
    let script = crisis();
    let draft = draft(What::Complaint, &map, &script.entries, map.entities.first(), script.at(30)).unwrap();
    let place = &draft.field(FieldName::MachinePlaces).unwrap().content;
    assert_eq!(*place, Content::Missing { fill: Fill::Map("host.place"), who: Duty::Machines });
}

#[test]
fn nis2_tells_more_at_each_stage() {
    let mut script = crisis();
    let warning = outline(&drafted(What::Nis2(Stage::Warning), &script, None, 20));
    assert_eq!(
        warning,
        [
            "stage=1",
            "entity=2",
            "siret=2",
            "address=2",
            "representative=2",
            "reporter=2",
            "discovered-utc=1",
            "summary!",
            "malicious!",
            "cross-border!",
        ]
    );
    let notification = outline(&drafted(What::Nis2(Stage::Notification), &script, None, 20));
    let more = [
        "severity!",
        "impact=1",
        "services-touched=3",
        "person-count=1",
        "indicators!",
        "accounts-seen!",
        "addresses-seen!",
        "measures-taken=1",
        "measures-planned!",
    ];
    assert_eq!((notification[1].as_str(), &notification[11..]), ("initial-receipt!", &more.map(String::from)[..]));
    script.fact(60, "sent", Fact::Met { deadline: "nis2-notification".into(), entity: None, receipt: None });
    let last = outline(&drafted(What::Nis2(Stage::Final), &script, None, 90));
    let more = ["nature=1", "root-cause!", "began=1", "timeline=10", "files-hurt=1", "damage-estimate=2", "lessons!"];
    assert_eq!((last[1].as_str(), &last[20..]), ("initial-receipt=1", &more.map(String::from)[..]));
}

#[test]
fn the_insurer_is_told_of_contract_complaint_and_costs() {
    let mut script = crisis();
    let before = outline(&drafted(What::Insurer, &script, None, 30));
    assert_eq!(
        before,
        [
            "insurer=1",
            "contract=1",
            "entity=2",
            "siret=2",
            "address=2",
            "representative=2",
            "complainant=1",
            "discovered=1",
            "circumstances!",
            "nature=1",
            "began=1",
            "complaint-filed!",
            "services-touched=3",
            "files-hurt=1",
            "confidentiality?",
            "third-parties!",
            "measures-taken=1",
            "providers-involved=1",
            "cost-lines=1",
            "cost-by-category=1",
            "cost-by-entity=1",
            "cost-total=1",
        ]
    );
    let draft = drafted(What::Insurer, &script, None, 30);
    let of: Vec<_> = lines(&draft, FieldName::Siret).iter().map(|line| &line.value).collect();
    assert!(
        matches!(of[0], Value::OfEntity { words: Some(_), .. }) && matches!(of[1], Value::OfEntity { words: None, .. })
    );
    let met = Fact::Met { deadline: "complaint".into(), entity: Some("mairie".into()), receipt: Some("PV 12".into()) };
    script.fact(31, "filed", met);
    let draft = drafted(What::Insurer, &script, None, 32);
    assert_eq!(lines(&draft, FieldName::ComplaintFiled).len(), 1, "of the town hall alone");
}

#[test]
fn people_are_told_how_each_service_is_and_what_to_do_instead() {
    let script = crisis();
    let public = drafted(What::Statement(Audience::Public), &script, None, 30);
    assert_eq!(
        outline(&public),
        [
            "public-cause!",
            "discovered=1",
            "who-works!",
            "public-data!",
            "public-advice!",
            "services-closed=3",
            "services-open?",
            "next-news=1",
            "switchboard=1",
            "public-page=1",
        ]
    );
    let services: Vec<_> = lines(&public, FieldName::ServicesClosed).iter().map(|line| &line.value).collect();
    let Value::Service(registry) = services[0] else { panic!() };
    assert_eq!((registry.level, registry.next_news), (Level::Degraded, Some(script.at(48))));
    assert_eq!(registry.instead.as_ref().unwrap().en, "come to the counter with an identity paper");
    let Value::Service(payroll) = services[1] else { panic!() };
    assert_eq!((payroll.level, &payroll.through), (Level::Down, &None), "machines are not named in public");
    let staff = drafted(What::Statement(Audience::Staff), &script, None, 30);
    let Value::Service(registry) = &lines(&staff, FieldName::ServicesClosed)[0].value else { panic!() };
    assert_eq!(registry.instead.as_ref().unwrap().en, "paper register");
    let Value::Service(payroll) = &lines(&staff, FieldName::ServicesClosed)[1].value else { panic!() };
    assert_eq!(payroll.through.as_ref().unwrap().fr, "serveur principal");
    assert_eq!(outline(&staff)[4], "staff-rules!");
    // News that were promised for a time that is over are no news.
    let late = drafted(What::Poster, &script, None, 49);
    assert!(matches!(late.field(FieldName::NextNews).unwrap().content, Content::Missing { .. }));
}

#[test]
fn an_answer_that_nothing_asks_for_is_found() {
    let mut script = crisis();
    for field in ["nature@ccas", "nis2-scope", "impact", "natrue", "nature@ville"] {
        script.answer(20, field, "x");
    }
    let unknown: Vec<_> = unknown_answers(&town(), &script.entries).into_iter().map(|answer| answer.field).collect();
    assert_eq!(unknown, ["impact", "natrue", "nature@ville"], "what is measured is answered by nobody");
    assert!(ANSWERED.iter().all(|field| FieldName::of_name(field.name()).is_some()));
}

/// What a person must say in some draft is what an answer may name.
#[test]
fn what_may_be_answered_is_what_is_asked() {
    let mut asked = std::collections::BTreeSet::new();
    for what in EVERY {
        // After three days reasons are due; before anybody named a contact or promised news, both are asked for.
        let mut map = town();
        map.people.clear();
        let script = Script::begin();
        let mut entries = script.entries.clone();
        entries.extend(crisis().entries.into_iter().filter(|entry| matches!(entry.fact, Some(Fact::Known { .. }))));
        let draft = draft(what, &map, &entries, map.entities.first(), script.at(100)).unwrap();
        for field in draft.sections.iter().flat_map(|section| &section.fields) {
            if let Content::Missing { fill: Fill::Answer(name), .. } = field.content {
                asked.insert(name);
            }
        }
    }
    assert_eq!(asked, ANSWERED.iter().copied().collect());
}

#[test]
fn an_exercise_is_marked_in_every_draft() {
    for what in EVERY {
        assert!(drafted(what, &Script::exercise(), Some("mairie"), 1).is_exercise);
        assert!(!drafted(what, &crisis(), Some("mairie"), 1).is_exercise);
    }
}

const EVERY: [What; 11] = [
    CNIL,
    What::Cnil { complementary: true },
    What::Complaint,
    What::Nis2(Stage::Warning),
    What::Nis2(Stage::Notification),
    What::Nis2(Stage::Final),
    What::Insurer,
    What::Statement(Audience::Public),
    What::Statement(Audience::Staff),
    What::Telephone,
    What::Poster,
];

#[test]
fn every_name_is_there_once_and_is_found() {
    let mut names: Vec<_> = FieldName::ALL.iter().map(|name| name.name()).collect();
    assert!(FieldName::ALL.iter().all(|name| FieldName::of_name(name.name()) == Some(*name)));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FieldName::ALL.len());
}

#[test]
fn every_field_is_in_some_draft_and_none_stands_twice_in_one() {
    let script = crisis();
    let mut seen = std::collections::BTreeSet::new();
    for what in EVERY.into_iter().chain([What::Ledger]) {
        let draft = drafted(what, &script, None, 30);
        let names: Vec<_> = draft.sections.iter().flat_map(|section| &section.fields).map(|field| field.name).collect();
        let once: std::collections::BTreeSet<_> = names.iter().copied().collect();
        assert_eq!(names.len(), once.len(), "{what:?}");
        seen.extend(once);
    }
    // Everything is known to be hit or through the server here.
    seen.insert(FieldName::ServicesUnknown);
    assert_eq!(seen.len(), FieldName::ALL.len());
}

proptest! {
    /// Whatever the journal holds, what was measured alone never fills a field that says whether data left or people are at risk.
    #[test]
    fn a_negative_is_never_written_by_itself(
        levels in proptest::collection::vec((0_usize..4, 0_usize..4), 0..12), hurt in 0_u64..3, hours in 0_i64..200,
    ) {
        let mut script = Script::begin();
        script.known(0);
        for (node, level) in levels {
            let level = [Level::Up, Level::Degraded, Level::Unknown, Level::Down][level];
            script.state(1, ["etat-civil", "paie", "portage", "serveur"][node], level, None);
        }
        damage(&mut script, 2, "registres", hurt);
        for what in EVERY {
            let draft = drafted(what, &script, Some("mairie"), hours);
            for name in [FieldName::Confidentiality, FieldName::PublicData, FieldName::HighRisk, FieldName::CrossBorder, FieldName::Malicious] {
                if let Some(field) = draft.field(name) {
                    prop_assert!(matches!(field.content, Content::Missing { .. }), "{:?} {:?}", what, field);
                }
            }
            for field in draft.sections.iter().flat_map(|section| &section.fields) {
                prop_assert!(!matches!(&field.content, Content::Filled(lines) if lines.is_empty()), "{:?}", field.name);
            }
        }
    }
}
