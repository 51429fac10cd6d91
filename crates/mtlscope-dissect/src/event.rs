//! What comes out: everything seen of every TLS connection, in the order it was seen.
//!
//! Events of one connection come in order: [`EventKind::Opened`] first, [`EventKind::Closed`] last. What stays sealed
//! comes as [`EventKind::Sealed`] in place of the messages inside.

use std::fmt;
use std::net::SocketAddr;

use zeroize::Zeroizing;

use crate::evidence::{Evidence, FrameNumber};
use crate::http2;
use crate::input::SecretOrigin;
use crate::notice::Notice;
use crate::packet::Packet;
use crate::preamble::Preamble;
use crate::side::Side;
use crate::time::Timestamp;
use crate::tls::alert::Alert;
use crate::tls::heartbeat::Heartbeat;
use crate::tls::message::Message;
use crate::tls::registry::{ContentType, ProtocolVersion};

/// Something seen of a connection, or of the input as a whole.
#[derive(Debug)]
pub struct Event {
    /// The connection; `None` for what concerns the whole input.
    pub connection: Option<ConnectionId>,
    /// What was seen.
    pub kind: EventKind,
}

/// A connection's number: 1 for the first in which TLS was recognised, never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionId(pub u64);

/// The kinds of event. What is large and rare is boxed: each event is moved several times on its way.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// A captured packet, whatever it carries: before everything else of its frame. Only where packets are asked for
    /// ([`crate::Settings::packets`]).
    Packet(Box<Packet>),
    /// A connection in which TLS was recognised.
    Opened(Box<Opened>),
    /// A whole TLS record, told once its last byte is there and before what is in it. Only where packets are asked for.
    Record(Box<Record>),
    /// What follows of this connection is what a program printed: some of it by name only, and some not at all.
    Printout {
        /// The side that says of itself that it refused the other.
        refused_by: Option<Side>,
    },
    /// What both sides said in clear before TLS: STARTTLS, a proxy. Comes next to [`EventKind::Opened`], one for each
    /// protocol, in the order they were spoken.
    Preamble(Box<Preamble>),
    /// A handshake message, in clear or opened with keys.
    Message(Box<Message>),
    /// A ChangeCipherSpec.
    ChangeCipherSpec {
        /// Where.
        evidence: Evidence,
        /// How it travelled.
        protection: Protection,
    },
    /// An alert that can be read.
    Alert {
        /// What it says.
        alert: Alert,
        /// Where.
        evidence: Evidence,
        /// How it travelled.
        protection: Protection,
    },
    /// A heartbeat that can be read; the first few of a connection.
    Heartbeat {
        /// What it says.
        heartbeat: Heartbeat,
        /// Where.
        evidence: Evidence,
        /// How it travelled.
        protection: Protection,
    },
    /// A record that stays sealed.
    Sealed(SealedRecord),
    /// Application data that can be read: its head, once a direction; later records only where they begin an HTTP
    /// message.
    ApplicationData(Box<ApplicationData>),
    /// A stream or the connection of HTTP/2 was ended; the first few of a direction, near its beginning.
    Http2Ending {
        /// What, and why.
        ending: http2::Ending,
        /// Where: the record with its last byte.
        evidence: Evidence,
        /// How it travelled.
        protection: Protection,
    },
    /// From here on records are opened; with secrets of this origin. Once a connection.
    KeysFit(SecretOrigin),
    /// The secrets that opened records of this connection. Only where they are asked for
    /// ([`crate::Settings::session_keys`]).
    SessionKeys(SessionKeys),
    /// One side closed or reset the TCP connection.
    TransportEnd {
        /// Who.
        side: Side,
        /// How.
        how: TransportEnd,
        /// The frame that says so; `None` for a live end.
        frame: Option<FrameNumber>,
        /// When.
        time: Timestamp,
    },
    /// What an end says of the connection itself: testimony, not something seen.
    Said {
        /// Which end.
        side: Side,
        /// When.
        time: Timestamp,
        /// Its words, one line.
        text: String,
    },
    /// Nothing more comes of this connection.
    Closed(Closed),
    /// Something odd.
    Notice(Box<Notice>),
}

/// The head of a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Address and port of the client.
    pub client: SocketAddr,
    /// Address and port of the server.
    pub server: SocketAddr,
    /// The first packet seen of the TCP connection.
    pub first_frame: Option<FrameNumber>,
    /// When that was captured.
    pub start: Timestamp,
    /// Whether the capture holds the connection's beginning (its SYN).
    pub start_seen: bool,
    /// What the packets travelled in, outermost first, where it is more than Ethernet: `VLAN 7`, ...
    pub tunnel: Vec<String>,
}

/// How something travelled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protection {
    /// In clear.
    Plain,
    /// Encrypted, and opened with keys.
    Opened,
    /// Hidden here: the comment of a packet says that it was there ([`crate::testimony`]).
    Attested,
}

/// One TLS record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The content type its header shows; of an encrypted one in TLS 1.3 always `application_data`.
    pub outer_content_type: ContentType,
    /// What it carries: the type in its header, or in TLS 1.3 the one found inside. `None` while it stays sealed.
    pub content_type: Option<ContentType>,
    /// The version its header shows.
    pub version: ProtocolVersion,
    /// The length its header shows, without the five bytes of the header.
    pub length: u16,
    /// The version that the hellos so far agreed on.
    pub negotiated_version: Option<ProtocolVersion>,
    /// How it travelled; `None`: it stays sealed.
    pub protection: Option<Protection>,
    /// Where.
    pub evidence: Evidence,
    /// The bytes behind its header, as they were on the wire.
    pub fragment: Box<[u8]>,
    /// The plain text of one that keys opened, without padding and content type.
    pub content: Option<Box<[u8]>>,
}

/// The secrets of one connection, as lines of an NSS key log.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKeys {
    /// Whole lines. Wiped when dropped.
    pub lines: Zeroizing<String>,
}

/// Never prints the secrets.
impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKeys").field("lines", &"..").finish()
    }
}

/// A record that is encrypted and could not be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealedRecord {
    /// The content type its header shows; in TLS 1.3 always `application_data`.
    pub content_type: ContentType,
    /// The version its header shows.
    pub version: ProtocolVersion,
    /// The length its header shows: ciphertext in bytes, without the five bytes of the header.
    pub length: u16,
    /// Where.
    pub evidence: Evidence,
}

/// The head of readable application data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationData {
    /// Its first bytes, enough for the first lines of HTTP/1.1. The first message of HTTP/2 is written like one:
    /// `GET / HTTP/2`, `HTTP/2 403`, then its fields, an empty line and what came of the body with it.
    pub head: Box<[u8]>,
    /// Length of the plain text in the record.
    pub length: u32,
    /// How it travelled.
    pub protection: Protection,
    /// Where.
    pub evidence: Evidence,
}

/// How a side ended its TCP connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TransportEnd {
    /// It closed its half.
    Fin,
    /// It reset the connection.
    Reset,
}

/// The last word on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// Why nothing more comes.
    pub why: ClosedWhy,
    /// The last frame seen of it.
    pub last_frame: Option<FrameNumber>,
    /// When that was captured.
    pub end: Timestamp,
    /// Sealed records that were counted but not told one by one, and application data records skipped unread: per side.
    pub records_untold: [u64; 2],
    /// Bytes of the stream each side sent, as far as seen.
    pub bytes: [u64; 2],
}

/// Why nothing more comes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClosedWhy {
    /// Both sides closed, or one reset it.
    Ended,
    /// The input ended first.
    InputEnds,
    /// The same addresses and ports began a new connection.
    PortsReused,
    /// A limit let it go.
    LetGo,
    /// It has been silent for so long that it was told as it stood.
    Silent,
}
