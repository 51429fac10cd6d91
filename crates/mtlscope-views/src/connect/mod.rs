//! What a client of ours says of a server besides the connection itself: what it was asked for, whether a certificate would
//! do, the two verdicts, the chain, and the word on revocation that came with it.
//!
//! Where `openssl s_client` says the same, it is said in its words.

mod answer;
mod candidates;
mod certificate_chain;
mod note;
mod ocsp;
mod own_check;
mod request;
mod verdicts;

use std::sync::Arc;

use mtlscope_diagnose::candidate::Judgement;
use mtlscope_dissect::x509::Certificate;

pub use answer::{Shown as ShownAnswer, write as write_answer};
pub use candidates::write as write_candidates;
pub use certificate_chain::write as write_chain;
pub use note::write as write_note;
pub use ocsp::{stapled, write as write_ocsp};
pub use own_check::write as write_own_check;
pub use request::write as write_request;
pub use verdicts::{ServerChain, write as write_verdicts};

/// A certificate that was held against what the server asks for.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Where it is from: a file's name.
    pub source: &'a str,
    /// It, and what stands behind it in its file.
    pub chain: &'a [Arc<Certificate>],
    /// What came of it.
    pub judgement: &'a Judgement,
}
