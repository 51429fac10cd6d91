//! The TLS contexts of the server: built once, one for each certificate it may show, alike in all else.

use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, NameType, SniError, SslContext, SslContextBuilder, SslMethod, SslOptions, SslSessionCacheMode,
    SslVersion,
};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;

use super::files::Authorities;
use super::policy::{Policy, VerifyDepth};
use super::verification;
use crate::stack;

/// Sessions kept for clients that resume them by their id, at most.
const SESSIONS: i32 = 1024;
/// OpenSSL wants one wherever sessions are resumed with client certificates.
const SESSION_ID_CONTEXT: &[u8] = b"mtlscope";

/// A certificate that the server can show, with its chain and key.
#[derive(Clone)]
pub struct ServerCertificate {
    /// The name in SNI for which it is shown; `None` for the names that the certificate itself bears.
    pub name: Option<String>,
    /// The server's own first, then those above it.
    pub chain: Vec<X509>,
    /// The private key of the first.
    pub key: PKey<Private>,
}

/// Never prints the key.
impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerCertificate")
            .field("name", &self.name)
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// A version of TLS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Version {
    /// TLS 1.0
    Tls10,
    /// TLS 1.1
    Tls11,
    /// TLS 1.2
    Tls12,
    /// TLS 1.3
    Tls13,
}

impl Version {
    const fn of_openssl(self) -> SslVersion {
        match self {
            Self::Tls10 => SslVersion::TLS1,
            Self::Tls11 => SslVersion::TLS1_1,
            Self::Tls12 => SslVersion::TLS1_2,
            Self::Tls13 => SslVersion::TLS1_3,
        }
    }
}

/// What the server speaks, shows and trusts.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Certificates to show. The first is for clients that name none of the others.
    pub certificates: Vec<ServerCertificate>,
    /// Authorities that are trusted.
    pub trusted: Authorities,
    /// Authorities that the CertificateRequest names, where they are not those that are trusted.
    pub advertised: Option<Authorities>,
    /// A file of revocation lists; every certificate of a chain is looked up in them.
    pub revocation: Option<std::path::PathBuf>,
    /// The oldest version spoken.
    pub min: Version,
    /// The newest version spoken.
    pub max: Version,
    /// Whether weak certificates and ciphers are taken (OpenSSL's security level 0).
    pub weak: bool,
    /// Protocols for ALPN, the most preferred first.
    pub alpn: Vec<String>,
    /// Whether sessions can be resumed.
    pub session_tickets: bool,
    /// An OCSP response to staple, DER.
    pub ocsp_staple: Option<Vec<u8>>,
}

impl Tls {
    /// The contexts; the first of them sends each client to its own.
    pub(super) fn contexts(&self, policy: &Policy) -> Result<SslContext, ErrorStack> {
        let Some((first, others)) = self.certificates.split_first() else { return Err(ErrorStack::get()) };
        let mut named = Vec::new();
        for shown in others {
            named.push((names(shown), self.context(shown, policy)?.build()));
        }
        let mut context = self.context(first, policy)?;
        let first_names = names(first);
        context.set_servername_callback(move |ssl, _| {
            let Some(name) = ssl.servername(NameType::HOST_NAME).map(str::to_lowercase) else {
                return Err(SniError::NOACK);
            };
            if !first_names.iter().any(|pattern| matches(pattern, &name))
                && let Some((_, context)) =
                    named.iter().find(|(names, _)| names.iter().any(|pattern| matches(pattern, &name)))
            {
                // Where it cannot be changed, the first certificate is shown, as to a client that names none.
                let _ = ssl.set_ssl_context(context);
            }
            Ok(())
        });
        Ok(context.build())
    }

    fn context(&self, shown: &ServerCertificate, policy: &Policy) -> Result<SslContextBuilder, ErrorStack> {
        let mut context = SslContext::builder(SslMethod::tls_server())?;
        if self.weak {
            context.set_security_level(0);
            context.set_cipher_list("ALL:COMPLEMENTOFDEFAULT:!aNULL:!eNULL:@SECLEVEL=0")?;
        }
        // A flight of the client in one read, not two reads for each of its records.
        context.set_read_ahead(true);
        context.set_min_proto_version(Some(self.min.of_openssl()))?;
        context.set_max_proto_version(Some(self.max.of_openssl()))?;
        context.set_options(SslOptions::CIPHER_SERVER_PREFERENCE | SslOptions::NO_COMPRESSION);
        let mut chain = shown.chain.iter();
        if let Some(own) = chain.next() {
            context.set_certificate(own)?;
        }
        for above in chain {
            context.add_extra_chain_cert(above.clone())?;
        }
        context.set_private_key(&shown.key)?;
        context.check_private_key()?;
        self.trust(&mut context, policy)?;
        self.resumption(&mut context)?;
        self.answers(&mut context)?;
        stack::feed_secrets(&mut context);
        Ok(context)
    }

    fn trust(&self, context: &mut SslContextBuilder, policy: &Policy) -> Result<(), ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        for authority in &self.trusted.0 {
            store.add_cert(authority.clone())?;
        }
        if let Some(revocation) = &self.revocation {
            let lookup = store.add_lookup(openssl::x509::store::X509Lookup::file())?;
            lookup.load_crl_file(revocation, openssl::ssl::SslFiletype::PEM)?;
            store.set_flags(X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL)?;
        }
        context.set_cert_store(store.build());
        let mut names = Stack::new()?;
        for authority in &self.advertised.as_ref().unwrap_or(&self.trusted).0 {
            names.push(authority.subject_name().to_owned()?)?;
        }
        context.set_client_ca_list(names);
        let verified = Arc::new(policy.clone());
        context.set_verify_callback(policy.first_mode(), move |ok, store| {
            verification::verify(&verified, ok, store)
        });
        if let VerifyDepth::Intermediates(most) = policy.verify_depth {
            context.set_verify_depth(most);
        }
        Ok(())
    }

    fn resumption(&self, context: &mut SslContextBuilder) -> Result<(), ErrorStack> {
        context.set_session_id_context(SESSION_ID_CONTEXT)?;
        if self.session_tickets {
            context.set_session_cache_size(SESSIONS);
        } else {
            context.set_session_cache_mode(SslSessionCacheMode::OFF);
            context.set_options(SslOptions::NO_TICKET);
            context.set_num_tickets(0)?;
        }
        Ok(())
    }

    /// What the server answers to extensions of the ClientHello.
    fn answers(&self, context: &mut SslContextBuilder) -> Result<(), ErrorStack> {
        if !self.alpn.is_empty() {
            let protocols = self.alpn.clone();
            context.set_alpn_select_callback(move |_, offered| {
                let offered = || Offered(offered);
                protocols
                    .iter()
                    .find_map(|ours| offered().find(|theirs| *theirs == ours.as_bytes()))
                    .ok_or(AlpnError::NOACK)
            });
        }
        if let Some(response) = self.ocsp_staple.clone() {
            context.set_status_callback(move |ssl| ssl.set_ocsp_status(&response).map(|()| true))?;
        }
        Ok(())
    }
}

/// The protocols of a client's ALPN extension, each behind its length.
struct Offered<'a>(&'a [u8]);

impl<'a> Iterator for Offered<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first()?;
        let (protocol, rest) = rest.split_at_checked(usize::from(*length))?;
        self.0 = rest;
        Some(protocol)
    }
}

/// The names for which a certificate is shown, in small letters.
fn names(shown: &ServerCertificate) -> Vec<String> {
    if let Some(name) = &shown.name {
        return vec![name.to_lowercase()];
    }
    let Some(own) = shown.chain.first() else { return Vec::new() };
    own.subject_alt_names()
        .iter()
        .flatten()
        .filter_map(|name| name.dnsname().map(str::to_lowercase))
        .collect()
}

/// Whether a name is meant by a pattern, whose first label may be `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => name.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(matches("*.example.org", "a.example.org"));
        assert!(!matches("*.example.org", "a.b.example.org"));
        assert!(!matches("*.example.org", "example.org"));
        assert!(matches("localhost", "localhost"));
    }
}
