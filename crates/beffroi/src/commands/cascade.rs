//! `cascade`: what falls with something; what the fallen have in common.

use serde_json::json;
use town::cascade::{Fall, Fallen, Suspect, common, fall};
use town::map::{Map, NodeId};
use town::state::{Level, State};

use super::order::{graph_failure, share, tell_share};
use crate::arguments::CascadeArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::order_words::{Names, hours, wave_word};
use crate::table::wrapped;
use crate::town_file;
use crate::town_state;

/// Shows it.
pub fn run(context: &Context, arguments: &CascadeArguments) -> Result<(), Failure> {
    let map = town_file::open(context)?.map;
    match &arguments.node {
        Some(name) => before(context, &map, &NodeId::from(name.as_str())),
        None => {
            let now = town_state::now();
            let state = town_state::known(context, &map, arguments.state_file.as_deref(), now)?;
            during(context, &map, &state)
        }
    }
}

fn before(context: &Context, map: &Map, node: &NodeId) -> Result<(), Failure> {
    let Some(fall) = fall(map, node).map_err(graph_failure)? else { return Err(town_state::unknown(map, node)) };
    let names = Names::of(context, map);
    if context.output.is_json() {
        fall.falls.iter().try_for_each(|fallen| {
            context.event(
                "fallen",
                json!({
                    "node": fallen.node, "name": names.name(&fallen.node), "wave": fallen.wave,
                    "outage_hours_max": fallen.outage_hours_max, "way": fallen.way,
                }),
            )
        })?;
        let services = fall.falls.iter().filter(|fallen| fallen.wave.is_some()).count();
        return context
            .event("summary", json!({ "node": node, "services": services, "services_total": fall.services_total }));
    }
    show(context, &names, &fall)
}

fn show(context: &Context, names: &Names<'_>, fall: &Fall) -> Result<(), Failure> {
    let (services, others): (Vec<&Fallen>, Vec<&Fallen>) = fall.falls.iter().partition(|fallen| fallen.wave.is_some());
    context.tell(
        &text("cascade-title")
            .with("name", names.name(&fall.node))
            .with("count", services.len() as u64)
            .with("total", fall.services_total as u64),
    )?;
    for fallen in services {
        let (Some(wave), Some(outage)) = (fallen.wave, fallen.outage_hours_max) else { continue };
        let line = text("cascade-service")
            .with("name", names.name(&fallen.node))
            .show("number", wave.number())
            .with("wave", context.messages.word(wave_word(wave)))
            .with("time", context.say(&hours(u64::from(outage))));
        context.output.line(&format!("  {}", context.say(&line)))?;
        // A way of two is the service and what fell: nothing lies between.
        if fallen.way.len() > 2 {
            let way = names.list(&fallen.way[1..fallen.way.len() - 1]);
            let way = context.say(&text("cascade-way").with("way", way));
            wrapped(&way, "    ").iter().try_for_each(|line| context.output.line(line))?;
        }
    }
    match others.is_empty() {
        true => Ok(()),
        false => {
            let others: Vec<_> = others.iter().map(|fallen| fallen.node.clone()).collect();
            context.tell(&text("cascade-others").with("names", names.list(&others)))
        }
    }
}

/// So many suspects are told.
const SUSPECTS_MAX: usize = 5;

fn during(context: &Context, map: &Map, state: &State) -> Result<(), Failure> {
    let names = Names::of(context, map);
    let suspects = common(map, state, SUSPECTS_MAX).map_err(graph_failure)?;
    let ids = map.services.iter().map(|one| &one.id).chain(map.hosts.iter().map(|one| &one.id));
    let ids = ids.chain(map.providers.iter().map(|one| &one.id));
    let fallen = ids.filter(|id| state.level(id) == Some(Level::Down)).count();
    for suspect in &suspects {
        context.event(
            "suspect",
            json!({
                "node": suspect.node, "name": names.name(&suspect.node), "explains": suspect.explains, "of": fallen,
                "leaves": suspect.leaves, "against": suspect.against, "is_down": suspect.is_down,
            }),
        )?;
    }
    context.event("summary", json!({ "suspects": suspects.len(), "down": fallen }))?;
    match (fallen, suspects.is_empty()) {
        (0, _) => context.tell(&text("cascade-unsaid"))?,
        (_, true) => context.tell(&text("cascade-none"))?,
        _ => context.tell(&text("cascade-suspects"))?,
    }
    if context.output.is_json() {
        return Ok(());
    }
    suspects.iter().try_for_each(|suspect| tell(context, &names, suspect, fallen))?;
    tell_share(context, state, &share(map, state)?)
}

fn tell(context: &Context, names: &Names<'_>, suspect: &Suspect, fallen: usize) -> Result<(), Failure> {
    let explains = text("cascade-explains")
        .with("name", names.name(&suspect.node))
        .with("count", suspect.explains as u64)
        .with("total", fallen as u64);
    context.output.line(&format!("  {}", context.say(&explains)))?;
    let listed =
        |key, ids: &[NodeId]| (!ids.is_empty()).then(|| context.say(&text(key).with("names", names.list(ids))));
    let is_down = suspect.is_down.then(|| context.messages.word("cascade-is-down"));
    let said = [is_down, listed("cascade-leaves", &suspect.leaves), listed("cascade-against", &suspect.against)];
    let mut lines = said.into_iter().flatten().flat_map(|words| wrapped(&words, "    "));
    lines.try_for_each(|line| context.output.line(&line))
}
