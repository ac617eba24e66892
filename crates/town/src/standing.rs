//! How everything stands: what was said, what follows from it, and what share of the services works.

use crate::graph::{Graph, Node};
use crate::state::{Level, State, Value};

/// How one node stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Standing<'s> {
    /// How it is.
    pub level: Level,
    /// What was said, if somebody said something.
    pub value: Option<&'s Value>,
    /// The fallen need by which it is held to be down, or, if it is said to be up, the one by which that is odd.
    pub by_need: Option<usize>,
}

/// What share of the services works: counted, never typed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Share {
    /// How many services there are.
    pub services: u64,
    /// Those that work.
    pub up: u64,
    /// Those that work in part.
    pub degraded: u64,
    /// Those that do not.
    pub down: u64,
    /// Those of which nobody knows.
    pub unknown: u64,
}

/// Tells how every node stands, by its place in the graph.
///
/// If nothing at all was said, all services and hosts are held to be down, and providers to be up: the worst of one's own. Else what
/// nobody spoke of is unknown, a provider up; and what is unknown is down if something that it needs is.
pub fn standings<'s>(graph: &Graph<'_>, state: &'s State) -> Vec<Standing<'s>> {
    let unsaid = |node: &Node<'_>| match node {
        Node::Provider(_) => Level::Up,
        _ if state.is_empty() => Level::Down,
        _ => Level::Unknown,
    };
    let said = graph.nodes.iter().map(|node| match state.value(node.id()) {
        Some(value) => Standing { level: value.is, value: Some(value), by_need: None },
        None => Standing { level: unsaid(node), value: None, by_need: None },
    });
    let mut standings: Vec<_> = said.collect();
    for at in &graph.needs_first {
        let fallen = graph.needs[*at].iter().copied().find(|need| standings[*need].level == Level::Down);
        let standing = &mut standings[*at];
        match (standing.level, standing.value) {
            (Level::Unknown, None) if fallen.is_some() => {
                standing.level = Level::Down;
                standing.by_need = fallen;
            }
            (Level::Up, _) => standing.by_need = fallen,
            _ => {}
        }
    }
    standings
}

impl Share {
    /// Counts the services of a town.
    pub fn of(graph: &Graph<'_>, standings: &[Standing<'_>]) -> Self {
        let services = graph.nodes.iter().zip(standings).filter(|(node, _)| node.service().is_some());
        services.fold(Self::default(), |mut share, (_, standing)| {
            share.services += 1;
            match standing.level {
                Level::Up => share.up += 1,
                Level::Degraded => share.degraded += 1,
                Level::Down => share.down += 1,
                Level::Unknown => share.unknown += 1,
            }
            share
        })
    }

    /// Returns how many of a hundred services work, in full or in part, rounded down; none of a town without services.
    pub fn percent(&self) -> u64 {
        (100 * (self.up + self.degraded)).checked_div(self.services).unwrap_or(0)
    }
}
