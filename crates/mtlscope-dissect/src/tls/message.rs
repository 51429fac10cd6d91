//! A handshake message as it was seen: what it says, where it was, how it travelled.

use std::sync::Arc;

use crate::event::Protection;
use crate::evidence::Evidence;
use crate::tls::handshake::Body;
use crate::tls::registry::{HandshakeType, ProtocolVersion};
use crate::tls::signed::Signed;
use crate::x509::{Certificate, Name};

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
    /// The authorities that a CertificateRequest names, as far as they can be read, in its order.
    pub authorities: Vec<Name>,
    /// What the client's CertificateVerify signs, as far as the transcript was seen whole.
    pub signed: Option<Signed>,
    /// Where it was.
    pub evidence: Evidence,
    /// How it travelled.
    pub protection: Protection,
    /// The whole message with its four bytes of header, where the dissector was asked to keep it. Of a hello of SSL 2, with
    /// the two bytes of its length before it.
    pub bytes: Option<Box<[u8]>>,
}

impl Message {
    /// The bytes of a hello in the form of SSL 2, where they were kept: no handshake message of TLS begins so.
    pub fn ssl2_hello(&self) -> Option<&[u8]> {
        self.bytes.as_deref().filter(|bytes| bytes.first().is_some_and(|first| first & 0x80 != 0))
    }
}
