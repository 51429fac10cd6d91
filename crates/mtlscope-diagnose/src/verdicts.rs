//! Two verdicts side by side: what the client makes of the connection, and what the server does.
//!
//! They differ where it hurts. In TLS 1.3 the client has completed the handshake before the server has looked at its
//! certificate, so a client says "connected" and is refused a moment later.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;

use crate::attempt::Attempt;
use crate::connection::{Connection, Layer, Refusal, Sign, Verdict};

/// Both verdicts on one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdicts<'a> {
    /// What the client makes of it.
    pub client: ClientVerdict<'a>,
    /// What the server makes of it.
    pub server: ServerVerdict<'a>,
}

/// What the client makes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientVerdict<'a> {
    /// It has completed the handshake.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// It refused the server.
    Refused(Refusal<'a>),
    /// The handshake came to no end.
    NotCompleted,
}

/// What the server makes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerVerdict<'a> {
    /// It refused the client, by an alert or by going away.
    Refused {
        /// How.
        refusal: Refusal<'a>,
        /// How long after the client had completed the handshake, in nanoseconds; `None` where it had not.
        late: Option<i64>,
    },
    /// It turned the client away by an HTTP status.
    TurnedAway {
        /// The status.
        code: u16,
    },
    /// It went on.
    Accepted {
        /// As far as that can be seen.
        layer: Layer,
        /// The status it answered with, if it did.
        code: Option<u16>,
    },
    /// It said nothing, or nothing that can be read.
    Untold,
}

impl<'a> Verdicts<'a> {
    /// The verdicts on an attempt.
    pub fn of(attempt: &Attempt<'a>) -> Self {
        let connection = attempt.connection;
        let completed = completed(connection);
        let refusal = connection.refusal();
        let client = match (refusal, completed) {
            (Some(refusal), _) if refusal.by == Side::Client => ClientVerdict::Refused(refusal),
            (_, Some(at)) => ClientVerdict::Completed { at },
            _ => ClientVerdict::NotCompleted,
        };
        Self { client, server: server(attempt, refusal, completed) }
    }

    /// Whether the server refused what the client took for complete.
    pub fn disagree(&self) -> bool {
        let has_completed = matches!(self.client, ClientVerdict::Completed { .. });
        has_completed
            && matches!(self.server, ServerVerdict::Refused { .. } | ServerVerdict::TurnedAway { .. })
    }
}

fn server<'a>(
    attempt: &Attempt<'a>,
    refusal: Option<Refusal<'a>>,
    completed: Option<Timestamp>,
) -> ServerVerdict<'a> {
    let answer = attempt.answer();
    if let Some(answer) = answer {
        let is_refusal =
            refusal.is_some_and(|refusal| matches!(refusal.sign, Sign::Http(_) | Sign::Http2(_)));
        return match answer.turns_away() || is_refusal {
            true => ServerVerdict::TurnedAway { code: answer.code },
            false => ServerVerdict::Accepted { layer: Layer::Http, code: Some(answer.code) },
        };
    }
    match refusal {
        Some(refusal) if refusal.by == Side::Server => {
            let late = completed.map(|at| refusal.evidence.time - at).filter(|late| *late >= 0);
            ServerVerdict::Refused { refusal, late }
        }
        Some(_) => ServerVerdict::Untold,
        None if attempt.connection.outcome.verdict == Verdict::Accepted => ServerVerdict::Accepted {
            layer: attempt.connection.outcome.layer.unwrap_or(Layer::Tls),
            code: None,
        },
        None => ServerVerdict::Untold,
    }
}

/// When the client had completed the last handshake that came to its end: both Finished messages had passed.
fn completed(connection: &Connection) -> Option<Timestamp> {
    connection.handshakes.iter().rev().find_map(|handshake| {
        let server = handshake.server_finished.seen()?.time;
        Some(handshake.client_finished.seen()?.time.max(server))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::HttpAnswer;
    use crate::connection::script::tell;

    fn of(connection: &Connection) -> Verdicts<'_> {
        Verdicts::of(&Attempt { connection, answer: None })
    }

    const ASKED13: &str = "
        C> ClientHello
        S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
        C> Certificate(empty), Finished
    ";

    #[test]
    fn the_late_refusal_of_tls13_comes_after_the_client_was_content() {
        let connection = tell(&format!("{ASKED13} S> Alert(fatal, certificate_required), FIN\nC> FIN"));
        let verdicts = of(&connection);
        assert!(verdicts.disagree());
        assert!(matches!(verdicts.client, ClientVerdict::Completed { .. }));
        assert!(
            matches!(verdicts.server, ServerVerdict::Refused { late: Some(1_000_000), .. }),
            "{verdicts:?}"
        );
    }

    #[test]
    fn in_tls12_the_client_was_not_content_yet() {
        let connection = tell(
            "
            C> ClientHello
            S> ServerHello, Certificate(server), CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
            S> Alert(fatal, handshake_failure), FIN
            C> FIN
        ",
        );
        let verdicts = of(&connection);
        assert_eq!(verdicts.client, ClientVerdict::NotCompleted);
        assert!(matches!(verdicts.server, ServerVerdict::Refused { late: None, .. }));
        assert!(!verdicts.disagree());
    }

    #[test]
    fn a_client_that_refuses_leaves_the_server_without_a_word() {
        let connection = tell(
            "C> ClientHello\nS> ServerHello, Certificate(server), ServerHelloDone\nC> Alert(fatal, unknown_ca), FIN\nS> FIN",
        );
        let verdicts = of(&connection);
        assert!(matches!(verdicts.client, ClientVerdict::Refused(_)));
        assert_eq!(verdicts.server, ServerVerdict::Untold);
    }

    #[test]
    fn an_http_status_counts_whoever_read_it() {
        let connection = tell(&format!("{ASKED13} S> NewSessionTicket\nC> FIN\nS> FIN"));
        assert_eq!(of(&connection).server, ServerVerdict::Accepted { layer: Layer::Tls, code: None });
        let with = |code, text| {
            let answer = Some(HttpAnswer { code, text });
            Verdicts::of(&Attempt { connection: &connection, answer }).server
        };
        assert_eq!(with(403, ""), ServerVerdict::TurnedAway { code: 403 });
        assert_eq!(
            with(400, "No required SSL certificate was sent"),
            ServerVerdict::TurnedAway { code: 400 }
        );
        assert_eq!(with(404, ""), ServerVerdict::Accepted { layer: Layer::Http, code: Some(404) });
    }
}
