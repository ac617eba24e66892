//! What is wrong or doubtful in a map, and what to write instead, in people's words.

use town::map::doubt::Doubt;
use town::map::finding::{NameKind, Problem, Proposal, ValueKind};
use town::map::{Duty, NodeId, PersonId};

use super::{Text, text};
use crate::output::Output;

/// Says what is wrong.
pub fn problem_text(problem: &Problem) -> Text {
    let of_field = |key: &'static str, field: &str| text(key).with("field", Output::safe(field));
    match problem {
        Problem::TooLong { bytes } => text("town-too-long").with("bytes", super::Gap::Bytes(*bytes)),
        Problem::More { count } => text("town-more").with("count", *count),
        Problem::TooMany { count } => text("town-too-many").with("count", *count),
        Problem::Syntax { message } => text("town-syntax").with("message", Output::safe(message)),
        Problem::UnknownKey { table, key } => {
            text("town-unknown-key").with("key", Output::safe(key)).with("table", table.head())
        }
        Problem::MissingField { table, field } => of_field("town-missing-field", field).with("table", table.head()),
        Problem::MissingTable { table } => text("town-missing-table").with("table", table.head()),
        Problem::WrongKind { field, wanted, found } => {
            of_field("town-wrong-kind", field).with("wanted", value_text(*wanted)).with("found", value_text(*found))
        }
        Problem::Empty { field } => of_field("town-empty", field),
        Problem::UnknownWord { field, word } => of_field("town-unknown-word", field).with("word", Output::safe(word)),
        Problem::OutOfRange { field, number, min, max } => of_field("town-out-of-range", field)
            .with("number", Output::safe(number))
            .with("min", *min)
            .with("max", *max),
        Problem::BadDate { field, written } => of_field("town-bad-date", field).with("written", Output::safe(written)),
        Problem::UnknownZone { zone } => text("town-unknown-zone").with("zone", Output::safe(zone)),
        Problem::BadName { name } => text("town-bad-name").with("name", Output::safe(name)),
        Problem::Twice { kind, name, first } => {
            text("town-twice").with("kind", kind_text(*kind)).with("name", Output::safe(name)).show("line", first)
        }
        Problem::UnknownName { kind, name } => {
            text("town-unknown-name").with("kind", kind_text(*kind)).with("name", Output::safe(name))
        }
        Problem::OtherKind { wanted, found, name } => text("town-other-kind")
            .with("name", Output::safe(name))
            .with("found", kind_text(*found))
            .with("wanted", kind_text(*wanted)),
        Problem::Cycle { names } => text("town-cycle").with("names", way(names)),
        Problem::When { count } => text("town-when").with("count", u64::from(*count)),
        Problem::Doubt(doubt) => doubt_text(doubt),
    }
}

fn doubt_text(doubt: &Doubt) -> Text {
    let of_service = |key: &'static str, service: &NodeId| text(key).with("service", Output::safe(service.as_str()));
    let of_person = |key: &'static str, person: &PersonId| text(key).with("person", Output::safe(person.as_str()));
    match doubt {
        Doubt::NothingKept { service } => of_service("town-nothing-kept", service),
        Doubt::UnusedSource { source } => text("town-unused-source").with("source", Output::safe(source.as_str())),
        Doubt::KeptTooSeldom { service, source, every_hours, loss_hours_max } => of_service("town-too-seldom", service)
            .with("source", Output::safe(source.as_str()))
            .with("every", u64::from(*every_hours))
            .with("loss", u64::from(*loss_hours_max)),
        Doubt::TooSlow { service, minutes, bytes, outage_hours_max } => of_service("town-too-slow", service)
            .with("time", time_text(*minutes))
            .with("bytes", super::Gap::Bytes(*bytes))
            .with("max", u64::from(*outage_hours_max)),
        Doubt::NoRate => text("town-no-rate"),
        Doubt::SinglePoint { nodes, falls, of } => {
            let names: Vec<String> = nodes.iter().map(|node| Output::safe(node.as_str())).collect();
            text("town-single-point").with("nodes", names.join(", ")).with("falls", *falls).with("of", *of)
        }
        Doubt::OnlyCopy { provider, services } => {
            let names: Vec<String> = services.iter().map(|id| Output::safe(id.as_str())).collect();
            let said = text("town-only-copy").with("provider", Output::safe(provider.as_str()));
            said.with("services", services.len() as u64).with("names", names.join(", "))
        }
        Doubt::NobodyFor { duty } => text("town-nobody-for").with("duty", duty_text(*duty)),
        Doubt::NoDeputy { person } => of_person("town-no-deputy", person),
        Doubt::NoPhone { person } => of_person("town-no-phone", person),
        Doubt::SwitchboardPhone { person } => of_person("town-switchboard-phone", person),
        Doubt::NotVerified { people, since } => {
            let names: Vec<String> = people.iter().map(|person| Output::safe(person.as_str())).collect();
            let names = names.join(", ");
            match since {
                Some(since) => text("town-not-verified").with("people", names).show("since", since),
                None => text("town-never-verified").with("people", names),
            }
        }
        Doubt::LaterWave { service, wave, need, later } => of_service("town-later-wave", service)
            .with("need", Output::safe(need.as_str()))
            .with("wave", u64::from(wave.number()))
            .with("later", u64::from(later.number())),
        Doubt::NoServices { event } => text("town-no-services").with("event", Output::safe(event.0.as_str())),
        Doubt::OverDates { event } => text("town-over-dates").with("event", Output::safe(event.0.as_str())),
        Doubt::NoPersons { service } => of_service("town-no-persons", service),
        Doubt::CivilRegistry { service, loss_hours_max } => {
            of_service("town-civil-registry", service).with("loss", u64::from(*loss_hours_max))
        }
        Doubt::NoMeanwhile { service } => of_service("town-no-meanwhile", service),
    }
}

/// Says what to do.
pub fn proposal_text(proposal: &Proposal) -> Text {
    let listed = |words: &[String]| words.iter().map(|word| Output::safe(word)).collect::<Vec<_>>().join(", ");
    let wording = |key: &'static str, words: &str| text(key).with("words", Output::safe(&one_line(words)));
    match proposal {
        Proposal::Nearest(name) => text("town-nearest").with("name", Output::safe(name)),
        Proposal::OneOf(words) => text("town-one-of").with("words", listed(words)),
        Proposal::Write(words) => wording("town-write", words),
        Proposal::Elsewhere { table } => text("town-elsewhere").with("table", table.head()),
        Proposal::Define { example } => wording("town-define", example),
        Proposal::Rename => text("town-rename"),
        Proposal::Remove => text("town-remove"),
        Proposal::CutNeed { of, need } => {
            text("town-cut-need").with("of", Output::safe(of)).with("need", Output::safe(need))
        }
        Proposal::KeepOne(words) => text("town-keep-one").with("words", listed(words)),
        Proposal::WriteIn { table, of, words } => {
            wording("town-write-in", words).with("table", table.head()).with("of", Output::safe(of))
        }
        Proposal::Measure(words) => wording("town-measure", words),
        Proposal::Shorten(words) => wording("town-shorten", words),
        Proposal::SecondWay => text("town-second-way"),
        Proposal::AskForCopies { provider, example } => {
            wording("town-ask-for-copies", example).with("provider", Output::safe(provider))
        }
        Proposal::Call(words) => wording("town-call", words),
        Proposal::OtherPhone => text("town-other-phone"),
        Proposal::Divide => text("town-divide"),
        Proposal::MendFirst => text("town-mend-first"),
    }
}

/// Puts lines of a file into one line: whoever reads it writes them below one another.
fn one_line(words: &str) -> String {
    words.replace('\n', " ⏎ ")
}

/// Says the names along a cycle, the first one again at the end; a long one is cut in its middle.
fn way(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().map(|name| Output::safe(name)).collect();
    if shown.len() > 12 {
        shown.splice(6..names.len() - 5, ["…".to_string()]);
    }
    shown.push(Output::safe(&names[0]));
    shown.join(" → ")
}

fn time_text(minutes: u64) -> Text {
    match minutes {
        0..120 => text("town-minutes").with("minutes", minutes),
        _ => text("town-hours").with("hours", minutes.div_ceil(60)),
    }
}

/// Says what people do in a crisis.
pub fn duty_text(duty: Duty) -> Text {
    text(match duty {
        Duty::Decide => "town-duty-decide",
        Duty::Machines => "town-duty-machines",
        Duty::Speak => "town-duty-speak",
        Duty::Dpo => "town-duty-dpo",
        Duty::Complain => "town-duty-complain",
    })
}

fn kind_text(kind: NameKind) -> Text {
    text(match kind {
        NameKind::Node => "town-kind-node",
        NameKind::Service => "town-kind-service",
        NameKind::Host => "town-kind-host",
        NameKind::Provider => "town-kind-provider",
        NameKind::Entity => "town-kind-entity",
        NameKind::Person => "town-kind-person",
        NameKind::Source => "town-kind-source",
        NameKind::Event => "town-kind-event",
    })
}

fn value_text(kind: ValueKind) -> Text {
    text(match kind {
        ValueKind::Text => "town-value-text",
        ValueKind::Integer => "town-value-integer",
        ValueKind::Float => "town-value-float",
        ValueKind::Boolean => "town-value-boolean",
        ValueKind::Date => "town-value-date",
        ValueKind::List => "town-value-list",
        ValueKind::ListOfText => "town-value-list-of-text",
        ValueKind::Table => "town-value-table",
        ValueKind::Words => "town-value-words",
    })
}
