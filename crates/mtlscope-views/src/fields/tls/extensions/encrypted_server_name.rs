//! `tls.esni`: encrypted_server_name, the predecessor of encrypted_client_hello.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, HEX16, fields};
use super::super::place::{Place, at};
use super::key_share::{GROUP, KEY_EXCHANGE, KEY_EXCHANGE_LENGTH};

fields! {
    SUITE = "tls.esni.suite", HEX16, "With which cipher suite the name is encrypted.";
    DIGEST_LENGTH = "tls.esni.record_digest_length", DECIMAL, "The length of the digest.";
    DIGEST = "tls.esni.record_digest", Kind::Bytes, "A digest of the server's keys.";
    NAME_LENGTH = "tls.esni.encrypted_sni_length", DECIMAL, "The length of the encrypted name.";
    NAME = "tls.esni.encrypted_sni", Kind::Bytes, "The encrypted name.";
    NONCE = "tls.esni.nonce", Kind::Bytes, "What the server shows of the name it could decrypt.";
}

pub(super) static PLACES: &[Place] = &[
    at("suite", &SUITE),
    at("KeyShareEntry/group", &GROUP),
    at("KeyShareEntry/key_exchange/length", &KEY_EXCHANGE_LENGTH),
    at("KeyShareEntry/key_exchange/data", &KEY_EXCHANGE),
    at("record_digest/length", &DIGEST_LENGTH),
    at("record_digest/data", &DIGEST),
    at("encrypted_sni/length", &NAME_LENGTH),
    at("encrypted_sni/data", &NAME),
    at("nonce", &NONCE),
];
