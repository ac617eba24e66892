//! Writes a tree cache while a walk goes on.

use super::{
    BLOCK_BYTES, CacheFooter, CachedItem, Check, ENTER, HEAD, ITEM, ITEM_BYTES_MAX, LEAVE, encode_item, file_name,
    next_check, put_varint,
};
use crate::id::SourceTag;
use crate::state::StateError;
use crate::state::file::Draft;
use crate::state::folder::StateFolder;
use crate::state::packs::PackTable;

/// A tree cache that is being written. Dropped before its end, it leaves the earlier one as it was.
#[derive(Debug)]
pub struct CacheWriter<'a> {
    draft: Draft,
    packs: &'a PackTable,
    block: Vec<u8>,
    body: Vec<u8>,
    check: Check,
    offset: u64,
    items: u64,
    /// The last name at each depth; those beyond `depth` are there to be used again.
    names: Vec<LastName>,
    depth: usize,
}

#[derive(Default, Debug)]
struct LastName {
    name: Vec<u8>,
    any: bool,
}

impl<'a> CacheWriter<'a> {
    /// Begins the cache of a source. The numbers in it are those of `packs`.
    pub fn create(folder: &StateFolder, tag: &SourceTag, packs: &'a PackTable) -> Result<Self, StateError> {
        let mut draft = Draft::create(folder, &file_name(tag))?;
        let head = [HEAD.bytes().as_slice(), &packs.series().0].concat();
        draft.write(&head)?;
        Ok(Self {
            draft,
            packs,
            block: Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 16),
            body: Vec::new(),
            check: next_check(&[0; 16], &head),
            offset: head.len() as u64,
            items: 0,
            names: vec![LastName::default()],
            depth: 0,
        })
    }

    /// Enters a directory: what follows is in it, until [`CacheWriter::leave`].
    pub fn enter(&mut self, name: &[u8]) -> Result<(), StateError> {
        self.follow(name)?;
        self.depth += 1;
        if self.names.len() == self.depth {
            self.names.push(LastName::default());
        }
        self.names[self.depth].any = false;
        self.token(ENTER, name, None)
    }

    /// Notes anything that is not a directory.
    pub fn item(&mut self, item: &CachedItem) -> Result<(), StateError> {
        self.follow(&item.name)?;
        self.token(ITEM, &item.name, Some(item))
    }

    /// Leaves the directory and notes it; its name is that of the enter, whatever the item says.
    pub fn leave(&mut self, directory: &CachedItem) -> Result<(), StateError> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| self.out_of_order())?;
        self.token(LEAVE, b"", Some(directory))
    }

    /// Ends the cache, which durably takes the place of the earlier one. The table of packs is saved first.
    pub fn finish(mut self, footer: &CacheFooter) -> Result<(), StateError> {
        if self.depth != 0 {
            return Err(self.out_of_order());
        }
        if footer.bytes.len() > CacheFooter::BYTES_MAX {
            return Err(StateError::LongFooter {
                path: self.draft.target().to_path_buf(),
                footer_bytes: footer.bytes.len(),
            });
        }
        self.packs.save()?;
        self.close_block()?;
        let offset = self.offset;
        self.block.extend_from_slice(&self.items.to_le_bytes());
        self.block.extend_from_slice(&self.check);
        self.block.extend_from_slice(&footer.bytes);
        self.close_block()?;
        self.draft.write(&offset.to_le_bytes())?;
        self.draft.replace()?;
        Ok(())
    }

    /// Checks that a name comes after the last one of its directory.
    fn follow(&mut self, name: &[u8]) -> Result<(), StateError> {
        let last = &mut self.names[self.depth];
        if last.any && last.name.as_slice() >= name {
            return Err(self.out_of_order());
        }
        last.any = true;
        last.name.clear();
        last.name.extend_from_slice(name);
        Ok(())
    }

    fn token(&mut self, sort: u8, name: &[u8], item: Option<&CachedItem>) -> Result<(), StateError> {
        self.body.clear();
        put_varint(&mut self.body, name.len() as u64);
        self.body.extend_from_slice(name);
        let bare_bytes = self.body.len();
        if let Some(item) = item {
            encode_item(item, &mut self.body);
        }
        if self.body.len() > ITEM_BYTES_MAX {
            if sort == ITEM {
                return Ok(());
            }
            self.body.truncate(bare_bytes);
        }
        self.items += u64::from(sort != ENTER);
        self.block.push(sort);
        put_varint(&mut self.block, self.body.len() as u64);
        self.block.extend_from_slice(&self.body);
        if self.block.len() >= BLOCK_BYTES {
            self.close_block()?;
        }
        Ok(())
    }

    fn close_block(&mut self) -> Result<(), StateError> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.check = next_check(&self.check, &self.block);
        self.draft.write(&(self.block.len() as u32).to_le_bytes())?;
        self.draft.write(&self.check)?;
        self.draft.write(&self.block)?;
        self.offset += (super::BLOCK_HEAD_BYTES + self.block.len()) as u64;
        self.block.clear();
        Ok(())
    }

    fn out_of_order(&self) -> StateError {
        StateError::OutOfOrder { path: self.draft.target().to_path_buf() }
    }
}
