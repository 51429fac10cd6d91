//! What the user told us beside the bytes.

use std::sync::Arc;

use mtlscope_dissect::x509::Certificate;

/// What the rules may know beside the connection.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Certificates that the server is said to trust.
    pub trust_anchors: Vec<Arc<Certificate>>,
    /// Whether any key material was given.
    pub keys_given: bool,
}
