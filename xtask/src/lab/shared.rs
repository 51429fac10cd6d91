//! `mtlscope share` over every recording: what is shared tells the same as the original with its keys (who refused, how, what
//! was asked and answered, which finding leads); it holds no secret but those of the handshake; and tshark opens of it what
//! we open, and no application data.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::truth::Case;
use crate::connection::{self, Connection};
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::{measured, tshark};

/// One test a recording that holds TLS.
pub(super) fn score(program: &Path, cases: &[Case], known: &KnownDifferences) -> Result<Tally> {
    println!("shared:");
    let output = std::env::temp_dir().join(format!("mtlscope-shared-{}.pcapng", std::process::id()));
    let has_tshark = tshark::on_path("tshark").is_some();
    let mut tally = Tally::default();
    let (mut equal, mut accepted, mut opened) = (0, 0, 0);
    for case in cases {
        let key_log = if case.carries_its_secrets() { None } else { case.key_log.as_deref() };
        let original = connection::read(program, &case.capture, key_log, None)?;
        if original.connections.is_empty() {
            continue;
        }
        let mut faults = Vec::new();
        let shared = match share(program, &case.capture, key_log, &output) {
            Ok(()) => connection::read(program, &output, None, None)?.connections,
            Err(error) => {
                faults.push(format!("{error:#}"));
                Vec::new()
            }
        };
        match difference(&original.connections, &shared) {
            None => equal += 1,
            Some(_) if known.reason(&case.name, "*", "shared").is_some() => accepted += 1,
            Some(difference) => faults.push(difference),
        }
        faults.extend(certain(&shared));
        faults.extend(leak(case, &output)?);
        let is_opened = shared.iter().any(|connection| connection.decrypted_with.is_some());
        if is_opened && has_tshark {
            opened += 1;
            let disagreement = disagreement(&output, &shared)?;
            faults.extend(disagreement.filter(|_| known.reason(&case.name, "*", "shared, tshark").is_none()));
        }
        for fault in &faults {
            println!("  {}: {fault}", case.name);
        }
        tally += Tally::one(faults.is_empty());
    }
    // It is there only where something was shared.
    let _ = std::fs::remove_file(&output);
    println!("  {equal} tell the same, {accepted} known differences; tshark opened {opened}");
    if !has_tshark {
        println!("  skipped: no tshark to open them with");
        tally.skipped += 1;
    }
    Ok(tally)
}

fn share(program: &Path, capture: &Path, key_log: Option<&Path>, output: &PathBuf) -> Result<()> {
    const TIME_LIMIT: Duration = Duration::from_secs(60);
    let mut arguments: Vec<OsString> = vec!["share".into(), capture.into(), "-o".into(), output.into()];
    if let Some(key_log) = key_log {
        arguments.extend(["--keylog".into(), key_log.into()]);
    }
    let ran = measured::output(program, &arguments, TIME_LIMIT)?;
    ensure!(ran.measured.code == Some(0), "not shared: {}", ran.stderr.trim());
    Ok(())
}

/// Where the two readings part.
fn difference(original: &[Connection], shared: &[Connection]) -> Option<String> {
    let [original, shared] = [original, shared].map(|all| all.iter().map(verdict).collect::<Vec<String>>());
    let parts = original.iter().zip(&shared).find(|(original, shared)| original != shared);
    match parts {
        Some((original, shared)) => Some(format!("the original: {original}; shared: {shared}")),
        None if original.len() != shared.len() => {
            Some(format!("{} connections, shared {}", original.len(), shared.len()))
        }
        None => None,
    }
}

fn verdict(connection: &Connection) -> String {
    let Connection { outcome, client_auth, findings, .. } = connection;
    let leading = findings.first().map(|finding| format!("{} {}", finding.severity, finding.id));
    format!(
        "{} {} by {:?} how {:?}, asked {}, answer {}, {}",
        connection.ends(),
        outcome.result,
        outcome.by,
        outcome.how,
        client_auth.requested,
        client_auth.answer,
        leading.as_deref().unwrap_or("nothing found")
    )
}

/// What rests on a comment is never certain.
fn certain(shared: &[Connection]) -> Option<String> {
    let rests_on_comments = |connection: &&Connection| {
        connection.messages.iter().any(|message| message.attested)
            || connection.alerts.iter().any(|alert| alert.attested)
    };
    let certain = |connection: &Connection| {
        connection
            .findings
            .iter()
            .find(|finding| finding.confidence == "certain")
            .map(|finding| finding.id.clone())
    };
    let finding = shared.iter().filter(rests_on_comments).find_map(certain)?;
    Some(format!("{finding} is certain, and rests on a comment"))
}

/// A secret that must not be in what is shared, as bytes or in hex.
fn leak(case: &Case, output: &Path) -> Result<Option<String>> {
    let Some(key_log) = &case.key_log else { return Ok(None) };
    let bytes = std::fs::read(output).unwrap_or_default();
    let text = std::fs::read_to_string(key_log).with_context(|| format!("{}", key_log.display()))?;
    let holds = |sought: &[u8]| bytes.windows(sought.len()).any(|window| window == sought);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [label, _, secret] = words[..] else { continue };
        if label.contains("_HANDSHAKE_TRAFFIC_SECRET") {
            continue;
        }
        let digits: Vec<u8> =
            secret.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        let raw: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        if raw.len() >= 16 && (holds(secret.as_bytes()) || holds(&raw)) {
            return Ok(Some(format!("{label} is in what is shared")));
        }
    }
    Ok(None)
}

/// Where tshark opens another part of what is shared than we do.
fn disagreement(output: &Path, shared: &[Connection]) -> Result<Option<String>> {
    let tshark::Opened { handshake: mut theirs, http, cut } = tshark::opened(output)?;
    let ours: BTreeSet<(u64, u8)> = shared
        .iter()
        .flat_map(|connection| &connection.messages)
        .filter(|message| !message.attested)
        .filter_map(|message| Some((message.frame?, message.number?)))
        .collect();
    // A record that began in a packet before is not put together by tshark where its end stands in one that is cut.
    theirs.extend(ours.iter().filter(|(frame, _)| cut.contains(frame)));
    if theirs != ours {
        let only = |one: &BTreeSet<(u64, u8)>, other: &BTreeSet<(u64, u8)>| {
            format!("{:?}", one.difference(other).collect::<Vec<_>>())
        };
        return Ok(Some(format!(
            "tshark alone reads {}; we alone read {}",
            only(&theirs, &ours),
            only(&ours, &theirs)
        )));
    }
    let has_talk = shared.iter().any(|connection| !connection.preambles.is_empty());
    // A proxy is asked in HTTP too, in clear.
    Ok((!has_talk && !http.is_empty()).then(|| format!("tshark reads application data in frames {http:?}")))
}
