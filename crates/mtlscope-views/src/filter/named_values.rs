//! Numbers that have names: `tls.handshake.type == "Client Hello"`.
//!
//! Wireshark's names and the registries' differ in spaces, capitals and underscores only, so these do not count.

use mtlscope_dissect::tls::registry::{
    AlertDescription, AlertLevel, CertificateStatusType, CipherSuite, ClientCertificateType,
    CompressionMethod, ContentType, EcCurveType, EcPointFormat, ExtensionType, HandshakeType, NameType,
    NamedGroup, ProtocolVersion, PskKeyExchangeMode, SignatureScheme,
};

use crate::fields::{Field, Kind};

/// The number that a name stands for in a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Named {
    Number(u64),
    /// The field's numbers have names, and this is none.
    Unknown,
    /// The field's numbers have no names.
    Nameless,
}

/// Looks a name up.
pub(super) fn number(field: &Field, name: &str) -> Named {
    if field.kind == Kind::Boolean {
        return match plain(name).as_str() {
            "set" => Named::Number(1),
            "notset" => Named::Number(0),
            _ => Named::Unknown,
        };
    }
    macro_rules! among {
        ($registry:ident) => {
            $registry::ALL
                .iter()
                .find(|entry| entry.name().is_some_and(|known| plain(known) == plain(name)))
                .map_or(Named::Unknown, |entry| Named::Number(entry.0.into()))
        };
    }
    match field.name {
        "tls.handshake.type" => among!(HandshakeType),
        "tls.record.content_type" | "tls.record.opaque_type" => among!(ContentType),
        "tls.record.version" | "tls.handshake.version" | "tls.handshake.extensions.supported_version" => {
            among!(ProtocolVersion)
        }
        "tls.alert_message.level" => among!(AlertLevel),
        "tls.alert_message.desc" => among!(AlertDescription),
        "tls.handshake.ciphersuite" => among!(CipherSuite),
        "tls.handshake.comp_method" => among!(CompressionMethod),
        "tls.handshake.extension.type" => among!(ExtensionType),
        "tls.handshake.extensions_supported_group"
        | "tls.handshake.extensions_key_share_group"
        | "tls.handshake.extensions_key_share_selected_group"
        | "tls.handshake.server_named_curve" => among!(NamedGroup),
        "tls.handshake.server_curve_type" => among!(EcCurveType),
        "tls.handshake.extensions_ec_point_format" => among!(EcPointFormat),
        "tls.handshake.sig_hash_alg" => among!(SignatureScheme),
        "tls.handshake.cert_type" => among!(ClientCertificateType),
        "tls.handshake.extensions_server_name_type" => among!(NameType),
        "tls.handshake.extensions_status_request_type" => among!(CertificateStatusType),
        "tls.extension.psk_ke_mode" => among!(PskKeyExchangeMode),
        _ => Named::Nameless,
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Base;

    fn of(name: &'static str) -> Field {
        Field { name, kind: Kind::Unsigned(Base::Decimal), about: "" }
    }

    #[test]
    fn wiresharks_names_are_understood() {
        for (field, name, value) in [
            ("tls.handshake.type", "Client Hello", 1),
            ("tls.handshake.type", "client hello", 1),
            ("tls.handshake.type", "End of Early Data", 5),
            ("tls.handshake.type", "Certificate Request", 13),
            ("tls.record.content_type", "Change Cipher Spec", 20),
            ("tls.record.version", "TLS 1.2", 0x303),
            ("tls.alert_message.level", "Fatal", 2),
            ("tls.alert_message.desc", "Unknown CA", 48),
            ("tls.alert_message.desc", "No application Protocol", 120),
            ("tls.handshake.ciphersuite", "TLS_AES_128_GCM_SHA256", 0x1301),
            ("tls.handshake.extensions_supported_group", "x25519", 29),
            ("tls.handshake.sig_hash_alg", "rsa_pss_rsae_sha256", 0x804),
            ("tls.handshake.extension.type", "server_name", 0),
        ] {
            assert_eq!(number(&of(field), name), Named::Number(value), "{field} {name}");
        }
    }

    #[test]
    fn a_name_that_is_none_is_told_from_a_field_without_names() {
        assert_eq!(number(&of("tls.handshake.type"), "Foo"), Named::Unknown);
        assert_eq!(number(&of("tcp.port"), "http"), Named::Nameless);
        let flag = Field { name: "tcp.flags.syn", kind: Kind::Boolean, about: "" };
        assert_eq!(number(&flag, "Set"), Named::Number(1));
        assert_eq!(number(&flag, "Not set"), Named::Number(0));
        assert_eq!(number(&flag, "True"), Named::Unknown);
    }
}
