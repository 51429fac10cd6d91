//! A rule: its id, the page written for the user, and one pure function that looks at a connection.

use std::fmt;

use mtlscope_dissect::evidence::Evidence;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Finding, Severity};
use crate::marks::Marks;
use crate::rules::RULES;

/// One cause of trouble that mtlscope can name.
pub struct Rule {
    /// The catalogue's id, kebab-case; the file name with dashes.
    pub id: &'static str,
    /// The worst it can report.
    pub severity: Severity,
    /// The documentation as written above the rule, Markdown; the first line is the title.
    pub page: &'static str,
    /// What a connection must show for the rule to find anything.
    pub needs: Marks,
    /// Whether it then depends on the client's chain alone, and on what the user says, if the rule finds anything: one that had
    /// nothing to say of a chain is not asked again when the same comes with another connection.
    pub of_chain: bool,
    /// Looks at one connection.
    pub check: fn(&Connection, &Context, &mut Report),
}

impl Rule {
    /// The first line of the page.
    pub fn title(&self) -> &'static str {
        self.page.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("")
    }

    /// The page as Markdown, each line without the space that stands behind `///`.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n", self.id);
        for line in self.page.lines() {
            text.push_str(line.strip_prefix(' ').unwrap_or(line));
            text.push('\n');
        }
        text
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.id).finish()
    }
}

/// Some of the rules, by their places in [`crate::rules::RULES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct RuleSet(u128);

const _: () = assert!(RULES.len() <= u128::BITS as usize);

impl RuleSet {
    /// Whether the rule at this place is one of them.
    pub(crate) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// These, and the rule at this place where that is so.
    pub(crate) const fn and_if(self, is_so: bool, place: usize) -> Self {
        Self(self.0 | (is_so as u128) << place)
    }

    /// These and those.
    pub(crate) const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Collects what the rules find.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings so far, in the order of the rules.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds a finding. `evidence`: the frames that prove it, the primary one first.
    pub fn find(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        confidence: Confidence,
        evidence: impl IntoIterator<Item = Evidence>,
        message: String,
        fix: impl Into<String>,
    ) {
        self.findings.push(Finding {
            rule,
            severity,
            confidence,
            message,
            evidence: evidence.into_iter().collect(),
            fix: fix.into(),
        });
    }
}

/// Declares a rule. The doc comment above it is the page that `mtlscope explain` prints; `needs` names the marks of a connection
/// without which it can find nothing, `of the chain` is [`Rule::of_chain`].
macro_rules! rule {
    ($(#[doc = $line:literal])+ pub static $name:ident: $severity:ident = $id:literal, $check:ident $(, needs $($mark:ident)|+)? $(, of the $chain:ident)?;) => {
        $(#[doc = $line])+
        pub static $name: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            page: concat!($($line, "\n"),+),
            needs: $crate::marks::Marks::NONE$($(.and($crate::marks::Marks::$mark))+)?,
            of_chain: {
                const OF: &[&str] = &[$(stringify!($chain))?];
                !OF.is_empty()
            },
            check: $check,
        };
    };
}
pub(crate) use rule;
