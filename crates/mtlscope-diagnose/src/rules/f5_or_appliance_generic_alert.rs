//! An appliance answers every trouble with a client certificate by one alert.

use mtlscope_dissect::tls::registry::AlertDescription;

use crate::connection::{Connection, Reception};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// The server answers a missing certificate as appliances do.
    ///
    /// ## What happened
    ///
    /// The client answered with no certificate, and the server sent `certificate_unknown` (46): no library says that
    /// for a missing certificate, but F5 BIG-IP does. Such appliances use one alert for all, so its number says
    /// nothing; their log does.
    ///
    /// ## Why it happens
    ///
    /// - F5: `ssl_hs_rx_tls13_cert: alert(46) no certificate`.
    ///
    /// ## What to do
    ///
    /// - As in `no-client-cert-configured`; read the appliance's log for the reason (F5: `/var/log/ltm`).
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.alert_message.desc == 46
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: it takes the appliance.
    ///
    /// `mtlscope serve` says what OpenSSL says, 40 or 116:
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require &
    /// ```
    ///
    /// ## References
    ///
    /// - https://github.com/zalopay-oss/jmeter-grpc-request/issues/177
    pub static F5_OR_APPLIANCE_GENERIC_ALERT: Warning = "f5-or-appliance-generic-alert", check, needs WITHHELD | TURNED_DOWN;
}

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let handshake = connection.asking();
    let Some(answer) = handshake.answer.seen().filter(|answer| answer.is_empty()) else { return };
    let Some(request) = handshake.request.seen() else { return };
    let Some(reception) = connection.reception(handshake) else { return };
    let Reception::Refused(refusal) = reception else { return };
    if !refusal.sign.is_alert(&[AlertDescription::CERTIFICATE_UNKNOWN]) {
        return;
    }
    let message = format!(
        "The client sent no certificate{}, and the server {refusal}, which libraries do not say for that: an appliance such as F5 \
         BIG-IP may stand there.",
        Place(answer.evidence)
    );
    let fix = "Read the appliance's log for the reason; mostly the client only lacks a certificate";
    let evidence = vec![refusal.evidence, answer.evidence, request.evidence];
    report.find(
        &F5_OR_APPLIANCE_GENERIC_ALERT,
        Severity::Warning,
        Confidence::Possible,
        evidence,
        message,
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_missing_certificate_is_called_unknown() {
        let found = fires(
            &F5_OR_APPLIANCE_GENERIC_ALERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, certificate_unknown), FIN
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("BIG-IP"), "{}", found.message);
    }

    #[test]
    fn quiet_when_openssl_says_handshake_failure() {
        quiet(
            &F5_OR_APPLIANCE_GENERIC_ALERT,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, handshake_failure), FIN
            ",
        );
    }
}
