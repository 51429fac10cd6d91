//! Chains already built. The same certificates are shown in connection after connection; the way up is looked for once.

use std::sync::Arc;

use hashbrown::HashTable;
use mtlscope_dissect::x509::Certificate;

use super::{Chain, SignatureMemo};
use crate::rule::RuleSet;

/// Chains by what they were built from.
#[derive(Debug)]
pub struct ChainMemo {
    known: HashTable<Entry>,
    limit: usize,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    sent: Box<[Arc<Certificate>]>,
    anchors: Box<[Arc<Certificate>]>,
    chain: Arc<Chain>,
    /// The rules that have nothing to say of it, whatever else the connection shows: [`crate::rule::Rule::of_chain`].
    silent: RuleSet,
}

impl ChainMemo {
    /// Remembers at most `limit` chains; when there are more, forgets all and starts anew.
    pub fn new(limit: usize) -> Self {
        Self { known: HashTable::new(), limit }
    }

    /// As [`Chain::build`], from memory where it was asked before.
    pub fn build(
        &mut self,
        sent: &[Arc<Certificate>],
        anchors: &[Arc<Certificate>],
        signatures: &mut SignatureMemo,
    ) -> Option<Arc<Chain>> {
        let hash = hash_of(sent)?;
        if let Some(entry) = self.known.find(hash, |entry| entry.is_of(sent, anchors)) {
            return Some(Arc::clone(&entry.chain));
        }
        let chain = Arc::new(Chain::build(sent, anchors, signatures)?);
        if self.known.len() >= self.limit {
            self.known.clear();
        }
        if self.limit > 0 {
            let silent = RuleSet::default();
            let entry =
                Entry { hash, sent: sent.into(), anchors: anchors.into(), chain: Arc::clone(&chain), silent };
            self.known.insert_unique(hash, entry, |entry| entry.hash);
        }
        Some(chain)
    }

    /// The rules that are known to have nothing to say of this chain.
    pub(crate) fn silent(&self, sent: &[Arc<Certificate>], anchors: &[Arc<Certificate>]) -> RuleSet {
        let known = |hash| self.known.find(hash, |entry| entry.is_of(sent, anchors));
        hash_of(sent).and_then(known).map_or(RuleSet::default(), |entry| entry.silent)
    }

    /// Remembers of this chain that these rules have nothing to say of it, if it was built before.
    pub(crate) fn note_silent(
        &mut self,
        sent: &[Arc<Certificate>],
        anchors: &[Arc<Certificate>],
        silent: RuleSet,
    ) {
        let Some(hash) = hash_of(sent) else { return };
        if let Some(entry) = self.known.find_mut(hash, |entry| entry.is_of(sent, anchors)) {
            entry.silent = entry.silent.and(silent);
        }
    }
}

impl Entry {
    fn is_of(&self, sent: &[Arc<Certificate>], anchors: &[Arc<Certificate>]) -> bool {
        are_same(&self.sent, sent) && are_same(&self.anchors, anchors)
    }
}

impl Default for ChainMemo {
    fn default() -> Self {
        Self::new(1024)
    }
}

/// A fingerprint is as good as a hash.
fn hash_of(sent: &[Arc<Certificate>]) -> Option<u64> {
    sent.first()?.sha256.first_chunk().map(|start| u64::from_le_bytes(*start))
}

/// Mostly they are the very same, since each certificate of an input is read once.
fn are_same(ours: &[Arc<Certificate>], theirs: &[Arc<Certificate>]) -> bool {
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(our, their)| Arc::ptr_eq(our, their) || our == their)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::End;
    use crate::pki::fixtures::*;

    #[test]
    fn the_same_certificates_give_the_same_chain_and_others_another() {
        let (mut memo, mut signatures) = (ChainMemo::new(2), SignatureMemo::default());
        let mut build = |sent: &[Arc<Certificate>], anchors: &[Arc<Certificate>]| {
            memo.build(sent, anchors, &mut signatures).unwrap()
        };
        let lacking = build(&[intleaf()], &[root()]);
        assert!(Arc::ptr_eq(&lacking, &build(&[intleaf()], &[root()])));
        assert_eq!(lacking.ends, End::MissingIssuer(inter().subject.clone()));
        // The leaf alone decides nothing.
        assert_eq!(build(&[intleaf(), inter()], &[root()]).ends, End::Anchor);
        assert_eq!(build(&[intleaf(), inter()], &[]).ends, End::MissingIssuer(root().subject.clone()));
    }

    #[test]
    fn it_never_holds_more_than_its_limit() {
        let (mut memo, mut signatures) = (ChainMemo::new(1), SignatureMemo::default());
        assert!(memo.build(&[good()], &[], &mut signatures).is_some());
        assert!(memo.build(&[intleaf()], &[], &mut signatures).is_some());
        assert_eq!(memo.known.len(), 1);
        assert!(memo.build(&[], &[], &mut signatures).is_none());
    }
}
