//! Why a file with certificates or keys could not be read, in one line for the person who named it.

use std::io;

use thiserror::Error;

/// A file that could not be read. Each message names the file, what is wrong with it, and what to try.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "`name` is the path as given; the rest is said by the message")]
pub enum CredentialError {
    /// There is nothing of this name.
    #[error("cannot open {name}: there is no such file (check the path)")]
    NotFound { name: String },

    /// A directory where a file is wanted.
    #[error("cannot read {name}: it is a directory (name the files in it)")]
    IsDirectory { name: String },

    /// The system forbids it.
    #[error(
        "cannot open {name}: permission denied (keys are often for their owner alone: run as that user, or with sudo)"
    )]
    PermissionDenied { name: String },

    /// Reading failed in some other way.
    #[error("cannot read {name}: {cause} (check the path)")]
    Read { name: String, cause: io::Error },

    /// Nothing in it.
    #[error("cannot read {name}: it is empty (was the export or download finished?)")]
    Empty { name: String },

    /// Too much in it.
    #[error(
        "cannot read {name}: it is larger than any file of keys and certificates (is this the right file?)"
    )]
    TooLarge { name: String },

    /// It is encrypted, and nobody said with what.
    #[error(
        "cannot read {name}: its {what} is encrypted, and no passphrase was given (--pass or --pass-file)"
    )]
    PassphraseNeeded { name: String, what: &'static str },

    /// It is encrypted with another passphrase.
    #[error(
        "cannot read {name}: the passphrase is not that of its {what} (check for a blank or line break at its end)"
    )]
    WrongPassphrase { name: String, what: &'static str },

    /// It is encrypted with something OpenSSL does not know, or does not have inside.
    #[error(
        "cannot read {name}: its {what} is encrypted with an algorithm that is not known here: {cause} (export it anew, with AES-256)"
    )]
    UnknownEncryption { name: String, what: &'static str, cause: String },

    /// It begins like something known and does not go on so.
    #[error("cannot read {name}: its {what} is damaged: {cause} (copy or export it again)")]
    Damaged { name: String, what: String, cause: String },

    /// Nothing of the kind.
    #[error("cannot read {name}: {looks} ({advice})")]
    NotACredential { name: String, looks: String, advice: &'static str },

    /// A passphrase that OpenSSL cannot take.
    #[error("the passphrase holds a zero byte or is longer than 1023 bytes, which OpenSSL takes for none")]
    BadPassphrase,

    /// A passphrase file that cannot be read.
    #[error("cannot read the passphrase from {name}: {cause} (its first line is the passphrase)")]
    PassphraseFile { name: String, cause: String },
}
