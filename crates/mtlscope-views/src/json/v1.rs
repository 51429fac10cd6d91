//! The shape `v1`: what a program may rely on. Fields may be added; none is renamed, removed or given another meaning.
//!
//! Written down in `docs/json-v1.schema.json`. The types borrow from the connection and make their lists while these are
//! written, so that a line costs no more than its bytes.

mod client_auth;
pub(super) mod certificate;
mod message;
mod alert;
mod outcome;
mod finding;
mod preamble;
mod printer;
mod inferred;
mod kept;
pub(super) mod scalar;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::Range;

use mtlscope_diagnose::connection::{Connection, HandshakeKind, Said, Step, StepKind};
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{CipherSuite, ProtocolVersion};
use serde::{Serialize, Serializer};

use super::line::Line;
use crate::wording;
use crate::{Counted, Printer, View};
use alert::Alerts;
use certificate::KeptCertificates;
use finding::Findings;
use kept::Kept;
use outcome::Outcome;
use preamble::Preambles;
use printer::{LinePrinter, add_notices};
use scalar::{Address, ClockTime, Registered, Shown};

/// Writes one JSON object a line, one line a connection.
#[derive(Debug, Default)]
pub struct Lines {
    /// The files that are read as one.
    files: Vec<String>,
    buffer: Vec<u8>,
    tells_across: bool,
    kept: Kept,
    /// What was odd in the input so far, the latest of it: it belongs to the connections that were open then.
    notices: VecDeque<Notice>,
}

/// Notices of the input that are remembered.
const NOTICES: usize = 32;

impl Lines {
    /// A view that names no file until told one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends each input with one more line, of another shape, that holds what its connections tell together.
    pub fn telling_across(self, tells_across: bool) -> Self {
        Self { tells_across, ..self }
    }
}

impl View for Lines {
    fn printer(&self) -> Option<Box<dyn Printer>> {
        Some(Box::new(LinePrinter { files: self.files.clone(), kept: Kept::default() }))
    }

    fn printed(
        &mut self,
        text: &[u8],
        first_frame: Option<FrameNumber>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let notices: Vec<&Notice> = of_its_time(&self.notices, first_frame).collect();
        if notices.is_empty() {
            return out.write_all(text);
        }
        self.buffer.clear();
        add_notices(text, &notices, &mut self.buffer)?;
        out.write_all(&self.buffer)
    }

    fn shows_contents(&self) -> bool {
        false
    }

    fn file(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.files = vec![name.to_owned()];
        self.notices.clear();
        Ok(())
    }

    fn continues(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.files.push(name.to_owned());
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.buffer.clear();
        let notices: Vec<Notice> = of_its_time(&self.notices, connection.first_frame).cloned().collect();
        let files = files_of(connection, &self.files);
        write_line(connection, findings, files, &notices, &self.kept, &mut self.buffer)?;
        out.write_all(&self.buffer)
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        if !self.tells_across {
            return Ok(());
        }
        self.buffer.clear();
        let file = self.files.first().map(String::as_str);
        append(&mut self.buffer, &Across { file, across: Findings(findings, 0) })?;
        self.buffer.push(b'\n');
        out.write_all(&self.buffer)
    }

    fn counted(&mut self, counted: &[Counted], out: &mut dyn Write) -> io::Result<()> {
        let interfaces = counted.iter().map(|one| OnInterface {
            name: &one.interface,
            received: one.received,
            dropped: one.dropped,
        });
        let file = self.files.first().map(String::as_str);
        self.buffer.clear();
        append(&mut self.buffer, &Captured { file, capture: Capture { interfaces: interfaces.collect() } })?;
        self.buffer.push(b'\n');
        out.write_all(&self.buffer)
    }

    /// Writes nothing at once: each line is a connection. Those that are told later and were open now name it.
    fn notice(&mut self, notice: &Notice, _: &mut dyn Write) -> io::Result<()> {
        if self.notices.len() == NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice.clone());
        Ok(())
    }
}

/// Appends one connection as one object, without a line end: the value of a field of a larger object.
pub(super) fn append_connection(
    connection: &Connection,
    findings: &[Finding],
    line: &mut Vec<u8>,
) -> io::Result<()> {
    write_line(connection, findings, &[], &[], &Kept::default(), line)?;
    line.pop();
    Ok(())
}

/// Those of the input's notices that came while a connection was open.
fn of_its_time(notices: &VecDeque<Notice>, began: Option<FrameNumber>) -> impl Iterator<Item = &Notice> {
    notices.iter().filter(move |notice| notice.frame.is_some() && notice.frame >= began)
}

/// Those of the files in which the frames of a connection are.
fn files_of<'a>(connection: &Connection, files: &'a [String]) -> &'a [String] {
    let [first, last] = [connection.first_frame, connection.last_frame]
        .map(|frame| usize::from(frame.map_or(0, FrameNumber::file)).min(files.len().saturating_sub(1)));
    files.get(first..=last.max(first)).unwrap_or(files)
}

/// Writes one connection as one line.
///
/// Mostly there is one handshake, and then what it tells stands in the line twice: it is made once and copied.
fn write_line(
    connection: &Connection,
    findings: &[Finding],
    files: &[String],
    of_input: &[Notice],
    kept: &Kept,
    line: &mut Vec<u8>,
) -> io::Result<()> {
    let base = connection.first_frame.map_or(0, FrameNumber::file);
    append(line, &Head::of(connection, files.first().map(String::as_str), kept))?;
    line.pop();
    line.extend_from_slice(br#","client_auth":"#);
    let start = line.len();
    client_auth::append(line, connection, connection.asking(), kept)?;
    let client_auth = start..line.len();
    line.extend_from_slice(br#","handshakes":["#);
    if connection.handshakes.len() == 1 {
        append_kind(line, HandshakeKind::Initial);
        line.extend_from_within(client_auth);
        let start = line.len();
        append_messages(line, base, connection.steps.iter(), kept);
        let messages = start..line.len();
        line.extend_from_slice(b"}]");
        line.extend_from_within(messages);
    } else {
        for (place, handshake) in connection.handshakes.iter().enumerate() {
            if place > 0 {
                line.push(b',');
            }
            append_kind(line, handshake.kind);
            client_auth::append(line, connection, handshake, kept)?;
            append_messages(line, base, connection.steps_of(handshake), kept);
            line.push(b'}');
        }
        line.push(b']');
        append_messages(line, base, connection.steps.iter(), kept);
    }
    append_fields(line, &Tail::of(connection, findings, files, of_input, kept))?;
    line.extend_from_slice(b"}\n");
    Ok(())
}

/// Appends a value, and says where it stands.
pub(super) fn append(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<Range<usize>> {
    let start = line.len();
    value.serialize(&mut Line::new(line))?;
    Ok(start..line.len())
}

/// Appends the fields of an object to one that is begun and has some.
fn append_fields(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    let place = append(line, value)?;
    line.pop();
    if let Some(brace) = line.get_mut(place.start) {
        *brace = b',';
    }
    Ok(())
}

/// Begins a handshake, up to what it tells of the client's identity.
fn append_kind(line: &mut Vec<u8>, kind: HandshakeKind) {
    line.extend_from_slice(match kind {
        HandshakeKind::Initial => br#"{"kind":"initial","client_auth":"#,
        HandshakeKind::Renegotiation => br#"{"kind":"renegotiation","client_auth":"#,
        HandshakeKind::PostHandshake => br#"{"kind":"post_handshake","client_auth":"#,
    });
}

/// Appends the field `messages`, with the comma before it.
fn append_messages<'a>(line: &mut Vec<u8>, base: u16, steps: impl Iterator<Item = &'a Step>, kept: &Kept) {
    line.extend_from_slice(br#","messages":["#);
    message::append(line, base, steps, &kept.contents, &kept.clock);
    line.push(b']');
}

/// The line behind the last connection of an input.
#[derive(Serialize)]
struct Across<'a> {
    file: Option<&'a str>,
    across: Findings<'a>,
}

/// The last line of a live capture.
#[derive(Serialize)]
struct Captured<'a> {
    file: Option<&'a str>,
    capture: Capture<'a>,
}

#[derive(Serialize)]
struct Capture<'a> {
    interfaces: Vec<OnInterface<'a>>,
}

#[derive(Serialize)]
struct OnInterface<'a> {
    name: &'a str,
    received: u64,
    dropped: u64,
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
    start: ClockTime<'a>,
    version: Option<Registered<ProtocolVersion>>,
    cipher_suite: Option<Registered<CipherSuite>>,
    server_name: Option<&'a str>,
    alpn: Option<&'a str>,
    resumed: Option<bool>,
    decrypted_with: Option<DecryptedWith>,
}

impl<'a> Head<'a> {
    fn of(connection: &'a Connection, file: Option<&'a str>, kept: &'a Kept) -> Self {
        let initial = connection.initial();
        Self {
            file,
            connection: connection.id.0,
            transport: Transport::Tcp,
            client: Endpoint::of(connection.client),
            server: Endpoint::of(connection.server),
            first_frame: connection.first_frame.map(FrameNumber::get),
            last_frame: connection.last_frame.map(FrameNumber::get),
            start: ClockTime(connection.start, &kept.clock),
            version: initial.version.seen().copied().map(Registered),
            cipher_suite: initial.cipher_suite.seen().copied().map(Registered),
            server_name: initial.server_name.seen().map(String::as_str),
            alpn: initial.alpn.seen().map(String::as_str),
            resumed: match initial.resumption {
                Observed::Seen(_) => Some(true),
                Observed::NotSent => Some(false),
                Observed::Hidden(_) => None,
            },
            decrypted_with: connection.decrypted_with.map(|origin| match origin {
                SecretOrigin::KeyLog | SecretOrigin::OwnEnd => DecryptedWith::KeyLog,
                SecretOrigin::DecryptionSecretsBlock => DecryptedWith::Dsb,
                SecretOrigin::RsaKey => DecryptedWith::RsaKey,
            }),
        }
    }
}

/// What stands behind `messages`.
#[derive(Serialize)]
struct Tail<'a> {
    server_certificates: KeptCertificates<'a>,
    alerts: Alerts<'a>,
    outcome: Outcome,
    http: Option<Http<'a>>,
    findings: Findings<'a>,
    said: Testimony<'a>,
    files: &'a [String],
    tunnel: &'a [String],
    preambles: Preambles<'a>,
    notices: Notices<'a>,
}

impl<'a> Tail<'a> {
    fn of(
        connection: &'a Connection,
        findings: &'a [Finding],
        files: &'a [String],
        of_input: &'a [Notice],
        kept: &'a Kept,
    ) -> Self {
        let base = connection.first_frame.map_or(0, FrameNumber::file);
        let identity = connection.handshakes.iter().find_map(|handshake| handshake.server_identity.seen());
        Self {
            server_certificates: KeptCertificates(
                identity.map_or(&[], |identity| &identity.certificates),
                kept,
            ),
            alerts: Alerts(&connection.steps, base),
            outcome: Outcome::of(&connection.outcome, base),
            http: Http::of(connection),
            findings: Findings(findings, base),
            said: Testimony(&connection.said),
            files,
            tunnel: &connection.tunnel,
            preambles: Preambles(&connection.preambles, base),
            notices: Notices { own: &connection.notices, of_input },
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
    ip: Address,
    port: u16,
}

impl Endpoint {
    fn of(address: SocketAddr) -> Self {
        Self { ip: Address(address.ip()), port: address.port() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum DecryptedWith {
    KeyLog,
    Dsb,
    RsaKey,
}

#[derive(Serialize)]
struct Http<'a> {
    request: Option<&'a str>,
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http2_error: Option<Http2Error>,
}

/// The first RST_STREAM or GOAWAY with which something is wrong.
#[derive(Serialize)]
struct Http2Error {
    frame: Option<u64>,
    from: Shown<Side>,
    frame_type: &'static str,
    number: u32,
    name: Option<&'static str>,
}

impl Http2Error {
    fn of(connection: &Connection) -> Option<Self> {
        connection.steps.iter().find_map(|step| match step.kind {
            StepKind::Http2Ending(ending, ..) if ending.complains() => Some(Self {
                frame: step.frame.map(FrameNumber::get),
                from: Shown(step.side),
                frame_type: ending.of.frame_name(),
                number: ending.error.0,
                name: ending.error.name(),
            }),
            _ => None,
        })
    }
}

impl<'a> Http<'a> {
    fn of(connection: &'a Connection) -> Option<Self> {
        let request = connection.http_request.as_ref().map(|request| request.line.as_str());
        let status = connection.http_status.as_ref().map(|status| status.code);
        let http2_error = Http2Error::of(connection);
        (request.is_some() || status.is_some() || http2_error.is_some()).then_some(Self {
            request,
            status,
            http2_error,
        })
    }
}

struct Testimony<'a>(&'a [Said]);

impl Serialize for Testimony<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct One<'a> {
            by: Shown<Side>,
            text: &'a str,
        }
        serializer.collect_seq(self.0.iter().map(|said| One { by: Shown(said.side), text: &said.text }))
    }
}

/// What was odd: in the connection, then in the input while it was open.
struct Notices<'a> {
    own: &'a [Notice],
    of_input: &'a [Notice],
}

impl Serialize for Notices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.own.iter().chain(self.of_input).map(wording::notice))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    use serde_json::Value;

    use super::*;
    use crate::json::published::tighten;
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
        let messages = connection.steps.iter().filter_map(|step| message::Message::of(step)).count();
        eprintln!("{each:?} for {} bytes, {messages} messages", out.len());
        assert!(each < Duration::from_micros(20), "{each:?}");
    }
}
