//! What one attempt tells: whether and when the server asked, for what, and how it took the answer.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::HandshakeType;

use crate::attempt::Attempt;
use crate::connection::{Connection, HandshakeKind, Layer, Request, Sign, StepKind};
use crate::finding::Confidence;
use crate::requirement::{Level, Requirement};

/// What one attempt tells of the server.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Whether it asked, and when.
    pub asked: Asked,
    /// What it asked for.
    pub request: Option<Request>,
    /// How it took the client's answer.
    pub took: Took,
    /// The HTTP status, if one came.
    pub status: Option<u16>,
    /// What that shows it to require, taken by itself.
    pub required: Level,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Whether a server asked for a certificate, and when.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Asked {
    /// Not at all.
    Never,
    /// In the first handshake.
    InHandshake,
    /// In a renegotiation (TLS 1.2 and below).
    InRenegotiation,
    /// After the handshake (TLS 1.3).
    AfterHandshake,
    /// It could not be seen.
    Untold,
}

/// How a server took what the client answered, or that it was not asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Took {
    /// It went on, as far as this layer.
    WentOn(Layer),
    /// It refused in TLS, or closed the connection: what it did, in the past tense.
    RefusedInTls(String),
    /// It refused in HTTP.
    RefusedInHttp {
        /// By this status.
        status: u16,
        /// Whether it says that it is for a certificate. A bare 403 may have other reasons.
        speaks_of_it: bool,
    },
    /// It wants the request again in HTTP/1.1, where it can ask for a certificate late (RFC 9113 section 9.2.1).
    WantsHttp1,
    /// Our end refused the server.
    WeRefused(String),
    /// It could not be told: why.
    Untold(String),
}

/// What the client knows of an attempt, and the engine does not see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Circumstances<'a> {
    /// Whether an HTTP request was made, or was to be made behind the handshake.
    pub asked_in_http: bool,
    /// Whether the server gave the request back with HTTP_1_1_REQUIRED.
    pub wants_http1: bool,
    /// Why no answer came, where none did.
    pub silence: &'a str,
}

impl Reading {
    /// Reads an attempt.
    pub fn of(attempt: &Attempt<'_>, circumstances: Circumstances<'_>) -> Self {
        let asking = attempt.connection.asking();
        let asked = match (asking.request.is_seen(), asking.request.is_not_sent(), asking.kind) {
            (true, _, HandshakeKind::Initial) => Asked::InHandshake,
            (true, _, HandshakeKind::Renegotiation) => Asked::InRenegotiation,
            (true, _, HandshakeKind::PostHandshake) => Asked::AfterHandshake,
            (false, true, _) => Asked::Never,
            (false, false, _) => Asked::Untold,
        };
        let requirement = Requirement::of(&[*attempt]);
        let took = took(attempt, asked, requirement.level, circumstances);
        // A close behind an answer that was taken is about the request, not about the certificate.
        let (required, confidence) = match (&took, requirement.level) {
            (Took::WentOn(_), Level::RequiredByTls) => (Level::Wanted, Confidence::Likely),
            (_, level) => (level, requirement.confidence),
        };
        Self {
            asked,
            request: asking.request.seen().cloned(),
            took,
            status: attempt.answer().map(|answer| answer.code),
            required,
            confidence,
        }
    }

    /// What this shows the server to require, where it shows it.
    pub(super) fn level(&self) -> Option<Level> {
        let is_told = !matches!(self.took, Took::WantsHttp1 | Took::WeRefused(_) | Took::Untold(_));
        Some(self.required).filter(|level| is_told && *level != Level::Unknown)
    }
}

fn took(attempt: &Attempt<'_>, asked: Asked, level: Level, circumstances: Circumstances<'_>) -> Took {
    let connection = attempt.connection;
    if circumstances.wants_http1 {
        return Took::WantsHttp1;
    }
    if let Some(answer) = attempt.answer() {
        let refuses = level == Level::RequiredByHttp || (asked != Asked::Never && answer.turns_away());
        return match refuses {
            true => {
                Took::RefusedInHttp { status: answer.code, speaks_of_it: answer.speaks_of_certificates() }
            }
            false => Took::WentOn(Layer::Http),
        };
    }
    let untold = || Took::Untold(circumstances.silence.to_owned());
    if let Some(refusal) = connection.refusal() {
        if refusal.by == Side::Client {
            return Took::WeRefused(refusal.to_string());
        }
        // Whoever is no web server closes as well, once it is asked in HTTP; and so does one that would ask late and
        // cannot.
        let is_about_http = match refusal.sign {
            Sign::Closed(_) => asked == Asked::Never || took_the_answer(connection),
            _ => asked == Asked::Never,
        };
        if !is_about_http {
            return Took::RefusedInTls(refusal.to_string());
        }
    }
    let asking = connection.asking();
    let is_complete = asking.client_finished.is_seen()
        && (asking.kind == HandshakeKind::PostHandshake || asking.server_finished.is_seen());
    match (is_complete, asked) {
        (false, _) | (true, Asked::Untold) => untold(),
        // It was asked in HTTP, and neither asked nor answered.
        (true, Asked::Never) if circumstances.asked_in_http => untold(),
        (true, Asked::Never) => Took::WentOn(Layer::Tls),
        (true, _) if took_the_answer(connection) || !server_ended_first(connection) => {
            Took::WentOn(Layer::Tls)
        }
        (true, _) => untold(),
    }
}

/// Whether the server, behind the client's answer, did what servers do only with clients they took.
fn took_the_answer(connection: &Connection) -> bool {
    let asking = connection.asking();
    let is_tls13 = connection.initial().version.seen().is_some_and(|version| version.is_tls13());
    if !is_tls13 {
        return asking.server_finished.is_seen();
    }
    let Some(finished) = asking.client_finished.seen() else { return false };
    connection.steps.iter().any(|step| {
        step.side == Side::Server
            && step.time >= finished.time
            && match &step.kind {
                StepKind::HttpStatus(_) | StepKind::Http2Ending(..) | StepKind::ApplicationData(..) => true,
                kind => kind
                    .message()
                    .is_some_and(|message| message.handshake_type == HandshakeType::NEW_SESSION_TICKET),
            }
    })
}

fn server_ended_first(connection: &Connection) -> bool {
    connection
        .steps
        .iter()
        .find(|step| matches!(step.kind, StepKind::TransportEnd(_)))
        .is_some_and(|step| step.side == Side::Server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;

    fn read(script: &str) -> Reading {
        read_in(script, Circumstances { asked_in_http: true, wants_http1: false, silence: "silent" })
    }

    fn read_in(script: &str, circumstances: Circumstances<'_>) -> Reading {
        Reading::of(&Attempt { connection: &tell(script), answer: None }, circumstances)
    }

    const PLAIN: &str = "
        C> ClientHello
        S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
        C> ClientKeyExchange, ChangeCipherSpec, Finished
        S> ChangeCipherSpec, Finished
        C> Data(GET / HTTP/1.1\\r\\n\\r\\n)
    ";
    const ASKED13: &str = "
        C> ClientHello
        S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
        C> Certificate(empty), Finished
    ";

    #[test]
    fn a_server_that_neither_asks_nor_answers_tells_nothing() {
        let reading = read(&format!("{PLAIN} S> RST"));
        assert_eq!(
            (reading.asked, &reading.took, reading.level()),
            (Asked::Never, &Took::Untold("silent".to_owned()), None)
        );
        let handshakes_only = Circumstances { asked_in_http: false, wants_http1: false, silence: "" };
        let reading = read_in(
            &format!("{} S> FIN\nC> FIN", PLAIN.replace("C> Data(GET / HTTP/1.1\\r\\n\\r\\n)", "")),
            handshakes_only,
        );
        assert_eq!((&reading.took, reading.level()), (&Took::WentOn(Layer::Tls), Some(Level::NotAsked)));
    }

    #[test]
    fn a_ticket_shows_that_an_empty_answer_was_taken_though_no_http_answer_comes() {
        let reading = read(&format!(
            "{ASKED13} S> NewSessionTicket\nC> Data(GET / HTTP/1.1\\r\\n\\r\\n)\nS> FIN\nC> FIN"
        ));
        assert_eq!(reading.took, Took::WentOn(Layer::Tls));
        let reading = read(&format!("{ASKED13} S> FIN\nC> FIN"));
        assert!(matches!(reading.took, Took::RefusedInTls(_)), "{reading:?}");
    }

    #[test]
    fn a_close_behind_a_completed_handshake_of_tls12_is_about_the_request() {
        let reading = read(
            r"
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\r\n\r\n)
            S> FIN
            C> FIN
        ",
        );
        assert_eq!((&reading.took, reading.level()), (&Took::WentOn(Layer::Tls), Some(Level::Wanted)));
    }

    #[test]
    fn a_request_given_back_tells_nothing_of_http2() {
        let wants = Circumstances { asked_in_http: true, wants_http1: true, silence: "" };
        let reading = read_in(&format!("{PLAIN} S> FIN\nC> FIN"), wants);
        assert_eq!((&reading.took, reading.level()), (&Took::WantsHttp1, None));
    }

    #[test]
    fn a_403_is_a_refusal_only_where_a_certificate_is_in_question() {
        let answered = |before: &str, answer: &str| {
            read(&format!("{before}\nS> Data(HTTP/1.1 {answer})\nS> FIN\nC> FIN")).took
        };
        assert_eq!(answered(PLAIN, "403 Forbidden\\r\\n\\r\\n"), Took::WentOn(Layer::Http));
        assert_eq!(
            answered(PLAIN, "403 Forbidden\\r\\n\\r\\nReason: Cannot perform Post-Handshake Authentication."),
            Took::RefusedInHttp { status: 403, speaks_of_it: true }
        );
        assert_eq!(
            answered(ASKED13, "403 Forbidden\\r\\n\\r\\n"),
            Took::RefusedInHttp { status: 403, speaks_of_it: false }
        );
        assert_eq!(answered(ASKED13, "404 Not Found\\r\\n\\r\\n"), Took::WentOn(Layer::Http));
    }
}
