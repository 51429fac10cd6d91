//! Asking for a certificate once a path is requested: by renegotiation in TLS 1.2 and before, after the handshake in
//! TLS 1.3.

use openssl::ssl::{Error, ErrorCode, SslStream, SslVersion};

use super::patience::Patience;
use super::policy::Policy;
use crate::stack::ffi;

/// How asking went.
#[derive(Debug)]
pub(super) enum Asked {
    /// The client answered; with what, its `SSL` tells.
    Answered,
    /// It did not say that it can be asked after the handshake (TLS 1.3).
    CannotBeAsked,
    /// The connection did not survive it.
    Broken(Error),
}

/// Asks, and waits for the answer.
pub(super) fn ask(stream: &mut SslStream<Patience>, policy: &Policy) -> Asked {
    let ssl = ffi::exclusive(stream);
    ssl.set_verify(policy.mode());
    // Else reading would wait for the next request behind the answer.
    ffi::set_auto_retry(ssl, false);
    let is_tls13 = ssl.version2() == Some(SslVersion::TLS1_3);
    let asked = match is_tls13 {
        true => ffi::verify_client_post_handshake(ssl),
        false => ffi::renegotiate(ssl),
    };
    if asked.is_err() {
        return Asked::CannotBeAsked;
    }
    // Sends the request.
    if let Err(error) = stream.do_handshake() {
        return Asked::Broken(error);
    }
    loop {
        match stream.ssl_peek(&mut []) {
            Err(error) if error.code() == ErrorCode::WANT_READ && error.io_error().is_none() => {}
            Err(error) if error.code() != ErrorCode::ZERO_RETURN || !answered(stream) => {
                return Asked::Broken(error);
            }
            Ok(_) | Err(_) => return Asked::Answered,
        }
        if answered(stream) {
            return Asked::Answered;
        }
    }
}

/// Whether no handshake is under way.
fn answered(stream: &SslStream<Patience>) -> bool {
    let ssl = stream.ssl();
    ssl.is_init_finished() && !ffi::renegotiation_is_pending(ssl)
}
