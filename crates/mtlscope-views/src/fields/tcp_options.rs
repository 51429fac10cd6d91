//! `tcp.options`: the options of the TCP header.

use mtlscope_dissect::packet::{Tcp, TcpOption};

use super::header::{HeaderField, field};
use super::tcp::DECIMAL;
use super::{Kind, Value};

pub(super) static FIELDS: &[HeaderField<Tcp>] = &[
    field("tcp.options", Kind::Bytes, "All options.", |of, put| {
        if !of.header.options.is_empty() {
            put(Value::Bytes(of.header.options.clone()));
        }
    }),
    field("tcp.option_kind", DECIMAL, "The number of each option.", |of, put| {
        of.header.options().for_each(|option| put(Value::Unsigned(option.kind.into())));
    }),
    field("tcp.option_len", DECIMAL, "The length of each option that has one.", |of, put| {
        let with_length = of.header.options().filter(|option| option.kind > TcpOption::NO_OPERATION);
        with_length.for_each(|option| put(Value::Unsigned(option.length.into())));
    }),
    field("tcp.options.eol", Kind::Bytes, "The end of the options.", |of, put| {
        whole(of.header, TcpOption::END, put);
    }),
    field("tcp.options.nop", Kind::Bytes, "No operation: padding.", |of, put| {
        whole(of.header, TcpOption::NO_OPERATION, put);
    }),
    field("tcp.options.mss", Kind::Bytes, "The option of the maximum segment size.", |of, put| {
        whole(of.header, TcpOption::MAXIMUM_SEGMENT_SIZE, put);
    }),
    field("tcp.options.mss_val", DECIMAL, "The maximum segment size.", |of, put| {
        each(of.header, TcpOption::MAXIMUM_SEGMENT_SIZE, |value| {
            if let [high, low] = value {
                put(Value::Unsigned(u16::from_be_bytes([*high, *low]).into()));
            }
        });
    }),
    field("tcp.options.wscale", Kind::Bytes, "The option of the window scale.", |of, put| {
        whole(of.header, TcpOption::WINDOW_SCALE, put);
    }),
    field("tcp.options.wscale.shift", DECIMAL, "By how many bits windows are shifted.", |of, put| {
        each(of.header, TcpOption::WINDOW_SCALE, |value| {
            if let [shift] = value {
                put(Value::Unsigned((*shift).into()));
            }
        });
    }),
    field("tcp.options.wscale.multiplier", DECIMAL, "By what windows are multiplied.", |of, put| {
        each(of.header, TcpOption::WINDOW_SCALE, |value| {
            if let [shift] = value {
                put(Value::Unsigned(1 << (*shift).min(14)));
            }
        });
    }),
    field("tcp.options.sack_perm", Kind::Bytes, "Selective acknowledgment is permitted.", |of, put| {
        whole(of.header, TcpOption::SACK_PERMITTED, put);
    }),
    field("tcp.options.sack", Kind::Bytes, "The option of selective acknowledgment.", |of, put| {
        whole(of.header, TcpOption::SACK, put);
    }),
    field("tcp.options.sack.count", DECIMAL, "How many blocks are acknowledged.", |of, put| {
        each(of.header, TcpOption::SACK, |value| put(Value::Unsigned((value.len() / 8) as u64)));
    }),
    field("tcp.options.sack_le", DECIMAL, "Where a block begins, counted like tcp.ack.", |of, put| {
        blocks(of.header, |begin, _| put(Value::Unsigned(begin.into())));
    }),
    field("tcp.options.sack_re", DECIMAL, "Where a block ends, counted like tcp.ack.", |of, put| {
        blocks(of.header, |_, end| put(Value::Unsigned(end.into())));
    }),
    field("tcp.options.timestamp", Kind::Bytes, "The option of timestamps.", |of, put| {
        whole(of.header, TcpOption::TIMESTAMPS, put);
    }),
    field("tcp.options.timestamp.tsval", DECIMAL, "The sender's timestamp.", |of, put| {
        each(of.header, TcpOption::TIMESTAMPS, |value| {
            if let [a, b, c, d, _, _, _, _] = value {
                put(Value::Unsigned(u32::from_be_bytes([*a, *b, *c, *d]).into()));
            }
        });
    }),
    field("tcp.options.timestamp.tsecr", DECIMAL, "The timestamp that is echoed.", |of, put| {
        each(of.header, TcpOption::TIMESTAMPS, |value| {
            if let [_, _, _, _, a, b, c, d] = value {
                put(Value::Unsigned(u32::from_be_bytes([*a, *b, *c, *d]).into()));
            }
        });
    }),
];

/// The bytes of each option of a kind.
fn whole(tcp: &Tcp, kind: u8, put: &mut dyn FnMut(Value)) {
    for option in tcp.options().filter(|option| option.kind == kind) {
        let head: &[u8] = &[option.kind, option.length];
        let head = if kind > TcpOption::NO_OPERATION { head } else { &head[..1] };
        put(Value::Bytes([head, option.value].concat().into()));
    }
}

/// The value of each option of a kind.
fn each(tcp: &Tcp, kind: u8, mut take: impl FnMut(&[u8])) {
    tcp.options().filter(|option| option.kind == kind).for_each(|option| take(option.value));
}

/// The blocks that are acknowledged, in numbers counted from the beginning of the other side's stream.
pub(crate) fn blocks(tcp: &Tcp, mut take: impl FnMut(u32, u32)) {
    let base = tcp.acknowledgment_number.wrapping_sub(tcp.relative_acknowledgment_number);
    each(tcp, TcpOption::SACK, |value| {
        for block in value.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *block;
            let number = |bytes| u32::from_be_bytes(bytes).wrapping_sub(base);
            take(number([a, b, c, d]), number([e, f, g, h]));
        }
    });
}
