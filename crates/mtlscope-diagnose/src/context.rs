//! What the user told us beside the bytes.

use std::cell::RefCell;
use std::sync::Arc;

use mtlscope_dissect::x509::Certificate;

use crate::credential::RevocationList;
use crate::pki::SignatureMemo;

/// What the rules may know beside the connection.
#[derive(Debug, Default)]
pub struct Context {
    /// Certificates that the server is said to trust.
    pub trust_anchors: Vec<Arc<Certificate>>,
    /// Revocation lists that the server is said to look into.
    pub revocation_lists: Vec<RevocationList>,
    /// Whether any key material was given.
    pub keys_given: bool,
    /// Signatures under certificates that were already checked: the same few chains come again and again.
    pub signatures: RefCell<SignatureMemo>,
}
