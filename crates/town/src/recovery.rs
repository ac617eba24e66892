//! Bringing back over the order: what can be begun next, what waits, and for what.

use std::collections::HashMap;

use crate::graph::{Graph, GraphError};
use crate::map::{Map, NodeId};
use crate::order::{Order, Position};

/// What became of something so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fate {
    /// Its turn has not come.
    Open,
    /// It is back.
    Back,
    /// Somebody said: later.
    Later,
    /// It was tried, and does not work.
    Failed,
}

/// How far the return is.
#[derive(Clone, Debug)]
pub struct Recovery {
    positions: Vec<Position>,
    fates: Vec<Fate>,
    places: HashMap<NodeId, usize>,
}

impl Recovery {
    /// Begins with an order; of some services only, if any are named, with all that they hang on.
    pub fn begin(map: &Map, order: Order, only: &[NodeId]) -> Result<Self, GraphError> {
        let graph = Graph::of(map)?;
        let wanted = graph.reach(only.iter().filter_map(|id| graph.place(id)), &graph.needs);
        let is_wanted =
            |position: &Position| only.is_empty() || graph.place(&position.node).is_some_and(|place| wanted[place]);
        let positions: Vec<Position> = order.positions.into_iter().filter(is_wanted).collect();
        let places = positions.iter().enumerate().map(|(at, position)| (position.node.clone(), at)).collect();
        Ok(Self { fates: vec![Fate::Open; positions.len()], positions, places })
    }

    /// Returns the first in the order of which nothing is said yet and all that it hangs on is back.
    pub fn next(&self) -> Option<&Position> {
        let open = self.positions.iter().zip(&self.fates).filter(|(_, fate)| **fate == Fate::Open);
        open.map(|(position, _)| position).find(|position| self.waits_for(position).is_empty())
    }

    /// Says what became of something.
    pub fn tell(&mut self, node: &NodeId, fate: Fate) {
        if let Some(place) = self.places.get(node) {
            self.fates[*place] = fate;
        }
    }

    /// Returns what something hangs on that is not back.
    pub fn waits_for<'r>(&'r self, position: &'r Position) -> Vec<&'r NodeId> {
        let is_open = |need: &&NodeId| self.places.get(*need).is_some_and(|place| self.fates[*place] != Fate::Back);
        position.after.iter().filter(is_open).collect()
    }

    /// Returns every position with what became of it, in the order.
    pub fn all(&self) -> impl Iterator<Item = (&Position, Fate)> {
        self.positions.iter().zip(self.fates.iter().copied())
    }

    /// Counts what is back, and all.
    pub fn counts(&self) -> (usize, usize) {
        (self.fates.iter().filter(|fate| **fate == Fate::Back).count(), self.fates.len())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::map::Wave;
    use crate::order::{OrderOptions, order};
    use crate::sample::{empty, host, service};
    use crate::state::State;

    fn town() -> Map {
        let mut map = empty();
        map.hosts = vec![host("srv", &[]), host("nas", &[])];
        map.services = vec![
            service("annuaire", Wave::TRUST, 4, &["srv"]),
            service("paie", Wave::MONEY, 72, &["annuaire"]),
            service("partage", Wave::FILES, 72, &["nas"]),
        ];
        map
    }

    fn begin(only: &[NodeId]) -> Recovery {
        let options = OrderOptions { now: Timestamp::UNIX_EPOCH, hands: 1 };
        let order = order(&town(), &State::default(), options).unwrap();
        Recovery::begin(&town(), order, only).unwrap()
    }

    fn walk(mut recovery: Recovery, fate: impl Fn(&str) -> Fate) -> (Vec<String>, Recovery) {
        let mut walked = Vec::new();
        while let Some(node) = recovery.next().map(|position| position.node.clone()) {
            recovery.tell(&node, fate(node.as_str()));
            walked.push(node.0);
        }
        (walked, recovery)
    }

    #[test]
    fn everything_comes_in_its_order() {
        let (walked, recovery) = walk(begin(&[]), |_| Fate::Back);
        assert_eq!(walked, ["srv", "annuaire", "paie", "nas", "partage"]);
        assert_eq!(recovery.counts(), (5, 5));
    }

    #[test]
    fn what_hangs_on_what_is_not_back_waits_and_the_rest_goes_on() {
        for fate in [Fate::Later, Fate::Failed] {
            let (walked, recovery) = walk(begin(&[]), |node| if node == "annuaire" { fate } else { Fate::Back });
            assert_eq!(walked, ["srv", "annuaire", "nas", "partage"]);
            let (paie, fate) = recovery.all().find(|(position, _)| position.node.as_str() == "paie").unwrap();
            assert_eq!((fate, recovery.waits_for(paie)), (Fate::Open, vec![&NodeId::from("annuaire")]));
            assert_eq!(recovery.counts(), (3, 5));
        }
    }

    #[test]
    fn of_some_services_only_what_they_hang_on_comes_back_too() {
        assert_eq!(walk(begin(&["paie".into()]), |_| Fate::Back).0, ["srv", "annuaire", "paie"]);
        assert_eq!(walk(begin(&["partage".into()]), |_| Fate::Back).0, ["nas", "partage"]);
    }
}
