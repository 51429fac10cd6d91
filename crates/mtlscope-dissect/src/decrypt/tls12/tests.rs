//! Records of other people's making, records sealed here for what they do not cover, and what must not open.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128Enc, Aes256Enc};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384};

use super::super::hex::hex;
use super::super::recorded::{Recorded12, Records, UP_TO_TLS12};
use super::super::suite::{BlockCipher, MacAlgorithm};
use super::super::{extended_master_secret, master_secret};
use super::*;
use crate::input::SecretOrigin;

const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
const DATA: ContentType = ContentType::APPLICATION_DATA;

fn random(text: &str) -> [u8; 32] {
    hex(text).try_into().expect("32 bytes")
}

/// The opener of one side of a recording, by way of a key log.
fn opener(recorded: &Recorded12, side: Side) -> Tls12Opener {
    let mut key_log = super::super::KeyLog::new();
    let line = format!("CLIENT_RANDOM {} {}\n", recorded.client_random, recorded.master_secret);
    key_log.add(line.as_bytes(), SecretOrigin::KeyLog);

    let suite =
        SuiteParameters::of(recorded.suite, ProtocolVersion(recorded.version)).expect("a suite we know");
    let client_random = random(recorded.client_random);
    let secrets = key_log.get(&client_random).expect("its secret");
    let master_secret = secrets.master_secret().expect("a master secret");
    let block = KeyBlock::expand(suite, master_secret, &client_random, &random(recorded.server_random));
    Tls12Opener::new(&block, side, recorded.encrypt_then_mac).expect("a suite we open")
}

fn sides(recorded: &Recorded12) -> [(Side, Records, &'static [u8]); 2] {
    [
        (Side::Client, recorded.client, b"hello from the clienttwice"),
        (Side::Server, recorded.server, b"hello from the server"),
    ]
}

#[test]
fn opens_what_openssl_sealed() {
    for recorded in UP_TO_TLS12 {
        for (side, records, expected) in sides(recorded) {
            let mut opener = opener(recorded, side);
            let (mut handshake, mut data, mut out) = (vec![], vec![], vec![]);
            for (sequence, (content_type, version, fragment)) in (0..).zip(records) {
                let (content_type, version) = (ContentType(*content_type), ProtocolVersion(*version));
                let opened = opener.open(sequence, content_type, version, &hex(fragment), &mut out);
                assert_eq!(opened, Ok(()), "{}, {side}, record {sequence}", recorded.name);
                if content_type == HANDSHAKE { &mut handshake } else { &mut data }.extend_from_slice(&out);
            }
            assert_eq!(handshake[..4], [20, 0, 0, 12], "a Finished: {}", recorded.name);
            assert_eq!(handshake.len(), 16);
            assert_eq!(data, expected, "{}", recorded.name);
        }
    }
}

#[test]
fn opens_nothing_that_was_changed_and_can_still_open_the_original() {
    for recorded in UP_TO_TLS12 {
        let (content_type, version, fragment) = recorded.client[0];
        let (content_type, version, fragment) =
            (ContentType(content_type), ProtocolVersion(version), hex(fragment));
        let mut opener = opener(recorded, Side::Client);
        let mut out = vec![1];
        let mut refuses = |sequence, content_type, version, fragment: &[u8], what: &str| {
            let opened = opener.open(sequence, content_type, version, fragment, &mut out);
            assert!(opened.is_err(), "{}: {what}", recorded.name);
            assert!(out.is_empty());
        };

        for end in 0..fragment.len() {
            refuses(0, content_type, version, &fragment[..end], "a prefix");
        }
        for place in 0..fragment.len() {
            for change in [1, 0x80, 0xff] {
                let mut changed = fragment.clone();
                changed[place] ^= change;
                refuses(0, content_type, version, &changed, "a changed byte");
            }
        }
        refuses(1, content_type, version, &fragment, "another sequence number");
        refuses(0, DATA, version, &fragment, "another content type");
        refuses(0, content_type, ProtocolVersion(0x0399), &fragment, "another version");
        refuses(0, content_type, version, &vec![0; 70_000], "more than a record can hold");

        assert_eq!(opener.open(0, content_type, version, &fragment, &mut out), Ok(()), "{}", recorded.name);

        let mut other = self::opener(recorded, Side::Server);
        assert!(other.open(0, content_type, version, &fragment, &mut out).is_err(), "{}", recorded.name);
    }
}

#[test]
fn chained_ivs_survive_a_record_that_is_passed_over() {
    for recorded in UP_TO_TLS12.iter().filter(|recorded| recorded.version == 0x0301) {
        let records: Vec<Vec<u8>> = recorded.client.iter().map(|(_, _, fragment)| hex(fragment)).collect();
        let version = ProtocolVersion::TLS10;
        let mut out = vec![];
        let mut opener = opener(recorded, Side::Client);
        opener.pass_over(&records[0]);
        opener.pass_over(&records[1]);
        assert_eq!(opener.open(2, DATA, version, &records[2], &mut out), Ok(()), "{}", recorded.name);

        let mac_length = if recorded.encrypt_then_mac { 20 } else { 0 };
        if let Some(before) = records[0][..records[0].len() - mac_length].last_chunk::<16>() {
            opener.set_chained_iv(before);
            assert_eq!(opener.open(1, DATA, version, &records[1], &mut out), Ok(()), "{}", recorded.name);
        }
    }
}

// From two more runs like those in `recorded`, with the option for extended_master_secret on and off, and with the
// handshake's messages hashed up to the ClientKeyExchange.
#[test]
fn master_secrets_match_openssls() {
    let premaster = hex(
        "0303e4d0e8a87b280c74ac53b99ecc0600a3862655c49b67b551982dc53a69347a31e5296b5ae570f97ea18c8291123d",
    );
    let session_hash = hex("387b49d44d17d8ddab80c66e9a3e45b493877ba1ea364925adb90219a6e663f7");
    assert_eq!(
        extended_master_secret(Prf::Sha256, &premaster, &session_hash).as_slice(),
        hex(
            "0eef8a32f5645f896c517cc906fe8c245afc2519e74f2ac77a5a2b7b8a52ec21bca1b8e620f3a2f26867c15f6b5dd50f"
        )
    );

    #[rustfmt::skip]
    let without_the_extension = [
        (
            Prf::Sha256,
            "03032bc3b9ce6f9ded1ae93339f735303e9f9dcf0844fa8351050c2f5725a37a634fdbc253039e6299d2d0ea5e8805e0",
            "492d30c1c978b451f8ab9ddd74ff13f3f0b779d38e916494e9b0d38ea396dba5",
            "56efb345f20104596898e8fe0147a19a233f4862d740307d198a12199dc6aa8a",
            "dba6cc4c1405e1ee462862c08b31ff1b10d60f63a0f787377b46673cc5284e034a22dabf74777e9d05e9586d1f496797",
        ),
        (
            Prf::Md5Sha1,
            "0301421129c65651c97e2eb7e057683a376e67ba778370f96221a8449d92b9c64c2858cd3fbccb2c7c8581b875814f31",
            "4b6e340d6b3159b7fa1c8b053fe65ec8ce8917b75bbf86e461ca315d17fd2503",
            "1d6c21a7cc4aa4bf62352dac082c45b695676ec2cd4df1c0d7481058ff702d76",
            "6812d605e48b19459f5b4739b24e135349b85d213de20549f813815f94ad1bb00b7d9f6ae1459e1d28a108d52017d5d8",
        ),
    ];
    for (prf, premaster, client_random, server_random, expected) in without_the_extension {
        let master = master_secret(prf, &hex(premaster), &random(client_random), &random(server_random));
        assert_eq!(master.as_slice(), hex(expected));
    }
}

/// Seals CBC and NULL records, for the versions and paddings that OpenSSL does not write.
struct Sealer<'a> {
    suite: SuiteParameters,
    keys: super::super::schedule::WriteKeys<'a>,
    encrypt_then_mac: bool,
    last_block: Vec<u8>,
}

impl Sealer<'_> {
    /// `blocks` more blocks of padding than needed.
    fn seal(&mut self, sequence: u64, version: u16, content: &[u8], blocks: u8) -> Vec<u8> {
        let chained = self.suite.explicit_nonce_length == 0;
        let block_length =
            if let BulkCipher::Cbc(cipher) = self.suite.cipher { cipher.block_length() } else { 1 };
        if !chained {
            self.last_block = vec![sequence as u8 ^ 0x5a; block_length];
        }
        let mut plaintext = content.to_vec();
        if !self.encrypt_then_mac {
            plaintext.extend(self.mac(sequence, version, content));
        }
        let padding = (block_length - 1 - plaintext.len() % block_length) as u8 + block_length as u8 * blocks;
        plaintext.extend(vec![padding; usize::from(padding) + 1]);

        let mut sealed = if chained { vec![] } else { self.last_block.clone() };
        for block in plaintext.chunks(block_length) {
            let mut block: Vec<u8> = block.iter().zip(&self.last_block).map(|(a, b)| a ^ b).collect();
            match self.suite.cipher {
                BulkCipher::Cbc(BlockCipher::Aes128) => encipher::<Aes128Enc>(self.keys.key, &mut block),
                BulkCipher::Cbc(BlockCipher::Aes256) => encipher::<Aes256Enc>(self.keys.key, &mut block),
                BulkCipher::Cbc(BlockCipher::TripleDes) => {
                    encipher::<des::TdesEde3>(self.keys.key, &mut block)
                }
                BulkCipher::Cbc(BlockCipher::Des) => encipher::<des::Des>(self.keys.key, &mut block),
                BulkCipher::Cbc(BlockCipher::Idea) => encipher::<idea::Idea>(self.keys.key, &mut block),
                BulkCipher::Cbc(BlockCipher::Rc2) => encipher::<rc2::Rc2>(self.keys.key, &mut block),
                BulkCipher::Cbc(BlockCipher::Aria256) => encipher::<aria::Aria256>(self.keys.key, &mut block),
                cipher => panic!("{cipher:?} is not sealed here"),
            }
            sealed.extend_from_slice(&block);
            self.last_block = block;
        }
        if self.encrypt_then_mac {
            sealed.extend(self.mac(sequence, version, &sealed));
        }
        sealed
    }

    fn mac(&self, sequence: u64, version: u16, content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16).to_be_bytes();
        let key = self.keys.mac_key;
        let algorithm = self.suite.mac.expect("a MAC");
        if self.suite.prf == Prf::Ssl3 {
            let message = [&sequence.to_be_bytes()[..], &[23], &length, content].concat();
            let ssl3 = |hash: fn(Vec<u8>) -> Vec<u8>, pad: usize| {
                let inner = hash([key, &vec![0x36; pad], &message].concat());
                hash([key, &vec![0x5c; pad], &inner].concat())
            };
            return match algorithm {
                MacAlgorithm::Md5 => ssl3(|bytes| Md5::digest(bytes).to_vec(), 48),
                _ => ssl3(|bytes| Sha1::digest(bytes).to_vec(), 40),
            };
        }
        let message = [&sequence.to_be_bytes()[..], &[23], &version.to_be_bytes(), &length, content].concat();
        fn tls<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
            <M as KeyInit>::new_from_slice(key)
                .expect("a key")
                .chain_update(message)
                .finalize()
                .into_bytes()
                .to_vec()
        }
        match algorithm {
            MacAlgorithm::Md5 => tls::<Hmac<Md5>>(key, &message),
            MacAlgorithm::Sha1 => tls::<Hmac<Sha1>>(key, &message),
            MacAlgorithm::Sha256 => tls::<Hmac<Sha256>>(key, &message),
            MacAlgorithm::Sha384 => tls::<Hmac<Sha384>>(key, &message),
        }
    }
}

fn encipher<C: BlockCipherEncrypt + KeyInit>(key: &[u8], block: &mut [u8]) {
    let cipher = C::new_from_slice(key).expect("a key");
    let (blocks, _) = Array::slice_as_chunks_mut(block);
    cipher.encrypt_blocks(blocks);
}

#[test]
fn opens_rc4_and_goes_on_behind_what_does_not_open() {
    // RFC 6229 has the stream of this key; 40 bits of it are the key of an export suite.
    let stream = |length| {
        let mut rc4 = super::Rc4Stream::new(&hex("0102030405060708090a0b0c0d0e0f10")).expect("a key");
        let mut out = vec![];
        rc4.decipher(&vec![0; length], &mut out);
        out
    };
    assert_eq!(stream(16), hex("9ac7cc9a609d1ef7b2932899cde41b97"));

    for (suite, version) in
        [(0x0005, 0x0303), (0x0004, 0x0301), (0x0004, 0x0300), (0x0003, 0x0301), (0x0003, 0x0300)]
    {
        let parameters = SuiteParameters::of(suite, ProtocolVersion(version)).expect("a suite we know");
        let block = KeyBlock::expand(parameters, &[7; 48], &[8; 32], &[9; 32]);
        let sealer = Sealer {
            suite: parameters,
            keys: block.keys(Side::Client),
            encrypt_then_mac: false,
            last_block: vec![],
        };
        let mut stream = super::Rc4Stream::new(sealer.keys.key).expect("a key");
        let mut seal = |sequence, content: &[u8]| {
            let plain = [content, &sealer.mac(sequence, version, content)].concat();
            let mut sealed = vec![];
            stream.decipher(&plain, &mut sealed);
            stream.pass(plain.len());
            sealed
        };
        let records = [seal(0, b"one"), seal(1, b"two"), seal(2, b"three")];
        let mut opener = Tls12Opener::new(&block, Side::Client, false).expect("a suite we open");
        let mut out = vec![];
        let mut open = |sequence, record: &[u8]| {
            opener.open(sequence, DATA, ProtocolVersion(version), record, &mut out).map(|()| out.clone())
        };
        assert_eq!(open(0, &records[0]), Ok(b"one".to_vec()), "0x{suite:04x} in 0x{version:04x}");
        assert!(open(5, &records[1]).is_err(), "another number");
        assert_eq!(open(1, &records[1]), Ok(b"two".to_vec()));
        let mut opener = Tls12Opener::new(&block, Side::Client, false).expect("a suite we open");
        opener.pass_over(&records[0]);
        opener.pass_over(&records[1]);
        assert_eq!(opener.open(2, DATA, ProtocolVersion(version), &records[2], &mut out), Ok(()));
        assert_eq!(out, b"three");
    }
}

#[test]
fn opens_cbc_of_every_version_length_and_padding() {
    let kinds = [0x002f, 0x0035, 0x000a, 0x0009, 0x0007, 0x0006, 0x003c, 0x003d, 0xc028, 0xc03d];
    for (version, suites) in
        [(0x0300, &kinds[..6]), (0x0301, &kinds), (0x0302, &kinds), (0x0303, &kinds), (0xfefd, &kinds)]
    {
        for (suite, encrypt_then_mac) in suites.iter().flat_map(|suite| [(*suite, false), (*suite, true)]) {
            let parameters = SuiteParameters::of(suite, ProtocolVersion(version)).expect("a suite we know");
            let block = KeyBlock::expand(parameters, &[7; 48], &[8; 32], &[9; 32]);
            let keys = block.keys(Side::Server);
            let last_block = keys.iv.to_vec();
            let mut sealer = Sealer { suite: parameters, keys, encrypt_then_mac, last_block };
            let mut opener =
                Tls12Opener::new(&block, Side::Server, encrypt_then_mac).expect("a suite we open");
            let mut out = vec![];
            // The first 16 bits of a DTLS sequence number are the epoch.
            let first: u64 = if version == 0xfefd { 1 << 48 } else { 0 };

            for (sequence, length) in (first..).zip([0, 1, 11, 12, 15, 16, 17, 300, 0x4000]) {
                let content: Vec<u8> = (0..length).map(|place| place as u8).collect();
                // SSL 3.0 pads by less than a block.
                let blocks = if version == 0x0300 { 0 } else { sequence as u8 % 15 };
                let sealed = sealer.seal(sequence, version, &content, blocks);
                let opened = opener.open(sequence, DATA, ProtocolVersion(version), &sealed, &mut out);
                assert_eq!(opened, Ok(()), "0x{suite:04x} in 0x{version:04x}, {length} bytes");
                assert_eq!(out, content);
            }
        }
    }
}

#[test]
fn ssl3_padding_may_be_anything_but_not_long() {
    let parameters = SuiteParameters::of(0x002f, ProtocolVersion::SSL3).expect("a suite we know");
    let block = KeyBlock::expand(parameters, &[7; 48], &[8; 32], &[9; 32]);
    let keys = block.keys(Side::Client);
    let last_block = keys.iv.to_vec();
    let mut sealer = Sealer { suite: parameters, keys, encrypt_then_mac: false, last_block };
    let mut opener = Tls12Opener::new(&block, Side::Client, false).expect("a suite we open");
    let sealed = sealer.seal(0, 0x0300, b"long padding", 1);
    let opened = opener.open(0, DATA, ProtocolVersion::SSL3, &sealed, &mut vec![]);
    assert_eq!(opened, Err(OpenError::BadPadding));
}

#[test]
fn tls_padding_must_repeat_its_length() {
    let strip = |bytes: &[u8]| {
        let mut out = bytes.to_vec();
        strip_padding(Padding::Lengths, 16, &mut out).map(|()| out)
    };
    assert_eq!(strip(&[1, 2, 2, 2]), Ok(vec![1]));
    assert_eq!(strip(&[1, 0]), Ok(vec![1]));
    assert_eq!(strip(&[1, 2, 3, 2, 2]), Err(OpenError::BadPadding));
    assert_eq!(strip(&[5, 5, 5]), Err(OpenError::BadPadding));
    assert_eq!(strip(&[]), Err(OpenError::TooShort));
}

#[test]
fn takes_no_suite_of_tls13() {
    let suite = SuiteParameters::of(0x1303, ProtocolVersion::TLS13).expect("a suite we know");
    let block = KeyBlock::expand(suite, &[7; 48], &[8; 32], &[9; 32]);
    assert!(Tls12Opener::new(&block, Side::Client, false).is_none());
}

#[test]
fn debug_shows_no_key() {
    let opener = opener(&UP_TO_TLS12[0], Side::Client);
    assert!(format!("{opener:?}").ends_with("keys: \"..\" }"));
}
