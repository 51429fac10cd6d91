//! trusted_ca_keys: the authorities a client believes, so that the server can choose its certificate. Up to TLS 1.2.
//!
//! RFC 6066 section 6. The server's answer is empty.
//!
//! ```text
//! struct {
//!     TrustedAuthority trusted_authorities_list<0..2^16-1>;
//! } TrustedAuthorities;
//!
//! struct {
//!     IdentifierType identifier_type;
//!     select (identifier_type) {
//!         case pre_agreed: struct {};
//!         case key_sha1_hash: SHA1Hash;
//!         case x509_name: DistinguishedName;
//!         case cert_sha1_hash: SHA1Hash;
//!     } identifier;
//! } TrustedAuthority;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::IdentifierType;

/// One authority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedAuthority {
    /// How it is named.
    pub identifier_type: IdentifierType,
    /// A SHA-1 hash of 20 bytes, a DER name, or nothing.
    pub identifier: Box<[u8]>,
}

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<TrustedAuthority> {
    if !r.has_more() {
        return Vec::new();
    }
    r.vector16("trusted_authorities_list", |r| {
        let mut list = Vec::new();
        while r.has_more() {
            list.push(r.group("TrustedAuthority", |r| {
                let identifier_type = r.registered("identifier_type");
                let identifier = match identifier_type {
                    IdentifierType::PRE_AGREED => Box::default(),
                    IdentifierType::KEY_SHA1_HASH | IdentifierType::CERT_SHA1_HASH => {
                        r.bytes("SHA1Hash", 20).into()
                    }
                    IdentifierType::X509_NAME => r.opaque16("DistinguishedName").into(),
                    // Where an unknown identifier ends nobody knows.
                    _ => r.rest("identifier").into(),
                };
                TrustedAuthority { identifier_type, identifier }
            }));
        }
        list
    })
}
