//! Read this first: one input on its way from bytes to what the user sees.
//!
//! ```text
//! Source -> Input -> Dissector -> Event -> Teller -> Connection -> rules -> Finding -> View
//! ```

use std::path::Path;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{Sink, Source, SourceError};

use crate::showing::{Showing, Stop};
use crate::threads;

/// After how many inputs the progress bar hears of it.
const PROGRESS_STEP: u64 = 4096;

/// The way of one capture. Other sources (keys) may be fed before it.
pub(crate) struct Pipeline<'a, 'console> {
    dissector: Dissector,
    teller: Teller,
    context: Context,
    verify: bool,
    inputs: u64,
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
            dissector: Dissector::new(settings),
            teller: Teller::default()
                .checking_every_proof(verify)
                .letting_contents_go(!showing.view.shows_contents()),
            context: Context::default(),
            verify,
            inputs: 0,
            sinks: Vec::new(),
            showing,
        }
    }

    /// Also keeps every input in these.
    pub(crate) fn keeping(self, sinks: Vec<Box<dyn Sink>>) -> Self {
        Self { sinks, ..self }
    }

    /// Where connections go.
    pub(crate) fn showing(&mut self) -> &mut Showing<'console> {
        self.showing
    }

    /// Takes all that a source has, and shows each connection as soon as it is told.
    pub(crate) fn feed(&mut self, source: &mut dyn Source) -> Result<(), Interrupted> {
        while let Some(input) = source.next()? {
            self.push(input)?;
            self.inputs += 1;
            if self.inputs.is_multiple_of(PROGRESS_STEP) {
                self.showing.progress(source.progress());
            }
        }
        Ok(())
    }

    /// Takes one input.
    pub(crate) fn push(&mut self, input: Input<'_>) -> Result<(), Interrupted> {
        match input {
            Input::Frame(_) => self.showing.tally.frames += 1,
            Input::Secret(_) => {
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

    /// Reads a file to its end by several threads, with the keys taken so far: what is shown is the same.
    pub(crate) fn read_by_threads(self, file: &Path, count: u32) -> Result<(), Interrupted> {
        let (verify, lets_go) = (self.verify, !self.showing.view.shows_contents());
        let teller = move || Teller::default().checking_every_proof(verify).letting_contents_go(lets_go);
        let Context { trust_anchors, keys_given, .. } = self.context;
        let context =
            move || Context { trust_anchors: trust_anchors.clone(), keys_given, ..Context::default() };
        threads::read(file, &self.dissector, &teller, &context, count, self.showing)
    }

    /// Nothing more comes: shows what was still going on.
    pub(crate) fn finish(mut self) -> Result<(), Interrupted> {
        self.close_sinks();
        self.dissector.finish();
        Ok(self.tell()?)
    }

    /// Nothing more is kept: what is comes to its end in order.
    pub(crate) fn close_sinks(&mut self) {
        for mut sink in self.sinks.drain(..) {
            if let Err(error) = sink.finish() {
                self.showing.could_not(&error);
            }
        }
    }

    fn tell(&mut self) -> Result<(), Stop> {
        while let Some(event) = self.dissector.poll() {
            self.showing.event(&event)?;
            self.teller.hear(event);
            // One by one: behind the last input, each poll closes one more connection, and all of them would be held.
            while let Some(told) = self.teller.poll() {
                match told {
                    Told::Connection(connection) => {
                        let findings = diagnose(&connection, &self.context);
                        self.showing.connection(&connection, &findings)?;
                    }
                    Told::Notice(notice) => self.showing.notice(&notice)?,
                }
            }
        }
        Ok(())
    }
}
