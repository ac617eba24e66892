//! The board: how everything stands, who says so and how long ago, and what share of the services works.

use jiff::Timestamp;
use serde_json::json;
use town::graph::{Graph, Node};
use town::map::{Map, NodeId};
use town::standing::{Standing, standings};
use town::state::{Level, Origin, State, Value};

use crate::commands::order::{graph_failure, minutes, share, tell_share};
use crate::context::Context;
use crate::failure::Failure;
use crate::journal_words::{level_key, moment};
use crate::messages::text;
use crate::order_words::Names;
use crate::output::Output;
use crate::table::wrapped;
use crate::{town_file, town_state};

/// Shows how one thing stands, or all.
pub fn show(context: &Context, only: Option<&str>) -> Result<(), Failure> {
    let map = town_file::open(context)?.map;
    let now = town_state::now();
    let state = town_state::known(context, &map, None, now)?;
    let only = only.map(NodeId::from);
    if let Some(node) = only.as_ref().filter(|node| !town_state::knows(&map, node)) {
        return Err(town_state::unknown(&map, node));
    }
    let graph = Graph::of(&map).map_err(graph_failure)?;
    let standings = standings(&graph, &state);
    let board = Board { context, map: &map, graph: &graph, state: &state, names: Names::of(context, &map), now };
    for at in board.order() {
        if only.as_ref().is_none_or(|node| node == graph.nodes[at].id()) {
            board.line(&graph.nodes[at], &standings[at])?;
        }
    }
    let share = share(&map, &state)?;
    context.event(
        "summary",
        json!({
            "services": share.services, "up": share.up, "degraded": share.degraded, "down": share.down,
            "unknown": share.unknown, "percent": share.percent(),
        }),
    )?;
    if only.is_none() { tell_share(context, &state, &share) } else { Ok(()) }
}

struct Board<'b> {
    context: &'b Context,
    map: &'b Map,
    graph: &'b Graph<'b>,
    state: &'b State,
    names: Names<'b>,
    now: Timestamp,
}

impl Board<'_> {
    /// Services first, by wave and as the map has them; then machines and providers.
    fn order(&self) -> Vec<usize> {
        let mut services: Vec<_> = self.map.services.iter().collect();
        services.sort_by_key(|service| service.wave);
        let others = self.map.hosts.iter().map(|host| &host.id).chain(self.map.providers.iter().map(|one| &one.id));
        services.into_iter().map(|service| &service.id).chain(others).filter_map(|id| self.graph.place(id)).collect()
    }

    fn line(&self, node: &Node<'_>, standing: &Standing<'_>) -> Result<(), Failure> {
        let id = node.id();
        let said: Vec<String> = self.state.all(id).map(|value| self.said(value)).collect();
        if self.context.output.is_json() {
            let values: Vec<&Value> = self.state.all(id).collect();
            let need = standing.by_need.map(|need| self.graph.nodes[need].id());
            return self.context.event(
                "standing",
                json!({
                    "node": id, "name": self.names.name(id), "is_service": node.service().is_some(),
                    "level": standing.level, "values": values, "by_need": need,
                }),
            );
        }
        let mark = match standing.level {
            Level::Up => '✓',
            Level::Degraded => '~',
            Level::Down => '✗',
            Level::Unknown => '?',
        };
        let level = self.context.messages.word(level_key(standing.level));
        let mut head = format!("{mark} {} – {level}", self.names.name(id));
        let zone = &self.map.town.zone;
        if let Some(since) = standing.value.and_then(|value| value.since) {
            head += &format!(", {}", self.context.say(&text("order-since").with("time", moment(since, zone))));
        }
        if let Some(next) = standing.value.and_then(|value| value.next_news) {
            head += &format!(", {}", self.context.say(&text("order-next-news").with("time", moment(next, zone))));
        }
        self.context.output.line(&head)?;
        let by_need = standing.by_need.map(|need| {
            let key = if standing.level == Level::Up { "order-despite" } else { "order-fell" };
            self.context.say(&text(key).with("name", self.names.name(self.graph.nodes[need].id())))
        });
        let mut lines = said.into_iter().chain(by_need).flat_map(|words| wrapped(&words, "    "));
        lines.try_for_each(|line| self.context.output.line(&line))
    }

    /// Says who said what, and how long ago.
    fn said(&self, value: &Value) -> String {
        let passed = u64::try_from(self.now.duration_since(value.said).as_secs() / 60).unwrap_or(0);
        let age = match passed {
            0 => self.context.messages.word("order-age-now"),
            _ => self.context.say(&text("order-age").with("time", self.context.say(&minutes(passed)))),
        };
        let key = match value.origin {
            Origin::Human => "order-said-human",
            Origin::Probe => "order-said-probe",
            Origin::Damage => "order-said-damage",
        };
        let words = [value.how.as_deref(), value.why.as_deref()].into_iter().flatten().map(Output::safe);
        let words: Vec<String> = words.collect();
        let level = self.context.messages.word(level_key(value.is));
        let said = text(key).with("level", level).with("age", age);
        let said = self.context.say(&said);
        if words.is_empty() { said } else { format!("{said} – {}", words.join("; ")) }
    }
}
