//! From what was typed to the settings of a server, with what is to be said about them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mtlscope_sources::authority::{Pki, Plan};
use mtlscope_sources::credential_file::Passphrase;
use mtlscope_sources::server::{
    Authorities, Limits, Policy, Refusal, ServerCertificate, Settings, Tls, VerifyClient, VerifyDepth,
    Version,
};

use crate::cli::{self, serve as typed};

/// How deep chains may be where nobody says so; servers' own defaults of 1 are a common cause of refusals.
const DEPTH: u32 = 10;
/// Apache's and nginx's own default.
const DEPTH_OF_SERVERS: u32 = 1;

/// Settings, and what a person should know of them.
pub(super) struct Understood {
    pub(super) settings: Settings,
    pub(super) remarks: Vec<String>,
}

/// Makes sense of what was typed, or says why there is none.
pub(super) fn understood(typed: &cli::Serve) -> Result<Understood, String> {
    let mut remarks = Vec::new();
    let policy = policy(typed)?;
    let tls = tls(typed, &policy, &mut remarks)?;
    if policy.verify_client != VerifyClient::None && tls.trusted.is_empty() {
        remarks.push(
            "no authority is trusted (--ca-certificate), so no client's certificate can be verified"
                .to_owned(),
        );
    }
    if typed.pki.is_some() && policy.verify_depth == VerifyDepth::WithRoot(DEPTH_OF_SERVERS) {
        remarks.push(
            "a depth of 1 counts the root, as Apache does: clients below an intermediate, as --pki has them, are refused \
             (--verify-depth 2 lets them in)"
                .to_owned(),
        );
    }
    let seconds = |number: std::num::NonZeroU32| Duration::from_secs(u64::from(number.get()));
    let limits = Limits {
        handshake: seconds(typed.handshake_timeout),
        idle: seconds(typed.idle_timeout),
        connections: usize::try_from(typed.max_connections.get()).unwrap_or(usize::MAX),
    };
    if !typed.listen.ip().is_loopback() {
        remarks.push(format!("{} can be reached from other machines", typed.listen.ip()));
    }
    Ok(Understood { settings: Settings { listen: typed.listen, policy, tls, limits }, remarks })
}

fn policy(typed: &cli::Serve) -> Result<Policy, String> {
    let like = typed.like;
    if let Some(path) = typed.protect.iter().find(|path| !path.starts_with('/')) {
        return Err(format!("--protect {path:?} is no path: it must begin with /"));
    }
    let asks_late = match typed.client_cert_negotiation {
        Some(typed::Negotiation::Enable) => false,
        Some(typed::Negotiation::Disable) => true,
        None => !typed.protect.is_empty(),
    };
    if asks_late && typed.protect.is_empty() {
        return Err("--client-cert-negotiation disable asks nobody without --protect PATH (`--protect /` for all paths)".to_owned());
    }
    if asks_late && like == Some(typed::Like::Nginx) {
        return Err("nginx asks in the handshake alone: --like nginx and asking for a path exclude each other (--like apache and --like iis can)".to_owned());
    }
    let verify_client = match typed.verify_client {
        Some(typed::VerifyClient::None) => VerifyClient::None,
        Some(typed::VerifyClient::Optional) => VerifyClient::Optional,
        Some(typed::VerifyClient::OptionalNoCa) => VerifyClient::OptionalNoCa,
        Some(typed::VerifyClient::Require) => VerifyClient::Require,
        None if !typed.protect.is_empty() => VerifyClient::Require,
        None => match like {
            Some(typed::Like::Nginx | typed::Like::Iis) => VerifyClient::Require,
            Some(typed::Like::Apache) | None => VerifyClient::Optional,
        },
    };
    let refusal = match (typed.refuse_with, like) {
        (Some(typed::RefuseWith::Alert), _) | (None, Some(typed::Like::Apache) | None) => Refusal::Alert,
        (Some(typed::RefuseWith::BadRequest), _) | (None, Some(typed::Like::Nginx)) => Refusal::BadRequest,
        (Some(typed::RefuseWith::Forbidden), _) | (None, Some(typed::Like::Iis)) => Refusal::Forbidden,
    };
    let verify_depth = match (like, typed.verify_depth) {
        (Some(typed::Like::Nginx), depth) => VerifyDepth::Intermediates(depth.unwrap_or(DEPTH_OF_SERVERS)),
        (Some(typed::Like::Apache), None) => VerifyDepth::WithRoot(DEPTH_OF_SERVERS),
        (_, depth) => VerifyDepth::WithRoot(depth.unwrap_or(DEPTH)),
    };
    Ok(Policy {
        verify_client,
        verify_depth,
        refusal,
        protect: typed.protect.clone(),
        asks_late,
        std_env_vars: !typed.no_std_env_vars,
    })
}

fn tls(typed: &cli::Serve, policy: &Policy, remarks: &mut Vec<String>) -> Result<Tls, String> {
    if typed.tls_min > typed.tls_max {
        return Err("--tls-min is above --tls-max: no version is left".to_owned());
    }
    let (certificates, mut trusted) = shown(typed, remarks)?;
    if let Some(path) = &typed.ca_certificate {
        trusted = authorities(path)?;
    }
    let weak = typed.allow_weak || typed.tls_min < typed::Version::Tls12;
    if weak {
        remarks.push("OpenSSL's security level is 0: weak keys, hashes and ciphers are taken too".to_owned());
    }
    Ok(Tls {
        certificates,
        trusted,
        advertised: typed.ca_dn_request.as_deref().map(authorities).transpose()?,
        revocation: typed.ca_revocation.clone(),
        min: version(typed.tls_min),
        max: version(typed.tls_max),
        weak,
        alpn: alpn(typed, policy, remarks),
        session_tickets: typed.session_tickets == typed::OnOff::On,
        ocsp_staple: typed.ocsp_staple.as_deref().map(read).transpose()?,
    })
}

fn alpn(typed: &cli::Serve, policy: &Policy, remarks: &mut Vec<String>) -> Vec<String> {
    let http11 = || vec!["http/1.1".to_owned()];
    match (policy.asks_late, typed.alpn.is_empty()) {
        (true, true) => {
            remarks.push(
                "HTTP/2 is not offered: it forbids to ask for a certificate after the handshake".to_owned(),
            );
            http11()
        }
        (true, false) => {
            if typed.alpn.iter().any(|protocol| protocol == "h2") {
                remarks.push(
                    "HTTP/2 forbids to ask for a certificate after the handshake: over it, protected paths are answered by a reset, HTTP_1_1_REQUIRED"
                        .to_owned(),
                );
            }
            typed.alpn.clone()
        }
        (false, true) => ["h2".to_owned()].into_iter().chain(http11()).collect(),
        (false, false) => typed.alpn.clone(),
    }
}

/// What the server shows, and the authorities that go with it.
type Shown = (Vec<ServerCertificate>, Authorities);

fn shown(typed: &cli::Serve, remarks: &mut Vec<String>) -> Result<Shown, String> {
    let passphrase = Passphrase::given(typed.pass.as_deref(), typed.pass_file.as_deref())
        .map_err(|error| error.to_string())?;
    let read = |cert: &Path, key: Option<&Path>| {
        ServerCertificate::read(cert, key, passphrase.as_ref()).map_err(|error| error.to_string())
    };
    if let Some(directory) = &typed.pki {
        let shown = read(&directory.join("server.pem"), Some(&directory.join("server.key")))?;
        return Ok((vec![shown], authorities(&directory.join("ca.pem"))?));
    }
    if typed.cert.is_empty() {
        let pki = Pki::new(&Plan::default()).map_err(|error| error.to_string())?;
        remarks.push(
            "the certificate is made for this run and known to no client (curl -k); with client certificates: \
             `mtlscope pki init DIR`, then --pki DIR"
                .to_owned(),
        );
        return Ok((vec![ServerCertificate::from(&pki.server)], Authorities::from(&pki)));
    }
    if typed.key.len() > typed.cert.len() {
        return Err(
            "there are more --key than --cert: each key belongs to the certificate at the same place"
                .to_owned(),
        );
    }
    let mut shown = Vec::new();
    for (number, cert) in typed.cert.iter().enumerate() {
        shown.push(read(cert, typed.key.get(number).map(PathBuf::as_path))?);
    }
    for sni in &typed.sni {
        let parts = sni.split_once('=').and_then(|(name, files)| Some((name, files.split_once(',')?)));
        let Some((name, (cert, key))) = parts else {
            return Err(format!("--sni {sni:?} is not of the form NAME=CERT,KEY"));
        };
        shown.push(ServerCertificate {
            name: Some(name.to_owned()),
            ..read(Path::new(cert), Some(Path::new(key)))?
        });
    }
    Ok((shown, Authorities::default()))
}

fn authorities(path: &Path) -> Result<Authorities, String> {
    Authorities::read(path).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error} (check the path)", path.display()))
}

const fn version(typed: typed::Version) -> Version {
    match typed {
        typed::Version::Tls10 => Version::Tls10,
        typed::Version::Tls11 => Version::Tls11,
        typed::Version::Tls12 => Version::Tls12,
        typed::Version::Tls13 => Version::Tls13,
    }
}
