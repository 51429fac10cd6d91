//! What the server asks of its clients, when, and how it refuses: the choices that Apache, nginx and IIS make differently.

use openssl::ssl::SslVerifyMode;
use openssl::x509::X509VerifyResult;

/// Whether clients are asked for a certificate: Apache's `SSLVerifyClient`, in its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VerifyClient {
    /// Clients are not asked.
    None,
    /// Clients are asked, and may have none.
    #[default]
    Optional,
    /// Clients are asked, may have none, and their certificate may come from an authority that is not trusted.
    OptionalNoCa,
    /// Clients must have a certificate that can be verified.
    Require,
}

/// How a client is told that it is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Refusal {
    /// As Apache does: by an alert, in the handshake.
    #[default]
    Alert,
    /// As nginx does: the handshake is finished, and every request answered with status 400.
    BadRequest,
    /// As IIS does: the handshake is finished, and every request answered with status 403 and a substatus.
    Forbidden,
}

/// How many certificates above the client's own a chain may have, and which of them count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VerifyDepth {
    /// As Apache counts: each certificate above the client's, the root too.
    WithRoot(u32),
    /// As OpenSSL and nginx count: those between the client's certificate and the root.
    Intermediates(u32),
}

/// What is asked, when, and how it is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Whether clients are asked, and what becomes of those without a good certificate.
    pub verify_client: VerifyClient,
    /// How long their chain may be.
    pub verify_depth: VerifyDepth,
    /// How they are told.
    pub refusal: Refusal,
    /// Paths that alone are for clients with a good certificate. Empty: all are.
    pub protect: Vec<String>,
    /// Whether clients are asked only once they request such a path, not in the handshake.
    pub asks_late: bool,
    /// Whether pages see the variables of the TLS layer (Apache's `SSLOptions +StdEnvVars`).
    pub std_env_vars: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            verify_client: VerifyClient::default(),
            verify_depth: VerifyDepth::WithRoot(10),
            refusal: Refusal::default(),
            protect: Vec::new(),
            asks_late: false,
            std_env_vars: true,
        }
    }
}

impl Policy {
    /// What OpenSSL is to do in the first handshake.
    pub(super) fn first_mode(&self) -> SslVerifyMode {
        match (self.asks_late, self.protect.is_empty()) {
            (true, _) => SslVerifyMode::NONE,
            (false, true) => self.mode(),
            // Who requests nothing that is protected needs no certificate.
            (false, false) => self.mode() & SslVerifyMode::PEER,
        }
    }

    /// What OpenSSL is to do in the handshake that asks.
    pub(super) fn mode(&self) -> SslVerifyMode {
        match (self.verify_client, self.refusal) {
            (VerifyClient::None, _) => SslVerifyMode::NONE,
            (VerifyClient::Require, Refusal::Alert) => {
                SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT
            }
            _ => SslVerifyMode::PEER,
        }
    }

    /// Whether a request for this path is the moment to ask.
    pub(super) fn asks_for(&self, target: &str) -> bool {
        self.asks_late && self.verify_client != VerifyClient::None && self.protects(target)
    }

    /// Whether this path lies at or below one that is protected.
    pub(super) fn protects(&self, path: &str) -> bool {
        self.protect.iter().any(|protected| {
            path.strip_prefix(protected.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        })
    }

    /// Whether a chain may be this deep, counting as Apache does. Where OpenSSL counts, it has its own way to say so.
    pub(super) fn permits_depth(&self, depth: u32) -> bool {
        match self.verify_depth {
            VerifyDepth::WithRoot(most) => depth <= most,
            VerifyDepth::Intermediates(_) => true,
        }
    }
}

/// Errors that `optional_no_ca` overlooks: those that mean no more than that the authority is not trusted. The list is
/// the same in mod_ssl and nginx.
pub(super) fn is_optional(result: X509VerifyResult) -> bool {
    use openssl_sys as ffi;
    [
        ffi::X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        ffi::X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        ffi::X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        ffi::X509_V_ERR_CERT_UNTRUSTED,
        ffi::X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    ]
    .contains(&result.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_protected_with_all_that_lies_below_it_and_nothing_beside_it() {
        let policy = Policy { protect: vec!["/secure".to_owned(), "/a/".to_owned()], ..Policy::default() };
        for path in ["/secure", "/secure/", "/secure/page", "/secure?x", "/a", "/a/b"] {
            assert!(policy.protects(path), "{path}");
        }
        for path in ["/", "/secured", "/sec", "/b/secure"] {
            assert!(!policy.protects(path), "{path}");
        }
        let all = Policy { protect: vec!["/".to_owned()], ..Policy::default() };
        assert!(all.protects("/") && all.protects("/x"));
        assert!(!Policy::default().protects("/"));
    }

    #[test]
    fn only_apache_has_openssl_insist_on_a_certificate() {
        let mode =
            |refusal| Policy { verify_client: VerifyClient::Require, refusal, ..Policy::default() }.mode();
        assert!(mode(Refusal::Alert).contains(SslVerifyMode::FAIL_IF_NO_PEER_CERT));
        assert_eq!(mode(Refusal::BadRequest), SslVerifyMode::PEER);
        assert_eq!(mode(Refusal::Forbidden), SslVerifyMode::PEER);
    }
}
