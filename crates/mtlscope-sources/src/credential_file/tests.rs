//! What was written is read again, in every form; what is wrong with a file is said in its own words.

use super::*;
use crate::authority::{KeyKind, Pki, Plan, Zoo};

fn pki() -> Pki {
    Pki::new(&Plan::default()).unwrap()
}

fn read(content: &[u8], passphrase: Option<&str>) -> Result<CredentialFile, CredentialError> {
    let passphrase = passphrase.map(|text| Passphrase::new(text).unwrap());
    CredentialFile::from_bytes("file", content, passphrase.as_ref())
}

fn kinds(file: &CredentialFile) -> String {
    let letter = |item: &Item| match item {
        Item::Certificate(_) => 'c',
        Item::PrivateKey(_) => 'k',
        Item::Request(_) => 'r',
        Item::RevocationList(_) => 'l',
        Item::PublicKey(_) => 'p',
        Item::Other(_) => 'o',
    };
    file.items.iter().map(letter).collect()
}

#[test]
fn pem_with_several_blocks_is_read_in_order() {
    let pki = pki();
    let client = &pki.clients[0];
    let mut text = client.key_pem().unwrap().to_vec();
    text.extend(b"friendlyName: x\r\n");
    text.extend(client.chain_pem().unwrap().replace('\n', "\r\n").bytes());
    text.extend(pki.crl_pem(&[&client.certificate]).unwrap().bytes());
    text.extend(b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
    let file = read(&text, None).unwrap();
    assert_eq!((kinds(&file).as_str(), file.container), ("kccllo", Container::Pem));
    assert_eq!(file.certificates().next().unwrap(), client.certificate.to_der().unwrap());
    assert!(!file.private_keys().next().unwrap().was_encrypted);
    let Item::RevocationList(list) = &file.items[4] else { panic!() };
    assert_eq!(list.revoked, [client.certificate.serial_number().to_bn().unwrap().to_vec()]);
    assert!(
        list.is_signed_by(&pki.intermediate.certificate.public_key().unwrap().public_key_to_der().unwrap())
    );
    assert!(!list.is_signed_by(&pki.root.certificate.public_key().unwrap().public_key_to_der().unwrap()));
    assert!(list.next_update.unwrap() - list.this_update > 364 * 86_400);
}

#[test]
fn every_kind_of_thing_is_known_as_der() {
    let pki = pki();
    let client = &pki.clients[0];
    let mut request = openssl::x509::X509Req::builder().unwrap();
    request.set_subject_name(client.certificate.subject_name()).unwrap();
    request.set_pubkey(&client.key).unwrap();
    request.sign(&client.key, openssl::hash::MessageDigest::sha256()).unwrap();
    let list = openssl::x509::X509Crl::from_pem(pki.crl_pem(&[]).unwrap().as_bytes()).unwrap();
    for (kind, content) in [
        ("c", client.certificate.to_der().unwrap()),
        ("k", client.key.private_key_to_pkcs8().unwrap()),
        ("k", client.key.ec_key().unwrap().private_key_to_der().unwrap()),
        ("r", request.build().to_der().unwrap()),
        ("l", list.to_der().unwrap()),
        ("p", client.key.public_key_to_der().unwrap()),
    ] {
        let file = read(&content, None).unwrap();
        assert_eq!((kinds(&file).as_str(), file.container), (kind, Container::Der));
        for length in 0..content.len() {
            assert!(read(&content[..length], None).is_err(), "{kind}: {length} of {} bytes", content.len());
        }
    }
}

#[test]
fn pkcs12_opens_with_its_passphrase_and_says_what_it_took() {
    let pki = pki();
    let client = &pki.clients[0];
    for (content, legacy) in
        [(client.pkcs12("secret").unwrap(), false), (client.legacy_pkcs12("secret").unwrap(), true)]
    {
        let file = read(&content, Some("secret")).unwrap();
        assert_eq!((kinds(&file).as_str(), file.container), ("ckc", Container::Pkcs12 { legacy }));
        assert!(matches!(read(&content, Some("other")), Err(CredentialError::WrongPassphrase { .. })));
        assert!(matches!(read(&content, None), Err(CredentialError::PassphraseNeeded { .. })));
    }
    assert_eq!(kinds(&read(&client.pkcs12("").unwrap(), None).unwrap()), "ckc");
}

#[test]
fn encrypted_keys_open_with_their_passphrase_and_never_ask_the_terminal() {
    let pki = pki();
    let key = &pki.clients[0].key;
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    for content in [
        key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap(),
        key.private_key_to_pkcs8_passphrase(cipher, b"secret").unwrap(),
        key.ec_key().unwrap().private_key_to_pem_passphrase(cipher, b"secret").unwrap(),
    ] {
        let file = read(&content, Some("secret")).unwrap();
        assert!(file.private_keys().next().unwrap().was_encrypted);
        let wrong = read(&content, Some("other"));
        assert!(matches!(wrong, Err(CredentialError::WrongPassphrase { .. })), "{wrong:?}");
        let needed = read(&content, None);
        assert!(matches!(needed, Err(CredentialError::PassphraseNeeded { .. })), "{needed:?}");
    }
}

#[test]
fn a_probe_tells_a_false_private_key_from_a_right_one() {
    use openssl::hash::MessageDigest;
    use openssl::sign::Verifier;
    let pki = Pki::new(&Plan { clients: vec![], key: KeyKind::P256, ..Plan::default() }).unwrap();
    let zoo = Zoo::new(&pki).unwrap();
    for (name, right) in [("leaf-expired", true), ("wrong-private-key", false)] {
        let identity = &zoo.specimen(name).unwrap().identity;
        let file = read(&identity.key_pem().unwrap(), None).unwrap();
        let key = file.private_keys().next().unwrap();
        let public = identity.certificate.public_key().unwrap();
        assert_eq!(key.public_key().unwrap(), public.public_key_to_der().unwrap(), "{name}");
        let probe = key.probe().unwrap();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        assert_eq!(
            verifier.verify_oneshot(&probe.signature, Probe::MESSAGE).unwrap_or(false),
            right,
            "{name}"
        );
    }
}

#[test]
fn what_is_no_credential_is_called_by_its_name() {
    let said = |content: &[u8]| read(content, None).unwrap_err().to_string();
    for (content, wanted) in [
        (&b""[..], "it is empty"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "Java key store"),
        (b"\xff\xfe-\0-\0", "UTF-16"),
        (b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t", "base64 once more"),
        (b"ssh-ed25519 AAAA", "SSH"),
        (b"hello", "wanted are certificates or keys"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n", "-----END CERTIFICATE-----\" is missing"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "damaged"),
        (b"\x30\x03\x02\x01\x00", "cannot read file"),
    ] {
        let text = said(content);
        assert!(text.contains(wanted) && !text.contains('\n'), "{text}");
    }
    assert!(
        CredentialFile::open(Path::new("/nonexistent"), None)
            .unwrap_err()
            .to_string()
            .contains("no such file")
    );
}

#[test]
fn passphrases_are_first_lines_and_do_not_show() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pass");
    std::fs::write(&path, "se cret\r\nmore\n").unwrap();
    let passphrase = Passphrase::from_file(&path).unwrap();
    assert_eq!(passphrase.expose(), "se cret");
    assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
    assert!(Passphrase::new("a\0b").is_err() && Passphrase::new("a".repeat(1024)).is_err());
}

#[test]
fn no_damage_to_a_file_is_more_than_an_error() {
    let pki = pki();
    let client = &pki.clients[0];
    let mut content = client.pkcs12("secret").unwrap();
    for place in (0..content.len()).step_by(7) {
        content[place] ^= 0x55;
        let _ = read(&content, Some("secret"));
        content[place] ^= 0x55;
    }
    let pem = client.chain_pem().unwrap();
    for length in (0..pem.len()).step_by(11) {
        let _ = read(&pem.as_bytes()[..length], None);
    }
}
