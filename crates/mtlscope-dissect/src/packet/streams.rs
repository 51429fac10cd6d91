//! TCP streams as Wireshark numbers them: which connection a segment belongs to, and its numbers from the beginning.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::evidence::FrameNumber;
use crate::flow_table::{FlowKey, FlowTable, Keyed};
use crate::time::Timestamp;

use super::analysis::{Sent, analyze};
use super::{Tcp, TcpOption, WindowScale};

/// The streams seen so far.
#[derive(Debug, Default)]
pub(super) struct Streams {
    tcp: FlowTable<Stream>,
    tcp_count: u32,
    udp: HashMap<FlowKey, u32, RandomState>,
    udp_count: u32,
}

/// One TCP connection.
#[derive(Debug)]
struct Stream {
    key: FlowKey,
    number: u32,
    first: Timestamp,
    last: Timestamp,
    /// By sender: the lower end, the higher end.
    sides: [Side; 2],
    /// When the last SYN was sent, and how long its handshake took.
    syn_at: Option<Timestamp>,
    round_trip: Option<i64>,
    completeness: Completeness,
}

/// One direction.
#[derive(Clone, Debug)]
struct Side {
    /// The number before the first byte.
    base: Option<u32>,
    scale: WindowScale,
    sent: Sent,
}

impl Streams {
    /// Finds the stream of a segment, and completes its header with what that tells.
    pub(super) fn place_segment(
        &mut self,
        (key, sender): (FlowKey, usize),
        tcp: &mut Tcp,
        (frame, time): (FrameNumber, Timestamp),
        limit: usize,
    ) {
        let mut place = self.tcp.find(&key);
        let mut reused = false;
        if let Some(found) = place
            && let Some(stream) = self.tcp.get_if(found)
            && stream.is_begun_anew_by(sender, tcp)
        {
            self.tcp.remove(found);
            place = None;
            reused = true;
        }
        let place = place.unwrap_or_else(|| {
            if self.tcp.len() >= limit
                && let Some(eldest) = self.tcp.eldest_of_some(|stream| time - stream.last)
            {
                self.tcp.remove(eldest);
            }
            let number = self.tcp_count;
            self.tcp_count = self.tcp_count.wrapping_add(1);
            self.tcp.insert(Stream::new(key, number, time))
        });
        if let Some(stream) = self.tcp.get_if(place) {
            stream.take(sender, tcp, frame, time);
            tcp.analysis.reused_ports |= reused;
        }
    }

    /// The number of the UDP stream between two ends.
    pub(super) fn udp_stream(&mut self, key: FlowKey, limit: usize) -> u32 {
        if self.udp.len() >= limit {
            self.udp.clear();
        }
        let count = &mut self.udp_count;
        *self.udp.entry(key).or_insert_with(|| {
            *count = count.wrapping_add(1);
            count.wrapping_sub(1)
        })
    }
}

/// Which parts of a TCP connection were seen: Wireshark's `tcp.completeness`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Completeness(pub u8);

impl Completeness {
    /// What was seen once this segment was.
    #[must_use]
    pub fn with(self, tcp: &Tcp) -> Self {
        let part = |bit: u8, is_there: bool| u8::from(is_there) << bit;
        let opens = tcp.flags & (Tcp::SYN | Tcp::ACK);
        let parts = part(0, opens == Tcp::SYN)
            | part(1, opens == Tcp::SYN | Tcp::ACK)
            | part(2, opens == Tcp::ACK)
            | part(3, tcp.payload_length > 0)
            | part(4, tcp.has(Tcp::FIN))
            | part(5, tcp.has(Tcp::RST));
        Self(self.0 | parts)
    }
}

impl Keyed for Stream {
    fn key(&self) -> &FlowKey {
        &self.key
    }
}

impl Stream {
    fn new(key: FlowKey, number: u32, time: Timestamp) -> Self {
        let side = Side { base: None, scale: WindowScale::Unknown, sent: Sent::default() };
        Self {
            key,
            number,
            first: time,
            last: time,
            sides: [side.clone(), side],
            syn_at: None,
            round_trip: None,
            completeness: Completeness::default(),
        }
    }

    /// Whether a segment opens a new connection between the same ends.
    fn is_begun_anew_by(&self, sender: usize, tcp: &Tcp) -> bool {
        tcp.flags & (Tcp::SYN | Tcp::ACK) == Tcp::SYN
            && self.sides[sender].base.is_some_and(|base| base != tcp.sequence_number)
    }

    fn take(&mut self, sender: usize, tcp: &mut Tcp, frame: FrameNumber, time: Timestamp) {
        let syn = tcp.has(Tcp::SYN);
        let sequence_number = tcp.sequence_number;
        let answers_anew = syn && self.sides[sender].base.is_some_and(|base| base != sequence_number);
        let base = match self.sides[sender].base {
            // An answer with another number counts from there.
            Some(base) if !syn => base,
            _ if syn => sequence_number,
            // Without a SYN the first byte seen counts as the first of all.
            _ => sequence_number.wrapping_sub(1),
        };
        self.sides[sender].base = Some(base);
        tcp.relative_sequence_number = sequence_number.wrapping_sub(base);
        let other = &mut self.sides[1 - sender];
        if tcp.has(Tcp::ACK) {
            other.base.get_or_insert(tcp.acknowledgment_number.wrapping_sub(1));
        }
        tcp.relative_acknowledgment_number = match (tcp.has(Tcp::ACK), other.base) {
            (true, Some(base)) => tcp.acknowledgment_number.wrapping_sub(base),
            _ => tcp.acknowledgment_number,
        };
        if syn {
            self.take_scale(sender, tcp);
        }
        tcp.window_scale = self.sides[sender].scale;
        self.analyze(sender, tcp, frame, time);
        tcp.analysis.reused_ports = answers_anew;
        tcp.stream = self.number;
        tcp.completeness = self.completeness;
        self.completeness = self.completeness.with(tcp);
        tcp.since_first = time - self.first;
        tcp.since_last = time - self.last;
        self.last = time;
    }

    fn analyze(&mut self, sender: usize, tcp: &mut Tcp, frame: FrameNumber, time: Timestamp) {
        let [low, high] = &mut self.sides;
        let (own, other) = if sender == 0 { (low, high) } else { (high, low) };
        let shift = match other.scale {
            WindowScale::Unknown => None,
            WindowScale::NotUsed => Some(0),
            WindowScale::Shift(bits) => Some(bits),
        };
        let (own, other) = (&mut own.sent, &mut other.sent);
        tcp.analysis = analyze(own, other, shift, tcp, frame.get(), time, self.round_trip);
        match (tcp.has(Tcp::SYN), tcp.has(Tcp::ACK), self.syn_at) {
            (true, false, _) => self.syn_at = Some(time),
            (false, true, Some(syn_at)) if self.round_trip.is_none() => {
                self.round_trip = Some(time - syn_at);
            }
            _ => {}
        }
        tcp.analysis.first_round_trip = self.round_trip;
    }

    /// What a SYN says of the scale of windows: one side that does not scale is enough that none does. Where only one was
    /// seen, it is taken at its word.
    fn take_scale(&mut self, sender: usize, tcp: &Tcp) {
        let mut options = tcp.options();
        let offered = options.find(|option| option.kind == TcpOption::WINDOW_SCALE);
        match offered.and_then(|option| option.value.first()) {
            None => self.sides.iter_mut().for_each(|side| side.scale = WindowScale::NotUsed),
            Some(_) if tcp.has(Tcp::ACK) && self.sides[1 - sender].scale == WindowScale::NotUsed => {
                self.sides[sender].scale = WindowScale::NotUsed;
            }
            Some(bits) => self.sides[sender].scale = WindowScale::Shift(*bits),
        }
    }
}
