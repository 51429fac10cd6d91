//! What both sides say in clear before TLS begins: STARTTLS in its many tongues, proxies, the PROXY protocol. One file a
//! protocol.
//!
//! What is said is kept while it might lead to TLS ([`Talk`]), and read once TLS begins, or once the connection is over
//! without it. Passwords and what else was said are not told: only the lines that asked for TLS, or for a way through.

mod cursor;
mod ftp;
mod http_connect;
mod imap;
mod irc;
mod ldap;
mod lines;
mod lmtp;
mod mysql;
mod nntp;
mod pop3;
mod postgresql;
mod proxy_protocol;
mod rdp;
mod sieve;
mod smtp;
mod socks4;
mod socks5;
mod talk;
pub(crate) mod tds;
mod xmpp;

use std::fmt;

use crate::evidence::Evidence;

use cursor::Cursor;
pub(crate) use talk::Talk;

/// A talk in clear that led to TLS, or was meant to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preamble {
    /// In which protocol.
    pub protocol: PreambleProtocol,
    /// What was said, as far as it matters, in order.
    pub steps: Vec<PreambleStep>,
    /// Where a proxy was asked to connect to: `server.example:443`. What the PROXY protocol says the client called.
    pub destination: Option<String>,
    /// Who the PROXY protocol says the client is: `192.0.2.1:40000`.
    pub source: Option<String>,
    /// How it came out.
    pub result: PreambleResult,
}

/// One thing that one side said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreambleStep {
    /// What, in the words of the protocol: `STARTTLS`, `220 go ahead`. Printable, and not long.
    pub text: String,
    /// Where, and who.
    pub evidence: Evidence,
}

/// How a talk in clear came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PreambleResult {
    /// Nobody asked for TLS, or for a way through.
    NotAsked,
    /// The answer to what was asked was not seen.
    NotAnswered,
    /// The server agreed.
    Agreed,
    /// The server refused.
    Refused,
}

/// The protocols that are read. Their `Display` is what people call them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the name of a protocol")]
pub enum PreambleProtocol {
    Smtp,
    Lmtp,
    Imap,
    Pop3,
    Ftp,
    Nntp,
    Sieve,
    Irc,
    Xmpp,
    Ldap,
    Postgresql,
    Mysql,
    Tds,
    Rdp,
    HttpConnect,
    Socks4,
    Socks5,
    ProxyProtocol1,
    ProxyProtocol2,
}

impl PreambleProtocol {
    /// The word for programs: `smtp`, `http_connect`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
            Self::Nntp => "nntp",
            Self::Sieve => "sieve",
            Self::Irc => "irc",
            Self::Xmpp => "xmpp",
            Self::Ldap => "ldap",
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Tds => "tds",
            Self::Rdp => "rdp",
            Self::HttpConnect => "http_connect",
            Self::Socks4 => "socks4",
            Self::Socks5 => "socks5",
            Self::ProxyProtocol1 => "proxy_protocol_1",
            Self::ProxyProtocol2 => "proxy_protocol_2",
        }
    }
}

impl fmt::Display for PreambleProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp => "SMTP",
            Self::Lmtp => "LMTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Ftp => "FTP",
            Self::Nntp => "NNTP",
            Self::Sieve => "ManageSieve",
            Self::Irc => "IRC",
            Self::Xmpp => "XMPP",
            Self::Ldap => "LDAP",
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Tds => "TDS",
            Self::Rdp => "RDP",
            Self::HttpConnect => "HTTP proxy",
            Self::Socks4 => "SOCKS 4",
            Self::Socks5 => "SOCKS 5",
            Self::ProxyProtocol1 => "PROXY protocol 1",
            Self::ProxyProtocol2 => "PROXY protocol 2",
        })
    }
}

/// A reader of one protocol: it takes what it knows from the front, and leaves the rest to others.
type Read = fn(&mut Cursor<'_>) -> Option<Preamble>;

/// All of them. What stands in front of other protocols is tried first; those that begin with the same greeting part by
/// what the client asks.
const READERS: [Read; 18] = [
    proxy_protocol::read,
    http_connect::read,
    socks5::read,
    socks4::read,
    postgresql::read,
    mysql::read,
    ldap::read,
    tds::read,
    rdp::read,
    xmpp::read,
    imap::read,
    pop3::read,
    ftp::read,
    lmtp::read,
    nntp::read,
    sieve::read,
    irc::read,
    smtp::read,
];

/// Talks one behind the other that are looked for: the PROXY protocol, then a proxy, then STARTTLS.
const IN_A_ROW: usize = 6;

/// Reads what was said. `client`: which sender is the client.
pub(crate) fn read(talk: &Talk, client: usize) -> Vec<Preamble> {
    let mut cursor = Cursor::new(talk, client);
    let mut preambles = Vec::new();
    while preambles.len() < IN_A_ROW && !cursor.is_at_end() {
        let read = READERS.iter().find_map(|read| {
            let mut ahead = cursor.clone();
            let preamble = read(&mut ahead).filter(|preamble| preamble.result != PreambleResult::NotAsked)?;
            Some((preamble, ahead))
        });
        let Some((preamble, ahead)) = read else { break };
        preambles.push(preamble);
        cursor = ahead;
    }
    preambles
}

/// Whether the first bytes of a side may begin a talk that leads to TLS.
pub(crate) fn may_begin(bytes: &[u8]) -> bool {
    const TEXTS: [&[u8]; 18] = [
        b"PROXY ",
        b"CONNECT ",
        b"220",
        b"* OK",
        b"* PREAUTH",
        b"* BYE",
        b"+OK",
        b"200",
        b"201",
        b"\"",
        b"OK",
        b"<",
        b":",
        b"STARTTLS",
        b"CAP ",
        b"EHLO",
        b"LHLO",
        b"AUTH ",
    ];
    TEXTS.iter().any(|text| bytes.starts_with(text))
        || proxy_protocol::is_version_2(bytes)
        || postgresql::is_request(bytes)
        || mysql::is_greeting(bytes)
        || socks4::is_request(bytes)
        || socks5::is_greeting(bytes)
        || ldap::is_message(bytes)
        || tds::is_prelogin(bytes)
        || rdp::is_request(bytes)
}

/// How many bytes at the head of a segment stand before a hello in the same segment: what a client sends ahead without
/// waiting for an answer.
pub(crate) fn ahead_of_hello(bytes: &[u8], is_start: bool) -> Option<usize> {
    if is_start && let Some(length) = proxy_protocol::length(bytes) {
        return Some(length);
    }
    mysql::request_length(bytes)
}

/// Text of the wire in a form that can be shown: printable, and cut.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(bytes);
    let mut shown: String = text
        .trim_end_matches(['\r', '\n'])
        .chars()
        .take(LONGEST)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
