//! A walk on a thread of its own, some events ahead of whoever takes them.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Event, SourceError, Walk};

/// A walk on a thread of its own: the same events in the same order.
///
/// Dropping it ends the walk. Events that wait hold at most about a hundred open directories.
#[derive(Debug)]
pub struct ReadAhead {
    batches: Receiver<Vec<Event>>,
    batch: std::vec::IntoIter<Event>,
    thread: Option<JoinHandle<()>>,
}

const BATCHES_MAX: usize = 4;
const BATCH_EVENTS_MAX: usize = 256;
/// Each directory entered is an open file: a batch ends before there are many.
const BATCH_DIRECTORIES_MAX: usize = 16;

impl ReadAhead {
    /// Starts the thread.
    pub fn start(walk: Walk) -> Result<Self, SourceError> {
        let (sender, batches) = bounded(BATCHES_MAX);
        let thread = std::thread::Builder::new()
            .name("walk".into())
            .spawn(move || send_all(walk, &sender))
            .map_err(|source| SourceError::Thread { source })?;
        Ok(Self { batches, batch: Vec::new().into_iter(), thread: Some(thread) })
    }
}

impl Iterator for ReadAhead {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.batch.next() {
                return Some(event);
            }
            let Ok(batch) = self.batches.recv() else {
                // A walk that ended in a panic must not look like one that is complete.
                if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                    std::panic::resume_unwind(panic);
                }
                return None;
            };
            self.batch = batch.into_iter();
        }
    }
}

fn send_all(walk: Walk, sender: &Sender<Vec<Event>>) {
    let mut batch = Vec::with_capacity(BATCH_EVENTS_MAX);
    let mut directories = 0;
    for event in walk {
        directories += usize::from(matches!(event, Event::Enter(_)));
        batch.push(event);
        if batch.len() >= BATCH_EVENTS_MAX || directories >= BATCH_DIRECTORIES_MAX {
            directories = 0;
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_EVENTS_MAX));
            if sender.send(full).is_err() {
                return;
            }
        }
    }
    // The receiver being gone is how a walk is ended early.
    let _ = sender.send(batch);
}
