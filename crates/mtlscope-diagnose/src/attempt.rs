//! One attempt of a client of ours: the connection as the engine saw it, and the HTTP answer as the client read it.

use crate::connection::{Connection, speaks_of_certificates};

/// A connection that was made in order to learn something of the server.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// What was seen.
    pub connection: &'a Connection,
    /// The answer that the client read, where there is more of it than in the connection. `None`: that has to do.
    pub answer: Option<HttpAnswer<'a>>,
}

/// An HTTP answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HttpAnswer<'a> {
    /// The status.
    pub code: u16,
    /// What came with it, as much as is at hand: header fields and body.
    pub text: &'a str,
}

impl<'a> Attempt<'a> {
    /// The answer, whoever tells of it.
    pub fn answer(&self) -> Option<HttpAnswer<'a>> {
        self.answer.or_else(|| {
            let status = self.connection.http_status.as_ref()?;
            Some(HttpAnswer { code: status.code, text: &status.head })
        })
    }
}

impl HttpAnswer<'_> {
    /// Whether it is about a certificate.
    pub fn speaks_of_certificates(&self) -> bool {
        speaks_of_certificates(self.code, self.text)
    }

    /// Whether it turns the client away, and may do so for its certificate or the lack of one: 401, 403, 421, 495, 496, and
    /// a 400 that speaks of certificates.
    pub fn turns_away(&self) -> bool {
        match self.code {
            401 | 403 | 421 | 495 | 496 => true,
            400 => self.speaks_of_certificates(),
            _ => false,
        }
    }
}
