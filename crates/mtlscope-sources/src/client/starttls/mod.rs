//! What is said in clear before TLS begins, one file a protocol.

mod talk;

mod smtp;

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
}

impl Starttls {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Smtp, Self::Lmtp];

    /// Its name, as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
        }
    }

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
        };
        let _ = target;
        spoken.and_then(|()| talk.end()).map_err(|failure| failure.of(self.name(), target))
    }
}

/// The name, as it is typed.
impl FromStr for Starttls {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|one| one.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|one| one.name()).collect();
            format!("there are {}", names.join(", "))
        })
    }
}
