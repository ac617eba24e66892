//! The notification of a breach of personal data: what article 33(3) of the GDPR asks for, and the row of the town's own register (33(5)).

use jiff::SignedDuration;

use super::case::Case;
use super::parts::{field, given, line, section};
use super::{Content, Counted, Field, FieldName, Fill, Heading, Phrase, Provenance, Section, Value};
use crate::deadlines::{Act, CNIL_HOURS_MAX};
use crate::map::Duty;

/// Writes the draft.
pub fn sections(case: &Case<'_>, complementary: bool) -> Vec<Section> {
    vec![
        section(Heading::Report, stage(case, complementary)),
        section(Heading::Controller, controller(case)),
        section(Heading::Facts, facts(case)),
        section(Heading::Nature, nature(case)),
        section(Heading::Consequences, vec![case.answered(FieldName::Consequences, Duty::Dpo)]),
        section(
            Heading::Measures,
            vec![
                case.measures_taken(FieldName::MeasuresTaken),
                case.answered(FieldName::MeasuresPlanned, Duty::Machines),
            ],
        ),
        section(Heading::Delay, vec![delay(case)]),
        section(
            Heading::Persons,
            vec![
                case.answered(FieldName::HighRisk, Duty::Dpo),
                case.answered(FieldName::PersonsInformed, Duty::Dpo),
                case.answered(FieldName::PersonsInformedHow, Duty::Speak),
            ],
        ),
        section(Heading::Register, register(case)),
    ]
}

fn stage(case: &Case<'_>, complementary: bool) -> Vec<Field> {
    let phrase = if complementary { Phrase::StageComplementary } else { Phrase::StageInitial };
    let mut fields = vec![field(FieldName::Stage, Content::Filled(vec![line(Value::Phrase(phrase), [])]))];
    if complementary {
        let met = given(case.met(&[Act::Cnil]), Fill::Met(Act::Cnil), Duty::Dpo);
        fields.push(field(FieldName::InitialReceipt, met));
    }
    fields
}

fn controller(case: &Case<'_>) -> Vec<Field> {
    let mut fields = case.entity_fields();
    fields.push(field(FieldName::Dpo, given(case.people(Duty::Dpo), Fill::Map("person.duties"), Duty::Decide)));
    fields
}

fn facts(case: &Case<'_>) -> Vec<Field> {
    vec![
        case.discovered(),
        case.answered(FieldName::Circumstances, Duty::Machines),
        case.began(),
        case.sound_until(),
        case.answered(FieldName::Ended, Duty::Machines),
        case.provider_lines(FieldName::Processors),
    ]
}

/// What was measured of integrity and availability is written; of confidentiality, only what a person says.
fn nature(case: &Case<'_>) -> Vec<Field> {
    vec![
        case.answered(FieldName::Nature, Duty::Machines),
        case.answered(FieldName::Confidentiality, Duty::Dpo),
        case.files_hurt(FieldName::Integrity),
        case.services_touched(FieldName::Availability),
        case.data_categories(),
        case.answered(FieldName::PersonCategories, Duty::Dpo),
        case.sum(FieldName::PersonCount, Counted::Persons),
        case.sum(FieldName::RecordCount, Counted::Records),
    ]
}

/// After 72 hours reasons are due, also where somebody notified in time and goes on telling.
fn delay(case: &Case<'_>) -> Field {
    let Some(known) = case.panel.known else {
        return field(FieldName::DelayReasons, Content::Missing { fill: Fill::Known, who: Duty::Decide });
    };
    let from = [Provenance::Entry(known.entry)];
    let done = case.met(&[Act::Cnil]).into_iter().find_map(|met| match met.value {
        Value::Met { at, .. } => Some(at),
        _ => None,
    });
    let passed = done.unwrap_or(case.now).duration_since(known.at);
    if passed <= SignedDuration::from_hours(i64::from(CNIL_HOURS_MAX)) {
        return field(FieldName::DelayReasons, Content::Filled(vec![line(Value::Phrase(Phrase::InTime), from)]));
    }
    let content = match case.asked(FieldName::DelayReasons, Duty::Dpo) {
        Content::Filled(mut lines) => {
            lines.insert(0, line(Value::Late { hours: u64::try_from(passed.as_hours()).unwrap_or(0) }, from));
            Content::Filled(lines)
        }
        other => other,
    };
    field(FieldName::DelayReasons, content)
}

fn register(case: &Case<'_>) -> Vec<Field> {
    let noted = case.met(&[Act::Cnil, Act::CnilComplementary]);
    let noted = if noted.is_empty() { vec![line(Value::Phrase(Phrase::NoneNotedYet), [])] } else { noted };
    vec![
        field(FieldName::RegisterFacts, case.asked(FieldName::Nature, Duty::Machines)),
        field(FieldName::RegisterEffects, case.asked(FieldName::Consequences, Duty::Dpo)),
        case.measures_taken(FieldName::RegisterMeasures),
        field(FieldName::RegisterNotified, Content::Filled(noted)),
    ]
}
