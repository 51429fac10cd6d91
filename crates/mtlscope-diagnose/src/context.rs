//! What the user told us beside the bytes.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use mtlscope_dissect::x509::Certificate;

use crate::answers::{Answers, SuiteAnswers};
use crate::credential::RevocationList;
use crate::expectation::Expectation;
use crate::pki::{ChainMemo, SignatureMemo};

/// What the rules may know beside the connection.
#[derive(Debug)]
pub struct Context {
    /// Certificates that the server is said to trust.
    pub trust_anchors: Vec<Arc<Certificate>>,
    /// Revocation lists that the server is said to look into.
    pub revocation_lists: Vec<RevocationList>,
    /// Whether any key material was given.
    pub keys_given: bool,
    /// How long before its end a certificate is worth a warning.
    pub expiring: Duration,
    /// What should have happened.
    pub expected: Expectation,
    /// Signatures under certificates that were already checked: the same few chains come again and again.
    pub signatures: RefCell<SignatureMemo>,
    /// Chains that were already built.
    pub chains: RefCell<ChainMemo>,
    /// What rules asked of one certificate alone.
    pub answers: Answers,
    /// Which cipher suites have no place for certificates.
    pub suites_without_certificates: SuiteAnswers,
}

/// Thirty days: by then the renewal of most certificates has begun.
pub const EXPIRING: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Context {
    /// The same for another thread: what the user says, and nothing of what was worked out so far.
    pub fn for_another_thread(&self) -> Self {
        Self {
            trust_anchors: self.trust_anchors.clone(),
            revocation_lists: self.revocation_lists.clone(),
            keys_given: self.keys_given,
            expiring: self.expiring,
            expected: self.expected,
            ..Self::default()
        }
    }
}

impl Default for Context {
    fn default() -> Self {
        Self {
            trust_anchors: Vec::new(),
            revocation_lists: Vec::new(),
            keys_given: false,
            expiring: EXPIRING,
            expected: Expectation::default(),
            signatures: RefCell::default(),
            chains: RefCell::default(),
            answers: Answers::default(),
            suites_without_certificates: SuiteAnswers::default(),
        }
    }
}
