//! Where a message of an open connection was: its step on the ladder, which knows the rest.

use mtlscope_dissect::evidence::Evidence;

use crate::connection::Step;

/// Where something was heard that a handshake rests on.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    /// At this step.
    Step(u16),
    /// Beyond the last step that is kept.
    Beyond(Box<Evidence>),
}

impl Heard {
    /// The evidence of it, among the steps of the connection.
    pub(super) fn evidence(self, steps: &[Step]) -> Option<Evidence> {
        match self {
            Self::Step(place) => steps.get(usize::from(place))?.kind.evidence().copied(),
            Self::Beyond(evidence) => Some(*evidence),
        }
    }
}
