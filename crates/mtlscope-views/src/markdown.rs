//! A connection as Markdown, for an issue or a README: the verdict, why, the fix, and the ladder in a fence.
//!
//! What a peer chose can end no fence and begin no markup: outside the fence each character that Markdown or HTML could take
//! for its own is escaped, and the fence is longer than any row of backticks in it.

use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, Verdict};
use mtlscope_diagnose::finding::Finding;

use crate::printable::printable;
use crate::terminal::{self, Settings};
use crate::wording::{self, connection as words, verdict};

/// The longest text that is written whole: issues have a limit.
const LONGEST: usize = 2_000;

/// Writes one connection.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    connection: &Connection,
    findings: &[Finding],
    files: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = connection.initial().server_name.seen().map(|name| format!(" ({})", escaped(name)));
    writeln!(
        out,
        "### Connection {}: {} → {}{}",
        connection.id.0,
        escaped(&words::end(connection.client, "client")),
        escaped(&words::end(connection.server, "server")),
        name.unwrap_or_default()
    )?;
    writeln!(out, "\n{}", escaped(&words::facts(connection).join(", ")))?;
    writeln!(
        out,
        "\n**{}**{} {}",
        verdict::word(connection.outcome.verdict),
        if connection.outcome.verdict == Verdict::Refused { "" } else { ":" },
        escaped(&verdict::sentence(connection))
    )?;
    writeln!(out, "\nClient certificate: {}", escaped(&verdict::client_certificate(connection.asking())))?;
    for finding in findings {
        writeln!(
            out,
            "\n- {} `{}` ({}): {}",
            finding.severity,
            finding.rule.id,
            finding.confidence,
            escaped(&finding.message)
        )?;
        writeln!(out, "  - **Fix:** {}", escaped(&finding.fix))?;
        if let Some(proof) = wording::finding::proof(finding, files) {
            writeln!(out, "  - Proof: {}", escaped(&proof))?;
        }
    }
    let mut ladder = Vec::new();
    terminal::write_ladder(
        connection,
        files,
        &Settings { width: Some(120), ..Settings::default() },
        &mut ladder,
    )?;
    let ladder = String::from_utf8_lossy(&ladder);
    let fence = "`".repeat(longest_run(&ladder, '`').max(2) + 1);
    write!(out, "\n{fence}text\n{ladder}{fence}\n")
}

/// Text that is nothing but text, in Markdown and in the HTML that may stand in it.
fn escaped(text: &str) -> String {
    let safe = printable(text);
    let mut escaped = String::with_capacity(safe.len() + safe.len() / 8);
    for c in safe.chars().take(LONGEST) {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention notifies a stranger, a number links to an issue.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    if safe.chars().nth(LONGEST).is_some() {
        escaped.push('…');
    }
    // Addresses are made links without any markup.
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(|run| run.chars().count()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    fn written(connection: &Connection) -> String {
        let mut out = Vec::new();
        write(connection, &told::findings(connection), &[], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_refusal_with_its_ladder() {
        insta::assert_snapshot!(written(&told::unknown_ca()));
    }

    #[test]
    fn what_a_peer_wrote_is_text() {
        assert_eq!(
            escaped("<img src=x> *a* [b](http://c) `d` @e #1\n- f\u{202e}"),
            "&lt;img src=x&gt; \\*a\\* \\[b\\](http&#58;//c) \\`d\\` &#64;e &#35;1\\\\0A- f\\\\E2\\\\80\\\\AE"
        );
        assert_eq!(escaped(&"a".repeat(3_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(longest_run("a ``` b ````` c", '`'), 5);
        assert_eq!(longest_run("", '`'), 0);
        let text = written(&told::broken());
        assert!(text.contains("\n```text\n") && text.ends_with("\n```\n"), "{text}");
    }
}
