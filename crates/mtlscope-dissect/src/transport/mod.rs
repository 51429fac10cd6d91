//! The transport layer.

pub(crate) mod tcp;
