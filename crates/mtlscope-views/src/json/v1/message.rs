//! `messages`: the ladder, one object a step.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::ptr;

use mtlscope_diagnose::connection::{Step, StepKind};
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::registry::ContentType;

use super::scalar::{Clock, append_number, file_of};

/// One message, alert, ChangeCipherSpec or sealed record. Most of a line is made of these, and nothing in them needs an
/// escape: they are written without the serialiser.
pub(super) struct Message {
    place: Place,
    content: Content,
}

/// Where it was.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    frame: Option<FrameNumber>,
    time: Timestamp,
    side: Side,
}

/// What it was.
#[derive(Clone, Copy, Debug)]
struct Content {
    name: &'static str,
    handshake_type: Option<u8>,
    length: u32,
    sealed: bool,
    attested: bool,
}

impl Message {
    /// `None` for what is no message: HTTP, other application data, the end of TCP.
    #[inline]
    pub(super) fn of(step: &Step) -> Option<Self> {
        let (name, handshake_type, length, sealed) = match &step.kind {
            StepKind::ChangeCipherSpec(..) => ("ChangeCipherSpec", None, 1, false),
            StepKind::Alert(..) => ("Alert", None, 2, false),
            StepKind::Heartbeat(heartbeat, ..) => ("Heartbeat", None, 3 + u32::from(heartbeat.there), false),
            StepKind::Sealed(record) => {
                let name = match record.content_type {
                    ContentType::HANDSHAKE => "EncryptedHandshakeMessage",
                    ContentType::ALERT => "EncryptedAlert",
                    _ => "EncryptedRecord",
                };
                (name, None, u32::from(record.length), true)
            }
            StepKind::MessageHead(head) => (head.name, Some(head.handshake_type.0), head.length, false),
            kind => {
                let message = kind.message()?;
                (message.name, Some(message.handshake_type.0), message.length, false)
            }
        };
        let attested = step.kind.protection() == Some(Protection::Attested);
        Some(Self {
            place: Place { frame: step.frame, time: step.time, side: step.side },
            content: Content { name, handshake_type, length, sealed, attested },
        })
    }
}

/// Appends messages, with commas between them. `base`: the file with the connection's first frame.
pub(super) fn append<'a>(
    line: &mut Vec<u8>,
    base: u16,
    steps: impl Iterator<Item = &'a Step>,
    contents: &Contents,
    clock: &RefCell<Clock>,
) {
    let (mut contents, mut clock) = (contents.0.borrow_mut(), clock.borrow_mut());
    // What was said in one frame has its place in common: it is copied from the message before.
    let mut before: Option<(Place, Range<usize>)> = None;
    for message in steps.filter_map(Message::of) {
        if before.is_some() {
            line.push(b',');
        }
        let start = line.len();
        match &before {
            Some((place, text)) if *place == message.place => line.extend_from_within(text.clone()),
            _ => {
                message.place.append(line, base, &mut clock);
                before = Some((message.place, start..line.len()));
            }
        }
        contents.append(line, &message.content);
    }
}

impl Place {
    fn append(&self, line: &mut Vec<u8>, base: u16, clock: &mut Clock) {
        line.extend_from_slice(br#"{"frame":"#);
        append_number(line, self.frame.map(FrameNumber::get));
        if let Some(file) = file_of(self.frame, base) {
            line.extend_from_slice(br#","file":"#);
            append_number(line, Some(file.into()));
        }
        line.extend_from_slice(br#","time":""#);
        line.extend_from_slice(clock.text(self.time));
        line.extend_from_slice(match self.side {
            Side::Client => br#"","from":"client","name":""#,
            Side::Server => br#"","from":"server","name":""#,
        });
    }
}

impl Content {
    /// What stands behind the place.
    fn append(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(self.name.as_bytes());
        line.extend_from_slice(br#"","type":"#);
        append_number(line, self.handshake_type.map(u64::from));
        line.extend_from_slice(br#","length":"#);
        append_number(line, Some(self.length.into()));
        line.extend_from_slice(if self.sealed { br#","sealed":true"# } else { br#","sealed":false"# });
        line.extend_from_slice(if self.attested { br#","attested":true}"# } else { b"}" });
    }

    fn is(&self, other: &Self) -> bool {
        // Names are compared by where they stand: they are the registry's own, and one that is not found is only made anew.
        ptr::eq(self.name, other.name)
            && self.length == other.length
            && self.handshake_type == other.handshake_type
            && self.sealed == other.sealed
            && self.attested == other.attested
    }
}

/// Texts of what messages are. Those of all connections of an input are a hundred or two: each is written once and copied, which
/// takes a quarter of the time.
#[derive(Default)]
pub(super) struct Contents(RefCell<Texts>);

/// Texts by a number that their contents make; of two that make the same the later stays. Empty until the first is needed.
#[derive(Default)]
struct Texts(Vec<Option<Text>>);

struct Text {
    content: Content,
    bytes: [u8; ROOM],
    length: usize,
}

/// How many texts there may be.
const TEXTS: usize = 256;
/// As long as the longest: that of a name of 25 letters and a length of ten digits.
const ROOM: usize = 96;

impl Texts {
    fn append(&mut self, line: &mut Vec<u8>, content: &Content) {
        if self.0.is_empty() {
            self.0.resize_with(TEXTS, || None);
        }
        let kind = usize::from(content.handshake_type.unwrap_or_default()) + content.name.len();
        let number = (content.length as usize).wrapping_add(kind * 61) % TEXTS;
        let Some(text) = self.0.get_mut(number) else { return };
        match text {
            Some(text) if text.content.is(content) => {
                // A copy of a length that the compiler knows is a few moves, where another is a call: so it is cut afterwards.
                let end = line.len() + text.length;
                line.extend_from_slice(&text.bytes);
                line.truncate(end);
            }
            _ => {
                let start = line.len();
                content.append(line);
                *text = Text::of(*content, line.get(start..).unwrap_or_default());
            }
        }
    }
}

impl Text {
    /// `None` where it is too long to be kept.
    fn of(content: Content, text: &[u8]) -> Option<Self> {
        let mut bytes = [0; ROOM];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { content, bytes, length: text.len() })
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_whether_it_is_kept_or_not() {
        let mut texts = Texts::default();
        let names = [
            "Finished",
            "EncryptedHandshakeMessage",
            "a name that no registry has, and too long to be kept beside it",
        ];
        // Each twice, and each again when others have taken its place.
        for round in 0..3 {
            for (place, name) in names.iter().enumerate() {
                for length in [0, 1, 255, 256, 257, 16_777_215, u32::MAX] {
                    for flags in 0..4 {
                        let (sealed, attested) = (flags & 1 == 1, flags & 2 == 2);
                        let handshake_type = (round != place).then_some(place as u8 * 127);
                        let content = Content { name, handshake_type, length, sealed, attested };
                        let (mut kept, mut anew) = (b"before".to_vec(), b"before".to_vec());
                        content.append(&mut anew);
                        for _ in 0..2 {
                            kept.truncate(6);
                            texts.append(&mut kept, &content);
                            assert_eq!(str::from_utf8(&kept), str::from_utf8(&anew));
                        }
                    }
                }
            }
        }
        assert!(texts.0.len() == TEXTS && texts.0.iter().any(Option::is_some));
    }
}
