//! Tests: the certificates of `tests/data`, with keys that are only told.

use super::*;
use crate::connection::script::{START, certificate};

fn key_of(name: &str, probe: Option<Probe>) -> Stored {
    Stored::PrivateKey(Key { public_key: certificate(name).public_key.clone(), is_encrypted: false, probe })
}

fn judged(content: Vec<Stored>, trusted: &[&str]) -> Judgement {
    let file = StoredFile { name: "file".to_owned(), format: "PEM", legacy: false, content };
    let trusted = trusted.iter().map(|name| certificate(name)).collect();
    let at = Timestamp::from_parts(START, 0);
    Credential { files: vec![file], trusted, at }.judge(&mut SignatureMemo::default())
}

fn causes(names: &[&str], trusted: &[&str]) -> Vec<&'static str> {
    let content = names.iter().map(|name| Stored::Certificate(certificate(name))).collect();
    judged(content, trusted).flaws.iter().filter_map(|flaw| flaw.cause).collect()
}

#[test]
fn a_good_client_has_no_flaw_and_a_bad_one_its_own() {
    assert_eq!(causes(&["good"], &["root"]), [""; 0]);
    assert_eq!(causes(&["intleaf", "inter"], &["root"]), [""; 0]);
    assert_eq!(causes(&["expired"], &["root"]), ["leaf-expired"]);
    assert_eq!(causes(&["notyet"], &["root"]), ["leaf-not-yet-valid-clock-skew"]);
    assert_eq!(causes(&["srveku"], &["root"]), ["eku-missing-clientauth"]);
    assert_eq!(causes(&["wrongca"], &["root"]), ["unknown-ca"]);
    assert_eq!(causes(&["impostor"], &["root"]), ["leaf-signature-invalid"]);
    assert_eq!(causes(&["selfsigned"], &["root"]), ["self-signed-client-cert"]);
    assert_eq!(causes(&["intleaf"], &["root"]), ["chain-incomplete-intermediate-missing"]);
}

#[test]
fn a_trusted_intermediate_need_not_be_sent() {
    assert_eq!(causes(&["intleaf"], &["inter", "root"]), [""; 0]);
}

#[test]
fn without_trusted_authorities_a_missing_root_is_no_flaw() {
    assert_eq!(causes(&["good"], &[]), [""; 0]);
    let flaws = judged(vec![Stored::Certificate(certificate("good"))], &[]).flaws;
    assert!(flaws.iter().all(|flaw| flaw.severity == Severity::Note), "{flaws:?}");
}

#[test]
fn the_key_decides_which_certificate_is_the_clients() {
    let content = vec![
        Stored::Certificate(certificate("root")),
        Stored::Certificate(certificate("good")),
        key_of("good", None),
    ];
    let judgement = judged(content, &["root"]);
    assert_eq!(judgement.chain.unwrap().leaf(), Some(&certificate("good")));
    assert_eq!(judgement.key, KeyMatch::Unproven);
    assert_eq!(judgement.flaws[0].cause, Some("chain-misordered-or-padded"));
}

#[test]
fn a_key_of_another_certificate_and_a_false_one_are_told_apart() {
    let other = judged(vec![Stored::Certificate(certificate("good")), key_of("goodec", None)], &["root"]);
    assert_eq!((other.key, other.can_serve()), (KeyMatch::Other, false));
    let probe = Probe { scheme: 0x0804, message: b"x", signature: vec![0; 256] };
    let forged =
        judged(vec![Stored::Certificate(certificate("good")), key_of("good", Some(probe))], &["root"]);
    assert_eq!((forged.key, forged.can_serve()), (KeyMatch::False, false));
    assert_eq!(forged.flaws[0].cause, Some("wrong-private-key"));
}

#[test]
fn files_without_a_client_say_what_they_are() {
    for (content, wanted) in [
        (vec![Stored::Certificate(certificate("root"))], "authorities only"),
        (vec![key_of("good", None)], "no certificate"),
        (vec![], "no certificate"),
    ] {
        let judgement = judged(content, &[]);
        assert!(judgement.chain.is_none() && !judgement.can_serve());
        assert!(judgement.flaws[0].message.contains(wanted), "{:?}", judgement.flaws);
    }
}

#[test]
fn a_revocation_list_counts_only_where_its_issuer_signed_it() {
    let good = certificate("good");
    let serial = good.serial.content().to_vec();
    let list = |signer: Option<&str>, next_update: i64| {
        Stored::RevocationList(RevocationList {
            issuer: good.issuer.clone(),
            this_update: Time::from_seconds(START - 100),
            next_update: Some(Time::from_seconds(next_update)),
            revoked: vec![serial.clone()],
            signer: signer.map(certificate),
        })
    };
    let causes = |list: Stored| -> Vec<_> {
        let judgement = judged(vec![Stored::Certificate(certificate("good")), list], &["root"]);
        judgement.flaws.iter().filter_map(|flaw| flaw.cause).collect()
    };
    assert_eq!(causes(list(Some("root"), START + 1)), ["leaf-revoked"]);
    assert_eq!(causes(list(Some("root"), START - 1)), ["crl-expired", "leaf-revoked"]);
    assert_eq!(causes(list(None, START + 1)), [""; 0]);
}
