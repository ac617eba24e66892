//! The commands of the map that a return would run: told, and asked for, before the first of them runs.
//!
//! They run with the rights of whoever types `recover`, and the map may have lain on a machine that was attacked.

use town::map::NodeId;
use town::recovery::{Fate, Recovery};

use super::gate::{Answer, ask};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::town_file::{TownFile, safe_path};

/// What stands in a command for the folder below which sources are given back.
pub const FOLDER: &str = "{folder}";

/// Shows the commands of everything that is to come back, and asks whether they may run; in an exercise they may.
pub fn confirm(context: &Context, town: &TownFile, recovery: &Recovery, assume_yes: bool) -> Result<(), Failure> {
    let open = recovery.all().filter(|(_, fate)| *fate == Fate::Open).map(|(position, _)| &position.node);
    let commands: Vec<(&NodeId, String)> =
        open.flat_map(|node| of(town, node).into_iter().map(move |words| (node, shown(words)))).collect();
    if assume_yes || commands.is_empty() {
        return Ok(());
    }
    context.tell(&text("day-commands").with("path", safe_path(&town.path)).with("sha", town.sha256.as_str()))?;
    for (node, words) in commands {
        context.output.line(&format!("  {}: {words}", Output::safe(node.as_str())))?;
    }
    match ask(context, &text("day-ask-commands"), false)? {
        Answer::Yes => Ok(()),
        Answer::Later | Answer::No => Err(Failure::usage(text("err-recover-commands"))),
    }
}

/// Tells whether a program lies in what was given back: that an attacker may have written, however old it is.
pub fn is_from_backup(words: &[String]) -> bool {
    words.first().is_some_and(|program| program.contains(FOLDER))
}

fn of<'t>(town: &'t TownFile, node: &NodeId) -> Vec<&'t [String]> {
    let service = town.map.service(node).map(|service| &service.commands);
    let of_service = service.into_iter().flat_map(|of| [&of.start, &of.probe, &of.check]);
    let of_host = town.map.hosts.iter().filter(|host| host.id == *node).map(|host| &host.probe);
    of_service.chain(of_host).filter(|words| !words.is_empty()).map(Vec::as_slice).collect()
}

/// Writes a command so that it shows where each word ends.
fn shown(words: &[String]) -> String {
    let word = |word: &String| {
        let safe = Output::safe(word);
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:@=+,%{}".contains(letter);
        if !safe.is_empty() && safe.chars().all(is_plain) { safe } else { format!("'{safe}'") }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}
