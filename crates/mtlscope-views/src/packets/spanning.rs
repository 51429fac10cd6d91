//! TLS records that span segments: which frames carried them, and how much of each.

use std::collections::HashMap;

use mtlscope_dissect::event::Record;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::packet::Packet;

use crate::fields::Ending;

/// The frames that carried the beginning of a record, and how many bytes of it.
type Pieces = Vec<(FrameNumber, usize)>;

/// Which stream of bytes: the TCP stream, the sender's port, the receiver's.
type Sender = (u32, u16, u16);

/// The records that have begun and not ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    begun: HashMap<Sender, Pieces>,
}

impl Spans {
    /// A packet completes a record. Gives what is to be told of it if it began in an earlier one.
    pub(super) fn record(&mut self, packet: &Packet, record: &Record) -> Option<Ending> {
        let pieces = self.begun.remove(&sender(packet)?)?;
        (record.evidence.first_frame != record.evidence.frame).then(|| ending(record, &pieces, packet.number))
    }

    /// A packet went by: what it left unfinished is remembered.
    pub(super) fn pass(&mut self, packet: &Packet) {
        if packet.unfinished > 0
            && let Some(sender) = sender(packet)
        {
            self.begun.entry(sender).or_default().push((packet.number, packet.unfinished as usize));
        }
    }
}

fn sender(packet: &Packet) -> Option<Sender> {
    packet.tcp().map(|tcp| (tcp.stream, tcp.source_port, tcp.destination_port))
}

fn ending(record: &Record, pieces: &[(FrameNumber, usize)], last: FrameNumber) -> Ending {
    let head = [record.version.0.to_be_bytes(), record.length.to_be_bytes()].concat();
    let bytes = [&[record.outer_content_type.0][..], &head, &record.fragment].concat();
    let before: usize = pieces.iter().map(|(_, bytes)| bytes).sum();
    Ending {
        here: bytes.len().saturating_sub(before),
        record: bytes.into(),
        frames: pieces.iter().map(|(frame, _)| *frame).chain([last]).collect(),
    }
}
