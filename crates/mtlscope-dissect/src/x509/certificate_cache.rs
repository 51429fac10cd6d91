//! Certificates already parsed. The same few are sent in every handshake of a capture; each is read once.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::{Certificate, Unreadable};

/// Parsed certificates by their DER.
pub struct CertificateCache {
    known: HashTable<Entry>,
    hasher: RandomState,
    limit: usize,
}

struct Entry {
    hash: u64,
    certificate: Arc<Certificate>,
}

impl CertificateCache {
    /// A cache of at most `limit` certificates. When it is full it forgets all of them and starts anew: what is still in
    /// use is soon back, and nothing needs to be kept in order for it.
    pub fn new(limit: usize) -> Self {
        Self { known: HashTable::new(), hasher: RandomState::default(), limit }
    }

    /// The certificate with this DER: parsed and hashed now, or remembered. What cannot be read is not remembered.
    pub fn parse(&mut self, der: &[u8]) -> Result<Arc<Certificate>, Unreadable> {
        let hash = self.hasher.hash_one(der);
        // The hash only finds candidates: two certificates may share one.
        let found = self.known.find(hash, |entry| entry.hash == hash && *entry.certificate.der == *der);
        if let Some(entry) = found {
            return Ok(Arc::clone(&entry.certificate));
        }
        let certificate = Arc::new(Certificate::parse(der)?);
        if self.known.len() >= self.limit {
            self.known.clear();
        }
        if self.limit > 0 {
            self.known.insert_unique(hash, Entry { hash, certificate: Arc::clone(&certificate) }, |entry| {
                entry.hash
            });
        }
        Ok(certificate)
    }

    /// How many certificates are remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl std::fmt::Debug for CertificateCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateCache").field("known", &self.len()).field("limit", &self.limit).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::pem;

    fn two() -> [Vec<u8>; 2] {
        [include_str!("test_data/goodec.pem"), include_str!("test_data/rich.pem")]
            .map(|text| pem::certificates(text.as_bytes()).remove(0).unwrap())
    }

    #[test]
    fn the_same_bytes_are_parsed_once() {
        let [a, b] = two();
        let mut cache = CertificateCache::new(10);
        let first = cache.parse(&a).unwrap();
        assert!(Arc::ptr_eq(&first, &cache.parse(&a.clone()).unwrap()));
        assert!(!Arc::ptr_eq(&first, &cache.parse(&b).unwrap()));
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn it_never_holds_more_than_its_limit() {
        let [a, b] = two();
        let mut cache = CertificateCache::new(1);
        let first = cache.parse(&a).unwrap();
        cache.parse(&b).unwrap();
        assert_eq!(cache.len(), 1);
        assert_eq!(first, cache.parse(&a).unwrap());
        assert!(CertificateCache::new(0).parse(&a).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_not_remembered() {
        let mut cache = CertificateCache::new(10);
        assert!(cache.parse(b"no certificate").is_err());
        assert!(cache.is_empty());
    }
}
