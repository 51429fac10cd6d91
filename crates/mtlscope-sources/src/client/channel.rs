//! The encrypted connection of an attempt: reads that give up in time, and what went wrong told apart.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use openssl::ssl::{Error, ErrorCode, SslRef, SslStream};

use super::error::words;
use crate::stack::ffi;
use crate::tapped::Tapped;

/// An encrypted connection, and the limits of waiting for it.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) stream: SslStream<Tapped>,
    /// When all must be over.
    pub(crate) end: Option<Instant>,
    /// How long the other end may be silent.
    pub(crate) silence: Duration,
}

/// Why nothing more can be read or written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// The other end closed.
    Closed,
    /// The other end reset the connection.
    Reset,
    /// It was silent for too long.
    TimedOut,
    /// An alert came.
    Alert(String),
    /// The stack gave up.
    Stack(String),
}

impl Channel {
    /// When to give up if nothing comes from now on.
    pub(crate) fn patience(&self) -> Instant {
        let silence = Instant::now() + self.silence;
        self.end.map_or(silence, |end| end.min(silence))
    }

    /// The next bytes; 0 at a proper end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Trouble> {
        let patience = self.patience();
        self.stream.get_mut().flow().flush();
        self.stream.get_mut().read_until(Some(patience));
        loop {
            match self.stream.ssl_read(buffer) {
                Ok(length) => return Ok(length),
                Err(error) if error.code() == ErrorCode::ZERO_RETURN => return Ok(0),
                // Behind a message that is no data.
                Err(error) if error.code() == ErrorCode::WANT_READ && Instant::now() < patience => {}
                Err(error) => return Err(trouble(&error)),
            }
        }
    }

    /// Writes all of it.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), Trouble> {
        let patience = self.patience();
        let left = patience.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        // A socket that refuses the limit is written to without.
        let _ = self.stream.get_ref().stream().set_write_timeout(Some(left));
        while !bytes.is_empty() {
            match self.stream.ssl_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.code() == ErrorCode::WANT_READ && Instant::now() < patience => {}
                Err(error) => return Err(trouble(&error)),
            }
        }
        Ok(())
    }

    /// Waits for the server's next word without taking it from who reads later: until data is there, `enough` is content,
    /// or the time is over. An alert or an end is the trouble that comes back.
    pub(crate) fn listen(&mut self, until: Instant, enough: impl Fn(&SslRef) -> bool) -> Result<(), Trouble> {
        let until = self.end.map_or(until, |end| end.min(until));
        self.stream.get_mut().flow().flush();
        self.stream.get_mut().read_until(Some(until));
        // A ticket is no data, and yet a word.
        set_auto_retry(&mut self.stream, false);
        let heard = loop {
            match self.stream.ssl_peek(&mut [0]) {
                Ok(_) => break Ok(()),
                Err(error) if error.code() == ErrorCode::WANT_READ => {
                    if enough(self.stream.ssl()) || Instant::now() >= until {
                        break Ok(());
                    }
                }
                Err(error) if error.code() == ErrorCode::ZERO_RETURN => break Err(Trouble::Closed),
                Err(error) => break Err(trouble(&error)),
            }
        };
        set_auto_retry(&mut self.stream, true);
        heard
    }

    /// Behind a failure of our stack: what the server sent before it went may still lie in the socket, and tells why.
    pub(crate) fn drain(&mut self) {
        const LONG_ENOUGH: Duration = Duration::from_millis(200);
        let until = Instant::now() + LONG_ENOUGH;
        let until = self.end.map_or(until, |end| end.min(until));
        let tapped = self.stream.get_mut();
        tapped.read_until(Some(until));
        let mut buffer = [0; 4096];
        while Instant::now() < until && matches!(tapped.read(&mut buffer), Ok(length) if length > 0) {}
    }
}

fn set_auto_retry(stream: &mut SslStream<Tapped>, on: bool) {
    // The stream lends its SSL only for reading; the mode is changed through the same connection, which nobody else uses.
    ffi::set_auto_retry(stream.ssl(), on);
}

/// What an error of the stack is, for those who want to know who ended the connection.
pub(crate) fn trouble(error: &Error) -> Trouble {
    if error.code() == ErrorCode::WANT_READ || error.code() == ErrorCode::WANT_WRITE {
        return Trouble::TimedOut;
    }
    if error.code() == ErrorCode::ZERO_RETURN {
        return Trouble::Closed;
    }
    if let Some(cause) = error.io_error() {
        return trouble_of_socket(cause);
    }
    let Some(errors) = error.ssl_error() else { return Trouble::Closed };
    match errors.errors().first() {
        None => Trouble::Closed,
        Some(first) if (ALERTS..ALERTS + 256).contains(&first.reason_code()) => Trouble::Alert(words(errors)),
        Some(first) if first.reason_code() == UNEXPECTED_EOF => Trouble::Closed,
        Some(_) => Trouble::Stack(words(errors)),
    }
}

/// Where the reasons begin that are alerts of the other end (`SSL_AD_REASON_OFFSET`).
const ALERTS: i32 = 1000;
/// `SSL_R_UNEXPECTED_EOF_WHILE_READING`.
const UNEXPECTED_EOF: i32 = 294;

fn trouble_of_socket(cause: &io::Error) -> Trouble {
    match cause.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => Trouble::Reset,
        ErrorKind::UnexpectedEof => Trouble::Closed,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Trouble::TimedOut,
        _ => Trouble::Stack(cause.to_string()),
    }
}
