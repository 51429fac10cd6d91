//! HTTP/2 inside a connection, one direction: its first request or final response, and how it ends streams and the
//! connection. Enough to say what was asked and how it was answered. RFC 9113.
//!
//! ```text
//! frame = length (24) type (8) flags (8) reserved (1) stream (31) payload
//! ```

mod ending;
mod hpack;

pub use ending::{Ended, Ending, ErrorCode};

use std::collections::VecDeque;

use hpack::{Decoder, Field};

/// What a client says first. Section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes before a frame's payload.
const FRAME_HEADER: usize = 9;
/// Bytes of a direction that are looked at for its first message, at most.
const LOOKED_AT: usize = 128 * 1024;
/// Endings of a direction that are told, at most.
const ENDINGS: u8 = 8;
/// Bytes of a frame's payload or of a header block that are kept, at most.
const KEPT: usize = 16 * 1024;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// One direction, as far as it is looked at.
#[derive(Debug)]
pub(crate) struct Http2 {
    /// What came and is not yet a whole frame.
    pending: Vec<u8>,
    /// Payload of a frame too long to keep that is still to come.
    skip: usize,
    is_behind_preface: bool,
    looked_at: usize,
    decoder: Decoder,
    /// A header block whose continuation is still to come, and its stream.
    block: Option<(u32, Vec<u8>)>,
    message: Option<Message>,
    /// Whether the first message was given: from there on only endings are looked for.
    is_given: bool,
    /// Endings that are still to be given.
    endings: VecDeque<Ending>,
    /// How many were found.
    endings_found: u8,
}

#[derive(Debug)]
struct Message {
    stream: u32,
    text: Vec<u8>,
}

impl Http2 {
    /// Whether a direction that begins so speaks HTTP/2; `None` if more must be seen.
    pub(crate) fn begins(head: &[u8]) -> Option<bool> {
        if head.len() < PREFACE.len() && PREFACE.starts_with(head) {
            return None;
        }
        if head.starts_with(PREFACE) {
            return Some(true);
        }
        // A server begins with SETTINGS, six bytes for each, of no stream. Section 3.4.
        let Some((header, _)) = head.split_first_chunk::<FRAME_HEADER>() else {
            return if head.starts_with(&[0, 0]) { None } else { Some(false) };
        };
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
        let is_settings = header[3] == SETTINGS && header[4] == 0 && header[5..] == [0; 4];
        Some(is_settings && length.is_multiple_of(6) && length < 1024)
    }

    pub(crate) fn new() -> Self {
        Self {
            pending: Vec::new(),
            skip: 0,
            is_behind_preface: false,
            looked_at: 0,
            decoder: Decoder::new(),
            block: None,
            message: None,
            is_given: false,
            endings: VecDeque::new(),
            endings_found: 0,
        }
    }

    /// Takes what follows. Gives the first request or final response, once it is there, written as HTTP/1.1 would be:
    /// `GET /path HTTP/2` or `HTTP/2 403`, the fields, an empty line, and what came of the body with it.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.looked_at = self.looked_at.saturating_add(bytes.len());
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.pending.extend_from_slice(bytes.get(skipped..).unwrap_or_default());
        if !self.is_behind_preface && PREFACE.starts_with(&self.pending) && self.pending.len() < PREFACE.len()
        {
            return None;
        }
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        if !std::mem::replace(&mut self.is_behind_preface, true) {
            rest = rest.strip_prefix(PREFACE).unwrap_or(rest);
        }
        while let Some((header, behind)) = rest.split_first_chunk::<FRAME_HEADER>() {
            let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
            let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]) & 0x7fff_ffff;
            let Some((payload, next)) = behind.split_at_checked(length) else {
                if length > KEPT || !self.is_wanted(header[3]) {
                    self.skip = length - behind.len();
                    rest = &[];
                }
                break;
            };
            self.frame(header[3], header[4], stream, payload);
            rest = next;
        }
        self.pending = rest.to_vec();
        let message = self.message.take()?;
        self.is_given = true;
        // What headers that follow would refer to is not needed any more.
        self.decoder = Decoder::new();
        Some(message.text)
    }

    /// How a stream or the connection was ended, for each time that was seen.
    pub(crate) fn take_ending(&mut self) -> Option<Ending> {
        self.endings.pop_front()
    }

    /// Whether the first message was given, or is not to be found any more.
    pub(crate) fn has_spoken(&self) -> bool {
        self.is_given || self.is_done()
    }

    /// Whether nothing more is looked for.
    pub(crate) fn is_done(&self) -> bool {
        self.looked_at > LOOKED_AT || self.endings_found >= ENDINGS
    }

    /// Whether frames of this kind are looked at. What is not is stepped over, and not kept.
    fn is_wanted(&self, kind: u8) -> bool {
        match kind {
            RST_STREAM | GOAWAY => true,
            DATA | HEADERS | CONTINUATION => !self.is_given,
            _ => false,
        }
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let ending = match kind {
            RST_STREAM => Ending::of_stream(payload),
            GOAWAY => Ending::of_connection(payload),
            _ => None,
        };
        if let Some(ending) = ending.filter(|_| self.endings_found < ENDINGS) {
            self.endings_found += 1;
            return self.endings.push_back(ending);
        }
        if !self.is_wanted(kind) {
            return;
        }
        match (kind, &mut self.block, &mut self.message) {
            (HEADERS, None, None) => {
                let mut block = unpadded(flags, payload);
                if flags & PRIORITY != 0 {
                    block = block.get(5..).unwrap_or_default();
                }
                self.block = Some((stream, block.get(..KEPT).unwrap_or(block).to_vec()));
                self.end_block(flags);
            }
            (CONTINUATION, Some((begun, block)), None) if *begun == stream => {
                let room = KEPT.saturating_sub(block.len());
                block.extend_from_slice(payload.get(..room).unwrap_or(payload));
                self.end_block(flags);
            }
            (DATA, None, Some(message)) if message.stream == stream => {
                let body = unpadded(flags, payload);
                let room = KEPT.saturating_sub(message.text.len());
                message.text.extend_from_slice(body.get(..room).unwrap_or(body));
            }
            _ => {}
        }
    }

    fn end_block(&mut self, flags: u8) {
        if flags & END_HEADERS == 0 {
            return;
        }
        let Some((stream, block)) = self.block.take() else { return };
        let (fields, _) = self.decoder.decode(&block);
        self.message = written(&fields).map(|text| Message { stream, text });
    }
}

/// The payload of HEADERS or DATA without its padding. Sections 6.1 and 6.2.
fn unpadded(flags: u8, payload: &[u8]) -> &[u8] {
    match payload.split_first() {
        Some((&padding, rest)) if flags & PADDED != 0 => {
            rest.get(..rest.len().saturating_sub(usize::from(padding))).unwrap_or_default()
        }
        _ => payload,
    }
}

/// A header block as the head of HTTP/1.1; `None` for an interim response (1xx) or none of both.
fn written(fields: &[Field]) -> Option<Vec<u8>> {
    let field = |name: &[u8]| fields.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_slice());
    let mut text = match (field(b":status"), field(b":method")) {
        (Some(status), _) if status.starts_with(b"1") => return None,
        (Some(status), _) => [b"HTTP/2 ".as_slice(), status, b"\r\n"].concat(),
        (None, Some(method)) => {
            let path = field(b":path").or_else(|| field(b":authority")).unwrap_or(b"*");
            let line = [method, b" ", path, b" HTTP/2\r\n"].concat();
            match field(b":authority") {
                Some(authority) => [&line, b"host: ".as_slice(), authority, b"\r\n"].concat(),
                None => line,
            }
        }
        (None, None) => return None,
    };
    for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with(b":")) {
        text.extend_from_slice(name);
        text.extend_from_slice(b": ");
        text.extend_from_slice(value);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        frame
    }

    /// What a server says: its settings, an interim response, then 403 with a padded body.
    fn response() -> Vec<u8> {
        let mut bytes = frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]);
        bytes.extend(frame(HEADERS, END_HEADERS, 1, &[0x08, 3, b'1', b'0', b'3']));
        bytes.extend(frame(HEADERS, 0, 1, &[0x48, 3, b'4']));
        bytes.extend(frame(CONTINUATION, END_HEADERS, 1, &[b'0', b'3', 0x5b, 1, b'5']));
        bytes.extend(frame(DATA, PADDED | 1, 1, &[2, b'n', b'o', b' ', b'!', b'!', 0, 0]));
        bytes
    }

    #[test]
    fn a_response_is_read_with_its_body_and_interim_ones_are_not() {
        assert_eq!(Http2::begins(&response()), Some(true));
        let text = Http2::new().take(&response()).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "HTTP/2 403\r\ncontent-language: 5\r\n\r\nno !!");
    }

    #[test]
    fn a_request_is_read_behind_the_preface_however_it_is_cut() {
        let mut bytes = PREFACE.to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &[]));
        // :method GET, :path /a, :authority x, behind a priority.
        let block = [0, 0, 0, 0, 9, 0x82, 0x04, 2, b'/', b'a', 0x01, 1, b'x'];
        bytes.extend(frame(HEADERS, END_HEADERS | PRIORITY, 1, &block));
        for size in 1..bytes.len() {
            let mut http2 = Http2::new();
            let mut found = bytes.chunks(size).filter_map(|chunk| http2.take(chunk));
            assert_eq!(found.next().unwrap(), b"GET /a HTTP/2\r\nhost: x\r\n\r\n", "in pieces of {size}");
        }
    }

    #[test]
    fn what_begins_otherwise_is_not_taken_for_it() {
        for (head, begins) in [
            (b"HTTP/1.1 200 OK\r\n".as_slice(), Some(false)),
            (b"GET / HTTP/1.1\r\n", Some(false)),
            (b"PRI * HT", None),
            (&[0, 0, 18, 4, 0, 0, 0, 0, 0], Some(true)),
            (&[0, 0, 18, 4, 1, 0, 0, 0, 0], Some(false)),
            (&[0, 0, 17, 4, 0, 0, 0, 0, 0], Some(false)),
            (&[0, 0], None),
        ] {
            assert_eq!(Http2::begins(head), begins, "{head:?}");
        }
    }

    #[test]
    fn every_prefix_and_every_changed_byte_survives() {
        let good = response();
        for end in 0..good.len() {
            let _ = Http2::new().take(&good[..end]);
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[end] ^= 1 << bit;
                let _ = Http2::new().take(&bad);
            }
        }
    }

    #[test]
    fn a_stream_that_is_reset_is_told_before_and_behind_the_first_response() {
        let mut bytes = frame(SETTINGS, 0, 0, &[]);
        bytes.extend(frame(RST_STREAM, 0, 1, &13u32.to_be_bytes()));
        bytes.extend(frame(HEADERS, END_HEADERS, 3, &[0x88]));
        bytes.extend(frame(DATA, 0, 3, &[7; 3000]));
        bytes.extend(frame(GOAWAY, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0, b'b', b'y', b'e']));
        for size in [1, 7, 100, bytes.len()] {
            let mut http2 = Http2::new();
            let (mut endings, mut heads) = (Vec::new(), 0);
            for chunk in bytes.chunks(size) {
                heads += usize::from(http2.take(chunk).is_some());
                endings.extend(std::iter::from_fn(|| http2.take_ending()).map(|ending| ending.to_string()));
            }
            assert_eq!(endings, ["RST_STREAM HTTP_1_1_REQUIRED (13)", "GOAWAY NO_ERROR (0)"], "in {size}");
            assert_eq!(heads, 1);
            assert!(http2.pending.len() < 100, "{} bytes of a body are kept", http2.pending.len());
        }
    }

    #[test]
    fn endings_without_end_are_not_told_without_end() {
        let mut http2 = Http2::new();
        for _ in 0..100 {
            http2.take(&frame(RST_STREAM, 0, 1, &[0, 0, 0, 99]));
        }
        let told: Vec<Ending> = std::iter::from_fn(|| http2.take_ending()).collect();
        assert_eq!(told.len(), usize::from(ENDINGS));
        assert_eq!(told[0].to_string(), "RST_STREAM 0x00000063");
        assert!(http2.is_done());
    }

    #[test]
    fn a_frame_longer_than_is_kept_is_stepped_over() {
        let mut http2 = Http2::new();
        let mut bytes = frame(SETTINGS, 0, 0, &[]);
        bytes.extend(frame(0xee, 0, 3, &vec![0; KEPT * 2]));
        bytes.extend(frame(HEADERS, END_HEADERS, 1, &[0x8d]));
        let mut found = None;
        for chunk in bytes.chunks(1000) {
            found = found.or(http2.take(chunk));
            assert!(http2.pending.len() <= KEPT + 1000);
        }
        assert_eq!(found.unwrap(), b"HTTP/2 404\r\n\r\n");
    }
}
