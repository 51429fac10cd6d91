//! What speaks against a certificate, in words: a clause that follows "the certificate", what to do, and the rule whose page
//! says more.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mtlscope_dissect::tls::registry::{ClientCertificateType, ProtocolVersion, SignatureScheme};
use mtlscope_dissect::x509::{Certificate, KeyAlgorithm, Name, Oid, SignatureAlgorithm};

use crate::pki::Unfit;
use crate::pki::constraints::Violation;
use crate::rule::Rule;
use crate::rules;
use crate::wording::{Span, Subject};

/// One thing that speaks against a certificate. A `depth` counts from the certificate itself, which is at 0, upwards.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Objection {
    /// No authority that the server named issued any certificate of its chain.
    NotNamed { named: usize, nearest: Option<Nearest> },
    /// So it is, and an intermediate is missing between it and the authorities.
    Incomplete { missing: Name, named: usize },
    /// An authority of the right name issued it, but with another key than the one that issued the server's certificate.
    OtherKey { authority: Name },
    /// Its key is of none of the types the server takes (TLS 1.2 and below).
    KeyType { key: KeyAlgorithm, wanted: Vec<ClientCertificateType> },
    /// Its key can sign with none of the schemes the server asks for.
    NoScheme { key: KeyAlgorithm, version: ProtocolVersion, asked: Vec<SignatureScheme> },
    /// It, or a certificate above it, has expired.
    Expired { depth: usize, certificate: Arc<Certificate>, by: Duration },
    /// It, or a certificate above it, is not valid yet.
    NotYetValid { depth: usize, certificate: Arc<Certificate>, by: Duration },
    /// It says itself that it is not for this.
    Unfit(Unfit),
    /// It is an X.509 certificate of version 1 or 2, without extensions.
    OldVersion { version: u32 },
    /// The signature under it or above it was not made by the key of its issuer.
    BadSignature { certificate: Arc<Certificate> },
    /// An issuer in the chain was not allowed to issue.
    Issuer { issuer: Name, violation: Violation },
    /// The certificates stand in another order than from the client's own upwards.
    OutOfOrder,
    /// A key is so short that stacks refuse it.
    WeakKey { depth: usize, key: KeyAlgorithm },
    /// A signature is made with a broken hash.
    WeakSignature { depth: usize, algorithm: SignatureAlgorithm },
    /// A certificate is signed with none of the schemes that the server asks for.
    SignatureNotAsked { depth: usize, algorithm: SignatureAlgorithm },
    /// A signature in the chain could not be checked.
    Unchecked { algorithm: String },
    /// It lacks what the server wants in an extension (`oid_filters`).
    Filter { extension: Oid },
}

/// How much an objection weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// Some servers mind, others do not.
    Doubt,
    /// It is not what was asked for, or no usual server takes it.
    Refusal,
}

/// The two names that differ the least: that of an issuer of the certificate, and one the server named.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Nearest {
    pub ours: Name,
    pub named: Name,
    /// How many characters differ.
    pub distance: usize,
}

impl Nearest {
    /// Whether they are so much alike that one may be meant by the other.
    fn is_near(&self) -> bool {
        self.distance * 3 <= self.named.to_string().chars().count()
    }
}

impl Objection {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        match self {
            Self::OtherKey { .. }
            | Self::OldVersion { .. }
            | Self::OutOfOrder
            | Self::WeakKey { .. }
            | Self::WeakSignature { .. }
            | Self::SignatureNotAsked { .. }
            | Self::Unchecked { .. }
            | Self::Unfit(Unfit::IsAuthority | Unfit::OnlyByAnyPurpose { .. }) => Weight::Doubt,
            _ => Weight::Refusal,
        }
    }

    /// A name for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NotNamed { .. } => "not-named",
            Self::Incomplete { .. } => "chain-incomplete",
            Self::OtherKey { .. } => "other-key",
            Self::KeyType { .. } => "key-type",
            Self::NoScheme { .. } => "no-common-scheme",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Unfit(Unfit::NoDigitalSignature { .. }) => "no-digital-signature",
            Self::Unfit(Unfit::NotForThisPurpose { .. }) => "not-for-client-auth",
            Self::Unfit(Unfit::OnlyByAnyPurpose { .. }) => "only-any-purpose",
            Self::Unfit(Unfit::IsAuthority) => "is-authority",
            Self::Unfit(Unfit::UnknownCritical { .. }) => "unknown-critical",
            Self::OldVersion { .. } => "x509-version",
            Self::BadSignature { .. } => "bad-signature",
            Self::Issuer { violation: Violation::PathTooLong { .. }, .. } => "path-too-long",
            Self::Issuer { violation: Violation::NameOutOfBounds { .. }, .. } => "name-out-of-bounds",
            Self::Issuer { .. } => "issuer-not-allowed",
            Self::OutOfOrder => "out-of-order",
            Self::WeakKey { .. } => "weak-key",
            Self::WeakSignature { .. } => "weak-signature",
            Self::SignatureNotAsked { .. } => "signature-not-asked-for",
            Self::Unchecked { .. } => "signature-unchecked",
            Self::Filter { .. } => "oid-filter",
        }
    }

    /// The rule whose page says more.
    pub fn rule(&self) -> Option<&'static Rule> {
        let id = match self {
            Self::NotNamed { .. } => "ca-list-mismatch-client-withheld",
            Self::Incomplete { .. } => "chain-incomplete-intermediate-missing",
            Self::OtherKey { .. } | Self::BadSignature { .. } => "leaf-signature-invalid",
            Self::Expired { depth: 0, .. } => "leaf-expired",
            Self::Expired { .. } => "intermediate-expired",
            Self::NotYetValid { depth: 0, .. } => "leaf-not-yet-valid-clock-skew",
            Self::Unfit(Unfit::NotForThisPurpose { .. }) => "eku-missing-clientauth",
            Self::Unfit(Unfit::OnlyByAnyPurpose { .. }) => "eku-any-not-enough",
            Self::Unfit(Unfit::NoDigitalSignature { .. }) => "keyusage-no-digitalsignature",
            Self::Unfit(Unfit::IsAuthority) => "ca-used-as-end-entity",
            Self::Unfit(Unfit::UnknownCritical { .. }) => "unknown-critical-extension",
            Self::OldVersion { .. } => "x509-v1-certificate",
            Self::Issuer { violation: Violation::PathTooLong { .. }, .. } => "pathlen-exceeded",
            Self::Issuer { violation: Violation::NameOutOfBounds { .. }, .. } => "name-constraints-violation",
            Self::Issuer { violation: Violation::IssuerIsNoAuthority { .. }, .. } => "issuer-not-a-ca",
            Self::Issuer { violation: Violation::IssuerMayNotSign { .. }, .. } => "issuer-lacks-keycertsign",
            Self::OutOfOrder => "chain-misordered-or-padded",
            Self::WeakKey { .. } => "key-too-small",
            Self::WeakSignature { .. } => "weak-signature-hash",
            Self::KeyType { .. } => "certificate-types-mismatch-tls12",
            Self::NoScheme { .. } => "sigalg-mismatch-client-withheld",
            _ => return None,
        };
        rules::RULES.iter().copied().find(|rule| rule.id == id)
    }

    /// What would help, one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotNamed { .. } => {
                "Use a certificate that one of the authorities named has issued, or have the server name this one's issuer".into()
            }
            Self::Incomplete { missing, .. } => {
                format!("Append the certificate of {missing} to the file, behind the client's own")
            }
            Self::OtherKey { .. } => {
                "Compare the key of the authority at hand with the one that the server trusts (openssl x509 -noout -pubkey)".into()
            }
            Self::KeyType { .. } | Self::NoScheme { .. } => {
                "Use a certificate with another kind of key, or have the server take this kind".into()
            }
            Self::Expired { .. } => "Renew the certificate".into(),
            Self::NotYetValid { .. } => {
                "Wait, or correct the clock: of this machine, or of the authority that issued it".into()
            }
            Self::Unfit(Unfit::NotForThisPurpose { .. } | Unfit::OnlyByAnyPurpose { .. }) => {
                "Have the authority issue one with extendedKeyUsage clientAuth".into()
            }
            Self::Unfit(Unfit::NoDigitalSignature { .. }) => {
                "Have the authority issue one with keyUsage digitalSignature".into()
            }
            Self::Unfit(Unfit::IsAuthority) => {
                "Have the authority issue a certificate for the client, and keep its own for issuing".into()
            }
            Self::OldVersion { .. } | Self::Unfit(_) => "Have the authority issue a plain X.509 v3 certificate".into(),
            Self::BadSignature { .. } => {
                "Have it issued anew, or find the certificate of the very issuer: one of the same name has another key".into()
            }
            Self::Issuer { .. } => "Have the certificate issued by an authority that may".into(),
            Self::OutOfOrder => "Put the client's own certificate first, and each issuer behind what it issued".into(),
            Self::WeakKey { .. } => "Make a key of at least RSA 2048 or EC P-256, and have it certified".into(),
            Self::WeakSignature { .. } | Self::SignatureNotAsked { .. } => {
                "Have the certificate issued anew with SHA-256 or better".into()
            }
            Self::Unchecked { .. } => "Check the chain with a program that knows the algorithm".into(),
            Self::Filter { .. } => "Have the authority issue one that holds what the server wants".into(),
        }
    }
}

/// A clause that follows "the certificate", or names another of its chain.
impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNamed { named, nearest } => {
                match named {
                    1 => f.write_str("does not come from the one authority that the server named")?,
                    named => write!(f, "comes from none of the {named} authorities that the server named")?,
                }
                write_nearest(f, nearest.as_ref())
            }
            Self::Incomplete { missing, named } => {
                write!(
                    f,
                    "was issued below {missing}, whose certificate is not in the file, so that nothing leads to "
                )?;
                match named {
                    1 => f.write_str("the one authority that the server named"),
                    named => write!(f, "one of the {named} authorities that the server named"),
                }
            }
            Self::OtherKey { authority } => {
                write!(
                    f,
                    "comes from {authority} by name, but by another key than the server's own certificate"
                )
            }
            Self::KeyType { key, wanted } => {
                write!(f, "has a key of the kind {key}, and the server takes only: {}", List(wanted))
            }
            Self::NoScheme { key, version, asked } => {
                write!(
                    f,
                    "has a key ({key}) that in {version} cannot sign with any of the algorithms asked for: {}",
                    List(asked)
                )
            }
            Self::Expired { depth, certificate, by } => {
                write_whose(f, *depth, &certificate.subject)?;
                write!(f, "expired {} ago, at {}", Span(*by), certificate.not_after)
            }
            Self::NotYetValid { depth, certificate, by } => {
                write_whose(f, *depth, &certificate.subject)?;
                write!(f, "is not valid for another {}, until {}", Span(*by), certificate.not_before)
            }
            Self::Unfit(unfit) => fmt::Display::fmt(unfit, f),
            Self::OldVersion { version } => write!(f, "is of X.509 version {version}, and TLS wants 3"),
            Self::BadSignature { certificate } => write!(
                f,
                "has a chain in which the signature under {} was not made by the key of its issuer",
                Subject(&certificate.subject)
            ),
            Self::Issuer { issuer, violation } => write_violation(f, issuer, violation),
            Self::OutOfOrder => f.write_str("has its chain in the wrong order"),
            Self::WeakKey { depth: 0, key } => {
                write!(f, "has a key ({key}) that is too short for most servers")
            }
            Self::WeakKey { depth, key } => {
                write!(
                    f,
                    "has an authority {} above it whose key ({key}) is too short for most servers",
                    Steps(*depth)
                )
            }
            Self::WeakSignature { depth: 0, algorithm } => {
                write!(f, "is signed with {algorithm}, which most servers refuse")
            }
            Self::WeakSignature { depth, algorithm } => {
                write!(
                    f,
                    "has an authority {} above it that is signed with {algorithm}, which most servers refuse",
                    Steps(*depth)
                )
            }
            Self::SignatureNotAsked { depth: 0, algorithm } => {
                write!(f, "is signed with {algorithm}, which is none of the algorithms asked for")
            }
            Self::SignatureNotAsked { depth, algorithm } => {
                write!(
                    f,
                    "has an authority {} above it that is signed with {algorithm}, which is none of the algorithms asked for",
                    Steps(*depth)
                )
            }
            Self::Unchecked { algorithm } => {
                write!(f, "has a signature in its chain that could not be checked ({algorithm})")
            }
            Self::Filter { extension } => {
                write!(f, "does not hold what the server wants in its extension {extension:?}")
            }
        }
    }
}

/// The place of the issuer that a violation speaks of.
pub(super) fn place_of(violation: &Violation) -> usize {
    match violation {
        Violation::IssuerIsNoAuthority { place }
        | Violation::IssuerMayNotSign { place }
        | Violation::PathTooLong { place, .. }
        | Violation::NameOutOfBounds { place, .. } => *place,
    }
}

fn write_violation(f: &mut fmt::Formatter<'_>, issuer: &Name, violation: &Violation) -> fmt::Result {
    let issuer = Subject(issuer);
    match violation {
        Violation::IssuerIsNoAuthority { .. } => {
            write!(f, "was issued below {issuer}, which is no authority")
        }
        Violation::IssuerMayNotSign { .. } => {
            write!(f, "was issued below {issuer}, whose keyUsage does not allow signing certificates")
        }
        Violation::PathTooLong { allowed, is, .. } => {
            write!(f, "has more authorities between itself and {issuer} ({is}) than that allows ({allowed})")
        }
        Violation::NameOutOfBounds { name, .. } => {
            write!(f, "has the name {name}, which {issuer} must not give out")
        }
    }
}

fn write_nearest(f: &mut fmt::Formatter<'_>, nearest: Option<&Nearest>) -> fmt::Result {
    match nearest {
        Some(nearest) if nearest.is_near() => {
            write!(f, "; the nearest is {}, and its issuer is {}", nearest.named, nearest.ours)
        }
        _ => Ok(()),
    }
}

fn write_whose(f: &mut fmt::Formatter<'_>, depth: usize, subject: &Name) -> fmt::Result {
    match depth {
        0 => Ok(()),
        _ => write!(f, "has an authority above it, {}, that ", Subject(subject)),
    }
}

/// `right above it`, `2 steps above it`.
struct Steps(usize);

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("right"),
            steps => write!(f, "{steps} steps"),
        }
    }
}

/// All of them, with commas between.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
