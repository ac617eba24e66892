//! What is wrong in a map, or doubtful, and what to write instead: values, which `beffroi` says in French and English.

use super::doubt::Doubt;

/// Something that is wrong in a map, or doubtful.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The line of the file, from 1.
    pub line: u32,
    /// Whether the map can be used all the same.
    pub severity: Severity,
    /// What it is.
    pub problem: Problem,
    /// What to do about it, if there is something to say.
    pub proposal: Option<Proposal>,
}

/// Whether a map can be used in spite of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// A table of a map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Table {
    /// The whole file.
    File,
    /// `[town]`.
    Town,
    /// `[town.insurer]`.
    Insurer,
    /// `[[entity]]`.
    Entity,
    /// `[[person]]`.
    Person,
    /// `[[contact]]`.
    Contact,
    /// `[[provider]]`.
    Provider,
    /// `[[host]]`.
    Host,
    /// `[[source]]`.
    Source,
    /// `[[service]]`.
    Service,
    /// `[service.commands]`.
    Commands,
    /// `[[event]]`.
    Event,
    /// Words in two languages: `{ fr = "…", en = "…" }`.
    Words,
}

/// A kind of thing that has a name in a map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NameKind {
    /// A service, a host or a provider.
    Node,
    /// A service.
    Service,
    /// A host.
    Host,
    /// A provider.
    Provider,
    /// An entity.
    Entity,
    /// A person.
    Person,
    /// A source.
    Source,
    /// An event.
    Event,
}

/// A kind of value of a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueKind {
    /// Words in quotes.
    Text,
    /// A whole number.
    Integer,
    /// A number with a point.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A date, or a time.
    Date,
    /// A list.
    List,
    /// A list of words in quotes.
    ListOfText,
    /// A table.
    Table,
    /// Words in quotes, or a table of them in two languages.
    Words,
}

/// What is wrong or doubtful.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// The file is longer than a map may be.
    TooLong {
        /// Its length.
        bytes: u64,
    },
    /// There are more findings than are told.
    More {
        /// How many are not told.
        count: u64,
    },
    /// There are more services, hosts and providers than a map may have.
    TooMany {
        /// How many.
        count: u64,
    },
    /// A line is not TOML.
    Syntax {
        /// What the reader of TOML says.
        message: String,
    },
    /// A table has a key that means nothing there.
    UnknownKey {
        /// The table.
        table: Table,
        /// The key.
        key: String,
    },
    /// A table has no value for a field that it must have.
    MissingField {
        /// The table.
        table: Table,
        /// The field.
        field: &'static str,
    },
    /// The file lacks a table.
    MissingTable {
        /// The table.
        table: Table,
    },
    /// A field has a value of another kind.
    WrongKind {
        /// The field.
        field: String,
        /// What it must be.
        wanted: ValueKind,
        /// What it is.
        found: ValueKind,
    },
    /// A field has an empty value.
    Empty {
        /// The field.
        field: String,
    },
    /// A field has a word that is none of those that it may have.
    UnknownWord {
        /// The field.
        field: String,
        /// The word.
        word: String,
    },
    /// A number is smaller or larger than it may be.
    OutOfRange {
        /// The field.
        field: String,
        /// The number as it was written.
        number: String,
        /// The smallest that may be.
        min: u64,
        /// The largest that may be.
        max: u64,
    },
    /// A date is none.
    BadDate {
        /// The field.
        field: &'static str,
        /// What was written.
        written: String,
    },
    /// A zone of time is not known.
    UnknownZone {
        /// Its name.
        zone: String,
    },
    /// A name in the map has signs that it may not have.
    BadName {
        /// The name.
        name: String,
    },
    /// A name was given twice.
    Twice {
        /// What it names.
        kind: NameKind,
        /// The name.
        name: String,
        /// The line where it was given first.
        first: u32,
    },
    /// A name is used that nothing has.
    UnknownName {
        /// What it should name.
        kind: NameKind,
        /// The name.
        name: String,
    },
    /// A name is used for something that it does not name.
    OtherKind {
        /// What it should name.
        wanted: NameKind,
        /// What it names.
        found: NameKind,
        /// The name.
        name: String,
    },
    /// Needs lead back to where they began.
    Cycle {
        /// Each needs the next; the last needs the first.
        names: Vec<String>,
    },
    /// An event says more than once when it is, or not at all.
    When {
        /// How many times it says it.
        count: u32,
    },
    /// It reads well, and will hurt on the day.
    Doubt(Doubt),
}

/// What to do about a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proposal {
    /// Something of nearly the same name is there.
    Nearest(String),
    /// One of these is right.
    OneOf(Vec<String>),
    /// This is what to write.
    Write(String),
    /// The key belongs into another table.
    Elsewhere {
        /// The table.
        table: Table,
    },
    /// Something must be added to the map.
    Define {
        /// What to write, as an example.
        example: String,
    },
    /// One of two that share a name must have another.
    Rename,
    /// A line must go.
    Remove,
    /// A need must go.
    CutNeed {
        /// Where it is.
        of: String,
        /// What is needed.
        need: String,
    },
    /// Only one of several may stay.
    KeepOne(Vec<String>),
    /// This is what to write in another table.
    WriteIn {
        /// The table.
        table: Table,
        /// Which of its kind.
        of: String,
        /// What to write.
        words: String,
    },
    /// Somebody must measure it first: this is what to write then.
    Measure(String),
    /// It must be made shorter, or this be written.
    Shorten(String),
    /// A second way must be found, or written down.
    SecondWay,
    /// The firm must give copies: this is what to write then.
    AskForCopies {
        /// Whom to ask.
        provider: String,
        /// What to write.
        example: String,
    },
    /// Somebody must call the numbers: this is what to write then.
    Call(String),
    /// A number that does not hang on the town's own telephones must be found.
    OtherPhone,
    /// The map must be cut into several.
    Divide,
    /// The first findings must be mended first.
    MendFirst,
}

impl Severity {
    /// Returns the word that programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Table {
    /// Returns the table as it is written in the file.
    pub fn head(self) -> &'static str {
        match self {
            Self::File => "town.toml",
            Self::Town => "[town]",
            Self::Insurer => "[town.insurer]",
            Self::Entity => "[[entity]]",
            Self::Person => "[[person]]",
            Self::Contact => "[[contact]]",
            Self::Provider => "[[provider]]",
            Self::Host => "[[host]]",
            Self::Source => "[[source]]",
            Self::Service => "[[service]]",
            Self::Commands => "[service.commands]",
            Self::Event => "[[event]]",
            Self::Words => "{ fr = \"…\", en = \"…\" }",
        }
    }

    /// Returns the keys that the table may have.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::File => &["town", "entity", "person", "contact", "provider", "host", "source", "service", "event"],
            Self::Town => &[
                "name",
                "inhabitants",
                "zone",
                "nis2",
                "insurer",
                "public_page",
                "switchboard",
                "restore_bytes_per_second",
            ],
            Self::Insurer => &["name", "contract", "phone", "hours_max"],
            Self::Entity => &["id", "name", "siret", "address", "representative"],
            Self::Person => &["id", "role", "name", "phone", "deputy", "duties", "verified"],
            Self::Contact => &["kind", "name", "phone", "hours"],
            Self::Provider => &["id", "name", "phone", "hours", "contract", "answers_hours_max", "needs"],
            Self::Host => &["id", "name", "place", "system", "needs", "return_minutes", "probe"],
            Self::Source => &["name", "host", "every_hours", "bytes"],
            Self::Service => &[
                "id",
                "name",
                "entity",
                "owner",
                "wave",
                "sources",
                "kept_by",
                "needs",
                "outage_hours_max",
                "loss_hours_max",
                "return_minutes",
                "meanwhile_public",
                "meanwhile_staff",
                "commands",
                "personal_data",
                "persons",
                "records",
                "paper",
            ],
            Self::Commands => &["start", "stop", "probe", "check"],
            Self::Event => &[
                "id",
                "kind",
                "name",
                "dates",
                "monthly",
                "yearly",
                "season",
                "services",
                "lead_days",
                "wave",
                "overdue_days",
            ],
            Self::Words => &["fr", "en"],
        }
    }

    /// All tables that have fields.
    pub const ALL: [Self; 11] = [
        Self::Town,
        Self::Insurer,
        Self::Entity,
        Self::Person,
        Self::Contact,
        Self::Provider,
        Self::Host,
        Self::Source,
        Self::Service,
        Self::Commands,
        Self::Event,
    ];
}
