//! How a cipher suite before TLS 1.3 agrees on a secret, which decides what ServerKeyExchange and ClientKeyExchange hold.

use super::CipherSuite;

/// The key exchange of a cipher suite. The `T` in the RFCs' names: `TLS_ECDHE_RSA_WITH_..`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyExchange {
    /// The client encrypts a secret to the server's RSA key. RFC 5246 section 8.1.1.
    Rsa,
    /// As [`KeyExchange::Rsa`], with an RSA key short enough to export. RFC 2246 section 7.4.3.
    RsaExport,
    /// Diffie-Hellman with the key in the server's certificate.
    Dh,
    /// Diffie-Hellman with a fresh key, signed.
    Dhe,
    /// Diffie-Hellman, nobody proves who they are.
    DhAnon,
    /// Diffie-Hellman on a curve, with the key in the server's certificate. RFC 8422 section 2.
    Ecdh,
    /// Diffie-Hellman on a curve with a fresh key, signed.
    Ecdhe,
    /// Diffie-Hellman on a curve, nobody proves who they are.
    EcdhAnon,
    /// A pre-shared key alone. RFC 4279.
    Psk,
    /// A pre-shared key and Diffie-Hellman.
    DhePsk,
    /// A pre-shared key and Diffie-Hellman on a curve. RFC 5489.
    EcdhePsk,
    /// A pre-shared key and a secret encrypted to the server's RSA key.
    RsaPsk,
    /// TLS 1.3: extensions of the hellos agree on the secret, not the suite.
    Tls13,
    /// One whose messages are kept as bytes: SRP, Kerberos, GOST, ECCPWD.
    Other,
}

impl CipherSuite {
    /// The suite's key exchange; `None` for a number that is no registered suite.
    pub fn key_exchange(self) -> Option<KeyExchange> {
        let Some((before, _)) = self.name()?.split_once("_WITH_") else {
            return (self.0 >> 8 == 0x13 || matches!(self.0, 0x00c6 | 0x00c7 | 0xc0b4 | 0xc0b5))
                .then_some(KeyExchange::Tls13);
        };
        let before = before.strip_prefix("TLS_").unwrap_or(before);
        Some(match before {
            "RSA" => KeyExchange::Rsa,
            "RSA_EXPORT" => KeyExchange::RsaExport,
            "DH_DSS" | "DH_RSA" | "DH_DSS_EXPORT" | "DH_RSA_EXPORT" => KeyExchange::Dh,
            "DHE_DSS" | "DHE_RSA" | "DHE_DSS_EXPORT" | "DHE_RSA_EXPORT" => KeyExchange::Dhe,
            "DH_anon" | "DH_anon_EXPORT" => KeyExchange::DhAnon,
            "ECDH_ECDSA" | "ECDH_RSA" => KeyExchange::Ecdh,
            "ECDHE_ECDSA" | "ECDHE_RSA" => KeyExchange::Ecdhe,
            "ECDH_anon" => KeyExchange::EcdhAnon,
            "PSK" => KeyExchange::Psk,
            "DHE_PSK" | "PSK_DHE" => KeyExchange::DhePsk,
            "ECDHE_PSK" => KeyExchange::EcdhePsk,
            "RSA_PSK" => KeyExchange::RsaPsk,
            _ => KeyExchange::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_from_the_name_of_the_suite() {
        for (suite, expected) in [
            (0xc02f, Some(KeyExchange::Ecdhe)),
            (0x0039, Some(KeyExchange::Dhe)),
            (0x009c, Some(KeyExchange::Rsa)),
            (0xc0aa, Some(KeyExchange::DhePsk)),
            (0x1301, Some(KeyExchange::Tls13)),
            (0x00c6, Some(KeyExchange::Tls13)),
            (0xc020, Some(KeyExchange::Other)),
            (0x00ff, None),
            (0x0a0a, None),
        ] {
            assert_eq!(CipherSuite(suite).key_exchange(), expected, "0x{suite:04x}");
        }
    }

    #[test]
    fn every_suite_but_the_signalling_values_has_one() {
        let without = CipherSuite::ALL.iter().filter(|suite| suite.key_exchange().is_none());
        assert_eq!(
            without.copied().collect::<Vec<_>>(),
            [CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV, CipherSuite::FALLBACK_SCSV]
        );
    }
}
