//! ECCurveType: whether a curve is named or spelled out.

registry! {
    /// ECCurveType. RFC 8422 section 5.4; IANA "TLS EC Curve Types".
    pub struct EcCurveType(u8) {
        EXPLICIT_PRIME = 1 => "explicit_prime",
        EXPLICIT_CHAR2 = 2 => "explicit_char2",
        NAMED_CURVE = 3 => "named_curve",
    }
}
