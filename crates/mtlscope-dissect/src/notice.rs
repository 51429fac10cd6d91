//! What was odd or missing in the traffic. News, never an error.

use std::fmt;
use std::net::IpAddr;

use crate::evidence::{Evidence, FrameNumber};
use crate::side::Side;

/// One oddity, and where it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What was odd.
    pub kind: NoticeKind,
    /// The frame in which it showed; `None` where it belongs to no frame.
    pub frame: Option<FrameNumber>,
}

impl Notice {
    /// A notice at the frame of some evidence.
    pub fn at(kind: NoticeKind, evidence: &Evidence) -> Self {
        Self { kind, frame: evidence.frame }
    }
}

/// The kinds of oddity. Their `Display` is a sentence for the user.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoticeKind {
    /// A link type we do not read; counted once a type.
    UnknownLinkType(u16),
    /// Frames of IEEE 802.11 that are encrypted; told once.
    EncryptedWifi,
    /// IP fragments that were not put together.
    FragmentsGivenUp {
        /// Who sent them.
        source: IpAddr,
        /// To whom.
        destination: IpAddr,
        /// What was wrong with them.
        why: &'static str,
    },
    /// More datagrams in fragments were given up than were told.
    FragmentsUntold {
        /// How many.
        datagrams: u64,
    },
    /// The first packet of the connection is not in the capture.
    StartMissing,
    /// Bytes of a stream are not in the capture.
    Gap {
        /// Whose bytes.
        side: Side,
        /// How many.
        length: u64,
    },
    /// The capture kept only the head of a packet (snaplen).
    Snapped {
        /// Whose bytes.
        side: Side,
        /// How many are missing.
        length: u64,
    },
    /// Bytes in clear stood before the first TLS record.
    ClearTextBefore {
        /// Whose bytes.
        side: Side,
        /// How many.
        length: u64,
    },
    /// What followed is no TLS record; reading goes on at the next one.
    NotARecord {
        /// Whose bytes.
        side: Side,
        /// How many were skipped.
        skipped: u64,
    },
    /// A message ends before its fields do.
    Truncated {
        /// The message or extension.
        what: &'static str,
    },
    /// A message goes on behind its last field.
    TrailingBytes {
        /// The message or extension.
        what: &'static str,
        /// How many bytes.
        length: usize,
    },
    /// A certificate that is no X.509 DER.
    CertificateUnreadable {
        /// What the parser said.
        why: String,
    },
    /// Keys were given, but none for this connection.
    NoKeysForConnection {
        /// The client random that was looked for, in hex.
        client_random: String,
        /// How many randoms the given keys hold.
        randoms_known: usize,
    },
    /// There is a key for this record, and it does not open it.
    KeyDoesNotFit {
        /// Whose record.
        side: Side,
    },
    /// The cipher suite is one we cannot open.
    CipherSuiteNotOpened {
        /// Its number.
        cipher_suite: u16,
    },
    /// A limit was reached; something was let go.
    LimitReached {
        /// Which limit, in words.
        what: &'static str,
    },
    /// Words of the source: a truncated tail, a skipped block.
    Source(String),
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLinkType(number) => write!(f, "packets of link type {number} are not read"),
            Self::EncryptedWifi => f.write_str(
                "frames of IEEE 802.11 are encrypted and were not read; decrypt them first, or capture behind the radio",
            ),
            Self::FragmentsGivenUp { source, destination, why } => {
                write!(f, "IP fragments from {source} to {destination} were not put together: {why}")
            }
            Self::FragmentsUntold { datagrams } => {
                write!(f, "the fragments of {datagrams} more IP packets were not put together")
            }
            Self::StartMissing => f.write_str("the capture starts after this connection began"),
            Self::Gap { side, length } => {
                write!(f, "{length} bytes from the {side} are not in the capture")
            }
            Self::Snapped { side, length } => {
                write!(
                    f,
                    "the capture kept only the head of a packet: {length} bytes from the {side} are missing"
                )
            }
            Self::ClearTextBefore { side, length } => {
                write!(f, "{length} bytes in clear from the {side} stand before the first TLS record")
            }
            Self::NotARecord { side, skipped } => {
                write!(f, "{skipped} bytes from the {side} are no TLS record and were skipped")
            }
            Self::Truncated { what } => write!(f, "{what} ends before its last field"),
            Self::TrailingBytes { what, length } => {
                write!(f, "{what} has {length} bytes behind its last field")
            }
            Self::CertificateUnreadable { why } => write!(f, "a certificate cannot be read: {why}"),
            Self::NoKeysForConnection { client_random, randoms_known } => write!(
                f,
                "no key for client random {client_random}; the keys given hold {randoms_known} other random{}",
                if *randoms_known == 1 { "" } else { "s" }
            ),
            Self::KeyDoesNotFit { side } => {
                write!(f, "the key given for this connection does not open a record of the {side}")
            }
            Self::CipherSuiteNotOpened { cipher_suite } => {
                write!(
                    f,
                    "records of cipher suite 0x{cipher_suite:04x} cannot be opened, though a key is there"
                )
            }
            Self::LimitReached { what } => write!(f, "limit reached: {what}"),
            Self::Source(text) => f.write_str(text),
        }
    }
}
