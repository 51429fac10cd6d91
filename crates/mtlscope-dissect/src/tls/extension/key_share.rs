//! key_share: the keys by which both ends agree on a secret. TLS 1.3 only.
//!
//! RFC 8446 section 4.2.8. Only the groups and the lengths are kept, not the keys.
//!
//! ```text
//! struct {
//!     NamedGroup group;
//!     opaque key_exchange<1..2^16-1>;
//! } KeyShareEntry;
//!
//! struct { KeyShareEntry client_shares<0..2^16-1>; } KeyShareClientHello;
//! struct { NamedGroup selected_group; } KeyShareHelloRetryRequest;
//! struct { KeyShareEntry server_share; } KeyShareServerHello;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::{HandshakeType, NamedGroup};

/// Keys offered, or the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyShare {
    /// The client's keys, the preferred first; empty: the client wants to be told which group to use.
    Client(Vec<KeyShareEntry>),
    /// The server's key.
    Server(KeyShareEntry),
    /// The group for which the server wants a key.
    HelloRetryRequest(NamedGroup),
}

/// One key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyShareEntry {
    /// The group it belongs to.
    pub group: NamedGroup,
    /// Its length in bytes.
    pub length: u16,
}

impl KeyShare {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message == HandshakeType::CLIENT_HELLO {
            Self::Client(r.vector16("client_shares", |r| {
                let mut entries = Vec::with_capacity(if r.has_more() { 3 } else { 0 });
                while r.has_more() {
                    entries.push(KeyShareEntry::parse(r));
                }
                entries
            }))
        } else if r.remaining() == 2 {
            // A HelloRetryRequest is a ServerHello, and only in one is this two bytes long.
            Self::HelloRetryRequest(r.registered("selected_group"))
        } else {
            Self::Server(KeyShareEntry::parse(r))
        }
    }
}

impl KeyShareEntry {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        r.group_shown(
            "KeyShareEntry",
            // The length is of two bytes, so the cast keeps all of it.
            |r| Self { group: r.registered("group"), length: r.opaque16("key_exchange").len() as u16 },
            |entry| entry.group.to_string(),
        )
    }
}
