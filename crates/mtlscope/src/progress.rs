//! How far reading has come, on standard error, for a person who waits.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mtlscope_sources::Progress;

/// Files read faster than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that comes when reading takes long, and goes when it is done.
pub(crate) struct ProgressLine {
    since: Instant,
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    /// A bar that is not seen yet.
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), bar: None }
    }

    /// Reading has come so far. A pipe has no known end and shows no bar.
    pub(crate) fn reached(&mut self, progress: Progress) {
        let Some(total) = progress.total else { return };
        if self.bar.is_none() && self.since.elapsed() > PATIENCE {
            let bar = ProgressBar::new(total).with_style(style());
            // What was read before the bar came took time too.
            self.bar = Some(bar.with_elapsed(self.since.elapsed()));
        }
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(progress.bytes_read);
        }
    }

    /// Says how things stand, where there is no end to come nearer to.
    pub(crate) fn stands(&mut self, text: String) {
        let bar = self.bar.get_or_insert_with(|| ProgressBar::no_length().with_style(words()));
        if bar.message() != text {
            bar.set_message(text);
            bar.tick();
        }
    }

    /// Lets something else be written while the bar is off the screen.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    // The template is ours; were it wrong, the plain bar would do.
    ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn words() -> ProgressStyle {
    ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar())
}
