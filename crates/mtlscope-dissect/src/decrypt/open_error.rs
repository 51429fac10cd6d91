//! Why a record did not open.

use std::fmt;

/// Why a record did not open. The record's bytes are untouched; another key or sequence number may be tried on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The fragment is shorter than its nonce, tag, MAC and padding, or not whole cipher blocks.
    TooShort,
    /// The tag or MAC is wrong: another key, another sequence number, or bytes that changed on the way.
    DoesNotAuthenticate,
    /// The padding is not what the protocol asks for. With CBC before encrypt-then-MAC this is how most wrong keys show.
    BadPadding,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the record is too short for its cipher",
            Self::DoesNotAuthenticate => "the record does not authenticate",
            Self::BadPadding => "the record's padding is wrong",
        })
    }
}

impl std::error::Error for OpenError {}
