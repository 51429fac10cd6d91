//! Read this first: one input on its way from bytes to what the user sees.
//!
//! ```text
//! Source -> Input -> Dissector -> Event -> Teller -> Connection -> rules -> Finding -> View
//! ```

use std::path::Path;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_diagnose::history::History;
use mtlscope_diagnose::keyless::name_candidates;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Part, Settings};
use mtlscope_sources::{Sink, Source, SourceError};
use mtlscope_views::packets::Frames;

use crate::showing::{Showing, Stop};
use crate::threads::{self, Hand, Printed};

/// After how many inputs the progress bar hears of it.
const PROGRESS_STEP: u64 = 4096;

/// The way of one capture. Other sources (keys) may be fed before it.
pub(crate) struct Pipeline<'a, 'console> {
    dissector: Dissector,
    teller: Teller,
    context: Context,
    verify: bool,
    /// What is kept to hold connections against each other; `None` where nobody asked.
    history: Option<History>,
    inputs: u64,
    /// Puts frames together, where a filter asks about them.
    frames: Option<Frames>,
    /// When the latest packet was captured.
    last_frame: Option<Timestamp>,
    /// What the inputs are also kept in.
    sinks: Vec<Box<dyn Sink>>,
    showing: &'a mut Showing<'console>,
}

/// Why an input was not read to its end.
pub(crate) enum Interrupted {
    /// The source failed.
    Source(SourceError),
    /// Nothing more is to be shown, of this input or another.
    Showing(Stop),
}

impl From<SourceError> for Interrupted {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<Stop> for Interrupted {
    fn from(stop: Stop) -> Self {
        Self::Showing(stop)
    }
}

impl<'a, 'console> Pipeline<'a, 'console> {
    /// `verify`: every client's CertificateVerify is checked, not only those of clients that were refused.
    pub(crate) fn new(settings: Settings, verify: bool, showing: &'a mut Showing<'console>) -> Self {
        Self {
            frames: settings.packets.then(Frames::default),
            dissector: Dissector::new(settings),
            teller: Teller::default()
                .checking_every_proof(verify)
                .letting_contents_go(!showing.shows_contents()),
            context: Context::default(),
            verify,
            history: None,
            inputs: 0,
            last_frame: None,
            sinks: Vec::new(),
            showing,
        }
    }

    /// With what the user says beside the input.
    pub(crate) fn judging(self, context: Context) -> Self {
        Self { context, ..self }
    }

    /// Holds the connections against each other at the end.
    pub(crate) fn comparing(self) -> Self {
        Self { history: Some(History::default()), ..self }
    }

    /// Also keeps every input in these.
    pub(crate) fn keeping(self, sinks: Vec<Box<dyn Sink>>) -> Self {
        Self { sinks, ..self }
    }

    /// When the latest packet so far was captured.
    pub(crate) fn last_frame(&self) -> Option<Timestamp> {
        self.last_frame
    }

    /// Where connections go.
    pub(crate) fn showing(&mut self) -> &mut Showing<'console> {
        self.showing
    }

    /// Takes all that a source has, and shows each connection as soon as it is told.
    pub(crate) fn feed(&mut self, source: &mut dyn Source) -> Result<(), Interrupted> {
        while self.take_next(source)? {}
        Ok(())
    }

    /// Takes the next that a source has. False at its end.
    #[inline]
    pub(crate) fn take_next(&mut self, source: &mut dyn Source) -> Result<bool, Interrupted> {
        let Some(input) = source.next()? else { return Ok(false) };
        self.push(input)?;
        self.inputs += 1;
        if self.inputs.is_multiple_of(PROGRESS_STEP) {
            self.showing.progress(source.progress());
        }
        Ok(true)
    }

    /// Takes one input.
    #[inline]
    pub(crate) fn push(&mut self, input: Input<'_>) -> Result<(), Interrupted> {
        match input {
            Input::Frame(frame) => {
                self.showing.tally.frames += 1;
                self.last_frame = self.last_frame.max(Some(frame.time));
            }
            Input::Secret(_) | Input::RsaKey(_) => {
                self.context.keys_given = true;
                self.showing.tally.keys_given = true;
            }
            _ => {}
        }
        for sink in &mut self.sinks {
            // The handshake matters more than its recording: what cannot be kept is said, and still shown.
            if let Err(error) = sink.take(&input) {
                self.showing.could_not(&error);
            }
        }
        self.dissector.push(input);
        Ok(self.tell()?)
    }

    /// Whether any keys were taken.
    pub(crate) fn has_keys(&self) -> bool {
        self.context.keys_given
    }

    /// Reads a file to its end by several threads: what is shown is the same.
    pub(crate) fn read_by_threads(mut self, file: &Path, count: u32) -> Result<(), Interrupted> {
        let (verify, lets_go) = (self.verify, !self.showing.shows_contents());
        let hands = (0..count).filter_map(|index| {
            Some(Hand {
                dissector: self.dissector.part(Part { index, of: count }),
                teller: Teller::default().checking_every_proof(verify).letting_contents_go(lets_go),
                context: self.context.for_another_thread(),
                printer: self.showing.view.printer()?,
            })
        });
        threads::read(file, hands.collect(), &mut self)?;
        self.finish()
    }

    /// Nothing more comes: shows what was still going on.
    pub(crate) fn finish(mut self) -> Result<(), Interrupted> {
        self.close_sinks();
        self.dissector.finish();
        self.tell()?;
        if let Some(history) = &self.history {
            self.showing.across(&history.findings().findings)?;
        }
        Ok(())
    }

    /// Nothing more is kept: what is comes to its end in order.
    pub(crate) fn close_sinks(&mut self) {
        for mut sink in self.sinks.drain(..) {
            if let Err(error) = sink.finish() {
                self.showing.could_not(&error);
            }
        }
    }

    fn flush_sinks(&mut self) {
        for sink in &mut self.sinks {
            if let Err(error) = sink.flush() {
                self.showing.could_not(&error);
            }
        }
    }

    #[inline]
    fn tell(&mut self) -> Result<(), Stop> {
        if !self.dissector.has_events() && self.frames.is_none() {
            return Ok(());
        }
        self.tell_events()
    }

    fn tell_events(&mut self) -> Result<(), Stop> {
        while let Some(event) = self.dissector.poll() {
            self.showing.event(&event)?;
            if let Some(frames) = &mut self.frames {
                frames.overhear(&event);
            }
            self.teller.hear(event);
            // Behind the last input each poll closes one more connection: all of them would be held.
            if self.frames.is_none() {
                self.show_told()?;
            }
        }
        if let Some(frame) = self.frames.as_mut().and_then(Frames::take) {
            self.showing.frame(&frame);
        }
        self.show_told()
    }

    #[inline]
    fn show_told(&mut self) -> Result<(), Stop> {
        while let Some(told) = self.teller.poll() {
            self.show(told)?;
        }
        Ok(())
    }

    /// Shows a connection that another thread judged and printed.
    pub(crate) fn show_printed(&mut self, text: &[u8], printed: Printed) -> Result<(), Stop> {
        if let Some(history) = &mut self.history {
            history.recall(printed.kept);
        }
        self.showing.printed(text, printed.first_frame, printed.standing)
    }

    /// Judges and shows one thing that was told.
    fn show(&mut self, told: Told) -> Result<(), Stop> {
        match told {
            Told::Connection(mut connection) => {
                // Who is told of it may want to look it up where it is kept.
                self.flush_sinks();
                name_candidates(&mut connection, &self.showing.collection);
                let findings = diagnose(&connection, &self.context);
                if let Some(history) = &mut self.history {
                    history.remember(&connection);
                }
                self.showing.connection(&connection, &findings)
            }
            Told::Notice(notice) => self.showing.notice(&notice),
        }
    }
}
