//! The few calls of OpenSSL that its safe crate lacks, each behind a safe function. The only file of the crate with
//! `unsafe`: every block says why it is sound.

#![allow(unsafe_code)]

use std::ffi::c_int;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ssl::SslRef;
use openssl_sys::SSL;

unsafe extern "C" {
    fn SSL_renegotiate(ssl: *mut SSL) -> c_int;
    fn SSL_renegotiate_pending(ssl: *const SSL) -> c_int;
    fn SSL_verify_client_post_handshake(ssl: *mut SSL) -> c_int;
    fn SSL_set_post_handshake_auth(ssl: *mut SSL, value: c_int);
}

/// Asks for a new handshake in this connection (TLS 1.2 and before). The next `do_handshake` or write sends the
/// HelloRequest (server) or ClientHello (client).
pub(crate) fn renegotiate(ssl: &mut SslRef) -> Result<(), ErrorStack> {
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile.
    succeeded(unsafe { SSL_renegotiate(ssl.as_ptr()) })
}

/// Whether a handshake that was asked for has not come to its end.
pub(crate) fn renegotiation_is_pending(ssl: &SslRef) -> bool {
    // SAFETY: the reference is to a live SSL, which the call only reads.
    unsafe { SSL_renegotiate_pending(ssl.as_ptr()) == 1 }
}

/// Asks the client for a certificate after the handshake (TLS 1.3, server). The next `do_handshake` sends the request.
///
/// # Errors
/// Where the client did not offer post_handshake_auth, among others.
pub(crate) fn verify_client_post_handshake(ssl: &mut SslRef) -> Result<(), ErrorStack> {
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile.
    succeeded(unsafe { SSL_verify_client_post_handshake(ssl.as_ptr()) })
}

/// Whether to offer post_handshake_auth in the ClientHello (TLS 1.3, client).
pub(crate) fn set_post_handshake_auth(ssl: &mut SslRef, offered: bool) {
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile.
    unsafe { SSL_set_post_handshake_auth(ssl.as_ptr(), c_int::from(offered)) }
}

fn succeeded(result: c_int) -> Result<(), ErrorStack> {
    if result == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}
