//! A refusal that can be read: the first alert that is one, or an HTTP status, whichever came first.

use mtlscope_dissect::event::{Protection, TransportEnd};
use mtlscope_dissect::http2::{Ending, ErrorCode};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::AlertDescription;

use super::{Layer, Means, Outcome, Party, Verdict};
use crate::connection::{Connection, HttpStatus, StepKind};

/// The first refusal that can be read.
pub(super) fn find(connection: &Connection) -> Option<Outcome> {
    let mut is_first_status = true;
    // Who has ended the connection. What the other complains of then may be that end.
    let mut ended = [false; 2];
    for step in &connection.steps {
        match &step.kind {
            StepKind::TransportEnd(TransportEnd::Fin) => ended[step.side.index()] = true,
            StepKind::Alert(alert, evidence, protection)
                if refuses(connection, alert, *protection)
                    && !(ended[(!step.side).index()] && complains_of_the_end(step.side, alert)) =>
            {
                return Some(Outcome {
                    verdict: Verdict::Refused,
                    by: Some(Party::Side(step.side)),
                    means: Some(Means::Alert),
                    layer: Some(Layer::Tls),
                    frame: evidence.frame,
                    inferred: false,
                });
            }
            StepKind::Http2Ending(ending, evidence, _)
                if step.side == Side::Server && wants_http1(ending) =>
            {
                return Some(Outcome {
                    verdict: Verdict::Refused,
                    by: Some(Party::Side(Side::Server)),
                    means: Some(Means::Http),
                    layer: Some(Layer::Http),
                    frame: evidence.frame,
                    inferred: false,
                });
            }
            StepKind::HttpStatus(status) if status.code >= 200 && is_first_status => {
                is_first_status = false;
                if status_refuses(connection, status) {
                    return Some(Outcome {
                        verdict: Verdict::Refused,
                        by: Some(Party::Side(Side::Server)),
                        means: Some(Means::Http),
                        layer: Some(Layer::Http),
                        frame: status.evidence.frame,
                        inferred: false,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a side that still speaks once the other has closed only complains of that. OpenSSL 3 calls it decode_error
/// (`unexpected eof while reading`), on either side; GnuTLS unexpected_message. A server may refuse so late, if the client has
/// closed in place of an answer.
fn complains_of_the_end(side: Side, alert: &Alert) -> bool {
    side == Side::Client || alert.description == AlertDescription::DECODE_ERROR
}

/// What a side says in its own log: in a printout, all there is.
pub(super) fn logged(connection: &Connection) -> Option<Outcome> {
    let by = connection.printed?.refused_by?;
    Some(Outcome {
        verdict: Verdict::Refused,
        by: Some(Party::Side(by)),
        means: Some(Means::Log),
        layer: None,
        frame: None,
        inferred: false,
    })
}

/// Whether an alert ends the connection, and is no goodbye.
fn refuses(connection: &Connection, alert: &Alert, protection: Protection) -> bool {
    let is_tls13 = connection.initial().version.seen().is_some_and(|version| version.is_tls13());
    // A warning in clear stands before the server has chosen, or comes from one that does not speak TLS 1.3.
    alert.is_fatal(is_tls13 && protection != Protection::Plain)
}

/// Whether a server ends HTTP/2 because the request can be answered in HTTP/1.1 only: where the client has to show a
/// certificate first, for which HTTP/2 has no place (RFC 9113 sections 7 and 9.2.1). Another error of HTTP/2 is no refusal of
/// the client.
pub(in crate::connection) fn wants_http1(ending: &Ending) -> bool {
    ending.error == ErrorCode::HTTP_1_1_REQUIRED
}

/// Whether an HTTP status says that it is the client's certificate, or the client, that is not wanted.
fn status_refuses(connection: &Connection, status: &HttpStatus) -> bool {
    match status.code {
        400 if connection.is_without_tls() => true,
        // 421: the session was made for another name, whose rules on certificates may differ (RFC 9110 section
        // 15.5.20). 495 and 496 are nginx's own.
        401 | 403 | 421 | 495 | 496 => true,
        400 => {
            let speaks_of_certificates = status.head.to_ascii_lowercase().contains("ssl certificate");
            speaks_of_certificates || !connection.asking().request.is_not_sent()
        }
        _ => false,
    }
}
