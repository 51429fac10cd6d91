//! ClientCertificateType: which kind of key a server before TLS 1.3 wants of a client.

registry! {
    /// ClientCertificateType. RFC 5246 section 7.4.4, RFC 8422 section 5.5; IANA "TLS ClientCertificateType Identifiers".
    pub struct ClientCertificateType(u8) {
        RSA_SIGN = 1 => "rsa_sign",
        DSS_SIGN = 2 => "dss_sign",
        RSA_FIXED_DH = 3 => "rsa_fixed_dh",
        DSS_FIXED_DH = 4 => "dss_fixed_dh",
        RSA_EPHEMERAL_DH = 5 => "rsa_ephemeral_dh_RESERVED",
        DSS_EPHEMERAL_DH = 6 => "dss_ephemeral_dh_RESERVED",
        FORTEZZA_DMS = 20 => "fortezza_dms_RESERVED",
        ECDSA_SIGN = 64 => "ecdsa_sign",
        RSA_FIXED_ECDH = 65 => "rsa_fixed_ecdh",
        ECDSA_FIXED_ECDH = 66 => "ecdsa_fixed_ecdh",
        GOST_SIGN256 = 67 => "gost_sign256",
        GOST_SIGN512 = 68 => "gost_sign512",
    }
}
