//! Is the client's proof right? Its CertificateVerify is checked with the key of the certificate it sent.
//!
//! A check costs some 100 microseconds, more than all the rest of a connection, so it is made where something hangs on
//! it: where the server refused the client and did not say that the chain is the reason, or where the user asks.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::tls::signed::SignedContent;

use super::{Connection, Handshake, Means, Party, Proof, StepKind, Verdict};
use crate::observed::Observed;
use crate::pki::{HandshakeScheme, SignatureCheck, Signed, tls13_signed_content, verify_handshake};

impl Connection {
    /// Checks the client's proofs if its refusal may be due to them, or if `always`.
    pub(super) fn check_proofs(&mut self, always: bool) {
        if always || self.is_refused_for_a_proof() {
            self.handshakes.iter_mut().for_each(Handshake::check_proof);
        }
    }

    fn is_refused_for_a_proof(&self) -> bool {
        let by_server = self.outcome.by == Some(Party::Side(Side::Server));
        if self.outcome.verdict != Verdict::Refused || !by_server {
            return false;
        }
        match self.outcome.means {
            // Stacks look at the chain before they look at the signature, and these alerts are about the chain.
            Some(Means::Alert) => self.steps.iter().any(|step| match &step.kind {
                StepKind::Alert(alert, ..) if step.side == Side::Server => !matches!(
                    alert.description,
                    AlertDescription::CLOSE_NOTIFY
                        | AlertDescription::BAD_CERTIFICATE
                        | AlertDescription::UNSUPPORTED_CERTIFICATE
                        | AlertDescription::CERTIFICATE_REVOKED
                        | AlertDescription::CERTIFICATE_EXPIRED
                        | AlertDescription::CERTIFICATE_UNKNOWN
                        | AlertDescription::UNKNOWN_CA
                        | AlertDescription::ACCESS_DENIED
                        | AlertDescription::CERTIFICATE_REQUIRED
                ),
                _ => false,
            }),
            Some(Means::Fin | Means::Reset) => true,
            // Whoever answers by HTTP has taken the handshake.
            Some(Means::Http | Means::Timeout | Means::Log) | None => false,
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
        SignedContent::Messages(all) => {
            verify_handshake(scheme, key, Signed::Message(&all), &proof.signature)
        }
        SignedContent::TranscriptHash(hash) => {
            let content = tls13_signed_content(Side::Client, &hash);
            verify_handshake(scheme, key, Signed::Message(&content), &proof.signature)
        }
    };
    (!matches!(checked, SignatureCheck::Unsupported(_))).then_some(checked)
}
