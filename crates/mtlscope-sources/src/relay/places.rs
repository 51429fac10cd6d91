//! Who is connected: so that the relay can stop, and takes no more than it may.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::lock;
use crate::feed::FlowFeed;

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    limit: usize,
    taken: Mutex<Taken>,
    /// Something of it has changed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    visitors: HashMap<u64, Visitor>,
    /// No more are given.
    closed: bool,
}

#[derive(Debug, Default)]
struct Visitor {
    sockets: Vec<Arc<TcpStream>>,
    flow: Option<FlowFeed>,
    /// Its thread waits for a destination to answer, which nothing can cut short.
    dials: bool,
}

impl Places {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, taken: Mutex::default(), changed: Condvar::new() }
    }

    /// Whether the next one to come would have to wait.
    pub(super) fn are_full(&self) -> bool {
        lock(&self.taken).visitors.len() >= self.limit
    }

    /// Waits for a free place; `None` once no more are given.
    pub(super) fn wait_free(&self) -> Option<()> {
        let mut taken = lock(&self.taken);
        while taken.visitors.len() >= self.limit && !taken.closed {
            taken = self.changed.wait(taken).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        (!taken.closed).then_some(())
    }

    /// Takes a place.
    pub(super) fn enter(&self) -> u64 {
        let mut taken = lock(&self.taken);
        taken.next += 1;
        let number = taken.next;
        taken.visitors.insert(number, Visitor::default());
        number
    }

    /// The place of this number, to be left by dropping.
    pub(super) const fn place(&self, number: u64) -> Place<'_> {
        Place { places: self, number }
    }

    /// Gives no more places.
    pub(super) fn close(&self) {
        lock(&self.taken).closed = true;
        self.changed.notify_all();
    }

    /// Waits until all are gone, so long at most.
    pub(super) fn wait_empty(&self, grace: Duration) {
        self.wait_until(Some(grace), |visitors| visitors.is_empty());
    }

    /// Ends all connections, and waits for those whose threads can be called away.
    pub(super) fn dismiss(&self) {
        // Who comes in between is asked to go by the next round.
        self.wait_until(None, |visitors| {
            visitors.values_mut().for_each(Visitor::let_go);
            visitors.values().all(|visitor| visitor.dials)
        });
    }

    fn wait_until(&self, limit: Option<Duration>, mut done: impl FnMut(&mut HashMap<u64, Visitor>) -> bool) {
        let deadline = limit.map(|limit| Instant::now() + limit);
        let mut taken = lock(&self.taken);
        while !done(&mut taken.visitors) {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            let wait = left.unwrap_or(Duration::from_secs(1));
            let waited = self.changed.wait_timeout(taken, wait);
            taken = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}

impl Visitor {
    fn let_go(&mut self) {
        // First the feed, so that closing the sockets is not taken for anybody's doing.
        if let Some(flow) = self.flow.take() {
            flow.end();
        }
        for socket in &self.sockets {
            // One that is gone already needs no closing.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    number: u64,
}

impl Place<'_> {
    /// Whose place it is.
    pub(super) fn client(&self, client: Arc<TcpStream>, flow: FlowFeed) {
        self.change(|visitor| {
            visitor.sockets.push(client);
            visitor.flow = Some(flow);
        });
    }

    /// And to whom it leads.
    pub(super) fn server(&self, server: Arc<TcpStream>) {
        self.change(|visitor| visitor.sockets.push(server));
    }

    /// Its sockets are done with.
    pub(super) fn sockets_closed(&self) {
        self.change(|visitor| visitor.sockets.clear());
    }

    /// Does something that may take its time and cannot be called away from.
    pub(super) fn while_dialing<T>(&self, dial: impl FnOnce() -> T) -> T {
        self.change(|visitor| visitor.dials = true);
        let result = dial();
        self.change(|visitor| visitor.dials = false);
        result
    }

    fn change(&self, change: impl FnOnce(&mut Visitor)) {
        let mut taken = lock(&self.places.taken);
        let closed = taken.closed;
        if let Some(visitor) = taken.visitors.get_mut(&self.number) {
            change(visitor);
        }
        drop(taken);
        if closed {
            self.places.changed.notify_all();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.places.taken).visitors.remove(&self.number);
        self.places.changed.notify_all();
    }
}
