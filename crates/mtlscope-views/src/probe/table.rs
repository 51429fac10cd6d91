//! A probed server on one screen: the judgement, a line for each way to come, and what the server asks for.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Request;
use mtlscope_diagnose::finding::Severity;
use mtlscope_diagnose::probe::{Judgement, Probe, Try};
use mtlscope_diagnose::requirement::Level;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::words;
use crate::terminal::{Ink, Line, Settings, paragraph};
use crate::wording::count;

/// Authorities named by name; more are counted.
const NAMED: usize = 8;

/// Writes what was found out of one server.
///
/// `expected`: what the user said it should be, and whether it is.
pub fn write_table(
    probe: &Probe,
    expected: Option<(&str, bool)>,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    head(probe, settings, out)?;
    if let Some(trouble) = &probe.trouble {
        return paragraph(2, (Ink::Bad, "could not be probed: "), Ink::Plain, trouble, settings, out);
    }
    let (ink, text) = words::judgement(probe.judgement(), &probe.tries);
    paragraph(2, (Ink::Plain, ""), ink, &text, settings, out)?;
    match expected {
        Some((what, true)) => paragraph(2, (Ink::Good, "as expected: "), Ink::Plain, what, settings, out)?,
        Some((what, false)) => {
            paragraph(2, (Ink::Bad, "not as expected: "), Ink::Plain, what, settings, out)?
        }
        None => {}
    }
    out.write_all(b"\n")?;
    rows(&probe.tries, settings, out)?;
    let requests = probe.requests();
    if !requests.is_empty() {
        out.write_all(b"\n")?;
        authorities(&requests, settings, out)?;
        algorithms(&requests, settings, out)?;
    }
    troubles(&probe.tries, settings, out)?;
    for note in &probe.notes {
        paragraph(2, (Ink::Identity, "note: "), Ink::Plain, note, settings, out)?;
    }
    Ok(())
}

fn head(probe: &Probe, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::new();
    line.add(Ink::Strong, &probe.target);
    if let Some(address) = probe.address {
        line.add(Ink::Faint, format!("  {address}"));
    }
    line.write(settings, out)
}

/// One line for each version and protocol; an attempt with the certificate stands beside the one without.
fn rows(tries: &[Try], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let with_certificate = tries.iter().any(|attempt| attempt.with_certificate);
    let mut table: Vec<[(Ink, String); 5]> = vec![[
        (Ink::Faint, "TLS".to_owned()),
        (Ink::Faint, "HTTP".to_owned()),
        (Ink::Faint, "asks for a certificate".to_owned()),
        (Ink::Faint, "without one".to_owned()),
        (Ink::Faint, if with_certificate { "with yours" } else { "" }.to_owned()),
    ]];
    for attempt in in_order(tries) {
        let twin = tries.iter().find(|other| other.with_certificate && is_same_way(attempt, other));
        let asked = attempt.reading().map_or("", |reading| words::asked(reading.asked));
        table.push([
            (Ink::Plain, version(attempt.version)),
            (Ink::Plain, words::offered(attempt)),
            (if asked == "no" { Ink::Plain } else { Ink::Identity }, asked.to_owned()),
            words::took(attempt),
            twin.map_or((Ink::Plain, String::new()), words::took),
        ]);
    }
    let widths: [usize; 5] = std::array::from_fn(|column| {
        table
            .iter()
            .filter_map(|row| row.get(column))
            .map(|(_, text)| text.chars().count())
            .max()
            .unwrap_or(0)
    });
    for row in &table {
        let mut line = Line::new();
        line.add(Ink::Plain, "  ");
        let last = row.iter().rposition(|(_, text)| !text.is_empty()).unwrap_or(0);
        for (column, ((ink, text), width)) in row.iter().zip(widths).enumerate().take(last + 1) {
            line.add(*ink, text);
            if column < last && width > 0 {
                let space = width + 3 - text.chars().count();
                line.add(Ink::Plain, " ".repeat(space));
            }
        }
        line.write(settings, out)?;
    }
    Ok(())
}

/// The attempts without a certificate, the newest version first, HTTP/2 before HTTP/1.1.
fn in_order(tries: &[Try]) -> Vec<&Try> {
    let mut ordered: Vec<&Try> = tries.iter().filter(|attempt| !attempt.with_certificate).collect();
    ordered.sort_by_key(|attempt| {
        (std::cmp::Reverse(attempt.version.0), attempt.protocol, !attempt.offers_post_handshake)
    });
    ordered
}

fn is_same_way(one: &Try, other: &Try) -> bool {
    (one.version, one.protocol, one.offers_post_handshake)
        == (other.version, other.protocol, other.offers_post_handshake)
}

fn version(version: ProtocolVersion) -> String {
    version.to_string().trim_start_matches("TLS ").to_owned()
}

fn authorities(
    requests: &[(ProtocolVersion, &Request)],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let [(_, first), rest @ ..] = requests else { return Ok(()) };
    let is_one = rest.iter().all(|(_, other)| other.authorities == first.authorities);
    for (version, request) in requests.iter().take(if is_one { 1 } else { requests.len() }) {
        let which = if is_one { String::new() } else { format!(" in {version}") };
        let number = request.authorities.len();
        let named = request.authorities.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>();
        let text = match number.saturating_sub(NAMED) {
            0 if number == 0 => "a certificate of any will be looked at".to_owned(),
            0 => named.join("; "),
            more => format!("{}; and {more} more", named.join("; ")),
        };
        let lead = format!("names {}{which}: ", count(number, "authority", "authorities"));
        paragraph(2, (Ink::Identity, &lead), Ink::Plain, &text, settings, out)?;
    }
    Ok(())
}

/// The algorithms of the newest version; of an older one what it takes besides, for the lists are long and much the same.
fn algorithms(
    requests: &[(ProtocolVersion, &Request)],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut told: Vec<String> = Vec::new();
    for (version, request) in requests {
        let all: Vec<String> = request.signature_algorithms.iter().map(ToString::to_string).collect();
        let takes_all_told = told.iter().all(|name| all.contains(name));
        let (lead, names) = match takes_all_told && !told.is_empty() {
            true => (
                format!("in {version} also: "),
                all.into_iter().filter(|name| !told.contains(name)).collect(),
            ),
            false => (format!("takes in {version}: "), all),
        };
        let mut parts = Vec::new();
        if !names.is_empty() {
            parts.push(names.join(", "));
        }
        told.extend(names);
        if !request.certificate_types.is_empty() {
            let types: Vec<String> = request.certificate_types.iter().map(ToString::to_string).collect();
            parts.push(format!("certificate types {}", types.join(", ")));
        }
        if !parts.is_empty() {
            paragraph(2, (Ink::Identity, &lead), Ink::Plain, &parts.join("; "), settings, out)?;
        }
    }
    Ok(())
}

/// What the rules say of the certificate that was shown, each once.
fn troubles(tries: &[Try], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut told: Vec<&str> = Vec::new();
    for attempt in tries.iter().filter(|attempt| attempt.with_certificate) {
        for finding in attempt.findings.iter().filter(|finding| finding.severity > Severity::Note) {
            if told.contains(&finding.rule.id) {
                continue;
            }
            told.push(finding.rule.id);
            let ink = if finding.severity == Severity::Error { Ink::Bad } else { Ink::Doubtful };
            let mut line = Line::new();
            line.add(ink, format!("  {}: {}", finding.severity, finding.rule.id));
            line.write(settings, out)?;
            paragraph(4, (Ink::Plain, ""), Ink::Plain, &finding.message, settings, out)?;
            paragraph(4, (Ink::Strong, "fix: "), Ink::Plain, &finding.fix, settings, out)?;
        }
    }
    Ok(())
}

/// How many servers came out how, for the closing words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    counts: [usize; 6],
}

impl Summary {
    /// Counts one server.
    pub fn add(&mut self, probe: &Probe) {
        let place = match (&probe.trouble, probe.judgement()) {
            (Some(_), _) => 5,
            (None, Judgement::Same(Level::RequiredByTls | Level::RequiredByHttp)) => 0,
            (None, Judgement::Same(Level::Wanted)) => 1,
            (None, Judgement::Same(Level::NotAsked)) => 2,
            (None, Judgement::Differs(..)) => 3,
            (None, Judgement::Same(Level::Unknown) | Judgement::Untold) => 4,
        };
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
    }

    /// `3 servers: 1 requires a client certificate, 2 never ask`.
    pub fn words(&self) -> String {
        const WORDS: [(&str, &str); 6] = [
            ("requires a client certificate", "require a client certificate"),
            ("asks and does not insist", "ask and do not insist"),
            ("never asks", "never ask"),
            ("is not of one mind", "are not of one mind"),
            ("does not show it", "do not show it"),
            ("could not be probed", "could not be probed"),
        ];
        let parts: Vec<String> = self
            .counts
            .iter()
            .zip(WORDS)
            .filter(|(count, _)| **count > 0)
            .map(|(count, (one, many))| format!("{count} {}", if *count == 1 { one } else { many }))
            .collect();
        format!("{}: {}", count(self.counts.iter().sum(), "server", "servers"), parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::samples;

    fn table(probe: &Probe, settings: &Settings) -> String {
        let mut out = Vec::new();
        write_table(probe, Some(("required", false)), settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn servers_are_told_word_for_word() {
        let all: Vec<String> = samples::all()
            .iter()
            .map(|(name, probe)| format!("{name}:\n{}", table(probe, &Settings::default())))
            .collect();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn a_narrow_terminal_gets_no_line_that_is_wider() {
        for (name, probe) in samples::all() {
            let text = table(&probe, &Settings { width: Some(60), ascii: true, ..Settings::default() });
            assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 60), "{name}\n{text}");
        }
    }

    #[test]
    fn the_closing_words_count_each_kind() {
        let mut summary = Summary::default();
        samples::all().iter().for_each(|(_, probe)| summary.add(probe));
        assert_eq!(
            summary.words(),
            "5 servers: 2 require a client certificate, 1 never asks, 1 is not of one mind, 1 could not be probed"
        );
    }
}
