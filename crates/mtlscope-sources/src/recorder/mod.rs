//! A recording: whatever live ends feed, as a pcapng with its secrets inside, which `mtlscope read`, tshark and Wireshark open.
//!
//! A [`Sink`]: `pipeline.keeping(vec![Box::new(Recorder::create(path)?)])`. A live end sees bytes, not packets, so the packets
//! are made up: a handshake of TCP where a connection begins, the bytes in segments with right numbers and checksums, FIN or
//! RST as each side ended. What passed, by whom and when is true; how it was cut into packets is not. Testimony
//! ([`ChunkKind::Said`]) becomes the comment of a packet. Two ends of one connection belong into two recordings.

pub(crate) mod blocks;
pub(crate) mod out;
mod packets;
mod segment;

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use mtlscope_dissect::input::{Chunk, ChunkKind, FlowId, Input, LinkType};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;

use self::blocks::Blocks;
use self::out::Out;
use self::segment::{ACK, FIN, Flags, LONGEST_PAYLOAD, PSH, RST, SYN, Segment};
use crate::error::{SourceError, printable, printable_text};
use crate::{Sink, private_file};

pub use self::packets::{Link, PacketRecorder};

/// Packets that begin with an IP header.
const RAW: LinkType = LinkType(101);
/// What is gathered before it is written, in bytes. Whole blocks only, so that a run that is killed leaves a sound file.
pub(crate) const GATHERED: usize = 64 * 1024;

/// Keeps inputs as a pcapng.
#[derive(Debug)]
pub struct Recorder {
    name: String,
    /// Nothing more is written after a failure.
    out: Option<Out>,
    blocks: Blocks,
    flows: HashMap<FlowId, Flow>,
}

/// One connection while it lasts.
#[derive(Debug)]
struct Flow {
    /// By side.
    addresses: [SocketAddr; 2],
    /// The number of the next byte of each side; `None` before the connection begins.
    next: Option<[u32; 2]>,
    reset: bool,
    /// Testimony that waits for a packet to stand with.
    said: String,
    time: Timestamp,
}

impl Recorder {
    /// Records to a file, which is made, or emptied where it is there, and readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn create(path: &Path) -> Result<Self, SourceError> {
        let file = private_file::open(path, false)?;
        Self::new(printable(path), Out::file(file))
    }

    /// Records to an open stream, called `name` in messages.
    ///
    /// # Errors
    /// When the beginning cannot be written.
    pub fn to_writer(name: &str, out: impl Write + Send + 'static) -> Result<Self, SourceError> {
        Self::new(printable_text(name), Out::stream(out))
    }

    fn new(name: String, out: Out) -> Result<Self, SourceError> {
        let mut recorder = Self { name, out: Some(out), blocks: Blocks::default(), flows: HashMap::new() };
        recorder.blocks.section_header();
        recorder.blocks.interface(RAW);
        recorder.write()?;
        Ok(recorder)
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        let flow = self.flows.entry(chunk.flow).or_insert_with(|| Flow::new(chunk));
        flow.time = chunk.time;
        let side = chunk.side;
        match chunk.what {
            ChunkKind::Bytes(bytes) => {
                flow.begin(&mut self.blocks);
                let mut segments = bytes.chunks(LONGEST_PAYLOAD).peekable();
                while let Some(payload) = segments.next() {
                    let push = if segments.peek().is_none() { PSH } else { Flags::default() };
                    flow.packet(&mut self.blocks, side, ACK | push, payload);
                }
            }
            ChunkKind::Missing(length) => {
                flow.begin(&mut self.blocks);
                flow.skip(side, length);
            }
            ChunkKind::Fin if flow.reset => {}
            ChunkKind::Fin => {
                flow.begin(&mut self.blocks);
                flow.packet(&mut self.blocks, side, FIN | ACK, &[]);
                flow.packet(&mut self.blocks, !side, ACK, &[]);
            }
            ChunkKind::Reset if flow.reset => {}
            ChunkKind::Reset => {
                flow.begin(&mut self.blocks);
                flow.packet(&mut self.blocks, side, RST | ACK, &[]);
                flow.reset = true;
            }
            ChunkKind::Said(text) => flow.says(side, text),
            ChunkKind::End => {
                if flow.next.is_some() && !flow.said.is_empty() {
                    flow.packet(&mut self.blocks, side, ACK, &[]);
                }
                self.flows.remove(&chunk.flow);
            }
        }
    }

    /// Writes what is gathered.
    fn write(&mut self) -> Result<(), SourceError> {
        let blocks = self.blocks.take();
        let Some(out) = &mut self.out else { return Ok(()) };
        let Err(cause) = out.write(&blocks) else { return Ok(()) };
        self.out = None;
        self.flows = HashMap::new();
        Err(SourceError::Write { name: self.name.clone(), cause })
    }
}

impl Sink for Recorder {
    fn take(&mut self, input: &Input<'_>) -> Result<(), SourceError> {
        if self.out.is_none() {
            return Ok(());
        }
        let mut over = false;
        match input {
            Input::Secret(secret) => self.blocks.secrets(secret.lines),
            Input::Frame(frame) => {
                let interface = self.blocks.interface(frame.link_type);
                self.blocks.packet(interface, frame.time, frame.wire_length, &[frame.bytes], "");
            }
            Input::Chunk(chunk) => {
                self.chunk(chunk);
                over = matches!(chunk.what, ChunkKind::End);
            }
            _ => {}
        }
        if over || self.blocks.len() >= GATHERED { self.write() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        self.write()
    }

    fn finish(&mut self) -> Result<(), SourceError> {
        self.write()
    }
}

/// What a run that ends without [`Sink::finish`] still holds is not lost.
impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.write();
    }
}

impl Flow {
    fn new(chunk: &Chunk<'_>) -> Self {
        let mut addresses = [chunk.client; 2];
        addresses[Side::Server.index()] = chunk.server;
        Self {
            addresses: addresses.map(|address| SocketAddr::new(address.ip().to_canonical(), address.port())),
            next: None,
            reset: false,
            said: String::new(),
            time: chunk.time,
        }
    }

    /// SYN, SYN-ACK, ACK, if they are not there yet.
    fn begin(&mut self, blocks: &mut Blocks) {
        if self.next.is_some() {
            return;
        }
        // Where a port is used again, another beginning tells the connections apart.
        let first = (self.time.nanoseconds() >> 6) as u32;
        self.next = Some([first, first.rotate_left(16)]);
        self.packet(blocks, Side::Client, SYN, &[]);
        self.packet(blocks, Side::Server, SYN | ACK, &[]);
        self.packet(blocks, Side::Client, ACK, &[]);
    }

    /// One packet of a side, and what it makes of the numbers.
    fn packet(&mut self, blocks: &mut Blocks, from: Side, flags: Flags, payload: &[u8]) {
        let Some(next) = &mut self.next else { return };
        let segment = Segment {
            source: self.addresses[from.index()],
            destination: self.addresses[(!from).index()],
            sequence: next[from.index()],
            acknowledgment: if flags.has(ACK) { next[(!from).index()] } else { 0 },
            flags,
            payload,
        };
        let headers = segment.headers();
        let length = headers.len() + payload.len();
        let comment = std::mem::take(&mut self.said);
        blocks.packet(
            0,
            self.time,
            u32::try_from(length).unwrap_or(u32::MAX),
            &[&headers, payload],
            &comment,
        );
        let sent = payload.len() as u32 + u32::from(flags.has(SYN) || flags.has(FIN));
        next[from.index()] = next[from.index()].wrapping_add(sent);
    }

    /// Leaves a hole in the numbers of a side. Of half of all numbers at most, or what follows would seem to come before.
    fn skip(&mut self, side: Side, length: u64) {
        const MOST: u32 = 1 << 30;
        let Some(next) = &mut self.next else { return };
        let length = u32::try_from(length).map_or(MOST, |length| length.min(MOST));
        next[side.index()] = next[side.index()].wrapping_add(length);
    }

    fn says(&mut self, side: Side, text: &str) {
        /// Some words are enough for a comment.
        const LONGEST: usize = 4096;
        if self.said.len() < LONGEST {
            if !self.said.is_empty() {
                self.said.push('\n');
            }
            self.said.push_str("mtlscope: the ");
            self.said.push_str(&side.to_string());
            self.said.push_str(" says: ");
            self.said.extend(text.chars().take(LONGEST));
        }
    }
}
