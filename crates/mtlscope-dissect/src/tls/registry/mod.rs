//! Numbers that IANA keeps for TLS. Each is a struct around the number on the wire, so that what we do not know is kept
//! and printed as a number. One file a registry, in registry order.
//!
//! Registry: <https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml>.

/// Declares a registry: a struct around the number, a constant per name, `Debug` and `Display` by name.
///
/// Names follow the RFC's spelling in `Display` (`certificate_authorities`); the constants are the same words as Rust
/// constants.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        pub struct $name:ident($number:ident) {
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

            /// Every registered number.
            pub const ALL: &'static [Self] = &[ $( Self($value), )* ];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
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
pub(crate) use registry;

mod alert_description;
mod alert_level;
mod content_type;
mod handshake_type;
mod protocol_version;

pub use alert_description::AlertDescription;
pub use alert_level::AlertLevel;
pub use content_type::ContentType;
pub use handshake_type::HandshakeType;
pub use protocol_version::ProtocolVersion;
