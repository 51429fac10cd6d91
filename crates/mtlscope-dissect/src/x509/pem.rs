//! Certificates as text: base64 between two lines. RFC 7468 section 5.

use super::Unreadable;
use x509_parser::pem::Pem;

/// The DER of every certificate in a PEM text, in order; keys and other things between are passed over.
///
/// Stops at the first block that cannot be read, which is then the last of the list.
pub fn certificates(text: &[u8]) -> Vec<Result<Vec<u8>, Unreadable>> {
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(text) {
        match block {
            Ok(pem) if pem.label == "CERTIFICATE" || pem.label == "X509 CERTIFICATE" => {
                found.push(Ok(pem.contents))
            }
            Ok(_) => {}
            Err(error) => {
                found.push(Err(Unreadable::because(format!("not PEM: {error}"))));
                break;
            }
        }
    }
    found
}

/// DER as a PEM block, lines of 64 characters, with a line feed at the end.
pub fn encode(der: &[u8]) -> String {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----\n";
    const END: &str = "-----END CERTIFICATE-----\n";
    // 48 bytes are one line of 64 characters.
    const BYTES_IN_LINE: usize = 48;
    let mut text =
        String::with_capacity(BEGIN.len() + END.len() + der.len() / 3 * 4 + der.len() / BYTES_IN_LINE + 8);
    text.push_str(BEGIN);
    for line in der.chunks(BYTES_IN_LINE) {
        data_encoding::BASE64.encode_append(line, &mut text);
        text.push('\n');
    }
    text.push_str(END);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 47, 48, 49, 500] {
            let der = vec![0xa5; length];
            assert_eq!(certificates(encode(&der).as_bytes()), [Ok(der)], "{length}");
        }
    }

    #[test]
    fn passes_over_what_is_no_certificate_and_says_what_is_broken() {
        let text = format!(
            "subject=x\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{}",
            encode(b"abc")
        );
        assert_eq!(certificates(text.as_bytes()), [Ok(b"abc".to_vec())]);
        let broken = certificates(b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n");
        assert!(matches!(broken.as_slice(), [Err(_)]), "{broken:?}");
        assert!(certificates(b"").is_empty());
    }
}
