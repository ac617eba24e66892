//! For tests: a town of two entities, and a journal written hour by hour.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::journal::{Attachment, Entry, Fact, Kind};
use crate::map::*;
use crate::state::{Level, Origin, Value};

/// A journal in the making; its hours count from the discovery, a Saturday morning.
pub struct Script {
    pub entries: Vec<Entry>,
    pub start: Timestamp,
}

impl Script {
    pub fn begin() -> Self {
        let start = "2026-11-21T08:30:00+01:00".parse().unwrap();
        let mut script = Self { entries: Vec::new(), start };
        script.opened(false);
        script
    }

    pub fn exercise() -> Self {
        let mut script = Self { entries: Vec::new(), ..Self::begin() };
        script.opened(true);
        script
    }

    fn opened(&mut self, exercise: bool) {
        let opened = Fact::Opened {
            version: 1,
            town: "Vaubourg".into(),
            map_sha256: None,
            desk: "00".into(),
            program: "beffroi".into(),
            exercise,
        };
        self.fact(0, "the journal begins", opened);
    }

    pub fn at(&self, hours: i64) -> Timestamp {
        self.start.checked_add(SignedDuration::from_hours(hours)).unwrap()
    }

    pub fn entry(&mut self, hours: i64, kind: Kind, text: &str, fact: Option<Fact>) -> u64 {
        let number = self.entries.len() as u64 + 1;
        self.entries.push(Entry {
            number,
            before: "0".repeat(64),
            // The end of time is as good an hour as any for a test of it.
            time: self.start.checked_add(SignedDuration::from_hours(hours)).unwrap_or(self.start),
            clock: "ntp".into(),
            author: "dsi".into(),
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

    pub fn fact(&mut self, hours: i64, text: &str, fact: Fact) -> u64 {
        self.entry(hours, Kind::Action, text, Some(fact))
    }

    pub fn note(&mut self, hours: i64, text: &str) -> u64 {
        self.entry(hours, Kind::Observation, text, None)
    }

    /// T0 lies so many hours from the start.
    pub fn known(&mut self, hours: i64) -> u64 {
        let at = self.at(hours);
        self.entry(1, Kind::Decision, "known", Some(Fact::Known { at }))
    }

    pub fn answer(&mut self, hours: i64, field: &str, words: &str) -> u64 {
        self.fact(hours, words, Fact::Answer { field: field.into(), words: words.into() })
    }

    pub fn state(&mut self, hours: i64, of: &str, is: Level, next_news: Option<i64>) -> u64 {
        let value = Value {
            of: of.into(),
            is,
            how: None,
            why: None,
            since: None,
            next_news: next_news.map(|hours| self.at(hours)),
            origin: Origin::Human,
            said: self.at(hours),
        };
        self.fact(hours, "state", Fact::State(value))
    }

    pub fn evidence(&mut self, hours: i64, text: &str, name: &str) -> u64 {
        let number = self.entry(hours, Kind::Evidence, text, None);
        let attachment = Attachment { name: name.into(), sha256: "ab".repeat(32), bytes: 4096 };
        self.entries[number as usize - 1].attachments.push(attachment);
        number
    }
}

/// The hours of Paris, by their rule: no data of zones is needed.
pub fn paris() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn words(fr: &str, en: &str) -> Words {
    Words { fr: fr.into(), en: en.into() }
}

fn person(id: &str, fr: &str, duties: &[Duty], line: u32) -> Person {
    Person {
        id: id.into(),
        role: words(fr, fr),
        name: None,
        phone: Some("0600000001".into()),
        deputy: None,
        duties: duties.to_vec(),
        verified: None,
        line,
    }
}

fn entity(id: &str, fr: &str, siret: Option<&str>, line: u32) -> Entity {
    Entity {
        id: id.into(),
        name: words(fr, fr),
        siret: siret.map(str::to_string),
        address: siret.map(|_| "1 place de la Mairie, 99999 Vaubourg".into()),
        representative: siret.map(|_| "maire".into()),
        line,
    }
}

pub fn service(id: &str, name: Words, entity: &str, sources: &[&str], needs: &[&str], line: u32) -> Service {
    Service {
        id: id.into(),
        name,
        entity: entity.into(),
        owner: None,
        wave: Wave::LIFE,
        sources: sources.iter().map(|name| SourceName::from(*name)).collect(),
        kept_by: None,
        needs: needs.iter().map(|name| NodeId::from(*name)).collect(),
        outage_hours_max: 24,
        loss_hours_max: 24,
        return_minutes: 30,
        meanwhile_public: words(
            "venir au guichet avec un papier d’identité",
            "come to the counter with an identity paper",
        ),
        meanwhile_staff: words("registre papier", "paper register"),
        commands: Commands::default(),
        personal_data: Vec::new(),
        persons: None,
        records: None,
        paper: Vec::new(),
        line,
    }
}

fn host(id: &str, fr: &str, place: Option<&str>, line: u32) -> Host {
    Host {
        id: id.into(),
        name: words(fr, fr),
        place: place.map(str::to_string),
        system: Some("Debian 12".into()),
        needs: vec!["hebergeur".into()],
        return_minutes: 60,
        probe: Vec::new(),
        line,
    }
}

/// A town hall and a social centre on one server, a hosting provider, an insurer.
pub fn town() -> Map {
    let mut registry =
        service("etat-civil", words("état civil", "civil registry"), "mairie", &["registres"], &["serveur"], 40);
    registry.personal_data = vec!["identité".into(), "filiation".into()];
    (registry.persons, registry.records) = (Some(8000), Some(21_000));
    let mut payroll = service("paie", words("paie", "payroll"), "mairie", &[], &["serveur"], 50);
    payroll.personal_data = vec!["identité".into(), "salaires".into()];
    payroll.persons = Some(120);
    let mut care = service("portage", words("portage de repas", "meals at home"), "ccas", &["repas"], &["serveur"], 60);
    care.personal_data = vec!["santé".into()];
    (care.persons, care.records) = (Some(90), Some(400));
    Map {
        town: Town {
            name: "Vaubourg".into(),
            inhabitants: 8000,
            zone: paris(),
            nis2: Nis2::None,
            insurer: Some(Insurer {
                name: "Mutuelle des communes".into(),
                contract: Some("C-42".into()),
                phone: Some("0500000002".into()),
                hours_max: Some(48),
            }),
            public_page: Some("https://vaubourg.example".into()),
            switchboard: Some("0565123456".into()),
            restore_bytes_per_second: None,
        },
        entities: vec![
            entity("mairie", "Commune de Vaubourg", Some("21990001200011"), 10),
            entity("ccas", "CCAS de Vaubourg", None, 15),
        ],
        people: vec![
            person("maire", "maire", &[Duty::Decide], 20),
            person("dsi", "responsable informatique", &[Duty::Machines], 22),
            person("dpo", "déléguée à la protection des données", &[Duty::Dpo], 24),
            person("dgs", "directrice générale des services", &[Duty::Complain, Duty::Speak], 26),
        ],
        contacts: Vec::new(),
        providers: vec![Provider {
            id: "hebergeur".into(),
            name: words("Hébergeur du Val", "Hébergeur du Val"),
            phone: Some("0500000003".into()),
            hours: None,
            contract: Some("H-7".into()),
            answers_hours_max: None,
            needs: Vec::new(),
            line: 30,
        }],
        hosts: vec![host("serveur", "serveur principal", Some("1 place de la Mairie, 99999 Vaubourg"), 34)],
        sources: vec![
            Source { name: "registres".into(), host: Some("serveur".into()), every_hours: 24, bytes: None, line: 36 },
            Source { name: "repas".into(), host: Some("serveur".into()), every_hours: 24, bytes: None, line: 38 },
        ],
        services: vec![registry, payroll, care],
        events: Vec::new(),
    }
}
