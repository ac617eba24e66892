//! The words of drafts: headings, fields and sentences, each with the name that programs read. What people read of them is in the
//! catalogue.

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name that programs read.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

names! {
    /// What stands over some fields.
    Heading {
        /// What this draft is a draft of.
        Report = "report",
        /// Whose data it is.
        Controller = "controller",
        /// What happened, and when.
        Facts = "facts",
        /// What sort of breach it is.
        Nature = "nature",
        /// What may come of it.
        Consequences = "consequences",
        /// What was done about it.
        Measures = "measures",
        /// Whether it is told in time.
        Delay = "delay",
        /// The people that the data is about.
        Persons = "persons",
        /// The row of the town's own register.
        Register = "register",
        /// Who complains.
        Complainant = "complainant",
        /// The machines that were attacked.
        Machines = "machines",
        /// Traces of whoever did it.
        Traces = "traces",
        /// What is handed over.
        Evidence = "evidence",
        /// What it costs.
        Damage = "damage",
        /// Other firms.
        Providers = "providers",
        /// What the law says.
        Law = "law",
        /// Who took what.
        Handover = "handover",
        /// How hard it hits.
        Impact = "impact",
        /// Why it could happen.
        Cause = "cause",
        /// The contract.
        Contract = "contract",
        /// The services.
        Services = "services",
        /// When there is more.
        News = "news",
    }
}

names! {
    /// One thing that a draft says, or should. A field that only a person can say is answered under this name.
    FieldName {
        /// First or later.
        Stage = "stage",
        /// The number of the first notification.
        InitialReceipt = "initial-receipt",
        /// The name of the legal entity.
        Entity = "entity",
        /// Its number in the register of establishments.
        Siret = "siret",
        /// Its postal address.
        Address = "address",
        /// Who represents it in law.
        Representative = "representative",
        /// Who answers questions about the data.
        Dpo = "dpo",
        /// Who files the complaint.
        Complainant = "complainant",
        /// Whom investigators call.
        InvestigatorContact = "investigator-contact",
        /// Who can be reached at every hour.
        Reporter = "reporter",
        /// When the town knew.
        Discovered = "discovered",
        /// The same, in UTC.
        DiscoveredUtc = "discovered-utc",
        /// How it was discovered.
        Circumstances = "circumstances",
        /// The first harm that was seen.
        Began = "began",
        /// The last moment at which all was sound.
        SoundUntil = "sound-until",
        /// When it was over.
        Ended = "ended",
        /// What sort of attack it is.
        Nature = "nature",
        /// Whether somebody read or took data.
        Confidentiality = "confidentiality",
        /// Whether data was changed.
        Integrity = "integrity",
        /// Whether data is out of reach.
        Availability = "availability",
        /// What is known of people.
        DataCategories = "data-categories",
        /// Which people.
        PersonCategories = "person-categories",
        /// About how many people.
        PersonCount = "person-count",
        /// About how many records.
        RecordCount = "record-count",
        /// What may come of it for people.
        Consequences = "consequences",
        /// What was done.
        MeasuresTaken = "measures-taken",
        /// What will be done.
        MeasuresPlanned = "measures-planned",
        /// Why it is told late.
        DelayReasons = "delay-reasons",
        /// Whether the risk for people is high.
        HighRisk = "high-risk",
        /// Whether the people were told.
        PersonsInformed = "persons-informed",
        /// How they were told.
        PersonsInformedHow = "persons-informed-how",
        /// Who keeps or carries the data for the town.
        Processors = "processors",
        /// The register's facts.
        RegisterFacts = "register-facts",
        /// The register's effects.
        RegisterEffects = "register-effects",
        /// The register's measures.
        RegisterMeasures = "register-measures",
        /// What the journal says was notified.
        RegisterNotified = "register-notified",
        /// What happened, in order.
        Timeline = "timeline",
        /// The machines.
        Machines = "machines",
        /// Where they stand.
        MachinePlaces = "machine-places",
        /// What runs on them.
        Systems = "systems",
        /// Accounts that were used.
        AccountsSeen = "accounts-seen",
        /// Network addresses that were seen.
        AddressesSeen = "addresses-seen",
        /// What the attackers wrote.
        RansomNote = "ransom-note",
        /// The message with which it may have begun.
        TrappedMessage = "trapped-message",
        /// Records of the firewall.
        FirewallLogs = "firewall-logs",
        /// Copies of machines or of their disks.
        DiskCopies = "disk-copies",
        /// A few encrypted files.
        EncryptedSamples = "encrypted-samples",
        /// Every file that is evidence, with its hash.
        Pieces = "pieces",
        /// How far the journal went.
        JournalEnd = "journal-end",
        /// Files that are hurt.
        FilesHurt = "files-hurt",
        /// What it costs so far.
        DamageEstimate = "damage-estimate",
        /// Who else is concerned.
        ProvidersInvolved = "providers-involved",
        /// Articles that may apply.
        Offences = "offences",
        /// Who took the pieces.
        Handover = "handover",
        /// One to three sentences.
        Summary = "summary",
        /// Whether it looks meant.
        Malicious = "malicious",
        /// Whether other countries are concerned.
        CrossBorder = "cross-border",
        /// How grave it is.
        Severity = "severity",
        /// What does not work.
        Impact = "impact",
        /// What others can look for.
        Indicators = "indicators",
        /// Why it could happen.
        RootCause = "root-cause",
        /// What was learnt.
        Lessons = "lessons",
        /// The insurer.
        Insurer = "insurer",
        /// The contract's number.
        Contract = "contract",
        /// The complaint.
        ComplaintFiled = "complaint-filed",
        /// The services that are hurt.
        ServicesTouched = "services-touched",
        /// Others who are harmed.
        ThirdParties = "third-parties",
        /// Every cost.
        CostLines = "cost-lines",
        /// Costs by what they are for.
        CostByCategory = "cost-by-category",
        /// Costs by who bears them.
        CostByEntity = "cost-by-entity",
        /// All costs.
        CostTotal = "cost-total",
        /// What is said of the cause in public.
        PublicCause = "public-cause",
        /// Who works on it.
        WhoWorks = "who-works",
        /// What is said of personal data in public.
        PublicData = "public-data",
        /// What people should look out for.
        PublicAdvice = "public-advice",
        /// What the staff must not do.
        StaffRules = "staff-rules",
        /// Services that do not work, or in part.
        ServicesClosed = "services-closed",
        /// Services that work.
        ServicesOpen = "services-open",
        /// Services of which nobody knows.
        ServicesUnknown = "services-unknown",
        /// When there is news.
        NextNews = "next-news",
        /// The number that people call.
        Switchboard = "switchboard",
        /// The page that people read.
        PublicPage = "public-page",
    }
}

names! {
    /// A sentence that the program itself puts into a draft.
    Phrase {
        /// A first notification.
        StageInitial = "stage-initial",
        /// A later one.
        StageComplementary = "stage-complementary",
        /// The early warning.
        StageWarning = "stage-warning",
        /// The notification.
        StageNotification = "stage-notification",
        /// The final report.
        StageFinal = "stage-final",
        /// No more than 72 hours passed.
        InTime = "in-time",
        /// The articles of the penal code.
        Offences = "offences",
        /// A line to be filled by hand.
        Handover = "handover",
        /// The journal tells of no notification.
        NoneNotedYet = "none-noted-yet",
    }
}

impl FieldName {
    /// Takes a field by its name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}
