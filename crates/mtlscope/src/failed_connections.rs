//! The packets of the connections that failed last (`capture --keep failed`). Packets of every connection are held, within limits,
//! until it is told how it came out.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use mtlscope_diagnose::connection::Connection;
use mtlscope_dissect::event::{ConnectionId, SessionKeys};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, LinkType};
use mtlscope_dissect::time::Timestamp;
use zeroize::Zeroizing;

/// Bytes held of the connections that are not told yet; beyond, those of the eldest are let go.
const HELD: usize = 64 << 20;
/// Bytes held of the beginning of one connection, and of its end.
const BEGINNING: usize = 256 << 10;
const END: usize = 64 << 10;
/// So many places of connections that are gone are not worth tidying up.
const FEW: usize = 1024;
/// What a packet costs besides its bytes.
const OVERHEAD: usize = 64;

/// A packet as it was captured.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// The place of its interface in the list.
    pub(crate) interface: usize,
    number: FrameNumber,
    time: Timestamp,
    link_type: LinkType,
    wire_length: u32,
    bytes: Box<[u8]>,
}

impl Packet {
    /// The packet as a frame again.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            time: self.time,
            link_type: self.link_type,
            wire_length: self.wire_length,
            bytes: &self.bytes,
        }
    }

    fn cost(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

/// One connection that failed: its packets, and the secrets that opened it.
#[derive(Default)]
struct Failed {
    packets: Vec<Packet>,
    secrets: Zeroizing<String>,
}

/// What is held of a connection that goes on.
#[derive(Default)]
struct Held {
    /// Its number in the order.
    place: u64,
    beginning: Vec<Packet>,
    end: VecDeque<Packet>,
    bytes_at_beginning: usize,
    bytes_at_end: usize,
}

/// Holds packets until it is known whose are wanted.
pub(crate) struct FailedConnections {
    most: usize,
    failed: VecDeque<Failed>,
    held: HashMap<[SocketAddr; 2], Held>,
    /// The eldest first, each with its number; those that are gone may still stand here.
    order: VecDeque<([SocketAddr; 2], u64)>,
    begun: u64,
    bytes: usize,
    secrets: HashMap<ConnectionId, Zeroizing<String>>,
    has_changed: Cell<bool>,
}

impl FailedConnections {
    /// Of so many connections at most.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            failed: VecDeque::new(),
            held: HashMap::new(),
            order: VecDeque::new(),
            begun: 0,
            bytes: 0,
            secrets: HashMap::new(),
            has_changed: Cell::new(false),
        }
    }

    /// A packet came.
    pub(crate) fn packet(&mut self, interface: usize, frame: &Frame<'_>) {
        let Some(ends) = mtlscope_dissect::ends(frame) else { return };
        let packet = Packet {
            interface,
            number: frame.number,
            time: frame.time,
            link_type: frame.link_type,
            wire_length: frame.wire_length,
            bytes: frame.bytes.into(),
        };
        let held = self.held.entry(ends).or_insert_with(|| {
            self.begun += 1;
            self.order.push_back((ends, self.begun));
            Held { place: self.begun, ..Held::default() }
        });
        let before = held.bytes();
        held.add(packet);
        self.bytes = self.bytes + held.bytes() - before;
        while self.bytes > HELD
            && let Some((eldest, place)) = self.order.pop_front()
        {
            if self.held.get(&eldest).is_some_and(|held| held.place == place)
                && let Some(held) = self.held.remove(&eldest)
            {
                self.bytes -= held.bytes();
            }
        }
        if self.order.len() > 2 * self.held.len() + FEW {
            let held = &self.held;
            self.order.retain(|(ends, place)| held.get(ends).is_some_and(|held| held.place == *place));
        }
    }

    /// These secrets opened something of a connection.
    pub(crate) fn secrets(&mut self, connection: ConnectionId, keys: &SessionKeys) {
        self.secrets.entry(connection).or_default().push_str(&keys.lines);
    }

    /// A connection is over.
    pub(crate) fn over(&mut self, connection: &Connection, has_failed: bool) {
        let secrets = self.secrets.remove(&connection.id).unwrap_or_default();
        let mut ends = [connection.client, connection.server];
        ends.sort_unstable();
        let Some(held) = self.held.get_mut(&ends) else { return };
        let before = held.bytes();
        // Of the same ends another connection may have begun.
        let packets = held.take_until(connection.last_frame);
        self.bytes = self.bytes + held.bytes() - before;
        if held.bytes() == 0 {
            self.held.remove(&ends);
        }
        if !has_failed {
            return;
        }
        if self.failed.len() == self.most {
            self.failed.pop_front();
        }
        self.failed.push_back(Failed { packets, secrets });
        self.has_changed.set(true);
    }

    /// Whether there is something new since this was last asked.
    pub(crate) fn has_changed(&self) -> bool {
        self.has_changed.take()
    }

    /// The packets of those that failed, in the order in which they came.
    pub(crate) fn packets(&self) -> Vec<&Packet> {
        let mut packets: Vec<&Packet> = self.failed.iter().flat_map(|failed| &failed.packets).collect();
        packets.sort_by_key(|packet| packet.number);
        packets
    }

    /// The secrets of those that failed.
    pub(crate) fn all_secrets(&self) -> impl Iterator<Item = &str> {
        self.failed.iter().map(|failed| failed.secrets.as_str()).filter(|secrets| !secrets.is_empty())
    }
}

impl Held {
    fn bytes(&self) -> usize {
        self.bytes_at_beginning + self.bytes_at_end
    }

    fn add(&mut self, packet: Packet) {
        let cost = packet.cost();
        if self.end.is_empty() && self.bytes_at_beginning + cost <= BEGINNING {
            self.bytes_at_beginning += cost;
            self.beginning.push(packet);
            return;
        }
        self.bytes_at_end += cost;
        self.end.push_back(packet);
        while self.bytes_at_end > END
            && self.end.len() > 1
            && let Some(gone) = self.end.pop_front()
        {
            self.bytes_at_end -= gone.cost();
        }
    }

    /// All packets up to this one; what came later stays.
    fn take_until(&mut self, last: Option<FrameNumber>) -> Vec<Packet> {
        let all = std::mem::take(self);
        let (mut taken, mut left) = (Vec::new(), Self { place: all.place, ..Self::default() });
        for packet in all.beginning.into_iter().chain(all.end) {
            if last.is_none_or(|last| packet.number <= last) {
                taken.push(packet);
            } else {
                left.add(packet);
            }
        }
        *self = left;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64, port: u16, bytes: &mut Vec<u8>, payload: usize) -> Frame<'_> {
        *bytes = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        bytes.extend(port.to_be_bytes());
        bytes.extend([1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]);
        bytes.resize(bytes.len() + payload, 0);
        let length = (bytes.len() as u16).to_be_bytes();
        bytes[2..4].copy_from_slice(&length);
        Frame {
            number: FrameNumber::new(number).unwrap(),
            time: Timestamp::default(),
            link_type: LinkType(101),
            wire_length: bytes.len() as u32,
            bytes,
        }
    }

    #[test]
    fn the_beginning_and_the_end_of_a_long_connection_are_held() {
        let (mut kept, mut bytes) = (FailedConnections::new(1), Vec::new());
        for number in 1..=2000 {
            kept.packet(0, &frame(number, 50_000, &mut bytes, 1000));
        }
        assert!(kept.bytes <= BEGINNING + END);
        let held = kept.held.values().next().unwrap();
        assert_eq!(held.beginning[0].number.get(), 1);
        assert_eq!(held.end.back().unwrap().number.get(), 2000);
    }

    #[test]
    fn what_is_held_is_bounded_and_the_eldest_goes_first() {
        let (mut kept, mut bytes) = (FailedConnections::new(1), Vec::new());
        let mut number = 0;
        for port in 1..=60_000 {
            for _ in 0..2 {
                number += 1;
                kept.packet(0, &frame(number, port, &mut bytes, 1400));
            }
        }
        assert!(kept.bytes <= HELD);
        assert!(kept.order.len() <= 2 * kept.held.len() + FEW);
        let ports: Vec<u16> =
            kept.held.keys().flatten().map(SocketAddr::port).filter(|&port| port != 443).collect();
        assert!(ports.contains(&60_000) && !ports.contains(&1));
    }
}
