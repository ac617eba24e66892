//! What is drawn: the map of folders, and bars. Each drawing stands beside a table that says the same.

use std::fmt::Write;

use super::gather::Harm;
use super::html::Html;
use super::map::{Area, divide};
use super::places::{Place, PlaceName};

/// The map's size, in units of the drawing.
const PAGE: Area = Area { x: 0.0, y: 0.0, width: 800.0, height: 440.0 };
/// How high the line with a folder's name is.
const HEAD: f64 = 24.0;
/// How wide a letter is, about.
const LETTER: f64 = 8.4;

/// How badly a part is hurt: its colour, and the key's order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shade {
    /// Nothing to say.
    Sound,
    /// Nothing is known to be hurt, but something is unknown or doubtful.
    Open,
    /// Less than a tenth is hurt.
    Few,
    /// Less than half.
    Some,
    /// Half or more.
    Most,
}

impl Shade {
    /// All, from sound to worst.
    pub const ALL: [Self; 5] = [Self::Sound, Self::Open, Self::Few, Self::Some, Self::Most];

    /// Chooses by how much of a part is hurt or gone.
    pub fn of(harm: Harm, entries: u64) -> Self {
        let lost = harm.hurt + harm.gone;
        match (lost.saturating_mul(10), lost.saturating_mul(2)) {
            (0, _) if harm.open > 0 => Self::Open,
            (0, _) => Self::Sound,
            (tenfold, _) if tenfold < entries => Self::Few,
            (_, twofold) if twofold < entries => Self::Some,
            _ => Self::Most,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Open => "open",
            Self::Few => "few",
            Self::Some => "some",
            Self::Most => "most",
        }
    }

    /// The key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sound => "report-shade-sound",
            Self::Open => "report-shade-open",
            Self::Few => "report-shade-few",
            Self::Some => "report-shade-some",
            Self::Most => "report-shade-most",
        }
    }
}

/// Draws the map. `label` names a part; `summary` says in words what is to be seen.
pub fn map(html: &mut Html, places: &[Place], summary: &str, label: &dyn Fn(&Place) -> String) {
    html.element("svg", &[("class", "map"), ("viewBox", "0 0 800 440"), ("role", "img")], |html| {
        html.words("title", &[], summary);
        hatch(html);
        for (place, area) in places.iter().zip(divide(&weights(places), PAGE)) {
            let inner = area.inside(3.0, HEAD);
            let is_roomy = inner.width > 70.0 && inner.height > 30.0;
            if place.below.len() < 2 || !is_roomy {
                cell(html, place, area.inside(1.0, 1.0), label);
                continue;
            }
            let shade = Shade::of(place.harm, place.entries);
            rectangle(html, area.inside(1.0, 1.0), &format!("frame {}", shade.class()));
            line(html, "name", (area.x + 8.0, area.y + 18.0), &fitted(&label(place), area.width - 14.0));
            for (part, area) in place.below.iter().zip(divide(&weights(&place.below), inner)) {
                cell(html, part, area.inside(1.0, 1.0), label);
            }
        }
    });
    html.line();
}

/// Draws the small square of a shade, for the key of the map.
pub fn swatch(html: &mut Html, shade: Shade) {
    html.element("svg", &[("class", "swatch"), ("viewBox", "0 0 20 20"), ("aria-hidden", "true")], |html| {
        rectangle(html, Area { x: 1.0, y: 1.0, width: 18.0, height: 18.0 }, shade.class());
        if shade == Shade::Open {
            rectangle(html, Area { x: 1.0, y: 1.0, width: 18.0, height: 18.0 }, "hatch");
        }
    });
}

/// Draws a bar: one number of another. The cell beside it holds the number.
pub fn bar(html: &mut Html, number: u64, of: u64) {
    let attributes =
        [("class", "bar"), ("viewBox", "0 0 100 8"), ("preserveAspectRatio", "none"), ("aria-hidden", "true")];
    html.element("svg", &attributes, |html| {
        rectangle(html, Area { x: 0.0, y: 0.0, width: 100.0, height: 8.0 }, "track");
        if number > 0 {
            let width = (number as f64 * 100.0 / of.max(1) as f64).clamp(1.0, 100.0);
            rectangle(html, Area { x: 0.0, y: 0.0, width, height: 8.0 }, "fill");
        }
    });
}

fn weights(places: &[Place]) -> Vec<f64> {
    places.iter().map(|place| place.entries.max(1) as f64).collect()
}

fn cell(html: &mut Html, place: &Place, area: Area, label: &dyn Fn(&Place) -> String) {
    if area.width < 1.0 || area.height < 1.0 {
        return;
    }
    let shade = Shade::of(place.harm, place.entries);
    html.element("g", &[("class", shade.class())], |html| {
        html.words("title", &[], &label(place));
        rectangle(html, area, shade.class());
        if shade == Shade::Open {
            rectangle(html, area, "hatch");
        }
        if area.width > 46.0 && area.height > 20.0 {
            line(html, "label", (area.x + 6.0, area.y + 16.0), &fitted(&label(place), area.width - 10.0));
        }
        if area.width > 60.0 && area.height > 40.0 {
            let lost = place.harm.hurt + place.harm.gone;
            let words = if lost > 0 { format!("{lost} / {}", place.entries) } else { String::new() };
            line(html, "label", (area.x + 6.0, area.y + 34.0), &words);
        }
    });
}

/// Parts with unknown files are not told by colour alone.
fn hatch(html: &mut Html) {
    html.markup(
        "<defs><pattern id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"stripe\" width=\"2\" height=\"8\"></rect></pattern></defs>",
    );
}

fn rectangle(html: &mut Html, area: Area, class: &str) {
    let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(|length| format!("{length:.1}"));
    html.element("rect", &[("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)], |_| {});
}

fn line(html: &mut Html, class: &str, (x, y): (f64, f64), words: &str) {
    if !words.is_empty() {
        html.words("text", &[("class", class), ("x", &format!("{x:.1}")), ("y", &format!("{y:.1}"))], words);
    }
}

/// Shortens words to what fits.
fn fitted(words: &str, width: f64) -> String {
    let letters = (width / LETTER).max(0.0) as usize;
    if words.chars().count() <= letters {
        return words.to_string();
    }
    let mut fitted: String = words.chars().take(letters.saturating_sub(1)).collect();
    if fitted.chars().count() < 2 {
        return String::new();
    }
    let _ = write!(fitted, "…");
    fitted
}

/// Names a folder by its last name.
pub fn last_name(name: &PlaceName) -> Option<&[u8]> {
    match name {
        PlaceName::Folder(path) => Some(path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)),
        PlaceName::Files(_) | PlaceName::Others(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_follow_the_share_and_unknown_is_never_sound() {
        let check = |hurt, gone, open, entries, shade| {
            assert_eq!(Shade::of(Harm { hurt, gone, open }, entries), shade, "{hurt} {gone} {open} of {entries}");
        };
        check(0, 0, 0, 100, Shade::Sound);
        check(0, 0, 1, 100, Shade::Open);
        check(1, 0, 0, 100, Shade::Few);
        check(5, 5, 9, 100, Shade::Some);
        check(50, 0, 0, 100, Shade::Most);
        check(3, 0, 0, 1, Shade::Most);
    }
}
