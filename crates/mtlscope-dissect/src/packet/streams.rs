//! TCP streams as Wireshark numbers them: which connection a segment belongs to, and its numbers from the beginning.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::flow_table::{FlowKey, FlowTable, Keyed};
use crate::time::Timestamp;

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
    /// Whether a side closed or reset: the next SYN begins another connection.
    is_over: bool,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    /// The number before the first byte.
    base: Option<u32>,
    syn: Syn,
}

/// What the SYN of a side said of scaling its window.
#[derive(Clone, Copy, Debug, Default)]
enum Syn {
    /// No SYN was seen.
    #[default]
    Unseen,
    /// It does not scale.
    NoScale,
    /// By so many bits.
    Scale(u8),
}

impl Streams {
    /// Finds the stream of a segment, and completes its header with what that tells.
    pub(super) fn place_segment(
        &mut self,
        (key, sender): (FlowKey, usize),
        tcp: &mut Tcp,
        time: Timestamp,
        limit: usize,
    ) {
        let mut place = self.tcp.find(&key);
        if let Some(found) = place
            && let Some(stream) = self.tcp.get_if(found)
            && stream.is_begun_anew_by(sender, tcp)
        {
            self.tcp.remove(found);
            place = None;
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
            stream.take(sender, tcp, time);
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

impl Keyed for Stream {
    fn key(&self) -> &FlowKey {
        &self.key
    }
}

impl Stream {
    fn new(key: FlowKey, number: u32, time: Timestamp) -> Self {
        Self { key, number, first: time, last: time, sides: [Side::default(); 2], is_over: false }
    }

    /// Whether a segment opens a new connection between the same ends.
    fn is_begun_anew_by(&self, sender: usize, tcp: &Tcp) -> bool {
        tcp.flags & (Tcp::SYN | Tcp::ACK) == Tcp::SYN
            && self.sides[sender].base.is_some_and(|base| base != tcp.sequence_number || self.is_over)
    }

    fn take(&mut self, sender: usize, tcp: &mut Tcp, time: Timestamp) {
        let syn = tcp.has(Tcp::SYN);
        let sequence_number = tcp.sequence_number;
        let base = *self.sides[sender].base.get_or_insert(match syn {
            true => sequence_number,
            // Without a SYN the first byte seen counts as the first of all.
            false => sequence_number.wrapping_sub(1),
        });
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
            self.sides[sender].syn = scale(tcp);
        }
        tcp.window_scale = match (self.sides[sender].syn, self.sides[1 - sender].syn) {
            (Syn::Scale(bits), Syn::Scale(_)) => WindowScale::Shift(bits),
            (Syn::Unseen, _) | (_, Syn::Unseen) => WindowScale::Unknown,
            _ => WindowScale::NotUsed,
        };
        self.is_over |= tcp.flags & (Tcp::FIN | Tcp::RST) != 0;
        tcp.stream = self.number;
        tcp.since_first = time - self.first;
        tcp.since_last = time - self.last;
        self.last = time;
    }
}

fn scale(tcp: &Tcp) -> Syn {
    let mut options = tcp.options();
    match options
        .find(|option| option.kind == TcpOption::WINDOW_SCALE)
        .and_then(|option| option.value.first())
    {
        Some(bits) => Syn::Scale(*bits),
        None => Syn::NoScale,
    }
}
