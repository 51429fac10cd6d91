//! Names already read. A server names the same authorities in every request; each name is read and shown once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{Name, Unreadable};

/// Names by their DER.
pub struct NameCache {
    known: HashTable<(u64, Name)>,
    hasher: RandomState,
    limit: usize,
}

impl NameCache {
    /// A cache of at most `limit` names, which forgets all of them when it is full.
    pub fn new(limit: usize) -> Self {
        Self { known: HashTable::new(), hasher: RandomState::default(), limit }
    }

    /// The name with this DER: read now, or remembered. What cannot be read is not remembered.
    pub fn read(&mut self, der: &[u8]) -> Result<Name, Unreadable> {
        let hash = self.hasher.hash_one(der);
        if let Some((_, name)) = self.known.find(hash, |(known, name)| *known == hash && name.der() == der) {
            return Ok(name.clone());
        }
        let name = Name::from_der(der)?;
        if self.known.len() >= self.limit {
            self.known.clear();
        }
        if self.limit > 0 {
            self.known.insert_unique(hash, (hash, name.clone()), |(hash, _)| *hash);
        }
        Ok(name)
    }
}

impl std::fmt::Debug for NameCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameCache").field("known", &self.known.len()).field("limit", &self.limit).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_holds_more_than_its_limit() {
        let mut cache = NameCache::new(1);
        let empty = [0x30, 0];
        let cn = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'x'];
        assert_eq!(cache.read(&cn).unwrap().to_string(), "CN=x");
        assert_eq!(cache.read(&empty).unwrap().to_string(), "");
        assert_eq!(cache.known.len(), 1);
        assert!(cache.read(b"no name").is_err());
    }
}
