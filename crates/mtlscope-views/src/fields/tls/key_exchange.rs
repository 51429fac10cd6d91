//! ServerKeyExchange and ClientKeyExchange.

use super::super::Kind;
use super::super::named::{DECIMAL, HEX8, HEX16, fields};
use super::extensions::signature_algorithms::{SIGNATURE_ALGORITHM, SIGNATURE_HASH, SIGNATURE_KIND};
use super::place::{Place, at, leaf, part};

fields! {
    CURVE_TYPE = "tls.handshake.server_curve_type", HEX8, "How the server names its curve.";
    NAMED_CURVE = "tls.handshake.server_named_curve", HEX16, "The server's curve.";
    SERVER_POINT_LENGTH = "tls.handshake.server_point_len", DECIMAL, "The length of the server's point.";
    SERVER_POINT = "tls.handshake.server_point", Kind::Bytes, "The server's point.";
    SIGNATURE_LENGTH = "tls.handshake.sig_len", DECIMAL, "The length of the server's signature of its key.";
    SIGNATURE = "tls.handshake.sig", Kind::Bytes, "The server's signature of its key.";
    P_LENGTH = "tls.handshake.p_len", DECIMAL, "The length of the prime.";
    P = "tls.handshake.p", Kind::Bytes, "The prime of the Diffie-Hellman group.";
    G_LENGTH = "tls.handshake.g_len", DECIMAL, "The length of the generator.";
    G = "tls.handshake.g", Kind::Bytes, "The generator of the Diffie-Hellman group.";
    YS_LENGTH = "tls.handshake.ys_len", DECIMAL, "The length of the server's Diffie-Hellman value.";
    YS = "tls.handshake.ys", Kind::Bytes, "The server's Diffie-Hellman value.";
    MODULUS_LENGTH = "tls.handshake.modulus_len", DECIMAL, "The length of the modulus of an export key.";
    MODULUS = "tls.handshake.modulus", Kind::Bytes, "The modulus of an RSA key short enough to export.";
    EXPONENT_LENGTH = "tls.handshake.exponent_len", DECIMAL, "The length of the exponent of an export key.";
    EXPONENT = "tls.handshake.exponent", Kind::Bytes, "The exponent of an RSA key short enough to export.";
    HINT_LENGTH = "tls.handshake.hint_len", DECIMAL, "The length of the hint.";
    HINT = "tls.handshake.hint", Kind::Bytes, "What helps the client to find the pre-shared key.";
    ENCRYPTED_PREMASTER_LENGTH = "tls.handshake.epms_len", DECIMAL, "The length of the encrypted secret.";
    ENCRYPTED_PREMASTER = "tls.handshake.epms", Kind::Bytes, "The secret, encrypted to the server's RSA key.";
    YC_LENGTH = "tls.handshake.yc_len", DECIMAL, "The length of the client's Diffie-Hellman value.";
    YC = "tls.handshake.yc", Kind::Bytes, "The client's Diffie-Hellman value.";
    CLIENT_POINT_LENGTH = "tls.handshake.client_point_len", DECIMAL, "The length of the client's point.";
    CLIENT_POINT = "tls.handshake.client_point", Kind::Bytes, "The client's point.";
    IDENTITY_LENGTH = "tls.handshake.identity_len", DECIMAL, "The length of the identity.";
    IDENTITY = "tls.handshake.identity", Kind::Bytes, "Which pre-shared key the client uses.";
}

pub(super) static SERVER: &[Place] = &[
    at("psk_identity_hint/length", &HINT_LENGTH),
    at("psk_identity_hint/data", &HINT),
    at("params/curve_type", &CURVE_TYPE),
    at("params/namedcurve", &NAMED_CURVE),
    at("params/public/length", &SERVER_POINT_LENGTH),
    at("params/public/data", &SERVER_POINT),
    at("params/dh_p/length", &P_LENGTH),
    at("params/dh_p/data", &P),
    at("params/dh_g/length", &G_LENGTH),
    at("params/dh_g/data", &G),
    at("params/dh_Ys/length", &YS_LENGTH),
    at("params/dh_Ys/data", &YS),
    at("params/rsa_modulus/length", &MODULUS_LENGTH),
    at("params/rsa_modulus/data", &MODULUS),
    at("params/rsa_exponent/length", &EXPONENT_LENGTH),
    at("params/rsa_exponent/data", &EXPONENT),
    at("signed_params/algorithm", &SIGNATURE_ALGORITHM),
    part("signed_params/algorithm", 0, 1, &SIGNATURE_HASH),
    part("signed_params/algorithm", 1, 2, &SIGNATURE_KIND),
    at("signed_params/signature/length", &SIGNATURE_LENGTH),
    at("signed_params/signature/data", &SIGNATURE),
];

pub(super) static CLIENT: &[Place] = &[
    at("psk_identity/length", &IDENTITY_LENGTH),
    at("psk_identity/data", &IDENTITY),
    at("encrypted_pre_master_secret/length", &ENCRYPTED_PREMASTER_LENGTH),
    at("encrypted_pre_master_secret/data", &ENCRYPTED_PREMASTER),
    // SSL 3.0 has no length before it, and so no group.
    leaf("encrypted_pre_master_secret", &ENCRYPTED_PREMASTER),
    at("dh_Yc/length", &YC_LENGTH),
    at("dh_Yc/data", &YC),
    at("ecdh_Yc/length", &CLIENT_POINT_LENGTH),
    at("ecdh_Yc/data", &CLIENT_POINT),
];
