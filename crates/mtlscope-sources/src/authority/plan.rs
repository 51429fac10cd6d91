//! What an authority is to be made like.

use std::net::IpAddr;
use std::time::SystemTime;

use super::{AuthorityError, KeyKind};

/// What to make. [`Plan::default`]: P-256 keys, a server on this machine, one client called `TestClient`, a year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Host names and addresses of the server; the first is its common name.
    pub server_names: Vec<String>,
    /// The kind of key of the authorities and the server.
    pub key: KeyKind,
    /// The clients.
    pub clients: Vec<Client>,
    /// For how many days the certificates of server and clients hold.
    pub days: u32,
    /// The moment from which dates are counted: now.
    pub now: SystemTime,
}

/// A client to make a certificate for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// What its files are called.
    pub name: String,
    /// The common name in its certificate.
    pub common_name: String,
    /// The kind of its key.
    pub key: KeyKind,
}

/// Names of files that are not a client's.
const TAKEN: &[&str] = &[
    "ca",
    "ca-chain",
    "intermediate",
    "server",
    "crl",
    "expired-crl",
    "wrong-ca",
    "impostor-ca",
    "many-authorities",
    "manifest",
    "README",
    "zoo",
];

/// The longest common name. RFC 5280 appendix A, ub-common-name.
const LONGEST_NAME: usize = 64;

impl Default for Plan {
    fn default() -> Self {
        Self {
            server_names: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
            key: KeyKind::default(),
            clients: vec![Client {
                name: "client".to_owned(),
                common_name: "TestClient".to_owned(),
                key: KeyKind::default(),
            }],
            days: 365,
            now: SystemTime::now(),
        }
    }
}

impl Client {
    /// A client whose files and certificate have this name.
    pub fn named(name: impl Into<String>, key: KeyKind) -> Self {
        let name = name.into();
        Self { common_name: name.clone(), name, key }
    }

    /// One client for each kind of key: `client-rsa` with the common name `TestClient rsa`, and so on.
    pub fn of_each_kind() -> Vec<Self> {
        KeyKind::ALL
            .map(|key| Self {
                name: format!("client-{}", key.name()),
                common_name: format!("TestClient {}", key.name()),
                key,
            })
            .to_vec()
    }
}

impl Plan {
    /// Whether it can be made.
    pub(super) fn check(&self) -> Result<(), AuthorityError> {
        if let Some(bad) = self.server_names.iter().find(|name| !is_host(name)) {
            return Err(AuthorityError::BadServerName(bad.clone()));
        }
        if !(1..=36_500).contains(&self.days) {
            return Err(AuthorityError::BadDays(self.days));
        }
        let mut names: Vec<String> = TAKEN.iter().map(|name| name.to_lowercase()).collect();
        for client in &self.clients {
            if !is_file_name(&client.name) || !(1..=LONGEST_NAME).contains(&client.common_name.len()) {
                return Err(AuthorityError::BadClientName(client.name.clone()));
            }
            // Some file systems take upper and lower case for the same.
            let name = client.name.to_lowercase();
            if names.contains(&name) {
                return Err(AuthorityError::NameTaken(client.name.clone()));
            }
            names.push(name);
        }
        Ok(())
    }
}

/// A host name, perhaps with a wildcard in front, or an address.
fn is_host(name: &str) -> bool {
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.parse::<IpAddr>().is_ok() || name.len() <= LONGEST_NAME && labels.split('.').all(is_label)
}

fn is_file_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with(['.', '-'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_addresses_are_told_from_the_rest() {
        for good in ["localhost", "a.b-c.test", "*.a.test", "127.0.0.1", "::1", "A1"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", ".", "a..b", "a b", "a/b", "*", "a.*.b", "ä.test", "DNS:a", "a,b", "a\n", "http://a"]
        {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn clients_cannot_leave_the_directory_or_take_another_files_name() {
        for bad in ["", "../a", "/a", ".a", "-a", "a b", "a\0", "server", "CA", "zoo"] {
            let plan = Plan { clients: vec![Client::named(bad, KeyKind::P256)], ..Plan::default() };
            assert!(plan.check().is_err(), "{bad:?}");
        }
        let twice = vec![Client::named("a", KeyKind::P256), Client::named("A", KeyKind::P256)];
        assert!(matches!(
            Plan { clients: twice, ..Plan::default() }.check(),
            Err(AuthorityError::NameTaken(name)) if name == "A"
        ));
        assert!(Plan { clients: Client::of_each_kind(), ..Plan::default() }.check().is_ok());
    }
}
