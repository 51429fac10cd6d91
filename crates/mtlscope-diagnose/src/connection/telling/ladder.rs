//! The steps of a connection that is still being heard, packed: a step is a hundred bytes where it is told, and some
//! eight here. A hundred thousand connections may be open at once, and each waits for its end with some twenty steps.
//!
//! A packed step is a tag, then its numbers, most of them differences to what is expected: a byte says how wide each of up
//! to four is (1, 2, 4 or 8 bytes), then they follow. Unlike numbers of seven bits a byte they are written and read without
//! a branch for each byte, and take no more room.

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
        let mut bytes = Unpacking { bytes: &self.packed, before: Place::default() };
        let mut whole = self.whole.into_iter().flat_map(|whole| *whole);
        // What is unpacked was packed here, so nothing is missing.
        while let Some(tag) = bytes.byte() {
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
                false => {
                    beside = Some([difference(frame, first_frame), difference(evidence.offset, *offset)]);
                }
            }
            *offset = evidence.offset.wrapping_add(evidence.length.into());
        }
        self.byte(tag);
        if handshake != before.handshake {
            self.byte(handshake);
        }
        let moved = [difference(frame, before.frame), difference(time as u64, before.time as u64)];
        let lengths = evidence.map(|evidence| {
            let length = u64::from(evidence.length);
            [length, difference(stated_length(&step.kind), length.wrapping_sub(HEADERS))]
        });
        match (is_same_frame, lengths) {
            (false, Some([length, stated])) => self.numbers([moved[0], moved[1], length, stated]),
            (false, None) => self.numbers(moved),
            (true, Some(lengths)) => self.numbers(lengths),
            (true, None) => {}
        }
        if let Some(beside) = beside {
            self.numbers(beside);
        }
        match &step.kind {
            StepKind::MessageHead(head) => self.byte(head.handshake_type.0),
            StepKind::Alert(alert, ..) => {
                self.byte(alert.level.0);
                self.byte(alert.description.0);
            }
            StepKind::Sealed(record) => {
                let [high, low] = record.version.0.to_be_bytes();
                self.byte(record.content_type.0);
                self.byte(high);
                self.byte(low);
            }
            _ => {}
        }
        Some(place)
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        // `LONGEST` is the sum of all that is ever put in.
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// Puts in a byte that tells the widths of the numbers, then the numbers.
    #[inline]
    fn numbers<const COUNT: usize>(&mut self, numbers: [u64; COUNT]) {
        let at = self.length;
        let mut widths = 0;
        self.byte(widths);
        for (index, number) in numbers.into_iter().enumerate() {
            let width = width(number);
            widths |= width << (2 * index);
            // All eight bytes are written, and what comes next overwrites those that are not of the number.
            let room = self.bytes.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut);
            if let Some(room) = room {
                *room = number.to_le_bytes();
                self.length += 1 << width;
            }
        }
        if let Some(place) = self.bytes.get_mut(at) {
            *place = widths;
        }
    }
}

/// How wide a number is: 0 for one byte, 1 for two, 2 for four, 3 for eight.
#[inline]
fn width(number: u64) -> u8 {
    u8::from(number > 0xff) + u8::from(number > 0xffff) + u8::from(number > 0xffff_ffff)
}

/// How far a number is from the one that was expected: small differences of either sign become small numbers.
#[inline]
fn difference(number: u64, expected: u64) -> u64 {
    let difference = number.wrapping_sub(expected) as i64;
    ((difference << 1) ^ (difference >> 63)) as u64
}

/// The number that has this difference to the one that was expected.
#[inline]
fn differing(difference: u64, expected: u64) -> u64 {
    expected.wrapping_add((difference >> 1) ^ (difference & 1).wrapping_neg())
}

/// The length that a step states beside that of its evidence; 0 where it states none.
#[inline]
fn stated_length(kind: &StepKind) -> u64 {
    match kind {
        StepKind::MessageHead(head) => head.length.into(),
        StepKind::Sealed(record) => record.length.into(),
        _ => 0,
    }
}

/// By how much that is mostly less: the headers of a record and of the message in it. Any number would do.
const HEADERS: u64 = 5 + 4;

/// The most bytes that one packed step takes: tag, handshake, twice the widths, six numbers, three bytes; and what the
/// eight bytes of a last number may reach beyond it.
const LONGEST: usize = 2 + 2 + 6 * 8 + 3 + 8;
/// By how many bytes the packed steps grow.
const GROWTH: usize = 64;

/// Packed steps on their way out.
struct Unpacking<'a> {
    bytes: &'a [u8],
    before: Place,
}

impl Unpacking<'_> {
    /// Unpacks a step. Not inlined, and each kind puts its own step together: so each is written where it is to be, where
    /// one way out for all would gather them in registers first, field by field.
    #[inline(never)]
    fn step(&mut self, tag: u8) -> Option<Step> {
        let side = if tag & SERVER == 0 { Side::Client } else { Side::Server };
        let protection = if tag & OPENED == 0 { Protection::Plain } else { Protection::Opened };
        if tag & HANDSHAKE != 0 {
            self.before.handshake = self.byte()?;
        }
        let has_evidence = !matches!(tag & KIND, FIN | RESET);
        let (moved, lengths) = match (tag & SAME_FRAME == 0, has_evidence) {
            (true, true) => {
                let [frame, time, length, stated] = self.numbers()?;
                ([frame, time], [length, stated])
            }
            (true, false) => (self.numbers()?, [0; 2]),
            (false, true) => ([0; 2], self.numbers()?),
            (false, false) => ([0; 2], [0; 2]),
        };
        self.before.frame = differing(moved[0], self.before.frame);
        self.before.time = differing(moved[1], self.before.time as u64) as i64;
        let (frame, time) =
            (FrameNumber::new(self.before.frame), Timestamp::from_nanoseconds(self.before.time));
        let handshake = self.before.handshake.into();
        let step = |kind| Some(Step { handshake, side, frame, time, kind });
        match tag & KIND {
            FIN => return step(StepKind::TransportEnd(TransportEnd::Fin)),
            RESET => return step(StepKind::TransportEnd(TransportEnd::Reset)),
            _ => {}
        }
        let (mut first_frame, mut offset) = (frame, self.before.offsets[side.index()]);
        if tag & NEXT == 0 {
            let [back, further] = self.numbers()?;
            first_frame = FrameNumber::new(self.before.frame.wrapping_sub(differing(back, 0)));
            offset = differing(further, offset);
        }
        let [length, stated] = lengths;
        let stated = differing(stated, length.wrapping_sub(HEADERS));
        self.before.offsets[side.index()] = offset.wrapping_add(length);
        let evidence = Evidence { first_frame, frame, time, side, offset, length: length as u32 };
        match tag & KIND {
            kind @ (MESSAGE | HELLO_RETRY_REQUEST) => {
                let handshake_type = HandshakeType(self.byte()?);
                let name = match kind {
                    MESSAGE => name_of(handshake_type)?,
                    _ => HELLO_RETRY_REQUEST_NAME,
                };
                let length = stated as u32;
                step(StepKind::MessageHead(MessageHead {
                    name,
                    handshake_type,
                    length,
                    evidence,
                    protection,
                }))
            }
            CHANGE_CIPHER_SPEC => step(StepKind::ChangeCipherSpec(evidence, protection)),
            ALERT => {
                let level = AlertLevel(self.byte()?);
                let description = AlertDescription(self.byte()?);
                step(StepKind::Alert(Alert { level, description }, evidence, protection))
            }
            _ => {
                let content_type = ContentType(self.byte()?);
                let version = ProtocolVersion(u16::from_be_bytes([self.byte()?, self.byte()?]));
                let length = stated as u16;
                step(StepKind::Sealed(SealedRecord { content_type, version, length, evidence }))
            }
        }
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*byte)
    }

    /// Takes the numbers out that [`Packing::numbers`] put in.
    #[inline]
    fn numbers<const COUNT: usize>(&mut self) -> Option<[u64; COUNT]> {
        let widths = self.byte()?;
        let mut numbers = [0; COUNT];
        for (index, number) in numbers.iter_mut().enumerate() {
            let width = 1 << (widths >> (2 * index) & 3);
            *number = match self.bytes.first_chunk() {
                // Eight bytes are read, and those that are not of the number shifted out.
                Some(eight) => {
                    let unused = 64 - 8 * width as u32;
                    u64::from_le_bytes(*eight) << unused >> unused
                }
                None => {
                    let mut eight = [0; 8];
                    eight.get_mut(..width)?.copy_from_slice(self.bytes.get(..width)?);
                    u64::from_le_bytes(eight)
                }
            };
            self.bytes = self.bytes.get(width..)?;
        }
        Some(numbers)
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
