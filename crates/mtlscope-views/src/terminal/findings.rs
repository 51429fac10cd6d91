//! The findings: what is wrong, how sure that is, the fix, and the frames that prove it; then what was odd.

use std::io::{self, Write};

use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::notice::Notice;

use super::{Ink, Line, Settings, paragraph};

/// Writes the findings in the order given.
///
/// `files`: those that are read as one, where they are to be named.
pub(super) fn write(
    findings: &[Finding],
    files: &[String],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    for finding in findings {
        let ink = match finding.severity {
            Severity::Error => Ink::Bad,
            Severity::Warning => Ink::Doubtful,
            Severity::Note => Ink::Identity,
        };
        out.write_all(b"\n")?;
        let mut line = Line::new();
        line.add(Ink::Plain, "  ")
            .add(ink, finding.severity.to_string())
            .add(Ink::Plain, ": ")
            .add(Ink::Strong, finding.rule.id)
            .add(Ink::Faint, format!(" ({})", finding.confidence));
        line.write(settings, out)?;
        paragraph(4, (Ink::Faint, "Why    "), Ink::Plain, &finding.message, settings, out)?;
        paragraph(4, (Ink::Faint, "Fix    "), Ink::Plain, &finding.fix, settings, out)?;
        if let Some(text) = proof(finding, files) {
            paragraph(4, (Ink::Faint, "Proof  "), Ink::Plain, &text, settings, out)?;
        }
        let more = format!("mtlscope explain {}", finding.rule.id);
        paragraph(4, (Ink::Faint, "More   "), Ink::Faint, &more, settings, out)?;
    }
    Ok(())
}

/// `frames 7, 9`; where they are in several files, `frame 7 of a.pcap, frames 2, 3 of b.pcap`.
fn proof(finding: &Finding, files: &[String]) -> Option<String> {
    let mut frames = finding.frames();
    let first = frames.first()?.file();
    if frames.iter().all(|frame| frame.file() == first) {
        return Some(numbers(&frames));
    }
    frames.sort();
    let of_file = |frames: &[FrameNumber]| {
        let name = files.get(usize::from(frames.first()?.file()));
        Some(format!("{} of {}", numbers(frames), name.map_or("another file", String::as_str)))
    };
    let texts: Vec<String> =
        frames.chunk_by(|one, other| one.file() == other.file()).filter_map(of_file).collect();
    Some(texts.join(", "))
}

fn numbers(frames: &[FrameNumber]) -> String {
    let numbers: Vec<String> = frames.iter().map(ToString::to_string).collect();
    format!("{} {}", if numbers.len() == 1 { "frame" } else { "frames" }, numbers.join(", "))
}

/// Writes what was odd or missing.
pub(super) fn write_notices(notices: &[Notice], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for notice in notices {
        let text = crate::wording::notice(notice);
        paragraph(2, (Ink::Doubtful, "notice  "), Ink::Faint, &text, settings, out)?;
    }
    Ok(())
}
