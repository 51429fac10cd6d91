//! All that occurs in a frame: the values of its headers, of the records it completes and of the messages in them, and of
//! the connection as a whole where a pass over the file before told of it.

use std::collections::HashMap;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::packet::Packet;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::Frame;
use super::packet_list::{self, Row};
use super::spanning::Spans;
use crate::fields::packet::{Times, tell_spanning, tell_stream};
use crate::fields::tls::Conversation;
use crate::fields::{Field, Occurrence, Spanning, Wanted, WholeStream, connection};

/// Tells the values of one frame after the other, in the order of the capture.
#[derive(Debug)]
pub struct Values {
    wanted: Wanted,
    times: Times,
    first: Option<Timestamp>,
    conversations: HashMap<ConnectionId, Conversation>,
    spans: Spans,
    known: Known,
}

/// What a first pass over a file tells of each connection, and no frame by itself: as tshark knows it in the second of two
/// passes (`-2`), and more.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The version it will agree on.
    versions: HashMap<ConnectionId, ProtocolVersion>,
    /// Which connection a TCP stream is, also before TLS began in it.
    connections: HashMap<u32, ConnectionId>,
    /// What each TCP stream was as a whole.
    streams: HashMap<u32, WholeStream>,
    values: HashMap<ConnectionId, Vec<Occurrence>>,
    /// The frame that ends the record which a frame begins or continues.
    ends_in: HashMap<FrameNumber, FrameNumber>,
    spans: Spans,
    current: Option<Box<Packet>>,
}

impl Known {
    /// Hears of something seen in the first pass.
    pub fn hear(&mut self, event: &Event) {
        match (&event.kind, event.connection) {
            (EventKind::Packet(packet), _) => {
                if let Some(tcp) = packet.tcp().filter(|tcp| !tcp.is_quoted) {
                    self.streams.insert(tcp.stream, WholeStream::with(tcp));
                }
                if let (Some(connection), Some(tcp)) = (packet.connection, packet.tcp()) {
                    self.connections.insert(tcp.stream, connection);
                }
                if let Some(before) = self.current.replace(packet.clone()) {
                    self.spans.pass(&before);
                }
            }
            (EventKind::Record(record), _) => {
                if let Some(packet) = &self.current
                    && let Some(ending) = self.spans.record(packet, record)
                {
                    let pieces = ending.frames.iter().filter(|frame| **frame != packet.number);
                    self.ends_in.extend(pieces.map(|frame| (*frame, packet.number)));
                }
            }
            (EventKind::Message(message), Some(connection)) => {
                if let Body::ServerHello(hello) | Body::HelloRetryRequest(hello) = &message.body {
                    self.versions.insert(connection, hello.version());
                }
            }
            _ => {}
        }
    }

    /// Notes the values that a connection as a whole has for these fields.
    pub fn connection(&mut self, connection: &Connection, findings: &[Finding], fields: &[&'static Field]) {
        let values = self.values.entry(connection.id).or_default();
        for field in fields {
            connection::tell(field, connection, findings, values);
        }
    }
}

impl Values {
    /// Tells the fields that are wanted. `known`: what a first pass found; nothing without one.
    pub fn new(wanted: Wanted, known: Known) -> Self {
        Self {
            wanted,
            times: Times::default(),
            first: None,
            conversations: HashMap::new(),
            spans: Spans::default(),
            known,
        }
    }

    /// All that occurs in a frame. The messages must have kept their bytes.
    pub fn of(&mut self, frame: &Frame) -> Vec<Occurrence> {
        self.first.get_or_insert(frame.packet.time);
        let mut told = Vec::new();
        self.times.tell(&frame.packet, &frame.carries(), &self.wanted, &mut told);
        let ends_in = self.known.ends_in.get(&frame.packet.number).copied();
        let mut spanning = Spanning { ends: None, ends_in };
        for (connection, event) in &frame.events {
            let version = self.known.versions.get(connection).copied();
            let unheard = || Conversation::default().of_version(version);
            let conversation = self.conversations.entry(*connection).or_insert_with(unheard);
            match event {
                EventKind::Opened(opened) => *conversation = Conversation::new(opened).of_version(version),
                EventKind::Record(record) => {
                    spanning.ends = spanning.ends.or_else(|| self.spans.record(&frame.packet, record));
                    conversation.record(record, &self.wanted, &mut told);
                }
                EventKind::Message(message) => conversation.message(message, &self.wanted, &mut told),
                _ => {}
            }
        }
        self.spans.pass(&frame.packet);
        tell_spanning(&frame.packet, &spanning, &self.wanted, &mut told);
        let stream = frame.packet.tcp().and_then(|tcp| self.known.streams.get(&tcp.stream)).copied();
        tell_stream(&frame.packet, stream, &self.wanted, &mut told);
        for connection in &frame.closed {
            self.conversations.remove(connection);
        }
        if let Some(values) = self.connection_of(frame).and_then(|id| self.known.values.get(&id)) {
            told.extend(values.iter().cloned());
        }
        told
    }

    /// A packet went by, shown or not.
    pub fn pass(&mut self, packet: &Packet, is_shown: bool) {
        self.times.pass(packet, is_shown);
    }

    /// The line of a frame in the packet list.
    pub fn row(&self, frame: &Frame) -> Row {
        let version = self.connection_of(frame).and_then(|id| self.known.versions.get(&id)).copied();
        packet_list::row(frame, self.first.unwrap_or(frame.packet.time), version)
    }

    fn connection_of(&self, frame: &Frame) -> Option<ConnectionId> {
        let by_stream = || self.known.connections.get(&frame.packet.tcp()?.stream).copied();
        frame.packet.connection.or_else(by_stream)
    }
}
