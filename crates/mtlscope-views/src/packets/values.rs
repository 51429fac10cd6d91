//! All that occurs in a frame: the values of its headers, of the records it completes, and of the messages in them.

use std::collections::HashMap;

use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::packet::Packet;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::Frame;
use crate::fields::packet::Times;
use crate::fields::tls::Conversation;
use crate::fields::{Occurrence, Wanted};

/// Tells the values of one frame after the other, in the order of the capture.
#[derive(Debug)]
pub struct Values {
    wanted: Wanted,
    times: Times,
    conversations: HashMap<ConnectionId, Conversation>,
    versions: Versions,
}

/// The version each connection will agree on: what tshark knows in the second of two passes (`-2`).
#[derive(Clone, Debug, Default)]
pub struct Versions(HashMap<ConnectionId, ProtocolVersion>);

impl Versions {
    /// Hears of something seen in the first pass.
    pub fn hear(&mut self, event: &Event) {
        let (Some(connection), EventKind::Message(message)) = (event.connection, &event.kind) else { return };
        if let Body::ServerHello(hello) | Body::HelloRetryRequest(hello) = &message.body {
            self.0.insert(connection, hello.version());
        }
    }
}

impl Values {
    /// Tells the fields that are wanted. `versions`: what a first pass found; nothing without one.
    pub fn new(wanted: Wanted, versions: Versions) -> Self {
        Self { wanted, times: Times::default(), conversations: HashMap::new(), versions }
    }

    /// All that occurs in a frame. The messages must have kept their bytes.
    pub fn of(&mut self, frame: &Frame) -> Vec<Occurrence> {
        let mut told = Vec::new();
        self.times.tell(&frame.packet, &frame.carries(), &self.wanted, &mut told);
        for (connection, event) in &frame.events {
            let version = self.versions.0.get(connection).copied();
            let unheard = || Conversation::default().of_version(version);
            let conversation = self.conversations.entry(*connection).or_insert_with(unheard);
            match event {
                EventKind::Opened(opened) => *conversation = Conversation::new(opened).of_version(version),
                EventKind::Record(record) => conversation.record(record, &self.wanted, &mut told),
                EventKind::Message(message) => conversation.message(message, &self.wanted, &mut told),
                _ => {}
            }
        }
        for connection in &frame.closed {
            self.conversations.remove(connection);
        }
        told
    }

    /// A packet went by, shown or not.
    pub fn pass(&mut self, packet: &Packet, is_shown: bool) {
        self.times.pass(packet, is_shown);
    }
}
