//! The picture of a map as SVG: no script, nothing from elsewhere, words for screen readers, colours for light and dark. What the map
//! says is escaped without exception, and colour is never the only sign.
#![expect(clippy::disallowed_methods, reason = "the picture is a file that the user names")]

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use town::map::{Map, NodeId, Wave, Words};
use town::picture::{Area, Frame, LINE_CHARS, LINE_HEIGHT, LaneKind, Link, Picture, Placed, two_lines};

use crate::failure::Failure;
use crate::messages::{Language, Messages, text};
use crate::report::Html;

/// How every picture begins: by it an older one is known, which may be replaced.
const MARK: &str = "<!-- beffroi town graph 1 -->\n";
/// Room for the title above, and for what the signs mean below.
const TOP: u32 = 44;
const BOTTOM: u32 = 30;

/// What falls.
pub struct Fallen {
    /// What falls first.
    pub first: Vec<NodeId>,
    /// All that falls, the first included.
    pub all: HashSet<NodeId>,
    /// The services that fall.
    pub services: Vec<NodeId>,
}

struct Pen<'p> {
    messages: &'p Messages,
    names: HashMap<&'p NodeId, &'p Words>,
    fallen: Option<&'p Fallen>,
    svg: Html,
}

/// Draws a picture.
pub fn draw(messages: &Messages, map: &Map, picture: &Picture, fallen: Option<&Fallen>) -> String {
    let services = map.services.iter().map(|item| (&item.id, &item.name));
    let hosts = map.hosts.iter().map(|item| (&item.id, &item.name));
    let providers = map.providers.iter().map(|item| (&item.id, &item.name));
    let names = services.chain(hosts).chain(providers).collect();
    let mut pen = Pen { messages, names, fallen, svg: Html::default() };
    pen.page(map, picture);
    pen.svg.into_string()
}

/// Writes a picture whole or not at all; nothing but an older picture is replaced.
pub fn write(path: &Path, drawn: &str) -> Result<(), Failure> {
    let mut begin = Vec::new();
    match File::open(path) {
        Ok(file) => {
            file.take(MARK.len() as u64).read_to_end(&mut begin).map_err(Failure::from)?;
            if begin != MARK.as_bytes() {
                return Err(Failure::new(text("err-town-picture-taken")));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".beffroi-graph-").tempfile_in(folder).map_err(Failure::from)?;
    file.write_all(drawn.as_bytes()).map_err(Failure::from)?;
    file.as_file().sync_all().map_err(Failure::from)?;
    file.persist(path).map_err(|error| Failure::from(error.error))?;
    Ok(())
}

impl Pen<'_> {
    fn page(&mut self, map: &Map, picture: &Picture) {
        let (width, height) = (picture.width, picture.height + TOP + BOTTOM);
        let size = format!("0 0 {width} {height}");
        let (wide, high) = (width.to_string(), height.to_string());
        self.svg.markup(MARK);
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &*size),
            ("width", &*wide),
            ("height", &*high),
            ("role", "img"),
            ("aria-labelledby", "title summary"),
            ("lang", if self.messages.language() == Language::Fr { "fr" } else { "en" }),
        ];
        self.svg.open("svg", &attributes);
        let title = self.messages.say(&text("town-graph-title").with("town", map.town.name.as_str()));
        self.svg.words("title", &[("id", "title")], &title);
        let summary = self.summary(map);
        self.svg.words("desc", &[("id", "summary")], &summary);
        self.svg.markup(concat!("<style>", include_str!("graph.css"), "</style>\n"));
        self.svg.open("rect", &[("class", "ground"), ("width", &wide), ("height", &high)]);
        self.svg.markup("</rect>\n");
        self.line_of_words(12, 27, "head", &title);
        if self.fallen.is_some() {
            self.line_of_words(MARGIN_OF_SUMMARY.max(24 + 10 * title.chars().count() as u32), 27, "told", &summary);
        }
        self.svg.open("g", &[("transform", &format!("translate(0 {TOP})"))]);
        self.lanes(picture);
        picture.links.iter().for_each(|link| self.link(picture, link));
        picture.frames.iter().for_each(|frame| self.frame(frame));
        self.svg.markup("</g>\n");
        let key = if self.fallen.is_some() { "town-graph-legend-fallen" } else { "town-graph-legend" };
        let legend = self.messages.word(key);
        self.line_of_words(12, height - 11, "told", &legend);
        self.svg.markup("</svg>\n");
    }

    fn summary(&self, map: &Map) -> String {
        let said = match self.fallen {
            Some(fallen) => {
                let first: Vec<&str> = fallen.first.iter().map(NodeId::as_str).collect();
                text("town-graph-fallen")
                    .with("first", first.join(", "))
                    .with("services", fallen.services.len() as u64)
                    .with("total", map.services.len() as u64)
            }
            None => text("town-graph-summary")
                .with("services", map.services.len() as u64)
                .with("hosts", map.hosts.len() as u64)
                .with("providers", map.providers.len() as u64),
        };
        self.messages.say(&said)
    }

    fn lanes(&mut self, picture: &Picture) {
        let width = (picture.width - 8).to_string();
        for (number, lane) in picture.lanes.iter().enumerate() {
            let class = if number % 2 == 0 { "lane" } else { "lane other" };
            let (top, height) = (lane.top.saturating_sub(6).to_string(), (lane.height + 4).to_string());
            let area =
                [("class", class), ("x", "4"), ("y", &*top), ("width", &*width), ("height", &*height), ("rx", "6")];
            self.svg.open("rect", &area);
            self.svg.markup("</rect>");
            let words = self.messages.word(lane_key(lane.kind));
            let mut lines = two_lines(words.split_once(':').map_or("", |(_, rest)| rest).trim(), 17);
            lines.insert(0, words.split(':').next().unwrap_or_default().trim().to_string());
            for (line, row) in lines.iter().zip(0..) {
                let class = if row == 0 { "lane-head" } else { "lane-words" };
                self.line_of_words(14, lane.top + 18 + row * 16, class, line);
            }
            self.svg.line();
        }
    }

    fn falls(&self, node: &NodeId) -> bool {
        self.fallen.is_some_and(|fallen| fallen.all.contains(node))
    }

    /// Draws a line from a frame to what it needs: down and up again it swings, so that it leaves boxes at right angles.
    fn link(&mut self, picture: &Picture, link: &Link) {
        let frame = &picture.frames[link.frame];
        let falls = self.falls(&link.need) && frame.boxes.iter().any(|placed| self.falls(&placed.node));
        let ((x, y), (to_x, to_y)) = (link.from, link.to);
        let middle = (y + to_y) / 2;
        let way = format!("M{x} {y}C{x} {middle} {to_x} {middle} {to_x} {to_y}");
        let class = match (falls, self.fallen) {
            (true, _) => "link falls",
            (false, Some(_)) => "link faint",
            (false, None) => "link",
        };
        self.svg.open("path", &[("class", class), ("d", &way)]);
        self.svg.markup("</path>\n");
    }

    fn frame(&mut self, frame: &Frame) {
        self.rectangle("frame", &frame.area, "8");
        for placed in &frame.boxes {
            self.placed(placed, frame.lane);
        }
        let captions = frame.lines.len() as u32 * LINE_HEIGHT;
        let begin = frame.area.top + frame.area.height - captions + 5;
        for (line, row) in frame.lines.iter().zip(0..) {
            self.line_of_words(frame.area.left + 10, begin + row * LINE_HEIGHT, "needs", line);
        }
        self.svg.line();
    }

    fn placed(&mut self, placed: &Placed, lane: LaneKind) {
        let words = self.names.get(&placed.node).copied();
        let french = self.messages.language() == Language::Fr;
        let name = words.map_or("", |words| if french { &words.fr } else { &words.en });
        let is_first = self.fallen.is_some_and(|fallen| fallen.first.contains(&placed.node));
        let falls = self.falls(&placed.node);
        let class = match (is_first, falls, lane) {
            (true, ..) => "node first",
            (_, true, _) => "node falls",
            (_, _, LaneKind::Wave(_)) => "node",
            (_, _, LaneKind::Hosts) => "node host",
            (_, _, LaneKind::Providers) => "node provider",
        };
        self.svg.open("g", &[("class", class)]);
        self.svg.words("title", &[], &format!("{name} ({})", placed.node));
        self.rectangle("box", &placed.area, if lane == LaneKind::Providers { "18" } else { "4" });
        let sign = if falls { "✕ " } else { "" };
        // What falls first stands in bold letters, which are wider.
        let chars_max = if falls { LINE_CHARS - 6 } else { LINE_CHARS - 2 };
        let lines = two_lines(&format!("{sign}{name}"), chars_max);
        let first = if lines.len() == 1 { 23 } else { 16 };
        for (line, row) in lines.iter().zip(0..) {
            let middle = placed.area.left + placed.area.width / 2;
            self.line_of_words(middle, placed.area.top + first + row * 14, "name", line);
        }
        self.svg.markup("</g>");
    }

    fn rectangle(&mut self, class: &'static str, area: &Area, round: &str) {
        let [left, top, width, height] =
            [area.left, area.top, area.width, area.height].map(|number| number.to_string());
        let attributes =
            [("class", class), ("x", &*left), ("y", &*top), ("width", &*width), ("height", &*height), ("rx", round)];
        self.svg.open("rect", &attributes);
        self.svg.markup("</rect>");
    }

    fn line_of_words(&mut self, left: u32, base: u32, class: &'static str, words: &str) {
        let (left, base) = (left.to_string(), base.to_string());
        self.svg.words("text", &[("class", class), ("x", &left), ("y", &base)], words);
    }
}

/// The summary does not begin before this.
const MARGIN_OF_SUMMARY: u32 = 320;

fn lane_key(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Wave(wave) => wave_key(wave),
        LaneKind::Hosts => "town-lane-hosts",
        LaneKind::Providers => "town-lane-providers",
    }
}

/// Returns the key of what a wave is for.
fn wave_key(wave: Wave) -> &'static str {
    const KEYS: [&str; 7] = [
        "town-lane-speak",
        "town-lane-trust",
        "town-lane-life",
        "town-lane-money",
        "town-lane-contact",
        "town-lane-files",
        "town-lane-rest",
    ];
    KEYS[usize::from(wave.number())]
}
