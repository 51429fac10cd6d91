//! How a connection came out: accepted or refused, by whom, by which means.
//!
//! The first readable refusal leads: a TLS alert, or an HTTP status. Without one, the end of the TCP connection is read
//! against how far the handshake had come. What stays sealed is inferred from lengths, and marked as such.

mod completion;
mod inferred;
mod refusal;

pub(super) use refusal::wants_http1;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;

use super::Connection;

/// How a connection came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Who brought it about; `None` where nobody did or nobody knows.
    pub by: Option<Party>,
    /// By which means.
    pub means: Option<Means>,
    /// On which layer the verdict holds.
    pub layer: Option<Layer>,
    /// The frame that shows it.
    pub frame: Option<FrameNumber>,
    /// Whether it is only likely: inferred from the lengths of sealed records.
    pub inferred: bool,
}

/// The verdict on a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// The handshake was completed and nobody refused, as far as the layer named can be seen.
    Accepted,
    /// Somebody refused.
    Refused,
    /// It ended, or the capture did, before the handshake was completed.
    Incomplete,
    /// Cannot tell.
    Unknown,
}

/// Who brought an outcome about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    /// One of the two ends.
    Side(Side),
    /// Neither: packets stopped coming through.
    Network,
}

/// By which means a connection was refused or ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Means {
    /// A TLS alert.
    Alert,
    /// A TCP close without an alert.
    Fin,
    /// A TCP reset without an alert.
    Reset,
    /// An HTTP status.
    Http,
    /// Silence.
    Timeout,
    /// Its own word, in a log.
    Log,
}

/// On which layer an outcome holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// HTTP.
    Http,
}

impl Outcome {
    pub(super) const UNKNOWN: Self =
        Self { verdict: Verdict::Unknown, by: None, means: None, layer: None, frame: None, inferred: false };
}

/// The verdict on a connection, from its handshakes, its steps and its end; where these show none, from what the lengths of
/// sealed records tell.
pub fn judge(connection: &Connection) -> Outcome {
    let seen = refusal::find(connection)
        .or_else(|| refusal::logged(connection))
        .unwrap_or_else(|| completion::judge(connection));
    match seen.verdict {
        Verdict::Unknown => inferred::find(connection).unwrap_or(seen),
        _ => seen,
    }
}
