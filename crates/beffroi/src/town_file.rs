//! The map that a command works with.
#![expect(clippy::disallowed_methods, reason = "the map is a file that people name")]

use jiff::tz::TimeZone;
use town::map::Map;

use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;

pub struct TownFile {
    pub map: Map,
}

impl TownFile {
    pub fn read(context: &Context) -> Result<Self, Failure> {
        let path = context.global.town.clone().unwrap_or_else(|| "town.toml".into());
        let words = std::fs::read_to_string(path)?;
        let reading = town::map::read::read(&words, &|name| TimeZone::get(name).ok());
        for finding in &reading.findings {
            context.note(&text("order-nobody"));
            eprintln!("{finding:?}");
        }
        Ok(Self { map: reading.map.ok_or_else(|| Failure::new(text("err-order-map").with("name", "?")))? })
    }
}
