//! Judging certificates: who signed them, when and what for they hold, and whether they fit what was asked for.
//!
//! Pure: the moment, the trust anchors and the names asked for are handed in. Nothing here accepts or refuses; it says
//! what is so, and rules say what that means.

pub mod chain_memo;
pub mod constraints;
pub mod host_names;
pub mod issuers;
pub mod names;
pub mod path;
pub mod purpose;
pub mod scheme;
pub mod signature;
pub mod signature_memo;
pub mod validity;

pub use chain_memo::ChainMemo;
pub use path::{Chain, End, Link, Origin};
pub use purpose::Unfit;
pub use signature::{
    HandshakeScheme, SignatureCheck, Signed, tls13_signed_content, verify_certificate, verify_handshake,
};
pub use signature_memo::SignatureMemo;
pub use validity::Validity;

#[cfg(test)]
pub(crate) mod fixtures;
