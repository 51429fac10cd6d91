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

const _: () = assert!(RULES.len() < u128::BITS as usize);

/// For each mark the rules that need it.
static NEEDING: [RuleSet; Marks::COUNT] = {
    let mut needing = [RuleSet(0); Marks::COUNT];
    let mut place = 0;
    while place < RULES.len() {
        let mut mark = 0;
        while mark < Marks::COUNT {
            if RULES[place].needs.has(Marks::numbered(mark)) {
                needing[mark] = needing[mark].and_one(place);
            }
            mark += 1;
        }
        place += 1;
    }
    needing
};

impl RuleSet {
    /// Every rule.
    pub(crate) const ALL: Self = Self((1 << RULES.len()) - 1);

    /// Those that need more than is there. A few steps for all of them, and none of them is touched for it.
    pub(crate) fn needing_more_than(marks: Marks) -> Self {
        let missing = |(mark, _): &(usize, &Self)| !marks.has(Marks::numbered(*mark));
        let needing = NEEDING.iter().enumerate().filter(missing);
        needing.fold(Self::default(), |all, (_, rules)| all.and(*rules))
    }

    /// These, and the rule at this place.
    pub(crate) const fn and_one(self, place: usize) -> Self {
        self.and(Self(1 << place))
    }

    /// These and those.
    pub(crate) const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// These without those.
    pub(crate) const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rules and their places, in order.
    pub(crate) fn rules(self) -> impl Iterator<Item = (usize, &'static Rule)> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            Some((place, *RULES.get(place)?))
        })
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
