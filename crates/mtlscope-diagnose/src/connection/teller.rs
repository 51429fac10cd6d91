//! Folds events into connections: hears them one by one, and tells each connection once it is over.

use std::collections::VecDeque;

use hashbrown::HashMap;
use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::notice::Notice;

use super::Connection;
use super::telling::{Shared, Telling};

/// Connections that may be open at once before memory is spared at the cost of time.
const MANY: usize = 4096;

/// Hears events, tells connections. Push with [`Teller::hear`], pull with [`Teller::poll`] until it has nothing more.
#[derive(Debug, Default)]
pub struct Teller {
    tellings: HashMap<ConnectionId, Box<Telling>, foldhash::fast::RandomState>,
    told: VecDeque<Told>,
    shared: Shared,
    checks_every_proof: bool,
    lets_contents_go: bool,
}

/// What a [`Teller`] tells.
#[derive(Debug)]
pub enum Told {
    /// A connection, told to its end.
    Connection(Box<Connection>),
    /// Something odd that belongs to no connection.
    Notice(Notice),
}

impl Teller {
    /// Checks every CertificateVerify of a client, not only where the client was refused.
    pub fn checking_every_proof(self, every: bool) -> Self {
        Self { checks_every_proof: every, ..self }
    }

    /// Lets the content of a message go once it is judged, and keeps its [`super::MessageHead`]: for who shows no more of
    /// a message than that. It saves most of the memory that a connection takes while it is open.
    pub fn letting_contents_go(self, lets_go: bool) -> Self {
        Self { lets_contents_go: lets_go, ..self }
    }

    /// Takes the next event. Events of a connection that was never opened, or is already told, are left aside, but for
    /// their notices.
    pub fn hear(&mut self, event: Event) {
        let Some(id) = event.connection else {
            if let EventKind::Notice(notice) = event.kind {
                self.told.push_back(Told::Notice(*notice));
            }
            return;
        };
        match event.kind {
            EventKind::Opened(opened) => {
                let lets_go = self.lets_contents_go;
                self.tellings.entry(id).or_insert_with(|| Box::new(Telling::begin(id, opened, lets_go)));
            }
            EventKind::Closed(closed) => {
                if let Some(telling) = self.tellings.remove(&id) {
                    let mut connection = telling.end(closed);
                    connection.check_proofs(self.checks_every_proof);
                    self.told.push_back(Told::Connection(connection));
                }
            }
            _ => self.hear_between(id, event),
        }
    }

    /// Takes an event between the first and the last of a connection.
    fn hear_between(&mut self, id: ConnectionId, mut event: Event) {
        // What a proof covers is hashed at once where many connections wait: else each would hold its handshake.
        if self.tellings.len() > MANY
            && let EventKind::Message(message) = &mut event.kind
            && let Some(signed) = &mut message.signed
        {
            signed.condense();
        }
        if let Some(telling) = self.tellings.get_mut(&id) {
            telling.hear(event.kind, &mut self.shared);
        } else if let EventKind::Notice(notice) = event.kind {
            self.told.push_back(Told::Notice(*notice));
        }
    }

    /// The next thing told, if there is one.
    #[inline]
    pub fn poll(&mut self) -> Option<Told> {
        self.told.pop_front()
    }
}
