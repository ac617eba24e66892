//! Compound files of OLE 2 ([MS-CFB]): Word, Excel and PowerPoint until 2003, Outlook messages, encrypted OOXML.
//!
//! A file system in a file: tables of sectors, a directory, streams. The tables are followed as far as something hangs on
//! them; then the streams that are known are looked into.

mod embedded;
mod excel;
mod pictures;
mod pieces;
mod powerpoint;
mod word;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

pub(super) use pieces::Pieces;

const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const HEADER_BYTES: u64 = 512;
const MINI_BYTES: u64 = 64;
const LAST_PLAIN: u32 = 0xffff_fffa;
const CHAIN_END: u32 = 0xffff_fffe;
const NO_ENTRY: u32 = 0xffff_ffff;
const STORAGE: u8 = 1;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut file = File::open(window, findings)?;
    let entries = file.directory(window)?;
    findings.parsed_bytes += entries.len() as u64 * 128;
    let mini = file.mini_stream(window, &entries)?;
    let mut streams = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_reached && entry.kind == STREAM) {
        let stream = if entry.bytes < u64::from(file.mini_cutoff) {
            mini.stream(entry)?
        } else {
            let sectors = file.chain(window, entry.start, entry.bytes)?;
            Pieces::new(sectors.iter().map(|&sector| file.place(sector)).collect(), file.sector_bytes(), entry.bytes)
        };
        streams.push((entry, stream));
    }
    findings.trailing(file.used_end, window.bytes());
    look_into(window, findings, &streams)
}

/// An entry of the directory ([MS-CFB] §2.6.1).
pub(super) struct Entry {
    name: Vec<u16>,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    bytes: u64,
    is_reached: bool,
}

impl Entry {
    fn is_named(&self, name: &str) -> bool {
        self.name.iter().copied().eq(name.encode_utf16())
    }
}

struct File {
    shift: u32,
    sectors: u64,
    fat: Vec<u32>,
    is_used: Vec<bool>,
    /// Behind the last sector that something uses.
    used_end: u64,
    mini_cutoff: u32,
    directory_start: u32,
    mini_fat_start: u32,
}

/// The small streams, which lie together in one.
struct MiniStream {
    fat: Vec<u32>,
    places: Vec<u64>,
}

impl File {
    fn open(window: &mut Window, findings: &mut Findings) -> Walk<Self> {
        let header: [u8; HEADER_BYTES as usize] = window.array(0)?;
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let shift = u32::from(u16_at(30));
        if !header.starts_with(MAGIC) || u16_at(28) != 0xfffe || !matches!(shift, 7..=12) || u16_at(32) != 6 {
            return Err(Stop::Broken { at: 0 });
        }
        let sectors = window.bytes().saturating_sub(1 << shift).div_ceil(1 << shift);
        let mut file = Self {
            shift,
            sectors,
            fat: Vec::new(),
            is_used: Vec::new(),
            used_end: HEADER_BYTES,
            mini_cutoff: u32_at(56),
            directory_start: u32_at(48),
            mini_fat_start: u32_at(60),
        };
        window.budget().memory(sectors)?;
        file.is_used = vec![false; sectors as usize];
        let places = file.fat_places(window, &header, u32_at(44), u32_at(68))?;
        window.budget().memory(places.len() as u64 * file.sector_bytes())?;
        for sector in places {
            file.read_table(window, sector)?;
        }
        findings.parsed_bytes += HEADER_BYTES + file.fat.len() as u64 * 4;
        Ok(file)
    }

    fn sector_bytes(&self) -> u64 {
        1 << self.shift
    }

    fn place(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) << self.shift
    }

    /// Marks a sector as used: it must be there, and be used once.
    fn use_sector(&mut self, window: &Window, sector: u32, told_at: u64) -> Walk<()> {
        if u64::from(sector) >= self.sectors {
            let is_plain = sector < LAST_PLAIN && u64::from(sector) < self.sectors.saturating_mul(4) + 1024;
            return Err(if is_plain { Stop::Ended { at: window.bytes() } } else { Stop::Broken { at: told_at } });
        }
        if std::mem::replace(&mut self.is_used[sector as usize], true) {
            return Err(Stop::Broken { at: told_at });
        }
        self.used_end = self.used_end.max(self.place(sector) + self.sector_bytes());
        Ok(())
    }

    /// Returns the sectors of the table of sectors: 109 are told in the header, the rest in a chain of their own (§2.5).
    fn fat_places(&mut self, window: &mut Window, header: &[u8], count: u32, first: u32) -> Walk<Vec<u32>> {
        let count = u64::from(count);
        if count > self.sectors {
            return Err(Stop::Broken { at: 44 });
        }
        let told: Vec<u32> = numbers(&header[76..]).collect();
        let mut places: Vec<u32> = told.into_iter().take(count as usize).collect();
        let mut next = first;
        while (places.len() as u64) < count {
            self.use_sector(window, next, 68)?;
            let sector = window.take(self.place(next), self.sector_bytes() as usize)?;
            let told: Vec<u32> = numbers(sector).collect();
            let Some((last, told)) = told.split_last() else { break };
            places.extend(told.iter().take(count as usize - places.len()));
            next = *last;
        }
        for &sector in &places {
            self.use_sector(window, sector, 76)?;
        }
        Ok(places)
    }

    fn read_table(&mut self, window: &mut Window, sector: u32) -> Walk<()> {
        let bytes = self.sector_bytes() as usize;
        let place = self.place(sector);
        self.fat.extend(numbers(window.take(place, bytes)?));
        Ok(())
    }

    /// Follows the chain of a stream as far as its bytes need.
    fn chain(&mut self, window: &mut Window, start: u32, bytes: u64) -> Walk<Vec<u32>> {
        let wanted = bytes.div_ceil(self.sector_bytes());
        window.budget().memory(wanted.min(self.sectors) * 4)?;
        if wanted > self.sectors {
            return Err(Stop::Ended { at: window.bytes() });
        }
        let mut chain = Vec::new();
        let mut sector = start;
        while (chain.len() as u64) < wanted {
            let told_at = chain.last().map_or(0, |&last| self.place(last));
            self.use_sector(window, sector, told_at)?;
            chain.push(sector);
            sector = self.fat.get(sector as usize).copied().ok_or(Stop::Broken { at: told_at })?;
        }
        Ok(chain)
    }

    /// Follows a chain to its end.
    fn whole_chain(&mut self, window: &mut Window, start: u32) -> Walk<Vec<u32>> {
        let mut chain = Vec::new();
        let mut sector = start;
        while sector != CHAIN_END && sector != NO_ENTRY {
            window.budget().entries(1)?;
            let told_at = chain.last().map_or(48, |&last| self.place(last));
            self.use_sector(window, sector, told_at)?;
            chain.push(sector);
            sector = self.fat.get(sector as usize).copied().unwrap_or(CHAIN_END);
        }
        Ok(chain)
    }

    /// Reads the directory and marks what hangs on its root.
    fn directory(&mut self, window: &mut Window) -> Walk<Vec<Entry>> {
        let chain = self.whole_chain(window, self.directory_start)?;
        window.budget().memory(chain.len() as u64 * self.sector_bytes())?;
        let mut entries = Vec::new();
        for sector in chain {
            let place = self.place(sector);
            let bytes = self.sector_bytes() as usize;
            let held = window.peek(place, bytes)?;
            entries.extend(held.chunks_exact(128).map(|part| entry(part, self.shift)));
        }
        let place = self.place(self.directory_start);
        if entries.first().is_none_or(|root: &Entry| root.kind != ROOT) {
            return Err(Stop::Broken { at: place });
        }
        reach(&mut entries, place)?;
        Ok(entries)
    }

    fn mini_stream(&mut self, window: &mut Window, entries: &[Entry]) -> Walk<MiniStream> {
        let mut fat = Vec::new();
        for sector in self.whole_chain(window, self.mini_fat_start)? {
            let place = self.place(sector);
            let bytes = self.sector_bytes() as usize;
            fat.extend(numbers(window.take(place, bytes)?));
        }
        let root = &entries[0];
        let has_stream = root.bytes > 0 && root.start < LAST_PLAIN;
        let chain = if has_stream { self.chain(window, root.start, root.bytes)? } else { Vec::new() };
        let minis = self.sector_bytes() / MINI_BYTES;
        let places: Vec<u64> = chain
            .iter()
            .flat_map(|&sector| (0..minis).map(move |mini| (sector, mini)))
            .map(|(sector, mini)| self.place(sector) + mini * MINI_BYTES)
            .collect();
        Ok(MiniStream { fat, places })
    }
}

impl MiniStream {
    fn stream(&self, entry: &Entry) -> Walk<Pieces> {
        let wanted = entry.bytes.div_ceil(MINI_BYTES);
        let mut places = Vec::new();
        let mut sector = entry.start;
        while (places.len() as u64) < wanted {
            let broken = Stop::Broken { at: self.places.first().copied().unwrap_or(HEADER_BYTES) };
            // A chain that is longer than all there is goes round.
            let is_finite = places.len() < self.places.len();
            let place = self.places.get(sector as usize).filter(|_| is_finite).ok_or(broken)?;
            places.push(*place);
            sector = self.fat.get(sector as usize).copied().unwrap_or(CHAIN_END);
        }
        Ok(Pieces::new(places, MINI_BYTES, entry.bytes))
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|part| u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
}

fn entry(part: &[u8], shift: u32) -> Entry {
    let u32_at = |at: usize| u32::from_le_bytes([part[at], part[at + 1], part[at + 2], part[at + 3]]);
    let name_bytes = usize::from(u16::from_le_bytes([part[64], part[65]])).min(64);
    let name = part[..name_bytes.saturating_sub(2)].chunks_exact(2);
    // Files of 512-byte sectors may leave rubbish in the upper half of the size (§2.6.3).
    let upper = if shift == 9 { 0 } else { u64::from(u32_at(124)) << 32 };
    Entry {
        name: name.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect(),
        kind: part[66],
        left: u32_at(68),
        right: u32_at(72),
        child: u32_at(76),
        start: u32_at(116),
        bytes: upper | u64::from(u32_at(120)),
        is_reached: false,
    }
}

/// Marks all entries that hang on the root: each once, each of a kind that there is.
fn reach(entries: &mut [Entry], place: u64) -> Walk<()> {
    entries[0].is_reached = true;
    let mut next = vec![entries[0].child];
    while let Some(id) = next.pop() {
        if id == NO_ENTRY {
            continue;
        }
        let at = place + u64::from(id) * 128;
        let Some(entry) = entries.get_mut(id as usize) else { return Err(Stop::Broken { at: place }) };
        if entry.is_reached || !matches!(entry.kind, STORAGE | STREAM) || entry.name.is_empty() {
            return Err(Stop::Broken { at });
        }
        entry.is_reached = true;
        next.extend([entry.left, entry.right]);
        if entry.kind == STORAGE {
            next.push(entry.child);
        }
    }
    Ok(())
}

/// Tells whether the stream `Current User` says that the presentation is encrypted ([MS-PPT] §2.3.2, `headerToken`).
fn is_of_encrypted_show(window: &mut Window, user: &Pieces) -> Walk<bool> {
    const TOKEN_AT: u64 = 12;
    const ENCRYPTED: u32 = 0xf3d1_c4df;
    let stream = pieces::Stream { content: window.content(), pieces: user };
    let mut user = Window::new(&stream, window.budget());
    Ok(user.bytes() >= TOKEN_AT + 4 && user.u32_le(TOKEN_AT)? == ENCRYPTED)
}

/// Looks into the streams that are known.
fn look_into(window: &mut Window, findings: &mut Findings, streams: &[(&Entry, Pieces)]) -> Walk<()> {
    let find = |name: &str| streams.iter().find(|(entry, _)| entry.is_named(name)).map(|(_, stream)| stream);
    if find("EncryptedPackage").is_some() && find("EncryptionInfo").is_some() {
        findings.is_protected = true;
        return Ok(());
    }
    if let Some(document) = find("WordDocument") {
        let tables = [find("0Table"), find("1Table")];
        word::check(window, findings, document, tables)?;
    }
    if let Some(book) = find("Workbook").or_else(|| find("Book")) {
        excel::check(window, findings, book)?;
    }
    if let Some(show) = find("PowerPoint Document") {
        let user = find("Current User").map(|user| is_of_encrypted_show(window, user));
        if find("EncryptedSummary").is_some() || user.transpose()?.unwrap_or(false) {
            findings.is_protected = true;
        } else {
            powerpoint::check(window, findings, show)?;
            if let Some(shown) = find("Pictures") {
                pictures::check(window, findings, shown)?;
            }
        }
    }
    for (entry, stream) in streams.iter().filter(|(entry, _)| entry.is_named("__properties_version1.0")) {
        // [MS-OXMSG] §2.4: a head of 8, 24 or 32 bytes, then properties of 16.
        if entry.bytes % 8 != 0 {
            findings.note(Note::Irregular { at: stream.place(0) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Budget, Limits};

    #[test]
    fn the_stream_of_the_user_tells_an_encrypted_presentation() {
        for (token, is_encrypted) in [(0xf3d1_c4df_u32, true), (0xe391_c05f, false)] {
            let user = [&[0, 0, 0xf6, 0x0f, 26, 0, 0, 0, 20, 0, 0, 0], &token.to_le_bytes()[..], &[0; 14]].concat();
            let budget = Budget::new(&Limits::default(), user.len() as u64);
            let pieces = Pieces::new(vec![0], user.len() as u64, user.len() as u64);
            let mut window = Window::new(&user, &budget);
            assert_eq!(is_of_encrypted_show(&mut window, &pieces).ok(), Some(is_encrypted));
        }
    }
}
