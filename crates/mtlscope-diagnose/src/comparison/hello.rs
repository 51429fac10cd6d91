//! What the hellos, EncryptedExtensions and tickets say that can differ between two connections.

use mtlscope_dissect::tls::extension::ExtensionBody;
use mtlscope_dissect::tls::handshake::{ClientHello, EncryptedExtensions, NewSessionTicket, ServerHello};
use mtlscope_dissect::tls::registry::ExtensionType;

use super::aspect::Aspect;
use super::aspect::Weight::{Decisive, Notable};

/// Extensions whose presence is told by an aspect of their own, or says nothing.
const TOLD_APART: &[ExtensionType] = &[
    ExtensionType::SERVER_NAME,
    ExtensionType::SUPPORTED_VERSIONS,
    ExtensionType::SUPPORTED_GROUPS,
    ExtensionType::SIGNATURE_ALGORITHMS,
    ExtensionType::SIGNATURE_ALGORITHMS_CERT,
    ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
    ExtensionType::PRE_SHARED_KEY,
    ExtensionType::SESSION_TICKET,
    ExtensionType::POST_HANDSHAKE_AUTH,
    ExtensionType::EARLY_DATA,
    ExtensionType::PADDING,
    ExtensionType::COOKIE,
];

pub(super) fn client(hello: &ClientHello) -> Vec<Aspect> {
    let versions = hello.supported_versions();
    let psk = match hello.extensions.body(ExtensionType::PRE_SHARED_KEY) {
        Some(ExtensionBody::PreSharedKey(_)) => Some("pre-shared key"),
        _ => hello.session_ticket().map(|_| "session ticket"),
    };
    let own = |kind: &&mtlscope_dissect::tls::extension::Extension| {
        !kind.extension_type.is_grease() && !TOLD_APART.contains(&kind.extension_type)
    };
    let mut extensions: Vec<String> =
        hello.extensions.iter().filter(own).map(|extension| extension.extension_type.to_string()).collect();
    // Browsers shuffle them, so their order says nothing.
    extensions.sort();
    vec![
        Aspect::one("server_name", Decisive, hello.server_name().map(str::to_owned)),
        Aspect::several("supported_versions", Decisive, versions.iter().filter(|one| !one.is_grease())),
        Aspect::several(
            "application_layer_protocol_negotiation",
            Decisive,
            hello.alpn_protocols().iter().filter(|one| !one.is_grease()),
        ),
        Aspect::flag("post_handshake_auth", Decisive, hello.offers(ExtensionType::POST_HANDSHAKE_AUTH)),
        Aspect::one("resumption offered", Decisive, psk.map(str::to_owned)),
        Aspect::flag("early_data", Decisive, hello.offers(ExtensionType::EARLY_DATA)),
        Aspect::several("cipher_suites", Notable, hello.cipher_suites.iter().filter(|one| !one.is_grease())),
        Aspect::several(
            "supported_groups",
            Notable,
            hello.supported_groups().iter().filter(|one| !one.is_grease()),
        ),
        Aspect::several(
            "signature_algorithms",
            Notable,
            hello.signature_algorithms().iter().filter(|one| !one.is_grease()),
        ),
        Aspect::several("signature_algorithms_cert", Notable, hello.signature_algorithms_cert()),
        Aspect::several("other extensions", Notable, extensions),
    ]
}

pub(super) fn server(hello: &ServerHello) -> Vec<Aspect> {
    vec![
        Aspect::one("version", Decisive, Some(hello.version().to_string())),
        Aspect::one("cipher_suite", Decisive, Some(hello.cipher_suite.to_string())),
        Aspect::one("group", Notable, hello.selected_group().map(|group| group.to_string())),
        Aspect::one(
            "application_layer_protocol_negotiation",
            Decisive,
            hello.alpn_protocol().map(ToString::to_string),
        ),
        Aspect::flag("takes the pre-shared key", Decisive, hello.selected_identity().is_some()),
    ]
}

pub(super) fn retry(hello: &ServerHello) -> Vec<Aspect> {
    vec![Aspect::one("group asked for", Notable, hello.selected_group().map(|group| group.to_string()))]
}

pub(super) fn encrypted(message: &EncryptedExtensions) -> Vec<Aspect> {
    vec![Aspect::one(
        "application_layer_protocol_negotiation",
        Decisive,
        message.alpn_protocol().map(ToString::to_string),
    )]
}

/// A ticket that holds the client's chain is larger by it.
pub(super) fn ticket(ticket: &NewSessionTicket) -> Vec<Aspect> {
    vec![
        Aspect::one("ticket length", Notable, Some(format!("{} bytes", ticket.ticket.len()))),
        Aspect::one("lifetime", Notable, Some(format!("{} s", ticket.lifetime))),
    ]
}
