//! TLS itself: records, handshake messages, alerts.

pub mod alert;
pub mod extension;
pub mod handshake;
pub mod registry;
