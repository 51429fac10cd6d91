//! Both directions of one TLS connection: bytes in order to events.
//!
//! Holds what the messages so far agreed on, which key epoch each direction is in, and nothing of the content that went
//! by. Without keys the same events come out, with sealed records in place of messages.

mod clear_text;
mod master_secret;
mod negotiated;
mod session_keys;
mod ssl2;
mod testimony;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::decrypt::{KeyLog, RsaKeys, Secrets, Sessions, SuiteParameters};
use crate::event::{ConnectionId, Event, EventKind, Protection, Record, SealedRecord};
use crate::evidence::Evidence;
use crate::input::SecretOrigin;
use crate::limits::Limits;
use crate::notice::{Notice, NoticeKind};
use crate::preamble::tds::Unwrap;
use crate::reader::hex;
use crate::reassembly::At;
use crate::side::Side;
use crate::testimony::Testimony;
use crate::tls::alert::Alert;
use crate::tls::application_data::HeadReader;
use crate::tls::fragments::{Fragments, Piece};
use crate::tls::handshake::{self, Body, Context};
use crate::tls::heartbeat::Heartbeat;
use crate::tls::message::Message;
use crate::tls::protection::{Protected, Tls13Keys, Tls13Secrets};
use crate::tls::record::{Found, Loss, RecordHead, RecordReader};
use crate::tls::registry::{CipherSuite, ContentType, HandshakeType, ProtocolVersion};
use crate::tls::transcript::Transcript;
use crate::x509::{Certificate, CertificateCache, KeyAlgorithm, NameCache, PublicKey};
use negotiated::Negotiated;
use ssl2::Ssl2;
use waiting::{Deferred, Held, Waiting};

/// Notices told of one connection; the rest of a hostile one would only repeat them.
const NOTICES_TOLD: u32 = 64;

/// Heartbeats told of one connection; some keep one open for days with nothing else.
const HEARTBEATS_TOLD: u32 = 16;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) limits: &'a Limits,
    /// Whether messages keep their bytes.
    pub(crate) keep_bytes: bool,
    /// Whether more secrets may come later.
    pub(crate) secrets_may_come: bool,
    /// Whether every record is told, beside what is in it.
    pub(crate) records_told: bool,
    /// Whether the secrets that opened records are told.
    pub(crate) session_keys_told: bool,
    pub(crate) key_log: &'a KeyLog,
    pub(crate) rsa_keys: &'a mut RsaKeys,
    /// Sessions that later connections may resume.
    pub(crate) sessions: &'a mut Sessions,
    pub(crate) certificates: &'a mut CertificateCache,
    pub(crate) names: &'a mut NameCache,
    pub(crate) events: &'a mut VecDeque<Event>,
    /// For opened records, used again and again.
    pub(crate) plain_text: &'a mut Vec<u8>,
    /// What the comment of the frame at hand says.
    pub(crate) testimony: &'a mut Testimony,
    /// Bytes of records that wait for late keys, in all connections.
    pub(crate) waiting_bytes: &'a mut usize,
}

/// One TLS connection.
#[derive(Debug)]
pub(crate) struct TlsDissector {
    id: ConnectionId,
    sides: [Direction; 2],
    negotiated: Negotiated,
    transcript: Transcript,
    /// What waits for late keys, once anything does. In order; everything behind it waits too.
    waiting: Option<Box<Waiting>>,
    /// The limit was reached: nothing waits any more.
    waited_too_long: bool,
    /// Records of the client that stand before the ServerHello that explains them.
    held: Option<Box<Held>>,
    /// That was done: nothing is held again.
    released: bool,
    sealed_told: u32,
    heartbeats_told: u32,
    records_untold: [u64; 2],
    notices_told: u32,
    keys_fit: bool,
    key_misfit_told: bool,
    sealed_seen: bool,
    /// A fatal alert was read: neither side has more to say.
    has_failed: bool,
    /// The packets of TDS around the records of each side.
    wrapping: Option<Box<[Unwrap; 2]>>,
    early_data_told: bool,
    /// The algorithm of the client's leaf, which tells how TLS 1.1 signs.
    client_key_is_rsa: bool,
    /// How far SSL 2 goes, where a hello of it was seen.
    ssl2: Option<Box<Ssl2>>,
    /// The server's own certificate, where RSA keys were given.
    server_certificate: Option<Arc<Certificate>>,
}

/// One direction.
#[derive(Debug, Default)]
struct Direction {
    records: RecordReader,
    fragments: Fragments,
    protected: Protected,
    head: HeadReader,
    /// Whether a record was seen.
    begun: bool,
    /// Records may be missing: sequence numbers and the key epoch are guesses.
    uncertain: bool,
    /// Foreign bytes before the first record.
    clear_bytes: u64,
    /// A comment said that it sent application data.
    data_attested: bool,
}

/// How far a record could be read.
enum Opening<'a> {
    /// It is not encrypted.
    InClear,
    /// Keys opened it: what it carries.
    Opened(ContentType, &'a [u8]),
    /// It stays sealed.
    Sealed,
}

impl TlsDissector {
    pub(crate) fn new(id: ConnectionId) -> Self {
        Self {
            id,
            sides: Default::default(),
            negotiated: Negotiated::default(),
            transcript: Transcript::default(),
            waiting: None,
            waited_too_long: false,
            held: None,
            released: false,
            sealed_told: 0,
            heartbeats_told: 0,
            records_untold: [0; 2],
            notices_told: 0,
            keys_fit: false,
            key_misfit_told: false,
            sealed_seen: false,
            has_failed: false,
            wrapping: None,
            early_data_told: false,
            client_key_is_rsa: true,
            ssl2: None,
            server_certificate: None,
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// How many bytes of a side begin a record that has not ended.
    pub(crate) fn unfinished(&self, side: Side) -> usize {
        self.sides[side.index()].records.unfinished()
    }

    /// The next bytes of a side may begin anywhere, not at a record.
    pub(crate) fn joins_late(&mut self, side: Side) {
        let direction = &mut self.sides[side.index()];
        direction.records.lose_place();
        direction.uncertain = true;
    }

    /// The records of a side begin somewhere behind clear text.
    pub(crate) fn await_records(&mut self, side: Side) {
        self.sides[side.index()].records.lose_place();
    }

    /// The order of messages between the sides is no longer certain: what is signed cannot be told.
    pub(crate) fn lose_transcript(&mut self) {
        self.transcript.give_up();
    }

    /// The client random by which key logs name this connection, once it was seen.
    pub(crate) fn client_random(&self) -> Option<&[u8; 32]> {
        self.negotiated.client_random.as_ref()
    }

    /// Whether a fatal alert was read.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether records wait for late keys.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Sealed and skipped records that were not told one by one: per side.
    pub(crate) fn records_untold(&self) -> [u64; 2] {
        self.records_untold
    }

    /// The records of the handshake stand inside packets of TDS.
    pub(crate) fn unwrap_tds(&mut self) {
        self.wrapping = Some(Box::default());
    }

    /// Bytes of one side, in order. `offset`: where they stand in its stream.
    #[inline]
    pub(crate) fn bytes(&mut self, side: Side, bytes: &[u8], offset: u64, at: At, s: &mut Surroundings<'_>) {
        match self.wrapping {
            None => self.records(side, bytes, offset, at, s),
            Some(_) => self.wrapped(side, bytes, offset, at, s),
        }
    }

    #[cold]
    fn wrapped(&mut self, side: Side, mut bytes: &[u8], mut offset: u64, at: At, s: &mut Surroundings<'_>) {
        while let Some((heads, content)) =
            self.wrapping.as_mut().and_then(|wrapping| wrapping[side.index()].next(&mut bytes))
        {
            offset += heads;
            self.records(side, content, offset, at, s);
            offset += content.len() as u64;
        }
    }

    fn records(&mut self, side: Side, mut bytes: &[u8], mut offset: u64, at: At, s: &mut Surroundings<'_>) {
        if self.ssl2.is_some() {
            self.ssl2_bytes(side, &mut bytes, &mut offset, at, s);
        }
        loop {
            let opens = s.records_told || self.might_open(side, s);
            let direction = &mut self.sides[side.index()];
            let wanted = |content_type| content_type != ContentType::APPLICATION_DATA || opens;
            let front = bytes;
            let Some(found) = direction.records.next(&mut bytes, &mut offset, at, wanted) else { return };
            if !matches!(found, Found::Foreign(_)) && !direction.begun {
                direction.begun = true;
                let length = std::mem::take(&mut direction.clear_bytes);
                if length > 0 {
                    self.notice(NoticeKind::ClearTextBefore { side, length }, at, s);
                }
            }
            match found {
                Found::Record(head, fragment) => self.record(side, &head, fragment.bytes(), at, s),
                Found::Skipped(head) => self.sealed(side, &head, at, s),
                Found::Foreign(length) => self.foreign(side, length, front, at, s),
            }
            // Most segments end where a record does.
            if bytes.is_empty() {
                return;
            }
        }
    }

    /// Bytes of one side are not in the capture.
    pub(crate) fn gap(&mut self, side: Side, length: u64, snapped: bool, at: At, s: &mut Surroundings<'_>) {
        let is_explained = s.testimony.explains(side, at.frame);
        let direction = &mut self.sides[side.index()];
        let loss = direction.records.gap(length);
        if let Some(head) = direction.records.take_ended() {
            self.sealed(side, &head, at, s);
        }
        let direction = &mut self.sides[side.index()];
        if loss != Loss::None {
            direction.uncertain = true;
            direction.fragments.clear();
            direction.head.gap();
            if is_explained {
                return;
            }
            self.transcript.give_up();
            let kind =
                if snapped { NoticeKind::Snapped { side, length } } else { NoticeKind::Gap { side, length } };
            self.notice(kind, at, s);
        }
    }

    /// Tells an event of this connection, in its turn.
    pub(crate) fn tell(&mut self, kind: EventKind, s: &mut Surroundings<'_>) {
        match &mut self.waiting {
            Some(waiting) => waiting.queue.push_back(Deferred::Event(kind)),
            None => s.events.push_back(Event { connection: Some(self.id), kind }),
        }
    }

    /// No more will come: tells what is left.
    pub(crate) fn finish(&mut self, at: At, s: &mut Surroundings<'_>) {
        let may_come = std::mem::replace(&mut s.secrets_may_come, false);
        self.wake(s);
        self.release(s);
        s.secrets_may_come = may_come;
        for side in [Side::Client, Side::Server] {
            if self.sides[side.index()].fragments.is_inside_message() {
                self.notice(NoticeKind::Truncated { what: "the last handshake message" }, at, s);
            } else if self.sides[side.index()].records.is_inside_record() {
                self.notice(NoticeKind::Truncated { what: "the last record" }, at, s);
            }
        }
        if self.sealed_seen
            && s.key_log.randoms() > 0
            && let Some(random) = self.negotiated.client_random
            && s.key_log.get(&random).is_none()
        {
            let kind = NoticeKind::NoKeysForConnection {
                client_random: hex(&random),
                randoms_known: s.key_log.randoms(),
            };
            self.notice(kind, at, s);
        }
        if s.session_keys_told {
            self.tell_traffic_secrets(s);
        }
        self.tell_why_no_rsa_key_helps(at, s);
    }

    /// Whether a sealed record of this side might be opened, now or later.
    #[inline]
    fn might_open(&self, side: Side, s: &Surroundings<'_>) -> bool {
        if self.may_wait(s) {
            return true;
        }
        match &self.sides[side.index()].protected {
            Protected::Sealed => {
                side == Side::Client
                    && self.negotiated.version.is_none()
                    && s.key_log.randoms() > 0
                    && self.secrets(s).is_some()
            }
            Protected::Tls12(_) | Protected::OnlyMac(_) => true,
            Protected::Tls13(keys) if keys.has_opener() => true,
            Protected::InClear | Protected::Tls13(_) => s.key_log.randoms() > 0 && self.secrets(s).is_some(),
        }
    }

    fn secrets<'k>(&self, s: &Surroundings<'k>) -> Option<&'k Secrets> {
        self.negotiated.secrets(s.key_log)
    }

    fn record(&mut self, side: Side, head: &RecordHead, fragment: &[u8], at: At, s: &mut Surroundings<'_>) {
        if self.waiting.is_some() {
            self.defer(side, head, fragment, at, s);
            return;
        }
        if side == Side::Client && self.held.is_some() {
            self.hold(head, fragment, at, s);
            return;
        }
        if self.is_in_clear(side, head, fragment) {
            let evidence = head.evidence(side, at);
            self.tell_record(&evidence, head, fragment, Opening::InClear, s);
            self.content(side, head, head.content_type, fragment, &evidence, Protection::Plain, at, s);
            return;
        }
        if let Protected::OnlyMac(length) = self.sides[side.index()].protected
            && let Some(content) = fragment.len().checked_sub(length).and_then(|end| fragment.get(..end))
        {
            let evidence = head.evidence(side, at);
            self.tell_record(&evidence, head, content, Opening::InClear, s);
            self.content(side, head, head.content_type, content, &evidence, Protection::Plain, at, s);
            return;
        }
        let mut plain_text = std::mem::take(s.plain_text);
        match self.open(side, head, fragment, at, &mut plain_text, s) {
            Some(content_type) => {
                let evidence = head.evidence(side, at);
                self.tell_record(&evidence, head, fragment, Opening::Opened(content_type, &plain_text), s);
                self.content(side, head, content_type, &plain_text, &evidence, Protection::Opened, at, s);
            }
            None if self.may_wait(s) && self.lacks_key(side, s) && !s.testimony.speaks_of(side, at.frame) => {
                self.waiting = Some(Box::default());
                self.defer(side, head, fragment, at, s);
            }
            None if !self.released && self.precedes_server_hello(side, head, s) => {
                self.hold(head, fragment, at, s);
            }
            None => {
                self.tell_record(&head.evidence(side, at), head, fragment, Opening::Sealed, s);
                self.sealed(side, head, at, s);
            }
        }
        *s.plain_text = plain_text;
    }

    /// Tells a record, where records are asked for. What is in it is told behind it.
    fn tell_record(
        &mut self,
        evidence: &Evidence,
        head: &RecordHead,
        fragment: &[u8],
        opening: Opening<'_>,
        s: &mut Surroundings<'_>,
    ) {
        if !s.records_told {
            return;
        }
        let (content_type, content, protection) = match opening {
            Opening::InClear => (Some(head.content_type), None, Some(Protection::Plain)),
            Opening::Opened(inner, content) => (Some(inner), Some(content.into()), Some(Protection::Opened)),
            Opening::Sealed => (None, None, None),
        };
        let record = Record {
            outer_content_type: head.content_type,
            content_type,
            version: head.version,
            length: head.length,
            negotiated_version: self.negotiated.version,
            protection,
            evidence: *evidence,
            fragment: fragment.into(),
            content,
        };
        self.tell(EventKind::Record(Box::new(record)), s);
    }

    /// Whether a record is not encrypted, as far as its place in the connection and its looks tell.
    fn is_in_clear(&self, side: Side, head: &RecordHead, fragment: &[u8]) -> bool {
        let direction = &self.sides[side.index()];
        match (&direction.protected, head.content_type) {
            (_, ContentType::APPLICATION_DATA) => false,
            // An alert that a TLS 1.3 client sends before it has keys stays in clear, also behind the ServerHello.
            (Protected::InClear, ContentType::ALERT) => fragment.len() == 2,
            (Protected::Tls13(_), ContentType::ALERT) => fragment.len() == 2,
            (Protected::Tls13(_), _) => true,
            (Protected::InClear, ContentType::HANDSHAKE) => {
                // Where the start was not seen, a handshake record may as well be encrypted: then it looks like nothing.
                !direction.uncertain
                    || direction.fragments.is_inside_message()
                    || looks_like_messages(fragment)
            }
            (Protected::InClear, _) => true,
            // The HelloRetryRequest between the two hellos of a client may not be in the capture.
            (Protected::Sealed, ContentType::HANDSHAKE) if self.negotiated.version.is_none() => {
                side == Side::Client && is_one_client_hello(fragment)
            }
            (Protected::Sealed | Protected::OnlyMac(_) | Protected::Tls12(_), _) => false,
        }
    }

    fn open(
        &mut self,
        side: Side,
        head: &RecordHead,
        fragment: &[u8],
        at: At,
        out: &mut Vec<u8>,
        s: &mut Surroundings<'_>,
    ) -> Option<ContentType> {
        let may_wait = self.may_wait(s);
        let direction = &mut self.sides[side.index()];
        let uncertain = direction.uncertain;
        let opened = match &mut direction.protected {
            Protected::Tls12(keys) => keys
                .open(head.content_type, head.version, fragment, uncertain, out)
                .then_some(head.content_type),
            Protected::Tls13(keys) => 'opened: {
                // Without asking the key log, whose table is large: it was asked when the opener was made.
                if let Some(content_type) = keys.open_next(fragment, out) {
                    break 'opened Some(content_type);
                }
                let secrets = self.negotiated.secrets(s.key_log)?;
                let (version, cipher_suite) = (self.negotiated.version?, self.negotiated.cipher_suite?);
                let Some(suite) = SuiteParameters::of(cipher_suite.0, version) else {
                    self.suite_not_opened(cipher_suite, at, s);
                    return None;
                };
                let given = Tls13Secrets { secrets, suite, side };
                if may_wait && keys.awaits_key(given) {
                    return None;
                }
                let may_be_early_data = keys.may_be_early_data();
                let opened = keys.open(given, fragment, uncertain, out);
                if opened.is_none() && (may_be_early_data || keys.lacks_key(given)) {
                    return None;
                }
                opened
            }
            Protected::InClear if side == Side::Client && self.negotiated.offers_early_data => {
                let secrets = self.negotiated.secrets(s.key_log)?;
                let (keys, cipher_suite) = Tls13Keys::open_early_data(secrets, fragment, out)?;
                direction.protected = Protected::Tls13(Box::new(keys));
                // Only TLS 1.3 has early data, and its suite is that of the session it resumes.
                self.negotiated.version = Some(ProtocolVersion::TLS13);
                self.negotiated.cipher_suite = Some(CipherSuite(cipher_suite));
                Some(ContentType::APPLICATION_DATA)
            }
            Protected::InClear | Protected::Sealed | Protected::OnlyMac(_) => return None,
        };
        if opened.is_some() {
            direction.uncertain = false;
            let is_early = matches!(&direction.protected, Protected::Tls13(keys) if keys.may_be_early_data());
            if is_early && !std::mem::replace(&mut self.early_data_told, true) {
                self.notice(NoticeKind::EarlyData, at, s);
            }
            if s.session_keys_told {
                self.tell_master_secret(s);
            }
            if !self.keys_fit {
                self.keys_fit = true;
                let secrets = || self.negotiated.secrets(s.key_log).map(Secrets::origin);
                let origin = self.negotiated.opened_with.or_else(secrets);
                let origin = origin.unwrap_or(SecretOrigin::KeyLog);
                self.tell(EventKind::KeysFit(origin), s);
            }
        } else if !self.key_misfit_told {
            self.key_misfit_told = true;
            self.notice(NoticeKind::KeyDoesNotFit { side }, at, s);
        }
        opened
    }

    #[allow(clippy::too_many_arguments)] // One record's content and all that is known of it; a struct would only rename it.
    fn content(
        &mut self,
        side: Side,
        head: &RecordHead,
        content_type: ContentType,
        content: &[u8],
        evidence: &Evidence,
        protection: Protection,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        match content_type {
            ContentType::HANDSHAKE => self.handshake(side, head, content, evidence, protection, at, s),
            ContentType::ALERT => match Alert::parse(content) {
                Some(alert) => {
                    let is_tls13 = self.negotiated.version.is_some_and(ProtocolVersion::is_tls13);
                    self.has_failed |= alert.is_fatal(is_tls13 && protection != Protection::Plain);
                    self.tell(EventKind::Alert { alert, evidence: *evidence, protection }, s);
                }
                None => self.notice(NoticeKind::Truncated { what: "an alert" }, at, s),
            },
            ContentType::CHANGE_CIPHER_SPEC => {
                self.tell(EventKind::ChangeCipherSpec { evidence: *evidence, protection }, s);
                self.change_cipher_spec(side, at, s);
            }
            ContentType::APPLICATION_DATA => {
                let direction = &mut self.sides[side.index()];
                let data = direction.head.take(content, evidence, protection);
                let mut ending = direction.head.take_ending();
                if data.is_none() && ending.is_none() && direction.head.is_done() {
                    self.records_untold[side.index()] += 1;
                }
                if let Some(data) = data {
                    self.tell(EventKind::ApplicationData(Box::new(data)), s);
                }
                while let Some(told) = ending {
                    self.tell(EventKind::Http2Ending { ending: told, evidence: *evidence, protection }, s);
                    ending = self.sides[side.index()].head.take_ending();
                }
            }
            ContentType::HEARTBEAT if self.heartbeats_told < HEARTBEATS_TOLD => {
                self.heartbeat(content, evidence, protection, at, s);
            }
            _ => self.records_untold[side.index()] += 1,
        }
    }

    fn heartbeat(
        &mut self,
        content: &[u8],
        evidence: &Evidence,
        protection: Protection,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        self.heartbeats_told += 1;
        let Some(heartbeat) = Heartbeat::parse(content) else {
            self.notice(NoticeKind::Truncated { what: "a heartbeat" }, at, s);
            return;
        };
        self.tell(EventKind::Heartbeat { heartbeat, evidence: *evidence, protection }, s);
        if heartbeat.overreaches() {
            let Heartbeat { payload_length, there, .. } = heartbeat;
            self.notice(
                NoticeKind::HeartbeatOverreaches { side: evidence.side, payload_length, there },
                at,
                s,
            );
        }
    }

    #[allow(clippy::too_many_arguments)] // As `content`.
    fn handshake(
        &mut self,
        side: Side,
        head: &RecordHead,
        mut content: &[u8],
        evidence: &Evidence,
        protection: Protection,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        loop {
            let fragments = &mut self.sides[side.index()].fragments;
            match fragments.next(&mut content, evidence, s.limits.handshake_message) {
                Some(Piece::Whole(whole, evidence)) => {
                    self.message(side, head, whole.bytes(), &evidence, protection, at, s);
                }
                Some(Piece::TooLong) => {
                    self.transcript.give_up();
                    let what = "a handshake message longer than 1 MiB is not put together";
                    self.notice(NoticeKind::LimitReached { what }, at, s);
                }
                None => return,
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // As `content`.
    fn message(
        &mut self,
        side: Side,
        head: &RecordHead,
        bytes: &[u8],
        evidence: &Evidence,
        protection: Protection,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        let Some((header, body)) = bytes.split_first_chunk::<4>() else { return };
        let handshake_type = HandshakeType(header[0]);
        let context =
            Context { version: self.negotiated.version, cipher_suite: self.negotiated.cipher_suite, side };
        let parsed = handshake::parse(handshake_type, body, &context);
        if parsed.cut_short || parsed.trailing > 0 || protection == Protection::Plain {
            for kind in parsed.notices() {
                self.notice(kind, at, s);
            }
        }
        let signed = self.note_message(side, bytes, &parsed.body, s);
        let mut message = Message {
            handshake_type,
            length: body.len() as u32,
            version: self.negotiated.version.unwrap_or(head.version),
            certificates: Vec::new(),
            authorities: Vec::new(),
            signed,
            evidence: *evidence,
            protection,
            bytes: s.keep_bytes.then(|| bytes.into()),
            body: parsed.body,
        };
        if let Some(certificate) = message.body.certificate() {
            for entry in &certificate.entries {
                match s.certificates.parse(&entry.data) {
                    Ok(certificate) => message.certificates.push(certificate),
                    Err(unreadable) => {
                        let kind = match PublicKey::from_spki_der(&entry.data) {
                            Ok(key) => NoticeKind::RawPublicKey { side, algorithm: key.algorithm },
                            Err(_) => NoticeKind::CertificateUnreadable { why: unreadable.why },
                        };
                        self.notice(kind, at, s);
                    }
                }
            }
            if side == Side::Client
                && let Some(leaf) = message.certificates.first()
            {
                self.client_key_is_rsa = matches!(
                    leaf.public_key.algorithm,
                    KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. }
                );
            }
        }
        if side == Side::Server && !s.rsa_keys.is_empty() && handshake_type == HandshakeType::CERTIFICATE {
            self.server_certificate = message.certificates.first().cloned();
        }
        if let Body::CertificateRequest(request) = &message.body {
            let authorities = request.authorities().iter();
            message.authorities = authorities.filter_map(|der| s.names.read(der).ok()).collect();
        }
        self.tell(EventKind::Message(Box::new(message)), s);
        self.after_message(side, handshake_type, s);
        if self.held.is_some() && side == Side::Server && self.is_end_of_flight(handshake_type) {
            self.release(s);
        }
    }

    fn sealed(&mut self, side: Side, head: &RecordHead, at: At, s: &mut Surroundings<'_>) {
        if s.testimony.speaks_of(side, at.frame) {
            return self.attest(side, &head.evidence(side, at), at, s);
        }
        if s.testimony.explains(side, at.frame) && self.sides[side.index()].data_attested {
            self.records_untold[side.index()] += 1;
            return;
        }
        self.sealed_seen = true;
        if let Protected::Sealed = self.sides[side.index()].protected {
            // Whoever agreed on TLS 1.2 or less and sends sealed records has no more use for the transcript.
            self.transcript.give_up();
        }
        let is_data = head.content_type == ContentType::APPLICATION_DATA;
        if is_data && self.sealed_told >= s.limits.sealed_records_told {
            self.records_untold[side.index()] += 1;
            return;
        }
        self.sealed_told = self.sealed_told.saturating_add(1);
        if self.sealed_told > 16 * s.limits.sealed_records_told.max(1) {
            self.records_untold[side.index()] += 1;
            return;
        }
        let record = SealedRecord {
            content_type: head.content_type,
            version: head.version,
            length: head.length,
            evidence: head.evidence(side, at),
        };
        self.tell(EventKind::Sealed(record), s);
    }

    pub(crate) fn notice(&mut self, kind: NoticeKind, at: At, s: &mut Surroundings<'_>) {
        self.notices_told = self.notices_told.saturating_add(1);
        if self.notices_told <= NOTICES_TOLD {
            self.tell(EventKind::Notice(Box::new(Notice { kind, frame: at.frame })), s);
        }
    }
}

/// Whether a fragment is one whole ClientHello by its header.
fn is_one_client_hello(fragment: &[u8]) -> bool {
    match fragment {
        [1, 0, high, low, rest @ ..] => rest.len() == usize::from(u16::from_be_bytes([*high, *low])),
        _ => false,
    }
}

/// Whether a fragment reads as handshake messages: a known type and a length that fits or goes on beyond the record.
fn looks_like_messages(fragment: &[u8]) -> bool {
    match fragment {
        [handshake_type, 0, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let known = HandshakeType(*handshake_type).name().is_some();
            // A message longer than its record fills the record to what the sender's limit allows.
            known && (length <= rest.len() || rest.len() >= 256)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dissector_takes_no_more_room_than_it_must() {
        // The allocator has blocks of 448, 512 and 640 bytes, and there is one of these for every connection.
        assert!(size_of::<TlsDissector>() <= 512, "{}", size_of::<TlsDissector>());
        assert!(size_of::<Direction>() <= 120, "{}", size_of::<Direction>());
        assert!(size_of::<Negotiated>() <= 120, "{}", size_of::<Negotiated>());
    }
}
