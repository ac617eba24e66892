//! What people say, as entries.

use jiff::Timestamp;
use town::journal::{Draft, Fact, Kind, signed_entries};
use town::map::{EntityId, NodeId};
use town::state::{Origin, Value};

use crate::arguments::{
    CrisisActArguments, CrisisAnswerArguments, CrisisCostArguments, CrisisDecideArguments, CrisisNoteArguments,
    CrisisStateArguments, EntryArguments, LevelChoice,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::journal_file::{JournalFolder, now};
use crate::journal_words::level_key;
use crate::messages::text;
use crate::output::Output;
use crate::times::{parse_past_time, parse_time};
use crate::town_state;

/// A longer name of a field is a mistake.
const FIELD_LETTERS_MAX: usize = 64;

/// Something is up, degraded, down or unknown.
pub fn state(
    context: &Context,
    arguments: &CrisisStateArguments,
    (name, level): (&str, LevelChoice),
) -> Result<Draft, Failure> {
    let of = node(name)?;
    require_known(context, &of)?;
    let said = now();
    let value = Value {
        of: of.clone(),
        is: level.level(),
        how: arguments.how.clone(),
        why: arguments.why.clone(),
        since: past(context, arguments.since.as_deref())?,
        next_news: arguments.next.as_deref().map(|words| parse_time(words, said, &context.zone())).transpose()?,
        origin: Origin::Human,
        said,
    };
    let level = text(level_key(value.is));
    let head = context.say(&text("crisis-state").with("node", of.as_str()).with("level", level));
    let parts = [Some(head), value.how.clone(), value.why.clone()];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" – ");
    let mut draft = Draft::new(Kind::Observation, words).with(Fact::State(value));
    draft.about = Some(of);
    finish(context, draft, &arguments.entry)
}

/// Something was seen, said or put aside.
pub fn note(context: &Context, arguments: &CrisisNoteArguments) -> Result<Draft, Failure> {
    let mut draft = Draft::new(arguments.kind.kind(), said(&arguments.text)?);
    draft.about = arguments.about.as_deref().map(node).transpose()?;
    finish(context, draft, &arguments.entry)
}

/// Something was decided; perhaps from when on the town knows.
pub fn decide(context: &Context, arguments: &CrisisDecideArguments) -> Result<Draft, Failure> {
    let mut draft = Draft::new(Kind::Decision, said(&arguments.text)?);
    draft.about = arguments.about.as_deref().map(node).transpose()?;
    if let Some(given) = &arguments.t0 {
        let at = past(context, given.as_deref())?.unwrap_or_else(now);
        draft.fact = Some(Fact::Known { at });
        if let Some(number) = known_since(&context.open_journal()?)? {
            context.note(&text("say-crisis-t0-moved").with("number", number));
        }
    }
    finish(context, draft, &arguments.entry)
}

/// Returns the entry of a journal that says since when the town knows, if one does.
pub fn known_since(journal: &JournalFolder) -> Result<Option<u64>, Failure> {
    let file = journal.read()?;
    let signed = signed_entries(&file);
    Ok(signed.iter().rfind(|entry| matches!(entry.fact, Some(Fact::Known { .. }))).map(|entry| entry.number))
}

/// Something was done; perhaps something that the law asks for.
pub fn act(context: &Context, arguments: &CrisisActArguments) -> Result<Draft, Failure> {
    let mut draft = Draft::new(Kind::Action, said(&arguments.text)?);
    draft.about = arguments.about.as_deref().map(node).transpose()?;
    if let Some(deadline) = &arguments.met {
        let (entity, receipt) = (entity(arguments.entity.as_deref())?, arguments.receipt.clone());
        draft.fact = Some(Fact::Met { deadline: deadline.clone(), entity, receipt });
    }
    finish(context, draft, &arguments.entry)
}

/// Something costs.
pub fn cost(context: &Context, arguments: &CrisisCostArguments) -> Result<Draft, Failure> {
    let wrong = || Failure::usage(text("err-crisis-euros").with("given", Output::safe(&arguments.euros)));
    let cents = cents(&arguments.euros).ok_or_else(wrong)?;
    let (category, proof) = (arguments.category.clone(), arguments.proof.clone());
    let fact = Fact::Cost { category, entity: entity(arguments.entity.as_deref())?, cents, proof };
    finish(context, Draft::new(Kind::Cost, said(&arguments.text)?).with(fact), &arguments.entry)
}

/// An answer for a draft.
pub fn answer(context: &Context, arguments: &CrisisAnswerArguments) -> Result<Draft, Failure> {
    let field = arguments.field.clone();
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '@');
    if field.is_empty() || field.len() > FIELD_LETTERS_MAX || !field.chars().all(plain) {
        return Err(Failure::usage(text("err-crisis-field").with("field", Output::safe(&field))));
    }
    let answer = said(&arguments.text)?;
    let words = format!("{field} – {answer}");
    let draft = Draft::new(Kind::Observation, words).with(Fact::Answer { field, words: answer });
    finish(context, draft, &arguments.entry)
}

/// Adds what every entry may have. Attachments come last: nothing is copied for an entry that is not written.
fn finish(context: &Context, mut draft: Draft, arguments: &EntryArguments) -> Result<Draft, Failure> {
    draft.happened = past(context, arguments.happened.as_deref())?;
    draft.confidence = arguments.confidence.map(|choice| choice.confidence());
    draft.corrects = arguments.corrects;
    if !arguments.attach.is_empty() {
        let journal = context.open_journal()?;
        let end = journal.end()?;
        if end.is_closed {
            return Err(crate::journal_file::JournalError::Closed { path: journal.path().into() }.into());
        }
        for path in &arguments.attach {
            draft.attachments.push(journal.attach(path, !arguments.no_copy)?);
        }
    }
    Ok(draft)
}

/// Refuses a name that the map does not have: on the board it would be nobody's.
fn require_known(context: &Context, node: &NodeId) -> Result<(), Failure> {
    let Some(town) = context.town_if_known() else { return Ok(()) };
    match town.map {
        Some(map) if !town_state::knows(&map, node) => Err(town_state::unknown(&map, node)),
        Some(_) => Ok(()),
        None => {
            context.note(&text("say-crisis-map"));
            Ok(())
        }
    }
}

fn past(context: &Context, given: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    given.map(|words| parse_past_time(words, now(), &context.zone())).transpose()
}

/// An entry without words would say nothing.
fn said(words: &str) -> Result<String, Failure> {
    match words.trim() {
        "" => Err(Failure::usage(text("err-crisis-words"))),
        words => Ok(words.to_string()),
    }
}

fn node(name: &str) -> Result<NodeId, Failure> {
    match name.trim() {
        "" => Err(Failure::usage(text("err-crisis-node"))),
        name => Ok(NodeId::from(name)),
    }
}

fn entity(name: Option<&str>) -> Result<Option<EntityId>, Failure> {
    match name.map(str::trim) {
        Some("") => Err(Failure::usage(text("err-crisis-node"))),
        name => Ok(name.map(EntityId::from)),
    }
}

/// Reads an amount in euros, as people of both languages write it, without rounding.
fn cents(given: &str) -> Option<i64> {
    let plain: String = given.chars().filter(|letter| !letter.is_whitespace() && *letter != '€').collect();
    let (is_negative, digits) = plain.strip_prefix('-').map_or((false, plain.as_str()), |digits| (true, digits));
    let (whole, part) = digits.split_once([',', '.']).unwrap_or((digits, ""));
    let are_digits = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(format!("{part:0<2}").parse().ok()?)?;
    Some(if is_negative { -cents } else { cents })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_are_read_without_rounding() {
        let amounts = [
            ("1234.56", 123_456),
            ("1 234,5", 123_450),
            ("1\u{202f}234 €", 123_400),
            ("0.07", 7),
            ("-50", -5_000),
            ("0", 0),
        ];
        for (given, expected) in amounts {
            assert_eq!(cents(given), Some(expected), "{given}");
        }
        for given in ["", "-", "1.234", "1,2,3", "1.2.3", "1e3", "x", "--5", "9999999999999999999", "1234,5x", ",5"] {
            assert_eq!(cents(given), None, "{given}");
        }
    }
}
