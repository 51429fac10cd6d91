//! What tshark made of a capture: `../shared/captures/oracle`, a line of JSON per conversation.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::connection::Endpoint;

/// One conversation as tshark read it. `a` and `b` are its ends in order of appearance; who is the client is known only
/// where a hello was seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    /// `tcp.stream 3`.
    pub(crate) stream: String,
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) client: Option<String>,
    pub(crate) proto: Option<String>,
    /// The layers: `eth:ethertype:ip:tcp:tls`.
    pub(crate) protocols: String,
    /// `0x0303`.
    pub(crate) version: Option<String>,
    /// `0xc030`.
    pub(crate) cipher: Option<String>,
    pub(crate) sni: Option<String>,
    /// Frame, direction, content type, length and version of each; a record of SSL 2 has no content type.
    pub(crate) records: Vec<serde_json::Value>,
    /// Of TLS; see [`Conversation::all_client_hellos`].
    pub(crate) client_hellos: usize,
    pub(crate) server_hellos: usize,
    pub(crate) certificate_requests: Vec<serde_json::Value>,
    pub(crate) client_cert_messages: usize,
    pub(crate) client_certs: Vec<Certificate>,
    pub(crate) server_certs: Vec<Certificate>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) handshakes: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Certificate {
    pub(crate) sha256: String,
}

/// An alert; level and description are missing where it is encrypted. The direction is `c` or `s`, or `a` or `b` where the
/// client is not known.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Alert {
    pub(crate) dir: String,
    pub(crate) level: Option<u8>,
    pub(crate) desc: Option<u8>,
}

impl Conversation {
    /// Whether it is TLS over TCP, which is what is compared.
    fn is_tls_over_tcp(&self) -> bool {
        self.proto.as_deref() == Some("TLS") && self.stream.starts_with("tcp.stream")
    }

    /// The two ends, the lower first, which is how both readings are matched.
    pub(crate) fn ends(&self) -> Option<(Endpoint, Endpoint)> {
        Some(ordered(Endpoint::parse(&self.a)?, Endpoint::parse(&self.b)?))
    }

    /// How many ClientHellos there are, one in the form of SSL 2 among them, which tshark shows as a record of SSL 2 only.
    pub(crate) fn all_client_hellos(&self) -> usize {
        let is_ssl2 = |record: &serde_json::Value| record[2].is_null() && record[4] == "0x0002";
        self.client_hellos + usize::from(self.records.iter().any(is_ssl2))
    }

    /// Whether tshark saw more of it than records of application data.
    pub(crate) fn has_handshake(&self) -> bool {
        !self.handshakes.is_empty() || !self.alerts.is_empty()
    }
}

/// Both ends of a connection, the lower first.
pub(crate) fn ordered(one: Endpoint, other: Endpoint) -> (Endpoint, Endpoint) {
    if one <= other { (one, other) } else { (other, one) }
}

/// The conversations of one file that are TLS over TCP; none if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Vec<Conversation>> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("in {}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Conversation>> {
    let mut conversations = Vec::new();
    for line in text.lines() {
        let conversation: Conversation = serde_json::from_str(line)?;
        if conversation.is_tls_over_tcp() {
            conversations.push(conversation);
        }
    }
    Ok(conversations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_tls_over_tcp_only() {
        let text = r#"{"stream":"tcp.stream 0","proto":"TLS","a":"10.0.0.9:1","b":"10.0.0.2:443"}
{"stream":"udp.stream 0","proto":"QUIC"}
{"stream":"udp.stream 1","proto":"TLS"}"#;
        let conversations = parse(text).unwrap();
        assert_eq!(conversations.len(), 1);
        let (low, high) = conversations[0].ends().unwrap();
        assert_eq!((low.to_string(), high.to_string()), ("10.0.0.2:443".to_owned(), "10.0.0.9:1".to_owned()));
    }
}
