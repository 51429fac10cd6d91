//! `messages`: the ladder, one object a step.

use std::ops::Range;

use mtlscope_diagnose::connection::{Step, StepKind};
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::ContentType;

use super::scalar::{Clock, Moment, append_number, file_of};

/// One message, alert, ChangeCipherSpec or sealed record. Most of a line is made of these, and nothing in them needs an
/// escape: they are written without the serialiser.
pub(super) struct Message {
    frame: Option<u64>,
    file: Option<u16>,
    time: Moment,
    side: Side,
    name: &'static str,
    handshake_type: Option<u8>,
    length: u32,
    sealed: bool,
    attested: bool,
}

impl Message {
    /// `None` for what is no message: HTTP, other application data, the end of TCP.
    pub(super) fn of(step: &Step, base: u16) -> Option<Self> {
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
            kind => {
                let message = kind.message()?;
                (message.name, Some(message.handshake_type.0), message.length, false)
            }
        };
        let file = file_of(step.frame, base);
        let frame = step.frame.map(FrameNumber::get);
        Some(Self {
            frame,
            file,
            time: Moment(step.time),
            side: step.side,
            name,
            handshake_type,
            length,
            sealed,
            attested: step.kind.protection() == Some(Protection::Attested),
        })
    }

    /// Appends it behind the one `before` it, which often came in the same frame: what both have in common is copied.
    pub(super) fn append(
        &self,
        line: &mut Vec<u8>,
        clock: &mut Clock,
        before: Option<&(Self, Range<usize>)>,
    ) -> Range<usize> {
        let start = line.len();
        match before {
            Some((before, place)) if self.is_beside(before) => line.extend_from_within(place.clone()),
            _ => self.append_place(line, clock),
        }
        let place = start..line.len();
        line.extend_from_slice(self.name.as_bytes());
        line.extend_from_slice(br#"","type":"#);
        append_number(line, self.handshake_type.map(u64::from));
        line.extend_from_slice(br#","length":"#);
        append_number(line, Some(self.length.into()));
        line.extend_from_slice(if self.sealed { br#","sealed":true"# } else { br#","sealed":false"# });
        line.extend_from_slice(if self.attested { br#","attested":true}"# } else { b"}" });
        place
    }

    fn is_beside(&self, other: &Self) -> bool {
        self.frame == other.frame
            && self.file == other.file
            && self.time.0 == other.time.0
            && self.side == other.side
    }

    fn append_place(&self, line: &mut Vec<u8>, clock: &mut Clock) {
        line.extend_from_slice(br#"{"frame":"#);
        append_number(line, self.frame);
        if let Some(file) = self.file {
            line.extend_from_slice(br#","file":"#);
            append_number(line, Some(file.into()));
        }
        line.extend_from_slice(br#","time":""#);
        line.extend_from_slice(clock.text(&self.time));
        line.extend_from_slice(match self.side {
            Side::Client => br#"","from":"client","name":""#,
            Side::Server => br#"","from":"server","name":""#,
        });
    }
}
