//! From a name to addresses: the resolver, or what was given by hand.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::dial::timed_out;
use super::{ClientError, Target};

/// How to get to a target.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Route {
    /// Addresses given by hand (curl's `--resolve`), the first that fits.
    pub resolve: Vec<Resolve>,
    /// Targets to go to in place of others (curl's `--connect-to`), the first that fits.
    pub connect_to: Vec<ConnectTo>,
    /// Which addresses.
    pub family: Family,
}

/// Addresses of a target, given by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolve {
    /// The name; `None` for every name.
    pub host: Option<String>,
    /// The port.
    pub port: u16,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

/// A target to go to in place of another. The name asked for stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectTo {
    /// The target's name; `None` for every name.
    pub host: Option<String>,
    /// The target's port; `None` for every port.
    pub port: Option<u16>,
    /// Where to go; `None`: the target's own name.
    pub to_host: Option<String>,
    /// At which port; `None`: the target's own.
    pub to_port: Option<u16>,
}

/// Which addresses to use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Family {
    /// Whatever there is.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    fn takes(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

impl Route {
    /// Where to go for a target.
    pub(super) fn destination(&self, target: &Target) -> Target {
        let fits = |rule: &&ConnectTo| {
            rule.host.as_ref().is_none_or(|host| host.eq_ignore_ascii_case(&target.host))
                && rule.port.is_none_or(|port| port == target.port)
        };
        match self.connect_to.iter().find(fits) {
            None => target.clone(),
            Some(rule) => Target {
                host: rule.to_host.clone().unwrap_or_else(|| target.host.clone()),
                port: rule.to_port.unwrap_or(target.port),
            },
        }
    }

    /// Its addresses.
    pub(super) fn addresses(
        &self,
        target: &Target,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, ClientError> {
        let by_hand = self.resolve.iter().find(|given| {
            given.port == target.port
                && given.host.as_ref().is_none_or(|host| host.eq_ignore_ascii_case(&target.host))
        });
        let found = match (by_hand, target.host.parse::<IpAddr>()) {
            (Some(given), _) => {
                given.addresses.iter().map(|address| SocketAddr::new(*address, target.port)).collect()
            }
            (None, Ok(address)) => vec![SocketAddr::new(address, target.port)],
            (None, Err(_)) => look_up(target, deadline)?,
        };
        let wanted: Vec<_> = found.into_iter().filter(|address| self.family.takes(address.ip())).collect();
        match (wanted.is_empty(), self.family) {
            (false, _) => Ok(wanted),
            (true, family) => {
                let (family, option) = if family == Family::V6 { ("IPv6", "-6") } else { ("IPv4", "-4") };
                Err(ClientError::NoAddress { host: target.host.clone(), family, option })
            }
        }
    }
}

/// Asks the system's resolver, which knows no time limit: hence the thread.
fn look_up(target: &Target, deadline: Instant) -> Result<Vec<SocketAddr>, ClientError> {
    let (sender, receiver) = mpsc::channel();
    let name = (target.host.clone(), target.port);
    thread::spawn(move || {
        // Where nobody waits any more, nobody wants to know.
        let _ = sender.send(name.to_socket_addrs().map(Iterator::collect::<Vec<_>>));
    });
    let left = deadline.saturating_duration_since(Instant::now());
    match receiver.recv_timeout(left) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(answer) => {
            let cause = match answer {
                // `failed to lookup address information: Name or service not known`
                Err(error) => {
                    let text = error.to_string();
                    text.split_once(": ").map_or(text.clone(), |(_, cause)| cause.to_owned())
                }
                Ok(_) => "it has no address".to_owned(),
            };
            Err(ClientError::Resolve { host: target.host.clone(), cause })
        }
        Err(_) => Err(timed_out(left, format!("while resolving {}", target.host))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn target(host: &str, port: u16) -> Target {
        Target { host: host.to_owned(), port }
    }

    #[test]
    fn the_first_rule_that_fits_leads_elsewhere() {
        let rule = |host: Option<&str>, port, to_host: Option<&str>, to_port| ConnectTo {
            host: host.map(str::to_owned),
            port,
            to_host: to_host.map(str::to_owned),
            to_port,
        };
        let route = Route {
            connect_to: vec![
                rule(Some("a.test"), Some(443), Some("b.test"), Some(8443)),
                rule(None, Some(80), None, Some(8080)),
            ],
            ..Route::default()
        };
        for (from, to) in [
            (target("A.test", 443), target("b.test", 8443)),
            (target("a.test", 444), target("a.test", 444)),
            (target("c.test", 80), target("c.test", 8080)),
        ] {
            assert_eq!(route.destination(&from), to);
        }
    }

    #[test]
    fn addresses_given_by_hand_need_no_resolver() {
        let loopback: IpAddr = [127, 0, 0, 1].into();
        let route = Route {
            resolve: vec![Resolve { host: Some("a.test".to_owned()), port: 443, addresses: vec![loopback] }],
            ..Route::default()
        };
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(route.addresses(&target("a.test", 443), soon).unwrap(), [SocketAddr::new(loopback, 443)]);
        let only_v6 = Route { family: Family::V6, ..route };
        let error = only_v6.addresses(&target("a.test", 443), soon).unwrap_err();
        assert!(error.to_string().contains("no IPv6 address"), "{error}");
    }
}
