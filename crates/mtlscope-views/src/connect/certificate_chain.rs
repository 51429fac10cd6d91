//! The server's chain as it was sent, as `openssl s_client -showcerts` prints it.

use std::io::{self, Write};
use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Curve, KeyAlgorithm};

use crate::trace::openssl_names;

/// Writes each certificate: whose it is, who issued it, its key, its dates; and its PEM, of all of them or only of the first.
pub fn write(chain: &[Arc<Certificate>], pem_of_all: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "---\nCertificate chain")?;
    for (place, certificate) in chain.iter().enumerate() {
        writeln!(out, "{place:2} s:{}", openssl_names::oneline(&certificate.subject))?;
        writeln!(out, "   i:{}", openssl_names::oneline(&certificate.issuer))?;
        writeln!(
            out,
            "   a:PKEY: {}; sigalg: {}",
            key(&certificate.public_key.algorithm),
            openssl_names::signature_algorithm(&certificate.signature_algorithm)
        )?;
        writeln!(
            out,
            "   v:NotBefore: {}; NotAfter: {}",
            openssl_names::time(certificate.not_before),
            openssl_names::time(certificate.not_after)
        )?;
        if pem_of_all || place == 0 {
            out.write_all(certificate.pem().as_bytes())?;
        }
    }
    writeln!(out, "---")
}

/// `rsaEncryption, 2048 (bit)`.
fn key(key: &KeyAlgorithm) -> String {
    let name = match key {
        KeyAlgorithm::Rsa { .. } => "rsaEncryption",
        KeyAlgorithm::RsaPss { .. } => "rsassaPss",
        KeyAlgorithm::Ec(Curve::Other(_) | Curve::Explicit) => return "id-ecPublicKey".to_owned(),
        KeyAlgorithm::Ec(_) => "id-ecPublicKey",
        KeyAlgorithm::Ed25519 => "ED25519",
        KeyAlgorithm::Ed448 => "ED448",
        KeyAlgorithm::Dsa { .. } => "dsaEncryption",
        other => return other.to_string(),
    };
    match key.bits() {
        Some(bits) => format!("{name}, {bits} (bit)"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::certificate;

    #[test]
    fn shows_the_chain_as_s_client_does() {
        let mut out = Vec::new();
        write(&[certificate("server"), certificate("goodec")], false, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
