//! One capture read by several threads, so that it takes less time: each thread walks the whole file, which is cheap, and
//! dissects the connections that are its part.
//!
//! What is told has the same order and the same numbers as with one thread. Each thing told has a [`Key`], its place in
//! that order; `numbering.rs` gives the connections their numbers, and `merge.rs` puts together what the threads tell.
//! Frames are counted in rounds, by which the threads wait for each other, so that none runs far ahead.

mod merge;
mod numbering;

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::thread;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_dissect::Dissector;
use mtlscope_dissect::event::{ClosedWhy, Event, EventKind};
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_sources::{CaptureFile, Progress, Source, SourceError};

use crate::pipeline::{Interrupted, Pipeline};
use numbering::Numbering;

/// Frames of a round.
const ROUND: u64 = 2048;
/// Where the rounds begin in which what is still open at the end is told.
const LAST_ROUNDS: u64 = 1 << 60;

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
            u64::MAX => LAST_ROUNDS + self.first_frame / ROUND,
            frame => frame / ROUND,
        }
    }
}

/// What a thread tells.
enum Message {
    /// Something to show.
    Told(Key, Told),
    /// All that follows is of this round or later; so many frames were read, and so far the file.
    Reached(u64, u64, Progress),
    /// Reading failed; nothing follows.
    Failed(SourceError),
}

/// Reads a file by as many threads as there are dissectors, each for its part; `teller` makes their tellers. What they
/// tell is judged and shown by `pipeline`.
pub(crate) fn read(
    file: &Path,
    dissectors: Vec<Dissector>,
    teller: &(dyn Fn() -> Teller + Sync),
    pipeline: &mut Pipeline<'_, '_>,
) -> Result<(), Interrupted> {
    let numbering = Numbering::new(dissectors.len());
    thread::scope(|scope| {
        let mut parts = Vec::new();
        for (index, dissector) in dissectors.into_iter().enumerate() {
            let (sender, receiver) = mpsc::channel();
            parts.push(receiver);
            let numbering = &numbering;
            scope.spawn(move || {
                let worker = Worker {
                    index,
                    dissector,
                    teller: teller(),
                    numbering,
                    out: sender,
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
        let merged = merge::show(&parts, pipeline);
        // The threads are waited for behind this: they end once nobody listens.
        numbering.stop();
        merged
    })
}

/// One thread.
struct Worker<'t> {
    index: usize,
    dissector: Dissector,
    teller: Teller,
    numbering: &'t Numbering,
    out: Sender<Message>,
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
                    self.dissector.push(input);
                }
                _ => self.dissector.push(input),
            }
            while let Some(event) = self.dissector.poll() {
                self.hear(event);
            }
            self.take_told();
            if ends_round {
                self.progress = capture.progress();
            }
        }
        self.frame = u64::MAX;
        self.dissector.finish();
        while let Some(event) = self.dissector.poll() {
            if let EventKind::Opened(opened) = &event.kind {
                let first_frame = opened.first_frame.map_or(0, |frame| frame.get());
                self.enter(LAST_ROUNDS + first_frame / ROUND, frames)?;
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
        let is_of_one_flow =
            matches!(&event.kind, EventKind::Notice(Notice { kind: NoticeKind::NoTlsCame { .. }, .. }));
        if event.connection.is_none() && self.index > 0 && !is_of_one_flow {
            return;
        }
        if let EventKind::Opened(opened) = &event.kind {
            let first_frame = opened.first_frame.map_or(0, |frame| frame.get());
            self.opened.push(Key { frame: self.frame, turn: Turn::Now, first_frame });
        }
        self.teller.hear(event);
    }

    fn take_told(&mut self) {
        while let Some(told) = self.teller.poll() {
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

    /// A round begins: tells the other threads what was opened before, and sends on what has its number. Waits where the
    /// others are far behind.
    fn enter(&mut self, round: u64, frames: u64) -> Result<(), Option<SourceError>> {
        if round <= self.round {
            return Ok(());
        }
        self.round = round;
        let Some(numbers) = self.numbering.enter(self.index, round, &mut self.opened) else {
            return Err(None);
        };
        for number in numbers {
            self.numbers.count += 1;
            self.numbers.known.insert(self.numbers.count, number);
        }
        self.send_told(frames).map_err(|Stopped| None)
    }

    /// Sends on what was told, up to the first thing that has no number yet.
    fn send_told(&mut self, frames: u64) -> Result<(), Stopped> {
        let mut reached = self.round;
        while let Some((key, told)) = self.told.pop_front() {
            let told = match told {
                Told::Connection(mut connection) => {
                    let Some(number) = self.numbers.known.remove(&connection.id.0) else {
                        reached = reached.min(key.round());
                        self.told.push_front((key, Told::Connection(connection)));
                        break;
                    };
                    connection.id.0 = number;
                    Told::Connection(connection)
                }
                notice => notice,
            };
            self.out.send(Message::Told(key, told)).map_err(|_| Stopped)?;
        }
        self.out.send(Message::Reached(reached, frames, self.progress)).map_err(|_| Stopped)
    }
}
