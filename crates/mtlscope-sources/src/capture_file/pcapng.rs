//! pcapng: sections of blocks, each block with its type and length, so that unknown ones can be left out.
//!
//! Format: <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html>.
//!
//! ```text
//! Block:                   type (4)  total length (4)  body, padded to 4  total length again (4)
//! Section Header:          byte-order magic (4)  major (2)  minor (2)  section length (8)  options
//! Interface Description:   link type (2)  reserved (2)  snaplen (4)  options
//! Enhanced Packet:         interface (4)  time high (4)  time low (4)  captured (4)  original (4)  packet  options
//! Simple Packet:           original (4)  packet
//! Packet (obsolete):       interface (2)  drops (2)  time high (4)  time low (4)  captured (4)  original (4)  packet  options
//! Decryption Secrets:      secrets type (4)  secrets length (4)  secrets  options
//! ```

mod comment;
mod interface;

use std::ops::Range;

use mtlscope_dissect::time::Timestamp;

use self::interface::Interface;
use super::{ByteOrder, MAX_PACKET, Packet, Step, ended, kept};
use crate::window::Window;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// Type and total length.
const BLOCK_HEADER: usize = 8;
/// Type, total length, and total length again.
const MIN_BLOCK: usize = 12;
const MIN_SECTION_HEADER: usize = 28;
const MIN_INTERFACE_DESCRIPTION: usize = 20;
const MIN_SIMPLE_PACKET: usize = 16;
const MIN_ENHANCED_PACKET: usize = 32;
const MIN_DECRYPTION_SECRETS: usize = 20;
/// Before the packet in an Enhanced Packet Block, and in the obsolete one too.
const ENHANCED_PACKET_HEADER: usize = 28;
const SIMPLE_PACKET_HEADER: usize = 12;
/// Code, length, and the end of options: an option without a value.
const MIN_OPTIONS: usize = 8;

/// How many interfaces of one section are remembered.
const MAX_INTERFACES: usize = 65_536;

/// How to read the blocks of the current section.
#[derive(Debug)]
pub(super) struct PcapNg {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    /// Left of a secrets block: this much key log, then this much else.
    secrets: Option<(u64, u64)>,
    /// Of the packet before. A Simple Packet Block has no time of its own.
    time: Timestamp,
}

/// Whether a file that starts like this is pcapng.
pub(super) fn is_magic(start: &[u8]) -> bool {
    start.starts_with(&SECTION_HEADER.to_be_bytes())
}

fn section_order(magic: [u8; 4]) -> Option<ByteOrder> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find(|order| order.u32(magic) == BYTE_ORDER_MAGIC)
}

impl PcapNg {
    /// Looks at the first section header and leaves it in place. Where it makes no sense, says why.
    pub(super) fn open(window: &mut Window) -> Result<Self, String> {
        window.fill_to(MIN_SECTION_HEADER);
        let start = window.available();
        let Some(&[_, _, _, _, l0, l1, l2, l3, m0, m1, m2, m3, a0, a1, i0, i1]) = start.first_chunk() else {
            return Err(format!("it has {} bytes instead of {MIN_SECTION_HEADER}", start.len()));
        };
        let Some(order) = section_order([m0, m1, m2, m3]) else {
            return Err(format!(
                "its byte-order magic is {m0:02x}{m1:02x}{m2:02x}{m3:02x}, not 1a2b3c4d or 4d3c2b1a"
            ));
        };
        let length = order.u32([l0, l1, l2, l3]);
        if (length as usize) < MIN_SECTION_HEADER {
            return Err(format!("its length is {length}"));
        }
        let (major, minor) = (order.u16([a0, a1]), order.u16([i0, i1]));
        if major != 1 {
            return Err(format!("its version is {major}.{minor}, known is 1.0"));
        }
        if start.len() < MIN_SECTION_HEADER {
            return Err(format!("it has {} bytes instead of {length}", start.len()));
        }
        Ok(Self { order, interfaces: Vec::new(), secrets: None, time: Timestamp::default() })
    }

    #[inline]
    pub(super) fn step(&mut self, window: &mut Window, frames: u64) -> Step {
        loop {
            if self.secrets.is_none() {
                // The common case by itself: a whole Enhanced Packet Block.
                if let Some((packet, options)) = self.enhanced_packet(window) {
                    self.time = packet.time;
                    if options.len() > MIN_OPTIONS
                        && let Some(comment) = comment::of(window.taken(options), self.order)
                    {
                        return Step::Commented(packet, comment);
                    }
                    return Step::Packet(packet);
                }
            }
            if let Some(step) = self.other(window, frames) {
                return step;
            }
        }
    }

    /// The next block, if it is a whole and sound Enhanced Packet Block and in memory; and where its options are.
    #[inline]
    fn enhanced_packet(&self, window: &mut Window) -> Option<(Packet, Range<usize>)> {
        let available = window.available();
        let &header = available.first_chunk::<ENHANCED_PACKET_HEADER>()?;
        let [
            t0,
            t1,
            t2,
            t3,
            l0,
            l1,
            l2,
            l3,
            i0,
            i1,
            i2,
            i3,
            h0,
            h1,
            h2,
            h3,
            o0,
            o1,
            o2,
            o3,
            c0,
            c1,
            c2,
            c3,
            w0,
            w1,
            w2,
            w3,
        ] = header;
        let order = self.order;
        if order.u32([t0, t1, t2, t3]) != ENHANCED_PACKET {
            return None;
        }
        let length = order.u32([l0, l1, l2, l3]) as usize;
        let captured = order.u32([c0, c1, c2, c3]);
        let trailer = available.get(length.checked_sub(4)?..length)?.first_chunk()?;
        if order.u32(*trailer) as usize != length
            || captured as usize > length.checked_sub(MIN_ENHANCED_PACKET)?
        {
            return None;
        }
        let interface = self.interfaces.get(order.u32([i0, i1, i2, i3]) as usize)?;
        let ticks = u64::from(order.u32([h0, h1, h2, h3])) << 32 | u64::from(order.u32([o0, o1, o2, o3]));
        let block = window.advance(length);
        let start = block.start + ENHANCED_PACKET_HEADER;
        let packet = Packet {
            time: interface.time(ticks),
            link_type: interface.link_type,
            wire_length: order.u32([w0, w1, w2, w3]).max(captured),
            place: start..start + captured as usize,
        };
        // Old writers do not pad the packet; then there are no options either.
        let options = start + (captured as usize).next_multiple_of(4)..block.end - 4;
        Some((packet, options))
    }

    /// Everything else. `None` where the block was dealt with and there is nothing to say about it.
    #[cold]
    fn other(&mut self, window: &mut Window, frames: u64) -> Option<Step> {
        if let Some((key_log, rest)) = self.secrets {
            return self.key_log(window, key_log, rest, frames);
        }
        if !window.fill_to(MIN_BLOCK) {
            return Some(ended(window, MIN_BLOCK as u64, "a block header", frames));
        }
        let &[t0, t1, t2, t3, l0, l1, l2, l3, m0, m1, m2, m3] = window.available().first_chunk()?;
        let kind = self.order.u32([t0, t1, t2, t3]);
        // The first section's order is known; a later one may have another, and its length is in that.
        let mut order = self.order;
        if kind == SECTION_HEADER {
            match section_order([m0, m1, m2, m3]) {
                Some(of_section) => order = of_section,
                None => return Some(broken(window, "a section header without byte-order magic", frames)),
            }
        }
        let length = order.u32([l0, l1, l2, l3]);
        if (length as usize) < MIN_BLOCK || !length.is_multiple_of(4) && !is_confirmed(window, order, length)
        {
            let what = format!("a block of type {kind:#x} with the impossible length {length}");
            return Some(broken(window, &what, frames));
        }
        let needed = match kind {
            ENHANCED_PACKET | OBSOLETE_PACKET => MIN_ENHANCED_PACKET,
            SIMPLE_PACKET => MIN_SIMPLE_PACKET,
            INTERFACE_DESCRIPTION => MIN_INTERFACE_DESCRIPTION,
            SECTION_HEADER => MIN_SECTION_HEADER,
            DECRYPTION_SECRETS => return self.secrets_block(window, length, frames),
            _ => return left_out(window, length, None, "a block that is of no concern here", frames),
        };
        let name = name(kind);
        if (length as usize) < needed {
            let why =
                format!("{name} at byte {} is only {length} bytes long and was left out", window.offset());
            return left_out(window, length, Some(why), name, frames);
        }
        if u64::from(length) > MAX_PACKET {
            let why = format!("{name} at byte {} claims {length} bytes and was left out", window.offset());
            return left_out(window, length, Some(why), name, frames);
        }
        let length = length as usize;
        if !window.fill_to(length) {
            return Some(ended(window, length as u64, name, frames));
        }
        let offset = window.offset();
        let place = window.advance(length);
        let block = window.taken(place.clone());
        let step = match kind {
            SECTION_HEADER => {
                self.order = order;
                self.interfaces.clear();
                None
            }
            INTERFACE_DESCRIPTION if self.interfaces.len() == MAX_INTERFACES => Some(Step::Odd(format!(
                "the interface described at byte {offset} is one too many; its packets are left out"
            ))),
            INTERFACE_DESCRIPTION => {
                self.interfaces.extend(Interface::parse(block, order));
                None
            }
            SIMPLE_PACKET => self.simple_packet(block, place.start, offset),
            _ => self.packet(block, kind, place.start, offset),
        };
        let trailer = block.last_chunk().map(|&trailer| order.u32(trailer) as usize);
        if step.is_none() && trailer != Some(length) {
            return Some(Step::Odd(format!(
                "{name} at byte {offset} has the length {length} at its start and {} at its end; the first is believed",
                trailer.unwrap_or_default(),
            )));
        }
        step
    }

    /// An Enhanced Packet Block that is somehow odd, or an obsolete Packet Block. `block` is whole and long enough.
    fn packet(&mut self, block: &[u8], kind: u32, start: usize, offset: u64) -> Option<Step> {
        let order = self.order;
        let &[i0, i1, i2, i3, h0, h1, h2, h3, o0, o1, o2, o3, c0, c1, c2, c3, w0, w1, w2, w3] =
            block.get(BLOCK_HEADER..)?.first_chunk()?;
        let interface = match kind {
            OBSOLETE_PACKET => u32::from(order.u16([i0, i1])),
            _ => order.u32([i0, i1, i2, i3]),
        };
        let captured = order.u32([c0, c1, c2, c3]);
        if captured as usize > block.len().saturating_sub(MIN_ENHANCED_PACKET) {
            return Some(Step::Odd(format!(
                "the packet block at byte {offset} claims {captured} bytes of packet in {} of block and was left out",
                block.len(),
            )));
        }
        let Some(interface) = self.interfaces.get(interface as usize) else {
            return Some(Step::Odd(format!(
                "the packet block at byte {offset} is of interface {interface}, which the capture does not describe, and was \
                 left out"
            )));
        };
        let ticks = u64::from(order.u32([h0, h1, h2, h3])) << 32 | u64::from(order.u32([o0, o1, o2, o3]));
        self.time = interface.time(ticks);
        let packet = Packet {
            time: self.time,
            link_type: interface.link_type,
            wire_length: order.u32([w0, w1, w2, w3]).max(captured),
            place: start + ENHANCED_PACKET_HEADER..start + ENHANCED_PACKET_HEADER + captured as usize,
        };
        let options = ENHANCED_PACKET_HEADER + (captured as usize).next_multiple_of(4)..block.len() - 4;
        Some(match block.get(options).and_then(|options| comment::of(options, order)) {
            Some(comment) => Step::Commented(packet, comment),
            None => Step::Packet(packet),
        })
    }

    /// A Simple Packet Block is of the first interface, and its captured length is what snaplen and block leave.
    fn simple_packet(&self, block: &[u8], start: usize, offset: u64) -> Option<Step> {
        let &original = block.get(BLOCK_HEADER..)?.first_chunk()?;
        let original = self.order.u32(original);
        let Some(interface) = self.interfaces.first() else {
            return Some(Step::Odd(format!(
                "the simple packet block at byte {offset} comes before any interface is described and was left out"
            )));
        };
        let room = block.len().saturating_sub(MIN_SIMPLE_PACKET);
        let captured = (original.min(interface.snaplen) as usize).min(room);
        Some(Step::Packet(Packet {
            time: self.time,
            link_type: interface.link_type,
            wire_length: original,
            place: start + SIMPLE_PACKET_HEADER..start + SIMPLE_PACKET_HEADER + captured,
        }))
    }

    /// The start of a Decryption Secrets Block. Its content is handed out in pieces, for a key log may be large.
    fn secrets_block(&mut self, window: &mut Window, length: u32, frames: u64) -> Option<Step> {
        const HEADER: usize = 16;
        let name = name(DECRYPTION_SECRETS);
        let offset = window.offset();
        if (length as usize) < MIN_DECRYPTION_SECRETS {
            let why = format!("{name} at byte {offset} is only {length} bytes long and was left out");
            return left_out(window, length, Some(why), name, frames);
        }
        if !window.fill_to(HEADER) {
            return Some(ended(window, length.into(), name, frames));
        }
        let &[t0, t1, t2, t3, l0, l1, l2, l3] = window.available().get(BLOCK_HEADER..)?.first_chunk()?;
        let (secrets_type, secrets_length) =
            (self.order.u32([t0, t1, t2, t3]), self.order.u32([l0, l1, l2, l3]));
        let room = length - MIN_DECRYPTION_SECRETS as u32;
        if secrets_type != TLS_KEY_LOG {
            let of = secrets_name(secrets_type);
            let why = format!("{name} at byte {offset} holds {of}, not a TLS key log, and was left out");
            return left_out(window, length, Some(why), name, frames);
        }
        if secrets_length > room {
            let why = format!(
                "{name} at byte {offset} claims {secrets_length} bytes of secrets where {room} fit; it was left out"
            );
            return left_out(window, length, Some(why), name, frames);
        }
        window.advance(HEADER);
        window.holds_secrets();
        self.secrets = Some((secrets_length.into(), u64::from(room - secrets_length) + 4));
        None
    }

    fn key_log(&mut self, window: &mut Window, key_log: u64, rest: u64, frames: u64) -> Option<Step> {
        if let Some(place) = window.take_lines(key_log) {
            self.secrets = Some((key_log - place.len() as u64, rest));
            return Some(Step::Secret(place));
        }
        self.secrets = None;
        let missing = window.skip(key_log + rest);
        (missing > 0).then(|| cut(window, missing, name(DECRYPTION_SECRETS), frames))
    }
}

/// Whether the block ends with its length again. Some old writers (ntar) do not pad blocks to four bytes.
fn is_confirmed(window: &mut Window, order: ByteOrder, length: u32) -> bool {
    let length = length as usize;
    length as u64 <= MAX_PACKET
        && window.fill_to(length)
        && window
            .available()
            .get(length - 4..length)
            .and_then(|trailer| trailer.first_chunk())
            .map(|&t| order.u32(t))
            == Some(length as u32)
}

/// Goes past a block without holding it, and says why where there is something to say.
fn left_out(window: &mut Window, length: u32, why: Option<String>, what: &str, frames: u64) -> Option<Step> {
    let missing = window.skip(length.into());
    if missing > 0 {
        return Some(cut(window, missing, &why.unwrap_or_else(|| what.to_owned()), frames));
    }
    why.map(Step::Odd)
}

/// The stream ended while a block was passed over.
fn cut(window: &Window, missing: u64, what: &str, frames: u64) -> Step {
    match window.failure() {
        Some(_) => ended(window, missing, what, frames),
        None => Step::BrokenOff(format!(
            "the capture ends at byte {} in the middle of a block ({what}): {missing} bytes are missing; {}",
            window.offset(),
            kept(frames),
        )),
    }
}

/// The lengths chain the blocks together; behind a wrong one nothing can be believed.
fn broken(window: &Window, what: &str, frames: u64) -> Step {
    let kept = kept(frames);
    Step::BrokenOff(format!(
        "at byte {} comes {what}: the rest of the capture is not read; {kept}",
        window.offset()
    ))
}

fn name(kind: u32) -> &'static str {
    match kind {
        SECTION_HEADER => "a section header block",
        INTERFACE_DESCRIPTION => "an interface description block",
        DECRYPTION_SECRETS => "a decryption secrets block",
        SIMPLE_PACKET => "a simple packet block",
        OBSOLETE_PACKET => "an obsolete packet block",
        _ => "an enhanced packet block",
    }
}

fn secrets_name(secrets_type: u32) -> String {
    match secrets_type {
        0x5353_484b => "an SSH key log".to_owned(),
        0x5747_4b4c => "a WireGuard key log".to_owned(),
        0x5a4e_574b => "a ZigBee network key".to_owned(),
        0x5a41_5053 => "a ZigBee APS key".to_owned(),
        0x5541_4b4c => "an OPC UA key log".to_owned(),
        _ => format!("secrets of the unknown type {secrets_type:#010x}"),
    }
}
