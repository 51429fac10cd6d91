//! pre_shared_key: the client would resume with a ticket, or use a key both ends have. TLS 1.3 only.
//!
//! RFC 8446 section 4.2.11. Where the server takes one, nobody sends certificates.
//!
//! ```text
//! struct {
//!     opaque identity<1..2^16-1>;
//!     uint32 obfuscated_ticket_age;
//! } PskIdentity;
//!
//! opaque PskBinderEntry<32..255>;
//!
//! struct {
//!     PskIdentity identities<7..2^16-1>;
//!     PskBinderEntry binders<33..2^16-1>;
//! } OfferedPsks;
//!
//! struct {
//!     select (Handshake.msg_type) {
//!         case client_hello: OfferedPsks;
//!         case server_hello: uint16 selected_identity;
//!     };
//! } PreSharedKeyExtension;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::HandshakeType;

/// Keys offered, or the one taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PreSharedKey {
    /// The client's.
    Offered(Box<OfferedPsks>),
    /// Which of them the server takes, counted from 0.
    Selected(u16),
}

/// Keys offered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferedPsks {
    /// The keys by name, the preferred first.
    pub identities: Vec<PskIdentity>,
    /// The lengths in bytes of the proofs that the client has them, one a key.
    pub binder_lengths: Vec<u8>,
}

/// A key by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PskIdentity {
    /// A ticket, or a name.
    pub identity: Box<[u8]>,
    /// The age of the ticket in milliseconds plus its `age_add`; 0 for a key that is no ticket.
    pub obfuscated_ticket_age: u32,
}

impl PreSharedKey {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Self {
        if message != HandshakeType::CLIENT_HELLO {
            return Self::Selected(r.u16("selected_identity"));
        }
        let identities = r.vector16("identities", |r| {
            let mut identities = Vec::with_capacity(1);
            while r.has_more() {
                identities.push(r.group("PskIdentity", |r| PskIdentity {
                    identity: r.opaque16("identity").into(),
                    obfuscated_ticket_age: r.u32("obfuscated_ticket_age"),
                }));
            }
            identities
        });
        let binder_lengths = r.vector16("binders", |r| {
            let mut lengths = Vec::with_capacity(1);
            while r.has_more() {
                // A binder's length is one byte, so the cast keeps all of it.
                lengths.push(r.opaque8("PskBinderEntry").len() as u8);
            }
            lengths
        });
        Self::Offered(Box::new(OfferedPsks { identities, binder_lengths }))
    }
}
