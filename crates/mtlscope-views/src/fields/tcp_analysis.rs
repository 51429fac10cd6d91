//! `tcp.analysis`: what a look at the stream says of a segment, as Wireshark 4.0 says it.

use mtlscope_dissect::packet::{Analysis, Tcp};

use super::header::{HeaderField, Of, field};
use super::tcp::DECIMAL;
use super::{Kind, Value};

pub(super) static FIELDS: &[HeaderField<Tcp>] = &[
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

fn there(of: &Of<'_, Tcp>, put: &mut dyn FnMut(Value), is: fn(&Analysis) -> bool) {
    if is(&of.header.analysis) {
        put(Value::Present);
    }
}
