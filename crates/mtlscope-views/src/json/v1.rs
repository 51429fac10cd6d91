//! The shape `v1`: what a program may rely on. Fields may be added; none is renamed, removed or given another meaning.
//!
//! Written down in `docs/json-v1.schema.json`. The types borrow from the connection and make their lists while these are
//! written, so that a line costs no more than its bytes.

mod scalar;

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use mtlscope_diagnose::connection::{
    self, Connection, HandshakeKind, Layer, Means, Party, Step, StepKind, Verdict,
};
use mtlscope_diagnose::finding::{Confidence, Finding, Severity};
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::registry::{
    CipherSuite, ClientCertificateType, ContentType, ProtocolVersion, SignatureScheme,
};
use mtlscope_dissect::x509;
use serde::{Serialize, Serializer};

use super::safe::Safe;
use crate::View;
use crate::wording;
use scalar::{Hex, Moment, Shown, append_number, day_and_time, registered};

/// Writes one JSON object a line, one line a connection.
#[derive(Debug, Default)]
pub struct Lines {
    file: Option<String>,
    buffer: Vec<u8>,
}

impl Lines {
    /// A view that names no file until told one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl View for Lines {
    fn file(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.file = Some(name.to_owned());
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.buffer.clear();
        write_line(connection, findings, self.file.as_deref(), &mut self.buffer)?;
        out.write_all(&self.buffer)
    }

    /// Nothing: each line is a connection. Those who want the notices of the input read standard error.
    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes one connection as one line.
///
/// Mostly there is one handshake, and then what it tells stands in the line twice: it is made once and copied.
fn write_line(
    connection: &Connection,
    findings: &[Finding],
    file: Option<&str>,
    line: &mut Vec<u8>,
) -> io::Result<()> {
    append(line, &Head::of(connection, file))?;
    line.pop();
    line.extend_from_slice(br#","client_auth":"#);
    let client_auth = append(line, &ClientAuth::of(connection, connection.asking()))?;
    line.extend_from_slice(br#","handshakes":["#);
    if connection.handshakes.len() == 1 {
        line.extend_from_slice(br#"{"kind":"initial","client_auth":"#);
        line.extend_from_within(client_auth);
        let messages = append_messages(line, connection.steps.iter());
        line.extend_from_slice(b"}]");
        line.extend_from_within(messages);
    } else {
        for (place, handshake) in connection.handshakes.iter().enumerate() {
            if place > 0 {
                line.push(b',');
            }
            append(line, &Handshake::of(connection, handshake))?;
            line.pop();
            append_messages(line, connection.steps_of(handshake));
            line.push(b'}');
        }
        line.push(b']');
        append_messages(line, connection.steps.iter());
    }
    let tail = append(line, &Tail::of(connection, findings))?;
    if let Some(brace) = line.get_mut(tail.start) {
        *brace = b',';
    }
    line.push(b'\n');
    Ok(())
}

/// Appends a value, and says where it stands.
fn append(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<Range<usize>> {
    let start = line.len();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *line, Safe))?;
    Ok(start..line.len())
}

/// Appends the field `messages`, with the comma before it, and says where that stands.
fn append_messages<'a>(line: &mut Vec<u8>, steps: impl Iterator<Item = &'a Step>) -> Range<usize> {
    let start = line.len();
    line.extend_from_slice(br#","messages":["#);
    for (place, message) in steps.filter_map(Message::of).enumerate() {
        if place > 0 {
            line.push(b',');
        }
        message.append(line);
    }
    line.push(b']');
    start..line.len()
}

/// What stands before `client_auth`.
#[derive(Serialize)]
struct Head<'a> {
    file: Option<&'a str>,
    connection: u64,
    transport: Transport,
    client: Endpoint,
    server: Endpoint,
    first_frame: Option<u64>,
    last_frame: Option<u64>,
    start: Moment,
    #[serde(serialize_with = "registered")]
    version: Option<ProtocolVersion>,
    #[serde(serialize_with = "registered")]
    cipher_suite: Option<CipherSuite>,
    server_name: Option<&'a str>,
    alpn: Option<&'a str>,
    resumed: Option<bool>,
    decrypted_with: Option<DecryptedWith>,
}

impl<'a> Head<'a> {
    fn of(connection: &'a Connection, file: Option<&'a str>) -> Self {
        let initial = connection.initial();
        Self {
            file,
            connection: connection.id.0,
            transport: Transport::Tcp,
            client: Endpoint::of(connection.client),
            server: Endpoint::of(connection.server),
            first_frame: connection.first_frame.map(FrameNumber::get),
            last_frame: connection.last_frame.map(FrameNumber::get),
            start: Moment(connection.start),
            version: initial.version.seen().copied(),
            cipher_suite: initial.cipher_suite.seen().copied(),
            server_name: initial.server_name.seen().map(String::as_str),
            alpn: initial.alpn.seen().map(String::as_str),
            resumed: match initial.resumption {
                Observed::Seen(_) => Some(true),
                Observed::NotSent => Some(false),
                Observed::Hidden(_) => None,
            },
            decrypted_with: connection.decrypted_with.map(|origin| match origin {
                SecretOrigin::KeyLog => DecryptedWith::KeyLog,
                SecretOrigin::DecryptionSecretsBlock => DecryptedWith::Dsb,
            }),
        }
    }
}

/// What stands behind `messages`.
#[derive(Serialize)]
struct Tail<'a> {
    server_certificates: Certificates<'a>,
    alerts: Alerts<'a>,
    outcome: Outcome,
    http: Option<Http<'a>>,
    findings: Findings<'a>,
    notices: Notices<'a>,
}

impl<'a> Tail<'a> {
    fn of(connection: &'a Connection, findings: &'a [Finding]) -> Self {
        let identity = connection.handshakes.iter().find_map(|handshake| handshake.server_identity.seen());
        Self {
            server_certificates: Certificates(identity.map_or(&[], |identity| &identity.certificates)),
            alerts: Alerts(&connection.steps),
            outcome: Outcome::of(&connection.outcome),
            http: Http::of(connection),
            findings: Findings(findings),
            notices: Notices(&connection.notices),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Transport {
    Tcp,
}

#[derive(Serialize)]
struct Endpoint {
    ip: Shown<std::net::IpAddr>,
    port: u16,
}

impl Endpoint {
    fn of(address: std::net::SocketAddr) -> Self {
        Self { ip: Shown(address.ip()), port: address.port() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum DecryptedWith {
    KeyLog,
    Dsb,
}

/// One handshake, before its messages.
#[derive(Serialize)]
struct Handshake<'a> {
    kind: Kind,
    client_auth: ClientAuth<'a>,
}

impl<'a> Handshake<'a> {
    fn of(connection: &'a Connection, handshake: &'a connection::Handshake) -> Self {
        Self {
            kind: match handshake.kind {
                HandshakeKind::Initial => Kind::Initial,
                HandshakeKind::Renegotiation => Kind::Renegotiation,
                HandshakeKind::PostHandshake => Kind::PostHandshake,
            },
            client_auth: ClientAuth::of(connection, handshake),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Initial,
    Renegotiation,
    PostHandshake,
}

/// What one handshake tells of the client's identity.
#[derive(Serialize)]
struct ClientAuth<'a> {
    requested: Requested,
    how: Option<How>,
    when: Option<When>,
    authorities: Authorities<'a>,
    certificate_types: CertificateTypes<'a>,
    signature_algorithms: SignatureAlgorithms<'a>,
    answer: Answer,
    certificates: Certificates<'a>,
    proof: Proof,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Requested {
    Yes,
    No,
    Unknown,
}

/// How it is known whether the certificate was asked for.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Seen,
    Decrypted,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum When {
    Handshake,
    Renegotiation,
    PostHandshake,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Certificate,
    Empty,
    None,
    Unknown,
}

/// Whether the client showed that it holds the key. `Present`: shown, and not checked.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Proof {
    Verified,
    Bad,
    Present,
    Absent,
    Unknown,
}

impl<'a> ClientAuth<'a> {
    fn of(connection: &'a Connection, handshake: &'a connection::Handshake) -> Self {
        let request = handshake.request.seen();
        let requested = match handshake.request {
            Observed::Seen(_) => Requested::Yes,
            Observed::NotSent => Requested::No,
            Observed::Hidden(_) => Requested::Unknown,
        };
        let how = match &handshake.request {
            Observed::Seen(request) => Some(How::of(request.protection)),
            Observed::NotSent => Some(How::of(protection_of_server(connection, handshake))),
            Observed::Hidden(_) => None,
        };
        let (answer, certificates) = match &handshake.answer {
            Observed::Seen(answer) if answer.certificates.is_empty() && answer.unreadable == 0 => {
                (Answer::Empty, [].as_slice())
            }
            Observed::Seen(answer) => (Answer::Certificate, answer.certificates.as_slice()),
            Observed::NotSent => (Answer::None, [].as_slice()),
            Observed::Hidden(_) => (Answer::Unknown, [].as_slice()),
        };
        Self {
            requested,
            how,
            when: request.map(|_| match handshake.kind {
                HandshakeKind::Initial => When::Handshake,
                HandshakeKind::Renegotiation => When::Renegotiation,
                HandshakeKind::PostHandshake => When::PostHandshake,
            }),
            authorities: Authorities(request.map_or(&[], |request| &request.authorities)),
            certificate_types: CertificateTypes(request.map_or(&[], |request| &request.certificate_types)),
            signature_algorithms: SignatureAlgorithms(
                request.map_or(&[], |request| &request.signature_algorithms),
            ),
            answer,
            certificates: Certificates(certificates),
            proof: match &handshake.proof {
                Observed::Seen(proof) => match proof.checked {
                    Some(SignatureCheck::Good) => Proof::Verified,
                    Some(SignatureCheck::Bad) => Proof::Bad,
                    _ => Proof::Present,
                },
                Observed::NotSent => Proof::Absent,
                Observed::Hidden(_) => Proof::Unknown,
            },
        }
    }
}

impl How {
    fn of(protection: Protection) -> Self {
        match protection {
            Protection::Plain => Self::Seen,
            Protection::Opened => Self::Decrypted,
        }
    }
}

/// How the server's messages of a handshake were read: decrypted, if any of them was.
fn protection_of_server(connection: &Connection, handshake: &connection::Handshake) -> Protection {
    let opened = connection.steps_of(handshake).any(|step| match &step.kind {
        StepKind::Message(message) => step.side == Side::Server && message.protection == Protection::Opened,
        _ => false,
    });
    // In TLS 1.2 the server's Finished is opened too, and says nothing of the request, which would have been in clear.
    let hides_requests =
        handshake.version.seen().is_some_and(|version| version.is_tls13()) || handshake.index > 0;
    if opened && hides_requests { Protection::Opened } else { Protection::Plain }
}

#[derive(Serialize)]
struct Authority<'a> {
    name: Shown<&'a x509::Name>,
    der_sha256: Hex,
}

#[derive(Serialize)]
struct Certificate<'a> {
    subject: Shown<&'a x509::Name>,
    issuer: Shown<&'a x509::Name>,
    serial: Shown<&'a x509::SerialNumber>,
    #[serde(serialize_with = "day_and_time")]
    not_before: x509::Time,
    #[serde(serialize_with = "day_and_time")]
    not_after: x509::Time,
    sha256: Hex,
}

/// One message, alert, ChangeCipherSpec or sealed record. Most of a line is made of these, and nothing in them needs an
/// escape: they are written without the serialiser.
struct Message {
    frame: Option<u64>,
    time: Moment,
    side: Side,
    name: &'static str,
    handshake_type: Option<u8>,
    length: u32,
    sealed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum From {
    Client,
    Server,
}

impl From {
    fn of(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}

impl Message {
    /// `None` for what is no message: HTTP, other application data, the end of TCP.
    fn of(step: &Step) -> Option<Self> {
        let (name, handshake_type, length, sealed) = match &step.kind {
            StepKind::Message(message) => {
                let name = match message.body {
                    Body::Unknown => message.handshake_type.name().unwrap_or("Unknown"),
                    ref body => body.name(),
                };
                (name, Some(message.handshake_type.0), message.length, false)
            }
            StepKind::ChangeCipherSpec(..) => ("ChangeCipherSpec", None, 1, false),
            StepKind::Alert(..) => ("Alert", None, 2, false),
            StepKind::Sealed(record) => {
                let name = match record.content_type {
                    ContentType::HANDSHAKE => "EncryptedHandshakeMessage",
                    ContentType::ALERT => "EncryptedAlert",
                    _ => "EncryptedRecord",
                };
                (name, None, u32::from(record.length), true)
            }
            _ => return None,
        };
        let frame = step.frame.map(FrameNumber::get);
        Some(Self { frame, time: Moment(step.time), side: step.side, name, handshake_type, length, sealed })
    }

    fn append(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(br#"{"frame":"#);
        append_number(line, self.frame);
        line.extend_from_slice(br#","time":""#);
        line.extend_from_slice(&self.time.text());
        line.extend_from_slice(match self.side {
            Side::Client => br#"","from":"client","name":""#,
            Side::Server => br#"","from":"server","name":""#,
        });
        line.extend_from_slice(self.name.as_bytes());
        line.extend_from_slice(br#"","type":"#);
        append_number(line, self.handshake_type.map(u64::from));
        line.extend_from_slice(br#","length":"#);
        append_number(line, Some(self.length.into()));
        line.extend_from_slice(if self.sealed { br#","sealed":true}"# } else { br#","sealed":false}"# });
    }
}

#[derive(Serialize)]
struct Alert<'a> {
    frame: Option<u64>,
    from: From,
    level: Option<Shown<&'a mtlscope_dissect::tls::registry::AlertLevel>>,
    number: Option<u8>,
    name: Option<Shown<&'a mtlscope_dissect::tls::registry::AlertDescription>>,
    encrypted: bool,
}

impl<'a> Alert<'a> {
    fn of(step: &'a Step) -> Option<Self> {
        let frame = step.frame.map(FrameNumber::get);
        let from = From::of(step.side);
        match &step.kind {
            StepKind::Alert(alert, _, protection) => Some(Self {
                frame,
                from,
                level: Some(Shown(&alert.level)),
                number: Some(alert.description.0),
                name: Some(Shown(&alert.description)),
                encrypted: *protection == Protection::Opened,
            }),
            StepKind::Sealed(record) if record.content_type == ContentType::ALERT => {
                Some(Self { frame, from, level: None, number: None, name: None, encrypted: true })
            }
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Outcome {
    result: OutcomeResult,
    by: Option<By>,
    how: Option<OutcomeHow>,
    layer: Option<OutcomeLayer>,
    frame: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeResult {
    Accepted,
    Refused,
    Incomplete,
    Unknown,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Client,
    Server,
    Network,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeHow {
    Alert,
    Fin,
    Rst,
    Http,
    Timeout,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeLayer {
    Tcp,
    Tls,
    Http,
}

impl Outcome {
    fn of(outcome: &connection::Outcome) -> Self {
        Self {
            result: match outcome.verdict {
                Verdict::Accepted => OutcomeResult::Accepted,
                Verdict::Refused => OutcomeResult::Refused,
                Verdict::Incomplete => OutcomeResult::Incomplete,
                Verdict::Unknown => OutcomeResult::Unknown,
            },
            by: outcome.by.map(|by| match by {
                Party::Side(Side::Client) => By::Client,
                Party::Side(Side::Server) => By::Server,
                Party::Network => By::Network,
            }),
            how: outcome.means.map(|means| match means {
                Means::Alert => OutcomeHow::Alert,
                Means::Fin => OutcomeHow::Fin,
                Means::Reset => OutcomeHow::Rst,
                Means::Http => OutcomeHow::Http,
                Means::Timeout => OutcomeHow::Timeout,
            }),
            layer: outcome.layer.map(|layer| match layer {
                Layer::Tcp => OutcomeLayer::Tcp,
                Layer::Tls => OutcomeLayer::Tls,
                Layer::Http => OutcomeLayer::Http,
            }),
            frame: outcome.frame.map(FrameNumber::get),
        }
    }
}

#[derive(Serialize)]
struct Http<'a> {
    request: Option<&'a str>,
    status: Option<u16>,
}

impl<'a> Http<'a> {
    fn of(connection: &'a Connection) -> Option<Self> {
        let request = connection.http_request.as_ref().map(|request| request.line.as_str());
        let status = connection.http_status.as_ref().map(|status| status.code);
        (request.is_some() || status.is_some()).then_some(Self { request, status })
    }
}

#[derive(Serialize)]
struct FindingLine<'a> {
    id: &'static str,
    severity: SeverityWord,
    confidence: ConfidenceWord,
    message: &'a str,
    evidence: Frames<'a>,
    fix: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum SeverityWord {
    Error,
    Warning,
    Note,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ConfidenceWord {
    Certain,
    Likely,
    Possible,
}

#[derive(Serialize)]
struct Place {
    frame: Option<u64>,
}

struct Alerts<'a>(&'a [Step]);

impl Serialize for Alerts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter_map(Alert::of))
    }
}

struct Certificates<'a>(&'a [Arc<x509::Certificate>]);

impl Serialize for Certificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|certificate| Certificate {
            subject: Shown(&certificate.subject),
            issuer: Shown(&certificate.issuer),
            serial: Shown(&certificate.serial),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            sha256: Hex(certificate.sha256),
        }))
    }
}

struct Authorities<'a>(&'a [x509::Name]);

impl Serialize for Authorities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0.iter().map(|name| Authority { name: Shown(name), der_sha256: Hex(name.der_sha256()) }),
        )
    }
}

struct CertificateTypes<'a>(&'a [ClientCertificateType]);

impl Serialize for CertificateTypes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

struct SignatureAlgorithms<'a>(&'a [SignatureScheme]);

impl Serialize for SignatureAlgorithms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

struct Findings<'a>(&'a [Finding]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|finding| FindingLine {
            id: finding.rule.id,
            severity: match finding.severity {
                Severity::Error => SeverityWord::Error,
                Severity::Warning => SeverityWord::Warning,
                Severity::Note => SeverityWord::Note,
            },
            confidence: match finding.confidence {
                Confidence::Certain => ConfidenceWord::Certain,
                Confidence::Likely => ConfidenceWord::Likely,
                Confidence::Possible => ConfidenceWord::Possible,
            },
            message: &finding.message,
            evidence: Frames(finding),
            fix: &finding.fix,
        }))
    }
}

struct Frames<'a>(&'a Finding);

/// Each frame once; where there are no frames, one `null` for the evidence there is.
impl Serialize for Frames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let evidence = self.0.evidence.as_slice();
        let frames = evidence.iter().enumerate().filter_map(|(place, one)| {
            let earlier = evidence.get(..place)?;
            let is_new = earlier.iter().all(|other| other.frame != one.frame);
            is_new.then_some(Place { frame: one.frame.map(FrameNumber::get) })
        });
        serializer.collect_seq(frames)
    }
}

struct Notices<'a>(&'a [Notice]);

impl Serialize for Notices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(wording::notice))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    use serde_json::Value;

    use super::*;
    use crate::told;

    fn lines() -> Vec<(&'static str, String)> {
        let mut view = Lines::new();
        let mut lines = Vec::new();
        for (name, connection) in told::all() {
            let mut out = Vec::new();
            if name == "accepted" {
                view.file("a.pcap", &mut out).unwrap();
            }
            view.connection(&connection, &told::findings(&connection), &mut out).unwrap();
            lines.push((name, String::from_utf8(out).unwrap()));
        }
        lines
    }

    fn schema() -> Value {
        let text = include_str!("../../../../docs/json-v1.schema.json");
        serde_json::from_str(text).unwrap()
    }

    /// Forbids every property that the schema does not name, and asks that each has a description.
    fn tighten(schema: &mut Value, path: &str) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    for (name, property) in properties {
                        assert!(property.get("description").is_some(), "{path}/{name} has no description");
                    }
                    object.insert("additionalProperties".to_owned(), Value::Bool(false));
                }
                for (name, inner) in object {
                    tighten(inner, &format!("{path}/{name}"));
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|inner| tighten(inner, path)),
            _ => {}
        }
    }

    #[test]
    fn every_line_is_one_object_with_a_line_end() {
        for (name, line) in lines() {
            assert_eq!(line.matches('\n').count(), 1, "{name}");
            assert!(serde_json::from_str::<Value>(&line).unwrap().is_object(), "{name}");
        }
    }

    #[test]
    fn every_line_fits_the_published_schema_and_holds_nothing_that_it_does_not_name() {
        let mut schema = schema();
        tighten(&mut schema, "");
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for (name, line) in lines() {
            let line: Value = serde_json::from_str(&line).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&line)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_v1() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let (_, line) = lines().remove(0);
        let mut line: Value = serde_json::from_str(&line).unwrap();
        line["client_auth"]["requested"] = Value::Bool(true);
        assert!(!validator.is_valid(&line));
    }

    #[test]
    fn a_line_has_every_top_level_field_always() {
        let keys = |line: &str| -> BTreeSet<String> {
            let line: Value = serde_json::from_str(line).unwrap();
            line.as_object().unwrap().keys().cloned().collect()
        };
        let schema = schema();
        let required: BTreeSet<String> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap().to_owned())
            .collect();
        for (name, line) in lines() {
            assert_eq!(keys(&line), required, "{name}");
        }
    }

    #[test]
    fn the_shape_stays_as_it_was_promised() {
        for (name, line) in lines() {
            let line: Value = serde_json::from_str(&line).unwrap();
            insta::assert_snapshot!(name, serde_json::to_string_pretty(&line).unwrap());
        }
    }

    #[test]
    fn nothing_in_a_line_can_attack_a_terminal() {
        for (name, line) in lines() {
            assert!(line.chars().all(|c| c == '\n' || !crate::printable::deceives(c)), "{name}");
        }
    }

    #[test]
    #[ignore = "a measurement: run it in release"]
    #[allow(clippy::disallowed_methods, clippy::print_stderr)] // A measurement needs a clock, and says what it found.
    fn a_line_costs_a_few_microseconds() {
        const ROUNDS: u32 = 100_000;
        let connection = told::accepted();
        let mut view = Lines::new();
        let mut out = Vec::new();
        let start = Instant::now();
        for _ in 0..ROUNDS {
            out.clear();
            view.connection(&connection, &[], &mut out).unwrap();
        }
        let each = start.elapsed() / ROUNDS;
        let messages = connection.steps.iter().filter_map(Message::of).count();
        eprintln!("{each:?} for {} bytes, {messages} messages", out.len());
        assert!(each < Duration::from_micros(20), "{each:?}");
    }
}
