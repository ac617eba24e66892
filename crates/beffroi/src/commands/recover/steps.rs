//! The steps by which one thing comes back.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use town::journal::{Draft, Fact, Kind};
use town::map::{Map, Service, SourceName};
use town::order::Position;
use town::recovery::{Fate, Recovery};
use town::state::{Origin, Value};

use super::board::Board;
use super::commands::{FOLDER, is_from_backup};
use super::gate::{Answer, ask};
use super::ground::Ground;
use super::record::{Given, Record};
use super::{expected, level_of};
use crate::arguments::RecoverArguments;
use crate::child::{self, Ended};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, Text, text};
use crate::order_words::Names;
use crate::output::Output;
use crate::town_state;

/// Walks the steps of one thing after the other.
pub struct Steps<'s> {
    pub context: &'s Context,
    pub map: &'s Map,
    pub names: &'s Names<'s>,
    pub arguments: &'s RecoverArguments,
    pub ground: Ground,
    pub record: Record,
    pub board: Board<'s>,
    /// How many were begun.
    pub begun: u64,
    /// Whether the last one failed at its own commands, and not because somebody said so.
    pub is_probed: bool,
}

/// What has just been started may need a while until it answers: it is asked so often, a second apart.
const PROBES_MAX: u32 = 30;

impl Steps<'_> {
    /// Brings one thing back as far as it goes.
    pub fn walk(&mut self, recovery: &Recovery, position: &Position) -> Result<Fate, Failure> {
        self.is_probed = false;
        let node = &position.node;
        if let Some(service) = self.map.service(node) {
            return self.service(recovery, position, service);
        }
        if let Some(host) = self.map.hosts.iter().find(|host| host.id == *node) {
            let question = text("day-ask-host").with("name", self.names.words(&host.name));
            let fate = self.gate(&question.with("time", expected(self.context, position)))?;
            return match fate == Fate::Back && !self.answers(recovery, position, &host.probe)? {
                true => Ok(self.stopped_or_failed()),
                false => Ok(fate),
            };
        }
        let provider = self.map.providers.iter().find(|provider| provider.id == *node);
        let phone = provider.and_then(|provider| provider.phone.as_deref()).map_or("–".to_string(), Output::safe);
        self.gate(&text("day-ask-provider").with("name", self.names.name(node)).with("phone", phone))
    }

    fn service(&mut self, recovery: &Recovery, position: &Position, service: &Service) -> Result<Fate, Failure> {
        for source in &service.sources {
            if self.record.has(&self.ground, source) {
                self.context.tell(&text("day-source-there").with("source", Output::safe(source.as_str())))?;
            } else if !self.give_back(recovery, position, source)? {
                return Ok(self.stopped_or_failed());
            }
        }
        let commands = &service.commands;
        self.is_probed = true;
        if !self.own_command(recovery, position, "day-step-start", &commands.start)?
            || !self.answers(recovery, position, &commands.probe)?
            || !self.own_command(recovery, position, "day-step-check", &commands.check)?
        {
            return Ok(self.stopped_or_failed());
        }
        self.is_probed = false;
        let owner = service.owner.as_ref().and_then(|owner| self.map.person(owner));
        let question = match owner {
            Some(owner) => text("day-ask-service-owner").with("owner", self.names.words(&owner.role)),
            None => text("day-ask-service"),
        };
        self.gate(&question.with("name", self.names.words(&service.name)))
    }

    /// Plans a source and gives it back.
    fn give_back(&mut self, recovery: &Recovery, position: &Position, source: &SourceName) -> Result<bool, Failure> {
        let name = Output::safe(source.as_str());
        if let Err(failure) = self.may_begin(source) {
            return self.prevented(&failure);
        }
        let plan = self.ground.plan(source);
        self.show(recovery, position, &text("day-step-plan").with("source", name.clone()));
        let words = ["clean".into(), "--source".into(), OsString::from(source.as_str()), "--plan".into()];
        let planned = child::run(self.context, words.into_iter().chain([plan.clone().into_os_string()]))?;
        self.step(position, "plan", &planned)?;
        if !planned.is_done() {
            return self.refused("day-step-plan-failed", &name, &planned);
        }
        if let Err(failure) = self.begin(source, &planned) {
            return self.prevented(&failure);
        }
        self.show(recovery, position, &text("day-step-restore").with("source", name.clone()));
        let target = self.ground.target(source);
        let words = ["restore".into(), "--plan".into(), plan.into_os_string(), "--to".into(), target.into_os_string()];
        let restored = child::run(self.context, words)?;
        self.step(position, "restore", &restored)?;
        if !restored.is_done() {
            return self.refused("day-step-restore-failed", &name, &restored);
        }
        let given = Given {
            bytes: restored.number("bytes"),
            entries: restored.number("entries"),
            seconds: (planned.took + restored.took).as_secs_f64(),
            mended: planned.number("rows"),
            kept: planned.summary.get("to_time").and_then(|time| time.as_str()).map(str::to_string),
        };
        let told = text("day-source-given")
            .with("source", name)
            .with("entries", given.entries)
            .with("bytes", Gap::Bytes(given.bytes))
            .with("mended", given.mended)
            .with("time", formats::duration(planned.took + restored.took, self.context.messages.language()));
        self.context.tell(&told)?;
        self.record.sources.insert(source.clone(), given);
        self.record.keep()?;
        Ok(true)
    }

    /// Refuses a source that would be given back elsewhere, or where something is that this return did not put there.
    fn may_begin(&self, source: &SourceName) -> Result<(), Failure> {
        self.ground.check_name(self.map, source)?;
        match self.record.begun.contains_key(source) {
            true => self.ground.require_own(source),
            false => self.ground.require_free(source),
        }
    }

    /// Writes down that a source is being given back, by which plan; what was begun goes on with the same one. A plan that lay there
    /// before must be of this source, and of its last snapshot.
    fn begin(&mut self, source: &SourceName, planned: &Ended) -> Result<(), Failure> {
        let at = || text("err-at-path").show("path", self.ground.plan(source).display());
        let sha256 = self.ground.digest_of_plan(source)?;
        let wrong = match self.record.begun.get(source) {
            _ if planned.summary.get("source").and_then(|name| name.as_str()) != Some(source.as_str()) => {
                Some(text("err-recover-plan-other").with("source", Output::safe(source.as_str())))
            }
            Some(known) if *known != sha256 => Some(text("err-recover-plan-changed")),
            None if planned.number("later") > 0 => {
                Some(text("err-recover-plan-old").with("count", planned.number("later")))
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(Failure::new(wrong).under(at()));
        }
        self.record.begun.insert(source.clone(), sha256);
        Ok(self.record.keep()?)
    }

    /// Says why a source is not given back.
    fn prevented(&self, failure: &Failure) -> Result<bool, Failure> {
        self.board.hide();
        let words = self.context.chain(&failure.causes);
        self.context.note(&text("say-warning").with("words", words.as_str()));
        self.context.advise(failure);
        self.context.event("prevented", json!({ "message": words }))?;
        Ok(false)
    }

    /// Asks until it answers; what has nothing to be asked by, answers.
    fn answers(&self, recovery: &Recovery, position: &Position, probe: &[String]) -> Result<bool, Failure> {
        if probe.is_empty() {
            return Ok(true);
        }
        for left in (0..PROBES_MAX).rev() {
            self.show(recovery, position, &text("day-step-probe"));
            let ended = self.start(probe)?;
            if ended.is_done() {
                self.step(position, "probe", &ended)?;
                return Ok(true);
            }
            if left == 0 || ended.was_ended || is_from_backup(probe) || self.context.interrupt.is_set() {
                self.step(position, "probe", &ended)?;
                return self.refused("day-step-probe-failed", &Output::safe(&probe.join(" ")), &ended);
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(false)
    }

    /// Runs a command of the map; what has none is done.
    fn own_command(
        &self,
        recovery: &Recovery,
        position: &Position,
        key: &'static str,
        words: &[String],
    ) -> Result<bool, Failure> {
        if words.is_empty() {
            return Ok(true);
        }
        self.show(recovery, position, &text(key));
        let ended = self.start(words)?;
        self.step(position, key.trim_start_matches("day-step-"), &ended)?;
        match ended.is_done() {
            true => {
                let time = formats::duration(ended.took, self.context.messages.language());
                self.context
                    .tell(&text("day-command-done").with("step", self.context.messages.word(key)).with("time", time))?;
                Ok(true)
            }
            false => self.refused("day-command-failed", &Output::safe(&words.join(" ")), &ended),
        }
    }

    /// Starts a program of the map: its words as they are, no shell between.
    fn start(&self, words: &[String]) -> Result<Ended, Failure> {
        let folder = std::path::absolute(&self.arguments.to)?;
        let folder = folder.to_string_lossy();
        if is_from_backup(words) {
            return Ok(Ended { said: self.context.messages.word("err-recover-program"), ..Ended::default() });
        }
        let mut words = words.iter().map(|word| word.replace(FOLDER, &folder));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        let time_max = Duration::from_secs(60 * u64::from(self.arguments.command_minutes));
        let mut ended = child::wait_for(command, time_max, &|| self.context.interrupt.is_set())?;
        if ended.was_ended && !self.context.interrupt.is_set() {
            let slow = text("day-command-slow").with("minutes", u64::from(self.arguments.command_minutes));
            ended.said = self.context.say(&slow);
        }
        Ok(ended)
    }

    fn gate(&self, question: &Text) -> Result<Fate, Failure> {
        self.board.hide();
        Ok(match ask(self.context, question, self.arguments.assume_yes)? {
            Answer::Yes => Fate::Back,
            Answer::Later => Fate::Later,
            Answer::No => Fate::Failed,
        })
    }

    /// Says why a step did not work.
    fn refused(&self, key: &'static str, what: &str, ended: &Ended) -> Result<bool, Failure> {
        self.board.hide();
        let last = ended.of("error").filter_map(|fields| fields.get("message")?.as_str()).last();
        let said = last.map_or_else(|| ended.said.lines().last().unwrap_or("").to_string(), str::to_string);
        let code = ended.code.map_or_else(|| "–".to_string(), |code| code.to_string());
        self.context.note(&text(key).with("what", what).with("code", code).with("said", Output::safe(&said)));
        Ok(false)
    }

    fn stopped_or_failed(&self) -> Fate {
        if self.context.interrupt.is_set() { Fate::Open } else { Fate::Failed }
    }

    fn show(&self, recovery: &Recovery, position: &Position, doing: &Text) {
        self.board.show(self.names, recovery, &position.node, &self.context.say(doing));
    }

    fn step(&self, position: &Position, step: &str, ended: &Ended) -> Result<(), Failure> {
        let fields = json!({
            "node": position.node, "step": step, "code": ended.code, "seconds": ended.took.as_secs_f64(),
            "figures": ended.summary,
        });
        self.context.event("step", fields)
    }

    /// Writes into the open journal what became of something. One that cannot be written to stops nothing: that is told, and the end is
    /// incomplete.
    pub fn journal(&self, position: &Position, fate: Fate, told: &str) -> Result<(), Failure> {
        if let Err(failure) = self.write(position, fate, told) {
            self.context.note_incomplete();
            let words = self.context.chain(&failure.causes);
            self.context.note(&text("say-journal-unwritten").with("words", words));
        }
        Ok(())
    }

    fn write(&self, position: &Position, fate: Fate, told: &str) -> Result<(), Failure> {
        let Some(journal) = self.context.journal_if_open()? else { return Ok(()) };
        let now = town_state::now();
        let draft = match level_of(fate) {
            None => Draft::new(Kind::Decision, told),
            Some(is) => Draft::new(Kind::Action, told).with(Fact::State(Value {
                of: position.node.clone(),
                is,
                how: None,
                why: None,
                since: Some(now),
                next_news: None,
                origin: if self.is_probed { Origin::Probe } else { Origin::Human },
                said: now,
            })),
        };
        let draft = Draft { about: Some(position.node.clone()), ..draft };
        self.context.append(&journal, &self.context.author(None), vec![draft])?;
        Ok(())
    }
}
