//! Names of a map: each is given once, each that is used exists, and no need leads back to itself.

use std::collections::HashMap;

use super::fields::{Gathered, Use};
use super::finding::{NameKind, Problem, Proposal};
use super::nearest::nearest;
use super::{Map, NodeId};

/// How many names are compared in all to propose one: a map of ten thousand with two hundred slips must not take minutes.
const COMPARED_MAX: usize = 100_000;

/// What has a name, by space of names.
#[derive(Default)]
struct Known<'m> {
    nodes: HashMap<&'m str, (NameKind, u32)>,
    entities: HashMap<&'m str, (NameKind, u32)>,
    people: HashMap<&'m str, (NameKind, u32)>,
    sources: HashMap<&'m str, (NameKind, u32)>,
    events: HashMap<&'m str, (NameKind, u32)>,
}

/// Tells of names that were given twice, names that nothing has, and needs that lead back to where they began.
pub(super) fn resolve(gathered: &mut Gathered<'_>, map: &Map) {
    let known = gather(gathered, map);
    let uses = std::mem::take(&mut gathered.uses);
    let mut compared = 0;
    for used in &uses {
        check_use(gathered, &known, used, &mut compared);
    }
    cycles(gathered, map);
}

fn gather<'m>(gathered: &mut Gathered<'_>, map: &'m Map) -> Known<'m> {
    let mut known = Known::default();
    let mut given: Vec<(NameKind, &'m str, u32)> = Vec::new();
    given.extend(map.entities.iter().map(|item| (NameKind::Entity, item.id.as_str(), item.line)));
    given.extend(map.people.iter().map(|item| (NameKind::Person, item.id.as_str(), item.line)));
    given.extend(map.providers.iter().map(|item| (NameKind::Provider, item.id.as_str(), item.line)));
    given.extend(map.hosts.iter().map(|item| (NameKind::Host, item.id.as_str(), item.line)));
    given.extend(map.sources.iter().map(|item| (NameKind::Source, item.name.as_str(), item.line)));
    given.extend(map.services.iter().map(|item| (NameKind::Service, item.id.as_str(), item.line)));
    given.extend(map.events.iter().map(|item| (NameKind::Event, item.id.as_str(), item.line)));
    given.sort_by_key(|(.., line)| *line);
    for (kind, name, line) in given {
        let first = known.space(kind).entry(name).or_insert((kind, line)).1;
        if first != line {
            let field = if kind == NameKind::Source { "name" } else { "id" };
            let at = gathered.places.line(line, field);
            let first = gathered.places.line(first, field);
            gathered.error(at, Problem::Twice { kind, name: name.to_string(), first }, Proposal::Rename);
        }
    }
    known
}

impl<'m> Known<'m> {
    fn space(&mut self, kind: NameKind) -> &mut HashMap<&'m str, (NameKind, u32)> {
        match kind {
            NameKind::Node | NameKind::Service | NameKind::Host | NameKind::Provider => &mut self.nodes,
            NameKind::Entity => &mut self.entities,
            NameKind::Person => &mut self.people,
            NameKind::Source => &mut self.sources,
            NameKind::Event => &mut self.events,
        }
    }

    fn named(&self, kind: NameKind) -> &HashMap<&'m str, (NameKind, u32)> {
        match kind {
            NameKind::Node | NameKind::Service | NameKind::Host | NameKind::Provider => &self.nodes,
            NameKind::Entity => &self.entities,
            NameKind::Person => &self.people,
            NameKind::Source => &self.sources,
            NameKind::Event => &self.events,
        }
    }
}

fn check_use(gathered: &mut Gathered<'_>, known: &Known<'_>, used: &Use, compared: &mut usize) {
    let space = known.named(used.kind);
    let name: String = used.name.chars().take(60).collect();
    match space.get(&*used.name) {
        Some((found, _)) if is_kind(used.kind, *found) => {}
        Some((found, _)) => {
            let problem = Problem::OtherKind { wanted: used.kind, found: *found, name };
            gathered.error(used.line, problem, define(used.kind, "…"));
        }
        None if gathered.is_full() || *compared > COMPARED_MAX => {
            let proposal = define(used.kind, &name);
            gathered.error(used.line, Problem::UnknownName { kind: used.kind, name }, proposal);
        }
        None => {
            let fit = space.iter().filter(|(_, (found, _))| is_kind(used.kind, *found));
            // Sorted, so that of two that are equally near the same one is proposed every time.
            let mut names: Vec<&str> = fit.map(|(name, _)| *name).collect();
            names.sort_unstable();
            *compared += names.len();
            let near = nearest(&used.name, names).map(|name| Proposal::Nearest(name.to_string()));
            let proposal = near.unwrap_or_else(|| define(used.kind, &name));
            gathered.error(used.line, Problem::UnknownName { kind: used.kind, name }, proposal);
        }
    }
}

fn is_kind(wanted: NameKind, found: NameKind) -> bool {
    wanted == NameKind::Node || wanted == found
}

/// Proposes the lines that would give something the name.
fn define(kind: NameKind, name: &str) -> Proposal {
    let (table, field) = match kind {
        NameKind::Node | NameKind::Host => ("host", "id"),
        NameKind::Service => ("service", "id"),
        NameKind::Provider => ("provider", "id"),
        NameKind::Entity => ("entity", "id"),
        NameKind::Person => ("person", "id"),
        NameKind::Source => ("source", "name"),
        NameKind::Event => ("event", "id"),
    };
    Proposal::Define { example: format!("[[{table}]]\n{field} = \"{}\"", name.replace(['"', '\\'], "")) }
}

/// Tells of needs that lead back to where they began, each once.
fn cycles(gathered: &mut Gathered<'_>, map: &Map) {
    let mut nodes: Vec<(&NodeId, &[NodeId], u32)> = Vec::new();
    nodes.extend(map.services.iter().map(|item| (&item.id, &*item.needs, item.line)));
    nodes.extend(map.hosts.iter().map(|item| (&item.id, &*item.needs, item.line)));
    nodes.extend(map.providers.iter().map(|item| (&item.id, &*item.needs, item.line)));
    nodes.sort_by_key(|(.., line)| *line);
    let index: HashMap<&NodeId, usize> = nodes.iter().enumerate().rev().map(|(at, (id, ..))| (*id, at)).collect();
    let needs: Vec<Vec<usize>> =
        nodes.iter().map(|(_, needs, _)| needs.iter().filter_map(|need| index.get(need).copied()).collect()).collect();
    for cycle in cycles_of(&needs) {
        let names: Vec<String> = cycle.iter().map(|at| nodes[*at].0.to_string()).collect();
        let line = gathered.places.line(nodes[cycle[0]].2, "needs");
        let last = names[names.len() - 1].clone();
        let proposal = Proposal::CutNeed { of: last, need: names[0].clone() };
        gathered.error(line, Problem::Cycle { names }, proposal);
    }
}

/// How far the search is with a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    /// It is on the way from where the search began.
    Under,
    Done,
}

/// Returns the cycles that a search in depth meets. It holds its own stack: a chain of ten thousand needs is no reason to fall.
fn cycles_of(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![Seen::No; needs.len()];
    let mut cycles = Vec::new();
    for root in 0..needs.len() {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::Under;
        let mut way: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((node, next)) = way.last_mut() {
            let Some(need) = needs[*node].get(*next).copied() else {
                seen[*node] = Seen::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match seen[need] {
                Seen::No => {
                    seen[need] = Seen::Under;
                    way.push((need, 0));
                }
                Seen::Under => {
                    let from = way.iter().position(|(node, _)| *node == need).expect("what is under way is on the way");
                    cycles.push(way[from..].iter().map(|(node, _)| *node).collect());
                    if cycles.len() >= 20 {
                        return cycles;
                    }
                }
                Seen::Done => {}
            }
        }
    }
    cycles
}
