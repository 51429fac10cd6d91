//! The master secret of a connection up to TLS 1.2: from a key log, from a key exchange that an RSA key opens, or from the
//! session that is resumed.

use zeroize::Zeroizing;

use super::{Surroundings, TlsDissector};
use crate::decrypt::{
    MasterSecret, Prf, SessionName, SuiteParameters, extended_master_secret, master_secret,
};
use crate::input::SecretOrigin;
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::tls::handshake::{ClientKeyExchange, ExchangeKeys};
use crate::tls::registry::KeyExchange;

impl TlsDissector {
    /// The master secret, if anything tells it.
    pub(super) fn master_secret(&self, s: &Surroundings<'_>) -> Option<MasterSecret> {
        if let Some(secrets) = self.secrets(s)
            && let Some(bytes) = secrets.master_secret().and_then(|bytes| bytes.try_into().ok())
        {
            return Some(MasterSecret { bytes: Zeroizing::new(bytes), origin: secrets.origin() });
        }
        if let Some(secret) = &self.negotiated.master_secret {
            return Some((**secret).clone());
        }
        let known = |name: &Option<Box<[u8; 32]>>| {
            name.as_deref().and_then(|name| s.sessions.get(name).or_else(|| s.key_log.session(name))).cloned()
        };
        let by_ticket = || if self.negotiated.keys_exchanged { None } else { known(&self.negotiated.ticket) };
        known(&self.negotiated.session_id).or_else(by_ticket)
    }

    /// The digest by which a session is remembered; `None` where no key was given that could open one.
    pub(super) fn digest_of(
        &self,
        name: Option<SessionName<'_>>,
        s: &Surroundings<'_>,
    ) -> Option<Box<[u8; 32]>> {
        let is_of_use = !s.rsa_keys.is_empty() || s.key_log.has_any() || !s.sessions.is_empty();
        if is_of_use { name?.digest().map(Box::new) } else { None }
    }

    /// Takes the master secret from a key exchange, if a key opens it.
    pub(super) fn note_key_exchange(&mut self, exchange: &ClientKeyExchange, s: &mut Surroundings<'_>) {
        self.negotiated.keys_exchanged = true;
        let ExchangeKeys::EncryptedPreMasterSecret(encrypted) = &exchange.exchange_keys else { return };
        let suite = self.negotiated.cipher_suite;
        if s.rsa_keys.is_empty() && !s.key_log.has_premasters()
            || suite.and_then(|suite| suite.key_exchange()) != Some(KeyExchange::Rsa)
            || self.secrets(s).is_some()
        {
            return;
        }
        let logged = encrypted.first_chunk().and_then(|start| s.key_log.premaster(start));
        let (premaster, origin) = match logged {
            Some(premaster) => (Zeroizing::new(*premaster), SecretOrigin::KeyLog),
            None => {
                let key = self.server_certificate.as_ref().map(|certificate| &certificate.public_key);
                let modulus = key.and_then(|key| key.rsa_parts()).map(|(modulus, _)| modulus);
                let Some(premaster) = s.rsa_keys.premaster(encrypted, modulus) else { return };
                (premaster, SecretOrigin::RsaKey)
            }
        };
        self.negotiated.master_secret =
            self.secret_of(&premaster).map(|bytes| Box::new(MasterSecret { bytes, origin }));
    }

    /// Remembers what a ticket handed out now will resume.
    pub(super) fn note_new_ticket(&mut self, ticket: &[u8], s: &mut Surroundings<'_>) {
        if let Some(name) = self.digest_of(Some(SessionName::Ticket(ticket)), s)
            && let Some(secret) = self.master_secret(s)
        {
            s.sessions.remember(*name, secret);
        }
    }

    /// Remembers the session that this handshake made, or resumed.
    pub(super) fn remember_session(&self, secret: &MasterSecret, s: &mut Surroundings<'_>) {
        if let Some(name) = &self.negotiated.session_id {
            s.sessions.remember(**name, secret.clone());
        }
    }

    /// Says why an RSA key that was given opens nothing of this connection.
    pub(super) fn tell_why_no_rsa_key_helps(&mut self, at: At, s: &mut Surroundings<'_>) {
        if s.rsa_keys.is_empty() || !self.sealed_seen || self.keys_fit || self.secrets(s).is_some() {
            return;
        }
        let Some(suite) = self.negotiated.cipher_suite else { return };
        if suite.key_exchange() != Some(KeyExchange::Rsa) {
            self.notice(NoticeKind::RsaKeyOfNoUse { cipher_suite: suite.0 }, at, s);
            return;
        }
        let certificate = self.server_certificate.as_ref();
        let modulus = certificate.and_then(|certificate| certificate.public_key.rsa_parts());
        if modulus.is_some_and(|(modulus, _)| !s.rsa_keys.has(modulus)) {
            self.notice(NoticeKind::RsaKeyIsAnother, at, s);
        } else if s.rsa_keys.are_given_up() {
            let what = "1000 secrets were not encrypted to the RSA keys given; no more are tried";
            self.notice(NoticeKind::LimitReached { what }, at, s);
        }
    }

    fn secret_of(&self, premaster: &[u8; 48]) -> Option<Zeroizing<[u8; 48]>> {
        let (version, suite) = (self.negotiated.version?, self.negotiated.cipher_suite?);
        let prf = SuiteParameters::of(suite.0, version)?.prf;
        if self.negotiated.extended_master_secret && prf != Prf::Ssl3 {
            return Some(extended_master_secret(prf, premaster, &self.transcript.session_hash(prf)?));
        }
        let (client, server) = (self.negotiated.client_random?, self.negotiated.server_random?);
        Some(master_secret(prf, premaster, &client, &server))
    }
}
