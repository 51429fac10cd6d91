//! By the sizes of encrypted records the client sent a certificate, and the server refused it; why stays encrypted.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::keyless::{Answer, Candidate, Fit, Sent};
use crate::rule::{Report, rule};
use crate::wording::{Place, Subject};
use mtlscope_dissect::side::Side;

rule! {
    /// A client certificate was refused, and the reason is encrypted.
    ///
    /// ## What happened
    ///
    /// No keys were given, but the sizes of the encrypted records show it: the server asked for a client certificate, the client sent
    /// one, and the first thing that the server said to it was an alert, or it closed the connection. The finding is likely, not
    /// certain, and it gives the size of what was sent and the type of the key.
    ///
    /// ## Why it happens
    ///
    /// The number of the alert would tell, and it is encrypted. Most often:
    ///
    /// - The server does not know the authority that issued the certificate: see `unknown-ca`.
    /// - The client did not send an intermediate: see `chain-incomplete-intermediate-missing`.
    /// - The certificate has expired, or is not for clients: see `leaf-expired`, `eku-missing-clientauth`.
    /// - It was another certificate than was thought. Its size tells which: give the directory of the candidates with `--cert-dir`.
    ///
    /// ## What to do
    ///
    /// - Have one side write its keys while you capture, and give the file with `--keylog`: then the cause is named.
    /// - `mtlscope read capture.pcapng --cert-dir certs/` names the files whose size fits, alone or with their issuers.
    /// - `mtlscope pki show client.pem` shows what is wrong with a candidate.
    /// - Read the server's log: it names the reason.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.record.content_type == 23 && tls.record.length == 19
    /// ```
    ///
    /// An encrypted record as long as an alert (19 bytes; 35 from Java), from the server, right behind the client's second flight.
    ///
    /// ## How to reproduce
    ///
    /// Without a key log (`SSLKEYLOGFILE` is not set):
    ///
    /// ```sh
    /// unset SSLKEYLOGFILE
    /// mtlscope pki init pki
    /// openssl s_server -accept 8443 -cert pki/server.pem -cert_chain pki/server.pem -key pki/server.key -www -CAfile pki/ca.pem -Verify 3 -verify_return_error &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --tlsv1.3 --cert pki/zoo/unknown-ca.pem --key pki/zoo/unknown-ca.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.4.2: who is asked sends a Certificate before the Finished
    /// - RFC 8446 section 5.2: how long a record is
    pub static CERTIFICATE_REFUSED_WITHOUT_KEYS: Error = "certificate-refused-without-keys", check, needs REFUSED;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(inference) = handshake.inferred.as_deref() else { return };
    let Some(Answer::Certificate(sent)) = inference.answer.known() else { return };
    let Some(refusal) = connection.refusal() else { return };
    if refusal.by != Side::Server || !connection.outcome.inferred {
        return;
    }
    let Some(answer) = inference.answer_evidence else { return };
    let mut evidence = vec![answer, refusal.evidence];
    evidence.extend(inference.request_evidence);
    let message = format!(
        "By the sizes of encrypted records, the server asked for a client certificate, the client sent {}{}, and the server \
         {refusal}. The reason is encrypted.{}",
        size(sent),
        Place(answer),
        named(&inference.candidates)
    );
    let fix = match inference.candidates.as_slice() {
        [] => "Capture again with the keys of either side (--keylog): they show the reason; or give the certificates that the \
               client may have sent (--cert-dir)"
            .to_owned(),
        [only] => format!(
            "Look at {} (mtlscope pki show), or capture again with the keys of either side (--keylog)",
            only.file.escape_debug()
        ),
        _ => "Look at those certificates (mtlscope pki show), or capture again with the keys of either side (--keylog)".to_owned(),
    };
    report.find(
        &CERTIFICATE_REFUSED_WITHOUT_KEYS,
        Severity::Error,
        Confidence::Likely,
        evidence,
        message,
        fix,
    );
}

/// What was sent, by its size.
fn size(sent: &Sent) -> String {
    match sent.fits.as_slice() {
        [Fit { key, least, greatest }] => {
            let key = key.map(|key| format!(" and a signature of {key}")).unwrap_or_default();
            if least == greatest {
                format!("a list of certificates of {least} bytes{key}")
            } else {
                format!("a list of certificates of {least} to {greatest} bytes{key}")
            }
        }
        _ => "a certificate".to_owned(),
    }
}

/// The files that fit.
fn named(candidates: &[Candidate]) -> String {
    const SHOWN: usize = 3;
    if candidates.is_empty() {
        return String::new();
    }
    let one = |candidate: &Candidate| {
        let with = match candidate.issuers {
            0 => String::new(),
            1 => " with its issuer".to_owned(),
            more => format!(" with {more} issuers"),
        };
        format!("{} ({}){with}", candidate.file.escape_debug(), Subject(&candidate.certificate.subject))
    };
    let names: Vec<String> = candidates.iter().take(SHOWN).map(one).collect();
    let more = match candidates.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(" Of the certificates given, these have that size: {}{more}.", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    const ASKED: &str = "
            C> ClientHello
            S> ServerHello(1.3 suite=1302), Sealed(23,23), Sealed(23,94), Sealed(23,892), Sealed(23,96), Sealed(23,69)
            C> Sealed(23,860), Sealed(23,96), Sealed(23,69)";

    #[test]
    fn fires_when_the_first_word_to_a_certificate_is_an_alert() {
        let found = fires(
            &CERTIFICATE_REFUSED_WITHOUT_KEYS,
            &format!(
                "{ASKED}
            S> Sealed(23,19), FIN"
            ),
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("835 bytes and a signature of ECDSA with P-256"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_server_goes_on() {
        quiet(
            &CERTIFICATE_REFUSED_WITHOUT_KEYS,
            &format!(
                "{ASKED}
            S> Sealed(23,666), Sealed(23,666), Sealed(23,19), FIN"
            ),
        );
    }

    #[test]
    fn quiet_when_the_client_says_goodbye_first() {
        quiet(
            &CERTIFICATE_REFUSED_WITHOUT_KEYS,
            &format!(
                "{ASKED}
            C> Sealed(23,19)
            S> Sealed(23,19), FIN"
            ),
        );
    }
}
