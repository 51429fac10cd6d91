//! From a leaf to a trust anchor, over the certificates that were sent. RFC 5280 section 6; what may be sent and in what
//! order, RFC 5246 section 7.4.2 and RFC 8446 section 4.4.2.

use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Name};

use super::{SignatureCheck, SignatureMemo};

/// The way from the leaf upwards, and what of the certificates sent was no part of it.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The certificates from the leaf upwards; at least the leaf.
    pub links: Vec<Link>,
    /// Why it goes no further.
    pub ends: End,
    /// Whether the certificates of the chain were sent in another order than from the leaf upwards. TLS 1.2 forbids it.
    pub out_of_order: bool,
    /// Places, in what was sent, of certificates that are no part of the chain.
    pub extra: Vec<usize>,
    /// Places, in what was sent, of certificates that were sent before.
    pub duplicates: Vec<usize>,
}

/// One certificate of a chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// It.
    pub certificate: Arc<Certificate>,
    /// Where it was found.
    pub origin: Origin,
    /// What came of checking its signature with the key of the next; with its own where the chain ends in itself. `None`
    /// where there is no key to check it with, and for an anchor, which is trusted as it is.
    pub signature: Option<SignatureCheck>,
}

/// Where a certificate was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// Among those sent, at this place; the leaf is at 0.
    Sent(usize),
    /// Among the trust anchors, at this place, and not sent.
    Anchor(usize),
}

/// Why a chain goes no further.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// The last link is a trust anchor.
    Anchor,
    /// The last link names itself as its issuer, and is no trust anchor.
    SelfSigned,
    /// The issuer of the last link, named here, was neither sent nor is it a trust anchor.
    ///
    /// Where no trust anchors are known this may be just the root, which need not be sent.
    MissingIssuer(Name),
}

/// How many issuers of the right name are tried for one certificate. More is no chain but an attack.
const CANDIDATES: usize = 8;

impl Chain {
    /// Builds the chain of the first certificate of `sent`, which is the sender's own. `None` where nothing was sent.
    ///
    /// An issuer is found by its name; among several of that name the one whose key made the signature is taken, or else
    /// the one that the authority key identifier means.
    pub fn build(
        sent: &[Arc<Certificate>],
        anchors: &[Arc<Certificate>],
        memo: &mut SignatureMemo,
    ) -> Option<Self> {
        let leaf = sent.first()?;
        let duplicates: Vec<usize> = (1..sent.len())
            .filter(|place| sent.iter().take(*place).any(|earlier| Some(earlier) == sent.get(*place)))
            .collect();
        let mut way = Way { sent, anchors, used: vec![false; sent.len()] };
        way.use_up(leaf);
        let mut links = Vec::new();
        let mut current = (Arc::clone(leaf), Origin::Sent(0));
        let ends = loop {
            let (certificate, origin) = current;
            if way.is_anchor(&certificate) {
                links.push(Link { certificate, origin, signature: None });
                break End::Anchor;
            }
            match way.issuer_of(&certificate, memo) {
                Some((issuer, place, signature)) => {
                    way.use_up(&issuer);
                    links.push(Link { certificate, origin, signature: Some(signature) });
                    current = (issuer, place);
                }
                None if certificate.is_self_issued() => {
                    let signature = Some(memo.verify(&certificate, &certificate));
                    links.push(Link { certificate, origin, signature });
                    break End::SelfSigned;
                }
                None => {
                    let missing = certificate.issuer.clone();
                    links.push(Link { certificate, origin, signature: None });
                    break End::MissingIssuer(missing);
                }
            }
        };
        let places: Vec<usize> = links.iter().filter_map(Link::place_in_sent).collect();
        let extra =
            (0..sent.len()).filter(|place| !places.contains(place) && !duplicates.contains(place)).collect();
        Some(Self { links, ends, out_of_order: !places.is_sorted(), extra, duplicates })
    }

    /// The certificate the chain is about.
    pub fn leaf(&self) -> Option<&Arc<Certificate>> {
        self.links.first().map(|link| &link.certificate)
    }

    /// Whether it ends in a trust anchor with every signature good. Dates, purposes and constraints are not looked at.
    pub fn is_signed_by_anchor(&self) -> bool {
        self.ends == End::Anchor
            && self.links.iter().all(|link| matches!(link.signature, None | Some(SignatureCheck::Good)))
    }

    /// The first link whose signature is not that of the next link's key.
    pub fn first_bad_signature(&self) -> Option<&Link> {
        self.links.iter().find(|link| link.signature == Some(SignatureCheck::Bad))
    }
}

impl Link {
    /// Its place among the certificates sent, if it was.
    pub fn place_in_sent(&self) -> Option<usize> {
        match self.origin {
            Origin::Sent(place) => Some(place),
            Origin::Anchor(_) => None,
        }
    }
}

/// What the next link is looked for in.
struct Way<'a> {
    sent: &'a [Arc<Certificate>],
    anchors: &'a [Arc<Certificate>],
    used: Vec<bool>,
}

impl Way<'_> {
    fn is_anchor(&self, certificate: &Certificate) -> bool {
        self.anchors.iter().any(|anchor| **anchor == *certificate)
    }

    /// No certificate is a link twice, so the way has an end.
    fn use_up(&mut self, certificate: &Certificate) {
        for (used, sent) in self.used.iter_mut().zip(self.sent) {
            *used |= **sent == *certificate;
        }
    }

    /// The best issuer that is at hand. Sent ones come first, so that a root that was sent counts as sent.
    fn issuer_of(
        &self,
        certificate: &Certificate,
        memo: &mut SignatureMemo,
    ) -> Option<(Arc<Certificate>, Origin, SignatureCheck)> {
        let sent = self.sent.iter().enumerate().filter(|(place, _)| self.used.get(*place) == Some(&false));
        let sent = sent.map(|(place, sent)| (sent, Origin::Sent(place)));
        let anchors = self.anchors.iter().enumerate().map(|(place, anchor)| (anchor, Origin::Anchor(place)));
        let mut best: Option<(Rank, &Arc<Certificate>, Origin, SignatureCheck)> = None;
        let named = sent.chain(anchors).filter(|(issuer, _)| issuer.subject.matches(&certificate.issuer));
        for (issuer, origin) in named.take(CANDIDATES) {
            let signature = memo.verify(certificate, issuer);
            // A self-signed certificate has no other issuer than itself, even where another has its name.
            if certificate.is_self_issued()
                && signature != SignatureCheck::Good
                && memo.verify(certificate, certificate) == SignatureCheck::Good
            {
                continue;
            }
            let rank = Rank {
                signed: signature == SignatureCheck::Good,
                anchor: self.is_anchor(issuer),
                key_identifier: is_key_meant(certificate, issuer),
            };
            if best.as_ref().is_none_or(|(best, ..)| rank > *best) {
                best = Some((rank, issuer, origin, signature));
            }
        }
        best.map(|(_, issuer, origin, signature)| (Arc::clone(issuer), origin, signature))
    }
}

/// What makes one issuer better than another, most important first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    signed: bool,
    anchor: bool,
    key_identifier: bool,
}

fn is_key_meant(certificate: &Certificate, issuer: &Certificate) -> bool {
    let meant = certificate.extensions.authority_key_identifier.as_ref();
    match (meant.and_then(|meant| meant.key_identifier.as_ref()), &issuer.extensions.subject_key_identifier) {
        (Some(meant), Some(is)) => meant == is,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::*;

    fn build(sent: &[Arc<Certificate>], anchors: &[Arc<Certificate>]) -> Chain {
        Chain::build(sent, anchors, &mut SignatureMemo::default()).unwrap()
    }

    fn origins(chain: &Chain) -> Vec<Origin> {
        chain.links.iter().map(|link| link.origin).collect()
    }

    #[test]
    fn a_leaf_leads_to_its_anchor() {
        let chain = build(&[good()], &[other(), root()]);
        assert_eq!(origins(&chain), [Origin::Sent(0), Origin::Anchor(1)]);
        assert_eq!(chain.ends, End::Anchor);
        assert_eq!(chain.links[0].signature, Some(SignatureCheck::Good));
        assert!(chain.is_signed_by_anchor());
        assert_eq!(chain.leaf(), Some(&good()));
    }

    #[test]
    fn an_intermediate_may_be_sent_or_missing() {
        let whole = build(&[intleaf(), inter()], &[root()]);
        assert_eq!(origins(&whole), [Origin::Sent(0), Origin::Sent(1), Origin::Anchor(0)]);
        assert!(whole.is_signed_by_anchor() && !whole.out_of_order);
        let lacking = build(&[intleaf()], &[root()]);
        assert_eq!(lacking.ends, End::MissingIssuer(inter().subject.clone()));
        assert_eq!(lacking.links[0].signature, None);
    }

    #[test]
    fn order_extras_and_duplicates_are_told() {
        let chain = build(&[intleaf(), root(), wrongca(), inter(), inter(), intleaf()], &[root()]);
        assert_eq!(origins(&chain), [Origin::Sent(0), Origin::Sent(3), Origin::Sent(1)]);
        assert_eq!(chain.ends, End::Anchor);
        assert!(chain.out_of_order);
        assert_eq!(chain.extra, [2]);
        assert_eq!(chain.duplicates, [4, 5]);
    }

    #[test]
    fn the_name_of_an_anchor_does_not_make_its_signature() {
        let chain = build(&[impostor()], &[root()]);
        assert_eq!(chain.ends, End::Anchor);
        assert!(!chain.is_signed_by_anchor());
        assert_eq!(chain.first_bad_signature().unwrap().certificate, impostor());
    }

    #[test]
    fn of_two_issuers_of_one_name_the_one_that_signed_is_taken() {
        let false_root = read(include_str!("../../tests/data/impost.pem"));
        let chain = build(&[good()], &[Arc::clone(&false_root), root()]);
        assert_eq!(origins(&chain), [Origin::Sent(0), Origin::Anchor(1)]);
        let chain = build(&[impostor(), false_root], &[root()]);
        assert_eq!(origins(&chain), [Origin::Sent(0), Origin::Sent(1)]);
        assert_eq!(chain.ends, End::SelfSigned);
    }

    #[test]
    fn a_certificate_that_signed_itself_ends_there() {
        let chain = build(&[selfsigned()], &[root()]);
        assert_eq!(chain.ends, End::SelfSigned);
        assert_eq!(chain.links[0].signature, Some(SignatureCheck::Good));
        assert_eq!(build(&[selfsigned()], &[selfsigned()]).ends, End::Anchor);
        assert_eq!(build(&[wrongca()], &[root()]).ends, End::MissingIssuer(other().subject.clone()));
    }

    #[test]
    fn nothing_sent_is_no_chain() {
        assert!(Chain::build(&[], &[root()], &mut SignatureMemo::default()).is_none());
    }
}
