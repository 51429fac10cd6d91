//! The bounded way of batches to the engine, and what becomes of those that find it full.
//!
//! Who feeds an engine that is too slow waits: for ever, or where others must not be held up, for so long. A batch that
//! waited in vain is given back, to be told by its lengths; the last word of a connection is kept aside. What cannot even be
//! kept so is counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Batch;

/// Last words that are kept aside, at most. Each holds a few lengths.
const LATE: usize = 4096;
/// How often one looks whether there is room.
const PAUSE: Duration = Duration::from_micros(500);

/// Where batches are handed on.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    batches: SyncSender<Batch>,
    state: Arc<State>,
}

/// Where they come out.
#[derive(Debug)]
pub(super) struct Receiver {
    batches: mpsc::Receiver<Batch>,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    /// How long one waits; `None`: for ever.
    patience: Option<Duration>,
    /// Somebody waited in vain, and nothing has been taken since.
    stuck: AtomicBool,
    late: Mutex<VecDeque<Batch>>,
    /// Connections that began unseen.
    untold: AtomicU64,
}

/// A way for so many batches.
pub(super) fn channel(capacity: usize, patience: Option<Duration>) -> (Sender, Receiver) {
    let (sender, receiver) = sync_channel(capacity);
    let state = Arc::new(State {
        patience,
        stuck: AtomicBool::new(false),
        late: Mutex::default(),
        untold: AtomicU64::new(0),
    });
    (Sender { batches: sender, state: Arc::clone(&state) }, Receiver { batches: receiver, state })
}

impl Sender {
    /// Hands a batch on; gives it back where there was no room for too long.
    pub(super) fn send(&self, mut batch: Batch) -> Option<Batch> {
        let Some(patience) = self.state.patience else {
            // Where nobody reads any more, nobody wants to know.
            let _ = self.batches.send(batch);
            return None;
        };
        let start = Instant::now();
        loop {
            match self.batches.try_send(batch) {
                Ok(()) => {
                    self.state.stuck.store(false, Ordering::Relaxed);
                    return None;
                }
                Err(TrySendError::Disconnected(_)) => return None,
                Err(TrySendError::Full(back)) => batch = back,
            }
            // One has waited for all.
            if self.state.stuck.load(Ordering::Relaxed) {
                return Some(batch);
            }
            if start.elapsed() >= patience {
                self.state.stuck.store(true, Ordering::Relaxed);
                return Some(batch);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Hands on the last batch of a connection, or keeps it aside until there is room.
    pub(super) fn send_last(&self, batch: Batch) {
        let mut late = self.state.late();
        match late.len() < LATE {
            true => late.push_back(batch),
            false => self.count_untold(),
        }
        drop(late);
        // Were all taken meanwhile, nobody would look. Where there is no room somebody will.
        let _ = self.batches.try_send(Batch::default());
    }

    /// A connection began, and nobody saw it.
    pub(super) fn count_untold(&self) {
        self.state.untold.fetch_add(1, Ordering::Relaxed);
    }
}

impl Receiver {
    /// The next batch; `None` once nothing more can come.
    pub(super) fn next(&self) -> Option<Batch> {
        loop {
            let batch = match self.batches.try_recv() {
                Ok(batch) => batch,
                Err(TryRecvError::Disconnected) => return self.take_late(),
                // What is late comes behind all that was handed on before.
                Err(TryRecvError::Empty) => match self.take_late() {
                    Some(batch) => batch,
                    None => match self.batches.recv() {
                        Ok(batch) => batch,
                        Err(_) => return self.take_late(),
                    },
                },
            };
            if !batch.is_empty() {
                return Some(batch);
            }
        }
    }

    fn take_late(&self) -> Option<Batch> {
        self.state.late().pop_front()
    }

    /// How many connections began unseen since the last call.
    pub(super) fn take_untold(&self) -> u64 {
        self.state.untold.swap(0, Ordering::Relaxed)
    }
}

impl State {
    fn late(&self) -> MutexGuard<'_, VecDeque<Batch>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
