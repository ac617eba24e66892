//! Where everything stands in a picture of the map: services in lanes by wave, hosts and providers below, what needs the same in one
//! frame, lines between. Numbers only: whoever draws chooses colours and words.
//!
//! Services of a wave that need the same share a frame, and a frame has one line to each thing that it needs: a city of 120 services
//! has some hundred lines in place of four hundred.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Graph, GraphError, Node};
use crate::map::{Map, NodeId, Wave};

/// How wide a box is.
pub const BOX_WIDTH: u32 = 176;
/// How high a box is: two lines of words.
pub const BOX_HEIGHT: u32 = 38;
/// How wide the words beside the lanes are.
pub const MARGIN: u32 = 132;
/// How high a line of words below a frame is.
pub const LINE_HEIGHT: u32 = 14;
/// Characters that fit on a line as wide as a box.
pub const LINE_CHARS: usize = 28;
const GAP: u32 = 10;
const PADDING: u32 = 8;
/// Boxes above one another in a frame before it grows to the side.
const ROWS: usize = 4;

/// Where everything stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
    /// From top to bottom.
    pub lanes: Vec<Lane>,
    /// What stands in the lanes.
    pub frames: Vec<Frame>,
    /// From frames to boxes.
    pub links: Vec<Link>,
}

/// A lane from left to right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    /// What is in it.
    pub kind: LaneKind,
    /// Where it begins.
    pub top: u32,
    /// How high it is.
    pub height: u32,
}

/// What is in a lane.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LaneKind {
    /// Services of a wave.
    Wave(Wave),
    /// Hosts.
    Hosts,
    /// Providers.
    Providers,
}

/// Things that need the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Where it stands.
    pub area: Area,
    /// What is in it.
    pub boxes: Vec<Placed>,
    /// What all of them need, in the order of the map.
    pub needs: Vec<NodeId>,
    /// The lines of [`Self::needs`], cut so that they fit.
    pub lines: Vec<String>,
    /// Which lane it is in.
    pub lane: LaneKind,
}

/// A service, host or provider in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// What it is.
    pub node: NodeId,
    /// Where it stands.
    pub area: Area,
}

/// A line from a frame to something that it needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The frame, by its place in [`Picture::frames`].
    pub frame: usize,
    /// What is needed.
    pub need: NodeId,
    /// Where it begins, from left and top.
    pub from: (u32, u32),
    /// Where it ends.
    pub to: (u32, u32),
}

/// A part of the picture.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Area {
    /// From the left.
    pub left: u32,
    /// From the top.
    pub top: u32,
    /// To the right.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl Area {
    /// Tells whether two parts overlap.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + other.height
            && other.top < self.top + self.height
    }
}

/// Finds a place for everything.
pub fn picture(map: &Map) -> Result<Picture, GraphError> {
    let graph = Graph::of(map)?;
    let width = width(map);
    let mut picture = Picture { width, height: GAP, lanes: Vec::new(), frames: Vec::new(), links: Vec::new() };
    for (kind, rows) in lanes(&graph) {
        let top = picture.height;
        for frames in rows {
            picture.shelve(kind, frames);
        }
        let height = picture.height - top;
        picture.lanes.push(Lane { kind, top, height });
        picture.height += GAP;
    }
    picture.link();
    Ok(picture)
}

/// A picture is about as wide as it is high, and has room for a screen at least.
fn width(map: &Map) -> u32 {
    let nodes = map.services.len() + map.hosts.len() + map.providers.len();
    // Found by looking: a box with its share of frame and caption takes about twice its own area.
    let side = (nodes as f64 * 2.6 * f64::from(BOX_WIDTH) * f64::from(BOX_HEIGHT)).sqrt() * 1.5;
    (side as u32).clamp(980, 6000) + MARGIN
}

/// What stands together: those that need the same.
type Together<'m> = (Vec<&'m NodeId>, Vec<&'m NodeId>);

/// Returns lanes from top to bottom, and in each the rows of what stands together: hosts nearer to services come first.
fn lanes<'m>(graph: &Graph<'m>) -> Vec<(LaneKind, Vec<Vec<Together<'m>>>)> {
    let mut lanes: BTreeMap<LaneKind, BTreeMap<usize, Vec<Node<'m>>>> = BTreeMap::new();
    let deepest = graph.depth.iter().copied().max().unwrap_or(0);
    for (at, node) in graph.nodes.iter().enumerate() {
        let (kind, row) = match node {
            Node::Service(service) => (LaneKind::Wave(service.wave), 0),
            Node::Host(_) => (LaneKind::Hosts, deepest - graph.depth[at]),
            Node::Provider(_) => (LaneKind::Providers, 0),
        };
        lanes.entry(kind).or_default().entry(row).or_default().push(*node);
    }
    let rows = |rows: BTreeMap<usize, Vec<Node<'m>>>| rows.into_values().map(|nodes| together(&nodes)).collect();
    lanes.into_iter().map(|(kind, nodes)| (kind, rows(nodes))).collect()
}

/// Puts together what needs the same: large groups first, then by what they need.
fn together<'m>(nodes: &[Node<'m>]) -> Vec<Together<'m>> {
    let mut groups: BTreeMap<Vec<&'m NodeId>, Vec<&'m NodeId>> = BTreeMap::new();
    for node in nodes {
        let mut needs: Vec<&NodeId> = node.needs().iter().collect();
        needs.sort_unstable();
        needs.dedup();
        groups.entry(needs).or_default().push(node.id());
    }
    let mut groups: Vec<Together<'m>> = groups.into_iter().map(|(needs, nodes)| (nodes, needs)).collect();
    groups.sort_by_key(|(nodes, _)| std::cmp::Reverse(nodes.len()));
    groups
}

impl Picture {
    /// Puts frames side by side, and begins another row where there is no room left.
    fn shelve(&mut self, lane: LaneKind, groups: Vec<Together<'_>>) {
        let room = self.width - MARGIN - GAP;
        let mut row: Vec<Frame> = Vec::new();
        for (nodes, needs) in groups {
            let frame = frame(lane, &nodes, &needs, room);
            if !row.is_empty() && taken(&row) + frame.area.width > room {
                self.place(lane, std::mem::take(&mut row));
            }
            row.push(frame);
        }
        self.place(lane, row);
    }

    /// Puts a row where it belongs. Hosts and providers are spread: lines that end far from one another can be told apart.
    fn place(&mut self, lane: LaneKind, row: Vec<Frame>) {
        let spare = (self.width - MARGIN).saturating_sub(taken(&row));
        let spread = if matches!(lane, LaneKind::Wave(_)) { 0 } else { spare / (row.len() as u32 + 1) };
        let highest = row.iter().map(|frame| frame.area.height).max().unwrap_or(0);
        let mut left = MARGIN + spread;
        for mut frame in row {
            frame.shift(left, self.height);
            left += frame.area.width + GAP + spread;
            self.frames.push(frame);
        }
        self.height += highest + GAP;
    }

    /// Draws a line from each frame to all that it needs.
    fn link(&mut self) {
        let boxes = self.frames.iter().flat_map(|frame| &frame.boxes);
        let places: HashMap<&NodeId, Area> = boxes.map(|placed| (&placed.node, placed.area)).collect();
        let mut links = Vec::new();
        for (at, frame) in self.frames.iter().enumerate() {
            let count = frame.needs.len() as u32;
            for (number, need) in (1..).zip(&frame.needs) {
                let Some(to) = places.get(need) else { continue };
                let below = to.top > frame.area.top;
                let start = if below { frame.area.top + frame.area.height } else { frame.area.top };
                let end = if below { to.top } else { to.top + to.height };
                let from = (frame.area.left + frame.area.width * number / (count + 1), start);
                links.push(Link { frame: at, need: need.clone(), from, to: (to.left + to.width / 2, end) });
            }
        }
        self.links = links;
    }
}

/// How wide a row is, with room behind each frame.
fn taken(row: &[Frame]) -> u32 {
    row.iter().map(|frame| frame.area.width + GAP).sum()
}

/// Makes a frame at the left top corner: as many columns as keep it low, no more than there is room for.
fn frame(lane: LaneKind, nodes: &[&NodeId], needs: &[&NodeId], room: u32) -> Frame {
    let fit = ((room - 2 * PADDING + GAP) / (BOX_WIDTH + GAP)).max(1) as usize;
    // Services stand in columns; hosts and providers side by side, so that no line to one passes behind another.
    let rows = if matches!(lane, LaneKind::Wave(_)) { ROWS } else { 1 };
    let columns = nodes.len().div_ceil(rows).clamp(1, fit);
    let rows = nodes.len().div_ceil(columns) as u32;
    let width = columns as u32 * (BOX_WIDTH + GAP) - GAP + 2 * PADDING;
    let lines = lines(needs, columns * LINE_CHARS);
    let captions = lines.len() as u32 * LINE_HEIGHT;
    let height = rows * (BOX_HEIGHT + GAP) - GAP + 2 * PADDING + captions;
    let places = (0..nodes.len()).map(|at| (at % columns, at / columns));
    let boxes = nodes.iter().zip(places).map(|(node, (column, row))| {
        let left = PADDING + column as u32 * (BOX_WIDTH + GAP);
        let top = PADDING + row as u32 * (BOX_HEIGHT + GAP);
        Placed { node: (*node).clone(), area: Area { left, top, width: BOX_WIDTH, height: BOX_HEIGHT } }
    });
    let needs = needs.iter().map(|need| (*need).clone()).collect();
    Frame { area: Area { left: 0, top: 0, width, height }, boxes: boxes.collect(), needs, lines, lane }
}

impl Frame {
    fn shift(&mut self, left: u32, top: u32) {
        let boxes = self.boxes.iter_mut().map(|placed| &mut placed.area);
        for area in boxes.chain([&mut self.area]) {
            area.left += left;
            area.top += top;
        }
    }
}

/// Cuts names into lines; one that is longer than a line is cut at its end.
fn lines(names: &[&NodeId], chars_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let sign = if at + 1 < names.len() { "," } else { "" };
        let name = format!("{}{sign}", cut(name.as_str(), chars_max - 3));
        match lines.last_mut() {
            Some(line) if line.chars().count() + name.chars().count() < chars_max => {
                line.push(' ');
                line.push_str(&name);
            }
            None => lines.push(format!("→ {name}")),
            Some(_) => lines.push(format!("   {name}")),
        }
    }
    lines
}

/// Cuts words so that they have no more than some characters.
pub fn cut(words: &str, chars_max: usize) -> String {
    match words.chars().count() > chars_max {
        true => words.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect(),
        false => words.to_string(),
    }
}

/// Puts words on two lines at most, each no longer than a box is wide.
pub fn two_lines(words: &str, chars_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        let room = chars_max.saturating_sub(last.chars().count() + 1);
        match () {
            () if last.is_empty() => last.push_str(word),
            () if word.chars().count() <= room || lines.len() == 2 => {
                let last = lines.last_mut().expect("there is always a line");
                last.push(' ');
                last.push_str(word);
            }
            () => lines.push(word.to_string()),
        }
    }
    lines.iter().map(|line| cut(line, chars_max)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::map::read::read;

    fn drawn(text: &str) -> Picture {
        let reading = read(text, &|_| Some(TimeZone::UTC));
        picture(&reading.map.unwrap_or_else(|| panic!("{:#?}", reading.findings))).unwrap()
    }

    const HEAD: &str = "[town]\nname = \"V\"\ninhabitants = 1\n[[entity]]\nid = \"m\"\n";

    /// A town in which every service needs some of the hosts, and hosts one another.
    fn many(services: usize, hosts: usize) -> String {
        let mut text = HEAD.to_string();
        for host in 0..hosts {
            let needs = if host % 3 == 0 { String::new() } else { format!("needs = [\"h{}\"]\n", host - 1) };
            text.push_str(&format!("[[host]]\nid = \"h{host}\"\n{needs}"));
        }
        for service in 0..services {
            let needs = [service % hosts, service * 7 % hosts].map(|host| format!("\"h{host}\""));
            let (wave, needs) = (service % 7, needs.join(", "));
            text.push_str(&format!("[[service]]\nid = \"s{service}\"\nwave = {wave}\nneeds = [{needs}]\n"));
        }
        text
    }

    #[test]
    fn everything_has_a_place_of_its_own_inside() {
        for (services, hosts) in [(1, 1), (20, 5), (120, 31), (600, 90)] {
            let picture = drawn(&many(services, hosts));
            let boxes: Vec<&Placed> = picture.frames.iter().flat_map(|frame| &frame.boxes).collect();
            assert_eq!(boxes.len(), services + hosts);
            for (at, frame) in picture.frames.iter().enumerate() {
                assert!(frame.area.left >= MARGIN && frame.area.left + frame.area.width <= picture.width);
                assert!(frame.area.top + frame.area.height <= picture.height);
                let other = picture.frames[at + 1..].iter().find(|other| frame.area.overlaps(&other.area));
                assert_eq!(other, None);
            }
            for (at, placed) in boxes.iter().enumerate() {
                assert_eq!(boxes[at + 1..].iter().find(|other| placed.area.overlaps(&other.area)), None);
            }
            let (width, height) = (f64::from(picture.width), f64::from(picture.height));
            assert!(services < 20 || (0.25..4.0).contains(&(width / height)), "{width} × {height}");
        }
    }

    #[test]
    fn what_needs_the_same_stands_together_and_has_one_line() {
        let text = format!(
            "{HEAD}[[host]]\nid = \"h\"\n[[provider]]\nid = \"p\"\n[[service]]\nid = \"a\"\nneeds = [\"h\", \"p\"]\n\
             [[service]]\nid = \"b\"\nneeds = [\"p\", \"h\"]\n[[service]]\nid = \"c\"\nneeds = [\"a\"]\n"
        );
        let picture = drawn(&text);
        let names: Vec<Vec<&str>> = picture
            .frames
            .iter()
            .map(|frame| frame.boxes.iter().map(|placed| placed.node.as_str()).collect())
            .collect();
        assert_eq!(names, [vec!["a", "b"], vec!["c"], vec!["h"], vec!["p"]]);
        assert_eq!(picture.frames[0].lines, ["→ h, p"]);
        assert_eq!(picture.links.len(), 3);
        let kinds: Vec<LaneKind> = picture.lanes.iter().map(|lane| lane.kind).collect();
        assert_eq!(kinds, [LaneKind::Wave(Wave::REST), LaneKind::Hosts, LaneKind::Providers]);
    }

    #[test]
    fn words_are_put_on_two_lines_and_cut() {
        assert_eq!(two_lines("État civil", 28), ["État civil"]);
        assert_eq!(two_lines("Échanges avec le comptable public", 28), ["Échanges avec le comptable", "public"]);
        assert_eq!(two_lines(&"mot ".repeat(30), 10), ["mot mot", "mot mot m…"]);
        assert_eq!(two_lines(&"x".repeat(50), 10), ["xxxxxxxxx…"]);
        assert_eq!(two_lines("", 10), [""]);
    }
}
