//! The two verdicts side by side, and what the server requires.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Layer;
use mtlscope_diagnose::requirement::{Level, Requirement};
use mtlscope_diagnose::verdicts::{ClientVerdict, ServerVerdict, Verdicts};
use mtlscope_dissect::time::Timestamp;

use crate::terminal::{Ink, Settings, paragraph};
use crate::wording;

/// What the client's own stack says of the server's chain: OpenSSL's number and its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerChain<'a> {
    /// `X509_V_OK` is 0.
    pub code: i32,
    /// What it means.
    pub text: &'a str,
}

/// Writes both verdicts, and the requirement. `start`: when the connection was begun. `chain`: `None` where the client did not
/// look at the server's chain.
pub fn write(
    verdicts: &Verdicts<'_>,
    start: Timestamp,
    chain: Option<ServerChain<'_>>,
    requirement: &Requirement,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (ink, text) = client(verdicts, start, chain);
    paragraph(2, (ink, "Client's view    "), Ink::Plain, &text, settings, out)?;
    let (ink, text) = server(&verdicts.server);
    paragraph(2, (ink, "Server's answer  "), Ink::Plain, &text, settings, out)?;
    let (ink, text) = match requirement.level {
        Level::Unknown => (Ink::Faint, format!("Cannot be told: {}.", requirement.because)),
        level => {
            let Requirement { confidence, because, .. } = requirement;
            (Ink::Identity, format!("The server {level} ({confidence}): {because}."))
        }
    };
    paragraph(2, (ink, "Requirement      "), Ink::Plain, &text, settings, out)
}

fn client(verdicts: &Verdicts<'_>, start: Timestamp, chain: Option<ServerChain<'_>>) -> (Ink, String) {
    match verdicts.client {
        ClientVerdict::Completed { at } => {
            let chain = match chain {
                None => "the server's chain was not checked".to_owned(),
                Some(ServerChain { code: 0, .. }) => "the server's chain is good".to_owned(),
                Some(ServerChain { code, text }) => {
                    format!("the server's chain fails the check, and that was ignored: {text} ({code})")
                }
            };
            let ink = if verdicts.disagree() { Ink::Doubtful } else { Ink::Good };
            (ink, format!("The handshake is complete after {}; {chain}.", wording::duration(at - start)))
        }
        ClientVerdict::Refused(refusal) => {
            let why = match chain {
                Some(ServerChain { code, text }) if code != 0 => format!(": {text} ({code})"),
                _ => String::new(),
            };
            (Ink::Bad, format!("It refused the server, and {refusal}{why}."))
        }
        ClientVerdict::NotCompleted => (Ink::Doubtful, "The handshake was not completed.".to_owned()),
    }
}

fn server(server: &ServerVerdict<'_>) -> (Ink, String) {
    match server {
        ServerVerdict::Refused { refusal, late: Some(late) } => {
            let after = wording::duration(*late);
            (
                Ink::Bad,
                format!("Refused, {after} after the client took the handshake for complete: it {refusal}."),
            )
        }
        ServerVerdict::Refused { refusal, late: None } => {
            (Ink::Bad, format!("Refused in the handshake: it {refusal}."))
        }
        ServerVerdict::TurnedAway { code } => {
            (Ink::Bad, format!("Turned away in HTTP, behind a complete handshake: {code}."))
        }
        ServerVerdict::Accepted { code: Some(code), .. } => (Ink::Good, format!("Accepted: HTTP {code}.")),
        ServerVerdict::Accepted { layer: Layer::Http, code: None } => {
            (Ink::Good, "Accepted: it answered.".to_owned())
        }
        ServerVerdict::Accepted { code: None, .. } => {
            (Ink::Good, "Accepted in TLS; no HTTP answer was seen.".to_owned())
        }
        ServerVerdict::Untold => (Ink::Doubtful, "None that can be read.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::attempt::Attempt;

    use super::*;
    use crate::told::tell;

    fn shown(script: &str, chain: Option<ServerChain<'_>>) -> String {
        let connection = tell(script);
        let attempt = Attempt { connection: &connection, answer: None };
        let mut out = Vec::new();
        let (verdicts, requirement) = (Verdicts::of(&attempt), Requirement::of(&[attempt]));
        write(&verdicts, connection.start, chain, &requirement, &Settings::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn shows_the_late_refusal_beside_what_the_client_thought() {
        let good = Some(ServerChain { code: 0, text: "ok" });
        insta::assert_snapshot!(shown(
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Certificate(empty), Finished
            S> Alert(fatal, certificate_required), FIN
            C> FIN
            ",
            good
        ));
    }

    #[test]
    fn shows_a_client_that_refuses_with_its_reason() {
        let text = shown(
            "C> ClientHello\nS> ServerHello, Certificate(server), ServerHelloDone\nC> Alert(fatal, unknown_ca), FIN\nS> FIN",
            Some(ServerChain { code: 20, text: "unable to get local issuer certificate" }),
        );
        let text: Vec<&str> = text.split_whitespace().collect();
        assert!(text.join(" ").contains("unable to get local issuer certificate (20)"), "{text:?}");
    }
}
