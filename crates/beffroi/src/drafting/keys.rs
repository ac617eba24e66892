//! The keys of headings, fields and sentences in the catalogue.

use town::deadlines::Act;
use town::drafts::{FieldName, Heading, Phrase};

/// Returns the key of a heading.
pub fn heading_key(heading: Heading) -> &'static str {
    match heading {
        Heading::Report => "draft-heading-report",
        Heading::Controller => "draft-heading-controller",
        Heading::Facts => "draft-heading-facts",
        Heading::Nature => "draft-heading-nature",
        Heading::Consequences => "draft-heading-consequences",
        Heading::Measures => "draft-heading-measures",
        Heading::Delay => "draft-heading-delay",
        Heading::Persons => "draft-heading-persons",
        Heading::Register => "draft-heading-register",
        Heading::Complainant => "draft-heading-complainant",
        Heading::Machines => "draft-heading-machines",
        Heading::Traces => "draft-heading-traces",
        Heading::Evidence => "draft-heading-evidence",
        Heading::Damage => "draft-heading-damage",
        Heading::Providers => "draft-heading-providers",
        Heading::Law => "draft-heading-law",
        Heading::Handover => "draft-heading-handover",
        Heading::Impact => "draft-heading-impact",
        Heading::Cause => "draft-heading-cause",
        Heading::Contract => "draft-heading-contract",
        Heading::Services => "draft-heading-services",
        Heading::News => "draft-heading-news",
    }
}

/// Returns the key of a field.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn field_key(name: FieldName) -> &'static str {
    match name {
        FieldName::Stage => "draft-field-stage",
        FieldName::InitialReceipt => "draft-field-initial-receipt",
        FieldName::Entity => "draft-field-entity",
        FieldName::Siret => "draft-field-siret",
        FieldName::Address => "draft-field-address",
        FieldName::Representative => "draft-field-representative",
        FieldName::Dpo => "draft-field-dpo",
        FieldName::Complainant => "draft-field-complainant",
        FieldName::InvestigatorContact => "draft-field-investigator-contact",
        FieldName::Reporter => "draft-field-reporter",
        FieldName::Discovered => "draft-field-discovered",
        FieldName::DiscoveredUtc => "draft-field-discovered-utc",
        FieldName::Circumstances => "draft-field-circumstances",
        FieldName::Began => "draft-field-began",
        FieldName::SoundUntil => "draft-field-sound-until",
        FieldName::Ended => "draft-field-ended",
        FieldName::Nature => "draft-field-nature",
        FieldName::Confidentiality => "draft-field-confidentiality",
        FieldName::Integrity => "draft-field-integrity",
        FieldName::Availability => "draft-field-availability",
        FieldName::DataCategories => "draft-field-data-categories",
        FieldName::PersonCategories => "draft-field-person-categories",
        FieldName::PersonCount => "draft-field-person-count",
        FieldName::RecordCount => "draft-field-record-count",
        FieldName::Consequences => "draft-field-consequences",
        FieldName::MeasuresTaken => "draft-field-measures-taken",
        FieldName::MeasuresPlanned => "draft-field-measures-planned",
        FieldName::DelayReasons => "draft-field-delay-reasons",
        FieldName::HighRisk => "draft-field-high-risk",
        FieldName::PersonsInformed => "draft-field-persons-informed",
        FieldName::PersonsInformedHow => "draft-field-persons-informed-how",
        FieldName::Processors => "draft-field-processors",
        FieldName::RegisterFacts => "draft-field-register-facts",
        FieldName::RegisterEffects => "draft-field-register-effects",
        FieldName::RegisterMeasures => "draft-field-register-measures",
        FieldName::RegisterNotified => "draft-field-register-notified",
        FieldName::Timeline => "draft-field-timeline",
        FieldName::Machines => "draft-field-machines",
        FieldName::MachinePlaces => "draft-field-machine-places",
        FieldName::Systems => "draft-field-systems",
        FieldName::AccountsSeen => "draft-field-accounts-seen",
        FieldName::AddressesSeen => "draft-field-addresses-seen",
        FieldName::RansomNote => "draft-field-ransom-note",
        FieldName::TrappedMessage => "draft-field-trapped-message",
        FieldName::FirewallLogs => "draft-field-firewall-logs",
        FieldName::DiskCopies => "draft-field-disk-copies",
        FieldName::EncryptedSamples => "draft-field-encrypted-samples",
        FieldName::Pieces => "draft-field-pieces",
        FieldName::JournalEnd => "draft-field-journal-end",
        FieldName::FilesHurt => "draft-field-files-hurt",
        FieldName::DamageEstimate => "draft-field-damage-estimate",
        FieldName::ProvidersInvolved => "draft-field-providers-involved",
        FieldName::Offences => "draft-field-offences",
        FieldName::Handover => "draft-field-handover",
        FieldName::Summary => "draft-field-summary",
        FieldName::Malicious => "draft-field-malicious",
        FieldName::CrossBorder => "draft-field-cross-border",
        FieldName::Severity => "draft-field-severity",
        FieldName::Impact => "draft-field-impact",
        FieldName::Indicators => "draft-field-indicators",
        FieldName::RootCause => "draft-field-root-cause",
        FieldName::Lessons => "draft-field-lessons",
        FieldName::Insurer => "draft-field-insurer",
        FieldName::Contract => "draft-field-contract",
        FieldName::ComplaintFiled => "draft-field-complaint-filed",
        FieldName::ServicesTouched => "draft-field-services-touched",
        FieldName::ThirdParties => "draft-field-third-parties",
        FieldName::CostLines => "draft-field-cost-lines",
        FieldName::CostByCategory => "draft-field-cost-by-category",
        FieldName::CostByEntity => "draft-field-cost-by-entity",
        FieldName::CostTotal => "draft-field-cost-total",
        FieldName::PublicCause => "draft-field-public-cause",
        FieldName::WhoWorks => "draft-field-who-works",
        FieldName::PublicData => "draft-field-public-data",
        FieldName::PublicAdvice => "draft-field-public-advice",
        FieldName::StaffRules => "draft-field-staff-rules",
        FieldName::ServicesClosed => "draft-field-services-closed",
        FieldName::ServicesOpen => "draft-field-services-open",
        FieldName::ServicesUnknown => "draft-field-services-unknown",
        FieldName::NextNews => "draft-field-next-news",
        FieldName::Switchboard => "draft-field-switchboard",
        FieldName::PublicPage => "draft-field-public-page",
    }
}

/// Returns the key of a sentence.
pub fn phrase_key(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::StageInitial => "draft-phrase-stage-initial",
        Phrase::StageComplementary => "draft-phrase-stage-complementary",
        Phrase::StageWarning => "draft-phrase-stage-warning",
        Phrase::StageNotification => "draft-phrase-stage-notification",
        Phrase::StageFinal => "draft-phrase-stage-final",
        Phrase::InTime => "draft-phrase-in-time",
        Phrase::Offences => "draft-phrase-offences",
        Phrase::Handover => "draft-phrase-handover",
        Phrase::NoneNotedYet => "draft-phrase-none-noted-yet",
    }
}

/// Returns the key of what the law or a contract asks for.
pub fn act_key(act: Act) -> &'static str {
    match act {
        Act::Complaint => "deadline-complaint",
        Act::Cnil => "deadline-cnil",
        Act::CnilComplementary => "deadline-cnil-complementary",
        Act::Nis2Warning => "deadline-nis2-warning",
        Act::Nis2Notification => "deadline-nis2-notification",
        Act::Nis2Final => "deadline-nis2-final",
        Act::Insurer => "deadline-insurer",
    }
}
