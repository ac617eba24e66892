//! What the crisis costs: every cost of the journal, by category and by entity.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::holding::moment;
use crate::journal::{Entry, Fact};
use crate::map::EntityId;

/// The costs that hold, and their sums.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Costs {
    /// The costs, in the order of the journal.
    pub lines: Vec<Cost>,
    /// The sum of each category, in the order of their names.
    pub by_category: Vec<(String, i128)>,
    /// The sum of each entity, in the order of their names; what nobody is named for comes first.
    pub by_entity: Vec<(Option<EntityId>, i128)>,
    /// The sum of all, in cents.
    pub cents: i128,
}

/// One cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost {
    /// The entry.
    pub entry: u64,
    /// When it came up.
    pub time: Timestamp,
    /// For what.
    pub category: String,
    /// What it is, in words.
    pub text: String,
    /// Who bears it.
    pub entity: Option<EntityId>,
    /// How much, in cents; below zero for what comes back.
    pub cents: i64,
    /// What proves it.
    pub proof: Option<String>,
}

/// Adds up the costs among entries that hold; those of one entity, if one is named.
pub fn costs<'e>(held: impl IntoIterator<Item = &'e Entry>, only: Option<&EntityId>) -> Costs {
    let lines = held.into_iter().filter_map(|entry| match &entry.fact {
        Some(Fact::Cost { category, entity, cents, proof }) if only.is_none() || only == entity.as_ref() => {
            Some(Cost {
                entry: entry.number,
                time: moment(entry),
                category: category.clone(),
                text: entry.text.clone(),
                entity: entity.clone(),
                cents: *cents,
                proof: proof.clone(),
            })
        }
        _ => None,
    });
    let lines: Vec<Cost> = lines.collect();
    let (mut by_category, mut by_entity, mut cents) = (BTreeMap::new(), BTreeMap::new(), 0);
    for line in &lines {
        // Sums are wider than what is added: a journal cannot hold enough entries to overflow them.
        let more = i128::from(line.cents);
        *by_category.entry(line.category.clone()).or_default() += more;
        *by_entity.entry(line.entity.clone()).or_default() += more;
        cents += more;
    }
    Costs { lines, by_category: by_category.into_iter().collect(), by_entity: by_entity.into_iter().collect(), cents }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::holding::holding;
    use crate::scripted::Script;

    fn cost(category: &str, entity: Option<&str>, cents: i64) -> Fact {
        Fact::Cost { category: category.into(), entity: entity.map(EntityId::from), cents, proof: None }
    }

    #[test]
    fn sums_are_by_category_and_by_entity_and_what_was_put_right_does_not_count() {
        let mut script = Script::begin();
        script.fact(1, "help", cost("help", Some("mairie"), 120_050));
        let wrong = script.fact(2, "disks", cost("hardware", Some("ccas"), 99_999_900));
        let right = script.fact(3, "disks", cost("hardware", Some("ccas"), 999_900));
        script.entries[right as usize - 1].corrects = Some(wrong);
        script.fact(4, "given back", cost("help", None, -20_050));
        let sums = costs(holding(&script.entries), None);
        assert_eq!(sums.by_category, [("hardware".to_string(), 999_900), ("help".to_string(), 100_000)]);
        let of = |name: &str| Some(EntityId::from(name));
        assert_eq!(sums.by_entity, [(None, -20_050), (of("ccas"), 999_900), (of("mairie"), 120_050)]);
        assert_eq!((sums.cents, sums.lines.len()), (1_099_900, 3));
        assert_eq!(costs(holding(&script.entries), Some(&EntityId::from("mairie"))).cents, 120_050);
    }

    proptest! {
        #[test]
        fn both_partitions_add_up_to_the_whole(given in proptest::collection::vec((0_u8..4, 0_u8..3, any::<i64>()), 0..60)) {
            let mut script = Script::begin();
            for (category, entity, cents) in given {
                let entity = [None, Some("mairie"), Some("ccas")][usize::from(entity)];
                script.fact(1, "x", cost(&category.to_string(), entity, cents));
            }
            let sums = costs(holding(&script.entries), None);
            prop_assert_eq!(sums.by_category.iter().map(|(_, cents)| cents).sum::<i128>(), sums.cents);
            prop_assert_eq!(sums.by_entity.iter().map(|(_, cents)| cents).sum::<i128>(), sums.cents);
        }
    }
}
