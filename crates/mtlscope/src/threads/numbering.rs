//! The numbers of connections among all threads: a connection's number is its place among all that were opened, so it is
//! known once every thread has come past the frame that opened it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Key;

/// Rounds by which a thread may run ahead of the slowest, and of what is shown: so many that one need not wait because
/// another had more to do for a while, or was not given a processor; each is some hundred kilobytes of text.
const LEAD: u64 = 32;

/// What the threads know of each other.
pub(super) struct Numbering {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parts: Vec<Progress>,
    /// Numbers given so far.
    count: u64,
    /// The round before which all is shown.
    shown: u64,
    is_stopped: bool,
}

/// How waiting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wait {
    /// The thread may go on.
    Over,
    /// There are numbers to take.
    Numbers,
    /// Nobody is to read on.
    Stopped,
}

/// How far one thread has come.
#[derive(Default)]
struct Progress {
    /// The round it is in: all that it opens is of this round or later.
    round: u64,
    /// What it opened and has no number yet.
    opened: VecDeque<Key>,
    /// Numbers given and not taken yet, in the order in which the connections were opened.
    numbers: Vec<u64>,
}

impl Numbering {
    pub(super) fn new(parts: usize) -> Self {
        let parts = (0..parts).map(|_| Progress::default()).collect();
        Self {
            state: Mutex::new(State { parts, count: 0, shown: 0, is_stopped: false }),
            changed: Condvar::new(),
        }
    }

    /// A thread enters a round, having opened these connections since it last did.
    pub(super) fn enter(&self, part: usize, round: u64, opened: &mut Vec<Key>) {
        let mut state = self.lock();
        if let Some(progress) = state.parts.get_mut(part) {
            progress.opened.extend(opened.drain(..));
            progress.round = round;
        }
        state.give_numbers();
        self.changed.notify_all();
    }

    /// The numbers that have become known of a thread's connections.
    pub(super) fn take_numbers(&self, part: usize) -> Vec<u64> {
        self.lock()
            .parts
            .get_mut(part)
            .map(|progress| std::mem::take(&mut progress.numbers))
            .unwrap_or_default()
    }

    /// Waits until the others, and what is shown, are near this round, or until there are numbers to take.
    pub(super) fn wait(&self, part: usize, round: u64) -> Wait {
        let mut state = self.lock();
        loop {
            if state.is_stopped {
                return Wait::Stopped;
            }
            if state.parts.get(part).is_some_and(|progress| !progress.numbers.is_empty()) {
                return Wait::Numbers;
            }
            // Behind the last round everything has its number, and nothing more is told.
            let is_near = match round {
                u64::MAX => state.slowest() == u64::MAX,
                _ => state.slowest().min(state.shown) >= round.saturating_sub(LEAD),
            };
            if is_near {
                return Wait::Over;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// All that was told before this round is shown.
    pub(super) fn show(&self, round: u64) {
        let mut state = self.lock();
        if state.shown < round {
            state.shown = round;
            self.changed.notify_all();
        }
    }

    /// A thread has ended: nobody waits for it.
    pub(super) fn leave(&self, part: usize) {
        let mut state = self.lock();
        if let Some(progress) = state.parts.get_mut(part) {
            progress.round = u64::MAX;
        }
        state.give_numbers();
        self.changed.notify_all();
    }

    /// Nobody is to read on.
    pub(super) fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    /// A thread that panicked leaves nothing half done in here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn slowest(&self) -> u64 {
        self.parts.iter().map(|part| part.round).min().unwrap_or(u64::MAX)
    }

    /// Numbers what was opened in rounds that all threads have left behind.
    fn give_numbers(&mut self) {
        let slowest = self.slowest();
        loop {
            let first = self
                .parts
                .iter_mut()
                .filter(|part| part.opened.front().is_some_and(|key| key.round() < slowest))
                .min_by_key(|part| part.opened.front().copied());
            let Some(first) = first else { return };
            first.opened.pop_front();
            self.count += 1;
            first.numbers.push(self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::{ROUND, Turn};

    fn opened(frame: u64) -> Key {
        Key { frame, turn: Turn::Now, first_frame: frame }
    }

    #[test]
    fn connections_are_numbered_in_the_order_of_their_frames() {
        let numbering = Numbering::new(2);
        // The other thread may have opened one in the same round, so nothing is known yet.
        numbering.enter(0, 1, &mut vec![opened(5), opened(7)]);
        assert!(numbering.take_numbers(0).is_empty());
        numbering.enter(1, 1, &mut vec![opened(6)]);
        assert_eq!((numbering.take_numbers(0), numbering.take_numbers(1)), (vec![1, 3], vec![2]));
    }

    #[test]
    fn a_thread_that_left_holds_nobody_up() {
        let numbering = Numbering::new(2);
        numbering.leave(1);
        numbering.enter(0, 100, &mut vec![opened(5)]);
        assert_eq!(numbering.wait(0, 100), Wait::Numbers);
        assert_eq!(numbering.take_numbers(0), vec![1]);
        numbering.enter(0, u64::MAX, &mut vec![opened(101 * ROUND)]);
        assert_eq!((numbering.take_numbers(0), numbering.wait(0, u64::MAX)), (vec![2], Wait::Over));
    }

    #[test]
    fn a_thread_waits_for_the_others_and_for_what_is_shown() {
        let numbering = Numbering::new(2);
        std::thread::scope(|scope| {
            numbering.enter(0, 100, &mut Vec::new());
            let waiting = scope.spawn(|| numbering.wait(0, 100));
            numbering.enter(1, 100 - LEAD, &mut Vec::new());
            assert!(!waiting.is_finished());
            numbering.show(100 - LEAD);
            assert_eq!(waiting.join().unwrap(), Wait::Over);
        });
    }

    #[test]
    fn a_stop_wakes_who_waits() {
        let numbering = Numbering::new(2);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| numbering.wait(0, 100));
            numbering.stop();
            assert_eq!(waiting.join().unwrap(), Wait::Stopped);
        });
    }
}
