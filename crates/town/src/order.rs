//! Which comes back when, and why.
//!
//! The rule, in the order in which it decides:
//!
//! 1. *Needs first.* What something hangs on stands before it, and is as urgent as the most urgent that hangs on it.
//! 2. *Waves.* Speak and decide, trust, life and law, money, contact, files, the rest.
//! 3. *The calendar.* A day that comes close raises to its wave what must work by then; one that was missed keeps it there.
//! 4. *What still works in part* waits for what does not work at all.
//! 5. *Time left.* What must be back soonest: by the outage that it bears, counted from when it fell. As its day comes close, it bears less.
//! 6. *Time that it takes.* What is quick goes before what is long; and then the name, so that equal inputs give equal orders.
//!
//! Why the calendar is no rank of its own within a wave: a day in a month would stand before a service that bears four hours. And why the
//! day is not just a deadline beside the outage: nine days into a crisis every outage is over, and a day that can still be met would come
//! last. So a day that comes close shortens the outage that its services bear, down to nothing on the day itself. How a rank is inherited makes all this one sort: `Rank` of a
//! need is never above that of what needs it, and of equal ones the deeper stands first. It follows that bringing a day nearer can only
//! move the services of that day, with their needs, to the front.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::Pull;
use crate::graph::{Graph, GraphError, Node};
use crate::map::{Event, Map, NodeId, Wave};
use crate::standing::{Standing, standings};
use crate::state::{Level, State};

/// What is asked besides the map and the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderOptions {
    /// The moment at which bringing back begins.
    pub now: Timestamp,
    /// How many people work at once; at least one.
    pub hands: usize,
}

/// The order for a moment and a state.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// What is to be brought back, first things first.
    pub positions: Vec<Position>,
    /// What works already, by name.
    pub up: Vec<NodeId>,
}

/// A place in the order.
#[derive(Clone, PartialEq, Debug)]
pub struct Position {
    /// What comes back.
    pub node: NodeId,
    /// How it is now.
    pub level: Level,
    /// The wave in which it stands here.
    pub wave: Wave,
    /// Why it stands here.
    pub reason: Reason,
    /// What must be back before, and is not yet.
    pub after: Vec<NodeId>,
    /// How long it takes, in minutes.
    pub takes_minutes: u64,
    /// When it is back, in minutes from now, if everything goes as written in the map.
    pub back_minutes: u64,
    /// How much later than it should be, in minutes.
    pub late_minutes: u64,
}

/// Why something stands where it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Reason {
    /// What it stands here for: the most urgent that hangs on it, if that is not itself.
    pub needed_by: Option<NodeId>,
    /// The wave in the map of what it stands here for.
    pub own_wave: Wave,
    /// The day by which it must be back, or that raises it.
    pub pull: Option<Pull>,
    /// How long what it stands here for can still be borne to be away, in hours; less than none, if that is over. Nothing for what nobody
    /// needs.
    pub bears_hours: Option<i64>,
    /// Whether that is less than on an ordinary day, because a day is close.
    pub is_shortened: bool,
    /// The need by whose fall it is held to be down.
    pub fell_with: Option<NodeId>,
    /// What puts it before the next one; nothing for the last.
    pub before_next: Option<Decider>,
}

/// What decides between two neighbours in the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decider {
    /// The later one needs the earlier one.
    Need,
    /// The earlier one stands lower for the same as the later one.
    SameCause,
    /// The wave in the map.
    Wave,
    /// A day of the calendar, which raised the earlier one.
    Day,
    /// The later one works in part.
    Degraded,
    /// The earlier one must be back sooner.
    TimeLeft,
    /// The earlier one is quicker.
    Quicker,
    /// Nothing but the name.
    Name,
}

/// Returns what is to be brought back, first things first, with a reason for every position.
pub fn order(map: &Map, state: &State, options: OrderOptions) -> Result<Order, GraphError> {
    let graph = Graph::of(map)?;
    let standings = standings(&graph, state);
    let town = Ordering::new(map, &graph, &standings, options);
    let causes = town.causes();
    let rank = |at: &usize| (&town.own[causes[*at]].rank, graph.depth[*at], *at);
    let mut open: Vec<usize> = (0..graph.nodes.len()).filter(|at| standings[*at].level != Level::Up).collect();
    open.sort_unstable_by(|one, other| rank(one).cmp(&rank(other)));
    let mut positions: Vec<_> = open.iter().map(|at| town.position(*at, causes[*at])).collect();
    for (index, pair) in open.windows(2).enumerate() {
        positions[index].reason.before_next = Some(town.decider(&causes, pair[0], pair[1]));
    }
    town.time(&open, &causes, &mut positions);
    let up = (0..graph.nodes.len()).filter(|at| standings[*at].level == Level::Up);
    Ok(Order { positions, up: up.map(|at| graph.nodes[at].id().clone()).collect() })
}

/// What decides, most weighty first. The smaller comes first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rank {
    wave: Wave,
    is_degraded: bool,
    due_hours: i64,
    takes_minutes: u64,
    /// Places in the graph follow the names.
    place: usize,
}

/// A node as it stands by itself.
struct Own {
    rank: Rank,
    pull: Option<Pull>,
    bears_hours: Option<i64>,
    is_shortened: bool,
}

struct Ordering<'o, 'm> {
    map: &'m Map,
    graph: &'o Graph<'m>,
    standings: &'o [Standing<'o>],
    options: OrderOptions,
    own: Vec<Own>,
}

/// How long something bears to be away when its day comes close: as long as on an ordinary day when the day begins to be close, nothing on
/// the day itself, and in between in proportion.
fn bears_by(pull: &Pull, lead_days: u32, outage_hours_max: u32) -> i64 {
    match (pull.wave, u64::try_from(pull.days)) {
        (None, _) => i64::from(outage_hours_max),
        (Some(_), Ok(days)) if lead_days > 0 => {
            let hours = u64::from(outage_hours_max) * 2 * days / u64::from(lead_days);
            i64::try_from(hours).unwrap_or(i64::MAX)
        }
        _ => 0,
    }
}

/// What nobody waits for can wait this long.
const NEVER_HOURS: i64 = i64::MAX;

impl<'o, 'm> Ordering<'o, 'm> {
    fn new(map: &'m Map, graph: &'o Graph<'m>, standings: &'o [Standing<'o>], options: OrderOptions) -> Self {
        let mut events: HashMap<&NodeId, Vec<&Event>> = HashMap::new();
        for event in &map.events {
            event.services.iter().for_each(|service| events.entry(service).or_default().push(event));
        }
        let bytes: HashMap<_, _> = map.sources.iter().map(|source| (&source.name, source.bytes.unwrap_or(0))).collect();
        let seconds = |node: &Node<'_>| {
            let sources = node.service().map_or(&[][..], |service| &service.sources);
            let sum =
                sources.iter().fold(0, |sum: u64, name| sum.saturating_add(bytes.get(name).copied().unwrap_or(0)));
            map.town.restore_bytes_per_second.map_or(0, |rate| sum / rate.max(1))
        };
        let mut ordering = Self { map, graph, standings, options, own: Vec::with_capacity(graph.nodes.len()) };
        for at in 0..graph.nodes.len() {
            let node = &graph.nodes[at];
            let of_node = events.get(node.id()).map_or(&[][..], Vec::as_slice);
            let takes_minutes = u64::from(return_minutes(node)) + seconds(node).div_ceil(60);
            let own = ordering.own(at, of_node, takes_minutes);
            ordering.own.push(own);
        }
        ordering
    }

    /// Ranks a node by itself.
    fn own(&self, place: usize, events: &[&Event], takes_minutes: u64) -> Own {
        let (node, standing) = (&self.graph.nodes[place], &self.standings[place]);
        let is_degraded = standing.level == Level::Degraded;
        let Some(service) = node.service() else {
            let rank = Rank { wave: Wave::REST, is_degraded, due_hours: NEVER_HOURS, takes_minutes, place };
            return Own { rank, pull: None, bears_hours: None, is_shortened: false };
        };
        let since = standing.value.and_then(|value| value.since);
        let away_hours = since.map_or(0, |since| self.options.now.duration_since(since).as_hours().max(0));
        let bears_hours = i64::from(service.outage_hours_max).saturating_sub(away_hours);
        let (today, since) = (self.day(self.options.now), since.map(|since| self.day(since)));
        let pulls: Vec<(Pull, u32)> = events
            .iter()
            .filter_map(|event| Pull::of(event, today, since).map(|pull| (pull, event.lead_days)))
            .collect();
        // The nearest of all its days decides, whichever raises highest.
        let bears = pulls.iter().map(|(pull, lead_days)| bears_by(pull, *lead_days, service.outage_hours_max));
        let due_hours = bears.min().map_or(bears_hours, |hours| bears_hours.min(hours.saturating_sub(away_hours)));
        let days_hours = pulls.iter().map(|(pull, _)| i64::from(pull.days) * 24).min();
        let due_hours = days_hours.map_or(due_hours, |day| day.min(due_hours));
        // The strongest: what raises highest, then what is nearest.
        let wave_by = |pull: &Pull| pull.wave.map_or(service.wave, |wave| wave.min(service.wave));
        let pulls = pulls.into_iter().map(|(pull, _)| pull);
        let pull = pulls.min_by_key(|pull| (wave_by(pull), pull.days, pull.event.clone()));
        let wave = pull.as_ref().map_or(service.wave, wave_by);
        let is_close = pull.as_ref().is_some_and(|pull| pull.wave.is_some());
        let rank = Rank { wave, is_degraded: is_degraded && !is_close, due_hours, takes_minutes, place };
        Own { rank, pull, bears_hours: Some(due_hours), is_shortened: due_hours < bears_hours }
    }

    fn day(&self, moment: Timestamp) -> Date {
        moment.to_zoned(self.map.town.zone.clone()).date()
    }

    /// Returns for each node what it stands where it stands for: of itself and all that hangs on it and is not up, what ranks first.
    fn causes(&self) -> Vec<usize> {
        let mut causes: Vec<usize> = (0..self.graph.nodes.len()).collect();
        for at in self.graph.needs_first.iter().rev() {
            let above = self.graph.needed_by[*at].iter().filter(|above| self.standings[**above].level != Level::Up);
            let first = above.map(|above| causes[*above]).chain([*at]).min_by_key(|cause| &self.own[*cause].rank);
            causes[*at] = first.unwrap_or(*at);
        }
        causes
    }

    fn position(&self, at: usize, cause: usize) -> Position {
        let (id, of_cause) = (|at: usize| self.graph.nodes[at].id().clone(), &self.own[cause]);
        let is_open = |need: &&usize| self.standings[**need].level != Level::Up;
        Position {
            node: id(at),
            level: self.standings[at].level,
            wave: of_cause.rank.wave,
            reason: Reason {
                needed_by: (cause != at).then(|| id(cause)),
                own_wave: self.graph.nodes[cause].service().map_or(Wave::REST, |service| service.wave),
                pull: of_cause.pull.clone(),
                bears_hours: of_cause.bears_hours,
                is_shortened: of_cause.is_shortened,
                fell_with: self.standings[at].by_need.map(id),
                before_next: None,
            },
            after: self.graph.needs[at].iter().filter(is_open).map(|need| id(*need)).collect(),
            takes_minutes: self.own[at].rank.takes_minutes,
            back_minutes: 0,
            late_minutes: 0,
        }
    }

    /// Tells what puts `one` before `other`, which stands behind it.
    fn decider(&self, causes: &[usize], one: usize, other: usize) -> Decider {
        let (first, second) = (&self.own[causes[one]], &self.own[causes[other]]);
        if self.graph.needs[other].contains(&one) {
            return Decider::Need;
        }
        if causes[one] == causes[other] {
            return Decider::SameCause;
        }
        let own_wave = |at: usize| self.graph.nodes[causes[at]].service().map_or(Wave::REST, |service| service.wave);
        let (one_rank, other_rank) = (&first.rank, &second.rank);
        match () {
            () if one_rank.wave != other_rank.wave && own_wave(one) < other_rank.wave => Decider::Wave,
            () if one_rank.wave != other_rank.wave => Decider::Day,
            () if one_rank.is_degraded != other_rank.is_degraded => Decider::Degraded,
            () if one_rank.due_hours != other_rank.due_hours => Decider::TimeLeft,
            () if one_rank.takes_minutes != other_rank.takes_minutes => Decider::Quicker,
            () => Decider::Name,
        }
    }

    /// Says when each is back if so many hands take one after the other in this order, and wait for what it needs.
    fn time(&self, open: &[usize], causes: &[usize], positions: &mut [Position]) {
        let mut back = vec![0_u64; self.graph.nodes.len()];
        let mut hands: BinaryHeap<Reverse<u64>> =
            (0..self.options.hands.clamp(1, open.len().max(1))).map(|_| Reverse(0)).collect();
        for (index, at) in open.iter().enumerate() {
            let Reverse(free) = hands.pop().unwrap_or(Reverse(0));
            let ready = self.graph.needs[*at].iter().map(|need| back[*need]).max().unwrap_or(0);
            back[*at] = free.max(ready).saturating_add(positions[index].takes_minutes);
            hands.push(Reverse(back[*at]));
            positions[index].back_minutes = back[*at];
            let due_hours = self.own[causes[*at]].rank.due_hours;
            if let Ok(due) = u64::try_from(due_hours.max(0)) {
                positions[index].late_minutes = back[*at].saturating_sub(due.saturating_mul(60));
            }
        }
    }
}

fn return_minutes(node: &Node<'_>) -> u32 {
    match node {
        Node::Service(service) => service.return_minutes,
        Node::Host(host) => host.return_minutes,
        Node::Provider(_) => 0,
    }
}

#[cfg(test)]
mod tests;
