//! A TCP segment's header. RFC 9293 section 3.1.
//!
//! ```text
//! source port(2) destination port(2) sequence number(4) acknowledgment number(4) data offset(4 bits) reserved flags
//! window(2) checksum(2) urgent pointer(2) options payload
//! ```
//!
//! Checksums are not looked at: offload leaves them wrong in captures made on the sending host.

use crate::net::Datagram;

/// A segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence_number: u32,
    pub(crate) acknowledgment_number: u32,
    flags: u8,
    /// What was captured of the payload.
    pub(crate) payload: &'a [u8],
    /// Payload bytes that the capture cut off (snaplen).
    pub(crate) missing: u32,
}

impl<'a> Segment<'a> {
    #[inline]
    pub(crate) fn read(datagram: &Datagram<'a>) -> Option<Self> {
        let bytes = datagram.payload;
        let header = bytes.first_chunk::<20>()?;
        let header_length = usize::from(header[12] >> 4) * 4;
        if header_length < 20 {
            return None;
        }
        // A capture that cuts inside the options still tells where the payload would begin.
        let payload = bytes.get(header_length..).unwrap_or(&[]);
        let stated = datagram.stated_length.checked_sub(header_length)?;
        Some(Self {
            source_port: u16::from_be_bytes([header[0], header[1]]),
            destination_port: u16::from_be_bytes([header[2], header[3]]),
            sequence_number: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            acknowledgment_number: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            flags: header[13],
            payload,
            missing: stated.saturating_sub(payload.len()) as u32,
        })
    }

    #[inline]
    pub(crate) fn fin(&self) -> bool {
        self.flags & 0x01 != 0
    }

    #[inline]
    pub(crate) fn syn(&self) -> bool {
        self.flags & 0x02 != 0
    }

    #[inline]
    pub(crate) fn rst(&self) -> bool {
        self.flags & 0x04 != 0
    }

    #[inline]
    pub(crate) fn ack(&self) -> bool {
        self.flags & 0x10 != 0
    }
}
