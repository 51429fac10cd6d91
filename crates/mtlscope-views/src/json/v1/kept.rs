//! Texts that come again with the next connection: certificates, authorities, addresses and lists of algorithms of a capture
//! are few. Each is written once and copied.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::hash::Hash;
use std::net::IpAddr;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::tls::registry::SignatureScheme;
use serde::ser::Error;
use serde::{Serialize, Serializer};

use crate::json::line::{Line, Written};

/// Texts of one kind that are kept; beyond, all are let go, and what is in use is soon back.
const LIMIT: usize = 4096;

/// Texts kept from the lines before.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By the hash of the certificate, which another one cannot have.
    pub(super) certificates: Texts<[u8; 32]>,
    /// By the hash of the name.
    pub(super) authorities: Texts<[u8; 32]>,
    pub(super) addresses: Texts<IpAddr>,
    pub(super) algorithms: Texts<Vec<SignatureScheme>>,
}

/// Texts by what they say.
#[derive(Debug)]
pub(super) struct Texts<K>(RefCell<HashMap<K, Box<str>, RandomState>>);

impl<K> Default for Texts<K> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Hash + Eq> Texts<K> {
    /// Serialises the text kept for a key; or makes it of `value`, and keeps it.
    pub(super) fn serialize<Q, T, S>(
        &self,
        key: &Q,
        value: impl FnOnce() -> T,
        serializer: S,
    ) -> Result<S::Ok, S::Error>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        T: Serialize,
        S: Serializer,
    {
        if let Some(text) = self.0.borrow().get(key) {
            return Written(text).serialize(serializer);
        }
        let mut line = Vec::new();
        value().serialize(&mut Line::new(&mut line)).map_err(S::Error::custom)?;
        let text = String::from_utf8(line).map_err(S::Error::custom)?;
        let mut texts = self.0.borrow_mut();
        if texts.len() >= LIMIT {
            texts.clear();
        }
        let text = texts.entry(key.to_owned()).insert(text.into());
        Written(text.get()).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::v1::scalar::Shown;

    struct Address<'a>(IpAddr, &'a Texts<IpAddr>);

    impl Serialize for Address<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.1.serialize(&self.0, || Shown(self.0), serializer)
        }
    }

    #[test]
    fn a_text_is_the_same_whether_it_is_kept_or_not() {
        let texts = Texts::default();
        let mut line = Vec::new();
        for address in ["::1", "192.0.2.1", "::1"] {
            let address = Address(address.parse().unwrap(), &texts);
            address.serialize(&mut Line::new(&mut line)).unwrap();
        }
        assert_eq!(line, br#""::1""192.0.2.1""::1""#);
        assert_eq!(texts.0.borrow().len(), 2);
    }

    #[test]
    fn no_more_are_kept_than_the_limit() {
        let texts = Texts::default();
        for number in 0..LIMIT as u32 + 1 {
            let mut line = Vec::new();
            Address(IpAddr::from(number.to_be_bytes()), &texts).serialize(&mut Line::new(&mut line)).unwrap();
        }
        assert_eq!(texts.0.borrow().len(), 1);
    }
}
