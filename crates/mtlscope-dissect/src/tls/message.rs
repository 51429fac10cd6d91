//! A handshake message as it was seen: what it says, where it was, how it travelled.

use std::sync::Arc;

use crate::event::Protection;
use crate::evidence::Evidence;
use crate::tls::handshake::Body;
use crate::tls::registry::{HandshakeType, ProtocolVersion};
use crate::x509::Certificate;

/// One handshake message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its type.
    pub handshake_type: HandshakeType,
    /// The length its header states: of the body, in bytes.
    pub length: u32,
    /// The version of the record that carried its first byte; the version negotiated once that is known.
    pub version: ProtocolVersion,
    /// What it says.
    pub body: Body,
    /// The certificates of a Certificate or CompressedCertificate message that can be read, in its order.
    pub certificates: Vec<Arc<Certificate>>,
    /// What a CertificateVerify signs.
    pub signed: Option<Signed>,
    /// Where it was.
    pub evidence: Evidence,
    /// How it travelled.
    pub protection: Protection,
    /// The whole message with its four bytes of header, where the dissector was asked to keep it.
    pub bytes: Option<Box<[u8]>>,
}

/// What the signature of a CertificateVerify covers, as far as the transcript was seen whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signed {
    /// The handshake messages so far, hashed with the hash of the signature algorithm (TLS 1.2 and below; MD5 and SHA-1
    /// one after the other where RSA signs in TLS 1.1 and below).
    Hash(Box<[u8]>),
    /// The handshake messages so far, where the algorithm hashes for itself (Ed25519 in TLS 1.2).
    Messages(Box<[u8]>),
    /// The transcript hash of TLS 1.3, from which the signed content is made (RFC 8446 section 4.4.3).
    TranscriptHash(Box<[u8]>),
}
