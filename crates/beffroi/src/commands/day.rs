//! `exercise` without a folder: a small village on this machine, its bad day from the night before to the last service, and one page.
//!
//! Every step is this same program, started as people would start it; what is measured is what they would wait for. The village is made
//! up, its attacker is the one that can harm its own copy only, and all lies in a temporary folder that goes at the end. What stays is a
//! folder with the page, the proof sheet and the exported journal.

mod night;
mod objectives;
mod proof;
mod stage;

use std::path::{Path, PathBuf};
use std::time::Duration;

use exercise::village::differences;
use serde_json::json;
use vault::world::{Clock, Timestamp};

use crate::arguments::ExerciseArguments;
use crate::child::Ended;
use crate::context::Context;
use crate::failure::{DONE, Failure};
use crate::formats;
use crate::messages::{Language, Text, text};
use crate::report::{DayPage, ServiceRow, TimeRow, day_page};
use crate::table::{self, Align};
use crate::world::SystemClock;

use night::Night;
use objectives::{Measured, OBJECTIVES, Objective};
use stage::Stage;

/// Rehearses the whole day.
pub fn run(context: &Context, arguments: &ExerciseArguments) -> Result<(), Failure> {
    super::watch_interrupts(context)?;
    let dossier = dossier(arguments)?;
    let mut day = Day { context, arguments, measured: Vec::new(), facts: Facts::default(), began: SystemClock.now() };
    let stage = day.step("day-part-village", |_| Stage::set(context, arguments))?;
    let told = day.live(&stage, &dossier)?;
    day.close(&stage, &dossier, &told)?;
    day.finish(&dossier, &told)
}

/// Makes the folder that stays.
#[expect(clippy::disallowed_methods, reason = "the exercise leaves a folder with its page")]
fn dossier(arguments: &ExerciseArguments) -> Result<PathBuf, Failure> {
    let path = arguments
        .to
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("beffroi-exercise-{}", formats::folder_time(SystemClock.now()))));
    let made = std::fs::create_dir_all(&path).and_then(|()| std::fs::read_dir(&path)?.next().transpose());
    let at = || text("err-at-path").show("path", path.display());
    match made {
        Ok(None) => Ok(path),
        Ok(Some(_)) => Err(Failure::usage(text("err-day-taken")).under(at())),
        Err(error) => Err(Failure::from(error).under(at())),
    }
}

struct Day<'d> {
    context: &'d Context,
    arguments: &'d ExerciseArguments,
    measured: Vec<(Measured, Duration)>,
    facts: Facts,
    began: Timestamp,
}

/// What was counted.
#[derive(Default)]
struct Facts {
    files: u64,
    harmed: u64,
    hurt: u64,
    rang: bool,
    differences: u64,
    attested: u64,
    not_attested: u64,
    checkpoint: String,
    journal_entries: u64,
    journal_holds: bool,
    drafts: Vec<&'static str>,
    clocks: u64,
    back: u64,
    total: u64,
}

/// What the return told of every service.
struct Told {
    services: Vec<ServiceRow>,
    is_right: bool,
}

/// What is written for others on the day, with the name of its file. NIS2 does not bind a village.
const DRAFTS: [(&str, &str); 6] = [
    ("communique", "communique.txt"),
    ("standard", "standard.txt"),
    ("affiche", "affiche.html"),
    ("plainte", "plainte.txt"),
    ("cnil", "cnil.txt"),
    ("assureur", "assureur.txt"),
];

/// In two hours there will be news: people were promised it.
const NEXT_NEWS_NANOSECONDS: i64 = 2 * 3_600 * 1_000_000_000;

impl Day<'_> {
    /// Does one part, and tells how long it took.
    fn step<T>(&mut self, key: &'static str, work: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.context.interrupt.is_set() {
            return Err(Failure::new(text("err-stopped")));
        }
        let began = SystemClock.now();
        let done = work(self)
            .map_err(|failure| failure.under(text("err-day-part").with("part", self.context.messages.word(key))))?;
        let took = formats::between(began, SystemClock.now());
        let said = text("day-part-done")
            .with("part", self.context.messages.word(key))
            .with("time", formats::duration(took, self.context.messages.language()));
        self.context.tell(&said)?;
        let fields = json!({ "part": key.trim_start_matches("day-part-"), "seconds": took.as_secs_f64() });
        self.context.event("part", fields)?;
        Ok(done)
    }

    fn measure(&mut self, what: Measured, took: Duration) {
        self.measured.push((what, took));
    }

    /// From the night before to the last service.
    fn live(&mut self, stage: &Stage<'_>, dossier: &Path) -> Result<Told, Failure> {
        // A quiet night must stay quiet: here an alarm is a failure.
        self.step("day-part-night", |_| stage.keep_all(&[DONE]).map(|_| ()))?;
        let night = self.step("day-part-attack", |_| Night::fall(stage))?;
        self.facts.harmed = night.harmed;
        let kept = self.step("day-part-alarm", |day| {
            let (took, rang) = stage.ring()?;
            day.facts.rang = rang;
            Ok(took)
        })?;
        if self.facts.rang {
            self.measure(Measured::Told, kept);
        }
        let known_since = SystemClock.now();
        self.step("day-part-open", |day| day.open(stage))?;
        self.measure(Measured::Decided, formats::between(known_since, SystemClock.now()));
        self.step("day-part-evidence", |day| day.evidence(stage, &night))?;
        self.step("day-part-damage", |day| day.damage(stage, dossier))?;
        self.measure(Measured::Extent, formats::between(known_since, SystemClock.now()));
        let order = self.step("day-part-order", |_| stage.run(&["order"]))?;
        self.measure(Measured::Ordered, order.took);
        self.step("day-part-speak", |day| day.drafts(stage, dossier, &DRAFTS[..3]))?;
        self.measure(Measured::Spoken, formats::between(known_since, SystemClock.now()));
        self.step("day-part-law", |day| day.drafts(stage, dossier, &DRAFTS[3..]))?;
        self.measure(Measured::Written, formats::between(known_since, SystemClock.now()));
        let recovered = self.step("day-part-recover", |day| day.recover(stage))?;
        let services = self.services(stage, &recovered, known_since)?;
        self.step("day-part-compare", |day| {
            let (differences, files) = night.compare(stage, differences)?;
            (day.facts.differences, day.facts.files) = (differences, files);
            Ok(())
        })?;
        self.step("day-part-attest", |day| day.attest(stage, dossier))?;
        self.measure(Measured::Proved, formats::between(known_since, SystemClock.now()));
        let facts = &self.facts;
        let is_told = facts.rang && facts.harmed > 0 && facts.hurt == facts.harmed;
        let is_right = is_told && facts.differences == 0 && facts.not_attested == 0 && facts.back == facts.total;
        Ok(Told { services, is_right })
    }

    /// Opens the journal, and seals from when on it is known.
    fn open(&mut self, stage: &Stage<'_>) -> Result<(), Failure> {
        stage.run(&["crisis", "open", "--exercise"])?;
        let decided = self.context.messages.word("day-said-known");
        stage.run(&["crisis", "decide", &decided, "--t0"]).map(|_| ())
    }

    /// Puts aside, before anything is mended, what those who investigate ask for, and says what is known of it.
    fn evidence(&mut self, stage: &Stage<'_>, night: &Night) -> Result<(), Failure> {
        let word = |key| self.context.messages.word(key);
        let cite = |words: &str, paths: &[PathBuf]| -> Result<String, Failure> {
            let files: Vec<_> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            let attached = files.iter().flat_map(|file| ["--attach", file.as_str()]);
            let words: Vec<&str> =
                ["crisis", "note", words, "--kind", "evidence"].into_iter().chain(attached).collect();
            Ok(format!("#{}", stage::number_of(&stage.run(&words)?, "entry", "number")))
        };
        let mut answers = vec![
            ("circumstances", word("day-said-circumstances")),
            ("nature", word("day-said-nature")),
            ("public-cause", word("day-said-cause")),
            ("who-works", word("day-said-who")),
        ];
        if !night.notes.is_empty() {
            answers.push(("ransom-note", cite(&word("day-said-note"), &night.notes)?));
        }
        answers.push(("encrypted-samples", cite(&word("day-said-samples"), &night.samples)?));
        for (field, words) in answers {
            stage.run(&["crisis", "answer", field, &words])?;
        }
        Ok(())
    }

    /// Learns what is hurt, and says of every service whose sources are hurt that it is down.
    fn damage(&mut self, stage: &Stage<'_>, dossier: &Path) -> Result<(), Failure> {
        let report = dossier.join("degats.html");
        let ended = stage.run_any(&["damage", "--html", &report.to_string_lossy()], &[0, 4])?;
        self.facts.hurt = ended.of("summary").map(stage::hurt_of).sum();
        let (why, doubt) =
            (self.context.messages.word("day-said-hurt"), self.context.messages.word("day-said-suspect"));
        for host in &stage.map.hosts {
            let is_hurt = stage.map.sources.iter().any(|source| source.host.as_ref() == Some(&host.id));
            let (level, why) = if is_hurt { ("down", &why) } else { ("unknown", &doubt) };
            stage.run(&["crisis", "state", host.id.as_str(), level, "--why", why])?;
        }
        let next = formats::rfc3339(Timestamp(SystemClock.now().0 + NEXT_NEWS_NANOSECONDS));
        for service in stage.map.services.iter().filter(|service| !service.sources.is_empty()) {
            stage.run(&["crisis", "state", service.id.as_str(), "down", "--why", &why, "--next", &next])?;
        }
        let others = stage.map.services.iter().filter(|service| service.sources.is_empty()).map(|service| &service.id);
        for node in stage.map.providers.iter().map(|provider| &provider.id).chain(others) {
            stage.run(&["crisis", "state", node.as_str(), "up"])?;
        }
        Ok(())
    }

    fn drafts(
        &mut self,
        stage: &Stage<'_>,
        dossier: &Path,
        drafts: &[(&'static str, &'static str)],
    ) -> Result<(), Failure> {
        for (name, file) in drafts {
            let path = dossier.join(file);
            let option = if file.ends_with(".html") { "--html" } else { "--to" };
            stage.run(&["draft", name, option, &path.to_string_lossy()])?;
            self.facts.drafts.push(name);
        }
        let clocks = stage.run(&["deadlines"])?;
        self.facts.clocks = clocks.of("deadline").count() as u64;
        Ok(())
    }

    fn recover(&mut self, stage: &Stage<'_>) -> Result<Ended, Failure> {
        let to = stage.back();
        let ended = stage.run_any(&["recover", "--assume-yes", "--to", &to.to_string_lossy()], &[0, 3])?;
        (self.facts.back, self.facts.total) = (ended.number("back"), ended.number("total"));
        // What held it up is said on the way; the page tells of the services only.
        ended.said.lines().for_each(|line| self.context.output.note(line));
        Ok(ended)
    }

    /// Attests every source that came back.
    fn attest(&mut self, stage: &Stage<'_>, dossier: &Path) -> Result<(), Failure> {
        for source in stage.sources() {
            let (folder, out) = (stage.back().join(source), dossier.join(format!("attestation-{source}.json")));
            let plan = stage.back().join(".recover").join(format!("{source}.plan"));
            let words = [
                "attest",
                "--plan",
                &plan.to_string_lossy(),
                &folder.to_string_lossy(),
                "--out",
                &out.to_string_lossy(),
            ];
            let ended = stage.run_any(&words, &[0, 4])?;
            let counts = ended.summary.get("counts");
            let count = |name: &str| counts.and_then(|counts| counts.get(name)?.as_u64()).unwrap_or(0);
            self.facts.attested += count("identical");
            self.facts.not_attested += count("damaged") + count("missing") + count("unknown");
        }
        Ok(())
    }

    /// When each service was back, from the moment at which it was known.
    fn services(
        &mut self,
        stage: &Stage<'_>,
        ended: &Ended,
        known_since: Timestamp,
    ) -> Result<Vec<ServiceRow>, Failure> {
        let names = crate::order_words::Names::of(self.context, &stage.map);
        let mut rows = Vec::new();
        let nodes = ended.summary.get("nodes").and_then(|nodes| nodes.as_object());
        for service in &stage.map.services {
            let back = nodes.and_then(|nodes| nodes.get(service.id.as_str())?.get("at")?.as_str());
            let back = back.and_then(|at| at.parse::<jiff::Timestamp>().ok());
            let took = back.map(|at| {
                Duration::from_nanos(u64::try_from(at.as_nanosecond() - i128::from(known_since.0)).unwrap_or(0))
            });
            match (service.id.as_str(), took) {
                ("etat-civil", Some(took)) => self.measure(Measured::Registry, took),
                ("paie-comptabilite", Some(took)) => self.measure(Measured::Pay, took),
                _ => {}
            }
            let is_up_all_day = took.is_none() && service.sources.is_empty();
            rows.push(ServiceRow {
                name: names.words(&service.name),
                objective: self.context.say(&crate::order_words::hours(u64::from(service.outage_hours_max))),
                measured: match took {
                    Some(took) => formats::duration(took, self.context.messages.language()),
                    None if is_up_all_day => self.context.messages.word("day-service-up"),
                    None => self.context.messages.word("day-service-down"),
                },
                is_met: is_up_all_day
                    || took.is_some_and(|took| took <= Duration::from_secs(3600 * u64::from(service.outage_hours_max))),
            });
        }
        // What did not come is not measured, so that no time is said to be met.
        if self.facts.back == self.facts.total {
            self.measure(Measured::All, formats::between(known_since, SystemClock.now()));
        }
        Ok(rows)
    }

    /// Signs the proof sheet, closes the journal, gives away its checkpoint, exports it and verifies it.
    fn close(&mut self, stage: &Stage<'_>, dossier: &Path, told: &Told) -> Result<(), Failure> {
        let rows = self.rows();
        self.step("day-part-close", |day| {
            let sheet = dossier.join("proof.json");
            proof::write(stage, day, told, &rows, &sheet)?;
            let words = day.context.messages.word("day-said-proof");
            stage.run(&["crisis", "note", &words, "--kind", "evidence", "--attach", &sheet.to_string_lossy()])?;
            stage.run(&["crisis", "close"])?;
            let checkpoint = stage.run(&["journal", "checkpoint"])?;
            day.facts.checkpoint = stage::text_of(&checkpoint, "checkpoint", "checkpoint");
            let verified = stage.run_any(&["journal", "verify", "--checkpoint", &day.facts.checkpoint], &[0, 5])?;
            day.facts.journal_holds = verified.is_done();
            day.facts.journal_entries = verified.number("entries");
            let journal = dossier.join("journal");
            stage.run(&["journal", "export", &journal.to_string_lossy()]).map(|_| ())
        })
    }

    /// The times, beside the objectives and what towns needed.
    fn rows(&self) -> Vec<TimeRow> {
        let language = self.context.messages.language();
        let row = |objective: &Objective| {
            let took = self.measured.iter().find(|(what, _)| *what == objective.what).map(|(_, took)| *took);
            TimeRow {
                what: self.context.messages.word(objective.key),
                measured: took
                    .map_or_else(|| self.context.messages.word("day-not-measured"), |took| took_words(took, language)),
                objective: self.context.say(&objective.text()),
                towns: self.context.messages.word(objective.towns),
                is_met: took.is_some_and(|took| took <= objective.within),
            }
        };
        OBJECTIVES.iter().map(row).collect()
    }

    fn finish(&self, dossier: &Path, told: &Told) -> Result<(), Failure> {
        let rows = self.rows();
        let is_right = told.is_right && self.facts.journal_holds && rows.iter().all(|row| row.is_met);
        let verdict = if is_right { "day-passed" } else { "day-failed" };
        let said = self.said();
        let page = DayPage {
            lead: self.context.say(&self.lead()),
            is_right,
            verdict: self.context.messages.word(verdict),
            times: rows,
            services: told.services.clone(),
            said: said.iter().map(|text| self.context.say(text)).collect(),
        };
        let paths = [Some(dossier.join("page.html")), self.arguments.html.clone()];
        for path in paths.into_iter().flatten() {
            let file = super::damage::prepare(&path)?;
            let written = file.finish(&day_page(&self.context.messages, &page));
            written.map_err(|error| super::damage::report_failure(&path, error))?;
        }
        self.show(&page)?;
        self.context.tell(&text("day-dossier").show("path", dossier.display()))?;
        self.context.event("summary", self.fields(&page, dossier))?;
        match is_right {
            true => Ok(()),
            false => Err(Failure::new(text("err-day-failed"))),
        }
    }

    fn lead(&self) -> Text {
        let zone = jiff::tz::TimeZone::system();
        let time = formats::spoken(self.began, &zone)
            .map_or_else(|| formats::moment(self.began), |said| self.context.say(&said));
        text("day-lead")
            .with("time", time)
            .with("host", super::init::host_name())
            .with("program", env!("CARGO_PKG_VERSION"))
            .with("seed", self.arguments.seed)
    }

    /// What else was seen, sentence by sentence.
    fn said(&self) -> Vec<Text> {
        let facts = &self.facts;
        vec![
            text("day-said-damage").with("hurt", facts.hurt).with("files", facts.files).with("harmed", facts.harmed),
            text(if facts.differences == 0 { "day-said-same" } else { "day-said-different" })
                .with("files", facts.files)
                .with("count", facts.differences),
            text("day-said-attested").with("attested", facts.attested).with("others", facts.not_attested),
            text("day-said-drafts").with("count", facts.drafts.len() as u64).with("clocks", facts.clocks),
            text(if facts.journal_holds { "day-said-journal" } else { "day-said-journal-broken" })
                .with("entries", facts.journal_entries)
                .with("checkpoint", facts.checkpoint.as_str()),
        ]
    }

    fn show(&self, page: &DayPage) -> Result<(), Failure> {
        if self.context.output.is_json() {
            return Ok(());
        }
        let mark = |is_met: bool| if is_met { "✓" } else { "✗" }.to_string();
        let word = |key| self.context.messages.word(key);
        let mut rows = vec![vec![
            String::new(),
            word("day-col-what"),
            word("day-col-measured"),
            word("day-col-objective"),
            word("day-col-towns"),
        ]];
        rows.extend(page.times.iter().map(|row| {
            vec![mark(row.is_met), row.what.clone(), row.measured.clone(), row.objective.clone(), row.towns.clone()]
        }));
        self.context.output.line("")?;
        let columns = [Align::Left, Align::Left, Align::Right, Align::Right, Align::Left];
        table::set(&columns, &rows).iter().try_for_each(|line| self.context.output.line(line))?;
        let mut rows =
            vec![vec![String::new(), word("day-col-service"), word("day-col-measured"), word("day-col-bears")]];
        rows.extend(
            page.services
                .iter()
                .map(|row| vec![mark(row.is_met), row.name.clone(), row.measured.clone(), row.objective.clone()]),
        );
        self.context.output.line("")?;
        table::set(&columns[..4], &rows).iter().try_for_each(|line| self.context.output.line(line))?;
        self.context.output.line("")?;
        page.said.iter().try_for_each(|said| self.context.output.line(said))?;
        self.context.output.line(&page.verdict)
    }

    fn fields(&self, page: &DayPage, dossier: &Path) -> serde_json::Value {
        let facts = &self.facts;
        let times = self.measured.iter().map(|(what, took)| (what.word().to_string(), took.as_secs_f64().into()));
        json!({
            "passed": page.is_right, "times": times.collect::<serde_json::Map<_, _>>(), "files": facts.files, "harmed": facts.harmed, "hurt": facts.hurt,
            "rang": facts.rang, "differences": facts.differences, "attested": facts.attested,
            "not_attested": facts.not_attested, "back": facts.back, "total": facts.total,
            "journal_entries": facts.journal_entries, "journal_holds": facts.journal_holds,
            "checkpoint": facts.checkpoint, "dossier": dossier.display().to_string(),
        })
    }
}

/// Says how long something took; what took next to nothing is no 0.0 seconds.
fn took_words(took: Duration, language: Language) -> String {
    match took.as_millis() {
        0..50 => format!("< {}", formats::duration(Duration::from_millis(100), language)),
        _ => formats::duration(took, language),
    }
}
