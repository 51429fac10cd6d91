//! `certificates`: what a chain holds, its leaf first.

use std::cell::RefCell;
use std::sync::Arc;

use hashbrown::HashTable;
use mtlscope_dissect::x509;
use serde::ser::Error;
use serde::{Serialize, Serializer};

use super::kept::Kept;
use super::scalar::{Hex, Shown, day_and_time};
use crate::json::line::{Line, Written};

#[derive(Serialize)]
struct Certificate<'a> {
    subject: Shown<&'a x509::Name>,
    issuer: Shown<&'a x509::Name>,
    serial: Shown<&'a x509::SerialNumber>,
    #[serde(serialize_with = "day_and_time")]
    not_before: x509::Time,
    #[serde(serialize_with = "day_and_time")]
    not_after: x509::Time,
    sha256: Hex,
}

impl<'a> Certificate<'a> {
    fn of(certificate: &'a x509::Certificate) -> Self {
        Self {
            subject: Shown(&certificate.subject),
            issuer: Shown(&certificate.issuer),
            serial: Shown(&certificate.serial),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            sha256: Hex(certificate.sha256),
        }
    }
}

pub(in crate::json) struct Certificates<'a>(pub(in crate::json) &'a [Arc<x509::Certificate>]);

impl Serialize for Certificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|certificate| Certificate::of(certificate)))
    }
}

/// As [`Certificates`], where the same ones come again and again.
pub(super) struct KeptCertificates<'a>(pub(super) &'a [Arc<x509::Certificate>], pub(super) &'a Kept);

impl Serialize for KeptCertificates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.1.chains.serialize(self.0, serializer)
    }
}

/// Texts of chains that were shown before: an input has few.
#[derive(Debug, Default)]
pub(super) struct Chains(RefCell<HashTable<KeptChain>>);

#[derive(Debug)]
struct KeptChain {
    certificates: Box<[Arc<x509::Certificate>]>,
    text: Box<str>,
}

/// Texts that are kept; beyond, all are let go, and what is in use is soon back.
const LIMIT: usize = 1024;

impl Chains {
    fn serialize<S: Serializer>(
        &self,
        certificates: &[Arc<x509::Certificate>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if certificates.is_empty() {
            return Written("[]").serialize(serializer);
        }
        let hash = hash_of(certificates);
        if let Some(kept) = self.0.borrow().find(hash, |kept| are_same(&kept.certificates, certificates)) {
            return Written(&kept.text).serialize(serializer);
        }
        let mut line = Vec::new();
        Certificates(certificates).serialize(&mut Line::new(&mut line)).map_err(S::Error::custom)?;
        let text = String::from_utf8(line).map_err(S::Error::custom)?.into_boxed_str();
        let mut known = self.0.borrow_mut();
        if known.len() >= LIMIT {
            known.clear();
        }
        let kept = KeptChain { certificates: certificates.into(), text };
        let kept = known.insert_unique(hash, kept, |kept| hash_of(&kept.certificates));
        Written(&kept.get().text).serialize(serializer)
    }
}

/// A fingerprint is as good as a hash.
fn hash_of(certificates: &[Arc<x509::Certificate>]) -> u64 {
    let first = certificates.first().and_then(|leaf| leaf.sha256.first_chunk());
    first.map_or(0, |start| u64::from_le_bytes(*start))
}

/// Mostly they are the very same, since each certificate of an input is read once.
fn are_same(ours: &[Arc<x509::Certificate>], theirs: &[Arc<x509::Certificate>]) -> bool {
    let mut pairs = ours.iter().zip(theirs);
    ours.len() == theirs.len()
        && pairs.all(|(our, their)| Arc::ptr_eq(our, their) || our.sha256 == their.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    fn told(chains: &Chains, certificates: &[Arc<x509::Certificate>]) -> String {
        struct Told<'a>(&'a Chains, &'a [Arc<x509::Certificate>]);
        impl Serialize for Told<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(self.1, serializer)
            }
        }
        let mut line = Vec::new();
        Told(chains, certificates).serialize(&mut Line::new(&mut line)).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_chain_is_told_the_same_whether_it_is_kept_or_not() {
        let named = |names: &[&str]| -> Vec<Arc<x509::Certificate>> {
            names.iter().map(|name| told::certificate(name)).collect()
        };
        let all = [&["good"][..], &["good", "root"], &["server", "root"], &["root", "good"], &[]].map(named);
        let chains = Chains::default();
        for _ in 0..2 {
            for certificates in &all {
                assert_eq!(told(&chains, certificates), told(&Chains::default(), certificates));
                assert_eq!(
                    told(&chains, certificates),
                    serde_json::to_string(&Certificates(certificates)).unwrap()
                );
            }
        }
        assert_eq!(chains.0.borrow().len(), all.len() - 1);
    }
}
