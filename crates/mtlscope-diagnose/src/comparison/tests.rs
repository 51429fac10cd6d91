//! Pairs of connections, told in the test language, and what comes of comparing them.

use super::*;
use crate::connection::script::tell;
use crate::context::Context;
use crate::diagnose;

const GOOD: &str = "
    C> ClientHello(sni=a.test alpn=h2)
    S> ServerHello(alpn=h2), Certificate(server root), ServerKeyExchange
    S> CertificateRequest(@root), ServerHelloDone
    C> Certificate(good root), ClientKeyExchange, CertificateVerify(0804), ChangeCipherSpec, Finished
    S> ChangeCipherSpec, Finished
    C> FIN
    S> FIN
";

fn compared(good: &str, bad: &str) -> Comparison {
    let (good, bad) = (tell(good), tell(bad));
    let context = Context::default();
    let [of_good, of_bad] = [&good, &bad].map(|connection| diagnose(connection, &context));
    compare(
        Compared { connection: &good, findings: &of_good },
        Compared { connection: &bad, findings: &of_bad },
    )
}

fn names(comparison: &Comparison) -> Vec<&str> {
    let decisive = comparison.differences.iter().filter(|one| one.weight == Weight::Decisive);
    decisive.map(|one| one.name).collect()
}

#[test]
fn a_connection_does_not_differ_from_itself() {
    let comparison = compared(GOOD, GOOD);
    assert!(!comparison.differs());
    assert!(comparison.differences.is_empty(), "{:?}", comparison.differences);
    assert!(comparison.rows.iter().all(|row| row.good.is_some() && row.bad.is_some()));
    assert_eq!(comparison.reason, "Nothing that decides a handshake differs.");
}

#[test]
fn what_one_server_minds_and_the_other_does_not_is_the_reason() {
    let asked = "
        C> ClientHello(sni=a.test)
        S> ServerHello, Certificate(server root), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
        C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
    ";
    let good = format!("{asked} S> ChangeCipherSpec, Finished\n C> FIN\n S> FIN");
    let bad = format!("{asked} S> Alert(fatal, handshake_failure)\n S> FIN");
    let comparison = compared(&good, &bad);
    assert!(comparison.reason.contains("(no-client-cert-configured)"), "{}", comparison.reason);
}

#[test]
fn an_empty_answer_parts_the_two_at_the_clients_certificate() {
    let bad = "
        C> ClientHello(sni=a.test alpn=h2)
        S> ServerHello(alpn=h2), Certificate(server root), ServerKeyExchange
        S> CertificateRequest(@root), ServerHelloDone
        C> Certificate(empty), ClientKeyExchange, ChangeCipherSpec, Finished
        S> Alert(fatal, handshake_failure)
        S> FIN
    ";
    let comparison = compared(GOOD, bad);
    let row = &comparison.rows[comparison.parts_at.unwrap()];
    let bad = row.bad.as_ref().unwrap();
    assert_eq!((bad.name.as_str(), bad.side), ("Certificate", Side::Client));
    assert!(comparison.reason.contains("no-client-cert-configured"), "{}", comparison.reason);
    assert!(comparison.reason.contains("certificates 2, here 0"), "{}", comparison.reason);
    assert!(names(&comparison).contains(&"client's answer"));
}

#[test]
fn a_name_left_out_is_the_first_divergence_and_cipher_suites_are_only_noted() {
    let bad = GOOD.replace("sni=a.test ", "");
    let comparison = compared(GOOD, &bad);
    assert_eq!(comparison.parts_at, Some(0));
    assert_eq!(names(&comparison), ["server_name"]);
    assert!(
        comparison.reason.contains("server_name is a.test in the good one, none in the bad"),
        "{}",
        comparison.reason
    );
}

#[test]
fn a_server_that_never_asks_lacks_a_rung() {
    let bad = "
        C> ClientHello(sni=a.test alpn=h2)
        S> ServerHello(alpn=h2), Certificate(server root), ServerKeyExchange
        S> ServerHelloDone
        C> ClientKeyExchange, ChangeCipherSpec, Finished
        S> ChangeCipherSpec, Finished
        C> FIN
        S> FIN
    ";
    let comparison = compared(GOOD, bad);
    let row = &comparison.rows[comparison.parts_at.unwrap()];
    assert_eq!(row.good.as_ref().unwrap().name, "CertificateRequest");
    assert!(row.bad.is_none());
}

#[test]
fn what_is_hidden_contradicts_nothing() {
    let hidden = "
        C> ClientHello(sni=a.test)
        S> ServerHello(1.3), ChangeCipherSpec, Sealed(23,27), Sealed(23,1200)
        C> ChangeCipherSpec, Sealed(23,900), Sealed(23,53)
        C> FIN
        S> FIN
    ";
    let larger = hidden.replace("Sealed(23,900)", "Sealed(23,25)");
    let comparison = compared(hidden, &larger);
    assert!(!comparison.differs());
    let lengths = comparison.differences.iter().find(|one| one.name == "lengths").unwrap();
    assert_eq!(lengths.good.to_string(), "900, 53");
    assert_eq!(lengths.bad.to_string(), "25, 53");
}

#[test]
fn two_requests_are_held_against_each_other() {
    let other = GOOD.replace("CertificateRequest(@root)", "CertificateRequest(CN=Other CA)");
    let differences = compare_servers(&tell(GOOD), &tell(&other));
    let names: Vec<_> = differences.iter().map(|one| one.name).collect();
    assert_eq!(names, ["certificate_authorities"]);
    assert_eq!(differences[0].bad.to_string(), "CN=Other CA");
    assert!(compare_clients(&tell(GOOD), &tell(&other)).is_empty());
}

#[test]
fn ladders_of_any_length_are_laid_side_by_side() {
    let long = format!("{GOOD}\n")
        + &"C> Alert(warning, user_canceled)\nS> Alert(warning, no_renegotiation)\n".repeat(700);
    let comparison = compared(&long, GOOD);
    assert!(comparison.rows.len() >= 1400);
}
