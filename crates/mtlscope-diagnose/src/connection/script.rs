//! A small language for tests: who says what, one line a packet, told through real events.
//!
//! ```text
//! C> ClientHello(sni=a.test)
//! S> ServerHello, Certificate(server), CertificateRequest(CN=Lab Root CA), ServerHelloDone
//! C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
//! S> Alert(fatal, handshake_failure)
//! S> FIN
//! ```
//!
//! Lines are packets: frame numbers count them from 1, and each comes a millisecond after the one before. Messages are
//! encoded to bytes and read by the dissector's own parsers. Behind a ChangeCipherSpec, and in TLS 1.3 behind the
//! ServerHello, they count as opened with keys. Values stand in `name=value`, several items are parted by spaces:
//!
//! - `ClientHello(sni=a.test alpn=h2 session=01ff ticket pha alps early large)`
//! - `ServerHello(1.3 suite=1302 session=01ff alpn=h2 psk group=001d)`, `HelloRetryRequest`, `EncryptedExtensions(alpn=h2)`
//! - `Certificate(good inter context=0a)` by the names of `tests/data`, all that is in each, `Certificate(empty)`, `Certificate(garbage)`
//! - `CertificateRequest(CN=Lab Root CA; @root; C=IT,CN=b; sigalgs=0403 0804; types=1 64; context=0a)`; `@root` is the
//!   name of that certificate; `CertificateRequest(any)` names nobody
//! - `CertificateVerify(0403)`, `ServerKeyExchange(001d)`, `ServerHelloDone`, `ClientKeyExchange`, `Finished`,
//!   `HelloRequest`, `NewSessionTicket`, `KeyUpdate`
//! - `ChangeCipherSpec`, `Sealed(22,40)`: content type and length, `Alert(fatal, unknown_ca)`, `PlainAlert(..)`
//! - `Data(GET / HTTP/1.1\r\n)`, `Reset(13)`: a stream of HTTP/2, `FIN`, `RST`, `Gap(100)`, `Snapped(100)`, `NotARecord(100)`, `KeyDoesNotFit`,
//!   `InsteadOfTls`: the client spoke in clear
//!
//! Lines of their own: `late` (first: the capture starts after the connection), `at 1795348800` (seconds since 1970; the
//! time of the next packet), `wait 10` (seconds), `ends` (last: the input ends here though both sides closed).

use std::sync::Arc;

use mtlscope_dissect::event::{
    ApplicationData, Closed, ClosedWhy, ConnectionId, Event, EventKind, Opened, Protection, SealedRecord,
    TransportEnd,
};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::http2;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::handshake::{self, Body, Context};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{
    AlertDescription, AlertLevel, CipherSuite, ContentType, HandshakeType, ProtocolVersion,
};
use mtlscope_dissect::x509::{Certificate, Name, pem};

use super::{Connection, Teller, Told};

/// When the first packet comes, unless a line says otherwise: 22 November 2026, 12:00 UTC.
pub(crate) const START: i64 = 1_795_348_800;

/// The connection that a script tells.
pub(crate) fn tell(script: &str) -> Connection {
    let mut teller = Teller::default();
    for event in events(script) {
        teller.hear(event);
    }
    match teller.poll() {
        Some(Told::Connection(connection)) => *connection,
        other => panic!("the script told {other:?}"),
    }
}

/// The events of a script, for whoever listens while it is told.
pub(crate) fn events(script: &str) -> Vec<Event> {
    let event = |kind| Event { connection: Some(ConnectionId(1)), kind };
    Player::play(script).into_iter().map(event).collect()
}

/// A certificate of `tests/data`.
pub(crate) fn certificate(name: &str) -> Arc<Certificate> {
    Arc::new(Certificate::parse(&der(name)).expect("a lab certificate"))
}

macro_rules! lab {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../tests/data/", $name, ".pem")))),+]
    };
}

static LAB: &[(&str, &str)] = lab![
    "root",
    "server",
    "good",
    "goodec",
    "expired",
    "notyet",
    "selfsigned",
    "wrongca",
    "other",
    "inter",
    "intleaf",
    "srveku",
    "noeku",
    "impost",
    "impostor",
    "weak",
    "zoo/ca-used-as-end-entity",
    "zoo/ca",
    "zoo/client",
    "zoo/eku-any-not-enough",
    "zoo/intermediate-expired",
    "zoo/intermediate",
    "zoo/key-too-small",
    "zoo/keyusage-no-digitalsignature",
    "zoo/leaf-revoked",
    "zoo/leaf-signature-invalid",
    "zoo/name-constraints-violation",
    "zoo/pathlen-exceeded",
    "zoo/server",
    "zoo/unknown-critical-extension",
    "zoo/weak-signature-hash",
    "zoo/wrong-private-key",
    "zoo/x509-v1-certificate",
    "built/deep",
    "built/intermediate-eku-excludes-clientauth",
    "built/issuer-lacks-keycertsign",
    "built/issuer-not-a-ca",
    "built/inspected",
    "built/looked-up",
    "built/public",
    "built/public-both",
    "built/root",
    "built/secp256k1",
    "built/step1",
];

fn der(name: &str) -> Vec<u8> {
    ders(name).remove(0)
}

/// All that is in a file of `tests/data`, in order.
fn ders(name: &str) -> Vec<Vec<u8>> {
    let (_, text) =
        LAB.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no certificate {name}"));
    pem::certificates(text.as_bytes()).into_iter().map(|der| der.expect("PEM")).collect()
}

/// What the script so far has led to.
struct Player {
    events: Vec<EventKind>,
    version: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    is_protected: [bool; 2],
    offsets: [u64; 2],
    ends: [Option<TransportEnd>; 2],
    frame: u64,
    time: Timestamp,
    start_seen: bool,
    keys_fit: bool,
}

impl Player {
    fn play(script: &str) -> Vec<EventKind> {
        let mut player = Self {
            events: Vec::new(),
            version: None,
            cipher_suite: None,
            is_protected: [false; 2],
            offsets: [0; 2],
            ends: [None; 2],
            frame: 0,
            time: Timestamp::from_parts(START, 0),
            start_seen: true,
            keys_fit: false,
        };
        let mut start = None;
        let mut input_ends = false;
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "C>" => player.packet(Side::Client, argument),
                "S>" => player.packet(Side::Server, argument),
                "late" => {
                    player.start_seen = false;
                    player.notice(NoticeKind::StartMissing);
                }
                "at" => player.time = Timestamp::from_parts(argument.parse().expect("seconds"), 0),
                "wait" => {
                    let seconds: i64 = argument.parse().expect("seconds");
                    player.time = player.time.plus_nanoseconds(seconds * 1_000_000_000);
                }
                "ends" => input_ends = true,
                _ => panic!("no line of a script: {line}"),
            }
            start = start.or((player.frame == 1).then_some(player.time));
        }
        let is_over =
            player.ends.iter().all(Option::is_some) || player.ends.contains(&Some(TransportEnd::Reset));
        let why = if is_over && !input_ends { ClosedWhy::Ended } else { ClosedWhy::InputEnds };
        let opened = Opened {
            client: "192.0.2.1:40000".parse().expect("an address"),
            server: "192.0.2.2:443".parse().expect("an address"),
            first_frame: FrameNumber::new(1),
            start: start.unwrap_or(player.time),
            start_seen: player.start_seen,
            tunnel: Vec::new(),
        };
        let closed = Closed {
            why,
            last_frame: FrameNumber::new(player.frame),
            end: player.time,
            records_untold: [0; 2],
            bytes: player.offsets,
        };
        let mut events = vec![EventKind::Opened(Box::new(opened))];
        events.append(&mut player.events);
        events.push(EventKind::Closed(closed));
        events
    }

    fn packet(&mut self, side: Side, items: &str) {
        self.frame += 1;
        self.time = self.time.plus_nanoseconds(1_000_000);
        for item in split_outside_parentheses(items) {
            let (name, argument) = match item.split_once('(') {
                Some((name, rest)) => {
                    (name, rest.strip_suffix(')').unwrap_or_else(|| panic!("no end: {item}")))
                }
                None => (item, ""),
            };
            self.item(side, name, argument);
        }
    }

    fn item(&mut self, side: Side, name: &str, argument: &str) {
        match name {
            "ChangeCipherSpec" => {
                let evidence = self.evidence(side, 6);
                let protection = self.protection(side);
                self.events.push(EventKind::ChangeCipherSpec { evidence, protection });
                if !self.is_tls13() {
                    self.is_protected[side.index()] = true;
                }
            }
            "Sealed" => {
                let (content_type, length) = argument.split_once(',').expect("Sealed(type,length)");
                let length: u16 = length.trim().parse().expect("a length");
                let evidence = self.evidence(side, u32::from(length) + 5);
                self.events.push(EventKind::Sealed(SealedRecord {
                    content_type: ContentType(content_type.trim().parse().expect("a content type")),
                    version: ProtocolVersion::TLS12,
                    length,
                    evidence,
                }));
            }
            "Alert" | "PlainAlert" => {
                let (level, description) = argument.split_once(',').expect("Alert(level, description)");
                let named = |alert: &&AlertDescription| alert.name() == Some(description.trim());
                let alert = Alert {
                    level: if level.trim() == "fatal" { AlertLevel::FATAL } else { AlertLevel::WARNING },
                    description: *AlertDescription::ALL.iter().find(named).expect("an alert"),
                };
                let protection = if name == "Alert" { self.opened(side) } else { Protection::Plain };
                let evidence = self.evidence(side, 7);
                self.events.push(EventKind::Alert { alert, evidence, protection });
            }
            "Data" => {
                let head = argument.replace("\\r", "\r").replace("\\n", "\n").into_bytes();
                self.opened(side);
                let evidence = self.evidence(side, head.len() as u32 + 5);
                let length = head.len() as u32;
                let protection = Protection::Opened;
                let head = head.into();
                self.events.push(EventKind::ApplicationData(Box::new(ApplicationData {
                    head,
                    length,
                    protection,
                    evidence,
                })));
            }
            "Reset" => {
                let error = http2::ErrorCode(argument.parse().expect("a number"));
                let ending = http2::Ending { of: http2::Ended::Stream, error };
                let (evidence, protection) = (self.evidence(side, 30), self.opened(side));
                self.events.push(EventKind::Http2Ending { ending, evidence, protection });
            }
            "FIN" | "RST" => {
                let how = if name == "FIN" { TransportEnd::Fin } else { TransportEnd::Reset };
                self.ends[side.index()].get_or_insert(how);
                let (frame, time) = (FrameNumber::new(self.frame), self.time);
                self.events.push(EventKind::TransportEnd { side, how, frame, time });
            }
            "Gap" => {
                let length = argument.parse().expect("a length");
                self.offsets[side.index()] += length;
                self.notice(NoticeKind::Gap { side, length });
            }
            "Snapped" => {
                let length = argument.parse().expect("a length");
                self.offsets[side.index()] += length;
                self.notice(NoticeKind::Snapped { side, length });
            }
            "InsteadOfTls" => self.notice(NoticeKind::ClearTextInsteadOfTls { length: 80 }),
            "NotARecord" => {
                let skipped = argument.parse().expect("a length");
                self.offsets[side.index()] += skipped;
                self.notice(NoticeKind::NotARecord { side, skipped });
            }
            "KeyDoesNotFit" => self.notice(NoticeKind::KeyDoesNotFit { side }),
            // A packet that brings nothing new.
            "nothing" => {}
            _ => self.message(side, name, argument),
        }
    }

    fn message(&mut self, side: Side, name: &str, argument: &str) {
        let (handshake_type, body) = encode(name, argument, self.is_tls13());
        // A ServerHello tells the version to its own reader, too.
        let context = Context { version: self.version, cipher_suite: self.cipher_suite, side };
        let parsed = handshake::parse(handshake_type, &body, &context);
        let protection = self.opened(side);
        if let Body::ServerHello(hello) | Body::HelloRetryRequest(hello) = &parsed.body {
            self.version = Some(hello.version());
            self.cipher_suite = Some(hello.cipher_suite);
            if matches!(parsed.body, Body::ServerHello(_)) && self.is_tls13() {
                self.is_protected = [true; 2];
            }
        }
        let certificates = match &parsed.body {
            Body::Certificate(certificate) => certificate
                .entries
                .iter()
                .filter_map(|entry| Certificate::parse(&entry.data).ok())
                .map(Arc::new)
                .collect(),
            _ => Vec::new(),
        };
        let authorities = match &parsed.body {
            Body::CertificateRequest(request) => {
                request.authorities().iter().filter_map(|der| Name::from_der(der).ok()).collect()
            }
            _ => Vec::new(),
        };
        let evidence = self.evidence(side, body.len() as u32 + 4);
        self.events.push(EventKind::Message(Box::new(Message {
            handshake_type,
            length: body.len() as u32,
            version: self.version.unwrap_or(ProtocolVersion::TLS12),
            body: parsed.body,
            certificates,
            authorities,
            signed: None,
            evidence,
            protection,
            bytes: Some([&[handshake_type.0][..], &vector24(&body)].concat().into()),
        })));
    }

    fn notice(&mut self, kind: NoticeKind) {
        self.events.push(EventKind::Notice(Box::new(Notice { kind, frame: FrameNumber::new(self.frame) })));
    }

    fn is_tls13(&self) -> bool {
        self.version.is_some_and(|version| version.is_tls13())
    }

    fn protection(&self, side: Side) -> Protection {
        if self.is_protected[side.index()] { Protection::Opened } else { Protection::Plain }
    }

    /// How the next thing travels; the first that is opened shows that keys fit.
    fn opened(&mut self, side: Side) -> Protection {
        let protection = self.protection(side);
        if protection == Protection::Opened && !self.keys_fit {
            self.keys_fit = true;
            self.events.push(EventKind::KeysFit(SecretOrigin::KeyLog));
        }
        protection
    }

    fn evidence(&mut self, side: Side, length: u32) -> Evidence {
        let frame = FrameNumber::new(self.frame);
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += u64::from(length);
        Evidence { first_frame: frame, frame, time: self.time, side, offset, length }
    }
}

fn split_outside_parentheses(items: &str) -> Vec<&str> {
    let mut depth = 0;
    items
        .split(|character| {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            character == ',' && depth == 0
        })
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}

/// The bytes of a message's body.
fn encode(name: &str, argument: &str, is_tls13: bool) -> (HandshakeType, Vec<u8>) {
    let named =
        |key: &str| argument.split([' ', ';']).find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let flag = |word: &str| argument.split([' ', ';']).any(|known| known == word);
    let context = || vector8(&hex(named("context").unwrap_or_default()));
    match name {
        "HelloRequest" => (HandshakeType::HELLO_REQUEST, Vec::new()),
        "ClientHello" => {
            let mut extensions = Vec::new();
            if let Some(name) = named("sni") {
                extensions.extend(extension(0, &vector16(&[&[0][..], &vector16(name.as_bytes())].concat())));
            }
            if let Some(alpn) = named("alpn") {
                extensions.extend(extension(16, &vector16(&vector8(alpn.as_bytes()))));
            }
            if flag("ticket") {
                extensions.extend(extension(35, &[7; 16]));
            }
            if flag("alps") {
                extensions.extend(extension(17613, &vector16(&vector8(b"h2"))));
            }
            if flag("early") {
                extensions.extend(extension(42, &[]));
            }
            if flag("large") {
                // RFC 7685: padding.
                extensions.extend(extension(21, &[0; 1500]));
            }
            if flag("pha") {
                extensions.extend(extension(49, &[]));
            }
            let session = vector8(&hex(named("session").unwrap_or_default()));
            let body = [&[3, 3][..], &[1; 32], &session, &[0, 2, 0x13, 1], &[1, 0], &vector16(&extensions)];
            (HandshakeType::CLIENT_HELLO, body.concat())
        }
        "ServerHello" | "HelloRetryRequest" => {
            let is_retry = name == "HelloRetryRequest";
            let is_tls13 = is_retry || flag("1.3");
            let mut extensions = Vec::new();
            let version = match argument.split(' ').next() {
                Some("ssl3") => [3, 0],
                Some("1.0") => [3, 1],
                Some("1.1") => [3, 2],
                _ => [3, 3],
            };
            if is_tls13 {
                extensions.extend(extension(43, &[3, 4]));
                let share = if is_retry { Vec::new() } else { vector16(&[9; 32]) };
                extensions.extend(extension(51, &[hex(named("group").unwrap_or("001d")), share].concat()));
            }
            if flag("psk") {
                extensions.extend(extension(41, &[0, 0]));
            }
            if let Some(alpn) = named("alpn") {
                extensions.extend(extension(16, &vector16(&vector8(alpn.as_bytes()))));
            }
            let random = if is_retry { handshake::Random::HELLO_RETRY_REQUEST.0 } else { [2; 32] };
            let session = vector8(&hex(named("session").unwrap_or_default()));
            let suite = hex(named("suite").unwrap_or(if is_tls13 { "1301" } else { "c02f" }));
            let body = [&version[..], &random, &session, &suite, &[0], &vector16(&extensions)];
            (HandshakeType::SERVER_HELLO, body.concat())
        }
        "EncryptedExtensions" => {
            let alpn = named("alpn").map(|alpn| extension(16, &vector16(&vector8(alpn.as_bytes()))));
            (HandshakeType::ENCRYPTED_EXTENSIONS, vector16(&alpn.unwrap_or_default()))
        }
        "Certificate" => {
            let mut list = Vec::new();
            for name in
                argument.split(' ').filter(|word| !word.contains('=') && !word.is_empty() && *word != "empty")
            {
                let ders = if name == "garbage" { vec![vec![0xde, 0xad]] } else { ders(name) };
                for der in ders {
                    list.extend(vector24(&der));
                    if is_tls13 {
                        list.extend([0, 0]);
                    }
                }
            }
            let context = if is_tls13 { context() } else { Vec::new() };
            (HandshakeType::CERTIFICATE, [context, vector24(&list)].concat())
        }
        "CertificateRequest" => (HandshakeType::CERTIFICATE_REQUEST, encode_request(argument, is_tls13)),
        "CertificateVerify" => {
            let algorithm = hex(if argument.is_empty() { "0804" } else { argument });
            (HandshakeType::CERTIFICATE_VERIFY, [algorithm, vector16(&[5; 64])].concat())
        }
        "ServerKeyExchange" => {
            let curve = hex(if argument.is_empty() { "001d" } else { argument });
            let body = [&[3][..], &curve, &vector8(&[4; 32]), &[8, 4], &vector16(&[5; 64])];
            (HandshakeType::SERVER_KEY_EXCHANGE, body.concat())
        }
        "ServerHelloDone" => (HandshakeType::SERVER_HELLO_DONE, Vec::new()),
        "ClientKeyExchange" => (HandshakeType::CLIENT_KEY_EXCHANGE, vector8(&[4; 32])),
        "Finished" => (HandshakeType::FINISHED, vec![6; if is_tls13 { 32 } else { 12 }]),
        "NewSessionTicket" if is_tls13 => {
            let body = [&[0, 0, 28, 32][..], &[1; 4], &vector8(&[0]), &vector16(&[7; 16]), &[0, 0]];
            (HandshakeType::NEW_SESSION_TICKET, body.concat())
        }
        "NewSessionTicket" => {
            (HandshakeType::NEW_SESSION_TICKET, [&[0, 0, 28, 32][..], &vector16(&[7; 16])].concat())
        }
        "KeyUpdate" => (HandshakeType::KEY_UPDATE, vec![0]),
        _ => panic!("no item of a script: {name}"),
    }
}

fn encode_request(argument: &str, is_tls13: bool) -> Vec<u8> {
    let (mut authorities, mut algorithms, mut types, mut context) =
        (Vec::new(), hex("040308040401"), vec![1, 64], Vec::new());
    for part in argument.split(';').map(str::trim).filter(|part| !part.is_empty() && *part != "any") {
        if let Some(list) = part.strip_prefix("sigalgs=") {
            algorithms = hex(list);
        } else if let Some(list) = part.strip_prefix("types=") {
            types = list.split(' ').map(|number| number.parse().expect("a type")).collect();
        } else if let Some(bytes) = part.strip_prefix("context=") {
            context = hex(bytes);
        } else if let Some(name) = part.strip_prefix('@') {
            authorities.extend(vector16(certificate(name).subject.der()));
        } else {
            authorities.extend(vector16(&encode_name(part)));
        }
    }
    if !is_tls13 {
        return [vector8(&types), vector16(&algorithms), vector16(&authorities)].concat();
    }
    let mut extensions = extension(13, &vector16(&algorithms));
    if !authorities.is_empty() {
        extensions.extend(extension(47, &vector16(&authorities)));
    }
    [vector8(&context), vector16(&extensions)].concat()
}

/// DER of a name written `C=IT,O=Lab,CN=Lab Root CA`, in the order of the DER.
fn encode_name(text: &str) -> Vec<u8> {
    let mut rdns = Vec::new();
    for attribute in text.split(',') {
        let (kind, value) = attribute.split_once('=').unwrap_or_else(|| panic!("no attribute: {attribute}"));
        let (arc, tag) = match kind.trim() {
            "CN" => (3, 12),
            "C" => (6, 19),
            "L" => (7, 12),
            "ST" => (8, 12),
            "O" => (10, 12),
            "OU" => (11, 12),
            _ => panic!("no kind of attribute: {kind}"),
        };
        let pair = [element(6, &[0x55, 4, arc]), element(tag, value.as_bytes())].concat();
        rdns.extend(element(0x31, &element(0x30, &pair)));
    }
    element(0x30, &rdns)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ 0..128 => vec![short as u8],
        long => [&[0x82][..], &(long as u16).to_be_bytes()].concat(),
    };
    [&[tag][..], &length, content].concat()
}

fn extension(number: u16, body: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], &vector16(body)].concat()
}

fn vector8(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn vector24(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect()
}
