//! A socket that also feeds what passes: every byte read or written, and how each side ended.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Instant;

use mtlscope_dissect::side::Side;

use crate::feed::FlowFeed;

/// A TCP connection of ours whose bytes also go to the engine. Changes none of them.
#[derive(Debug)]
pub struct Tapped {
    stream: TcpStream,
    flow: FlowFeed,
    /// Which end of the connection we are.
    own: Side,
    closed: [bool; 2],
    /// When a read gives up.
    deadline: Option<Instant>,
    /// The first bytes that the other end sent.
    heard: Vec<u8>,
    /// How many bytes we sent.
    sent: u64,
}

/// How many of the other end's first bytes are kept, for who wants to know whether they are TLS at all.
const HEARD: usize = 16;

impl Tapped {
    /// Taps a connection at the end `own`.
    pub const fn new(stream: TcpStream, flow: FlowFeed, own: Side) -> Self {
        Self { stream, flow, own, closed: [false; 2], deadline: None, heard: Vec::new(), sent: 0 }
    }

    /// The socket itself, for its options.
    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// From here on a read that has brought nothing by then gives up with [`io::ErrorKind::WouldBlock`]; `None`: never.
    /// For a socket that blocks.
    pub const fn read_until(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// The feed of this connection.
    pub const fn flow(&self) -> &FlowFeed {
        &self.flow
    }

    /// The first bytes that the other end sent, a few.
    pub fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// How many bytes we sent.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Closes our half (FIN).
    ///
    /// # Errors
    /// What the system says.
    pub fn shut_down_write(&mut self) -> io::Result<()> {
        self.ends(self.own, FlowFeed::fin);
        self.stream.shutdown(Shutdown::Write)
    }

    /// Feeds the end of a side, once.
    fn ends(&mut self, side: Side, how: fn(&FlowFeed, Side)) {
        if !std::mem::replace(&mut self.closed[side.index()], true) {
            how(&self.flow, side);
        }
    }

    /// The peer's reset is news of the connection, whichever call meets it.
    fn met(&mut self, error: io::Error) -> io::Error {
        if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) {
            self.ends(!self.own, FlowFeed::reset);
        }
        error
    }
}

impl Read for Tapped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.stream.set_read_timeout(Some(left))?;
        }
        match self.stream.read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.ends(!self.own, FlowFeed::fin);
                Ok(0)
            }
            Ok(length) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                self.flow.bytes(!self.own, bytes);
                let wanted = HEARD.saturating_sub(self.heard.len()).min(length);
                self.heard.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
                Ok(length)
            }
            Err(error) => Err(self.met(error)),
        }
    }
}

impl Write for Tapped {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.stream.write(buffer) {
            Ok(length) => {
                self.flow.bytes(self.own, buffer.get(..length).unwrap_or_default());
                self.sent += length as u64;
                Ok(length)
            }
            Err(error) => Err(self.met(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Closing the socket closes our half, if nothing did before.
impl Drop for Tapped {
    fn drop(&mut self) {
        self.ends(self.own, FlowFeed::fin);
        self.flow.end();
    }
}
