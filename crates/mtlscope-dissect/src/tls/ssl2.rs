//! The hello of SSL 2, with which old clients begin SSL 3.0 and TLS too, so that servers of either kind understand it.
//!
//! RFC 5246 appendix E.2:
//!
//! ```text
//! uint8 V2CipherSpec[3];
//! struct {
//!     uint16 msg_length;              /* the highest bit is set and does not count */
//!     uint8 msg_type;
//!     Version version;
//!     uint16 cipher_spec_length;
//!     uint16 session_id_length;
//!     uint16 challenge_length;
//!     V2CipherSpec cipher_specs[V2ClientHello.cipher_spec_length];
//!     opaque session_id[V2ClientHello.session_id_length];
//!     opaque challenge[V2ClientHello.challenge_length;
//! } V2ClientHello;
//! ```
//!
//! A connection that stays with SSL 2 is recognised and not read further.

use crate::tls::extension::Extensions;
use crate::tls::handshake::{ClientHello, Random};
use crate::tls::registry::{CipherSuite, CompressionMethod, ProtocolVersion};

/// Bytes that tell a hello of SSL 2: up to the last of its lengths.
pub(crate) const HEAD: usize = 11;

/// The longest hello that is taken for one.
const LONGEST: usize = 1024;

/// Bytes before the message: its length.
const LENGTH: usize = 2;

/// What the head of a hello says.
struct Head {
    message: usize,
    version: ProtocolVersion,
    cipher_specs: usize,
    session_id: usize,
    challenge: usize,
}

/// The whole length of the hello that begins with these bytes, if one does.
pub(crate) fn client_hello_length(bytes: &[u8]) -> Option<usize> {
    head(bytes).map(|head| LENGTH + head.message)
}

/// Whether these bytes begin the answer of a server that stays with SSL 2: a record whose message is a SERVER-HELLO.
pub(crate) fn begins_server_hello(bytes: &[u8]) -> bool {
    // The byte behind the type says whether the session is resumed, the one behind that is the certificate's type.
    matches!(bytes, [high, _, 4, 0..=1, 0..=1, 0, 2, ..] if high & 0x80 != 0)
}

/// The message of a whole hello, as a transcript holds it: without the length before it.
pub(crate) fn message(hello: &[u8]) -> &[u8] {
    hello.get(LENGTH..).unwrap_or_default()
}

/// What a whole hello says, in the words of TLS.
pub(crate) fn client_hello(hello: &[u8]) -> Option<ClientHello> {
    let head = head(hello)?;
    let (specs, rest) = hello.get(HEAD..)?.split_at_checked(head.cipher_specs)?;
    let (session_id, rest) = rest.split_at_checked(head.session_id)?;
    let challenge = rest.get(..head.challenge)?;
    let (specs, _) = specs.as_chunks::<3>();
    let mut random = [0; 32];
    random.iter_mut().rev().zip(challenge.iter().rev()).for_each(|(to, from)| *to = *from);
    Some(ClientHello {
        legacy_version: head.version,
        random: Random(random),
        session_id: session_id.into(),
        // Those that do not begin with zero are ciphers of SSL 2, which no later version has.
        cipher_suites: specs
            .iter()
            .filter(|spec| spec[0] == 0)
            .map(|spec| CipherSuite(u16::from_be_bytes([spec[1], spec[2]])))
            .collect(),
        compression_methods: vec![CompressionMethod::NULL],
        extensions: Extensions::default(),
    })
}

fn head(bytes: &[u8]) -> Option<Head> {
    let [high, low, 1, major, minor, s1, s0, i1, i0, c1, c0, ..] = *bytes else { return None };
    let number = |high, low| usize::from(u16::from_be_bytes([high, low]));
    let head = Head {
        message: number(high & 0x7f, low),
        version: ProtocolVersion(u16::from_be_bytes([major, minor])),
        cipher_specs: number(s1, s0),
        session_id: number(i1, i0),
        challenge: number(c1, c0),
    };
    let adds_up = head.message == HEAD - LENGTH + head.cipher_specs + head.session_id + head.challenge;
    let plausible = high & 0x80 != 0
        && matches!(head.version.0, 0x0002 | 0x0300..=0x0304)
        && head.cipher_specs > 0
        && head.cipher_specs.is_multiple_of(3)
        && head.session_id <= 32
        && (16..=32).contains(&head.challenge)
        && head.message <= LONGEST;
    (adds_up && plausible).then_some(head)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A hello that offers SSL 3.0 with two suites of TLS and one cipher of SSL 2.
    pub(crate) fn hello() -> Vec<u8> {
        let mut hello = vec![0x80, 9 + 9 + 16, 1, 3, 0, 0, 9, 0, 0, 0, 16];
        hello.extend([0, 0, 0x35, 1, 0, 0x80, 0, 0, 0x0a]);
        hello.extend(1..=16);
        hello
    }

    #[test]
    fn tells_versions_suites_and_challenge() {
        let bytes = hello();
        assert_eq!(client_hello_length(&bytes), Some(bytes.len()));
        let hello = client_hello(&bytes).expect("a hello");
        assert_eq!(hello.legacy_version, ProtocolVersion::SSL3);
        assert_eq!(hello.cipher_suites, [CipherSuite(0x0035), CipherSuite(0x000a)]);
        assert_eq!(hello.random.0[..16], [0; 16]);
        assert_eq!(hello.random.0[16..], bytes[20..]);
        assert_eq!(message(&bytes)[..3], [1, 3, 0]);
    }

    #[test]
    fn takes_no_other_bytes_and_survives_every_change() {
        let bytes = hello();
        for end in 0..bytes.len() {
            assert!(client_hello(&bytes[..end]).is_none());
            assert_eq!(client_hello_length(&bytes[..end]).is_some(), end >= HEAD);
        }
        for place in 0..bytes.len() {
            for change in [1, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[place] ^= change;
                let _ = (client_hello(&changed), begins_server_hello(&changed), message(&changed));
            }
        }
        assert!(client_hello_length(b"\x80\x46\x04\x00\x01\x00\x02\x01\x01\x00\x00").is_none());
        assert!(begins_server_hello(&[0x84, 0x29, 4, 0, 1, 0, 2, 3, 0xf7]));
        assert!(!begins_server_hello(&[0x16, 3, 0, 0, 0x4a, 2]));
    }
}
