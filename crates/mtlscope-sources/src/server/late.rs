//! Asking for a certificate once a path is requested: by renegotiation in TLS 1.2 and before, after the handshake in
//! TLS 1.3.

use openssl::ssl::{Error, ErrorCode, SslStream, SslVersion};

use super::patience::Patience;
use super::policy::Policy;
use super::request::Ahead;
use crate::stack::ffi;

/// What sessions with a client that was asked late are for.
const SESSION_ID_CONTEXT: &[u8] = b"mtlscope late";

/// What a client may send before it answers, in bytes.
const AHEAD: usize = 64 * 1024;

/// How asking went.
#[derive(Debug)]
pub(super) enum Answer {
    /// The client answered; with what, its `SSL` tells.
    Given,
    /// It did not say that it can be asked after the handshake (TLS 1.3).
    NotOffered,
    /// It went on sending and did not answer.
    TooMuch,
    /// The connection did not survive it.
    Broken(Error),
}

/// Asks, and waits for the answer.
pub(super) fn ask(stream: &mut SslStream<Patience>, policy: &Policy, ahead: &mut Ahead) -> Answer {
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
        return Answer::NotOffered;
    }
    // Sends the request.
    if let Err(error) = stream.do_handshake() {
        return Answer::Broken(error);
    }
    // What was sent before the client heard of it comes first; reading comes back behind the handshake that answers.
    let mut data = [0; 4096];
    loop {
        match stream.ssl_read(&mut data) {
            Ok(length) => {
                ahead.take(data.get(..length).unwrap_or_default());
                if stream.ssl().peer_certificate().is_some() {
                    return Answer::Given;
                }
                if ahead.len() > AHEAD {
                    return Answer::TooMuch;
                }
            }
            Err(error) if is_between_messages(&error) => return Answer::Given,
            Err(error) => return Answer::Broken(error),
        }
    }
}

/// Whether reading came back because a handshake is done and no data follows yet.
fn is_between_messages(error: &Error) -> bool {
    error.code() == ErrorCode::WANT_READ && error.io_error().is_none()
}
