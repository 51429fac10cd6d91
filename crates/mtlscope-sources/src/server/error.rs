//! Why nothing can be served, in one line for the person who asked for it.

use std::io;
use std::net::SocketAddr;

use openssl::error::ErrorStack;
use thiserror::Error;

use crate::authority::AuthorityError;
use crate::credential_file::CredentialError;

/// A server that cannot be. Each message names what was tried, why it failed and what to try.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A file that cannot be read.
    #[error(transparent)]
    Credential(#[from] CredentialError),

    /// A throw-away authority that cannot be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),

    /// A file that does not hold what it should.
    #[error("cannot use {name}: {why} ({to_do})")]
    Unusable {
        /// The path as given.
        name: String,
        /// What is wrong with it.
        why: &'static str,
        /// What to try.
        to_do: &'static str,
    },

    /// A place to listen at that cannot be had.
    #[error("cannot listen on {address}: {cause} ({})", to_listen(cause))]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },

    /// What the TLS stack does not take.
    #[error("cannot set up TLS: {reason} ({})", to_set_up(reason))]
    Tls {
        /// What it said.
        reason: String,
    },
}

impl ServeError {
    /// What to call a refusal of the TLS stack.
    pub(super) fn tls(stack: &ErrorStack) -> Self {
        let reason = stack.errors().iter().rev().find_map(openssl::error::Error::reason);
        Self::Tls { reason: reason.unwrap_or("OpenSSL does not say why").to_owned() }
    }
}

/// What to try where listening failed.
pub(crate) fn to_listen(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "another program listens there; port 0 takes any that is free",
        io::ErrorKind::PermissionDenied => "ports below 1024 are for root; try one above",
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => "try another address or port",
    }
}

/// What to try where the TLS stack refused.
fn to_set_up(reason: &str) -> &'static str {
    match reason {
        "ee key too small" | "ca key too small" | "ca md too weak" => "--allow-weak takes it all the same",
        _ => "do the certificate, its key and the revocation list hold what they should?",
    }
}
