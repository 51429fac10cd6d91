//! Why an authority could not be made or stored, in one line for the person who asked for it.

use std::io;
use std::path::PathBuf;

use openssl::error::ErrorStack;
use thiserror::Error;

use crate::error::{printable, printable_text};

/// An authority that could not be made or stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A server name that no certificate should carry.
    #[error("{:?} is no host name and no address (try localhost, www.example.test or 127.0.0.1)", printable_text(.0))]
    BadServerName(String),

    /// A client name that no file can have.
    #[error(
        "{:?} cannot name a client: its files are called so (use letters, digits, dots, hyphens, underscores; at most 64)",
        printable_text(.0)
    )]
    BadClientName(String),

    /// A name given twice, or to a client that others of the files have.
    #[error("the name {0:?} is taken by another file of the authority (choose another)")]
    NameTaken(String),

    /// Dates that no certificate can hold.
    #[error("{0} days is not a time for which certificates can be made (give 1 to 36500)")]
    BadDays(u32),

    /// Something is there already.
    #[error(
        "{} is already there{}; nothing was written (choose another directory, or --force to replace)",
        printable(.first),
        match .others { 0 => String::new(), n => format!(", and {n} more of the files") }
    )]
    AlreadyThere {
        /// The first of what would be overwritten.
        first: PathBuf,
        /// How many more.
        others: usize,
    },

    /// The system did not let us write.
    #[error("cannot write {}: {cause} (is there space, and may you write there?)", printable(.path))]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },

    /// OpenSSL failed.
    #[error("OpenSSL cannot make this: {0}")]
    OpenSsl(#[from] ErrorStack),
}
