//! The page in a browser: served, announced, and fed by what reads captures or runs.
//!
//! A source that runs has a [`LivePage`]: each connection it tells is shown there too, and what passes is recorded to a private
//! file, so that the page can read it again.

use std::process::{Command, Stdio};

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

/// Serves the page, with nothing to show yet.
pub(crate) fn serve(typed: &cli::Page) -> Result<Page, String> {
    let settings = Settings { port: typed.page_port, limits: Limits::default() };
    Page::serve(&settings, Rereading).map_err(|error| {
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
        std::thread::spawn(move || child.wait());
    }
}

/// The page of a source that runs.
pub(crate) struct LivePage {
    page: Page,
    live: LiveView,
    recorder: Recorder,
    /// Holds the recording; gone with the program.
    _folder: TempDir,
}

impl LivePage {
    /// Serves the page of a source, if one is wanted.
    pub(crate) fn serve(
        typed: &cli::LivePage,
        name: &str,
        console: &mut Console<'_>,
    ) -> Result<Option<Self>, String> {
        if !typed.web {
            return Ok(None);
        }
        let page = serve(&typed.page)?;
        let folder = tempfile::Builder::new()
            .prefix("mtlscope-")
            .tempdir()
            .map_err(|error| format!("cannot make a folder for the recording of the page: {error}"))?;
        let recording = folder.path().join("recording.pcapng");
        let recorder = Recorder::create(&recording).map_err(|error| error.to_string())?;
        let live = page.live(name, recording);
        announce(&page, &typed.page, console);
        Ok(Some(Self { page, live, recorder, _folder: folder }))
    }

    /// What ends it.
    pub(crate) fn stopper(&self) -> Stopper {
        self.page.stopper()
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
    let Some(LivePage { page, live, recorder, _folder }) = page else {
        return live_ends::show(source, watched, showing, stop);
    };
    watched.settings.keep_bytes = true;
    watched.sinks.push(Box::new(Bounded { recorder, left: Some(RECORDED), notes: live.notes() }));
    showing.page = Some(live);
    let exit = live_ends::show(source, watched, showing, stop);
    // The page tells that nothing more comes.
    showing.page = None;
    page.wait();
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
        let Some(left) = &mut self.left else { return Ok(()) };
        let length = match input {
            Input::Frame(frame) => frame.bytes.len(),
            Input::Chunk(chunk) => match chunk.what {
                ChunkKind::Bytes(bytes) => bytes.len(),
                _ => 0,
            },
            _ => 0,
        };
        match left.checked_sub(length as u64) {
            Some(less) => *left = less,
            None => {
                self.left = None;
                self.notes.say(
                    "the recording for this page is full: connections from here on have a row, and cannot be read again",
                );
                return self.recorder.finish();
            }
        }
        self.recorder.take(input)
    }

    fn finish(&mut self) -> Result<(), SourceError> {
        self.recorder.finish()
    }
}
