//! A client that asks for its destination: it is heard, the destination reached, and the client answered, each in the
//! words of the protocol that its first byte begins.

use std::io;
use std::net::{SocketAddr, TcpStream};

use super::caller::Caller;
use super::destination::Unreached;
use super::places::Place;
use super::{Shared, Way, http_proxy, socks};
use crate::client::Target;

/// What a client asked for.
pub(super) struct Asked {
    pub(super) destination: Target,
    pub(super) way: Way,
    /// What the server is to hear of it, where it is not meant for the proxy alone.
    pub(super) forwarded: Vec<u8>,
}

/// Why a client gets no way through.
pub(super) enum Refused {
    /// It was told so in its protocol; in one line for others.
    Answered(String),
    /// It spoke none of the protocols.
    Stranger(&'static str),
    /// It went away, or was too slow.
    Gone(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl Shared {
    /// Hears a client that wants to go through a proxy, and passes on what follows.
    pub(super) fn proxy(
        &self,
        mut client: Caller<'_>,
        caller: SocketAddr,
        (http, socks): (bool, bool),
        place: &Place<'_>,
    ) {
        let asked = match asked(&mut client, http, socks) {
            Ok(asked) => asked,
            Err(refused) => {
                match refused {
                    Refused::Answered(why) => self.notice(&format!("{caller} {why}")),
                    Refused::Stranger(why) => {
                        client.flow.forget();
                        self.notice(&format!("{caller} {why}"));
                    }
                    // Who calls and says nothing wanted to see whether someone is there.
                    Refused::Gone(_) if client.is_silent() => client.flow.forget(),
                    Refused::Gone(error) => {
                        self.notice(&format!("{caller} did not say where to: {error}"));
                    }
                }
                return;
            }
        };
        let reached = place.while_dialing(|| self.reach(&asked.destination));
        self.tell(client.flow, caller, asked.way.clone(), &asked.destination, &reached);
        if asked.way == Way::HttpForward {
            client.flow.forget();
        }
        if let Err(unreached) = &reached {
            self.notice(&format!("{caller} wanted {}: {unreached}", asked.destination));
        }
        if answer(&mut client, &asked.way, reached.as_ref()).is_err() {
            return;
        }
        if let Ok(server) = reached {
            let (stream, flow) = (client.stream, client.flow);
            let ahead = [asked.forwarded, client.ahead()].concat();
            self.pass(stream, server, flow, &ahead, place);
        }
    }
}

/// Hears where a client wants to go.
fn asked(client: &mut Caller<'_>, http: bool, socks: bool) -> Result<Asked, Refused> {
    match client.hear(1)?.first() {
        Some(4) if socks => socks::asked_version_4(client),
        Some(5) if socks => socks::asked_version_5(client),
        Some(0x16) => Err(Refused::Stranger(
            "began TLS without asking a proxy for a way (name the proxy as http:// or socks5h://, not https://; or relay to one \
             place with --to)",
        )),
        Some(first) if http && first.is_ascii_uppercase() => http_proxy::asked(client),
        _ => Err(Refused::Stranger(match (http, socks) {
            (true, true) => "spoke neither HTTP nor SOCKS",
            (true, false) => "did not speak HTTP as to a proxy (--socks takes SOCKS)",
            (false, _) => "did not speak SOCKS (--http-proxy takes HTTP)",
        })),
    }
}

/// Tells a client what became of its wish.
fn answer(client: &mut Caller<'_>, way: &Way, reached: Result<&TcpStream, &Unreached>) -> io::Result<()> {
    match way {
        Way::Socks4 => socks::answer_version_4(client, reached),
        Way::Socks5 => socks::answer_version_5(client, reached),
        _ => http_proxy::answer(client, way, reached),
    }
}
