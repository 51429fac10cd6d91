//! A certificate, its private key, and what leads from it to the root.

use std::fmt;

use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;
use zeroize::Zeroizing;

use super::{AuthorityError, pem_of};
use crate::legacy_provider;

/// Somebody who can show a certificate and prove that it is theirs; or, in the zoo, cannot.
pub struct Identity {
    /// What its files are called.
    pub name: String,
    /// The certificate.
    pub certificate: X509,
    /// Its private key.
    pub key: PKey<Private>,
    /// The certificates to send after it, up to and without the root.
    pub chain: Vec<X509>,
}

impl Identity {
    /// The certificate alone, as PEM.
    pub fn certificate_pem(&self) -> Result<String, AuthorityError> {
        pem_of([&self.certificate])
    }

    /// The certificate and those to send after it, as PEM: what curl's `--cert` and Apache's `SSLCertificateFile` want.
    pub fn chain_pem(&self) -> Result<String, AuthorityError> {
        pem_of([&self.certificate].into_iter().chain(&self.chain))
    }

    /// The private key, as PEM (PKCS#8), not encrypted.
    pub fn key_pem(&self) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
        Ok(Zeroizing::new(self.key.private_key_to_pem_pkcs8()?))
    }

    /// The private key, as PEM (PKCS#8), encrypted.
    pub fn encrypted_key_pem(&self, passphrase: &str) -> Result<Vec<u8>, AuthorityError> {
        Ok(self.key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), passphrase.as_bytes())?)
    }

    /// All of it as PKCS#12, encrypted as OpenSSL 3, Windows 11 and Java 17 do: AES-256, SHA-256.
    pub fn pkcs12(&self, passphrase: &str) -> Result<Vec<u8>, AuthorityError> {
        self.packed(passphrase, None)
    }

    /// All of it as PKCS#12, encrypted as Windows did for decades: certificates with RC2-40, the key with 3DES, SHA-1.
    pub fn legacy_pkcs12(&self, passphrase: &str) -> Result<Vec<u8>, AuthorityError> {
        let _loaded = legacy_provider::load()?;
        self.packed(
            passphrase,
            Some((Nid::PBE_WITHSHA1AND40BITRC2_CBC, Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC)),
        )
    }

    fn packed(&self, passphrase: &str, ciphers: Option<(Nid, Nid)>) -> Result<Vec<u8>, AuthorityError> {
        let mut builder = Pkcs12::builder();
        builder.name(&self.name).pkey(&self.key).cert(&self.certificate);
        if let Some((certificates, key)) = ciphers {
            builder
                .cert_algorithm(certificates)
                .key_algorithm(key)
                .mac_md(openssl::hash::MessageDigest::sha1());
        }
        if !self.chain.is_empty() {
            let mut chain = Stack::new()?;
            for certificate in &self.chain {
                chain.push(certificate.clone())?;
            }
            builder.ca(chain);
        }
        Ok(builder.build2(passphrase)?.to_der()?)
    }
}

/// Without the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("subject", &self.certificate.subject_name())
            .finish_non_exhaustive()
    }
}
