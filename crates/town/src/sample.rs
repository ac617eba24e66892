//! Small towns for tests.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::map::{Commands, Event, EventKind, Host, Map, Nis2, NodeId, Provider, Service, Town, Wave, When, Words};

/// A town without anything.
pub fn empty() -> Map {
    Map {
        town: Town {
            name: "Essai".into(),
            inhabitants: 1,
            zone: TimeZone::UTC,
            nis2: Nis2::None,
            insurer: None,
            public_page: None,
            switchboard: None,
            restore_bytes_per_second: None,
        },
        entities: vec![],
        people: vec![],
        contacts: vec![],
        providers: vec![],
        hosts: vec![],
        sources: vec![],
        services: vec![],
        events: vec![],
    }
}

/// Names for people: the name in the map.
pub fn words(name: &str) -> Words {
    Words { fr: name.into(), en: name.into() }
}

/// A service of a wave that bears so many hours, takes ten minutes, and needs what is named.
pub fn service(id: &str, wave: Wave, outage_hours_max: u32, needs: &[&str]) -> Service {
    Service {
        id: id.into(),
        name: words(id),
        entity: "mairie".into(),
        owner: None,
        wave,
        sources: vec![],
        kept_by: None,
        needs: needs.iter().map(|need| NodeId::from(*need)).collect(),
        outage_hours_max,
        loss_hours_max: 24,
        return_minutes: 10,
        meanwhile_public: Words::default(),
        meanwhile_staff: Words::default(),
        commands: Commands::default(),
        personal_data: vec![],
        persons: None,
        records: None,
        paper: vec![],
        line: 1,
    }
}

/// A host that takes an hour.
pub fn host(id: &str, needs: &[&str]) -> Host {
    Host {
        id: id.into(),
        name: words(id),
        place: None,
        system: None,
        needs: needs.iter().map(|need| NodeId::from(*need)).collect(),
        return_minutes: 60,
        probe: vec![],
        line: 1,
    }
}

/// A provider.
pub fn provider(id: &str) -> Provider {
    Provider {
        id: id.into(),
        name: words(id),
        phone: None,
        hours: None,
        contract: None,
        answers_hours_max: None,
        needs: vec![],
        line: 1,
    }
}

/// An event on one day that raises to life and law.
pub fn event(id: &str, day: Date, lead_days: u32, services: &[&str]) -> Event {
    Event {
        id: id.into(),
        kind: EventKind::Other,
        name: words(id),
        when: When::Dates(vec![day]),
        services: services.iter().map(|service| NodeId::from(*service)).collect(),
        lead_days,
        wave: Wave::LIFE,
        overdue_days: 5,
        line: 1,
    }
}
