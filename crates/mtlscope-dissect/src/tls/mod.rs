//! TLS itself: records, handshake messages, alerts; and both directions of a connection put together.

pub mod alert;
pub(crate) mod application_data;
pub(crate) mod dissector;
pub mod extension;
pub(crate) mod fragments;
pub mod handshake;
pub mod ja3;
pub mod heartbeat;
pub mod message;
pub mod signed;
pub(crate) mod ssl2;
pub(crate) mod protection;
pub(crate) mod record;
pub mod registry;
pub(crate) mod transcript;
