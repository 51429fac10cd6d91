//! What can be guessed of an issuer of which only the name is at hand: whether it is an intermediate, and whether it is the
//! one that is meant. Hints, never proofs.

use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Name};

/// Whether an issuer that is missing looks like an intermediate of one of the `known` authorities, and not like a stranger:
/// a certificate of those `sent` says where to fetch its issuer, the issuer's name says so, or it shares its organisation with
/// an authority.
pub fn looks_intermediate<'a>(
    issuer: &Name,
    sent: &[Arc<Certificate>],
    mut known: impl Iterator<Item = &'a Name>,
) -> bool {
    let common_name = issuer.common_name().unwrap_or_default().to_lowercase();
    if common_name.contains("root") {
        return false;
    }
    let says_so = ["intermediate", "issuing", "subordinate", "sub ca"];
    let says_where = |certificate: &Certificate| {
        certificate.issuer.matches(issuer) && !certificate.extensions.ca_issuers.is_empty()
    };
    let organisation = organisation_of(issuer);
    says_so.iter().any(|word| common_name.contains(word))
        || sent.iter().any(|certificate| says_where(certificate))
        || organisation.is_some() && known.any(|authority| organisation_of(authority) == organisation)
}

/// Whether `last` says that another key of its issuer signed it than the key that signed one of `others`, though both issuers
/// have the same name.
pub fn is_of_another_key(last: &Certificate, others: &[Arc<Certificate>]) -> bool {
    let Some(ours) = key_of_issuer(last) else { return false };
    let mut keys = others
        .iter()
        .filter(|certificate| certificate.issuer.matches(&last.issuer))
        .filter_map(|certificate| key_of_issuer(certificate))
        .peekable();
    keys.peek().is_some() && keys.all(|key| key != ours)
}

fn key_of_issuer(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions.authority_key_identifier.as_ref()?.key_identifier.as_deref()
}

fn organisation_of(name: &Name) -> Option<String> {
    let organisation = name.attributes().find(|attribute| attribute.short_name() == Some("O"))?;
    Some(organisation.value().to_lowercase())
}
