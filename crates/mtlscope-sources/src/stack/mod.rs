//! The TLS stack that the live ends borrow: OpenSSL. What both ends need of it, and what its safe crate lacks.
//!
//! The ends cause handshakes; what happens in them the engine reads from the socket, as it would from a capture.

pub(crate) mod ffi;

use std::sync::OnceLock;

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef};

use crate::feed::FlowFeed;

/// Where a connection's feed stands in its `SSL`.
fn flow_index() -> Option<Index<Ssl, FlowFeed>> {
    static INDEX: OnceLock<Option<Index<Ssl, FlowFeed>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}

/// Has every connection of a context give its secrets to the feed that [`attach`] gave it.
pub(crate) fn feed_secrets(context: &mut SslContextBuilder) {
    context.set_keylog_callback(|ssl, line| {
        if let Some(flow) = flow_index().and_then(|index| ssl.ex_data(index)) {
            flow.secret(line.as_bytes());
        }
    });
}

/// Gives a connection its feed.
pub(crate) fn attach(ssl: &mut SslRef, flow: FlowFeed) -> Result<(), ErrorStack> {
    let index = flow_index().ok_or_else(ErrorStack::get)?;
    ssl.set_ex_data(index, flow);
    Ok(())
}
