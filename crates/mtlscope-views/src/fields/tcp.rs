//! `tcp`: the TCP header. RFC 9293 section 3.1. Its options: `tcp_options.rs`.

use mtlscope_dissect::packet::{Tcp, WindowScale};

use super::header::{HeaderField, field};
use super::{Base, Kind, Value};

pub(super) const DECIMAL: Kind = Kind::Unsigned(Base::Decimal);

pub(super) static FIELDS: &[HeaderField<Tcp>] = &[
    field("tcp", Kind::Protocol, "The TCP header.", |of, put| put(of.bytes())),
    field("tcp.srcport", DECIMAL, "The port of the sender.", |of, put| {
        put(Value::Unsigned(of.header.source_port.into()));
    }),
    field("tcp.dstport", DECIMAL, "The port of the receiver.", |of, put| {
        put(Value::Unsigned(of.header.destination_port.into()));
    }),
    field("tcp.port", DECIMAL, "The port of the sender, then the receiver.", |of, put| {
        put(Value::Unsigned(of.header.source_port.into()));
        put(Value::Unsigned(of.header.destination_port.into()));
    }),
    field("tcp.stream", DECIMAL, "The number of the TCP connection, from 0.", |of, put| {
        put(Value::Unsigned(of.header.stream.into()));
    }),
    field("tcp.len", DECIMAL, "The length of the payload.", |of, put| {
        put(Value::Unsigned(of.header.payload_length.into()));
    }),
    field("tcp.seq", DECIMAL, "The sequence number, counted from the first of the connection.", |of, put| {
        put(Value::Unsigned(of.header.relative_sequence_number.into()));
    }),
    field("tcp.seq_raw", DECIMAL, "The sequence number as sent.", |of, put| {
        put(Value::Unsigned(of.header.sequence_number.into()));
    }),
    field("tcp.nxtseq", DECIMAL, "The sequence number behind this segment.", |of, put| {
        put(Value::Unsigned(next_sequence_number(of.header).into()));
    }),
    field("tcp.ack", DECIMAL, "The acknowledgment number, counted like tcp.seq.", |of, put| {
        put(Value::Unsigned(of.header.relative_acknowledgment_number.into()));
    }),
    field("tcp.ack_raw", DECIMAL, "The acknowledgment number as sent.", |of, put| {
        put(Value::Unsigned(of.header.acknowledgment_number.into()));
    }),
    field("tcp.hdr_len", DECIMAL, "The length of the header in bytes.", |of, put| {
        put(Value::Unsigned(of.header.header_length.into()));
    }),
    field("tcp.flags", Kind::Unsigned(Base::Hexadecimal(4)), "All flags of the segment.", |of, put| {
        put(Value::Unsigned(of.header.flags.into()));
    }),
    field("tcp.flags.res", Kind::Boolean, "Whether a reserved bit is set.", |of, put| {
        put(flag(of.header, 0xe00))
    }),
    field("tcp.flags.ae", Kind::Boolean, "Accurate ECN.", |of, put| put(flag(of.header, 0x100))),
    field("tcp.flags.cwr", Kind::Boolean, "Congestion window reduced.", |of, put| {
        put(flag(of.header, 0x080))
    }),
    field("tcp.flags.ece", Kind::Boolean, "Echo of a congestion seen.", |of, put| {
        put(flag(of.header, 0x040))
    }),
    field("tcp.flags.urg", Kind::Boolean, "Whether the urgent pointer counts.", |of, put| {
        put(flag(of.header, Tcp::URG));
    }),
    field("tcp.flags.ack", Kind::Boolean, "Whether the acknowledgment number counts.", |of, put| {
        put(flag(of.header, Tcp::ACK));
    }),
    field("tcp.flags.push", Kind::Boolean, "Whether to hand it on at once.", |of, put| {
        put(flag(of.header, Tcp::PSH));
    }),
    field("tcp.flags.reset", Kind::Boolean, "Whether the connection is reset.", |of, put| {
        put(flag(of.header, Tcp::RST));
    }),
    field("tcp.flags.syn", Kind::Boolean, "Whether the sequence numbers begin here.", |of, put| {
        put(flag(of.header, Tcp::SYN));
    }),
    field("tcp.flags.fin", Kind::Boolean, "Whether the sender has no more to send.", |of, put| {
        put(flag(of.header, Tcp::FIN));
    }),
    field("tcp.flags.str", Kind::Text, "The flags as letters.", |of, put| {
        put(Value::Text(letters(of.header.flags).into()));
    }),
    field("tcp.window_size_value", DECIMAL, "The window as sent.", |of, put| {
        put(Value::Unsigned(of.header.window.into()));
    }),
    field("tcp.window_size", DECIMAL, "The window in bytes, scaled where the scale is known.", |of, put| {
        put(Value::Unsigned(of.header.scaled_window().into()));
    }),
    field(
        "tcp.window_size_scalefactor",
        Kind::Signed,
        "The scale of the window; -1 unknown, -2 none.",
        |of, put| {
            if !of.header.has(Tcp::SYN) {
                put(Value::Signed(match of.header.window_scale {
                    WindowScale::Unknown => -1,
                    WindowScale::NotUsed => -2,
                    WindowScale::Shift(bits) => 1 << bits.min(14),
                }));
            }
        },
    ),
    field(
        "tcp.checksum",
        Kind::Unsigned(Base::Hexadecimal(4)),
        "The checksum, which is not checked.",
        |of, put| {
            put(Value::Unsigned(of.header.checksum.into()));
        },
    ),
    field("tcp.checksum.status", DECIMAL, "Always 2: not checked.", |_, put| put(Value::Unsigned(2))),
    field("tcp.urgent_pointer", DECIMAL, "The urgent pointer.", |of, put| {
        put(Value::Unsigned(of.header.urgent_pointer.into()));
    }),
    field(
        "tcp.time_relative",
        Kind::RelativeTime,
        "Time since the first frame of the connection.",
        |of, put| {
            put(Value::RelativeTime(of.header.since_first));
        },
    ),
    field(
        "tcp.time_delta",
        Kind::RelativeTime,
        "Time since the frame of the connection before.",
        |of, put| {
            put(Value::RelativeTime(of.header.since_last));
        },
    ),
    field("tcp.payload", Kind::Bytes, "The payload.", |of, put| {
        if !of.header.payload.is_empty() {
            put(Value::Bytes(of.header.payload.clone()));
        }
    }),
];

/// The relative sequence number behind a segment: SYN and FIN count as a byte.
pub(crate) fn next_sequence_number(tcp: &Tcp) -> u32 {
    let flags = u32::from(tcp.has(Tcp::SYN)) + u32::from(tcp.has(Tcp::FIN));
    tcp.relative_sequence_number.wrapping_add(tcp.payload_length).wrapping_add(flags.min(1))
}

fn flag(tcp: &Tcp, bits: u16) -> Value {
    Value::Boolean(tcp.flags & bits != 0)
}

/// A letter for each flag that is set, a dot for each that is not.
fn letters(flags: u16) -> String {
    let names = "RRRACEUAPRSF".chars().enumerate();
    names.map(|(place, letter)| if flags >> (11 - place) & 1 != 0 { letter } else { '·' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_flags_as_wireshark_does() {
        assert_eq!(letters(0x012), "·······A··S·");
        assert_eq!(letters(0x0c2), "····CE····S·");
    }
}
