//! What is made is what was asked for: judged by OpenSSL, and each specimen wrong in one way only.

use std::collections::BTreeSet;

use openssl::pkcs12::Pkcs12;
use openssl::sign::{Signer, Verifier};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509PurposeId, X509StoreContext, X509VerifyResult};

use super::*;

/// What OpenSSL says of a client that shows this, to a server that trusts the root; at security level 0.
fn verified(pki: &Pki, identity: &Identity, purpose: X509PurposeId) -> X509VerifyResult {
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(pki.root.certificate.clone()).unwrap();
    let mut parameters = X509VerifyParam::new().unwrap();
    parameters.set_purpose(purpose).unwrap();
    parameters.set_flags(X509VerifyFlags::X509_STRICT).unwrap();
    if identity.name == "x509-v1-certificate" || identity.name == "leaf-signature-invalid" {
        // What strict wants beyond RFC 5280's path validation, they lack by design.
        parameters.clear_flags(X509VerifyFlags::X509_STRICT).unwrap();
    }
    store.set_param(&parameters).unwrap();
    let store = store.build();
    let mut chain = Stack::new().unwrap();
    for certificate in &identity.chain {
        chain.push(certificate.clone()).unwrap();
    }
    let mut context = X509StoreContext::new().unwrap();
    context
        .init(&store, &identity.certificate, &chain, |context| {
            context.verify_cert()?;
            Ok(context.error())
        })
        .unwrap()
}

fn proves(identity: &Identity) -> bool {
    let message = b"what is signed";
    let mut signer = Signer::new(key::digest_for(&identity.key), &identity.key).unwrap();
    let signature = signer.sign_oneshot_to_vec(message).unwrap();
    let public = identity.certificate.public_key().unwrap();
    Verifier::new(key::digest_for(&identity.key), &public)
        .unwrap()
        .verify_oneshot(&signature, message)
        .unwrap()
}

#[test]
fn clients_and_server_of_every_kind_of_key_are_in_order() {
    for kind in KeyKind::ALL {
        let plan = Plan { key: kind, clients: Client::of_each_kind(), ..Plan::default() };
        let pki = Pki::new(&plan).unwrap();
        assert_eq!(verified(&pki, &pki.server, X509PurposeId::SSL_SERVER), X509VerifyResult::OK);
        assert!(proves(&pki.server), "{kind:?}");
        assert_eq!(pki.clients.len(), 4);
        for client in &pki.clients {
            assert_eq!(verified(&pki, client, X509PurposeId::SSL_CLIENT), X509VerifyResult::OK, "{client:?}");
            assert!(proves(client), "{client:?}");
        }
    }
}

#[test]
fn the_server_has_the_names_asked_for() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let names = pki.server.certificate.subject_alt_names().unwrap();
    let hosts: Vec<&str> = names.iter().filter_map(|name| name.dnsname()).collect();
    let addresses: Vec<usize> = names.iter().filter_map(|name| name.ipaddress()).map(<[u8]>::len).collect();
    assert_eq!((hosts.as_slice(), addresses.as_slice()), (&["localhost"][..], &[4, 16][..]));
    assert!(
        pki.client("TestClient").is_some() && pki.client("client").is_some() && pki.client("x").is_none()
    );
}

#[test]
fn each_specimen_has_its_flaw_and_no_other() {
    // X509_V_ERR_* by number; 0 is none: OpenSSL sees nothing wrong with the chain itself.
    let expected = [
        ("leaf-expired", 10),
        ("leaf-not-yet-valid-clock-skew", 9),
        ("eku-missing-clientauth", 26),
        ("eku-any-not-enough", 26),
        ("keyusage-no-digitalsignature", 26),
        ("unknown-ca", 20),
        ("leaf-signature-invalid", 7),
        ("self-signed-client-cert", 18),
        ("chain-incomplete-intermediate-missing", 20),
        ("intermediate-expired", 10),
        ("pathlen-exceeded", 25),
        ("name-constraints-violation", 47),
        ("ca-used-as-end-entity", 0),
        ("x509-v1-certificate", 0),
        ("weak-signature-hash", 0),
        ("key-too-small", 0),
        ("leaf-revoked", 0),
        ("crl-expired", 0),
        ("wrong-private-key", 0),
        ("ca-list-exceeds-client-limit", 0),
        ("unknown-critical-extension", 34),
    ];
    let pki = Pki::new(&Plan::default()).unwrap();
    let zoo = Zoo::new(&pki).unwrap();
    let found: Vec<(&str, i32)> = zoo
        .specimens
        .iter()
        .map(|specimen| {
            let result = verified(&pki, &specimen.identity, X509PurposeId::SSL_CLIENT);
            (specimen.name, result.as_raw())
        })
        .collect();
    assert_eq!(found, expected);
    for specimen in &zoo.specimens {
        assert_eq!(specimen.identity.name, specimen.name);
        assert_eq!(proves(&specimen.identity), specimen.name != "wrong-private-key", "{}", specimen.name);
        let public = specimen.identity.certificate.public_key().unwrap();
        assert!(public.public_eq(&specimen.identity.key), "{}: programs compare public keys", specimen.name);
    }
}

#[test]
fn a_zoo_can_be_made_below_authorities_of_every_kind() {
    for key in KeyKind::ALL {
        let pki = Pki::new(&Plan { key, ..Plan::default() }).unwrap();
        assert_eq!(Zoo::new(&pki).unwrap().specimens.len(), 21, "{key:?}");
    }
}

#[test]
fn serial_numbers_are_all_different() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let zoo = Zoo::new(&pki).unwrap();
    let identities = [&pki.root, &pki.intermediate, &pki.server].into_iter().chain(&pki.clients);
    let identities: Vec<_> =
        identities.chain(zoo.specimens.iter().map(|specimen| &specimen.identity)).collect();
    let serials: BTreeSet<Vec<u8>> = identities
        .iter()
        .map(|identity| identity.certificate.serial_number().to_bn().unwrap().to_vec())
        .collect();
    assert_eq!(serials.len(), identities.len());
}

#[test]
fn names_of_the_long_list_take_more_than_32_and_less_than_64_kibibytes() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let zoo = Zoo::new(&pki).unwrap();
    let (name, pem) = &zoo.specimen("ca-list-exceeds-client-limit").unwrap().files[0];
    assert_eq!(*name, "many-authorities.pem");
    let authorities = X509::stack_from_pem(pem.as_bytes()).unwrap();
    let length: usize = authorities.iter().map(|one| one.subject_name().to_der().unwrap().len() + 2).sum();
    assert_eq!(authorities.len(), 300);
    assert!((32 * 1024..64 * 1024).contains(&length), "{length}");
    assert_eq!(authorities.last(), Some(&pki.root.certificate));
}

#[test]
fn pkcs12_holds_all_of_it_in_new_and_old_encryption() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let client = &pki.clients[0];
    let modern = Pkcs12::from_der(&client.pkcs12("pass").unwrap()).unwrap();
    assert!(modern.parse2("wrong").is_err());
    let parsed = modern.parse2("pass").unwrap();
    assert_eq!(parsed.cert.as_ref(), Some(&client.certificate));
    assert!(parsed.pkey.unwrap().public_eq(&client.key));
    assert_eq!(parsed.ca.unwrap().iter().count(), 1);
    let legacy = client.legacy_pkcs12("pass").unwrap();
    let _loaded = crate::legacy_provider::load().unwrap();
    assert!(Pkcs12::from_der(&legacy).unwrap().parse2("pass").is_ok());
}

#[test]
fn secrets_do_not_show_in_debug() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let zoo = Zoo::new(&pki).unwrap();
    let text = format!("{pki:?} {zoo:?} {:?}", Files::new(&pki, Some(&zoo), "pass-word").unwrap());
    assert!(
        !text.contains("PRIVATE") && !text.contains("pass-word") && !text.contains("key: PKey"),
        "{text}"
    );
}
