//! `town graph`: a picture of who needs what, and of what falls with something.

mod svg;

use std::collections::HashSet;

use serde_json::json;
use town::cascade::fall;
use town::map::{Map, NodeId};
use town::picture::picture;

use crate::arguments::TownGraphArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::{Explain, Explanation, text};
use crate::town_file;
use crate::town_state;
use svg::Fallen;

/// Draws the map, as SVG: to a file, or to standard output.
pub fn run(context: &Context, arguments: &TownGraphArguments) -> Result<(), Failure> {
    let file = town_file::open(context)?;
    let fallen = fallen(&file.map, &arguments.fallen)?;
    let picture = picture(&file.map).map_err(|error| Failure::from(Unusable(error.to_string())))?;
    let drawn = svg::draw(&context.messages, &file.map, &picture, fallen.as_ref());
    match &arguments.to {
        Some(path) => svg::write(path, &drawn).map_err(|failure| town_file::at_path(path, failure))?,
        None if context.output.is_json() => {}
        None => context.output.bytes(drawn.as_bytes())?,
    }
    let services = fallen.as_ref().map_or(0, |fallen| fallen.services.len() as u64);
    if let Some(path) = &arguments.to {
        let said = match fallen {
            Some(_) => text("say-town-drawn-fallen").with("services", services),
            None => text("say-town-drawn"),
        };
        context.tell(&said.with("path", town_file::safe_path(path)))?;
    }
    let names: Option<Vec<&str>> = fallen.as_ref().map(|fallen| fallen.services.iter().map(NodeId::as_str).collect());
    let size = [picture.width, picture.height];
    context.event("summary", json!({ "map_sha256": file.sha256, "size": size, "fallen": names }))
}

/// Finds what falls with what was named.
fn fallen(map: &Map, names: &[String]) -> Result<Option<Fallen>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut fallen = Fallen { first: Vec::new(), all: HashSet::new(), services: Vec::new() };
    for name in names {
        let id = NodeId(name.clone());
        let fall = fall(map, &id).map_err(|error| Failure::from(Unusable(error.to_string())))?;
        let fall = fall.ok_or_else(|| town_state::unknown(map, &id))?;
        fallen.all.insert(id.clone());
        fallen.all.extend(fall.falls.into_iter().map(|fallen| fallen.node));
        fallen.first.push(id);
    }
    let services = map.services.iter().map(|service| &service.id);
    fallen.services = services.filter(|id| fallen.all.contains(id)).cloned().collect();
    Ok(Some(fallen))
}

/// A map that was read without an error and yet is no graph: the reader should have told.
struct Unusable(String);

impl Explain for Unusable {
    fn explain(&self, to: &mut Explanation) {
        to.say(text("err-town-graph")).quote(&self.0);
    }
}
