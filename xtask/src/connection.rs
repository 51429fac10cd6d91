//! One line of `mtlscope read --json`, as far as the scorers look at it.
//!
//! Our own reading of the promise, on purpose not the types that write it: if a name changes there, reading fails here.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::measured::{self, Measured};

/// One connection, shape v1.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Connection {
    pub(crate) client: Option<Endpoint>,
    pub(crate) server: Option<Endpoint>,
    pub(crate) version: Option<String>,
    pub(crate) cipher_suite: Option<String>,
    pub(crate) server_name: Option<String>,
    pub(crate) decrypted_with: Option<String>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) messages: Vec<Message>,
    pub(crate) server_certificates: Vec<Certificate>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) outcome: Outcome,
    pub(crate) findings: Vec<Finding>,
    pub(crate) handshakes: Vec<Handshake>,
    pub(crate) notices: Vec<String>,
    #[serde(default)]
    pub(crate) http: Option<serde_json::Value>,
    /// What was said in clear before TLS.
    #[serde(default)]
    pub(crate) preambles: Vec<serde_json::Value>,
}

/// One handshake of a connection.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Handshake {
    pub(crate) client_auth: ClientAuth,
}

/// An address and a port.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

impl Endpoint {
    /// Reads `10.0.0.1:443` and, as tshark's fields are joined, `fe80::1:443`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (ip, port) = text.rsplit_once(':')?;
        Some(Self { ip: ip.trim_matches(['[', ']']).parse().ok()?, port: port.parse().ok()? })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.ip, self.port)
    }
}

/// What is known of client authentication.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ClientAuth {
    /// `yes`, `no` or `unknown`.
    pub(crate) requested: String,
    /// `seen`, `decrypted` or `inferred`.
    pub(crate) how: Option<String>,
    /// `certificate`, `empty`, `none` or `unknown`.
    pub(crate) answer: String,
    pub(crate) certificates: Vec<Certificate>,
    /// What sizes tell; null where nothing is hidden.
    #[serde(default)]
    pub(crate) inferred: Option<serde_json::Value>,
    /// Whom the server named.
    #[serde(default)]
    pub(crate) authorities: Vec<serde_json::Value>,
}

/// One certificate.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) subject: String,
    pub(crate) sha256: String,
}

/// One message of the ladder.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) frame: Option<u64>,
    /// `client` or `server`.
    pub(crate) from: String,
    /// The number of the handshake message; null for what is not one, or is sealed.
    #[serde(rename = "type")]
    pub(crate) number: Option<u8>,
    /// Its name.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Whether only the comment of a packet says so.
    #[serde(default)]
    pub(crate) attested: bool,
}

/// One alert.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Alert {
    /// `client` or `server`.
    pub(crate) from: String,
    /// `warning` or `fatal`; null while sealed.
    pub(crate) level: Option<String>,
    /// The description's number; null while sealed.
    pub(crate) number: Option<u8>,
    /// Whether only the comment of a packet says so.
    #[serde(default)]
    pub(crate) attested: bool,
}

/// How it ended.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Outcome {
    /// `accepted`, `refused`, `incomplete` or `unknown`.
    pub(crate) result: String,
    /// `client`, `server` or `network`.
    pub(crate) by: Option<String>,
    /// `alert`, `fin`, `rst`, `http` or `timeout`.
    #[serde(default)]
    pub(crate) how: Option<String>,
    /// `tcp`, `tls` or `http`: as far up as the verdict holds.
    pub(crate) layer: Option<String>,
}

/// What was found wrong, or worth a word.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
    /// `error`, `warning` or `note`.
    pub(crate) severity: String,
    /// `certain`, `likely` or `possible`.
    #[serde(default)]
    pub(crate) confidence: String,
}

impl Connection {
    /// Both ends as text, the client first.
    pub(crate) fn ends(&self) -> String {
        let [client, server] =
            [&self.client, &self.server].map(|end| end.as_ref().map_or("?".to_owned(), Endpoint::to_string));
        format!("{client} to {server}")
    }

    /// How many of the server's hellos were HelloRetryRequests, each of which brings another ClientHello.
    pub(crate) fn count_retries(&self) -> usize {
        self.messages.iter().filter(|message| message.name.as_deref() == Some("HelloRetryRequest")).count()
    }

    /// Whether the server said something behind the client's last Finished: a ticket, its own Finished, data.
    pub(crate) fn server_goes_on(&self) -> bool {
        let finished =
            self.messages.iter().rposition(|message| message.number == Some(20) && message.from == "client");
        let Some(finished) = finished else { return false };
        self.http_status().is_some()
            || self
                .messages
                .iter()
                .skip(finished)
                .any(|message| message.from == "server" && matches!(message.number, Some(4 | 20)))
    }

    fn http_status(&self) -> Option<u64> {
        self.http.as_ref()?.get("status")?.as_u64()
    }

    /// How many handshake messages of this number were read, from one side or both.
    pub(crate) fn count(&self, number: u8, from: Option<&str>) -> usize {
        self.messages
            .iter()
            .filter(|message| message.number == Some(number) && from.is_none_or(|side| message.from == side))
            .count()
    }
}

/// What one run of `mtlscope read --json` gave.
pub(crate) struct Run {
    pub(crate) connections: Vec<Connection>,
    pub(crate) measured: Measured,
    /// What is wrong with the run itself: it hung, crashed, grew or wrote something that is not the promised shape.
    pub(crate) fault: Option<String>,
}

/// Runs `mtlscope read FILE --json`, with a key log if there is one.
pub(crate) fn read(
    program: &Path,
    file: &Path,
    key_log: Option<&Path>,
    rsa_key: Option<&Path>,
) -> Result<Run> {
    let mut arguments: Vec<OsString> = vec!["read".into(), file.into()];
    if let Some(key_log) = key_log {
        arguments.extend(["--keylog".into(), key_log.into()]);
    }
    if let Some(rsa_key) = rsa_key {
        arguments.extend(["--rsa-key".into(), rsa_key.into()]);
    }
    arguments.push("--json".into());
    let output = measured::output(program, &arguments, TIME_LIMIT)?;
    let (connections, shape) = match parse(&output.stdout) {
        Ok(connections) => (connections, None),
        Err(error) => (Vec::new(), Some(format!("{error:#}"))),
    };
    let fault = fault(&output.measured, &output.stderr).or(shape);
    Ok(Run { connections, measured: output.measured, fault })
}

/// Reads the lines of JSON, a connection each.
pub(crate) fn parse(lines: &[u8]) -> Result<Vec<Connection>> {
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_slice(line).with_context(|| format!("line {} is not of shape v1", index + 1))
        })
        .collect()
}

fn fault(measured: &Measured, stderr: &str) -> Option<String> {
    let lines = stderr.lines().filter(|line| !line.trim().is_empty()).count();
    match measured.code {
        _ if measured.timed_out => Some(format!("still running after {} s", TIME_LIMIT.as_secs())),
        _ if measured.peak_mib > MEMORY_LIMIT_MIB => {
            Some(format!("took {:.0} MiB of memory", measured.peak_mib))
        }
        Some(0 | 1) => None,
        Some(2) if lines == 1 => None,
        Some(2) => Some(format!("exit 2 with {lines} lines instead of one")),
        Some(code) => Some(format!("exit code {code}: {}", stderr.lines().next().unwrap_or_default())),
        None => Some("ended by a signal".to_owned()),
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(60);
const MEMORY_LIMIT_MIB: f64 = 300.0;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A line of JSON as issue 2 promises it, with what a test wants changed.
    pub(crate) fn line(changes: &[(&str, serde_json::Value)]) -> Connection {
        let mut value = serde_json::json!({
            "file": "a.pcap", "connection": 1, "transport": "tcp",
            "client": {"ip": "10.0.0.1", "port": 1234}, "server": {"ip": "10.0.0.2", "port": 443},
            "first_frame": 1, "last_frame": 9, "start": "2026-01-01T00:00:00Z",
            "version": "TLS 1.2", "cipher_suite": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "server_name": "server.lab.test", "alpn": null, "resumed": null, "decrypted_with": null,
            "handshakes": [],
            "client_auth": {"requested": "yes", "how": "seen", "when": "handshake", "authorities": [],
                "certificate_types": [], "signature_algorithms": [], "answer": "certificate", "proof": "present",
                "certificates": [{"subject": "CN=x,O=Lab,C=IT", "issuer": "CN=ca", "serial": "01",
                    "not_before": "", "not_after": "", "sha256": "aa"}]},
            "messages": [
                {"frame": 4, "time": 0, "from": "client", "name": "ClientHello", "type": 1, "length": 1, "sealed": false},
                {"frame": 6, "time": 0, "from": "server", "name": "ServerHello", "type": 2, "length": 1, "sealed": false},
                {"frame": 7, "time": 0, "from": "server", "name": "CertificateRequest", "type": 13, "length": 1, "sealed": false},
                {"frame": 8, "time": 0, "from": "client", "name": "Certificate", "type": 11, "length": 1, "sealed": false}
            ],
            "server_certificates": [], "alerts": [], "outcome": {"result": "unknown", "by": null, "how": null, "layer": null, "frame": null},
            "http": null, "findings": [], "notices": []
        });
        for (name, change) in changes {
            value[name] = change.clone();
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn reads_a_line_of_the_promised_shape() {
        let connection = line(&[]);
        assert_eq!(connection.client_auth.requested, "yes");
        assert_eq!((connection.count(1, None), connection.count(11, Some("client"))), (1, 1));
    }

    #[test]
    fn names_the_line_that_is_not_of_the_shape() {
        let error = parse(b"{\"client\": null}\n").unwrap_err();
        assert!(format!("{error:#}").contains("line 1"), "{error:#}");
    }

    #[test]
    fn reads_addresses_as_tshark_joins_them() {
        assert_eq!(Endpoint::parse("fd00::1:443").unwrap().to_string(), "fd00::1:443");
        assert_eq!(Endpoint::parse("10.0.0.1:80").unwrap().port, 80);
        assert_eq!(Endpoint::parse("00:11:22:33:44:55"), None);
    }

    #[test]
    fn exit_codes_0_and_1_are_answers_and_2_needs_one_line() {
        let ended = |code| Measured { code, ..Measured::default() };
        assert_eq!(fault(&ended(Some(0)), ""), None);
        assert_eq!(fault(&ended(Some(1)), ""), None);
        assert_eq!(fault(&ended(Some(2)), "cannot read x\n"), None);
        assert!(fault(&ended(Some(2)), "").is_some());
        assert!(fault(&ended(Some(101)), "thread 'main' panicked").is_some());
        assert!(fault(&ended(None), "").is_some());
        assert!(fault(&Measured { peak_mib: 301.0, ..ended(Some(0)) }, "").is_some());
    }
}
