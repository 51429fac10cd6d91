//! The variables that mod_ssl gives a page with `SSLOptions +StdEnvVars +ExportCertData`, equal to what Apache gives for
//! the same handshake. Only those that name the program and its library differ.

use openssl::asn1::{Asn1IntegerRef, Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::ssl::{NameType, SslRef, SslVersion};
use openssl::x509::{X509, X509NameRef, X509Ref};

use super::verification::Verification;
use crate::stack::ffi::{self, Printing};

/// The variables of a connection as it is now, sorted by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Variables(Vec<(String, String)>);

impl Variables {
    /// All of them.
    pub(super) fn of(ssl: &SslRef) -> Self {
        let mut variables = Self::default();
        variables.connection(ssl);
        variables.session(ssl);
        if let Some(own) = ssl.certificate() {
            variables.certificate("SSL_SERVER", own);
        }
        variables.set("SSL_CLIENT_VERIFY", client_verify(ssl));
        if ssl.peer_certificate().is_none() {
            // The one variable that mod_ssl sets all the same.
            variables.0.push(("SSL_CLIENT_CERT".to_owned(), String::new()));
        }
        if let Some(client) = ssl.peer_certificate() {
            variables.certificate("SSL_CLIENT", &client);
            variables.set("SSL_CLIENT_V_REMAIN", days_left(client.not_after()).to_string());
            variables.set("SSL_CLIENT_CERT_RFC4523_CEA", assertion(&client));
            for (number, above) in ssl.peer_cert_chain().into_iter().flatten().enumerate() {
                variables.set(&format!("SSL_CLIENT_CERT_CHAIN_{number}"), pem(above));
            }
        }
        variables.0.sort();
        variables
    }

    /// The value of one, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// One a line, as `printenv` writes them.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    /// A JSON object.
    pub(super) fn json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!("  {}: {}", quoted(name), quoted(value))).collect();
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }

    /// mod_ssl sets no variable that would be empty.
    fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
    }

    fn connection(&mut self, ssl: &SslRef) {
        self.set("HTTPS", "on");
        self.set("SSL_VERSION_INTERFACE", concat!("mtlscope/", env!("CARGO_PKG_VERSION")));
        let library = openssl::version::version();
        self.set("SSL_VERSION_LIBRARY", library.split(' ').take(2).collect::<Vec<_>>().join("/"));
        self.set("SSL_PROTOCOL", ssl.version_str());
        self.set("SSL_SECURE_RENEG", ffi::secure_renegotiation(ssl).to_string());
        self.set("SSL_COMPRESS_METHOD", "NULL");
        self.set("SSL_TLS_SNI", ssl.servername(NameType::HOST_NAME).unwrap_or_default());
        if let Some(cipher) = ssl.current_cipher() {
            let bits = cipher.bits();
            self.set("SSL_CIPHER", cipher.name());
            self.set("SSL_CIPHER_EXPORT", (bits.secret < 56).to_string());
            self.set("SSL_CIPHER_USEKEYSIZE", bits.secret.to_string());
            self.set("SSL_CIPHER_ALGKEYSIZE", bits.algorithm.to_string());
        }
    }

    fn session(&mut self, ssl: &SslRef) {
        if let Some(session) = ssl.session() {
            self.set(
                "SSL_SESSION_ID",
                session.id().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            );
        }
        self.set("SSL_SESSION_RESUMED", if ssl.session_reused() { "Resumed" } else { "Initial" });
    }

    fn certificate(&mut self, prefix: &str, certificate: &X509Ref) {
        self.set(&format!("{prefix}_M_VERSION"), (certificate.version() + 1).to_string());
        self.set(&format!("{prefix}_M_SERIAL"), serial(certificate.serial_number()));
        self.set(&format!("{prefix}_V_START"), certificate.not_before().to_string());
        self.set(&format!("{prefix}_V_END"), certificate.not_after().to_string());
        self.set(&format!("{prefix}_A_SIG"), long_name(certificate.signature_algorithm().object().nid()));
        self.set(&format!("{prefix}_A_KEY"), key_algorithm(certificate));
        self.set(&format!("{prefix}_CERT"), pem(certificate));
        self.name(&format!("{prefix}_S_DN"), certificate.subject_name());
        self.name(&format!("{prefix}_I_DN"), certificate.issuer_name());
        self.alternative_names(prefix, certificate);
    }

    fn name(&mut self, prefix: &str, name: &X509NameRef) {
        self.set(prefix, ffi::name(name, Printing::RFC_2253));
        let mut seen = Vec::new();
        for entry in name.entries() {
            let nid = entry.object().nid();
            let Some((_, part)) = PARTS.iter().find(|(one, _)| *one == nid) else { continue };
            // The second of its kind is `_1`.
            let number = seen.iter().filter(|one| **one == nid).count();
            seen.push(nid);
            let suffix = if number == 0 { String::new() } else { format!("_{number}") };
            self.set(&format!("{prefix}_{part}{suffix}"), ffi::string(entry.data(), Printing::READABLE));
        }
    }

    fn alternative_names(&mut self, prefix: &str, certificate: &X509Ref) {
        let names = certificate.subject_alt_names();
        let emails = names.iter().flatten().filter_map(|name| name.email().map(str::to_owned));
        for (number, email) in emails.enumerate() {
            self.set(&format!("{prefix}_SAN_Email_{number}"), email);
        }
        let hosts = names.iter().flatten().filter_map(|name| name.dnsname().map(str::to_owned));
        for (number, host) in hosts.enumerate() {
            self.set(&format!("{prefix}_SAN_DNS_{number}"), host);
        }
    }
}

/// The parts of a name that have variables of their own.
const PARTS: [(Nid, &str); 13] = [
    (Nid::COUNTRYNAME, "C"),
    (Nid::STATEORPROVINCENAME, "ST"),
    (Nid::LOCALITYNAME, "L"),
    (Nid::ORGANIZATIONNAME, "O"),
    (Nid::ORGANIZATIONALUNITNAME, "OU"),
    (Nid::COMMONNAME, "CN"),
    (Nid::TITLE, "T"),
    (Nid::INITIALS, "I"),
    (Nid::GIVENNAME, "G"),
    (Nid::SURNAME, "S"),
    (Nid::DESCRIPTION, "D"),
    (Nid::USERID, "UID"),
    (Nid::PKCS9_EMAILADDRESS, "Email"),
];

/// `SSL_CLIENT_VERIFY`.
pub(super) fn client_verify(ssl: &SslRef) -> String {
    let noted = Verification::of(ssl);
    let has_certificate = ssl.peer_certificate().is_some();
    match (noted.error, noted.overlooked) {
        (Some(error), _) => format!("FAILED:{}", error.error_string()),
        // Apache 2.4 overlooks an untrusted authority in TLS 1.3 as well, and lets the client in, but calls it FAILED.
        (None, Some(error)) if ssl.version2() == Some(SslVersion::TLS1_3) => {
            format!("FAILED:{}", error.error_string())
        }
        (None, Some(_)) => "GENEROUS".to_owned(),
        (None, None) if has_certificate => "SUCCESS".to_owned(),
        (None, None) => "NONE".to_owned(),
    }
}

/// Which certificate it is, as RFC 4523 writes it.
fn assertion(certificate: &X509) -> String {
    let serial = certificate.serial_number().to_bn().and_then(|serial| serial.to_dec_str());
    let serial = serial.map(|serial| serial.to_string()).unwrap_or_default();
    let issuer = ffi::name(certificate.issuer_name(), Printing::RFC_2253);
    format!("{{ serialNumber {serial}, issuer rdnSequence:\"{issuer}\" }}")
}

/// Two hexadecimal digits a byte.
fn serial(serial: &Asn1IntegerRef) -> String {
    match serial.to_bn().and_then(|serial| serial.to_hex_str()) {
        Ok(digits) if digits.is_empty() || digits.starts_with("0") && digits.len() == 1 => "00".to_owned(),
        Ok(digits) => digits.to_string(),
        Err(_) => String::new(),
    }
}

/// Whole days until then; 0 once it is over.
fn days_left(end: &Asn1TimeRef) -> i32 {
    let left = Asn1Time::days_from_now(0).and_then(|now| now.diff(end));
    left.map_or(0, |left| left.days.max(0))
}

fn key_algorithm(certificate: &X509Ref) -> String {
    certificate.public_key().map(|key| long_name(Nid::from_raw(key.id().as_raw()))).unwrap_or_default()
}

fn long_name(nid: Nid) -> String {
    if nid == Nid::UNDEF { "UNKNOWN".to_owned() } else { nid.long_name().unwrap_or("UNKNOWN").to_owned() }
}

fn pem(certificate: &X509Ref) -> String {
    certificate.to_pem().ok().and_then(|pem| String::from_utf8(pem).ok()).unwrap_or_default()
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_survive_whatever_a_name_holds() {
        assert_eq!(quoted("a\"b\\c\nd\u{1b}é"), r#""a\"b\\c\nd\u001bé""#);
    }

    #[test]
    fn a_serial_number_has_two_digits_a_byte() {
        let number =
            |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).unwrap().to_asn1_integer().unwrap();
        assert_eq!(serial(&number(&[0x0a])), "0A");
        assert_eq!(serial(&number(&[0x01, 0x00])), "0100");
        assert_eq!(serial(&number(&[])), "00");
    }
}
