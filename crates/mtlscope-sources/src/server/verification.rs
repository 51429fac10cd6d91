//! What became of a client's certificate: noted while OpenSSL verifies it, as mod_ssl does.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslRef};
use openssl::x509::{X509StoreContext, X509StoreContextRef, X509VerifyResult};

use super::policy::{self, Policy, Refusal, VerifyClient};
use crate::stack::ffi;

/// What verifying noted of one connection, kept in its `SSL`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verification {
    /// What is wrong with the client's certificate.
    pub(super) error: Option<X509VerifyResult>,
    /// That its authority is not trusted, where that is overlooked (mod_ssl's `GENEROUS`).
    pub(super) overlooked: Option<X509VerifyResult>,
}

impl Verification {
    /// Gives a connection a place to note it in.
    pub(super) fn attach(ssl: &mut SslRef) -> Result<(), ErrorStack> {
        let index = index().ok_or_else(ErrorStack::get)?;
        ssl.set_ex_data(index, Mutex::default());
        Ok(())
    }

    /// What was noted of this connection.
    pub(super) fn of(ssl: &SslRef) -> Self {
        let mut noted = noted(ssl).map(|noted| *noted).unwrap_or_default();
        // A resumed session is not verified again; it keeps what came of it the first time.
        noted.error =
            noted.error.or(Some(ssl.verify_result()).filter(|result| *result != X509VerifyResult::OK));
        noted
    }
}

/// What OpenSSL asks of us for each certificate of a chain, from the root down.
pub(super) fn verify(policy: &Policy, ok: bool, store: &mut X509StoreContextRef) -> bool {
    let mut wrong = (!ok).then(|| store.error());
    let overlooked = wrong
        .filter(|error| policy.verify_client == VerifyClient::OptionalNoCa && policy::is_optional(*error));
    if overlooked.is_some() {
        wrong = None;
        store.set_error(X509VerifyResult::OK);
    }
    if !policy.permits_depth(store.error_depth()) {
        wrong = Some(ffi::chain_too_long());
    }
    let ssl = X509StoreContext::ssl_idx().ok().and_then(|index| store.ex_data(index));
    if let Some(mut noted) = ssl.and_then(noted) {
        // Where there are several, the last stands, as in OpenSSL's own result.
        noted.overlooked = overlooked.or(noted.overlooked);
        // The first is the cause; what comes after may follow from going on all the same.
        noted.error = noted.error.or(wrong);
    }
    wrong.is_none() || policy.refusal != Refusal::Alert
}

fn index() -> Option<Index<Ssl, Mutex<Verification>>> {
    static INDEX: OnceLock<Option<Index<Ssl, Mutex<Verification>>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}

fn noted(ssl: &SslRef) -> Option<MutexGuard<'_, Verification>> {
    index()
        .and_then(|index| ssl.ex_data(index))
        .map(|noted| noted.lock().unwrap_or_else(PoisonError::into_inner))
}
