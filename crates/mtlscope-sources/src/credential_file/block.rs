//! PEM: blocks of base64 between two lines that say what they hold. RFC 7468; encrypted keys of old, RFC 1421.

use openssl::pkcs7::Pkcs7;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Crl, X509Req};

use super::{CertificateRequest, CredentialError, Item, Opening, PrivateKey, RevocationList, der};

/// A block of a PEM text, with its two lines.
pub(super) struct Block<'a> {
    label: &'a str,
    text: &'a [u8],
    is_whole: bool,
}

/// The blocks of a text; none if it is no PEM. Whatever stands between them is passed over.
pub(super) fn blocks(content: &[u8]) -> Vec<Block<'_>> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let mut blocks = Vec::new();
    let mut rest = content;
    while let Some(start) = find(rest, BEGIN) {
        let text = rest.get(start..).unwrap_or_default();
        let after = text.get(BEGIN.len()..).unwrap_or_default();
        let label = find(after, b"-----").and_then(|length| std::str::from_utf8(after.get(..length)?).ok());
        let Some(label) = label.filter(|label| label.len() < 100 && !label.contains(['\n', '\r'])) else {
            rest = after;
            continue;
        };
        let end_line = format!("-----END {label}-----");
        let end = find(text, end_line.as_bytes()).map(|end| end + end_line.len());
        // The next block must not begin before this one has ended.
        let next = find(after, BEGIN).map(|next| next + BEGIN.len());
        let is_whole = end.is_some_and(|end| next.is_none_or(|next| end <= next));
        let length = if is_whole { end } else { next }.unwrap_or(text.len());
        blocks.push(Block { label, text: text.get(..length).unwrap_or(text), is_whole });
        rest = text.get(length..).unwrap_or_default();
    }
    blocks
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

impl Block<'_> {
    /// What is in it; several things in PKCS#7.
    pub(super) fn read(&self, opening: &Opening<'_>) -> Result<Vec<Item>, CredentialError> {
        let damaged = |what: &str, cause: String| CredentialError::Damaged {
            name: opening.name.to_owned(),
            what: what.to_owned(),
            cause,
        };
        let unreadable = |error: openssl::error::ErrorStack| {
            damaged(&format!("block \"{}\"", self.label), der::told(&error))
        };
        if !self.is_whole {
            let cause = format!("the line \"-----END {}-----\" is missing", self.label);
            return Err(damaged(&format!("block \"{}\"", self.label), cause));
        }
        let text = self.text;
        Ok(match self.label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                vec![Item::Certificate(X509::from_pem(text).and_then(|it| it.to_der()).map_err(unreadable)?)]
            }
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
                let request = X509Req::from_pem(text).and_then(|it| CertificateRequest::read(&it));
                vec![Item::Request(request.map_err(unreadable)?)]
            }
            "X509 CRL" => {
                let list = X509Crl::from_pem(text).and_then(RevocationList::read);
                vec![Item::RevocationList(list.map_err(unreadable)?)]
            }
            "PUBLIC KEY" => {
                let key = PKey::public_key_from_pem(text).and_then(|key| key.public_key_to_der());
                vec![Item::PublicKey(key.map_err(unreadable)?)]
            }
            "PKCS7" | "CMS" => {
                Pkcs7::from_pem(text).and_then(|bag| der::of_pkcs7(&bag)).map_err(unreadable)?
            }
            label if label.ends_with("PRIVATE KEY") && label != "OPENSSH PRIVATE KEY" => {
                vec![Item::PrivateKey(PrivateKey::from_pem(text, opening)?)]
            }
            label => vec![Item::Other(label.to_owned())],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, bool)> {
        blocks(text.as_bytes()).iter().map(|block| (block.label, block.is_whole)).collect()
    }

    #[test]
    fn blocks_are_found_among_other_text_and_an_end_is_missed() {
        assert_eq!(
            found(
                "Bag Attributes\r\n-----BEGIN A-----\r\nAA==\r\n-----END A-----\nx\n-----BEGIN B C-----\n-----END B C-----"
            ),
            [("A", true), ("B C", true)]
        );
        assert_eq!(
            found("-----BEGIN A-----\nAA==\n-----BEGIN A-----\n-----END A-----"),
            [("A", false), ("A", true)]
        );
        assert_eq!(found("-----BEGIN A-----\nAA==\n"), [("A", false)]);
        assert_eq!(found("-----BEGIN \n-----END"), []);
        assert_eq!(found("-----BEGIN "), []);
        assert_eq!(found("nothing"), []);
    }
}
