//! Telling people that something is wrong, by ways that lead out of the town hall: mail, webhook, ntfy, a command.
//!
//! [`Settings`] say who is told and how. A [`Notice`] is what is said: never the names of files. What is to be told is first kept in a
//! [`Spool`], then delivered by [`deliver()`]; what nobody took stays there, and goes with the next attempt. Whoever took it is not told again.
//!
//! What survives a crash: everything that was put into the spool. A crash between sending and forgetting sends twice, with the same id.
//!
//! What it never does: read the environment, the clock or a secret by itself (all come through [`World`]); follow a redirection; send
//! in the clear to another machine; print.

mod command;
mod deliver;
mod network;
mod notice;
mod post;
mod settings;
mod smtp;
mod spool;
mod web;

pub use deliver::{Delivery, Outcome, Parcel, deliver};
pub use network::Network;
pub use notice::{Level, Notice, NoticeId};
pub use post::{Post, SecretError, SendError, World};
pub use settings::{
    CommandWay, Language, NtfyWay, Recipient, SecretPlace, Security, Settings, SettingsError, SmtpWay, Way,
    WebhookProof, WebhookWay,
};
pub use spool::{Entry, Held, Spool, SpoolError};
