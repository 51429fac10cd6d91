//! Files that are no text: one certificate, key, list or store as DER.

use openssl::error::ErrorStack;
use openssl::pkcs7::{Pkcs7, Pkcs7Ref};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Crl, X509Req};

use super::{
    CertificateRequest, Container, CredentialError, Item, Opening, PrivateKey, RevocationList, pkcs12,
    private_key,
};
use crate::resemblance::resemblance;

/// What a file that is no PEM holds.
pub(super) fn read(content: &[u8], opening: &Opening<'_>) -> Result<(Container, Vec<Item>), CredentialError> {
    if content.first() != Some(&0x30) {
        return Err(not_a_credential(content, opening));
    }
    let damaged = |what: &str, error: ErrorStack| CredentialError::Damaged {
        name: opening.name.to_owned(),
        what: what.to_owned(),
        cause: told(&error),
    };
    let one = |item: Item| Ok((Container::Der, vec![item]));
    if let Ok(certificate) = X509::from_der(content) {
        return one(Item::Certificate(certificate.to_der().map_err(|error| damaged("certificate", error))?));
    }
    if let Ok(store) = Pkcs12::from_der(content) {
        let (legacy, items) = pkcs12::open(&store, opening)?;
        return Ok((Container::Pkcs12 { legacy }, items));
    }
    if let Ok(list) = X509Crl::from_der(content) {
        let list = RevocationList::read(list).map_err(|error| damaged("revocation list", error))?;
        return one(Item::RevocationList(list));
    }
    if let Ok(request) = X509Req::from_der(content) {
        let request = CertificateRequest::read(&request).map_err(|error| damaged("request", error))?;
        return one(Item::Request(request));
    }
    if let Ok(key) = PKey::private_key_from_der(content) {
        return one(Item::PrivateKey(PrivateKey::new(key, false)));
    }
    if private_key::is_encrypted_pkcs8(content) {
        return one(Item::PrivateKey(PrivateKey::from_encrypted_pkcs8(content, opening)?));
    }
    if let Ok(key) = PKey::public_key_from_der(content) {
        let key = key.public_key_to_der().map_err(|error| damaged("public key", error))?;
        return one(Item::PublicKey(key));
    }
    if let Ok(bag) = Pkcs7::from_der(content) {
        return Ok((Container::Pkcs7, of_pkcs7(&bag).map_err(|error| damaged("PKCS#7", error))?));
    }
    Err(not_a_credential(content, opening))
}

/// The certificates of a PKCS#7 bag.
pub(super) fn of_pkcs7(bag: &Pkcs7Ref) -> Result<Vec<Item>, ErrorStack> {
    let certificates = bag.signed().and_then(|signed| signed.certificates());
    certificates
        .into_iter()
        .flatten()
        .map(|certificate| Ok(Item::Certificate(certificate.to_der()?)))
        .collect()
}

/// What OpenSSL said, in the words of its first error.
pub(super) fn told(error: &ErrorStack) -> String {
    let reason = error.errors().first().and_then(|error| error.reason());
    reason.unwrap_or("OpenSSL cannot read it").to_owned()
}

fn not_a_credential(content: &[u8], opening: &Opening<'_>) -> CredentialError {
    const WANTED: &str = "wanted are certificates or keys as PEM, DER or PKCS#12; is this the right file?";
    let start = content.get(..4096).unwrap_or(content);
    let text = std::str::from_utf8(content).unwrap_or_default().trim();
    let (looks, advice) = match start {
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => (
            "it is a Java key store (JKS)".to_owned(),
            "convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            ("it is UTF-16 text".to_owned(), "save it as UTF-8 or ASCII: PowerShell's `>` writes UTF-16")
        }
        _ if text.starts_with("LS0tLS1CRUdJTi") => (
            "it is PEM, encoded as base64 once more".to_owned(),
            "decode it first, as for the data of a Kubernetes secret: base64 -d",
        ),
        _ if text.starts_with("MII") => (
            "it is base64 without the lines of PEM around it".to_owned(),
            "decode it first: base64 -d FILE > NEW.der",
        ),
        _ if text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") => {
            ("it is a public key of SSH".to_owned(), "TLS wants a certificate; is this the right file?")
        }
        _ if text.starts_with("PuTTY-User-Key-File") => {
            ("it is a key of PuTTY, for SSH".to_owned(), "TLS wants a key as PEM; is this the right file?")
        }
        _ => (resemblance(start).looks, WANTED),
    };
    CredentialError::NotACredential { name: opening.name.to_owned(), looks, advice }
}
