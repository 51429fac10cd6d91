//! The page in a browser: served, announced, and fed by what reads captures or runs.
//!
//! A source that runs has a [`LivePage`]: each connection it tells is shown there too, and what passes is recorded to a private
//! file, so that the page can read it again.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::Event;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::{Recorder, Sink, SourceError};
use mtlscope_views::View;
use mtlscope_web::{Limits, LiveView, Notes, Page, Settings, Stopper};
use tempfile::TempDir;

use crate::cli;
use crate::console::Console;
use crate::rereading::Rereading;

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
    /// Holds the recording; gone with the program.
    _folder: TempDir,
}

impl LivePage {
    /// Serves the page of a source, if one is wanted: with it a view beside the one that the source has anyway, and what
    /// records the source for it.
    pub(crate) fn of(
        typed: &cli::LivePage,
        name: &str,
        view: Box<dyn View>,
        sinks: &mut Vec<Box<dyn Sink>>,
        console: &mut Console<'_>,
    ) -> Result<(Option<Self>, Box<dyn View>), String> {
        if !typed.web {
            return Ok((None, view));
        }
        let page = serve(&typed.page)?;
        let folder = tempfile::Builder::new()
            .prefix("mtlscope-")
            .tempdir()
            .map_err(|error| format!("cannot make a folder for the recording of the page: {error}"))?;
        let recording = folder.path().join("recording.pcapng");
        let recorder = Recorder::create(&recording).map_err(|error| error.to_string())?;
        let live = page.live(name, recording);
        sinks.push(Box::new(Bounded { recorder, left: Some(RECORDED), notes: live.notes() }));
        announce(&page, &typed.page, console);
        Ok((Some(Self { page, _folder: folder }), Box::new(Both(view, live))))
    }

    /// What ends it.
    pub(crate) fn stopper(&self) -> Stopper {
        self.page.stopper()
    }

    /// The source has ended: the page stays until it is stopped.
    pub(crate) fn stay(&self) {
        self.page.wait();
    }
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
                mtlscope_dissect::input::ChunkKind::Bytes(bytes) => bytes.len(),
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

/// Two views of the same connections: the one on standard output, and the page.
struct Both(Box<dyn View>, LiveView);

impl View for Both {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.0.file(name, out)
    }

    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.0.continues(name, out)
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        self.0.event(event, out)
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.1.connection(connection, findings, &mut io::sink())?;
        self.0.connection(connection, findings, out)
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        self.0.across(findings, out)
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.1.notice(notice, &mut io::sink())?;
        self.0.notice(notice, out)
    }
}
