//! ALPN, application_settings and next_protocol_negotiation: what is spoken inside.

use mtlscope_dissect::tls::registry::ExtensionType;

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at, content};

fields! {
    ALPN_LENGTH = "tls.handshake.extensions_alpn_len", DECIMAL, "The length of the list of protocols.";
    ALPN_LIST = "tls.handshake.extensions_alpn_list", Kind::Label, "The list of protocols.";
    ALPN_NAME_LENGTH = "tls.handshake.extensions_alpn_str_len", DECIMAL, "The length of a protocol's name.";
    ALPN_NAME = "tls.handshake.extensions_alpn_str", Kind::Text, "A protocol that is offered, or the one chosen.";
    ALPS_LENGTH = "tls.handshake.extensions_alps_len", DECIMAL, "The length of the list of protocols with settings.";
    ALPS_LIST = "tls.handshake.extensions_alps_alpn_list", Kind::Label, "The list of protocols with settings.";
    ALPS_NAME_LENGTH = "tls.handshake.extensions_alps_alpn_str_len", DECIMAL, "The length of the name of a protocol with settings.";
    ALPS_NAME = "tls.handshake.extensions_alps_alpn_str", Kind::Text, "A protocol for which the client has settings.";
    ALPS_SETTINGS = "tls.handshake.extensions_alps.settings", Kind::Bytes, "Settings of the application.";
    NPN_NAME_LENGTH = "tls.handshake.extensions_npn_str_len", DECIMAL, "The length of a protocol's name.";
    NPN_NAME = "tls.handshake.extensions_npn", Kind::Text, "A protocol that the server offers; the predecessor of ALPN.";
}

static ALPN: &[Place] = &[
    at("protocol_name_list/length", &ALPN_LENGTH),
    content("protocol_name_list", &ALPN_LIST),
    at("protocol_name_list/ProtocolName/name/length", &ALPN_NAME_LENGTH),
    at("protocol_name_list/ProtocolName/name/data", &ALPN_NAME),
];

static ALPS: &[Place] = &[
    at("supported_protocols/length", &ALPS_LENGTH),
    content("supported_protocols", &ALPS_LIST),
    at("supported_protocols/ProtocolName/name/length", &ALPS_NAME_LENGTH),
    at("supported_protocols/ProtocolName/name/data", &ALPS_NAME),
    at("settings", &ALPS_SETTINGS),
];

static NPN: &[Place] =
    &[at("ProtocolName/name/length", &NPN_NAME_LENGTH), at("ProtocolName/name/data", &NPN_NAME)];

pub(super) fn places(extension_type: ExtensionType) -> &'static [Place] {
    match extension_type {
        ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => ALPN,
        ExtensionType::NEXT_PROTOCOL_NEGOTIATION => NPN,
        _ => ALPS,
    }
}
