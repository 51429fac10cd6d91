//! A step of the ladder: one thing that one side said or did.

use std::sync::Arc;

use mtlscope_dissect::event::{Protection, SealedRecord, TransportEnd};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::http2::Ending;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::heartbeat::Heartbeat;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::HandshakeType;

/// One thing that one side said or did.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which handshake of the connection it belongs to.
    pub handshake: usize,
    /// Who.
    pub side: Side,
    /// The frame with its last byte; `None` where there are no frames.
    pub frame: Option<FrameNumber>,
    /// When.
    pub time: Timestamp,
    /// What.
    pub kind: StepKind,
}

/// What a side said or did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StepKind {
    /// A handshake message.
    Message(Box<Message>),
    /// A handshake message whose content was let go once it was judged: see [`super::Teller::letting_contents_go`].
    MessageHead(MessageHead),
    /// A ChangeCipherSpec.
    ChangeCipherSpec(Evidence, Protection),
    /// An alert that can be read.
    Alert(Alert, Evidence, Protection),
    /// A heartbeat that can be read.
    Heartbeat(Heartbeat, Evidence, Protection),
    /// A record that stays sealed.
    Sealed(SealedRecord),
    /// An HTTP request.
    HttpRequest(HttpRequest),
    /// An HTTP response.
    HttpStatus(Arc<HttpStatus>),
    /// How a stream or the connection of HTTP/2 was ended.
    Http2Ending(Ending, Evidence, Protection),
    /// Application data that is no message of HTTP: the length of its first record in bytes.
    ApplicationData(Evidence, u32, Protection),
    /// The end of its TCP stream.
    TransportEnd(TransportEnd),
}

impl StepKind {
    /// How it travelled; `None` for what stays sealed, and for what TCP says.
    pub fn protection(&self) -> Option<Protection> {
        match self {
            Self::Message(message) => Some(message.protection),
            Self::MessageHead(head) => Some(head.protection),
            Self::ChangeCipherSpec(_, protection)
            | Self::Alert(_, _, protection)
            | Self::Heartbeat(_, _, protection)
            | Self::Http2Ending(_, _, protection)
            | Self::ApplicationData(_, _, protection) => Some(*protection),
            Self::HttpRequest(request) => Some(request.protection),
            Self::HttpStatus(status) => Some(status.protection),
            Self::Sealed(_) | Self::TransportEnd(_) => None,
        }
    }

    /// Where it was; `None` for what TCP says.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Message(message) => Some(&message.evidence),
            Self::MessageHead(head) => Some(&head.evidence),
            Self::ChangeCipherSpec(evidence, _)
            | Self::Alert(_, evidence, _)
            | Self::Heartbeat(_, evidence, _)
            | Self::Http2Ending(_, evidence, _)
            | Self::ApplicationData(evidence, ..) => Some(evidence),
            Self::HttpRequest(request) => Some(&request.evidence),
            Self::HttpStatus(status) => Some(&status.evidence),
            Self::Sealed(record) => Some(&record.evidence),
            Self::TransportEnd(_) => None,
        }
    }

    /// What is known of a handshake message in any case; `None` for what is none.
    pub fn message(&self) -> Option<MessageHead> {
        match self {
            Self::Message(message) => Some(MessageHead::of(message)),
            Self::MessageHead(head) => Some(*head),
            _ => None,
        }
    }
}

/// A handshake message without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageHead {
    /// Its name: `ClientHello`, `HelloRetryRequest`, ...
    pub name: &'static str,
    /// Its type.
    pub handshake_type: HandshakeType,
    /// The length its header states: of the body, in bytes.
    pub length: u32,
    /// Where it was.
    pub evidence: Evidence,
    /// How it travelled.
    pub protection: Protection,
}

impl MessageHead {
    /// Whether it is a ServerHello, and not a HelloRetryRequest.
    pub fn is_server_hello(&self) -> bool {
        self.handshake_type == HandshakeType::SERVER_HELLO && self.name != "HelloRetryRequest"
    }

    /// What stays of a message.
    pub fn of(message: &Message) -> Self {
        Self {
            name: match &message.body {
                Body::Unknown | Body::Named => message.handshake_type.name().unwrap_or("Unknown"),
                body => body.name(),
            },
            handshake_type: message.handshake_type,
            length: message.length,
            evidence: message.evidence,
            protection: message.protection,
        }
    }
}

/// An HTTP request line. RFC 9112 section 3; for HTTP/2 `GET /path HTTP/2`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpRequest {
    /// The line as sent, without the line end: `GET /server.php HTTP/1.1`.
    pub line: String,
    /// Where.
    pub evidence: Evidence,
    /// How it travelled.
    pub protection: Protection,
}

/// An HTTP status line. RFC 9112 section 4; for HTTP/2 `HTTP/2 403`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpStatus {
    /// The status code, 100 to 999.
    pub code: u16,
    /// The line as sent, without the line end: `HTTP/1.1 403 Forbidden`.
    pub line: String,
    /// The head of what followed the status line in the same record: header fields and body, cut to a bound.
    pub head: String,
    /// Where.
    pub evidence: Evidence,
    /// How it travelled.
    pub protection: Protection,
}
