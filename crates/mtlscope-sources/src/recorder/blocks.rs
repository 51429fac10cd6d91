//! The blocks of a pcapng as they are written: little-endian, times in nanoseconds.
//!
//! The layout stands in `capture_file/pcapng.rs`, which reads them.

use mtlscope_dissect::input::LinkType;
use mtlscope_dissect::time::Timestamp;
use zeroize::Zeroizing;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const TLS_KEY_LOG: u32 = 0x544c_534b;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const USER_APPLICATION: u16 = 4;
const INTERFACE_NAME: u16 = 2;
const RECEIVED: u16 = 4;
const DROPPED: u16 = 5;
const TIME_RESOLUTION: u16 = 9;
/// Ten to the minus nine.
const NANOSECONDS: u8 = 9;

/// Blocks that wait to be written, and the interfaces described so far.
#[derive(Default)]
pub(crate) struct Blocks {
    bytes: Zeroizing<Vec<u8>>,
    interfaces: Vec<LinkType>,
}

impl Blocks {
    pub(crate) fn section_header(&mut self) {
        self.block(SECTION_HEADER, |body| {
            body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
            body.extend([1, 0, 0, 0]); // version 1.0
            body.extend(u64::MAX.to_le_bytes()); // the section's length is not known
            option(body, USER_APPLICATION, concat!("mtlscope ", env!("CARGO_PKG_VERSION")).as_bytes());
            option(body, END_OF_OPTIONS, &[]);
        });
    }

    /// The number of the interface with this link type, described when it is first met.
    pub(crate) fn interface(&mut self, link_type: LinkType) -> u32 {
        let number = self.interfaces.iter().position(|&known| known == link_type).unwrap_or_else(|| {
            self.interfaces.push(link_type);
            self.interface_called("", link_type);
            self.interfaces.len() - 1
        });
        number as u32
    }

    /// Describes an interface with its name, if it has one.
    pub(super) fn interface_called(&mut self, name: &str, link_type: LinkType) {
        self.block(INTERFACE_DESCRIPTION, |body| {
            body.extend(link_type.0.to_le_bytes());
            body.extend([0; 2 + 4]); // reserved; no limit on a packet's length
            if !name.is_empty() {
                option(body, INTERFACE_NAME, name.as_bytes());
            }
            option(body, TIME_RESOLUTION, &[NANOSECONDS]);
            option(body, END_OF_OPTIONS, &[]);
        });
    }

    /// How many packets of an interface there were until then, and how many of them were lost.
    pub(super) fn statistics(&mut self, interface: u32, time: Timestamp, received: u64, dropped: u64) {
        self.block(INTERFACE_STATISTICS, |body| {
            body.extend(interface.to_le_bytes());
            body.extend(ticks(time));
            option(body, RECEIVED, &received.to_le_bytes());
            option(body, DROPPED, &dropped.to_le_bytes());
            option(body, END_OF_OPTIONS, &[]);
        });
    }

    pub(crate) fn secrets(&mut self, lines: &[u8]) {
        self.block(DECRYPTION_SECRETS, |body| {
            body.extend(TLS_KEY_LOG.to_le_bytes());
            body.extend((lines.len() as u32).to_le_bytes());
            padded(body, lines);
        });
    }

    /// A packet in pieces, with a comment where that is not empty.
    pub(crate) fn packet(
        &mut self,
        interface: u32,
        time: Timestamp,
        wire_length: u32,
        pieces: &[&[u8]],
        comment: &str,
    ) {
        let captured: usize = pieces.iter().map(|piece| piece.len()).sum();
        self.block(ENHANCED_PACKET, |body| {
            body.extend(interface.to_le_bytes());
            body.extend(ticks(time));
            body.extend((captured as u32).to_le_bytes());
            body.extend(wire_length.to_le_bytes());
            for piece in pieces {
                body.extend_from_slice(piece);
            }
            pad(body);
            if !comment.is_empty() {
                option(body, COMMENT, comment.as_bytes());
                option(body, END_OF_OPTIONS, &[]);
            }
        });
    }

    /// How much waits, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// All that waits, which stays.
    pub(super) fn waiting(&self) -> &Zeroizing<Vec<u8>> {
        &self.bytes
    }

    /// Nothing waits any more.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// All that waits.
    pub(crate) fn take(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.bytes)
    }

    fn block(&mut self, kind: u32, write_body: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend([0; 4]);
        write_body(&mut self.bytes);
        // All before is a multiple of four, and so is each body.
        let length = ((self.bytes.len() - start + 4) as u32).to_le_bytes();
        self.bytes.extend(length);
        if let Some(place) = self.bytes.get_mut(start + 4..start + 8) {
            place.copy_from_slice(&length);
        }
    }
}

/// Never prints secrets.
impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks")
            .field("bytes", &self.bytes.len())
            .field("interfaces", &self.interfaces)
            .finish()
    }
}

/// A time, upper half first.
fn ticks(time: Timestamp) -> [u8; 8] {
    let ticks = u64::try_from(time.nanoseconds()).unwrap_or_default();
    ticks.rotate_left(32).to_le_bytes()
}

/// A whole Decryption Secrets Block with these lines of a key log, in the byte order of the section it goes into.
pub(crate) fn secrets_block(lines: &[u8], is_big_endian: bool) -> Zeroizing<Vec<u8>> {
    let number = |number: u32| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let length = 20 + lines.len().next_multiple_of(4);
    let mut block = Zeroizing::new(Vec::with_capacity(length));
    for head in [DECRYPTION_SECRETS, length as u32, TLS_KEY_LOG, lines.len() as u32] {
        block.extend(number(head));
    }
    padded(&mut block, lines);
    block.extend(number(length as u32));
    block
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    padded(body, value);
}

fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(bytes);
    pad(body);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}
