//! Fields of a table, one by one: each is taken with the kind that it must have, and what is wrong is gathered, not thrown.

use jiff::civil::Date;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use super::duration::{Unit, duration};
use super::finding::{Finding, NameKind, Problem, Proposal, Severity, Table, ValueKind};
use super::nearest::{nearest, plain_name};
use super::read::Places;
use super::{Duty, Words};

/// More findings are counted, not told: nobody mends two hundred at once.
const FINDINGS_MAX: usize = 200;
/// A longer name is no name.
const NAME_CHARS_MAX: usize = 64;
/// What people read of a value that is wrong.
const QUOTE_CHARS_MAX: usize = 60;

/// What was gathered while the file was read.
pub(super) struct Gathered<'t> {
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
    text: &'t str,
    pub findings: Vec<Finding>,
    /// Findings that found no place.
    pub more: u64,
    pub more_errors: bool,
    pub places: Places,
    pub uses: Vec<Use>,
}

/// A name that was used.
pub(super) struct Use {
    pub line: u32,
    pub kind: NameKind,
    pub name: String,
}

/// A table whose fields are taken.
pub(super) struct Fields<'a, 'i> {
    pub table: Table,
    /// Where the table begins.
    pub line: u32,
    values: &'a DeTable<'i>,
}

/// A value and where it is.
type Located<'a, 'i> = (u32, &'a DeValue<'i>);

impl<'t> Gathered<'t> {
    pub fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self {
            starts,
            text,
            findings: Vec::new(),
            more: 0,
            more_errors: false,
            places: Places::default(),
            uses: Vec::new(),
        }
    }

    /// Returns the line of a byte, from 1.
    pub fn line(&self, byte: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= byte);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Gathers an error.
    pub fn error(&mut self, line: u32, problem: Problem, proposal: impl Into<Option<Proposal>>) {
        self.push(Finding { line, severity: Severity::Error, problem, proposal: proposal.into() });
    }

    /// Gathers a finding.
    pub fn push(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more += 1;
            self.more_errors |= finding.severity == Severity::Error;
        }
    }

    /// Tells whether further findings are only counted: what to write instead need not be sought for them.
    pub fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    /// Returns the text of a span, cut to what people read.
    fn quote(&self, span: std::ops::Range<usize>) -> String {
        self.text.get(span).unwrap_or_default().chars().take(QUOTE_CHARS_MAX).collect()
    }

    /// Begins to take the fields of a table; keys that it may not have are told.
    pub fn fields<'a, 'i>(&mut self, table: Table, line: u32, values: &'a DeTable<'i>) -> Fields<'a, 'i> {
        for key in values.keys() {
            let name: &str = key.get_ref();
            match table.keys().iter().find(|known| **known == name) {
                Some(known) => {
                    let at = values.get(key).map_or(line, |_| self.line(key.span().start));
                    self.places.put(line, known, at);
                }
                None => self.unknown_key(table, self.line(key.span().start), name),
            }
        }
        Fields { table, line, values }
    }

    fn unknown_key(&mut self, table: Table, line: u32, key: &str) {
        if self.is_full() {
            return self.error(line, Problem::UnknownKey { table, key: String::new() }, None);
        }
        let near = nearest(key, table.keys().iter().copied()).map(|name| Proposal::Nearest(name.to_string()));
        let elsewhere = || {
            let other = Table::ALL.into_iter().find(|other| other.keys().contains(&key));
            other.map(|table| Proposal::Elsewhere { table })
        };
        let all = || Proposal::OneOf(table.keys().iter().map(|key| (*key).to_string()).collect());
        let proposal = near.or_else(elsewhere).unwrap_or_else(all);
        let key = key.chars().take(QUOTE_CHARS_MAX).collect();
        self.error(line, Problem::UnknownKey { table, key }, proposal);
    }
}

impl<'a, 'i> Fields<'a, 'i> {
    /// Returns the value of a field and its line.
    fn value(&self, gathered: &Gathered<'_>, field: &'static str) -> Option<Located<'a, 'i>> {
        let value = self.values.get(field)?;
        Some((gathered.line(value.span().start), value.get_ref()))
    }

    /// Returns the line of a field; of the table, if it does not have it.
    pub fn at(&self, gathered: &Gathered<'_>, field: &'static str) -> u32 {
        self.value(gathered, field).map_or(self.line, |(line, _)| line)
    }

    /// Tells whether the table has the field.
    pub fn has(&self, field: &str) -> bool {
        self.values.contains_key(field)
    }

    /// Tells that a field must be there.
    pub fn missing(&self, gathered: &mut Gathered<'_>, field: &'static str, example: &str) {
        let proposal = Proposal::Write(format!("{field} = {example}"));
        gathered.error(self.line, Problem::MissingField { table: self.table, field }, proposal);
    }

    /// Takes words.
    pub fn text(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Option<String> {
        let (line, value) = self.value(gathered, field)?;
        match value {
            DeValue::String(words) if words.trim().is_empty() => {
                gathered.error(line, Problem::Empty { field: field.to_string() }, Proposal::Remove);
                None
            }
            DeValue::String(words) => Some(words.to_string()),
            other => {
                let proposal = self.in_quotes(gathered, field, other);
                wrong(gathered, line, field, ValueKind::Text, other, proposal);
                None
            }
        }
    }

    /// Proposes what is not in quotes in quotes.
    fn in_quotes(&self, gathered: &Gathered<'_>, field: &'static str, value: &DeValue<'_>) -> Option<Proposal> {
        let plain =
            matches!(value, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_));
        let span = self.values.get(field)?.span();
        plain.then(|| Proposal::Write(format!("{field} = \"{}\"", gathered.quote(span))))
    }

    /// Takes words that must be there.
    pub fn demanded_text(&self, gathered: &mut Gathered<'_>, field: &'static str, example: &str) -> Option<String> {
        if !self.has(field) {
            self.missing(gathered, field, example);
        }
        self.text(gathered, field)
    }

    /// Takes a name that must be there.
    pub fn id(&self, gathered: &mut Gathered<'_>) -> Option<String> {
        let words = self.values.get("name").and_then(|value| value.get_ref().as_str()).unwrap_or_default();
        let made = plain_name(words);
        let example = if made.is_empty() { "name" } else { &made };
        let id = self.demanded_text(gathered, "id", &format!("\"{example}\""))?;
        if is_name(&id) {
            return Some(id);
        }
        let made = plain_name(&id);
        let proposal = (!made.is_empty()).then(|| Proposal::Write(format!("id = \"{made}\"")));
        let name = id.chars().take(QUOTE_CHARS_MAX).collect();
        gathered.error(self.at(gathered, "id"), Problem::BadName { name }, proposal);
        Some(id)
    }

    /// Takes words in both languages: one text for both, or a table.
    pub fn words(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Option<Words> {
        let (line, value) = self.value(gathered, field)?;
        match value {
            DeValue::String(_) => self.text(gathered, field).map(|words| Words { fr: words.clone(), en: words }),
            DeValue::Table(table) => {
                let fields = gathered.fields(Table::Words, line, table);
                let (fr, en) = (fields.text(gathered, "fr"), fields.text(gathered, "en"));
                if !table.contains_key("fr") && !table.contains_key("en") {
                    gathered.error(line, Problem::Empty { field: field.to_string() }, Proposal::Remove);
                }
                let fr = fr.or_else(|| en.clone())?;
                Some(Words { en: en.unwrap_or_else(|| fr.clone()), fr })
            }
            other => {
                let proposal = self.in_quotes(gathered, field, other);
                wrong(gathered, line, field, ValueKind::Words, other, proposal);
                None
            }
        }
    }

    /// Takes a whole number in bounds.
    pub fn number(&self, gathered: &mut Gathered<'_>, field: &'static str, min: u64, max: u64) -> Option<u64> {
        let (line, value) = self.value(gathered, field)?;
        match value {
            DeValue::Integer(written) => {
                let number = whole(written);
                let inside = number.filter(|number| (min..=max).contains(number));
                if inside.is_none() {
                    let number = written.as_str().chars().take(QUOTE_CHARS_MAX).collect();
                    gathered.error(line, Problem::OutOfRange { field: field.to_string(), number, min, max }, None);
                }
                inside
            }
            other => {
                let number = other.as_str().and_then(|words| length(field, words));
                let number = number.filter(|number| (min..=max).contains(number));
                let proposal = number.map(|number| Proposal::Write(format!("{field} = {number}")));
                wrong(gathered, line, field, ValueKind::Integer, other, proposal);
                None
            }
        }
    }

    /// Takes a whole number that fits into 32 bits.
    pub fn small(&self, gathered: &mut Gathered<'_>, field: &'static str, max: u32) -> Option<u32> {
        let number = self.number(gathered, field, 0, u64::from(max))?;
        Some(u32::try_from(number).expect("at most max, which is 32 bits"))
    }

    /// Takes a list of words.
    pub fn list(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Vec<(u32, String)> {
        let Some((line, value)) = self.value(gathered, field) else { return Vec::new() };
        let DeValue::Array(list) = value else {
            let proposal = value.as_str().map(|words| Proposal::Write(format!("{field} = {}", as_list(field, words))));
            wrong(gathered, line, field, ValueKind::ListOfText, value, proposal);
            return Vec::new();
        };
        self.items(gathered, field, list)
    }

    fn items(&self, gathered: &mut Gathered<'_>, field: &'static str, list: &DeArray<'_>) -> Vec<(u32, String)> {
        let mut items = Vec::new();
        for item in list.iter() {
            let line = gathered.line(item.span().start);
            match item.get_ref() {
                DeValue::String(words) if words.is_empty() => {
                    gathered.error(line, Problem::Empty { field: field.to_string() }, Proposal::Remove);
                }
                DeValue::String(words) => items.push((line, words.to_string())),
                other => {
                    let quoted = Proposal::Write(format!("\"{}\"", gathered.quote(item.span())));
                    wrong(gathered, line, field, ValueKind::Text, other, Some(quoted));
                }
            }
        }
        items
    }

    /// Takes a list of words whose places do not matter.
    pub fn texts(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Vec<String> {
        self.list(gathered, field).into_iter().map(|(_, words)| words).collect()
    }

    /// Takes a list of names of something else.
    pub fn names(&self, gathered: &mut Gathered<'_>, field: &'static str, kind: NameKind) -> Vec<String> {
        let names = self.list(gathered, field);
        let mut kept: Vec<String> = Vec::new();
        for (line, name) in names {
            gathered.uses.push(Use { line, kind, name: name.clone() });
            kept.push(name);
        }
        // Said twice is meant once.
        let mut known = std::collections::HashSet::new();
        kept.retain(|name| known.insert(name.clone()));
        kept
    }

    /// Takes a name of something else.
    pub fn name_of(&self, gathered: &mut Gathered<'_>, field: &'static str, kind: NameKind) -> Option<String> {
        let name = self.text(gathered, field)?;
        let line = self.at(gathered, field);
        gathered.uses.push(Use { line, kind, name: name.clone() });
        Some(name)
    }

    /// Takes one of a few words.
    pub fn word<T: Copy>(
        &self,
        gathered: &mut Gathered<'_>,
        field: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let word = self.text(gathered, field)?;
        let line = self.at(gathered, field);
        chosen(gathered, line, field, &word, choices)
    }

    /// Takes a list of a few words.
    pub fn duties(&self, gathered: &mut Gathered<'_>, choices: &[(&'static str, Duty)]) -> Vec<Duty> {
        let words = self.list(gathered, "duties");
        words.iter().filter_map(|(line, word)| chosen(gathered, *line, "duties", word, choices)).collect()
    }

    /// Takes a date.
    pub fn date(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Option<Date> {
        let (line, value) = self.value(gathered, field)?;
        let span = self.values.get(field)?.span();
        date_of(gathered, line, field, value, span)
    }

    /// Takes a list of dates: one at least.
    pub fn dates(&self, gathered: &mut Gathered<'_>, field: &'static str) -> Vec<Date> {
        let Some((line, value)) = self.value(gathered, field) else { return Vec::new() };
        let DeValue::Array(list) = value else {
            wrong(gathered, line, field, ValueKind::List, value, Some(Proposal::Write("dates = [2026-03-15]".into())));
            return Vec::new();
        };
        if list.is_empty() {
            let proposal = Proposal::Write("dates = [2026-03-15]".into());
            gathered.error(line, Problem::Empty { field: field.to_string() }, proposal);
        }
        let items = list.iter();
        let mut dates: Vec<Date> = items
            .filter_map(|item| {
                let line = gathered.line(item.span().start);
                date_of(gathered, line, field, item.get_ref(), item.span())
            })
            .collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    }

    /// Takes a table.
    pub fn table(&self, gathered: &mut Gathered<'_>, field: &'static str, table: Table) -> Option<Fields<'a, 'i>> {
        let (line, value) = self.value(gathered, field)?;
        match value {
            DeValue::Table(values) => Some(gathered.fields(table, line, values)),
            other => {
                let proposal = Proposal::Write(table.head().to_string());
                wrong(gathered, line, field, ValueKind::Table, other, Some(proposal));
                None
            }
        }
    }

    /// Takes every table of a list of tables.
    pub fn tables(&self, gathered: &mut Gathered<'_>, field: &'static str, table: Table) -> Vec<Fields<'a, 'i>> {
        let Some((line, value)) = self.value(gathered, field) else { return Vec::new() };
        let head = || Some(Proposal::Write(table.head().to_string()));
        let DeValue::Array(list) = value else {
            wrong(gathered, line, field, ValueKind::List, value, head());
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in list.iter() {
            let line = gathered.line(item.span().start);
            match item.get_ref() {
                DeValue::Table(values) => tables.push(gathered.fields(table, line, values)),
                other => wrong(gathered, line, field, ValueKind::Table, other, head()),
            }
        }
        tables
    }
}

/// Tells that a value is of another kind.
fn wrong(
    gathered: &mut Gathered<'_>,
    line: u32,
    field: &str,
    wanted: ValueKind,
    found: &DeValue<'_>,
    proposal: Option<Proposal>,
) {
    let problem = Problem::WrongKind { field: field.to_string(), wanted, found: kind_of(found) };
    gathered.error(line, problem, proposal);
}

fn chosen<T: Copy>(
    gathered: &mut Gathered<'_>,
    line: u32,
    field: &str,
    word: &str,
    choices: &[(&'static str, T)],
) -> Option<T> {
    if let Some((_, choice)) = choices.iter().find(|(known, _)| *known == word) {
        return Some(*choice);
    }
    let words = || choices.iter().map(|(word, _)| *word);
    let near = nearest(word, words()).map(|near| Proposal::Nearest(near.to_string()));
    let proposal = near.unwrap_or_else(|| Proposal::OneOf(words().map(str::to_string).collect()));
    let word = word.chars().take(QUOTE_CHARS_MAX).collect();
    gathered.error(line, Problem::UnknownWord { field: field.to_string(), word }, proposal);
    None
}

fn date_of(
    gathered: &mut Gathered<'_>,
    line: u32,
    field: &'static str,
    value: &DeValue<'_>,
    span: std::ops::Range<usize>,
) -> Option<Date> {
    let written = match value {
        DeValue::Datetime(_) => gathered.quote(span),
        DeValue::String(words) => words.chars().take(QUOTE_CHARS_MAX).collect(),
        other => {
            wrong(gathered, line, field, ValueKind::Date, other, Some(Proposal::Write("2026-03-15".into())));
            return None;
        }
    };
    let date = written.parse::<Date>().ok().filter(|_| written.len() == "2026-03-15".len());
    if date.is_none() {
        let proposal = french_date(&written).map(|date| Proposal::Write(date.to_string()));
        gathered.error(line, Problem::BadDate { field, written }, proposal);
    }
    date
}

/// Reads a date as the French write it: day, month, year.
fn french_date(written: &str) -> Option<Date> {
    let mut parts = written.split(['/', '.', '-', ' ']).map(str::parse::<i16>);
    let (day, month, year) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Reads a number in quotes, or a length of time in the unit with which the field counts.
fn length(field: &str, words: &str) -> Option<u64> {
    Unit::of_field(field).map_or_else(|| words.trim().parse().ok(), |unit| duration(words, unit))
}

/// Writes words as the list that was probably meant: a command is cut at its blanks, anything else at its commas.
fn as_list(field: &str, words: &str) -> String {
    let is_command = Table::Commands.keys().contains(&field);
    let parts = words.split(|c: char| if is_command { c.is_whitespace() } else { c == ',' || c == ';' });
    let parts = parts.map(str::trim).filter(|part| !part.is_empty()).take(20);
    let parts: Vec<String> = parts.map(|part| format!("\"{}\"", part.escape_default())).collect();
    format!("[{}]", parts.join(", "))
}

fn kind_of(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(_) => ValueKind::Text,
        DeValue::Integer(_) => ValueKind::Integer,
        DeValue::Float(_) => ValueKind::Float,
        DeValue::Boolean(_) => ValueKind::Boolean,
        DeValue::Datetime(_) => ValueKind::Date,
        DeValue::Array(_) => ValueKind::List,
        DeValue::Table(_) => ValueKind::Table,
    }
}

fn whole(written: &DeInteger<'_>) -> Option<u64> {
    let digits = written.as_str().trim_start_matches('+');
    u64::from_str_radix(digits, written.radix()).ok()
}

/// Tells whether a name may stand in a map: it is typed on command lines and becomes part of file names.
pub(super) fn is_name(name: &str) -> bool {
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().all(sound)
        && name.chars().next().is_some_and(char::is_alphanumeric)
        && name.chars().take(NAME_CHARS_MAX + 1).count() <= NAME_CHARS_MAX
}
