//! What is handed to those who take the complaint: who, what, when, on which machines, with which pieces.

use super::case::Case;
use super::parts::{field, given, known, line, section};
use super::{Content, Field, FieldName, Fill, Heading, Line, Phrase, Provenance, Section, Value};
use crate::holding::moment;
use crate::journal::{Entry, Kind};
use crate::map::{Duty, Host};

/// Writes the draft.
pub fn sections(case: &Case<'_>) -> Vec<Section> {
    vec![
        section(Heading::Complainant, complainant(case)),
        section(Heading::Facts, facts(case)),
        section(Heading::Machines, machines(case)),
        section(
            Heading::Traces,
            vec![
                case.answered(FieldName::AccountsSeen, Duty::Machines),
                case.answered(FieldName::AddressesSeen, Duty::Machines),
            ],
        ),
        section(Heading::Evidence, evidence(case)),
        section(
            Heading::Damage,
            vec![
                case.files_hurt(FieldName::FilesHurt),
                case.services_touched(FieldName::ServicesTouched),
                super::ledger::estimate(case),
            ],
        ),
        section(Heading::Providers, vec![case.provider_lines(FieldName::ProvidersInvolved)]),
        section(
            Heading::Law,
            vec![field(FieldName::Offences, Content::Filled(vec![line(Value::Phrase(Phrase::Offences), [])]))],
        ),
        section(Heading::Handover, vec![handover(case)]),
    ]
}

fn complainant(case: &Case<'_>) -> Vec<Field> {
    let mut fields = case.entity_fields();
    let who = given(case.people(Duty::Complain), Fill::Map("person.duties"), Duty::Decide);
    let contact = match case.asked(FieldName::InvestigatorContact, Duty::Complain) {
        Content::Missing { fill, who } => given(case.people(Duty::Machines), fill, who),
        said => said,
    };
    fields.push(field(FieldName::Complainant, who));
    fields.push(field(FieldName::InvestigatorContact, contact));
    fields
}

fn facts(case: &Case<'_>) -> Vec<Field> {
    vec![
        case.discovered(),
        case.answered(FieldName::Circumstances, Duty::Machines),
        case.answered(FieldName::Nature, Duty::Machines),
        case.began(),
        case.sound_until(),
        case.answered(FieldName::Ended, Duty::Machines),
        case.timeline(),
        journal_end(case),
    ]
}

/// A machine was attacked if its files are hurt or if somebody said that it is hit; one that only lacks what it needs was not.
fn machines(case: &Case<'_>) -> Vec<Field> {
    let attacked = || case.hosts.iter().filter(|known| known.is_touched() && known.through.is_none());
    let from = |known: &super::case::Seen<'_, Host>| {
        let hurt = known.hurt.iter().filter_map(|source| case.damage.get(source)).map(|(entry, _)| entry.number);
        let entries = known.entry.into_iter().chain(hurt).map(Provenance::Entry);
        entries.chain([Provenance::Map(known.node.line)]).collect::<Vec<_>>()
    };
    let machine = |known: &super::case::Seen<'_, Host>| {
        let node = known.node;
        let value = Value::Machine { name: node.name.clone(), level: known.level, place: node.place.clone() };
        line(value, from(known))
    };
    let system = |known: &super::case::Seen<'_, Host>| {
        let value = Value::System { name: known.node.name.clone(), system: known.node.system.clone() };
        line(value, [Provenance::Map(known.node.line)])
    };
    // An address that is missing for one machine is missing.
    let is_placed = attacked().next().is_some() && attacked().all(|known| known.node.place.is_some());
    let places = attacked()
        .filter(|_| is_placed)
        .filter_map(|known| Some(line(Value::Said(known.node.place.clone()?), [Provenance::Map(known.node.line)])));
    let systems = attacked().filter(|known| known.node.system.is_some()).map(system).collect();
    let nobody_knows = attacked().next().is_none();
    let places = match nobody_knows {
        true => known(Vec::new(), Fill::State),
        false => given(places.collect(), Fill::Map("host.place"), Duty::Machines),
    };
    let systems = known(systems, if nobody_knows { Fill::State } else { Fill::Map("host.system") });
    vec![
        field(FieldName::Machines, known(attacked().map(machine).collect(), Fill::State)),
        field(FieldName::MachinePlaces, places),
        field(FieldName::Systems, systems),
    ]
}

fn evidence(case: &Case<'_>) -> Vec<Field> {
    let wanted = [
        FieldName::RansomNote,
        FieldName::TrappedMessage,
        FieldName::FirewallLogs,
        FieldName::DiskCopies,
        FieldName::EncryptedSamples,
    ];
    let mut fields: Vec<_> = wanted.into_iter().map(|name| piece_field(case, name)).collect();
    let pieces = given(pieces(case), Fill::Evidence, Duty::Machines);
    fields.push(field(FieldName::Pieces, pieces));
    fields
}

/// An answer that names entries brings their files along.
fn piece_field(case: &Case<'_>, name: FieldName) -> Field {
    let content = match case.asked(name, Duty::Machines) {
        Content::Filled(mut lines) => {
            let words = case.answer(name).map_or("", |(_, words)| words);
            lines.extend(case.cited(words).into_iter().flat_map(files));
            Content::Filled(lines)
        }
        other => other,
    };
    field(name, content)
}

/// Returns every file of every entry that is evidence.
fn pieces(case: &Case<'_>) -> Vec<Line> {
    case.entries.iter().filter(|entry| entry.kind == Kind::Evidence).flat_map(|entry| files(entry)).collect()
}

fn files(entry: &Entry) -> Vec<Line> {
    let file = |file: &crate::journal::Attachment| {
        let value = Value::Piece {
            file: file.clone(),
            text: entry.text.clone(),
            time: moment(entry),
            author: entry.author.clone(),
        };
        line(value, [Provenance::Entry(entry.number)])
    };
    entry.attachments.iter().map(file).collect()
}

fn journal_end(case: &Case<'_>) -> Field {
    let end = case.entries.iter().max_by_key(|entry| entry.number);
    let lines = end.map(|entry| line(Value::JournalEnd { time: entry.time }, [Provenance::Entry(entry.number)]));
    field(FieldName::JournalEnd, known(lines.into_iter().collect(), Fill::Journal))
}

/// A line to sign for each piece, or for the whole.
fn handover(case: &Case<'_>) -> Field {
    let mut lines = pieces(case);
    lines.push(line(Value::Phrase(Phrase::Handover), []));
    field(FieldName::Handover, Content::Filled(lines))
}
