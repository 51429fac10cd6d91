//! One connection as a printout tells it, kept until its end: what a later line says (the cipher suite, that no signature
//! followed) completes an earlier one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::server_log::Logged;
use super::{Direction, Heard, Precision};
use crate::event::{
    ApplicationData, Closed, ClosedWhy, ConnectionId, Event, EventKind, Opened, Protection, TransportEnd,
};
use crate::evidence::Evidence;
use crate::http2::Ending;
use crate::notice::{Notice, NoticeKind};
use crate::reassembly::At;
use crate::side::Side;
use crate::time::Timestamp;
use crate::tls::alert::Alert;
use crate::tls::handshake::{self, Body, Context};
use crate::tls::message::Message;
use crate::tls::registry::{CipherSuite, HandshakeType, ProtocolVersion};
use crate::x509::{Certificate, Name};

/// Things kept of one connection; what is printed beyond them is left out.
const KEPT: usize = 4096;

/// The least length of a ServerHello: version, random, an empty session id, cipher suite, compression method.
const SERVER_HELLO_LENGTH: u32 = 2 + 32 + 1 + 2 + 1;

/// One connection, as far as it was printed.
#[derive(Debug)]
pub(super) struct Account {
    id: ConnectionId,
    client: SocketAddr,
    server: SocketAddr,
    time: Timestamp,
    /// Which end prints, once a hello shows it.
    printer: Option<Side>,
    precision: Option<Precision>,
    version: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    has_asked: bool,
    /// A proxy was asked for a way through, and has not answered.
    asks_proxy: bool,
    refused_by: Option<Side>,
    /// The client is said not to speak TLS.
    without_tls: bool,
    told: Vec<Told>,
    said: Vec<(Side, String)>,
    pub(super) has_ended: bool,
}

/// One thing told, in order.
#[derive(Debug)]
struct Told {
    side: Side,
    what: What,
}

#[derive(Debug)]
enum What {
    /// A message, with its bytes (header and all) where they were printed.
    Message {
        handshake_type: HandshakeType,
        length: Option<u32>,
        bytes: Option<Vec<u8>>,
    },
    /// The client's list of certificates is empty.
    EmptyList,
    ChangeCipherSpec,
    Alert(Alert),
    HttpRequest(String),
    HttpStatus(String),
    Http2Ending(Ending),
    End(TransportEnd),
}

impl Account {
    pub(super) fn begin(number: u64, at: At) -> Self {
        let nobody = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Self {
            id: ConnectionId(number),
            client: nobody,
            server: nobody,
            time: at.time,
            printer: None,
            precision: None,
            version: None,
            cipher_suite: None,
            has_asked: false,
            asks_proxy: false,
            refused_by: None,
            without_tls: false,
            told: Vec::new(),
            said: Vec::new(),
            has_ended: false,
        }
    }

    /// Whether anything of a handshake was told.
    pub(super) fn has_messages(&self) -> bool {
        !self.told.is_empty() || self.has_asked
    }

    /// Whether a log's line about this client goes on with this connection.
    pub(super) fn is_of(&self, client: Option<SocketAddr>) -> bool {
        client.is_none_or(|client| client == self.client && !client.ip().is_unspecified())
    }

    /// Whether a ClientHello that comes now begins another connection: a handshake was told, and nobody asked for a new
    /// one inside it.
    pub(super) fn ends_before_hello(&self, precision: Precision) -> bool {
        let is_message = |told: &Told, wanted| matches!(told.what, What::Message { handshake_type, .. } if handshake_type == wanted);
        let greeted = self.told.iter().any(|told| is_message(told, HandshakeType::CLIENT_HELLO));
        let renegotiates = self.told.iter().any(|told| is_message(told, HandshakeType::HELLO_REQUEST));
        let finished = self.told.iter().any(|told| is_message(told, HandshakeType::FINISHED));
        let is_lesser = self.precision.is_some_and(|known| precision < known);
        // OpenSSL's programs say where a connection begins, and renegotiate at the client's word too.
        let begins_anew = precision == Precision::Names && finished && !renegotiates;
        !is_lesser && greeted && (self.has_ended || begins_anew)
    }

    pub(super) fn hear(&mut self, heard: Heard<'_>) {
        match heard {
            Heard::Begins { server } => self.server = server.unwrap_or(self.server),
            Heard::Message { direction, handshake_type, version, length, precision } => {
                if self.takes(precision) {
                    self.version =
                        version.filter(|_| handshake_type != HandshakeType::CLIENT_HELLO).or(self.version);
                    let side = self.side_of(direction, handshake_type);
                    self.tell(side, What::Message { handshake_type, length, bytes: None });
                }
            }
            Heard::ChangeCipherSpec { direction, precision } => {
                if self.takes(precision) {
                    let side = self.side(direction);
                    self.tell(side, What::ChangeCipherSpec);
                }
            }
            Heard::Alert { direction, alert, precision } => {
                if self.takes(precision) {
                    let side = self.side(direction);
                    self.tell(side, What::Alert(alert));
                }
            }
            Heard::AlertInError { alert, text } => {
                let side = self.side(Direction::Received);
                let is_known = |told: &Told| {
                    told.side == side
                        && matches!(told.what, What::Alert(known) if known.description == alert.description)
                };
                if !self.told.iter().any(is_known) {
                    self.tell(side, What::Alert(alert));
                }
                self.say(!side, text);
            }
            Heard::EmptyList => self.tell(Side::Client, What::EmptyList),
            Heard::Chosen(version) => {
                self.version.get_or_insert(version);
            }
            Heard::Agreed { version, cipher_suite } => {
                self.version = version.or(self.version);
                self.cipher_suite = cipher_suite.or(self.cipher_suite);
            }
            Heard::Asked => self.has_asked = true,
            // What is said to a proxy comes before TLS, and so does its answer.
            Heard::HttpRequest(line) if line.starts_with("CONNECT ") => self.asks_proxy = true,
            Heard::HttpStatus(_) if self.asks_proxy => self.asks_proxy = false,
            Heard::HttpRequest(line) => self.tell(Side::Client, What::HttpRequest(line.to_owned())),
            Heard::HttpStatus(line) => self.tell(Side::Server, What::HttpStatus(line.to_owned())),
            Heard::Http2Ending(ending) => self.tell(Side::Server, What::Http2Ending(ending)),
            Heard::PeerReset => self.peer_ends(TransportEnd::Reset),
            Heard::PeerClosed => self.peer_ends(TransportEnd::Fin),
            Heard::Says(text) => {
                let side = self.side(Direction::Sent);
                self.say(side, text);
            }
            Heard::Ends | Heard::Dump { .. } | Heard::Logged(_) | Heard::Record(_) | Heard::Traced(_) => {}
        }
    }

    /// A message with all its bytes.
    pub(super) fn message_bytes(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        version: Option<ProtocolVersion>,
    ) {
        let Some(handshake_type) = bytes.first().copied().map(HandshakeType) else { return };
        if !self.takes(Precision::Bytes) {
            return;
        }
        if handshake_type != HandshakeType::CLIENT_HELLO {
            self.version = version.or(self.version);
        }
        let side = self.side_of(direction, handshake_type);
        let length = u32::try_from(bytes.len().saturating_sub(4)).ok();
        self.tell(side, What::Message { handshake_type, length, bytes: Some(bytes.to_vec()) });
    }

    /// What a server's log says.
    pub(super) fn logged(&mut self, logged: &Logged<'_>) {
        self.printer = Some(Side::Server);
        self.client = logged.client.unwrap_or(self.client);
        let message = |handshake_type| What::Message { handshake_type, length: None, bytes: None };
        if let Some(sent) = logged.sent_certificate
            && !self.told.iter().any(|told| matches!(told.what, What::Message { .. }))
        {
            self.tell(Side::Server, message(HandshakeType::CERTIFICATE_REQUEST));
            self.tell(Side::Client, message(HandshakeType::CERTIFICATE));
            match sent {
                true => self.tell(Side::Client, message(HandshakeType::CERTIFICATE_VERIFY)),
                false => self.tell(Side::Client, What::EmptyList),
            }
        }
        self.without_tls |= logged.without_tls;
        if let Some(alert) = logged.client_alert {
            self.tell(Side::Client, What::Alert(alert));
        }
        if logged.refused {
            self.refused_by = Some(Side::Server);
        }
        self.say(Side::Server, logged.text);
    }

    /// Whether what comes with this precision is to be taken: a lesser one only repeats.
    fn takes(&mut self, precision: Precision) -> bool {
        if self.precision.is_some_and(|known| precision < known) {
            return false;
        }
        if self.precision.is_some_and(|known| precision > known) {
            // What was told less exactly comes again, in full.
            self.told.retain(|told| {
                !matches!(told.what, What::Message { .. } | What::ChangeCipherSpec | What::Alert(_))
            });
        }
        self.precision = Some(precision);
        true
    }

    fn side(&self, direction: Direction) -> Side {
        let printer = self.printer.unwrap_or(Side::Client);
        match direction {
            Direction::Sent => printer,
            Direction::Received => !printer,
        }
    }

    /// The hellos show which end prints.
    fn side_of(&mut self, direction: Direction, handshake_type: HandshakeType) -> Side {
        let speaker = match handshake_type {
            HandshakeType::CLIENT_HELLO | HandshakeType::CLIENT_KEY_EXCHANGE => Some(Side::Client),
            HandshakeType::SERVER_HELLO
            | HandshakeType::CERTIFICATE_REQUEST
            | HandshakeType::SERVER_HELLO_DONE
            | HandshakeType::ENCRYPTED_EXTENSIONS => Some(Side::Server),
            _ => None,
        };
        if let (None, Some(speaker)) = (self.printer, speaker) {
            self.printer = Some(if direction == Direction::Sent { speaker } else { !speaker });
        }
        self.side(direction)
    }

    fn tell(&mut self, side: Side, what: What) {
        if self.told.len() < KEPT {
            self.told.push(Told { side, what });
        }
    }

    fn say(&mut self, side: Side, text: &str) {
        const SAID: usize = 64;
        if self.said.len() < SAID && !self.said.iter().any(|(_, known)| known == text) {
            self.said.push((side, text.to_owned()));
        }
    }

    fn peer_ends(&mut self, how: TransportEnd) {
        let side = self.side(Direction::Received);
        if !self.told.iter().any(|told| matches!(told.what, What::End(_))) {
            self.tell(side, What::End(how));
        }
    }

    /// Nothing more comes: everything is told.
    pub(super) fn close(mut self, events: &mut Vec<Event>) {
        if !self.has_messages() && self.said.is_empty() {
            return;
        }
        if self.has_asked && !self.told.iter().any(|told| matches!(told.what, What::Message { .. })) {
            let asked = What::Message {
                handshake_type: HandshakeType::CERTIFICATE_REQUEST,
                length: None,
                bytes: None,
            };
            self.told.insert(0, Told { side: Side::Server, what: asked });
        }
        let connection = Some(self.id);
        let mut put = |kind| events.push(Event { connection, kind });
        put(EventKind::Opened(Box::new(Opened {
            client: self.client,
            server: self.server,
            first_frame: None,
            start: self.time,
            start_seen: true,
            tunnel: Vec::new(),
        })));
        put(EventKind::Printout { refused_by: self.refused_by });
        if self.without_tls {
            let kind = NoticeKind::ClearTextInsteadOfTls { length: 0 };
            put(EventKind::Notice(Box::new(Notice { kind, frame: None })));
        }
        let mut teller = Teller {
            account: &self,
            protected: [false; 2],
            offset: 0,
            bytes: [0; 2],
            context: Context { version: None, cipher_suite: None, side: Side::Client },
        };
        for (place, told) in self.told.iter().enumerate() {
            if let Some(kind) = teller.event(place, told) {
                put(kind);
            }
        }
        let bytes = teller.bytes;
        for (side, text) in &self.said {
            put(EventKind::Said { side: *side, time: self.time, text: text.clone() });
        }
        put(EventKind::Closed(Closed {
            // A program that prints no more may have seen more.
            why: ClosedWhy::InputEnds,
            last_frame: None,
            end: self.time,
            records_untold: [0; 2],
            bytes,
        }));
    }
}

/// Turns what was told into events.
struct Teller<'a> {
    account: &'a Account,
    protected: [bool; 2],
    /// Tells one thing from another, where there are no frames.
    offset: u64,
    bytes: [u64; 2],
    context: Context,
}

impl Teller<'_> {
    fn event(&mut self, place: usize, told: &Told) -> Option<EventKind> {
        let side = told.side;
        Some(match &told.what {
            What::EmptyList => return None,
            What::Message { handshake_type, length, bytes } => {
                // The first message under new keys: not every program prints the ChangeCipherSpec before it.
                if *handshake_type == HandshakeType::FINISHED {
                    self.protected[side.index()] = true;
                }
                let message = match bytes {
                    Some(bytes) => self.read(side, *handshake_type, bytes),
                    None => self.named(place, side, *handshake_type, *length),
                };
                let is_tls13 = self.context.version.is_some_and(ProtocolVersion::is_tls13);
                if *handshake_type == HandshakeType::SERVER_HELLO && is_tls13 {
                    self.protected = [true; 2];
                }
                EventKind::Message(Box::new(message))
            }
            What::ChangeCipherSpec => {
                let protection = self.protection(side);
                let evidence = self.evidence(side, 1);
                if !self.context.version.is_some_and(ProtocolVersion::is_tls13) {
                    self.protected[side.index()] = true;
                }
                EventKind::ChangeCipherSpec { evidence, protection }
            }
            What::Alert(alert) => {
                let protection = self.protection(side);
                EventKind::Alert { alert: *alert, evidence: self.evidence(side, 2), protection }
            }
            What::HttpRequest(line) | What::HttpStatus(line) => {
                let head = format!("{line}\r\n\r\n");
                EventKind::ApplicationData(Box::new(ApplicationData {
                    length: head.len() as u32,
                    evidence: self.evidence(side, head.len() as u32),
                    head: head.into_bytes().into(),
                    protection: Protection::Opened,
                }))
            }
            What::Http2Ending(ending) => EventKind::Http2Ending {
                ending: *ending,
                evidence: self.evidence(side, 4),
                protection: Protection::Opened,
            },
            What::End(how) => {
                EventKind::TransportEnd { side, how: *how, frame: None, time: self.account.time }
            }
        })
    }

    fn protection(&self, side: Side) -> Protection {
        if self.protected[side.index()] { Protection::Opened } else { Protection::Plain }
    }

    fn evidence(&mut self, side: Side, length: u32) -> Evidence {
        let offset = self.offset;
        self.offset += u64::from(length.max(1));
        self.bytes[side.index()] += u64::from(length.max(1));
        Evidence { first_frame: None, frame: None, time: self.account.time, side, offset, length }
    }

    /// A message whose bytes were printed.
    fn read(&mut self, side: Side, handshake_type: HandshakeType, bytes: &[u8]) -> Message {
        let body = bytes.get(4..).unwrap_or_default();
        self.context.side = side;
        let parsed = handshake::parse(handshake_type, body, &self.context);
        if let Body::ServerHello(hello) = &parsed.body {
            self.context.version = Some(hello.version());
            self.context.cipher_suite = Some(hello.cipher_suite);
        }
        let mut message = self.message(side, handshake_type, body.len() as u32, parsed.body);
        if let Body::Certificate(certificate) = &message.body {
            let readable = |der: &[u8]| Certificate::parse(der).ok().map(std::sync::Arc::new);
            message.certificates =
                certificate.entries.iter().filter_map(|entry| readable(&entry.data)).collect();
        }
        if let Body::CertificateRequest(request) = &message.body {
            message.authorities =
                request.authorities().iter().filter_map(|der| Name::from_der(der).ok()).collect();
        }
        message.bytes = Some(bytes.into());
        message
    }

    /// A message of which only the name was printed; with what the rest of the printout says of it.
    fn named(
        &mut self,
        place: usize,
        side: Side,
        handshake_type: HandshakeType,
        length: Option<u32>,
    ) -> Message {
        let version = self.account.version;
        let is_tls13 = version.is_some_and(ProtocolVersion::is_tls13);
        let body = match (handshake_type, side) {
            (HandshakeType::SERVER_HELLO, Side::Server) => {
                self.context.version = version;
                self.context.cipher_suite = self.account.cipher_suite;
                self.server_hello()
            }
            (HandshakeType::CERTIFICATE, Side::Client) => match self.client_sent_one(place, length) {
                Some(true) => Body::Named,
                Some(false) => {
                    let empty: &[u8] = if is_tls13 { &[0; 4] } else { &[0; 3] };
                    self.context.side = side;
                    handshake::parse(handshake_type, empty, &self.context).body
                }
                None => Body::Unknown,
            },
            _ => Body::Named,
        };
        let length = match &body {
            Body::Certificate(_) if is_tls13 => 4,
            Body::Certificate(_) => 3,
            Body::ServerHello(_) => SERVER_HELLO_LENGTH,
            _ => length.unwrap_or(0),
        };
        self.message(side, handshake_type, length, body)
    }

    fn message(&mut self, side: Side, handshake_type: HandshakeType, length: u32, body: Body) -> Message {
        Message {
            handshake_type,
            length,
            version: self.context.version.or(self.account.version).unwrap_or(ProtocolVersion(0)),
            body,
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed: None,
            protection: self.protection(side),
            evidence: self.evidence(side, length.saturating_add(4)),
            bytes: None,
        }
    }

    /// The hello as far as it is known: version and cipher suite are told behind the handshake.
    fn server_hello(&self) -> Body {
        let (Some(version), Some(cipher_suite)) = (self.account.version, self.account.cipher_suite) else {
            return Body::Named;
        };
        let legacy = if version.is_tls13() { ProtocolVersion::TLS12 } else { version };
        let mut bytes = legacy.0.to_be_bytes().to_vec();
        bytes.extend([0; 32]);
        bytes.push(0);
        bytes.extend(cipher_suite.0.to_be_bytes());
        bytes.push(0);
        if version.is_tls13() {
            // supported_versions, the one chosen. RFC 8446 section 4.2.1.
            bytes.extend([0, 6, 0, 43, 0, 2]);
            bytes.extend(version.0.to_be_bytes());
        }
        handshake::parse(HandshakeType::SERVER_HELLO, &bytes, &Context::new(Side::Server)).body
    }

    /// Whether the client's Certificate at this place holds one: a signature follows it, or it is told to be empty, or its
    /// length says so. `None` where the printout ends too soon to tell.
    fn client_sent_one(&self, place: usize, length: Option<u32>) -> Option<bool> {
        let is_tls13 = self.account.version.is_some_and(ProtocolVersion::is_tls13);
        if let Some(length) = length {
            // An empty list takes three bytes; in TLS 1.3 an empty context stands before it.
            return Some(length > if is_tls13 { 4 } else { 3 });
        }
        let nearby = self.account.told.iter().enumerate();
        for (other, told) in nearby {
            if told.side == Side::Client && matches!(told.what, What::EmptyList) && other + 3 >= place {
                return Some(false);
            }
        }
        for told in self.account.told.iter().skip(place + 1).filter(|told| told.side == Side::Client) {
            match told.what {
                What::Message { handshake_type: HandshakeType::CERTIFICATE_VERIFY, .. } => return Some(true),
                What::Message { handshake_type: HandshakeType::FINISHED, .. } => return Some(false),
                // In TLS 1.3 it means nothing, and comes before.
                What::ChangeCipherSpec if !is_tls13 => return Some(false),
                _ => {}
            }
        }
        None
    }
}
