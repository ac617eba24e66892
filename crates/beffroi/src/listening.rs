//! A restore listens to its plan: who says meanwhile what comes first writes it there.
#![expect(clippy::disallowed_methods, reason = "the plan is a file that the user names")]

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use restore::clean::CleanTree;
use restore::order::Order;
use vault::world::{Clock, Timestamp};

use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::plan_file;
use crate::world::SystemClock;

/// Looks at a plan's file now and then.
pub struct Listening<'l> {
    context: &'l Context,
    path: Option<&'l Path>,
    tree: &'l CleanTree,
    heard: Mutex<Heard>,
}

struct Heard {
    order: Order,
    /// Which file it was read from: its inode, and when it was written.
    file: (u64, i64, i64),
    looked: Timestamp,
}

/// How often it is looked, in nanoseconds.
const LOOK_NANOSECONDS: i64 = 500_000_000;

impl<'l> Listening<'l> {
    /// Reads the order of a plan; without one, all comes as it lies.
    pub fn new(context: &'l Context, path: Option<&'l Path>, tree: &'l CleanTree) -> Result<Self, Failure> {
        let (order, file) = match path {
            Some(path) => (plan_file::order(&plan_file::read_named(path)?, tree), identity(path).unwrap_or_default()),
            None => Default::default(),
        };
        Ok(Self { context, path, tree, heard: Mutex::new(Heard { order, file, looked: SystemClock.now() }) })
    }

    /// Returns the order that was heard last.
    pub fn order(&self) -> Order {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).order.clone()
    }

    /// Returns another order, if somebody wrote one since. What else the plan says now is not heard.
    pub fn changed(&self) -> Option<Order> {
        let path = self.path?;
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemClock.now();
        if (now.0 - heard.looked.0).unsigned_abs() < LOOK_NANOSECONDS as u64 {
            return None;
        }
        heard.looked = now;
        let file = identity(path)?;
        if std::mem::replace(&mut heard.file, file) == file {
            return None;
        }
        let order = plan_file::order(&plan_file::read(path).ok()??, self.tree);
        if order == heard.order {
            return None;
        }
        heard.order = order.clone();
        let paths: Vec<String> = order.first.iter().map(|path| Output::safe_bytes(path)).collect();
        let said = if paths.is_empty() { text("say-order-cleared") } else { text("say-order-heard") };
        self.context.note(&said.with("paths", paths.join(", ")));
        Some(order)
    }
}

fn identity(path: &Path) -> Option<(u64, i64, i64)> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.ino(), about.mtime(), about.mtime_nsec()))
}
