//! What is known of a crisis, read once for every draft.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Content, FieldName, Fill, Line, Provenance, Value};
use crate::deadlines::{Panel, deadlines};
use crate::graph::{Graph, GraphError, Node};
use crate::holding::{answers, holding, is_exercise, moment, state, values};
use crate::journal::{Damage, Entry, Fact};
use crate::map::{Duty, Entity, EntityId, Host, Map, NodeId, Person, Provider, Service, Words};
use crate::standing::standings;
use crate::state::{self, Level};

/// An answer that says that somebody asked and nobody knows.
pub const NOT_KNOWN: &str = "?";

/// So many entries an answer may name.
const CITED_MAX: usize = 64;

/// A crisis: its map, what holds in its journal, and what follows from both.
pub struct Case<'c> {
    /// The map.
    pub map: &'c Map,
    /// The legal entity that speaks; the town as a whole, if none is named.
    pub entity: Option<&'c Entity>,
    /// What holds in the journal.
    pub entries: Vec<&'c Entry>,
    /// The clocks.
    pub panel: Panel,
    /// The services of the entity: the most urgent first, then as the map has them.
    pub services: Vec<Seen<'c, Service>>,
    /// The hosts, as the map has them.
    pub hosts: Vec<Seen<'c, Host>>,
    /// The last damage that was told of each source.
    pub damage: BTreeMap<&'c str, (&'c Entry, &'c Damage)>,
    /// The moment.
    pub now: Timestamp,
    /// Whether this is an exercise.
    pub is_exercise: bool,
    answers: BTreeMap<&'c str, (&'c Entry, &'c str)>,
}

/// What was seen of a service or a host.
pub struct Seen<'c, N> {
    /// What it is.
    pub node: &'c N,
    /// How it is.
    pub level: Level,
    /// What was said.
    pub said: Option<state::Value>,
    /// The entry that says so.
    pub entry: Option<u64>,
    /// The fallen need by which it is held to be down.
    pub through: Option<&'c Words>,
    /// Its sources that are hurt.
    pub hurt: Vec<&'c str>,
}

impl<N> Seen<'_, N> {
    /// Tells whether it is known to be hit: down, in part, or its files are hurt.
    pub fn is_touched(&self) -> bool {
        matches!(self.level, Level::Down | Level::Degraded) || !self.hurt.is_empty()
    }

    /// Tells whether nobody knows.
    pub fn is_unknown(&self) -> bool {
        self.level == Level::Unknown && self.hurt.is_empty()
    }
}

impl<'c> Case<'c> {
    /// Reads a journal beside a map.
    pub fn of(
        map: &'c Map,
        entries: &'c [Entry],
        entity: Option<&'c Entity>,
        now: Timestamp,
    ) -> Result<Self, GraphError> {
        let damage = damage_told(entries);
        let (services, hosts) = nodes(map, entries, entity, &damage)?;
        Ok(Self {
            map,
            entity,
            entries: holding(entries).collect(),
            panel: deadlines(map, entries, now),
            services,
            hosts,
            damage,
            now,
            is_exercise: is_exercise(entries),
            answers: answers(entries),
        })
    }

    /// Returns the services that are known to be hit.
    pub fn touched(&self) -> impl Iterator<Item = &Seen<'c, Service>> {
        self.services.iter().filter(|known| known.is_touched())
    }

    /// Returns the damage of sources that services of the entity are made of, and of those that no service is made of: whose they are,
    /// nobody said, and they must not be lost. Where the town speaks, that of all sources.
    pub fn damage_of_entity(&self) -> Vec<(&'c Entry, &'c Damage)> {
        let is_ours = |source: &str| {
            let uses = |known: &Seen<'_, Service>| known.node.sources.iter().any(|name| name.as_str() == source);
            let is_named = |service: &Service| service.sources.iter().any(|name| name.as_str() == source);
            self.entity.is_none() || self.services.iter().any(uses) || !self.map.services.iter().any(is_named)
        };
        self.damage.iter().filter(|(source, _)| is_ours(source)).map(|(_, damage)| *damage).collect()
    }

    /// Returns the answer to a field: the entity's own (`field@entity`) before everybody's.
    pub fn answer(&self, field: FieldName) -> Option<(&'c Entry, &'c str)> {
        let own = self.entity.and_then(|entity| self.answers.get(format!("{}@{}", field.name(), entity.id).as_str()));
        own.or_else(|| self.answers.get(field.name())).copied()
    }

    /// Returns what a person must say, if somebody did.
    pub fn asked(&self, field: FieldName, who: Duty) -> Content {
        match self.answer(field) {
            None => Content::Missing { fill: Fill::Answer(field), who },
            Some((entry, words)) if words.trim() == NOT_KNOWN => {
                Content::NotKnown { fill: Fill::Answer(field), from: vec![Provenance::Entry(entry.number)] }
            }
            Some((entry, words)) => {
                let mut from = vec![Provenance::Entry(entry.number)];
                from.extend(self.cited(words).into_iter().map(|entry| Provenance::Entry(entry.number)));
                Content::Filled(vec![Line { value: Value::Said(words.to_string()), from }])
            }
        }
    }

    /// Returns the entries that an answer names: `#12`.
    pub fn cited(&self, words: &str) -> Vec<&'c Entry> {
        let numbers = words.split('#').skip(1).filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse::<u64>().ok()
        });
        numbers
            .take(CITED_MAX)
            .filter_map(|number| self.entries.iter().copied().find(|entry| entry.number == number))
            .collect()
    }

    /// Returns who does something in a crisis, as lines.
    pub fn people(&self, duty: Duty) -> Vec<Line> {
        self.map.people_for(duty).map(person).collect()
    }

    /// Returns the providers on which something that is hit hangs, directly or not, and those that keep its data.
    pub fn providers(&self) -> Vec<&'c Provider> {
        let Ok(graph) = Graph::of(self.map) else { return Vec::new() };
        let keepers = self.touched().filter_map(|known| known.node.kept_by.as_ref());
        let first = self.touched().map(|known| &known.node.id).chain(keepers);
        let first: Vec<usize> = first.filter_map(|id| graph.place(id)).collect();
        let reach = graph.reach(first, &graph.needs);
        let providers = graph.nodes.iter().zip(reach).filter_map(|(node, reached)| match node {
            Node::Provider(provider) if reached => Some(*provider),
            _ => None,
        });
        providers.collect()
    }

    /// Returns when there is news: the first moment after now that somebody promised.
    pub fn next_news(&self) -> Option<(Timestamp, u64)> {
        let promised = self.services.iter().filter_map(|known| Some((known.said.as_ref()?.next_news?, known.entry?)));
        promised.filter(|(time, _)| *time > self.now).min()
    }

    /// Returns the name of an entity for people.
    pub fn entity_name(&self, id: &EntityId) -> Words {
        let named = self.map.entity(id).map(|entity| entity.name.clone());
        named.unwrap_or_else(|| Words { fr: id.to_string(), en: id.to_string() })
    }

    /// Tells whether an entry is about a service of another entity.
    pub fn is_of_others(&self, entry: &Entry) -> bool {
        let service = entry.about.as_ref().and_then(|id| self.map.service(id));
        self.entity.zip(service).is_some_and(|(entity, service)| service.entity != entity.id)
    }

    /// Returns the entries in the order in which things happened.
    pub fn by_moment(&self) -> Vec<&'c Entry> {
        let mut entries = self.entries.clone();
        entries.sort_by_key(|entry| (moment(entry), entry.number));
        entries
    }
}

/// Returns a person as a line.
pub fn person(person: &Person) -> Line {
    let value = Value::Person { role: person.role.clone(), name: person.name.clone(), phone: person.phone.clone() };
    Line { value, from: vec![Provenance::Map(person.line)] }
}

/// Returns the last damage that was told of each source. Where nothing is hurt any more, what was hurt counts: once all is back, a draft
/// must not say that nothing happened.
fn damage_told(entries: &[Entry]) -> BTreeMap<&str, (&Entry, &Damage)> {
    let mut told: BTreeMap<&str, (&Entry, &Damage)> = BTreeMap::new();
    for entry in holding(entries) {
        let Some(Fact::Damage(damage)) = &entry.fact else { continue };
        let known = told.get(damage.source.as_str());
        if is_harm(damage) || known.is_none_or(|(_, known)| !is_harm(known)) {
            told.insert(damage.source.as_str(), (entry, damage));
        }
    }
    told
}

fn is_harm(damage: &Damage) -> bool {
    damage.hurt > 0 || damage.gone > 0
}

type Nodes<'c> = (Vec<Seen<'c, Service>>, Vec<Seen<'c, Host>>);

fn nodes<'c>(
    map: &'c Map,
    entries: &'c [Entry],
    entity: Option<&Entity>,
    damage: &BTreeMap<&'c str, (&'c Entry, &'c Damage)>,
) -> Result<Nodes<'c>, GraphError> {
    let graph = Graph::of(map)?;
    let said = state(entries);
    let is_hurt = |source: &str| damage.get(source).is_some_and(|(_, damage)| is_harm(damage));
    let spoken: BTreeMap<(NodeId, Timestamp, _), u64> =
        values(entries).map(|(entry, value)| ((value.of, value.said, value.origin), entry)).collect();
    let (mut services, mut hosts) = (Vec::new(), Vec::new());
    for (node, standing) in graph.nodes.iter().zip(standings(&graph, &said)) {
        // Nothing said is nothing known: a draft never takes the worst for a fact.
        let level = if said.is_empty() { Level::Unknown } else { standing.level };
        let through = standing.by_need.filter(|_| level == Level::Down).map(|need| graph.nodes[need].name());
        let value = standing.value.cloned();
        let entry = value.as_ref().and_then(|value| spoken.get(&(value.of.clone(), value.said, value.origin))).copied();
        match node {
            Node::Service(node) if entity.is_none_or(|entity| entity.id == node.entity) => {
                let hurt = node.sources.iter().map(|name| name.as_str()).filter(|name| is_hurt(name)).collect();
                services.push(Seen { node: *node, level, said: value, entry, through, hurt });
            }
            Node::Host(node) => {
                let on_it = map.sources.iter().filter(|source| source.host.as_ref() == Some(&node.id));
                let hurt = on_it.map(|source| source.name.as_str()).filter(|name| is_hurt(name)).collect();
                hosts.push(Seen { node: *node, level, said: value, entry, through, hurt });
            }
            _ => {}
        }
    }
    services.sort_by_key(|known| (known.node.wave, known.node.line));
    hosts.sort_by_key(|known| known.node.line);
    Ok((services, hosts))
}
