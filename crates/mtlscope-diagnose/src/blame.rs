//! How far a refusal can be laid to a flaw that the client's certificates show.
//!
//! What a certificate shows is certain; that a server minds it is not. Stacks differ in what they check and in the alert they
//! send, so the alert is held against what was measured for each flaw, and never decides alone: with no alert at hand the flaw
//! is still named.

use std::sync::Arc;

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::tls::registry::AlertDescription;

use crate::candidate::{self, Demand};
use crate::connection::{ClientChain, Connection, Reception, Sign};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::pki::Chain;
use crate::rule::{Report, Rule};
use crate::wording::{Place, Subject};

/// What a client showed, and how the server took it.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// Its certificates.
    pub(crate) certificates: ClientChain<'a>,
    /// The way from its own certificate upwards.
    pub(crate) chain: Arc<Chain>,
    /// How the server took it.
    pub(crate) reception: Reception<'a>,
}

/// Something wrong with what a client showed.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// A clause that follows "The certificate CN=a that the client sent in frame 3".
    pub(crate) clause: String,
    /// The change that mends it.
    pub(crate) fix: String,
    /// Which servers mind it.
    pub(crate) minded: Minded,
    /// The alerts by which those that mind it say so.
    pub(crate) alerts: &'static [AlertDescription],
}

/// Which servers mind a flaw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Minded {
    /// All that check certificates.
    All,
    /// Most, or the most common.
    Most,
    /// A few.
    Few,
}

impl<'a> Shown<'a> {
    /// What the client of this connection showed, if it showed a certificate and nothing else went wrong.
    pub(crate) fn of(connection: &'a Connection, context: &Context) -> Option<Self> {
        let handshake = connection.asking();
        let certificates = ClientChain::of(handshake)?;
        let chain = certificates.chain(context)?;
        Some(Self { certificates, chain, reception: connection.reception(handshake)? })
    }

    /// Where to look: the client's Certificate, the request, the refusal.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = self.certificates.evidence();
        evidence.extend(self.reception.evidence());
        evidence
    }

    /// Whether anything that can be seen speaks against what was shown, whoever the server trusts.
    pub(crate) fn has_a_flaw(&self, context: &Context) -> bool {
        let Some(at) = self.certificates.shown_at() else { return false };
        let demand = Demand { request: None, version: None, server: &[], known: &context.trust_anchors, at };
        let judged =
            candidate::judge(self.certificates.certificates(), &demand, &mut context.signatures.borrow_mut());
        judged.is_some_and(|judged| !judged.objections.is_empty())
    }

    /// `The certificate CN=a that the client sent in frame 3`.
    pub(crate) fn whose(&self) -> String {
        format!(
            "The certificate {} that the client sent{}",
            Subject(&self.certificates.leaf.subject),
            Place(self.certificates.shown())
        )
    }

    /// Reports a flaw, as bad and as sure as the server's reaction makes it.
    pub(crate) fn blame(&self, rule: &'static Rule, flaw: &Flaw, report: &mut Report) {
        let (severity, confidence) = self.weigh(flaw);
        let message = format!("{} {}. {}.", self.whose(), flaw.clause, self.reception);
        let severity = severity.min(rule.severity);
        report.find(rule, severity, confidence, self.evidence(), message, flaw.fix.clone());
    }

    fn weigh(&self, flaw: &Flaw) -> (Severity, Confidence) {
        let refusal = match self.reception {
            Reception::Refused(refusal) => refusal,
            Reception::Accepted(_) => {
                return match flaw.minded {
                    Minded::All | Minded::Most => (Severity::Warning, Confidence::Certain),
                    Minded::Few => (Severity::Note, Confidence::Certain),
                };
            }
            Reception::Untold => return (Severity::Warning, Confidence::Likely),
        };
        match (refusal.sign, flaw.minded) {
            (sign @ Sign::Alert(_), Minded::All) if sign.is_alert(flaw.alerts) => {
                (Severity::Error, Confidence::Certain)
            }
            (sign @ Sign::Alert(_), _) if sign.is_alert(flaw.alerts) => (Severity::Error, Confidence::Likely),
            // The alert speaks of something else: this would have come next.
            (Sign::Alert(_), _) => (Severity::Warning, Confidence::Possible),
            (sign, Minded::All | Minded::Most) if !sign.may_mean_something_else() => {
                (Severity::Error, Confidence::Likely)
            }
            (_, Minded::All) => (Severity::Error, Confidence::Possible),
            (_, _) => (Severity::Warning, Confidence::Possible),
        }
    }
}
