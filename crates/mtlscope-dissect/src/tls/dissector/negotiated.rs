//! What the hellos of a connection agreed on, and what follows from it for the records behind: keys and their changes.

use super::{Surroundings, TlsDissector};
use crate::decrypt::{
    BulkCipher, KeyBlock, KeyLog, MacAlgorithm, MasterSecret, Secrets, SessionName, SuiteParameters,
};
use crate::input::SecretOrigin;
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::handshake::{self, Body};
use crate::tls::protection::{Protected, Tls12Keys, Tls13Keys};
use crate::tls::registry::{CipherSuite, ExtensionType, HandshakeType, ProtocolVersion};
use crate::tls::signed::Signed;

/// What the hellos agreed on.
#[derive(Debug, Default)]
pub(super) struct Negotiated {
    pub(super) client_random: Option<[u8; 32]>,
    pub(super) server_random: Option<[u8; 32]>,
    pub(super) version: Option<ProtocolVersion>,
    pub(super) cipher_suite: Option<CipherSuite>,
    pub(super) encrypt_then_mac: bool,
    pub(super) offers_early_data: bool,
    pub(super) offers_post_handshake_auth: bool,
    /// A HelloRetryRequest was seen and its ClientHello not yet.
    pub(super) retrying: bool,
    pub(super) extended_master_secret: bool,
    /// The client's ticket and the server's session id, by the digests of their names.
    pub(super) ticket: Option<Box<[u8; 32]>>,
    pub(super) session_id: Option<Box<[u8; 32]>>,
    /// Whether a ClientKeyExchange was seen, and so the session is no older one.
    pub(super) keys_exchanged: bool,
    /// The master secret, where it comes from the key exchange.
    pub(super) master_secret: Option<Box<MasterSecret>>,
    /// Whether it was told, where secrets are asked for.
    pub(super) master_secret_told: bool,
    /// What the key block comes from.
    pub(super) opened_with: Option<SecretOrigin>,
    pub(super) key_block: Option<Box<KeyBlock>>,
    pub(super) suite_not_opened_told: bool,
    /// The server asked for a certificate.
    pub(super) asks_client: bool,
}

impl Negotiated {
    /// The secrets that a key log has for this connection.
    pub(super) fn secrets<'k>(&self, key_log: &'k KeyLog) -> Option<&'k Secrets> {
        key_log.get(self.client_random.as_ref()?)
    }
}

impl TlsDissector {
    /// Takes from a message what later records depend on. Gives what it signs if it is a CertificateVerify.
    pub(super) fn note_message(
        &mut self,
        side: Side,
        bytes: &[u8],
        body: &Body,
        s: &mut Surroundings<'_>,
    ) -> Option<Signed> {
        let limit = s.limits.transcript;
        let mut signed = None;
        match body {
            Body::ClientHello(hello) => {
                if std::mem::take(&mut self.negotiated.retrying) {
                    self.transcript.add(bytes, limit);
                } else {
                    self.transcript.begin(bytes);
                }
                self.negotiated = Negotiated {
                    client_random: Some(hello.random.0),
                    offers_early_data: hello.offers(ExtensionType::EARLY_DATA),
                    offers_post_handshake_auth: hello.offers(ExtensionType::POST_HANDSHAKE_AUTH),
                    // A renegotiation begins under what the handshake before it agreed on.
                    version: self.negotiated.version,
                    cipher_suite: self.negotiated.cipher_suite,
                    ticket: self.digest_of(hello.session_ticket().map(SessionName::Ticket), s),
                    ..Negotiated::default()
                };
            }
            Body::HelloRetryRequest(hello) => {
                self.negotiated.retrying = true;
                self.negotiated.version = Some(hello.version());
                self.transcript.retry(hello.cipher_suite.0);
                self.transcript.add(bytes, limit);
            }
            Body::ServerHello(hello) => {
                self.transcript.add(bytes, limit);
                self.server_hello(hello, s);
            }
            // Not part of any transcript. RFC 5246 section 7.4.1.1, RFC 8446 section 4.4.1.
            Body::HelloRequest | Body::KeyUpdate(_) => {}
            Body::NewSessionTicket(_) if self.is_tls13() => {}
            Body::NewSessionTicket(ticket) => {
                self.transcript.add(bytes, limit);
                self.note_new_ticket(&ticket.ticket, s);
            }
            Body::ClientKeyExchange(exchange) => {
                self.transcript.add(bytes, limit);
                self.note_key_exchange(exchange, s);
            }
            Body::CertificateRequest(_) if self.transcript.is_after_handshake() => {
                self.negotiated.asks_client = true;
                self.transcript.request_after_handshake();
                self.transcript.add(bytes, limit);
            }
            // A client that was not asked proves nothing.
            Body::ServerHelloDone if !self.negotiated.asks_client => self.transcript.give_up(),
            Body::CertificateVerify(verify) => {
                if side == Side::Client
                    && let (Some(version), Some(suite)) =
                        (self.negotiated.version, self.negotiated.cipher_suite)
                {
                    let keep = version.is_tls13() && self.negotiated.offers_post_handshake_auth;
                    let rsa = self.client_key_is_rsa;
                    signed = self.transcript.signed(keep, version, suite.0, verify.algorithm, rsa);
                }
                self.transcript.add(bytes, limit);
            }
            body => {
                self.negotiated.asks_client |= matches!(body, Body::CertificateRequest(_));
                self.transcript.add(bytes, limit);
            }
        }
        signed
    }

    pub(super) fn server_hello(&mut self, hello: &handshake::ServerHello, s: &Surroundings<'_>) {
        let version = hello.version();
        self.negotiated.version = Some(version);
        self.negotiated.cipher_suite = Some(hello.cipher_suite);
        self.negotiated.server_random = Some(hello.random.0);
        self.negotiated.encrypt_then_mac = hello.extensions.contains(ExtensionType::ENCRYPT_THEN_MAC);
        self.negotiated.extended_master_secret =
            hello.extensions.contains(ExtensionType::EXTENDED_MASTER_SECRET);
        self.negotiated.key_block = None;
        if !version.is_tls13() {
            self.negotiated.session_id = self.digest_of(Some(SessionName::Id(&hello.session_id)), s);
            return;
        }
        // It only echoes what the client made up. RFC 8446 section 4.1.3.
        self.negotiated.session_id = None;
        let early_data = self.negotiated.offers_early_data;
        self.sides[Side::Server.index()].protected = Protected::Tls13(Box::new(Tls13Keys::new(false)));
        let client = &mut self.sides[Side::Client.index()].protected;
        if !matches!(client, Protected::Tls13(_)) {
            *client = Protected::Tls13(Box::new(Tls13Keys::new(early_data)));
        }
        if !s.secrets_may_come && self.secrets(s).is_none() {
            // Nothing behind the ServerHello will be read: nobody will ask for the transcript.
            self.transcript.give_up();
        }
    }

    /// Changes the epoch of a side behind the message that ends one.
    pub(super) fn after_message(&mut self, side: Side, handshake_type: HandshakeType, s: &Surroundings<'_>) {
        if let Protected::Tls13(keys) = &mut self.sides[side.index()].protected {
            match handshake_type {
                HandshakeType::FINISHED if !self.transcript.is_after_handshake() => keys.finished(),
                HandshakeType::END_OF_EARLY_DATA => keys.early_data_ended(),
                HandshakeType::KEY_UPDATE => keys.key_update(),
                _ => {}
            }
            if handshake_type == HandshakeType::FINISHED && side == Side::Client {
                if self.negotiated.offers_post_handshake_auth {
                    if !self.transcript.is_after_handshake() {
                        self.transcript.handshake_ends();
                    }
                } else {
                    self.transcript.handshake_ends();
                    self.transcript.give_up();
                }
            }
        } else if handshake_type == HandshakeType::FINISHED && side == Side::Server && !s.secrets_may_come {
            // A renegotiation begins a transcript of its own.
            self.transcript.give_up();
        }
    }

    /// Whether this message of the server ends what the client's next flight depends on.
    pub(super) fn is_end_of_flight(&self, handshake_type: HandshakeType) -> bool {
        match handshake_type {
            HandshakeType::FINISHED => true,
            HandshakeType::SERVER_HELLO => !self.is_tls13(),
            _ => false,
        }
    }

    pub(super) fn is_tls13(&self) -> bool {
        self.negotiated.version.is_some_and(ProtocolVersion::is_tls13)
    }

    /// The side's next record is protected by what was agreed on. TLS 1.3 sends the message for show only.
    pub(super) fn change_cipher_spec(&mut self, side: Side, at: At, s: &mut Surroundings<'_>) {
        if self.is_tls13() {
            return;
        }
        let Some(version) = self.negotiated.version else {
            // With early data a client of TLS 1.3 sends it before any ServerHello; nothing is sealed by that.
            if side == Side::Server || !self.negotiated.offers_early_data {
                self.sides[side.index()].protected = Protected::Sealed;
            }
            return;
        };
        let keys = self.tls12_keys(side, version, at, s);
        let mac_alone = if keys.is_none() { self.mac_alone(version) } else { None };
        let direction = &mut self.sides[side.index()];
        direction.fragments.clear();
        direction.protected = match keys {
            Some(keys) => {
                direction.uncertain = false;
                Protected::Tls12(Box::new(keys))
            }
            None => match mac_alone {
                Some(length) => Protected::OnlyMac(length),
                None => Protected::Sealed,
            },
        };
    }

    /// The length of the MAC, if the suite does nothing else.
    fn mac_alone(&self, version: ProtocolVersion) -> Option<usize> {
        let suite = SuiteParameters::of(self.negotiated.cipher_suite?.0, version)?;
        if suite.cipher == BulkCipher::Null { suite.mac.map(MacAlgorithm::length) } else { None }
    }

    pub(super) fn tls12_keys(
        &mut self,
        side: Side,
        version: ProtocolVersion,
        at: At,
        s: &mut Surroundings<'_>,
    ) -> Option<Tls12Keys> {
        if self.negotiated.key_block.is_none() {
            let master_secret = self.master_secret(s)?;
            let cipher_suite = self.negotiated.cipher_suite?;
            let Some(suite) = SuiteParameters::of(cipher_suite.0, version) else {
                self.suite_not_opened(cipher_suite, at, s);
                return None;
            };
            let (client, server) = (self.negotiated.client_random?, self.negotiated.server_random?);
            let key_block = KeyBlock::expand(suite, &*master_secret.bytes, &client, &server);
            self.remember_session(&master_secret, s);
            self.negotiated.opened_with = Some(master_secret.origin);
            if s.session_keys_told {
                self.negotiated.master_secret = Some(Box::new(master_secret));
            }
            self.negotiated.key_block = Some(Box::new(key_block));
        }
        Tls12Keys::new(self.negotiated.key_block.as_deref()?, side, self.negotiated.encrypt_then_mac)
    }

    pub(super) fn suite_not_opened(&mut self, cipher_suite: CipherSuite, at: At, s: &mut Surroundings<'_>) {
        if !std::mem::replace(&mut self.negotiated.suite_not_opened_told, true) {
            self.notice(NoticeKind::CipherSuiteNotOpened { cipher_suite: cipher_suite.0 }, at, s);
        }
    }
}
