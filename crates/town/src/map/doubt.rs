//! What is written well and yet doubtful: values, which `beffroi` says in French and English.

use jiff::civil::Date;

use super::{Duty, EventId, NodeId, PersonId, SourceName, Wave};

/// Something in a map that reads well and yet will hurt on the day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Doubt {
    /// Nothing of a service is in the vault, and nobody is named who keeps it.
    NothingKept {
        /// The service.
        service: NodeId,
    },
    /// No service is made of a source.
    UnusedSource {
        /// The source.
        source: SourceName,
    },
    /// A source is kept less often than a service can lose work.
    KeptTooSeldom {
        /// The service.
        service: NodeId,
        /// The source.
        source: SourceName,
        /// How often it is kept, in hours.
        every_hours: u32,
        /// How much the service can lose, in hours.
        loss_hours_max: u32,
    },
    /// A service cannot be back in time, even if everybody works for it alone.
    TooSlow {
        /// The service.
        service: NodeId,
        /// How long it takes, in minutes.
        minutes: u64,
        /// How many bytes must come back.
        bytes: u64,
        /// How long it may take, in hours.
        outage_hours_max: u32,
    },
    /// Sizes are known, but not how fast bytes come back.
    NoRate,
    /// More than half of the urgent services hang on one host or provider.
    SinglePoint {
        /// What they hang on; if several, each of them takes the same with it.
        nodes: Vec<NodeId>,
        /// How many urgent services fall with it.
        falls: u64,
        /// How many urgent services there are.
        of: u64,
    },
    /// Services that know something of people have their only copy with the provider on which they run.
    OnlyCopy {
        /// The provider.
        provider: NodeId,
        /// Which.
        services: Vec<NodeId>,
    },
    /// Nobody does something that a crisis needs.
    NobodyFor {
        /// What.
        duty: Duty,
    },
    /// Nobody stands in for somebody.
    NoDeputy {
        /// Who.
        person: PersonId,
    },
    /// Somebody is to be called and has no number.
    NoPhone {
        /// Who.
        person: PersonId,
    },
    /// Somebody's number is the switchboard, which is down with the rest.
    SwitchboardPhone {
        /// Who.
        person: PersonId,
    },
    /// Nobody tried numbers for a year, or ever.
    NotVerified {
        /// Whose.
        people: Vec<PersonId>,
        /// When the oldest was tried last; nothing: never.
        since: Option<Date>,
    },
    /// A service needs another that comes back in a later wave.
    LaterWave {
        /// The service.
        service: NodeId,
        /// Its wave.
        wave: Wave,
        /// What it needs.
        need: NodeId,
        /// The wave of what it needs.
        later: Wave,
    },
    /// An event raises nothing.
    NoServices {
        /// The event.
        event: EventId,
    },
    /// All dates of an event are over.
    OverDates {
        /// The event.
        event: EventId,
    },
    /// A service knows something of people, but not of how many.
    NoPersons {
        /// The service.
        service: NodeId,
    },
    /// The civil registry can lose more than the law allows: 24 hours (décret 2017-890, article 13).
    CivilRegistry {
        /// The service.
        service: NodeId,
        /// How much it can lose, in hours.
        loss_hours_max: u32,
    },
    /// Nobody wrote what people do without an urgent service.
    NoMeanwhile {
        /// The service.
        service: NodeId,
    },
}
