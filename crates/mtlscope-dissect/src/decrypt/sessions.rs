//! Master secrets by the session they belong to, for connections that resume one: up to TLS 1.2 such a connection has no
//! key exchange of its own.
//!
//! Session ids, RFC 5246 section 7.4.1.2; tickets, RFC 5077.

use std::collections::VecDeque;
use std::fmt;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::input::SecretOrigin;

/// Sessions remembered; the eldest are forgotten.
const REMEMBERED: usize = 16_384;

/// A master secret, and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterSecret {
    /// The secret.
    pub bytes: Zeroizing<[u8; 48]>,
    /// By what it was found.
    pub origin: SecretOrigin,
}

/// What names a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionName<'a> {
    /// The id in the ServerHello.
    Id(&'a [u8]),
    /// The ticket in the ClientHello.
    Ticket(&'a [u8]),
}

/// The sessions whose master secret is known.
#[derive(Default)]
pub struct Sessions {
    by_name: HashMap<[u8; 32], MasterSecret, RandomState>,
    order: VecDeque<[u8; 32]>,
}

impl SessionName<'_> {
    /// One length for both kinds, since tickets are long. `None` for the empty name of no session.
    pub fn digest(self) -> Option<[u8; 32]> {
        let (kind, bytes) = match self {
            Self::Id(bytes) => (0, bytes),
            Self::Ticket(bytes) => (1, bytes),
        };
        let digest = Sha256::new().chain_update([kind]).chain_update(bytes).finalize();
        (!bytes.is_empty()).then(|| digest.into())
    }
}

impl Sessions {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The secret of a session, by the digest of its name.
    pub fn get(&self, name: &[u8; 32]) -> Option<&MasterSecret> {
        self.by_name.get(name)
    }

    /// Remembers a session's secret.
    pub fn remember(&mut self, name: [u8; 32], secret: MasterSecret) {
        if self.by_name.insert(name, secret).is_some() {
            return;
        }
        self.order.push_back(name);
        if self.order.len() > REMEMBERED
            && let Some(eldest) = self.order.pop_front()
        {
            self.by_name.remove(&eldest);
        }
    }
}

/// Never prints the secret.
impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterSecret").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Never prints the secrets.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("known", &self.by_name.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_no_ticket_and_no_name_is_none() {
        assert_ne!(SessionName::Id(b"x").digest(), SessionName::Ticket(b"x").digest());
        assert_eq!(SessionName::Id(b"").digest(), None);
        assert_eq!(SessionName::Ticket(b"").digest(), None);
    }

    #[test]
    fn forgets_the_eldest() {
        let secret = MasterSecret { bytes: Zeroizing::new([0xab; 48]), origin: SecretOrigin::RsaKey };
        assert!(!format!("{secret:?}").contains("171"));
        let mut sessions = Sessions::default();
        let name = |number: usize| SessionName::Id(&number.to_be_bytes()).digest().expect("a name");
        for number in 0..REMEMBERED + 2 {
            sessions.remember(name(number), secret.clone());
            sessions.remember(name(number), secret.clone());
        }
        assert_eq!(sessions.by_name.len(), REMEMBERED);
        assert!(sessions.get(&name(1)).is_none() && sessions.get(&name(2)) == Some(&secret));
    }
}
