//! Messages to connections to findings: who refused whom, at which message, and why.
//!
//! Pure: no I/O, no clock (time is the capture's), no knowledge of where the bytes came from, nothing formatted for a
//! terminal. No finding without evidence; what is inferred through encryption is at most likely.

#![forbid(unsafe_code)]

pub mod observed;
pub mod sealed;
pub mod connection;
pub mod keyless;
pub mod pki;
pub mod context;
pub mod expectation;
pub mod candidate;
pub mod credential;
pub mod attempt;
pub mod requirement;
pub mod verdicts;
pub mod finding;
pub mod marks;
pub mod rule;
pub mod rules;
pub mod probe;
pub mod answers;
mod blame;
mod hellos;
mod log_words;
pub mod hints;
pub mod history;
pub mod comparison;
pub mod identities;
pub mod sharing;
mod wording;

use connection::{ClientChain, Connection};
use context::Context;
use finding::{Confidence, Finding};
use marks::Marks;
use rule::{Report, Rule, RuleSet};

/// What the rules say of a connection, worst first, then surest first, then in the order of [`rules::RULES`]. Where something of
/// it is known only by the comment of a packet, nothing is certain: whoever wrote that may be wrong, or lie.
pub fn diagnose(connection: &Connection, context: &Context) -> Vec<Finding> {
    let mut report = Report::default();
    let marks = Marks::of(connection);
    // Most connections show a certificate that was shown before, and a third of the rules look at nothing else.
    let shown = if marks.has(Marks::SHOWN) { ClientChain::of(connection.asking()) } else { None };
    let silent = shown.map_or(RuleSet::default(), |chain| chain.silent(context));
    let mut silent_now = RuleSet::default();
    let passed_over = RuleSet::needing_more_than(marks).and(silent);
    for (place, rule) in RuleSet::ALL.without(passed_over).rules() {
        let before = report.findings.len();
        (rule.check)(connection, context, &mut report);
        if rule.of_chain && report.findings.len() == before {
            silent_now = silent_now.and_one(place);
        }
    }
    if cfg!(debug_assertions) {
        let speaks = passed_over.rules().find(|(_, rule)| !is_silent(rule, connection, context));
        assert!(speaks.is_none(), "{speaks:?} has more to say than it should");
    }
    if let Some(chain) = shown.filter(|_| !silent_now.is_empty()) {
        chain.note_silent(context, silent_now);
    }
    log_words::check(connection, &mut report);
    let mut findings = report.findings;
    findings
        .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), std::cmp::Reverse(finding.confidence)));
    // Sorted before, so that what leads is the same with the keys as with the word of somebody who had them.
    if marks.has(Marks::ATTESTED) {
        for finding in &mut findings {
            finding.confidence = finding.confidence.min(Confidence::Likely);
        }
    }
    findings
}

/// Whether a rule has nothing to say: what must be so of those that are passed over. Every test of a debug build is one of that.
fn is_silent(rule: &Rule, connection: &Connection, context: &Context) -> bool {
    let mut report = Report::default();
    (rule.check)(connection, context, &mut report);
    report.findings.is_empty()
}
