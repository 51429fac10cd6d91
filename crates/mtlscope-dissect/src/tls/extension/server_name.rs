//! server_name (SNI): the host the client wants, in the clear.
//!
//! RFC 6066 section 3. The server's answer is empty: it made use of the name.
//!
//! ```text
//! struct {
//!     NameType name_type;
//!     select (name_type) {
//!         case host_name: HostName;
//!     } name;
//! } ServerName;
//!
//! opaque HostName<1..2^16-1>;
//!
//! struct {
//!     ServerName server_name_list<1..2^16-1>
//! } ServerNameList;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::NameType;

/// The names; none in a server's answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerNameList {
    /// The names, in order. RFC 6066 allows one a type, and knows one type.
    pub server_name_list: Vec<ServerName>,
}

/// One name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerName {
    /// What kind of name.
    pub name_type: NameType,
    /// The name, as sent.
    pub name: Box<[u8]>,
}

impl ServerNameList {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        if !r.has_more() {
            return Self::default();
        }
        let server_name_list = r.vector16("server_name_list", |r| {
            let mut list = Vec::with_capacity(1);
            while r.has_more() {
                list.push(r.group_shown(
                    "ServerName",
                    |r| ServerName { name_type: r.registered("name_type"), name: r.opaque16("name").into() },
                    |name| name.name.escape_ascii().to_string(),
                ));
            }
            list
        });
        Self { server_name_list }
    }

    /// The first host name, if it is valid text.
    pub fn host_name(&self) -> Option<&str> {
        let host = self.server_name_list.iter().find(|name| name.name_type == NameType::HOST_NAME)?;
        std::str::from_utf8(&host.name).ok()
    }
}
