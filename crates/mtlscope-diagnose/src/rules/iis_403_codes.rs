//! IIS says by a substatus what it has against the client's certificate.

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// IIS says by its substatus what it has against the certificate.
    ///
    /// ## What happened
    ///
    /// IIS completes the handshake and answers 403 with a substatus: 403.7 no certificate came; 403.13 it is revoked,
    /// or that could not be looked up; 403.16 its authority is not trusted, or it is malformed (0x800b0109); 403.17
    /// it has expired or is not valid yet. The substatus stands in the page for local clients, and in the log
    /// (`sc-substatus`, `sc-win32-status`).
    ///
    /// ## Why it happens
    ///
    /// - 403.16: the root is in a store other than LocalMachine\\Root, or that store holds certificates that did not
    ///   sign themselves, which makes Schannel distrust all.
    /// - 403.13: the machine cannot reach the list (0x80092013).
    ///
    /// ## What to do
    ///
    /// - 403.7: as in `no-client-cert-configured`; ask in the handshake (`clientcertnegotiation=enable`).
    /// - 403.13: open the way to the list, or `verifyclientcertrevocation=disable` as a stopgap.
    /// - 403.16: `Get-ChildItem Cert:\\LocalMachine\\Root | Where-Object { $_.Issuer -ne $_.Subject }` must list
    ///   nothing; `SendTrustedIssuerList=0`, `ClientAuthTrustMode=2`.
    /// - 403.17: renew the certificate, set the clock.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// http.response.code == 403
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --like iis &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// ```
    ///
    /// ## References
    ///
    /// - Microsoft: HTTP status codes in IIS
    pub static IIS_403_CODES: Error = "iis-403-codes", check, needs STATUS;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let Some(status) = connection.http_status.as_ref().filter(|status| status.code == 403) else { return };
    let found = CODES.iter().find(|(code, _)| status.head.contains(code) || status.line.contains(code));
    let Some((code, meaning)) = found else { return };
    let message = format!("IIS answered HTTP {code}{}: {meaning}.", Place(status.evidence));
    let fix = match *code {
        "403.7" => {
            "Give the client a certificate, and have IIS ask in the handshake (netsh: clientcertnegotiation=enable)"
        }
        "403.13" => "Have IIS reach the revocation list, or the client get a certificate that is not revoked",
        "403.16" => {
            "Put the authority's root into LocalMachine\\Root, and take out of that store what did not sign itself"
        }
        _ => "Renew the client's certificate, or set the clock",
    };
    report.find(&IIS_403_CODES, Severity::Error, Confidence::Likely, [status.evidence], message, fix);
}

const CODES: &[(&str, &str)] = &[
    ("403.7", "the client showed no certificate"),
    ("403.13", "the certificate is revoked, or the list could not be reached"),
    ("403.16", "the certificate is not trusted, or malformed"),
    ("403.17", "the certificate has expired, or is not valid yet"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_page_says_403_7() {
        let found = fires(
            &IIS_403_CODES,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\nHTTP Error 403.7 - Forbidden)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Error, Confidence::Likely));
        assert!(found.message.contains("403.7"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_page_is_another() {
        quiet(
            &IIS_403_CODES,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Finished
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 403 Forbidden\\r\\n\\r\\ngo away)
            ",
        );
    }
}
