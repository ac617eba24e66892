//! `recover`: brings services back over the order, step by step; what is a matter of judgement is asked.
//!
//! Of each service: every source is planned (`clean`) and given back below a folder (`restore --plan`), as people would do by hand; then
//! its own commands start it, ask it and check what it answers; then a person says that it is back. Machines and providers are asked for.
//! What fails or waits holds up only what hangs on it. Whoever stops it and starts it again goes on where it was.

mod board;
mod commands;
mod gate;
mod ground;
mod record;
mod steps;

use serde_json::json;
use town::journal::{Fact, signed_entries};
use town::map::{Map, NodeId};
use town::order::{OrderOptions, Position, order};
use town::recovery::{Fate, Recovery};
use town::state::Level;
use vault::store::DirectoryAccess;
use vault::world::{Clock, Timestamp};

use super::order::{graph_failure, minutes};
use crate::arguments::RecoverArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::order_words::Names;
use crate::town_file;
use crate::town_state;
use crate::world::SystemClock;

use board::Board;
use ground::Ground;
use record::{Back, Record};
use steps::Steps;

/// Brings services back.
pub fn run(context: &Context, arguments: &RecoverArguments) -> Result<(), Failure> {
    let town = town_file::open(context)?;
    let map = &town.map;
    gate::require_somebody(arguments.assume_yes)?;
    let only = named(map, &arguments.services)?;
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?.id().to_hex();
    let now = town_state::now();
    let state = town_state::known(context, map, arguments.state_file.as_deref(), now)?;
    let order = order(map, &state, OrderOptions { now, hands: 1 }).map_err(graph_failure)?;
    let mut recovery = Recovery::begin(map, order, &only).map_err(graph_failure)?;
    super::watch_interrupts(context)?;
    let ground = Ground::open(&arguments.to)?;
    let mut record = Record::open(ground.own(), &vault)?;
    record.believe(map, &ground);
    // A file says again and again what was so when it was written.
    if arguments.state_file.is_none() {
        record.forget_fallen(&state);
    }
    record.back.keys().for_each(|node| recovery.tell(node, Fate::Back));
    let begun_before = recovery.counts().0 as u64;
    let names = Names::of(context, map);
    tell_other_map(context, &town.sha256)?;
    commands::confirm(context, &town, &recovery, arguments.assume_yes)?;
    let begun = SystemClock.now();
    let mut steps = Steps {
        context,
        map,
        names: &names,
        arguments,
        ground,
        record,
        board: Board::begin(context),
        begun: begun_before,
        is_probed: false,
    };
    while let Some(position) = recovery.next().cloned() {
        if context.interrupt.is_set() {
            break;
        }
        let fate = bring_back(&mut steps, &recovery, &position)?;
        recovery.tell(&position.node, fate);
    }
    steps.board.hide();
    let record = steps.record;
    finish(context, &names, &recovery, &record, begun)
}

/// Tells if the map is not the one with which the open journal began: somebody changed it since, or it is another.
fn tell_other_map(context: &Context, sha256: &str) -> Result<(), Failure> {
    let Some(journal) = context.journal_if_open()? else { return Ok(()) };
    let known = signed_entries(&journal.read()?).into_iter().find_map(|entry| match entry.fact {
        Some(Fact::Opened { map_sha256, .. }) => map_sha256,
        _ => None,
    });
    if known.is_some_and(|known| known != sha256) {
        context.note(&text("day-other-map"));
    }
    Ok(())
}

/// Returns the services that were named.
fn named(map: &Map, services: &[String]) -> Result<Vec<NodeId>, Failure> {
    let ids = services.iter().map(|name| NodeId::from(name.as_str()));
    ids.map(|id| if town_state::knows(map, &id) { Ok(id) } else { Err(town_state::unknown(map, &id)) }).collect()
}

/// Brings one thing back, and writes down what became of it.
fn bring_back(steps: &mut Steps<'_>, recovery: &Recovery, position: &Position) -> Result<Fate, Failure> {
    let (context, name) = (steps.context, steps.names.name(&position.node));
    let (_, total) = recovery.counts();
    steps.begun += 1;
    context.tell(
        &text("day-begin")
            .with("place", steps.begun)
            .with("total", total as u64)
            .with("name", name.clone())
            .with("reason", steps.names.cause(position)),
    )?;
    let began = SystemClock.now();
    let fate = steps.walk(recovery, position)?;
    let took = formats::between(began, SystemClock.now());
    let seconds = took.as_secs_f64();
    let said = match fate {
        Fate::Back => "day-back",
        Fate::Later => "day-later",
        Fate::Failed => "day-not-working",
        Fate::Open => "day-stopped",
    };
    let told = text(said).with("name", name).with("time", formats::duration(took, context.messages.language()));
    context.tell(&told)?;
    if fate == Fate::Back {
        let at = formats::rfc3339(SystemClock.now());
        steps.record.back.insert(position.node.clone(), Back { at, seconds });
        steps.record.keep()?;
    }
    if fate == Fate::Failed {
        context.note_incomplete();
    }
    steps.journal(position, fate, &context.say(&told))?;
    context.event("node", json!({ "node": position.node, "fate": fate_word(fate), "seconds": seconds }))?;
    Ok(fate)
}

/// Tells what is back, what waits and for what, and what was later than it should be.
fn finish(
    context: &Context,
    names: &Names<'_>,
    recovery: &Recovery,
    record: &Record,
    begun: Timestamp,
) -> Result<(), Failure> {
    let took = formats::between(begun, SystemClock.now());
    let (back, total) = recovery.counts();
    for (position, fate) in recovery.all().filter(|(_, fate)| *fate != Fate::Back) {
        let waits = recovery.waits_for(position);
        let name = names.name(&position.node);
        let line = match fate {
            Fate::Open if !waits.is_empty() => {
                let list: Vec<NodeId> = waits.into_iter().cloned().collect();
                text("day-waits").with("name", name).with("names", names.list(&list))
            }
            Fate::Failed => text("day-not-back").with("name", name),
            _ => text("day-put-off").with("name", name),
        };
        context.tell(&line)?;
    }
    if back < total {
        context.note_incomplete();
    }
    let late = recovery.all().filter(|(position, _)| position.late_minutes > 0).count();
    context.tell(
        &text("day-done")
            .with("back", back as u64)
            .with("total", total as u64)
            .with("time", formats::duration(took, context.messages.language())),
    )?;
    let sources = record.sources.iter().map(|(name, given)| {
        json!({
            "source": name, "bytes": given.bytes, "entries": given.entries, "seconds": given.seconds,
            "mended": given.mended, "kept": given.kept,
        })
    });
    context.event(
        "summary",
        json!({
            "back": back, "total": total, "seconds": took.as_secs_f64(), "late_before_beginning": late,
            "sources": sources.collect::<Vec<_>>(), "nodes": record.back,
        }),
    )
}

/// How programs call a fate.
fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Open => "open",
        Fate::Back => "back",
        Fate::Later => "later",
        Fate::Failed => "failed",
    }
}

/// What a fate makes of the state.
fn level_of(fate: Fate) -> Option<Level> {
    match fate {
        Fate::Back => Some(Level::Up),
        Fate::Failed => Some(Level::Down),
        Fate::Open | Fate::Later => None,
    }
}

/// Says about how long something takes by the map.
fn expected(context: &Context, position: &Position) -> String {
    context.say(&minutes(position.takes_minutes))
}
