//! Asking for a certificate once a path is requested: by renegotiation in TLS 1.2 and before, after the handshake in
//! TLS 1.3.

use openssl::ssl::{Error, ErrorCode, SslStream, SslVersion};

use super::patience::Patience;
use super::policy::Policy;
use crate::stack::ffi;

/// What sessions with a client that was asked late are for.
const SESSION_ID_CONTEXT: &[u8] = b"mtlscope late";

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
        // Another context, so that the client cannot answer by resuming the session in which it was not asked.
        false => ffi::set_session_id_context(ssl, SESSION_ID_CONTEXT).and_then(|()| ffi::renegotiate(ssl)),
    };
    if asked.is_err() {
        return Asked::CannotBeAsked;
    }
    // Sends the request.
    if let Err(error) = stream.do_handshake() {
        return Asked::Broken(error);
    }
    // Reading nothing reads what stands before data: the handshake that answers. It comes back behind it.
    match stream.ssl_peek(&mut []) {
        Err(error) if !is_between_messages(&error) => Asked::Broken(error),
        Ok(_) | Err(_) => Asked::Answered,
    }
}

/// Whether reading came back because a handshake is done and no data follows yet.
fn is_between_messages(error: &Error) -> bool {
    error.code() == ErrorCode::WANT_READ && error.io_error().is_none()
}
