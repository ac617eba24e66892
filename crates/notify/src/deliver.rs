//! Sending what is to be told, to all recipients at once, within a time.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Sender, after, select, unbounded};

use crate::notice::{Notice, NoticeId};
use crate::post::{Post, SendError, World};
use crate::settings::Recipient;
use crate::spool::Held;

/// A notice on its way to a recipient.
#[derive(Debug)]
pub struct Parcel {
    /// Whom it is for.
    pub recipient: Recipient,
    /// What is told.
    pub notice: Notice,
    /// Its place in the spool; a trial has none.
    pub held: Option<Held>,
}

/// What became of a notice for a recipient.
#[derive(Debug)]
pub struct Outcome {
    /// The recipient's name.
    pub recipient: String,
    /// How he is told.
    pub way: &'static str,
    /// The notice.
    pub notice: NoticeId,
    /// What became of it.
    pub delivery: Delivery,
    /// Whether it waits in the spool if it was not taken.
    pub is_kept: bool,
}

/// What became of a notice.
#[derive(Debug)]
pub enum Delivery {
    /// It was taken.
    Sent,
    /// It was not.
    Failed(SendError),
    /// It was not tried, because an earlier one to the same recipient failed.
    Behind,
    /// The time was over before an answer came.
    Late,
}

/// Waits between attempts for what may succeed by itself.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// Sends parcels, each recipient's in their order, and returns within `time` what became of each.
///
/// What was taken leaves the spool at once, also when nobody waits any more; everything else stays there.
pub fn deliver(post: &Arc<dyn Post>, world: &Arc<dyn World>, parcels: Vec<Parcel>, time: Duration) -> Vec<Outcome> {
    let mut awaited: Vec<Outcome> =
        parcels.iter().map(|parcel| parcel.outcome(Delivery::Late, parcel.held.is_some())).collect();
    let mut left = awaited.len();
    let over = after(time);
    let (sender, outcomes) = unbounded();
    for round in rounds(parcels) {
        let (post, world, sender) = (Arc::clone(post), Arc::clone(world), sender.clone());
        // Nobody waits for it after the time is over: a server that never answers holds up nothing.
        std::thread::spawn(move || walk(round, post.as_ref(), world.as_ref(), &sender));
    }
    drop(sender);
    while left > 0 {
        let outcome: Outcome = select! {
            recv(outcomes) -> outcome => match outcome {
                Ok(outcome) => outcome,
                Err(_) => break,
            },
            recv(over) -> _ => break,
        };
        let same = |one: &&mut Outcome| one.recipient == outcome.recipient && one.notice == outcome.notice;
        if let Some(place) = awaited.iter_mut().find(same) {
            *place = outcome;
            left -= 1;
        }
    }
    awaited
}

impl Parcel {
    fn outcome(&self, delivery: Delivery, is_kept: bool) -> Outcome {
        let (recipient, notice) = (self.recipient.name.clone(), self.notice.id.clone());
        Outcome { recipient, way: self.recipient.way.word(), notice, delivery, is_kept }
    }
}

/// Puts parcels together by recipient.
fn rounds(parcels: Vec<Parcel>) -> Vec<Vec<Parcel>> {
    let mut rounds: Vec<Vec<Parcel>> = Vec::new();
    for parcel in parcels {
        match rounds.iter_mut().find(|round| round[0].recipient.name == parcel.recipient.name) {
            Some(round) => round.push(parcel),
            None => rounds.push(vec![parcel]),
        }
    }
    rounds
}

/// Sends one recipient's parcels. Once one fails, the rest is not tried: it would fail the same way.
fn walk(round: Vec<Parcel>, post: &dyn Post, world: &dyn World, outcomes: &Sender<Outcome>) {
    let mut has_failed = false;
    for mut parcel in round {
        let held = parcel.held.take();
        let is_kept = held.is_some();
        let delivery = match has_failed {
            true => Delivery::Behind,
            false => attempt(&parcel, post, world),
        };
        // A spool that cannot be written to costs a repetition, which its id tells.
        let _ = match (&delivery, held) {
            (Delivery::Sent, Some(held)) => held.forget(),
            (Delivery::Failed(_), Some(held)) => held.keep(world.now_seconds()),
            _ => Ok(()),
        };
        has_failed |= !matches!(delivery, Delivery::Sent);
        let _ = outcomes.send(parcel.outcome(delivery, is_kept));
    }
}

fn attempt(parcel: &Parcel, post: &dyn Post, world: &dyn World) -> Delivery {
    let mut pauses = PAUSES.iter();
    loop {
        match (post.carry(&parcel.recipient, &parcel.notice, world), pauses.next()) {
            (Ok(()), _) => return Delivery::Sent,
            (Err(error), Some(pause)) if error.is_transient() => world.pause(*pause),
            (Err(error), _) => return Delivery::Failed(error),
        }
    }
}

#[cfg(test)]
mod tests;
