//! HTTP/2 for the live ends, which is all that needs an async runtime.

pub(crate) mod h2_server;
