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
            self.known.insert_unique(hash, Entry { hash, certificate: Arc::clone(&certificate) }, |entry| entry.hash);
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
