//! The number of an alert must not decide alone: each recording in which the server refused by an alert is cut off before that
//! alert, and read again. The cause that was named must be named still, and no longer as certain.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::truth::Case;
use crate::connection::{self, Finding};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Reads each recording of the table of causes without its alert, and prints which cause is lost with it: one test a recording.
pub(super) fn score(workspace: &Workspace, program: &Path, only: Option<&str>) -> Result<Tally> {
    let path = workspace.shared.join("lab/causes.tsv");
    let table = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let cut = std::env::temp_dir().join(format!("mtlscope-cut-{}.pcap", std::process::id()));
    let (mut kept, mut unseen, mut total, mut lines) = (0, 0, 0, Vec::new());
    for name in table.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let case = Case::read(&workspace.shared.join("lab/cases").join(name))?;
        let Some(alert) = &case.truth.refusing_alert else { continue };
        let whole = connection::read(program, &case.capture, case.key_log.as_deref(), None)?;
        let causes: Vec<&str> = whole
            .connections
            .iter()
            .flat_map(|connection| &connection.findings)
            .filter(|finding| finding.severity == "error" && !SAID_BY_THE_ALERT_ALONE.contains(&&*finding.id))
            .map(|finding| finding.id.as_str())
            .collect();
        if causes.is_empty() {
            continue;
        }
        let bytes = std::fs::read(&case.capture)?;
        std::fs::write(&cut, before(&bytes, alert.frame)?)?;
        let run = connection::read(program, &cut, case.key_log.as_deref(), None)?;
        let still: Vec<&Finding> =
            run.connections.iter().flat_map(|connection| &connection.findings).collect();
        total += 1;
        let names_nobody =
            run.connections.iter().all(|connection| connection.client_auth.authorities.is_empty());
        let found = still.iter().find(|finding| causes.contains(&&*finding.id));
        match found {
            Some(finding) if finding.confidence != "certain" => kept += 1,
            Some(finding) => lines.push(format!("{name}: {} is certain without its alert", finding.id)),
            // Nobody said whom the server trusts, so the certificate does not show that it is not trusted.
            None if names_nobody && causes.iter().all(|cause| ABOUT_TRUST.contains(cause)) => unseen += 1,
            None => lines.push(format!("{name}: {} is not named without its alert", causes.join(" "))),
        }
    }
    // It is there only where something was cut.
    let _ = std::fs::remove_file(&cut);
    println!(
        "without the alert: the cause of {kept} of {total} is still named, as likely or possible; {unseen} hang on whom the server \
         trusts, which it does not say"
    );
    for line in &lines {
        println!("  {line}");
    }
    Ok(Tally { passed: total - lines.len(), failed: lines.len(), ..Tally::default() })
}

/// Causes that the certificate shows only beside the names of those that the server trusts.
const ABOUT_TRUST: &[&str] = &["unknown-ca", "chain-incomplete-intermediate-missing"];

/// Findings about the alert itself.
const SAID_BY_THE_ALERT_ALONE: &[&str] =
    &["server-cert-rejected-by-client", "tls-version-mismatch", "no-shared-cipher"];

/// The packets of a pcap file before the one of this number, which counts from 1.
fn before(file: &[u8], frame: u64) -> Result<Vec<u8>> {
    let is_little = match file.first_chunk::<4>() {
        Some([0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1]) => true,
        Some([0xa1, 0xb2, 0xc3, 0xd4] | [0xa1, 0xb2, 0x3c, 0x4d]) => false,
        _ => anyhow::bail!("no pcap file"),
    };
    let mut place = 24;
    for _ in 1..frame {
        let length = file.get(place + 8..place + 12).context("the file has fewer packets")?;
        let length: [u8; 4] = length.try_into()?;
        let length = if is_little { u32::from_le_bytes(length) } else { u32::from_be_bytes(length) };
        place += 16 + usize::try_from(length)?;
    }
    ensure!(place <= file.len(), "the file has fewer packets");
    Ok(file[..place].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_packets_before_a_frame() {
        let mut file = [&[0xd4, 0xc3, 0xb2, 0xa1][..], &[0; 20]].concat();
        for length in [3_u32, 5] {
            file.extend([&[0; 8][..], &length.to_le_bytes(), &length.to_le_bytes()].concat());
            file.extend(vec![7; length as usize]);
        }
        assert_eq!(before(&file, 1).unwrap().len(), 24);
        assert_eq!(before(&file, 2).unwrap().len(), 24 + 16 + 3);
        assert_eq!(before(&file, 3).unwrap(), file);
        assert!(before(&file, 4).is_err() && before(b"no capture at all", 1).is_err());
    }
}
