//! NewSessionTicket: the server hands out a ticket to come back with, without certificates.
//!
//! TLS 1.3, RFC 8446 section 4.6.1; TLS 1.2, RFC 5077 section 3.3.
//!
//! ```text
//! struct {                                        struct {
//!     uint32 ticket_lifetime;                         uint32 ticket_lifetime_hint;
//!     uint32 ticket_age_add;                          opaque ticket<0..2^16-1>;
//!     opaque ticket_nonce<0..255>;                } NewSessionTicket;            /* TLS 1.2 */
//!     opaque ticket<1..2^16-1>;
//!     Extension extensions<0..2^16-2>;
//! } NewSessionTicket;             /* TLS 1.3 */
//! ```

use super::Context;
use crate::reader::{Reader, Trace};
use crate::tls::extension::Extensions;
use crate::tls::registry::HandshakeType;

/// A ticket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSessionTicket {
    /// How many seconds it is good for; 0 before TLS 1.3: the server does not say.
    pub lifetime: u32,
    /// Hides how old a ticket is when it comes back. `None` before TLS 1.3.
    pub age_add: Option<u32>,
    /// Tells the tickets of one connection apart. Empty before TLS 1.3.
    pub nonce: Box<[u8]>,
    /// The ticket itself.
    pub ticket: Box<[u8]>,
    /// What else is said of it (early data). Empty before TLS 1.3.
    pub extensions: Extensions,
}

impl NewSessionTicket {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        // Without a known version: a TLS 1.2 ticket fills the message behind its lifetime.
        let is_tls13 = context.is_tls13().unwrap_or_else(|| match *r.ahead() {
            [_, _, _, _, high, low, ref rest @ ..] => {
                usize::from(u16::from_be_bytes([high, low])) != rest.len()
            }
            _ => false,
        });
        if is_tls13 {
            Self {
                lifetime: r.u32("ticket_lifetime"),
                age_add: Some(r.u32("ticket_age_add")),
                nonce: r.opaque8("ticket_nonce").into(),
                ticket: r.opaque16("ticket").into(),
                extensions: Extensions::parse(r, HandshakeType::NEW_SESSION_TICKET),
            }
        } else {
            Self {
                lifetime: r.u32("ticket_lifetime_hint"),
                age_add: None,
                nonce: Box::default(),
                ticket: r.opaque16("ticket").into(),
                extensions: Extensions::default(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tls::extension::ExtensionBody;
    use crate::tls::handshake::{Body, vectors};
    use crate::tls::registry::ExtensionType;

    #[test]
    fn tickets_of_both_versions_are_read() {
        let Body::NewSessionTicket(tls12) = vectors::TLS12_NEW_SESSION_TICKET.parse().body else { panic!() };
        assert_eq!((tls12.lifetime, tls12.age_add, tls12.ticket.len()), (300, None, 224));
        let Body::NewSessionTicket(tls13) = vectors::TLS13_NEW_SESSION_TICKET.parse().body else { panic!() };
        assert_eq!((tls13.lifetime, tls13.nonce.len(), tls13.ticket.len()), (7200, 8, 32));
        assert!(tls13.age_add.is_some());
        assert!(matches!(
            tls13.extensions.body(ExtensionType::EARLY_DATA),
            Some(ExtensionBody::EarlyData(Some(_)))
        ));
    }
}
