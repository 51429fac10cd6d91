//! next_protocol_negotiation: the protocols a server speaks; what Google had before ALPN.
//!
//! draft-agl-tls-nextprotoneg-04 section 3. The client asks with an empty one. The list has no length of its own.

use super::ProtocolName;
use crate::reader::{Reader, Trace};

/// The server's protocols, the preferred first; none in a request.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<ProtocolName> {
    let mut list = Vec::new();
    while r.has_more() {
        list.push(r.group_shown(
            "ProtocolName",
            |r| ProtocolName(r.opaque8("name").into()),
            ProtocolName::to_string,
        ));
    }
    list
}
