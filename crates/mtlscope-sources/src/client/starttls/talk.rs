//! A talk in clear: lines and bytes back and forth, never a byte further than what belongs to it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::super::attempt::Log;
use super::super::dial::timed_out;
use super::super::{ClientError, StepKind, Target};

/// The longest line, and the longest element of XML.
const LINE_LIMIT: usize = 64 * 1024;
/// The most lines of an answer.
const LINES_LIMIT: usize = 1000;

/// A talk in clear with a server.
pub(super) struct Talk<'a, 'log> {
    stream: &'a mut TcpStream,
    deadline: Instant,
    log: &'a mut Log<'log>,
}

/// Why a talk failed.
pub(super) enum Failure {
    /// The server does not want to: what it said, and what to do.
    Unwilling(String),
    /// The server closed or reset the connection.
    Gone,
    /// The server was silent for too long.
    Silent(Duration),
}

impl Failure {
    /// The server does not say that it can.
    pub(super) fn not_offered(what: &str) -> Self {
        Self::Unwilling(format!(
            "the server does not offer {what} (is TLS configured, or is it spoken from the start on another port?)"
        ))
    }

    /// The server says no.
    pub(super) fn refused(answer: &str) -> Self {
        Self::Unwilling(format!("the server refuses: {answer} (is TLS configured on it?)"))
    }

    /// It is not this protocol.
    pub(super) fn other(greeting: &str) -> Self {
        Self::Unwilling(format!("the server says: {greeting} (does it speak this protocol on this port?)"))
    }

    pub(super) fn of(self, protocol: &'static str, target: &Target) -> ClientError {
        match self {
            Self::Unwilling(cause) => ClientError::Starttls { protocol, cause },
            Self::Gone => ClientError::Starttls {
                protocol,
                cause: format!("{target} closed the connection (does it speak {protocol} on this port?)"),
            },
            Self::Silent(waited) => timed_out(
                waited,
                format!(
                    "while {target} was silent (does it speak {protocol} on this port, and not TLS from the start?)"
                ),
            ),
        }
    }
}

impl<'a, 'log> Talk<'a, 'log> {
    pub(super) fn new(stream: &'a mut TcpStream, deadline: Instant, log: &'a mut Log<'log>) -> Self {
        Self { stream, deadline, log }
    }

    /// Sends a line.
    pub(super) fn say(&mut self, line: &str) -> Result<(), Failure> {
        self.log.step(StepKind::ClearSent(line.to_owned()));
        self.stream.write_all(format!("{line}\r\n").as_bytes()).map_err(|_| Failure::Gone)
    }

    /// Sends bytes that are no text; `words` tell what they are.
    pub(super) fn send(&mut self, bytes: &[u8], words: &str) -> Result<(), Failure> {
        self.log.step(StepKind::ClearSent(words.to_owned()));
        self.stream.write_all(bytes).map_err(|_| Failure::Gone)
    }

    /// The next line, without its end.
    pub(super) fn line(&mut self) -> Result<String, Failure> {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.extend(self.bytes(1)?);
            if line.len() > LINE_LIMIT {
                return Err(Failure::Unwilling(
                    "it sent a line without an end (is it this protocol?)".to_owned(),
                ));
            }
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        self.log.step(StepKind::ClearReceived(text.clone()));
        Ok(text)
    }

    /// Lines up to the first of which this is true, that one too.
    pub(super) fn lines(&mut self, is_last: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !is_last(line)) {
            if lines.len() == LINES_LIMIT {
                return Err(Failure::Unwilling(
                    "it sent an answer without an end (is it this protocol?)".to_owned(),
                ));
            }
            lines.push(self.line()?);
        }
        Ok(lines)
    }

    /// Text up to and with the first of these.
    pub(super) fn text_until(&mut self, ends: &[&str]) -> Result<String, Failure> {
        let mut text = Vec::new();
        while !ends.iter().any(|end| text.ends_with(end.as_bytes())) {
            text.extend(self.bytes(1)?);
            if text.len() > LINE_LIMIT {
                return Err(Failure::Unwilling(
                    "it sent an answer without an end (is it this protocol?)".to_owned(),
                ));
            }
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        self.log.step(StepKind::ClearReceived(text.clone()));
        Ok(text)
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            let left = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let room = bytes.get_mut(filled..).unwrap_or_default();
            match self.stream.set_read_timeout(Some(left)).and_then(|()| self.stream.read(room)) {
                Ok(0) => return Err(Failure::Gone),
                Ok(read) => filled += read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(Failure::Silent(left));
                }
                Err(_) => return Err(Failure::Gone),
            }
        }
        Ok(bytes)
    }

    /// The talk is over. What came in clear behind its last word would otherwise pass for TLS, or for something sealed.
    pub(super) fn end(self) -> Result<(), Failure> {
        let rest = self.stream.set_nonblocking(true).and_then(|()| {
            let peeked = self.stream.peek(&mut [0]);
            self.stream.set_nonblocking(false)?;
            peeked
        });
        match rest {
            Ok(length) if length > 0 => Err(Failure::Unwilling(
                "it went on in clear behind its consent, before TLS (an attack, or a broken server)"
                    .to_owned(),
            )),
            Ok(_) => Err(Failure::Gone),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(_) => Err(Failure::Gone),
        }
    }
}
