//! The steps of a connection that is still being heard, packed: a step is a hundred bytes where it is told, and some
//! eight here. A hundred thousand connections may be open at once, and each waits for its end with some twenty steps.
//!
//! A packed step is a tag, then numbers of seven bits a byte (LEB128), most of them differences to the step before.

use mtlscope_dissect::event::{Protection, SealedRecord, TransportEnd};
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::registry::{
    AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion,
};

use crate::connection::{MessageHead, Step, StepKind};

/// Steps, in order.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    packed: Vec<u8>,
    length: u32,
    /// Where the step before the next one was.
    before: Place,
    /// Steps that are more than numbers, in their order.
    // Most connections have none or few of them: the list is boxed, and stays small where they are, too.
    #[allow(clippy::vec_box, clippy::box_collection)]
    whole: Option<Box<Vec<Box<Step>>>>,
}

/// What a packed step is told relative to.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    handshake: u8,
    frame: u64,
    time: i64,
    /// For each side, where the last step ended in its stream.
    offsets: [u64; 2],
}

/// Bits of the tag: what kind of step it is,
const KIND: u8 = 0b0000_0111;
const WHOLE: u8 = 0;
const MESSAGE: u8 = 1;
const HELLO_RETRY_REQUEST: u8 = 2;
const CHANGE_CIPHER_SPEC: u8 = 3;
const ALERT: u8 = 4;
const SEALED: u8 = 5;
const FIN: u8 = 6;
const RESET: u8 = 7;
/// whether the server did it,
const SERVER: u8 = 0b0000_1000;
/// whether it was opened with keys,
const OPENED: u8 = 0b0001_0000;
/// whether it came with the step before it, in one frame,
const SAME_FRAME: u8 = 0b0010_0000;
/// whether it lies in one frame, right behind what its side did before,
const NEXT: u8 = 0b0100_0000;
/// and whether a number of another handshake than before follows.
const HANDSHAKE: u8 = 0b1000_0000;

impl Ladder {
    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.length as usize
    }

    /// Adds a step.
    pub(super) fn push(&mut self, step: Step) {
        self.length = self.length.saturating_add(1);
        let mut packing = Packing { bytes: [0; LONGEST], length: 0 };
        match packing.step(&step, self.before) {
            Some(place) => {
                let packed = packing.bytes.get(..packing.length).unwrap_or_default();
                // What is asked for grows slowly, since many connections may wait like this one.
                if self.packed.capacity() - self.packed.len() < packed.len() {
                    self.packed.reserve_exact(GROWTH.max(packed.len()));
                }
                self.packed.extend_from_slice(packed);
                self.before = place;
            }
            None => {
                self.packed.push(WHOLE);
                self.whole.get_or_insert_default().push(Box::new(step));
            }
        }
    }

    /// All steps, as they are told.
    pub(super) fn into_steps(self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.length as usize);
        let mut bytes = Unpacking { bytes: self.packed.iter().copied(), before: Place::default() };
        let mut whole = self.whole.into_iter().flat_map(|whole| *whole);
        // What is unpacked was packed here, so nothing is missing.
        while let Some(tag) = bytes.bytes.next() {
            let step = if tag == WHOLE { whole.next().map(|step| *step) } else { bytes.step(tag) };
            let Some(step) = step else { break };
            steps.push(step);
        }
        steps
    }
}

/// One step on its way into the ladder.
struct Packing {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Packing {
    /// Packs a step; `None` if it does not fit the form. Gives the place it leaves behind.
    fn step(&mut self, step: &Step, before: Place) -> Option<Place> {
        let frame = step.frame.filter(|frame| FrameNumber::new(frame.get()) == Some(*frame))?.get();
        let handshake = u8::try_from(step.handshake).ok()?;
        let time = step.time.nanoseconds();
        let (kind, evidence, protection) = match &step.kind {
            StepKind::MessageHead(head) => {
                let is_retry = head.name == HELLO_RETRY_REQUEST_NAME;
                if !is_retry && name_of(head.handshake_type) != Some(head.name) {
                    return None;
                }
                let kind = if is_retry { HELLO_RETRY_REQUEST } else { MESSAGE };
                (kind, Some(&head.evidence), head.protection)
            }
            StepKind::ChangeCipherSpec(evidence, protection) => {
                (CHANGE_CIPHER_SPEC, Some(evidence), *protection)
            }
            StepKind::Alert(_, evidence, protection) => (ALERT, Some(evidence), *protection),
            StepKind::Sealed(record) => (SEALED, Some(&record.evidence), Protection::Plain),
            StepKind::TransportEnd(TransportEnd::Fin) => (FIN, None, Protection::Plain),
            StepKind::TransportEnd(TransportEnd::Reset) => (RESET, None, Protection::Plain),
            _ => return None,
        };
        // Rare, and there is no bit left for it.
        if protection == Protection::Attested {
            return None;
        }
        let mut place = Place { handshake, frame, time, ..before };
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        let is_same_frame = frame == before.frame && time == before.time;
        let mut tag = kind
            | flag(SERVER, step.side == Side::Server)
            | flag(OPENED, protection == Protection::Opened)
            | flag(SAME_FRAME, is_same_frame)
            | flag(HANDSHAKE, handshake != before.handshake);
        let mut beside = None;
        if let Some(evidence) = evidence {
            let is_here =
                evidence.side == step.side && evidence.frame == step.frame && evidence.time == step.time;
            if !is_here {
                return None;
            }
            let first_frame =
                evidence.first_frame.filter(|frame| FrameNumber::new(frame.get()) == Some(*frame))?.get();
            let offset = &mut place.offsets[step.side.index()];
            match first_frame == frame && evidence.offset == *offset {
                true => tag |= NEXT,
                false => beside = Some((first_frame, evidence.offset, *offset)),
            }
            *offset = evidence.offset.wrapping_add(evidence.length.into());
        }
        self.byte(tag);
        if handshake != before.handshake {
            self.byte(handshake);
        }
        if !is_same_frame {
            self.difference(frame, before.frame);
            self.difference(time as u64, before.time as u64);
        }
        if let Some((first_frame, offset, expected)) = beside {
            self.difference(frame, first_frame);
            self.difference(offset, expected);
        }
        if let Some(evidence) = evidence {
            self.number(evidence.length.into());
        }
        match &step.kind {
            StepKind::MessageHead(head) => {
                self.byte(head.handshake_type.0);
                self.number(head.length.into());
            }
            StepKind::Alert(alert, ..) => {
                self.byte(alert.level.0);
                self.byte(alert.description.0);
            }
            StepKind::Sealed(record) => {
                let [high, low] = record.version.0.to_be_bytes();
                self.byte(record.content_type.0);
                self.byte(high);
                self.byte(low);
                self.number(record.length.into());
            }
            _ => {}
        }
        Some(place)
    }

    fn byte(&mut self, byte: u8) {
        // `LONGEST` is the sum of all that is ever put in.
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    fn difference(&mut self, number: u64, before: u64) {
        let difference = number.wrapping_sub(before) as i64;
        // Small ones of either sign become small numbers.
        self.number(((difference << 1) ^ (difference >> 63)) as u64);
    }
}

/// The most bytes that one packed step takes.
const LONGEST: usize = 2 + 4 * 10 + 5 + 3 + 5;
/// By how many bytes the packed steps grow.
const GROWTH: usize = 64;

struct Unpacking<I> {
    bytes: I,
    before: Place,
}

impl<I: Iterator<Item = u8>> Unpacking<I> {
    fn step(&mut self, tag: u8) -> Option<Step> {
        let side = if tag & SERVER == 0 { Side::Client } else { Side::Server };
        let protection = if tag & OPENED == 0 { Protection::Plain } else { Protection::Opened };
        if tag & HANDSHAKE != 0 {
            self.before.handshake = self.bytes.next()?;
        }
        if tag & SAME_FRAME == 0 {
            self.before.frame = self.difference(self.before.frame)?;
            self.before.time = self.difference(self.before.time as u64)? as i64;
        }
        let (frame, time) =
            (FrameNumber::new(self.before.frame), Timestamp::from_nanoseconds(self.before.time));
        let kind = match tag & KIND {
            FIN => StepKind::TransportEnd(TransportEnd::Fin),
            RESET => StepKind::TransportEnd(TransportEnd::Reset),
            kind => {
                let (mut first_frame, mut offset) = (frame, self.before.offsets[side.index()]);
                if tag & NEXT == 0 {
                    let back = self.difference(0)?;
                    first_frame = FrameNumber::new(self.before.frame.wrapping_sub(back));
                    offset = self.difference(offset)?;
                }
                let length = self.number()? as u32;
                self.before.offsets[side.index()] = offset.wrapping_add(length.into());
                let evidence = Evidence { first_frame, frame, time, side, offset, length };
                self.kind(kind, evidence, protection)?
            }
        };
        Some(Step { handshake: self.before.handshake.into(), side, frame, time, kind })
    }

    fn kind(&mut self, kind: u8, evidence: Evidence, protection: Protection) -> Option<StepKind> {
        Some(match kind {
            MESSAGE | HELLO_RETRY_REQUEST => {
                let handshake_type = HandshakeType(self.bytes.next()?);
                let name = match kind {
                    MESSAGE => name_of(handshake_type)?,
                    _ => HELLO_RETRY_REQUEST_NAME,
                };
                let length = self.number()? as u32;
                StepKind::MessageHead(MessageHead { name, handshake_type, length, evidence, protection })
            }
            CHANGE_CIPHER_SPEC => StepKind::ChangeCipherSpec(evidence, protection),
            ALERT => {
                let level = AlertLevel(self.bytes.next()?);
                let description = AlertDescription(self.bytes.next()?);
                StepKind::Alert(Alert { level, description }, evidence, protection)
            }
            _ => {
                let content_type = ContentType(self.bytes.next()?);
                let version = ProtocolVersion(u16::from_be_bytes([self.bytes.next()?, self.bytes.next()?]));
                let length = self.number()? as u16;
                StepKind::Sealed(SealedRecord { content_type, version, length, evidence })
            }
        })
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes.next()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn difference(&mut self, before: u64) -> Option<u64> {
        let number = self.number()?;
        let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
        Some(before.wrapping_add(difference as u64))
    }
}

const HELLO_RETRY_REQUEST_NAME: &str = "HelloRetryRequest";

/// The names of messages by their type. A message that goes by another name is not packed.
fn name_of(handshake_type: HandshakeType) -> Option<&'static str> {
    Some(match handshake_type {
        HandshakeType::HELLO_REQUEST => "HelloRequest",
        HandshakeType::CLIENT_HELLO => "ClientHello",
        HandshakeType::SERVER_HELLO => "ServerHello",
        HandshakeType::NEW_SESSION_TICKET => "NewSessionTicket",
        HandshakeType::END_OF_EARLY_DATA => "EndOfEarlyData",
        HandshakeType::ENCRYPTED_EXTENSIONS => "EncryptedExtensions",
        HandshakeType::CERTIFICATE => "Certificate",
        HandshakeType::SERVER_KEY_EXCHANGE => "ServerKeyExchange",
        HandshakeType::CERTIFICATE_REQUEST => "CertificateRequest",
        HandshakeType::SERVER_HELLO_DONE => "ServerHelloDone",
        HandshakeType::CERTIFICATE_VERIFY => "CertificateVerify",
        HandshakeType::CLIENT_KEY_EXCHANGE => "ClientKeyExchange",
        HandshakeType::FINISHED => "Finished",
        HandshakeType::CERTIFICATE_STATUS => "CertificateStatus",
        HandshakeType::KEY_UPDATE => "KeyUpdate",
        HandshakeType::COMPRESSED_CERTIFICATE => "CompressedCertificate",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;

    /// Every kind of step, whole and let go.
    fn steps() -> Vec<Step> {
        let mut steps = tell(
            "C> ClientHello
             S> HelloRetryRequest
             C> ClientHello
             S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(CN=Lab Root CA), Certificate(server), CertificateVerify, Finished
             C> Certificate(good), CertificateVerify, Finished
             S> NewSessionTicket
             C> Data(GET / HTTP/1.1\\r\\n)
             S> CertificateRequest(CN=Lab Root CA; context=0a)
             C> Certificate(good context=0a), CertificateVerify, Finished
             S> Alert(fatal, unknown_ca)
             C> FIN
             S> RST",
        )
        .steps;
        steps.extend(
            tell("C> ClientHello\n S> ServerHello, ServerHelloDone\n C> ChangeCipherSpec, Sealed(22,40)")
                .steps,
        );
        let heads: Vec<Step> = steps
            .iter()
            .filter_map(|step| {
                Some(Step { kind: StepKind::MessageHead(step.kind.message()?), ..step.clone() })
            })
            .collect();
        steps.extend(heads);
        // Such as no capture has, but a damaged one may.
        for (frame, time) in [(Some(u64::MAX), i64::MIN), (Some(1), i64::MAX), (None, 0)] {
            let (frame, time) = (frame.and_then(FrameNumber::new), Timestamp::from_nanoseconds(time));
            let side = Side::Server;
            let evidence =
                Evidence { first_frame: frame, frame, time, side, offset: u64::MAX, length: u32::MAX };
            let kind = StepKind::ChangeCipherSpec(evidence, Protection::Opened);
            steps.push(Step { handshake: 63, side, frame, time, kind });
        }
        steps
    }

    #[test]
    fn steps_come_back_as_they_were() {
        let steps = steps();
        let mut ladder = Ladder::default();
        for step in &steps {
            ladder.push(step.clone());
        }
        assert_eq!(ladder.len(), steps.len());
        assert_eq!(format!("{:#?}", ladder.into_steps()), format!("{steps:#?}"));
    }

    #[test]
    fn messages_let_go_are_packed_under_the_names_they_have() {
        let mut ladder = Ladder::default();
        let heads = steps().into_iter().filter(|step| matches!(step.kind, StepKind::MessageHead(_)));
        let mut count = 0;
        for step in heads {
            ladder.push(step);
            count += 1;
        }
        assert!(ladder.whole.is_none());
        assert!(ladder.packed.len() < count * 12, "{} bytes for {count} steps", ladder.packed.len());
    }
}
