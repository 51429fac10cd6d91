//! Connections and findings to something readable: the terminal, JSON, HTML, Markdown, pages of the rules.
//!
//! A view writes to a given `Write`. It computes no facts, reads no files and knows no terminal: width, colour and
//! whether only ASCII may be written are settings handed in. Text from the wire is never printed raw: see [`printable`].

#![forbid(unsafe_code)]

pub mod wording;
pub mod printable;
pub mod sharing;

pub mod fields;
pub mod filter;
pub mod packets;

pub mod terminal;
pub mod json;
pub mod explain;
pub mod probe;
pub mod saved_certificates;
pub mod trace;
pub mod connect;
pub mod comparison;
pub mod html;
pub mod markdown;

mod printer;

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::Event;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::notice::Notice;

pub use printer::Printer;

/// Shows connections one after the other.
pub trait View {
    /// From here on, what is shown comes from this file.
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()>;

    /// Whether it shows what is inside a handshake message, more than its name, length and place.
    fn shows_contents(&self) -> bool {
        true
    }

    /// What prints the connections of this input for it, for a thread of its own; `None` where it shows more than what is
    /// told in the end ([`View::event`]), so that one thread must read for it.
    fn printer(&self) -> Option<Box<dyn Printer>> {
        None
    }

    /// Shows a connection that its [`Printer`] printed, and that began in this frame. Fails only where `out` does.
    fn printed(
        &mut self,
        text: &[u8],
        _first_frame: Option<FrameNumber>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(text)
    }

    /// The input goes on in this file, which follows the one before: frame numbers begin anew, and know their file
    /// ([`mtlscope_dissect::evidence::FrameNumber::file`]).
    ///
    /// # Errors
    /// When it cannot be written.
    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.file(name, out)
    }

    /// Hears of something seen, before the connection is told: for views that show a handshake while it goes on. Fails
    /// only where `out` does.
    fn event(&mut self, _: &Event, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Shows one connection, and what the rules say of it. Fails only where `out` does.
    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()>;

    /// Shows what the connections of an input tell when they are held against each other, once it is over. Fails only where
    /// `out` does.
    fn across(&mut self, _: &[Finding], _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Shows what was counted while packets were captured, once that is over. Fails only where `out` does.
    fn counted(&mut self, _: &[Counted], _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Shows an oddity of the input as a whole. Fails only where `out` does.
    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()>;
}

/// What was counted on one interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The interface.
    pub interface: String,
    /// Packets that were wanted, lost ones among them.
    pub received: u64,
    /// Packets that the kernel dropped, since nobody took them in time.
    pub dropped: u64,
}

#[cfg(test)]
mod told;
