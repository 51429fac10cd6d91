//! What is kept of connections so that one can be held against another: a bounded summary for each client and server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hashbrown::HashMap;
use mtlscope_dissect::event::ConnectionId;
use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::registry::ProtocolVersion;
use mtlscope_dissect::x509::Certificate;

use crate::connection::{Connection, Party, Verdict};
use crate::rule::Report;
use crate::rules::across;

/// Pairs of client and server that are kept; later ones are left aside.
const PAIRS: usize = 1024;
/// Connections of one pair that are kept: the first ones and, in place of the rest, none.
const EACH: usize = 64;

/// What is kept of one connection.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its number.
    pub id: ConnectionId,
    /// When it began.
    pub start: Timestamp,
    /// The version agreed on; `None` where that was not seen.
    pub version: Option<ProtocolVersion>,
    /// The name the client sent; `None` where it sent none, or that was not seen.
    pub server_name: Option<Arc<str>>,
    /// Whether the ClientHello was seen and has no name.
    pub is_nameless: bool,
    /// Whether it resumed a session.
    pub is_resumed: bool,
    /// How it came out, where that is a matter of the client: accepted, or refused by the server.
    pub came_out: Option<CameOut>,
    /// The client's certificate; `None` where it showed none.
    pub leaf: Option<Arc<Certificate>>,
    /// A place in it to look at.
    pub evidence: Evidence,
}

/// How a connection came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CameOut {
    /// The server took the client.
    Well,
    /// The server refused it.
    Refused,
}

/// The connections of one client with one server, in order.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub client: IpAddr,
    /// The server.
    pub server: SocketAddr,
    /// What is kept of each, at most 64.
    pub connections: Vec<Summary>,
}

/// What is kept of a connection in another thread, until the history gets it in its turn.
#[derive(Debug)]
pub struct Kept {
    key: Key,
    summary: Option<Summary>,
}

/// A client and a server.
type Key = (IpAddr, SocketAddr);

/// Everything that is kept.
#[derive(Debug, Default)]
pub struct History {
    pairs: Vec<Pair>,
    places: HashMap<Key, usize, foldhash::fast::RandomState>,
}

impl History {
    /// Keeps what matters of a connection.
    pub fn remember(&mut self, connection: &Connection) {
        self.keep(key(connection), || summary(connection));
    }

    /// Keeps what was kept of a connection elsewhere.
    pub fn recall(&mut self, kept: Kept) {
        self.keep(kept.key, || kept.summary);
    }

    fn keep(&mut self, key: Key, summary: impl FnOnce() -> Option<Summary>) {
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.pairs.len() >= PAIRS => return,
            None => {
                self.places.insert(key, self.pairs.len());
                self.pairs.push(Pair { client: key.0, server: key.1, connections: Vec::new() });
                self.pairs.len() - 1
            }
        };
        if let Some(pair) = self.pairs.get_mut(place)
            && pair.connections.len() < EACH
            && let Some(summary) = summary()
        {
            pair.connections.push(summary);
        }
    }

    /// What the rules say of all of them, in the order of the rules.
    pub fn findings(&self) -> Report {
        let mut report = Report::default();
        for rule in across::RULES {
            (rule.check)(self, &mut report);
        }
        report
    }

    /// Each client with each server, in the order in which they were first seen.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }
}

impl Kept {
    /// What matters of a connection.
    pub fn of(connection: &Connection) -> Self {
        Self { key: key(connection), summary: summary(connection) }
    }
}

fn key(connection: &Connection) -> Key {
    (connection.client.ip(), connection.server)
}

fn summary(connection: &Connection) -> Option<Summary> {
    let evidence = connection.steps.iter().find_map(|step| step.kind.message())?.evidence;
    let initial = connection.initial();
    let came_out = match (connection.outcome.verdict, connection.outcome.by) {
        (Verdict::Accepted, _) => Some(CameOut::Well),
        (Verdict::Refused, Some(Party::Side(Side::Server))) => Some(CameOut::Refused),
        _ => None,
    };
    let answer = connection.asking().answer.seen();
    Some(Summary {
        id: connection.id,
        start: connection.start,
        version: initial.version.seen().copied(),
        server_name: initial.server_name.seen().map(|name| Arc::from(name.as_str())),
        is_nameless: initial.server_name.is_not_sent(),
        is_resumed: initial.resumption.is_seen(),
        came_out,
        leaf: answer.and_then(|answer| answer.certificates.first()).map(Arc::clone),
        evidence,
    })
}
