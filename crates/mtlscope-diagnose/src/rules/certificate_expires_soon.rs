//! A certificate of this connection will soon run out.

use std::time::Duration;

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Certificate;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::{Place, Span, Subject};

rule! {
    /// A certificate will run out soon.
    ///
    /// ## What happened
    ///
    /// A certificate that either end showed ends within thirty days (`--expiring DAYS`) of the capture, and more than
    /// two thirds of its life are over. Nothing is broken yet. Certificates that live for days only, and are renewed
    /// all the time, are told once their last third has begun.
    ///
    /// ## Why it happens
    ///
    /// - The renewal has not happened yet, or it did and the program still holds the old file: see `leaf-expired`.
    ///
    /// Hints, which no wire shows (`mtlscope explain hints`): `stale-certificate-in-memory`.
    ///
    /// ## What to do
    ///
    /// - Renew it, put it in place and reload. Then capture again: the new date must be on the wire, and not only in
    ///   the file. Where each client and server reads it: `mtlscope explain leaf-expired`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.notAfter
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// A certificate of which the last ten days are left:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// openssl req -newkey rsa:2048 -nodes -subj "/CN=client" -keyout c.key -out c.csr
    /// printf '%s\n' [ca] default_ca=d [d] database=db serial=serial new_certs_dir=. policy=p default_md=sha256 [p] \
    ///   commonName=supplied > ca.cnf
    /// : > db; echo 01 > serial
    /// openssl ca -batch -config ca.cnf -cert pki/ca.pem -keyfile pki/ca.key -in c.csr -out c.pem \
    ///   -startdate $(date -u -d -80days +%Y%m%d%H%M%SZ) -enddate $(date -u -d +10days +%Y%m%d%H%M%SZ)
    /// mtlscope serve --pki pki --verify-client require &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert c.pem --key c.key
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 5280 section 4.1.2.5
    pub static CERTIFICATE_EXPIRES_SOON: Warning = "certificate-expires-soon", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let server = connection
        .initial()
        .server_identity
        .seen()
        .map(|identity| (&identity.certificates, identity.evidence, "server"));
    let client = handshake.answer.seen().map(|answer| (&answer.certificates, answer.evidence, "client"));
    for (certificates, evidence, whose) in client.into_iter().chain(server) {
        let soon = certificates.iter().find_map(|certificate| {
            Some((certificate, ends_in(certificate, evidence.time, context.expiring)?))
        });
        let Some((certificate, left)) = soon else { continue };
        let message = format!(
            "The certificate {} that the {whose} sent{} ends on {}, in {}.",
            Subject(&certificate.subject),
            Place(evidence),
            certificate.not_after,
            Span(left)
        );
        let fix = format!(
            "Renew the certificate {}, and have the {whose} read the new one",
            Subject(&certificate.subject)
        );
        report.find(
            &CERTIFICATE_EXPIRES_SOON,
            Severity::Warning,
            Confidence::Certain,
            [evidence],
            message,
            fix,
        );
    }
}

/// What is left of its life, where that is little.
fn ends_in(certificate: &Certificate, at: Timestamp, soon: Duration) -> Option<Duration> {
    let life = certificate.not_after.seconds().saturating_sub(certificate.not_before.seconds());
    let left = certificate.not_after.seconds().saturating_sub(at.seconds());
    let left = Duration::from_secs(u64::try_from(left).ok()?);
    let is_last_third = left.as_secs() <= u64::try_from(life).unwrap_or(0) / 3;
    (left <= soon && is_last_third).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;
    use crate::rules::checking::quiet;

    #[test]
    fn quiet_when_all_is_long_from_its_end() {
        quiet(
            &CERTIFICATE_EXPIRES_SOON,
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

    #[test]
    fn fires_when_the_end_is_near() {
        let script = "
            at 1826900000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
        ";
        let mut report = Report::default();
        check(&tell(script), &Context::default(), &mut report);
        let whose: Vec<bool> =
            report.findings.iter().map(|found| found.message.contains("the client sent")).collect();
        assert_eq!(whose, [true, false]);
        assert!(report.findings.iter().all(|found| found.severity == Severity::Warning));
        let context = Context { expiring: Duration::from_secs(60), ..Context::default() };
        let mut report = Report::default();
        check(&tell(script), &context, &mut report);
        assert!(report.findings.is_empty());
    }
}
