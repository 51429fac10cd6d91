//! Destinations that the preload library of `mtlscope run` announces, on a control connection beside each connection.
//!
//! On the connection itself nothing of ours is ever sent. In `connect(2)` the library opens a control connection (a Unix
//! socket), sends the **wish**, and waits for the **answer**: the relay has dialled the destination by then. If that
//! succeeded, the library connects the program's socket to the relay in place of the destination, and says from which
//! **port**. The relay pairs the two, in whichever order they come. Nobody else can get a way through.
//!
//! ```text
//! wish    `mtlscop1`(8) family, 4 or 6(1) 0(1) port(2) IPv6 scope(4) address(16) process(4) program's name(28)
//! answer  errno of the relay's connect, 0 where it is connected(4)
//! port    family of the listener called, 4 or 6(1) 0(1) port(2)
//! ```

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::destination::{Unreached, reach_address};
use super::places::Place;
use super::{Shared, Way, lock};
use crate::client::Target;
use crate::feed::FlowFeed;

/// How long a connection waits for its announcement, and the other way round.
const PATIENCE: Duration = Duration::from_secs(5);

const MAGIC: &[u8; 8] = b"mtlscop1";

/// Announcements whose connections have not come.
#[derive(Default)]
pub(super) struct Announcements {
    waiting: Mutex<HashMap<(Family, u16), Announced>>,
    changed: Condvar,
}

/// What is known of a connection that is to come.
struct Announced {
    server: TcpStream,
    wish: Wish,
    since: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Family {
    V4,
    V6,
}

/// Where a program wants to go.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Wish {
    address: SocketAddr,
    pid: u32,
    program: String,
}

impl Announcements {
    fn put(&self, key: (Family, u16), announced: Announced) {
        let mut waiting = lock(&self.waiting);
        // Those whose connections never came: a program that died in between.
        waiting.retain(|_, announced| announced.since.elapsed() < PATIENCE);
        waiting.insert(key, announced);
        drop(waiting);
        self.changed.notify_all();
    }

    /// Waits for what is said of a connection.
    fn claim(&self, key: (Family, u16), stopping: impl Fn() -> bool) -> Option<Announced> {
        let deadline = Instant::now() + PATIENCE;
        let mut waiting = lock(&self.waiting);
        loop {
            if let Some(announced) = waiting.remove(&key) {
                return Some(announced);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || stopping() {
                return None;
            }
            let wait = left.min(Duration::from_millis(100));
            waiting = self.changed.wait_timeout(waiting, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Shared {
    /// One connection of a program that was led here.
    pub(super) fn announced(
        &self,
        client: &Arc<TcpStream>,
        caller: SocketAddr,
        flow: &FlowFeed,
        place: &Place<'_>,
    ) {
        let family = if caller.is_ipv4() { Family::V4 } else { Family::V6 };
        let Some(Announced { server, wish, .. }) =
            self.announcements.claim((family, caller.port()), || self.is_stopping())
        else {
            flow.forget();
            return;
        };
        let destination = Target { host: wish.address.ip().to_string(), port: wish.address.port() };
        let server = Ok(server);
        self.tell(
            flow,
            caller,
            Way::Announced { pid: wish.pid, program: wish.program },
            &destination,
            &server,
        );
        if let Ok(server) = server {
            self.pass(client, server, flow, &[], place);
        }
    }

    /// One control connection.
    pub(super) fn control(&self, stream: UnixStream, place: &Place<'_>) {
        // Whoever is cut short has gone away; there is nobody to tell.
        let _ = self.announce(stream, place);
    }

    fn announce(&self, mut stream: UnixStream, place: &Place<'_>) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut wish = [0; 64];
        stream.read_exact(&mut wish)?;
        let wish = Wish::read(&wish).ok_or(io::ErrorKind::InvalidData)?;
        let limit = self.settings.limits.connect;
        let reached = place.while_dialing(|| reach_address(wish.address, limit, &self.addresses));
        let answer = reached.as_ref().map_or_else(Unreached::number, |_| 0);
        // Fails where the program has given up, and what was dialled is closed.
        stream.write_all(&answer.to_be_bytes())?;
        let Ok(server) = reached else { return Ok(()) };
        let mut port = [0; 4];
        stream.read_exact(&mut port)?;
        let [family, _, high, low] = port;
        let family = if family == 6 { Family::V6 } else { Family::V4 };
        let announced = Announced { server, wish, since: Instant::now() };
        self.announcements.put((family, u16::from_be_bytes([high, low])), announced);
        Ok(())
    }
}

impl Wish {
    fn read(bytes: &[u8; 64]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (&[family, _, port_high, port_low], rest) = rest.split_first_chunk::<4>()?;
        let (scope, rest) = rest.split_first_chunk::<4>()?;
        let (address, rest) = rest.split_first_chunk::<16>()?;
        let (pid, program) = rest.split_first_chunk::<4>()?;
        if magic != MAGIC {
            return None;
        }
        let port = u16::from_be_bytes([port_high, port_low]);
        let address = match family {
            4 => SocketAddr::new(IpAddr::V4(Ipv4Addr::from(*address.first_chunk::<4>()?)), port),
            6 => {
                let address = Ipv6Addr::from(*address);
                SocketAddr::V6(SocketAddrV6::new(address, port, 0, u32::from_be_bytes(*scope)))
            }
            _ => return None,
        };
        let name = program.split(|byte| *byte == 0).next().unwrap_or_default();
        let program = String::from_utf8_lossy(name).chars().filter(|c| !c.is_control()).collect();
        Some(Self { address, pid: u32::from_be_bytes(*pid), program })
    }
}

impl Unreached {
    /// The system's number for what went wrong.
    fn number(&self) -> u32 {
        /// ECONNREFUSED, for what is refused by the relay alone; ETIMEDOUT, which the library says without a number.
        const REFUSED: i32 = 111;
        const TIMED_OUT: i32 = 110;
        let number = match self {
            Self::Connect { cause, .. } => cause.raw_os_error().unwrap_or(TIMED_OUT),
            Self::Resolve { .. } | Self::Itself(_) => REFUSED,
        };
        number.cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_or_is_none() {
        let mut wish = [0; 64];
        wish[..8].copy_from_slice(MAGIC);
        wish[8] = 4;
        wish[10..12].copy_from_slice(&443_u16.to_be_bytes());
        wish[16..20].copy_from_slice(&[192, 0, 2, 7]);
        wish[32..36].copy_from_slice(&4711_u32.to_be_bytes());
        wish[36..42].copy_from_slice(b"cu\x1brl\0");
        let read = Wish::read(&wish).unwrap();
        assert_eq!(read.address, ([192, 0, 2, 7], 443).into());
        assert_eq!((read.pid, read.program.as_str()), (4711, "curl"));
        wish[8] = 5;
        assert_eq!(Wish::read(&wish), None);
        wish[8] = 6;
        assert_eq!(Wish::read(&wish).unwrap().address.ip(), "c000:207::".parse::<IpAddr>().unwrap());
        wish[0] = b'x';
        assert_eq!(Wish::read(&wish), None);
    }
}
