//! What files of certificates and keys are worth together: could a client show this, and prove it?
//!
//! As everywhere here, the moment and the bytes are handed in. What any server has against a certificate is judged by
//! [`candidate`](crate::candidate); added here is what only the owner's files show: the key, the authorities that are
//! trusted, and the revocation lists.

mod authorities;
mod chain;
mod flaw;
mod key;
mod revocation;

use std::sync::Arc;

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::oid::CLIENT_AUTH;
use mtlscope_dissect::x509::{Certificate, Name, PublicKey, SerialNumber, Time};

pub use flaw::Flaw;
pub use key::KeyMatch;

use crate::candidate::{self, Demand};
use crate::finding::Severity;
use crate::pki::{Chain, SignatureMemo};

/// A file that was read.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// What it is called.
    pub name: String,
    /// How it is stored: `PEM`, `PKCS#12`.
    pub format: &'static str,
    /// Whether it is a PKCS#12 file that OpenSSL 3 reads only with its legacy provider.
    pub legacy: bool,
    /// What is in it, in order.
    pub content: Vec<Stored>,
}

/// One thing in a file.
#[derive(Clone, Debug)]
pub enum Stored {
    /// A certificate.
    Certificate(Arc<Certificate>),
    /// A certificate that cannot be read, and why.
    UnreadableCertificate(String),
    /// A private key.
    PrivateKey(Key),
    /// A request for a certificate.
    Request {
        /// For whom.
        subject: Name,
        /// For which key.
        public_key: PublicKey,
        /// Whether that key signed it.
        is_signed: bool,
    },
    /// A revocation list.
    RevocationList(RevocationList),
    /// A public key.
    PublicKey(PublicKey),
    /// Something else, by the label of its PEM block.
    Other(String),
}

/// A private key, as far as can be seen of it without seeing it.
#[derive(Clone, Debug)]
pub struct Key {
    /// The public key that it says it belongs to.
    pub public_key: PublicKey,
    /// Whether it is encrypted in its file.
    pub is_encrypted: bool,
    /// A signature that it made; `None` where TLS has none of such keys.
    pub probe: Option<Probe>,
}

/// A signature made to see whose key it is.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The SignatureScheme.
    pub scheme: u16,
    /// What was signed.
    pub message: &'static [u8],
    /// The signature.
    pub signature: Vec<u8>,
}

/// A revocation list.
#[derive(Clone, Debug)]
pub struct RevocationList {
    /// Whose it is.
    pub issuer: Name,
    /// When it was made.
    pub this_update: Time,
    /// When the next was to come.
    pub next_update: Option<Time>,
    /// The serial numbers on it, without zeros in front.
    pub revoked: Vec<Vec<u8>>,
    /// Which of the certificates at hand signed it.
    pub signer: Option<Arc<Certificate>>,
}

impl RevocationList {
    /// Whether a certificate of this number is on it.
    pub fn lists(&self, serial: &SerialNumber) -> bool {
        let serial = serial.content();
        let zeros = serial.iter().take_while(|byte| **byte == 0).count();
        let serial = serial.get(zeros..).unwrap_or_default();
        self.revoked.iter().any(|revoked| revoked == serial)
    }
}

/// Everything that is judged together.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The files of the client.
    pub files: Vec<StoredFile>,
    /// The authorities that the server trusts; empty where nobody said.
    pub trusted: Vec<Arc<Certificate>>,
    /// The moment.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// From the client's own certificate upwards; `None` where there is none.
    pub chain: Option<Chain>,
    /// How the key stands to it.
    pub key: KeyMatch,
    /// What speaks against it, worst first.
    pub flaws: Vec<Flaw>,
}

impl Judgement {
    /// Whether it can serve as a client certificate: nothing that speaks against it is an error.
    pub fn can_serve(&self) -> bool {
        self.flaws.iter().all(|flaw| flaw.severity < Severity::Error)
    }
}

impl Credential {
    /// The certificates of the files, in order.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.content().filter_map(|stored| match stored {
            Stored::Certificate(certificate) => Some(certificate),
            _ => None,
        })
    }

    fn content(&self) -> impl Iterator<Item = &Stored> {
        self.files.iter().flat_map(|file| &file.content)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.content().filter_map(|stored| match stored {
            Stored::PrivateKey(key) => Some(key),
            _ => None,
        })
    }

    fn revocation_lists(&self) -> impl Iterator<Item = &RevocationList> {
        self.content().filter_map(|stored| match stored {
            Stored::RevocationList(list) => Some(list),
            _ => None,
        })
    }

    /// Judges it.
    pub fn judge(&self, memo: &mut SignatureMemo) -> Judgement {
        let mut flaws: Vec<Flaw> = self
            .files
            .iter()
            .filter(|file| file.legacy)
            .map(|file| flaw::legacy_encryption(&file.name))
            .collect();
        for stored in self.content() {
            if let Stored::UnreadableCertificate(why) = stored {
                flaws.push(flaw::unreadable_certificate(why));
            }
        }
        let mut judgement = match self.sent() {
            Some(sent) => self.judge_client(&sent, &mut flaws, memo),
            None => {
                flaws.push(self.nothing_to_show());
                Judgement { chain: None, key: KeyMatch::NoCertificate, flaws: Vec::new() }
            }
        };
        flaws.extend(authorities::check(self));
        flaws.sort_by_key(|flaw| std::cmp::Reverse(flaw.severity));
        judgement.flaws = flaws;
        judgement
    }

    fn judge_client(
        &self,
        sent: &[Arc<Certificate>],
        flaws: &mut Vec<Flaw>,
        memo: &mut SignatureMemo,
    ) -> Judgement {
        let chain = Chain::build(sent, &self.trusted, memo);
        let own = sent.first();
        let key = own.map_or(KeyMatch::NoCertificate, |own| key::check(own, self.keys()));
        flaws.extend(key.flaw());
        if let Some(chain) = &chain {
            flaws.extend(chain::check(chain, sent, &self.trusted));
            flaws.extend(revocation::check(chain, self.revocation_lists(), self.at));
            // The way up may lead over trusted authorities, so it is the way that is judged, and not what is sent.
            let way: Vec<Arc<Certificate>> =
                chain.links.iter().map(|link| Arc::clone(&link.certificate)).collect();
            let demand = Demand { request: None, version: None, server: &[], known: &[], at: self.at };
            let objections =
                candidate::judge(&way, &demand, memo).into_iter().flat_map(|judged| judged.objections);
            flaws.extend(objections.map(|objection| flaw::of_objection(&objection)));
            if chain.out_of_order || self.certificates().next() != own {
                flaws.push(flaw::out_of_order());
            }
        }
        Judgement { chain, key, flaws: Vec::new() }
    }

    /// What a client would send, its own certificate first: that of the key, or the first that is no authority's.
    fn sent(&self) -> Option<Vec<Arc<Certificate>>> {
        let all: Vec<&Arc<Certificate>> = self.certificates().collect();
        let of_key = all.iter().position(|one| self.keys().any(|key| key.public_key == one.public_key));
        let of_client = all.iter().position(|one| !is_authority_only(one));
        let first = match (of_key, of_client, self.keys().next()) {
            (Some(place), ..) | (None, Some(place), _) => place,
            // There is a key, so somebody means one of these to be a client.
            (None, None, Some(_)) if !all.is_empty() => 0,
            _ => return None,
        };
        let own = all.get(first)?;
        let others = all.iter().enumerate().filter(|(place, _)| *place != first).map(|(_, other)| other);
        Some([own].into_iter().chain(others).map(|one| Arc::clone(one)).collect())
    }

    /// Why there is no client in the files.
    fn nothing_to_show(&self) -> Flaw {
        let has = |wanted: fn(&Stored) -> bool| self.content().any(wanted);
        if self.certificates().next().is_some() {
            flaw::only_authorities()
        } else if has(|stored| matches!(stored, Stored::Request { .. })) {
            flaw::only_a_request()
        } else if has(|stored| matches!(stored, Stored::PrivateKey(_))) {
            flaw::only_a_key()
        } else if has(|stored| matches!(stored, Stored::RevocationList(_))) {
            flaw::only_a_revocation_list()
        } else {
            flaw::no_certificate()
        }
    }
}

/// Whether a certificate is that of an authority, and of nothing else besides.
fn is_authority_only(certificate: &Certificate) -> bool {
    let purposes = certificate.extensions.extended_key_usage.as_deref().unwrap_or_default();
    certificate.is_authority() && !purposes.iter().any(|purpose| *purpose == *CLIENT_AUTH)
}

#[cfg(test)]
mod tests;
