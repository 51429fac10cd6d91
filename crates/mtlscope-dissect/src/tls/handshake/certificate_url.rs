//! CertificateURL: the client sends addresses of certificates in place of certificates.
//!
//! RFC 6066 section 5.
//!
//! ```text
//! struct {
//!     CertChainType type;
//!     URLAndHash url_and_hash_list<1..2^16-1>;
//! } CertificateURL;
//!
//! struct {
//!     opaque url<1..2^16-1>;
//!     uint8 padding;
//!     opaque SHA1Hash[20];
//! } URLAndHash;
//! ```

use super::Context;
use crate::reader::{Reader, Trace};

/// Where the client's certificates can be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateUrl {
    /// 0: one address a certificate; 1: one address of a PkiPath.
    pub chain_type: u8,
    /// The addresses.
    pub url_and_hash_list: Vec<UrlAndHash>,
}

/// One address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UrlAndHash {
    /// The address, as sent.
    pub url: Box<[u8]>,
    /// SHA-1 of what is found there.
    pub sha1_hash: [u8; 20],
}

impl CertificateUrl {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, _: &Context) -> Self {
        let chain_type = r.u8("type");
        let url_and_hash_list = r.vector16("url_and_hash_list", |r| {
            let mut list = Vec::new();
            while r.has_more() {
                list.push(r.group("URLAndHash", |r| {
                    let url = r.opaque16("url").into();
                    r.u8("padding");
                    UrlAndHash { url, sha1_hash: r.array("SHA1Hash") }
                }));
            }
            list
        });
        Self { chain_type, url_and_hash_list }
    }
}
