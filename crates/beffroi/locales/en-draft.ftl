# What people read, in English: deadlines and drafts.

## Commands

help-deadlines = The deadlines: what, for whom, by when, what is left
help-draft = A draft of what must be told, filled from the journal and the map
arg-draft-what = cnil, plainte (complaint), nis2, assureur (insurer), communique (statement), standard (telephone), affiche (poster), couts (costs)
arg-draft-entity = The legal entity that speaks (its name in the map)
arg-draft-stage = For nis2: warning (24 h), notification (72 h) or final (one month)
arg-draft-complementary = For cnil: the complementary notification
arg-draft-audience = For communique: public (people and press) or staff
arg-draft-language = The language of the draft: fr or en; French by default for authorities and the insurer
arg-draft-to = Write the text to this new file
arg-draft-html = Write a page to print (a new file, or an older report)

## Errors

err-draft-entity = several legal entities: each tells for itself
rec-draft-entity = Add --entity with one of these names: { $names }
err-draft-no-entity = the map has no legal entity { $name }
rec-draft-no-entity = It has: { $names }
err-draft-stage = a draft for nis2 is a warning, a notification or a final report
rec-draft-stage = Add --stage warning, --stage notification or --stage final
err-draft-option = { $option } does not go with this draft
rec-draft-option = --stage goes with nis2, --complementary with cnil, --for with communique

## Deadlines

deadline-complaint = complaint
deadline-cnil = notification to the CNIL
deadline-cnil-complementary = complementary notification to the CNIL
deadline-nis2-warning = NIS2: early warning
deadline-nis2-notification = NIS2: notification
deadline-nis2-final = NIS2: final report
deadline-insurer = insurer is told
deadline-col-act = ACT
deadline-col-whom = FOR
deadline-col-due = DUE
deadline-col-left = LEFT
deadline-col-state = STATE
deadline-town = the town
deadline-exercise = EXERCISE: these deadlines are not real.
deadline-known = Known since (T0): { $time } (entry { $number }).
deadline-superseded = No longer counts: { $time } (entry { $number }).
deadline-hours = { $hours } h { $minutes } min
deadline-days = { $days } d { $hours } h
deadline-running = runs
deadline-if-in-time = runs; latest date
deadline-late = LATE by { $time }
deadline-met = done on { $time } (entry { $number })
deadline-met-receipt = done on { $time } (entry { $number }, receipt { $receipt })
deadline-met-late = { $met }, LATE
deadline-not-running = does not run
deadline-undated = date not known
deadline-how = To note that one was done: beffroi crisis act "…" --met NAME [--entity E] [--receipt N], where NAME is one of: { $names }.
deadline-remark-not-known = No clock runs: nobody noted since when the town knows. That does not mean that nothing need be notified. Type: beffroi crisis decide "…" --t0 TIME
deadline-remark-known-later = The T0 that was noted lies in the future: verify it.
deadline-remark-nis2 = NIS2: the map says “none”, and nobody noted having looked it up. The law changes: ask the ANSSI or the prefecture, then type: beffroi crisis answer { $field } "…"
deadline-remark-nis2-checked = NIS2: the map says “none”; looked up on { $time } (entry { $number }): { $words }
deadline-remark-no-insurer = The map names no insurer ([town.insurer]): if the town has a contract, read there by when to tell.
deadline-remark-insurer-hours = The map does not say by when the insurer wants to know (town.insurer.hours_max): read the contract.
deadline-remark-no-entity = The map names no legal entity: complaint and CNIL are counted once; each legal entity owes its own.
deadline-remark-unknown-act = Entry { $number } says that “{ $name }” was done, which is no deadline.
deadline-remark-unknown-entity = Entry { $number } names “{ $name }”, which is no legal entity of the map: it counts for none.
deadline-advice = These dates help to forget nothing; they are no legal advice.

## Drafts

draft-title-cnil = Notification of a breach of personal data – { $who }
draft-title-complaint = Complaint file – { $who }
draft-title-nis2 = NIS2 incident report – { $who }
draft-title-insurer = Cyber claim – { $who }
draft-title-statement = Statement – { $who }
draft-title-staff = To the staff – { $who }
draft-title-telephone = Telephone announcement – { $who }
draft-title-poster = { $who }: state of the services
draft-title-ledger = Cost ledger – { $who }
draft-exercise = EXERCISE – EXERCISE – EXERCISE: not to be sent or published.
draft-as-of = Draft to be read and completed, from what is known on { $time }. This program sends nothing.
draft-as-of-public = What we know on { $time }. This may change.
draft-foot = In brackets: where each line comes from. This draft never concludes that nothing need be notified; it is no legal advice.
draft-colon = { ": " }
draft-pair = { $name }: { $value }
draft-of = { $name } ({ $of })
draft-not-known = not known at this time
draft-to-come = to come
draft-missing = not known at this time – to be completed
draft-missing-who = not known at this time – to be completed by: { $who }
draft-from-entry = journal { $number }
draft-from-map = map, line { $number }
draft-from-town = map
draft-fill-answer = beffroi crisis answer { $field } "…" ("?" if nobody knows)
draft-fill-map = in town.toml: { $field }
draft-fill-journal = beffroi crisis open
draft-fill-known = beffroi crisis decide "…" --t0 TIME
draft-fill-state = beffroi crisis state NODE up|degraded|down|unknown
draft-fill-damage = beffroi damage, with the journal open
draft-fill-evidence = beffroi crisis note "…" --kind evidence --attach FILE
draft-fill-cost = beffroi crisis cost EUROS "…" --category CATEGORY
draft-fill-met = beffroi crisis act "…" --met { $act } --receipt N
draft-late = { $count ->
    [one] One hour has passed since the town knew, instead of 72 at most.
   *[other] { $count } hours have passed since the town knew, instead of 72 at most.
}
draft-no-place = address not known at this time
draft-contract = contract { $number }
draft-event = { $time } – { $kind }, { $author }: { $words }
draft-more = { $count ->
    [one] And one more entry of the journal.
   *[other] And { $count } more entries of the journal.
}
draft-piece = { $name } ({ $size }) – { $words }; put aside on { $time } by { $author }; SHA-256 { $hash }
draft-journal-end = up to the entry of { $time }; to verify it: beffroi journal verify
draft-proof = proof { $number }
draft-no-entity = nobody named
draft-total = total
draft-counts = { $services } services: { $up } work, { $degraded } in part, { $down } down, { $unknown } not known
draft-receipt = receipt { $number }
draft-through = Needs: { $name }
draft-since = Since { $time }
draft-instead = Instead: { $words }
draft-next = Next news: { $time }
draft-sum-persons = { $count ->
    [one] at most one person
   *[other] at most { $count } people (some may be counted more than once)
}
draft-sum-records = { $count ->
    [one] one record
   *[other] { $count } records
}
draft-sum-without = Number not known at this time for: { $services }.
draft-sum-unknown = Not counted, since their state is not known at this time: { $services }.
draft-files = { $source }: { $files } files, of which { $hurt } hurt, { $gone } gone, { $sound } proved sound, { $unknown } not known at this time
draft-level-up = works
draft-level-degraded = works in part
draft-level-unknown = state not known at this time
draft-level-down = down
draft-level-hurt = files are hurt
draft-kind-observation = observation
draft-kind-decision = decision
draft-kind-action = action
draft-kind-communication = communication
draft-kind-evidence = evidence
draft-kind-cost = cost

## Telephone

draft-speech-hello = Hello, you are calling: { $who }.
draft-speech-cause = Our services are disturbed. The cause is not known at this time.
draft-speech-down = These do not work: { $services }.
draft-speech-degraded = These work in part: { $services }.
draft-speech-instead = For { $service }: { $words }
draft-speech-others = { $count ->
    [one] One more service is hit.
   *[other] { $count } more services are hit.
}
draft-speech-unknown = Which services are hit is not known at this time.
draft-speech-dot = dot
draft-speech-page = All is told on the page: { $page }.
draft-speech-news = Next news: { $time }.
draft-speech-no-news = When there will be more news is not known at this time.
draft-speech-bye = Thank you for your patience.
draft-speech-length = { $count ->
    [one] Read slowly, it takes about one second.
   *[other] Read slowly, it takes about { $count } seconds.
}
draft-speech-long = That is more than a minute: shorten public-cause.

## Poster

draft-poster-service = Service
draft-poster-state = State
draft-poster-instead = What to do
draft-poster-next = Next news
draft-poster-caption = The services that are hit, the most urgent first

## At the end

draft-unknown-answer = Entry { $number } answers “{ $field }”, which nothing asks for. The nearest: { $near }
draft-no-journal = No journal is open: nothing is known but the map. Type: beffroi crisis open, or add --journal DIR.
draft-journal-faults = { $count ->
    [one] One line of the journal { $path } is not as it was written: what follows may be wrong. Type: beffroi journal verify
   *[other] { $count } lines of the journal { $path } are not as they were written: what follows may be wrong. Type: beffroi journal verify
}
draft-written = Draft written: { $path }
draft-summary = Fields: { $filled } filled, { $unknown } not known, { $missing } missing.
draft-todo = { $label } → { $fill }
draft-nis2-none = The map says that NIS2 does not bind the town; this draft is made all the same.

## Headings, fields and sentences of drafts

draft-heading-report = This report
draft-heading-controller = Legal entity
draft-heading-facts = What happened
draft-heading-nature = Nature of the breach (GDPR, art. 33(3)(a))
draft-heading-consequences = Likely consequences (GDPR, art. 33(3)(c))
draft-heading-measures = Measures (GDPR, art. 33(3)(d))
draft-heading-delay = The 72 hours (GDPR, art. 33(1))
draft-heading-persons = Telling the people concerned (GDPR, art. 34)
draft-heading-register = Row of the internal register (GDPR, art. 33(5))
draft-heading-complainant = Complainant
draft-heading-machines = Attacked machines
draft-heading-traces = Traces
draft-heading-evidence = Evidence
draft-heading-damage = Damage and costs
draft-heading-providers = Providers concerned
draft-heading-law = The law
draft-heading-handover = Handing over the evidence
draft-heading-impact = Impact
draft-heading-cause = Cause and course
draft-heading-contract = Contract
draft-heading-services = Services
draft-heading-news = To know more
draft-field-stage = Report
draft-field-initial-receipt = Number of the report before
draft-field-entity = Legal entity
draft-field-siret = SIRET number
draft-field-address = Postal address
draft-field-representative = Legal representative
draft-field-dpo = Data protection officer or contact point (art. 33(3)(b))
draft-field-complainant = Who files the complaint
draft-field-investigator-contact = Contact for investigators
draft-field-reporter = Can be reached at every hour
draft-field-discovered-public = Found on
draft-field-discovered = Known since
draft-field-discovered-utc = Known since (UTC)
draft-field-circumstances = How it was discovered
draft-field-began = First harm that was seen
draft-field-sound-until = All was sound until
draft-field-ended = End of the attack
draft-field-nature = Nature of the attack
draft-field-confidentiality = Confidentiality (was data read or taken?)
draft-field-integrity = Integrity (files changed or destroyed)
draft-field-availability = Availability (services that are hit)
draft-field-data-categories = Categories of data
draft-field-person-categories = Categories of people
draft-field-person-count = Approximate number of people
draft-field-record-count = Approximate number of records
draft-field-consequences = Consequences for people
draft-field-measures-taken = Measures taken
draft-field-measures-planned = Measures planned
draft-field-delay-reasons = Reasons for the delay
draft-field-high-risk = High risk for people?
draft-field-persons-informed = Were the people told?
draft-field-persons-informed-how = How
draft-field-processors = Processors concerned
draft-field-register-facts = Facts
draft-field-register-effects = Effects
draft-field-register-measures = Remedial action
draft-field-register-notified = Notifications
draft-field-timeline = Timeline
draft-field-machines = Machines
draft-field-machine-places = Postal addresses of the machines
draft-field-systems = Operating systems
draft-field-accounts-seen = Accounts that the attacker used
draft-field-addresses-seen = IP addresses that were seen
draft-field-ransom-note = Ransom note
draft-field-trapped-message = Trapped message
draft-field-firewall-logs = Firewall logs
draft-field-disk-copies = Copies of machines or of their disks
draft-field-encrypted-samples = A few encrypted files
draft-field-pieces = List of evidence
draft-field-journal-end = Journal
draft-field-files-hurt = Files that are hurt
draft-field-damage-estimate = Estimated damage
draft-field-providers-involved = Providers
draft-field-offences = Possible offences
draft-field-handover = Evidence handed over
draft-field-summary = Summary in one to three sentences
draft-field-malicious = Malicious act? (yes, no, not known)
draft-field-cross-border = Effects in other countries? (yes, no, not known)
draft-field-severity = Severity
draft-field-impact = State of the services
draft-field-indicators = Indicators of compromise
draft-field-root-cause = Root cause
draft-field-lessons = Lessons
draft-field-insurer = Insurer
draft-field-contract = Number of the contract
draft-field-complaint-filed = Complaint filed (Code des assurances, art. L. 12-10-1)
draft-field-services-touched = Services that are hit
draft-field-third-parties = Others who are harmed
draft-field-cost-lines = Costs
draft-field-cost-by-category = By category
draft-field-cost-by-entity = By legal entity
draft-field-cost-total = Total
draft-field-public-cause = What is happening
draft-field-who-works = Who works on it
draft-field-public-data = Personal data
draft-field-public-advice = What we advise
draft-field-staff-rules = What not to do
draft-field-services-closed = Services that are hit
draft-field-services-open = Services that work
draft-field-services-unknown = Services being checked
draft-field-next-news = Next news
draft-field-switchboard = Telephone
draft-field-public-page = Information page
draft-phrase-stage-initial = initial notification
draft-phrase-stage-complementary = complementary notification
draft-phrase-stage-warning = early warning (24 hours)
draft-phrase-stage-notification = incident notification (72 hours)
draft-phrase-stage-final = final report (one month after the notification)
draft-phrase-in-time = 72 hours have not passed, or the notification is noted before.
draft-phrase-offences = For reference, Code pénal, articles 323-1 (entering or staying in a system by fraud), 323-2 (hindering it), 323-3 (putting in, taking out, changing or deleting data) and 323-3-1 (having or passing on the means to do so). Which apply is for the investigators and the prosecutor to say.
draft-phrase-handover = Handed over by: ____________  to: ____________  on: ____________  signatures: ____________
draft-phrase-none-noted-yet = The journal mentions none yet.
