//! `tcp.analysis`: what a look at the stream says of a segment, as Wireshark 4.0 says it.

use mtlscope_dissect::packet::{Analysis, Completeness, Tcp};

use super::header::{HeaderField, Of, field};
use super::tcp::DECIMAL;
use super::{Kind, Value};

/// What a first pass over the capture tells of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholeStream {
    /// How long its handshake took, in nanoseconds.
    pub(crate) first_round_trip: Option<i64>,
    /// Which parts of it were seen.
    pub(crate) completeness: Completeness,
}

impl WholeStream {
    /// What came before a segment, and its own round trip.
    pub(crate) fn so_far(tcp: &Tcp) -> Self {
        Self { first_round_trip: tcp.analysis.first_round_trip, completeness: tcp.completeness }
    }

    /// The same with the segment.
    pub(crate) fn with(tcp: &Tcp) -> Self {
        Self { completeness: tcp.completeness.with(tcp), ..Self::so_far(tcp) }
    }
}

/// What is known of the whole stream, in two passes; in one, of what came before.
pub(super) static STREAM_FIELDS: &[HeaderField<WholeStream>] = &[
    field(
        "tcp.analysis.initial_rtt",
        Kind::RelativeTime,
        "How long the connection's handshake took.",
        |of, put| {
            if let Some(tcp) = of.packet.tcp()
                && tcp.analysis.says_something()
                && let Some(nanoseconds) = of.header.first_round_trip
                && nanoseconds != 0
            {
                put(Value::RelativeTime(nanoseconds));
            }
        },
    ),
    field(
        "tcp.completeness",
        DECIMAL,
        "Which parts of the connection were seen: SYN 1, SYN-ACK 2, ACK 4, data 8, FIN 16, RST 32.",
        |of, put| put(Value::Unsigned(of.header.completeness.0.into())),
    ),
];

pub(super) static FIELDS: &[HeaderField<Tcp>] = &[
    field("tcp.analysis", Kind::Label, "There is something to say of it in its stream.", |of, put| {
        there(of, put, Analysis::says_something);
    }),
    field("tcp.analysis.flags", Kind::Label, "Something about it is a sign of trouble.", |of, put| {
        there(of, put, Analysis::is_flagged);
    }),
    field("tcp.analysis.acks_frame", Kind::FrameNumber, "The segment that it acknowledges.", |of, put| {
        if let Some((frame, _)) = of.header.analysis.acknowledges {
            put(Value::Unsigned(frame));
        }
    }),
    field(
        "tcp.analysis.ack_rtt",
        Kind::RelativeTime,
        "The time since the segment that it acknowledges.",
        |of, put| span(of.header.analysis.acknowledges, put),
    ),
    field(
        "tcp.analysis.bytes_in_flight",
        DECIMAL,
        "Bytes that its sender has under way with it.",
        |of, put| {
            if let Some(bytes) = of.header.analysis.bytes_in_flight {
                put(Value::Unsigned(bytes.into()));
            }
        },
    ),
    field(
        "tcp.analysis.push_bytes_sent",
        DECIMAL,
        "Bytes sent since the last that were to be handed on at once (PSH).",
        |of, put| {
            if let (Some(bytes), Some(_)) =
                (of.header.analysis.bytes_since_push, of.header.analysis.bytes_in_flight)
            {
                put(Value::Unsigned(bytes.into()));
            }
        },
    ),
    field("tcp.analysis.rto", Kind::RelativeTime, "The time since what it repeats.", |of, put| {
        span(of.header.analysis.repeats, put);
    }),
    field("tcp.analysis.rto_frame", Kind::FrameNumber, "The segment that it repeats.", |of, put| {
        if let Some((frame, since)) = of.header.analysis.repeats
            && since != 0
        {
            put(Value::Unsigned(frame));
        }
    }),
    field(
        "tcp.analysis.reused_ports",
        Kind::Label,
        "Its ports were those of another connection.",
        |of, put| {
            there(of, put, |it| it.reused_ports);
        },
    ),
    field(
        "tcp.analysis.ack_lost_segment",
        Kind::Label,
        "It acknowledges what is not in the capture.",
        |of, put| {
            there(of, put, |it| it.ack_lost_segment);
        },
    ),
    field("tcp.analysis.retransmission", Kind::Label, "It repeats what was sent.", |of, put| {
        there(of, put, |it| it.retransmission || it.fast_retransmission || it.spurious_retransmission);
    }),
    field(
        "tcp.analysis.fast_retransmission",
        Kind::Label,
        "It repeats what was asked for twice.",
        |of, put| {
            there(of, put, |it| it.fast_retransmission);
        },
    ),
    field(
        "tcp.analysis.spurious_retransmission",
        Kind::Label,
        "It repeats what was acknowledged.",
        |of, put| {
            there(of, put, |it| it.spurious_retransmission);
        },
    ),
    field("tcp.analysis.out_of_order", Kind::Label, "It comes behind one sent after it.", |of, put| {
        there(of, put, |it| it.out_of_order);
    }),
    field(
        "tcp.analysis.lost_segment",
        Kind::Label,
        "A segment before it is not in the capture.",
        |of, put| {
            there(of, put, |it| it.lost_segment);
        },
    ),
    field("tcp.analysis.keep_alive", Kind::Label, "It keeps the connection alive.", |of, put| {
        there(of, put, |it| it.keep_alive);
    }),
    field("tcp.analysis.keep_alive_ack", Kind::Label, "It answers a keep-alive.", |of, put| {
        there(of, put, |it| it.keep_alive_ack);
    }),
    field("tcp.analysis.duplicate_ack", Kind::Label, "It repeats an acknowledgment.", |of, put| {
        // Once where the repetition is told, once as the remark on it.
        there(of, put, |it| it.duplicate_ack.is_some());
        there(of, put, |it| it.duplicate_ack.is_some());
    }),
    field("tcp.analysis.duplicate_ack_num", DECIMAL, "The how manieth repetition it is.", |of, put| {
        if let Some((number, _)) = of.header.analysis.duplicate_ack {
            put(Value::Unsigned(number.into()));
        }
    }),
    field(
        "tcp.analysis.duplicate_ack_frame",
        Kind::FrameNumber,
        "The acknowledgment it repeats.",
        |of, put| {
            if let Some((_, frame)) = of.header.analysis.duplicate_ack {
                put(Value::Unsigned(frame));
            }
        },
    ),
    field("tcp.analysis.zero_window", Kind::Label, "The window is closed.", |of, put| {
        there(of, put, |it| it.zero_window);
    }),
    field("tcp.analysis.zero_window_probe", Kind::Label, "It asks whether the window is open.", |of, put| {
        there(of, put, |it| it.zero_window_probe);
    }),
    field(
        "tcp.analysis.zero_window_probe_ack",
        Kind::Label,
        "It says that the window is closed.",
        |of, put| {
            there(of, put, |it| it.zero_window_probe_ack);
        },
    ),
    field("tcp.analysis.window_full", Kind::Label, "It fills the receiver's window.", |of, put| {
        there(of, put, |it| it.window_full);
    }),
    field("tcp.analysis.window_update", Kind::Label, "It changes nothing but the window.", |of, put| {
        there(of, put, |it| it.window_update);
    }),
];

/// A span that is not zero.
fn span(since: Option<(u64, i64)>, put: &mut dyn FnMut(Value)) {
    if let Some((_, nanoseconds)) = since
        && nanoseconds != 0
    {
        put(Value::RelativeTime(nanoseconds));
    }
}

fn there(of: &Of<'_, Tcp>, put: &mut dyn FnMut(Value), is: fn(&Analysis) -> bool) {
    if is(&of.header.analysis) {
        put(Value::Present);
    }
}
