//! AlertLevel: whether an alert ends the connection.

registry! {
    /// AlertLevel. RFC 5246 section 7.2. TLS 1.3 keeps the byte and gives it no meaning (RFC 8446 section 6).
    pub struct AlertLevel(u8) {
        WARNING = 1 => "warning",
        FATAL = 2 => "fatal",
    }
}
