//! Fields that several drafts share.

use std::collections::BTreeMap;

use super::case::{Case, person};
use super::{Content, Counted, Field, FieldName, Fill, Heading, Line, Provenance, Section, ServiceLine, Sum, Value};
use crate::deadlines::{Act, ClockState, Met};
use crate::drafts::case::Seen;
use crate::holding::moment;
use crate::journal::{Entry, Fact, Kind};
use crate::map::{Duty, Entity, Service, Words};
use crate::standing::Share;
use crate::state::Level;

/// So many events stand in a draft; the journal has them all.
const EVENTS_MAX: usize = 300;

/// Puts fields under a heading.
pub fn section(heading: Heading, fields: Vec<Field>) -> Section {
    Section { heading, fields }
}

/// Makes a field.
pub fn field(name: FieldName, content: Content) -> Field {
    Field { name, content }
}

/// Makes a line.
pub fn line(value: Value, from: impl IntoIterator<Item = Provenance>) -> Line {
    Line { value, from: from.into_iter().collect() }
}

/// Says what there is, or that it is not known.
pub fn known(lines: Vec<Line>, fill: Fill) -> Content {
    if lines.is_empty() { Content::NotKnown { fill, from: Vec::new() } } else { Content::Filled(lines) }
}

/// Says what there is, or that a person must say it.
pub fn given(lines: Vec<Line>, fill: Fill, who: Duty) -> Content {
    if lines.is_empty() { Content::Missing { fill, who } } else { Content::Filled(lines) }
}

impl<'c> Case<'c> {
    /// Makes a field that a person answers.
    pub fn answered(&self, name: FieldName, who: Duty) -> Field {
        field(name, self.asked(name, who))
    }

    /// Names the entity, or every entity where the town speaks: then each line says of which it is, and what is not known of one is said.
    pub fn entity_fields(&self) -> Vec<Field> {
        let named = |entity: &Entity| line(Value::Words(entity.name.clone()), [Provenance::Map(entity.line)]);
        let names = self.speaking().map(named).collect();
        let represented = self.represented();
        vec![
            field(FieldName::Entity, given(names, Fill::Map("[[entity]]"), Duty::Complain)),
            self.of_entities(FieldName::Siret, "entity.siret", |entity| entity.siret.as_ref()),
            self.of_entities(FieldName::Address, "entity.address", |entity| entity.address.as_ref()),
            field(FieldName::Representative, given(represented, Fill::Map("entity.representative"), Duty::Complain)),
        ]
    }

    fn speaking(&self) -> impl Iterator<Item = &'c Entity> {
        self.map.entities.iter().filter(|entity| self.entity.is_none_or(|only| only.id == entity.id))
    }

    fn of_entities(&self, name: FieldName, key: &'static str, of: impl Fn(&Entity) -> Option<&String>) -> Field {
        let is_one = self.speaking().count() == 1;
        let is_known = self.speaking().any(|entity| of(entity).is_some());
        let lines = self.speaking().filter(|_| is_known).map(|entity| {
            let words = of(entity).cloned();
            let value = match words {
                Some(words) if is_one => Value::Said(words),
                words => Value::OfEntity { entity: entity.name.clone(), words },
            };
            line(value, [Provenance::Map(entity.line)])
        });
        field(name, given(lines.collect(), Fill::Map(key), Duty::Complain))
    }

    fn represented(&self) -> Vec<Line> {
        let of = |entity: &Entity| entity.representative.as_ref().and_then(|id| self.map.person(id));
        let is_known = self.speaking().any(|entity| of(entity).is_some());
        let lines = self.speaking().filter(|_| is_known).map(|entity| match of(entity) {
            Some(known) => person(known),
            None => line(Value::OfEntity { entity: entity.name.clone(), words: None }, [Provenance::Map(entity.line)]),
        });
        lines.collect()
    }

    /// Says since when the town knows.
    pub fn discovered(&self) -> Field {
        let lines =
            self.panel.known.iter().map(|known| line(Value::Moment(known.at), [Provenance::Entry(known.entry)]));
        field(FieldName::Discovered, given(lines.collect(), Fill::Known, Duty::Decide))
    }

    /// Says when the first harm was seen: the earliest of all sources.
    pub fn began(&self) -> Field {
        let seen =
            self.damage_of_entity().into_iter().filter_map(|(entry, damage)| Some((damage.hurt_since?, entry.number)));
        let lines = seen.min().map(|(time, entry)| line(Value::Moment(time), [Provenance::Entry(entry)]));
        field(FieldName::Began, known(lines.into_iter().collect(), Fill::Damage))
    }

    /// Says until when all was sound: the earliest of all sources that are hurt.
    pub fn sound_until(&self) -> Field {
        let hurt = self.damage_of_entity().into_iter().filter(|(_, damage)| damage.hurt > 0 || damage.gone > 0);
        let sound = hurt.filter_map(|(entry, damage)| Some((damage.sound_until?, entry.number)));
        let lines = sound.min().map(|(time, entry)| line(Value::Moment(time), [Provenance::Entry(entry)]));
        field(FieldName::SoundUntil, known(lines.into_iter().collect(), Fill::Damage))
    }

    /// Says which files are hurt, source by source.
    pub fn files_hurt(&self, name: FieldName) -> Field {
        let lines = self
            .damage_of_entity()
            .into_iter()
            .map(|(entry, damage)| line(Value::Files(damage.clone()), [Provenance::Entry(entry.number)]));
        field(name, known(lines.collect(), Fill::Damage))
    }

    /// Says which services are hit, and how.
    pub fn services_touched(&self, name: FieldName) -> Field {
        let lines = self.touched().map(|known| self.service_line(known, None));
        field(name, known(lines.collect(), Fill::State))
    }

    /// Says how a service is.
    pub fn service_line(&self, known: &Seen<'c, Service>, instead: Option<Words>) -> Line {
        let said = known.said.as_ref();
        let value = ServiceLine {
            name: known.node.name.clone(),
            level: known.level,
            how: said.and_then(|value| value.how.clone()),
            since: said.and_then(|value| value.since),
            through: known.through.cloned(),
            is_hurt: !known.hurt.is_empty(),
            instead: instead.filter(|words| !(words.fr.is_empty() && words.en.is_empty())),
            next_news: said.and_then(|value| value.next_news).filter(|time| *time > self.now),
        };
        let hurt = known.hurt.iter().filter_map(|source| self.damage.get(source));
        let mut from: Vec<_> = known.entry.map(Provenance::Entry).into_iter().collect();
        from.extend(hurt.map(|(entry, _)| Provenance::Entry(entry.number)));
        from.push(Provenance::Map(known.node.line));
        line(Value::Service(Box::new(value)), from)
    }

    /// Counts how many services are how.
    pub fn service_counts(&self) -> Vec<Line> {
        let mut share = Share { services: self.services.len() as u64, ..Share::default() };
        for known in &self.services {
            match known.level {
                Level::Up => share.up += 1,
                Level::Degraded => share.degraded += 1,
                Level::Down => share.down += 1,
                Level::Unknown => share.unknown += 1,
            }
        }
        let is_known = self.services.iter().any(|known| known.level != Level::Unknown);
        if is_known {
            vec![line(Value::Counts(share), self.services.iter().filter_map(|k| k.entry).map(Provenance::Entry))]
        } else {
            Vec::new()
        }
    }

    /// Adds up over the services that are hit; the parts are shown.
    pub fn sum(&self, name: FieldName, of: Counted) -> Field {
        let number = |service: &Service| match of {
            Counted::Persons => service.persons,
            Counted::Records => service.records,
        };
        let knows_people = |service: &Service| !service.personal_data.is_empty() || number(service).is_some();
        let name_of = |known: &Seen<'_, Service>| known.node.name.clone();
        let hit: Vec<_> = self.touched().filter(|known| knows_people(known.node)).collect();
        let parts: Vec<_> = hit.iter().filter_map(|known| Some((name_of(known), number(known.node)?))).collect();
        let unknown = self.services.iter().filter(|known| known.is_unknown() && knows_people(known.node));
        let sum = Sum {
            of,
            total: parts.iter().fold(0, |sum, (_, part)| sum.saturating_add(*part)),
            without: hit.iter().filter(|known| number(known.node).is_none()).map(|known| name_of(known)).collect(),
            unknown: unknown.map(name_of).collect(),
            parts,
        };
        let fill = match (hit.is_empty(), of) {
            (true, _) => Fill::State,
            (false, Counted::Persons) => Fill::Map("service.persons"),
            (false, Counted::Records) => Fill::Map("service.records"),
        };
        let from: Vec<_> = hit.iter().map(|known| Provenance::Map(known.node.line)).collect();
        let lines = if sum.parts.is_empty() { Vec::new() } else { vec![line(Value::Sum(sum), from)] };
        field(name, known(lines, fill))
    }

    /// Lists what is known of people in the services that are hit.
    pub fn data_categories(&self) -> Field {
        let mut categories: BTreeMap<&str, Vec<&Seen<'_, Service>>> = BTreeMap::new();
        for known in self.touched() {
            for category in &known.node.personal_data {
                categories.entry(category).or_default().push(known);
            }
        }
        let lines = categories.into_iter().map(|(name, services)| {
            let from: Vec<_> = services.iter().map(|known| Provenance::Map(known.node.line)).collect();
            let services = services.iter().map(|known| known.node.name.clone()).collect();
            line(Value::Category { name: name.to_string(), services }, from)
        });
        let fill = if self.touched().next().is_none() { Fill::State } else { Fill::Map("service.personal_data") };
        field(FieldName::DataCategories, known(lines.collect(), fill))
    }

    /// Says what was done: a person's words, then the actions and decisions of the journal.
    pub fn measures_taken(&self, name: FieldName) -> Field {
        let asked = self.asked(FieldName::MeasuresTaken, Duty::Machines);
        let mut lines = match &asked {
            Content::Filled(lines) => lines.clone(),
            Content::NotKnown { .. } | Content::Missing { .. } => Vec::new(),
        };
        let is_measure = |entry: &&Entry| {
            matches!(entry.kind, Kind::Action | Kind::Decision)
                && is_done_to_the_town(entry.fact.as_ref())
                && !self.is_of_others(entry)
        };
        lines.extend(events(self.by_moment().into_iter().filter(is_measure).collect()));
        field(name, if lines.is_empty() { asked } else { Content::Filled(lines) })
    }

    /// Tells what happened, in order.
    pub fn timeline(&self) -> Field {
        let of_the_story = |entry: &&Entry| {
            !matches!(entry.fact, Some(Fact::Answer { .. } | Fact::Cost { .. } | Fact::Certified { .. }))
                && entry.kind != Kind::Cost
        };
        let lines = events(self.by_moment().into_iter().filter(of_the_story).collect());
        field(FieldName::Timeline, given(lines, Fill::Journal, Duty::Decide))
    }

    /// Names the firms on which something that is hit hangs.
    pub fn provider_lines(&self, name: FieldName) -> Field {
        let lines: Vec<_> = self
            .providers()
            .into_iter()
            .map(|provider| {
                let value = Value::Provider {
                    name: provider.name.clone(),
                    phone: provider.phone.clone(),
                    contract: provider.contract.clone(),
                };
                line(value, [Provenance::Map(provider.line)])
            })
            .collect();
        field(name, known(lines, if self.touched().next().is_none() { Fill::State } else { Fill::Map("[[provider]]") }))
    }

    /// Tells that an act was done, for whom and under which number.
    pub fn met(&self, acts: &[Act]) -> Vec<Line> {
        let ours = self.panel.clocks.iter().filter(|clock| {
            acts.contains(&clock.act)
                && (self.entity.is_none()
                    || clock.entity.is_none()
                    || clock.entity.as_ref() == self.entity.map(|entity| &entity.id))
        });
        let done = ours.filter_map(|clock| match &clock.state {
            ClockState::Met(Met { entry, at, receipt, .. }) => {
                let entity = clock.entity.as_ref().map(|entity| self.entity_name(entity));
                let value = Value::Met { act: clock.act, entity, at: *at, receipt: receipt.clone() };
                Some(line(value, [Provenance::Entry(*entry)]))
            }
            _ => None,
        });
        done.collect()
    }
}

/// Writes entries as events: as many as a draft holds, and how many more there are.
/// Tells whether an entry is a measure: people's word, or a command that changed something. One that looked or signed is none.
fn is_done_to_the_town(fact: Option<&Fact>) -> bool {
    const CHANGING: [&str; 9] =
        ["restore", "repair", "recover", "copy", "expire", "retire", "enrol", "recipient", "alarm sensitivity"];
    match fact {
        None => true,
        Some(Fact::Command { name, code: Some(_), .. }) => CHANGING.contains(&name.as_str()),
        Some(_) => false,
    }
}

fn events(entries: Vec<&Entry>) -> Vec<Line> {
    let more = entries.len().saturating_sub(EVENTS_MAX);
    let mut lines: Vec<_> = entries.into_iter().take(EVENTS_MAX).map(event).collect();
    if more > 0 {
        lines.push(line(Value::More(more as u64), []));
    }
    lines
}

fn event(entry: &Entry) -> Line {
    let value =
        Value::Event { time: moment(entry), kind: entry.kind, author: entry.author.clone(), text: entry.text.clone() };
    line(value, [Provenance::Entry(entry.number)])
}
