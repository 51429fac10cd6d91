//! ClientHello and ServerHello, and what JA3 makes of them.

use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::ja3;

use super::super::named::{DECIMAL, HEX16, Told, fields};
use super::super::{Kind, Value};
use super::place::{Place, at, content_even_empty, part};

fields! {
    VERSION = "tls.handshake.version", HEX16, "The version that the hello names; TLS 1.3 is named by an extension.";
    RANDOM = "tls.handshake.random", Kind::Bytes, "The random of a hello: 32 bytes.";
    RANDOM_TIME = "tls.handshake.random_time", Kind::AbsoluteTime, "The time that the first four bytes of a random would be; seldom one.";
    RANDOM_BYTES = "tls.handshake.random_bytes", Kind::Bytes, "The other 28 bytes of a random.";
    SESSION_ID_LENGTH = "tls.handshake.session_id_length", DECIMAL, "The length of the session id.";
    SESSION_ID = "tls.handshake.session_id", Kind::Bytes, "The session to resume, or bytes that only look like it.";
    CIPHER_SUITES_LENGTH = "tls.handshake.cipher_suites_length", DECIMAL, "The length of the list of cipher suites.";
    CIPHER_SUITES = "tls.handshake.ciphersuites", Kind::Label, "The list of cipher suites.";
    CIPHER_SUITE = "tls.handshake.ciphersuite", HEX16, "A cipher suite that is offered, or the one chosen.";
    COMPRESSION_METHODS_LENGTH = "tls.handshake.comp_methods_length", DECIMAL, "The length of the list of compression methods.";
    COMPRESSION_METHODS = "tls.handshake.comp_methods", Kind::Label, "The list of compression methods.";
    COMPRESSION_METHOD = "tls.handshake.comp_method", DECIMAL, "A compression method that is offered, or the one chosen.";
    JA3_FULL = "tls.handshake.ja3_full", Kind::Text, "What JA3 makes its hash of: version, suites, extensions, groups, point formats.";
    JA3 = "tls.handshake.ja3", Kind::Text, "JA3: a hash by which clients of the same make are known.";
    JA3S_FULL = "tls.handshake.ja3s_full", Kind::Text, "What JA3S makes its hash of: version, suite, extensions.";
    JA3S = "tls.handshake.ja3s", Kind::Text, "JA3S: a hash of a server's answer.";
}

pub(super) static PLACES: &[Place] = &[
    at("legacy_version", &VERSION),
    at("random", &RANDOM),
    at("legacy_session_id/length", &SESSION_ID_LENGTH),
    at("legacy_session_id/data", &SESSION_ID),
    at("legacy_session_id_echo/length", &SESSION_ID_LENGTH),
    at("legacy_session_id_echo/data", &SESSION_ID),
    at("cipher_suites/length", &CIPHER_SUITES_LENGTH),
    content_even_empty("cipher_suites", &CIPHER_SUITES),
    at("cipher_suites/cipher_suite", &CIPHER_SUITE),
    at("cipher_suite", &CIPHER_SUITE),
    at("legacy_compression_methods/length", &COMPRESSION_METHODS_LENGTH),
    content_even_empty("legacy_compression_methods", &COMPRESSION_METHODS),
    at("legacy_compression_methods/compression_method", &COMPRESSION_METHOD),
    at("legacy_compression_method", &COMPRESSION_METHOD),
];

/// The parts of a random, which Wireshark does not tell apart in TLS 1.3.
pub(super) static RANDOM_PARTS: &[Place] =
    &[part("random", 0, 4, &RANDOM_TIME), part("random", 4, 32, &RANDOM_BYTES)];

/// Tells JA3 of a hello.
pub(super) fn tell_fingerprint(body: &Body, told: &mut Told<'_>) {
    let (full, fields) = match body {
        Body::ClientHello(hello) => (ja3::of_client(hello), [&JA3_FULL, &JA3]),
        Body::ServerHello(hello) | Body::HelloRetryRequest(hello) => {
            (ja3::of_server(hello), [&JA3S_FULL, &JA3S])
        }
        _ => return,
    };
    let hash = ja3::hash(&full);
    told.put(fields[0], Value::Text(full.into()));
    told.put(fields[1], Value::Text(hash.into()));
}
