//! One connection while it is being heard: which handshake each thing belongs to, and the ladder of steps.
//!
//! Each side stands in a handshake of its own: a server that asks for a renegotiation has begun the next handshake
//! while the client still ends the first.

mod alike;
mod draft;
mod facts;
mod heard;
mod http;
mod ladder;
mod shared;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mtlscope_dissect::event::{
    Closed, ConnectionId, EventKind, Opened, Protection, SealedRecord, TransportEnd,
};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_dissect::preamble::Preamble;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{AlertDescription, AlertLevel, ContentType, HandshakeType};

use super::outcome::{Outcome, judge};
use super::{
    Answer, Connection, HandshakeKind, HttpRequest, HttpStatus, MessageHead, Printed, Said, Step, StepKind,
};
use crate::keyless;
use crate::observed::Why;
use draft::{Draft, Turn};
use facts::Circumstances;
use heard::Heard;
use ladder::Ladder;

pub(super) use http::printable;
pub(super) use shared::Shared;

/// Handshakes told apart in one connection; what follows counts to the last.
const HANDSHAKES: usize = 64;
/// Steps kept of one connection.
const STEPS: usize = 4096;
/// Steps kept beyond that, for alerts and ends, which verdicts rest on.
const LAST_STEPS: usize = 64;
/// Missing stretches that are remembered for handshakes in which a side was never heard.
const MISSING: usize = 16;
/// Sayings of the ends kept of one connection.
const SAID: usize = 64;
/// Talks in clear before TLS kept of one connection.
const PREAMBLES: usize = 8;
/// Notices kept of one connection.
const NOTICES: usize = 128;

/// A connection that is still being heard.
#[derive(Debug)]
pub(super) struct Telling {
    id: ConnectionId,
    opened: Box<Opened>,
    ladder: Ladder,
    /// Whether the content of messages is let go once it is judged.
    lets_contents_go: bool,
    drafts: Vec<Draft>,
    /// The handshake each side stands in; there are no more than [`HANDSHAKES`].
    at: [u8; 2],
    ends: [Option<TransportEnd>; 2],
    spoke: [bool; 2],
    limit_told: bool,
    decrypted_with: Option<SecretOrigin>,
    http_request: Option<Box<HttpRequest>>,
    http_status: Option<Arc<HttpStatus>>,
    printed: Option<Printed>,
    /// Boxed, since most connections have nothing of it.
    besides: Option<Box<Besides>>,
}

/// What few connections have beside their handshakes.
#[derive(Debug, Default)]
struct Besides {
    said: Vec<Said>,
    preambles: Vec<Preamble>,
    notices: Vec<Notice>,
}

impl Telling {
    pub(super) fn begin(id: ConnectionId, opened: Box<Opened>, lets_contents_go: bool) -> Self {
        Self {
            id,
            opened,
            ladder: Ladder::default(),
            lets_contents_go,
            drafts: vec![Draft::begin(HandshakeKind::Initial, None)],
            at: [0; 2],
            ends: [None; 2],
            spoke: [false; 2],
            limit_told: false,
            decrypted_with: None,
            http_request: None,
            http_status: None,
            printed: None,
            besides: None,
        }
    }

    pub(super) fn hear(&mut self, kind: EventKind, shared: &mut Shared) {
        match kind {
            EventKind::Printout { refused_by } => self.printed = Some(Printed { refused_by }),
            EventKind::Preamble(preamble) => {
                let preambles = &mut self.besides().preambles;
                if preambles.len() < PREAMBLES {
                    preambles.push(*preamble);
                }
            }
            EventKind::Message(message) => self.message(message, shared),
            EventKind::ChangeCipherSpec { evidence, protection } => {
                self.draft(evidence.side).turn(evidence.side, Turn::ChangeCipherSpec);
                self.step_at(&evidence, StepKind::ChangeCipherSpec(evidence, protection));
            }
            EventKind::Alert { alert, evidence, protection } => self.alert(alert, evidence, protection),
            EventKind::Heartbeat { heartbeat, evidence, protection } => {
                self.step_at(&evidence, StepKind::Heartbeat(heartbeat, evidence, protection));
            }
            EventKind::Sealed(record) => self.sealed(record),
            EventKind::ApplicationData(data) => {
                let step = http::read(&data);
                match &step {
                    StepKind::HttpRequest(request) => {
                        self.http_request.get_or_insert_with(|| Box::new(request.clone()));
                    }
                    StepKind::HttpStatus(status) if status.code >= 200 => {
                        self.http_status.get_or_insert_with(|| Arc::clone(status));
                    }
                    _ => {}
                }
                self.step_at(&data.evidence, step);
            }
            EventKind::Http2Ending { ending, evidence, protection } => {
                self.step_at(&evidence, StepKind::Http2Ending(ending, evidence, protection));
            }
            EventKind::KeysFit(origin) => {
                self.decrypted_with.get_or_insert(origin);
            }
            EventKind::TransportEnd { side, how, frame, time } => {
                self.ends[side.index()].get_or_insert(how);
                self.step(side, frame, time, StepKind::TransportEnd(how));
            }
            EventKind::Said { side, time, text } => {
                let said = &mut self.besides().said;
                if said.len() < SAID {
                    said.push(Said { side, time, text });
                }
            }
            EventKind::Notice(notice) => self.notice(*notice),
            // The teller opens and closes; kinds of event that are not known yet tell nothing.
            _ => {}
        }
    }

    /// Nothing more comes: settles every fact, and judges.
    pub(super) fn end(self, closed: Closed) -> Box<Connection> {
        let Opened { client, server, first_frame, start, start_seen, tunnel, .. } = *self.opened;
        let circumstances = Circumstances {
            start_seen,
            is_printed: self.printed.is_some(),
            closed,
            ends: self.ends,
            visible: [Side::Client, Side::Server].map(|side| {
                // A live end sees both directions: what it did not hear was not said.
                first_frame.is_none()
                    || self.spoke[side.index()]
                    || closed.bytes[side.index()] > 0
                    || self.ends[side.index()].is_some()
            }),
        };
        let besides = self.besides.map(|besides| *besides).unwrap_or_default();
        let mut drafts = self.drafts;
        share_what_is_missing(&mut drafts);
        let settled = drafts.into_iter().enumerate();
        let steps = self.ladder.into_steps();
        let mut connection = Box::new(Connection {
            id: self.id,
            client,
            server,
            tunnel,
            first_frame,
            last_frame: closed.last_frame.or(first_frame),
            start,
            end: closed.end.max(start),
            start_seen,
            handshakes: settled.map(|(index, draft)| draft.settle(index, &circumstances, &steps)).collect(),
            steps,
            http_request: self.http_request.map(|request| *request),
            http_status: self.http_status,
            said: besides.said,
            outcome: Outcome::UNKNOWN,
            decrypted_with: self.decrypted_with,
            closed: Some(closed),
            printed: self.printed,
            preambles: besides.preambles,
            notices: besides.notices,
        });
        keyless::infer(&mut connection);
        connection.outcome = judge(&connection);
        connection
    }

    fn message(&mut self, mut message: Box<Message>, shared: &mut Shared) {
        let evidence = message.evidence;
        self.find_place(&message);
        let heard = self.heard(&evidence);
        self.draft(evidence.side).hear(&mut message, heard, shared);
        let kind = match self.lets_contents_go {
            true => StepKind::MessageHead(MessageHead::of(&message)),
            false => StepKind::Message(message),
        };
        self.step_at(&evidence, kind);
    }

    /// Moves the side that sent a message to the handshake the message belongs to.
    fn find_place(&mut self, message: &Message) {
        let side = message.evidence.side;
        // Up to TLS 1.2 a hello inside the encrypted channel is a renegotiation; in clear it can only be the first.
        let is_inside = message.protection != Protection::Plain;
        match (&message.body, side) {
            (Body::HelloRequest | Body::ServerHello(_), Side::Server)
                if is_inside && !self.draft(side).awaits_server_hello() =>
            {
                self.advance(side);
            }
            (Body::ClientHello(_), Side::Client) if is_inside => {
                let draft = self.draft(side);
                if draft.kind != HandshakeKind::Renegotiation || draft.client_hello.is_some() {
                    self.advance(side);
                }
            }
            (Body::CertificateRequest(request), Side::Server) => {
                let draft = self.draft(side);
                let is_after = draft.is_tls13 == Some(true) && draft.finished[side.index()].is_some();
                if is_after || !request.context().is_empty() {
                    self.begin_post_handshake(request.context());
                }
            }
            (Body::Certificate(_) | Body::CompressedCertificate(_), Side::Client) => {
                let context = message.body.certificate().map_or(&[][..], |certificate| &certificate.context);
                if let Some(index) = self.answered_by(context) {
                    self.at[side.index()] = index as u8;
                }
            }
            (Body::Named, Side::Client)
                if message.handshake_type == HandshakeType::CLIENT_HELLO && is_inside =>
            {
                self.advance(side);
            }
            (Body::Named, Side::Server) if message.handshake_type == HandshakeType::HELLO_REQUEST => {
                self.advance(side);
            }
            (Body::Named, Side::Server)
                if message.handshake_type == HandshakeType::CERTIFICATE_REQUEST
                    && self.draft(side).finished[side.index()].is_some()
                    && message.version.is_tls13() =>
            {
                self.begin_post_handshake(&[]);
            }
            (Body::Named, Side::Client) if message.handshake_type == HandshakeType::CERTIFICATE => {
                if let Some(index) = self.answered_by(&[]) {
                    self.at[side.index()] = index as u8;
                }
            }
            _ => {}
        }
    }

    /// Which request after the handshake a client's Certificate answers; `None` where it answers in its handshake.
    fn answered_by(&self, context: &[u8]) -> Option<usize> {
        let own = self.drafts.get(usize::from(self.at[Side::Client.index()]))?;
        if context.is_empty() && own.finished[Side::Client.index()].is_none() {
            return None;
        }
        let is_open = |draft: &Draft| draft.kind == HandshakeKind::PostHandshake && draft.answer.is_none();
        let matching = |draft: &Draft| is_open(draft) && draft.context() == context;
        self.drafts.iter().position(matching).or_else(|| self.drafts.iter().rposition(is_open))
    }

    /// The side goes on to the next handshake: the one the other side has begun, or a new renegotiation.
    fn advance(&mut self, side: Side) {
        let next = usize::from(self.at[side.index()]) + 1;
        if next < self.drafts.len()
            || self.begin_draft(Draft::begin(HandshakeKind::Renegotiation, Some(false)))
        {
            self.at[side.index()] = next.min(self.drafts.len() - 1) as u8;
        }
    }

    fn begin_post_handshake(&mut self, context: &[u8]) {
        let choice = self.drafts.first().and_then(|initial| initial.choice.clone());
        if self.begin_draft(Draft::begin_post_handshake(context, choice)) {
            self.at[Side::Server.index()] = (self.drafts.len() - 1) as u8;
        }
    }

    fn begin_draft(&mut self, draft: Draft) -> bool {
        if self.drafts.len() < HANDSHAKES {
            self.drafts.push(draft);
            return true;
        }
        self.tell_limit("handshakes of one connection");
        false
    }

    fn sealed(&mut self, record: SealedRecord) {
        let side = record.evidence.side;
        let is_tls13 = self.draft(side).is_tls13 == Some(true);
        let mut turn = Turn::Sealed(record.content_type);
        if !is_tls13 && record.content_type == ContentType::HANDSHAKE {
            let heard = self.heard(&record.evidence);
            let draft = self.draft(side);
            // TLS 1.3 seals everything as application data.
            draft.is_tls13 = Some(false);
            if draft.awaits_sealed_finished(side) {
                draft.finished[side.index()] = Some(heard);
                turn = Turn::Message(HandshakeType::FINISHED);
            } else if draft.finished[side.index()].is_some() {
                self.advance(side);
            }
        } else if !is_tls13
            && record.content_type == ContentType::CHANGE_CIPHER_SPEC
            && self.draft(side).kind == HandshakeKind::Renegotiation
        {
            turn = Turn::ChangeCipherSpec;
        }
        self.draft(side).turn(side, turn);
        self.step_at(&record.evidence, StepKind::Sealed(record));
    }

    fn alert(&mut self, alert: Alert, evidence: Evidence, protection: Protection) {
        let side = evidence.side;
        let draft = self.draft(side);
        if alert.level == AlertLevel::FATAL || alert.description == AlertDescription::CLOSE_NOTIFY {
            draft.turn(side, Turn::LastAlert);
        }
        // SSL 3.0: a client without a certificate says so by an alert. RFC 6101 section 5.4.2.
        if side == Side::Client
            && alert.description == AlertDescription::NO_CERTIFICATE
            && alert.level == AlertLevel::WARNING
            && draft.is_tls13 != Some(true)
        {
            let empty = || Box::new(Answer { evidence, protection, certificates: Vec::new(), unreadable: 0 });
            draft.answer.get_or_insert_with(empty);
        }
        self.step_at(&evidence, StepKind::Alert(alert, evidence, protection));
    }

    fn notice(&mut self, notice: Notice) {
        match notice.kind {
            NoticeKind::Gap { side, .. } | NoticeKind::NotARecord { side, .. } => {
                self.draft(side).turn(side, Turn::Hole(Why::Gap));
            }
            NoticeKind::Snapped { side, .. } => self.draft(side).turn(side, Turn::Hole(Why::SnapLength)),
            // What was let go is not told by whom.
            NoticeKind::LimitReached { .. } => {
                for side in [Side::Client, Side::Server] {
                    self.draft(side).turn(side, Turn::Hole(Why::Gap));
                }
            }
            _ => {}
        }
        let notices = &mut self.besides().notices;
        if notices.len() < NOTICES {
            notices.push(notice);
        }
    }

    /// Where what comes next on the ladder is.
    fn heard(&self, evidence: &Evidence) -> Heard {
        match u16::try_from(self.ladder.len()) {
            Ok(place) if self.ladder.len() < STEPS => Heard::Step(place),
            _ => Heard::Beyond(Box::new(*evidence)),
        }
    }

    fn besides(&mut self) -> &mut Besides {
        self.besides.get_or_insert_default()
    }

    /// The handshake a side stands in.
    fn draft(&mut self, side: Side) -> &mut Draft {
        // There is at least one draft, and `at` only ever holds places in `drafts`.
        let index = usize::from(self.at[side.index()]).min(self.drafts.len() - 1);
        &mut self.drafts[index]
    }

    fn step_at(&mut self, evidence: &Evidence, kind: StepKind) {
        self.spoke[evidence.side.index()] = true;
        self.step(evidence.side, evidence.frame, evidence.time, kind);
    }

    fn step(&mut self, side: Side, frame: Option<FrameNumber>, time: Timestamp, kind: StepKind) {
        let decides =
            matches!(kind, StepKind::Alert(..) | StepKind::TransportEnd(_) | StepKind::HttpStatus(_));
        let room = if decides { STEPS + LAST_STEPS } else { STEPS };
        if self.ladder.len() >= room {
            self.tell_limit("steps of one connection");
            return;
        }
        let handshake = usize::from(self.at[side.index()]);
        self.ladder.push(Step { handshake, side, frame, time, kind });
    }

    fn tell_limit(&mut self, what: &'static str) {
        if !self.limit_told {
            self.limit_told = true;
            let limit = Notice { kind: NoticeKind::LimitReached { what }, frame: None };
            self.besides().notices.push(limit);
        }
    }
}

/// Where a side never spoke in a later handshake, what is missing of it elsewhere, behind its Finished, may have been
/// its part of that handshake.
fn share_what_is_missing(drafts: &mut [Draft]) {
    for side in [Side::Client, Side::Server] {
        let missing: Vec<Turn> = drafts
            .iter()
            .flat_map(|draft| {
                let turns = &draft.turns[side.index()];
                let finished = turns.iter().rposition(|turn| *turn == Turn::Message(HandshakeType::FINISHED));
                turns.iter().skip(finished.map_or(0, |finished| finished + 1))
            })
            .filter(|turn| matches!(turn, Turn::Hole(_) | Turn::Sealed(ContentType::APPLICATION_DATA)))
            .take(MISSING)
            .copied()
            .collect();
        for draft in drafts.iter_mut().skip(1).filter(|draft| draft.turns[side.index()].is_empty()) {
            draft.turns[side.index()].extend_from_slice(&missing);
        }
    }
}
