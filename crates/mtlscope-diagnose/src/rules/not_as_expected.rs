//! What happened is not what the user says should have happened.

use mtlscope_dissect::evidence::Evidence;

use crate::connection::{Connection, StepKind, Verdict};
use crate::context::Context;
use crate::expectation::{Expectation, ExpectedAnswer};
use crate::finding::{Confidence, Severity};
use crate::observed::Observed;
use crate::rule::{Report, rule};

rule! {
    /// The connection did not go as --expect says.
    ///
    /// ## What happened
    ///
    /// `--expect` said what should have been: whether the server asks (`requested=yes`), what the client answers
    /// (`answer=certificate`), how it comes out (`outcome=accepted`). What was seen is something else. What could not
    /// be seen, since it is encrypted or not in the capture, is told as a warning.
    ///
    /// ## Why it happens
    ///
    /// - That is what the other findings are about. Without any, the expectation may be of another host or another
    ///   client.
    ///
    /// ## What to do
    ///
    /// - Read the other findings first.
    /// - Where a thing could not be seen: `mtlscope explain request-hidden-without-keys`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type in {11, 13}
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client none --record run.pcapng --count 1 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// mtlscope read run.pcapng --expect requested=yes,outcome=accepted
    /// ```
    ///
    /// ## References
    ///
    /// - docs/guide.md
    pub static NOT_AS_EXPECTED: Error = "not-as-expected", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let expected = &context.expected;
    if *expected == Expectation::default() {
        return;
    }
    let Some(place) = first_message(connection) else { return };
    let handshake = connection.asking();
    let mut other = Vec::new();
    let mut unseen = Vec::new();
    let mut evidence = vec![place];

    if let Some(wanted) = expected.requested {
        match (&handshake.request, wanted) {
            (Observed::Seen(request), false) => {
                evidence.insert(0, request.evidence);
                other.push("the server asked for a certificate".to_owned());
            }
            (Observed::NotSent, true) => other.push("the server did not ask for a certificate".to_owned()),
            (Observed::Hidden(why), _) => {
                unseen.push(format!("whether the server asked for a certificate ({why})"))
            }
            _ => {}
        }
    }
    if let Some(wanted) = expected.answer {
        let is = match &handshake.answer {
            Observed::Seen(answer) if answer.is_empty() => Ok(ExpectedAnswer::Empty),
            Observed::Seen(_) => Ok(ExpectedAnswer::Certificate),
            Observed::NotSent => Ok(ExpectedAnswer::None),
            Observed::Hidden(why) => Err(*why),
        };
        match is {
            Ok(is) if is != wanted => other.push(format!("the client sent {is}, and {wanted} was expected")),
            Ok(_) => {}
            Err(why) => unseen.push(format!("what the client answered ({why})")),
        }
    }
    if let Some(wanted) = expected.outcome {
        match connection.outcome.verdict {
            Verdict::Unknown => unseen.push("how it came out".to_owned()),
            is if is != wanted => other.push(format!("it was {}, and not {}", word(is), word(wanted))),
            _ => {}
        }
    }
    let fix = "Read the other findings; if there are none, see whether this is the connection that was meant";
    if !other.is_empty() {
        let message = format!("It went otherwise than expected: {}.", other.join("; "));
        report.find(&NOT_AS_EXPECTED, Severity::Error, Confidence::Certain, evidence.clone(), message, fix);
    }
    if !unseen.is_empty() {
        let message =
            format!("It cannot be told whether it went as expected: {} cannot be seen.", unseen.join("; "));
        let fix = "Give the keys of this connection (--keylog), or a capture of the whole of it";
        report.find(&NOT_AS_EXPECTED, Severity::Warning, Confidence::Certain, evidence, message, fix);
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
        Verdict::Incomplete => "not completed",
        Verdict::Unknown => "not seen",
    }
}

fn first_message(connection: &Connection) -> Option<Evidence> {
    connection.steps.iter().find_map(|step| match &step.kind {
        StepKind::Sealed(record) => Some(record.evidence),
        kind => kind.message().map(|message| message.evidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;
    use crate::finding::Finding;
    use crate::rules::checking::quiet;

    #[test]
    fn quiet_when_nothing_is_expected() {
        quiet(
            &NOT_AS_EXPECTED,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }

    fn found(expected: &str, script: &str) -> Vec<Finding> {
        let context = Context { expected: expected.parse().unwrap(), ..Context::default() };
        let mut report = Report::default();
        check(&tell(script), &context, &mut report);
        report.findings
    }

    const NEVER_ASKED: &str = "
        C> ClientHello
        S> ServerHello, Certificate(server), ServerKeyExchange, ServerHelloDone
        C> ClientKeyExchange, ChangeCipherSpec, Finished
        S> ChangeCipherSpec, Finished
        C> Data(GET / HTTP/1.1\\r\\n)
        S> Data(HTTP/1.1 200 OK\\r\\n)
    ";

    #[test]
    fn fires_when_the_server_should_have_asked() {
        let findings = found("requested=yes,answer=certificate,outcome=accepted", NEVER_ASKED);
        let [one] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!((one.severity, one.confidence), (Severity::Error, Confidence::Certain));
        assert!(
            one.message.contains("did not ask") && one.message.contains("no Certificate message"),
            "{}",
            one.message
        );
        assert!(found("requested=no,answer=none,outcome=accepted", NEVER_ASKED).is_empty());
    }

    #[test]
    fn fires_when_it_cannot_be_seen_as_a_warning() {
        let script = "
            C> ClientHello
            S> ServerHello(1.3), Sealed(23,1000)
            C> Sealed(23,53)
        ";
        let findings = found("requested=yes", script);
        let [one] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!(one.severity, Severity::Warning);
    }
}
