//! From a destination to a connection: names are resolved, and one address after the other tried.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::client::Target;

/// Reads `HOST:PORT`, with brackets around an IPv6 address.
pub fn destination(text: &str) -> Option<Target> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
        None if host.is_empty() || host.contains([':', '/', '@', '[', ']']) => return None,
        None => host.to_owned(),
    };
    let is_plain = host.chars().all(|c| !c.is_whitespace() && !c.is_control());
    is_plain.then_some(Target { host, port })
}

/// Why a destination was not reached.
#[derive(Debug, Error)]
pub(super) enum Unreached {
    #[error("cannot resolve {host}: {cause}")]
    Resolve { host: String, cause: String },
    #[error("cannot connect to {address}: {}", words(cause))]
    Connect { address: SocketAddr, cause: io::Error },
    #[error("{0} is the relay itself")]
    Itself(SocketAddr),
}

impl Unreached {
    /// What the system said, where it was asked.
    pub(super) fn cause(&self) -> io::ErrorKind {
        match self {
            Self::Resolve { .. } => io::ErrorKind::NotFound,
            Self::Connect { cause, .. } => cause.kind(),
            Self::Itself(_) => io::ErrorKind::PermissionDenied,
        }
    }
}

/// `connection refused`: what the system says, without its number.
fn words(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        _ => {
            let text = cause.to_string();
            text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
        }
    }
}

/// Connects to the first address that answers. Each of several gets its share of the time. Never to `own` addresses.
pub(super) fn reach(to: &Target, limit: Duration, own: &[SocketAddr]) -> Result<TcpStream, Unreached> {
    let deadline = Instant::now() + limit;
    let addresses = addresses(to)?;
    let mut first_error = None;
    for (place, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - place).unwrap_or(1);
        match reach_address(*address, share, own) {
            Ok(stream) => return Ok(stream),
            // A refusal says more than a missing route.
            Err(error) if first_error.is_none() || error.cause() == io::ErrorKind::ConnectionRefused => {
                first_error = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(first_error.unwrap_or_else(|| unresolved(to, "it has no address")))
}

/// Connects to this address.
pub(super) fn reach_address(
    address: SocketAddr,
    limit: Duration,
    own: &[SocketAddr],
) -> Result<TcpStream, Unreached> {
    if own.iter().any(|own| leads_to(address, *own)) {
        return Err(Unreached::Itself(address));
    }
    // A timeout of zero is refused by the library.
    TcpStream::connect_timeout(&address, limit.max(Duration::from_millis(1)))
        .map_err(|cause| Unreached::Connect { address, cause })
}

/// Whether all addresses of a destination are the relay's own.
pub(super) fn is_itself(to: &Target, own: &[SocketAddr]) -> bool {
    addresses(to)
        .is_ok_and(|addresses| addresses.iter().all(|address| own.iter().any(|own| leads_to(*address, *own))))
}

/// Whether a listener at `own` would take a call to `address`.
fn leads_to(address: SocketAddr, own: SocketAddr) -> bool {
    let (called, listening) = (address.ip().to_canonical(), own.ip());
    address.port() == own.port()
        && (called == listening
            || listening.is_unspecified() && (called.is_loopback() || called.is_unspecified()))
}

fn addresses(to: &Target) -> Result<Vec<SocketAddr>, Unreached> {
    if let Ok(address) = to.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, to.port)]);
    }
    match (to.host.as_str(), to.port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => {
            // `failed to lookup address information: Name or service not known`
            let text = error.to_string();
            Err(unresolved(to, text.split_once(": ").map_or(text.as_str(), |(_, cause)| cause)))
        }
    }
}

fn unresolved(to: &Target, cause: &str) -> Unreached {
    Unreached::Resolve { host: to.host.clone(), cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_a_host_and_a_port() {
        for (text, host, port) in [
            ("a.test:443", "a.test", 443),
            ("192.0.2.1:1", "192.0.2.1", 1),
            ("[2001:db8::1]:443", "2001:db8::1", 443),
        ] {
            assert_eq!(destination(text), Some(Target { host: host.to_owned(), port }), "{text}");
        }
        for text in [
            "a.test",
            "a.test:",
            "a.test:0",
            "a.test:70000",
            ":443",
            "::1:443",
            "http://a.test:80",
            "[a]:1",
            "a b:1",
        ] {
            assert_eq!(destination(text), None, "{text}");
        }
    }

    #[test]
    fn the_relay_itself_is_no_destination() {
        let own = |text: &str| text.parse::<SocketAddr>().unwrap();
        for (address, listening, leads) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:81", "127.0.0.1:80", false),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true),
            ("127.0.0.2:80", "0.0.0.0:80", true),
            ("[::1]:80", "[::]:80", true),
            ("192.0.2.1:80", "0.0.0.0:80", false),
        ] {
            assert_eq!(leads_to(own(address), own(listening)), leads, "{address} {listening}");
        }
    }
}
