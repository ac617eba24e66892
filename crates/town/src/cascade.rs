//! What falls with something, before the day; what the fallen have in common, on the day.

use crate::graph::{Graph, GraphError};
use crate::map::{Map, NodeId, Wave};
use crate::standing::{Standing, standings};
use crate::state::{Level, State};

/// What falls if something falls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fall {
    /// What falls first.
    pub node: NodeId,
    /// What falls with it: what hangs on it, directly or not, most urgent services first, then hosts and providers.
    pub falls: Vec<Fallen>,
    /// How many services there are in all.
    pub services_total: usize,
}

/// Something that falls with something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fallen {
    /// What falls.
    pub node: NodeId,
    /// Its wave, if it is a service.
    pub wave: Option<Wave>,
    /// How long people can bear it, in hours, if it is a service.
    pub outage_hours_max: Option<u32>,
    /// What it needs, link by link down to what fell: a shortest way, both ends included.
    pub way: Vec<NodeId>,
}

/// Something whose fall would explain what is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suspect {
    /// What it is.
    pub node: NodeId,
    /// How many of what is down hang on it, itself included.
    pub explains: usize,
    /// What is down and does not hang on it.
    pub leaves: Vec<NodeId>,
    /// What hangs on it and yet is up, or works in part: it speaks against it.
    pub against: Vec<NodeId>,
    /// Whether it is said to be down itself.
    pub is_down: bool,
}

/// Tells what falls with something; nothing if the map has no such name.
pub fn fall(map: &Map, node: &NodeId) -> Result<Option<Fall>, GraphError> {
    let graph = Graph::of(map)?;
    let Some(first) = graph.place(node) else { return Ok(None) };
    // Breadth first, so that the way that is told is a shortest one.
    let mut below: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    let mut order = vec![first];
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for above in &graph.needed_by[at] {
            if *above != first && below[*above].is_none() {
                below[*above] = Some(at);
                order.push(*above);
            }
        }
    }
    let way = |at: usize| {
        let links = std::iter::successors(Some(at), |at| below[*at]);
        links.map(|at| graph.nodes[at].id().clone()).collect()
    };
    let mut falls: Vec<Fallen> = order[1..]
        .iter()
        .map(|at| {
            let service = graph.nodes[*at].service();
            let wave = service.map(|service| service.wave);
            let outage_hours_max = service.map(|service| service.outage_hours_max);
            Fallen { node: graph.nodes[*at].id().clone(), wave, outage_hours_max, way: way(*at) }
        })
        .collect();
    falls.sort_by(|one, other| {
        let key = |fallen: &Fallen| (fallen.wave.is_none(), fallen.wave, fallen.outage_hours_max);
        (key(one), &one.node).cmp(&(key(other), &other.node))
    });
    Ok(Some(Fall { node: node.clone(), falls, services_total: map.services.len() }))
}

/// Tells what the fallen have in common: what explains most of them and has least against it comes first. At most `suspects_max`, and
/// none that explains one thing only.
pub fn common(map: &Map, state: &State, suspects_max: usize) -> Result<Vec<Suspect>, GraphError> {
    let graph = Graph::of(map)?;
    // What is down only because a need is, explains nothing and needs no explanation of its own; but it does hang together.
    let standings = standings(&graph, state);
    let is_said_down = |standing: &Standing<'_>| standing.value.is_some() && standing.level == Level::Down;
    let fallen: Vec<usize> = (0..graph.nodes.len()).filter(|at| is_said_down(&standings[*at])).collect();
    let mut suspects: Vec<(Suspect, usize)> = (0..graph.nodes.len())
        .filter_map(|at| {
            let reach = graph.reach([at], &graph.needed_by);
            let named =
                |places: &mut dyn Iterator<Item = usize>| places.map(|at| graph.nodes[at].id().clone()).collect();
            let explains = fallen.iter().filter(|at| reach[**at]).count();
            let works = |at: &usize| {
                reach[*at]
                    && standings[*at].value.is_some()
                    && matches!(standings[*at].level, Level::Up | Level::Degraded)
            };
            let suspect = Suspect {
                node: graph.nodes[at].id().clone(),
                explains,
                leaves: named(&mut fallen.iter().copied().filter(|at| !reach[*at])),
                against: named(&mut (0..graph.nodes.len()).filter(works)),
                is_down: is_said_down(&standings[at]),
            };
            let reached = reach.iter().filter(|reached| **reached).count();
            (explains > 1).then_some((suspect, reached))
        })
        .collect();
    // Of two that explain the same, the one on which less hangs says more.
    suspects.sort_by(|(one, one_reach), (other, other_reach)| {
        let weight = |suspect: &Suspect| suspect.explains as i64 - suspect.against.len() as i64;
        let key = |suspect: &Suspect, reach: usize| (-weight(suspect), suspect.against.len(), !suspect.is_down, reach);
        (key(one, *one_reach), &one.node).cmp(&(key(other, *other_reach), &other.node))
    });
    suspects.truncate(suspects_max);
    Ok(suspects.into_iter().map(|(suspect, _)| suspect).collect())
}

#[cfg(test)]
mod tests;
