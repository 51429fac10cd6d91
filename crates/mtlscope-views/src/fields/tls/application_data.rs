//! `tls.app_data`: application data, and what protocol Wireshark takes it for.

use mtlscope_dissect::event::Record;

use super::super::named::{Told, fields};
use super::super::{Kind, Value};

fields! {
    APP_DATA = "tls.app_data", Kind::Bytes, "Application data as it was on the wire: encrypted, keys or not.";
    APP_DATA_PROTO = "tls.app_data_proto", Kind::Text, "The protocol spoken inside, by the ALPN name that the server chose, or else by a port.";
}

/// The protocols that Wireshark 4.0 expects behind TLS on a port.
static PORTS: &[(u16, &str)] = &[
    (324, "RPKI-Router Protocol"),
    (443, HTTP),
    (465, SMTP),
    (636, LDAP),
    (802, "Modbus/TCP"),
    (853, "Domain Name System"),
    (993, IMAP),
    (995, POP),
    (1300, "Q.931"),
    (2221, "EtherNet/IP (Industrial Protocol)"),
    (2443, "Skinny Client Control Protocol"),
    (3249, OMNI_PATH),
    (3250, OMNI_PATH),
    (3251, OMNI_PATH),
    (3252, OMNI_PATH),
    (3389, "TPKT - ISO on TCP - RFC1006"),
    (3496, "DoIP (ISO13400) Protocol"),
    (5061, "Session Initiation Protocol"),
    (5671, "Advanced Message Queuing Protocol"),
    (5684, "Constrained Application Protocol"),
    (5868, "Diameter Protocol"),
    (8883, "MQ Telemetry Transport Protocol"),
    (11207, "Couchbase Protocol"),
    (19999, "Distributed Network Protocol 3.0"),
    (27017, "Mongo Wire Protocol"),
];

/// The protocols that begin in clear and then change to TLS, by the ports they are spoken on.
static PORTS_IN_CLEAR: &[(u16, &str)] = &[
    (21, "File Transfer Protocol (FTP)"),
    (25, SMTP),
    (110, POP),
    (143, IMAP),
    (389, LDAP),
    (587, SMTP),
    (3306, "MySQL Protocol"),
    (5222, XMPP),
    (5432, "PostgreSQL"),
];

const HTTP: &str = "Hypertext Transfer Protocol";
const SMTP: &str = "Simple Mail Transfer Protocol";
const IMAP: &str = "Internet Message Access Protocol";
const POP: &str = "Post Office Protocol";
const LDAP: &str = "Lightweight Directory Access Protocol";
const XMPP: &str = "XMPP Protocol";
const OMNI_PATH: &str = "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header";

/// Tells of a record of application data.
pub(super) fn tell(record: &Record, protocol: Option<&'static str>, told: &mut Told<'_>) {
    told.put_bytes(&APP_DATA, &record.fragment);
    if let Some(protocol) = protocol {
        told.put(&APP_DATA_PROTO, Value::Text(protocol.into()));
    }
}

/// The protocol that an ALPN name stands for, by the name that Wireshark calls it in full.
pub(super) fn by_name(alpn: &[u8]) -> Option<&'static str> {
    match alpn {
        b"http/0.9" | b"http/1.0" | b"http/1.1" => Some(HTTP),
        b"dot" => Some("Domain Name System"),
        _ if alpn.starts_with(b"h2") => Some("HyperText Transfer Protocol 2"),
        _ if alpn.starts_with(b"spdy/") => Some("SPDY"),
        _ => None,
    }
}

/// The protocol expected between two ports.
pub(super) fn by_ports(client: u16, server: u16) -> Option<&'static str> {
    let of = |port: u16| {
        let known = PORTS.iter().chain(PORTS_IN_CLEAR).find(|(known, _)| *known == port)?;
        Some(known.1)
    };
    of(server).or_else(|| of(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_known_by_name_or_port() {
        assert_eq!(by_name(b"http/1.1"), Some(HTTP));
        assert_eq!(by_name(b"h2"), Some("HyperText Transfer Protocol 2"));
        assert_eq!(by_name(b"acme-tls/1"), None);
        assert_eq!(by_ports(50_000, 443), Some(HTTP));
        assert_eq!(by_ports(50_000, 25), Some(SMTP));
        assert_eq!(by_ports(50_000, 50_001), None);
    }
}
