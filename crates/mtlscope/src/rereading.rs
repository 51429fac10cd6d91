//! Reads captures for the page, as often as it asks: the same pipeline as everywhere, with a view that hands each connection
//! to whoever hears.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::keyless::CertificateFile;
use mtlscope_dissect::Settings;
use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::{CaptureFile, Progress, Recorded, Source, decryption_secrets};
use mtlscope_views::{View, wording};
use mtlscope_web::{Hear, Reader, Reading};

use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::judging::Judging;
use crate::key_logs::KeyLogs;
use crate::pipeline::{Interrupted, Pipeline};
use crate::seams;
use crate::showing::Showing;

/// After how many inputs the hearer learns how far reading has come.
const STEP: u32 = 8192;

/// Opens captures for the page, with what the user said beside them.
#[derive(Default)]
pub(crate) struct Rereading {
    pub(crate) key_logs: KeyLogs,
    pub(crate) judging: Judging,
    pub(crate) collection: Vec<CertificateFile>,
    /// Whether every client's signature is checked.
    pub(crate) verify: bool,
}

impl Reader for Rereading {
    fn read(&self, reading: &Reading<'_>, hearer: &Arc<dyn Hear>) -> Result<usize, String> {
        let filter =
            reading.filter.map(ConnectionFilter::compile).transpose().map_err(|error| error.message())?;
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
        let mut showing =
            Showing { filter, collection: self.collection.clone(), ..Showing::new(console, Box::new(view)) };
        let mut files = 0;
        match self.read_files(reading, &mut files, hearer.as_ref(), &mut showing) {
            Ok(()) | Err(Interrupted::Showing(_)) => Ok(files),
            Err(Interrupted::Source(error)) => Err(error.to_string()),
        }
    }

    fn context(&self) -> Context {
        self.judging.context()
    }
}

impl Rereading {
    /// Reads the first file, and those that go on where another ended. `files` counts them.
    fn read_files(
        &self,
        reading: &Reading<'_>,
        files: &mut usize,
        hearer: &dyn Hear,
        showing: &mut Showing<'_>,
    ) -> Result<(), Interrupted> {
        let mut following = seams::in_order(reading.files).into_iter().peekable();
        let Some(mut first) = following.next() else { return Ok(()) };
        *files = 1;
        let mut recorded = Recorded::open(&first.path)?;
        showing.input("")?;
        let asks_about_frames = showing.filter.as_ref().is_some_and(ConnectionFilter::needs_frames);
        let settings = Settings {
            keep_bytes: reading.keep_bytes || asks_about_frames,
            packets: asks_about_frames,
            // The next file may hold keys to this one.
            secrets_may_come: first.secrets_follow(),
            ..Settings::default()
        };
        let mut pipeline = Pipeline::new(settings, self.verify, showing).judging(self.judging.context());
        self.key_logs.pour(&mut pipeline)?;
        for lines in reading.keys {
            pipeline.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }))?;
        }
        let mut far = Far { hearer, before: 0, total: sizes(reading.files), inputs: 0 };
        if let Some(mut secrets) = first.take_secrets() {
            pipeline.feed(&mut secrets)?;
        } else if recorded.may_hold_secrets() {
            pipeline.feed(&mut decryption_secrets(&first.path)?)?;
        }
        if feed(&mut recorded, reading, &mut far, &mut pipeline)?.is_break() {
            return Ok(());
        }
        let series = first.series();
        while let Some(mut next) = following.next_if(|next| next.goes_on_from(series, pipeline.last_frame()))
        {
            let number = u16::try_from(*files).unwrap_or(u16::MAX);
            *files += 1;
            let capture = match CaptureFile::open(&next.path) {
                Ok(capture) => capture,
                Err(error) => {
                    hearer.notice(&error.to_string());
                    continue;
                }
            };
            if let Some(mut secrets) = next.take_secrets() {
                pipeline.feed(&mut secrets)?;
            }
            if feed(&mut capture.as_file(number), reading, &mut far, &mut pipeline)?.is_break() {
                return Ok(());
            }
        }
        pipeline.finish()
    }
}

/// How far reading has come, and who is told.
struct Far<'a> {
    hearer: &'a dyn Hear,
    /// Bytes of the files before this one.
    before: u64,
    /// Bytes of all.
    total: Option<u64>,
    inputs: u32,
}

/// Takes a file to its end, unless the hearer has had enough.
fn feed(
    source: &mut dyn Source,
    reading: &Reading<'_>,
    far: &mut Far<'_>,
    pipeline: &mut Pipeline<'_, '_>,
) -> Result<ControlFlow<()>, Interrupted> {
    while let Some(input) = source.next()? {
        // Frames before the first one that is wanted cost no more than their headers.
        let is_before =
            matches!(input, Input::Frame(frame) if reading.from.is_some_and(|from| frame.number < from));
        if !is_before {
            pipeline.push(input)?;
        }
        far.inputs = far.inputs.wrapping_add(1);
        if far.inputs.is_multiple_of(STEP) {
            let Progress { bytes_read, total } = source.progress();
            if far.hearer.progress(far.before + bytes_read, far.total.or(total)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    far.before += source.progress().bytes_read;
    Ok(ControlFlow::Continue(()))
}

/// Bytes of several files; of one, its source knows.
fn sizes(files: &[&Path]) -> Option<u64> {
    let size = |path: &&Path| path.metadata().ok().map(|metadata| metadata.len());
    if files.len() > 1 { files.iter().map(size).sum() } else { None }
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
