//! The names that OpenSSL, and with it curl, has for what the registries name otherwise: versions, cipher suites, alerts,
//! names of certificates, dates.

use std::fmt::Write;

use mtlscope_dissect::time::civil;
use mtlscope_dissect::tls::registry::{
    AlertDescription, CipherSuite, ClientCertificateType, ProtocolVersion, SignatureScheme,
};
use mtlscope_dissect::x509::{HashAlgorithm, Name, SignatureAlgorithm, SignatureKind, Time};

use crate::printable::printable;

/// A version as `SSL_get_version` names it: `TLSv1.2`, and `TLSv1` for TLS 1.0.
pub(crate) fn version(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::SSL3 => "SSLv3".to_owned(),
        ProtocolVersion::TLS10 => "TLSv1".to_owned(),
        ProtocolVersion::TLS11 => "TLSv1.1".to_owned(),
        ProtocolVersion::TLS12 => "TLSv1.2".to_owned(),
        version if version.is_tls13() => "TLSv1.3".to_owned(),
        version => format!("({:x})", version.0),
    }
}

/// What `SSL_alert_desc_string_long` says of an alert.
///
/// It knows no alert that came after RFC 6066 but `no application protocol`: RFC 8446's `certificate_required` and
/// `missing_extension` are "unknown" to it.
pub(crate) fn alert(description: AlertDescription) -> &'static str {
    match description {
        AlertDescription::CLOSE_NOTIFY => "close notify",
        AlertDescription::UNEXPECTED_MESSAGE => "unexpected_message",
        AlertDescription::BAD_RECORD_MAC => "bad record mac",
        AlertDescription::DECOMPRESSION_FAILURE => "decompression failure",
        AlertDescription::HANDSHAKE_FAILURE => "handshake failure",
        AlertDescription::NO_CERTIFICATE => "no certificate",
        AlertDescription::BAD_CERTIFICATE => "bad certificate",
        AlertDescription::UNSUPPORTED_CERTIFICATE => "unsupported certificate",
        AlertDescription::CERTIFICATE_REVOKED => "certificate revoked",
        AlertDescription::CERTIFICATE_EXPIRED => "certificate expired",
        AlertDescription::CERTIFICATE_UNKNOWN => "certificate unknown",
        AlertDescription::ILLEGAL_PARAMETER => "illegal parameter",
        AlertDescription::DECRYPTION_FAILED => "decryption failed",
        AlertDescription::RECORD_OVERFLOW => "record overflow",
        AlertDescription::UNKNOWN_CA => "unknown CA",
        AlertDescription::ACCESS_DENIED => "access denied",
        AlertDescription::DECODE_ERROR => "decode error",
        AlertDescription::DECRYPT_ERROR => "decrypt error",
        AlertDescription::EXPORT_RESTRICTION => "export restriction",
        AlertDescription::PROTOCOL_VERSION => "protocol version",
        AlertDescription::INSUFFICIENT_SECURITY => "insufficient security",
        AlertDescription::INTERNAL_ERROR => "internal error",
        AlertDescription::USER_CANCELED => "user canceled",
        AlertDescription::NO_RENEGOTIATION => "no renegotiation",
        AlertDescription::UNSUPPORTED_EXTENSION => "unsupported extension",
        AlertDescription::CERTIFICATE_UNOBTAINABLE => "certificate unobtainable",
        AlertDescription::UNRECOGNIZED_NAME => "unrecognized name",
        AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE => "bad certificate status response",
        AlertDescription::BAD_CERTIFICATE_HASH_VALUE => "bad certificate hash value",
        AlertDescription::UNKNOWN_PSK_IDENTITY => "unknown PSK identity",
        AlertDescription::NO_APPLICATION_PROTOCOL => "no application protocol",
        _ => "unknown",
    }
}

/// A cipher suite as `openssl ciphers` names it: `ECDHE-RSA-AES256-GCM-SHA384`.
pub(crate) fn cipher_suite(suite: CipherSuite) -> String {
    suite.openssl_name()
}

/// A name as curl writes it, in the order of its DER: `C=IT; O=Lab; CN=Lab Root CA`.
pub(crate) fn curl_name(name: &Name) -> String {
    joined(name, "; ", "=", |value| printable(value).into_owned())
}

/// A name as s_client writes it (`-nameopt oneline`), in the order of its DER: `C = IT, O = Lab, CN = Lab Root CA`. Letters
/// beyond ASCII stay what they are.
pub(crate) fn oneline(name: &Name) -> String {
    joined(name, ", ", " = ", |value| {
        let is_special = |c: char| matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let safe = printable(value);
        if value.contains(is_special) || value.starts_with(['#', ' ']) || value.ends_with(' ') {
            format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            safe.into_owned()
        }
    })
}

fn joined(name: &Name, separator: &str, equals: &str, write: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut last = None;
    for attribute in name.attributes() {
        if let Some(last) = last {
            text.push_str(if last == attribute.rdn { " + " } else { separator });
        }
        last = Some(attribute.rdn);
        match attribute.short_name() {
            Some(name) => text.push_str(name),
            // Writing to a string does not fail.
            None => drop(write!(text, "{}", attribute.oid())),
        }
        text.push_str(equals);
        text.push_str(&write(&attribute.value()));
    }
    text
}

/// A type of client certificate in s_client's words: `RSA sign`.
pub(crate) fn certificate_type(kind: ClientCertificateType) -> String {
    match kind {
        ClientCertificateType::RSA_SIGN => "RSA sign".to_owned(),
        ClientCertificateType::DSS_SIGN => "DSA sign".to_owned(),
        ClientCertificateType::RSA_FIXED_DH => "RSA fixed DH".to_owned(),
        ClientCertificateType::DSS_FIXED_DH => "DSS fixed DH".to_owned(),
        ClientCertificateType::ECDSA_SIGN => "ECDSA sign".to_owned(),
        ClientCertificateType::RSA_FIXED_ECDH => "RSA fixed ECDH".to_owned(),
        ClientCertificateType::ECDSA_FIXED_ECDH => "ECDSA fixed ECDH".to_owned(),
        other => format!("UNKNOWN ({})", other.0),
    }
}

/// A signature scheme in s_client's words: `ECDSA+SHA256`, `RSA-PSS+SHA256`, `ed25519`. Those that OpenSSL 3.0 does not know have
/// the registry's name, where s_client has a number.
pub(crate) fn signature_scheme(scheme: SignatureScheme) -> String {
    const HASHES: [&str; 6] = ["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"];
    let [high, low] = scheme.0.to_be_bytes();
    let hash = usize::from(high).checked_sub(1).and_then(|place| HASHES.get(place));
    match (scheme, hash, low) {
        (SignatureScheme::RSA_PSS_RSAE_SHA256, ..) => "RSA-PSS+SHA256".to_owned(),
        (SignatureScheme::RSA_PSS_RSAE_SHA384, ..) => "RSA-PSS+SHA384".to_owned(),
        (SignatureScheme::RSA_PSS_RSAE_SHA512, ..) => "RSA-PSS+SHA512".to_owned(),
        (_, Some(hash), 1) => format!("RSA+{hash}"),
        (_, Some(hash), 2) => format!("DSA+{hash}"),
        (_, Some(hash), 3) => format!("ECDSA+{hash}"),
        _ => match scheme.name() {
            Some(name) => name.to_owned(),
            None => format!("0x{low:02X}+0x{high:02X}"),
        },
    }
}

/// With what a certificate is signed, by OpenSSL's short name: `RSA-SHA256`.
pub(crate) fn signature_algorithm(algorithm: &SignatureAlgorithm) -> String {
    let short = |hash: HashAlgorithm| hash.to_string().replace('-', "");
    match algorithm.kind {
        SignatureKind::RsaPkcs1(hash) => format!("RSA-{}", short(hash)),
        SignatureKind::RsaPss { .. } => "RSASSA-PSS".to_owned(),
        SignatureKind::Ecdsa(hash) => format!("ecdsa-with-{}", short(hash)),
        SignatureKind::Ed25519 => "ED25519".to_owned(),
        SignatureKind::Ed448 => "ED448".to_owned(),
        _ => algorithm.to_string(),
    }
}

/// A moment as `ASN1_TIME_print` writes it: `Nov  4 08:34:01 2026 GMT`.
pub(crate) fn time(time: Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = time.seconds();
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"?");
    format!("{month} {day:2} {hour:02}:{minute:02}:{second:02} {year} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_asn1_time_print() {
        assert_eq!(time(Time::from_seconds(1_795_509_241)), "Nov 24 08:34:01 2026 GMT");
        assert_eq!(time(Time::from_seconds(951_782_400)), "Feb 29 00:00:00 2000 GMT");
        assert_eq!(time(Time::from_seconds(-1)), "Dec 31 23:59:59 1969 GMT");
    }
}
