//! `tls.handshake.extension`: extensions, in whichever message they stand. Each family has a file.

pub(super) mod certificate_type;
pub(super) mod delegated_credential;
pub(super) mod encrypted_server_name;
pub(super) mod groups;
pub(super) mod key_share;
pub(super) mod oid_filters;
pub(super) mod pre_shared_key;
pub(super) mod protocol_names;
pub(super) mod server_name;
pub(super) mod signature_algorithms;
pub(in crate::fields) mod signed_certificate_timestamp;
pub(super) mod single;
pub(super) mod status_request;
pub(super) mod supported_versions;

use mtlscope_dissect::reader;
use mtlscope_dissect::tls::registry::{ExtensionType, HandshakeType};

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};
use super::place::{self, Place};
use super::{certificate, certificate_request};

fields! {
    LIST_LENGTH = "tls.handshake.extensions_length", DECIMAL, "The length of the list of extensions.";
    TYPE = "tls.handshake.extension.type", DECIMAL, "Which extension it is; GREASE as it was sent.";
    LENGTH = "tls.handshake.extension.len", DECIMAL, "The length of the extension's data.";
    DATA = "tls.handshake.extension.data", Kind::Bytes, "The data of an extension that is not taken apart.";
}

/// Tells of the list of extensions that a message ends with, or a certificate.
pub(super) fn tell(list: &reader::Field, message: &[u8], handshake_type: HandshakeType, told: &mut Told<'_>) {
    for node in &list.fields {
        match node.name {
            "length" => put(&LIST_LENGTH, node, message, told),
            _ => tell_extension(node, message, handshake_type, told),
        }
    }
}

fn tell_extension(
    extension: &reader::Field,
    message: &[u8],
    handshake_type: HandshakeType,
    told: &mut Told<'_>,
) {
    let [type_node, data] = extension.fields.as_slice() else { return };
    let [length, content @ ..] = data.fields.as_slice() else { return };
    put(&TYPE, type_node, message, told);
    put(&LENGTH, length, message, told);
    let Some([high, low]) = message.get(type_node.range.clone()) else { return };
    let extension_type = ExtensionType(u16::from_be_bytes([*high, *low]));
    match places(extension_type, handshake_type) {
        Some(places) => place::tell(content, message, places, told, &mut |_, _| false),
        None => {
            if let Some(bytes) = message.get(length.range.end..data.range.end) {
                told.put_bytes(&DATA, bytes);
            }
        }
    }
}

fn put(field: &'static super::super::Field, node: &reader::Field, message: &[u8], told: &mut Told<'_>) {
    if let Some(bytes) = message.get(node.range.clone()) {
        told.put_bytes(field, bytes);
    }
}

/// Where the fields of an extension stand; `None` for one that Wireshark does not take apart.
fn places(extension_type: ExtensionType, message: HandshakeType) -> Option<&'static [Place]> {
    Some(match extension_type {
        ExtensionType::SERVER_NAME => server_name::PLACES,
        ExtensionType::STATUS_REQUEST if message == HandshakeType::CERTIFICATE => certificate::STATUS,
        ExtensionType::STATUS_REQUEST => status_request::PLACES,
        ExtensionType::STATUS_REQUEST_V2 => status_request::V2_PLACES,
        ExtensionType::SUPPORTED_GROUPS | ExtensionType::EC_POINT_FORMATS => groups::PLACES,
        ExtensionType::SIGNATURE_ALGORITHMS | ExtensionType::SIGNATURE_ALGORITHMS_CERT => {
            signature_algorithms::PLACES
        }
        ExtensionType::DELEGATED_CREDENTIAL => delegated_credential::PLACES,
        ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION
        | ExtensionType::APPLICATION_SETTINGS_OLD
        | ExtensionType::NEXT_PROTOCOL_NEGOTIATION => protocol_names::places(extension_type),
        ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => signed_certificate_timestamp::PLACES,
        ExtensionType::CLIENT_CERTIFICATE_TYPE | ExtensionType::SERVER_CERTIFICATE_TYPE => {
            certificate_type::PLACES
        }
        ExtensionType::PRE_SHARED_KEY | ExtensionType::PSK_KEY_EXCHANGE_MODES => pre_shared_key::PLACES,
        ExtensionType::SUPPORTED_VERSIONS => supported_versions::PLACES,
        ExtensionType::CERTIFICATE_AUTHORITIES => certificate_request::PLACES,
        ExtensionType::OID_FILTERS => oid_filters::PLACES,
        ExtensionType::KEY_SHARE | ExtensionType::KEY_SHARE_DRAFT => key_share::PLACES,
        ExtensionType::ENCRYPTED_SERVER_NAME => encrypted_server_name::PLACES,
        ExtensionType::MAX_FRAGMENT_LENGTH
        | ExtensionType::HEARTBEAT
        | ExtensionType::PADDING
        | ExtensionType::ENCRYPT_THEN_MAC
        | ExtensionType::EXTENDED_MASTER_SECRET
        | ExtensionType::COMPRESS_CERTIFICATE
        | ExtensionType::RECORD_SIZE_LIMIT
        | ExtensionType::EARLY_DATA
        | ExtensionType::COOKIE
        | ExtensionType::POST_HANDSHAKE_AUTH
        | ExtensionType::RENEGOTIATION_INFO => single::places(extension_type),
        _ => return None,
    })
}
