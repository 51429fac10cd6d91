//! May each certificate of a chain issue the one below it? RFC 5280 sections 4.2.1.3 (keyCertSign), 4.2.1.9
//! (basicConstraints) and 4.2.1.10 (nameConstraints).

use std::net::IpAddr;

use mtlscope_dissect::x509::extension::{KeyUsage, NameConstraints};
use mtlscope_dissect::x509::{Certificate, GeneralName};

use super::Chain;

/// A certificate of a chain that its issuer was not allowed to issue.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Violation {
    /// The issuer is no authority: basicConstraints are missing or say so.
    IssuerIsNoAuthority {
        /// The place of the issuer in the chain; the leaf is at 0.
        place: usize,
    },
    /// The issuer's keyUsage does not allow signing certificates.
    IssuerMayNotSign {
        /// The place of the issuer in the chain.
        place: usize,
    },
    /// More intermediates stand below the issuer than it allows.
    PathTooLong {
        /// The place of the issuer in the chain.
        place: usize,
        /// How many it allows.
        allowed: u32,
        /// How many there are.
        is: u32,
    },
    /// The leaf has a name that the issuer must not give out.
    NameOutOfBounds {
        /// The place of the issuer in the chain.
        place: usize,
        /// The name.
        name: GeneralName,
    },
}

/// Everything in `chain` that an issuer was not allowed to issue, from the leaf upwards.
///
/// Names are checked for the leaf only: its alternative names of hosts, mailboxes, addresses and directories, and its
/// subject. A version 1 root without extensions counts as an authority, as trust anchors of old do.
pub fn check(chain: &Chain) -> Vec<Violation> {
    let mut found = Vec::new();
    let Some(leaf) = chain.leaf() else { return found };
    // Certificates that name themselves as issuer do not count for the length of the path.
    let mut intermediates = 0_u32;
    for (place, link) in chain.links.iter().enumerate().skip(1) {
        let issuer = &link.certificate;
        let extensions = &issuer.extensions;
        if !issuer.is_authority() && issuer.version >= 3 {
            found.push(Violation::IssuerIsNoAuthority { place });
        }
        if extensions.key_usage.is_some_and(|usage| !usage.allows(KeyUsage::KEY_CERT_SIGN)) {
            found.push(Violation::IssuerMayNotSign { place });
        }
        match extensions.basic_constraints.and_then(|constraints| constraints.path_length) {
            Some(allowed) if intermediates > allowed => {
                found.push(Violation::PathTooLong { place, allowed, is: intermediates });
            }
            _ => {}
        }
        if let Some(constraints) = &extensions.name_constraints {
            let outside = names_of(leaf).into_iter().filter(|name| !is_within_bounds(name, constraints));
            found.extend(outside.map(|name| Violation::NameOutOfBounds { place, name }));
        }
        intermediates += u32::from(!issuer.is_self_issued());
    }
    found
}

fn names_of(leaf: &Certificate) -> Vec<GeneralName> {
    let mut names = leaf.extensions.subject_alternative_names.clone();
    if !leaf.subject.is_empty() {
        names.push(GeneralName::DirectoryName(leaf.subject.clone()));
    }
    names
}

fn is_within_bounds(name: &GeneralName, constraints: &NameConstraints) -> bool {
    let below = |base: &GeneralName| is_below(name, base);
    let mut permitted = constraints.permitted.iter().filter_map(below).peekable();
    let may = permitted.peek().is_none() || permitted.any(|below| below);
    may && !constraints.excluded.iter().filter_map(below).any(|below| below)
}

/// Whether `name` stands below `base`; `None` where the two are of different kinds, which say nothing of each other.
fn is_below(name: &GeneralName, base: &GeneralName) -> Option<bool> {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Some(is_host_below(name, base, true)),
        (GeneralName::Email(name), GeneralName::Email(base)) if base.contains('@') => {
            Some(name.eq_ignore_ascii_case(base))
        }
        (GeneralName::Email(name), GeneralName::Email(base)) => {
            let host = name.rsplit_once('@').map_or(name.as_str(), |(_, host)| host);
            Some(is_host_below(host, base, false))
        }
        (GeneralName::Uri(name), GeneralName::Uri(base)) => Some(is_host_below(host_of(name), base, false)),
        (GeneralName::Ip(name), GeneralName::IpRange { address, mask }) => {
            Some(is_in_range(*name, *address, *mask))
        }
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => Some(name.is_below(base)),
        _ => None,
    }
}

/// For hosts, a base is the host itself and all below it; for mailboxes and URIs only with a dot in front, and then
/// without itself.
fn is_host_below(host: &str, base: &str, with_children: bool) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    match base.strip_prefix('.') {
        Some(parent) => host.strip_suffix(parent).is_some_and(|child| child.ends_with('.')),
        None if base.is_empty() => true,
        None => {
            host == base
                || with_children && host.strip_suffix(base.as_str()).is_some_and(|child| child.ends_with('.'))
        }
    }
}

fn host_of(uri: &str) -> &str {
    let authority = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

fn is_in_range(name: IpAddr, address: IpAddr, mask: IpAddr) -> bool {
    match (name, address, mask) {
        (IpAddr::V4(name), IpAddr::V4(address), IpAddr::V4(mask)) => name & mask == address & mask,
        (IpAddr::V6(name), IpAddr::V6(address), IpAddr::V6(mask)) => name & mask == address & mask,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::pki::fixtures::*;
    use crate::pki::{End, Link, Origin, SignatureMemo};

    fn violations(sent: &[Arc<Certificate>], anchors: &[Arc<Certificate>]) -> Vec<Violation> {
        check(&Chain::build(sent, anchors, &mut SignatureMemo::default()).unwrap())
    }

    #[test]
    fn a_chain_of_authorities_is_allowed() {
        assert_eq!(violations(&[intleaf(), inter()], &[root()]), []);
        assert_eq!(violations(&[selfsigned()], &[]), []);
    }

    fn violations_of(links: &[Arc<Certificate>]) -> Vec<Violation> {
        let link = |certificate: &Arc<Certificate>| Link {
            certificate: Arc::clone(certificate),
            origin: Origin::Anchor(0),
            signature: None,
        };
        let links = links.iter().map(link).collect();
        check(&Chain { links, ends: End::Anchor, out_of_order: false, extra: vec![], duplicates: vec![] })
    }

    #[test]
    fn a_leaf_issues_nothing() {
        let expected =
            [Violation::IssuerIsNoAuthority { place: 1 }, Violation::IssuerMayNotSign { place: 1 }];
        assert_eq!(violations_of(&[good(), intleaf()]), expected);
    }

    #[test]
    fn a_path_has_no_more_intermediates_than_allowed() {
        let expected = [Violation::PathTooLong { place: 2, allowed: 0, is: 1 }];
        assert_eq!(violations_of(&[intleaf(), inter(), inter()]), expected);
        assert_eq!(violations_of(&[intleaf(), root(), inter()]), []);
    }

    #[test]
    fn hosts_are_below_their_parents() {
        assert!(is_host_below("a.Lab.test", "lab.test", true));
        assert!(is_host_below("lab.test", "lab.test", true));
        assert!(!is_host_below("evillab.test", "lab.test", true));
        assert!(!is_host_below("a.lab.test", "lab.test", false));
        assert!(is_host_below("a.lab.test", ".lab.test", false));
        assert!(!is_host_below("lab.test", ".lab.test", false));
        assert_eq!(host_of("https://me@lab.test:443/path"), "lab.test");
    }

    #[test]
    fn a_name_must_be_permitted_and_not_excluded() {
        let constraints = NameConstraints {
            permitted: vec![
                GeneralName::Dns("lab.test".into()),
                GeneralName::IpRange { address: [10, 0, 0, 0].into(), mask: [255, 0, 0, 0].into() },
                GeneralName::DirectoryName(inter().subject.clone()),
            ],
            excluded: vec![GeneralName::Dns("no.lab.test".into()), GeneralName::Email("evil.test".into())],
        };
        let within = |name| is_within_bounds(&name, &constraints);
        assert!(within(GeneralName::Dns("a.lab.test".into())));
        assert!(!within(GeneralName::Dns("a.no.lab.test".into())));
        assert!(!within(GeneralName::Dns("elsewhere.test".into())));
        assert!(within(GeneralName::Ip([10, 1, 2, 3].into())));
        assert!(!within(GeneralName::Ip([11, 1, 2, 3].into())));
        assert!(within(GeneralName::Email("who@lab.test".into())));
        assert!(!within(GeneralName::Email("who@evil.test".into())));
        assert!(within(GeneralName::Uri("https://anything".into())));
        assert!(within(GeneralName::DirectoryName(inter().subject.clone())));
        assert!(!within(GeneralName::DirectoryName(root().subject.clone())));
    }
}
