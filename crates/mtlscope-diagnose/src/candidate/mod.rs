//! A certificate with which a client might answer: would it match what the server asked for, and if not, why not?
//!
//! The judgement goes by what the server says it wants, and by what any server has against a certificate. What only the
//! server knows (revocation, whom it lets in) no one can tell from here, so a match is no promise.

mod objection;

use std::sync::Arc;

use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::extension::OidFilter;
use mtlscope_dissect::tls::registry::{ProtocolVersion, SignatureScheme};
use mtlscope_dissect::x509::extension::KeyUsage;
use mtlscope_dissect::x509::{Certificate, HashAlgorithm, KeyAlgorithm, Name, Oid};

pub use objection::{Nearest, Objection, Weight};

use crate::connection::{Connection, Request};
use crate::pki::names::{AuthorityMatch, match_authorities};
use crate::pki::validity::{self, Validity};
use crate::pki::{Chain, End, Link, SignatureCheck, SignatureMemo, constraints, issuers, purpose, scheme};

/// What a certificate is held against.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// What the server asked for; `None` where it did not ask, and only what any server wants counts.
    pub request: Option<&'a Request>,
    /// The version in which the client would sign; `None` where it is not known.
    pub version: Option<ProtocolVersion>,
    /// The server's own chain, which may tell of an authority that another only shares its name with.
    pub server: &'a [Arc<Certificate>],
    /// Certificates of authorities that are at hand besides, with whose keys a signature can be checked.
    pub known: &'a [Arc<Certificate>],
    /// The moment.
    pub at: Timestamp,
}

impl<'a> Demand<'a> {
    /// What a connection showed of the server's demand.
    pub fn of(connection: &'a Connection) -> Self {
        let handshake = connection.asking();
        let identity = handshake.server_identity.seen().or(connection.initial().server_identity.seen());
        let version = handshake.version.seen().or(connection.initial().version.seen());
        Self {
            request: handshake.request.seen(),
            version: version.copied(),
            server: identity.map_or(&[], |identity| &identity.certificates),
            known: &[],
            at: connection.start,
        }
    }
}

/// What became of holding a certificate against a demand.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Which of the authorities named it comes from.
    pub authority: Authority,
    /// The first scheme of those asked for with which its key can sign.
    pub scheme: Option<SignatureScheme>,
    /// What speaks against it, worst first.
    pub objections: Vec<Objection>,
}

/// How a certificate stands to the authorities named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authority {
    /// The server did not ask.
    NotAsked,
    /// It named none, so any will do.
    AnyWillDo,
    /// It named this one, from which the certificate comes.
    Named(Name),
    /// It named none from which the certificate comes.
    NotNamed,
}

/// The judgement in one word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fit {
    /// Nothing that can be seen speaks against it.
    Matches,
    /// Some servers will have something against it.
    Doubtful,
    /// It is not what the server asked for, or no server takes it.
    DoesNotMatch,
}

impl Judgement {
    /// In one word.
    pub fn fit(&self) -> Fit {
        match self.objections.iter().map(Objection::weight).max() {
            None => Fit::Matches,
            Some(Weight::Doubt) => Fit::Doubtful,
            Some(Weight::Refusal) => Fit::DoesNotMatch,
        }
    }
}

/// Holds a certificate, with what stands behind it in its file, against a demand. `None` where there is no certificate.
pub fn judge(sent: &[Arc<Certificate>], demand: &Demand<'_>, memo: &mut SignatureMemo) -> Option<Judgement> {
    let leaf = sent.first()?;
    let known: Vec<Arc<Certificate>> =
        demand.known.iter().chain(demand.server.iter().skip(1)).cloned().collect();
    let chain = Chain::build(sent, &known, memo)?;
    let mut objections = Vec::new();
    let authority = authority(&chain, demand, &mut objections);
    let scheme = signing(leaf, demand, &mut objections);
    dates(&chain, demand.at, &mut objections);
    fitness(leaf, &mut objections);
    links(&chain, demand, &mut objections);
    strength(&chain, demand, &mut objections);
    if let Some(request) = demand.request {
        objections.extend(request.oid_filters.iter().filter_map(|filter| unmet(leaf, filter)));
    }
    // Stable: of the same weight, what was looked at first.
    objections.sort_by_key(|objection| std::cmp::Reverse(objection.weight()));
    Some(Judgement { authority, scheme, objections })
}

/// Whether it comes from one of the authorities named.
fn authority(chain: &Chain, demand: &Demand<'_>, objections: &mut Vec<Objection>) -> Authority {
    let Some(request) = demand.request else { return Authority::NotAsked };
    let linked: Vec<Arc<Certificate>> = in_file(chain).map(|link| Arc::clone(&link.certificate)).collect();
    let last = linked.last();
    match match_authorities(&linked, &request.authorities) {
        AuthorityMatch::AnyWillDo => Authority::AnyWillDo,
        AuthorityMatch::Named { authority, .. } => {
            if last.is_some_and(|last| issuers::is_of_another_key(last, demand.server)) {
                objections.push(Objection::OtherKey { authority: authority.clone() });
            }
            Authority::Named(authority.clone())
        }
        AuthorityMatch::NotNamed { nearest } => {
            let nearest = nearest.map(|nearest| Nearest {
                ours: nearest.ours.clone(),
                named: nearest.asked.clone(),
                distance: nearest.distance,
            });
            let named = request.authorities.len();
            objections.push(match missing(chain, &linked, request) {
                Some(missing) => Objection::Incomplete { missing, named },
                None => Objection::NotNamed { named, nearest },
            });
            Authority::NotNamed
        }
    }
}

/// The intermediate that the file lacks: one that is at hand elsewhere, or whose name looks like it.
fn missing(chain: &Chain, linked: &[Arc<Certificate>], request: &Request) -> Option<Name> {
    if let Some(next) = chain.links.get(linked.len()) {
        return (!next.certificate.is_self_issued()).then(|| next.certificate.subject.clone());
    }
    match &chain.ends {
        End::MissingIssuer(issuer)
            if issuers::looks_intermediate(issuer, linked, request.authorities.iter()) =>
        {
            Some(issuer.clone())
        }
        _ => None,
    }
}

/// The links that stand in the file itself, from the leaf upwards.
fn in_file(chain: &Chain) -> impl Iterator<Item = &Link> {
    chain.links.iter().take_while(|link| link.place_in_sent().is_some())
}

/// Whether its key can sign what the server asks to be signed.
fn signing(
    leaf: &Certificate,
    demand: &Demand<'_>,
    objections: &mut Vec<Objection>,
) -> Option<SignatureScheme> {
    let request = demand.request?;
    let key = &leaf.public_key.algorithm;
    let types = &request.certificate_types;
    if !types.is_empty() && types.iter().all(|wanted| scheme::is_of_type(key, *wanted) == Some(false)) {
        objections.push(Objection::KeyType { key: key.clone(), wanted: types.to_vec() });
    }
    let version = demand.version?;
    let asked = &request.signature_algorithms;
    let found = asked.iter().find(|asked| scheme::can_sign(key, version, **asked) == Some(true));
    let is_known = asked.iter().any(|asked| scheme::can_sign(key, version, *asked).is_some());
    if found.is_none() && is_known {
        objections.push(Objection::NoScheme { key: key.clone(), version, asked: asked.to_vec() });
    }
    found.copied()
}

fn dates(chain: &Chain, at: Timestamp, objections: &mut Vec<Objection>) {
    for (depth, link) in in_file(chain).enumerate() {
        let certificate = Arc::clone(&link.certificate);
        match validity::check(&certificate, at) {
            Validity::Valid => {}
            Validity::Expired { by } => objections.push(Objection::Expired { depth, certificate, by }),
            Validity::NotYetValid { by } => {
                objections.push(Objection::NotYetValid { depth, certificate, by });
            }
        }
    }
}

/// Whether it says of itself that it may be shown by a client.
fn fitness(leaf: &Certificate, objections: &mut Vec<Objection>) {
    objections.extend(purpose::check(leaf, Side::Client).into_iter().map(Objection::Unfit));
    if leaf.version < 3 {
        objections.push(Objection::OldVersion { version: leaf.version });
    }
}

/// Whether each certificate was rightly issued by the next.
fn links(chain: &Chain, demand: &Demand<'_>, objections: &mut Vec<Objection>) {
    if let Some(link) = chain.first_bad_signature() {
        objections.push(Objection::BadSignature { certificate: Arc::clone(&link.certificate) });
    }
    for violation in constraints::check(chain) {
        let place = objection::place_of(&violation);
        if let Some(link) = chain.links.get(place) {
            objections.push(Objection::Issuer { issuer: link.certificate.subject.clone(), violation });
        }
    }
    if chain.out_of_order && demand.version.is_none_or(|version| !version.is_tls13()) {
        objections.push(Objection::OutOfOrder);
    }
}

/// Whether keys and signatures are strong enough, and signed as the server asks.
fn strength(chain: &Chain, demand: &Demand<'_>, objections: &mut Vec<Objection>) {
    let asked = demand.request.map_or(&[][..], |request| match &request.signature_algorithms_cert[..] {
        [] => &request.signature_algorithms,
        for_certificates => for_certificates,
    });
    for (depth, link) in in_file(chain).enumerate() {
        let certificate = &link.certificate;
        let key = &certificate.public_key.algorithm;
        if is_weak(key) {
            objections.push(Objection::WeakKey { depth, key: key.clone() });
        }
        // Nobody hangs anything on a root's own signature.
        if certificate.is_self_issued() && depth > 0 {
            continue;
        }
        let algorithm = &certificate.signature_algorithm;
        if matches!(algorithm.hash(), Some(HashAlgorithm::Md2 | HashAlgorithm::Md5 | HashAlgorithm::Sha1)) {
            objections.push(Objection::WeakSignature { depth, algorithm: algorithm.clone() });
        } else if !asked.is_empty()
            && asked.iter().all(|asked| scheme::is_signed_with(algorithm.kind, *asked) == Some(false))
        {
            objections.push(Objection::SignatureNotAsked { depth, algorithm: algorithm.clone() });
        }
    }
    let unchecked = chain.links.iter().find_map(|link| match &link.signature {
        Some(SignatureCheck::Unsupported(algorithm)) => Some(algorithm.clone()),
        _ => None,
    });
    objections.extend(unchecked.map(|algorithm| Objection::Unchecked { algorithm }));
}

/// Fewer than 112 bits of security, which OpenSSL refuses at its usual level 2. NIST SP 800-57 part 1, table 2.
pub(crate) fn is_weak(key: &KeyAlgorithm) -> bool {
    match key {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits } | KeyAlgorithm::Dsa { bits } => {
            *bits < 2048
        }
        KeyAlgorithm::Ec(curve) => curve.bits().is_some_and(|bits| bits < 224),
        _ => false,
    }
}

/// What is missing of a demand on an extension. RFC 8446 section 4.2.5: of the extension named, the certificate must hold all
/// the values; keyUsage and extKeyUsage are compared bit by bit and purpose by purpose, others we do not know to compare.
fn unmet(leaf: &Certificate, filter: &OidFilter) -> Option<Objection> {
    // The OID stands with its tag and its length.
    let wanted = Oid::from_content(filter.certificate_extension_oid.get(2..)?);
    let extension = leaf.extensions.all.iter().find(|extension| extension.oid == wanted);
    let is_met = match (extension, wanted.name()) {
        (None, _) => false,
        (Some(_), Some("keyUsage")) => match (leaf.extensions.key_usage, wanted_uses(filter)) {
            (Some(has), Some(wanted)) => has.allows(wanted),
            _ => true,
        },
        (Some(_), Some("extKeyUsage")) => {
            let has = leaf.extensions.extended_key_usage.as_deref().unwrap_or_default();
            wanted_purposes(filter).all(|wanted| has.iter().any(|has| has == wanted))
        }
        (Some(_), _) => true,
    };
    (!is_met).then_some(Objection::Filter { extension: wanted })
}

/// The bits of a DER BIT STRING as keyUsage counts them.
fn wanted_uses(filter: &OidFilter) -> Option<KeyUsage> {
    let [3, _, _unused, bits @ ..] = &filter.certificate_extension_values[..] else { return None };
    let reversed = bits.iter().take(2).enumerate();
    Some(KeyUsage::from_bits(
        reversed.fold(0, |sum, (place, byte)| sum | u16::from(byte.reverse_bits()) << (8 * place)),
    ))
}

/// The content of each OBJECT IDENTIFIER in a DER SEQUENCE of them. Those of purposes are short.
fn wanted_purposes(filter: &OidFilter) -> impl Iterator<Item = &[u8]> {
    let mut rest = filter.certificate_extension_values.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let [6, length, behind @ ..] = rest else { return None };
        let (oid, behind) = behind.split_at_checked(usize::from(*length))?;
        rest = behind;
        Some(oid)
    })
}

#[cfg(test)]
mod tests;
