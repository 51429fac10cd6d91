//! Which version OpenSSL says of a message when it tells of it: the one in force before the message, not after.

use std::collections::HashMap;

use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::ProtocolVersion;

/// OpenSSL's `s->version` of one connection: the highest one offered, until a ServerHello has chosen.
///
/// So a ServerHello that chooses TLS 1.2 is told of as TLS 1.3, where that was offered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct VersionInForce {
    version: Option<ProtocolVersion>,
    negotiated: bool,
}

impl VersionInForce {
    /// The version to say of what comes now. `None` where no hello was seen.
    pub(super) fn now(self) -> Option<ProtocolVersion> {
        self.version
    }

    /// The version to say of a message; after it, another may be in force.
    pub(super) fn pass(&mut self, message: &Message) -> Option<ProtocolVersion> {
        match &message.body {
            Body::ClientHello(hello) => {
                // In a renegotiation, and behind a HelloRetryRequest, the version stays.
                if !self.negotiated {
                    let offered = hello.supported_versions();
                    self.version = offered.into_iter().filter(|version| !version.is_grease()).max();
                }
                self.version
            }
            Body::ServerHello(hello) | Body::HelloRetryRequest(hello) => {
                self.negotiated = true;
                self.version.replace(hello.version()).or(self.version)
            }
            _ => {
                // The beginning was not seen: what the dissector worked out has to do.
                self.version.get_or_insert(message.version);
                self.version
            }
        }
    }
}

/// What is kept of each connection while it goes on.
pub(super) type Connections<T> = HashMap<ConnectionId, T>;

/// What is kept of the connection that an event is of; `None` where it is of none, or the last: then all is forgotten.
pub(super) fn of<'a, T: Default>(connections: &'a mut Connections<T>, event: &Event) -> Option<&'a mut T> {
    let id = event.connection?;
    if let EventKind::Closed(_) = event.kind {
        connections.remove(&id);
        return None;
    }
    Some(connections.entry(id).or_default())
}
