//! Packets of this machine's interfaces as they pass (Linux).
//!
//! [`LiveCapture::open`] needs the right to (`CAP_NET_RAW`); nothing after it does, so that a program can drop all rights before
//! it looks at the first packet. It is no [`crate::Source`], since who captures has other things to look after while nothing
//! comes: wait with [`LiveCapture::wait`], then take with [`LiveCapture::take`] until there is nothing more.

mod block;
mod error;
mod list;
mod packet_filter;
mod packet_ring;

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, LinkType};
use mtlscope_dissect::time::Timestamp;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt};

use self::block::Cursor;
use self::packet_ring::{BLOCK_PATIENCE, Kind, PacketRing};
use crate::error::printable_text;
use crate::recorder::Link;

pub use self::error::InterfaceError;
pub use self::list::{ANY, Interface, interfaces};
pub use self::packet_filter::{Network, Wanted};

const ETHERNET: LinkType = LinkType(1);
/// Version 2 of Linux cooked captures, which knows the interface.
const COOKED: LinkType = LinkType(276);

const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;

/// What to capture, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Names of interfaces, or [`ANY`].
    pub interfaces: Vec<String>,
    /// What of their traffic.
    pub wanted: Wanted,
    /// Whether packets for other machines are taken too, where the interface sees them.
    pub promiscuous: bool,
    /// Mebibytes that the kernel keeps for each interface while we are busy.
    pub buffer_mebibytes: usize,
}

/// A packet as it came, and from which of the interfaces.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// Its place in [`LiveCapture::links`].
    pub interface: usize,
    /// The packet.
    pub frame: Frame<'a>,
}

/// What the kernel counted since capturing began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Packets that were wanted, dropped ones among them.
    pub received: u64,
    /// Packets that were lost because nobody took them in time.
    pub dropped: u64,
}

/// Open interfaces.
#[derive(Debug)]
pub struct LiveCapture {
    taps: Vec<Tap>,
    /// Packets so far.
    number: u64,
}

/// One of them.
#[derive(Debug)]
struct Tap {
    link: Link,
    kind: Kind,
    ring: PacketRing,
    /// In the block that is lent.
    cursor: Option<Cursor>,
    statistics: Statistics,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Up,
    Down,
    Gone,
}

impl LiveCapture {
    /// Opens each interface once. From here on packets gather.
    ///
    /// # Errors
    /// When one is not there, or may not be captured on.
    pub fn open(wish: &Wish) -> Result<Self, InterfaceError> {
        let there = interfaces().map_err(InterfaceError::List)?;
        let mut taps: Vec<Tap> = Vec::new();
        for name in &wish.interfaces {
            if taps.iter().all(|tap| tap.link.name != printable_text(name)) {
                taps.push(Tap::open(name, wish, &there)?);
            }
        }
        Ok(Self { taps, number: 0 })
    }

    /// The interfaces, in the order in which they were named.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.taps.iter().map(|tap| &tap.link)
    }

    /// Waits until packets are there, but no longer than this. A signal ends it too.
    ///
    /// Comes back with what happened to an interface meanwhile, in words.
    ///
    /// # Errors
    /// When no interface is left from which anything could come.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<String>, InterfaceError> {
        if self.taps.iter_mut().any(|tap| tap.time_of_next().is_some()) {
            return Ok(None);
        }
        let mut watched: Vec<&mut Tap> =
            self.taps.iter_mut().filter(|tap| tap.state != State::Gone).collect();
        let mut polled: Vec<PollFd<'_>> =
            watched.iter().map(|tap| PollFd::new(tap.ring.as_fd(), PollFlags::POLLIN)).collect();
        let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        match poll(&mut polled, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => {
                let name = self.links().next().map(|link| link.name.clone()).unwrap_or_default();
                return Err(InterfaceError::Failed {
                    name,
                    doing: "waiting for packets",
                    cause: errno.into(),
                });
            }
        }
        let failed: Vec<bool> = polled
            .iter()
            .map(|one| one.revents().is_some_and(|events| events.contains(PollFlags::POLLERR)))
            .collect();
        drop(polled);
        let mut news = Vec::new();
        for (tap, failed) in watched.iter_mut().zip(failed) {
            news.extend(if failed { tap.trouble() } else { tap.removal() });
        }
        if self.taps.iter().all(|tap| tap.state == State::Gone) {
            // The kernel still hands over what it had.
            std::thread::sleep(self.latency());
            if self.time_of_next().is_none() {
                let name = self.links().map(|link| link.name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(InterfaceError::Gone { name });
            }
        }
        Ok((!news.is_empty()).then(|| news.join("; ")))
    }

    /// The next packet of those that are there already: of several interfaces, the earliest.
    #[inline]
    pub fn take(&mut self) -> Option<Captured<'_>> {
        let interface = match self.taps.len() {
            1 => 0,
            _ => self.earliest()?,
        };
        let tap = self.taps.get_mut(interface)?;
        let link_type = tap.link.link_type;
        let packet = tap.take()?;
        let number = FrameNumber::new(self.number + 1)?;
        self.number += 1;
        let bytes = tap.ring.block()?.get(packet.bytes)?;
        let frame = Frame { number, time: packet.time, link_type, wire_length: packet.length, bytes };
        Some(Captured { interface, frame })
    }

    /// When the next packet that is there already came.
    pub fn time_of_next(&mut self) -> Option<Timestamp> {
        self.taps.iter_mut().filter_map(Tap::time_of_next).min()
    }

    /// How long the kernel may keep a packet before it is seen here.
    pub fn latency(&self) -> Duration {
        BLOCK_PATIENCE * 2
    }

    /// What the kernel counted so far, of each interface.
    pub fn statistics(&mut self) -> Vec<Statistics> {
        self.taps.iter_mut().map(Tap::count).collect()
    }

    fn earliest(&mut self) -> Option<usize> {
        let times = self.taps.iter_mut().enumerate();
        times.filter_map(|(index, tap)| Some((tap.time_of_next()?, index))).min().map(|(_, index)| index)
    }
}

impl Tap {
    fn open(name: &str, wish: &Wish, there: &[Interface]) -> Result<Self, InterfaceError> {
        let printable = printable_text(name);
        let (index, kind) = match there.iter().find(|interface| interface.name == name) {
            Some(interface) if matches!(interface.hardware, ARPHRD_ETHER | ARPHRD_LOOPBACK) => {
                (interface.index, Kind::Raw)
            }
            Some(interface) => (interface.index, Kind::Cooked),
            None if name == ANY => (0, Kind::Cooked),
            None => return Err(no_such(printable, there)),
        };
        let loopback = there.iter().find(|interface| interface.is_loopback).map(|interface| interface.index);
        let filter = packet_filter::program(
            &wish.wanted,
            kind,
            loopback.filter(|_| index == 0 || Some(index) == loopback),
        )
        .ok_or(InterfaceError::TooMuchWanted)?;
        let failed = |doing| {
            let name = printable.clone();
            move |cause: io::Error| InterfaceError::Failed { name, doing, cause }
        };
        let ring =
            PacketRing::open(kind, wish.buffer_mebibytes << 20, &filter).map_err(|cause| {
                match cause.kind() {
                    io::ErrorKind::PermissionDenied => {
                        InterfaceError::NotPermitted { name: printable.clone() }
                    }
                    io::ErrorKind::OutOfMemory => {
                        InterfaceError::NoMemory { name: printable.clone(), mebibytes: wish.buffer_mebibytes }
                    }
                    _ => failed("making a ring of packets")(cause),
                }
            })?;
        if wish.promiscuous && index != 0 {
            ring.be_promiscuous(index).map_err(failed("making it promiscuous"))?;
        }
        ring.bind(index).map_err(failed("binding to it"))?;
        Ok(Self {
            link: Link { name: printable, link_type: if kind == Kind::Raw { ETHERNET } else { COOKED } },
            kind,
            ring,
            cursor: None,
            statistics: Statistics::default(),
            state: State::Up,
        })
    }

    /// When the next packet came; blocks that are used up go back to the kernel.
    #[inline]
    fn time_of_next(&mut self) -> Option<Timestamp> {
        loop {
            let block = self.ring.block()?;
            let cursor = self.cursor.get_or_insert_with(|| Cursor::new(block));
            if let Some(time) = cursor.time(block) {
                return Some(time);
            }
            self.cursor = None;
            self.ring.give_back();
        }
    }

    #[inline]
    fn take(&mut self) -> Option<block::Packet> {
        loop {
            self.time_of_next()?;
            let cursor = self.cursor.as_mut()?;
            if let Some(packet) = cursor.next(self.ring.block()?, self.kind) {
                return Some(packet);
            }
            // What makes no sense leads nowhere: on with the next block.
            self.cursor = None;
            self.ring.give_back();
        }
    }

    fn count(&mut self) -> Statistics {
        // Where the kernel does not tell, what it told before stands.
        let counted = self.ring.counted().unwrap_or_default();
        self.statistics.received += counted.packets;
        self.statistics.dropped += counted.dropped;
        self.statistics
    }

    /// The socket says that something is wrong: what, in words, if it is new.
    fn trouble(&mut self) -> Option<String> {
        let error = getsockopt(&self.ring, sockopt::SocketError).ok().filter(|&error| error != 0)?;
        let name = &self.link.name;
        let cause = io::Error::from_raw_os_error(error);
        if cause.kind() != io::ErrorKind::NetworkDown {
            return Some(format!("{name}: {cause}"));
        }
        let words = format!("{name} is down; what comes once it is up again is taken");
        self.state = State::Down;
        self.removal().or(Some(words))
    }

    /// An interface that is removed goes down first, and says so; of its removal the socket says nothing more.
    fn removal(&mut self) -> Option<String> {
        if self.state != State::Down || self.ring.interface().is_some() {
            return None;
        }
        self.state = State::Gone;
        Some(format!("{} is gone: the interface was removed", self.link.name))
    }
}

fn no_such(name: String, there: &[Interface]) -> InterfaceError {
    /// Beyond, the names have nothing to do with each other.
    const ALIKE: usize = 3;
    let names = there.iter().map(|interface| interface.name.as_str());
    let nearest = names
        .map(|other| (strsim::damerau_levenshtein(&name, other), other))
        .filter(|(distance, _)| *distance < ALIKE)
        .min()
        .map(|(_, nearest)| nearest.to_owned());
    InterfaceError::NoSuch { name, nearest, there: there.iter().map(|one| one.name.clone()).collect() }
}
