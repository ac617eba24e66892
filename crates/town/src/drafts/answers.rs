//! Which fields a person answers, and which answers nothing asks for.

use super::FieldName;
use crate::deadlines::NIS2_ANSWER;
use crate::holding::answers;
use crate::journal::Entry;
use crate::map::Map;

/// The fields that only a person can say.
pub const ANSWERED: &[FieldName] = &[
    FieldName::InvestigatorContact,
    FieldName::Circumstances,
    FieldName::Ended,
    FieldName::Nature,
    FieldName::Confidentiality,
    FieldName::PersonCategories,
    FieldName::Consequences,
    FieldName::MeasuresTaken,
    FieldName::MeasuresPlanned,
    FieldName::DelayReasons,
    FieldName::HighRisk,
    FieldName::PersonsInformed,
    FieldName::PersonsInformedHow,
    FieldName::AccountsSeen,
    FieldName::AddressesSeen,
    FieldName::RansomNote,
    FieldName::TrappedMessage,
    FieldName::FirewallLogs,
    FieldName::DiskCopies,
    FieldName::EncryptedSamples,
    FieldName::Summary,
    FieldName::Malicious,
    FieldName::CrossBorder,
    FieldName::Severity,
    FieldName::Indicators,
    FieldName::RootCause,
    FieldName::Lessons,
    FieldName::ThirdParties,
    FieldName::PublicCause,
    FieldName::WhoWorks,
    FieldName::PublicData,
    FieldName::PublicAdvice,
    FieldName::StaffRules,
    FieldName::NextNews,
];

/// An answer that nothing asks for: a name that was mistyped, most of the time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownAnswer {
    /// The entry.
    pub entry: u64,
    /// The field that it names, perhaps with an entity: `field@entity`.
    pub field: String,
}

/// Finds the answers of a journal that nothing asks for, in the order of their names.
pub fn unknown_answers(map: &Map, entries: &[Entry]) -> Vec<UnknownAnswer> {
    let is_asked = |name: &str| {
        let (field, entity) = name.split_once('@').map_or((name, None), |(field, entity)| (field, Some(entity)));
        let is_field = FieldName::of_name(field).is_some_and(|field| ANSWERED.contains(&field));
        let is_entity = |name: &str| map.entities.iter().any(|entity| entity.id.as_str() == name);
        (is_field && entity.is_none_or(is_entity)) || name == NIS2_ANSWER
    };
    let unknown = answers(entries).into_iter().filter(|(name, _)| !is_asked(name));
    unknown.map(|(field, (entry, _))| UnknownAnswer { entry: entry.number, field: field.to_string() }).collect()
}
