//! Bodies of the fuzz targets. Each takes any bytes, and must return.

use crate::decrypt::KeyLog;
use crate::evidence::FrameNumber;
use crate::input::{Frame, Input, LinkType, Secret, SecretOrigin};
use crate::time::Timestamp;
use crate::x509::Certificate;
use crate::{Dissector, Limits, Settings};

/// Link types tried: every one that is read.
const LINK_TYPES: [u16; 26] = [
    1, 0, 101, 113, 276, 9, 50, 51, 11, 104, 105, 107, 109, 117, 119, 127, 138, 163, 166, 192, 219, 239, 108,
    228, 229, 12,
];

/// Frames of any content through the whole dissector.
///
/// The first byte chooses the link type and whether secrets may come late; then each frame has two bytes of length
/// before it, and a frame with the highest bit of its length set is key log text instead.
pub fn fuzz_dissector(data: &[u8]) {
    let Some((first, mut rest)) = data.split_first() else { return };
    let link_type = LinkType(LINK_TYPES[usize::from(first & 0x1f) % LINK_TYPES.len()]);
    let limits =
        Limits { flows: 64, out_of_order_per_side: 1 << 16, waiting_per_flow: 1 << 14, ..Limits::default() };
    let settings = Settings {
        limits,
        keep_bytes: first & 0x40 != 0,
        session_keys: true,
        secrets_may_come: first & 0x80 != 0,
        packets: first & 0x40 != 0,
        ..Settings::default()
    };
    let mut dissector = Dissector::new(settings);
    let mut number = 0;
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = u16::from_be_bytes(*length);
        let (bytes, behind) = behind.split_at(behind.len().min(usize::from(length & 0x7fff)));
        rest = behind;
        number += 1;
        if length & 0x8000 != 0 {
            dissector.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines: bytes, flow: None }));
        } else if let Some(number) = FrameNumber::new(number) {
            let time = Timestamp::from_nanoseconds(number.get() as i64 * 1_000_000);
            let wire_length = bytes.len() as u32;
            dissector.push(Input::Frame(Frame { number, time, link_type, wire_length, bytes }));
        }
        while dissector.poll().is_some() {}
    }
    dissector.finish();
    while dissector.poll().is_some() {}
}

/// Any bytes as a certificate; and what is printed of it.
pub fn fuzz_certificate(data: &[u8]) {
    if let Ok(certificate) = Certificate::parse(data) {
        let _ = (certificate.subject.to_string(), certificate.issuer.to_string(), certificate.pem());
    }
}

/// Any bytes as a key log.
pub fn fuzz_key_log(data: &[u8]) {
    KeyLog::new().add(data, SecretOrigin::KeyLog);
}
