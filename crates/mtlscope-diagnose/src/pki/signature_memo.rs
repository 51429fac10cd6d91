//! Signatures already checked. The same chains come in every handshake of a capture; each link is checked once.

use std::collections::HashMap;

use mtlscope_dissect::x509::Certificate;

use super::{SignatureCheck, verify_certificate};

/// What was found of a certificate and an issuer, by their fingerprints.
#[derive(Debug)]
pub struct SignatureMemo {
    known: HashMap<([u8; 32], [u8; 32]), SignatureCheck>,
    limit: usize,
}

impl SignatureMemo {
    /// Remembers at most `limit` signatures; when there are more, forgets all and starts anew.
    pub fn new(limit: usize) -> Self {
        Self { known: HashMap::new(), limit }
    }

    /// As [`verify_certificate`], from memory where it was asked before.
    pub fn verify(&mut self, certificate: &Certificate, issuer: &Certificate) -> SignatureCheck {
        let key = (certificate.sha256, issuer.sha256);
        if let Some(found) = self.known.get(&key) {
            return found.clone();
        }
        let found = verify_certificate(certificate, issuer);
        if self.known.len() >= self.limit {
            self.known.clear();
        }
        if self.limit > 0 {
            self.known.insert(key, found.clone());
        }
        found
    }
}

impl Default for SignatureMemo {
    fn default() -> Self {
        Self::new(4096)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures;

    #[test]
    fn remembers_no_more_than_its_limit_and_answers_the_same() {
        let (root, good, impostor) = (fixtures::root(), fixtures::good(), fixtures::impostor());
        let mut memo = SignatureMemo::new(1);
        for _ in 0..2 {
            assert_eq!(memo.verify(&good, &root), SignatureCheck::Good);
            assert_eq!(memo.verify(&good, &root), SignatureCheck::Good);
            assert_eq!(memo.verify(&impostor, &root), SignatureCheck::Bad);
            assert_eq!(memo.known.len(), 1);
        }
    }
}
