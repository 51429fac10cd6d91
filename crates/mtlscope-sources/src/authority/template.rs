//! How a certificate is made: what it shall say, and who signs it. A specimen of the zoo changes one field.

use std::net::IpAddr;

use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameRef};

use super::key::digest_for;
use super::{AuthorityError, Identity, Plan, seconds};

const DAY: i64 = 86_400;

/// From when to when, in seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Validity {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Validity {
    /// Of the authorities: longer than of those they sign.
    pub(super) fn of_authority(plan: &Plan) -> Self {
        let now = seconds(plan.now);
        Self { from: now - 3600, until: now + (i64::from(plan.days) + 1).max(3650) * DAY }
    }

    /// Of servers and clients. An hour into the past, for clocks that are late.
    pub(super) fn of_leaf(plan: &Plan) -> Self {
        let now = seconds(plan.now);
        Self { from: now - 3600, until: now + i64::from(plan.days) * DAY }
    }

    /// Of revocation lists: as long as the certificates, so that a test authority needs no care.
    pub(super) fn of_list(plan: &Plan) -> Self {
        Self::of_leaf(plan)
    }

    /// Over since yesterday, after thirty days.
    pub(super) fn past(plan: &Plan) -> Self {
        let now = seconds(plan.now);
        Self { from: now - 31 * DAY, until: now - DAY }
    }

    /// Beginning in thirty days, and lasting as the others do.
    pub(super) fn future(plan: &Plan) -> Self {
        let from = seconds(plan.now) + 30 * DAY;
        Self { from, until: from + i64::from(plan.days) * DAY }
    }
}

/// What a certificate shall say.
pub(super) struct Template {
    pub(super) subject: X509Name,
    pub(super) validity: Validity,
    /// 1 or 3. Version 1 has no extensions, whatever else is said here.
    pub(super) version: i32,
    pub(super) basic_constraints: Basic,
    pub(super) key_usage: Vec<Usage>,
    pub(super) purposes: Vec<Purpose>,
    /// Host names and addresses.
    pub(super) names: Vec<String>,
    /// Whether the authority key identifier is there.
    pub(super) names_issuer_key: bool,
    /// Further extensions: an OID, whether it is critical, the DER of its value.
    pub(super) further: Vec<(&'static str, bool, Vec<u8>)>,
    /// The hash to sign with; `None`: what goes with the issuer's key.
    pub(super) digest: Option<MessageDigest>,
}

/// basicConstraints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Basic {
    EndEntity,
    Authority { path_length: Option<u32> },
}

/// A bit of keyUsage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Usage {
    DigitalSignature,
    KeyEncipherment,
    NonRepudiation,
    KeyCertSign,
    CrlSign,
}

/// An extended key usage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    ClientAuth,
    ServerAuth,
    Any,
}

impl Template {
    /// An authority's, with no more than so many others below it.
    pub(super) fn authority(
        common_name: &str,
        path_length: Option<u32>,
        validity: Validity,
    ) -> Result<Self, ErrorStack> {
        Ok(Self::authority_named(name(common_name)?, path_length, validity))
    }

    /// An authority's of any name.
    pub(super) fn authority_named(subject: X509Name, path_length: Option<u32>, validity: Validity) -> Self {
        Self {
            basic_constraints: Basic::Authority { path_length },
            key_usage: vec![Usage::KeyCertSign, Usage::CrlSign],
            ..Self::end_entity(subject, validity)
        }
    }

    /// A client's.
    pub(super) fn client(common_name: &str, validity: Validity) -> Result<Self, ErrorStack> {
        Ok(Self { purposes: vec![Purpose::ClientAuth], ..Self::end_entity(name(common_name)?, validity) })
    }

    /// A server's.
    pub(super) fn server(
        common_name: &str,
        names: &[String],
        validity: Validity,
    ) -> Result<Self, ErrorStack> {
        Ok(Self {
            purposes: vec![Purpose::ServerAuth],
            names: names.to_vec(),
            ..Self::end_entity(name(common_name)?, validity)
        })
    }

    fn end_entity(subject: X509Name, validity: Validity) -> Self {
        Self {
            subject,
            validity,
            version: 3,
            basic_constraints: Basic::EndEntity,
            key_usage: vec![Usage::DigitalSignature],
            purposes: Vec::new(),
            names: Vec::new(),
            names_issuer_key: true,
            further: Vec::new(),
            digest: None,
        }
    }

    /// Has `issuer` sign it for `key`. What follows it on the wire: the issuer and its chain, but not a root.
    pub(super) fn issue(
        &self,
        name: &str,
        key: PKey<Private>,
        issuer: &Identity,
    ) -> Result<Identity, AuthorityError> {
        let certificate =
            self.sign(&key, Some(&issuer.certificate), issuer.certificate.subject_name(), &issuer.key)?;
        let is_root = issuer.certificate.issuer_name().try_cmp(issuer.certificate.subject_name())?.is_eq();
        let mut chain = Vec::new();
        if !is_root {
            chain.push(issuer.certificate.clone());
            chain.extend(issuer.chain.iter().cloned());
        }
        Ok(Identity { name: name.to_owned(), certificate, key, chain })
    }

    /// Signs it with the key it is for: a root, or somebody who vouches for themselves.
    pub(super) fn sign_itself(&self, key: &PKey<Private>) -> Result<X509, ErrorStack> {
        self.sign(key, None, &self.subject, key)
    }

    fn sign(
        &self,
        key: &PKey<Private>,
        issuer: Option<&X509>,
        issuer_name: &X509NameRef,
        issuer_key: &PKey<Private>,
    ) -> Result<X509, ErrorStack> {
        let mut builder = X509::builder()?;
        builder.set_version(self.version - 1)?;
        let serial = serial_number()?;
        builder.set_serial_number(&serial)?;
        builder.set_subject_name(&self.subject)?;
        builder.set_issuer_name(issuer_name)?;
        let (from, until) =
            (Asn1Time::from_unix(self.validity.from)?, Asn1Time::from_unix(self.validity.until)?);
        builder.set_not_before(&from)?;
        builder.set_not_after(&until)?;
        builder.set_pubkey(key)?;
        if self.version >= 3 {
            self.add_extensions(&mut builder, issuer)?;
        }
        builder.sign(issuer_key, self.digest.unwrap_or_else(|| digest_for(issuer_key)))?;
        Ok(builder.build())
    }

    fn add_extensions(&self, builder: &mut X509Builder, issuer: Option<&X509>) -> Result<(), ErrorStack> {
        let mut basic = BasicConstraints::new();
        basic.critical();
        if let Basic::Authority { path_length } = self.basic_constraints {
            basic.ca();
            if let Some(path_length) = path_length {
                basic.pathlen(path_length);
            }
        }
        builder.append_extension(basic.build()?)?;
        if !self.key_usage.is_empty() {
            builder.append_extension(key_usage(&self.key_usage)?)?;
        }
        if !self.purposes.is_empty() {
            builder.append_extension(extended_key_usage(&self.purposes)?)?;
        }
        let subject_key =
            SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer.map(|it| &**it), None))?;
        builder.append_extension(subject_key)?;
        // Who signs themselves need not say with which key.
        if let Some(issuer) = issuer.filter(|_| self.names_issuer_key) {
            let context = builder.x509v3_context(Some(issuer), None);
            let issuer_key = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
            builder.append_extension(issuer_key)?;
        }
        if !self.names.is_empty() {
            let mut names = SubjectAlternativeName::new();
            for name in &self.names {
                match name.parse::<IpAddr>() {
                    Ok(_) => names.ip(name),
                    Err(_) => names.dns(name),
                };
            }
            let names = names.build(&builder.x509v3_context(None, None))?;
            builder.append_extension(names)?;
        }
        for (oid, critical, der) in &self.further {
            builder.append_extension(extension(oid, *critical, der)?)?;
        }
        Ok(())
    }
}

/// A name of ours.
fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "mtlscope test")?;
    name.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    Ok(name.build())
}

/// An extension by its OID and the DER of its value.
pub(super) fn extension(oid: &str, critical: bool, der: &[u8]) -> Result<X509Extension, ErrorStack> {
    let value = Asn1OctetString::new_from_bytes(der)?;
    X509Extension::new_from_der(&*Asn1Object::from_str(oid)?, critical, &value)
}

fn key_usage(usages: &[Usage]) -> Result<X509Extension, ErrorStack> {
    let mut extension = KeyUsage::new();
    extension.critical();
    for usage in usages {
        match usage {
            Usage::DigitalSignature => extension.digital_signature(),
            Usage::KeyEncipherment => extension.key_encipherment(),
            Usage::NonRepudiation => extension.non_repudiation(),
            Usage::KeyCertSign => extension.key_cert_sign(),
            Usage::CrlSign => extension.crl_sign(),
        };
    }
    extension.build()
}

fn extended_key_usage(purposes: &[Purpose]) -> Result<X509Extension, ErrorStack> {
    let mut extension = ExtendedKeyUsage::new();
    for purpose in purposes {
        match purpose {
            Purpose::ClientAuth => extension.client_auth(),
            Purpose::ServerAuth => extension.server_auth(),
            Purpose::Any => extension.other("2.5.29.37.0"),
        };
    }
    extension.build()
}

/// A random number of sixteen bytes, positive. RFC 5280 section 4.1.2.2.
fn serial_number() -> Result<Asn1Integer, ErrorStack> {
    let mut number = BigNum::new()?;
    number.rand(127, MsbOption::ONE, false)?;
    number.to_asn1_integer()
}
