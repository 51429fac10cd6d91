//! Messages to connections to findings: who refused whom, at which message, and why.
//!
//! Pure: no I/O, no clock (time is the capture's), no knowledge of where the bytes came from, nothing formatted for a
//! terminal. No finding without evidence; what is inferred through encryption is at most likely.

#![forbid(unsafe_code)]

pub mod observed;
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
pub mod rule;
pub mod rules;
pub mod probe;
mod blame;
mod hellos;
mod log_words;
pub mod hints;
pub mod history;
pub mod comparison;
pub mod sharing;
mod wording;

use connection::Connection;
use context::Context;
use finding::{Confidence, Finding};
use rule::Report;

/// What the rules say of a connection, worst first, then surest first, then in the order of [`rules::RULES`]. Where something of
/// it is known only by the comment of a packet, nothing is certain: whoever wrote that may be wrong, or lie.
pub fn diagnose(connection: &Connection, context: &Context) -> Vec<Finding> {
    let mut report = Report::default();
    for rule in rules::RULES {
        (rule.check)(connection, context, &mut report);
    }
    log_words::check(connection, &mut report);
    let mut findings = report.findings;
    findings
        .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), std::cmp::Reverse(finding.confidence)));
    // Sorted before, so that what leads is the same with the keys as with the word of somebody who had them.
    if connection.rests_on_comments() {
        for finding in &mut findings {
            finding.confidence = finding.confidence.min(Confidence::Likely);
        }
    }
    findings
}
