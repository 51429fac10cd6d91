//! The few calls of OpenSSL that its safe crate lacks, each behind a safe function. The only file of the crate with
//! `unsafe`: every block says why it is sound.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_long, c_uchar, c_uint, c_ulong};
use std::ptr;

use foreign_types::ForeignTypeRef;
use openssl::asn1::Asn1StringRef;
use openssl::error::ErrorStack;
use openssl::ssl::{SslContextBuilder, SslRef, SslStream};
use openssl::x509::{X509NameRef, X509VerifyResult};
use openssl_sys::{
    ASN1_STRING, BIO, SSL, SSL_CTRL_MODE, SSL_CTX, SSL_MODE_AUTO_RETRY, SSL_alert_desc_string_long, SSL_ctrl,
    X509_NAME,
};

/// `SSL_CTRL_CLEAR_MODE` of `ssl.h`.
const CLEAR_MODE: c_int = 78;

type InfoCallback = unsafe extern "C" fn(*const SSL, c_int, c_int);

unsafe extern "C" {
    fn SSL_CTX_set_info_callback(context: *mut SSL_CTX, callback: Option<InfoCallback>);
    fn SSL_renegotiate(ssl: *mut SSL) -> c_int;
    fn SSL_set_session_id_context(ssl: *mut SSL, context: *const c_uchar, length: c_uint) -> c_int;
    fn SSL_verify_client_post_handshake(ssl: *mut SSL) -> c_int;
    fn X509_NAME_print_ex(out: *mut BIO, name: *const X509_NAME, indent: c_int, flags: c_ulong) -> c_int;
    fn ASN1_STRING_print_ex(out: *mut BIO, string: *const ASN1_STRING, flags: c_ulong) -> c_int;
    fn SSL_set_post_handshake_auth(ssl: *mut SSL, value: c_int);
}

/// Asks for a new handshake in this connection (TLS 1.2 and before). The next `do_handshake` or write sends the
/// HelloRequest (server) or ClientHello (client).
pub(crate) fn renegotiate(ssl: &mut SslRef) -> Result<(), ErrorStack> {
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile.
    succeeded(unsafe { SSL_renegotiate(ssl.as_ptr()) })
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

/// Whether a read goes on by itself behind a message that is no data (the default). If not, it comes back with
/// `WANT_READ`, and the message can be acted upon.
pub(crate) fn set_auto_retry(ssl: &SslRef, on: bool) {
    let command = if on { SSL_CTRL_MODE } else { CLEAR_MODE };
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile; the commands take a number and no pointer.
    unsafe { SSL_ctrl(ssl.as_ptr(), command, SSL_MODE_AUTO_RETRY as c_long, ptr::null_mut()) };
}

/// Who hears where a handshake stands, and of alerts: what OpenSSL's info callback is told (`SSL_CB_*`).
pub(crate) trait Listener {
    /// `place` and `value` as OpenSSL gives them. Must not panic.
    fn hear(ssl: &SslRef, place: c_int, value: c_int);
}

/// Has every connection of a context tell `L` where it stands.
pub(crate) fn tell<L: Listener>(context: &mut SslContextBuilder) {
    unsafe extern "C" fn callback<L: Listener>(ssl: *const SSL, place: c_int, value: c_int) {
        if !ssl.is_null() {
            // SAFETY: OpenSSL hands over the SSL on which it is working, which lives until the callback is back; a shared
            // reference is all that is made of it.
            L::hear(unsafe { SslRef::from_ptr(ssl.cast_mut()) }, place, value);
        }
    }
    // SAFETY: the builder holds a live context; the callback has the signature that OpenSSL wants and needs no state.
    unsafe { SSL_CTX_set_info_callback(context.as_ptr(), Some(callback::<L>)) };
}

/// What OpenSSL calls an alert: `unknown CA`.
pub(crate) fn alert_words(description: u8) -> &'static str {
    // SAFETY: the call takes a number and gives back a string of its own that is never freed.
    let words = unsafe { CStr::from_ptr(SSL_alert_desc_string_long(c_int::from(description))) };
    words.to_str().unwrap_or("unknown")
}

/// What the sessions of this connection are for: none of another context is resumed in it. At most 32 bytes.
pub(crate) fn set_session_id_context(ssl: &mut SslRef, context: &[u8]) -> Result<(), ErrorStack> {
    let length = c_uint::try_from(context.len()).unwrap_or(c_uint::MAX);
    // SAFETY: the reference is to a live SSL that nobody else uses meanwhile; the bytes are copied, and refused where there
    // are more than 32.
    succeeded(unsafe { SSL_set_session_id_context(ssl.as_ptr(), context.as_ptr(), length) })
}

/// The `SSL` of a stream that is ours alone, to change it.
pub(crate) fn exclusive<S>(stream: &mut SslStream<S>) -> &mut SslRef {
    // SAFETY: the stream owns its SSL and is borrowed for as long as the reference lives.
    unsafe { SslRef::from_ptr_mut(stream.ssl().as_ptr()) }
}

/// Whether the peer knows how to renegotiate safely (RFC 5746).
pub(crate) fn secure_renegotiation(ssl: &SslRef) -> bool {
    const SSL_CTRL_GET_RI_SUPPORT: c_int = 76;
    // SAFETY: the reference is to a live SSL, which the command only reads; it takes no pointer.
    unsafe { openssl_sys::SSL_ctrl(ssl.as_ptr(), SSL_CTRL_GET_RI_SUPPORT, 0, std::ptr::null_mut()) == 1 }
}

/// How OpenSSL is to print a string of ASN.1: `ASN1_STRFLGS_*`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printing(c_ulong);

impl Printing {
    /// Control characters escaped, all else as UTF-8.
    pub(crate) const READABLE: Self = Self(0x2 | 0x10);
    /// As RFC 2253 has it (`XN_FLAG_RFC2253`), with UTF-8 left as it is.
    pub(crate) const RFC_2253: Self =
        Self((0x1 | 0x2 | 0x4 | 0x10 | 0x100 | 0x200 | 0x1_0000 | 0x10_0000 | 0x100_0000) & !0x4);
}

/// A distinguished name on one line.
pub(crate) fn name(name: &X509NameRef, printing: Printing) -> String {
    // SAFETY: the BIO is live while `printed` runs, the name while it is borrowed.
    printed(|out| unsafe { X509_NAME_print_ex(out, name.as_ptr(), 0, printing.0) })
}

/// A string of ASN.1, whatever its alphabet.
pub(crate) fn string(string: &Asn1StringRef, printing: Printing) -> String {
    // SAFETY: as above.
    printed(|out| unsafe { ASN1_STRING_print_ex(out, string.as_ptr(), printing.0) })
}

/// What OpenSSL prints, as text.
fn printed(print: impl FnOnce(*mut BIO) -> c_int) -> String {
    // SAFETY: the BIO is made here, read within the length it tells, and freed once; a BIO that could not be made is null.
    unsafe {
        let bio = openssl_sys::BIO_new(openssl_sys::BIO_s_mem());
        if bio.is_null() {
            return String::new();
        }
        print(bio);
        let mut start = std::ptr::null_mut();
        let length = usize::try_from(openssl_sys::BIO_get_mem_data(bio, &raw mut start)).unwrap_or(0);
        let bytes =
            if start.is_null() { &[] } else { std::slice::from_raw_parts(start.cast::<u8>(), length) };
        let text = String::from_utf8_lossy(bytes).into_owned();
        openssl_sys::BIO_free_all(bio);
        text
    }
}

/// `certificate chain too long`, which the safe crate has no name for.
pub(crate) fn chain_too_long() -> X509VerifyResult {
    // SAFETY: the number is one that OpenSSL has words for.
    unsafe { X509VerifyResult::from_raw(openssl_sys::X509_V_ERR_CERT_CHAIN_TOO_LONG) }
}

fn succeeded(result: c_int) -> Result<(), ErrorStack> {
    if result == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}
