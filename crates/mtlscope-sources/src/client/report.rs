//! What came of an attempt, as our own end saw it. The verdict is the engine's, which sees more.

use std::net::SocketAddr;

use mtlscope_dissect::time::Timestamp;

use super::ClientError;
use crate::http::Response;

/// Why no connection came about, and what our end had done until then.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failed {
    /// Why.
    pub error: ClientError,
    /// What our end did, in order.
    pub steps: Vec<Step>,
}

/// Before anything was done.
impl From<ClientError> for Failed {
    fn from(error: ClientError) -> Self {
        Self { error, steps: Vec::new() }
    }
}

/// What our own stack and the system said of one attempt.
#[derive(Clone, Debug)]
pub struct Report {
    /// Our address: what tells this connection from others in the engine.
    pub local: SocketAddr,
    /// The other end of the TCP connection: the server, or the proxy.
    pub peer: SocketAddr,
    /// What is to be known of how it was tried: weak algorithms let in, and the like. Sentences.
    pub notes: Vec<String>,
    /// What our end did, in order.
    pub steps: Vec<Step>,
    /// What the handshake came to; `None` where it failed.
    pub shaken: Option<Shaken>,
    /// Whether the server asked for a certificate, in a handshake that our stack saw so far.
    pub asked: bool,
    /// Whether the server sent a session ticket behind a TLS 1.3 handshake, which most servers do once they took the
    /// client's answer.
    pub ticket: bool,
    /// The last word on the server's chain; `None` where no chain was checked.
    pub chain: Option<Verified>,
    /// Every trouble with the server's chain, in the order of the check.
    pub chain_troubles: Vec<Verified>,
    /// The server's chain as it sent it, DER, its own certificate first.
    pub server_chain: Vec<Vec<u8>>,
    /// The OCSP response that was stapled, DER.
    pub ocsp_response: Option<Vec<u8>>,
    /// The first alert that is no goodbye, from the server.
    pub alert_received: Option<Alert>,
    /// The first alert that is no goodbye, from us.
    pub alert_sent: Option<Alert>,
    /// The answer, if one came.
    pub response: Option<Response>,
    /// How it ended.
    pub ended: Ended,
}

/// A handshake that our stack completed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shaken {
    /// `TLSv1.3`, as OpenSSL says it.
    pub version: String,
    /// The cipher suite, in OpenSSL's words.
    pub cipher: String,
    /// The protocol agreed by ALPN.
    pub alpn: Option<String>,
    /// When it was complete.
    pub time: Timestamp,
}

/// One step of the check of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// How far from the server's own certificate.
    pub depth: u32,
    /// OpenSSL's number (`X509_V_ERR_...`); 0 is well.
    pub code: i32,
    /// What it means.
    pub text: &'static str,
    /// The certificate, DER; only where the plan wants a trace.
    pub certificate: Option<Vec<u8>>,
}

/// An alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alert {
    /// 1 warning, 2 fatal.
    pub level: u8,
    /// Its number.
    pub description: u8,
}

/// Something our end did or met, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// When.
    pub time: Timestamp,
    /// What.
    pub kind: StepKind,
}

/// The kinds of step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// This address is tried.
    Trying(SocketAddr),
    /// It could not be reached, and why.
    Unreachable(SocketAddr, String),
    /// TCP connects.
    Connected(SocketAddr),
    /// A line in clear, of ours: to a proxy, or before STARTTLS.
    ClearSent(String),
    /// A line in clear, of the other end.
    ClearReceived(String),
    /// A state of the handshake, in the words of `openssl s_client -state`.
    State(String),
    /// A step of the check of the server's chain.
    Verify(Verified),
    /// The handshake is complete.
    Shaken,
    /// The request is written; its head.
    Request(String),
    /// The answer's head.
    Response(String),
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The answer came to its end.
    Answered,
    /// No request was to be made, and nobody refused within the time given.
    Quiet,
    /// The handshake failed: what our stack says of it.
    HandshakeFailed(String),
    /// An alert behind the handshake: what our stack says of it.
    Alert(String),
    /// The server closed the connection before it answered.
    Closed,
    /// The server reset the connection before it answered.
    Reset,
    /// The server was silent for too long.
    TimedOut,
    /// The answer is no HTTP, or breaks off: what is wrong.
    Broken(String),
}

impl Report {
    /// The number of the HTTP status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }
}
