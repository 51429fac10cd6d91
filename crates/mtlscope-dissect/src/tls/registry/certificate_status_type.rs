//! CertificateStatusType: in which form a certificate is shown to be unrevoked.

registry! {
    /// CertificateStatusType. RFC 6066 section 8, RFC 6961; IANA "TLS Certificate Status Types".
    pub struct CertificateStatusType(u8) {
        OCSP = 1 => "ocsp",
        OCSP_MULTI = 2 => "ocsp_multi",
    }
}
