//! A client that is to say where it wants to go: what it said so far, and what it is answered. All of it is fed, too.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mtlscope_dissect::side::Side;

use crate::feed::FlowFeed;

/// What a client may say before it is let through, in bytes. Less than a feed hands on by itself: until the destination is
/// known, nothing goes to the engine.
pub(super) const LONGEST: usize = 12 * 1024;

/// A client before it is let through.
pub(super) struct Caller<'a> {
    pub(super) stream: &'a Arc<TcpStream>,
    pub(super) flow: &'a FlowFeed,
    deadline: Instant,
    /// What it has said and nobody has taken.
    heard: Vec<u8>,
    /// How much it has said.
    said: usize,
}

impl<'a> Caller<'a> {
    pub(super) fn new(stream: &'a Arc<TcpStream>, flow: &'a FlowFeed, limit: Duration) -> Self {
        Self { stream, flow, deadline: Instant::now() + limit, heard: Vec::new(), said: 0 }
    }

    /// What it has said, of which there is at least so much.
    pub(super) fn hear(&mut self, length: usize) -> io::Result<&[u8]> {
        while self.heard.len() < length {
            self.more()?;
        }
        Ok(&self.heard)
    }

    /// What it has said once this is found in it: the place behind.
    pub(super) fn hear_until(&mut self, find: impl Fn(&[u8]) -> Option<usize>) -> io::Result<usize> {
        loop {
            if let Some(place) = find(&self.heard) {
                return Ok(place);
            }
            self.more()?;
        }
    }

    /// Takes so much of what it has said, or all there is.
    pub(super) fn take(&mut self, length: usize) -> Vec<u8> {
        let length = length.min(self.heard.len());
        let rest = self.heard.split_off(length);
        std::mem::replace(&mut self.heard, rest)
    }

    /// What it said beyond what was taken.
    pub(super) fn ahead(self) -> Vec<u8> {
        self.heard
    }

    /// Whether it has said nothing.
    pub(super) const fn is_silent(&self) -> bool {
        self.said == 0
    }

    /// Answers it.
    pub(super) fn say(&mut self, words: &[u8]) -> io::Result<()> {
        self.flow.bytes(Side::Server, words);
        let mut stream: &TcpStream = self.stream;
        self.stream.set_write_timeout(Some(self.left()?))?;
        stream.write_all(words)
    }

    /// Reads what comes next.
    fn more(&mut self) -> io::Result<()> {
        let room = LONGEST.saturating_sub(self.said);
        if room == 0 {
            return Err(io::Error::new(ErrorKind::InvalidData, "its request is too long"));
        }
        self.stream.set_read_timeout(Some(self.left()?))?;
        let mut buffer = [0; 4096];
        let wanted = room.min(buffer.len());
        let mut stream: &TcpStream = self.stream;
        let length = match stream.read(buffer.get_mut(..wanted).unwrap_or_default()) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(ErrorKind::TimedOut.into()),
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        self.flow.bytes(Side::Client, bytes);
        self.heard.extend_from_slice(bytes);
        self.said += length;
        Ok(())
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}
