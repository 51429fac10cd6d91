//! The certificates the client sent, walked from its own upwards, and how they meet what the server said it trusts.

use mtlscope_dissect::x509::{Certificate, Name};

use super::{Answer, Handshake, Request};
use crate::context::Context;

/// The chain that a client sent, put in order: certificates may come in any (RFC 8446 section 4.4.2).
#[derive(Clone, Debug)]
pub struct ClientChain<'a> {
    /// From the client's own upwards, as far as the certificates that were sent lead.
    pub path: Vec<&'a Certificate>,
    answer: &'a Answer,
    request: Option<&'a Request>,
    server: &'a [std::sync::Arc<Certificate>],
}

/// Where a chain leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lead<'a> {
    /// To an authority that the server named, or that the user says it trusts.
    Known(&'a Name),
    /// To a certificate that signed itself, which nobody named.
    Itself(&'a Certificate),
    /// To an issuer that was neither sent nor named.
    Elsewhere(&'a Name),
}

impl<'a> ClientChain<'a> {
    /// The chain of this handshake's answer; `None` where no certificate was shown.
    pub fn of(handshake: &'a Handshake) -> Option<Self> {
        let answer = handshake.answer.seen()?;
        let mut path: Vec<&Certificate> = vec![answer.certificates.first()?];
        while let Some(issuer) = path.last().and_then(|last| issuer_among(&answer.certificates, last)) {
            if path.contains(&issuer) {
                break;
            }
            path.push(issuer);
        }
        Some(Self {
            path,
            answer,
            request: handshake.request.seen(),
            server: handshake.server_identity.seen().map_or(&[], |identity| &identity.certificates),
        })
    }

    /// The client's own certificate.
    pub fn leaf(&self) -> &'a Certificate {
        self.path[0]
    }

    /// How many certificates were sent.
    pub fn sent(&self) -> usize {
        self.answer.certificates.len()
    }

    /// Whether anybody said whom the server trusts: it, by naming authorities, or the user.
    pub fn trust_is_known(&self, context: &Context) -> bool {
        !self.authorities().is_empty() || !context.trust_anchors.is_empty()
    }

    /// The authorities the server named.
    pub fn authorities(&self) -> &'a [Name] {
        self.request.map_or(&[], |request| &request.authorities)
    }

    /// Where it leads.
    pub fn lead(&self, context: &'a Context) -> Lead<'a> {
        let known = |name: &Name| {
            self.authorities()
                .iter()
                .chain(context.trust_anchors.iter().map(|anchor| &anchor.subject))
                .find(|authority| authority.matches(name))
        };
        let names = self.path.iter().flat_map(|certificate| [&certificate.subject, &certificate.issuer]);
        if let Some(known) = names.into_iter().find_map(known) {
            return Lead::Known(known);
        }
        let last = self.path[self.path.len() - 1];
        if last.is_self_issued() { Lead::Itself(last) } else { Lead::Elsewhere(&last.issuer) }
    }

    /// Whether the missing issuer looks like an intermediate of an authority the server knows, and not like a stranger:
    /// the certificate says where to fetch its issuer, the issuer's name says so, or it shares its organisation with
    /// an authority. A hint, never a proof.
    pub fn issuer_looks_intermediate(&self, context: &Context) -> bool {
        let last = self.path[self.path.len() - 1];
        let organisation = organisation_of(&last.issuer);
        let mut known = self
            .authorities()
            .iter()
            .chain(context.trust_anchors.iter().map(|anchor| &anchor.subject))
            .chain(self.server.iter().map(|certificate| &certificate.issuer));
        let common_name = last.issuer.common_name().unwrap_or_default().to_lowercase();
        if common_name.contains("root") {
            return false;
        }
        !last.extensions.ca_issuers.is_empty()
            || ["intermediate", "issuing", "subordinate", "sub ca"].iter().any(|word| common_name.contains(word))
            || organisation.is_some() && known.any(|authority| organisation_of(authority) == organisation)
    }

    /// Whether the last certificate says that another key of its issuer signed it than the key that signed the server's
    /// certificate, though both issuers have the same name.
    pub fn names_another_key_of_its_issuer(&self, context: &Context) -> bool {
        let last = self.path[self.path.len() - 1];
        let Some(ours) = key_of_issuer(last) else { return false };
        let of_server = self
            .server
            .iter()
            .filter(|certificate| certificate.issuer.matches(&last.issuer))
            .filter_map(|certificate| key_of_issuer(certificate));
        let of_anchors = context
            .trust_anchors
            .iter()
            .filter(|anchor| anchor.subject.matches(&last.issuer))
            .filter_map(|anchor| anchor.extensions.subject_key_identifier.as_deref());
        let mut keys = of_server.chain(of_anchors).peekable();
        keys.peek().is_some() && keys.all(|key| key != ours)
    }
}

/// The certificate among `certificates` that issued this one, going by names and key identifiers.
fn issuer_among<'a>(
    certificates: &'a [std::sync::Arc<Certificate>],
    of: &Certificate,
) -> Option<&'a Certificate> {
    if of.is_self_issued() {
        return None;
    }
    certificates.iter().map(|certificate| &**certificate).find(|candidate| {
        candidate.subject.matches(&of.issuer)
            && match (key_of_issuer(of), candidate.extensions.subject_key_identifier.as_deref()) {
                (Some(wanted), Some(key)) => wanted == key,
                _ => true,
            }
    })
}

fn key_of_issuer(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions.authority_key_identifier.as_ref()?.key_identifier.as_deref()
}

fn organisation_of(name: &Name) -> Option<String> {
    let organisation = name.attributes().find(|attribute| attribute.short_name() == Some("O"))?;
    Some(organisation.value().to_lowercase())
}
