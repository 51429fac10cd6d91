//! Captures of talk that no honest program would make: written here byte by byte, with no key and no right signature in them.

use std::path::PathBuf;

use anyhow::Result;

use super::super::stage::Stage;

/// A megabyte, as much text as a message that is put together can hold beside the rest of a certificate.
const MEGABYTE: usize = 1_000_000;

/// One ClientHello that asks for this name, which the server does not know.
pub(super) fn asking_for(stage: &Stage, file: &str, name: &[u8]) -> Result<PathBuf> {
    let mut talk = Talk::default();
    talk.says(true, &records(&hello(name)));
    talk.says(false, &[21, 3, 1, 0, 2, 2, 112]);
    stage.place.write(file, talk.capture)
}

/// Certificates of both ends that hold what attacks, each in another place, and requests that name such authorities.
pub(super) fn with_certificates(stage: &Stage) -> Result<Vec<PathBuf>> {
    let markup = "<script>window.ran=12</script>".repeat(MEGABYTE / 30);
    let turned = "\u{202e}\u{2066}<img src=x onerror=window.ran=13>\u{200f}".repeat(500);
    let not_text = [b"<svg onload=window.ran=14>".as_slice(), &[0xff, 0xfe, 0xc3, 0x28, 0, 7, 0x1b]].concat();
    let in_two_bytes: Vec<u8> = turned.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let small = named(UTF8, b"hostile.test");
    let cases = [
        ("subject", certificate(&named(UTF8, markup.as_bytes()), &[])),
        (
            "name",
            certificate(&small, &extension(SUBJECT_ALT_NAME, &tlv(0x30, &tlv(0x82, markup.as_bytes())))),
        ),
        ("comment", certificate(&small, &extension(NS_COMMENT, &tlv(0x16, markup.as_bytes())))),
        ("turned", certificate(&named(UTF8, turned.as_bytes()), &[])),
        ("two-bytes", certificate(&named(BMP, &in_two_bytes), &[])),
        (
            "not-text",
            certificate(
                &named(UTF8, &not_text),
                &extension(SUBJECT_ALT_NAME, &tlv(0x30, &tlv(0x82, &not_text))),
            ),
        ),
    ];
    let authorities = [
        named(UTF8, &markup.as_bytes()[..60_000]),
        named(UTF8, &not_text),
        named(UTF8, turned[..400].as_bytes()),
    ];
    let mut captures = Vec::new();
    for (name, certificate) in cases {
        let message = message(11, &long(&long(&certificate)));
        let mut talk = Talk::default();
        talk.says(true, &records(&hello(b"hostile.test")));
        talk.says(false, &records(&server_hello()));
        talk.says(false, &records(&message));
        talk.says(false, &records(&request(&authorities)));
        talk.says(false, &records(&self::message(14, &[])));
        talk.says(true, &records(&message));
        talk.says(false, &[21, 3, 3, 0, 2, 2, 48]);
        captures.push(stage.place.write(&format!("certificate-{name}.pcap"), talk.capture)?);
    }
    Ok(captures)
}

fn hello(name: &[u8]) -> Vec<u8> {
    let list = short(&[&[0], short(name).as_slice()].concat());
    let extension = [&[0, 0], short(&list).as_slice()].concat();
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0], &short(&extension)];
    message(1, &body.concat())
}

fn server_hello() -> Vec<u8> {
    message(2, &[&[3, 3][..], &[9; 32], &[0, 0xc0, 0x2f, 0]].concat())
}

/// A CertificateRequest of TLS 1.2.
fn request(authorities: &[Vec<u8>]) -> Vec<u8> {
    let authorities: Vec<u8> = authorities.iter().flat_map(|name| short(name)).collect();
    message(13, &[&[1, 1, 0, 2, 4, 1], short(&authorities).as_slice()].concat())
}

/// A handshake message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], long(body).as_slice()].concat()
}

/// Handshake records that carry it.
fn records(message: &[u8]) -> Vec<u8> {
    message.chunks(16_000).flat_map(|part| [&[22, 3, 3], short(part).as_slice()].concat()).collect()
}

/// With its length before it, in two bytes.
fn short(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes(), bytes].concat()
}

/// With its length before it, in three bytes.
fn long(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()[1..], bytes].concat()
}

const UTF8: u8 = 0x0c;
const BMP: u8 = 0x1e;
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const NS_COMMENT: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 0x0d];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

/// A value of DER.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let head = match length {
        0..0x80 => vec![tag, bytes[3]],
        0x80..0x1_0000 => vec![tag, 0x82, bytes[2], bytes[3]],
        _ => vec![tag, 0x83, bytes[1], bytes[2], bytes[3]],
    };
    [head.as_slice(), content].concat()
}

/// A Name of one common name.
fn named(kind: u8, text: &[u8]) -> Vec<u8> {
    let attribute = tlv(0x30, &[tlv(6, COMMON_NAME), tlv(kind, text)].concat());
    tlv(0x30, &tlv(0x31, &attribute))
}

fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(6, id), tlv(4, value)].concat())
}

/// A certificate that nobody signed. `extension`: one, or none.
fn certificate(subject: &[u8], extension: &[u8]) -> Vec<u8> {
    let algorithm = |id| tlv(0x30, &[tlv(6, id), tlv(5, &[])].concat());
    let key = tlv(0x30, &[tlv(2, &[&[0], [0xc5; 128].as_slice()].concat()), tlv(2, &[1, 0, 1])].concat());
    let validity = [tlv(0x17, b"230101000000Z"), tlv(0x17, b"330101000000Z")].concat();
    let mut signed = [
        tlv(0xa0, &tlv(2, &[2])),
        tlv(2, &[1]),
        algorithm(SHA256_WITH_RSA),
        named(UTF8, b"Hostile <b>Root</b>"),
        tlv(0x30, &validity),
        subject.to_vec(),
        tlv(0x30, &[algorithm(RSA), tlv(3, &[&[0], key.as_slice()].concat())].concat()),
    ]
    .concat();
    if !extension.is_empty() {
        signed.extend(tlv(0xa3, &tlv(0x30, extension)));
    }
    tlv(0x30, &[tlv(0x30, &signed), algorithm(SHA256_WITH_RSA), tlv(3, &[0; 129])].concat())
}

/// One TCP connection in raw IP packets, as a capture.
struct Talk {
    capture: Vec<u8>,
    seconds: u32,
    /// The next sequence number of the server and of the client.
    next: [u32; 2],
}

impl Default for Talk {
    fn default() -> Self {
        let mut capture = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101] {
            capture.extend(word.to_le_bytes());
        }
        let mut talk = Self { capture, seconds: 1_700_000_000, next: [0, 0] };
        for from_client in [true, false] {
            talk.packet(from_client, if from_client { 0x02 } else { 0x12 }, &[]);
            talk.next[usize::from(from_client)] = 1;
        }
        talk
    }
}

impl Talk {
    fn says(&mut self, from_client: bool, bytes: &[u8]) {
        self.seconds += 1;
        for part in bytes.chunks(60_000) {
            self.packet(from_client, 0x18, part);
        }
    }

    fn packet(&mut self, from_client: bool, flags: u8, payload: &[u8]) {
        let ends = match from_client {
            true => ([10, 0, 0, 1], 40_000_u16, [10, 0, 0, 2], 443_u16),
            false => ([10, 0, 0, 2], 443, [10, 0, 0, 1], 40_000),
        };
        let [mine, other] = [from_client, !from_client].map(usize::from);
        let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut bytes = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
        bytes.extend(ends.0);
        bytes.extend(ends.2);
        bytes.extend(ends.1.to_be_bytes());
        bytes.extend(ends.3.to_be_bytes());
        bytes.extend(self.next[mine].to_be_bytes());
        bytes.extend(self.next[other].to_be_bytes());
        bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend(payload);
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        for word in [self.seconds, 0, length, length] {
            self.capture.extend(word.to_le_bytes());
        }
        self.capture.extend(bytes);
        self.next[mine] += u32::try_from(payload.len()).unwrap_or_default();
    }
}
