//! `draft`: what must be told, filled from the journal and the map; people read it over, complete it and send it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::{Value, json};
use town::drafts::{
    ANSWERED, Audience, Content, Draft, Field, Fill, Provenance, Section, Stage, UnknownAnswer, What, draft,
    unknown_answers,
};
use town::map::nearest::nearest;
use town::map::{Entity, Map, Nis2};

use crate::arguments::{AudienceChoice, DraftArguments, DraftChoice, StageChoice};
use crate::case_files::{self, CaseFiles};
use crate::context::{Context, object};
use crate::drafting::{Speaker, plain, speech};
use crate::failure::Failure;
use crate::messages::{Language, Messages, text};
use crate::output::Output;
use crate::report::{ReportFile, draft_page};

/// Drafts, writes, and tells what is missing.
pub fn run(context: &Context, arguments: &DraftArguments) -> Result<(), Failure> {
    let what = what(arguments)?;
    let files = case_files::read(context)?;
    let entity = entity(&files.map, what, arguments.entity.as_deref())?;
    tell(context, arguments, what, &files, entity)
}

fn what(arguments: &DraftArguments) -> Result<What, Failure> {
    let what = match arguments.what {
        DraftChoice::Cnil => What::Cnil { complementary: arguments.complementary },
        DraftChoice::Plainte => What::Complaint,
        DraftChoice::Nis2 => What::Nis2(match arguments.stage {
            Some(StageChoice::Warning) => Stage::Warning,
            Some(StageChoice::Notification) => Stage::Notification,
            Some(StageChoice::Final) => Stage::Final,
            None => return Err(Failure::usage(text("err-draft-stage"))),
        }),
        DraftChoice::Assureur => What::Insurer,
        DraftChoice::Communique => What::Statement(match arguments.audience {
            None | Some(AudienceChoice::Public) => Audience::Public,
            Some(AudienceChoice::Staff) => Audience::Staff,
        }),
        DraftChoice::Standard => What::Telephone,
        DraftChoice::Affiche => What::Poster,
        DraftChoice::Couts => What::Ledger,
    };
    let foreign = [
        ("--stage", arguments.stage.is_some() && !matches!(what, What::Nis2(_))),
        ("--complementary", arguments.complementary && !matches!(what, What::Cnil { .. })),
        ("--for", arguments.audience.is_some() && !matches!(what, What::Statement(_))),
    ];
    match foreign.into_iter().find(|(_, is_foreign)| *is_foreign) {
        Some((option, _)) => Err(Failure::usage(text("err-draft-option").with("option", option))),
        None => Ok(what),
    }
}

/// Finds the entity that speaks: the one that is named; the only one, if each speaks for itself.
fn entity<'m>(map: &'m Map, what: What, named: Option<&str>) -> Result<Option<&'m Entity>, Failure> {
    let names = || map.entities.iter().map(|entity| Output::safe(entity.id.as_str())).collect::<Vec<_>>().join(", ");
    match (named, map.entities.as_slice()) {
        (Some(name), entities) => match entities.iter().find(|entity| entity.id.as_str() == name) {
            Some(entity) => Ok(Some(entity)),
            None => {
                let said = text("err-draft-no-entity").with("name", Output::safe(name)).with("names", names());
                Err(Failure::usage(said))
            }
        },
        (None, [only]) if what.is_of_each_entity() => Ok(Some(only)),
        (None, [_, _, ..]) if what.is_of_each_entity() => {
            Err(Failure::usage(text("err-draft-entity").with("names", names())))
        }
        (None, _) => Ok(None),
    }
}

fn tell(
    context: &Context,
    arguments: &DraftArguments,
    what: What,
    files: &CaseFiles,
    entity: Option<&Entity>,
) -> Result<(), Failure> {
    // A place that cannot be written to is told first.
    let page =
        arguments.html.as_deref().map(|path| super::damage::prepare(path).map(|file| (path, file))).transpose()?;
    let drafted = draft(what, &files.map, &files.entries, entity, files.now);
    let draft = drafted.map_err(super::order::graph_failure)?;
    let messages = Messages::new(arguments.language.unwrap_or_else(|| language_of(what, context.messages.language())));
    let speaker = Speaker { messages: &messages, map: &files.map };
    write(context, arguments, &speaker, &draft, page)?;
    events(context, &speaker, &draft)?;
    close(context, &files.map, &draft);
    tell_unknown_answers(context, files);
    Ok(())
}

/// French authorities and insurers read French, whatever people at the desk read.
fn language_of(what: What, desk: Language) -> Language {
    match what {
        What::Cnil { .. } | What::Complaint | What::Nis2(_) | What::Insurer => Language::Fr,
        What::Statement(_) | What::Telephone | What::Poster | What::Ledger => desk,
    }
}

fn write(
    context: &Context,
    arguments: &DraftArguments,
    speaker: &Speaker<'_>,
    draft: &Draft,
    page: Option<(&Path, ReportFile)>,
) -> Result<(), Failure> {
    let written = match draft.what {
        What::Telephone => {
            let speech = speech(speaker, draft);
            context.note(&text("draft-speech-length").with("count", speech.seconds()));
            if speech.seconds() > 60 {
                context.note(&text("draft-speech-long"));
            }
            speech.sentences.join("\n") + "\n"
        }
        _ => plain(speaker, draft),
    };
    if let Some(path) = arguments.to.as_deref() {
        let at = |error| Failure::from(error).under(text("err-at-path").show("path", path.display()));
        crate::secret_file::write_new(path, written.as_bytes()).map_err(at)?;
        context.note(&text("draft-written").show("path", path.display()));
    }
    if let Some((path, file)) = page {
        file.finish(&draft_page(speaker, draft)).map_err(|error| super::damage::report_failure(path, error))?;
        context.note(&text("draft-written").show("path", path.display()));
        context.event("page", Value::Object(Output::path_fields(path.as_os_str().as_bytes())))?;
    }
    let goes_elsewhere = arguments.to.is_some() || arguments.html.is_some() || context.output.is_json();
    if goes_elsewhere { Ok(()) } else { context.output.bytes(written.as_bytes()) }
}

fn events(context: &Context, speaker: &Speaker<'_>, draft: &Draft) -> Result<(), Failure> {
    if !context.output.is_json() {
        return Ok(());
    }
    for section in &draft.sections {
        for field in &section.fields {
            context.output.item("field", object(field_event(speaker, section, field)))?;
        }
    }
    let counts = draft.counts();
    let summary = json!({
        "entity": draft.entity,
        "is_exercise": draft.is_exercise,
        "filled": counts.filled,
        "not_known": counts.not_known,
        "missing": counts.missing,
    });
    context.event("summary", summary)
}

fn field_event(speaker: &Speaker<'_>, section: &Section, field: &Field) -> Value {
    let from = |from: &Provenance| match from {
        Provenance::Entry(number) => json!({ "entry": number }),
        Provenance::Map(line) => json!({ "map_line": line }),
        Provenance::Town => json!({ "map_line": null }),
    };
    let all = |lines: &[Provenance]| lines.iter().map(from).collect::<Vec<_>>();
    let mut event = json!({ "section": section.heading.name(), "field": field.name.name() });
    match &field.content {
        Content::Filled(lines) => {
            let say = |line| json!({ "says": speaker.line(line), "from": all(&line.from) });
            event["status"] = "filled".into();
            event["lines"] = lines.iter().map(say).collect();
        }
        Content::NotKnown { fill, from } => {
            event["status"] = "not-known".into();
            event["from"] = all(from).into();
            event["fill"] = speaker.fill(*fill).into();
        }
        Content::Missing { fill, who } => {
            let roles: Vec<_> = speaker.map.people_for(*who).map(|person| person.id.to_string()).collect();
            event["status"] = "missing".into();
            event["who"] = roles.into();
            event["fill"] = speaker.fill(*fill).into();
        }
    }
    event
}

/// Tells how many fields are what, and what fills each that is not: in the language of the desk.
fn close(context: &Context, map: &Map, draft: &Draft) {
    let speaker = Speaker { messages: &context.messages, map };
    if matches!(draft.what, What::Nis2(_)) && map.town.nis2 == Nis2::None {
        context.note(&text("draft-nis2-none"));
    }
    let counts = draft.counts();
    context.note(
        &text("draft-summary")
            .with("filled", counts.filled)
            .with("unknown", counts.not_known)
            .with("missing", counts.missing),
    );
    let mut told: Vec<Fill> = Vec::new();
    for field in draft.sections.iter().flat_map(|section| &section.fields) {
        let (Content::NotKnown { fill, .. } | Content::Missing { fill, .. }) = &field.content else { continue };
        if told.contains(fill) {
            continue;
        }
        told.push(*fill);
        let said = text("draft-todo")
            .with("label", speaker.label(field.name, draft.what.is_public()))
            .with("fill", speaker.fill(*fill));
        context.note(&said);
    }
}

/// Tells of answers that nothing asks for: a field that was mistyped would stay missing without a word.
fn tell_unknown_answers(context: &Context, files: &CaseFiles) {
    unknown_answers(&files.map, &files.entries).iter().for_each(|answer| tell_unknown(context, answer));
}

/// Tells of an answer that nothing asks for, and which field has the nearest name.
pub fn tell_unknown(context: &Context, answer: &UnknownAnswer) {
    let near = nearest(&answer.field, ANSWERED.iter().map(|field| field.name()));
    let said = text("draft-unknown-answer").show("number", answer.entry).with("field", Output::safe(&answer.field));
    context.note(&said.with("near", near.unwrap_or("–")));
}
