//! RFC 8448's records, OpenSSL's, and what must not open.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};

use super::super::hex::hex;
use super::super::recorded::TLS13;
use super::*;

const VERSION: ProtocolVersion = ProtocolVersion::TLS13;

fn opener(suite: u16, secret: &str) -> Tls13Opener {
    let suite = SuiteParameters::of(suite, VERSION).expect("a suite we know");
    let secret = TrafficSecret::new(&hex(secret)).expect("32 or 48 bytes");
    Tls13Opener::new(suite, secret).expect("a suite we open")
}

#[test]
fn opens_the_records_of_rfc_8448_section_3() {
    let mut out = vec![];

    // {client} send handshake record: its Finished.
    let handshake = opener(0x1301, "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
    let fragment = hex("75ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f8
                        0338ac98fc46deb384bd1caeacab6867d726c40546");
    assert_eq!(handshake.open(0, &fragment, &mut out), Ok(ContentType::HANDSHAKE));
    assert_eq!(out, hex("14000020a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61"));

    // {client} send application_data record, then send alert record.
    let application = opener(0x1301, "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    let fragment = hex("a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5
                        b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb2169
                        4915e4");
    assert_eq!(application.open(0, &fragment, &mut out), Ok(ContentType::APPLICATION_DATA));
    assert_eq!(out, (0..50).collect::<Vec<u8>>());
    let fragment = hex("c9872760655666b74d7ff1153efd6db6d0b0e3");
    assert_eq!(application.open(1, &fragment, &mut out), Ok(ContentType::ALERT));
    assert_eq!(out, [1, 0]);
}

#[test]
fn opens_what_openssl_sealed() {
    for recorded in TLS13 {
        let mut out = vec![];
        let handshake = opener(recorded.suite, recorded.client_handshake_traffic_secret);
        let opened = handshake.open(0, &hex(recorded.client_finished), &mut out);
        assert_eq!(opened, Ok(ContentType::HANDSHAKE), "{}", recorded.name);
        assert_eq!(out[..3], [20, 0, 0]);
        assert_eq!(out.len(), 4 + if recorded.suite == 0x1302 { 48 } else { 32 });

        let client = opener(recorded.suite, recorded.client_traffic_secret_0);
        for (sequence, expected) in [(0, &b"hello from the client"[..]), (1, b"twice")] {
            let opened = client.open(sequence, &hex(recorded.client[sequence as usize]), &mut out);
            assert_eq!(opened, Ok(ContentType::APPLICATION_DATA), "{}", recorded.name);
            assert_eq!(out, expected);
        }
        let server = opener(recorded.suite, recorded.server_traffic_secret_0);
        let opened = server.open(0, &hex(recorded.server), &mut out);
        assert_eq!(opened, Ok(ContentType::APPLICATION_DATA), "{}", recorded.name);
        assert_eq!(out, b"hello from the server");
    }
}

// OpenSSL 3.0.19: `s_client -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384 -keylogfile ..` was given `before`, `K` (send a
// KeyUpdate and ask for one) and `after`; the bytes were recorded by a relay.
#[test]
fn follows_openssl_through_a_key_update() {
    let mut out = vec![];
    let first = opener(
        0x1302,
        "030ac88b2adeb225f761798499bdef50ca94d950b8ee352067e44b070ae1ef96ddbfc33807221b2839faf151f336bcb0",
    );
    let records = [
        hex("462f192738c1d624792a682466670766c6399fa1d36769e9"),
        hex("700ede3859afb58371b799bf2b920f8182f0b0ec0840"),
        hex("0477ed43ee13dd1aeb18e4e5a5d0ceff5c132688be9165"),
    ];
    assert_eq!(first.open(0, &records[0], &mut out), Ok(ContentType::APPLICATION_DATA));
    assert_eq!(out, b"before\n");
    assert_eq!(first.open(1, &records[1], &mut out), Ok(ContentType::HANDSHAKE));
    assert_eq!(out, [24, 0, 0, 1, 1]);
    assert_eq!(first.open(2, &records[2], &mut out), Err(OpenError::DoesNotAuthenticate));

    let second = first.next_generation();
    assert_eq!(second.open(0, &records[2], &mut out), Ok(ContentType::APPLICATION_DATA));
    assert_eq!(out, b"after\n");
}

#[test]
fn opens_nothing_that_was_changed() {
    for recorded in TLS13 {
        let opener = opener(recorded.suite, recorded.server_traffic_secret_0);
        let fragment = hex(recorded.server);
        let mut out = vec![1];
        for end in 0..fragment.len() {
            assert!(opener.open(0, &fragment[..end], &mut out).is_err(), "{}", recorded.name);
            assert!(out.is_empty());
        }
        for place in 0..fragment.len() {
            for change in 1..=255 {
                let mut changed = fragment.clone();
                changed[place] ^= change;
                let opened = opener.open(0, &changed, &mut out);
                assert_eq!(opened, Err(OpenError::DoesNotAuthenticate), "{}", recorded.name);
                assert!(out.is_empty());
            }
        }
        assert_eq!(opener.open(1, &fragment, &mut out), Err(OpenError::DoesNotAuthenticate));
        assert_eq!(opener.open(0, &[0; 70_000], &mut out), Err(OpenError::DoesNotAuthenticate));
        assert_eq!(opener.open(0, &[], &mut out), Err(OpenError::TooShort));
        let other = self::opener(recorded.suite, recorded.client_traffic_secret_0);
        assert_eq!(other.open(0, &fragment, &mut out), Err(OpenError::DoesNotAuthenticate));
    }
}

/// Seals a whole TLSInnerPlaintext under 0x1302 and a secret of 48 sevens.
fn seal(version: ProtocolVersion, sequence: u64, inner: &[u8], with_header: bool) -> Vec<u8> {
    let suite = SuiteParameters::of(0x1302, version).expect("a suite we know");
    let secret = TrafficSecret::new(&[7; 48]).expect("48 bytes");
    let keys = TrafficKeys::of(&suite, &secret).expect("fits");
    let length = (inner.len() as u16 + 16).to_be_bytes();
    let header = [23, 3, 3, length[0], length[1]];
    let header = if with_header { &header[..] } else { &[] };
    let mut sealed = inner.to_vec();
    let nonce = numbered_nonce(keys.iv(), sequence).into();
    let aead = Aes256Gcm::new(&keys.key.into());
    let tag =
        aead.encrypt_inout_detached(&nonce, header, sealed.as_mut_slice().into()).expect("short enough");
    sealed.extend_from_slice(&tag);
    sealed
}

fn sevens(version: ProtocolVersion) -> Tls13Opener {
    let suite = SuiteParameters::of(0x1302, version).expect("a suite we know");
    Tls13Opener::new(suite, TrafficSecret::new(&[7; 48]).expect("48 bytes")).expect("a suite we open")
}

#[test]
fn strips_padding_and_finds_the_true_type() {
    let opener = sevens(VERSION);
    let mut out = vec![];
    for (inner, expected) in [
        (&[1, 0, 21][..], (ContentType::ALERT, &[1, 0][..])),
        (&[1, 0, 21, 0, 0, 0], (ContentType::ALERT, &[1, 0])),
        (&[23], (ContentType::APPLICATION_DATA, &[])),
        (&[0, 0, 22, 0], (ContentType::HANDSHAKE, &[0, 0])),
    ] {
        let sealed = seal(VERSION, 0x0102_0304_0506_0708, inner, true);
        assert_eq!(opener.open(0x0102_0304_0506_0708, &sealed, &mut out), Ok(expected.0));
        assert_eq!(out, expected.1);
    }
    for nothing in [&[][..], &[0, 0, 0]] {
        let sealed = seal(VERSION, 0, nothing, true);
        assert_eq!(opener.open(0, &sealed, &mut out), Err(OpenError::BadPadding));
        assert!(out.is_empty());
    }
}

#[test]
fn drafts_differ_in_label_and_additional_data() {
    let mut out = vec![];
    for (number, with_header) in
        [(0x7f12, false), (0x7f17, false), (0x7f18, false), (0x7f19, true), (0x7f1c, true)]
    {
        let version = ProtocolVersion(number);
        let sealed = seal(version, 3, &[1, 2, 22], with_header);
        assert_eq!(sevens(version).open(3, &sealed, &mut out), Ok(ContentType::HANDSHAKE), "{version:?}");
        let sealed = seal(version, 3, &[1, 2, 22], !with_header);
        assert!(sevens(version).open(3, &sealed, &mut out).is_err(), "{version:?}");
    }
    assert!(sevens(VERSION).open(3, &seal(ProtocolVersion(0x7f12), 3, &[22], true), &mut out).is_err());
}

#[test]
fn reuses_its_buffer() {
    let opener = sevens(VERSION);
    let sealed = seal(VERSION, 0, &[22; 0x4001], true);
    let mut out = Vec::with_capacity(sealed.len());
    let place = out.as_ptr();
    for _ in 0..3 {
        assert_eq!(opener.open(0, &sealed, &mut out), Ok(ContentType::HANDSHAKE));
        assert_eq!((out.len(), out.as_ptr()), (0x4000, place));
    }
}

#[test]
fn takes_no_suite_of_another_version_and_no_other_secret() {
    let secret = || TrafficSecret::new(&[7; 32]).expect("32 bytes");
    for suite in [0xc02f, 0xcca8, 0x002f, 0x003b] {
        let suite = SuiteParameters::of(suite, ProtocolVersion::TLS12).expect("a suite we know");
        assert!(Tls13Opener::new(suite, secret()).is_none());
    }
    let sha384 = SuiteParameters::of(0x1302, VERSION).expect("a suite we know");
    assert!(Tls13Opener::new(sha384, secret()).is_none());
}

#[test]
fn debug_shows_no_key() {
    assert!(format!("{:?}", sevens(VERSION)).ends_with("keys: \"..\" }"));
}
