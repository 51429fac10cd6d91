//! Whether the server asked for a client certificate stands inside records that nobody gave keys for.

use mtlscope_dissect::evidence::Evidence;

use crate::connection::{Connection, Handshake, HandshakeKind, StepKind};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::keyless::Inference;
use crate::observed::Why;
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// Whether a client certificate was asked for is encrypted, and cannot be inferred.
    ///
    /// ## What happened
    ///
    /// The CertificateRequest and the client's answer travel inside encrypted records, and no key that was given opens them.
    /// Mostly the sizes of the records tell all the same: then the report says what is likely, and this note does not appear. Here
    /// they do not, for a reason that the note gives: padding, records that are missing, early data, lengths that fit nothing.
    /// `mtlscope read --how` shows the arithmetic, `docs/keyless.md` explains it.
    ///
    /// ## Why it happens
    ///
    /// - TLS 1.3 encrypts everything behind the ServerHello.
    /// - In TLS 1.2, a server that asks late does so by a second handshake inside the encrypted connection. IIS does so by
    ///   default, and Apache where `SSLVerifyClient` stands in a `Directory` or `Location`.
    /// - Keys were given, but those of another run: each connection has its own.
    ///
    /// ## What to do
    ///
    /// Have one side write its keys while you capture, and give the file: `mtlscope read capture.pcapng --keylog keys.log`.
    ///
    /// In the client:
    ///
    /// - curl, Firefox, Chrome and Edge: the environment variable `SSLKEYLOGFILE=/tmp/keys.log`
    /// - OpenSSL: `openssl s_client -keylogfile keys.log`
    /// - Python: `SSLKEYLOGFILE`, or `context.keylog_filename = "keys.log"`
    /// - Node: `node --tls-keylog=keys.log client.js`
    /// - Go: `tls.Config{KeyLogWriter: file}`
    /// - Java: an agent such as extract-tls-secrets (`-javaagent:extract-tls-secrets.jar=keys.log`)
    /// - .NET 9 and later: `SSLKEYLOGFILE` with the switch `System.Net.EnableSslKeyLogging`, on Linux
    ///
    /// In the server:
    ///
    /// - HAProxy: `tune.ssl.keylog on` and a log format with the `ssl_fc_..._traffic_secret` fetches
    /// - Envoy: `key_log` in the `common_tls_context`
    /// - Apache 2.4.49 and later: `SSLKEYLOGFILE` in its environment, where the library allows it
    /// - nginx: no setting of its own; `LD_PRELOAD` of a key log library, such as sslkeylog.c
    /// - IIS: Windows writes no key log; a client's keys do as well
    ///
    /// Where keys cannot be had: capture with `--tls-max 1.2` (curl), `-tls1_2` (`openssl s_client`); the first handshake is
    /// then in clear.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tls.handshake.type == 2 && tls.handshake.extensions.supported_version == 0x0304
    /// ```
    ///
    /// A ServerHello of TLS 1.3, and "Application Data" behind it where the handshake goes on.
    ///
    /// ## How to reproduce
    ///
    /// A recording that lacks the ClientHello, and no key log:
    ///
    /// ```sh
    /// unset SSLKEYLOGFILE
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --tls-min 1.3 --record whole.pcapng --count 1 &
    /// curl https://localhost:8443/ --cacert pki/ca.pem
    /// editcap -F pcap whole.pcapng late.pcap 1-4
    /// mtlscope read late.pcap
    /// ```
    ///
    /// ## References
    ///
    /// - RFC 8446 section 2: what is encrypted in the handshake
    /// - RFC 5246 section 7.4.1.1: HelloRequest and renegotiation
    /// - RFC 9850: the SSLKEYLOGFILE format
    pub static REQUEST_HIDDEN_WITHOUT_KEYS: Note = "request-hidden-without-keys", check;
}

fn check(connection: &Connection, context: &Context, report: &mut Report) {
    let Some(handshake) = connection.handshakes.iter().find(|handshake| is_hidden(handshake)) else { return };
    let Some(evidence) = place(connection, handshake) else { return };
    let keys = if context.keys_given { "no key that was given fits" } else { "no keys were given" };
    let server = connection.server;
    let unclear = match handshake.inferred.as_ref().and_then(|inference| inference.request.value.err()) {
        Some(why) => format!(", nor from the sizes of records: {why}"),
        None => String::new(),
    };
    let message = match handshake.kind {
        HandshakeKind::Initial => format!(
            "TLS 1.3 encrypts the CertificateRequest and the answer to it, and {keys}: whether {server} asked for a client \
             certificate cannot be told{unclear}."
        ),
        HandshakeKind::Renegotiation => format!(
            "A second handshake{} is inside the encrypted connection, and {keys}: whether {server} asked for a client \
             certificate there cannot be told{unclear}.",
            Place(evidence)
        ),
        HandshakeKind::PostHandshake => format!(
            "{server} may have asked for a client certificate after the handshake, and {keys}: the request and its answer \
             cannot be told from other data{unclear}."
        ),
    };
    let fix = if context.keys_given {
        "Give the key log of this very run: the client must write it while the capture runs (SSLKEYLOGFILE=keys.log)"
    } else {
        "Run the client again with SSLKEYLOGFILE=keys.log while capturing, and give --keylog keys.log"
    };
    report.find(&REQUEST_HIDDEN_WITHOUT_KEYS, Severity::Note, Confidence::Certain, [evidence], message, fix);
}

/// Whether the request, or the answer to a request that was seen, is inside encrypted records whose sizes do not tell it.
fn is_hidden(handshake: &Handshake) -> bool {
    let inferred = handshake.inferred.as_deref();
    let is_asked = inferred.and_then(Inference::is_asked);
    let answer = inferred.and_then(|inference| inference.answer.known());
    handshake.request.hidden() == Some(Why::Encrypted) && is_asked.is_none()
        || handshake.request.is_seen()
            && handshake.answer.hidden() == Some(Why::Encrypted)
            && answer.is_none()
}

/// Its first sealed record; else its ServerHello.
fn place(connection: &Connection, handshake: &Handshake) -> Option<Evidence> {
    let sealed = connection.steps_of(handshake).find_map(|step| match &step.kind {
        StepKind::Sealed(record) => Some(record.evidence),
        _ => None,
    });
    sealed.or_else(|| handshake.server_hello.seen().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_the_records_of_tls13_fit_nothing() {
        let found = fires(
            &REQUEST_HIDDEN_WITHOUT_KEYS,
            "
            C> ClientHello
            S> ServerHello(1.3), Sealed(23,1000)
            C> Sealed(23,83)
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Note, Confidence::Certain));
        assert!(found.message.contains("no keys were given"), "{}", found.message);
        assert!(found.message.contains("the lengths fit no message"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_sizes_of_records_tell() {
        quiet(
            &REQUEST_HIDDEN_WITHOUT_KEYS,
            "
            C> ClientHello
            S> ServerHello(1.3), Sealed(23,1000)
            C> Sealed(23,53)
            ",
        );
    }

    #[test]
    fn quiet_when_keys_open_it() {
        quiet(
            &REQUEST_HIDDEN_WITHOUT_KEYS,
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(any), Certificate(server), CertificateVerify, Finished
            C> Certificate(empty), Finished
            S> Alert(fatal, certificate_required), FIN
            ",
        );
    }

    #[test]
    fn quiet_when_the_handshake_is_in_clear() {
        quiet(
            &REQUEST_HIDDEN_WITHOUT_KEYS,
            "
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            C> Certificate(good), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
