//! The whole town on the terminal, while it comes back.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use town::map::NodeId;
use town::recovery::{Fate, Recovery};

use crate::context::Context;
use crate::messages::text;
use crate::order_words::Names;

/// Shows how far the return is. Silent where nobody looks.
pub struct Board<'c> {
    context: &'c Context,
    is_shown: bool,
    bar: RefCell<Option<ProgressBar>>,
}

/// So many lines are shown around what is being done.
const LINES_MAX: usize = 14;

impl<'c> Board<'c> {
    /// Begins.
    pub fn begin(context: &'c Context) -> Self {
        let is_shown = !context.global.no_progress && !context.output.is_json() && std::io::stderr().is_terminal();
        Self { context, is_shown, bar: RefCell::new(None) }
    }

    /// Shows the town with what is done of one node now.
    pub fn show(&self, names: &Names<'_>, recovery: &Recovery, now: &NodeId, doing: &str) {
        if !self.is_shown {
            return;
        }
        let bar = self.bar.borrow_mut().get_or_insert_with(|| self.draw()).clone();
        let all: Vec<_> = recovery.all().collect();
        let here = all.iter().position(|(position, _)| position.node == *now).unwrap_or(0);
        let first = here.saturating_sub(LINES_MAX / 2).min(all.len().saturating_sub(LINES_MAX));
        let (back, total) = recovery.counts();
        let head = text("day-board").with("back", back as u64).with("total", total as u64);
        let mut lines = vec![self.context.say(&head)];
        lines.extend(all.iter().skip(first).take(LINES_MAX).map(|(position, fate)| {
            let name = names.name(&position.node);
            match fate {
                _ if position.node == *now => format!("  ▶ {name} – {doing}"),
                Fate::Back => format!("  ✓ {name}"),
                Fate::Later => format!("  … {name}"),
                Fate::Failed => format!("  ✗ {name}"),
                Fate::Open => format!("  · {name}"),
            }
        }));
        bar.set_message(lines.join("\n"));
    }

    /// Takes it away, so that somebody can be asked.
    pub fn hide(&self) {
        if self.bar.borrow_mut().take().is_some() {
            self.context.output.set_bar(None);
        }
    }

    fn draw(&self) -> ProgressBar {
        let bar = bar();
        self.context.output.set_bar(Some(bar.clone()));
        bar
    }
}

impl Drop for Board<'_> {
    fn drop(&mut self) {
        self.hide();
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg}\n  {elapsed_precise}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
