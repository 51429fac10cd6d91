//! A connection as a whole in words: its ends, and what was agreed on.

use std::net::SocketAddr;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;

use crate::wording;

/// An address; of an end that a printout does not name, its role.
pub(crate) fn end(address: SocketAddr, role: &str) -> String {
    match (address.ip().is_unspecified(), address.port()) {
        (true, 0) => role.to_owned(),
        (false, 0) => address.ip().to_string(),
        _ => address.to_string(),
    }
}

/// What was agreed on, as far as it is known.
pub(crate) fn facts(connection: &Connection) -> Vec<String> {
    let handshake = connection.initial();
    let mut facts = Vec::new();
    match &handshake.version {
        Observed::Seen(version) => facts.push(version.to_string()),
        Observed::NotSent if connection.is_without_tls() => facts.push("no TLS".to_owned()),
        Observed::NotSent => facts.push("no version agreed".to_owned()),
        Observed::Hidden(why) => facts.push(format!("version unknown: {why}")),
    }
    if let Observed::Seen(suite) = &handshake.cipher_suite {
        facts.push(suite.to_string());
    }
    if let Observed::Seen(alpn) = &handshake.alpn {
        facts.push(format!("ALPN {alpn}"));
    }
    if let Observed::Seen(resumption) = &handshake.resumption {
        facts.push(wording::resumption(*resumption).to_owned());
    }
    if let Some(origin) = connection.decrypted_with {
        facts.push(wording::secret_origin(origin).to_owned());
    }
    facts
}
