//! The zoo: client certificates with one flaw each, all else right. One file a flaw.
//!
//! Each is named after the cause of failed mutual TLS that it shows: the same ids that rules and findings have.

mod ca_list_exceeds_client_limit;
mod ca_used_as_end_entity;
mod chain_incomplete_intermediate_missing;
mod crl_expired;
mod eku_any_not_enough;
mod eku_missing_clientauth;
mod intermediate_expired;
mod key_too_small;
mod keyusage_no_digitalsignature;
mod leaf_expired;
mod leaf_not_yet_valid_clock_skew;
mod leaf_revoked;
mod leaf_signature_invalid;
mod name_constraints_violation;
mod pathlen_exceeded;
mod self_signed_client_cert;
mod unknown_ca;
mod unknown_critical_extension;
mod weak_signature_hash;
mod wrong_private_key;
mod x509_v1_certificate;

use openssl::pkey::{PKey, Private};

use super::template::{Template, Validity};
use super::{AuthorityError, Identity, KeyKind, Pki};

/// Every specimen, made for one authority.
#[derive(Debug)]
pub struct Zoo {
    /// In the order in which a reader should meet them.
    pub specimens: Vec<Specimen>,
}

/// A client with one flaw.
#[derive(Debug)]
pub struct Specimen {
    /// `leaf-expired`: the id of the cause, and what its files are called.
    pub name: &'static str,
    /// What is wrong, and with what, in a sentence.
    pub flaw: &'static str,
    /// The number of the alert with which servers of the OpenSSL family (Apache, HAProxy, Python, s_server) refuse it; `None`
    /// where they accept it. nginx finishes every handshake but that of a false proof, and answers with HTTP 400.
    pub openssl_alert: Option<u8>,
    /// What others answer, where it is known and not the same: a stack, and its answer.
    pub others: &'static [(&'static str, &'static str)],
    /// Whether OpenSSL, and so curl, loads it only at security level 0: with [`LEVEL_0`] in the variable `OPENSSL_CONF`.
    pub weak: bool,
    /// The client.
    pub identity: Identity,
    /// What the server must be given for the flaw to show.
    pub server: ServerFiles,
    /// Files that come with it: a name beside `ca.pem`, and text.
    pub files: Vec<(&'static str, String)>,
}

/// The files a server is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerFiles {
    /// Whom it trusts.
    pub trusted: &'static str,
    /// What was revoked, if it is to look at that.
    pub revoked: Option<&'static str>,
    /// Whom it names in its request, if not whom it trusts.
    pub named: Option<&'static str>,
}

impl Default for ServerFiles {
    fn default() -> Self {
        Self { trusted: "ca.pem", revoked: None, named: None }
    }
}

/// The file that has programs with OpenSSL use weak certificates. curl's `--ciphers` comes too late for its `--cert`.
pub const LEVEL_0: &str = "openssl-level0.cnf";

/// What is in it. config(5), ssl_conf.
const LEVEL_0_TEXT: &str = "\
# Programs with OpenSSL use weak certificates: OPENSSL_CONF=openssl-level0.cnf curl ...
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
CipherString = DEFAULT@SECLEVEL=0
";

/// Makes a specimen for an authority.
type Make = fn(&Pki) -> Result<Specimen, AuthorityError>;

/// Every flaw: one line for each.
const SPECIMENS: &[Make] = &[
    leaf_expired::specimen,
    leaf_not_yet_valid_clock_skew::specimen,
    eku_missing_clientauth::specimen,
    eku_any_not_enough::specimen,
    keyusage_no_digitalsignature::specimen,
    unknown_ca::specimen,
    leaf_signature_invalid::specimen,
    self_signed_client_cert::specimen,
    chain_incomplete_intermediate_missing::specimen,
    intermediate_expired::specimen,
    pathlen_exceeded::specimen,
    name_constraints_violation::specimen,
    ca_used_as_end_entity::specimen,
    x509_v1_certificate::specimen,
    weak_signature_hash::specimen,
    key_too_small::specimen,
    leaf_revoked::specimen,
    crl_expired::specimen,
    wrong_private_key::specimen,
    ca_list_exceeds_client_limit::specimen,
    unknown_critical_extension::specimen,
];

impl Zoo {
    /// Makes every specimen.
    ///
    /// # Errors
    /// Where OpenSSL fails.
    pub fn new(pki: &Pki) -> Result<Self, AuthorityError> {
        Ok(Self { specimens: SPECIMENS.iter().map(|make| make(pki)).collect::<Result<_, _>>()? })
    }

    /// The specimen of this name.
    pub fn specimen(&self, name: &str) -> Option<&Specimen> {
        self.specimens.iter().find(|specimen| specimen.name == name)
    }
}

/// The one whose certificate ended yesterday, by itself: it is made at once, while some of the others take their time.
///
/// # Errors
/// Where OpenSSL fails.
pub fn leaf_expired(pki: &Pki) -> Result<Specimen, AuthorityError> {
    leaf_expired::specimen(pki)
}

impl Specimen {
    /// One that needs nothing more of the server than to trust the root.
    fn new(name: &'static str, flaw: &'static str, identity: Identity) -> Self {
        Self {
            name,
            flaw,
            openssl_alert: None,
            others: &[],
            weak: false,
            identity,
            server: ServerFiles::default(),
            files: Vec::new(),
        }
    }
}

/// The file that weak specimens come with.
fn level_0() -> Vec<(&'static str, String)> {
    vec![(LEVEL_0, LEVEL_0_TEXT.to_owned())]
}

/// The certificate of a client in which nothing is wrong yet. Its common name says what will be.
fn client(name: &str, pki: &Pki) -> Result<Template, AuthorityError> {
    Ok(Template::client(&format!("Zoo {name}"), Validity::of_leaf(&pki.plan))?)
}

/// Specimens have keys that are quick to make and that everybody takes.
fn key() -> Result<PKey<Private>, AuthorityError> {
    Ok(KeyKind::P256.generate()?)
}
