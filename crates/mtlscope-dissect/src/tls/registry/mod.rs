//! Numbers that IANA keeps for TLS. Each is a struct around the number on the wire, so that what we do not know is kept
//! and printed as a number. One file a registry, in registry order.
//!
//! Registry: <https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml>.

/// Declares a registry: a struct around the number, a constant per name, `Debug` and `Display` by name.
///
/// Names follow the RFC's spelling in `Display` (`certificate_authorities`); the constants are the same words as Rust
/// constants. The macro is in scope of the modules below. `greased by` names the function that knows the registry's GREASE numbers.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        pub struct $name:ident($number:ident) $(greased by $is_grease:path)? {
            $( $(#[$entry_doc:meta])* $constant:ident = $value:literal => $text:literal, )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $number);

        #[allow(missing_docs)]
        impl $name {
            $( $(#[$entry_doc])* pub const $constant: Self = Self($value); )*
        }

        impl $name {
            /// The registered name, if the number is registered.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some($text), )*
                    _ => None,
                }
            }

            $(
                /// Whether this is one of the numbers of RFC 8701, which mean nothing.
                pub const fn is_grease(self) -> bool {
                    $is_grease(self.0)
                }
            )?

            /// Every registered number.
            pub const ALL: &'static [Self] = &[ $( Self($value), )* ];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    $( None if $is_grease(self.0) => {
                        write!(f, "GREASE (0x{:0width$x})", self.0, width = 2 * size_of::<$number>())
                    } )?
                    None => write!(f, "0x{:0width$x}", self.0, width = 2 * size_of::<$number>()),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}(0x{:0width$x})", stringify!($name), self.0, width = 2 * size_of::<$number>()),
                }
            }
        }

        impl $crate::reader::Registered for $name {
            const SIZE: usize = size_of::<$number>();

            fn from_wire(number: u16) -> Self {
                Self(number as $number)
            }
        }
    };
}

mod alert_description;
mod alert_level;
mod certificate_compression_algorithm;
mod certificate_status_type;
mod certificate_type;
mod cipher_suite;
mod client_certificate_type;
mod compression_method;
mod content_type;
mod ec_curve_type;
mod ec_point_format;
mod extension_type;
pub(crate) mod grease;
mod handshake_type;
mod heartbeat_mode;
mod identifier_type;
mod key_exchange;
mod key_update_request;
mod max_fragment_length_code;
mod name_type;
mod named_group;
mod openssl_name;
mod protocol_version;
mod psk_key_exchange_mode;
mod signature_scheme;

pub use alert_description::AlertDescription;
pub use alert_level::AlertLevel;
pub use certificate_compression_algorithm::CertificateCompressionAlgorithm;
pub use certificate_status_type::CertificateStatusType;
pub use certificate_type::CertificateType;
pub use cipher_suite::CipherSuite;
pub use client_certificate_type::ClientCertificateType;
pub use compression_method::CompressionMethod;
pub use content_type::ContentType;
pub use ec_curve_type::EcCurveType;
pub use ec_point_format::EcPointFormat;
pub use extension_type::ExtensionType;
pub use handshake_type::HandshakeType;
pub use heartbeat_mode::HeartbeatMode;
pub use identifier_type::IdentifierType;
pub use key_exchange::KeyExchange;
pub use key_update_request::KeyUpdateRequest;
pub use max_fragment_length_code::MaxFragmentLengthCode;
pub use name_type::NameType;
pub use named_group::NamedGroup;
pub use protocol_version::ProtocolVersion;
pub use psk_key_exchange_mode::PskKeyExchangeMode;
pub use signature_scheme::SignatureScheme;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    macro_rules! check {
        ($($registry:ident)*) => { $(
            let numbers: HashSet<_> = $registry::ALL.iter().map(|entry| entry.0).collect();
            let names: HashSet<_> = $registry::ALL.iter().map(|entry| entry.name()).collect();
            assert_eq!(numbers.len(), $registry::ALL.len(), "a number stands twice in {}", stringify!($registry));
            assert_eq!(names.len(), $registry::ALL.len(), "a name stands twice in {}", stringify!($registry));
            assert!($registry::ALL.is_sorted(), "{} is not in the order of its numbers", stringify!($registry));
        )* };
    }

    #[test]
    fn numbers_and_names_are_unique_and_in_order() {
        check!(AlertDescription AlertLevel CertificateCompressionAlgorithm CertificateStatusType CertificateType
            CipherSuite ClientCertificateType CompressionMethod ContentType EcCurveType EcPointFormat ExtensionType
            HandshakeType HeartbeatMode IdentifierType KeyUpdateRequest MaxFragmentLengthCode NameType NamedGroup
            ProtocolVersion PskKeyExchangeMode SignatureScheme);
    }

    #[test]
    fn prints_names_grease_and_unknown_numbers() {
        assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
        assert_eq!(CipherSuite(0x0a0a).to_string(), "GREASE (0x0a0a)");
        assert_eq!(CipherSuite(0x0a1a).to_string(), "0x0a1a");
        assert_eq!(PskKeyExchangeMode(0x2a).to_string(), "GREASE (0x2a)");
        assert_eq!(ProtocolVersion(0xfafa).to_string(), "GREASE (0xfafa)");
        assert_eq!(ProtocolVersion(0x7f1c).to_string(), "TLS 1.3 (draft 28)");
        assert!(NamedGroup(0x1a1a).is_grease() && !NamedGroup::X25519MLKEM768.is_grease());
    }
}
