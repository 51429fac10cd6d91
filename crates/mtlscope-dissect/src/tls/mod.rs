//! TLS itself: records, handshake messages, alerts; and both directions of a connection put together.

pub(crate) mod record;
pub(crate) mod fragments;
pub mod registry;
pub mod extension;
pub mod handshake;
pub mod alert;
pub mod message;
pub(crate) mod transcript;
pub(crate) mod protection;
pub(crate) mod application_data;
pub(crate) mod dissector;
