//! ProtocolVersion: SSL 3.0 to TLS 1.3, and DTLS.

use super::grease;

registry! {
    /// ProtocolVersion. RFC 8446 section 4.1.2; DTLS: RFC 9147 section 5.3.
    pub struct ProtocolVersion(u16) greased by grease::is_grease_u16 {
        SSL2 = 0x0002 => "SSL 2.0",
        SSL3 = 0x0300 => "SSL 3.0",
        TLS10 = 0x0301 => "TLS 1.0",
        TLS11 = 0x0302 => "TLS 1.1",
        TLS12 = 0x0303 => "TLS 1.2",
        TLS13 = 0x0304 => "TLS 1.3",
        TLS13_DRAFT_14 = 0x7f0e => "TLS 1.3 (draft 14)",
        TLS13_DRAFT_15 = 0x7f0f => "TLS 1.3 (draft 15)",
        TLS13_DRAFT_16 = 0x7f10 => "TLS 1.3 (draft 16)",
        TLS13_DRAFT_17 = 0x7f11 => "TLS 1.3 (draft 17)",
        TLS13_DRAFT_18 = 0x7f12 => "TLS 1.3 (draft 18)",
        TLS13_DRAFT_19 = 0x7f13 => "TLS 1.3 (draft 19)",
        TLS13_DRAFT_20 = 0x7f14 => "TLS 1.3 (draft 20)",
        TLS13_DRAFT_21 = 0x7f15 => "TLS 1.3 (draft 21)",
        TLS13_DRAFT_22 = 0x7f16 => "TLS 1.3 (draft 22)",
        TLS13_DRAFT_23 = 0x7f17 => "TLS 1.3 (draft 23)",
        TLS13_DRAFT_24 = 0x7f18 => "TLS 1.3 (draft 24)",
        TLS13_DRAFT_25 = 0x7f19 => "TLS 1.3 (draft 25)",
        TLS13_DRAFT_26 = 0x7f1a => "TLS 1.3 (draft 26)",
        TLS13_DRAFT_27 = 0x7f1b => "TLS 1.3 (draft 27)",
        TLS13_DRAFT_28 = 0x7f1c => "TLS 1.3 (draft 28)",
        TLS13_FACEBOOK_DRAFT_23 = 0xfb17 => "TLS 1.3 (Facebook, draft 23)",
        TLS13_FACEBOOK_DRAFT_26 = 0xfb1a => "TLS 1.3 (Facebook, draft 26)",
        DTLS13 = 0xfefc => "DTLS 1.3",
        DTLS12 = 0xfefd => "DTLS 1.2",
        DTLS10 = 0xfeff => "DTLS 1.0",
    }
}

impl ProtocolVersion {
    /// Whether this is TLS 1.3 or one of its drafts (0x7f00 to 0x7f1c, and Facebook's 0xfb17 and 0xfb1a).
    pub const fn is_tls13(self) -> bool {
        self.0 == 0x0304 || self.0 >> 8 == 0x7f || self.0 == 0xfb17 || self.0 == 0xfb1a
    }
}
