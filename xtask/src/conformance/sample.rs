//! A fixed sample through `tshark -2` itself: whole command lines, and the same with our program's name in front.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::report::Difference;
use crate::workspace::Workspace;

/// Captures of `../shared`, and whether keys are given.
const CAPTURES: &[&str] = &[
    "lab/cases/apache-crl-curl-tls12-good/capture.pcap",
    "lab/cases/apache-crl-curl-tls13-good/capture.pcap",
    "captures/files/malcolm__SSL.pcap",
    "captures/files/pcapplusplus__tls2.pcap",
];

/// What is behind `-r FILE -2 -n`, and the keys.
const LINES: &[&[&str]] = &[
    &["-T", "fields", "-e", "frame.number", "-e", "ip.src", "-e", "tcp.dstport", "-e", "tls.handshake.type"],
    &["-Y", "tls.handshake.type == 1", "-T", "fields", "-e", "tls.handshake.extensions_server_name"],
    &["-Y", "ssl.handshake.type == 11", "-T", "fields", "-e", "x509sat.uTF8String", "-E", "occurrence=f"],
    &[
        "-Y",
        "tls.record",
        "-T",
        "fields",
        "-E",
        "header=y",
        "-E",
        "separator=,",
        "-E",
        "aggregator=;",
        "-e",
        "frame.number",
        "-e",
        "tls.record.content_type",
        "-e",
        "tls.record.version",
        "-e",
        "tls.record.length",
    ],
    &[
        "-Y",
        "tcp.flags.syn == 1 && !tcp.flags.ack",
        "-T",
        "fields",
        "-e",
        "frame.time_epoch",
        "-e",
        "ip.addr",
    ],
    &["-Y", "tls.handshake.ciphersuite", "-T", "fields", "-e", "tls.handshake.ciphersuite", "-E", "quote=d"],
    &[
        "-Y",
        "x509af.version",
        "-T",
        "fields",
        "-e",
        "x509af.algorithm.id",
        "-e",
        "x509af.extension.id",
        "-e",
        "x509ce.KeyPurposeId",
    ],
    &[
        "-Y",
        "tls.handshake.type in {2, 12, 16}",
        "-T",
        "fields",
        "-e",
        "pkcs1.modulus",
        "-e",
        "tls.handshake.server_point",
    ],
    &["-c", "20", "-T", "fields", "-e", "frame.number", "-e", "frame.protocols", "-e", "frame.len"],
];

/// Every line on every capture: its name, and what differs if anything does.
pub(super) fn compare_all(
    workspace: &Workspace,
    program: &Path,
) -> Result<Vec<(String, Option<Difference>)>> {
    let mut compared = Vec::new();
    for capture in CAPTURES {
        let path = workspace.shared.join(capture);
        for line in LINES {
            let theirs = output(Path::new("tshark"), &path, line)?;
            let ours = output(program, &path, line)?;
            let differs = theirs.lines().zip(ours.lines()).find(|(theirs, ours)| theirs != ours);
            let said = match differs {
                Some((theirs, ours)) => Some(format!("tshark {theirs:?}, we {ours:?}")),
                None if theirs != ours => {
                    Some(format!("tshark {} lines, we {}", theirs.lines().count(), ours.lines().count()))
                }
                None => None,
            };
            let difference = said.map(|said| Difference { of: line.join(" "), what: "tshark", said });
            compared.push(((*capture).to_owned(), difference));
        }
    }
    Ok(compared)
}

fn output(program: &Path, capture: &Path, line: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("-r").arg(capture).args(["-2", "-n"]).args(line).env("TZ", "UTC");
    let key_log: PathBuf = capture.with_file_name("keys.log");
    if key_log.is_file() {
        command.arg("-o").arg(format!("tls.keylog_file:{}", key_log.display()));
    }
    let output = command.output().with_context(|| format!("cannot run {}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
