//! ProtocolVersion: SSL 3.0 to TLS 1.3, and DTLS.

use super::registry;

registry! {
    /// ProtocolVersion. RFC 8446 section 4.1.2; DTLS: RFC 9147 section 5.3.
    pub struct ProtocolVersion(u16) {
        SSL2 = 0x0002 => "SSL 2.0",
        SSL3 = 0x0300 => "SSL 3.0",
        TLS10 = 0x0301 => "TLS 1.0",
        TLS11 = 0x0302 => "TLS 1.1",
        TLS12 = 0x0303 => "TLS 1.2",
        TLS13 = 0x0304 => "TLS 1.3",
        DTLS10 = 0xfeff => "DTLS 1.0",
        DTLS12 = 0xfefd => "DTLS 1.2",
        DTLS13 = 0xfefc => "DTLS 1.3",
    }
}

impl ProtocolVersion {
    /// Whether this is TLS 1.3 or one of its drafts (0x7f00 to 0x7f1c, and Facebook's 0xfb17 and 0xfb1a).
    pub const fn is_tls13(self) -> bool {
        self.0 == 0x0304 || self.0 >> 8 == 0x7f || self.0 == 0xfb17 || self.0 == 0xfb1a
    }
}
