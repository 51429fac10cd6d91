//! PskKeyExchangeMode: whether a pre-shared key is used alone or with a fresh key exchange.

use super::grease;

registry! {
    /// PskKeyExchangeMode. RFC 8446 section 4.2.9; IANA "TLS PskKeyExchangeMode".
    pub struct PskKeyExchangeMode(u8) greased by grease::is_grease_u8 {
        PSK_KE = 0 => "psk_ke",
        PSK_DHE_KE = 1 => "psk_dhe_ke",
    }
}
