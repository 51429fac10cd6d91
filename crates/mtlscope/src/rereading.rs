//! Reads captures for the page, as often as it asks: the same pipeline as everywhere, with a view that hands each connection
//! to whoever hears.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::Settings;
use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::{Progress, Recorded, Source, decryption_secrets};
use mtlscope_views::{View, wording};
use mtlscope_web::{Hear, Reader, Reading};

use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::Showing;

/// After how many inputs the hearer learns how far reading has come.
const STEP: u32 = 8192;

/// Opens captures for the page.
#[derive(Debug)]
pub(crate) struct Rereading;

impl Reader for Rereading {
    fn read(&self, reading: &Reading<'_>, hearer: &Arc<dyn Hear>) -> Result<(), String> {
        let mut recorded = Recorded::open(reading.file).map_err(|error| error.to_string())?;
        let filter =
            reading.filter.map(ConnectionFilter::compile).transpose().map_err(|error| error.message())?;
        let asks_about_frames = filter.as_ref().is_some_and(ConnectionFilter::needs_frames);
        let settings = Settings {
            keep_bytes: reading.keep_bytes || asks_about_frames,
            packets: asks_about_frames,
            ..Settings::default()
        };
        let (mut out, mut err) = (io::sink(), io::sink());
        let console = Console {
            input: None,
            out: &mut out,
            err: &mut err,
            out_terminal: None,
            err_terminal: None,
            no_color: true,
        };
        let view = Telling { hearer: Arc::clone(hearer), in_full: reading.keep_bytes };
        let mut showing = Showing { filter, ..Showing::new(console, Box::new(view)) };
        match read(reading, settings, &mut recorded, hearer.as_ref(), &mut showing) {
            Ok(()) | Err(Interrupted::Showing(_)) => Ok(()),
            Err(Interrupted::Source(error)) => Err(error.to_string()),
        }
    }
}

fn read(
    reading: &Reading<'_>,
    settings: Settings,
    recorded: &mut Recorded,
    hearer: &dyn Hear,
    showing: &mut Showing<'_>,
) -> Result<(), Interrupted> {
    showing.input("")?;
    let mut pipeline = Pipeline::new(settings, reading.keep_bytes, showing);
    for lines in reading.keys {
        pipeline.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }))?;
    }
    if recorded.may_hold_secrets() {
        pipeline.feed(&mut decryption_secrets(reading.file)?)?;
    }
    let mut inputs: u32 = 0;
    while let Some(input) = recorded.next()? {
        // Frames before the first one that is wanted cost no more than their headers.
        let is_before =
            matches!(input, Input::Frame(frame) if reading.from.is_some_and(|from| frame.number < from));
        if !is_before {
            pipeline.push(input)?;
        }
        inputs = inputs.wrapping_add(1);
        if inputs.is_multiple_of(STEP) {
            let Progress { bytes_read, total } = recorded.progress();
            if hearer.progress(bytes_read, total).is_break() {
                return Ok(());
            }
        }
    }
    pipeline.finish()
}

/// A view that shows nothing, and tells everything.
struct Telling {
    hearer: Arc<dyn Hear>,
    /// Whether a connection is to be shown in full, and not only as a row.
    in_full: bool,
}

impl View for Telling {
    fn shows_contents(&self) -> bool {
        self.in_full
    }

    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        match self.hearer.connection(connection, findings) {
            ControlFlow::Continue(()) => Ok(()),
            // Nobody listens any more: as a pipe that was closed.
            ControlFlow::Break(()) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn notice(&mut self, notice: &Notice, _: &mut dyn Write) -> io::Result<()> {
        self.hearer.notice(&wording::notice(notice));
        Ok(())
    }
}
