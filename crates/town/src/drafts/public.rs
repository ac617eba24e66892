//! What people are told: a statement, what the telephone says, what hangs on the door.

use super::case::{Case, Seen};
use super::parts::{field, given, known, line, section};
use super::{Audience, Content, Field, FieldName, Fill, Heading, Line, Provenance, Section, Value};
use crate::map::{Duty, Service, Words};
use crate::state::Level;

/// Writes a statement.
pub fn statement(case: &Case<'_>, audience: Audience) -> Vec<Section> {
    let mut facts = vec![
        case.answered(FieldName::PublicCause, Duty::Speak),
        case.discovered(),
        case.answered(FieldName::WhoWorks, Duty::Speak),
        case.answered(FieldName::PublicData, Duty::Dpo),
    ];
    match audience {
        Audience::Public => facts.push(case.answered(FieldName::PublicAdvice, Duty::Speak)),
        Audience::Staff => facts.push(case.answered(FieldName::StaffRules, Duty::Machines)),
    }
    vec![
        section(Heading::Facts, facts),
        section(Heading::Services, services(case, audience)),
        section(Heading::News, news(case)),
    ]
}

/// Writes what the telephone says.
pub fn telephone(case: &Case<'_>) -> Vec<Section> {
    vec![
        section(Heading::Facts, vec![case.answered(FieldName::PublicCause, Duty::Speak)]),
        section(Heading::Services, services(case, Audience::Public)),
        section(Heading::News, news(case)),
    ]
}

/// Writes what hangs on the door.
pub fn poster(case: &Case<'_>) -> Vec<Section> {
    vec![section(Heading::Services, services(case, Audience::Public)), section(Heading::News, news(case))]
}

fn services(case: &Case<'_>, audience: Audience) -> Vec<Field> {
    let instead = |service: &Service| -> Words {
        match audience {
            Audience::Public => service.meanwhile_public.clone(),
            Audience::Staff => service.meanwhile_staff.clone(),
        }
    };
    // A service whose files are hurt and that answers is no service that works.
    let works = |known: &Seen<'_, Service>| known.level == Level::Up && known.hurt.is_empty();
    let lines = |which: &dyn Fn(&Seen<'_, Service>) -> bool| -> Vec<_> {
        let services = case.services.iter().filter(|known| which(known) && concerns(audience, known.node));
        // Nobody need do anything instead of what works.
        let instead = |known: &Seen<'_, Service>| (!works(known)).then(|| instead(known.node));
        services.map(|known| told(audience, case.service_line(known, instead(known)))).collect()
    };
    let open = lines(&works);
    let mut fields = vec![
        field(FieldName::ServicesClosed, known(lines(&|seen| seen.is_touched()), Fill::State)),
        field(FieldName::ServicesOpen, known(open, Fill::State)),
    ];
    let unknown = lines(&|seen| seen.is_unknown());
    if !unknown.is_empty() {
        fields.push(field(FieldName::ServicesUnknown, Content::Filled(unknown)));
    }
    fields
}

/// A service for which the map tells the staff what to do meanwhile, and the public nothing, is none that people outside use.
fn concerns(audience: Audience, service: &Service) -> bool {
    let is_said = |words: &Words| !words.fr.is_empty() || !words.en.is_empty();
    audience == Audience::Staff || is_said(&service.meanwhile_public) || !is_said(&service.meanwhile_staff)
}

/// The names of machines are nothing that people outside need.
fn told(audience: Audience, mut line: Line) -> Line {
    if let (Audience::Public, Value::Service(service)) = (audience, &mut line.value) {
        service.through = None;
    }
    line
}

fn news(case: &Case<'_>) -> Vec<Field> {
    let next = match case.next_news() {
        Some((time, entry)) => Content::Filled(vec![line(Value::Moment(time), [Provenance::Entry(entry)])]),
        None => case.asked(FieldName::NextNews, Duty::Speak),
    };
    let town =
        |words: &Option<String>| words.iter().map(|w| line(Value::Said(w.clone()), [Provenance::Town])).collect();
    vec![
        field(FieldName::NextNews, next),
        field(
            FieldName::Switchboard,
            given(town(&case.map.town.switchboard), Fill::Map("town.switchboard"), Duty::Speak),
        ),
        field(
            FieldName::PublicPage,
            given(town(&case.map.town.public_page), Fill::Map("town.public_page"), Duty::Speak),
        ),
    ]
}
