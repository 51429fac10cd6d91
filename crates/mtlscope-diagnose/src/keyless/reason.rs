//! What a conclusion rests on: the lengths, the sum they make, and what follows; or why nothing follows.

use std::fmt;
use std::sync::Arc;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;

/// A conclusion from lengths, with its arithmetic. Nothing that is inferred so is more than likely.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conclusion<T> {
    /// What follows; or why nothing does.
    pub value: Result<T, Unclear>,
    /// The sums, in the order in which a person should read them.
    pub arithmetic: Vec<Arc<Line>>,
}

impl<T> Conclusion<T> {
    pub(super) fn likely(value: T, arithmetic: Vec<Arc<Line>>) -> Self {
        Self { value: Ok(value), arithmetic }
    }

    pub(super) fn unclear(why: Unclear) -> Self {
        Self { value: Err(why), arithmetic: Vec::new() }
    }

    /// What follows, if anything does.
    pub fn known(&self) -> Option<&T> {
        self.value.as_ref().ok()
    }
}

/// One step of the arithmetic: records, what their bytes are, and what that means. Several conclusions rest on the same, and share it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The records, in order.
    pub records: Vec<Length>,
    /// Of which parts their lengths are the sum; empty where it is not lengths that tell.
    pub parts: Vec<Part>,
    /// What follows: a sentence without the full stop.
    pub so: &'static str,
}

/// The length of one record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Length {
    /// Who sent it.
    pub side: Side,
    /// Where it ends.
    pub frame: Option<FrameNumber>,
    /// What its header says.
    pub bytes: u16,
}

/// One part of a sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// How many bytes.
    pub bytes: u32,
    /// Of what.
    pub what: &'static str,
}

impl Line {
    pub(super) fn new<'a>(
        records: impl IntoIterator<Item = &'a super::traffic::Sealed>,
        parts: Vec<Part>,
        so: &'static str,
    ) -> Arc<Self> {
        let parts = parts.into_iter().filter(|part| part.bytes > 0).collect();
        let records = records.into_iter().map(super::traffic::Sealed::shown).collect();
        Arc::new(Self { records, parts, so })
    }
}

pub(super) fn part(bytes: u32, what: &'static str) -> Part {
    Part { bytes, what }
}

impl Line {
    /// Writes it: `client, frame 11: 69 = 52 Finished + 1 content type + 16 tag: ...`. Piece by piece, and for any writer, since each
    /// connection without keys shows a few of these.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn write(&self, to: &mut impl fmt::Write) -> fmt::Result {
        if let Some(first) = self.records.first() {
            to.write_str(match first.side {
                Side::Client => "client",
                Side::Server => "server",
            })?;
            if let Some(frame) = first.frame {
                to.write_str(", frame ")?;
                to.write_str(itoa::Buffer::new().format(frame.get()))?;
                if let Some(last) =
                    self.records.last().and_then(|last| last.frame).filter(|last| *last != frame)
                {
                    to.write_str(" to ")?;
                    to.write_str(itoa::Buffer::new().format(last.get()))?;
                }
            }
            to.write_str(": ")?;
        }
        for (place, length) in self.records.iter().enumerate() {
            to.write_str(if place > 0 { " + " } else { "" })?;
            to.write_str(itoa::Buffer::new().format(length.bytes))?;
        }
        for (place, part) in self.parts.iter().enumerate() {
            to.write_str(if place > 0 { " + " } else { " = " })?;
            to.write_str(itoa::Buffer::new().format(part.bytes))?;
            to.write_str(" ")?;
            to.write_str(part.what)?;
        }
        if !self.records.is_empty() {
            to.write_str(": ")?;
        }
        to.write_str(self.so)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// Why lengths say nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Unclear {
    /// The records are padded to multiples of so many bytes.
    Padded(u32),
    /// Records may be padded to a round length, and nothing shows that they are not.
    MayBePadded,
    /// No message or group of messages that the protocol allows there has these lengths.
    NoFit,
    /// Some records are missing.
    Missing,
    /// Data sent early cannot be told from the handshake behind it.
    EarlyData,
    /// How the cipher suite pads and seals is not known.
    CipherSuite,
    /// The client may have sent its EncryptedExtensions here.
    ApplicationSettings,
    /// The side had said nothing when the connection ended, or the capture.
    Silent,
    /// The client refused the server before its answer.
    ClientRefused,
    /// What the two sides sent does not go together.
    Contradiction,
    /// A refusal and a goodbye are equally long, and here either may be meant.
    RefusalOrGoodbye,
    /// The server ended the connection and had said nothing: it may have been content.
    ClosedWithoutWord,
    /// The flight is not seen to its end.
    Unfinished,
    /// The connection was told record by record no further than this.
    TooLong,
    /// The client can unpack certificates, and may have packed its own.
    MayBeCompressed,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Padded(block) => return write!(f, "records are padded to multiples of {block} bytes"),
            Self::MayBePadded => "the length is so round that it may be padding",
            Self::NoFit => "the lengths fit no message that may stand there",
            Self::Missing => "records are missing from the capture",
            Self::EarlyData => "early data cannot be told from the handshake behind it",
            Self::CipherSuite => "the cipher suite is not one whose sizes are known",
            Self::ApplicationSettings => "the client may have sent its EncryptedExtensions there",
            Self::Silent => "nothing had been sent when the connection ended, or the capture",
            Self::ClientRefused => "the client refused the server first",
            Self::Contradiction => "what the two sides sent does not go together",
            Self::RefusalOrGoodbye => "a refusal and a goodbye are equally long, and either may be meant",
            Self::ClosedWithoutWord => {
                "the server ended the connection without a record, and may have been content"
            }
            Self::Unfinished => "the client's messages are not seen to their end",
            Self::MayBeCompressed => "the certificate may be compressed (RFC 8879)",
            Self::TooLong => "the connection is too long to be told record by record",
        })
    }
}
