//! The verdict from the lengths of sealed records, where nothing else shows one.

use super::{Layer, Means, Outcome, Party, Verdict};
use crate::connection::Connection;
use crate::keyless::Reception;

/// The verdict on the last handshake that can be told, if it can.
pub(super) fn find(connection: &Connection) -> Option<Outcome> {
    let inference = connection.handshakes.last()?.inferred.as_ref()?;
    let outcome = match *inference.reception.known()? {
        Reception::Accepted { evidence } => Outcome {
            verdict: Verdict::Accepted,
            layer: Some(Layer::Tls),
            frame: evidence.frame,
            inferred: true,
            ..Outcome::UNKNOWN
        },
        Reception::Refused { by, means, step, .. } => Outcome {
            verdict: Verdict::Refused,
            by: Some(Party::Side(by)),
            means: Some(means),
            layer: Some(if means == Means::Alert { Layer::Tls } else { Layer::Tcp }),
            frame: connection.steps.get(step).and_then(|step| step.frame),
            inferred: true,
        },
    };
    Some(outcome)
}
