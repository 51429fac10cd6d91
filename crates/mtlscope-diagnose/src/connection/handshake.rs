//! A handshake: initial, renegotiated, or a request after the handshake; and what it tells of both identities.

use std::sync::Arc;

use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::tls::extension::OidFilter;
use mtlscope_dissect::tls::registry::{
    CipherSuite, ClientCertificateType, NamedGroup, ProtocolVersion, SignatureScheme,
};
use mtlscope_dissect::tls::signed::Signed;
use mtlscope_dissect::x509::{Certificate, Name};

use super::{Choice, Offer};
use crate::keyless::Inference;
use crate::observed::Observed;
use crate::pki::SignatureCheck;

/// One handshake of a connection.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Its place in the connection's list.
    pub index: usize,
    /// Which kind it is.
    pub kind: HandshakeKind,
    /// The ClientHello (for a post-handshake request: that of the initial handshake is not repeated, so `NotSent`).
    pub client_hello: Observed<Evidence>,
    /// The ServerHello, not a HelloRetryRequest.
    pub server_hello: Observed<Evidence>,
    /// What the last ClientHello of it offers, where its content was seen.
    pub offer: Option<Arc<Offer>>,
    /// What the ServerHello chooses, where its content was seen (for a post-handshake request: of the initial handshake).
    pub choice: Option<Arc<Choice>>,
    /// The version negotiated.
    pub version: Observed<ProtocolVersion>,
    /// The cipher suite negotiated.
    pub cipher_suite: Observed<CipherSuite>,
    /// The key exchange group negotiated, where a message names it.
    pub group: Observed<NamedGroup>,
    /// The name the client asked for (SNI). `NotSent` where the ClientHello has none.
    pub server_name: Observed<String>,
    /// The protocol negotiated by ALPN. `NotSent` where none was.
    pub alpn: Observed<String>,
    /// How the session was resumed; `NotSent` for a full handshake.
    pub resumption: Observed<Resumption>,
    /// The server's own certificates.
    pub server_identity: Observed<ServerIdentity>,
    /// The server's CertificateRequest.
    pub request: Observed<Request>,
    /// The client's Certificate message. Empty `certificates`: it answered with none. `NotSent`: it sent no Certificate
    /// message.
    pub answer: Observed<Answer>,
    /// The client's CertificateVerify. `NotSent` where the answer was seen and no proof followed.
    pub proof: Observed<Proof>,
    /// The client's Finished (sealed ones count where the order of records leaves no doubt: TLS 1.2 and below).
    pub client_finished: Observed<Evidence>,
    /// The server's Finished; likewise.
    pub server_finished: Observed<Evidence>,
    /// What the lengths of sealed records tell of the request and the answer, where these are hidden: never more than likely.
    pub inferred: Option<Box<Inference>>,
}

/// Which kind of handshake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HandshakeKind {
    /// The first of the connection.
    Initial,
    /// A later one in the same connection, TLS 1.2 and below.
    Renegotiation,
    /// A CertificateRequest after the handshake, TLS 1.3 (RFC 8446 section 4.6.2).
    PostHandshake,
}

/// How a session was resumed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Resumption {
    /// By session id (RFC 5246 section 7.3).
    SessionId,
    /// By session ticket (RFC 5077).
    Ticket,
    /// By pre-shared key (RFC 8446 section 2.2).
    PreSharedKey,
}

/// What the server showed of itself.
#[derive(Clone, Debug)]
pub struct ServerIdentity {
    /// Its Certificate message.
    pub evidence: Evidence,
    /// How that travelled.
    pub protection: Protection,
    /// Its chain, leaf first.
    pub certificates: Vec<Arc<Certificate>>,
}

/// What the server asked the client for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its CertificateRequest message.
    pub evidence: Evidence,
    /// How that travelled.
    pub protection: Protection,
    /// The authorities it named, all of them. Empty: any will do.
    pub authorities: Box<[Name]>,
    /// The certificate types it takes (TLS 1.2 and below).
    pub certificate_types: Box<[ClientCertificateType]>,
    /// The signature algorithms it takes (TLS 1.2 and 1.3).
    pub signature_algorithms: Box<[SignatureScheme]>,
    /// The signature algorithms it takes inside certificates, where told apart (`signature_algorithms_cert`).
    pub signature_algorithms_cert: Box<[SignatureScheme]>,
    /// What the certificate's extensions must hold (`oid_filters`, TLS 1.3).
    pub oid_filters: Box<[OidFilter]>,
    /// Whether it was only named, by a printout: what it asks for is not known, and every list above is empty.
    pub only_named: bool,
}

/// What the client answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its Certificate message; for SSL 3.0 the `no_certificate` alert.
    pub evidence: Evidence,
    /// How that travelled.
    pub protection: Protection,
    /// Its chain, leaf first. Empty: it has none to give.
    pub certificates: Vec<Arc<Certificate>>,
    /// Entries of the message that are no readable X.509 certificate (raw public keys, garbage).
    pub unreadable: usize,
}

/// The client's proof that it holds the private key.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Its CertificateVerify message.
    pub evidence: Evidence,
    /// The algorithm it names; `None` in TLS 1.1 and below.
    pub algorithm: Option<SignatureScheme>,
    /// The signature.
    pub signature: Box<[u8]>,
    /// What it covers, where the whole transcript was seen.
    pub signed: Option<Signed>,
    /// Whether the key of the client's certificate made the signature. `None`: not checked, since nothing hung on it, or
    /// not checkable.
    pub checked: Option<SignatureCheck>,
}
