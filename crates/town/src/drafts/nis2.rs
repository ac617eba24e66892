//! The three reports of NIS2, article 23: early warning, notification, final report.

use super::case::Case;
use super::parts::{field, given, known, line, section};
use super::{Content, Counted, Field, FieldName, Fill, Heading, Phrase, Provenance, Section, Stage, Value};
use crate::deadlines::Act;
use crate::map::Duty;

/// Writes the draft. Each stage repeats what the one before said, as it is known now.
pub fn sections(case: &Case<'_>, stage: Stage) -> Vec<Section> {
    let mut sections = vec![
        section(Heading::Report, report(case, stage)),
        section(
            Heading::Facts,
            vec![
                discovered_utc(case),
                case.answered(FieldName::Summary, Duty::Machines),
                case.answered(FieldName::Malicious, Duty::Machines),
                case.answered(FieldName::CrossBorder, Duty::Machines),
            ],
        ),
    ];
    if stage == Stage::Warning {
        return sections;
    }
    sections.push(section(Heading::Impact, impact(case)));
    sections.push(section(
        Heading::Traces,
        vec![
            case.answered(FieldName::Indicators, Duty::Machines),
            case.answered(FieldName::AccountsSeen, Duty::Machines),
            case.answered(FieldName::AddressesSeen, Duty::Machines),
        ],
    ));
    sections.push(section(
        Heading::Measures,
        vec![case.measures_taken(FieldName::MeasuresTaken), case.answered(FieldName::MeasuresPlanned, Duty::Machines)],
    ));
    if stage == Stage::Final {
        sections.push(section(
            Heading::Cause,
            vec![
                case.answered(FieldName::Nature, Duty::Machines),
                case.answered(FieldName::RootCause, Duty::Machines),
                case.began(),
                case.timeline(),
            ],
        ));
        sections.push(section(
            Heading::Damage,
            vec![
                case.files_hurt(FieldName::FilesHurt),
                super::ledger::estimate(case),
                case.answered(FieldName::Lessons, Duty::Decide),
            ],
        ));
    }
    sections
}

fn report(case: &Case<'_>, stage: Stage) -> Vec<Field> {
    let (phrase, before) = match stage {
        Stage::Warning => (Phrase::StageWarning, None),
        Stage::Notification => (Phrase::StageNotification, Some(Act::Nis2Warning)),
        Stage::Final => (Phrase::StageFinal, Some(Act::Nis2Notification)),
    };
    let mut fields = vec![field(FieldName::Stage, Content::Filled(vec![line(Value::Phrase(phrase), [])]))];
    if let Some(act) = before {
        fields.push(field(FieldName::InitialReceipt, given(case.met(&[act]), Fill::Met(act), Duty::Machines)));
    }
    fields.extend(case.entity_fields());
    let mut reporters = case.people(Duty::Machines);
    reporters.extend(case.people(Duty::Decide));
    fields.push(field(FieldName::Reporter, given(reporters, Fill::Map("person.duties"), Duty::Decide)));
    fields
}

fn discovered_utc(case: &Case<'_>) -> Field {
    let lines = case.panel.known.iter();
    let lines = lines.map(|known| line(Value::MomentUtc(known.at), [Provenance::Entry(known.entry)]));
    field(FieldName::DiscoveredUtc, given(lines.collect(), Fill::Known, Duty::Decide))
}

fn impact(case: &Case<'_>) -> Vec<Field> {
    vec![
        case.answered(FieldName::Severity, Duty::Decide),
        field(FieldName::Impact, known(case.service_counts(), Fill::State)),
        case.services_touched(FieldName::ServicesTouched),
        case.sum(FieldName::PersonCount, Counted::Persons),
    ]
}
