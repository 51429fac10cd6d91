//! Fast and wrong is wrong: what is told of each flow must be what the generator made it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::traffic::Traffic;
use crate::connection::{Connection, Endpoint};

/// What is compared of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Facts {
    /// The server asked for a certificate.
    asked: bool,
    /// The client sent one.
    certificate: bool,
}

/// A flow of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flow {
    /// What can be read of it.
    readable: Facts,
    /// How it was, which must be found where it is inferred.
    truth: Facts,
}

/// What is told of a flow.
struct Said {
    client: Endpoint,
    facts: Facts,
    /// From the sizes of what cannot be read.
    inferred: bool,
}

/// Reads the capture once and compares with the list of its flows, one by one; prints where they differ. Flows that the
/// capture has lost something of are left out.
pub(super) fn check(program: &Path, traffic: &Traffic) -> Result<bool> {
    let flows = std::fs::read_to_string(&traffic.flows).context("cannot read the list of flows")?;
    let mut expected = expected(&flows, traffic.key_log.is_some());
    let flows = expected.len();
    let (mut wrong, mut asked, mut certificates) = (0, 0, 0);
    for Said { client, facts, inferred } in told(program, traffic)? {
        match expected.remove(&client) {
            Some(Some(Flow { readable, truth })) if facts != if inferred { truth } else { readable } => {
                wrong += 1;
                if wrong <= 3 {
                    println!(
                        "verdicts: {client:?} is {truth:?}, {readable:?} to be read; we say {facts:?}, inferred: {inferred}"
                    );
                }
            }
            Some(_) => {
                asked += usize::from(facts.asked);
                certificates += usize::from(facts.certificate);
            }
            None => wrong += 1,
        }
    }
    let missing = expected.values().filter(|facts| facts.is_some()).count();
    let right = wrong == 0 && missing == 0;
    let word = if right { "right" } else { "WRONG" };
    println!(
        "verdicts: {word}: {flows} flows, {wrong} told wrongly, {missing} not told; {asked} asked for a certificate, \
         {certificates} got one"
    );
    Ok(right)
}

/// What each flow is, by its client; nothing for one of which something is missing, and none that is no TLS.
fn expected(flows: &str, with_keys: bool) -> HashMap<Endpoint, Option<Flow>> {
    let lines = flows.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .filter_map(|columns| {
            let [_, _, ip, port, _, _, label, verdict, flags] = columns[..] else { return None };
            let client = Endpoint { ip: ip.parse().ok()?, port: port.parse().ok()? };
            if verdict == "plain-http" {
                return None;
            }
            let is_whole = !flags.split(',').any(|flag| matches!(flag, "loss" | "nosyn"));
            let flow = || Flow {
                readable: Facts::of(label, verdict, with_keys),
                truth: Facts::of(label, verdict, true),
            };
            Some((client, is_whole.then(flow)))
        })
        .collect()
}

impl Facts {
    /// By label and verdict of the generator.
    fn of(label: &str, verdict: &str, with_keys: bool) -> Self {
        let in_clear = label.trim_start_matches("bulk:").starts_with("12-");
        let asked = match verdict {
            "not-requested" | "resumed" => false,
            "client-cert-ok-renegotiation" => with_keys,
            _ => with_keys || in_clear,
        };
        let without = verdict.starts_with("requested-empty")
            || matches!(verdict, "alert-no-cert" | "alert-or-empty" | "alert-from-client");
        Self { asked, certificate: asked && !without }
    }
}

fn told(program: &Path, traffic: &Traffic) -> Result<Vec<Said>> {
    let mut command = Command::new(program);
    command.args(["read", "--json"]);
    if let Some(key_log) = &traffic.key_log {
        command.arg("--keylog").arg(key_log);
    }
    let mut child = command
        .arg(&traffic.capture)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut told = Vec::new();
    for line in BufReader::new(stdout).split(b'\n') {
        let connection: Connection = serde_json::from_slice(&line?).context("a line is not of shape v1")?;
        let how = connection.client_auth.how.as_deref();
        let asked = how.is_some() && connection.client_auth.requested == "yes";
        let certificate = asked && connection.client_auth.answer == "certificate";
        told.push(Said {
            client: connection.client.context("a connection without a client")?,
            facts: Facts { asked, certificate },
            inferred: how == Some("inferred"),
        });
    }
    child.wait()?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_flow_is_from_its_line() {
        let flows = "flow\tstart_us\tclient\tcport\tserver\tsport\tlabel\tverdict\tflags\n\
            0\t0\t10.0.0.1\t1\tb\t443\t12-rsa-mtls\tclient-cert-ok\t\n\
            1\t0\t10.0.0.1\t2\tb\t443\t12-optional-none\trequested-empty-ok\tooo,vlan\n\
            2\t0\t10.0.0.1\t3\tb\t443\t12-nocert\tnot-requested\t\n\
            3\t0\t10.0.0.1\t4\tb\t443\tbulk:13-rsa-mtls\tclient-cert-ok\t\n\
            4\t0\t10.0.0.1\t5\tb\t443\t12-rsa-mtls\tclient-cert-ok\tloss\n\
            5\t0\t10.0.0.1\t6\tb\t80\thttp\tplain-http\t\n";
        let facts = |port, with_keys| {
            let client = Endpoint { ip: "10.0.0.1".parse().unwrap(), port };
            expected(flows, with_keys).get(&client).map(|flow| flow.map(|flow| flow.readable))
        };
        let of = |asked, certificate| Some(Some(Facts { asked, certificate }));
        assert_eq!([facts(1, false), facts(2, false)], [of(true, true), of(true, false)]);
        assert_eq!([facts(3, false), facts(3, true)], [of(false, false), of(false, false)]);
        assert_eq!([facts(4, false), facts(4, true)], [of(false, false), of(true, true)]);
        assert_eq!([facts(5, false), facts(6, false)], [Some(None), None]);
    }
}
