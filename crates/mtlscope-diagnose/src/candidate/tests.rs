//! Tests: the certificates of `tests/data`, held against requests told by a script.

use super::*;
use crate::connection::script::{START, certificate, tell};

/// What is said of these certificates to a server that asks so, in TLS 1.2 or 1.3.
fn judged(hello: &str, request: &str, names: &[&str]) -> Judgement {
    let connection = tell(&format!(
        "C> ClientHello\nS> ServerHello{hello}, Certificate(server), CertificateRequest({request})"
    ));
    let sent: Vec<Arc<Certificate>> = names.iter().map(|name| certificate(name)).collect();
    judge(&sent, &Demand::of(&connection), &mut SignatureMemo::default()).unwrap()
}

fn ids(judgement: &Judgement) -> Vec<&'static str> {
    judgement.objections.iter().map(Objection::id).collect()
}

fn against(names: &[&str]) -> Vec<&'static str> {
    ids(&judged("", "@root", names))
}

#[test]
fn a_good_certificate_matches_and_says_how_it_would_sign() {
    let judgement = judged("", "@root", &["good"]);
    assert_eq!(judgement.fit(), Fit::Matches, "{judgement:?}");
    assert_eq!(judgement.authority, Authority::Named(certificate("root").subject.clone()));
    assert_eq!(judgement.scheme, Some(SignatureScheme::RSA_PSS_RSAE_SHA256));
    assert_eq!(judged("", "any", &["good"]).authority, Authority::AnyWillDo);
}

#[test]
fn each_flaw_is_named() {
    assert_eq!(against(&["expired"]), ["expired"]);
    assert_eq!(against(&["notyet"]), ["not-yet-valid"]);
    assert_eq!(against(&["srveku"]), ["not-for-client-auth"]);
    assert_eq!(against(&["wrongca"]), ["not-named"]);
    assert_eq!(against(&["selfsigned"]), ["not-named"]);
    assert_eq!(against(&["intleaf"]), ["chain-incomplete"]);
    assert_eq!(against(&["intleaf", "inter"]), [""; 0]);
    assert_eq!(against(&["impostor", "root"]), ["bad-signature"]);
    assert_eq!(against(&["root"]), ["no-digital-signature", "is-authority"]);
    assert!(against(&["weak"]).contains(&"weak-key"));
}

#[test]
fn an_impostor_of_the_name_is_told_by_its_key() {
    assert_eq!(against(&["impostor"]), ["other-key"]);
}

#[test]
fn authorities_at_hand_show_a_wrong_signature_and_what_is_missing() {
    let connection = tell("C> ClientHello\nS> ServerHello, CertificateRequest(@root)");
    let judged = |name: &str, known: &[Arc<Certificate>]| {
        let demand = Demand { known, ..Demand::of(&connection) };
        ids(&judge(&[certificate(name)], &demand, &mut SignatureMemo::default()).unwrap())
    };
    assert_eq!(judged("impostor", &[]), [""; 0]);
    assert_eq!(judged("impostor", &[certificate("root")]), ["bad-signature"]);
    assert_eq!(judged("good", &[certificate("root")]), [""; 0]);
    assert_eq!(judged("intleaf", &[certificate("root"), certificate("inter")]), ["chain-incomplete"]);
    assert_eq!(judged("wrongca", &[certificate("root"), certificate("other")]), ["not-named"]);
}

#[test]
fn key_types_and_schemes_of_tls12_count() {
    assert_eq!(ids(&judged("", "@root; types=64", &["good"])), ["key-type"]);
    assert_eq!(ids(&judged("", "@root; types=1", &["goodec"])), ["key-type"]);
    assert_eq!(ids(&judged("", "@root; sigalgs=0403", &["good"]))[0], "no-common-scheme");
    assert_eq!(judged("", "@root; sigalgs=0401", &["good"]).scheme, Some(SignatureScheme::RSA_PKCS1_SHA256));
}

#[test]
fn tls13_takes_no_old_padding() {
    let judgement = judged("(1.3)", "@root; sigalgs=0401", &["good"]);
    assert_eq!(ids(&judgement), ["no-common-scheme"]);
    assert_eq!(judged("(1.3)", "@root; sigalgs=0401 0804", &["good"]).fit(), Fit::Matches);
}

#[test]
fn the_nearest_name_is_told_only_where_it_is_near() {
    let near = judged("", "C=IT,O=Lab,CN=Lab Root C", &["good"]).objections[0].to_string();
    assert!(near.contains("the nearest is CN=Lab Root C,"), "{near}");
    let far = judged("", "CN=x", &["good"]).objections[0].to_string();
    assert_eq!(far, "does not come from the one authority that the server named");
}

#[test]
fn without_a_request_only_what_any_server_wants_counts() {
    let demand =
        Demand { request: None, version: None, server: &[], known: &[], at: Timestamp::from_parts(START, 0) };
    let judge = |name| judge(&[certificate(name)], &demand, &mut SignatureMemo::default()).unwrap();
    assert_eq!(judge("wrongca").fit(), Fit::Matches);
    assert_eq!(judge("wrongca").authority, Authority::NotAsked);
    assert_eq!(judge("expired").fit(), Fit::DoesNotMatch);
}

#[test]
fn filters_are_held_against_the_extensions() {
    let filter = |oid: &[u8], values: &[u8]| OidFilter {
        certificate_extension_oid: [&[6, oid.len() as u8][..], oid].concat().into(),
        certificate_extension_values: values.into(),
    };
    let good = certificate("good");
    let client_auth = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2];
    assert_eq!(unmet(&good, &filter(&[0x55, 0x1d, 37], &client_auth)), None);
    assert!(unmet(&certificate("srveku"), &filter(&[0x55, 0x1d, 37], &client_auth)).is_some());
    // digitalSignature is the first bit, cRLSign the seventh.
    assert_eq!(unmet(&good, &filter(&[0x55, 0x1d, 15], &[3, 2, 7, 0x80])), None);
    assert!(unmet(&good, &filter(&[0x55, 0x1d, 15], &[3, 2, 1, 0x02])).is_some());
    // No such extension.
    assert!(unmet(&good, &filter(&[0x2a, 3, 4], &[])).is_some());
    // Nonsense asks for nothing.
    assert_eq!(unmet(&good, &filter(&[0x55, 0x1d, 15], &[9])), None);
}

#[test]
fn every_objection_has_words_and_a_fix_of_one_line() {
    let all =
        [["expired"], ["notyet"], ["srveku"], ["wrongca"], ["intleaf"], ["impostor"], ["root"], ["weak"]];
    for objection in all.iter().flat_map(|names| judged("", "@root", names).objections) {
        let text = format!("{objection} {}", objection.fix());
        assert!(!text.contains('\n') && !objection.fix().is_empty(), "{text}");
    }
    let expired = judged("", "@root", &["expired"]).objections.remove(0);
    assert_eq!(expired.rule().unwrap().id, "leaf-expired");
}
