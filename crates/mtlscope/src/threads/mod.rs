//! One capture read by several threads, so that it takes less time: each thread walks the whole file, which is cheap, and
//! dissects the connections that are its part.
//!
//! What is told has the same order and the same numbers as with one thread. Each thing told has a [`Key`], its place in
//! that order; `numbering.rs` gives the connections their numbers. Each thread also judges and prints what it tells, so
//! that a connection is let go by the thread that made it, and hands on nothing but text, a [`Batch`] at a time; `merge.rs`
//! puts the texts in order. Frames are counted in rounds, by which the threads wait for each other and for what was shown,
//! so that none runs far ahead.

mod batch;
mod merge;
mod numbering;

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use mtlscope_diagnose::connection::{Connection, Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::Dissector;
use mtlscope_dissect::event::{ClosedWhy, Event, EventKind};
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::NoticeKind;
use mtlscope_sources::{CaptureFile, Progress, Source, SourceError};
use mtlscope_views::Printer;

use crate::pipeline::{Interrupted, Pipeline};
pub(crate) use batch::Printed;
use batch::{Batch, Item};
use numbering::{Numbering, Wait};

/// Frames of a round.
const ROUND: u64 = 256;
/// Where the rounds begin in which what is still open at the end is told.
const LAST_ROUNDS: u64 = 1 << 60;
/// The frames in which the connections of such a round began: there may be a connection to each, and all are told.
const LAST_ROUND: u64 = 64;

/// The place of something told in the order of all: the frame at which it was told (`u64::MAX` behind the last one), and
/// what comes first where several are told there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key {
    frame: u64,
    turn: Turn,
    /// The frame in which the connection began.
    first_frame: u64,
}

/// What comes first at a frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Turn {
    /// Connections that ended a while ago.
    Forgotten,
    /// What the frame itself brings.
    Now,
}

impl Key {
    /// The round in which it is told.
    fn round(&self) -> u64 {
        match self.frame {
            u64::MAX => last_round(self.first_frame),
            frame => frame / ROUND,
        }
    }
}

/// The round in which a connection is told that began at this frame and is open at the end.
fn last_round(first_frame: u64) -> u64 {
    LAST_ROUNDS + first_frame / LAST_ROUND
}

/// What a thread hands on.
enum Message {
    /// What it told.
    Told(Batch),
    /// Reading failed; nothing follows.
    Failed(SourceError),
}

/// All that a thread works with.
pub(crate) struct Hand {
    pub(crate) dissector: Dissector,
    pub(crate) teller: Teller,
    pub(crate) context: Context,
    pub(crate) printer: Box<dyn Printer>,
}

/// Reads a file by as many threads as there are hands, each for its part. What they print is shown by `pipeline`.
pub(crate) fn read(
    file: &Path,
    hands: Vec<Hand>,
    pipeline: &mut Pipeline<'_, '_>,
) -> Result<(), Interrupted> {
    let numbering = Numbering::new(hands.len());
    thread::scope(|scope| {
        let mut parts = Vec::new();
        for (index, hand) in hands.into_iter().enumerate() {
            let (sender, receiver) = mpsc::channel();
            let (giver, given_back) = mpsc::channel();
            parts.push(merge::Part::new(receiver, giver));
            let numbering = &numbering;
            scope.spawn(move || {
                let worker = Worker {
                    index,
                    hand,
                    numbering,
                    out: sender,
                    given_back,
                    frame: 0,
                    round: 0,
                    opened: Vec::new(),
                    numbers: Numbers::default(),
                    told: VecDeque::new(),
                    progress: Progress::default(),
                };
                worker.run(file);
            });
        }
        let merged = merge::show(parts, &numbering, pipeline);
        // The threads are waited for behind this: they end once nobody listens.
        numbering.stop();
        merged
    })
}

/// One thread.
struct Worker<'t> {
    index: usize,
    hand: Hand,
    numbering: &'t Numbering,
    out: Sender<Message>,
    /// Batches that were shown, to be filled again.
    given_back: Receiver<Batch>,
    /// The frame at hand.
    frame: u64,
    /// The round at hand.
    round: u64,
    /// Connections opened in this round.
    opened: Vec<Key>,
    numbers: Numbers,
    /// What was told and waits for its number.
    told: VecDeque<(Key, Told)>,
    progress: Progress,
}

/// The numbers of this thread's connections among all, by those that its dissector gave.
#[derive(Default)]
struct Numbers {
    known: HashMap<u64, u64>,
    count: u64,
}

/// Nobody listens any more.
struct Stopped;

impl Worker<'_> {
    fn run(mut self, file: &Path) {
        let outcome = self.read(file);
        self.numbering.leave(self.index);
        if let Err(Some(error)) = outcome {
            // Where nobody listens there is nobody to tell.
            let _ = self.out.send(Message::Failed(error));
        }
    }

    /// Reads to the end. Fails with an error, or with nothing where nobody listens any more.
    fn read(&mut self, file: &Path) -> Result<(), Option<SourceError>> {
        let mut frames = 0;
        let mut capture = CaptureFile::open(file).map_err(Some)?;
        while let Some(input) = capture.next().map_err(Some)? {
            let mut ends_round = false;
            match input {
                // Those of a file were read ahead.
                Input::Secret(_) => continue,
                Input::Frame(frame) => {
                    frames += 1;
                    let number = frame.number.get();
                    ends_round = number / ROUND > self.round;
                    if ends_round {
                        self.enter(number / ROUND, frames)?;
                    }
                    self.frame = number;
                    self.hand.dissector.push(input);
                }
                _ => self.hand.dissector.push(input),
            }
            while let Some(event) = self.hand.dissector.poll() {
                self.hear(event);
            }
            self.take_told();
            if ends_round {
                self.progress = capture.progress();
            }
        }
        self.frame = u64::MAX;
        self.hand.dissector.finish();
        while let Some(event) = self.hand.dissector.poll() {
            if let EventKind::Opened(opened) = &event.kind {
                let first_frame = opened.first_frame.map_or(0, |frame| frame.get());
                self.enter(last_round(first_frame), frames)?;
            }
            self.hear(event);
            self.take_told();
            if let Some((key, _)) = self.told.back() {
                self.enter(key.round(), frames)?;
            }
        }
        self.enter(u64::MAX, frames)?;
        Ok(())
    }

    fn hear(&mut self, event: Event) {
        // What concerns the input as a whole every part tells; the first is believed.
        let is_of_one_flow = match &event.kind {
            EventKind::Notice(notice) => matches!(notice.kind, NoticeKind::NoTlsCame { .. }),
            _ => false,
        };
        if event.connection.is_none() && self.index > 0 && !is_of_one_flow {
            return;
        }
        if let EventKind::Opened(opened) = &event.kind {
            let first_frame = opened.first_frame.map_or(0, |frame| frame.get());
            self.opened.push(Key { frame: self.frame, turn: Turn::Now, first_frame });
        }
        self.hand.teller.hear(event);
    }

    fn take_told(&mut self) {
        while let Some(told) = self.hand.teller.poll() {
            let key = match &told {
                Told::Connection(connection) => {
                    let is_forgotten = connection.closed.is_some_and(|closed| closed.why == ClosedWhy::Ended);
                    let turn =
                        if is_forgotten || self.frame == u64::MAX { Turn::Forgotten } else { Turn::Now };
                    let first_frame = connection.first_frame.map_or(0, |frame| frame.get());
                    Key { frame: self.frame, turn, first_frame }
                }
                Told::Notice(_) => Key { frame: self.frame, turn: Turn::Now, first_frame: 0 },
            };
            self.told.push_back((key, told));
        }
    }

    /// A round begins: tells the other threads what was opened before, and hands on what has its number. Waits where the
    /// others, or what is shown, are far behind.
    fn enter(&mut self, round: u64, frames: u64) -> Result<(), Option<SourceError>> {
        if round <= self.round {
            return Ok(());
        }
        self.round = round;
        self.numbering.enter(self.index, round, &mut self.opened);
        loop {
            let numbers = self.numbering.take_numbers(self.index);
            self.numbers.learn(numbers);
            self.hand_on(frames).map_err(|Stopped| None)?;
            // Whoever waits must have handed on all that has its number: the others may wait for just that.
            match self.numbering.wait(self.index, round) {
                Wait::Numbers => {}
                Wait::Over => return Ok(()),
                Wait::Stopped => return Err(None),
            }
        }
    }

    /// Judges, prints and hands on what was told, up to the first connection that has no number yet.
    fn hand_on(&mut self, frames: u64) -> Result<(), Stopped> {
        let mut batch = self.given_back.try_recv().unwrap_or_default();
        batch.clear();
        (batch.reached, batch.frames, batch.progress) = (self.round, frames, self.progress);
        while let Some((key, told)) = self.told.pop_front() {
            match told {
                Told::Connection(mut connection) => {
                    let Some(number) = self.numbers.known.remove(&connection.id.0) else {
                        batch.reached = batch.reached.min(key.round());
                        self.told.push_front((key, Told::Connection(connection)));
                        break;
                    };
                    connection.id.0 = number;
                    self.hand.print(key, &connection, &mut batch);
                }
                Told::Notice(notice) => batch.items.push_back((key, Item::Notice(notice))),
            }
        }
        self.out.send(Message::Told(batch)).map_err(|_| Stopped)
    }
}

impl Hand {
    fn print(&mut self, key: Key, connection: &Connection, batch: &mut Batch) {
        let findings = diagnose(connection, &self.context);
        let start = batch.text.len();
        let printed = self.printer.print(connection, &findings, &mut batch.text);
        // Writing into memory does not fail; what cannot be put into text ends the output, as with one thread.
        let printed = printed.map(|()| Printed::of(connection, &findings, start..batch.text.len()));
        batch.items.push_back((key, Item::Connection(printed)));
    }
}

impl Numbers {
    fn learn(&mut self, numbers: Vec<u64>) {
        for number in numbers {
            self.count += 1;
            self.known.insert(self.count, number);
        }
    }
}
