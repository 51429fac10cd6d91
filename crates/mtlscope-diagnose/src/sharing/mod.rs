//! What may be told to a stranger of a connection: the one place that decides, for captures that are shared and for reports.
//!
//! A stranger may see the handshake, and nothing that was said inside. What only the secrets of the application open, and
//! belongs to the handshake all the same (a refusal, tickets, a request after the handshake and its answer, the status of
//! the HTTP answer), is told in words ([`mtlscope_dissect::testimony`]), which the stranger has to take on trust.
//!
//! ```text
//! Policy            which secrets, which bytes, which words
//! notes             what is noted of each connection while a capture is read
//! plan              which bytes of which frames stay, and what their comments say
//! pseudonyms        false addresses in their place
//! blanked           options of headers in which addresses may stand, as padding
//! words             the words of an HTTP answer that may be told
//! told              a connection with no more in it, for reports
//! ```

mod blanked;
mod notes;
mod plan;
mod pseudonyms;
mod told;
mod words;

use mtlscope_dissect::event::{Protection, Record};
use mtlscope_dissect::preamble::PreambleProtocol;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::testimony::{LONGEST_MESSAGE, Statement};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{ContentType, HandshakeType};

use crate::connection::{Connection, Step, StepKind};

pub use notes::Notes;
pub use plan::{Cut, Plan, Plans, TcpHeader};
pub use pseudonyms::{Pseudonyms, Unfalsifiable};
pub use words::words_of_certificates;

/// What may be told. The default tells the least with which the handshake can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Whether master secrets of TLS 1.2 and below are given away. They open all that was said.
    pub with_master_secrets: bool,
    /// Whether who the client is stays hidden.
    pub hides_identities: bool,
    /// Whether addresses are replaced by false ones.
    pub pseudonymises: bool,
}

/// How much of a record stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// All of it.
    Whole,
    /// Its header, which says how long it is.
    Header,
}

impl Policy {
    /// Whether a line of a key log may be given away: it opens the handshake and nothing else.
    pub fn gives_secret(&self, line: &str) -> bool {
        match line.split(' ').next() {
            Some("SERVER_HANDSHAKE_TRAFFIC_SECRET") => true,
            // What it opens shows who the client is.
            Some("CLIENT_HANDSHAKE_TRAFFIC_SECRET") => !self.hides_identities,
            Some("CLIENT_RANDOM") => self.with_master_secrets,
            _ => false,
        }
    }

    /// How much of a record stays that was read, or that lies in clear.
    pub fn keeps(&self, record: &Record) -> Kept {
        let handshake = [ContentType::HANDSHAKE, ContentType::ALERT, ContentType::CHANGE_CIPHER_SPEC];
        // A heartbeat may carry what its sender did not mean to send.
        match record.content_type {
            Some(content_type) if handshake.contains(&content_type) => Kept::Whole,
            None if handshake.contains(&record.outer_content_type) => Kept::Whole,
            _ => Kept::Header,
        }
    }

    /// Whether the lines of this protocol that asked for TLS, or for a way through, stay. Nothing else said before TLS does:
    /// it may hold user names and passwords.
    pub fn keeps_asking(&self, protocol: PreambleProtocol) -> bool {
        match protocol {
            PreambleProtocol::Smtp
            | PreambleProtocol::Lmtp
            | PreambleProtocol::Imap
            | PreambleProtocol::Pop3
            | PreambleProtocol::Ftp
            | PreambleProtocol::Nntp
            | PreambleProtocol::Sieve
            | PreambleProtocol::Irc
            | PreambleProtocol::Ldap
            | PreambleProtocol::Postgresql
            | PreambleProtocol::Mysql
            | PreambleProtocol::Tds => true,
            // The first line of a request names the destination, as SNI does; what follows may authorise.
            PreambleProtocol::HttpConnect => !self.pseudonymises,
            // Addresses in clear.
            PreambleProtocol::ProxyProtocol1 | PreambleProtocol::ProxyProtocol2 => !self.pseudonymises,
            // User names and passwords stand in the very packets that ask.
            _ => false,
        }
    }

    /// What may be said of a step in words; `None` for one that needs no words, or must not have any.
    pub fn statement(&self, step: &Step) -> Option<Statement> {
        Some(match &step.kind {
            StepKind::Alert(alert, ..) => Statement::Alert(*alert),
            StepKind::ChangeCipherSpec(..) => Statement::ChangeCipherSpec,
            StepKind::Message(message) => {
                message.handshake_type.name()?;
                let bytes = message.bytes.clone().filter(|bytes| self.tells_content(message, bytes));
                Statement::Message {
                    handshake_type: message.handshake_type,
                    bytes: bytes.unwrap_or_default(),
                }
            }
            StepKind::MessageHead(head) => {
                head.handshake_type.name()?;
                Statement::Message { handshake_type: head.handshake_type, bytes: Box::default() }
            }
            // Neither the target nor a field: they may hold what authorises.
            StepKind::HttpRequest(request) => Statement::Request {
                version: request.line.rsplit(' ').next()?.to_owned(),
                method: request.line.split(' ').next()?.to_owned(),
            },
            StepKind::HttpStatus(status) => Statement::Status {
                version: status.line.split(' ').next()?.to_owned(),
                code: status.code,
                words: words_of_certificates(&status.line, &status.head),
            },
            StepKind::Http2Ending(ending, ..) => Statement::Http2Ending(*ending),
            StepKind::ApplicationData(..) => Statement::ApplicationData,
            _ => return None,
        })
    }

    /// Whether the bytes of a message that stays sealed may be told: what asks and answers, and neither tickets nor what keys
    /// are made of.
    fn tells_content(&self, message: &Message, bytes: &[u8]) -> bool {
        // Header, length of the context, length of the list.
        const EMPTY: usize = 4 + 1 + 3;
        let by_client = message.evidence.side == Side::Client;
        bytes.len() <= LONGEST_MESSAGE
            && match message.handshake_type {
                HandshakeType::CERTIFICATE | HandshakeType::COMPRESSED_CERTIFICATE if by_client => {
                    let is_empty = message.body.certificate().is_some_and(|certificate| {
                        certificate.entries.is_empty() && bytes.len() <= EMPTY + certificate.context.len()
                    });
                    !self.hides_identities || is_empty
                }
                HandshakeType::CERTIFICATE_VERIFY if by_client => !self.hides_identities,
                HandshakeType::CLIENT_HELLO
                | HandshakeType::SERVER_HELLO
                | HandshakeType::HELLO_REQUEST
                | HandshakeType::CERTIFICATE
                | HandshakeType::SERVER_KEY_EXCHANGE
                | HandshakeType::CERTIFICATE_REQUEST
                | HandshakeType::SERVER_HELLO_DONE => true,
                _ => false,
            }
    }

    /// Why a connection cannot be shared as asked; `None` where it can.
    pub fn refuses(&self, connection: &Connection) -> Option<&'static str> {
        let shows_client = connection.handshakes.iter().any(|handshake| {
            handshake
                .answer
                .seen()
                .is_some_and(|answer| answer.protection == Protection::Plain && !answer.is_empty())
        });
        (self.hides_identities && shows_client).then_some(
            "its client's certificate passed in clear (TLS 1.2 and below), and messages are never rewritten",
        )
    }
}
