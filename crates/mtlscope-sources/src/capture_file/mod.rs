//! A capture file or a piped capture, pcap or pcapng, packet by packet.
//!
//! Read in big blocks; each packet is handed out as a slice of the block. Once the header was good, nothing is an error:
//! whatever is cut or broken further in becomes an [`Input::Notice`], and the packets before it stand.

mod pcap;
mod pcapng;

use std::io::{self, IsTerminal, Read};
use std::ops::Range;
use std::path::Path;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType, Secret, SecretOrigin};
use mtlscope_dissect::time::Timestamp;

use crate::error::{SourceError, printable_text};
use crate::resemblance::resemblance;
use crate::stored::Stored;
use crate::window::Window;
use crate::{Progress, Source};

use pcap::Pcap;
use pcapng::PcapNg;

/// The longest packet that is believed, in bytes. Wireshark draws the line at the same place.
const MAX_PACKET: u64 = 16 << 20;

/// How many oddities are told one by one; a broken file can hold millions.
const MAX_NOTICES: u64 = 20;

/// A capture: pcap or pcapng, plain or packed with gzip or Zstandard.
#[derive(Debug)]
pub struct CaptureFile {
    stored: Stored,
    format: Format,
    /// Which of several files that are read as one it is.
    file: u16,
    frames: u64,
    notice: String,
    notices: u64,
    /// The packet whose comment was handed out before it.
    commented: Option<Packet>,
    state: State,
}

impl CaptureFile {
    /// Opens a file (or a named pipe) and reads its header.
    ///
    /// # Errors
    /// When it cannot be opened, is empty, is no capture, or its header is broken.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        Self::new(Stored::open(path)?)
    }

    /// Reads a capture from standard input and waits for its header.
    ///
    /// # Errors
    /// When standard input is a terminal, and as [`Self::open`].
    pub fn stdin() -> Result<Self, SourceError> {
        if io::stdin().is_terminal() {
            return Err(SourceError::Terminal);
        }
        Self::from_reader("standard input", io::stdin())
    }

    /// Reads a capture from an open stream, called `name` in messages, and waits for its header.
    ///
    /// Packets are handed out as they arrive, however few bytes each `read` gives.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(name: &str, input: impl Read + Send + 'static) -> Result<Self, SourceError> {
        Self::new(Stored::new(printable_text(name), Box::new(input), None)?)
    }

    /// Whether what is stored begins as a capture does.
    pub(crate) fn is_capture(stored: &Stored) -> bool {
        let start = stored.window.available();
        pcapng::is_magic(start) || pcap::is_magic(start)
    }

    pub(crate) fn new(mut stored: Stored) -> Result<Self, SourceError> {
        let window = &mut stored.window;
        let format = if pcapng::is_magic(window.available()) {
            PcapNg::open(window).map(Format::PcapNg).map_err(|what| ("pcapng", what))
        } else if pcap::is_magic(window.available()) {
            Pcap::open(window).map(Format::Pcap).map_err(|what| ("pcap", what))
        } else {
            let resemblance = resemblance(window.available());
            return Err(SourceError::NotACapture { name: stored.name, resemblance });
        };
        match format {
            Ok(format) => Ok(Self {
                stored,
                format,
                file: 0,
                frames: 0,
                notice: String::new(),
                notices: 0,
                commented: None,
                state: State::Reading,
            }),
            Err((format, what)) => Err(match window.take_failure() {
                Some(cause) => SourceError::Read { name: stored.name, cause },
                None => SourceError::BrokenHeader { name: stored.name, format, what },
            }),
        }
    }

    /// The same, as one of several files that are read as one: its frames know that they are of this one, from 0.
    pub fn as_file(self, file: u16) -> Self {
        Self { file, ..self }
    }

    /// Whether the format has a place for key material (pcapng has, pcap has not).
    pub fn may_hold_secrets(&self) -> bool {
        matches!(self.format, Format::PcapNg(_))
    }

    #[inline]
    fn frame(&mut self, packet: Packet) -> Input<'_> {
        const FIRST: FrameNumber = match FrameNumber::new(1) {
            Some(first) => first,
            None => unreachable!(),
        };
        self.frames += 1;
        Input::Frame(Frame {
            number: FrameNumber::in_file(self.file, self.frames).unwrap_or(FIRST),
            time: packet.time,
            link_type: packet.link_type,
            wire_length: packet.wire_length,
            bytes: self.stored.window.taken(packet.place),
        })
    }

    #[cold]
    fn say(&mut self, notice: String) -> Option<Input<'_>> {
        self.notice = notice;
        Some(Input::Notice(&self.notice))
    }
}

impl Source for CaptureFile {
    #[inline]
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        if let (State::Reading, Format::Pcap(pcap)) = (self.state, &self.format)
            && let Some(packet) = pcap.at_hand(&mut self.stored.window)
        {
            return Ok(Some(self.frame(packet)));
        }
        self.read_on()
    }

    fn progress(&self) -> Progress {
        self.stored.progress()
    }

    fn is_drained(&self) -> bool {
        // What is packed may be at hand and not unpacked yet.
        let is_known = self.stored.packed.is_none() && self.state == State::Reading;
        is_known && self.commented.is_none() && self.stored.window.available().is_empty()
    }
}

impl CaptureFile {
    /// The next input, in every case: the end of what is in memory, blocks of pcapng, oddities.
    fn read_on(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        if let Some(packet) = self.commented.take() {
            return Ok(Some(self.frame(packet)));
        }
        if self.state != State::Reading {
            let unsaid = self.notices.saturating_sub(MAX_NOTICES);
            let last = std::mem::replace(&mut self.state, State::Ended);
            let input = if last == State::Ending && unsaid > 0 {
                self.say(format!(
                    "{unsaid} more oddities of this kind are in the capture and were not listed"
                ))
            } else {
                None
            };
            return Ok(input);
        }
        loop {
            let window = &mut self.stored.window;
            let step = match &mut self.format {
                Format::Pcap(pcap) => pcap.step(window, self.frames),
                Format::PcapNg(pcapng) => pcapng.step(window, self.frames),
            };
            match step {
                Step::Packet(packet) => return Ok(Some(self.frame(packet))),
                Step::Commented(packet, comment) => {
                    self.notice = comment;
                    self.commented = Some(packet);
                    return Ok(Some(Input::Comment(&self.notice)));
                }
                Step::Secret(place) => {
                    let lines = self.stored.window.taken(place);
                    let origin = SecretOrigin::DecryptionSecretsBlock;
                    return Ok(Some(Input::Secret(Secret { origin, lines, flow: None })));
                }
                Step::Odd(notice) => {
                    self.notices += 1;
                    if self.notices <= MAX_NOTICES {
                        return Ok(self.say(notice));
                    }
                }
                Step::BrokenOff(notice) => {
                    self.state = State::Ending;
                    let packed =
                        self.stored.packed.map(|packed| format!(" (offsets are behind the {packed} layer)"));
                    return Ok(self.say(notice + &packed.unwrap_or_default()));
                }
                Step::End => {
                    self.state = State::Ending;
                    return self.read_on();
                }
            }
        }
    }
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Reading,
    /// Nothing more is read; what was left unsaid may be said.
    Ending,
    Ended,
}

/// What reading on came to. Places are of the window.
#[derive(Debug)]
enum Step {
    Packet(Packet),
    /// A packet with what it is commented with.
    Commented(Packet, String),
    Secret(Range<usize>),
    /// Something was left out; reading goes on.
    Odd(String),
    /// Reading cannot go on.
    BrokenOff(String),
    End,
}

#[derive(Debug)]
struct Packet {
    time: Timestamp,
    link_type: LinkType,
    wire_length: u32,
    place: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    #[inline(always)]
    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    #[inline(always)]
    fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// The stream ended before `wanted` bytes of `what` were there: a whole end, or one in the middle of something.
#[cold]
fn ended(window: &Window, wanted: u64, what: &str, frames: u64) -> Step {
    let there = window.available().len() as u64;
    let kept = kept(frames);
    match window.failure() {
        Some(cause) => {
            Step::BrokenOff(format!("reading broke off at byte {}: {cause}; {kept}", window.offset() + there))
        }
        None if there == 0 => Step::End,
        None => Step::BrokenOff(format!(
            "the capture ends in the middle of {what} at byte {}: {} of {wanted} bytes are missing; {kept}",
            window.offset(),
            wanted.saturating_sub(there),
        )),
    }
}

fn kept(frames: u64) -> String {
    match frames {
        0 => "no whole frame came before".to_owned(),
        1 => "frame 1 was read".to_owned(),
        _ => format!("frames 1 to {frames} were read"),
    }
}
