//! Is the client's proof right? Its CertificateVerify is checked with the key of the certificate it sent.
//!
//! A check costs some 100 microseconds, more than all the rest of a connection, so it is made where something hangs on
//! it: where the client was refused, or where the user asks.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::signed::SignedContent;

use super::{Connection, Handshake, Party, Proof, Verdict};
use crate::observed::Observed;
use crate::pki::{HandshakeScheme, SignatureCheck, Signed, tls13_signed_content, verify_handshake};

impl Connection {
    /// Checks the client's proofs if it was refused, or if `always`.
    pub(super) fn check_proofs(&mut self, always: bool) {
        let refused =
            self.outcome.verdict == Verdict::Refused && self.outcome.by == Some(Party::Side(Side::Server));
        if always || refused {
            self.handshakes.iter_mut().for_each(Handshake::check_proof);
        }
    }
}

impl Handshake {
    fn check_proof(&mut self) {
        let (Observed::Seen(answer), Observed::Seen(proof)) = (&self.answer, &mut self.proof) else { return };
        if let Some(leaf) = answer.certificates.first()
            && answer.unreadable == 0
        {
            proof.checked = check(proof, &leaf.public_key);
        }
    }
}

fn check(proof: &Proof, key: &mtlscope_dissect::x509::PublicKey) -> Option<SignatureCheck> {
    let scheme = proof.algorithm.map_or(HandshakeScheme::ByKey, |number| HandshakeScheme::Numbered(number.0));
    let checked = match proof.signed.as_ref()?.content()? {
        SignedContent::Hash(hash) => verify_handshake(scheme, key, Signed::Digest(&hash), &proof.signature),
        SignedContent::Messages(all) => verify_handshake(scheme, key, Signed::Message(&all), &proof.signature),
        SignedContent::TranscriptHash(hash) => {
            let content = tls13_signed_content(Side::Client, &hash);
            verify_handshake(scheme, key, Signed::Message(&content), &proof.signature)
        }
    };
    (!matches!(checked, SignatureCheck::Unsupported(_))).then_some(checked)
}
