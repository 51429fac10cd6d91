//! What the comment of a packet says of a connection: the words of an end itself, or of who shared the capture and had the
//! keys. Testimony, never something seen: it counts only where the packet itself hides what it speaks of.
//!
//! One line a statement. `Display` writes what [`Line::parse`] reads:
//!
//! ```text
//! mtlscope: the client says: cannot verify            words of an end, as recordings of live ends keep them
//! mtlscope: server alert 48 unknown_ca                an alert; `warning alert` where its level is that
//! mtlscope: server NewSessionTicket                   a handshake message by its name; ChangeCipherSpec likewise
//! mtlscope: server CertificateRequest 0d000012...     the same with its bytes, in hex
//! mtlscope: client HTTP/1.1 request GET               no target, no field
//! mtlscope: server HTTP/1.1 status 400 nginx          and words of the answer that are known to tell of certificates
//! mtlscope: server RST_STREAM 13 HTTP_1_1_REQUIRED   how HTTP/2 was ended; GOAWAY likewise
//! mtlscope: server application data
//! mtlscope: server cut away: application data and what is told here
//! ```

use std::collections::VecDeque;
use std::fmt;

use crate::evidence::FrameNumber;
use crate::http2::{Ended, Ending, ErrorCode};
use crate::reader::hex;
use crate::side::Side;
use crate::tls::alert::Alert;
use crate::tls::registry::{AlertDescription, AlertLevel, HandshakeType};

/// How each line begins.
pub const PREFIX: &str = "mtlscope: ";

/// The longest handshake message that is written with its bytes, which take two characters each: a comment has 65,535.
pub const LONGEST_MESSAGE: usize = 30_000;

/// Lines of one packet that are heard.
const LINES: usize = 64;
/// Characters of what an end says that are heard.
const WORDS: usize = 4096;

/// One line of a comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Which side it speaks of, or which side speaks.
    pub side: Side,
    /// What it says.
    pub statement: Statement,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Statement {
    /// An end's own words.
    Words(String),
    /// The side sent this alert.
    Alert(Alert),
    /// The side sent a handshake message.
    Message {
        /// Its type.
        handshake_type: HandshakeType,
        /// All of it, header first; empty where only its name is told.
        bytes: Box<[u8]>,
    },
    /// The side sent a ChangeCipherSpec.
    ChangeCipherSpec,
    /// The side sent an HTTP request.
    Request {
        /// `HTTP/1.1`.
        version: String,
        /// `GET`.
        method: String,
    },
    /// The side sent an HTTP status.
    Status {
        /// `HTTP/1.1`.
        version: String,
        /// `403`.
        code: u16,
        /// What of the answer's words is told.
        words: String,
    },
    /// The side ended a stream or the connection of HTTP/2.
    Http2Ending(Ending),
    /// The side sent application data.
    ApplicationData,
    /// What is cut away of this packet is application data, or told by other lines.
    CutAway,
}

impl Line {
    /// Reads a line; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(PREFIX)?.trim_end();
        if let Some((side, words)) = text.strip_prefix("the ").and_then(|text| text.split_once(" says: ")) {
            let words = words.chars().take(WORDS).map(|c| if c.is_control() { ' ' } else { c }).collect();
            return Some(Self { side: side_named(side)?, statement: Statement::Words(words) });
        }
        let (side, statement) = text.split_once(' ')?;
        Some(Self { side: side_named(side)?, statement: Statement::parse(statement)? })
    }
}

impl Statement {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "ChangeCipherSpec" => return Some(Self::ChangeCipherSpec),
            "application data" => return Some(Self::ApplicationData),
            "cut away: application data and what is told here" => return Some(Self::CutAway),
            _ => {}
        }
        let (level, alert) = match text.strip_prefix("warning ") {
            Some(alert) => (AlertLevel::WARNING, alert),
            None => (AlertLevel::FATAL, text),
        };
        if let Some(alert) = alert.strip_prefix("alert ") {
            let description = AlertDescription(alert.split(' ').next()?.parse().ok()?);
            return Some(Self::Alert(Alert { level, description }));
        }
        for of in [Ended::Stream, Ended::Connection] {
            if let Some(error) = text.strip_prefix(of.frame_name()).and_then(|rest| rest.strip_prefix(' ')) {
                let error = ErrorCode(error.split(' ').next()?.parse().ok()?);
                return Some(Self::Http2Ending(Ending { of, error }));
            }
        }
        let mut words = text.splitn(4, ' ');
        let (first, second) = (words.next()?, words.next());
        if first.starts_with("HTTP/") && first.len() < 10 && first.is_ascii() {
            let version = first.to_owned();
            let (third, rest) = (words.next()?, words.next().unwrap_or_default());
            return match second? {
                "request" if third.len() < 32 && third.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                    Some(Self::Request { version, method: third.to_owned() })
                }
                "status" => {
                    let code = third.parse().ok().filter(|code| (100..1000).contains(code))?;
                    Some(Self::Status { version, code, words: rest.to_owned() })
                }
                _ => None,
            };
        }
        let handshake_type = message_named(first)?;
        let bytes = second.and_then(unhex).unwrap_or_default();
        // What is not one whole message of that type is as good as its name.
        let is_whole = matches!(*bytes, [first, high, middle, low, ref body @ ..]
            if first == handshake_type.0 && body.len() as u32 == u32::from_be_bytes([0, high, middle, low]));
        Some(Self::Message { handshake_type, bytes: if is_whole { bytes } else { Box::default() } })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, statement } = self;
        if let Statement::Words(words) = statement {
            return write!(f, "{PREFIX}the {side} says: {words}");
        }
        write!(f, "{PREFIX}{side} ")?;
        match statement {
            Statement::Words(words) => f.write_str(words),
            Statement::Alert(alert) => {
                let level = if alert.level == AlertLevel::WARNING { "warning " } else { "" };
                write!(f, "{level}alert {} {}", alert.description.0, alert.description)
            }
            Statement::Message { handshake_type, bytes } => {
                f.write_str(handshake_type.name().unwrap_or("Unknown"))?;
                match bytes.is_empty() {
                    true => Ok(()),
                    false => write!(f, " {}", hex(bytes)),
                }
            }
            Statement::Request { version, method } => write!(f, "{version} request {method}"),
            Statement::Status { version, code, words } if words.is_empty() => {
                write!(f, "{version} status {code}")
            }
            Statement::Status { version, code, words } => write!(f, "{version} status {code} {words}"),
            Statement::Http2Ending(Ending { of, error }) => {
                write!(f, "{} {} {error}", of.frame_name(), error.0)
            }
            Statement::ChangeCipherSpec => f.write_str("ChangeCipherSpec"),
            Statement::ApplicationData => f.write_str("application data"),
            Statement::CutAway => f.write_str("cut away: application data and what is told here"),
        }
    }
}

fn side_named(name: &str) -> Option<Side> {
    [Side::Client, Side::Server].into_iter().find(|side| side.to_string() == name)
}

fn message_named(name: &str) -> Option<HandshakeType> {
    (0..=u8::MAX).map(HandshakeType).find(|handshake_type| handshake_type.name() == Some(name))
}

fn unhex(text: &str) -> Option<Box<[u8]>> {
    Some(data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.into())
}

/// The testimony that stands with the frame at hand.
#[derive(Debug, Default)]
pub(crate) struct Testimony {
    lines: VecDeque<Line>,
    /// The frame, once it is there.
    frame: Option<FrameNumber>,
    /// Sides of which something was given at this frame.
    given: [bool; 2],
    /// Sides of which nothing else is missing from this frame.
    explained: [bool; 2],
    /// Whether there is anything to forget behind the frame.
    is_there: bool,
}

impl Testimony {
    /// Takes the comment of the frame that comes next.
    pub(crate) fn add(&mut self, comment: &str) {
        let room = LINES.saturating_sub(self.lines.len());
        for line in comment.lines().filter_map(Line::parse).take(room) {
            match line.statement {
                Statement::CutAway => self.explained[line.side.index()] = true,
                _ => self.lines.push_back(line),
            }
            self.is_there = true;
        }
    }

    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.is_there
    }

    /// It is about this frame.
    #[cold]
    pub(crate) fn stands_with(&mut self, frame: FrameNumber) {
        self.frame = Some(frame);
    }

    /// The frame went by.
    #[cold]
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether it speaks, or spoke, of what this side sent in this frame.
    #[inline]
    pub(crate) fn speaks_of(&self, side: Side, frame: Option<FrameNumber>) -> bool {
        self.is_there
            && self.frame == frame
            && (self.given[side.index()] || self.lines.iter().any(|line| line.is_of(side)))
    }

    /// Whether it says that nothing is missing of what this side sent in this frame but what it tells, and application data.
    #[inline]
    pub(crate) fn explains(&self, side: Side, frame: Option<FrameNumber>) -> bool {
        self.is_there && self.frame == frame && self.explained[side.index()]
    }

    /// What it says of what a side sent, once.
    pub(crate) fn give(&mut self, side: Side) -> Vec<Statement> {
        let (given, kept): (VecDeque<Line>, VecDeque<Line>) =
            std::mem::take(&mut self.lines).into_iter().partition(|line| line.is_of(side));
        self.lines = kept;
        self.given[side.index()] |= !given.is_empty();
        given.into_iter().map(|line| line.statement).collect()
    }

    /// What the ends say themselves.
    pub(crate) fn give_words(&mut self) -> Vec<(Side, String)> {
        let mut words = Vec::new();
        self.lines.retain_mut(|line| match &mut line.statement {
            Statement::Words(text) => {
                words.push((line.side, std::mem::take(text)));
                false
            }
            _ => true,
        });
        words
    }
}

impl Line {
    fn is_of(&self, side: Side) -> bool {
        self.side == side && !matches!(self.statement, Statement::Words(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "mtlscope: the client says: cannot verify",
            "mtlscope: server alert 48 unknown_ca",
            "mtlscope: client warning alert 0 close_notify",
            "mtlscope: server NewSessionTicket",
            "mtlscope: client ChangeCipherSpec",
            "mtlscope: client Certificate 0b00000400000000",
            "mtlscope: client HTTP/1.1 request GET",
            "mtlscope: server HTTP/2 status 403 nginx; SSL certificate",
            "mtlscope: server RST_STREAM 13 HTTP_1_1_REQUIRED",
            "mtlscope: server GOAWAY 99 0x00000063",
            "mtlscope: server application data",
            "mtlscope: server cut away: application data and what is told here",
        ] {
            let line = Line::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(line.to_string(), text);
        }
    }

    #[test]
    fn bytes_that_are_no_whole_message_are_left_out() {
        for text in ["0b000004000000", "0d00000400000000", "0b0000040000000", "zz"] {
            let line = Line::parse(&format!("{PREFIX}client Certificate {text}")).unwrap();
            let expected =
                Statement::Message { handshake_type: HandshakeType::CERTIFICATE, bytes: Box::default() };
            assert_eq!(line.statement, expected, "{text}");
        }
    }

    #[test]
    fn other_text_says_nothing() {
        for text in [
            "server alert 48 unknown_ca",
            "mtlscope: ",
            "mtlscope: middlebox alert 48",
            "mtlscope: server alert 300",
            "mtlscope: server alert",
            "mtlscope: server Nonsense",
            "mtlscope: server HTTP/1.1 status 99",
            "mtlscope: client HTTP/1.1 request",
        ] {
            assert_eq!(Line::parse(text), None, "{text}");
        }
    }

    #[test]
    fn control_characters_of_an_ends_words_are_not_kept() {
        let line = Line::parse("mtlscope: the server says: a\u{1b}[2Jb").unwrap();
        assert_eq!(line.statement, Statement::Words("a [2Jb".to_owned()));
    }
}
