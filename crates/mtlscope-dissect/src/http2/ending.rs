//! How one side ends a stream of HTTP/2, or the whole connection: RST_STREAM and GOAWAY. RFC 9113 sections 6.4 and 6.8.
//!
//! ```text
//! RST_STREAM = error code (32)        GOAWAY = reserved (1) last stream (31) error code (32) debug data
//! ```

use std::fmt;

/// Why a stream or a connection of HTTP/2 ends. RFC 9113 section 7; IANA "HTTP/2 Error Code".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ErrorCode(pub u32);

/// The registered names, in the order of their numbers.
const NAMES: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

impl ErrorCode {
    /// All went well.
    pub const NO_ERROR: Self = Self(0);
    /// The one who asked does not want the answer any more.
    pub const CANCEL: Self = Self(8);
    /// The request is to come again over HTTP/1.1: there the server can ask for a certificate late.
    pub const HTTP_1_1_REQUIRED: Self = Self(13);

    /// The registered name, if the number is registered.
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::try_from(self.0).ok()?).copied()
    }

    /// The number behind a registered name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|number| Self(number as u32))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:08x}", self.0),
        }
    }
}

/// A RST_STREAM or a GOAWAY.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// What ends.
    pub of: Ended,
    /// Why.
    pub error: ErrorCode,
}

/// What a frame of HTTP/2 ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ended {
    /// One stream (RST_STREAM).
    Stream,
    /// The connection, once its open streams are done (GOAWAY).
    Connection,
}

impl Ending {
    /// The payload of a RST_STREAM.
    pub(super) fn of_stream(payload: &[u8]) -> Option<Self> {
        let (error, _) = payload.split_first_chunk()?;
        Some(Self { of: Ended::Stream, error: ErrorCode(u32::from_be_bytes(*error)) })
    }

    /// The payload of a GOAWAY.
    pub(super) fn of_connection(payload: &[u8]) -> Option<Self> {
        let (error, _) = payload.get(4..)?.split_first_chunk()?;
        Some(Self { of: Ended::Connection, error: ErrorCode(u32::from_be_bytes(*error)) })
    }

    /// Whether something is wrong: neither did all go well, nor has one side only lost interest.
    pub fn complains(self) -> bool {
        !matches!(self.error, ErrorCode::NO_ERROR | ErrorCode::CANCEL)
    }
}

impl Ended {
    /// The name of the frame that ends it.
    pub const fn frame_name(self) -> &'static str {
        match self {
            Self::Stream => "RST_STREAM",
            Self::Connection => "GOAWAY",
        }
    }
}

/// `RST_STREAM HTTP_1_1_REQUIRED (13)`.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.of.frame_name(), self.error)?;
        match self.error.name() {
            Some(_) => write!(f, " ({})", self.error.0),
            None => Ok(()),
        }
    }
}
