//! What is said in clear before TLS begins, one file a protocol.

use std::net::TcpStream;
use std::time::Instant;

use super::attempt::Log;
use super::{ClientError, Target};

/// A protocol in which TLS begins after a talk in clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Starttls {}

impl Starttls {
    pub(super) fn speak(
        self,
        _stream: &mut TcpStream,
        _target: &Target,
        _deadline: Instant,
        _log: &mut Log<'_>,
    ) -> Result<(), ClientError> {
        match self {}
    }
}
