//! What is told of scripted connections: segmentation, and what is seen, not sent, or hidden.

use mtlscope_dissect::tls::registry::ProtocolVersion;

use crate::connection::script::tell;
use crate::connection::{HandshakeKind, Layer, Means, Outcome, Party, Resumption, StepKind, Verdict};
use crate::observed::{Observed, Why};
use mtlscope_dissect::side::Side;

#[test]
fn an_empty_answer_refused_by_alert_is_told_whole() {
    let connection = tell(
        "C> ClientHello(sni=a.test)
         S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(CN=Lab Root CA), ServerHelloDone
         C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> Alert(fatal, handshake_failure)
         S> FIN",
    );
    let handshake = connection.initial();
    assert_eq!(handshake.version, Observed::Seen(ProtocolVersion::TLS12));
    assert_eq!(handshake.server_name, Observed::Seen("a.test".to_owned()));
    assert_eq!(handshake.request.seen().map(|request| request.authorities.len()), Some(1));
    assert_eq!(handshake.answer.seen().map(|answer| answer.certificates.len()), Some(0));
    assert!(handshake.proof.is_not_sent());
    assert!(handshake.client_finished.is_seen());
    assert!(handshake.server_finished.is_not_sent());
    assert_eq!(handshake.resumption, Observed::NotSent);
    let Outcome { verdict, by, means, layer, frame } = connection.outcome;
    assert_eq!((verdict, by), (Verdict::Refused, Some(Party::Side(Side::Server))));
    assert_eq!((means, layer), (Some(Means::Alert), Some(Layer::Tls)));
    assert_eq!(frame.map(|frame| frame.get()), Some(4));
}
