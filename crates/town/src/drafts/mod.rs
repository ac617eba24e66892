//! Drafts of what a town must tell: filled from its journal, its damage and its map, field by field.
//!
//! A field is filled, and says from where; or not known at this time; or missing, because a person must say it, and then it says who.
//! A draft never states a negative by itself: that no data left is written by nobody but a person, whose entry is named beside it.
//! What each authority asks for, field by field, is in docs/deadlines.md.

mod answers;
mod case;
mod cnil;
mod complaint;
mod insurer;
mod ledger;
mod names;
mod nis2;
mod parts;
mod public;

use jiff::Timestamp;

use crate::deadlines::Act;
use crate::graph::GraphError;
use crate::journal::{Attachment, Damage, Entry, Kind};
use crate::map::{Duty, Entity, EntityId, Map, Words};
use crate::standing::Share;
use crate::state::Level;

pub use answers::{ANSWERED, UnknownAnswer, unknown_answers};
pub use case::{Case, NOT_KNOWN};
pub use names::{FieldName, Heading, Phrase};

/// What is to be drafted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The notification of a breach of personal data (GDPR, article 33).
    Cnil {
        /// What was not known at the first one.
        complementary: bool,
    },
    /// What is handed to those who take the complaint.
    Complaint,
    /// One of the three reports of NIS2.
    Nis2(Stage),
    /// What the insurer is told.
    Insurer,
    /// What people or the staff are told.
    Statement(Audience),
    /// What the telephone says.
    Telephone,
    /// What hangs on the door.
    Poster,
    /// What it costs.
    Ledger,
}

/// Which of the three reports of NIS2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Within a day.
    Warning,
    /// Within three days.
    Notification,
    /// A month after that.
    Final,
}

/// Who is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// People and press.
    Public,
    /// Those who work for the town.
    Staff,
}

/// A draft.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// What it is a draft of.
    pub what: What,
    /// Which legal entity speaks; the town, if none is named.
    pub entity: Option<EntityId>,
    /// What is known as of this moment.
    pub made: Timestamp,
    /// Whether this is an exercise: such a draft is never sent.
    pub is_exercise: bool,
    /// The parts, in order.
    pub sections: Vec<Section>,
}

/// Some fields under a heading.
#[derive(Clone, PartialEq, Debug)]
pub struct Section {
    /// The heading.
    pub heading: Heading,
    /// The fields.
    pub fields: Vec<Field>,
}

/// One thing that a draft says, or should.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Which.
    pub name: FieldName,
    /// What it says.
    pub content: Content,
}

/// What a field says.
#[derive(Clone, PartialEq, Debug)]
pub enum Content {
    /// This; at least one line.
    Filled(Vec<Line>),
    /// Not known at this time.
    NotKnown {
        /// What tells it once it is known.
        fill: Fill,
        /// Who says that it is not known.
        from: Vec<Provenance>,
    },
    /// Nobody said it, and a person must.
    Missing {
        /// What tells it.
        fill: Fill,
        /// Whose duty it is to say it.
        who: Duty,
    },
}

/// A line of a field, and from where it is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it says.
    pub value: Value,
    /// From where.
    pub from: Vec<Provenance>,
}

/// From where something is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Provenance {
    /// An entry of the journal, by its number.
    Entry(u64),
    /// A line of the map, from 1.
    Map(u32),
    /// What the map says of the town as a whole.
    Town,
}

/// What fills a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// An answer in the journal.
    Answer(FieldName),
    /// A line of the map: its field.
    Map(&'static str),
    /// A journal.
    Journal,
    /// The decision of T0.
    Known,
    /// What is known of services and hosts.
    State,
    /// An assessment of damage.
    Damage,
    /// Evidence with a file.
    Evidence,
    /// A cost.
    Cost,
    /// An act that was done.
    Met(Act),
}

/// What a line says. What language it is in is up to whoever shows it.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Words of a person.
    Said(String),
    /// Words of the map.
    Words(Words),
    /// What is known of one of several entities, or that it is not.
    OfEntity {
        /// The entity.
        entity: Words,
        /// What is known.
        words: Option<String>,
    },
    /// A moment, in the town's zone.
    Moment(Timestamp),
    /// A moment, in UTC.
    MomentUtc(Timestamp),
    /// A sentence of the program.
    Phrase(Phrase),
    /// T0 is so many whole hours ago, and so many are allowed.
    Late {
        /// Hours since T0.
        hours: u64,
    },
    /// A person, by what they do.
    Person {
        /// What they do.
        role: Words,
        /// Their name.
        name: Option<String>,
        /// Their number.
        phone: Option<String>,
    },
    /// A service, and how it is.
    Service(Box<ServiceLine>),
    /// A sum over services that are hit.
    Sum(Sum),
    /// Files of a source.
    Files(Damage),
    /// A machine.
    Machine {
        /// Its name.
        name: Words,
        /// How it is.
        level: Level,
        /// Where it stands.
        place: Option<String>,
    },
    /// What runs on a machine.
    System {
        /// The machine.
        name: Words,
        /// What runs on it.
        system: Option<String>,
    },
    /// A category of data, and the services that hold it.
    Category {
        /// The category.
        name: String,
        /// The services.
        services: Vec<Words>,
    },
    /// A firm.
    Provider {
        /// Its name.
        name: Words,
        /// Its number.
        phone: Option<String>,
        /// The contract's number.
        contract: Option<String>,
    },
    /// Something that happened.
    Event {
        /// When.
        time: Timestamp,
        /// What sort of entry it is.
        kind: Kind,
        /// Who wrote it down.
        author: String,
        /// What happened.
        text: String,
    },
    /// So many more are in the journal.
    More(u64),
    /// A file that is evidence.
    Piece {
        /// The file.
        file: Attachment,
        /// What it is.
        text: String,
        /// When it was put aside.
        time: Timestamp,
        /// Who did.
        author: String,
    },
    /// The journal went as far as this entry.
    JournalEnd {
        /// When it was written.
        time: Timestamp,
    },
    /// A cost.
    Cost {
        /// When it came up.
        time: Timestamp,
        /// For what.
        category: String,
        /// What it is.
        text: String,
        /// Who bears it.
        entity: Option<Words>,
        /// In cents.
        cents: i128,
        /// What proves it.
        proof: Option<String>,
    },
    /// A sum of costs.
    Amount {
        /// Of what.
        of: AmountOf,
        /// In cents.
        cents: i128,
    },
    /// How many services are how.
    Counts(Share),
    /// Something that was done.
    Met {
        /// What.
        act: Act,
        /// For whom.
        entity: Option<Words>,
        /// When.
        at: Timestamp,
        /// Under which number it was received.
        receipt: Option<String>,
    },
}

/// A service, and how it is.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceLine {
    /// Its name.
    pub name: Words,
    /// How it is.
    pub level: Level,
    /// How it works in part.
    pub how: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What it needs and is down.
    pub through: Option<Words>,
    /// Whether its files are hurt.
    pub is_hurt: bool,
    /// What to do instead.
    pub instead: Option<Words>,
    /// When there is news.
    pub next_news: Option<Timestamp>,
}

/// What was added up over services.
#[derive(Clone, PartialEq, Debug)]
pub struct Sum {
    /// Persons, or records.
    pub of: Counted,
    /// The sum.
    pub total: u64,
    /// Its parts.
    pub parts: Vec<(Words, u64)>,
    /// Services that are hit and of which the map has no number.
    pub without: Vec<Words>,
    /// Services of which nobody knows how they are: not in the sum.
    pub unknown: Vec<Words>,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// Persons.
    Persons,
    /// Records.
    Records,
}

/// What a sum of costs is of.
#[derive(Clone, PartialEq, Debug)]
pub enum AmountOf {
    /// A category.
    Category(String),
    /// An entity; nobody that is named.
    Entity(Option<Words>),
    /// All.
    Total,
}

/// How many fields are what.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Filled.
    pub filled: u64,
    /// Not known at this time.
    pub not_known: u64,
    /// Missing.
    pub missing: u64,
}

impl What {
    /// Tells whether each legal entity speaks for itself.
    pub fn is_of_each_entity(self) -> bool {
        matches!(self, Self::Cnil { .. } | Self::Complaint)
    }

    /// Tells whether the public reads it: such a draft shows nothing of where a line is from.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Statement(_) | Self::Telephone | Self::Poster)
    }
}

impl Draft {
    /// Counts the fields.
    pub fn counts(&self) -> Counts {
        let fields = self.sections.iter().flat_map(|section| &section.fields);
        fields.fold(Counts::default(), |mut counts, field| {
            match field.content {
                Content::Filled(_) => counts.filled += 1,
                Content::NotKnown { .. } => counts.not_known += 1,
                Content::Missing { .. } => counts.missing += 1,
            }
            counts
        })
    }

    /// Returns a field.
    pub fn field(&self, name: FieldName) -> Option<&Field> {
        self.sections.iter().flat_map(|section| &section.fields).find(|field| field.name == name)
    }
}

/// Drafts something from a map and a journal.
pub fn draft(
    what: What,
    map: &Map,
    entries: &[Entry],
    entity: Option<&Entity>,
    now: Timestamp,
) -> Result<Draft, GraphError> {
    let case = Case::of(map, entries, entity, now)?;
    let sections = match what {
        What::Cnil { complementary } => cnil::sections(&case, complementary),
        What::Complaint => complaint::sections(&case),
        What::Nis2(stage) => nis2::sections(&case, stage),
        What::Insurer => insurer::sections(&case),
        What::Statement(audience) => public::statement(&case, audience),
        What::Telephone => public::telephone(&case),
        What::Poster => public::poster(&case),
        What::Ledger => ledger::sections(&case),
    };
    let is_exercise = case.is_exercise;
    Ok(Draft { what, entity: entity.map(|entity| entity.id.clone()), made: now, is_exercise, sections })
}

#[cfg(test)]
mod tests;
