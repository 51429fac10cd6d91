//! What was compared and what differed, by filter and by field.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Found;
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;

/// One thing that is not the same on both sides.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The filter or field; `-` for the capture as a whole.
    pub(super) of: String,
    /// `frames`, `values`, `sharkd`, `tshark`.
    pub(super) what: &'static str,
    /// What each side says.
    pub(super) said: String,
}

/// The sums.
pub(super) struct Report {
    filters: Vec<String>,
    fields: Vec<String>,
    captures: usize,
    /// For each filter and each field in how many captures either side has something.
    pairs: Vec<usize>,
    values: Vec<usize>,
    samples: usize,
    /// Frames that were not compared, and in how many captures.
    left_out: (usize, usize),
    differences: Vec<(String, Difference)>,
    /// Captures to which sharkd gave no answer, twice.
    unanswered: Vec<String>,
}

/// Captures on which sharkd may break down, before it counts as a failure of ours to ask.
const MOST_UNANSWERED: usize = 16;

impl Report {
    pub(super) fn new(filters: &[String], fields: &[String]) -> Self {
        Self {
            filters: filters.to_vec(),
            fields: fields.to_vec(),
            captures: 0,
            pairs: vec![0; filters.len()],
            values: vec![0; fields.len()],
            samples: 0,
            left_out: (0, 0),
            differences: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, capture: &str, found: Found) {
        self.captures += 1;
        self.left_out.0 += found.left_out;
        self.left_out.1 += usize::from(found.left_out > 0);
        for place in found.pairs {
            self.pairs[place] += 1;
        }
        for place in found.values {
            self.values[place] += 1;
        }
        for one in found.differences {
            // Not ours to explain, and not the same on each machine.
            if one.what == "sharkd" {
                println!("not compared: {capture}: {}", one.said);
                self.unanswered.push(capture.to_owned());
            } else {
                self.differences.push((capture.to_owned(), one));
            }
        }
    }

    /// A line of tshark's that ran with our name: what differed, if anything.
    pub(super) fn add_sample(&mut self, name: &str, difference: Option<Difference>) {
        self.samples += 1;
        self.differences.extend(difference.map(|one| (name.to_owned(), one)));
    }

    /// Every difference as a line: capture, filter or field, what, what each side says.
    pub(super) fn lines(&self) -> String {
        let mut lines = String::new();
        let mut sorted: Vec<_> = self.differences.iter().collect();
        sorted.sort_by(|one, other| (&one.1.of, &one.0).cmp(&(&other.1.of, &other.0)));
        for (capture, Difference { of, what, said }) in sorted {
            let _ = writeln!(lines, "{capture}\t{of}\t{what}\t{said}");
        }
        lines
    }

    /// Prints the sums, and counts: one test a filter, one a field, and what concerns all.
    pub(super) fn judge(&self, known: &KnownDifferences, is_complete: bool) -> Tally {
        let mut tally = Tally::default();
        let mut explained: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unexplained: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (capture, difference) in &self.differences {
            match known.reason(capture, &difference.of, difference.what) {
                Some(_) => *explained.entry(&difference.of).or_default() += 1,
                None => unexplained
                    .entry(&difference.of)
                    .or_default()
                    .push(format!("{capture}: {}: {}", difference.what, difference.said)),
            }
        }
        for (names, counts, unit) in
            [(&self.filters, &self.pairs, "matched in"), (&self.fields, &self.values, "has a value in")]
        {
            for (name, count) in names.iter().zip(counts) {
                let bad = unexplained.get(name.as_str()).map_or(0, Vec::len);
                let known = explained.get(name.as_str()).copied().unwrap_or_default();
                println!("{count:>5} {unit}, {bad} differ, {known} explained: {name}");
                // A field without a value proves nothing; a filter that matches nothing neither, if all was read.
                tally += Tally::one(bad == 0 && (*count > 0 || !is_complete));
            }
        }
        for (of, lines) in &unexplained {
            println!("{of}");
            lines.iter().take(5).for_each(|line| println!("  {line}"));
            if lines.len() > 5 {
                println!("  and {} more", lines.len() - 5);
            }
        }
        let of_captures = unexplained.iter().filter(|(of, _)| !self.is_listed(of));
        tally += Tally::one(of_captures.count() == 0);
        if is_complete {
            let mut gone = known.no_longer_seen();
            gone.retain(|line| !self.unanswered.iter().any(|capture| line.starts_with(capture.as_str())));
            tally += Tally::one(self.unanswered.len() <= MOST_UNANSWERED);
            gone.iter().for_each(|line| println!("known difference no longer seen: {line}"));
            tally += Tally::one(gone.is_empty());
        }
        self.print_sums(&explained, &unexplained);
        for (count, reason) in known.reasons() {
            println!("  {count:>5} explained: {reason}");
        }
        tally
    }

    fn is_listed(&self, of: &str) -> bool {
        self.filters.iter().chain(&self.fields).any(|name| name == of)
    }

    fn print_sums(&self, explained: &BTreeMap<&str, usize>, unexplained: &BTreeMap<&str, Vec<String>>) {
        let sum = |counts: &[usize]| counts.iter().sum::<usize>();
        let of = |names: &[String]| -> (usize, usize) {
            names
                .iter()
                .map(|name| {
                    let bad = unexplained.get(name.as_str()).map_or(0, Vec::len);
                    (bad, explained.get(name.as_str()).copied().unwrap_or_default())
                })
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        for (what, names, counts) in
            [("filter", &self.filters, &self.pairs), ("field", &self.fields, &self.values)]
        {
            let (bad, known) = of(names);
            let pairs = sum(counts);
            println!(
                "{} captures, {} {what}s: {pairs} pairs of capture and {what} with something in them; {} differ ({:.2} %), {} of \
                 them unexplained",
                self.captures,
                names.len(),
                bad + known,
                100.0 * (bad + known) as f64 / pairs.max(1) as f64,
                bad
            );
        }
        println!(
            "left out: {} frames in {} captures: TLS in QUIC, DTLS, OpenVPN or EAP, which is not read yet; called TLS by their port alone; \
             certificates outside TLS",
            self.left_out.0, self.left_out.1
        );
        println!("{} command lines of tshark with our name", self.samples);
    }
}
