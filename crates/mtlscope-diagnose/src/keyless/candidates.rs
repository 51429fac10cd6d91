//! Which of the certificates at hand have the size of what the client sent, alone or with their issuers.

use std::collections::VecDeque;
use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Curve, KeyAlgorithm};

use super::arithmetic::KeyType;
use super::client_flight::Sent;
use super::{Answer, Inference};
use crate::connection::Connection;

/// Certificates that a chain is followed through.
const DEPTH: usize = 8;
/// Candidates named.
const NAMED: usize = 64;

/// A file that holds certificates.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// Its name, as a person would give it.
    pub name: String,
    /// The certificates in it, in order.
    pub certificates: Vec<Arc<Certificate>>,
}

/// A certificate that may be the one the client sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The file it is in.
    pub file: String,
    /// The client's own certificate.
    pub certificate: Arc<Certificate>,
    /// How many issuers the client sent with it.
    pub issuers: usize,
    /// The length of the list of certificates that they make.
    pub bytes: u32,
}

/// Names the candidates in each handshake in which the size of the client's certificate was inferred.
pub fn name(connection: &mut Connection, files: &[CertificateFile]) {
    if files.is_empty() {
        return;
    }
    for handshake in &mut connection.handshakes {
        if let Some(inference) = &mut handshake.inferred
            && let Some(Answer::Certificate(sent)) = inference.answer.known()
        {
            let named = candidates(sent, files);
            Inference::name(inference, named);
        }
    }
}

/// The certificates whose sizes fit, in the order of the files.
fn candidates(sent: &Sent, files: &[CertificateFile]) -> Vec<Candidate> {
    let all: Vec<&Arc<Certificate>> = files.iter().flat_map(|file| &file.certificates).collect();
    let mut found: Vec<Candidate> = Vec::new();
    for file in files {
        for leaf in &file.certificates {
            let key = key_type(leaf);
            let fits = |bytes: u32| {
                sent.fits.iter().any(|fit| {
                    fit.key.is_none_or(|wanted| key == Some(wanted))
                        && (fit.least..=fit.greatest).contains(&bytes)
                })
            };
            for (issuers, bytes) in chains(leaf, &all, sent.per_certificate) {
                let is_known =
                    |other: &Candidate| other.certificate.sha256 == leaf.sha256 && other.issuers == issuers;
                if fits(bytes) && found.len() < NAMED && !found.iter().any(is_known) {
                    let (file, certificate) = (file.name.clone(), Arc::clone(leaf));
                    found.push(Candidate { file, certificate, issuers, bytes });
                }
            }
        }
    }
    found
}

/// The chains that lead up from a certificate: how many issuers, and how long the list is that they make.
fn chains(leaf: &Certificate, all: &[&Arc<Certificate>], per_certificate: u32) -> Vec<(usize, u32)> {
    let size = |certificate: &Certificate| certificate.der.len() as u32 + per_certificate;
    let mut chains = Vec::new();
    let mut open = VecDeque::from([(leaf, 0, size(leaf))]);
    while let Some((last, issuers, bytes)) = open.pop_front() {
        if !chains.contains(&(issuers, bytes)) {
            chains.push((issuers, bytes));
        }
        if issuers == DEPTH || last.is_self_issued() || chains.len() >= NAMED {
            continue;
        }
        let mut seen: Vec<&[u8; 32]> = Vec::new();
        for issuer in all.iter().filter(|issuer| issuer.subject.matches(&last.issuer)) {
            if (issuer.is_authority() || issuer.version == 1) && !seen.contains(&&issuer.sha256) {
                seen.push(&issuer.sha256);
                open.push_back((issuer, issuers + 1, bytes + size(issuer)));
            }
        }
    }
    chains
}

fn key_type(certificate: &Certificate) -> Option<KeyType> {
    Some(match &certificate.public_key.algorithm {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits } => {
            KeyType::Rsa(u16::try_from(bits.next_multiple_of(8)).ok()?)
        }
        KeyAlgorithm::Ec(Curve::P256) => KeyType::EcdsaP256,
        KeyAlgorithm::Ec(Curve::P384) => KeyType::EcdsaP384,
        KeyAlgorithm::Ec(Curve::P521) => KeyType::EcdsaP521,
        KeyAlgorithm::Ed25519 => KeyType::Ed25519,
        KeyAlgorithm::Ed448 => KeyType::Ed448,
        _ => return None,
    })
}
