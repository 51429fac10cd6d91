//! Why nothing can be relayed, in one line for the person who asked for it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use crate::server::to_listen;

/// A relay that cannot be. Each message names what was tried, why it failed and what to try.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RelayError {
    /// A place to listen at that cannot be had.
    #[error("cannot listen on {address}: {cause} ({})", to_listen(cause))]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },

    /// A place for control connections that cannot be had.
    #[error("cannot listen at {}: {cause} (is its directory there, and the path shorter than 108 bytes?)", path.display())]
    Control {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },

    /// All connections would lead back to the relay.
    #[error(
        "{destination} is where the relay itself listens: every connection would lead to another (name another port)"
    )]
    Itself {
        /// As given.
        destination: String,
    },

    /// The system gives no more threads or files.
    #[error("cannot start to relay: {0} (are there too many processes or open files?)")]
    Threads(io::Error),
}
