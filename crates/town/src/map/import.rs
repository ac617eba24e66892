//! Services from a table of another program (RFC 4180, and what spreadsheets make of it), as text to add to a map.
//!
//! Nothing is guessed: what is not understood is told with its line, and stands as a comment beside what was.

use std::collections::{HashMap, HashSet};

use super::Map;
use super::duration::{Unit, duration};
use super::fields::is_name;
use super::finding::Table;
use super::nearest::{nearest, plain_name};
use super::read::{BYTES_MAX, NODES_MAX};

/// A longer cell is cut: nobody writes a novel about a service.
const CELL_CHARS_MAX: usize = 2000;
/// More are counted, not told.
const SLIPS_MAX: usize = 200;

/// What came of a table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Imported {
    /// The services that were understood.
    pub services: Vec<ImportedService>,
    /// What was not.
    pub slips: Vec<Slip>,
}

/// A service of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedService {
    /// The line of the table.
    pub line: u64,
    /// Its name in the map.
    pub id: String,
    /// Its table, as it stands in a map.
    pub text: String,
}

/// Something in a table that was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    /// The line of the table.
    pub line: u64,
    /// What it is.
    pub what: SlipKind,
}

/// What was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SlipKind {
    /// The table is longer than a map.
    TooLong,
    /// A column means nothing.
    Column {
        /// Its head.
        head: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// Two columns mean the same: the second is left.
    ColumnTwice {
        /// The head of the second.
        head: String,
    },
    /// No column has names.
    NoNames,
    /// A line has no name.
    NoName,
    /// A name is there already, in the map or in the table.
    Known {
        /// The name.
        id: String,
    },
    /// A line does not say of which entity its service is, and the map has several: the first was taken.
    NoEntity {
        /// The service.
        id: String,
        /// The entity.
        taken: String,
    },
    /// A cell has a value that its column cannot have.
    Cell {
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A line is no line of a table.
    Row,
    /// There are more.
    More {
        /// How many are not told.
        count: u64,
    },
}

/// The heads of columns: the field, and how people call it. They are compared without capitals, accents and signs.
const HEADS: [(&str, &[&str]); 17] = [
    ("id", &["id", "identifiant", "code", "identifier"]),
    ("name", &["name", "nom", "service", "libelle", "application", "intitule", "label"]),
    ("name_en", &["name-en", "english", "nom-anglais"]),
    ("entity", &["entity", "entite", "collectivite"]),
    ("owner", &["owner", "responsable", "proprietaire", "referent"]),
    ("wave", &["wave", "vague"]),
    ("sources", &["sources", "source"]),
    ("kept_by", &["kept-by", "garde-par", "editeur", "hebergeur"]),
    ("needs", &["needs", "besoins", "depend-de", "dependances", "dependencies", "depends-on"]),
    ("outage_hours_max", &["outage-hours-max", "dmia", "interruption-max", "panne-max", "mtpd"]),
    ("loss_hours_max", &["loss-hours-max", "pdma", "perte-max"]),
    ("return_minutes", &["return-minutes", "duree-de-retour", "retour"]),
    ("meanwhile_public", &["meanwhile-public", "public", "en-attendant-public"]),
    (
        "meanwhile_staff",
        &["meanwhile-staff", "agents", "mode-degrade", "contournement", "workaround", "en-attendant-agents"],
    ),
    ("personal_data", &["personal-data", "donnees-personnelles", "donnees"]),
    ("persons", &["persons", "personnes", "nombre-de-personnes"]),
    ("records", &["records", "enregistrements", "nombre-d-enregistrements"]),
];

/// Returns bytes as text: UTF-8 with or without its mark, else Windows-1252, as French spreadsheets write it.
pub fn decode(bytes: &[u8]) -> String {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_string(),
        Err(_) => bytes
            .iter()
            .map(|byte| match byte {
                0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
                other => char::from(*other),
            })
            .collect(),
    }
}

/// Reads a table of services. The map says which names there are; without one, every name is taken as it is written.
pub fn import(text: &str, map: Option<&Map>) -> Imported {
    let mut import = Import { map: map.map(Names::of), imported: Imported::default(), more: 0 };
    if text.len() > BYTES_MAX {
        import.slip(1, SlipKind::TooLong);
        return import.imported;
    }
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter(text)).has_headers(false).flexible(true).trim(csv::Trim::All);
    let mut rows = reader.from_reader(text.as_bytes()).into_records();
    let Some(Ok(head)) = rows.next() else {
        import.slip(1, SlipKind::NoNames);
        return import.imported;
    };
    let columns = import.columns(&head);
    if !columns.iter().any(|column| matches!(column, Some("id" | "name"))) {
        import.slip(1, SlipKind::NoNames);
        return import.imported;
    }
    let mut rows_read: Vec<Row> = Vec::new();
    for row in rows.take(NODES_MAX) {
        match row {
            Ok(record) => rows_read.extend(Row::of(&record, &columns)),
            Err(error) => import.slip(error.position().map_or(0, csv::Position::line), SlipKind::Row),
        }
    }
    import.services(rows_read);
    if import.more > 0 {
        let count = import.more;
        import.imported.slips.push(Slip { line: 0, what: SlipKind::More { count } });
    }
    import.imported
}

/// The sign between cells: that of which the first line has most, outside quotes.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b';', 0), (b',', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(sign, _)| *sign == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b';', |(sign, _)| sign)
}

/// A line of the table: its cells by field.
struct Row {
    line: u64,
    cells: HashMap<&'static str, String>,
}

impl Row {
    /// Takes a line; nothing if all its cells are empty.
    fn of(record: &csv::StringRecord, columns: &[Option<&'static str>]) -> Option<Self> {
        let line = record.position().map_or(0, csv::Position::line);
        let cells: HashMap<_, _> = record
            .iter()
            .zip(columns)
            .filter_map(|(cell, column)| Some(((*column)?, cell.chars().take(CELL_CHARS_MAX).collect::<String>())))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        (!cells.is_empty()).then_some(Self { line, cells })
    }

    fn cell(&self, field: &str) -> Option<&str> {
        self.cells.get(field).map(String::as_str)
    }

    /// Returns the name in the map: that of its own column, else one made of the name for people.
    fn id(&self) -> Option<String> {
        let id = self.cell("id").filter(|id| is_name(id)).map(str::to_string);
        id.or_else(|| Some(plain_name(self.cell("id").or_else(|| self.cell("name"))?))).filter(|id| !id.is_empty())
    }
}

/// The names of a map, by themselves and by the names for people.
struct Names {
    nodes: HashMap<String, String>,
    providers: HashMap<String, String>,
    entities: HashMap<String, String>,
    people: HashMap<String, String>,
    sources: HashMap<String, String>,
    /// The first of several entities.
    first_entity: Option<String>,
}

impl Names {
    fn of(map: &Map) -> Self {
        type Named<'n> = Vec<(&'n str, &'n str)>;
        let by = |named: Named<'_>| {
            let mut names = HashMap::new();
            for (id, words) in named {
                names.insert(plain_name(words), id.to_string());
                names.insert(plain_name(id), id.to_string());
            }
            names
        };
        let services: Named<'_> = map.services.iter().map(|item| (item.id.as_str(), &*item.name.fr)).collect();
        let hosts: Named<'_> = map.hosts.iter().map(|item| (item.id.as_str(), &*item.name.fr)).collect();
        let providers: Named<'_> = map.providers.iter().map(|item| (item.id.as_str(), &*item.name.fr)).collect();
        Self {
            nodes: by([services, hosts, providers.clone()].concat()),
            providers: by(providers),
            entities: by(map.entities.iter().map(|item| (item.id.as_str(), &*item.name.fr)).collect()),
            people: by(map.people.iter().map(|item| (item.id.as_str(), &*item.role.fr)).collect()),
            first_entity: map.entities.first().filter(|_| map.entities.len() > 1).map(|item| item.id.to_string()),
            sources: by(map.sources.iter().map(|item| (item.name.as_str(), item.name.as_str())).collect()),
        }
    }

    fn space(&self, field: &str) -> &HashMap<String, String> {
        match field {
            "entity" => &self.entities,
            "owner" => &self.people,
            "sources" => &self.sources,
            "kept_by" => &self.providers,
            _ => &self.nodes,
        }
    }
}

struct Import {
    map: Option<Names>,
    imported: Imported,
    more: u64,
}

impl Import {
    fn slip(&mut self, line: u64, what: SlipKind) {
        if self.imported.slips.len() < SLIPS_MAX {
            self.imported.slips.push(Slip { line, what });
        } else {
            self.more += 1;
        }
    }

    /// Returns what each column means.
    fn columns(&mut self, head: &csv::StringRecord) -> Vec<Option<&'static str>> {
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        let known = || HEADS.iter().flat_map(|(_, names)| names.iter().copied());
        for cell in head.iter().take(100) {
            let name = plain_name(cell);
            let field = HEADS.iter().find(|(_, names)| names.contains(&&*name)).map(|(field, _)| *field);
            let shown: String = cell.chars().take(60).collect();
            match field {
                Some(field) if columns.contains(&Some(field)) => {
                    self.slip(1, SlipKind::ColumnTwice { head: shown });
                    columns.push(None);
                }
                None if !cell.is_empty() => {
                    let nearest = nearest(&name, known()).map(str::to_string);
                    self.slip(1, SlipKind::Column { head: shown, nearest });
                    columns.push(None);
                }
                field => columns.push(field),
            }
        }
        columns
    }

    fn services(&mut self, rows: Vec<Row>) {
        // Services of the table may need one another: their names are there before the first is written.
        let mut taken: HashSet<String> =
            self.map.as_ref().map(|names| names.nodes.values().cloned().collect()).unwrap_or_default();
        let mut kept = Vec::new();
        for row in rows {
            let Some(id) = row.id() else {
                self.slip(row.line, SlipKind::NoName);
                continue;
            };
            // What the map calls so already, under whatever name of its own.
            let known = self.map.as_ref().and_then(|names| names.nodes.get(&plain_name(row.cell("name")?))).cloned();
            match known {
                Some(id) => self.slip(row.line, SlipKind::Known { id }),
                None if !taken.insert(id.clone()) => self.slip(row.line, SlipKind::Known { id }),
                None => kept.push((id, row)),
            }
        }
        if let Some(names) = &mut self.map {
            for (id, row) in &kept {
                let words = row.cell("name").unwrap_or(id);
                names.nodes.entry(plain_name(words)).or_insert_with(|| id.clone());
                names.nodes.insert(plain_name(id), id.clone());
            }
        }
        for (id, row) in kept {
            let text = self.service(&id, &row);
            self.imported.services.push(ImportedService { line: row.line, id, text });
        }
    }

    /// Writes a service as it stands in a map.
    fn service(&mut self, id: &str, row: &Row) -> String {
        let mut text = format!("\n{}\nid = {}\n", Table::Service.head(), quoted(id));
        match (row.cell("name"), row.cell("name_en")) {
            (Some(fr), Some(en)) => text.push_str(&format!("name = {{ fr = {}, en = {} }}\n", quoted(fr), quoted(en))),
            (Some(one), None) | (None, Some(one)) => text.push_str(&format!("name = {}\n", quoted(one))),
            (None, None) => {}
        }
        let is_said = self.one(&mut text, row, "entity");
        if let Some(taken) = self.map.as_ref().and_then(|names| names.first_entity.clone()).filter(|_| !is_said) {
            text.push_str(&format!("entity = {}\n", quoted(&taken)));
            self.slip(row.line, SlipKind::NoEntity { id: id.to_string(), taken });
        }
        self.one(&mut text, row, "owner");
        self.number(&mut text, row, "wave", 6);
        self.many(&mut text, row, "sources");
        self.one(&mut text, row, "kept_by");
        self.many(&mut text, row, "needs");
        for (field, max) in [("outage_hours_max", 87_600), ("loss_hours_max", 87_600), ("return_minutes", 525_600)] {
            self.number(&mut text, row, field, max);
        }
        for field in ["meanwhile_public", "meanwhile_staff"] {
            if let Some(words) = row.cell(field) {
                text.push_str(&format!("{field} = {}\n", quoted(words)));
            }
        }
        let data = parts(row.cell("personal_data").unwrap_or_default());
        if !data.is_empty() {
            text.push_str(&format!("personal_data = {}\n", list(&data)));
        }
        for field in ["persons", "records"] {
            self.number(&mut text, row, field, u64::MAX >> 1);
        }
        text
    }

    /// Writes a field that names one thing; tells whether it was there and known.
    fn one(&mut self, text: &mut String, row: &Row, field: &'static str) -> bool {
        let Some(written) = row.cell(field) else { return false };
        match self.name_of(field, written) {
            Ok(name) => {
                text.push_str(&format!("{field} = {}\n", quoted(&name)));
                true
            }
            Err(nearest) => {
                self.left(text, row.line, field, written, nearest);
                false
            }
        }
    }

    /// Writes a field that names several things: those that are there.
    fn many(&mut self, text: &mut String, row: &Row, field: &'static str) {
        let (mut names, mut unknown) = (Vec::new(), Vec::new());
        for written in parts(row.cell(field).unwrap_or_default()) {
            match self.name_of(field, &written) {
                Ok(name) => names.push(name),
                Err(nearest) => unknown.push((written, nearest)),
            }
        }
        if !names.is_empty() {
            text.push_str(&format!("{field} = {}\n", list(&names)));
        }
        for (written, nearest) in unknown {
            self.left(text, row.line, field, &written, nearest);
        }
    }

    fn number(&mut self, text: &mut String, row: &Row, field: &'static str, max: u64) {
        let Some(written) = row.cell(field) else { return };
        // French spreadsheets write thousands with blanks, some of which do not break.
        let plain: String = written.chars().filter(|c| !matches!(c, '\u{a0}' | '\u{202f}')).collect();
        let number = match Unit::of_field(field) {
            Some(unit) => duration(&plain, unit),
            None => plain.replace(' ', "").parse().ok(),
        };
        match number.filter(|number| *number <= max) {
            Some(number) => text.push_str(&format!("{field} = {number}\n")),
            None => self.left(text, row.line, field, written, None),
        }
    }

    /// Returns the name that is meant; else the nearest.
    fn name_of(&self, field: &str, written: &str) -> Result<String, Option<String>> {
        let plain = plain_name(written);
        let Some(names) = self.map.as_ref().map(|names| names.space(field)) else {
            let name = if field == "sources" || is_name(written) { written.to_string() } else { plain };
            return if name.is_empty() { Err(None) } else { Ok(name) };
        };
        match names.get(&plain) {
            Some(name) => Ok(name.clone()),
            None if self.imported.slips.len() >= SLIPS_MAX => Err(None),
            None => {
                let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
                known.sort_unstable();
                Err(nearest(&plain, known).and_then(|near| names.get(near).cloned()))
            }
        }
    }

    /// Leaves a value as a comment, and tells of it.
    fn left(&mut self, text: &mut String, line: u64, field: &'static str, value: &str, nearest: Option<String>) {
        let value: String = value.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect();
        text.push_str(&format!("# {field} = {}\n", quoted(&value)));
        self.slip(line, SlipKind::Cell { field, value, nearest });
    }
}

/// Cuts a cell that holds several values.
fn parts(cell: &str) -> Vec<String> {
    let parts = cell.split([',', ';', '|', '\n']).map(str::trim);
    let mut known = HashSet::new();
    parts.filter(|part| !part.is_empty() && known.insert(part.to_string())).take(200).map(str::to_string).collect()
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// Writes words in quotes, as TOML has them.
fn quoted(words: &str) -> String {
    let mut text = String::from('"');
    for c in words.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            control if control.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(control))),
            plain => text.push(plain),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests;
