//! Does a server ask for a client certificate, and does it insist: in TLS, or only by an HTTP status?
//!
//! What tells is an attempt without a certificate: a server that refuses it by an alert requires one in TLS; one that
//! completes the handshake and answers 400, 403, 495 or 496 requires one in HTTP (nginx always does it so); one that goes on
//! only wants one. An attempt *with* a certificate shows no more than that it was asked for.

use std::fmt;

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::attempt::{Attempt, HttpAnswer};
use crate::connection::{Handshake, HandshakeKind, Layer, Reception, Refusal, Sign};
use crate::finding::Confidence;
use crate::observed::Observed;

/// What a server requires, as far as some attempts show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// What it requires.
    pub level: Level,
    /// How sure that is.
    pub confidence: Confidence,
    /// In which kind of handshake it asked, if it was seen to ask.
    pub asked: Option<HandshakeKind>,
    /// What shows it: a sentence.
    pub because: String,
    /// Where that was.
    pub evidence: Vec<Evidence>,
}

/// What a server requires of a client, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// The attempts do not tell.
    Unknown,
    /// It does not ask.
    NotAsked,
    /// It asks, and goes on without a certificate.
    Wanted,
    /// It asks, completes the handshake, and answers in HTTP that it wants a certificate.
    RequiredByHttp,
    /// It ends the connection where no certificate comes.
    RequiredByTls,
}

impl Level {
    /// A name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotAsked => "not-asked",
            Self::Wanted => "wanted",
            Self::RequiredByHttp => "required-http",
            Self::RequiredByTls => "required-tls",
        }
    }
}

/// Completes "the server ..".
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "cannot be seen to require a client certificate or not",
            Self::NotAsked => "does not ask for a client certificate",
            Self::Wanted => "wants a client certificate, and goes on without one",
            Self::RequiredByHttp => "requires a client certificate, by HTTP status",
            Self::RequiredByTls => "requires a client certificate, in TLS",
        })
    }
}

impl Requirement {
    /// What attempts at one server, in the same version and for the same path, show together: the surest counts.
    pub fn of(attempts: &[Attempt<'_>]) -> Self {
        let mut each: Vec<Self> = attempts.iter().map(Self::of_one).collect();
        let asked = each.iter().find_map(|one| one.asked);
        let best = (0..each.len()).rev().max_by_key(|place| {
            each.get(*place).map(|one| (one.level != Level::Unknown, one.confidence, one.level))
        });
        let Some(mut best) = best.map(|place| each.swap_remove(place)) else {
            return Self::unknown(None, "nothing was tried");
        };
        best.asked = best.asked.or(asked);
        if best.level == Level::RequiredByHttp
            && best.confidence == Confidence::Possible
            && let Some(code) = attempts.iter().find_map(let_in_with_certificate)
        {
            best.confidence = Confidence::Likely;
            best.because.push_str(&format!("; with a certificate it answered {code}"));
        }
        best
    }

    fn of_one(attempt: &Attempt<'_>) -> Self {
        let handshake = attempt.connection.asking();
        let asked = handshake.request.is_seen().then_some(handshake.kind);
        if asked.is_none() {
            return Self::without_a_request(attempt, handshake);
        }
        let when = when(handshake.kind);
        match &handshake.answer {
            Observed::Seen(answer) if answer.is_empty() => Self::without_a_certificate(attempt, handshake),
            Observed::Seen(_) => {
                let because = format!(
                    "it asked {when}, and the client showed a certificate; an attempt without one would tell more"
                );
                Self { evidence: evidence(handshake), ..Self::unknown(asked, &because) }
            }
            Observed::NotSent | Observed::Hidden(_) => {
                let because = format!("it asked {when}, and the client's answer was not seen");
                Self { evidence: evidence(handshake), ..Self::unknown(asked, &because) }
            }
        }
    }

    /// It asked, and the client answered with none.
    fn without_a_certificate(attempt: &Attempt<'_>, handshake: &Handshake) -> Self {
        let asked = Some(handshake.kind);
        let mut evidence = evidence(handshake);
        let told = format!("it asked {}, was shown none, and", when(handshake.kind));
        // Whoever answers in HTTP has let the handshake pass.
        if let Some(answer) = attempt.answer() {
            evidence.extend(attempt.connection.http_status.as_ref().map(|status| status.evidence));
            let because = format!("{told} answered {}", answer.code);
            // Other things make a request bad as well, but this server has just been shown no certificate.
            if answer.turns_away() || answer.code == 400 {
                let (level, confidence) = (Level::RequiredByHttp, sureness_of_status(&answer));
                return Self { level, confidence, asked, because, evidence };
            }
            return Self { level: Level::Wanted, confidence: Confidence::Certain, asked, because, evidence };
        }
        match attempt.connection.reception(handshake) {
            Some(Reception::Refused(refusal)) => {
                evidence.push(refusal.evidence);
                Self {
                    level: Level::RequiredByTls,
                    confidence: sureness_of_refusal(&refusal),
                    asked,
                    because: format!("{told} {refusal}"),
                    evidence,
                }
            }
            Some(Reception::Accepted(layer)) => Self {
                level: Level::Wanted,
                confidence: if layer == Layer::Http { Confidence::Certain } else { Confidence::Likely },
                asked,
                because: format!("{told} completed the handshake"),
                evidence,
            },
            Some(Reception::Untold) | None => {
                let because = format!("{told} how it took that was not seen");
                Self { evidence, ..Self::unknown(asked, &because) }
            }
        }
    }

    /// It was not seen to ask.
    fn without_a_request(attempt: &Attempt<'_>, handshake: &Handshake) -> Self {
        let answer = attempt.answer();
        if let Some(answer) = answer.filter(|answer| answer.turns_away() && answer.speaks_of_certificates()) {
            let status = attempt.connection.http_status.as_ref();
            return Self {
                level: Level::RequiredByHttp,
                confidence: Confidence::Likely,
                asked: None,
                because: format!("it answered {}, and speaks of a certificate", answer.code),
                evidence: status.map(|status| status.evidence).into_iter().collect(),
            };
        }
        if let Some(why) = handshake.request.hidden() {
            return Self::unknown(None, &format!("whether it asked was not seen: {why}"));
        }
        if handshake.resumption.is_seen() {
            return Self::unknown(None, "the session was resumed, and in a resumed one no server asks again");
        }
        let broke_off = |later: &Handshake| {
            later.kind == HandshakeKind::Renegotiation && !later.server_finished.is_seen()
        };
        if attempt.connection.handshakes.iter().any(broke_off) {
            let because = "it began a renegotiation, in which it may have meant to ask, and none came about";
            return Self::unknown(None, because);
        }
        let finished = [&handshake.client_finished, &handshake.server_finished];
        if answer.is_none() && !finished.iter().all(|finished| finished.is_seen()) {
            return Self::unknown(None, "the handshake was not completed");
        }
        Self {
            level: Level::NotAsked,
            // Without a request it may still ask, once it knows which path is wanted.
            confidence: if answer.is_some() { Confidence::Certain } else { Confidence::Likely },
            asked: None,
            because: match answer {
                Some(answer) => format!("it did not ask, and answered {}", answer.code),
                None => "it did not ask in the handshake, and no request was made".to_owned(),
            },
            evidence: finished.iter().filter_map(|finished| finished.seen().copied()).collect(),
        }
    }

    fn unknown(asked: Option<HandshakeKind>, because: &str) -> Self {
        Self {
            level: Level::Unknown,
            confidence: Confidence::Possible,
            asked,
            because: because.to_owned(),
            evidence: Vec::new(),
        }
    }
}

/// The status of an attempt in which the client showed a certificate and was let in.
fn let_in_with_certificate(attempt: &Attempt<'_>) -> Option<u16> {
    let answer = attempt.connection.asking().answer.seen()?;
    let status = attempt.answer()?.code;
    (!answer.is_empty() && (200..400).contains(&status)).then_some(status)
}

fn evidence(handshake: &Handshake) -> Vec<Evidence> {
    let request = handshake.request.seen().map(|request| request.evidence);
    let answer = handshake.answer.seen().map(|answer| answer.evidence);
    request.into_iter().chain(answer).collect()
}

/// 400, 401 and 403 are also said for other reasons.
fn sureness_of_status(answer: &HttpAnswer<'_>) -> Confidence {
    if answer.speaks_of_certificates() { Confidence::Certain } else { Confidence::Possible }
}

/// One alert says just that; the others that servers send then are sent for other causes as well.
fn sureness_of_refusal(refusal: &Refusal<'_>) -> Confidence {
    match refusal.sign {
        Sign::Alert(alert) if alert.description == AlertDescription::CERTIFICATE_REQUIRED => {
            Confidence::Certain
        }
        _ => Confidence::Likely,
    }
}

fn when(kind: HandshakeKind) -> &'static str {
    match kind {
        HandshakeKind::Initial => "in the handshake",
        HandshakeKind::Renegotiation => "in a renegotiation",
        HandshakeKind::PostHandshake => "after the handshake",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::connection::script::tell;

    fn of(connections: &[&Connection]) -> Requirement {
        let attempts: Vec<Attempt<'_>> =
            connections.iter().map(|connection| Attempt { connection, answer: None }).collect();
        Requirement::of(&attempts)
    }

    fn level(script: &str) -> (Level, Confidence) {
        let found = of(&[&tell(script)]);
        (found.level, found.confidence)
    }

    const ASKED12: &str = "
        C> ClientHello
        S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
        C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
    ";
    const ASKED13: &str = "
        C> ClientHello
        S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
        C> Certificate(empty), Finished
    ";
    const LET_IN12: &str = "S> ChangeCipherSpec, Finished\nC> Data(GET / HTTP/1.1\\r\\n\\r\\n)\n";

    #[test]
    fn an_alert_at_an_empty_answer_means_tls() {
        assert_eq!(
            level(&format!("{ASKED13} S> Alert(fatal, certificate_required), FIN\nC> FIN")),
            (Level::RequiredByTls, Confidence::Certain)
        );
        assert_eq!(
            level(&format!("{ASKED12} S> Alert(fatal, handshake_failure), FIN\nC> FIN")),
            (Level::RequiredByTls, Confidence::Likely)
        );
        assert_eq!(level(&format!("{ASKED12} S> FIN\nC> FIN")), (Level::RequiredByTls, Confidence::Likely));
    }

    #[test]
    fn a_status_behind_a_complete_handshake_means_http() {
        let answered =
            |status: &str| level(&format!("{ASKED12}{LET_IN12}S> Data(HTTP/1.1 {status}), FIN\nC> FIN"));
        let nginx = "400 Bad Request\\r\\n\\r\\n<title>400 No required SSL certificate was sent</title>";
        assert_eq!(answered(nginx), (Level::RequiredByHttp, Confidence::Certain));
        assert_eq!(answered("496 x\\r\\n\\r\\n"), (Level::RequiredByHttp, Confidence::Certain));
        assert_eq!(answered("403 Forbidden\\r\\n\\r\\n"), (Level::RequiredByHttp, Confidence::Possible));
        assert_eq!(answered("400 Bad Request\\r\\n\\r\\n"), (Level::RequiredByHttp, Confidence::Possible));
        assert_eq!(answered("404 Not Found\\r\\n\\r\\n"), (Level::Wanted, Confidence::Certain));
        assert_eq!(answered("200 OK\\r\\n\\r\\n"), (Level::Wanted, Confidence::Certain));
    }

    #[test]
    fn what_only_the_client_could_read_of_http2_counts() {
        let connection = tell(&format!("{ASKED12}S> ChangeCipherSpec, Finished\nC> FIN\nS> FIN"));
        let answer = HttpAnswer { code: 400, text: "No required SSL certificate was sent" };
        let found = Requirement::of(&[Attempt { connection: &connection, answer: Some(answer) }]);
        assert_eq!((found.level, found.asked), (Level::RequiredByHttp, Some(HandshakeKind::Initial)));
        assert_eq!(of(&[&connection]).level, Level::Wanted);
    }

    #[test]
    fn a_renegotiation_that_the_client_refused_leaves_it_open() {
        let refused = r"
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
            S> ChangeCipherSpec, Finished
            C> Data(GET /secure HTTP/1.1\r\n\r\n)
            S> HelloRequest
            C> Alert(warning, no_renegotiation)
            S> Alert(fatal, handshake_failure), FIN
            C> FIN
        ";
        assert_eq!(level(refused).0, Level::Unknown);
    }

    #[test]
    fn a_late_request_is_told_apart() {
        let late = tell(
            r"
            C> ClientHello(pha)
            S> ServerHello(1.3), EncryptedExtensions, Certificate(server), CertificateVerify, Finished
            C> Finished
            C> Data(GET / HTTP/1.1\r\n\r\n)
            S> CertificateRequest(any; context=0a)
            C> Certificate(empty context=0a), Finished
            S> Alert(fatal, certificate_required), FIN
            C> FIN
        ",
        );
        let found = of(&[&late]);
        assert_eq!((found.level, found.asked), (Level::RequiredByTls, Some(HandshakeKind::PostHandshake)));
        assert_eq!(
            found.because,
            "it asked after the handshake, was shown none, and sent alert 116 (certificate_required) in frame 7"
        );
    }

    #[test]
    fn who_does_not_ask_is_told_from_who_cannot_be_seen_to() {
        let plain = "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
            C> ClientKeyExchange, ChangeCipherSpec, Finished
        ";
        let answered = format!("{plain}{LET_IN12}S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n), FIN\nC> FIN");
        assert_eq!(level(&answered), (Level::NotAsked, Confidence::Certain));
        let no_request = format!("{plain}S> ChangeCipherSpec, Finished\nC> FIN\nS> FIN");
        assert_eq!(level(&no_request), (Level::NotAsked, Confidence::Likely));
        let iis = format!(
            "{plain}{LET_IN12}S> Data(HTTP/1.1 403 x\\r\\n\\r\\nClient certificate required)\nS> FIN\nC> FIN"
        );
        assert_eq!(level(&iis), (Level::RequiredByHttp, Confidence::Likely));
        assert_eq!(level("C> ClientHello\nS> Alert(fatal, protocol_version), FIN\nC> FIN").0, Level::Unknown);
        assert_eq!(
            level("C> ClientHello\nS> ServerHello(1.3), Sealed(23,900)\nC> Sealed(23,60)").0,
            Level::Unknown
        );
        assert_eq!(of(&[]).level, Level::Unknown);
    }

    #[test]
    fn an_attempt_with_a_certificate_makes_a_bare_403_surer() {
        let without = tell(&format!("{ASKED12}{LET_IN12}S> Data(HTTP/1.1 403 x\\r\\n\\r\\n), FIN\nC> FIN"));
        let with = tell(&format!(
            "{}{LET_IN12}S> Data(HTTP/1.1 200 OK\\r\\n\\r\\n), FIN\nC> FIN",
            ASKED12.replace("Certificate(empty)", "Certificate(good)")
        ));
        assert_eq!(of(&[&with]).level, Level::Unknown);
        assert_eq!(of(&[&with]).asked, Some(HandshakeKind::Initial));
        let found = of(&[&with, &without]);
        assert_eq!((found.level, found.confidence), (Level::RequiredByHttp, Confidence::Likely));
        assert!(
            found.because.ends_with("answered 403; with a certificate it answered 200"),
            "{}",
            found.because
        );
    }
}
