//! Who is connected: so that the server can stop, and so that where all places are taken, the one who has held its
//! place the longest without a word makes room.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mtlscope_dissect::side::Side;

use crate::feed::FlowFeed;

/// Everyone who is connected.
#[derive(Debug, Default)]
pub(super) struct Visitors(Mutex<Places>);

#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: BTreeMap<u64, Visitor>,
}

#[derive(Debug)]
struct Visitor {
    stream: TcpStream,
    flow: FlowFeed,
    /// When it began to be waited for; `None` while the server works for it.
    waited_for: Option<Instant>,
}

impl Visitors {
    /// Takes a place.
    pub(super) fn enter(&self, stream: TcpStream, flow: FlowFeed) -> Visit<'_> {
        let mut places = self.places();
        places.next += 1;
        let number = places.next;
        places.taken.insert(number, Visitor { stream, flow, waited_for: Some(Instant::now()) });
        Visit { visitors: self, number }
    }

    /// Ends the connection that has been waited for the longest. Its worker then comes back by itself.
    pub(super) fn make_room(&self) {
        let mut places = self.places();
        let longest = places
            .taken
            .iter()
            .filter_map(|(number, visitor)| Some((visitor.waited_for?, *number)))
            .min()
            .map(|(_, number)| number);
        if let Some(visitor) = longest.and_then(|number| places.taken.remove(&number)) {
            drop(places);
            visitor.let_go("let go to make room for others");
        }
    }

    /// Ends all connections.
    pub(super) fn dismiss(&self) {
        let taken = std::mem::take(&mut self.places().taken);
        for visitor in taken.into_values() {
            visitor.let_go("the server stops");
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visitor {
    fn let_go(self, why: &str) {
        // First the feed, so that closing the socket is not taken for the client's doing.
        self.flow.said(Side::Server, why);
        self.flow.fin(Side::Server);
        self.flow.end();
        // A socket that is gone already needs no closing.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    visitors: &'a Visitors,
    number: u64,
}

impl Visit<'_> {
    /// The server waits for the client from now on, or works for it.
    pub(super) fn waits(&self, waits: bool) {
        if let Some(visitor) = self.visitors.places().taken.get_mut(&self.number) {
            visitor.waited_for = waits.then(Instant::now);
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.visitors.places().taken.remove(&self.number);
    }
}
