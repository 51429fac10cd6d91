//! What a look at the stream says of a segment: sent again, out of order, a window that is closed. By the rules of Wireshark
//! 4.0 (`tcp.analysis.flags`), so that the same segments are named.

use crate::time::Timestamp;

use super::in_flight::InFlight;
use super::{Tcp, TcpOption};

/// Within this time of a repeated acknowledgment, what is sent again is sent again for its sake.
const FAST: i64 = 20_000_000;

/// How late a segment may come and still count as out of order, where the round trip is not known.
const OUT_OF_ORDER: i64 = 3_000_000;

/// What is remarkable about a segment.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Analysis {
    /// It repeats what was sent.
    pub retransmission: bool,
    /// It repeats what was sent, soon after the receiver asked twice for it.
    pub fast_retransmission: bool,
    /// It repeats what was acknowledged already.
    pub spurious_retransmission: bool,
    /// It comes behind one that was sent after it.
    pub out_of_order: bool,
    /// It begins anew between ends that had a connection already.
    pub reused_ports: bool,
    /// A segment before it is not in the capture.
    pub lost_segment: bool,
    /// It acknowledges what is not in the capture.
    pub ack_lost_segment: bool,
    /// It keeps the connection alive.
    pub keep_alive: bool,
    /// It answers one that does.
    pub keep_alive_ack: bool,
    /// It repeats an acknowledgment: the how manieth repetition, and of which frame.
    pub duplicate_ack: Option<(u32, u64)>,
    /// Its receiver's window is closed.
    pub zero_window: bool,
    /// It asks whether a closed window is open.
    pub zero_window_probe: bool,
    /// It answers that.
    pub zero_window_probe_ack: bool,
    /// It fills the receiver's window.
    pub window_full: bool,
    /// It changes nothing but the window.
    pub window_update: bool,
    /// The frame that it acknowledges, and the nanoseconds since.
    pub acknowledges: Option<(u64, i64)>,
    /// How many bytes its sender has under way with it.
    pub bytes_in_flight: Option<u32>,
    /// How many bytes its sender sent since it last pushed.
    pub bytes_since_push: Option<u32>,
    /// What it repeats: the frame, and the nanoseconds since.
    pub repeats: Option<(u64, i64)>,
    /// How long the handshake of the connection took, in nanoseconds, where that is known by now.
    pub first_round_trip: Option<i64>,
}

impl Analysis {
    /// Whether something about the segment is a sign of trouble: Wireshark's `tcp.analysis.flags`.
    pub fn is_flagged(&self) -> bool {
        self.retransmission
            || self.fast_retransmission
            || self.spurious_retransmission
            || self.out_of_order
            || self.reused_ports
            || self.lost_segment
            || self.ack_lost_segment
            || self.keep_alive
            || self.keep_alive_ack
            || self.duplicate_ack.is_some()
            || self.zero_window
            || self.zero_window_probe
            || self.zero_window_probe_ack
            || self.window_full
            || self.window_update
    }

    /// Whether there is anything to say of the segment at all.
    pub fn says_something(&self) -> bool {
        self.is_flagged() || self.acknowledges.is_some() || self.bytes_since_push.is_some()
    }
}

/// One direction, as far as the analysis remembers it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    next: Option<u32>,
    next_at: Timestamp,
    next_in: u64,
    in_flight: InFlight,
    /// The end of what was seen without a hole.
    continuous: Option<u32>,
    last_ack: u32,
    last_ack_at: Timestamp,
    window: u32,
    duplicates: u32,
    last_that_was_none: u64,
    last_was_keep_alive: bool,
    last_was_zero_window_probe: bool,
}

/// What a segment of `own` is, and what is to be remembered of it. Numbers are as sent.
pub(super) fn analyze(
    own: &mut Sent,
    other: &mut Sent,
    other_shift: Option<u8>,
    tcp: &Tcp,
    frame: u64,
    time: Timestamp,
    first_round_trip: Option<i64>,
) -> Analysis {
    let mut told = Analysis::default();
    let (seq, ack, length, window) =
        (tcp.sequence_number, tcp.acknowledgment_number, tcp.payload_length, u32::from(tcp.window));
    let plain = tcp.flags & (Tcp::SYN | Tcp::FIN | Tcp::RST) == 0;
    let next = own.next;
    let continues = next == Some(seq);
    let repeats_ack = length == 0 && plain && continues && ack == own.last_ack;
    if length == 1 && continues && other.window == 0 {
        told.zero_window_probe = true;
    } else {
        told.zero_window = window == 0 && plain;
        told.lost_segment = next.is_some_and(|next| after(seq, next)) && !tcp.has(Tcp::RST);
        told.keep_alive = length <= 1 && plain && next.is_some_and(|next| seq == next.wrapping_sub(1));
        told.window_update = repeats_ack && window != 0 && window != own.window;
        let edge = other_shift.map(|shift| other.last_ack.wrapping_add(other.window << shift.min(14)));
        told.window_full = length > 0 && plain && edge == Some(seq.wrapping_add(length));
        if repeats_ack && window != 0 && window == own.window && other.last_was_keep_alive {
            told.keep_alive_ack = true;
        } else if repeats_ack && window == 0 && window == own.window && other.last_was_zero_window_probe {
            told.zero_window_probe_ack = true;
        } else if repeats_ack && window != 0 && window == own.window {
            own.duplicates += 1;
            told.duplicate_ack = Some((own.duplicates, own.last_that_was_none));
        }
    }
    let is_new_ack = ack != own.last_ack;
    if is_new_ack {
        (own.last_that_was_none, own.duplicates) = (frame, 0);
    }
    if tcp.has(Tcp::ACK) && is_new_ack && other.continuous.is_some_and(|continuous| after(ack, continuous)) {
        told.ack_lost_segment = true;
        other.continuous = other.next;
    }
    let counts = length > 0 || tcp.flags & (Tcp::SYN | Tcp::FIN) != 0;
    if counts && !told.keep_alive {
        again(&mut told, own, other, tcp, time, first_round_trip);
    }
    own.remember(tcp, &told, frame, time);
    under_way(&mut told, own, other, tcp, (frame, time));
    told
}

/// What a segment acknowledges, and what is under way with it.
fn under_way(
    told: &mut Analysis,
    own: &mut Sent,
    other: &mut Sent,
    tcp: &Tcp,
    (frame, time): (u64, Timestamp),
) {
    let (seq, length) = (tcp.sequence_number, tcp.payload_length);
    let numbered = tcp.flags & (Tcp::SYN | Tcp::FIN) != 0;
    if length > 0 || numbered {
        own.in_flight.send(seq, seq.wrapping_add(length).wrapping_add(numbered.into()), frame, time);
    }
    own.in_flight.has_hole |= told.lost_segment;
    if tcp.has(Tcp::ACK) {
        other.in_flight.has_hole = false;
    }
    let blocks = tcp.options().find(|option| option.kind == TcpOption::SACK);
    other.in_flight.behind_holes = blocks.map_or(0, |option| {
        let (blocks, _) = option.value.as_chunks::<8>();
        let length = |[a, b, c, d, e, f, g, h]: &[u8; 8]| {
            u32::from_be_bytes([*e, *f, *g, *h]).wrapping_sub(u32::from_be_bytes([*a, *b, *c, *d]))
        };
        blocks.iter().map(length).fold(0, u32::wrapping_add)
    });
    let acknowledged = other.in_flight.acknowledge(tcp.acknowledgment_number);
    told.acknowledges = acknowledged.map(|(frame, at)| (frame, time - at));
    if length > 0
        && let Some(bytes) = own.in_flight.bytes()
    {
        let plausible = (1..2_000_000_000).contains(&bytes);
        // The number that SYN and FIN take is no byte.
        told.bytes_in_flight = plausible.then(|| bytes - u32::from(numbered));
        told.bytes_since_push = Some(own.in_flight.since_push(length, tcp.has(Tcp::PSH)));
    }
}

/// Whether a segment that does not go on is sent again, or out of order.
fn again(
    told: &mut Analysis,
    own: &Sent,
    other: &Sent,
    tcp: &Tcp,
    time: Timestamp,
    first_round_trip: Option<i64>,
) {
    let (seq, length) = (tcp.sequence_number, tcp.payload_length);
    let Some(next) = own.next else { return };
    let end = seq.wrapping_add(length);
    let is_behind = after(next, seq) && !(length > 1 && next.wrapping_sub(1) == seq);
    if length > 0 && other.last_ack != 0 && !after(end, other.last_ack) {
        told.spurious_retransmission = true;
        return;
    }
    if !is_behind {
        return;
    }
    let numbered = u32::from(tcp.flags & (Tcp::SYN | Tcp::FIN) != 0);
    if other.duplicates >= 2 && other.last_ack == seq && time - other.last_ack_at < FAST {
        told.fast_retransmission = true;
    } else if time - own.next_at < first_round_trip.unwrap_or(OUT_OF_ORDER)
        && next != end.wrapping_add(numbered)
    {
        told.out_of_order = true;
    } else {
        told.retransmission = true;
        let (repeated, at) = own.in_flight.eldest_from(seq).unwrap_or((own.next_in, own.next_at));
        told.repeats = Some((repeated, time - at));
    }
}

impl Sent {
    fn remember(&mut self, tcp: &Tcp, told: &Analysis, frame: u64, time: Timestamp) {
        let numbered = u32::from(tcp.flags & (Tcp::SYN | Tcp::FIN) != 0);
        let end = tcp.sequence_number.wrapping_add(tcp.payload_length).wrapping_add(numbered);
        if !told.zero_window_probe {
            if self.next.is_none_or(|next| after(end, next)) {
                (self.next, self.next_at, self.next_in) = (Some(end), time, frame);
            }
            if self.continuous.is_none_or(|continuous| continuous == tcp.sequence_number) {
                self.continuous = self.next;
            }
        }
        self.window = u32::from(tcp.window);
        (self.last_ack, self.last_ack_at) = (tcp.acknowledgment_number, time);
        self.last_was_keep_alive = told.keep_alive;
        self.last_was_zero_window_probe = told.zero_window_probe;
    }
}

/// Whether one sequence number is behind another.
pub(super) fn after(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) > 0
}
