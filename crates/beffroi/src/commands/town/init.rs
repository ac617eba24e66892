//! `town init`: a map to fill in, from a commented model.

use serde_json::json;

use crate::arguments::{TownInitArguments, TownSize};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::secret_file;
use crate::town_file::{self, at_path, safe_path};

/// Writes a model into a new file, for its owner alone: people's numbers will stand in it.
pub fn run(context: &Context, arguments: &TownInitArguments) -> Result<(), Failure> {
    let path = arguments.to.as_path();
    let model = model(arguments.size);
    secret_file::write_new(path, model.as_bytes()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => at_path(path, Failure::new(text("err-town-taken"))),
        _ => at_path(path, Failure::from(error)),
    })?;
    let map = town_file::read_text(model).map;
    let services = map.map_or(0, |map| map.services.len()) as u64;
    context.tell(&text("say-town-made").with("path", safe_path(path)).with("services", services))?;
    context.event("summary", json!({ "path": path.display().to_string(), "services": services }))
}

/// Returns the model for towns of a size.
fn model(size: TownSize) -> &'static str {
    match size {
        TownSize::Village => include_str!("../../../../../models/village.toml"),
        TownSize::Town => include_str!("../../../../../models/town.toml"),
        TownSize::City => include_str!("../../../../../models/city.toml"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use town::map::check::check;
    use town::map::doubt::Doubt;
    use town::map::finding::Problem;

    use super::*;

    /// Services and hosts of a model, and the doubts about it that are meant: nobody tried the invented numbers.
    fn looked_at(size: TownSize) -> (usize, usize, Vec<Doubt>) {
        let reading = town_file::read_text(model(size));
        let map = reading.map.unwrap_or_else(|| panic!("{:#?}", reading.findings));
        assert_eq!(reading.findings, []);
        let doubts = check(&map, &reading.places, date(2026, 12, 1)).into_iter().map(|finding| match finding.problem {
            Problem::Doubt(doubt) => doubt,
            other => panic!("{other:?}"),
        });
        (map.services.len(), map.hosts.len(), doubts.collect())
    }

    #[test]
    fn the_models_are_sound_and_their_doubts_few_and_meant() {
        for (size, services) in [(TownSize::Village, 8), (TownSize::Town, 20), (TownSize::City, 120)] {
            let (count, hosts, doubts) = looked_at(size);
            assert_eq!(count, services, "{size:?}");
            assert!(hosts > 0);
            assert!(doubts.len() <= 6, "{size:?}: {doubts:#?}");
            let unmeant = doubts.iter().find(|doubt| {
                !matches!(doubt, Doubt::NotVerified { .. } | Doubt::SinglePoint { .. } | Doubt::OnlyCopy { .. })
            });
            assert_eq!(unmeant, None, "{size:?}");
        }
    }
}
