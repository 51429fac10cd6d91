//! IdentifierType: how a trusted_ca_keys entry names an authority.

registry! {
    /// IdentifierType. RFC 6066 section 6.
    pub struct IdentifierType(u8) {
        PRE_AGREED = 0 => "pre_agreed",
        KEY_SHA1_HASH = 1 => "key_sha1_hash",
        X509_NAME = 2 => "x509_name",
        CERT_SHA1_HASH = 3 => "cert_sha1_hash",
    }
}
