//! Reads a tree cache in lock-step with a walk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::{
    BLOCK_BYTES_MAX, BLOCK_HEAD_BYTES, BLOCKS_OFFSET, CHECK_BYTES, CacheFooter, CachedItem, Check, ENTER, HEAD, ITEM,
    LEAVE, decode_item, file_name, next_check, take_varint,
};
use crate::id::SourceTag;
use crate::state::file::{Head, Unread, open_private, unreadable};
use crate::state::folder::StateFolder;
use crate::state::packs::{PackTable, Series};
use crate::state::{LostReason, Opening, StateError};

/// The tree cache of the last walk, read by this one.
///
/// Names come in ascending order within a directory, and every [`CacheReader::enter`] is paired with a [`CacheReader::leave`].
/// Whatever the walk passes by without naming it is removed since, and counted. Damage on the way makes the rest empty:
/// what was returned before is sound.
#[derive(Debug)]
pub struct CacheReader {
    blocks: Option<Blocks>,
    lost: Option<LostReason>,
    footer: CacheFooter,
    items: u64,
    removed: u64,
    /// How many directories deep the walk is in what the cache does not have.
    absent_depth: u64,
    item: CachedItem,
    removals: Option<Removals>,
}

/// What the walk passed by, told to those who ask.
#[derive(Debug, Default)]
struct Removals {
    told: Vec<Removed>,
    untold: u64,
    /// The directories below the walk's that the passing is in.
    inside: Vec<u8>,
}

/// A file or directory that was removed since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed {
    /// Its path below the directory that the walk is in.
    pub path: Vec<u8>,
    /// Its entry, encoded; `None` for a directory.
    pub entry: Option<Vec<u8>>,
}

impl CacheReader {
    /// Opens the cache of a source. One that is lost is empty; so is one whose packs another table numbered.
    pub fn open(folder: &StateFolder, tag: &SourceTag, packs: &PackTable) -> Result<(Self, Opening), StateError> {
        match open(folder, tag, packs.series()) {
            Ok(reader) => Ok((reader, Opening::Loaded)),
            Err(Unread::Refused(error)) => Err(error),
            Err(Unread::Lost(reason)) => Ok((Self::empty(), Opening::Lost { reason })),
        }
    }

    /// Makes a reader that has nothing.
    pub fn empty() -> Self {
        Self {
            blocks: None,
            lost: None,
            footer: CacheFooter::default(),
            items: 0,
            removed: 0,
            absent_depth: 0,
            item: CachedItem::default(),
            removals: None,
        }
    }

    /// Remembers what was removed from now on, for [`CacheReader::take_removed`].
    pub fn remember_removed(&mut self) {
        self.removals = Some(Removals::default());
    }

    /// Returns what the last call passed by, in the order of the walk, and how many more of which too many were met to be told.
    pub fn take_removed(&mut self) -> (Vec<Removed>, u64) {
        let removals = self.removals.as_mut();
        removals.map_or_else(Default::default, |all| (std::mem::take(&mut all.told), std::mem::take(&mut all.untold)))
    }

    /// Returns what the writer ended the cache with; empty if there is none.
    pub fn footer(&self) -> &CacheFooter {
        &self.footer
    }

    /// Returns the number of files and directories in the cache.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Enters a directory, and tells whether the cache has it.
    pub fn enter(&mut self, name: &[u8]) -> bool {
        if self.absent_depth == 0 && self.seek(name) == Some(ENTER) {
            self.consume();
            return true;
        }
        self.absent_depth += 1;
        false
    }

    /// Returns anything that is not a directory, if the cache has it.
    pub fn find(&mut self, name: &[u8]) -> Option<&CachedItem> {
        if self.absent_depth > 0 || self.seek(name) != Some(ITEM) {
            return None;
        }
        self.item.name.clear();
        self.item.name.extend_from_slice(name);
        self.take_item()
    }

    /// Leaves the directory, and returns it without its name if the cache has it.
    pub fn leave(&mut self) -> Option<&CachedItem> {
        if self.absent_depth > 0 {
            self.absent_depth -= 1;
            return None;
        }
        self.skip_to_leave();
        self.item.name.clear();
        let bare = self.token()?.body.is_empty();
        if bare {
            self.consume();
            return None;
        }
        self.take_item()
    }

    /// Counts what the walk did not name after its last, and returns how many files and directories were removed since.
    ///
    /// What lies in a damaged part is not counted.
    pub fn finish(&mut self) -> u64 {
        while self.token().is_some() {
            self.skip_one();
        }
        self.removed
    }

    /// Returns why the rest of the cache is empty, once damage was met.
    pub fn lost(&self) -> Option<&LostReason> {
        self.lost.as_ref()
    }

    /// Goes to the first name that is not before `name` in this directory; returns the sort of what has this very name.
    fn seek(&mut self, name: &[u8]) -> Option<u8> {
        loop {
            let token = self.token()?;
            if token.sort == LEAVE {
                return None;
            }
            let sort = token.sort;
            let range = token.name.clone();
            let blocks = self.blocks.as_ref()?;
            match blocks.payload[range].cmp(name) {
                std::cmp::Ordering::Less => self.skip_one(),
                std::cmp::Ordering::Equal => return Some(sort),
                std::cmp::Ordering::Greater => return None,
            }
        }
    }

    /// Passes by an item, or a directory with all in it.
    fn skip_one(&mut self) {
        let Some(token) = self.token() else { return };
        let entered = token.sort == ENTER;
        self.note_removed(&token);
        self.consume();
        if entered {
            self.skip_to_leave();
            if let Some(removals) = &mut self.removals {
                removals.leave();
            }
            self.consume();
        }
        self.removed += 1;
    }

    /// Passes by what is left in a directory.
    fn skip_to_leave(&mut self) {
        let mut depth = 0u64;
        while let Some(token) = self.token() {
            if token.sort == LEAVE && depth == 0 {
                return;
            }
            self.note_removed(&token);
            match token.sort {
                LEAVE => depth -= 1,
                ENTER => depth += 1,
                _ => {}
            }
            if token.sort != ENTER {
                self.removed += 1;
            }
            self.consume();
        }
    }

    fn note_removed(&mut self, token: &Token) {
        if let (Some(removals), Some(blocks)) = (&mut self.removals, &self.blocks) {
            removals.note(token, &blocks.payload, &mut self.item);
        }
    }

    fn take_item(&mut self) -> Option<&CachedItem> {
        let body = self.token()?.body.clone();
        let blocks = self.blocks.as_mut()?;
        if decode_item(&blocks.payload[body], &mut self.item).is_none() {
            self.lose(LostReason::Damaged);
            return None;
        }
        blocks.token = None;
        Some(&self.item)
    }

    fn consume(&mut self) {
        if let Some(blocks) = &mut self.blocks {
            blocks.token = None;
        }
    }

    /// Returns the next token; `None` at the end, or when the rest is lost.
    fn token(&mut self) -> Option<Token> {
        match self.blocks.as_mut()?.peek() {
            Ok(token) => token,
            Err(reason) => {
                self.lose(reason);
                None
            }
        }
    }

    fn lose(&mut self, reason: LostReason) {
        self.blocks = None;
        self.lost = Some(reason);
    }
}

impl Removals {
    /// More at once are only counted.
    const TOLD_MAX: usize = 4096;

    fn note(&mut self, token: &Token, payload: &[u8], item: &mut CachedItem) {
        if token.sort == LEAVE {
            self.leave();
            return;
        }
        let name = &payload[token.name.clone()];
        if self.told.len() >= Self::TOLD_MAX {
            self.untold += 1;
        } else {
            let path = [self.inside.as_slice(), name].concat();
            let known = token.sort == ITEM && decode_item(&payload[token.body.clone()], item).is_some();
            self.told.push(Removed { path, entry: known.then(|| item.entry.clone()) });
        }
        if token.sort == ENTER {
            self.inside.extend_from_slice(name);
            self.inside.push(b'/');
        }
    }

    fn leave(&mut self) {
        self.inside.pop();
        let start = self.inside.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        self.inside.truncate(start);
    }
}

/// The blocks of a cache, one at a time.
#[derive(Debug)]
struct Blocks {
    file: File,
    check: Check,
    check_last: Check,
    /// What lies between the file's position and the footer.
    bytes_left: u64,
    payload: Vec<u8>,
    next: usize,
    token: Option<Token>,
}

/// Where a token lies in the payload.
#[derive(Clone, Debug)]
struct Token {
    sort: u8,
    name: Range<usize>,
    body: Range<usize>,
}

impl Blocks {
    fn peek(&mut self) -> Result<Option<Token>, LostReason> {
        if self.token.is_none() {
            if self.next == self.payload.len() && !self.read_block()? {
                return Ok(None);
            }
            let token = parse(&self.payload, self.next).ok_or(LostReason::Damaged)?;
            self.next = token.body.end;
            self.token = Some(token);
        }
        Ok(self.token.clone())
    }

    /// Reads and checks the next block; `false` at the end.
    fn read_block(&mut self) -> Result<bool, LostReason> {
        if self.bytes_left == 0 {
            let whole = self.check == self.check_last;
            return whole.then_some(false).ok_or(LostReason::Damaged);
        }
        let payload_bytes_max = self.bytes_left.checked_sub(BLOCK_HEAD_BYTES as u64).ok_or(LostReason::Damaged)?;
        read_payload(&mut self.file, &mut self.check, payload_bytes_max, &mut self.payload)?;
        self.bytes_left = payload_bytes_max - self.payload.len() as u64;
        self.next = 0;
        Ok(true)
    }
}

fn open(folder: &StateFolder, tag: &SourceTag, series: Series) -> Result<CacheReader, Unread> {
    let mut file = open_private(folder, &file_name(tag))?;
    let mut head = [0; BLOCKS_OFFSET];
    file.read_exact(&mut head)?;
    if let Some(first) = head.first_chunk::<{ Head::BYTES }>() {
        HEAD.check(*first)?;
    }
    if head[Head::BYTES..] != series.0 {
        return Err(LostReason::Stale.into());
    }
    let end = file.seek(SeekFrom::End(-8))?;
    let mut offset = [0; 8];
    file.read_exact(&mut offset)?;
    let offset = u64::from_le_bytes(offset);
    let footer_bytes = end.checked_sub(offset).ok_or(LostReason::Damaged)?;
    let bytes_left = offset.checked_sub(BLOCKS_OFFSET as u64).ok_or(LostReason::Damaged)?;
    file.seek(SeekFrom::Start(offset))?;
    let footer = read_footer(&mut file, footer_bytes)?;
    file.seek(SeekFrom::Start(BLOCKS_OFFSET as u64))?;
    let blocks = Blocks {
        file,
        check: next_check(&[0; CHECK_BYTES], &head),
        check_last: footer.check_last,
        bytes_left,
        payload: Vec::new(),
        next: 0,
        token: None,
    };
    Ok(CacheReader { blocks: Some(blocks), items: footer.items, footer: footer.kept, ..CacheReader::empty() })
}

struct Footer {
    items: u64,
    check_last: Check,
    kept: CacheFooter,
}

fn read_footer(file: &mut File, footer_bytes: u64) -> Result<Footer, LostReason> {
    let payload_bytes = footer_bytes.checked_sub(BLOCK_HEAD_BYTES as u64).ok_or(LostReason::Damaged)?;
    // The check before the footer's own is in the footer: read it first, believe it after.
    let mut head = [0; BLOCK_HEAD_BYTES];
    file.read_exact(&mut head).map_err(unreadable)?;
    let payload = read_bytes(file, &head, payload_bytes)?;
    let (items, rest) = payload.split_first_chunk::<8>().ok_or(LostReason::Damaged)?;
    let (check_last, kept) = rest.split_first_chunk::<CHECK_BYTES>().ok_or(LostReason::Damaged)?;
    let whole = payload.len() as u64 == payload_bytes;
    if !whole || next_check(check_last, &payload) != head[4..] {
        return Err(LostReason::Damaged);
    }
    Ok(Footer {
        items: u64::from_le_bytes(*items),
        check_last: *check_last,
        kept: CacheFooter { bytes: kept.to_vec() },
    })
}

fn read_payload(
    file: &mut File,
    check: &mut Check,
    payload_bytes_max: u64,
    payload: &mut Vec<u8>,
) -> Result<(), LostReason> {
    let mut head = [0; BLOCK_HEAD_BYTES];
    file.read_exact(&mut head).map_err(unreadable)?;
    payload.resize(payload_bytes(&head, payload_bytes_max)?, 0);
    file.read_exact(payload).map_err(unreadable)?;
    *check = next_check(check, payload);
    if *check != head[4..] {
        return Err(LostReason::Damaged);
    }
    Ok(())
}

fn read_bytes(file: &mut File, head: &[u8; BLOCK_HEAD_BYTES], bytes_max: u64) -> Result<Vec<u8>, LostReason> {
    let mut payload = vec![0; payload_bytes(head, bytes_max)?];
    file.read_exact(&mut payload).map_err(unreadable)?;
    Ok(payload)
}

fn payload_bytes(head: &[u8; BLOCK_HEAD_BYTES], bytes_max: u64) -> Result<usize, LostReason> {
    let [a, b, c, d, ..] = *head;
    let bytes = u32::from_le_bytes([a, b, c, d]) as usize;
    let fits = bytes > 0 && bytes <= BLOCK_BYTES_MAX && bytes as u64 <= bytes_max;
    fits.then_some(bytes).ok_or(LostReason::Damaged)
}

fn parse(payload: &[u8], start: usize) -> Option<Token> {
    let (&sort, mut rest) = payload.get(start..)?.split_first()?;
    let bytes = usize::try_from(take_varint(&mut rest)?).ok()?;
    let mut content = rest.get(..bytes)?;
    let end = payload.len() - rest.len() + bytes;
    let name_bytes = usize::try_from(take_varint(&mut content)?).ok()?;
    let name_start = end - content.len();
    content.get(..name_bytes)?;
    let name = name_start..name_start + name_bytes;
    (ITEM..=LEAVE).contains(&sort).then_some(Token { sort, body: name.end..end, name })
}
