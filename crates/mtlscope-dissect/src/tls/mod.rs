//! TLS itself: records, handshake messages, alerts.

pub mod registry;
