//! Cipher suites by the names that OpenSSL, and with it curl, has for them.

use super::CipherSuite;

impl CipherSuite {
    /// Its name as `openssl ciphers` has it: `ECDHE-RSA-AES256-GCM-SHA384`. Suites of TLS 1.3, and those that OpenSSL does not
    /// have, keep the registry's name.
    pub fn openssl_name(self) -> String {
        let registered = self.to_string();
        // Two names of RFC 6655 turn the words around.
        let turned = registered.replace("_PSK_DHE_", "_DHE_PSK_");
        let Some((exchange, cipher)) =
            turned.strip_prefix("TLS_").and_then(|suite| suite.split_once("_WITH_"))
        else {
            return registered;
        };
        let exchange = match exchange {
            "RSA" => String::new(),
            "DH_anon" => "ADH-".to_owned(),
            "ECDH_anon" => "AECDH-".to_owned(),
            // OpenSSL leaves the RSA out here, and here only.
            "ECDHE_RSA" if cipher.starts_with("ARIA") => "ECDHE-".to_owned(),
            exchange => format!("{}-", exchange.replace("SRP_SHA", "SRP").replace('_', "-")),
        };
        let mut cipher = cipher.to_owned();
        for (theirs, ours) in [
            ("3DES_EDE_CBC", "DES-CBC3"),
            ("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305"),
            ("RC4_128", "RC4"),
            ("CCM_8", "CCM8"),
            ("IDEA_CBC", "IDEA-CBC"),
        ] {
            cipher = cipher.replace(theirs, ours);
        }
        if !exchange.starts_with("SRP") {
            for name in ["AES", "CAMELLIA", "ARIA"] {
                cipher = cipher.replace(&format!("{name}_"), name);
            }
            let keeps_mode = exchange.contains("PSK") && cipher.starts_with("AES");
            if !keeps_mode {
                cipher = cipher
                    .replace("128_CBC_", "128_")
                    .replace("256_CBC_", "256_")
                    .replace("SEED_CBC", "SEED");
            }
        }
        format!("{exchange}{}", cipher.replace('_', "-"))
    }

    /// The suite that OpenSSL calls so, or the registry does.
    pub fn from_openssl_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.name() == Some(name) || suite.openssl_name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_cipher_suite_as_openssl_does() {
        // `openssl ciphers -stdname ALL:COMPLEMENTOFALL:@SECLEVEL=0` of OpenSSL 3.0: the registry's name, and its own.
        let known: Vec<(&str, &str)> =
            include_str!("openssl_ciphers.txt").lines().filter_map(|line| line.split_once(' ')).collect();
        assert_eq!(known.len(), 158);
        for (registered, openssl) in known {
            let suite = CipherSuite::ALL.iter().find(|suite| suite.name() == Some(registered));
            let suite = *suite.unwrap_or_else(|| panic!("{registered}"));
            assert_eq!(suite.openssl_name(), openssl);
            assert_eq!(CipherSuite::from_openssl_name(openssl), Some(suite));
        }
        assert_eq!(CipherSuite(0x000a).openssl_name(), "DES-CBC3-SHA");
        assert_eq!(CipherSuite(0xc011).openssl_name(), "ECDHE-RSA-RC4-SHA");
    }
}
