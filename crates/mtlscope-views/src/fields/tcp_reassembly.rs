//! `tcp.segment...`, `tcp.reassembled...`: TLS records that span segments, as Wireshark tells of them.

use mtlscope_dissect::evidence::FrameNumber;

use super::header::{HeaderField, field};
use super::tcp::DECIMAL;
use super::{Kind, Value};

/// What a segment has of records that span several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spanning {
    /// The record that ends in this segment, and began in an earlier one.
    pub(crate) ends: Option<Ending>,
    /// Where the record ends that this segment begins or continues, as far as that is known.
    pub(crate) ends_in: Option<FrameNumber>,
}

/// The end of a record that spans segments.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// With its header.
    pub(crate) record: Box<[u8]>,
    /// The frames that carried it, this one last.
    pub(crate) frames: Vec<FrameNumber>,
    /// How many bytes of it are in this segment.
    pub(crate) here: usize,
}

pub(super) static FIELDS: &[HeaderField<Spanning>] = &[
    field(
        "tcp.segment_data",
        Kind::Bytes,
        "What this segment has of a record that spans several.",
        |of, put| {
            let Some(tcp) = of.packet.tcp() else { return };
            if let Some(ending) = &of.header.ends
                && let Some(bytes) = tcp.payload.get(..ending.here)
            {
                put(Value::Bytes(bytes.into()));
            }
            let unfinished = of.packet.unfinished as usize;
            if unfinished > 0
                && let Some(start) = tcp.payload.len().checked_sub(unfinished)
            {
                put(Value::Bytes(tcp.payload[start..].into()));
            }
        },
    ),
    field(
        "tcp.segment",
        Kind::FrameNumber,
        "Each frame that carried a part of the record that ends here.",
        |of, put| {
            let frames = of.header.ends.iter().flat_map(|ending| &ending.frames);
            frames.for_each(|frame| put(Value::Unsigned(frame.get())));
        },
    ),
    field("tcp.segment.count", DECIMAL, "How many frames carried the record that ends here.", |of, put| {
        if let Some(ending) = &of.header.ends {
            put(Value::Unsigned(ending.frames.len() as u64));
        }
    }),
    field(
        "tcp.reassembled_in",
        Kind::FrameNumber,
        "The frame that ends the record begun here; known in two passes.",
        |of, put| {
            if let Some(frame) = of.header.ends_in {
                put(Value::Unsigned(frame.get()));
            }
        },
    ),
    field(
        "tcp.reassembled.length",
        DECIMAL,
        "The length of the record that ends here, with its header.",
        |of, put| {
            if let Some(ending) = &of.header.ends {
                put(Value::Unsigned(ending.record.len() as u64));
            }
        },
    ),
    field("tcp.reassembled.data", Kind::Bytes, "The record that ends here, with its header.", |of, put| {
        if let Some(ending) = &of.header.ends {
            put(Value::Bytes(ending.record.clone()));
        }
    }),
];
