//! Tests: what a rule says of a connection told by a script.

use crate::connection::script::tell;
use crate::context::Context;
use crate::finding::Finding;
use crate::marks::Marks;
use crate::rule::{Report, Rule};

/// The one finding of `rule`.
pub(super) fn fires(rule: &'static Rule, script: &str) -> Finding {
    let mut findings = findings(rule, script);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let finding = findings.remove(0);
    assert!(!finding.frames().is_empty(), "a finding without evidence: {}", finding.message);
    assert!(finding.severity <= rule.severity, "worse than the rule says: {}", finding.message);
    assert!(!finding.message.contains('\n') && !finding.fix.is_empty(), "{finding:?}");
    finding
}

/// That `rule` says nothing.
pub(super) fn quiet(rule: &'static Rule, script: &str) {
    let findings = findings(rule, script);
    assert!(findings.is_empty(), "{findings:?}");
}

fn findings(rule: &'static Rule, script: &str) -> Vec<Finding> {
    let (connection, mut report) = (tell(script), Report::default());
    (rule.check)(&connection, &Context::default(), &mut report);
    // What `diagnose` passes over must have had nothing to say.
    assert!(report.findings.is_empty() || Marks::of(&connection).has(rule.needs), "{rule:?} needs too much");
    report.findings
}
