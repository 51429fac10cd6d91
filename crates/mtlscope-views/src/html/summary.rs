//! Many connections at a glance: counts by outcome and by cause, the outcomes over time, and a table.

use std::collections::BTreeMap;

use maud::{Markup, html};
use mtlscope_diagnose::connection::{Connection, Verdict};
use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::time::Timestamp;

use super::connection::moment;
use super::fragment::{VALUE, cut};
use super::{Fragment, Settings};
use crate::wording::{self, connection as words, count, grouped, verdict};

/// What stays of a connection in the summary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brief {
    /// Its number.
    pub number: u64,
    /// Where it is shown in full, as a link; `None` where it is not.
    pub link: Option<String>,
    /// The file, where there are several.
    pub file: Option<String>,
    /// When it began; `None` where a printout tells of it.
    pub start: Option<Timestamp>,
    /// Who.
    pub client: String,
    /// With whom.
    pub server: String,
    /// The name asked for.
    pub name: Option<String>,
    /// The version, or why it is not known.
    pub version: String,
    /// Whether the client was asked for a certificate: `yes`, `no (by sizes)`, `?`.
    pub asked: &'static str,
    /// What it answered: the subject, `none`, `?`.
    pub answered: String,
    /// How it came out.
    pub verdict: Verdict,
    /// Whether that is inferred.
    pub inferred: bool,
    /// The id of the first finding, and how bad.
    pub cause: Option<(&'static str, Severity)>,
}

impl Brief {
    /// What stays of this one. `link`: where it is shown in full.
    pub fn of(
        connection: &Connection,
        findings: &[Finding],
        file: Option<&str>,
        link: Option<String>,
    ) -> Self {
        let initial = connection.initial();
        let asking = connection.asking();
        let inferred = asking.inferred.as_deref();
        let asked = match (&asking.request, inferred.and_then(|inference| inference.is_asked())) {
            (Observed::Seen(_), _) => "yes",
            (Observed::NotSent, _) => "no",
            (Observed::Hidden(_), Some(true)) => "yes (by sizes)",
            (Observed::Hidden(_), Some(false)) => "no (by sizes)",
            (Observed::Hidden(_), None) => "?",
        };
        let answered = match &asking.answer {
            Observed::Seen(answer) => match answer.certificates.first() {
                Some(leaf) => cut(&wording::message::short_subject(leaf), 80).into_owned(),
                None if answer.unreadable > 0 => "something else".to_owned(),
                None => "none".to_owned(),
            },
            Observed::NotSent => "–".to_owned(),
            Observed::Hidden(_) => match inferred.map(|inference| &inference.answer.value) {
                Some(Ok(mtlscope_diagnose::keyless::Answer::Certificate(_))) => {
                    "a certificate (by sizes)".to_owned()
                }
                Some(Ok(mtlscope_diagnose::keyless::Answer::Empty)) => "none (by sizes)".to_owned(),
                Some(Ok(mtlscope_diagnose::keyless::Answer::None)) => "–".to_owned(),
                _ => "?".to_owned(),
            },
        };
        Self {
            number: connection.id.0,
            link,
            file: file.map(|file| cut(file, 120).into_owned()),
            start: connection.printed.is_none().then_some(connection.start),
            client: words::end(connection.client, "client"),
            server: words::end(connection.server, "server"),
            name: initial.server_name.seen().map(|name| cut(name, 120).into_owned()),
            version: match &initial.version {
                Observed::Seen(version) => version.to_string(),
                Observed::NotSent => "none agreed".to_owned(),
                Observed::Hidden(_) => "?".to_owned(),
            },
            asked,
            answered,
            verdict: connection.outcome.verdict,
            inferred: connection.outcome.inferred,
            cause: findings.first().map(|finding| (finding.rule.id, finding.severity)),
        }
    }
}

/// What a summary is made of: the counts of all connections, and the rows of as many as are to be listed.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many came out how, in the order of [`VERDICTS`].
    pub outcomes: [u64; 4],
    /// How many have which first finding.
    pub causes: BTreeMap<&'static str, (u64, Severity)>,
    /// The rows.
    pub rows: Vec<Brief>,
    /// How many more there are than rows.
    pub more: u64,
    /// When those came that are counted: the first, the last, and how many of each outcome in each part between.
    pub over_time: OverTime,
}

/// The outcomes in the order in which they are told.
pub const VERDICTS: [Verdict; 4] =
    [Verdict::Refused, Verdict::Incomplete, Verdict::Unknown, Verdict::Accepted];

impl Summary {
    /// Counts a connection and lists it, if fewer than `most` are listed.
    pub fn add(&mut self, brief: Brief, most: usize) {
        let place = place(brief.verdict);
        self.outcomes[place] += 1;
        if let Some((cause, severity)) = brief.cause {
            self.causes.entry(cause).or_insert((0, severity)).0 += 1;
        }
        if let Some(start) = brief.start {
            self.over_time.add(start, place);
        }
        match self.rows.len() < most {
            true => self.rows.push(brief),
            false => self.more += 1,
        }
    }

    /// How many were counted.
    pub fn connections(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}

fn place(verdict: Verdict) -> usize {
    VERDICTS.iter().position(|one| *one == verdict).unwrap_or_default()
}

/// Outcomes over time in a bounded number of parts: when time goes on past the last, two parts become one.
#[derive(Clone, Debug, Default)]
pub struct OverTime {
    first: Option<Timestamp>,
    /// Nanoseconds of a part.
    width: i64,
    parts: Vec<[u64; 4]>,
}

impl OverTime {
    const PARTS: usize = 60;

    fn add(&mut self, time: Timestamp, outcome: usize) {
        let first = *self.first.get_or_insert(time);
        if self.parts.is_empty() {
            self.width = 1_000_000;
        }
        // A connection that is told later may have begun earlier; it counts as the first.
        let since = (time - first).max(0);
        while since / self.width >= Self::PARTS as i64 {
            let halved = self.parts.chunks(2).map(|pair| {
                let mut sum = [0; 4];
                for (place, sum) in sum.iter_mut().enumerate() {
                    *sum = pair.iter().map(|part| part[place]).sum();
                }
                sum
            });
            self.parts = halved.collect();
            self.width = self.width.saturating_mul(2);
        }
        let part = usize::try_from(since / self.width).unwrap_or_default();
        if self.parts.len() <= part {
            self.parts.resize(part + 1, [0; 4]);
        }
        if let Some(count) = self.parts.get_mut(part).and_then(|part| part.get_mut(outcome)) {
            *count += 1;
        }
    }
}

/// The whole summary. `id`: that of its element.
pub fn summary(summary: &Summary, id: &str, settings: &Settings) -> Fragment {
    let all = summary.connections();
    Fragment::of(html! {
        section.summary id=(id) aria-label="Summary" {
            ul.counts {
                @for (verdict, number) in VERDICTS.iter().zip(summary.outcomes).filter(|(_, number)| *number > 0) {
                    li.(class(*verdict)) {
                        strong { (grouped(number)) }
                        " " (verdict::word(*verdict).to_lowercase())
                    }
                }
            }
            @if all > 1 {
                (over_time(&summary.over_time))
                (causes(summary, settings))
            }
            @if !summary.rows.is_empty() { (table(summary, settings)) }
        }
    })
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
        Verdict::Incomplete => "incomplete",
        Verdict::Unknown => "unknown",
    }
}

/// Bars over time, the refused at the bottom.
fn over_time(time: &OverTime) -> Markup {
    const HEIGHT: f64 = 56.0;
    let Some(first) = time.first.filter(|_| time.parts.len() > 1) else { return html! {} };
    let most = time.parts.iter().map(|part| part.iter().sum::<u64>()).max().unwrap_or(1).max(1);
    let wide = 100.0 / time.parts.len() as f64;
    let bar = |part: &[u64; 4]| -> Vec<(f64, f64, &'static str)> {
        let mut bottom = HEIGHT;
        let mut pieces = Vec::new();
        for (verdict, number) in VERDICTS.iter().zip(part).filter(|(_, number)| **number > 0) {
            let high = (*number as f64 / most as f64 * (HEIGHT - 2.0)).max(1.5);
            bottom -= high;
            pieces.push((bottom, high, class(*verdict)));
        }
        pieces
    };
    let last = first.plus_nanoseconds(time.width.saturating_mul(time.parts.len() as i64));
    let label = format!(
        "Connections over time, {} each bar, at most {}",
        wording::duration(time.width),
        count(usize::try_from(most).unwrap_or(usize::MAX), "connection", "connections")
    );
    html! {
        figure.over-time {
            svg role="img" aria-label=(label) width="100%" height=(HEIGHT) {
                @for (place, part) in time.parts.iter().enumerate() {
                    @for (top, high, class) in bar(part) {
                        rect.(class) x=(format!("{:.3}%", place as f64 * wide)) y=(format!("{top:.1}"))
                            width=(format!("{:.3}%", wide * 0.86)) height=(format!("{high:.1}")) {}
                    }
                }
                line x1="0" x2="100%" y1=(HEIGHT) y2=(HEIGHT) {}
            }
            figcaption {
                span { (moment(first)) }
                span { "a bar is " (wording::duration(time.width)) "; the highest is " (grouped(most)) }
                span { (moment(last)) }
            }
        }
    }
}

fn causes(summary: &Summary, settings: &Settings) -> Markup {
    const SHOWN: usize = 12;
    let mut causes: Vec<(&str, u64, Severity)> =
        summary.causes.iter().map(|(cause, (number, severity))| (*cause, *number, *severity)).collect();
    causes.sort_by_key(|(_, number, severity)| (std::cmp::Reverse(*severity), std::cmp::Reverse(*number)));
    let more = causes.len().saturating_sub(SHOWN);
    html! {
        @if !causes.is_empty() {
            ul.causes aria-label="Causes" {
                @for (cause, number, severity) in causes.into_iter().take(SHOWN) {
                    li.(severity.to_string()) {
                        strong { (grouped(number)) }
                        " " a href={ (settings.rules_at) (cause) } { code { (cause) } }
                    }
                }
                @if more > 0 { li { "and " (count(more, "other cause", "other causes")) } }
            }
        }
    }
}

fn table(summary: &Summary, settings: &Settings) -> Markup {
    let files = summary.rows.iter().any(|row| row.file.is_some());
    html! {
        div.scrolled tabindex="0" role="region" aria-label="Connections" {
            table.connections {
                thead { tr {
                    th scope="col" { "#" }
                    @if files { th scope="col" { "File" } }
                    th scope="col" { "Client, server" }
                    th scope="col" { "Name" }
                    th scope="col" { "Version" }
                    th scope="col" { "Asked" }
                    th scope="col" { "Answered" }
                    th scope="col" { "Outcome" }
                    th scope="col" { "First finding" }
                } }
                tbody { @for row in &summary.rows { (brief(row, files, settings)) } }
            }
        }
        @if summary.more > 0 {
            p.remark { "and " (grouped(summary.more)) " more, which are counted above and not listed." }
        }
    }
}

fn brief(row: &Brief, files: bool, settings: &Settings) -> Markup {
    html! {
        tr.(class(row.verdict)) data-connection=(row.number) {
            th scope="row" {
                @match &row.link { Some(link) => a href=(link) { "#" (row.number) }, None => { "#" (row.number) } }
            }
            @if files { td.file title=[row.file.as_deref()] { (brief_path(row.file.as_deref().unwrap_or_default())) } }
            td.address { (row.client) br; span.quiet { "→ " (row.server) } }
            td.name { (cut(row.name.as_deref().unwrap_or("–"), VALUE)) }
            td.version { (row.version) }
            td.asked { (row.asked) }
            td.answered { (row.answered) }
            td.outcome {
                (verdict::word(row.verdict).to_lowercase())
                @if row.inferred { " (inferred)" }
            }
            td.cause {
                @if let Some((cause, severity)) = row.cause {
                    a.(severity.to_string()) href={ (settings.rules_at) (cause) } { (cause) }
                }
            }
        }
    }
}

/// A path's name and the folder that it is in: enough to tell files apart, and short.
fn brief_path(path: &str) -> &str {
    path.rmatch_indices('/').nth(1).map_or(path, |(place, _)| path.get(place + 1..).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_by_its_name_and_folder() {
        for (path, brief) in
            [("/a/b/c.pcap", "b/c.pcap"), ("b/c.pcap", "b/c.pcap"), ("/c", "/c"), ("c", "c"), ("", "")]
        {
            assert_eq!(brief_path(path), brief);
        }
    }

    #[test]
    fn time_keeps_to_its_parts_and_loses_no_connection() {
        let mut time = OverTime::default();
        let start = 1_700_000_000_000_000_000;
        for step in 0..10_000_i64 {
            time.add(Timestamp::from_nanoseconds(start + step * step * 1_000_003), (step % 4) as usize);
        }
        time.add(Timestamp::from_nanoseconds(start - 5), 0);
        assert!(time.parts.len() <= OverTime::PARTS, "{}", time.parts.len());
        assert_eq!(time.parts.iter().flatten().sum::<u64>(), 10_001);
    }

    #[test]
    fn a_clock_that_jumps_far_is_no_trouble() {
        let mut time = OverTime::default();
        for nanoseconds in [i64::MIN, 0, i64::MAX] {
            time.add(Timestamp::from_nanoseconds(nanoseconds), 3);
        }
        assert_eq!(time.parts.iter().flatten().sum::<u64>(), 3);
    }
}
