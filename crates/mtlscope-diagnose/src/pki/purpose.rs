//! May a certificate be shown in a handshake? RFC 5280 sections 4.2.1.3 (keyUsage) and 4.2.1.12 (extKeyUsage).

use std::fmt;

use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::extension::KeyUsage;
use mtlscope_dissect::x509::oid::{ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH, SERVER_AUTH};
use mtlscope_dissect::x509::{Certificate, Oid};

/// What speaks against showing a certificate in a handshake.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Unfit {
    /// There is a keyUsage, and it does not allow signing a handshake.
    NoDigitalSignature {
        /// What it does allow.
        allowed: KeyUsage,
    },
    /// There is an extKeyUsage, and this purpose is not in it.
    NotForThisPurpose {
        /// Who shows it: a client needs clientAuth, a server serverAuth.
        side: Side,
        /// What it is for.
        purposes: Vec<Oid>,
    },
    /// The purpose is allowed by anyExtendedKeyUsage only, which RFC 5280 lets applications refuse, and OpenSSL does.
    OnlyByAnyPurpose {
        /// Who shows it.
        side: Side,
    },
    /// It is an authority's certificate. Most accept that; some do not.
    IsAuthority,
    /// It holds critical extensions that are not in RFC 5280; who does not know them must refuse it.
    UnknownCritical {
        /// Which.
        extensions: Vec<Oid>,
    },
}

/// What speaks against `certificate` being shown by `side`, worst first. Empty: nothing does.
///
/// A certificate without keyUsage or without extKeyUsage is not restricted in that respect.
pub fn check(certificate: &Certificate, side: Side) -> Vec<Unfit> {
    let mut found = Vec::new();
    let extensions = &certificate.extensions;
    if let Some(purposes) = &extensions.extended_key_usage {
        let needed = match side {
            Side::Client => CLIENT_AUTH,
            Side::Server => SERVER_AUTH,
        };
        let allows = |purpose: &[u8]| purposes.iter().any(|oid| *oid == *purpose);
        match (allows(needed), allows(ANY_EXTENDED_KEY_USAGE)) {
            (true, _) => {}
            (false, true) => found.push(Unfit::OnlyByAnyPurpose { side }),
            (false, false) => found.push(Unfit::NotForThisPurpose { side, purposes: purposes.clone() }),
        }
    }
    match extensions.key_usage {
        Some(allowed) if !allowed.allows(KeyUsage::DIGITAL_SIGNATURE) => {
            found.push(Unfit::NoDigitalSignature { allowed });
        }
        _ => {}
    }
    if !extensions.unknown_critical.is_empty() {
        found.push(Unfit::UnknownCritical { extensions: extensions.unknown_critical.clone() });
    }
    if certificate.is_authority() {
        found.push(Unfit::IsAuthority);
    }
    found
}

/// A clause that follows "the certificate".
impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purpose = |side: &Side| match side {
            Side::Client => "clientAuth",
            Side::Server => "serverAuth",
        };
        match self {
            Self::NoDigitalSignature { allowed } => {
                write!(f, "does not allow digitalSignature, only: {allowed}")
            }
            Self::NotForThisPurpose { side, purposes } => {
                write!(f, "is not for {}, only for: ", purpose(side))?;
                write_oids(f, purposes)
            }
            Self::OnlyByAnyPurpose { side } => {
                write!(f, "is for {} only by way of anyExtendedKeyUsage", purpose(side))
            }
            Self::IsAuthority => f.write_str("is that of a certificate authority"),
            Self::UnknownCritical { extensions } => {
                f.write_str("has critical extensions beyond RFC 5280: ")?;
                write_oids(f, extensions)
            }
        }
    }
}

fn write_oids(f: &mut fmt::Formatter<'_>, oids: &[Oid]) -> fmt::Result {
    for (place, oid) in oids.iter().enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        match oid.name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "{oid}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures;

    fn texts(certificate: &Certificate, side: Side) -> Vec<String> {
        check(certificate, side).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_client_certificate_is_for_clients() {
        assert_eq!(check(&fixtures::good(), Side::Client), []);
        assert_eq!(texts(&fixtures::good(), Side::Server), ["is not for serverAuth, only for: clientAuth"]);
        assert_eq!(texts(&fixtures::srveku(), Side::Client), ["is not for clientAuth, only for: serverAuth"]);
    }

    #[test]
    fn what_is_not_restricted_is_allowed() {
        assert_eq!(check(&fixtures::noeku(), Side::Client), []);
    }

    #[test]
    fn an_authority_is_told_and_so_is_a_key_that_must_not_sign() {
        assert_eq!(
            texts(&fixtures::root(), Side::Client),
            [
                "does not allow digitalSignature, only: keyCertSign, cRLSign",
                "is that of a certificate authority"
            ]
        );
    }
}
