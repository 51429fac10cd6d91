//! The real servers, each in a file: how it is started, and what its log says of a connection.

mod apache;
mod gnutls;
mod haproxy;
mod java;
mod nginx;
mod node;
mod openssl;
mod python;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::account::ServerAccount;
use super::authority::{Authority, FLAWS, GOOD, NONE, REVOKED};
use super::place::Place;

pub(crate) use apache::foundation as apache_foundation;

/// One server in one mode: something to connect to.
pub(crate) struct Server {
    /// Its name in the table, `apache-require`.
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    /// What a client asks it for.
    pub(crate) path: &'static str,
    /// Its log, of this mode alone.
    pub(crate) log: PathBuf,
    /// Which certificates are tried on it.
    pub(crate) certificates: Certificates,
    /// Reads the part of its log that one connection wrote; none while the end of that is not in it.
    pub(crate) account: fn(&str) -> Option<ServerAccount>,
}

/// Which certificates are tried on a server.
#[derive(Clone, Copy)]
pub(crate) enum Certificates {
    /// None, and the good one: it does not ask.
    Two,
    /// None, the good one, and every flaw but the revoked: it knows no list of revoked certificates.
    Flawed,
    /// The good one and the revoked: it has such a list.
    Revoked,
}

impl Certificates {
    pub(crate) fn names(self) -> Vec<&'static str> {
        match self {
            Self::Two => vec![NONE, GOOD],
            Self::Flawed => {
                let flaws = FLAWS.into_iter().filter(|flaw| *flaw != REVOKED);
                [NONE, GOOD].into_iter().chain(flaws).collect()
            }
            Self::Revoked => vec![GOOD, REVOKED],
        }
    }
}

/// A program to start, and the servers it then is.
pub(crate) struct Plan {
    pub(crate) command: Command,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    pub(crate) servers: Vec<Server>,
}

/// A kind of server.
pub(crate) struct Kind {
    /// Its name, with which the names of its modes begin.
    pub(crate) name: &'static str,
    /// The program, without which it is left out.
    pub(crate) program: &'static str,
    /// How the program is asked for its version.
    pub(crate) version: &'static [&'static str],
    pub(crate) plan: fn(&Place, &Authority) -> Result<Vec<Plan>>,
}

/// Every kind of server.
pub(crate) static KINDS: &[Kind] = &[
    Kind { name: "apache", program: "apache2", version: &["apache2", "-v"], plan: apache::plan },
    Kind { name: "nginx", program: "nginx", version: &["nginx", "-v"], plan: nginx::plan },
    Kind { name: "haproxy", program: "haproxy", version: &["haproxy", "-v"], plan: haproxy::plan },
    Kind { name: "openssl", program: "openssl", version: &["openssl", "version"], plan: openssl::plan },
    Kind {
        name: "gnutls",
        program: "gnutls-serv",
        version: &["gnutls-serv", "--version"],
        plan: gnutls::plan,
    },
    Kind { name: "java", program: "java", version: &["java", "--version"], plan: java::plan },
    Kind { name: "node", program: "node", version: &["node", "--version"], plan: node::plan },
    Kind { name: "python", program: "python3", version: &[], plan: python::plan },
];
