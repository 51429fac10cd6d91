//! What comes again with the next connection: the certificates, the requests and the messages of a capture are few, and most of
//! what happens does in the same second. Each text is written once and copied.

use std::cell::RefCell;

use super::certificate::Chains;
use super::client_auth::Requests;
use super::message::Contents;
use super::scalar::Clock;

/// Texts kept from the lines before, and room to make others in.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) chains: Chains,
    pub(super) requests: Requests,
    pub(super) contents: Contents,
    pub(super) clock: RefCell<Clock>,
    /// Room for a text that is needed for a moment.
    pub(super) text: RefCell<String>,
}
