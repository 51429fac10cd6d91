//! Which signature schemes fit: a key that is to sign a handshake, and the signature under a certificate.
//!
//! RFC 8446 section 4.2.3, RFC 5246 section 7.4.1.4.1, RFC 8422 section 5.1.3 (the types of certificate before TLS 1.3:
//! RFC 5246 section 7.4.4 and RFC 8422 section 5.5).

use mtlscope_dissect::tls::registry::{ClientCertificateType, ProtocolVersion, SignatureScheme};
use mtlscope_dissect::x509::{Curve, KeyAlgorithm, SignatureKind};

use super::signature::kind_of_scheme;

/// Whether a key can sign the handshake of a version with a scheme.
///
/// TLS 1.3 binds ECDSA to the curve, and has neither RSA's old padding nor SHA-1 for it. `None` for a key of a kind that we
/// do not know.
pub fn can_sign(key: &KeyAlgorithm, version: ProtocolVersion, scheme: SignatureScheme) -> Option<bool> {
    let is_tls13 = version.is_tls13();
    Some(match (key, scheme) {
        (KeyAlgorithm::Other(_), _) => return None,
        (
            KeyAlgorithm::Rsa { bits },
            SignatureScheme::RSA_PSS_RSAE_SHA256
            | SignatureScheme::RSA_PSS_RSAE_SHA384
            | SignatureScheme::RSA_PSS_RSAE_SHA512,
        )
        | (
            KeyAlgorithm::RsaPss { bits },
            SignatureScheme::RSA_PSS_PSS_SHA256
            | SignatureScheme::RSA_PSS_PSS_SHA384
            | SignatureScheme::RSA_PSS_PSS_SHA512,
        ) => has_room_for_pss(*bits, scheme),
        (KeyAlgorithm::Ed25519, SignatureScheme::ED25519) | (KeyAlgorithm::Ed448, SignatureScheme::ED448) => {
            true
        }
        (KeyAlgorithm::Ec(curve), _) if is_tls13 => curve_of(scheme).is_some_and(|wanted| wanted == *curve),
        (KeyAlgorithm::Ec(_), scheme) => matches!(kind_of_scheme(scheme.0), Some(SignatureKind::Ecdsa(_))),
        (KeyAlgorithm::Rsa { .. }, scheme) => {
            !is_tls13 && matches!(kind_of_scheme(scheme.0), Some(SignatureKind::RsaPkcs1(_)))
        }
        (KeyAlgorithm::Dsa { .. }, scheme) => {
            !is_tls13 && matches!(kind_of_scheme(scheme.0), Some(SignatureKind::Dsa(_)))
        }
        _ => false,
    })
}

/// Whether a signature under a certificate is of a scheme. TLS 1.3 does not bind the curve here. `None` for an algorithm that
/// we do not know.
pub fn is_signed_with(kind: SignatureKind, scheme: SignatureScheme) -> Option<bool> {
    Some(match (kind, kind_of_scheme(scheme.0)) {
        (SignatureKind::Other, _) => return None,
        // How long the salt is, no scheme leaves open; certificates do, and nobody is known to mind.
        (SignatureKind::RsaPss { hash, .. }, Some(SignatureKind::RsaPss { hash: wanted, .. })) => {
            hash == wanted
        }
        (SignatureKind::Ecdsa(hash), None) => {
            curve_of(scheme).is_some() && Some(hash) == hash_of_brainpool(scheme)
        }
        (kind, wanted) => Some(kind) == wanted,
    })
}

/// Whether a certificate with this key is of a type that a server before TLS 1.3 wants. `None` for a kind of key that we do
/// not know.
pub fn is_of_type(key: &KeyAlgorithm, wanted: ClientCertificateType) -> Option<bool> {
    let ours = match key {
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => ClientCertificateType::RSA_SIGN,
        KeyAlgorithm::Dsa { .. } => ClientCertificateType::DSS_SIGN,
        KeyAlgorithm::Ec(_) | KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => {
            ClientCertificateType::ECDSA_SIGN
        }
        _ => return None,
    };
    Some(ours == wanted)
}

/// RFC 8017 section 9.1.1: the hash, a salt as long, and two bytes must fit into the modulus.
fn has_room_for_pss(bits: u32, scheme: SignatureScheme) -> bool {
    let hash = match scheme {
        SignatureScheme::RSA_PSS_RSAE_SHA256 | SignatureScheme::RSA_PSS_PSS_SHA256 => 32,
        SignatureScheme::RSA_PSS_RSAE_SHA384 | SignatureScheme::RSA_PSS_PSS_SHA384 => 48,
        _ => 64,
    };
    bits.saturating_sub(1).div_ceil(8) >= 2 * hash + 2
}

/// The curve to which TLS 1.3 binds a scheme.
fn curve_of(scheme: SignatureScheme) -> Option<Curve> {
    Some(match scheme {
        SignatureScheme::ECDSA_SECP256R1_SHA256 => Curve::P256,
        SignatureScheme::ECDSA_SECP384R1_SHA384 => Curve::P384,
        SignatureScheme::ECDSA_SECP521R1_SHA512 => Curve::P521,
        SignatureScheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256 => Curve::BrainpoolP256,
        SignatureScheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384 => Curve::BrainpoolP384,
        SignatureScheme::ECDSA_BRAINPOOLP512R1TLS13_SHA512 => Curve::BrainpoolP512,
        _ => return None,
    })
}

fn hash_of_brainpool(scheme: SignatureScheme) -> Option<mtlscope_dissect::x509::HashAlgorithm> {
    use mtlscope_dissect::x509::HashAlgorithm;
    match scheme {
        SignatureScheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256 => Some(HashAlgorithm::Sha256),
        SignatureScheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384 => Some(HashAlgorithm::Sha384),
        SignatureScheme::ECDSA_BRAINPOOLP512R1TLS13_SHA512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use mtlscope_dissect::x509::HashAlgorithm;

    use super::*;

    const TLS12: ProtocolVersion = ProtocolVersion::TLS12;
    const TLS13: ProtocolVersion = ProtocolVersion::TLS13;

    #[test]
    fn tls13_binds_the_curve_and_tls12_does_not() {
        let p384 = KeyAlgorithm::Ec(Curve::P384);
        let with_sha256 = SignatureScheme::ECDSA_SECP256R1_SHA256;
        assert_eq!(can_sign(&p384, TLS13, with_sha256), Some(false));
        assert_eq!(can_sign(&p384, TLS13, SignatureScheme::ECDSA_SECP384R1_SHA384), Some(true));
        assert_eq!(can_sign(&p384, TLS12, with_sha256), Some(true));
        assert_eq!(can_sign(&p384, TLS13, SignatureScheme::ECDSA_SHA1), Some(false));
        assert_eq!(can_sign(&p384, TLS12, SignatureScheme::ECDSA_SHA1), Some(true));
    }

    #[test]
    fn rsa_signs_in_tls13_with_pss_only_and_only_where_it_has_room() {
        let rsa = |bits| KeyAlgorithm::Rsa { bits };
        assert_eq!(can_sign(&rsa(2048), TLS13, SignatureScheme::RSA_PKCS1_SHA256), Some(false));
        assert_eq!(can_sign(&rsa(2048), TLS12, SignatureScheme::RSA_PKCS1_SHA256), Some(true));
        assert_eq!(can_sign(&rsa(2048), TLS13, SignatureScheme::RSA_PSS_RSAE_SHA512), Some(true));
        assert_eq!(can_sign(&rsa(1024), TLS13, SignatureScheme::RSA_PSS_RSAE_SHA512), Some(false));
        assert_eq!(can_sign(&rsa(1024), TLS13, SignatureScheme::RSA_PSS_RSAE_SHA384), Some(true));
        assert_eq!(can_sign(&rsa(2048), TLS13, SignatureScheme::RSA_PSS_PSS_SHA256), Some(false));
        let pss = KeyAlgorithm::RsaPss { bits: 2048 };
        assert_eq!(can_sign(&pss, TLS13, SignatureScheme::RSA_PSS_PSS_SHA256), Some(true));
        assert_eq!(can_sign(&pss, TLS12, SignatureScheme::RSA_PKCS1_SHA256), Some(false));
    }

    #[test]
    fn types_of_certificate_go_by_the_key() {
        assert_eq!(is_of_type(&KeyAlgorithm::Ed25519, ClientCertificateType::ECDSA_SIGN), Some(true));
        assert_eq!(is_of_type(&KeyAlgorithm::Ed25519, ClientCertificateType::RSA_SIGN), Some(false));
    }

    #[test]
    fn a_signature_under_a_certificate_is_known_by_its_scheme() {
        let is = |kind, scheme| is_signed_with(kind, scheme);
        let sha1 = SignatureKind::RsaPkcs1(HashAlgorithm::Sha1);
        assert_eq!(is(sha1, SignatureScheme::RSA_PKCS1_SHA1), Some(true));
        assert_eq!(is(sha1, SignatureScheme::RSA_PKCS1_SHA256), Some(false));
        let ecdsa = SignatureKind::Ecdsa(HashAlgorithm::Sha384);
        assert_eq!(is(ecdsa, SignatureScheme::ECDSA_SECP384R1_SHA384), Some(true));
        assert_eq!(is(ecdsa, SignatureScheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384), Some(true));
        assert_eq!(is(SignatureKind::Other, SignatureScheme::ED25519), None);
    }
}
