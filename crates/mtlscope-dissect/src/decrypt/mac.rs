//! The MAC of a record whose cipher does not authenticate by itself.
//!
//! TLS, RFC 5246 section 6.2.3.1, and SSL 3.0, RFC 6101 section 5.2.3.1, which came before HMAC and leaves out the
//! version:
//!
//! ```text
//! MAC(MAC_write_key, seq_num + TLSCompressed.type + TLSCompressed.version + TLSCompressed.length +
//!                    TLSCompressed.fragment)
//!
//! hash(MAC_write_secret + pad_2 + hash(MAC_write_secret + pad_1 + seq_num + SSLCompressed.type +
//!                                      SSLCompressed.length + SSLCompressed.fragment))
//! ```

use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use super::open_error::OpenError;
use super::prf::hmac;
use super::suite::MacAlgorithm;
use crate::tls::registry::{ContentType, ProtocolVersion};

/// A MAC with its key set.
#[derive(Clone)]
pub(super) enum RecordMac {
    Md5(Box<Hmac<Md5>>),
    Sha1(Box<Hmac<Sha1>>),
    Sha256(Box<Hmac<Sha256>>),
    Sha384(Box<Hmac<Sha384>>),
    Ssl3Md5(Zeroizing<Vec<u8>>),
    Ssl3Sha1(Zeroizing<Vec<u8>>),
}

impl RecordMac {
    /// Sets the key of a TLS MAC.
    pub(super) fn new(algorithm: MacAlgorithm, key: &[u8]) -> Self {
        match algorithm {
            MacAlgorithm::Md5 => Self::Md5(Box::new(hmac(key))),
            MacAlgorithm::Sha1 => Self::Sha1(Box::new(hmac(key))),
            MacAlgorithm::Sha256 => Self::Sha256(Box::new(hmac(key))),
            MacAlgorithm::Sha384 => Self::Sha384(Box::new(hmac(key))),
        }
    }

    /// Sets the key of an SSL 3.0 MAC; `None` for a hash that SSL 3.0 has not.
    pub(super) fn ssl3(algorithm: MacAlgorithm, key: &[u8]) -> Option<Self> {
        match algorithm {
            MacAlgorithm::Md5 => Some(Self::Ssl3Md5(key.to_vec().into())),
            MacAlgorithm::Sha1 => Some(Self::Ssl3Sha1(key.to_vec().into())),
            MacAlgorithm::Sha256 | MacAlgorithm::Sha384 => None,
        }
    }

    /// Length of the MAC in bytes.
    pub(super) const fn length(&self) -> usize {
        match self {
            Self::Md5(_) | Self::Ssl3Md5(_) => 16,
            Self::Sha1(_) | Self::Ssl3Sha1(_) => 20,
            Self::Sha256(_) => 32,
            Self::Sha384(_) => 48,
        }
    }

    /// Checks the MAC of `parts`, one after the other, in the record that `header` names.
    pub(super) fn check(&self, header: &MacHeader, parts: [&[u8]; 2], tag: &[u8]) -> Result<(), OpenError> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let length = u16::try_from(length).map_err(|_| OpenError::DoesNotAuthenticate)?.to_be_bytes();
        let sequence = header.sequence.to_be_bytes();
        let version = header.version.0.to_be_bytes();
        let message = [&sequence[..], &[header.content_type.0], &version, &length, parts[0], parts[1]];

        let genuine = match self {
            Self::Md5(mac) => verify(&**mac, message, tag),
            Self::Sha1(mac) => verify(&**mac, message, tag),
            Self::Sha256(mac) => verify(&**mac, message, tag),
            Self::Sha384(mac) => verify(&**mac, message, tag),
            Self::Ssl3Md5(key) => ssl3::<Md5, 48>(key, message) == tag,
            Self::Ssl3Sha1(key) => ssl3::<Sha1, 40>(key, message) == tag,
        };
        if genuine { Ok(()) } else { Err(OpenError::DoesNotAuthenticate) }
    }
}

/// What a MAC covers besides the fragment.
#[derive(Clone, Copy)]
pub(super) struct MacHeader {
    pub(super) sequence: u64,
    pub(super) content_type: ContentType,
    pub(super) version: ProtocolVersion,
}

fn verify<M: Mac + Clone>(keyed: &M, message: [&[u8]; 6], tag: &[u8]) -> bool {
    let mut mac = keyed.clone();
    message.iter().for_each(|part| mac.update(part));
    mac.verify_slice(tag).is_ok()
}

fn ssl3<D: Digest, const PAD: usize>(key: &[u8], message: [&[u8]; 6]) -> Vec<u8> {
    let mut inner = D::new().chain_update(key).chain_update([0x36; PAD]);
    let [sequence, content_type, _version, rest @ ..] = message;
    [sequence, content_type].iter().chain(&rest).for_each(|part| inner.update(part));
    D::new().chain_update(key).chain_update([0x5c; PAD]).chain_update(inner.finalize()).finalize().to_vec()
}
