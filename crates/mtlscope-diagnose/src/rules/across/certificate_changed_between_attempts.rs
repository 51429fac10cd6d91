//! A client that shows another certificate than before.

use crate::finding::{Confidence, Severity};
use crate::history::{CameOut, History};
use crate::rule::{Report, rule};
use crate::rules::across::{check, evidence, numbers};
use crate::wording::Subject;

rule! {
    /// One client shows different certificates to one server, and fares differently.
    ///
    /// ## What happened
    ///
    /// The same client showed the same server two certificates, and was refused with one and taken with the other.
    /// Either it was renewed meanwhile, or two programs, or two threads of one, hold different files.
    ///
    /// ## Why it happens
    ///
    /// - A renewal of which not every process knows (`stale-certificate-in-memory` in `mtlscope explain hints`).
    /// - Several certificates match, and the client chooses another each time.
    ///
    /// ## What to do
    ///
    /// - Find out which program sends which: by its port and the time. Restart what holds the old file; choose by
    ///   alias or thumbprint.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 11 && x509af.serialNumber
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --record run.pcapng --count 2 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/zoo/leaf-expired.pem --key pki/zoo/leaf-expired.key
    /// curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key
    /// mtlscope read run.pcapng
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 4.4.2
    pub static CERTIFICATE_CHANGED_BETWEEN_ATTEMPTS: Warning = "certificate-changed-between-attempts", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    for pair in history.pairs() {
        let with = |wanted: CameOut| {
            pair.connections
                .iter()
                .filter(move |one| one.came_out == Some(wanted))
                .filter_map(|one| Some((one, one.leaf.as_ref()?)))
        };
        let Some((failed, bad)) = with(CameOut::Refused).next() else { continue };
        let Some((well, good)) = with(CameOut::Well).find(|(_, leaf)| **leaf != *bad) else { continue };
        // One that is taken at one time and refused at another is not the trouble.
        if with(CameOut::Well).any(|(_, leaf)| *leaf == *bad) {
            continue;
        }
        let message = format!(
            "The client {} showed {} two certificates: {} (serial number {}) in {}, which was refused, and {} (serial number {}) in {}, \
             which was taken.",
            pair.client,
            pair.server,
            Subject(&bad.subject),
            bad.serial,
            numbers(&[failed]),
            Subject(&good.subject),
            good.serial,
            numbers(&[well])
        );
        let fix = "Find the program that still sends the first one, and have it read the other";
        let (severity, confidence) = (Severity::Warning, Confidence::Certain);
        report.find(
            &CERTIFICATE_CHANGED_BETWEEN_ATTEMPTS,
            severity,
            confidence,
            evidence(&[failed], &[well]),
            message,
            fix,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{OTHER_CERTIFICATE, REFUSED_12, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("certificate-changed-between-attempts", &[(1, OTHER_CERTIFICATE), (1, WELL_12)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("showed 192.0.2.2:443 two certificates")
                && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(
            findings("certificate-changed-between-attempts", &[(1, WELL_12), (1, REFUSED_12)]).is_empty()
        );
    }
}
