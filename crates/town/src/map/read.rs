//! From the text of `town.toml` to a map: all that is wrong is told at once, each with its line and what to write instead.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use toml::de::DeTable;

use super::fields::{Fields, Gathered};
use super::finding::{Finding, NameKind, Problem, Proposal, Severity, Table};
use super::nearest::nearest;
use super::{
    Commands, Contact, ContactKind, Duty, Entity, EntityId, Event, EventId, EventKind, Host, Insurer, Map, Nis2,
    NodeId, Person, PersonId, Provider, Service, Source, SourceName, Town, Wave, When, Words, names, syntax,
};

/// A longer file is no map.
pub const BYTES_MAX: usize = 4 << 20;
/// A map with more services, hosts and providers is not read.
pub const NODES_MAX: usize = 10_000;
/// Ten years: whoever can wait longer need not say how long.
const HOURS_MAX: u32 = 87_600;
const MINUTES_MAX: u32 = 525_600;
const DAYS_MAX: u32 = 366;
/// In which zones French towns live.
const ZONES: [&str; 12] = [
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Miquelon",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Gambier",
    "Pacific/Marquesas",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
];

/// What came of reading a file.
#[derive(Debug)]
pub struct Reading {
    /// The map; nothing if a finding is an error.
    pub map: Option<Map>,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
    /// Where the fields are.
    pub places: Places,
}

/// The lines of fields, by the line where their table begins.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Places {
    lines: HashMap<(u32, &'static str), u32>,
}

impl Places {
    /// Returns the line of a field of the table that begins at a line; that line, if the table does not have it.
    pub fn line(&self, table: u32, field: &'static str) -> u32 {
        self.lines.get(&(table, field)).copied().unwrap_or(table)
    }

    pub(super) fn put(&mut self, table: u32, field: &'static str, line: u32) {
        self.lines.insert((table, field), line);
    }
}

/// Reads a map. `zone` finds a zone of time by its name: the reader itself looks at nothing but the text.
///
/// What is not written has a default. Zone: `Europe/Paris`. NIS2: `none`. A name for people: the name in the map. Entity: the only one.
/// Wave: 6. Outage that can be borne, by wave: 4, 8, 24, 72, 72, 120, 336 hours. Loss that can be borne: 24 hours. Return: 60 minutes of
/// a host, 30 of a service. A source is kept every 24 hours. An event counts from 7 days before (an election from 30), raises to wave 2,
/// and counts for no day after.
pub fn read(text: &str, zone: &dyn Fn(&str) -> Option<TimeZone>) -> Reading {
    // Some editors begin a file with a mark that says that it is UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > BYTES_MAX {
        let problem = Problem::TooLong { bytes: text.len() as u64 };
        let finding = Finding { line: 1, severity: Severity::Error, problem, proposal: Some(Proposal::Divide) };
        return Reading { map: None, findings: vec![finding], places: Places::default() };
    }
    let mut gathered = Gathered::new(text);
    if syntax::is_hardly_toml(&mut gathered, text) {
        return finish(gathered, None, true);
    }
    let (_, errors) = DeTable::parse_recoverable(text);
    let sound = (!errors.is_empty()).then(|| syntax::without_broken_lines(&mut gathered, text));
    drop(errors);
    let (file, _) = DeTable::parse_recoverable(sound.as_deref().unwrap_or(text));
    let map = read_file(&mut gathered, file.get_ref(), zone);
    finish(gathered, map, sound.is_some())
}

fn finish(mut gathered: Gathered<'_>, map: Option<Map>, broken: bool) -> Reading {
    let mut findings = std::mem::take(&mut gathered.findings);
    findings.sort_by_key(|finding| finding.line);
    if broken {
        // What follows from a line that could not be read would only hide it.
        let is_noise = |problem: &Problem| {
            matches!(problem, Problem::MissingField { .. } | Problem::MissingTable { .. } | Problem::UnknownName { .. })
        };
        findings.retain(|finding| !is_noise(&finding.problem));
    }
    let is_error = gathered.more_errors || findings.iter().any(|finding| finding.severity == Severity::Error);
    if gathered.more > 0 {
        let severity = if gathered.more_errors { Severity::Error } else { Severity::Warning };
        let line = findings.last().map_or(1, |finding| finding.line);
        let problem = Problem::More { count: gathered.more };
        findings.push(Finding { line, severity, problem, proposal: Some(Proposal::MendFirst) });
    }
    Reading { map: map.filter(|_| !is_error), findings, places: gathered.places }
}

fn read_file(gathered: &mut Gathered<'_>, file: &DeTable<'_>, zone: &dyn Fn(&str) -> Option<TimeZone>) -> Option<Map> {
    let file = gathered.fields(Table::File, 1, file);
    let g = gathered;
    let town = file.table(g, "town", Table::Town).and_then(|fields| town(g, &fields, zone));
    if !file.has("town") {
        let example = "[town]\nname = \"…\"\ninhabitants = 8000".to_string();
        g.error(1, Problem::MissingTable { table: Table::Town }, Proposal::Define { example });
    }
    let entities: Vec<_> = all(g, &file, "entity", Table::Entity, entity);
    if !file.has("entity") {
        let example = "[[entity]]\nid = \"mairie\"\nname = \"…\"".to_string();
        g.error(1, Problem::MissingTable { table: Table::Entity }, Proposal::Define { example });
    }
    let only = match entities.as_slice() {
        [only] => Some(only.id.clone()),
        _ => None,
    };
    let map = Map {
        people: all(g, &file, "person", Table::Person, person),
        contacts: all(g, &file, "contact", Table::Contact, contact),
        providers: all(g, &file, "provider", Table::Provider, provider),
        hosts: all(g, &file, "host", Table::Host, host),
        sources: all(g, &file, "source", Table::Source, source),
        services: all(g, &file, "service", Table::Service, |g, fields| service(g, fields, only.as_ref())),
        events: all(g, &file, "event", Table::Event, event),
        town: town.unwrap_or_else(unread_town),
        entities,
    };
    let count = map.services.len() + map.hosts.len() + map.providers.len();
    if count > NODES_MAX {
        g.error(1, Problem::TooMany { count: count as u64 }, Proposal::Divide);
        return None;
    }
    names::resolve(g, &map);
    Some(map)
}

/// Takes every table of a kind. One that is too broken to stand for anything is left out: its errors are told.
fn all<T>(
    g: &mut Gathered<'_>,
    file: &Fields<'_, '_>,
    field: &'static str,
    table: Table,
    mut one: impl FnMut(&mut Gathered<'_>, &Fields<'_, '_>) -> Option<T>,
) -> Vec<T> {
    let tables = file.tables(g, field, table);
    tables.iter().filter_map(|fields| one(g, fields)).collect()
}

fn town(g: &mut Gathered<'_>, fields: &Fields<'_, '_>, zone: &dyn Fn(&str) -> Option<TimeZone>) -> Option<Town> {
    const NIS2: [(&str, Nis2); 3] =
        [("none", Nis2::None), ("important", Nis2::Important), ("essential", Nis2::Essential)];
    if !fields.has("inhabitants") {
        fields.missing(g, "inhabitants", "8000");
    }
    let name = fields.demanded_text(g, "name", "\"…\"");
    let inhabitants = fields.number(g, "inhabitants", 0, 100_000_000);
    let named = fields.text(g, "zone").unwrap_or_else(|| ZONES[0].to_string());
    let found = zone(&named);
    if found.is_none() {
        let near = nearest(&named, ZONES).map(|near| Proposal::Write(format!("zone = \"{near}\"")));
        let proposal = near.unwrap_or_else(|| Proposal::OneOf(ZONES.map(str::to_string).to_vec()));
        g.error(fields.at(g, "zone"), Problem::UnknownZone { zone: named.chars().take(60).collect() }, proposal);
    }
    let nis2 = fields.word(g, "nis2", &NIS2).unwrap_or_default();
    let insurer = fields.table(g, "insurer", Table::Insurer).and_then(|fields| insurer(g, &fields));
    let public_page = fields.text(g, "public_page");
    let switchboard = fields.text(g, "switchboard");
    let restore_bytes_per_second = fields.number(g, "restore_bytes_per_second", 1, u64::MAX >> 1);
    let zone = found?;
    Some(Town {
        name: name?,
        inhabitants: inhabitants?,
        zone,
        nis2,
        insurer,
        public_page,
        switchboard,
        restore_bytes_per_second,
    })
}

/// Stands for a town that could not be read, so that names are looked at all the same: the errors that were told keep the map back.
fn unread_town() -> Town {
    Town {
        name: String::new(),
        inhabitants: 0,
        zone: TimeZone::UTC,
        nis2: Nis2::None,
        insurer: None,
        public_page: None,
        switchboard: None,
        restore_bytes_per_second: None,
    }
}

fn insurer(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Insurer> {
    let name = fields.demanded_text(g, "name", "\"…\"");
    let contract = fields.text(g, "contract");
    let phone = fields.text(g, "phone");
    let hours_max = fields.small(g, "hours_max", HOURS_MAX);
    Some(Insurer { name: name?, contract, phone, hours_max })
}

/// Takes the name for people; it is the name in the map if none was written.
fn called(g: &mut Gathered<'_>, fields: &Fields<'_, '_>, id: Option<&String>) -> Words {
    let words = fields.words(g, "name");
    let id = id.cloned().unwrap_or_default();
    words.unwrap_or_else(|| Words { fr: id.clone(), en: id })
}

fn entity(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Entity> {
    let id = fields.id(g);
    let name = called(g, fields, id.as_ref());
    let siret = fields.text(g, "siret");
    let address = fields.text(g, "address");
    let representative = fields.name_of(g, "representative", NameKind::Person).map(PersonId);
    Some(Entity { id: EntityId(id?), name, siret, address, representative, line: fields.line })
}

fn person(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Person> {
    let words = [Duty::Decide, Duty::Machines, Duty::Speak, Duty::Dpo, Duty::Complain].map(|duty| (duty.word(), duty));
    let id = fields.id(g);
    if !fields.has("role") {
        fields.missing(g, "role", "\"…\"");
    }
    let role = fields.words(g, "role");
    let name = fields.text(g, "name");
    let phone = fields.text(g, "phone");
    let deputy = fields.name_of(g, "deputy", NameKind::Person).map(PersonId);
    let duties = fields.duties(g, &words);
    let verified = fields.date(g, "verified");
    Some(Person { id: PersonId(id?), role: role?, name, phone, deputy, duties, verified, line: fields.line })
}

fn contact(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Contact> {
    const KINDS: [(&str, ContactKind); 6] = [
        ("police", ContactKind::Police),
        ("prefecture", ContactKind::Prefecture),
        ("csirt", ContactKind::Csirt),
        ("neighbour", ContactKind::Neighbour),
        ("press", ContactKind::Press),
        ("other", ContactKind::Other),
    ];
    if !fields.has("kind") {
        fields.missing(g, "kind", "\"police\"");
    }
    let kind = fields.word(g, "kind", &KINDS);
    let name = fields.demanded_text(g, "name", "\"…\"");
    let phone = fields.text(g, "phone");
    let hours = fields.words(g, "hours");
    Some(Contact { kind: kind?, name: name?, phone, hours, line: fields.line })
}

fn nodes(g: &mut Gathered<'_>, fields: &Fields<'_, '_>, field: &'static str, kind: NameKind) -> Vec<NodeId> {
    fields.names(g, field, kind).into_iter().map(NodeId).collect()
}

fn provider(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Provider> {
    let id = fields.id(g);
    let name = called(g, fields, id.as_ref());
    let phone = fields.text(g, "phone");
    let hours = fields.words(g, "hours");
    let contract = fields.text(g, "contract");
    let answers_hours_max = fields.small(g, "answers_hours_max", HOURS_MAX);
    let needs = nodes(g, fields, "needs", NameKind::Node);
    Some(Provider { id: NodeId(id?), name, phone, hours, contract, answers_hours_max, needs, line: fields.line })
}

fn host(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Host> {
    let id = fields.id(g);
    let name = called(g, fields, id.as_ref());
    let place = fields.text(g, "place");
    let system = fields.text(g, "system");
    let needs = nodes(g, fields, "needs", NameKind::Node);
    let return_minutes = fields.small(g, "return_minutes", MINUTES_MAX).unwrap_or(60);
    let probe = fields.texts(g, "probe");
    Some(Host { id: NodeId(id?), name, place, system, needs, return_minutes, probe, line: fields.line })
}

fn source(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Source> {
    let name = fields.demanded_text(g, "name", "\"…\"");
    let host = fields.name_of(g, "host", NameKind::Host).map(NodeId);
    let every_hours = fields.number(g, "every_hours", 1, u64::from(HOURS_MAX)).unwrap_or(24);
    let every_hours = u32::try_from(every_hours).expect("at most HOURS_MAX, which is 32 bits");
    let bytes = fields.number(g, "bytes", 0, u64::MAX >> 1);
    Some(Source { name: SourceName(name?), host, every_hours, bytes, line: fields.line })
}

fn service(g: &mut Gathered<'_>, fields: &Fields<'_, '_>, only: Option<&EntityId>) -> Option<Service> {
    let id = fields.id(g);
    let name = called(g, fields, id.as_ref());
    let entity = match fields.name_of(g, "entity", NameKind::Entity) {
        Some(entity) => Some(EntityId(entity)),
        None if !fields.has("entity") && only.is_none() => {
            fields.missing(g, "entity", "\"mairie\"");
            None
        }
        None => only.cloned(),
    };
    let owner = fields.name_of(g, "owner", NameKind::Person).map(PersonId);
    let wave = wave(g, fields, Wave::REST);
    let sources = fields.names(g, "sources", NameKind::Source).into_iter().map(SourceName).collect();
    let kept_by = fields.name_of(g, "kept_by", NameKind::Provider).map(NodeId);
    let needs = nodes(g, fields, "needs", NameKind::Node);
    let usual = [4, 8, 24, 72, 72, 120, 336][usize::from(wave.number())];
    let outage_hours_max = fields.small(g, "outage_hours_max", HOURS_MAX).unwrap_or(usual);
    let loss_hours_max = fields.small(g, "loss_hours_max", HOURS_MAX).unwrap_or(24);
    let return_minutes = fields.small(g, "return_minutes", MINUTES_MAX).unwrap_or(30);
    let meanwhile_public = fields.words(g, "meanwhile_public").unwrap_or_default();
    let meanwhile_staff = fields.words(g, "meanwhile_staff").unwrap_or_default();
    let commands = fields.table(g, "commands", Table::Commands).map(|fields| commands(g, &fields)).unwrap_or_default();
    let personal_data = fields.texts(g, "personal_data");
    let persons = fields.number(g, "persons", 0, u64::MAX >> 1);
    let records = fields.number(g, "records", 0, u64::MAX >> 1);
    let paper = fields.texts(g, "paper");
    Some(Service {
        id: NodeId(id?),
        name,
        entity: entity?,
        owner,
        wave,
        sources,
        kept_by,
        needs,
        outage_hours_max,
        loss_hours_max,
        return_minutes,
        meanwhile_public,
        meanwhile_staff,
        commands,
        personal_data,
        persons,
        records,
        paper,
        line: fields.line,
    })
}

fn commands(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Commands {
    Commands {
        start: fields.texts(g, "start"),
        stop: fields.texts(g, "stop"),
        probe: fields.texts(g, "probe"),
        check: fields.texts(g, "check"),
    }
}

fn wave(g: &mut Gathered<'_>, fields: &Fields<'_, '_>, usual: Wave) -> Wave {
    fields.number(g, "wave", 0, u64::from(Wave::REST.number())).and_then(Wave::of_number).unwrap_or(usual)
}

fn event(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<Event> {
    const KINDS: [(&str, EventKind); 7] = [
        ("election", EventKind::Election),
        ("payday", EventKind::Payday),
        ("school-term", EventKind::SchoolTerm),
        ("council", EventKind::Council),
        ("permit", EventKind::Permit),
        ("weather", EventKind::Weather),
        ("other", EventKind::Other),
    ];
    let id = fields.id(g);
    let kind = match fields.has("kind") {
        true => fields.word(g, "kind", &KINDS),
        false => Some(EventKind::Other),
    };
    let name = called(g, fields, id.as_ref());
    let when = when(g, fields);
    let services = nodes(g, fields, "services", NameKind::Service);
    let usual = if kind == Some(EventKind::Election) { 30 } else { 7 };
    let lead_days = fields.small(g, "lead_days", DAYS_MAX).unwrap_or(usual);
    let wave = wave(g, fields, Wave::LIFE);
    let overdue_days = fields.small(g, "overdue_days", DAYS_MAX).unwrap_or(0);
    Some(Event {
        id: EventId(id?),
        kind: kind?,
        name,
        when: when?,
        services,
        lead_days,
        wave,
        overdue_days,
        line: fields.line,
    })
}

/// Takes the days of an event: dates, a day of every month, or a day of every year.
fn when(g: &mut Gathered<'_>, fields: &Fields<'_, '_>) -> Option<When> {
    let given: Vec<&str> =
        ["dates", "monthly", "yearly", "season"].into_iter().filter(|field| fields.has(field)).collect();
    let [only] = given.as_slice() else {
        let count = given.len() as u32;
        let proposal = match count {
            0 => Proposal::OneOf(
                ["dates = [2026-03-15]", "monthly = 25", "yearly = \"09-01\"", "season = \"11-01..03-31\""]
                    .map(str::to_string)
                    .into(),
            ),
            _ => Proposal::KeepOne(given.iter().map(|field| (*field).to_string()).collect()),
        };
        g.error(fields.line, Problem::When { count }, proposal);
        return None;
    };
    match *only {
        "dates" => Some(When::Dates(fields.dates(g, "dates"))).filter(|when| *when != When::Dates(Vec::new())),
        "monthly" => {
            let day = fields.number(g, "monthly", 1, 31)?;
            Some(When::Monthly(i8::try_from(day).expect("at most 31")))
        }
        "season" => {
            let written = fields.text(g, "season")?;
            let days = written.split_once("..").and_then(|(from, to)| Some((day_of_year(from)?, day_of_year(to)?)));
            if days.is_none() {
                let problem = Problem::BadDate { field: "season", written: written.chars().take(60).collect() };
                g.error(fields.at(g, "season"), problem, Proposal::Write("season = \"11-01..03-31\"".into()));
            }
            days.map(|(from, to)| When::Season(from, to))
        }
        _ => {
            let written = fields.text(g, "yearly")?;
            let day = day_of_year(&written);
            if day.is_none() {
                let problem = Problem::BadDate { field: "yearly", written: written.chars().take(60).collect() };
                g.error(fields.at(g, "yearly"), problem, Proposal::Write("yearly = \"09-01\"".into()));
            }
            day.map(|(month, day)| When::Yearly(month, day))
        }
    }
}

/// Reads month and day: `"09-01"`.
fn day_of_year(written: &str) -> Option<(i8, i8)> {
    let (month, day) = written.split_once('-')?;
    if month.len() != 2 || day.len() != 2 || !written.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) {
        return None;
    }
    let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
    // A leap year: whoever writes 29 February means the last day of February in other years.
    jiff::civil::Date::new(2024, month, day).ok().map(|_| (month, day))
}

#[cfg(test)]
mod tests;
