//! One connection: its handshakes in order, everything that was said, and how it ended.
//!
//! A connection holds a **list** of handshakes: a server may ask for the certificate only in a renegotiation (TLS 1.2)
//! or after the handshake (TLS 1.3), and then that request is a handshake of its own inside the first.

mod client_chain;
mod handshake;
mod hello;
mod outcome;
mod proof;
mod refusal;
#[cfg(test)]
pub(crate) mod script;
mod step;
mod teller;
mod telling;

use std::net::SocketAddr;
use std::sync::Arc;

use mtlscope_dissect::event::{Closed, ConnectionId, Protection};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_dissect::preamble::Preamble;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;

pub use client_chain::{ClientChain, Lead};
pub use handshake::{Answer, Handshake, HandshakeKind, Proof, Request, Resumption, ServerIdentity};
pub use hello::{Choice, Offer};
pub use outcome::{Layer, Means, Outcome, Party, Verdict, judge};
pub use refusal::{Reception, Refusal, Sign, speaks_of_certificates};
pub use step::{HttpRequest, HttpStatus, MessageHead, Step, StepKind};
pub use teller::{Teller, Told};

/// One TLS connection, told to its end.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its number in the input, from 1, in the order in which TLS was recognised.
    pub id: ConnectionId,
    /// Address and port of the client.
    pub client: SocketAddr,
    /// Address and port of the server.
    pub server: SocketAddr,
    /// What the packets travelled in, outermost first, where it is more than Ethernet.
    pub tunnel: Vec<String>,
    /// What both sides said in clear before TLS, in order: STARTTLS, a proxy.
    pub preambles: Vec<Preamble>,
    /// The first packet of the TCP connection; `None` for a live end.
    pub first_frame: Option<FrameNumber>,
    /// The last packet of it.
    pub last_frame: Option<FrameNumber>,
    /// When the first packet was captured.
    pub start: Timestamp,
    /// When the last one was.
    pub end: Timestamp,
    /// Whether the capture holds its beginning.
    pub start_seen: bool,
    /// The handshakes, in order; never empty: the first is the initial one, even where nothing of it was seen.
    pub handshakes: Vec<Handshake>,
    /// Everything seen, in order: the ladder.
    pub steps: Vec<Step>,
    /// The first HTTP request line that could be read; of HTTP/2 the first request, written like one.
    pub http_request: Option<HttpRequest>,
    /// The first HTTP status line that could be read (1xx left aside); of HTTP/2 the first response, written like one.
    pub http_status: Option<Arc<HttpStatus>>,
    /// What the ends say of it themselves, in order: testimony, which no verdict rests on.
    pub said: Vec<Said>,
    /// How it came out.
    pub outcome: Outcome,
    /// Whose secrets opened it; `None` where nothing was opened.
    pub decrypted_with: Option<SecretOrigin>,
    /// What the transport said at the end.
    pub closed: Option<Closed>,
    /// Where it is told by what a program printed, and not by what passed on the wire.
    pub printed: Option<Printed>,
    /// What was odd or missing.
    pub notices: Vec<Notice>,
}

/// What a printout says of a connection as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Printed {
    /// The side that says of itself that it refused the other.
    pub refused_by: Option<Side>,
}

/// What one end says of the connection: the words of its own TLS stack or program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Which end.
    pub side: Side,
    /// When.
    pub time: Timestamp,
    /// Its words, one line.
    pub text: String,
}

impl Connection {
    /// The initial handshake.
    pub fn initial(&self) -> &Handshake {
        // `handshakes` is never empty: the teller begins each connection with its initial handshake.
        &self.handshakes[0]
    }

    /// The handshake that tells of client authentication: the last in which the server asked; else the last in which it
    /// asked by all likelihood, or may have asked unseen; else the initial one.
    pub fn asking(&self) -> &Handshake {
        let last =
            |asked: fn(&Handshake) -> bool| self.handshakes.iter().rev().find(|handshake| asked(handshake));
        let is_inferred = |handshake: &Handshake| {
            handshake.inferred.as_ref().is_some_and(|inference| inference.is_asked() == Some(true))
        };
        last(|handshake| handshake.request.is_seen())
            .or_else(|| self.handshakes.iter().rev().find(|handshake| is_inferred(handshake)))
            .or_else(|| last(|handshake| handshake.request.hidden().is_some()))
            .unwrap_or_else(|| self.initial())
    }

    /// Whether the client speaks in clear to a port that wants TLS, and says so: there is no TLS at all.
    pub fn is_without_tls(&self) -> bool {
        self.notices.iter().any(|notice| matches!(notice.kind, NoticeKind::ClearTextInsteadOfTls { .. }))
    }

    /// Whether something of it is told by the comment of a packet, and not by what passed.
    pub fn rests_on_comments(&self) -> bool {
        self.steps.iter().any(|step| step.kind.protection() == Some(Protection::Attested))
    }

    /// The steps of one handshake, in order.
    pub fn steps_of<'a>(&'a self, handshake: &'a Handshake) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |step| step.handshake == handshake.index)
    }
}
