//! What hangs on what: the map's services, hosts and providers as numbers, in an order in which needs come first.

use std::collections::HashMap;

use thiserror::Error;

use crate::map::{Host, Map, NodeId, Provider, Service};

/// A service, a host or a provider.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Node<'m> {
    /// Something that people want back.
    Service(&'m Service),
    /// A machine.
    Host(&'m Host),
    /// A firm or body.
    Provider(&'m Provider),
}

/// What hangs on what. Nodes are told by their place in [`Graph::nodes`], which is sorted by name, so that the order in which a map was
/// written changes nothing.
#[derive(Debug)]
pub struct Graph<'m> {
    /// Every node, sorted by name.
    pub nodes: Vec<Node<'m>>,
    /// What each hangs on.
    pub needs: Vec<Vec<usize>>,
    /// What hangs on each.
    pub needed_by: Vec<Vec<usize>>,
    /// All places, each behind all that it hangs on.
    pub needs_first: Vec<usize>,
    /// The length of the longest chain of needs below each.
    pub depth: Vec<usize>,
    places: HashMap<&'m NodeId, usize>,
}

/// Why a map is no graph: only one that was not checked can have this.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum GraphError {
    /// A name stands twice.
    #[error("{0} is there twice")]
    Twice(NodeId),
    /// A name that is used does not exist.
    #[error("{by} needs {needs}, which is not in the map")]
    Unknown {
        /// Who needs it.
        by: NodeId,
        /// What is not there.
        needs: NodeId,
    },
    /// Needs lead back to where they began: the names along the way, the first one once.
    #[error("needs lead back to {}", .0[0])]
    Cycle(Vec<NodeId>),
}

impl<'m> Node<'m> {
    /// Returns the name in the map.
    pub fn id(&self) -> &'m NodeId {
        match self {
            Self::Service(service) => &service.id,
            Self::Host(host) => &host.id,
            Self::Provider(provider) => &provider.id,
        }
    }

    /// Returns the name for people.
    pub fn name(&self) -> &'m crate::map::Words {
        match self {
            Self::Service(service) => &service.name,
            Self::Host(host) => &host.name,
            Self::Provider(provider) => &provider.name,
        }
    }

    /// Returns what it hangs on.
    pub fn needs(&self) -> &'m [NodeId] {
        match self {
            Self::Service(service) => &service.needs,
            Self::Host(host) => &host.needs,
            Self::Provider(provider) => &provider.needs,
        }
    }

    /// Returns the service, if it is one.
    pub fn service(&self) -> Option<&'m Service> {
        match self {
            Self::Service(service) => Some(service),
            _ => None,
        }
    }
}

impl<'m> Graph<'m> {
    /// Reads a map.
    pub fn of(map: &'m Map) -> Result<Self, GraphError> {
        let mut nodes: Vec<Node<'m>> = map.services.iter().map(Node::Service).collect();
        nodes.extend(map.hosts.iter().map(Node::Host));
        nodes.extend(map.providers.iter().map(Node::Provider));
        nodes.sort_by(|one, other| one.id().cmp(other.id()));
        if let Some(pair) = nodes.windows(2).find(|pair| pair[0].id() == pair[1].id()) {
            return Err(GraphError::Twice(pair[0].id().clone()));
        }
        let places: HashMap<_, _> = nodes.iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
        let mut needs = Vec::with_capacity(nodes.len());
        let mut needed_by = vec![Vec::new(); nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            let mut below = Vec::with_capacity(node.needs().len());
            for need in node.needs() {
                let unknown = || GraphError::Unknown { by: node.id().clone(), needs: need.clone() };
                below.push(*places.get(need).ok_or_else(unknown)?);
            }
            below.sort_unstable();
            below.dedup();
            below.iter().for_each(|need| needed_by[*need].push(at));
            needs.push(below);
        }
        let mut graph = Self { depth: vec![0; nodes.len()], needs_first: Vec::new(), nodes, needs, needed_by, places };
        graph.sort()?;
        Ok(graph)
    }

    /// Returns the place of a name.
    pub fn place(&self, id: &NodeId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Returns whatever can be reached from some places, themselves included, by ways such as [`Self::needs`].
    pub fn reach(&self, from: impl IntoIterator<Item = usize>, ways: &[Vec<usize>]) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                open.extend(ways[at].iter().filter(|next| !reached[**next]));
            }
        }
        reached
    }

    /// Puts needs first (Kahn 1962), and counts how deep each stands.
    fn sort(&mut self) -> Result<(), GraphError> {
        let mut open_needs: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..self.nodes.len()).filter(|at| open_needs[*at] == 0).collect();
        while let Some(at) = ready.pop() {
            self.needs_first.push(at);
            for above in &self.needed_by[at] {
                self.depth[*above] = self.depth[*above].max(self.depth[at] + 1);
                open_needs[*above] -= 1;
                if open_needs[*above] == 0 {
                    ready.push(*above);
                }
            }
        }
        match open_needs.iter().position(|open| *open > 0) {
            Some(stuck) => Err(GraphError::Cycle(self.cycle(stuck, &open_needs))),
            None => Ok(()),
        }
    }

    /// Walks along needs that are open until a place comes again: every place that is stuck has one.
    fn cycle(&self, stuck: usize, open_needs: &[usize]) -> Vec<NodeId> {
        let (mut way, mut at) = (Vec::new(), stuck);
        while !way.contains(&at) {
            way.push(at);
            at = *self.needs[at].iter().find(|need| open_needs[**need] > 0).expect("what is stuck has an open need");
        }
        let begin = way.iter().position(|place| *place == at).unwrap_or(0);
        way[begin..].iter().map(|place| self.nodes[*place].id().clone()).collect()
    }
}
