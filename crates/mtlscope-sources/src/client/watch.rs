//! What our own stack tells of a connection while it works: whether it was asked, alerts, states, the check of the chain.

use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslRef};
use openssl::x509::{X509StoreContext, X509StoreContextRef};

use super::report::{Alert, StepKind, Verified};
use crate::feed::Feed;
use crate::stack::ffi::Listener;

/// What was told so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) asked: bool,
    pub(super) tickets: u32,
    pub(super) alert_received: Option<Alert>,
    pub(super) alert_sent: Option<Alert>,
    pub(super) chain: Option<Verified>,
    pub(super) chain_troubles: Vec<Verified>,
    /// Only with `trace`.
    pub(super) steps: Vec<super::Step>,
    pub(super) clock: Option<Feed>,
}

impl Watch {
    /// `clock`: states and steps of the check are kept, timed by this feed.
    pub(super) fn new(clock: Option<Feed>) -> Self {
        Self(Arc::new(Mutex::new(Told { clock, ..Told::default() })))
    }

    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        // Facts are added one at a time: a panic elsewhere leaves them whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a connection tell this watch.
    pub(super) fn attach(&self, ssl: &mut SslRef) -> Result<(), ErrorStack> {
        let index = index().ok_or_else(ErrorStack::get)?;
        ssl.set_ex_data(index, self.clone());
        Ok(())
    }

    pub(super) fn of(ssl: &SslRef) -> Option<&Self> {
        ssl.ex_data(index()?)
    }
}

fn index() -> Option<Index<Ssl, Watch>> {
    static INDEX: OnceLock<Option<Index<Ssl, Watch>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}

impl Told {
    fn step(&mut self, kind: StepKind) {
        if let Some(clock) = &self.clock {
            let time = clock.now();
            self.steps.push(super::Step { time, kind });
        }
    }
}

/// The numbers of OpenSSL's info callback (`ssl.h`).
mod place {
    use std::ffi::c_int;

    pub(super) const LOOP: c_int = 0x01;
    pub(super) const EXIT: c_int = 0x02;
    pub(super) const READ: c_int = 0x04;
    pub(super) const ALERT: c_int = 0x4000;
    pub(super) const CONNECT: c_int = 0x1000;
}

/// The state in which a client has read a CertificateRequest, in OpenSSL's short words.
const REQUEST_READ: &str = "TRCR";

/// `close_notify`, `user_canceled`.
const GOODBYES: [u8; 2] = [0, 90];

impl Listener for Watch {
    fn hear(ssl: &SslRef, place: c_int, value: c_int) {
        let Some(watch) = Self::of(ssl) else { return };
        let mut told = watch.told();
        if place & place::ALERT != 0 {
            let [.., level, description] = value.to_be_bytes();
            let alert = Alert { level, description };
            let is_read = place & place::READ != 0;
            if !GOODBYES.contains(&description) {
                let first = if is_read { &mut told.alert_received } else { &mut told.alert_sent };
                first.get_or_insert(alert);
            }
            if told.clock.is_some() {
                let direction = if is_read { "read" } else { "write" };
                told.step(StepKind::State(format!("SSL3 alert {direction}:{}", alert_words(alert))));
            }
            return;
        }
        if place & place::LOOP != 0 && ssl.state_string().trim_end() == REQUEST_READ {
            told.asked = true;
        }
        if told.clock.is_some() {
            let who = if place & place::CONNECT != 0 { "SSL_connect" } else { "undefined" };
            let state = ssl.state_string_long();
            if place & place::LOOP != 0 {
                told.step(StepKind::State(format!("{who}:{state}")));
            } else if place & place::EXIT != 0 && value == 0 {
                told.step(StepKind::State(format!("{who}:failed in {state}")));
            } else if place & place::EXIT != 0 && value < 0 {
                told.step(StepKind::State(format!("{who}:error in {state}")));
            }
        }
    }
}

/// `fatal:unknown CA`, as s_client writes it.
fn alert_words(alert: Alert) -> String {
    let level = match alert.level {
        1 => "warning",
        2 => "fatal",
        _ => "unknown",
    };
    format!("{level}:{}", crate::stack::ffi::alert_words(alert.description))
}

/// Hears a step of the check of the server's chain.
pub(super) fn verified(store: &X509StoreContextRef, went_well: bool) {
    let Some(watch) =
        X509StoreContext::ssl_idx().ok().and_then(|index| store.ex_data(index)).and_then(Watch::of)
    else {
        return;
    };
    let result = store.error();
    let mut told = watch.told();
    let certificate = match told.clock {
        Some(_) => store.current_cert().and_then(|certificate| certificate.to_der().ok()),
        None => None,
    };
    let code = if went_well { 0 } else { result.as_raw() };
    let step = Verified {
        depth: store.error_depth(),
        code,
        text: if went_well { "ok" } else { result.error_string() },
        certificate,
    };
    if told.clock.is_some() {
        told.step(StepKind::Verify(step.clone()));
    }
    if !went_well {
        told.chain_troubles.push(Verified { certificate: None, ..step.clone() });
    }
    // The first trouble is what counts: what follows from it comes behind.
    if told.chain.as_ref().is_none_or(|chain| chain.code == 0) {
        told.chain = Some(Verified { certificate: None, ..step });
    }
}
