//! What reads well and will hurt on the day: each with its line and what to write instead.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::doubt::Doubt;
use super::finding::{Finding, Problem, Proposal, Severity, Table};
use super::nearest::plain_name;
use super::read::Places;
use super::{Duty, Map, NodeId, Person, Service, Source, SourceName, Wave, When, Words};
use crate::graph::{Graph, Node};

/// How many single points of failure are told: those on which most hangs.
const SINGLE_POINTS_MAX: usize = 4;
/// How many of them are held to find those: each holds the names of what it takes with it.
const SINGLE_POINTS_HELD_MAX: usize = 500;
/// Fewer urgent services tell nothing about what they hang on.
const URGENT_MIN: usize = 4;
/// How many links are followed in all: a map of ten thousand nodes that all hang on one another must not take minutes.
const LINKS_MAX: usize = 20_000_000;

/// Looks at a map that was read without an error. `today` is the day on which somebody looks.
pub fn check(map: &Map, places: &Places, today: Date) -> Vec<Finding> {
    let mut check = Check { map, places, findings: Vec::new() };
    check.kept();
    check.waves();
    check.services();
    check.people(today);
    check.events(today);
    // A map without an error has no cycle and no unknown name.
    if let Ok(graph) = Graph::of(map) {
        check.single_points(&graph);
        check.objectives(&graph);
    }
    check.findings.sort_by_key(|finding| finding.line);
    check.findings
}

struct Check<'m> {
    map: &'m Map,
    places: &'m Places,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn doubt(&mut self, line: u32, doubt: Doubt, proposal: Proposal) {
        let problem = Problem::Doubt(doubt);
        self.findings.push(Finding { line, severity: Severity::Warning, problem, proposal: Some(proposal) });
    }

    /// What is in the vault, how often, and what is nowhere else than where it runs.
    fn kept(&mut self) {
        let sources: HashMap<&SourceName, &Source> =
            self.map.sources.iter().map(|source| (&source.name, source)).collect();
        let mut used: HashSet<&SourceName> = HashSet::new();
        let mut only_there: BTreeMap<&NodeId, Vec<NodeId>> = BTreeMap::new();
        for service in &self.map.services {
            used.extend(&service.sources);
            if service.sources.is_empty() {
                match &service.kept_by {
                    None => {
                        let proposal =
                            Proposal::OneOf(["sources = [\"…\"]", "kept_by = \"…\""].map(String::from).into());
                        self.doubt(service.line, Doubt::NothingKept { service: service.id.clone() }, proposal);
                    }
                    Some(provider) if service.needs.contains(provider) && !service.personal_data.is_empty() => {
                        only_there.entry(provider).or_default().push(service.id.clone());
                    }
                    Some(_) => {}
                }
            }
            for source in service.sources.iter().filter_map(|name| sources.get(name)) {
                self.often_enough(service, source);
            }
        }
        for source in self.map.sources.iter().filter(|source| !used.contains(&source.name)) {
            let words = format!("sources = [\"{}\"]", source.name);
            let proposal = Proposal::WriteIn { table: Table::Service, of: "…".to_string(), words };
            self.doubt(source.line, Doubt::UnusedSource { source: source.name.clone() }, proposal);
        }
        for provider in &self.map.providers {
            let Some(services) = only_there.remove(&provider.id) else { continue };
            let example = format!("[[source]]\nname = \"export-{}\"", provider.id);
            let proposal = Proposal::AskForCopies { provider: provider.id.to_string(), example };
            self.doubt(provider.line, Doubt::OnlyCopy { provider: provider.id.clone(), services }, proposal);
        }
    }

    fn often_enough(&mut self, service: &Service, source: &Source) {
        if source.every_hours <= service.loss_hours_max || service.loss_hours_max == 0 && source.every_hours <= 1 {
            return;
        }
        let doubt = Doubt::KeptTooSeldom {
            service: service.id.clone(),
            source: source.name.clone(),
            every_hours: source.every_hours,
            loss_hours_max: service.loss_hours_max,
        };
        let words = format!("every_hours = {}", service.loss_hours_max.max(1));
        let proposal = Proposal::WriteIn { table: Table::Source, of: source.name.to_string(), words };
        self.doubt(self.places.line(service.line, "loss_hours_max"), doubt, proposal);
    }

    /// Needs come back first, whatever their own wave says: who reads the map should see it.
    fn waves(&mut self) {
        let waves: HashMap<&NodeId, Wave> =
            self.map.services.iter().map(|service| (&service.id, service.wave)).collect();
        for service in &self.map.services {
            let later = service.needs.iter().filter_map(|need| Some((need, *waves.get(need)?)));
            for (need, later) in later.filter(|(_, wave)| *wave > service.wave) {
                let doubt =
                    Doubt::LaterWave { service: service.id.clone(), wave: service.wave, need: need.clone(), later };
                let words = format!("wave = {}", service.wave.number());
                let proposal = Proposal::WriteIn { table: Table::Service, of: need.to_string(), words };
                self.doubt(self.places.line(service.line, "needs"), doubt, proposal);
            }
        }
    }

    /// What each service says of itself.
    fn services(&mut self) {
        for service in &self.map.services {
            if !service.personal_data.is_empty() && service.persons.is_none() {
                let proposal = Proposal::Write(format!("persons = {}", self.map.town.inhabitants));
                let line = self.places.line(service.line, "personal_data");
                self.doubt(line, Doubt::NoPersons { service: service.id.clone() }, proposal);
            }
            if service.loss_hours_max > 24 && is_civil_registry(service) {
                let line = self.places.line(service.line, "loss_hours_max");
                let doubt =
                    Doubt::CivilRegistry { service: service.id.clone(), loss_hours_max: service.loss_hours_max };
                self.doubt(line, doubt, Proposal::Write("loss_hours_max = 24".to_string()));
            }
            let is_silent = service.meanwhile_public == Words::default() && service.meanwhile_staff == Words::default();
            // The second wave is what others stand on: people do not come for it.
            if is_silent && (service.wave == Wave::SPEAK || service.wave == Wave::LIFE) {
                let proposal = Proposal::Write("meanwhile_public = \"…\"".to_string());
                self.doubt(service.line, Doubt::NoMeanwhile { service: service.id.clone() }, proposal);
            }
        }
    }

    fn people(&mut self, today: Date) {
        let first = self.map.people.first().map_or(1, |person| person.line);
        let has_personal_data = self.map.services.iter().any(|service| !service.personal_data.is_empty());
        for duty in [Duty::Decide, Duty::Machines, Duty::Speak, Duty::Complain, Duty::Dpo] {
            if self.map.people_for(duty).next().is_none() && (duty != Duty::Dpo || has_personal_data) {
                let words = format!("duties = [\"{}\"]", duty.word());
                let proposal = Proposal::WriteIn { table: Table::Person, of: "…".to_string(), words };
                self.doubt(first, Doubt::NobodyFor { duty }, proposal);
            }
        }
        let owners: HashSet<_> = self.map.services.iter().filter_map(|service| service.owner.as_ref()).collect();
        let called = |person: &&Person| !person.duties.is_empty() || owners.contains(&person.id);
        let people: Vec<&Person> = self.map.people.iter().filter(called).collect();
        for person in &people {
            self.reached(person);
        }
        self.verified(&people, today);
    }

    /// Whether somebody can be reached, and who stands in.
    fn reached(&mut self, person: &Person) {
        let stands_in = person.deputy.as_ref().is_some_and(|deputy| *deputy != person.id);
        if !stands_in && person.duties.iter().any(|duty| matches!(duty, Duty::Decide | Duty::Machines)) {
            let proposal = Proposal::Write("deputy = \"…\"".to_string());
            let line = self.places.line(person.line, "deputy");
            self.doubt(line, Doubt::NoDeputy { person: person.id.clone() }, proposal);
        }
        let line = self.places.line(person.line, "phone");
        match (&person.phone, &self.map.town.switchboard) {
            (None, _) => {
                let proposal = Proposal::Write("phone = \"06 …\"".to_string());
                self.doubt(line, Doubt::NoPhone { person: person.id.clone() }, proposal);
            }
            (Some(phone), Some(switchboard)) if digits(phone) == digits(switchboard) => {
                self.doubt(line, Doubt::SwitchboardPhone { person: person.id.clone() }, Proposal::OtherPhone);
            }
            _ => {}
        }
    }

    fn verified(&mut self, people: &[&Person], today: Date) {
        let limit = today.saturating_sub(1.year());
        let is_old = |person: &&&Person| person.phone.is_some() && person.verified.is_none_or(|date| date < limit);
        let old: Vec<&&Person> = people.iter().filter(is_old).collect();
        let Some(first) = old.first() else { return };
        let since = old.iter().map(|person| person.verified).min().flatten();
        let line = self.places.line(first.line, "verified");
        let people = old.iter().map(|person| person.id.clone()).collect();
        self.doubt(line, Doubt::NotVerified { people, since }, Proposal::Call(format!("verified = {today}")));
    }

    fn events(&mut self, today: Date) {
        for event in &self.map.events {
            if event.services.is_empty() {
                let proposal = Proposal::Write("services = [\"…\"]".to_string());
                let line = self.places.line(event.line, "services");
                self.doubt(line, Doubt::NoServices { event: event.id.clone() }, proposal);
            }
            let over = |date: &Date| date.saturating_add(i64::from(event.overdue_days).days()) < today;
            if let When::Dates(dates) = &event.when
                && dates.iter().all(over)
            {
                let next = dates.last().map_or(today, |date| date.saturating_add(1.year()));
                let line = self.places.line(event.line, "dates");
                let proposal = Proposal::Write(format!("dates = [{}]", next.max(today)));
                self.doubt(line, Doubt::OverDates { event: event.id.clone() }, proposal);
            }
        }
    }

    /// Hosts and providers that take more than half of the urgent services with them.
    fn single_points(&mut self, graph: &Graph<'_>) {
        let is_urgent = |at: usize| graph.nodes[at].service().is_some_and(|service| service.wave <= Wave::MONEY);
        let of = (0..graph.nodes.len()).filter(|at| is_urgent(*at)).count();
        if of < URGENT_MIN {
            return;
        }
        let mut walk = Walk::new(graph.nodes.len());
        // What takes the same with it is one point: a switch, and the storage behind it.
        let mut points: BTreeMap<Vec<usize>, Vec<&Node<'_>>> = BTreeMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            if node.service().is_some() || graph.needed_by[at].is_empty() {
                continue;
            }
            let Some(reached) = walk.reach(at, &graph.needed_by) else { break };
            let mut falls: Vec<usize> = reached.iter().copied().filter(|at| is_urgent(*at)).collect();
            if 2 * falls.len() > of && points.len() < SINGLE_POINTS_HELD_MAX {
                falls.sort_unstable();
                points.entry(falls).or_default().push(node);
            }
        }
        let mut points: Vec<(usize, Vec<&Node<'_>>)> =
            points.into_iter().map(|(falls, nodes)| (falls.len(), nodes)).collect();
        points.sort_by_key(|(falls, nodes)| (std::cmp::Reverse(*falls), nodes[0].id()));
        for (falls, nodes) in points.into_iter().take(SINGLE_POINTS_MAX) {
            let line = nodes.iter().map(|node| line_of(node)).min().unwrap_or(1);
            let nodes = nodes.iter().map(|node| node.id().clone()).take(SINGLE_POINTS_MAX).collect();
            self.doubt(line, Doubt::SinglePoint { nodes, falls: falls as u64, of: of as u64 }, Proposal::SecondWay);
        }
    }

    /// Services that cannot be back in time even if everybody works for them alone: the bytes of all that they hang on, and the longest
    /// chain of starting and checking.
    fn objectives(&mut self, graph: &Graph<'_>) {
        let bytes: HashMap<&SourceName, u64> =
            self.map.sources.iter().filter_map(|source| Some((&source.name, source.bytes?))).collect();
        let Some(rate) = self.map.town.restore_bytes_per_second else {
            if !bytes.is_empty() {
                let proposal = Proposal::Measure("restore_bytes_per_second = …".to_string());
                self.doubt(1, Doubt::NoRate, proposal);
            }
            return;
        };
        let chains = chains(graph);
        let mut walk = Walk::new(graph.nodes.len());
        for service in &self.map.services {
            let Some(at) = graph.place(&service.id) else { continue };
            let Some(reached) = walk.reach(at, &graph.needs) else { break };
            let needed = reached.iter().filter_map(|at| graph.nodes[*at].service());
            let names: HashSet<&SourceName> = needed.flat_map(|service| &service.sources).collect();
            let sum =
                names.iter().filter_map(|name| bytes.get(*name)).fold(0_u64, |sum, next| sum.saturating_add(*next));
            let minutes = chains[at].saturating_add((sum / rate).div_ceil(60));
            if minutes > 60 * u64::from(service.outage_hours_max) {
                let doubt = Doubt::TooSlow {
                    service: service.id.clone(),
                    minutes,
                    bytes: sum,
                    outage_hours_max: service.outage_hours_max,
                };
                let line = self.places.line(service.line, "outage_hours_max");
                self.doubt(line, doubt, Proposal::Shorten(format!("outage_hours_max = {}", minutes.div_ceil(60))));
            }
        }
    }
}

/// Returns how long the longest chain of starting and checking is at each place, in minutes.
fn chains(graph: &Graph<'_>) -> Vec<u64> {
    let mut chains = vec![0_u64; graph.nodes.len()];
    for at in &graph.needs_first {
        let own = match graph.nodes[*at] {
            Node::Service(service) => service.return_minutes,
            Node::Host(host) => host.return_minutes,
            Node::Provider(_) => 0,
        };
        let below = graph.needs[*at].iter().map(|need| chains[*need]).max().unwrap_or(0);
        chains[*at] = below + u64::from(own);
    }
    chains
}

/// Walks along links again and again without new memory, up to a number of links in all.
struct Walk {
    /// In which walk a place was reached last.
    reached_in: Vec<usize>,
    walks: usize,
    links: usize,
    places: Vec<usize>,
}

impl Walk {
    fn new(nodes: usize) -> Self {
        Self { reached_in: vec![0; nodes], walks: 0, links: 0, places: Vec::new() }
    }

    /// Returns what can be reached from a place, itself first; nothing once too many links were followed.
    fn reach(&mut self, from: usize, ways: &[Vec<usize>]) -> Option<&[usize]> {
        self.walks += 1;
        self.places.clear();
        self.places.push(from);
        self.reached_in[from] = self.walks;
        let mut next = 0;
        while let Some(at) = self.places.get(next).copied() {
            next += 1;
            self.links += ways[at].len() + 1;
            if self.links > LINKS_MAX {
                return None;
            }
            for way in &ways[at] {
                if std::mem::replace(&mut self.reached_in[*way], self.walks) != self.walks {
                    self.places.push(*way);
                }
            }
        }
        Some(&self.places)
    }
}

fn line_of(node: &Node<'_>) -> u32 {
    match node {
        Node::Service(service) => service.line,
        Node::Host(host) => host.line,
        Node::Provider(provider) => provider.line,
    }
}

/// Tells whether a service keeps births, marriages and deaths.
fn is_civil_registry(service: &Service) -> bool {
    let names = [service.id.as_str(), &service.name.fr, &service.name.en].map(plain_name);
    names.iter().any(|name| ["etat-civil", "civil-regist", "civil-status"].iter().any(|words| name.contains(words)))
}

/// Returns a French number's nine digits: however it is written, it is the same.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].to_string()
}

#[cfg(test)]
mod tests;
