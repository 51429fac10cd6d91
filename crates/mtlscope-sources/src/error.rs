//! What went wrong with a source, in one line for the person who named it.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::resemblance::Resemblance;

/// A source that cannot be used. Each message names what was tried, on what, why it failed and what to try.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is nothing of this name.
    #[error("cannot open {name}: there is no such file (check the path; quote it if it holds spaces)")]
    NotFound {
        /// The path as given.
        name: String,
    },

    /// A directory where a file is wanted.
    #[error("cannot read {name}: it is a directory (name one file in it)")]
    IsDirectory {
        /// The path as given.
        name: String,
    },

    /// The system forbids it.
    #[error(
        "cannot open {name}: permission denied (captures made by root are often readable by root alone: try `sudo chmod a+r` on it, or `sudo`)"
    )]
    PermissionDenied {
        /// The path as given.
        name: String,
    },

    /// Opening failed in some other way.
    #[error("cannot open {name}: {cause} (check the path)")]
    Open {
        /// The path as given.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// Reading failed before anything could be made of the content.
    #[error(
        "cannot read {name}: {cause} (the file may be damaged, or the disk or pipe broken: try to copy it again)"
    )]
    Read {
        /// The path as given.
        name: String,
        /// What the system or the decompressor said.
        cause: io::Error,
    },

    /// A file that cannot be made.
    #[error(
        "cannot write {name}: {cause} (check that its directory is there and yours to write to, or name another file)"
    )]
    Create {
        /// The path as given.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// A file that would be overwritten.
    #[error("cannot write {name}: there is such a file already (name another, or remove it first)")]
    IsThere {
        /// The path as given.
        name: String,
    },

    /// A file for secrets that others may read.
    #[error(
        "cannot keep others from reading {name}, which would hold keys: {cause} (name a file of your own)"
    )]
    NotPrivate {
        /// The path as given.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// Writing broke off.
    #[error(
        "cannot write to {name} any more: {cause}; what was written before can be read (is the disk full?)"
    )]
    Write {
        /// The path as given.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// A file that cannot be removed.
    #[error("cannot remove {name}: {cause} (remove it by hand)")]
    Remove {
        /// The path as given.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// A file that would be read and written at once.
    #[error("cannot write {name}: it is the capture that is read (name another file)")]
    IsInput {
        /// The path as given.
        name: String,
    },

    /// A pipe where a file is needed.
    #[error(
        "cannot read {name}: it is no file, and it is read more than once (save it first: `cat > trace.pcapng`)"
    )]
    ReadOnlyOnce {
        /// The path as given.
        name: String,
    },

    /// Nothing in it.
    #[error(
        "cannot read {name}: it is empty (is the program that writes it done, or does it still buffer? tcpdump: `-U`)"
    )]
    Empty {
        /// The path as given.
        name: String,
    },

    /// A person's keyboard where a pipe is wanted.
    #[error("cannot read a capture from the terminal (pipe one in: `tcpdump -w - | mtlscope read -`)")]
    Terminal,

    /// Not a capture that can be read.
    #[error("cannot read {name} as a capture: {} ({})", resemblance.looks, resemblance.to_read_packets)]
    NotACapture {
        /// The path as given.
        name: String,
        /// What it looks like instead.
        resemblance: Resemblance,
    },

    /// A capture whose header makes no sense.
    #[error(
        "cannot read {name}: its {format} header is broken: {what} (try `editcap -F pcapng in out`, or capture again)"
    )]
    BrokenHeader {
        /// The path as given.
        name: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// What is wrong with it.
        what: String,
    },

    /// Not a key log.
    #[error("cannot read {name} as a key log: {} ({})", resemblance.looks, resemblance.to_read_keys)]
    NotAKeyLog {
        /// The path as given.
        name: String,
        /// What it looks like instead.
        resemblance: Resemblance,
    },
}

impl SourceError {
    /// What to call a failure to make or open `path` for writing.
    pub(crate) fn creating(path: &Path, cause: io::Error) -> Self {
        Self::Create { name: printable(path), cause }
    }

    /// What to call a failure to keep others from reading `path`.
    pub(crate) fn making_private(path: &Path, cause: io::Error) -> Self {
        Self::NotPrivate { name: printable(path), cause }
    }

    /// What to call a failure to open `path`.
    pub(crate) fn opening(path: &Path, cause: io::Error) -> Self {
        let name = printable(path);
        match cause.kind() {
            io::ErrorKind::NotFound => Self::NotFound { name },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { name },
            io::ErrorKind::IsADirectory => Self::IsDirectory { name },
            _ => Self::Open { name, cause },
        }
    }
}

/// A path fit for one line of a terminal: a file name may hold line breaks and escape sequences.
pub(crate) fn printable(path: &Path) -> String {
    printable_text(&path.to_string_lossy())
}

/// Text from outside, fit for one line of a terminal.
pub(crate) fn printable_text(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_message_on_one_line_whatever_the_file_is_called() {
        let error = SourceError::opening(Path::new("a\nb\x1b[2J.pcap"), io::ErrorKind::NotFound.into());
        let text = error.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.contains("a\\nb") && text.contains("no such file"), "{text}");
    }
}
