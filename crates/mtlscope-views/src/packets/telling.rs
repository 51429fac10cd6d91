//! The values of frames, one frame after the other: of the packet's headers, of TLS, and of the connection as a whole
//! where a pass over the file before told of it.

use std::collections::HashMap;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::Frame;
use super::packet_list::{self, Row};
use crate::fields::packet::Times;
use crate::fields::tls::Conversation;
use crate::fields::{Field, Occurrence, Wanted, connection};

/// Tells the values of one frame after the other.
#[derive(Debug, Default)]
pub struct Telling {
    times: Times,
    first: Option<Timestamp>,
    conversations: HashMap<ConnectionId, Conversation>,
    known: Known,
}

/// What a first pass over a file tells of each connection.
#[derive(Debug, Default)]
pub struct Known {
    versions: HashMap<ConnectionId, ProtocolVersion>,
    /// Which connection a TCP stream is, also before TLS began in it.
    connections: HashMap<u32, ConnectionId>,
    values: HashMap<ConnectionId, Vec<Occurrence>>,
}

impl Known {
    /// Hears of something seen.
    pub fn hear(&mut self, event: &Event) {
        match (&event.kind, event.connection) {
            (EventKind::Packet(packet), _) => {
                if let (Some(connection), Some(tcp)) = (packet.connection, packet.tcp()) {
                    self.connections.insert(tcp.stream, connection);
                }
            }
            (EventKind::Record(record), Some(connection)) => {
                if let Some(version) = record.negotiated_version {
                    self.versions.insert(connection, version);
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

impl Telling {
    /// Tells frames with what is known of their connections from a first pass.
    pub fn knowing(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// Adds the values of a frame. Each frame must be told, in order, whatever is wanted of it.
    pub fn tell(&mut self, frame: &Frame, wanted: &Wanted, told: &mut Vec<Occurrence>) {
        self.first.get_or_insert(frame.packet.time);
        self.times.tell(&frame.packet, &frame.carries(), wanted, told);
        for (connection, event) in &frame.events {
            let versions = &self.known.versions;
            let conversation = || {
                let version = versions.get(connection).copied();
                Conversation::default().of_version(version)
            };
            match event {
                EventKind::Opened(opened) => {
                    let version = versions.get(connection).copied();
                    self.conversations.insert(*connection, Conversation::new(opened).of_version(version));
                }
                EventKind::Record(record) => {
                    let conversation = self.conversations.entry(*connection).or_insert_with(conversation);
                    conversation.record(record, wanted, told);
                }
                EventKind::Message(message) => {
                    let conversation = self.conversations.entry(*connection).or_insert_with(conversation);
                    conversation.message(message, wanted, told);
                }
                _ => {}
            }
        }
        if let Some(values) = self.connection_of(frame).and_then(|id| self.known.values.get(&id)) {
            told.extend(values.iter().cloned());
        }
    }

    /// A frame went by, and was shown or not.
    pub fn pass(&mut self, frame: &Frame, is_shown: bool) {
        self.times.pass(&frame.packet, is_shown);
    }

    /// Nothing more comes of a connection.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.conversations.remove(&connection);
    }

    /// The frame's line in the packet list.
    pub fn row(&self, frame: &Frame) -> Row {
        let version = self.connection_of(frame).and_then(|id| self.known.versions.get(&id)).copied();
        packet_list::row(frame, self.first.unwrap_or(frame.packet.time), version)
    }

    fn connection_of(&self, frame: &Frame) -> Option<ConnectionId> {
        let by_stream = || self.known.connections.get(&frame.packet.tcp()?.stream).copied();
        frame.packet.connection.or_else(by_stream)
    }
}
