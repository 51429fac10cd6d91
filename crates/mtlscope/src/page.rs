//! The page in a browser: served, announced, and fed by what reads captures or runs.
//!
//! A source that runs has a [`LivePage`]: each connection it tells is shown there too, and what passes is recorded to a private
//! file, so that the page can read it again.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mtlscope_dissect::input::{ChunkKind, Input};
use mtlscope_sources::feed::FeedSource;
use mtlscope_sources::{Recorder, Sink, SourceError};
use mtlscope_web::{Limits, LiveView, Notes, Page, Settings, Stopper};
use tempfile::TempDir;

use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::live_ends::{self, Watched};
use crate::rereading::Rereading;
use crate::showing::Showing;

/// Bytes of a source that runs which are recorded for its page.
const RECORDED: u64 = 512 << 20;

/// What is said where a source has ended by itself.
const STAYS: &str = "nothing more comes; the page stays until Ctrl-C";
/// How often a flag is looked at.
#[cfg(target_os = "linux")]
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Serves the page, with nothing to show yet.
pub(crate) fn serve(typed: &cli::Page, rereading: Rereading) -> Result<Page, String> {
    let settings = Settings { port: typed.page_port, limits: Limits::default() };
    Page::serve(settings, rereading).map_err(|error| {
        format!("cannot serve the page on 127.0.0.1:{}: {error} (another port: --page-port)", typed.page_port)
    })
}

/// Says where the page is, and opens it where there is a desktop.
pub(crate) fn announce(page: &Page, typed: &cli::Page, console: &mut Console<'_>) {
    let url = page.url();
    console.complain(&format_args!("the page is at {url} (opens once; Ctrl-C ends it)"));
    if !typed.no_open && has_desktop() {
        open(&url);
    }
}

fn has_desktop() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(is_set)
}

/// Asks the desktop to open an address. Where that fails, the address was printed.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let nothing = Stdio::null;
    let opening = Command::new(program).arg(url).stdin(nothing()).stdout(nothing()).stderr(nothing()).spawn();
    if let Ok(mut child) = opening {
        // Waited for, so that nothing is left of it in the list of processes.
        thread::spawn(move || child.wait());
    }
}

/// The page of a source that runs.
pub(crate) struct LivePage {
    page: Page,
    live: LiveView,
    recorder: Recorder,
    /// Holds the recording; gone with the program.
    folder: TempDir,
}

/// A page that stays while the source runs, and behind its end.
pub(crate) struct Staying {
    page: Page,
    _folder: TempDir,
}

impl LivePage {
    /// Serves the page of a source, if one is wanted.
    pub(crate) fn serve(
        typed: &cli::LivePage,
        name: &str,
        rereading: Rereading,
        console: &mut Console<'_>,
    ) -> Result<Option<Self>, String> {
        if !typed.web {
            return Ok(None);
        }
        let page = serve(&typed.page, rereading)?;
        let folder = tempfile::Builder::new()
            .prefix("mtlscope-")
            .tempdir()
            .map_err(|error| format!("cannot make a folder for the recording of the page: {error}"))?;
        let recording = folder.path().join("recording.pcapng");
        let recorder = Recorder::create(&recording).map_err(|error| error.to_string())?;
        let live = page.live(name, recording);
        announce(&page, &typed.page, console);
        Ok(Some(Self { page, live, recorder, folder }))
    }

    /// What ends it.
    pub(crate) fn stopper(&self) -> Stopper {
        self.page.stopper()
    }

    /// Has the page show what is told from here on. What passes is to go to the sink, for the page to read it again.
    pub(crate) fn begin(self, showing: &mut Showing<'_>) -> (Box<dyn Sink>, Staying) {
        let Self { page, live, recorder, folder } = self;
        let recording = Bounded { recorder, left: Some(RECORDED), notes: live.notes() };
        showing.page = Some(live);
        (Box::new(recording), Staying { page, _folder: folder })
    }

    /// Shows what a feed brings on the page as well.
    pub(crate) fn accompany(self, watched: &mut Watched, showing: &mut Showing<'_>) -> Staying {
        let (recording, staying) = self.begin(showing);
        watched.settings.keep_bytes = true;
        watched.sinks.push(recording);
        staying
    }
}

impl Staying {
    /// The source has ended. The page tells so, and stays until it is stopped.
    pub(crate) fn stay(self, showing: &mut Showing<'_>) {
        showing.page = None;
        self.page.wait();
    }

    /// As [`Self::stay`], where the source ended by itself: says that it has.
    pub(crate) fn stay_behind(self, showing: &mut Showing<'_>) {
        showing.console.complain(&STAYS);
        self.stay(showing);
    }
}

#[cfg(target_os = "linux")]
impl Staying {
    /// As [`Self::stay`], for what has no thread that waits for signals: one of them sets the flag.
    pub(crate) fn stay_until(self, stopped: &AtomicBool, showing: &mut Showing<'_>) {
        showing.page = None;
        if !stopped.load(Ordering::Relaxed) {
            showing.console.complain(&STAYS);
        }
        while !stopped.load(Ordering::Relaxed) {
            thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Shows what a feed brings, also on a page, which stays when the feed has ended, until it is stopped.
pub(crate) fn beside(
    page: Option<LivePage>,
    source: FeedSource,
    mut watched: Watched,
    showing: &mut Showing<'_>,
    stop: impl FnOnce(),
) -> Exit {
    let staying = page.map(|page| page.accompany(&mut watched, showing));
    let exit = live_ends::show(source, watched, showing, stop);
    if let Some(staying) = staying {
        staying.stay(showing);
    }
    exit
}

/// Records until there is enough.
struct Bounded {
    recorder: Recorder,
    /// Bytes that may still come; `None` once there were too many.
    left: Option<u64>,
    notes: Notes,
}

impl Sink for Bounded {
    fn take(&mut self, input: &Input<'_>) -> Result<(), SourceError> {
        let Some(left) = self.left else { return Ok(()) };
        let length = match input {
            Input::Frame(frame) => frame.bytes.len(),
            Input::Chunk(chunk) => match chunk.what {
                ChunkKind::Bytes(bytes) => bytes.len(),
                _ => 0,
            },
            _ => 0,
        };
        self.left = left.checked_sub(length as u64);
        if self.left.is_some() {
            return self.recorder.take(input);
        }
        self.notes.say(&format!(
            "the recording for this page is full ({} MB): what it holds can be opened, also with keys that come later; of what \
             comes from here on, each connection has a row, and the last few can be opened",
            RECORDED >> 20
        ));
        self.recorder.finish()
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        self.recorder.flush()
    }

    fn finish(&mut self) -> Result<(), SourceError> {
        self.recorder.finish()
    }
}
