//! `order`: which service comes back when, and why.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use town::graph::{Graph, GraphError};
use town::map::Map;
use town::order::{Order, OrderOptions, Position, order};
use town::standing::{Share, standings};
use town::state::{Level, State};
use vault::world::Clock;

use crate::arguments::OrderArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::{Text, text};
use crate::order_words::{Names, day, hours};
use crate::table::wrapped;
use crate::town_file;
use crate::town_state;
use crate::world::SystemClock;

/// Shows the order.
pub fn run(context: &Context, arguments: &OrderArguments) -> Result<(), Failure> {
    let map = town_file::open(context)?.map;
    let now = moment(&map, arguments.date.as_deref())?;
    let state = town_state::known(context, &map, arguments.state_file.as_deref(), now)?;
    let hands = usize::from(arguments.hands);
    let order = order(&map, &state, OrderOptions { now, hands }).map_err(graph_failure)?;
    let share = share(&map, &state)?;
    if context.output.is_json() {
        order.positions.iter().enumerate().try_for_each(|(at, position)| {
            context.event("position", position_fields(&Names::of(context, &map), at + 1, position))
        })?;
        return context.event("summary", summary_fields(&order, &share));
    }
    show(context, &map, &order, now, hands)?;
    tell_share(context, &state, &share)
}

/// Returns the moment for which an order is asked: now, or the morning of a day.
fn moment(map: &Map, asked: Option<&str>) -> Result<Timestamp, Failure> {
    let now = Timestamp::from_nanosecond(i128::from(SystemClock.now().0)).unwrap_or_default();
    let Some(asked) = asked else { return Ok(now) };
    let refused = || Failure::usage(text("err-order-date").with("date", crate::output::Output::safe(asked)));
    let date: Date = asked.parse().map_err(|_| refused())?;
    let morning = date.at(8, 0, 0, 0).to_zoned(map.town.zone.clone()).map_err(|_| refused())?;
    Ok(morning.timestamp())
}

fn show(context: &Context, map: &Map, order: &Order, now: Timestamp, hands: usize) -> Result<(), Failure> {
    let names = Names::of(context, map);
    let today = now.to_zoned(map.town.zone.clone()).date();
    let town = crate::output::Output::safe(&map.town.name);
    context.tell(&text("order-title").with("day", context.say(&day(today))).with("town", town))?;
    let last = order.positions.iter().map(|position| position.back_minutes).max().unwrap_or(0);
    context.tell(
        &text("order-summary")
            .with("open", order.positions.len() as u64)
            .with("hands", hands as u64)
            .with("time", context.say(&minutes(last))),
    )?;
    context.output.line("")?;
    let width = order.positions.len().to_string().len();
    for (at, position) in order.positions.iter().enumerate() {
        let mut head = format!("{:>width$}. {}", at + 1, names.name(&position.node));
        head += &format!(" – {}", context.say(&back(context, position)));
        head += &level_key(position.level).map_or_else(String::new, |key| format!(" – {}", context.messages.word(key)));
        context.output.line(&head)?;
        let indent = " ".repeat(width + 2);
        wrapped(&names.reason(position), &indent).iter().try_for_each(|line| context.output.line(line))?;
    }
    if !order.up.is_empty() && !order.positions.is_empty() {
        context.output.line("")?;
    }
    match order.up.is_empty() {
        true => Ok(()),
        false => context.tell(&text("order-works").with("names", names.list(&order.up))),
    }
}

/// Says when something is back, and how much that is too late.
fn back(context: &Context, position: &Position) -> Text {
    let time = context.say(&minutes(position.back_minutes));
    match position.late_minutes {
        0 => text("order-back").with("time", time),
        late => text("order-late").with("time", time).with("late", context.say(&minutes(late))),
    }
}

fn level_key(level: Level) -> Option<&'static str> {
    match level {
        Level::Degraded => Some("order-is-degraded"),
        Level::Unknown => Some("order-is-unknown"),
        Level::Up | Level::Down => None,
    }
}

/// Says a number of minutes, to the minute up to ten hours.
pub fn minutes(minutes: u64) -> Text {
    match minutes {
        0..60 => text("order-minutes").with("count", minutes),
        60..600 if !minutes.is_multiple_of(60) => {
            text("order-hours-minutes").with("hours", minutes / 60).show("minutes", format!("{:02}", minutes % 60))
        }
        _ => hours(minutes.div_ceil(60)),
    }
}

/// Counts what share of the services works.
pub fn share(map: &Map, state: &State) -> Result<Share, Failure> {
    let graph = Graph::of(map).map_err(graph_failure)?;
    Ok(Share::of(&graph, &standings(&graph, state)))
}

/// Tells what share of the services works, or that nobody said anything.
pub fn tell_share(context: &Context, state: &State, share: &Share) -> Result<(), Failure> {
    if state.is_empty() {
        return context.tell(&text("order-assumed"));
    }
    context.tell(
        &text("order-share")
            .with("percent", share.percent())
            .with("services", share.services)
            .with("up", share.up)
            .with("degraded", share.degraded)
            .with("down", share.down)
            .with("unknown", share.unknown),
    )
}

/// Explains why a map is no graph. A map that was checked never comes here.
pub fn graph_failure(error: GraphError) -> Failure {
    let safe = |id: &town::map::NodeId| crate::output::Output::safe(id.as_str());
    Failure::new(match error {
        GraphError::Cycle(ids) => {
            text("err-order-cycle").with("names", ids.iter().map(safe).collect::<Vec<_>>().join(", "))
        }
        GraphError::Twice(id) | GraphError::Unknown { needs: id, .. } => text("err-order-map").with("name", safe(&id)),
    })
}

/// What a position is, for programs.
pub fn position_fields(names: &Names<'_>, place: usize, position: &Position) -> Value {
    let reason = &position.reason;
    json!({
        "place": place, "node": position.node, "name": names.name(&position.node), "level": position.level,
        "wave": position.wave, "own_wave": reason.own_wave, "needed_by": reason.needed_by, "after": position.after,
        "pulled_by": reason.pull.as_ref().map(|pull| json!({
            "event": pull.event, "day": pull.day, "days": pull.days, "raises_to": pull.wave,
        })),
        "bears_hours": reason.bears_hours, "shortened": reason.is_shortened, "fell_with": reason.fell_with,
        "before_next": reason.before_next.map(|decider| format!("{decider:?}").to_ascii_lowercase()),
        "takes_minutes": position.takes_minutes, "back_minutes": position.back_minutes,
        "late_minutes": position.late_minutes, "reason": names.reason(position),
    })
}

fn summary_fields(order: &Order, share: &Share) -> Value {
    json!({
        "open": order.positions.len(), "up": order.up, "services": share.services, "services_up": share.up,
        "services_degraded": share.degraded, "services_down": share.down, "services_unknown": share.unknown,
        "percent": share.percent(), "back_minutes": order.positions.iter().map(|position| position.back_minutes).max(),
        "late": order.positions.iter().filter(|position| position.late_minutes > 0).count(),
    })
}
