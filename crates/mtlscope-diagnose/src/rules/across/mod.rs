//! Rules that hold the connections of one input against each other, told once it is over.
//!
//! One rule, one file, as for single connections; a finding names the connections by their numbers.

pub mod certificate_changed_between_attempts;
pub mod fails_only_after_resumption;
pub mod fails_only_from_one_client;
pub mod fails_only_with_tls13;
pub mod fails_only_without_sni;
pub mod session_resumption_stale_identity;

use mtlscope_dissect::evidence::Evidence;

use crate::connection::Connection;
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::history::{CameOut, History, Pair, Summary};
use crate::rule::{Report, Rule};

/// A rule about several connections.
#[derive(Debug)]
pub struct AcrossRule {
    /// Its id and page.
    pub rule: &'static Rule,
    /// Looks at all that is kept.
    pub check: fn(&History, &mut Report),
}

/// Every rule, in the order in which their findings are shown.
pub static RULES: &[AcrossRule] = &[
    AcrossRule { rule: &fails_only_with_tls13::FAILS_ONLY_WITH_TLS13, check: fails_only_with_tls13::across },
    AcrossRule {
        rule: &fails_only_without_sni::FAILS_ONLY_WITHOUT_SNI,
        check: fails_only_without_sni::across,
    },
    AcrossRule {
        rule: &fails_only_after_resumption::FAILS_ONLY_AFTER_RESUMPTION,
        check: fails_only_after_resumption::across,
    },
    AcrossRule {
        rule: &fails_only_from_one_client::FAILS_ONLY_FROM_ONE_CLIENT,
        check: fails_only_from_one_client::across,
    },
    AcrossRule {
        rule: &certificate_changed_between_attempts::CERTIFICATE_CHANGED_BETWEEN_ATTEMPTS,
        check: certificate_changed_between_attempts::across,
    },
    AcrossRule {
        rule: &session_resumption_stale_identity::SESSION_RESUMPTION_STALE_IDENTITY,
        check: session_resumption_stale_identity::across,
    },
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().map(|across| across.rule).find(|rule| rule.id == id)
}

/// One connection alone shows none of these.
pub(super) fn check(_: &Connection, _: &Context, _: &mut Report) {}

/// What sets the refused connections of one client with one server apart from the others, in words.
struct Apart {
    /// Whether a connection has it.
    suspect: fn(&Summary) -> bool,
    /// Completes "is refused only ..": `where it sends no server name`.
    refused: &'static str,
    /// How the others went: `with a name`.
    taken: &'static str,
    /// The change that fixes it.
    fix: &'static str,
}

/// Finds each client that a server refuses where something holds, and only there.
fn find_apart(history: &History, rule: &'static Rule, apart: &Apart, report: &mut Report) {
    for pair in history.pairs() {
        let Some((failed, well)) = only_where(pair, apart.suspect) else { continue };
        let message = format!(
            "The client {} is refused by {} only {}: {} were refused, {} were not, {}.",
            pair.client,
            pair.server,
            apart.refused,
            numbers(&failed),
            numbers(&well),
            apart.taken
        );
        let confidence =
            if failed.len() > 1 || well.len() > 1 { Confidence::Likely } else { Confidence::Possible };
        report.find(rule, Severity::Warning, confidence, evidence(&failed, &well), message, apart.fix);
    }
}

/// The connections of a pair that came to grief only where `suspect` holds: those, and those that did not.
fn only_where(pair: &Pair, suspect: impl Fn(&Summary) -> bool) -> Option<(Vec<&Summary>, Vec<&Summary>)> {
    let known = || pair.connections.iter().filter(|one| one.came_out.is_some());
    let failed: Vec<&Summary> = known().filter(|one| one.came_out == Some(CameOut::Refused)).collect();
    let well: Vec<&Summary> = known().filter(|one| one.came_out == Some(CameOut::Well)).collect();
    let is_so = !failed.is_empty()
        && !well.is_empty()
        && failed.iter().all(|one| suspect(one))
        && well.iter().all(|one| !suspect(one));
    is_so.then_some((failed, well))
}

/// `#1, #2 and 3 more`.
fn numbers(connections: &[&Summary]) -> String {
    const SHOWN: usize = 3;
    let named: Vec<String> = connections.iter().take(SHOWN).map(|one| format!("#{}", one.id.0)).collect();
    match connections.len().saturating_sub(SHOWN) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// The first places of both.
fn evidence(failed: &[&Summary], well: &[&Summary]) -> Vec<Evidence> {
    failed.iter().take(2).chain(well.iter().take(2)).map(|one| one.evidence).collect()
}

#[cfg(test)]
mod checking;
