//! CertificateType: whether a Certificate message holds certificates or something else.

registry! {
    /// CertificateType. RFC 7250 section 3; IANA "TLS Certificate Types".
    pub struct CertificateType(u8) {
        X509 = 0 => "X509",
        OPENPGP = 1 => "OpenPGP",
        RAW_PUBLIC_KEY = 2 => "RawPublicKey",
        IEEE_1609_DOT_2 = 3 => "1609Dot2",
    }
}
