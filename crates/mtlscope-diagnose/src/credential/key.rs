//! Is this the private key of the certificate? Comparing public parts tells which key is meant; a signature, whether it is.

use mtlscope_dissect::x509::Certificate;

use super::{Flaw, Key};
use crate::finding::Severity;
use crate::pki::{HandshakeScheme, SignatureCheck, Signed, verify_handshake};

/// How the keys at hand stand to the client's certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyMatch {
    /// There is no certificate to stand to.
    NoCertificate,
    /// There is no key.
    NoKey,
    /// One of them is the certificate's: it made a signature that the certificate's key verifies.
    Proven,
    /// One has the certificate's public key; TLS signatures of such keys are not known here, so it was not put to the proof.
    Unproven,
    /// One has the certificate's public key, and another private key: its signatures are wrong.
    False,
    /// None has the certificate's public key.
    Other,
}

pub(super) fn check<'a>(own: &Certificate, keys: impl Iterator<Item = &'a Key>) -> KeyMatch {
    let mut keys = keys.peekable();
    if keys.peek().is_none() {
        return KeyMatch::NoKey;
    }
    keys.filter(|key| key.public_key == own.public_key)
        .map(|key| proof(own, key))
        // Several keys of one certificate are no usual thing; the best counts.
        .min_by_key(|found| match found {
            KeyMatch::Proven => 0,
            KeyMatch::Unproven => 1,
            _ => 2,
        })
        .unwrap_or(KeyMatch::Other)
}

fn proof(own: &Certificate, key: &Key) -> KeyMatch {
    let Some(probe) = &key.probe else { return KeyMatch::Unproven };
    let scheme = HandshakeScheme::Numbered(probe.scheme);
    match verify_handshake(scheme, &own.public_key, Signed::Message(probe.message), &probe.signature) {
        SignatureCheck::Good => KeyMatch::Proven,
        SignatureCheck::Bad => KeyMatch::False,
        SignatureCheck::Unsupported(_) => KeyMatch::Unproven,
    }
}

impl KeyMatch {
    pub(super) fn flaw(self) -> Option<Flaw> {
        match self {
            Self::False => Some(Flaw::new(
                Severity::Error,
                "wrong-private-key",
                "The private key is not the certificate's, though the public key beside it is: programs load it, and the proof that it makes in the handshake (CertificateVerify) is wrong.",
                "Find the right private key, or have a new key certified.",
            )),
            Self::Other => Some(Flaw::new(
                Severity::Error,
                "client-key-load-failure",
                "The private key belongs to another certificate: curl and other programs refuse to load the two together.",
                "Give the key for which the certificate was requested.",
            )),
            Self::NoCertificate | Self::NoKey | Self::Proven | Self::Unproven => None,
        }
    }
}
