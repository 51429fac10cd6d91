//! Is this TLS? Decided by what the bytes say, never by the port.

use crate::tls::registry::{ContentType, HandshakeType};
use crate::tls::ssl2;

/// The longest record TLS allows: 2^14 bytes and the most that encryption may add (RFC 5246 section 6.2.3).
pub(crate) const LONGEST_RECORD: usize = (1 << 14) + 2048;

/// What a few bytes at the head of a stream say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guess {
    /// A record that begins with this handshake message.
    Hello(HandshakeType),
    /// A ClientHello as SSL 2 has it.
    Ssl2Hello,
    /// Not the beginning of a handshake.
    No,
    /// So many bytes are needed to tell.
    NeedMore(usize),
}

/// Bytes needed to recognise a hello: record header, handshake header, and the version inside.
const HELLO_LENGTH: usize = 11;

/// Whether these bytes begin a ClientHello or ServerHello.
///
/// ```text
/// 16 03 0x length(2) 01|02 length(3) 03 0x
/// ```
pub(crate) fn hello(bytes: &[u8]) -> Guess {
    type Fits = fn(u8) -> bool;
    // The highest bit of the first byte begins a record of SSL 2, and no other.
    if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        return ssl2_hello(bytes);
    }
    const PATTERN: [(usize, Fits); 6] = [
        (0, |byte| byte == ContentType::HANDSHAKE.0),
        (1, |byte| byte == 3),
        (2, |byte| byte <= 4),
        (5, |byte| byte == HandshakeType::CLIENT_HELLO.0 || byte == HandshakeType::SERVER_HELLO.0),
        // A hello of 64 KiB or more is no hello: not even one with every post-quantum key share.
        (6, |byte| byte == 0),
        // TLS 1.3 drafts show their own numbers here: 0x7fxx.
        (9, |byte| byte == 3 || byte == 0x7f),
    ];
    for (place, fits) in PATTERN {
        match bytes.get(place) {
            Some(byte) if !fits(*byte) => return Guess::No,
            Some(_) => {}
            None => return Guess::NeedMore(HELLO_LENGTH),
        }
    }
    if bytes.len() < HELLO_LENGTH {
        return Guess::NeedMore(HELLO_LENGTH);
    }
    let record = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
    let message = usize::from(u16::from_be_bytes([bytes[7], bytes[8]])) + 4;
    // The smallest hello holds version, random, session id length, and a suite.
    let plausible = record > 0 && record <= LONGEST_RECORD && message >= 4 + 2 + 32 + 1 + 3;
    if plausible { Guess::Hello(HandshakeType(bytes[5])) } else { Guess::No }
}

fn ssl2_hello(bytes: &[u8]) -> Guess {
    match bytes {
        [_, _, 1, 3 | 0, ..] | [_, _, 1] | [_, _] | [_] if bytes.len() < ssl2::HEAD => {
            Guess::NeedMore(ssl2::HEAD)
        }
        _ if ssl2::client_hello_length(bytes).is_some() => Guess::Ssl2Hello,
        _ => Guess::No,
    }
}

/// Whether these bytes can be a record's header: type, version, length.
#[inline]
pub(crate) fn record_header(bytes: &[u8]) -> bool {
    match bytes {
        [content_type @ 20..=24, 3, 0..=4, high, low, ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let short_enough = match *content_type {
                // A ChangeCipherSpec is one byte, an alert two; sealed ones are longer by a MAC or tag and padding.
                20 | 21 => length <= 384,
                _ => length <= LONGEST_RECORD,
            };
            length > 0 && short_enough
        }
        // Drafts of TLS 1.3 wrote their own version for a while.
        [20..=24, 0x7f, ..] => false,
        _ => false,
    }
}

/// Whether a segment in the middle of a stream is made of records: two headers in a chain, or records that fill it to
/// the byte. One header alone is found in any noise.
pub(crate) fn record_chain(mut bytes: &[u8]) -> bool {
    let mut headers = 0;
    while record_header(bytes) {
        headers += 1;
        let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]])) + 5;
        match bytes.get(length..) {
            Some([]) => return true,
            Some(rest) => bytes = rest,
            None => break,
        }
        if headers == 3 {
            return true;
        }
    }
    headers >= 2 && (bytes.len() < 5 || record_header(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_hello_from_its_first_bytes() {
        let hello_bytes = [0x16, 3, 1, 0, 0x80, 1, 0, 0, 0x7c, 3, 3];
        assert_eq!(hello(&hello_bytes), Guess::Hello(HandshakeType::CLIENT_HELLO));
        for end in 0..11 {
            assert_eq!(hello(&hello_bytes[..end]), Guess::NeedMore(11));
        }
        let ssl2 = ssl2::tests::hello();
        assert_eq!(hello(&ssl2), Guess::Ssl2Hello);
        for end in 1..11 {
            assert_eq!(hello(&ssl2[..end]), Guess::NeedMore(11));
        }
        assert_eq!(hello(b"\x81\x82 something else"), Guess::No);
        assert_eq!(hello(b"GET / HTTP/1.1"), Guess::No);
        assert_eq!(hello(&[0x16, 3, 1, 0, 0x80, 2, 0, 0, 0x10, 3, 3]), Guess::No);
    }

    #[test]
    fn one_header_is_not_a_chain() {
        assert!(!record_chain(&[23, 3, 3, 0, 40, 1, 2, 3]));
        assert!(record_chain(&[23, 3, 3, 0, 2, 1, 2]));
        assert!(record_chain(&[23, 3, 3, 0, 1, 9, 23, 3, 3, 0, 40, 1]));
    }
}
