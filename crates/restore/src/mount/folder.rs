//! A folder that somebody lists: it goes on where it was, and begins anew only for whoever goes back.

use vault::read::ReadFault;

use super::shelves::{Listing, Node, Shelves};

/// A folder that is open.
pub(super) struct OpenFolder {
    node: Node,
    listing: Listing,
    /// How many entries were handed out.
    taken: u64,
    next: Option<(Vec<u8>, Node)>,
    /// Part of it cannot be read.
    damaged: bool,
}

impl OpenFolder {
    /// Opens a folder at its beginning.
    pub(super) fn new(shelves: &Shelves, node: &Node) -> Self {
        Self { node: node.clone(), listing: shelves.list(node), taken: 0, next: None, damaged: false }
    }

    /// Goes to the entry with so many before it.
    pub(super) fn go_to(&mut self, shelves: &Shelves, place: u64, fault: &mut dyn FnMut(ReadFault)) {
        if place < self.taken {
            *self = Self::new(shelves, &self.node.clone());
        }
        while self.taken < place && self.peek(shelves, fault).is_some() {
            self.take();
        }
    }

    /// Returns the next entry and its place, without taking it.
    pub(super) fn peek(
        &mut self,
        shelves: &Shelves,
        fault: &mut dyn FnMut(ReadFault),
    ) -> Option<(u64, &(Vec<u8>, Node))> {
        while self.next.is_none() {
            match shelves.next(&mut self.listing)? {
                Ok(found) => self.next = Some(found),
                Err(why) => {
                    self.damaged = true;
                    fault(why);
                }
            }
        }
        self.next.as_ref().map(|next| (self.taken, next))
    }

    /// Takes the entry that was seen last.
    pub(super) fn take(&mut self) {
        if self.next.take().is_some() {
            self.taken += 1;
        }
    }

    /// Tells whether names are missing from what was handed out.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }
}
