//! Why no connection came about, in one line for the person who asked for it.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

/// An attempt that came to nothing before TLS was spoken, or could not be made at all. Each message says what to do.
/// A refusal is no error: it is what the attempt found out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The name is unknown.
    #[error(
        "cannot resolve {host}: {cause} (check the name; --resolve HOST:PORT:ADDRESS gives an address by hand)"
    )]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        cause: String,
    },

    /// No address of the family wanted.
    #[error("{host} has no {family} address (try without {option})")]
    NoAddress {
        /// The name.
        host: String,
        /// `IPv4` or `IPv6`.
        family: &'static str,
        /// The option that asks for it.
        option: &'static str,
    },

    /// Nobody listens.
    #[error(
        "connection refused by {address}: nothing listens on that port (is the server running, and is the port right?)"
    )]
    Refused {
        /// Whom.
        address: SocketAddr,
    },

    /// TCP fails otherwise.
    #[error("cannot connect to {address}: {cause} (is there a route, and does a firewall let it through?)")]
    Connect {
        /// Whom.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },

    /// Too slow.
    #[error(
        "timed out after {seconds} s {during} (is the address right, and does a firewall drop packets? {option} sets the limit)"
    )]
    TimedOut {
        /// Seconds waited.
        seconds: String,
        /// `while connecting to 192.0.2.1:443`.
        during: String,
        /// The option that sets the limit.
        option: &'static str,
    },

    /// What cannot be used as a proxy.
    #[error("cannot use the proxy {proxy}: {cause}")]
    ProxyUnusable {
        /// As given.
        proxy: String,
        /// Why, and what to do.
        cause: String,
    },

    /// The proxy cannot be reached, or says no.
    #[error("the proxy {proxy} {cause}")]
    Proxy {
        /// As given.
        proxy: String,
        /// What it did, and what to do.
        cause: String,
    },

    /// The talk before TLS failed.
    #[error("STARTTLS by {protocol} failed: {cause}")]
    Starttls {
        /// The protocol.
        protocol: &'static str,
        /// What went wrong, and what to do.
        cause: String,
    },

    /// The other end does not speak TLS.
    #[error("{target} does not answer in TLS: {looks}")]
    NotTls {
        /// Whom.
        target: String,
        /// What it sent instead, and what to do.
        looks: String,
    },

    /// A file of the client's own cannot be read.
    #[error("cannot read {what} {path}: {cause}")]
    File {
        /// `the certificate`, `the private key`, ...
        what: &'static str,
        /// As given.
        path: String,
        /// Why, and what to do.
        cause: String,
    },

    /// A file with a certificate or a key cannot be used.
    #[error(transparent)]
    Credential(crate::credential_file::CredentialError),

    /// They are no pair.
    #[error(
        "the private key {key} does not belong to the certificate {certificate} (their public keys differ: use the key that was made for this certificate, or another certificate)"
    )]
    NoPair {
        /// As given.
        certificate: String,
        /// As given.
        key: String,
    },

    /// A setting that OpenSSL does not take.
    #[error("cannot use {option} {value}: {cause}")]
    Setting {
        /// `--ciphers` and the like.
        option: &'static str,
        /// As given.
        value: String,
        /// Why, and what to do.
        cause: String,
    },

    /// Nothing could even be offered.
    #[error(
        "there is nothing to offer to the server: {cause} (loosen --ciphers, --tls13-ciphers, --curves or the versions)"
    )]
    NothingToOffer {
        /// What OpenSSL said.
        cause: String,
    },

    /// The body cannot be saved.
    #[error("cannot write the answer to its file: {cause} (is there space, and may you?)")]
    Save {
        /// What the system said.
        cause: io::Error,
    },

    /// OpenSSL fails where it should not.
    #[error("OpenSSL failed to {what}: {cause} (this is not the server's doing; please report it)")]
    Stack {
        /// What was tried.
        what: &'static str,
        /// What it said.
        cause: String,
    },
}

impl ClientError {
    pub(super) fn stack(what: &'static str) -> impl Fn(openssl::error::ErrorStack) -> Self {
        move |errors| Self::Stack { what, cause: words(&errors) }
    }
}

/// What OpenSSL says of the last of its errors, without numbers.
pub(super) fn words(errors: &openssl::error::ErrorStack) -> String {
    match errors.errors().first() {
        Some(error) => error.reason().unwrap_or("no reason given").to_owned(),
        None => "no reason given".to_owned(),
    }
}
