//! The doors of a relay: threads that take connections, as many as there are places, and give each a thread.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::destination::is_itself;
use super::{Mode, RelayError, Settings, Shared, spawn};

/// Where a relay listens.
pub(super) struct Doors {
    tcp: Vec<(SocketAddr, TcpListener)>,
    control: Option<UnixListener>,
}

impl Doors {
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.tcp.iter().map(|(address, _)| *address).collect()
    }
}

/// Begins to listen.
pub(super) fn bind(settings: &Settings) -> Result<Doors, RelayError> {
    let mut tcp = Vec::new();
    for (place, &address) in settings.listen.iter().enumerate() {
        let listening = TcpListener::bind(address).and_then(|listener| {
            // Who was called for a connection that is gone again is not to wait for the next one.
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        match listening {
            Ok(door) => tcp.push(door),
            Err(cause) if place > 0 && is_missing(&cause) => {}
            Err(cause) => return Err(RelayError::Listen { address, cause }),
        }
    }
    let doors = Doors { tcp, control: None };
    match &settings.mode {
        Mode::Fixed(to) if is_itself(to, &doors.addresses()) => {
            Err(RelayError::Itself { destination: to.to_string() })
        }
        Mode::Announced { socket } => {
            let listening = UnixListener::bind(socket).and_then(|listener| {
                listener.set_nonblocking(true)?;
                Ok(listener)
            });
            let control = listening.map_err(|cause| RelayError::Control { path: socket.clone(), cause })?;
            Ok(Doors { control: Some(control), ..doors })
        }
        Mode::Fixed(_) | Mode::Proxy { .. } => Ok(doors),
    }
}

/// A thread for each door. `bell`: its other end is closed to call them away.
pub(super) fn start(doors: Doors, bell: UnixStream, shared: &Arc<Shared>) -> io::Result<Vec<JoinHandle<()>>> {
    let bell = Arc::new(bell);
    let mut threads = Vec::new();
    for (_, listener) in doors.tcp {
        let (shared, bell) = (Arc::clone(shared), Arc::clone(&bell));
        threads.push(spawn("relay door", move || {
            shared.attend(
                &bell,
                listener.as_fd(),
                || listener.accept(),
                |shared, number, (stream, caller)| {
                    shared.take(stream, caller, number);
                },
            );
        })?);
    }
    if let Some(listener) = doors.control {
        let (shared, bell) = (Arc::clone(shared), Arc::clone(&bell));
        threads.push(spawn("relay control door", move || {
            shared.attend(
                &bell,
                listener.as_fd(),
                || listener.accept(),
                |shared, number, (stream, _)| {
                    shared.control(stream, &shared.places.place(number));
                },
            );
        })?);
    }
    Ok(threads)
}

/// Whether the machine has no such address.
fn is_missing(cause: &io::Error) -> bool {
    /// EAFNOSUPPORT, of a kernel without IPv6.
    const NO_FAMILY: i32 = 97;
    cause.kind() == io::ErrorKind::AddrNotAvailable || cause.raw_os_error() == Some(NO_FAMILY)
}

impl Shared {
    /// Takes whoever comes to a door, until the bell is closed.
    fn attend<T: Send + 'static>(
        self: &Arc<Self>,
        bell: &UnixStream,
        door: BorrowedFd<'_>,
        accept: impl Fn() -> io::Result<T>,
        serve: fn(&Self, u64, T),
    ) {
        let (mut told_full, mut told_failure) = (false, false);
        loop {
            if self.places.are_full() && !std::mem::replace(&mut told_full, true) {
                self.notice(&format!(
                    "{} connections are open; more wait to be taken until one ends (--max-connections)",
                    self.settings.limits.connections
                ));
            }
            if self.places.wait_free().is_none() {
                return;
            }
            let mut polled =
                [PollFd::from_borrowed_fd(door, PollFlags::IN), PollFd::new(bell, PollFlags::IN)];
            // Interrupted or not: what is there is looked at.
            let _ = poll(&mut polled, None);
            if self.is_stopping() {
                return;
            }
            match accept() {
                Ok(visitor) => {
                    told_failure = false;
                    let number = self.places.enter();
                    let shared = Arc::clone(self);
                    let served = spawn("relay", move || serve(&shared, number, visitor));
                    if let Err(error) = served {
                        drop(self.places.place(number));
                        self.cannot_take(&error, &mut told_failure);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // A client that is gone before its turn.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => self.cannot_take(&error, &mut told_failure),
            }
        }
    }

    fn take(&self, stream: TcpStream, caller: SocketAddr, number: u64) {
        let place = self.places.place(number);
        // Systems differ in whether it inherits this from its listener.
        if stream.set_nonblocking(false).is_ok() {
            self.serve(stream, caller, &place);
        }
    }

    /// Files or threads have run out: haste does not help. Said once, until it goes on.
    fn cannot_take(&self, error: &io::Error, told: &mut bool) {
        if !std::mem::replace(told, true) {
            self.notice(&format!(
                "cannot take a connection: {error}; it waits until others end (`ulimit -n` and `ulimit -u` set how many there \
                 may be)"
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
}
