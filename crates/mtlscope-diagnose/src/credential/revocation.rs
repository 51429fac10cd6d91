//! Is a certificate of the chain on a revocation list, and do the lists still hold?

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Time;

use super::{Flaw, RevocationList};
use crate::finding::Severity;
use crate::pki::Chain;

pub(super) fn check<'a>(
    chain: &Chain,
    lists: impl Iterator<Item = &'a RevocationList>,
    at: Timestamp,
) -> Vec<Flaw> {
    let now = Time::from_seconds(at.seconds());
    let mut flaws = Vec::new();
    for list in lists {
        let concerned = chain.links.iter().map(|link| &link.certificate);
        let concerned: Vec<_> = concerned.filter(|one| one.issuer.matches(&list.issuer)).collect();
        if concerned.is_empty() {
            continue;
        }
        if list.signer.is_none() {
            flaws.push(Flaw::new(
                Severity::Note,
                None,
                format!(
                    "No certificate at hand signed the revocation list of {}, so it was not heeded.",
                    list.issuer
                ),
                "Give the issuer's certificate as well.",
            ));
            continue;
        }
        if let Some(until) = list.next_update.filter(|until| *until < now) {
            flaws.push(Flaw::new(
                Severity::Error,
                "crl-expired",
                format!(
                    "The revocation list of {} ran out at {until}: a server that looks at it refuses every client of that issuer.",
                    list.issuer
                ),
                "Give the server the issuer's current list.",
            ));
        }
        for certificate in concerned {
            if list.lists(&certificate.serial) {
                flaws.push(Flaw::new(
                    Severity::Error,
                    "leaf-revoked",
                    format!(
                        "{} revoked the certificate of {} (serial number {}).",
                        list.issuer, certificate.subject, certificate.serial
                    ),
                    "Have the authority issue a new one, for a new key if the old one was lost.",
                ));
            }
        }
    }
    flaws
}
