//! How long the server waits for a client: a socket with a deadline.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crate::tapped::Tapped;

/// A tapped socket that gives up at a deadline, however a client spreads its bytes.
#[derive(Debug)]
pub(super) struct Patience {
    tapped: Tapped,
    deadline: Instant,
    /// What the socket itself waits for one read or write.
    socket_limit: Duration,
    /// Whether others do the waiting, and the socket does not block.
    leaves_waiting: bool,
}

impl Patience {
    pub(super) fn new(tapped: Tapped, limit: Duration) -> io::Result<Self> {
        tapped.stream().set_read_timeout(Some(limit))?;
        tapped.stream().set_write_timeout(Some(limit))?;
        Ok(Self { tapped, deadline: Instant::now() + limit, socket_limit: limit, leaves_waiting: false })
    }

    /// Waits so long from now.
    pub(super) fn renew(&mut self, limit: Duration) {
        self.deadline = Instant::now() + limit;
        // Each change is a system call; limits are few.
        if limit != self.socket_limit && self.tapped.stream().set_read_timeout(Some(limit)).is_ok() {
            self.socket_limit = limit;
        }
    }

    /// Never waits again: who reads or writes sees to that.
    pub(super) fn leave_waiting(&mut self) -> io::Result<()> {
        self.leaves_waiting = true;
        self.tapped.stream().set_nonblocking(true)
    }

    pub(super) const fn tapped(&self) -> &Tapped {
        &self.tapped
    }

    pub(super) const fn tapped_mut(&mut self) -> &mut Tapped {
        &mut self.tapped
    }

    /// A blocking socket whose time is up says that it would block, which OpenSSL would take for a wish to try again.
    fn told(&self, error: io::Error) -> io::Error {
        match error.kind() == io::ErrorKind::WouldBlock && !self.leaves_waiting {
            true => io::ErrorKind::TimedOut.into(),
            false => error,
        }
    }

    fn in_time(&self) -> io::Result<()> {
        if self.leaves_waiting || Instant::now() < self.deadline {
            Ok(())
        } else {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
}

impl Read for Patience {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time()?;
        self.tapped.read(buffer).map_err(|error| self.told(error))
    }
}

impl Write for Patience {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.in_time()?;
        self.tapped.write(buffer).map_err(|error| self.told(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tapped.flush()
    }
}
