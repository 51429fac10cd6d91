//! JA3 and JA3S: hashes by which TLS clients and servers of the same make are known. <https://github.com/salesforce/ja3>
//!
//! ```text
//! JA3  = MD5("version,suites,extensions,groups,point formats")
//! JA3S = MD5("version,suite,extensions")
//! ```
//!
//! Numbers are decimal with hyphens between them, in the order sent; GREASE is left out.

use md5::{Digest, Md5};

use super::extension::{ExtensionBody, Extensions};
use super::handshake::{ClientHello, ServerHello};
use super::registry::{ExtensionType, grease};
use crate::reader;

/// What is hashed of a ClientHello.
pub fn of_client(hello: &ClientHello) -> String {
    let formats = match hello.extensions.body(ExtensionType::EC_POINT_FORMATS) {
        Some(ExtensionBody::EcPointFormats(formats)) => formats.as_slice(),
        _ => &[],
    };
    format!(
        "{},{},{},{},{}",
        hello.legacy_version.0,
        numbers(hello.cipher_suites.iter().map(|suite| suite.0)),
        types(&hello.extensions),
        numbers(hello.supported_groups().iter().map(|group| group.0)),
        numbers(formats.iter().map(|format| u16::from(format.0))),
    )
}

/// What is hashed of a ServerHello.
pub fn of_server(hello: &ServerHello) -> String {
    format!("{},{},{}", hello.legacy_version.0, hello.cipher_suite.0, types(&hello.extensions))
}

/// The hash, in hex.
pub fn hash(full: &str) -> String {
    reader::hex(&Md5::digest(full.as_bytes()))
}

fn types(extensions: &Extensions) -> String {
    numbers(extensions.iter().map(|extension| extension.extension_type.0))
}

fn numbers(numbers: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    for number in numbers.filter(|number| !grease::is_grease_u16(*number)) {
        if !text.is_empty() {
            text.push('-');
        }
        text.push_str(&number.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::{Body, Context, parse};
    use crate::tls::registry::HandshakeType;

    #[test]
    fn a_client_is_told_by_what_it_offers_without_grease() {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0x0a, 0x0a, 0x13, 1, 1, 0]);
        body.extend([0, 18, 0, 10, 0, 6, 0, 4, 0x1a, 0x1a, 0, 29, 0, 11, 0, 2, 1, 0, 0x2a, 0x2a]);
        body.extend([0, 0]);
        body[44] = 20;
        let context = Context::new(Side::Client);
        let Body::ClientHello(hello) = parse(HandshakeType::CLIENT_HELLO, &body, &context).body else {
            panic!()
        };
        assert_eq!(of_client(&hello), "771,4865,10-11,29,0");
        // As md5sum has it.
        assert_eq!(hash("771,4865,10-11,29,0"), "adb10e23313654b9fedd8d855193ec58");
    }
}
