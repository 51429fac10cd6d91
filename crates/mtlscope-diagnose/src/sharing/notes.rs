//! What is noted of each connection while a capture is read: where its handshake lies in the two streams, and the secrets that
//! opened it.

use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::event::{ConnectionId, Event, EventKind, Protection, Record, SessionKeys};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::preamble::{Preamble, PreambleProtocol};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{ContentType, ExtensionType, HandshakeType, ProtocolVersion};

use super::plan::{Fragments, Plan, Plans};
use super::{Kept, Policy};
use crate::connection::Connection;

/// Bytes of a record's header.
const HEADER: u64 = 5;
/// Stretches kept of one side of a connection. Behind them nothing more stays.
const STRETCHES: usize = 8192;
/// Of which headers alone: of bulk data the first records are enough.
const HEADERS: usize = 1024;
/// What a packet of TDS puts before the records in it.
const TDS_HEADER: u64 = 8;

/// Hears what is told of a capture, and makes a plan for each connection that is to be shared.
#[derive(Debug)]
pub struct Notes {
    policy: Policy,
    connections: HashMap<ConnectionId, Noted, RandomState>,
    fragments: Fragments,
    plans: Vec<Plan>,
}

/// What is noted of one connection.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) sides: [Stretches; 2],
    pub(super) keys: Vec<SessionKeys>,
    /// A talk in clear, of which not all stays.
    pub(super) talk_cut: bool,
    is_tds: bool,
    early_data: bool,
    /// The frame of the ServerHello.
    server_hello: Option<FrameNumber>,
    /// Sides whose Finished was read: the handshake of that side is over.
    finished: [bool; 2],
    /// The frame with the end of the first record that the client sealed.
    client_sealed: Option<FrameNumber>,
}

/// What stays of what a side sent.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    /// In the order of the stream, and not touching.
    pub(super) kept: Vec<Range<u64>>,
    /// Where TLS begins.
    pub(super) tls_from: Option<u64>,
    headers: usize,
    /// Whether records were cut that nobody could read.
    pub(super) cut_unread: bool,
}

impl Notes {
    /// Notes for a policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy, connections: HashMap::default(), fragments: Fragments::default(), plans: Vec::new() }
    }

    /// Takes what was told. The dissector must have been asked for packets and for session keys.
    pub fn hear(&mut self, event: &Event) {
        if let EventKind::Packet(packet) = &event.kind {
            self.fragments.note(packet);
        }
        let Some(id) = event.connection else { return };
        let policy = self.policy;
        let noted = match &event.kind {
            EventKind::Opened(_) => self.connections.entry(id).or_default(),
            _ => match self.connections.get_mut(&id) {
                Some(noted) => noted,
                None => return,
            },
        };
        match &event.kind {
            EventKind::Preamble(preamble) => noted.preamble(preamble, &policy),
            EventKind::Record(record) => noted.record(record, &policy),
            EventKind::Message(message) => noted.message(message),
            EventKind::SessionKeys(keys) => noted.keys.push(keys.clone()),
            _ => {}
        }
    }

    /// The connection is not to be shared.
    pub fn forget(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// Plans what is to stay of a connection. False where that was not heard of.
    pub fn plan(&mut self, connection: &Connection) -> bool {
        let noted = self.connections.remove(&connection.id);
        let plan = noted.and_then(|noted| Plan::of(connection, noted, self.policy));
        let is_planned = plan.is_some();
        self.plans.extend(plan);
        is_planned
    }

    /// All that was planned, once the capture is read to its end.
    pub fn into_plans(self) -> Plans {
        Plans::of(self.plans, self.fragments)
    }
}

impl Noted {
    fn preamble(&mut self, preamble: &Preamble, policy: &Policy) {
        self.is_tds |= preamble.protocol == PreambleProtocol::Tds;
        self.talk_cut |= preamble.protocol != PreambleProtocol::Tds;
        if policy.keeps_asking(preamble.protocol) {
            for step in &preamble.steps {
                self.keep(&step.evidence, u64::from(step.evidence.length));
            }
        }
    }

    fn message(&mut self, message: &Message) {
        let side = message.evidence.side;
        match (&message.body, message.handshake_type) {
            (Body::ClientHello(hello), _) => self.early_data |= hello.offers(ExtensionType::EARLY_DATA),
            (Body::ServerHello(_), _) => self.server_hello = message.evidence.frame,
            (_, HandshakeType::FINISHED) => self.finished[side.index()] = true,
            _ => {}
        }
        // Messages of SSL 2 stand in no record of TLS.
        let is_ssl2 = message.ssl2_hello().is_some() || message.version == ProtocolVersion::SSL2;
        if is_ssl2 && message.protection == Protection::Plain {
            self.keep(&message.evidence, message.evidence.length.into());
        }
    }

    fn record(&mut self, record: &Record, policy: &Policy) {
        let evidence = &record.evidence;
        let side = evidence.side;
        let stretches = &mut self.sides[side.index()];
        stretches.tls_from.get_or_insert(evidence.offset);
        let is_sealed = record.protection.is_none();
        let kept = match is_sealed && record.outer_content_type == ContentType::APPLICATION_DATA {
            true if self.may_be_handshake(record) => Kept::Whole,
            _ => policy.keeps(record),
        };
        if self.is_tds
            && let Some(last) = self.sides[side.index()].kept.last_mut()
            && (1..=TDS_HEADER).contains(&evidence.offset.saturating_sub(last.end))
        {
            last.end = evidence.offset;
        }
        match kept {
            Kept::Whole => self.keep(evidence, HEADER + u64::from(record.length)),
            Kept::Header => {
                let stretches = &mut self.sides[side.index()];
                stretches.cut_unread |= is_sealed;
                stretches.headers += 1;
                if stretches.headers <= HEADERS {
                    self.keep(evidence, HEADER);
                }
            }
        }
    }

    /// Whether a sealed record of TLS 1.3 that nobody can open is of the handshake, as far as its place tells: of the
    /// server, all until the client seals something; of the client, what comes with its first.
    fn may_be_handshake(&mut self, record: &Record) -> bool {
        let Evidence { side, frame, first_frame, .. } = record.evidence;
        let is_behind_hello = self.server_hello.is_some() && frame >= self.server_hello;
        let is_tls13 = record.negotiated_version.is_some_and(|version| version.is_tls13());
        if !is_tls13 || !is_behind_hello || self.finished[side.index()] {
            return false;
        }
        match side {
            Side::Server => self.client_sealed.is_none(),
            Side::Client if self.early_data => false,
            Side::Client => {
                if self.client_sealed.is_none() {
                    self.client_sealed = frame;
                }
                first_frame <= self.client_sealed
            }
        }
    }

    /// Keeps the first bytes of something.
    fn keep(&mut self, evidence: &Evidence, length: u64) {
        let kept = &mut self.sides[evidence.side.index()].kept;
        let (start, end) = (evidence.offset, evidence.offset.saturating_add(length));
        match kept.last_mut() {
            Some(last) if (last.start..=last.end).contains(&start) => last.end = last.end.max(end),
            // Out of order: only a hostile capture can bring it about.
            Some(last) if start < last.start => {}
            Some(_) | None => {
                if kept.len() < STRETCHES {
                    kept.push(start..end);
                }
            }
        }
    }
}
