//! What is said in clear before TLS begins, one file a protocol: those that `openssl s_client -starttls` knows.

mod ftp;
mod imap;
mod irc;
mod ldap;
mod mysql;
mod nntp;
mod pop3;
mod postgres;
mod sieve;
mod smtp;
mod telnet;
mod xmpp;

mod talk;

use std::net::TcpStream;
use std::str::FromStr;
use std::time::Instant;

use super::attempt::Log;
use super::{ClientError, Target};
use talk::Talk;

/// A protocol in which TLS begins after a talk in clear.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "each is the name of a protocol")]
pub enum Starttls {
    Smtp,
    Lmtp,
    Imap,
    Pop3,
    Ftp,
    Ldap,
    Xmpp,
    XmppServer,
    Postgres,
    Mysql,
    Nntp,
    Sieve,
    Irc,
    Telnet,
}

impl Starttls {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Smtp,
        Self::Lmtp,
        Self::Imap,
        Self::Pop3,
        Self::Ftp,
        Self::Ldap,
        Self::Xmpp,
        Self::XmppServer,
        Self::Postgres,
        Self::Mysql,
        Self::Nntp,
        Self::Sieve,
        Self::Irc,
        Self::Telnet,
    ];

    /// Its name, as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
            Self::Ldap => "ldap",
            Self::Xmpp => "xmpp",
            Self::XmppServer => "xmpp-server",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Nntp => "nntp",
            Self::Sieve => "sieve",
            Self::Irc => "irc",
            Self::Telnet => "telnet",
        }
    }

    /// Talks until TLS may begin.
    pub(super) fn speak(
        self,
        stream: &mut TcpStream,
        target: &Target,
        deadline: Instant,
        log: &mut Log<'_>,
    ) -> Result<(), ClientError> {
        let mut talk = Talk::new(stream, deadline, log);
        let spoken = match self {
            Self::Smtp => smtp::speak(&mut talk, "EHLO"),
            Self::Lmtp => smtp::speak(&mut talk, "LHLO"),
            Self::Imap => imap::speak(&mut talk),
            Self::Pop3 => pop3::speak(&mut talk),
            Self::Ftp => ftp::speak(&mut talk),
            Self::Ldap => ldap::speak(&mut talk),
            Self::Xmpp => xmpp::speak(&mut talk, "jabber:client", &target.host),
            Self::XmppServer => xmpp::speak(&mut talk, "jabber:server", &target.host),
            Self::Postgres => postgres::speak(&mut talk),
            Self::Mysql => mysql::speak(&mut talk),
            Self::Nntp => nntp::speak(&mut talk),
            Self::Sieve => sieve::speak(&mut talk),
            Self::Irc => irc::speak(&mut talk),
            Self::Telnet => telnet::speak(&mut talk),
        };
        spoken.and_then(|()| talk.end()).map_err(|failure| failure.of(self.name(), target))
    }
}

/// The name, as it is typed.
impl FromStr for Starttls {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let name = if name == "postgresql" { "postgres" } else { name };
        Self::ALL.iter().copied().find(|one| one.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|one| one.name()).collect();
            format!("there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests;
