//! What it costs: every cost, by category, by entity, and in all.

use super::case::Case;
use super::parts::{field, known, line, section};
use super::{AmountOf, Field, FieldName, Fill, Heading, Line, Provenance, Section, Value};
use crate::costs::{Costs, costs};

/// Writes the draft.
pub fn sections(case: &Case<'_>) -> Vec<Section> {
    vec![section(Heading::Damage, fields(case))]
}

/// Returns the fields of the ledger.
pub fn fields(case: &Case<'_>) -> Vec<Field> {
    let costs = of(case);
    let lines = costs.lines.iter().map(|cost| {
        let entity = cost.entity.as_ref().map(|entity| case.entity_name(entity));
        let value = Value::Cost {
            time: cost.time,
            category: cost.category.clone(),
            text: cost.text.clone(),
            entity,
            cents: cost.cents.into(),
            proof: cost.proof.clone(),
        };
        line(value, [Provenance::Entry(cost.entry)])
    });
    let by_entity = costs.by_entity.iter().map(|(entity, cents)| {
        let entity = entity.as_ref().map(|entity| case.entity_name(entity));
        line(Value::Amount { of: AmountOf::Entity(entity), cents: *cents }, [])
    });
    vec![
        field(FieldName::CostLines, known(lines.collect(), Fill::Cost)),
        field(FieldName::CostByCategory, known(by_category(&costs), Fill::Cost)),
        field(FieldName::CostByEntity, known(by_entity.collect(), Fill::Cost)),
        field(FieldName::CostTotal, known(total(&costs), Fill::Cost)),
    ]
}

/// Returns the sum and its parts by category: an estimate of the damage so far.
pub fn estimate(case: &Case<'_>) -> Field {
    let costs = of(case);
    let mut lines = total(&costs);
    lines.extend(by_category(&costs));
    field(FieldName::DamageEstimate, known(lines, Fill::Cost))
}

fn of(case: &Case<'_>) -> Costs {
    costs(case.entries.iter().copied(), case.entity.map(|entity| &entity.id))
}

fn by_category(costs: &Costs) -> Vec<Line> {
    let amount = |(category, cents): &(String, i128)| {
        let of_category = costs.lines.iter().filter(|line| line.category == *category);
        let from = of_category.map(|line| Provenance::Entry(line.entry));
        line(Value::Amount { of: AmountOf::Category(category.clone()), cents: *cents }, from)
    };
    costs.by_category.iter().map(amount).collect()
}

fn total(costs: &Costs) -> Vec<Line> {
    let is_any = !costs.lines.is_empty();
    let total = is_any.then(|| line(Value::Amount { of: AmountOf::Total, cents: costs.cents }, []));
    total.into_iter().collect()
}
