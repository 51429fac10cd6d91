//! `-Y` over connections: which are shown, and why others may have been meant and cannot be told.

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::observed::Why;
use mtlscope_views::fields::{Occurrence, connection};
use mtlscope_views::filter::{Candidate, FilterError, OverConnections};

/// A filter, and what did not pass it.
#[derive(Debug)]
pub(crate) struct ConnectionFilter {
    filter: OverConnections,
    occurrences: Vec<Occurrence>,
    passed_over: PassedOver,
}

/// What did not pass.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PassedOver {
    /// How many connections.
    pub(crate) connections: u64,
    /// Of how many of them something is hidden that the filter asks for, and why.
    pub(crate) hidden: Vec<(Why, u64)>,
}

impl ConnectionFilter {
    /// Understands a filter.
    pub(crate) fn compile(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            filter: OverConnections::compile(text)?,
            occurrences: Vec::new(),
            passed_over: PassedOver::default(),
        })
    }

    /// Whether a connection is to be shown. Remembers those that are not.
    pub(crate) fn passes(&mut self, connection: &Connection, findings: &[Finding]) -> bool {
        let filter = self.filter.filter();
        self.occurrences.clear();
        for field in filter.connection_fields() {
            connection::tell(field, connection, findings, &mut self.occurrences);
        }
        let passes = self.filter.matches(&Candidate::default(), &self.occurrences);
        if !passes {
            let hidden = if filter.asks_for_what_may_be_sealed() { hidden(connection) } else { None };
            self.passed_over.count(hidden);
        }
        passes
    }

    /// What did not pass so far.
    pub(crate) fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }
}

impl PassedOver {
    fn count(&mut self, hidden: Option<Why>) {
        self.connections += 1;
        let Some(why) = hidden else { return };
        match self.hidden.iter_mut().find(|(known, _)| *known == why) {
            Some((_, number)) => *number += 1,
            None => self.hidden.push((why, 1)),
        }
    }
}

/// Why something of a connection's identities cannot be told, if anything.
fn hidden(connection: &Connection) -> Option<Why> {
    let asking = connection.asking();
    let reasons = [asking.request.hidden(), asking.answer.hidden(), asking.server_identity.hidden()];
    reasons.into_iter().flatten().next()
}
