//! What the insurer is told, and what it asks for before it pays.

use super::case::Case;
use super::parts::{field, given, line, section};
use super::{FieldName, Fill, Heading, Line, Provenance, Section, Value};
use crate::deadlines::Act;
use crate::map::Duty;

/// Writes the draft.
pub fn sections(case: &Case<'_>) -> Vec<Section> {
    let mut insured = case.entity_fields();
    let complaint = given(case.met(&[Act::Complaint]), Fill::Met(Act::Complaint), Duty::Complain);
    let who = given(case.people(Duty::Complain), Fill::Map("person.duties"), Duty::Decide);
    insured.push(field(FieldName::Complainant, who));
    vec![
        section(Heading::Contract, contract(case)),
        section(Heading::Controller, insured),
        section(
            Heading::Facts,
            vec![
                case.discovered(),
                case.answered(FieldName::Circumstances, Duty::Machines),
                case.answered(FieldName::Nature, Duty::Machines),
                case.began(),
                field(FieldName::ComplaintFiled, complaint),
            ],
        ),
        section(
            Heading::Impact,
            vec![
                case.services_touched(FieldName::ServicesTouched),
                case.files_hurt(FieldName::FilesHurt),
                case.answered(FieldName::Confidentiality, Duty::Dpo),
                case.answered(FieldName::ThirdParties, Duty::Decide),
            ],
        ),
        section(Heading::Measures, vec![case.measures_taken(FieldName::MeasuresTaken)]),
        section(Heading::Providers, vec![case.provider_lines(FieldName::ProvidersInvolved)]),
        section(Heading::Damage, super::ledger::fields(case)),
    ]
}

fn contract(case: &Case<'_>) -> Vec<super::Field> {
    let insurer = case.map.town.insurer.as_ref();
    let of = |words: Option<&String>| -> Vec<Line> {
        words.map(|words| line(Value::Said(words.clone()), [Provenance::Town])).into_iter().collect()
    };
    let name = insurer.map(|insurer| {
        let phone = insurer.phone.as_ref().map(|phone| format!(" ({phone})")).unwrap_or_default();
        line(Value::Said(format!("{}{phone}", insurer.name)), [Provenance::Town])
    });
    let number = of(insurer.and_then(|insurer| insurer.contract.as_ref()));
    vec![
        field(FieldName::Insurer, given(name.into_iter().collect(), Fill::Map("[town.insurer]"), Duty::Decide)),
        field(FieldName::Contract, given(number, Fill::Map("town.insurer.contract"), Duty::Decide)),
    ]
}
