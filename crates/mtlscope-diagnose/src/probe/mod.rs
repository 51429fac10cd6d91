//! What several attempts tell of one server: whether it wants a client certificate, where it asks, and whether it insists.
//!
//! One connection cannot tell. A server may ask in TLS 1.2 and not in 1.3, in HTTP/1.1 and not in HTTP/2, for one path and
//! not for another; it may finish the handshake and refuse in HTTP. Each attempt is read by itself ([`Reading`]), and the
//! server is judged by all of them.

mod reading;

pub use reading::{Asked, Circumstances, Reading, Took};

use std::net::SocketAddr;

use mtlscope_dissect::tls::registry::ProtocolVersion;

use crate::connection::Request;
use crate::finding::{Finding, Severity};
use crate::requirement::Level;

/// A server that was probed.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Whom, as it was asked for: `shop.test:8443/admin`.
    pub target: String,
    /// The address that answered.
    pub address: Option<SocketAddr>,
    /// Why nothing could be told: it could not be reached, or the like.
    pub trouble: Option<String>,
    /// What was tried.
    pub tries: Vec<Try>,
    /// What is to be known beside: the server's own certificate, and the like. Sentences.
    pub notes: Vec<String>,
}

/// One attempt: what was offered, and what came of it.
#[derive(Clone, Debug)]
pub struct Try {
    /// The one version of TLS that was offered.
    pub version: ProtocolVersion,
    /// The protocol above: that which was agreed, else the first that was offered.
    pub protocol: Protocol,
    /// Whether a certificate was there to be shown.
    pub with_certificate: bool,
    /// Whether post_handshake_auth was offered, as few clients do.
    pub offers_post_handshake: bool,
    /// What came of it.
    pub result: Met,
    /// What the rules say of it.
    pub findings: Vec<Finding>,
}

/// What is spoken above TLS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// HTTP/2.
    Http2,
    /// HTTP/1.1.
    Http1,
    /// Nothing that was spoken.
    None,
}

/// What an attempt met.
#[derive(Clone, Debug)]
pub enum Met {
    /// The server does not speak this version.
    NotSpoken,
    /// No handshake came about, or the attempt could not be made: why.
    Failed(String),
    /// The two spoke: what that tells.
    Read(Box<Reading>),
}

/// The judgement on a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// The same wherever it could be told. It may require by TLS here and by HTTP there; then what was met first.
    Same(Level),
    /// Not the same: the least and the most that it demands.
    Differs(Level, Level),
    /// No attempt tells.
    Untold,
}

impl Probe {
    /// The judgement on the server.
    pub fn judgement(&self) -> Judgement {
        judgement(&self.tries)
    }

    /// What the server asks for: the first request of each version.
    pub fn requests(&self) -> Vec<(ProtocolVersion, &Request)> {
        let mut requests: Vec<(ProtocolVersion, &Request)> = Vec::new();
        for one in &self.tries {
            if let Some(request) = one.reading().and_then(|reading| reading.request.as_ref())
                && !requests.iter().any(|(version, _)| *version == one.version)
            {
                requests.push((one.version, request));
            }
        }
        requests
    }
}

impl Try {
    /// What this tells of what the server requires. `None` where it does not: no handshake came about, a certificate was
    /// shown, or the client could not be asked as others can.
    pub fn level(&self) -> Option<Level> {
        let reading = self.reading()?;
        (!self.with_certificate && self.offers_post_handshake).then(|| reading.level()).flatten()
    }

    /// What was read, if anything could be.
    pub fn reading(&self) -> Option<&Reading> {
        match &self.result {
            Met::Read(reading) => Some(reading),
            Met::NotSpoken | Met::Failed(_) => None,
        }
    }

    /// Whether the certificate that was there to be shown led to trouble.
    pub fn is_trouble(&self) -> bool {
        let is_refused = self.reading().is_some_and(|reading| {
            matches!(reading.took, Took::RefusedInTls(_) | Took::RefusedInHttp { .. })
        });
        let is_error = self.findings.iter().any(|finding| finding.severity == Severity::Error);
        self.with_certificate && (is_refused || is_error)
    }
}

fn judgement(tries: &[Try]) -> Judgement {
    let levels: Vec<Level> = tries.iter().filter_map(Try::level).collect();
    let least = levels.iter().copied().min_by_key(|level| rank(*level));
    // Of several, `max_by_key` takes the last.
    let most = levels.iter().rev().copied().max_by_key(|level| rank(*level));
    match (least, most) {
        (Some(least), Some(most)) if rank(least) == rank(most) => Judgement::Same(least),
        (Some(least), Some(most)) => Judgement::Differs(least, most),
        _ => Judgement::Untold,
    }
}

/// How much is demanded: the layer is no part of that.
fn rank(level: Level) -> Level {
    match level {
        Level::RequiredByTls => Level::RequiredByHttp,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Layer;
    use crate::finding::Confidence;

    fn attempt(level: Option<Level>) -> Try {
        let result = match level {
            None => Met::Failed("the server closed the connection".to_owned()),
            Some(level) => Met::Read(Box::new(Reading {
                asked: Asked::InHandshake,
                request: None,
                took: Took::WentOn(Layer::Tls),
                status: None,
                required: level,
                confidence: Confidence::Certain,
            })),
        };
        Try {
            version: ProtocolVersion::TLS13,
            protocol: Protocol::Http1,
            with_certificate: false,
            offers_post_handshake: true,
            result,
            findings: Vec::new(),
        }
    }

    fn judged(levels: &[Option<Level>]) -> Judgement {
        judgement(&levels.iter().map(|level| attempt(*level)).collect::<Vec<_>>())
    }

    #[test]
    fn a_server_is_judged_by_every_attempt_that_tells() {
        use Level::{NotAsked, RequiredByHttp, RequiredByTls, Wanted};
        assert_eq!(judged(&[]), Judgement::Untold);
        assert_eq!(judged(&[None]), Judgement::Untold);
        assert_eq!(judged(&[None, Some(NotAsked)]), Judgement::Same(NotAsked));
        assert_eq!(
            judged(&[Some(RequiredByTls), Some(RequiredByHttp)]),
            Judgement::Same(RequiredByTls),
            "one layer or the other"
        );
        assert_eq!(
            judged(&[Some(Wanted), Some(RequiredByTls), Some(NotAsked)]),
            Judgement::Differs(NotAsked, RequiredByTls)
        );
    }

    #[test]
    fn an_attempt_unlike_those_of_others_does_not_judge() {
        let with = Try { with_certificate: true, ..attempt(Some(Level::Wanted)) };
        assert_eq!(with.level(), None);
        let cannot_be_asked = Try { offers_post_handshake: false, ..attempt(Some(Level::RequiredByHttp)) };
        assert_eq!(cannot_be_asked.level(), None);
    }
}
