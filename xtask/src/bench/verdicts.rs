//! Fast and wrong is wrong: what was counted in the traffic must be what the generator put into it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::traffic::Traffic;
use crate::connection::Connection;

/// What can be counted without keys.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    connections: usize,
    /// Connections whose CertificateRequest is in clear (TLS 1.2).
    requests: usize,
    /// Connections whose client certificate is in clear.
    client_certificates: usize,
}

/// Reads the capture once and compares with the list of its flows; prints both where they differ.
pub(super) fn check(program: &Path, traffic: &Traffic) -> Result<bool> {
    if !traffic.whole {
        println!("verdicts: not checked, this traffic has losses");
        return Ok(true);
    }
    let flows = std::fs::read_to_string(&traffic.flows).context("cannot read the list of flows")?;
    let (expected, counted) = (expected(&flows), counted(program, &traffic.capture)?);
    if expected != counted {
        println!("verdicts: WRONG: the traffic has {expected:?}, we counted {counted:?}");
        return Ok(false);
    }
    println!("verdicts: right: {counted:?}");
    Ok(true)
}

/// Counts by label and verdict, the seventh and eighth column of the list.
fn expected(flows: &str) -> Counts {
    let mut counts = Counts::default();
    for line in flows.lines().skip(1) {
        let mut columns = line.split('\t').skip(6);
        let (label, verdict) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        counts.connections += 1;
        let in_clear = label.trim_start_matches("bulk:").starts_with("12-");
        let asked = !matches!(verdict, "not-requested" | "resumed" | "client-cert-ok-renegotiation");
        if !in_clear || !asked {
            continue;
        }
        counts.requests += 1;
        let without = verdict.starts_with("requested-empty")
            || matches!(verdict, "alert-no-cert" | "alert-or-empty" | "alert-from-client");
        counts.client_certificates += usize::from(!without);
    }
    counts
}

fn counted(program: &Path, capture: &Path) -> Result<Counts> {
    let mut child = Command::new(program)
        .args(["read", "--json"])
        .arg(capture)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut counts = Counts::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let connection: Connection = serde_json::from_slice(&line?).context("a line is not of shape v1")?;
        counts.connections += 1;
        let seen = connection.client_auth.how.as_deref() == Some("seen");
        counts.requests += usize::from(seen && connection.client_auth.requested == "yes");
        counts.client_certificates += usize::from(seen && connection.client_auth.answer == "certificate");
    }
    child.wait()?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_in_clear() {
        let flows = "flow\tstart_us\tclient\tcport\tserver\tsport\tlabel\tverdict\tflags\n\
            0\t0\ta\t1\tb\t443\t12-rsa-mtls\tclient-cert-ok\t\n\
            1\t0\ta\t1\tb\t443\t12-optional-none\trequested-empty-ok\t\n\
            2\t0\ta\t1\tb\t443\t12-nocert\tnot-requested\t\n\
            3\t0\ta\t1\tb\t443\t13-rsa-mtls\tclient-cert-ok\t\n\
            4\t0\ta\t1\tb\t443\tbulk:13-nocert\tnot-requested\t\n";
        assert_eq!(expected(flows), Counts { connections: 5, requests: 2, client_certificates: 1 });
    }
}
