//! Differences we know of and accept, each with its reason: a table of file (or case), connection, what, reason.
//!
//! `*` stands for any. A suite fails on a difference no line explains, and on a line that explains nothing any more, so
//! the table can neither hide a new fault nor outlive an old one.

use std::cell::Cell;

use anyhow::{Result, ensure};

/// One table.
pub(crate) struct KnownDifferences {
    lines: Vec<Line>,
}

struct Line {
    file: String,
    connection: String,
    what: String,
    reason: String,
    matched: Cell<usize>,
}

impl KnownDifferences {
    /// Reads a tab-separated table; lines that begin with `#` are for the reader.
    pub(crate) fn read(table: &str) -> Result<Self> {
        let mut lines = Vec::new();
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [file, connection, what, reason] = columns[..] else {
                anyhow::bail!("known differences: four columns are needed, {} are in: {line}", columns.len());
            };
            ensure!(!reason.trim().is_empty(), "known differences: no reason in: {line}");
            lines.push(Line {
                file: file.to_owned(),
                connection: connection.to_owned(),
                what: what.to_owned(),
                reason: reason.to_owned(),
                matched: Cell::new(0),
            });
        }
        Ok(Self { lines })
    }

    /// The reason for a difference, if it is known.
    pub(crate) fn reason(&self, file: &str, connection: &str, what: &str) -> Option<&str> {
        let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        let line = self.lines.iter().find(|line| {
            fits(&line.file, file) && fits(&line.connection, connection) && fits(&line.what, what)
        })?;
        line.matched.set(line.matched.get() + 1);
        Some(&line.reason)
    }

    /// The lines that explained nothing, as text.
    pub(crate) fn no_longer_seen(&self) -> Vec<String> {
        self.lines
            .iter()
            .filter(|line| line.matched.get() == 0)
            .map(|line| format!("{} / {} / {}: {}", line.file, line.connection, line.what, line.reason))
            .collect()
    }

    /// How often each reason explained something, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<(usize, &str)> {
        let mut reasons: Vec<(usize, &str)> = Vec::new();
        for line in self.lines.iter().filter(|line| line.matched.get() > 0) {
            match reasons.iter_mut().find(|(_, reason)| *reason == line.reason) {
                Some((count, _)) => *count += line.matched.get(),
                None => reasons.push((line.matched.get(), &line.reason)),
            }
        }
        reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explains_what_fits_and_names_what_no_longer_occurs() {
        let known = KnownDifferences::read("# file\nb.pcap\t*\tversion\told\na.pcap\ttcp.stream 0\t*\tgap\n")
            .unwrap();
        assert_eq!(known.reason("a.pcap", "tcp.stream 0", "alerts"), Some("gap"));
        assert_eq!(known.reason("a.pcap", "tcp.stream 1", "alerts"), None);
        assert_eq!(known.no_longer_seen(), ["b.pcap / * / version: old"]);
        assert_eq!(known.reasons(), [(1, "gap")]);
    }

    #[test]
    fn refuses_a_line_without_a_reason() {
        assert!(KnownDifferences::read("a.pcap\t*\tversion\t\n").is_err());
        assert!(KnownDifferences::read("a.pcap\t*\tversion\n").is_err());
    }
}
