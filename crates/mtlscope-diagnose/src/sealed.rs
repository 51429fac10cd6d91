//! What of a connection stays sealed: which kinds of content may be in it, and which key would open it.

use mtlscope_dissect::event::{EventKind, Protection, SealedRecord};
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::registry::{CipherSuite, ContentType, HandshakeType, KeyExchange};

use crate::connection::{Connection, StepKind};

/// Kinds of content: those that somebody asks for, or those that may be sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Contents {
    /// The server's answer in TLS 1.3, the request for a certificate and the certificates of both sides.
    pub identities: bool,
    /// Any other handshake message but the hellos: Finished, tickets.
    pub handshake: bool,
    /// Alerts.
    pub alerts: bool,
    /// Application data, and what else comes after the handshake.
    pub data: bool,
}

impl Contents {
    /// Nothing of a connection that TLS may seal.
    pub const NONE: Self = Self { identities: false, handshake: false, alerts: false, data: false };
    /// Everything that TLS may seal.
    pub const ALL: Self = Self { identities: true, handshake: true, alerts: true, data: true };

    /// What either has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            identities: self.identities || other.identities,
            handshake: self.handshake || other.handshake,
            alerts: self.alerts || other.alerts,
            data: self.data || other.data,
        }
    }

    fn meet(self, other: Self) -> bool {
        (self.identities && other.identities)
            || (self.handshake && other.handshake)
            || (self.alerts && other.alerts)
            || (self.data && other.data)
    }
}

/// What would open a connection that is sealed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// Its secrets, as either end writes them to a key log.
    KeyLog,
    /// The private key of the server, which the client encrypted a secret to; or a key log.
    ServerKey,
    /// None: the hellos are not in the capture, and no key can be told to belong to it.
    Nothing,
}

/// What was heard of one connection that tells what is sealed in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sealed {
    has_client_hello: bool,
    has_client_key_exchange: bool,
    suite: Option<CipherSuite>,
    /// Whether the Finished of each side was opened.
    finished: [bool; 2],
    /// How many sealed records each side sent that say of themselves that they hold handshake messages.
    handshake_records: [usize; 2],
    has_alerts: bool,
    has_data: bool,
}

impl Sealed {
    /// Takes what is told of the connection.
    pub fn hear(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Message(message) => {
                if let Body::ServerHello(hello) = &message.body {
                    self.suite = Some(hello.cipher_suite);
                }
                self.message(message.handshake_type, message.evidence.side.index(), message.protection);
            }
            EventKind::Sealed(record) => self.record(record),
            EventKind::Closed(closed) => {
                self.has_data |= closed.records_untold.iter().any(|count| *count > 0)
            }
            _ => {}
        }
    }

    /// What is sealed in a connection that was told.
    pub fn of(connection: &Connection) -> Self {
        let mut sealed = Self::default();
        sealed.suite = connection.initial().cipher_suite.seen().copied();
        for step in &connection.steps {
            if let StepKind::Sealed(record) = &step.kind {
                sealed.record(record);
            } else if let Some(message) = step.kind.message() {
                sealed.message(message.handshake_type, step.side.index(), message.protection);
            }
        }
        if connection.decrypted_with.is_none() {
            let untold = connection.closed.iter().flat_map(|closed| closed.records_untold);
            sealed.has_data |= sealed.is_sealed() && untold.sum::<u64>() > 0;
        }
        sealed
    }

    /// Whether anything is.
    pub fn is_sealed(&self) -> bool {
        self.has_alerts || self.has_data || self.handshake_records != [0, 0]
    }

    /// Whether some of this may be among what is sealed.
    pub fn hides(&self, asked: Contents) -> bool {
        self.contents().meet(asked)
    }

    /// What would open it.
    pub fn key(&self) -> Key {
        match self.suite.map(CipherSuite::key_exchange) {
            None => Key::Nothing,
            Some(_) if !self.has_client_hello => Key::Nothing,
            Some(Some(KeyExchange::Rsa)) if self.has_client_key_exchange => Key::ServerKey,
            Some(_) => Key::KeyLog,
        }
    }

    /// The kinds of content that may be in what is sealed.
    fn contents(&self) -> Contents {
        let is_tls13 = self.suite.is_none_or(|suite| suite.key_exchange() == Some(KeyExchange::Tls13));
        if is_tls13 {
            // A sealed record of TLS 1.3 does not say what it holds.
            return Contents {
                identities: self.has_data && self.finished != [true, true],
                handshake: self.has_data || self.handshake_records != [0, 0],
                alerts: self.has_data || self.has_alerts,
                data: self.has_data,
            };
        }
        Contents {
            // The first of each side is its Finished; more are another handshake.
            identities: self.handshake_records.iter().any(|count| *count > 1),
            handshake: self.handshake_records != [0, 0],
            alerts: self.has_alerts,
            data: self.has_data,
        }
    }

    fn message(&mut self, handshake_type: HandshakeType, side: usize, protection: Protection) {
        match handshake_type {
            HandshakeType::CLIENT_HELLO => self.has_client_hello = true,
            HandshakeType::CLIENT_KEY_EXCHANGE => self.has_client_key_exchange = true,
            HandshakeType::FINISHED if protection == Protection::Opened => self.finished[side] = true,
            _ => {}
        }
    }

    fn record(&mut self, record: &SealedRecord) {
        match record.content_type {
            ContentType::HANDSHAKE => self.handshake_records[record.evidence.side.index()] += 1,
            ContentType::ALERT => self.has_alerts = true,
            _ => self.has_data = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;

    const IDENTITIES: Contents = Contents { identities: true, ..Contents::NONE };
    const ALERTS: Contents = Contents { alerts: true, ..Contents::NONE };
    const DATA: Contents = Contents { data: true, ..Contents::NONE };

    #[test]
    fn a_sealed_record_of_tls_1_3_may_hold_anything_until_the_handshake_was_opened() {
        let sealed =
            Sealed::of(&tell("C> ClientHello\n S> ServerHello(1.3), Sealed(23,900)\n C> Sealed(23,60)"));
        for asked in [IDENTITIES, ALERTS, DATA] {
            assert!(sealed.hides(asked), "{asked:?}");
        }
        assert!(!sealed.hides(Contents::NONE));
        assert_eq!(sealed.key(), Key::KeyLog);
    }

    #[test]
    fn up_to_tls_1_2_a_sealed_record_says_what_it_holds() {
        let hellos =
            "C> ClientHello\n S> ServerHello, ServerHelloDone\n C> ChangeCipherSpec, Sealed(22,40)\n";
        let sealed = Sealed::of(&tell(hellos));
        assert!(sealed.hides(Contents { handshake: true, ..Contents::NONE }), "the Finished");
        assert!(!sealed.hides(IDENTITIES) && !sealed.hides(ALERTS) && !sealed.hides(DATA));
        let sealed = Sealed::of(&tell(&format!("{hellos} S> Sealed(23,300)\n C> Sealed(21,26)")));
        assert!(!sealed.hides(IDENTITIES) && sealed.hides(ALERTS) && sealed.hides(DATA));
        let sealed = Sealed::of(&tell(&format!("{hellos} C> Sealed(22,300)")));
        assert!(sealed.hides(IDENTITIES), "another handshake");
    }

    #[test]
    fn without_hellos_no_key_can_be_told_to_belong_to_it() {
        let sealed = Sealed::of(&tell("S> Sealed(23,300)"));
        assert!(sealed.hides(DATA));
        assert_eq!(sealed.key(), Key::Nothing);
    }
}
