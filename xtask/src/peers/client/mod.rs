//! The real clients, each in a file: how it is called, and what its output says.

mod chromium;
mod curl;
mod gnutls;
mod java;
mod node;
mod openssl;
mod python;
mod script;
mod wget;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::account::ClientAccount;
use super::authority::{Authority, Identity};
use super::place::Place;

/// One request to one server.
pub(crate) struct Call<'a> {
    pub(crate) port: u16,
    pub(crate) path: &'a str,
    pub(crate) version: Version,
    /// The certificate it is to show; none: it has none.
    pub(crate) identity: Option<&'a Identity>,
    /// The root it trusts.
    pub(crate) root: &'a Path,
}

impl Call<'_> {
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}{}", self.port, self.path)
    }

    /// The request of a client that leaves HTTP to its user.
    fn request(&self) -> String {
        format!("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.path)
    }
}

/// A version of TLS, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

impl Version {
    pub(crate) const BOTH: [Self; 2] = [Self::Tls12, Self::Tls13];

    /// Reads what [`Version::number`] writes.
    pub(crate) fn of(number: &str) -> Result<Self> {
        let found = Self::BOTH.into_iter().find(|version| version.number() == number);
        found.with_context(|| format!("there is no TLS {number}"))
    }

    /// `1.2`, as in the table.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }
}

/// A client that is ready to be called. A browser is started once and called often.
pub(crate) trait Session: Send {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount>;
}

/// A kind of client.
pub(crate) struct Kind {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// The program, without which it is left out.
    pub(crate) program: &'static str,
    /// How the program is asked for its version.
    pub(crate) version: &'static [&'static str],
    /// Whether it may connect more than once for one page: to look, with what it was asked for, ahead of need, for an icon.
    pub(crate) connects_often: bool,
    pub(crate) open: fn(&Place, &Authority) -> Result<Box<dyn Session>>,
}

/// Every kind of client; the first is the one whose place `mtlscope connect` takes.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: "curl",
        program: "curl",
        version: &["curl", "--version"],
        connects_often: false,
        open: |_, _| each(curl::call),
    },
    Kind {
        name: "openssl",
        program: "openssl",
        version: &["openssl", "version"],
        connects_often: false,
        open: |_, _| each(openssl::call),
    },
    Kind {
        name: "gnutls",
        program: "gnutls-cli",
        version: &["gnutls-cli", "--version"],
        connects_often: false,
        open: |_, _| each(gnutls::call),
    },
    Kind {
        name: "wget",
        program: "wget",
        version: &["wget", "--version"],
        connects_often: false,
        open: |_, _| each(wget::call),
    },
    Kind {
        name: "java",
        program: "java",
        version: &["java", "--version"],
        // It tries once more where the connection ends before the response.
        connects_often: true,
        open: java::open,
    },
    Kind {
        name: "node",
        program: "node",
        version: &["node", "--version"],
        connects_often: false,
        open: node::open,
    },
    Kind { name: "python", program: "python3", version: PYTHON, connects_often: false, open: python::open },
    Kind {
        name: "chromium",
        program: "chromium",
        version: &["chromium", "--version"],
        connects_often: true,
        open: chromium::open,
    },
];

/// What counts is the library it was built with.
const PYTHON: &[&str] =
    &["python3", "-c", "import sys, ssl; print('Python', sys.version.split()[0], ssl.OPENSSL_VERSION)"];

fn each(call: fn(&Call<'_>) -> Result<ClientAccount>) -> Result<Box<dyn Session>> {
    Ok(Box::new(Each(call)))
}

/// A client that is started anew for each call.
struct Each(fn(&Call<'_>) -> Result<ClientAccount>);

impl Session for Each {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount> {
        (self.0)(call)
    }
}

/// The status of the first response in a text.
fn status(text: &str) -> Option<u16> {
    text.lines().find_map(|line| {
        // gnutls-cli says how many bytes it received before it shows them.
        let line = line
            .split_once("]: ")
            .filter(|(before, _)| before.starts_with("- Received["))
            .map_or(line, |(_, line)| line);
        let rest = line.trim_start().strip_prefix("HTTP/1.")?;
        rest.split_whitespace().nth(1)?.parse().ok()
    })
}

/// The first line that holds one of some words.
fn line_with(text: &str, words: &[&str]) -> Option<String> {
    let line = text.lines().find(|line| words.iter().any(|word| line.contains(word)))?;
    Some(line.trim().to_owned())
}

/// How long a call may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_status_of_a_response() {
        assert_eq!(status("x\n  HTTP/1.1 400 Bad Request\nHTTP/1.1 200 OK"), Some(400));
        assert_eq!(status("HTTP/1.0 200 ok"), Some(200));
        assert_eq!(status("- Received[9]: HTTP/1.1 403 Forbidden"), Some(403));
        assert_eq!(status("GET / HTTP/1.1"), None);
    }
}
