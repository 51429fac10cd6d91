//! application_layer_protocol_negotiation (ALPN): which protocol is spoken inside.
//!
//! RFC 7301 section 3.1. The client offers, the server answers with one.
//!
//! ```text
//! opaque ProtocolName<1..2^8-1>;
//!
//! struct {
//!     ProtocolName protocol_name_list<2..2^16-1>
//! } ProtocolNameList;
//! ```

use std::fmt;

use crate::reader::{self, Reader, Trace};
use crate::tls::registry::grease;

/// The protocols, the preferred first; one in a server's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationLayerProtocolNegotiation {
    /// The names.
    pub protocol_name_list: Vec<ProtocolName>,
}

/// The name of a protocol: `h2`, `http/1.1`. `Display` shows it as text where it is printable, else as hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolName(pub Box<[u8]>);

impl ApplicationLayerProtocolNegotiation {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self { protocol_name_list: parse_protocol_names(r, "protocol_name_list") }
    }
}

/// A list of protocol names, as ALPN and application_settings have it.
pub(super) fn parse_protocol_names<T: Trace>(
    r: &mut Reader<'_, '_, T>,
    name: &'static str,
) -> Vec<ProtocolName> {
    r.vector16(name, |r| {
        let mut list = Vec::with_capacity(if r.has_more() { 2 } else { 0 });
        while r.has_more() {
            list.push(r.group_shown(
                "ProtocolName",
                |r| ProtocolName(r.opaque8("name").into()),
                ProtocolName::to_string,
            ));
        }
        list
    })
}

impl ProtocolName {
    /// Whether this is one of the names of RFC 8701, which mean nothing.
    pub fn is_grease(&self) -> bool {
        grease::is_grease_protocol(&self.0)
    }
}

impl fmt::Display for ProtocolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            _ if self.is_grease() => write!(f, "GREASE (0x{})", reader::hex(&self.0)),
            Ok(name) if name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => f.write_str(name),
            _ => write!(f, "0x{}", reader::hex(&self.0)),
        }
    }
}

impl fmt::Debug for ProtocolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_names_as_text_only_where_they_are() {
        let show = |name: &[u8]| ProtocolName(name.into()).to_string();
        assert_eq!(show(b"http/1.1"), "http/1.1");
        assert_eq!(show(b"\x1a\x1a"), "GREASE (0x1a1a)");
        assert_eq!(show(b"a\nb"), "0x610a62");
    }
}
