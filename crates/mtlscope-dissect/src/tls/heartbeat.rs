//! Heartbeat: "are you there?", and the same bytes back. RFC 6520.
//!
//! ```text
//! struct {
//!     HeartbeatMessageType type;
//!     uint16 payload_length;
//!     opaque payload[HeartbeatMessage.payload_length];
//!     opaque padding[padding_length];         /* at least 16 bytes */
//! } HeartbeatMessage;
//! ```
//!
//! A request whose payload is said to be longer than it is had OpenSSL 1.0.1 send back what lay behind it in memory:
//! Heartbleed, CVE-2014-0160.

use std::fmt;

/// One heartbeat.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Heartbeat {
    /// 1 asks, 2 answers.
    pub message_type: u8,
    /// The length of its payload in bytes, as it says.
    pub payload_length: u16,
    /// How many bytes there are for payload and padding.
    pub there: u16,
}

impl Heartbeat {
    /// From the content of a record; `None` where it is too short to be one.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let [message_type, high, low, rest @ ..] = content else { return None };
        Some(Self {
            message_type: *message_type,
            payload_length: u16::from_be_bytes([*high, *low]),
            there: u16::try_from(rest.len()).ok()?,
        })
    }

    /// Whether it asks for more than it brings.
    pub fn overreaches(&self) -> bool {
        self.message_type == 1 && self.payload_length > self.there
    }
}

impl fmt::Display for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.message_type {
            1 => "request",
            2 => "response",
            _ => "of an unknown type",
        };
        write!(f, "{kind}, {} bytes", self.payload_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_request_that_overreaches() {
        let harmless = [&[1, 0, 2, 7, 7][..], &[0; 16]].concat();
        let heartbeat = Heartbeat::parse(&harmless).expect("a heartbeat");
        assert_eq!(heartbeat.to_string(), "request, 2 bytes");
        assert!(!heartbeat.overreaches());
        let greedy = Heartbeat::parse(&[1, 0x40, 0]).expect("a heartbeat");
        assert!(greedy.overreaches());
        assert!(!Heartbeat { message_type: 2, ..greedy }.overreaches());
        for end in 0..3 {
            assert_eq!(Heartbeat::parse(&harmless[..end]), None);
        }
        assert_eq!(Heartbeat::parse(&vec![1; 70_000]), None);
    }
}
