//! The extensions of which there is little to tell: one value, one list, or nothing.

use mtlscope_dissect::tls::registry::ExtensionType;

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::certificate::COMPRESSION_ALGORITHM;
use super::super::place::{Place, at};

fields! {
    MAX_FRAGMENT_LENGTH = "tls.handshake.max_fragment_length", DECIMAL, "The largest record that the client wants, as a code.";
    HEARTBEAT_MODE = "tls.handshake.extension.heartbeat.mode", DECIMAL, "Whether the sender answers heartbeats.";
    PADDING = "tls.handshake.extensions_padding_data", Kind::Bytes, "Bytes that only fill.";
    COMPRESSION_LENGTH = "tls.compress_certificate.algorithms_length", DECIMAL, "The length of the list of ways to pack a Certificate.";
    RECORD_SIZE_LIMIT = "tls.record_size_limit", DECIMAL, "The largest record that the sender takes.";
    EARLY_DATA_SIZE = "tls.early_data.max_early_data_size", DECIMAL, "The most bytes of early data that the server takes.";
    COOKIE_LENGTH = "tls.handshake.extensions.cookie_len", DECIMAL, "The length of the cookie.";
    COOKIE = "tls.handshake.extensions.cookie", Kind::Bytes, "What the server wants back in the second ClientHello.";
    RENEGOTIATION_LENGTH = "tls.handshake.extensions_reneg_info_len", DECIMAL, "The length of what ended the handshake before; 0 in a first handshake.";
    RENEGOTIATION = "tls.handshake.extensions_reneg_info", Kind::Bytes, "What ended the handshake before, in a renegotiation.";
}

/// Where the fields of one of these stand; nowhere, if it is only there or not.
pub(super) fn places(extension_type: ExtensionType) -> &'static [Place] {
    match extension_type {
        ExtensionType::MAX_FRAGMENT_LENGTH => const { &[at("max_fragment_length", &MAX_FRAGMENT_LENGTH)] },
        ExtensionType::HEARTBEAT => const { &[at("mode", &HEARTBEAT_MODE)] },
        ExtensionType::PADDING => const { &[at("PaddingExtension", &PADDING)] },
        ExtensionType::COMPRESS_CERTIFICATE => {
            const {
                &[
                    at("algorithms/length", &COMPRESSION_LENGTH),
                    at("algorithms/algorithm", &COMPRESSION_ALGORITHM),
                ]
            }
        }
        ExtensionType::RECORD_SIZE_LIMIT => const { &[at("RecordSizeLimit", &RECORD_SIZE_LIMIT)] },
        ExtensionType::EARLY_DATA => const { &[at("max_early_data_size", &EARLY_DATA_SIZE)] },
        ExtensionType::COOKIE => const { &[at("cookie/length", &COOKIE_LENGTH), at("cookie/data", &COOKIE)] },
        ExtensionType::RENEGOTIATION_INFO => {
            const {
                &[
                    at("renegotiated_connection/length", &RENEGOTIATION_LENGTH),
                    at("renegotiated_connection/data", &RENEGOTIATION),
                ]
            }
        }
        _ => &[],
    }
}
