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
mod pieces;
pub(super) mod scalar;

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use mtlscope_diagnose::connection::{Connection, HandshakeKind, Said, Step};
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use serde::{Serialize, Serializer};

use super::safe::Safe;
use crate::View;
use crate::wording;
use alert::Alerts;
use client_auth::ClientAuth;
use finding::Findings;
use message::Message;
use outcome::append_outcome;
use pieces::Pieces;
use scalar::{Moment, Shown, append_number, append_registered, append_text};

/// Writes one JSON object a line, one line a connection.
#[derive(Debug, Default)]
pub struct Lines {
    file: Option<String>,
    buffer: Vec<u8>,
    pieces: Pieces,
}

impl Lines {
    /// A view that names no file until told one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl View for Lines {
    fn shows_only_told(&self) -> bool {
        true
    }

    fn shows_contents(&self) -> bool {
        false
    }

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
        write_line(connection, findings, self.file.as_deref(), &mut self.pieces, &mut self.buffer)?;
        out.write_all(&self.buffer)
    }

    /// Nothing: each line is a connection. Those who want the notices of the input read standard error.
    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Appends one connection as one object, without a line end: the value of a field of a larger object.
pub(super) fn append_connection(
    connection: &Connection,
    findings: &[Finding],
    line: &mut Vec<u8>,
) -> io::Result<()> {
    write_line(connection, findings, None, &mut Pieces::default(), line)?;
    line.pop();
    Ok(())
}

/// Writes one connection as one line.
///
/// Mostly there is one handshake, and then what it tells stands in the line twice: it is made once and copied.
fn write_line(
    connection: &Connection,
    findings: &[Finding],
    file: Option<&str>,
    pieces: &mut Pieces,
    line: &mut Vec<u8>,
) -> io::Result<()> {
    append_head(line, connection, file)?;
    line.extend_from_slice(br#","client_auth":"#);
    let client_auth = ClientAuth::of(connection, connection.asking()).append(line, pieces)?;
    line.extend_from_slice(br#","handshakes":["#);
    if connection.handshakes.len() == 1 {
        line.extend_from_slice(br#"{"kind":"initial","client_auth":"#);
        line.extend_from_within(client_auth);
        let messages = append_messages(line, pieces, connection.steps.iter());
        line.extend_from_slice(b"}]");
        line.extend_from_within(messages);
    } else {
        for (place, handshake) in connection.handshakes.iter().enumerate() {
            if place > 0 {
                line.push(b',');
            }
            line.extend_from_slice(match handshake.kind {
                HandshakeKind::Initial => br#"{"kind":"initial","client_auth":"#,
                HandshakeKind::Renegotiation => br#"{"kind":"renegotiation","client_auth":"#,
                HandshakeKind::PostHandshake => br#"{"kind":"post_handshake","client_auth":"#,
            });
            ClientAuth::of(connection, handshake).append(line, pieces)?;
            append_messages(line, pieces, connection.steps_of(handshake));
            line.push(b'}');
        }
        line.push(b']');
        append_messages(line, pieces, connection.steps.iter());
    }
    line.extend_from_slice(br#","server_certificates":"#);
    let identity = connection.handshakes.iter().find_map(|handshake| handshake.server_identity.seen());
    pieces.append_certificates(line, identity.map_or(&[], |identity| &identity.certificates))?;
    append_tail(line, connection, findings)?;
    line.push(b'\n');
    Ok(())
}

/// Appends a value, and says where it stands.
pub(super) fn append(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<Range<usize>> {
    let start = line.len();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *line, Safe))?;
    Ok(start..line.len())
}

/// Appends the field `messages`, with the comma before it, and says where that stands.
fn append_messages<'a>(
    line: &mut Vec<u8>,
    pieces: &mut Pieces,
    steps: impl Iterator<Item = &'a Step>,
) -> Range<usize> {
    let start = line.len();
    line.extend_from_slice(br#","messages":["#);
    for (place, message) in steps.filter_map(Message::of).enumerate() {
        if place > 0 {
            line.push(b',');
        }
        message.append(line, pieces);
    }
    line.push(b']');
    start..line.len()
}

/// Appends what stands before `client_auth`.
fn append_head(line: &mut Vec<u8>, connection: &Connection, file: Option<&str>) -> io::Result<()> {
    let initial = connection.initial();
    line.extend_from_slice(br#"{"file":"#);
    append_text(line, file)?;
    line.extend_from_slice(br#","connection":"#);
    append_number(line, Some(connection.id.0));
    line.extend_from_slice(br#","transport":"tcp","client":"#);
    append_endpoint(line, connection.client)?;
    line.extend_from_slice(br#","server":"#);
    append_endpoint(line, connection.server)?;
    line.extend_from_slice(br#","first_frame":"#);
    append_number(line, connection.first_frame.map(FrameNumber::get));
    line.extend_from_slice(br#","last_frame":"#);
    append_number(line, connection.last_frame.map(FrameNumber::get));
    line.extend_from_slice(br#","start":""#);
    line.extend_from_slice(&Moment(connection.start).text());
    line.extend_from_slice(br#"","version":"#);
    match initial.version.seen() {
        Some(version) => append_registered(line, version.name(), version)?,
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(br#","cipher_suite":"#);
    match initial.cipher_suite.seen() {
        Some(suite) => append_registered(line, suite.name(), suite)?,
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(br#","server_name":"#);
    append_text(line, initial.server_name.seen().map(String::as_str))?;
    line.extend_from_slice(br#","alpn":"#);
    append_text(line, initial.alpn.seen().map(String::as_str))?;
    line.extend_from_slice(match initial.resumption {
        Observed::Seen(_) => br#","resumed":true,"decrypted_with":"#,
        Observed::NotSent => br#","resumed":false,"decrypted_with":"#,
        Observed::Hidden(_) => br#","resumed":null,"decrypted_with":"#,
    });
    line.extend_from_slice(match connection.decrypted_with {
        Some(SecretOrigin::KeyLog) => br#""key_log""#,
        Some(SecretOrigin::DecryptionSecretsBlock) => br#""dsb""#,
        None => b"null",
    });
    Ok(())
}

fn append_endpoint(line: &mut Vec<u8>, address: SocketAddr) -> io::Result<()> {
    line.extend_from_slice(br#"{"ip":""#);
    match address.ip() {
        IpAddr::V4(v4) => {
            for (place, octet) in v4.octets().into_iter().enumerate() {
                if place > 0 {
                    line.push(b'.');
                }
                append_number(line, Some(octet.into()));
            }
        }
        IpAddr::V6(v6) => write!(line, "{v6}")?,
    }
    line.extend_from_slice(br#"","port":"#);
    append_number(line, Some(address.port().into()));
    line.push(b'}');
    Ok(())
}

/// Appends what stands behind `server_certificates`.
fn append_tail(line: &mut Vec<u8>, connection: &Connection, findings: &[Finding]) -> io::Result<()> {
    line.extend_from_slice(br#","alerts":"#);
    append(line, &Alerts(&connection.steps))?;
    line.extend_from_slice(br#","outcome":"#);
    append_outcome(line, &connection.outcome);
    line.extend_from_slice(br#","http":"#);
    append_http(line, connection)?;
    line.extend_from_slice(br#","findings":"#);
    append(line, &Findings(findings))?;
    line.extend_from_slice(br#","said":"#);
    append(line, &Testimony(&connection.said))?;
    line.extend_from_slice(br#","notices":"#);
    append(line, &Notices(&connection.notices))?;
    line.push(b'}');
    Ok(())
}

fn append_http(line: &mut Vec<u8>, connection: &Connection) -> io::Result<()> {
    let request = connection.http_request.as_ref().map(|request| request.line.as_str());
    let status = connection.http_status.as_ref().map(|status| status.code);
    if request.is_none() && status.is_none() {
        line.extend_from_slice(b"null");
        return Ok(());
    }
    line.extend_from_slice(br#"{"request":"#);
    append_text(line, request)?;
    line.extend_from_slice(br#","status":"#);
    append_number(line, status.map(u64::from));
    line.push(b'}');
    Ok(())
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
        let messages = connection.steps.iter().filter_map(Message::of).count();
        eprintln!("{each:?} for {} bytes, {messages} messages", out.len());
        assert!(each < Duration::from_micros(20), "{each:?}");
    }
}
