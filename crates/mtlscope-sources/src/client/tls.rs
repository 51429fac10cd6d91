//! The TLS of an attempt made ready: versions, ciphers, credentials and authorities read once, for any number of attempts.

use std::fmt;
use std::net::IpAddr;

use openssl::error::ErrorStack;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslSessionCacheMode, SslVerifyMode,
    SslVersion, StatusType,
};
use openssl::x509::verify::X509CheckFlags;

use super::error::words;
use super::plan::{ServerName, TlsPlan, Version};
use super::watch::{self, Watch};
use super::{ClientError, Target};
use crate::stack::{self, ffi};

/// How to speak TLS, ready to be used by any number of attempts, also at the same time.
#[derive(Clone)]
pub struct Tls {
    context: SslContext,
    server_name: ServerName,
    status: bool,
    post_handshake_auth: bool,
    trace: bool,
    notes: Vec<String>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads and checks what the plan names.
    ///
    /// # Errors
    /// Where something in it cannot be used.
    pub fn new(plan: &TlsPlan) -> Result<Self, ClientError> {
        let stack = ClientError::stack("make a context");
        let mut context = SslContextBuilder::new(SslMethod::tls_client()).map_err(&stack)?;
        let notes = security(plan, &mut context);
        context
            .set_min_proto_version(Some(plan.min.map_or(SslVersion::TLS1_2, openssl_version)))
            .map_err(&stack)?;
        context.set_max_proto_version(plan.max.map(openssl_version)).map_err(&stack)?;
        if let (Some(min), Some(max)) = (plan.min, plan.max)
            && min > max
        {
            return Err(ClientError::Setting {
                option: "--tls-max",
                value: max.to_string(),
                cause: format!(
                    "it is below the lowest version asked for, {min} (raise it, or lower --tlsv1.x)"
                ),
            });
        }
        lists(plan, &mut context)?;
        let no_renegotiation =
            if plan.renegotiation { SslOptions::empty() } else { SslOptions::NO_RENEGOTIATION };
        // As curl: a client that resumes nothing needs no ticket of TLS 1.2.
        context.set_options(no_renegotiation | SslOptions::NO_TICKET);
        // One system call a flight, not two a record.
        context.set_read_ahead(true);
        // For the callback alone, which tells that a ticket came.
        context.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
        context.set_new_session_callback(|ssl, _| {
            if let Some(watch) = Watch::of(ssl) {
                watch.told().tickets += 1;
            }
        });
        stack::feed_secrets(&mut context);
        ffi::tell::<Watch>(&mut context);
        plan.trust.give(&mut context)?;
        let refuses = plan.verify;
        context.set_verify_callback(SslVerifyMode::PEER, move |went_well, store| {
            watch::verified(store, went_well);
            went_well || !refuses
        });
        if let Some(credentials) = &plan.credentials {
            context
                .set_certificate(&credentials.certificate)
                .and_then(|()| context.set_private_key(&credentials.key))
                .and_then(|()| {
                    credentials.chain.iter().try_for_each(|one| context.add_extra_chain_cert(one.clone()))
                })
                .map_err(ClientError::stack("use the client's certificate"))?;
        }
        Ok(Self {
            context: context.build(),
            server_name: plan.server_name.clone(),
            status: plan.status,
            post_handshake_auth: plan.post_handshake_auth,
            trace: plan.trace,
            notes,
        })
    }

    /// What is to be known of it: weak algorithms let in, and why. Sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) fn trace(&self) -> bool {
        self.trace
    }

    /// A connection to be, to this target.
    pub(super) fn connection(&self, target: &Target) -> Result<Ssl, ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        let address = target.host.parse::<IpAddr>().ok();
        let name = match &self.server_name {
            ServerName::Given(name) => Some(name.as_str()),
            ServerName::Target if address.is_none() => Some(target.host.trim_end_matches('.')),
            ServerName::Target | ServerName::Absent => None,
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            ssl.set_hostname(name)?;
        }
        let param = ssl.param_mut();
        param.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
        match (&self.server_name, address) {
            (ServerName::Given(name), _) => match name.parse::<IpAddr>() {
                Ok(address) => param.set_ip(address)?,
                Err(_) => param.set_host(name)?,
            },
            (_, Some(address)) => param.set_ip(address)?,
            (_, None) => param.set_host(&target.host)?,
        }
        if self.status {
            ssl.set_status_type(StatusType::OCSP)?;
        }
        ffi::set_post_handshake_auth(&mut ssl, self.post_handshake_auth);
        Ok(ssl)
    }
}

/// Lets weak algorithms in where they were asked for, and says so.
fn security(plan: &TlsPlan, context: &mut SslContextBuilder) -> Vec<String> {
    const LEVEL: &str = "OpenSSL's security level is lowered to 0 for this";
    let old = [plan.min, plan.max].into_iter().flatten().find(|version| *version < Version::Tls12);
    let weak = plan.credentials.as_ref().and_then(super::Credentials::weakness);
    let mut notes = Vec::new();
    if let Some(version) = old {
        notes.push(format!("{version} is offered, as asked; {LEVEL}, which lets SHA-1 signatures in too"));
    }
    if let Some(weakness) = weak {
        notes.push(format!("the client's certificate is weak: {weakness}; {LEVEL}, so that it can be used"));
    }
    if !notes.is_empty() {
        context.set_security_level(0);
    }
    notes
}

/// The lists in OpenSSL's words.
fn lists(plan: &TlsPlan, context: &mut SslContextBuilder) -> Result<(), ClientError> {
    type Set = fn(&mut SslContextBuilder, &str) -> Result<(), ErrorStack>;
    let lists: [(&str, &Option<String>, Set, &str); 4] = [
        ("--ciphers", &plan.ciphers, SslContextBuilder::set_cipher_list, "see `openssl ciphers -v`"),
        (
            "--tls13-ciphers",
            &plan.ciphersuites,
            SslContextBuilder::set_ciphersuites,
            "there are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256",
        ),
        ("--curves", &plan.curves, SslContextBuilder::set_groups_list, "such as X25519:P-256:P-384"),
        (
            "--sigalgs",
            &plan.sigalgs,
            SslContextBuilder::set_sigalgs_list,
            "such as RSA-PSS+SHA256:ECDSA+SHA256",
        ),
    ];
    for (option, value, set, hint) in lists {
        if let Some(value) = value {
            set(context, value).map_err(|errors| ClientError::Setting {
                option,
                value: value.clone(),
                cause: format!("{} ({hint})", words(&errors)),
            })?;
        }
    }
    if !plan.alpn.is_empty() {
        let mut protocols = Vec::new();
        for protocol in &plan.alpn {
            let length = u8::try_from(protocol.len()).ok().filter(|length| *length > 0).ok_or_else(|| {
                ClientError::Setting {
                    option: "--alpn",
                    value: protocol.clone(),
                    cause: "a protocol's name has 1 to 255 bytes (such as h2,http/1.1)".to_owned(),
                }
            })?;
            protocols.push(length);
            protocols.extend_from_slice(protocol.as_bytes());
        }
        context.set_alpn_protos(&protocols).map_err(ClientError::stack("offer protocols"))?;
    }
    Ok(())
}

fn openssl_version(version: Version) -> SslVersion {
    match version {
        Version::Tls10 => SslVersion::TLS1,
        Version::Tls11 => SslVersion::TLS1_1,
        Version::Tls12 => SslVersion::TLS1_2,
        Version::Tls13 => SslVersion::TLS1_3,
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}
