//! What is to be attempted: to whom, how, and for how long.

use std::time::Duration;

use super::{Credentials, Proxy, Route, Starttls, Tls, Trust};
use crate::http::Request;

/// One attempt. Many attempts may share what costs something to make: [`Tls`].
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whom to reach.
    pub target: Target,
    /// How to get there.
    pub route: Route,
    /// Through whom.
    pub proxy: Option<Proxy>,
    /// What to say in clear before TLS.
    pub starttls: Option<Starttls>,
    /// How to speak TLS.
    pub tls: Tls,
    /// What to ask for; `None`: the handshake is all.
    pub http: Option<Request>,
    /// How long to wait.
    pub limits: Limits,
}

/// A name (or address) and a port.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// Name or address, without the brackets of an IPv6 address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// How to speak TLS: what [`Tls::new`] makes ready.
#[derive(Clone, Debug)]
pub struct TlsPlan {
    /// The lowest version to offer; `None`: TLS 1.2.
    pub min: Option<Version>,
    /// The highest; `None`: the highest there is.
    pub max: Option<Version>,
    /// Cipher suites up to TLS 1.2, in OpenSSL's words.
    pub ciphers: Option<String>,
    /// Cipher suites of TLS 1.3.
    pub ciphersuites: Option<String>,
    /// Groups (`X25519:P-256`).
    pub curves: Option<String>,
    /// Signature algorithms (`RSA-PSS+SHA256:ECDSA+SHA256`).
    pub sigalgs: Option<String>,
    /// Protocols offered by ALPN, the best first; empty: no ALPN.
    pub alpn: Vec<String>,
    /// The client's certificate and key.
    pub credentials: Option<Credentials>,
    /// Whom to trust.
    pub trust: Trust,
    /// Whether a server that fails the check is refused (curl without `-k`).
    pub verify: bool,
    /// The name to ask for (SNI) and to hold the certificate against.
    pub server_name: ServerName,
    /// Whether to ask for a stapled OCSP response.
    pub status: bool,
    /// Whether to offer post_handshake_auth.
    pub post_handshake_auth: bool,
    /// Whether to answer a renegotiation.
    pub renegotiation: bool,
    /// Whether the report tells each state of the handshake and each step of the check of the chain.
    pub trace: bool,
}

impl Default for TlsPlan {
    fn default() -> Self {
        Self {
            min: None,
            max: None,
            ciphers: None,
            ciphersuites: None,
            curves: None,
            sigalgs: None,
            alpn: Vec::new(),
            credentials: None,
            trust: Trust::System,
            verify: true,
            server_name: ServerName::Target,
            status: false,
            post_handshake_auth: true,
            renegotiation: true,
            trace: false,
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Version {
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

/// The name to ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerName {
    /// That of the target, unless it is an address.
    Target,
    /// This one.
    Given(String),
    /// None: no server_name extension. The certificate is held against the target's name all the same.
    Absent,
}

/// How long to wait, for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// For everything: from the first look-up to the end of the answer.
    pub whole: Option<Duration>,
    /// For the way up to TLS: name, TCP, proxy.
    pub connect: Duration,
    /// For the handshake, and for an answer: how long the other end may be silent.
    pub silence: Duration,
    /// Behind a handshake in which the server asked for a certificate: how long it has to say no before a request is
    /// written, on top of two round trips. Less where it says a word earlier.
    pub grace: Duration,
    /// Without a request: how long to wait for the server's last word, at most.
    pub late: Duration,
    /// How much of an answer's body is kept, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole: None,
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            grace: Duration::from_millis(50),
            late: Duration::from_secs(1),
            body: 64 * 1024,
        }
    }
}
