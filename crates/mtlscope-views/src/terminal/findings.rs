//! The findings: what is wrong, how sure that is, the fix, and the frames that prove it; then what was odd.

use std::io::{self, Write};

use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_dissect::notice::Notice;

use super::{Ink, Line, Settings, paragraph};
use crate::wording;

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
        if let Some(text) = wording::finding::proof(finding, files) {
            paragraph(4, (Ink::Faint, "Proof  "), Ink::Plain, &text, settings, out)?;
        }
        let more = format!("mtlscope explain {}", finding.rule.id);
        paragraph(4, (Ink::Faint, "More   "), Ink::Faint, &more, settings, out)?;
    }
    Ok(())
}

/// Writes what was odd or missing.
pub(super) fn write_notices(notices: &[Notice], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for notice in notices {
        let text = wording::notice(notice);
        paragraph(2, (Ink::Doubtful, "notice  "), Ink::Faint, &text, settings, out)?;
    }
    Ok(())
}
