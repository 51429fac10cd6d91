//! NameType: what kind of name a server_name entry holds.

registry! {
    /// NameType. RFC 6066 section 3.
    pub struct NameType(u8) {
        HOST_NAME = 0 => "host_name",
    }
}
