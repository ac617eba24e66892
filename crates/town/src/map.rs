//! The map of a town, as it was written down: `town.toml`. docs/town.md explains every field to whoever writes one.
//!
//! A map that was read without an error ([`Map`] comes from nowhere else but tests) keeps these promises: services, hosts and providers
//! have one space of names, and every name that is used exists; no need leads back to itself.

pub mod check;
pub mod doubt;
pub mod duration;
pub mod finding;
pub mod import;
pub mod nearest;
pub mod read;

mod fields;
mod names;
mod syntax;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Returns the name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_string())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type! {
    /// Names a service, a host or a provider: whatever others can need. The three have one space of names.
    NodeId
}
name_type! {
    /// Names a legal entity.
    EntityId
}
name_type! {
    /// Names a person, by what they do.
    PersonId
}
name_type! {
    /// Names a source of the vault (`beffroi backup --source`).
    SourceName
}
name_type! {
    /// Names an event of the calendar.
    EventId
}

/// A town: what it wants back, what that hangs on, who knows about it, and which days matter.
#[derive(Clone, PartialEq, Debug)]
pub struct Map {
    /// The town as a whole.
    pub town: Town,
    /// Town hall, intercommunality, social centre…: each files its own complaint and its own notification.
    pub entities: Vec<Entity>,
    /// Who decides, who repairs, who speaks.
    pub people: Vec<Person>,
    /// Whom to call outside: gendarmerie, prefecture, insurer…
    pub contacts: Vec<Contact>,
    /// Firms and bodies that something hangs on.
    pub providers: Vec<Provider>,
    /// Machines.
    pub hosts: Vec<Host>,
    /// What is kept in the vault.
    pub sources: Vec<Source>,
    /// What people want back.
    pub services: Vec<Service>,
    /// Days that raise services as they approach.
    pub events: Vec<Event>,
}

/// Words in both languages.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Words {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// The town as a whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Town {
    /// Its name.
    pub name: String,
    /// Who lives there.
    pub inhabitants: u64,
    /// The zone in which its clocks show the time.
    pub zone: TimeZone,
    /// What NIS2 says of it.
    pub nis2: Nis2,
    /// Who insures it against this, if somebody does.
    pub insurer: Option<Insurer>,
    /// Where its public page is during a crisis: outside its own system.
    pub public_page: Option<String>,
    /// The number that people call.
    pub switchboard: Option<String>,
    /// How long bytes take to come back, if it was measured (bytes a second).
    pub restore_bytes_per_second: Option<u64>,
}

/// What NIS2 (directive 2022/2555) says of an entity. It is asked, never concluded.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nis2 {
    /// Not in scope.
    #[default]
    None,
    /// An important entity.
    Important,
    /// An essential entity.
    Essential,
}

/// Who insures the town.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Insurer {
    /// Its name.
    pub name: String,
    /// Number of the contract.
    pub contract: Option<String>,
    /// Whom to call.
    pub phone: Option<String>,
    /// By when the contract wants to know, in hours from T0.
    pub hours_max: Option<u32>,
}

/// A legal entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entity {
    /// Its name in the map.
    pub id: EntityId,
    /// Its name for people.
    pub name: Words,
    /// Its number in the register of establishments.
    pub siret: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// Who represents it in law.
    pub representative: Option<PersonId>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// A person, by what they do. Names of people need not be in the map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The name in the map.
    pub id: PersonId,
    /// What they are: "secretary of the town hall".
    pub role: Words,
    /// Their name, if the town wants it here.
    pub name: Option<String>,
    /// A number that does not hang on the town's own telephones.
    pub phone: Option<String>,
    /// Who stands in for them.
    pub deputy: Option<PersonId>,
    /// What they do in a crisis.
    pub duties: Vec<Duty>,
    /// When somebody last tried the number.
    pub verified: Option<Date>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// What a person does in a crisis.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Decides to cut the network, and what else cannot wait.
    Decide,
    /// Knows the machines.
    Machines,
    /// Speaks to people and press.
    Speak,
    /// Data protection officer.
    Dpo,
    /// Files the complaint.
    Complain,
}

/// Whom to call outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// What they are for.
    pub kind: ContactKind,
    /// Their name.
    pub name: String,
    /// Their number.
    pub phone: Option<String>,
    /// When they answer.
    pub hours: Option<Words>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// What an outside contact is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// Takes the complaint.
    Police,
    /// The State in the département.
    Prefecture,
    /// Regional incident response.
    Csirt,
    /// A town that helps.
    Neighbour,
    /// Newspaper, radio.
    Press,
    /// Anybody else.
    Other,
}

/// A firm or body that something hangs on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provider {
    /// Its name in the map.
    pub id: NodeId,
    /// Its name for people.
    pub name: Words,
    /// What it is called for.
    pub phone: Option<String>,
    /// When it answers.
    pub hours: Option<Words>,
    /// Number of the contract.
    pub contract: Option<String>,
    /// By when the contract says that it answers, in hours.
    pub answers_hours_max: Option<u32>,
    /// What it hangs on itself.
    pub needs: Vec<NodeId>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// A machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// Its name in the map.
    pub id: NodeId,
    /// Its name for people.
    pub name: Words,
    /// Where it stands: a complaint asks for the postal address.
    pub place: Option<String>,
    /// What runs on it.
    pub system: Option<String>,
    /// What it hangs on.
    pub needs: Vec<NodeId>,
    /// How long it takes to have a clean one, in minutes.
    pub return_minutes: u32,
    /// The command that tells whether it answers.
    pub probe: Vec<String>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// What is kept in the vault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// As `beffroi backup --source` names it.
    pub name: SourceName,
    /// The machine that it is on.
    pub host: Option<NodeId>,
    /// How often it is kept, in hours.
    pub every_hours: u32,
    /// How large it is, if it was measured.
    pub bytes: Option<u64>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// Something that people want back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its name in the map.
    pub id: NodeId,
    /// Its name for people.
    pub name: Words,
    /// Whose it is.
    pub entity: EntityId,
    /// Who says that it works again.
    pub owner: Option<PersonId>,
    /// When it comes back on an ordinary day.
    pub wave: Wave,
    /// What of the vault it is made of.
    pub sources: Vec<SourceName>,
    /// Who keeps its data, if the vault does not.
    pub kept_by: Option<NodeId>,
    /// What it hangs on.
    pub needs: Vec<NodeId>,
    /// How long people can bear to be without it, in hours.
    pub outage_hours_max: u32,
    /// How much work people can bear to do again, in hours.
    pub loss_hours_max: u32,
    /// How long starting and checking takes beside giving back its bytes, in minutes.
    pub return_minutes: u32,
    /// What the public does meanwhile.
    pub meanwhile_public: Words,
    /// What the staff does meanwhile.
    pub meanwhile_staff: Words,
    /// What starts it, stops it, tells whether it answers, and tells whether it is right. Programs with their arguments, never a shell's
    /// line; `{folder}` in an argument stands for where its sources were given back.
    pub commands: Commands,
    /// What it knows of people.
    pub personal_data: Vec<String>,
    /// Of about how many people.
    pub persons: Option<u64>,
    /// In about how many records.
    pub records: Option<u64>,
    /// Which files are printed every night, by their paths in the sources.
    pub paper: Vec<String>,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// What starts a service, stops it, tells whether it answers and whether it is right: empty if there is nothing to run.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Commands {
    /// Starts it.
    pub start: Vec<String>,
    /// Stops it.
    pub stop: Vec<String>,
    /// Tells whether it answers: 0 if so.
    pub probe: Vec<String>,
    /// Tells whether what it answers is right: 0 if so.
    pub check: Vec<String>,
}

/// Which of the seven waves of return something belongs to; 0 is first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wave(u8);

/// Days that raise services as they approach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its name in the map.
    pub id: EventId,
    /// What it is.
    pub kind: EventKind,
    /// Its name for people.
    pub name: Words,
    /// On which days.
    pub when: When,
    /// What must work by then.
    pub services: Vec<NodeId>,
    /// From how many days before it counts.
    pub lead_days: u32,
    /// To which wave it raises when it is close.
    pub wave: Wave,
    /// For how many days it still counts when it was missed.
    pub overdue_days: u32,
    /// The line of the file where it begins, from 1.
    pub line: u32,
}

/// What an event of the calendar is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// An election.
    Election,
    /// People are paid.
    Payday,
    /// School begins.
    SchoolTerm,
    /// The council meets.
    Council,
    /// A permit is given by silence after it.
    Permit,
    /// Heat, cold, floods.
    Weather,
    /// Anything else.
    Other,
}

/// On which days an event is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// On these.
    Dates(Vec<Date>),
    /// Every month; on its last day, if it has fewer.
    Monthly(i8),
    /// Every year: month and day; on the month's last day, if it has fewer.
    Yearly(i8, i8),
    /// Every year, all days from one to another, both month and day; it may go over the end of a year.
    Season((i8, i8), (i8, i8)),
}

impl Duty {
    /// Returns the word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Machines => "machines",
            Self::Speak => "speak",
            Self::Dpo => "dpo",
            Self::Complain => "complain",
        }
    }
}

impl Wave {
    /// The first: speak and decide.
    pub const SPEAK: Self = Self(0);
    /// What all else stands on.
    pub const TRUST: Self = Self(1);
    /// Life and law.
    pub const LIFE: Self = Self(2);
    /// Money.
    pub const MONEY: Self = Self(3);
    /// Reaching and being reached.
    pub const CONTACT: Self = Self(4);
    /// Files.
    pub const FILES: Self = Self(5);
    /// The rest.
    pub const REST: Self = Self(6);

    /// Takes a wave by its number, 0 to 6.
    pub fn of_number(number: u64) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| *number <= Self::REST.0).map(Self)
    }

    /// Returns the number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Map {
    /// Returns a service.
    pub fn service(&self, id: &NodeId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == *id)
    }

    /// Returns a person.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// Returns an entity.
    pub fn entity(&self, id: &EntityId) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.id == *id)
    }

    /// Returns who does something in a crisis, in the order of the map.
    pub fn people_for(&self, duty: Duty) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.duties.contains(&duty))
    }
}
