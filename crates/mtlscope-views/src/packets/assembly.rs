//! From events to frames: a packet, and all that was told of what it completed.

use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::packet::Packet;

/// One frame of the capture.
#[derive(Debug)]
pub struct Frame {
    /// Its packet.
    pub packet: Box<Packet>,
    /// The records that this packet completed and what was in them, in order: each record before its content. Where TLS was
    /// recognised with it, that a connection opened.
    pub events: Vec<(ConnectionId, EventKind)>,
    /// The connections of which nothing more comes.
    pub closed: Vec<ConnectionId>,
}

/// Collects the events of each frame.
///
/// Hand it every event, and take the frame once the dissector has no more to tell of an input.
#[derive(Debug, Default)]
pub struct Frames {
    current: Option<Frame>,
    closed: Vec<ConnectionId>,
}

impl Frames {
    /// Hears of something seen.
    pub fn hear(&mut self, event: Event) {
        if let EventKind::Packet(packet) = event.kind {
            self.current = Some(Frame { packet, events: Vec::new(), closed: Vec::new() });
            return;
        }
        if let (EventKind::Closed(_), Some(connection)) = (&event.kind, event.connection) {
            self.closed.push(connection);
        }
        let (Some(frame), Some(connection)) = (&mut self.current, event.connection) else { return };
        // What came early and was held back is completed by this frame; what belongs to one before, behind bytes that are
        // missing, was told too late for it.
        let is_opened = matches!(event.kind, EventKind::Opened(_));
        if is_opened
            || evidence(&event.kind).is_some_and(|evidence| evidence.frame == Some(frame.packet.number))
        {
            frame.events.push((connection, event.kind));
        }
    }

    /// Hears of something that others are to hear of, too; only of what fields are told from.
    pub fn overhear(&mut self, event: &Event) {
        let kind = match &event.kind {
            EventKind::Packet(packet) => EventKind::Packet(packet.clone()),
            EventKind::Opened(opened) => EventKind::Opened(opened.clone()),
            EventKind::Record(record) => EventKind::Record(record.clone()),
            EventKind::Message(message) => EventKind::Message(message.clone()),
            EventKind::Closed(closed) => EventKind::Closed(*closed),
            _ => return,
        };
        self.hear(Event { connection: event.connection, kind });
    }

    /// The frame whose packet was heard of last.
    pub fn take(&mut self) -> Option<Frame> {
        let mut frame = self.current.take()?;
        frame.closed.append(&mut self.closed);
        Some(frame)
    }
}

impl Frame {
    /// Its number.
    pub fn number(&self) -> FrameNumber {
        self.packet.number
    }

    /// The protocols inside that are no headers of the packet, outermost first, as Wireshark counts them: a record whose
    /// beginning came earlier is put together and read on its own, the others together.
    pub fn carries(&self) -> Vec<&'static str> {
        let records = self.events.iter().filter_map(|(_, event)| match event {
            EventKind::Record(record) => Some(record.evidence.first_frame != record.evidence.frame),
            // A hello of SSL 2 has no record of TLS around it.
            EventKind::Message(message) if message.ssl2_hello().is_some() => {
                Some(message.evidence.first_frame != message.evidence.frame)
            }
            _ => None,
        });
        let mut carries = Vec::new();
        let mut last_was_joined = true;
        for joined in records {
            if joined || last_was_joined {
                carries.push("tls");
            }
            last_was_joined = joined;
        }
        // What stands behind one that was put together is looked at on its own, whole or not.
        if !carries.is_empty() && last_was_joined && self.packet.unfinished > 0 {
            carries.push("tls");
        }
        carries
    }
}

fn evidence(kind: &EventKind) -> Option<&Evidence> {
    match kind {
        EventKind::Record(record) => Some(&record.evidence),
        EventKind::Message(message) => Some(&message.evidence),
        EventKind::ChangeCipherSpec { evidence, .. } | EventKind::Alert { evidence, .. } => Some(evidence),
        EventKind::Sealed(record) => Some(&record.evidence),
        EventKind::ApplicationData(data) => Some(&data.evidence),
        _ => None,
    }
}
