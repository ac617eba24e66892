//! `deadlines`: what must be told to whom, by when, and what is left.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map as Fields, Value, json};
use town::deadlines::{Act, Basis, Clock, ClockState, Met, NIS2_ANSWER, Panel, Remark, deadlines};
use town::holding::is_exercise;
use town::journal::Entry;
use town::map::Map;

use crate::case_files;
use crate::context::Context;
use crate::drafting::{Speaker, act_key};
use crate::failure::Failure;
use crate::messages::{Text, text};
use crate::output::Output;
use crate::table::{Align, set};

/// Reads the map and the journal, and tells every clock.
pub fn run(context: &Context) -> Result<(), Failure> {
    let files = case_files::read(context)?;
    tell(context, &files.map, &files.entries, files.now)
}

fn tell(context: &Context, map: &Map, entries: &[Entry], now: Timestamp) -> Result<(), Failure> {
    let panel = deadlines(map, entries, now);
    let teller = Teller { context, speaker: Speaker { messages: &context.messages, map } };
    let is_exercise = is_exercise(entries);
    if context.output.is_json() {
        return teller.events(&panel, is_exercise);
    }
    if is_exercise {
        context.tell(&text("deadline-exercise"))?;
    }
    teller.known(&panel)?;
    let columns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left];
    let heads =
        ["deadline-col-act", "deadline-col-whom", "deadline-col-due", "deadline-col-left", "deadline-col-state"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    rows.extend(panel.clocks.iter().map(|clock| teller.row(clock)));
    set(&columns, &rows).iter().try_for_each(|row| context.output.line(row))?;
    panel.remarks.iter().try_for_each(|remark| context.tell(&teller.remark(remark)))?;
    let names = Act::ALL.map(Act::name).join(", ");
    context.note(&text("deadline-how").with("names", names));
    context.note(&text("deadline-advice"));
    Ok(())
}

struct Teller<'c> {
    context: &'c Context,
    speaker: Speaker<'c>,
}

impl Teller<'_> {
    fn known(&self, panel: &Panel) -> Result<(), Failure> {
        for (known, key) in panel.superseded.iter().map(|known| (known, "deadline-superseded")) {
            self.context.tell(&text(key).with("time", self.speaker.moment(known.at)).show("number", known.entry))?;
        }
        match panel.known {
            Some(known) => self
                .context
                .tell(&text("deadline-known").with("time", self.speaker.moment(known.at)).show("number", known.entry)),
            None => Ok(()),
        }
    }

    fn row(&self, clock: &Clock) -> Vec<String> {
        let say = |key| self.speaker.word(key);
        let whom = clock.entity.as_ref().and_then(|id| self.speaker.map.entity(id));
        let whom = whom.map_or_else(|| say("deadline-town"), |entity| self.speaker.words(&entity.name));
        let due = clock.due.as_ref().map_or_else(|| "–".to_string(), |due| self.speaker.moment(due.timestamp()));
        let (left, state) = match &clock.state {
            ClockState::NotRunning => ("–".to_string(), say("deadline-not-running")),
            ClockState::Undated => ("–".to_string(), say("deadline-undated")),
            ClockState::Running(left) => {
                let key = if clock.basis == Basis::IfInTime { "deadline-if-in-time" } else { "deadline-running" };
                (self.length(*left), say(key))
            }
            ClockState::Late(late) => {
                ("0".to_string(), self.speaker.say(&text("deadline-late").with("time", self.length(*late))))
            }
            ClockState::Met(met) => ("–".to_string(), self.met(met)),
        };
        vec![say(act_key(clock.act)), whom, due, left, state]
    }

    fn met(&self, met: &Met) -> String {
        let key = if met.receipt.is_some() { "deadline-met-receipt" } else { "deadline-met" };
        let receipt = met.receipt.as_deref().map(Output::safe).unwrap_or_default();
        let said =
            text(key).with("time", self.speaker.moment(met.at)).show("number", met.entry).with("receipt", receipt);
        let said = self.speaker.say(&said);
        if met.is_late { self.speaker.say(&text("deadline-met-late").with("met", said)) } else { said }
    }

    /// Says a length of time; days, if it is more than three.
    fn length(&self, length: SignedDuration) -> String {
        let (hours, minutes) = (length.as_hours(), length.as_mins() % 60);
        let said = match hours {
            0..100 => text("deadline-hours").show("hours", hours).show("minutes", format!("{minutes:02}")),
            _ => text("deadline-days").show("days", hours / 24).show("hours", hours % 24),
        };
        self.speaker.say(&said)
    }

    fn remark(&self, remark: &Remark) -> Text {
        match remark {
            Remark::NotKnown => text("deadline-remark-not-known"),
            Remark::KnownLater => text("deadline-remark-known-later"),
            Remark::Nis2None(None) => text("deadline-remark-nis2").with("field", NIS2_ANSWER),
            Remark::Nis2None(Some(checked)) => text("deadline-remark-nis2-checked")
                .with("time", self.speaker.moment(checked.time))
                .show("number", checked.entry)
                .with("words", Output::safe(&checked.words)),
            Remark::NoInsurer => text("deadline-remark-no-insurer"),
            Remark::InsurerHours => text("deadline-remark-insurer-hours"),
            Remark::NoEntity => text("deadline-remark-no-entity"),
            Remark::UnknownAct { entry, name } => {
                text("deadline-remark-unknown-act").show("number", entry).with("name", Output::safe(name))
            }
            Remark::UnknownEntity { entry, name } => {
                text("deadline-remark-unknown-entity").show("number", entry).with("name", Output::safe(name.as_str()))
            }
        }
    }

    fn events(&self, panel: &Panel, is_exercise: bool) -> Result<(), Failure> {
        for clock in &panel.clocks {
            self.context.output.item("deadline", fields_of(clock))?;
        }
        for remark in &panel.remarks {
            let said = self.remark(remark);
            self.context.event("remark", json!({ "key": said.key(), "message": self.speaker.say(&said) }))?;
        }
        let known = |known: &town::deadlines::Known| json!({ "at": known.at.to_string(), "entry": known.entry });
        let superseded: Vec<_> = panel.superseded.iter().map(known).collect();
        let late = panel.clocks.iter().filter(|clock| matches!(clock.state, ClockState::Late(_))).count();
        let t0 = panel.known.as_ref().map(known);
        self.context.event(
            "summary",
            json!({ "known": t0, "superseded": superseded, "late": late, "is_exercise": is_exercise }),
        )
    }
}

fn fields_of(clock: &Clock) -> Fields<String, Value> {
    let mut fields = crate::context::object(json!({
        "act": clock.act.name(),
        "entity": clock.entity,
        "due": clock.due.as_ref().map(|due| due.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
        "due_utc": clock.due.as_ref().map(|due| due.timestamp().to_string()),
        "is_latest": clock.basis == Basis::IfInTime,
    }));
    let mut add = |name: &str, value: Value| fields.insert(name.to_string(), value);
    match &clock.state {
        ClockState::NotRunning => add("state", "not-running".into()),
        ClockState::Undated => add("state", "undated".into()),
        ClockState::Running(left) => {
            add("left_seconds", left.as_secs().into());
            add("state", "running".into())
        }
        ClockState::Late(late) => {
            add("late_seconds", late.as_secs().into());
            add("state", "late".into())
        }
        ClockState::Met(met) => {
            add("done", met.at.to_string().into());
            add("entry", met.entry.into());
            add("receipt", met.receipt.clone().into());
            add("is_late", met.is_late.into());
            add("state", "met".into())
        }
    };
    fields
}
