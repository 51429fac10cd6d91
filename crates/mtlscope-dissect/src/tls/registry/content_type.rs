//! ContentType: what a record carries.

registry! {
    /// ContentType. RFC 8446 section 5.1; IANA "TLS ContentType".
    pub struct ContentType(u8) {
        INVALID = 0 => "invalid",
        CHANGE_CIPHER_SPEC = 20 => "change_cipher_spec",
        ALERT = 21 => "alert",
        HANDSHAKE = 22 => "handshake",
        APPLICATION_DATA = 23 => "application_data",
        HEARTBEAT = 24 => "heartbeat",
        TLS12_CID = 25 => "tls12_cid",
        ACK = 26 => "ACK",
    }
}
