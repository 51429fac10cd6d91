//! The shape `connect-v1`: what `mtlscope connect --output-json` writes, one object an attempt. Fields may be added; none is
//! renamed, removed or given another meaning.
//!
//! Written down in `docs/json-connect-v1.schema.json`. The connection in it is an object of `v1`, as it stands there.

use std::io::{self, Write};
use std::sync::Arc;

use mtlscope_diagnose::candidate::{Authority, Fit, Objection, Weight};
use mtlscope_diagnose::connection::{Connection, HandshakeKind, Layer};
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::requirement::Requirement;
use mtlscope_diagnose::verdicts::{ClientVerdict, ServerVerdict, Verdicts};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509;
use serde::Serialize;

use super::v1::certificate::Certificates;
use super::v1::scalar::{Moment, Shown};
use super::v1::{append, append_connection};
use crate::connect::{Candidate, ServerChain};

/// What is known of one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Attempted<'a> {
    /// What was to be reached, as it was typed.
    pub target: &'a str,
    /// The connection as the engine saw it.
    pub connection: &'a Connection,
    /// What the rules say of it.
    pub findings: &'a [Finding],
    /// What both ends make of it.
    pub verdicts: Verdicts<'a>,
    /// What the server requires.
    pub requirement: &'a Requirement,
    /// What the client's stack says of the server's chain; `None` where it was not looked at.
    pub chain: Option<ServerChain<'a>>,
    /// What is to be known of how the client tried. Sentences.
    pub notes: &'a [String],
    /// The certificates that were held against the request.
    pub candidates: &'a [Candidate<'a>],
    /// The HTTP answer, as the client read it.
    pub http: Option<Answer<'a>>,
}

/// An HTTP answer as the client read it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: &'a str,
    /// The status.
    pub status: u16,
    /// The header fields, in order.
    pub headers: &'a [(String, String)],
    /// The length of the body, as far as it came.
    pub body_length: u64,
}

/// Writes one attempt as one line.
pub fn write(attempted: &Attempted<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = br#"{"schema":"connect-v1","target":"#.to_vec();
    append(&mut line, &attempted.target)?;
    line.extend_from_slice(br#","connection":"#);
    append_connection(attempted.connection, attempted.findings, &mut line)?;
    line.push(b',');
    let rest = append(&mut line, &Rest::of(attempted))?;
    // Its braces: the object goes on, and ends with it.
    line.remove(rest.start);
    line.push(b'\n');
    out.write_all(&line)
}

/// What stands behind the connection.
#[derive(Serialize)]
struct Rest<'a> {
    client: ClientView<'a>,
    server: ServerView,
    requirement: RequirementView<'a>,
    candidates: Vec<CandidateView<'a>>,
    http: Option<Http<'a>>,
}

impl<'a> Rest<'a> {
    fn of(attempted: &Attempted<'a>) -> Self {
        Self {
            client: ClientView::of(attempted),
            server: ServerView::of(&attempted.verdicts.server),
            requirement: RequirementView::of(attempted.requirement),
            candidates: attempted.candidates.iter().map(CandidateView::of).collect(),
            http: attempted.http.as_ref().map(Http::of),
        }
    }
}

#[derive(Serialize)]
struct ClientView<'a> {
    verdict: &'static str,
    completed_at: Option<Moment>,
    completed_after_ms: Option<f64>,
    refusal: Option<String>,
    server_chain: Option<ServerChainView<'a>>,
    notes: &'a [String],
}

impl<'a> ClientView<'a> {
    fn of(attempted: &Attempted<'a>) -> Self {
        let start: Timestamp = attempted.connection.start;
        let (verdict, at, refusal) = match attempted.verdicts.client {
            ClientVerdict::Completed { at } => ("completed", Some(at), None),
            ClientVerdict::Refused(refusal) => ("refused", None, Some(refusal.to_string())),
            ClientVerdict::NotCompleted => ("not_completed", None, None),
        };
        Self {
            verdict,
            completed_at: at.map(Moment),
            completed_after_ms: at.map(|at| milliseconds(at - start)),
            refusal,
            server_chain: attempted.chain.map(|chain| ServerChainView {
                ok: chain.code == 0,
                code: chain.code,
                text: chain.text,
            }),
            notes: attempted.notes,
        }
    }
}

#[derive(Serialize)]
struct ServerChainView<'a> {
    ok: bool,
    code: i32,
    text: &'a str,
}

#[derive(Serialize)]
struct ServerView {
    verdict: &'static str,
    layer: Option<&'static str>,
    refusal: Option<String>,
    late_ms: Option<f64>,
    status: Option<u16>,
}

impl ServerView {
    fn of(server: &ServerVerdict<'_>) -> Self {
        let nothing = Self { verdict: "untold", layer: None, refusal: None, late_ms: None, status: None };
        match server {
            ServerVerdict::Refused { refusal, late } => Self {
                verdict: "refused",
                layer: Some("tls"),
                refusal: Some(refusal.to_string()),
                late_ms: late.map(milliseconds),
                ..nothing
            },
            ServerVerdict::TurnedAway { code } => {
                Self { verdict: "refused", layer: Some("http"), status: Some(*code), ..nothing }
            }
            ServerVerdict::Accepted { layer, code } => Self {
                verdict: "accepted",
                layer: Some(match layer {
                    Layer::Http => "http",
                    Layer::Tls | Layer::Tcp => "tls",
                }),
                status: *code,
                ..nothing
            },
            ServerVerdict::Untold => nothing,
        }
    }
}

/// Also part of what `probe` writes.
#[derive(Serialize)]
pub(super) struct RequirementView<'a> {
    level: &'static str,
    confidence: Shown<mtlscope_diagnose::finding::Confidence>,
    asked: Option<&'static str>,
    because: &'a str,
}

impl<'a> RequirementView<'a> {
    pub(super) fn of(requirement: &'a Requirement) -> Self {
        Self {
            level: requirement.level.id(),
            confidence: Shown(requirement.confidence),
            asked: requirement.asked.map(|kind| match kind {
                HandshakeKind::Initial => "initial",
                HandshakeKind::Renegotiation => "renegotiation",
                HandshakeKind::PostHandshake => "post_handshake",
            }),
            because: &requirement.because,
        }
    }
}

#[derive(Serialize)]
struct CandidateView<'a> {
    source: &'a str,
    fit: &'static str,
    authority: Option<Shown<&'a x509::Name>>,
    scheme: Option<String>,
    objections: Vec<ObjectionView>,
    certificates: Certificates<'a>,
}

impl<'a> CandidateView<'a> {
    fn of(candidate: &Candidate<'a>) -> Self {
        let judgement = candidate.judgement;
        let chain: &'a [Arc<x509::Certificate>] = candidate.chain;
        Self {
            source: candidate.source,
            fit: match judgement.fit() {
                Fit::Matches => "matches",
                Fit::Doubtful => "doubtful",
                Fit::DoesNotMatch => "does_not_match",
            },
            authority: match &judgement.authority {
                Authority::Named(name) => Some(Shown(name)),
                _ => None,
            },
            scheme: judgement.scheme.map(|scheme| scheme.to_string()),
            objections: judgement.objections.iter().map(ObjectionView::of).collect(),
            certificates: Certificates(chain),
        }
    }
}

#[derive(Serialize)]
struct ObjectionView {
    id: &'static str,
    weight: &'static str,
    text: String,
    fix: String,
    rule: Option<&'static str>,
}

impl ObjectionView {
    fn of(objection: &Objection) -> Self {
        Self {
            id: objection.id(),
            weight: match objection.weight() {
                Weight::Refusal => "refusal",
                Weight::Doubt => "doubt",
            },
            text: format!("The certificate {objection}."),
            fix: objection.fix(),
            rule: objection.rule().map(|rule| rule.id),
        }
    }
}

#[derive(Serialize)]
struct Http<'a> {
    version: &'a str,
    status: u16,
    headers: &'a [(String, String)],
    body_length: u64,
}

impl<'a> Http<'a> {
    fn of(answer: &Answer<'a>) -> Self {
        let Answer { version, status, headers, body_length } = *answer;
        Self { version, status, headers, body_length }
    }
}

/// With three digits.
fn milliseconds(nanoseconds: impl std::borrow::Borrow<i64>) -> f64 {
    (nanoseconds.borrow() / 1000) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::attempt::Attempt;
    use mtlscope_diagnose::candidate::{Demand, judge};
    use mtlscope_diagnose::pki::SignatureMemo;
    use serde_json::Value;

    use super::*;
    use crate::json::published::tighten;
    use crate::told;

    fn line(connection: &Connection, names: &[&str]) -> Value {
        let attempt = Attempt { connection, answer: None };
        let demand = Demand::of(connection);
        let chains: Vec<_> = names.iter().map(|name| [told::certificate(name)]).collect();
        let judgements: Vec<_> = chains
            .iter()
            .map(|chain| judge(chain, &demand, &mut SignatureMemo::default()).unwrap())
            .collect();
        let candidates: Vec<_> = (names.iter().zip(&chains).zip(&judgements))
            .map(|((source, chain), judgement)| Candidate { source, chain, judgement })
            .collect();
        let headers = [("server".to_owned(), "nginx".to_owned())];
        let attempted = Attempted {
            target: "https://a.test/",
            connection,
            findings: &told::findings(connection),
            verdicts: Verdicts::of(&attempt),
            requirement: &Requirement::of(&[attempt]),
            chain: Some(ServerChain { code: 0, text: "ok" }),
            notes: &["RSA-1024 was let in".to_owned()],
            candidates: &candidates,
            http: Some(Answer { version: "HTTP/2", status: 403, headers: &headers, body_length: 12 }),
        };
        let mut out = Vec::new();
        write(&attempted, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.chars().all(|c| c == '\n' || !crate::printable::deceives(c)));
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_shape_stays_as_it_was_promised() {
        let mut line = line(&told::unknown_ca(), &["selfsigned", "goodec"]);
        assert_eq!(line["connection"]["outcome"]["result"], "refused");
        // Its shape is pinned by the tests of v1.
        line["connection"] = Value::Null;
        insta::assert_snapshot!(serde_json::to_string_pretty(&line).unwrap());
    }

    #[test]
    fn every_line_fits_the_published_schema_and_holds_nothing_that_it_does_not_name() {
        let text = include_str!("../../../../docs/json-connect-v1.schema.json");
        let mut schema: Value = serde_json::from_str(text).unwrap();
        tighten(&mut schema, "");
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for (name, connection) in told::all() {
            let mut line = line(&connection, &["good", "expired", "intleaf", "wrongca", "weak"]);
            // Its shape is checked by the tests of v1.
            line["connection"] = serde_json::json!({});
            let errors: Vec<String> = validator
                .iter_errors(&line)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }
}
