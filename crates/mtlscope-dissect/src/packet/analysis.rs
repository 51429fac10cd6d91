//! What a look at the stream says of a segment: sent again, out of order, a window that is closed. By the rules of Wireshark
//! 4.0 (`tcp.analysis.flags`), so that the same segments are named.

use crate::time::Timestamp;

use super::Tcp;

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
}

/// One direction, as far as the analysis remembers it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    next: Option<u32>,
    next_at: Timestamp,
    /// The end of what was seen without a hole.
    continuous: Option<u32>,
    last_ack: u32,
    last_ack_at: Timestamp,
    window: u32,
    duplicates: u32,
    last_that_was_none: u64,
    last: Analysis,
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
        if repeats_ack && window != 0 && window == own.window && other.last.keep_alive {
            told.keep_alive_ack = true;
        } else if repeats_ack && window == 0 && window == own.window && other.last.zero_window_probe {
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
    own.remember(tcp, told, time);
    told
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
    }
}

impl Sent {
    fn remember(&mut self, tcp: &Tcp, told: Analysis, time: Timestamp) {
        let numbered = u32::from(tcp.flags & (Tcp::SYN | Tcp::FIN) != 0);
        let end = tcp.sequence_number.wrapping_add(tcp.payload_length).wrapping_add(numbered);
        if !told.zero_window_probe {
            if self.next.is_none_or(|next| after(end, next)) {
                (self.next, self.next_at) = (Some(end), time);
            }
            if self.continuous.is_none_or(|continuous| continuous == tcp.sequence_number) {
                self.continuous = self.next;
            }
        }
        self.window = u32::from(tcp.window);
        (self.last_ack, self.last_ack_at) = (tcp.acknowledgment_number, time);
        self.last = told;
    }
}

/// Whether one sequence number is behind another.
fn after(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) > 0
}
