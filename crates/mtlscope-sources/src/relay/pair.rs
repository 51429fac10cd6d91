//! Two sockets, and what passes between them: every byte in both directions, half-closes as half-closes, resets as resets.
//!
//! One thread waits for both. Each direction holds one buffer: where its reader is slow, its writer is not read any more,
//! and TCP tells it so.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::Range;
use std::time::Duration;

use mtlscope_dissect::side::Side;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use thiserror::Error;

use crate::feed::FlowFeed;

/// What a direction reads at first, in bytes: a handshake's flight, or a record.
const SMALL: usize = 16 * 1024 + 512;
/// What one reads that filled that.
const LARGE: usize = 128 * 1024;
/// How often a direction is served before the other has its turn.
const ROUNDS: usize = 8;

/// Why a connection did not end by itself.
#[derive(Debug, Error)]
pub(super) enum Over {
    #[error("nothing passed for {0} s, so both ends were closed (--idle-timeout)")]
    Idle(u64),
    #[error("the {0} was lost: {1}")]
    Lost(Side, io::Error),
}

/// Passes on what both sides send, by [`Side`], until both are done. `ahead`: what the client has sent already, and what
/// was fed already. A reset is an end like others.
pub(super) fn pass(
    sockets: [&TcpStream; 2],
    flow: &FlowFeed,
    ahead: &[u8],
    idle: Duration,
) -> Result<(), Over> {
    let mut pair = Pair { sockets, flow, ways: [Side::Client, Side::Server].map(Way::new) };
    pair.ways[Side::Client.index()].takes(ahead);
    for socket in sockets {
        if let Err(error) = socket.set_nonblocking(true) {
            return Err(Over::Lost(Side::Client, error));
        }
    }
    match pair.run(idle) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Over::Idle(idle.as_secs())),
        Err(Broke { side, error }) => pair.break_off(side, error),
    }
}

/// Has a socket send RST once it is closed, in place of FIN.
pub(super) fn reset_when_closed(socket: &TcpStream) {
    // A socket that takes no options is gone.
    let _ = rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO));
}

struct Pair<'a> {
    sockets: [&'a TcpStream; 2],
    flow: &'a FlowFeed,
    /// By who sends.
    ways: [Way; 2],
}

/// One direction.
struct Way {
    from: Side,
    buffer: Vec<u8>,
    /// What of it is still to be written.
    pending: Range<usize>,
    /// Its sender has closed its half.
    ended: bool,
    /// And that has been passed on.
    closed: bool,
}

/// A side whose socket failed.
struct Broke {
    side: Side,
    error: io::Error,
}

impl Pair<'_> {
    /// Until both directions are closed (`true`), or nothing has passed for so long.
    fn run(&mut self, idle: Duration) -> Result<bool, Broke> {
        loop {
            for way in &mut self.ways {
                way.carry(self.sockets, self.flow)?;
            }
            // What happened so far is to be seen while we wait.
            self.flow.flush();
            if self.ways.iter().all(|way| way.closed) {
                return Ok(true);
            }
            if !self.wait(idle)? {
                return Ok(false);
            }
        }
    }

    /// Waits until something can be done; `false` where nothing could for so long.
    fn wait(&self, idle: Duration) -> Result<bool, Broke> {
        let limit = Timespec::try_from(idle).ok();
        let sides = [Side::Client, Side::Server];
        let mut both = sides.map(|side| PollFd::new(self.sockets[side.index()], self.wanted(side)));
        // Where our half is closed and nothing is to be read now, a socket has nothing to say but that the other half may be
        // closed too, again and again.
        let is_open =
            |side: Side| !self.ways[(!side).index()].closed || self.wanted(side).contains(PollFlags::IN);
        let open = match sides.map(is_open) {
            [true, false] => &mut both[..1],
            [false, true] => &mut both[1..],
            _ => &mut both[..],
        };
        let ready = loop {
            match poll(open, limit.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Broke { side: Side::Client, error: error.into() }),
                Ok(ready) => break ready,
            }
        };
        for (side, polled) in sides.into_iter().zip(&both) {
            let failed = polled.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
            // Where it is not read from, nothing else would notice.
            if failed && !self.wanted(side).contains(PollFlags::IN) {
                let error = self.sockets[side.index()].take_error().ok().flatten();
                let error = error.unwrap_or_else(|| ErrorKind::ConnectionReset.into());
                return Err(Broke { side, error });
            }
        }
        Ok(ready > 0)
    }

    /// What a side's socket is waited for.
    fn wanted(&self, side: Side) -> PollFlags {
        let (to_read, to_write) = (&self.ways[side.index()], &self.ways[(!side).index()]);
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::IN, to_read.pending.is_empty() && !to_read.ended);
        wanted.set(PollFlags::OUT, !to_write.pending.is_empty());
        wanted
    }

    /// A side's socket failed: what it had said before is passed on, then the failure, which ends the other side too.
    fn break_off(&mut self, side: Side, error: io::Error) -> Result<(), Over> {
        let way = &mut self.ways[side.index()];
        if !way.ended {
            way.carry_rest(self.sockets, self.flow);
        }
        // What the other had said by then nobody hears any more, but it was said.
        self.ways[(!side).index()].hear_rest(self.sockets, self.flow);
        reset_when_closed(self.sockets[(!side).index()]);
        match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                self.flow.reset(side);
                Ok(())
            }
            _ => Err(Over::Lost(side, error)),
        }
    }
}

impl Way {
    fn new(from: Side) -> Self {
        Self { from, buffer: vec![0; SMALL], pending: 0..0, ended: false, closed: false }
    }

    /// Begins with these, which were fed already.
    fn takes(&mut self, ahead: &[u8]) {
        if !ahead.is_empty() {
            self.buffer = ahead.to_vec();
            self.pending = 0..ahead.len();
        }
    }

    /// Reads and writes until one of them would have to wait, or others have their turn.
    fn carry(&mut self, sockets: [&TcpStream; 2], flow: &FlowFeed) -> Result<(), Broke> {
        let [source, sink] = [sockets[self.from.index()], sockets[(!self.from).index()]];
        for _ in 0..ROUNDS {
            if self.pending.is_empty() {
                if self.ended {
                    return self.close(sink);
                }
                match self.read(source) {
                    Ok(0) => {
                        self.ended = true;
                        flow.fin(self.from);
                        continue;
                    }
                    Ok(length) => flow.bytes(self.from, self.buffer.get(..length).unwrap_or_default()),
                    Err(error) if waits(&error) => return Ok(()),
                    Err(error) => return Err(Broke { side: self.from, error }),
                }
            }
            match self.write(sink) {
                Ok(()) => {}
                Err(error) if waits(&error) => return Ok(()),
                Err(error) => return Err(Broke { side: !self.from, error }),
            }
            if self.read_all() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What a socket that has failed had received before: all of it that the other takes now.
    fn carry_rest(&mut self, sockets: [&TcpStream; 2], flow: &FlowFeed) {
        let [source, sink] = [sockets[self.from.index()], sockets[(!self.from).index()]];
        loop {
            if !self.pending.is_empty() && self.write(sink).is_err() {
                return;
            }
            match self.read(source) {
                Ok(length @ 1..) => flow.bytes(self.from, self.buffer.get(..length).unwrap_or_default()),
                Ok(0) | Err(_) => return,
            }
        }
    }

    /// What a socket has received, of which nothing can be passed on.
    fn hear_rest(&mut self, sockets: [&TcpStream; 2], flow: &FlowFeed) {
        for _ in 0..ROUNDS {
            if self.ended {
                return;
            }
            match self.read(sockets[self.from.index()]) {
                Ok(0) => {
                    self.ended = true;
                    flow.fin(self.from);
                }
                Ok(length) => flow.bytes(self.from, self.buffer.get(..length).unwrap_or_default()),
                Err(_) => return,
            }
        }
    }

    fn read(&mut self, mut source: &TcpStream) -> io::Result<usize> {
        // What filled the buffer is the beginning of more.
        if self.pending.end == self.buffer.len() && self.buffer.len() < LARGE {
            let length = if self.pending.end == 0 { SMALL } else { LARGE };
            self.buffer.resize(length, 0);
        }
        let length = loop {
            match source.read(&mut self.buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.pending = 0..length;
        Ok(length)
    }

    /// Writes all that is pending.
    fn write(&mut self, mut sink: &TcpStream) -> io::Result<()> {
        while !self.pending.is_empty() {
            match sink.write(self.buffer.get(self.pending.clone()).unwrap_or_default()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => self.pending.start += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the latest read left nothing behind, as far as it can be known.
    fn read_all(&self) -> bool {
        self.pending.end < self.buffer.len()
    }

    /// Passes on that nothing more comes.
    fn close(&mut self, sink: &TcpStream) -> Result<(), Broke> {
        if !self.closed {
            self.closed = true;
            match sink.shutdown(Shutdown::Write) {
                // Gone already, which reading from it will tell.
                Err(error) if error.kind() != ErrorKind::NotConnected => {
                    return Err(Broke { side: !self.from, error });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a call would have to wait.
fn waits(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}
