//! What all connections that are being told share.

use super::alike::Alike;
use crate::connection::{Choice, Offer};

/// What all connections share.
#[derive(Debug, Default)]
pub(in crate::connection) struct Shared {
    pub(super) offers: Alike<Offer>,
    pub(super) choices: Alike<Choice>,
}
