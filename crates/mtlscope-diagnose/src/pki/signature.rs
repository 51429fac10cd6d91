//! Is a signature right? That of an issuer under a certificate, and that of a peer under a handshake.
//!
//! Old and broken algorithms are checked as well: a debugger must be able to say that an MD5 signature was right.
//! Certificates: RFC 5280 section 4.1.1.3. Handshakes: RFC 8446 section 4.4.3, RFC 5246 section 7.4.8, RFC 4346 section
//! 7.4.8.

use std::fmt;

use md5::Md5;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::{Certificate, Curve, HashAlgorithm, KeyAlgorithm, PublicKey, SignatureKind};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::traits::SignatureScheme as RsaPadding;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// What came of checking a signature.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SignatureCheck {
    /// This key made it over this.
    Good,
    /// It did not.
    Bad,
    /// We cannot tell, since we do not know this algorithm, which is named.
    Unsupported(String),
}

/// Whether the key of `issuer` signed `certificate`. Names, dates and permissions are not looked at.
pub fn verify_certificate(certificate: &Certificate, issuer: &Certificate) -> SignatureCheck {
    let kind = certificate.signature_algorithm.kind;
    if kind == SignatureKind::Other {
        return SignatureCheck::Unsupported(certificate.signature_algorithm.to_string());
    }
    let signed = Signed::Message(certificate.tbs_bytes());
    verify(kind, &issuer.public_key, signed, certificate.signature_bytes())
}

/// What a handshake signature was made with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HandshakeScheme {
    /// The number in the message: a SignatureScheme from TLS 1.3 on, a hash and a signature algorithm in TLS 1.2.
    Numbered(u16),
    /// No number, TLS 1.0 and 1.1: MD5 and SHA-1 for an RSA key, SHA-1 for others.
    ByKey,
}

/// What was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signed<'a> {
    /// All of it.
    Message(&'a [u8]),
    /// Its hash, made with what the scheme says: 36 bytes of MD5 and SHA-1 for RSA before TLS 1.2.
    Digest(&'a [u8]),
}

/// Whether `key` made `signature` over `signed`.
///
/// Up to TLS 1.2 all handshake messages before CertificateVerify are signed; from TLS 1.3 on what
/// [`tls13_signed_content`] makes.
pub fn verify_handshake(
    scheme: HandshakeScheme,
    key: &PublicKey,
    signed: Signed<'_>,
    signature: &[u8],
) -> SignatureCheck {
    match (scheme, &key.algorithm) {
        (HandshakeScheme::Numbered(number), _) => match kind_of_scheme(number) {
            Some(kind) => verify(kind, key, signed, signature),
            None => SignatureCheck::Unsupported(format!("signature scheme {number:#06x}")),
        },
        (HandshakeScheme::ByKey, KeyAlgorithm::Rsa { .. }) => {
            let digest = match signed {
                Signed::Message(message) => [&Md5::digest(message)[..], &Sha1::digest(message)].concat(),
                Signed::Digest(digest) => digest.to_vec(),
            };
            let padding = Pkcs1v15Sign { hash_len: Some(36), prefix: Box::default() };
            verify_rsa(padding, key, &digest, signature)
        }
        (HandshakeScheme::ByKey, KeyAlgorithm::Ec(_)) => {
            verify(SignatureKind::Ecdsa(HashAlgorithm::Sha1), key, signed, signature)
        }
        (HandshakeScheme::ByKey, other) => SignatureCheck::Unsupported(other.to_string()),
    }
}

/// What is signed in TLS 1.3: 64 spaces, a text that says whose signature it is, a zero and the hash of the transcript
/// up to, and without, CertificateVerify. RFC 8446 section 4.4.3.
pub fn tls13_signed_content(signer: Side, transcript_hash: &[u8]) -> Vec<u8> {
    let context: &[u8] = match signer {
        Side::Client => b"TLS 1.3, client CertificateVerify",
        Side::Server => b"TLS 1.3, server CertificateVerify",
    };
    [&[0x20; 64], context, &[0], transcript_hash].concat()
}

/// RFC 8446 section 4.2.3 and, for what only TLS 1.2 has, RFC 5246 section 7.4.1.4.1.
pub(super) fn kind_of_scheme(number: u16) -> Option<SignatureKind> {
    let pss = |hash, salt_length| SignatureKind::RsaPss { hash, mask_hash: hash, salt_length };
    match number.to_be_bytes() {
        [8, 4 | 9] => Some(pss(HashAlgorithm::Sha256, 32)),
        [8, 5 | 10] => Some(pss(HashAlgorithm::Sha384, 48)),
        [8, 6 | 11] => Some(pss(HashAlgorithm::Sha512, 64)),
        [8, 7] => Some(SignatureKind::Ed25519),
        [8, 8] => Some(SignatureKind::Ed448),
        [hash @ 1..=6, signature @ 1..=3] => {
            use HashAlgorithm::*;
            let hash = *[Md5, Sha1, Sha224, Sha256, Sha384, Sha512].get(usize::from(hash) - 1)?;
            match signature {
                1 => Some(SignatureKind::RsaPkcs1(hash)),
                2 => Some(SignatureKind::Dsa(hash)),
                _ => Some(SignatureKind::Ecdsa(hash)),
            }
        }
        _ => None,
    }
}

fn verify(kind: SignatureKind, key: &PublicKey, signed: Signed<'_>, signature: &[u8]) -> SignatureCheck {
    let unsupported = |what: &dyn fmt::Display| SignatureCheck::Unsupported(what.to_string());
    match kind {
        SignatureKind::RsaPkcs1(hash) => match (digest(hash, signed), digest_info(hash)) {
            (Some(digest), Some(prefix)) => {
                let padding = Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: prefix.into() };
                verify_rsa(padding, key, &digest, signature)
            }
            _ => unsupported(&format_args!("RSA with {hash}")),
        },
        SignatureKind::RsaPss { hash, mask_hash, salt_length } => {
            let padding = (hash == mask_hash).then(|| pss(hash, salt_length)).flatten();
            match (digest(hash, signed), padding) {
                (Some(digest), Some(padding)) => verify_rsa(padding, key, &digest, signature),
                _ => unsupported(&format_args!("RSA-PSS with {hash} and a mask of {mask_hash}")),
            }
        }
        SignatureKind::Ecdsa(hash) => match (digest(hash, signed), &key.algorithm) {
            (Some(digest), KeyAlgorithm::Ec(curve)) => {
                verify_ecdsa(curve, key.subject_public_key(), &digest, signature)
            }
            (Some(_), _) => SignatureCheck::Bad,
            (None, _) => unsupported(&format_args!("ECDSA with {hash}")),
        },
        SignatureKind::Ed25519 => match signed {
            Signed::Message(message) => verify_ed25519(key, message, signature),
            Signed::Digest(_) => unsupported(&"Ed25519 where only a hash is at hand"),
        },
        SignatureKind::Ed448 => unsupported(&"Ed448"),
        SignatureKind::Dsa(hash) => unsupported(&format_args!("DSA with {hash}")),
        _ => unsupported(&"an unknown algorithm"),
    }
}

/// The longest modulus for which we do the arithmetic, in bits: one signature with more takes seconds.
const LONGEST_MODULUS: usize = 16_384;

fn verify_rsa(padding: impl RsaPadding, key: &PublicKey, digest: &[u8], signature: &[u8]) -> SignatureCheck {
    let Some((modulus, exponent)) = key.rsa_parts() else { return SignatureCheck::Bad };
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    let Ok(public) = RsaPublicKey::new_with_max_size(modulus, exponent, LONGEST_MODULUS) else {
        return SignatureCheck::Unsupported(format!("a key of {} with such numbers", key.algorithm));
    };
    good_if(public.verify(padding, digest, signature).is_ok())
}

fn verify_ecdsa(curve: &Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> SignatureCheck {
    macro_rules! on {
        ($curve:ident, $bytes:literal) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point);
            let signature = $curve::ecdsa::Signature::from_der(signature);
            let digest = fitted::<$bytes>(digest);
            good_if(matches!((key, signature), (Ok(key), Ok(signature))
                if key.verify_prehash(&digest, &signature).is_ok()))
        }};
    }
    match curve {
        Curve::P256 => on!(p256, 32),
        Curve::P384 => on!(p384, 48),
        Curve::P521 => on!(p521, 66),
        other => SignatureCheck::Unsupported(format!("ECDSA on {other}")),
    }
}

/// A hash as a number of the size of the curve's: the front of a longer one, a shorter one with zeros in front.
fn fitted<const N: usize>(digest: &[u8]) -> [u8; N] {
    let front = digest.get(..N).unwrap_or(digest);
    let mut number = [0; N];
    if let Some(end) = number.get_mut(N - front.len()..) {
        end.copy_from_slice(front);
    }
    number
}

fn verify_ed25519(key: &PublicKey, message: &[u8], signature: &[u8]) -> SignatureCheck {
    if key.algorithm != KeyAlgorithm::Ed25519 {
        return SignatureCheck::Bad;
    }
    let key = <&[u8; 32]>::try_from(key.subject_public_key()).map(ed25519_dalek::VerifyingKey::from_bytes);
    let signature = ed25519_dalek::Signature::from_slice(signature);
    good_if(
        matches!((key, signature), (Ok(Ok(key)), Ok(signature)) if key.verify(message, &signature).is_ok()),
    )
}

fn good_if(good: bool) -> SignatureCheck {
    if good { SignatureCheck::Good } else { SignatureCheck::Bad }
}

fn digest(hash: HashAlgorithm, signed: Signed<'_>) -> Option<Vec<u8>> {
    let message = match signed {
        Signed::Digest(digest) => return Some(digest.to_vec()),
        Signed::Message(message) => message,
    };
    Some(match hash {
        HashAlgorithm::Md5 => Md5::digest(message).to_vec(),
        HashAlgorithm::Sha1 => Sha1::digest(message).to_vec(),
        HashAlgorithm::Sha224 => Sha224::digest(message).to_vec(),
        HashAlgorithm::Sha256 => Sha256::digest(message).to_vec(),
        HashAlgorithm::Sha384 => Sha384::digest(message).to_vec(),
        HashAlgorithm::Sha512 => Sha512::digest(message).to_vec(),
        _ => return None,
    })
}

/// What stands before the hash in the padding, RFC 8017 section 9.2, note 1.
fn digest_info(hash: HashAlgorithm) -> Option<&'static [u8]> {
    Some(match hash {
        HashAlgorithm::Md5 => b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
        HashAlgorithm::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        HashAlgorithm::Sha224 => {
            b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c"
        }
        HashAlgorithm::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        HashAlgorithm::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        HashAlgorithm::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
        _ => return None,
    })
}

/// PSS with the hashes that the `rsa` crate brings; SHA-1 is not among them.
fn pss(hash: HashAlgorithm, salt_length: u32) -> Option<Pss> {
    use rsa::sha2::{Sha224, Sha256, Sha384, Sha512};
    let salt_length = usize::try_from(salt_length).ok()?;
    Some(match hash {
        HashAlgorithm::Sha224 => Pss::new_with_salt::<Sha224>(salt_length),
        HashAlgorithm::Sha256 => Pss::new_with_salt::<Sha256>(salt_length),
        HashAlgorithm::Sha384 => Pss::new_with_salt::<Sha384>(salt_length),
        HashAlgorithm::Sha512 => Pss::new_with_salt::<Sha512>(salt_length),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::{self, read};

    macro_rules! data {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/data/signatures/", $name))
        };
    }

    macro_rules! certificate {
        ($name:literal) => {
            read(std::str::from_utf8(data!($name)).unwrap())
        };
    }

    #[test]
    fn every_algorithm_we_know_is_found_good_and_a_changed_byte_bad() {
        let all = [
            certificate!("rsa-512-md5.pem"),
            certificate!("rsa-1024-sha1.pem"),
            certificate!("rsa-sha224.pem"),
            certificate!("rsa-sha384.pem"),
            certificate!("rsa-8192-sha512.pem"),
            certificate!("rsa-pss-sha256.pem"),
            certificate!("rsa-pss-sha512-long.pem"),
            certificate!("rsa-pss-key.pem"),
            certificate!("p256-sha1.pem"),
            certificate!("p256-sha512.pem"),
            certificate!("p384-sha1.pem"),
            certificate!("p384-sha256.pem"),
            certificate!("p521-sha256.pem"),
            certificate!("p521-sha512.pem"),
            certificate!("ed25519.pem"),
        ];
        for certificate in all {
            assert_eq!(
                verify_certificate(&certificate, &certificate),
                SignatureCheck::Good,
                "{certificate:?}"
            );
            for place in [certificate.tbs.start + 20, certificate.signature.end - 1] {
                let mut der = certificate.der.clone();
                der[place] ^= 1;
                let changed = Certificate::parse(&der).unwrap();
                assert_eq!(
                    verify_certificate(&changed, &certificate),
                    SignatureCheck::Bad,
                    "{certificate:?}"
                );
            }
        }
    }

    #[test]
    fn what_we_do_not_know_is_said_to_be_so() {
        let cases = [
            (certificate!("ed448.pem"), "Ed448"),
            (certificate!("k256-sha256.pem"), "ECDSA on secp256k1"),
            (certificate!("rsa-pss-sha1.pem"), "RSA-PSS with SHA-1 and a mask of SHA-1"),
        ];
        for (certificate, why) in cases {
            assert_eq!(
                verify_certificate(&certificate, &certificate),
                SignatureCheck::Unsupported(why.into())
            );
        }
    }

    #[test]
    fn an_impostor_is_not_who_he_says() {
        let (root, inter) = (fixtures::root(), fixtures::inter());
        assert_eq!(verify_certificate(&fixtures::good(), &root), SignatureCheck::Good);
        assert_eq!(verify_certificate(&fixtures::weak(), &root), SignatureCheck::Good);
        assert_eq!(verify_certificate(&fixtures::intleaf(), &inter), SignatureCheck::Good);
        assert_eq!(verify_certificate(&fixtures::serverec(), &fixtures::ecroot()), SignatureCheck::Good);
        assert_eq!(verify_certificate(&fixtures::impostor(), &root), SignatureCheck::Bad);
        // A key of another kind than the signature.
        assert_eq!(verify_certificate(&fixtures::good(), &fixtures::ecroot()), SignatureCheck::Bad);
        assert_eq!(verify_certificate(&fixtures::serverec(), &root), SignatureCheck::Bad);
    }

    #[test]
    fn handshakes_of_every_age_are_checked() {
        use HandshakeScheme::{ByKey, Numbered};
        let rsa = certificate!("rsa-sha224.pem");
        let cases: [(_, _, &[u8]); 6] = [
            (ByKey, rsa.clone(), data!("rsa_md5_sha1.sig")),
            (Numbered(0x0401), rsa.clone(), data!("rsa_pkcs1_sha256.sig")),
            (Numbered(0x0805), rsa, data!("rsa_pss_rsae_sha384.sig")),
            (ByKey, certificate!("p256-sha1.pem"), data!("ecdsa_sha1.sig")),
            (Numbered(0x0603), certificate!("p521-sha512.pem"), data!("ecdsa_secp521r1_sha512.sig")),
            (Numbered(0x0807), certificate!("ed25519.pem"), data!("ed25519.sig")),
        ];
        let message = data!("message");
        for (scheme, certificate, signature) in cases {
            let check = |signed, signature: &[u8]| {
                verify_handshake(scheme, &certificate.public_key, signed, signature)
            };
            assert_eq!(check(Signed::Message(message), signature), SignatureCheck::Good, "{scheme:?}");
            assert_eq!(check(Signed::Message(b"another"), signature), SignatureCheck::Bad, "{scheme:?}");
            for length in 0..signature.len() {
                assert_eq!(check(Signed::Message(message), &signature[..length]), SignatureCheck::Bad);
            }
        }
    }

    #[test]
    fn a_hash_does_as_well_as_the_message() {
        let rsa = certificate!("rsa-sha224.pem");
        let digest = Sha256::digest(data!("message"));
        let check = |digest: &[u8]| {
            let scheme = HandshakeScheme::Numbered(0x0401);
            verify_handshake(scheme, &rsa.public_key, Signed::Digest(digest), data!("rsa_pkcs1_sha256.sig"))
        };
        assert_eq!(check(&digest), SignatureCheck::Good);
        assert_eq!(check(&digest[1..]), SignatureCheck::Bad);
        assert_eq!(check(&[]), SignatureCheck::Bad);
    }

    #[test]
    fn schemes_without_a_meaning_are_named() {
        let check = |number| {
            let key = &fixtures::good().public_key;
            verify_handshake(HandshakeScheme::Numbered(number), key, Signed::Message(b""), b"")
        };
        assert_eq!(check(0xfafa), SignatureCheck::Unsupported("signature scheme 0xfafa".into()));
        assert_eq!(check(0x0202), SignatureCheck::Unsupported("DSA with SHA-1".into()));
        for number in 0..=0xffff {
            assert_ne!(check(number), SignatureCheck::Good);
        }
    }

    #[test]
    fn keys_of_any_numbers_survive() {
        let tlv = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
        let rsa = tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
        for length in 0..90 {
            for (first, exponent) in
                [(1, &[3][..]), (0, &[3]), (0x80, &[1, 0, 1]), (0xff, &[0xff; 5]), (1, &[]), (3, &[2])]
            {
                let mut modulus = vec![0xff; length];
                if let Some(byte) = modulus.first_mut() {
                    *byte = first;
                }
                let numbers = tlv(0x30, &[tlv(0x02, &modulus), tlv(0x02, exponent)].concat());
                let bits = tlv(0x03, &[&[0], &numbers[..]].concat());
                let spki = tlv(0x30, &[tlv(0x30, &rsa), bits].concat());
                let Ok(key) = PublicKey::from_spki_der(&spki) else { continue };
                for signature in
                    [vec![], vec![0; length], vec![1; length], vec![0xbc; length], vec![0xff; length + 1]]
                {
                    for scheme in [0x0101, 0x0401, 0x0804, 0x0806].map(HandshakeScheme::Numbered) {
                        let check = verify_handshake(scheme, &key, Signed::Message(b""), &signature);
                        assert_ne!(check, SignatureCheck::Good);
                    }
                }
            }
        }
    }

    #[test]
    fn the_content_signed_in_tls_1_3_is_that_of_the_rfc() {
        let content = tls13_signed_content(Side::Server, &[1; 32]);
        assert_eq!(content.len(), 64 + 33 + 1 + 32);
        assert_eq!(content[..64], [0x20; 64]);
        assert_eq!(&content[64..98], b"TLS 1.3, server CertificateVerify\0");
        assert_eq!(content[98..], [1; 32]);
    }
}
