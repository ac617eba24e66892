//! A crisis of thirty hours, told in French and English: the lines that matter, word by word.

use jiff::SignedDuration;
use town::deadlines::deadlines;
use town::drafts::{Audience, Stage, draft};
use town::journal::{Attachment, Entry, Fact};
use town::map::EntityId;
use town::state::{self, Origin};

use super::*;

fn map() -> Map {
    let text = include_str!("../../../../testdata/town/vaubourg.toml");
    let reading = town::map::read::read(text, &|name| TimeZone::get(name).ok());
    reading.map.unwrap_or_else(|| panic!("{:?}", reading.findings))
}

/// Hours after the discovery: a Saturday, 8:30 in Paris.
fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T07:30:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_hours(hours)).unwrap()
}

fn entry(entries: &mut Vec<Entry>, hours: i64, kind: Kind, text: &str, fact: Option<Fact>) -> u64 {
    let number = entries.len() as u64 + 1;
    entries.push(Entry {
        number,
        before: "0".repeat(64),
        time: at(hours),
        clock: "system".into(),
        author: "informaticien".into(),
        kind,
        about: None,
        text: text.into(),
        attachments: Vec::new(),
        confidence: None,
        corrects: None,
        happened: None,
        fact,
    });
    number
}

fn crisis(exercise: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    let opened = Fact::Opened {
        version: 1,
        town: "Vaubourg".into(),
        map_sha256: None,
        desk: String::new(),
        program: String::new(),
        exercise,
    };
    entry(&mut entries, 0, Kind::Decision, "Début du journal", Some(opened));
    entry(&mut entries, 0, Kind::Observation, "Les partages ne s'ouvrent plus", None);
    entry(&mut entries, 1, Kind::Decision, "La ville sait", Some(Fact::Known { at: at(0) }));
    entry(&mut entries, 1, Kind::Action, "Le réseau a été coupé", None);
    let mut state = |hours, of: &str, is, how: Option<&str>, next: Option<i64>| {
        let (how, next_news) = (how.map(str::to_string), next.map(at));
        let (why, since, origin) = (None, None, Origin::Human);
        let value = state::Value { of: of.into(), is, how, why, since, next_news, origin, said: at(hours) };
        entry(&mut entries, hours, Kind::Observation, "état", Some(Fact::State(value)))
    };
    state(2, "serveur", Level::Down, None, None);
    state(2, "site", Level::Up, None, None);
    state(3, "etat-civil", Level::Degraded, Some("sur registre papier"), Some(48));
    let damage = Damage {
        source: "registres".into(),
        files: 1520,
        hurt: 1200,
        gone: 3,
        sound: 300,
        unknown: 17,
        sound_until: Some(at(-30)),
        hurt_since: Some(at(-9)),
    };
    entry(&mut entries, 4, Kind::Action, "Dégâts", Some(Fact::Damage(damage)));
    answer(&mut entries, "nature", "rançongiciel");
    answer(&mut entries, "confidentiality", "?");
    answer(&mut entries, "public-cause", "Une attaque informatique perturbe nos services depuis samedi");
    let note = entry(&mut entries, 6, Kind::Evidence, "Message laissé par l'attaquant", None);
    let file = Attachment { name: "LISEZMOI.txt".into(), sha256: "ab".repeat(32), bytes: 4096 };
    entries[note as usize - 1].attachments.push(file);
    answer(&mut entries, "ransom-note", &format!("sur trois postes, voir #{note}"));
    let entity = Some(EntityId::from("mairie"));
    let cost = Fact::Cost { category: "aide extérieure".into(), entity, cents: 240_050, proof: Some("F-12".into()) };
    entry(&mut entries, 8, Kind::Cost, "deux jours de renfort", Some(cost));
    entries
}

fn answer(entries: &mut Vec<Entry>, field: &str, words: &str) {
    let fact = Fact::Answer { field: field.into(), words: words.into() };
    entry(entries, 5, Kind::Decision, words, Some(fact));
}

/// Writes a draft as of thirty hours after the discovery.
fn told(language: Language, what: What, entity: Option<&str>, entries: &[Entry]) -> String {
    let (map, messages) = (map(), Messages::new(language));
    let entity = entity.map(|id| map.entity(&id.into()).unwrap());
    let draft = draft(what, &map, entries, entity, at(30)).unwrap();
    plain(&Speaker { messages: &messages, map: &map }, &draft)
}

/// Demands lines, each whole; no-break spaces count as blanks.
fn has(text: &str, lines: &[&str]) {
    let plain = text.replace(['\u{a0}', '\u{202f}'], " ");
    for line in lines {
        assert!(plain.lines().any(|written| written.trim() == *line), "no line “{line}” in:\n{plain}");
    }
}

const CNIL: What = What::Cnil { complementary: false };

#[test]
fn the_notification_in_french() {
    let lines = [
        "Notification d'une violation de données personnelles – Commune de Vaubourg",
        "Projet à relire et à compléter, établi d'après ce qui est connu le 22 novembre 2026 à 14 h 30 (CET). Rien n'est envoyé par ce programme.",
        "Déclaration : notification initiale",
        "SIRET : 21990001200011 [carte, ligne 17]",
        "Délégué à la protection des données ou point de contact (art. 33(3)b) : déléguée à la protection des données, 06 00 00 00 03 [carte, ligne 40]",
        "Prise de connaissance : 21 novembre 2026 à 08 h 30 (CET) [journal n° 3]",
        "Circonstances de la découverte : non connu à ce jour – à compléter par : responsable informatique",
        "Premiers dommages constatés : 20 novembre 2026 à 23 h 30 (CET) [journal n° 8]",
        "Nature de l'attaque : rançongiciel [journal n° 9]",
        "Confidentialité (des données ont-elles été lues ou prises ?) : non connu à ce jour",
        "Intégrité (fichiers modifiés ou détruits) : registres : 1 520 fichiers, dont 1 200 abîmés, 3 disparus, 300 prouvés sains, 17 non connus à ce jour [journal n° 8]",
        "- état civil : fonctionne en partie, sur registre papier. Prochain point : 23 novembre 2026 à 08 h 30 (CET). [journal n° 7 · journal n° 8 · carte, ligne 76]",
        "- paie : à l'arrêt. Dépend de : serveur principal. [carte, ligne 91]",
        "- filiation (état civil) [carte, ligne 76]",
        "- identité (état civil, paie) [carte, ligne 76 · carte, ligne 91]",
        "Nombre approximatif de personnes : au plus 8 120 personnes (les mêmes peuvent être comptées plusieurs fois) = 8 000 (état civil) + 120 (paie) [carte, ligne 76 · carte, ligne 91]",
        "Nombre approximatif d'enregistrements : 21 000 enregistrements = 21 000 (état civil). Nombre non connu à ce jour pour : paie. [carte, ligne 76 · carte, ligne 91]",
        "Mesures prises : 21 novembre 2026 à 09 h 30 (CET) – action, informaticien : Le réseau a été coupé [journal n° 4]",
        "Motifs du retard : 72 heures ne sont pas passées, ou la notification est notée avant. [journal n° 3]",
        "Risque élevé pour les personnes ? : non connu à ce jour – à compléter par : déléguée à la protection des données",
        "Notifications : Le journal n'en mentionne encore aucune.",
    ];
    has(&told(Language::Fr, CNIL, Some("mairie"), &crisis(false)), &lines);
}

#[test]
fn the_notification_in_english() {
    let lines = [
        "Notification of a breach of personal data – Town of Vaubourg",
        "Known since: 21 November 2026, 08:30 (CET) [journal 3]",
        "How it was discovered: not known at this time – to be completed by: IT manager",
        "Confidentiality (was data read or taken?): not known at this time",
        "Approximate number of people: at most 8,120 people (some may be counted more than once) = 8,000 (civil registry) + 120 (payroll) [map, line 76 · map, line 91]",
        "- payroll: down. Needs: main server. [map, line 91]",
    ];
    has(&told(Language::En, CNIL, Some("mairie"), &crisis(false)), &lines);
}

#[test]
fn the_complaint_in_french() {
    let hash = "ab".repeat(32);
    let piece = format!(
        "- LISEZMOI.txt (4,0 Kio) – Message laissé par l'attaquant ; mis de côté le 21 novembre 2026 à 14 h 30 (CET) par informaticien ; SHA-256 {hash} [journal n° 12]"
    );
    let lines = [
        "Qui dépose plainte : directrice générale des services, 06 00 00 00 04 [carte, ligne 46]",
        "Machines : serveur principal, à l'arrêt, 1 place de la Mairie, 99999 Vaubourg [journal n° 5 · journal n° 8 · carte, ligne 58]",
        "Systèmes d'exploitation : serveur principal : Debian 12 [carte, ligne 58]",
        "- sur trois postes, voir #12 [journal n° 13 · journal n° 12]",
        "Journaux du pare-feu : non connu à ce jour – à compléter par : responsable informatique",
        "- total : 2 400,50 €",
        "- aide extérieure : 2 400,50 € [journal n° 14]",
        "Prestataires : Hébergeur du Val, 05 00 00 00 03, contrat H-7 [carte, ligne 52]",
        &piece,
    ];
    let told = told(Language::Fr, What::Complaint, Some("mairie"), &crisis(false));
    has(&told, &lines);
    assert!(told.contains("323-1 ") && told.contains("323-3-1") && told.contains("Remis par"));
}

#[test]
fn the_statement_says_nothing_of_the_journal() {
    let public = told(Language::Fr, What::Statement(Audience::Public), None, &crisis(false));
    let lines = [
        "Communiqué – Vaubourg",
        "Ce que nous savons le 22 novembre 2026 à 14 h 30 (CET). Ces informations peuvent changer.",
        "Ce qui se passe : Une attaque informatique perturbe nos services depuis samedi",
        "Données personnelles : non connu à ce jour",
        "Ce que nous vous conseillons : à venir",
        "Constaté le : 21 novembre 2026 à 08 h 30 (CET)",
        "- état civil : fonctionne en partie, sur registre papier. À la place : venir au guichet avec une pièce d'identité. Prochain point : 23 novembre 2026 à 08 h 30 (CET).",
        "Services qui fonctionnent : site internet : fonctionne.",
        "Prochain point : 23 novembre 2026 à 08 h 30 (CET)",
        "Page d'information : https://vaubourg.example/",
    ];
    has(&public, &lines);
    assert!(!public.contains('[') && !public.contains("crisis") && !public.contains("compléter"), "{public}");
    let staff = told(Language::En, What::Statement(Audience::Staff), None, &crisis(false));
    has(&staff, &["- payroll: down. Needs: main server. Instead: pay as last month.", "What not to do: to come"]);
}

#[test]
fn the_telephone_says_it_within_a_minute() {
    let (map, entries) = (map(), crisis(false));
    let check = |map: &Map, language, expected: &[&str]| {
        let messages = Messages::new(language);
        let draft = draft(What::Telephone, map, &entries, None, at(30)).unwrap();
        let speech = speech(&Speaker { messages: &messages, map }, &draft);
        assert!(speech.seconds() <= 60, "{} s", speech.seconds());
        let said: Vec<_> = speech.sentences.iter().map(|said| said.replace(['\u{a0}', '\u{202f}'], " ")).collect();
        assert_eq!(&said[..expected.len()], expected);
        said
    };
    let french = [
        "Bonjour, vous appelez : Vaubourg.",
        "Une attaque informatique perturbe nos services depuis samedi.",
        "Ne fonctionnent pas : portage de repas.",
        "Fonctionnent en partie : état civil.",
        "Pour état civil : venir au guichet avec une pièce d'identité.",
        "Pour portage de repas : appeler le zéro cinq, soixante-cinq, douze, trente-quatre, cinquante-sept.",
        "Tout est dit sur la page : vaubourg point example.",
        "Prochaines nouvelles : 23 novembre 2026 à 08 h 30.",
    ];
    check(&map, Language::Fr, &french);
    // A hundred services do not make it longer than a minute; what is not named is counted.
    let mut large = map.clone();
    for number in 0..100 {
        let mut service = large.services[0].clone();
        service.id = format!("service-{number}").as_str().into();
        large.services.push(service);
    }
    let said = check(&large, Language::En, &["Hello, you are calling: Vaubourg."]);
    assert!(said.iter().any(|sentence| sentence.ends_with("more services are hit.")), "{said:?}");
}

const EVERY: [What; 12] = [
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
    What::Ledger,
];

#[test]
fn every_field_of_every_draft_is_said_in_both_languages() {
    let map = map();
    for language in [Language::Fr, Language::En] {
        let messages = Messages::new(language);
        let speaker = Speaker { messages: &messages, map: &map };
        for what in EVERY {
            for entries in [crisis(false), crisis(true), Vec::new()] {
                let draft = draft(what, &map, &entries, map.entities.first(), at(90)).unwrap();
                let told = plain(&speaker, &draft);
                for field in draft.sections.iter().flat_map(|section| &section.fields) {
                    assert!(told.contains(&speaker.label(field.name, what.is_public())), "{what:?}: {:?}", field.name);
                    if let Content::Filled(lines) = &field.content {
                        assert!(lines.iter().all(|line| !speaker.line(line).is_empty()), "{what:?}: {field:?}");
                    }
                }
                // A key that nobody translated is shown as it is.
                assert!(!told.contains("draft-") && !told.contains("{ $"), "{told}");
                assert_eq!(told.contains("EXERCI"), draft.is_exercise);
            }
        }
    }
}

/// Before `: ; ? !` and `»` stands a no-break space, also where words were put together.
#[test]
fn french_is_set_as_french_is() {
    for what in EVERY {
        let told = told(Language::Fr, what, Some("mairie"), &crisis(true));
        let characters: Vec<char> = told.chars().collect();
        for pair in characters.windows(2) {
            let is_wrong = matches!(pair[1], ';' | '?' | '!' | '»') && pair[0] != '\u{a0}'
                || pair[1] == ':' && pair[0] == ' '
                || pair[0] == '«' && pair[1] != '\u{a0}';
            assert!(!is_wrong, "{what:?}: {pair:?} in:\n{told}");
        }
        assert!(!told.contains("- :") && !told.contains(".."), "{told}");
    }
}

#[test]
fn words_of_strangers_steer_nothing() {
    let mut entries = crisis(false);
    answer(&mut entries, "nature", "a\u{1b}[2Jb\nline two\u{202e}c");
    let told = told(Language::En, CNIL, Some("mairie"), &entries);
    assert!(!told.contains(['\u{1b}', '\u{202e}']) && told.contains("b line two"), "{told}");
}

#[test]
fn a_draft_agrees_with_the_panel() {
    let (map, mut entries) = (map(), crisis(false));
    let fact = Fact::Met { deadline: "complaint".into(), entity: Some("mairie".into()), receipt: Some("PV 12".into()) };
    entry(&mut entries, 20, Kind::Action, "plainte déposée", Some(fact));
    assert!(deadlines(&map, &entries, at(30)).known.is_some());
    let told = told(Language::En, What::Insurer, None, &entries);
    has(
        &told,
        &[
            "Complaint filed (Code des assurances, art. L. 12-10-1): complaint, Town of Vaubourg, 22 November 2026, 04:30 (CET), receipt PV 12 [journal 15]",
        ],
    );
}
