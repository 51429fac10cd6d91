//! The certificates the client sent, and how they meet what the server said it trusts.

use std::sync::Arc;

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::registry::AlertDescription;
use mtlscope_dissect::x509::{Certificate, Name};

use super::{Answer, Handshake, Reception, Request};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::issuers;
use crate::pki::names;
use crate::pki::purpose::{self, Unfit};
use crate::pki::validity::{self, Validity};
use crate::pki::{Chain, End};
use crate::rule::RuleSet;

/// What a client sent to say who it is; at least its own certificate.
#[derive(Clone, Copy, Debug)]
pub struct ClientChain<'a> {
    /// The client's own certificate.
    pub leaf: &'a Certificate,
    answer: &'a Answer,
    request: Option<&'a Request>,
    server: &'a [Arc<Certificate>],
}

/// Where a client's chain leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lead {
    /// To an authority that the server named, or that the user says it trusts.
    Known(Name),
    /// To the name of such an authority, but to another key than that authority has.
    OtherKey(Name),
    /// To a certificate that names itself as its issuer, which nobody else named.
    Itself(Arc<Certificate>),
    /// To an issuer that was neither sent nor named.
    Elsewhere(Name),
}

impl<'a> ClientChain<'a> {
    /// The chain of this handshake's answer; `None` where no certificate was shown.
    pub fn of(handshake: &'a Handshake) -> Option<Self> {
        let answer = handshake.answer.seen()?;
        Some(Self {
            leaf: answer.certificates.first()?,
            answer,
            request: handshake.request.seen(),
            server: handshake.server_identity.seen().map_or(&[], |identity| &identity.certificates),
        })
    }

    /// How many certificates were sent.
    pub fn sent(&self) -> usize {
        self.answer.certificates.len()
    }

    /// The Certificate message it came in.
    pub fn shown(&self) -> Evidence {
        self.answer.evidence
    }

    /// When it was shown; `None` where the capture's clock is plainly wrong, and nothing can be said of dates.
    pub fn shown_at(&self) -> Option<Timestamp> {
        // SSL 2.0, the first of its kind, is of 1995.
        const BEFORE_SSL: Timestamp = Timestamp::from_parts(788_918_400, 0);
        let time = self.answer.evidence.time;
        (time >= BEFORE_SSL).then_some(time)
    }

    /// Where to look: the client's Certificate, then the server's CertificateRequest.
    pub fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = vec![self.answer.evidence];
        evidence.extend(self.request.map(|request| request.evidence));
        evidence
    }

    /// The authorities the server named.
    pub fn authorities(&self) -> &'a [Name] {
        self.request.map_or(&[], |request| &request.authorities)
    }

    /// Whether every certificate that was sent was within its dates when it was sent.
    pub fn is_in_date(&self) -> bool {
        let Some(at) = self.shown_at() else { return false };
        self.answer.certificates.iter().all(|certificate| validity::check(certificate, at) == Validity::Valid)
    }

    /// All that was sent, the client's own certificate first.
    pub fn certificates(&self) -> &'a [Arc<Certificate>] {
        &self.answer.certificates
    }

    /// The way from the client's own certificate upwards, over what was sent and what the user says the server trusts.
    pub fn chain(&self, context: &Context) -> Option<Arc<Chain>> {
        let mut signatures = context.signatures.borrow_mut();
        context.chains.borrow_mut().build(self.certificates(), &context.trust_anchors, &mut signatures)
    }

    /// The rules that are known to have nothing to say of it, whatever else the connection shows.
    pub(crate) fn silent(&self, context: &Context) -> RuleSet {
        context.chains.borrow().silent(self.certificates(), &context.trust_anchors)
    }

    /// Remembers that these rules have nothing to say of it.
    pub(crate) fn note_silent(&self, context: &Context, silent: RuleSet) {
        context.chains.borrow_mut().note_silent(self.certificates(), &context.trust_anchors, silent);
    }

    /// Where it leads.
    pub fn lead(&self, context: &Context) -> Option<Lead> {
        let sent = &self.answer.certificates;
        let chain = self.chain(context)?;
        let last = &chain.links.last()?.certificate;
        if chain.ends == End::Anchor {
            let name = last.subject.clone();
            return Some(if chain.is_signed_by_anchor() { Lead::Known(name) } else { Lead::OtherKey(name) });
        }
        if let Some(named) = names::find_named(sent, self.authorities()) {
            let name = named.authority.clone();
            return Some(if issuers::is_of_another_key(last, self.server) {
                Lead::OtherKey(name)
            } else {
                Lead::Known(name)
            });
        }
        Some(match &chain.ends {
            End::MissingIssuer(issuer) => Lead::Elsewhere(issuer.clone()),
            End::Anchor | End::SelfSigned => Lead::Itself(Arc::clone(last)),
        })
    }

    /// How bad and how sure it is, from how the server took it, that it distrusts the issuer; `None` where nothing says so.
    /// Stacks differ in the alert they send, and some send none, so an alert only ever argues against.
    pub fn distrusted(&self, reception: &Reception<'_>, context: &Context) -> Option<(Severity, Confidence)> {
        const NEVER: &[AlertDescription] =
            &[AlertDescription::CERTIFICATE_REVOKED, AlertDescription::CERTIFICATE_REQUIRED];
        const FOR_OTHER_CAUSES: &[AlertDescription] = &[
            AlertDescription::UNSUPPORTED_CERTIFICATE,
            AlertDescription::CERTIFICATE_EXPIRED,
            AlertDescription::DECRYPT_ERROR,
            AlertDescription::ILLEGAL_PARAMETER,
        ];
        let trust_is_known = !self.authorities().is_empty() || !context.trust_anchors.is_empty();
        let sign = match reception {
            Reception::Refused(refusal) => refusal.sign,
            Reception::Untold => return trust_is_known.then_some((Severity::Warning, Confidence::Likely)),
            Reception::Accepted(_) => return None,
        };
        if sign.is_alert(NEVER) {
            None
        } else if sign.is_alert(&[AlertDescription::UNKNOWN_CA]) {
            Some((Severity::Error, Confidence::Likely))
        } else if sign.is_alert(FOR_OTHER_CAUSES) {
            trust_is_known.then_some((Severity::Warning, Confidence::Possible))
        } else if trust_is_known && !sign.may_mean_something_else() {
            Some((Severity::Error, Confidence::Likely))
        } else {
            (trust_is_known || !self.has_a_flaw_of_its_own())
                .then_some((Severity::Error, Confidence::Possible))
        }
    }

    /// Whether an issuer that is missing looks like an intermediate of an authority the server knows, and not like a
    /// stranger.
    pub fn looks_intermediate(&self, issuer: &Name, context: &Context) -> bool {
        let known = self
            .authorities()
            .iter()
            .chain(context.trust_anchors.iter().map(|anchor| &anchor.subject))
            .chain(self.server.iter().map(|certificate| &certificate.issuer));
        issuers::looks_intermediate(issuer, &self.answer.certificates, known)
    }

    /// Whether a server could refuse the client's own certificate for what it says itself.
    fn has_a_flaw_of_its_own(&self) -> bool {
        let is_flaw = |unfit: &Unfit| {
            matches!(unfit, Unfit::NotForThisPurpose { .. } | Unfit::NoDigitalSignature { .. })
        };
        !self.is_in_date() || purpose::check(self.leaf, Side::Client).iter().any(is_flaw)
    }
}
