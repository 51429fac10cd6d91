//! Tests: what a rule says of a connection told by a script.

use crate::connection::script::tell;
use crate::context::Context;
use crate::finding::Finding;
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
    let mut report = Report::default();
    (rule.check)(&tell(script), &Context::default(), &mut report);
    report.findings
}
