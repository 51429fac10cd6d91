//! The report: one page with a summary and the connections in full, those that failed first; and the same as Markdown.
//!
//! Connections come one by one and are let go: what is kept of each is a row of the table, and the finished page of those
//! that are shown in full.

use std::collections::BTreeMap;
use std::io::{self, Write};

use maud::{Markup, html};
use mtlscope_diagnose::connection::{Connection, StepKind, Verdict};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_diagnose::identities;
use mtlscope_diagnose::rule::Rule;
use mtlscope_dissect::notice::Notice;

use super::fragment::{SENTENCE, cut};
use super::summary::{Brief, Summary};
use super::{
    Fragment, Settings, Spacing, certificates, finding, head, ladder, message, page, rule_page, summary,
    verdict,
};
use crate::View;
use crate::wording::{self, count, grouped};

/// What a report is to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportSettings {
    /// How many connections are shown in full.
    pub full: usize,
    /// How many more stand in the table.
    pub listed: usize,
    /// Whether each message is shown field by field, with its bytes.
    pub messages: bool,
    /// How drawn ladders are spaced.
    pub spacing: Spacing,
    /// Whether files are named: where there are several.
    pub name_files: bool,
    /// A word on what was left out, for whoever gets the report.
    pub remark: Option<String>,
}

/// Gathers what a report shows. A view that writes nothing before its end.
#[derive(Debug)]
pub struct Report {
    settings: ReportSettings,
    /// What the user says beside the input, to check chains with.
    context: Context,
    /// The inputs so far, and the files of the current one that are read as one.
    inputs: Vec<String>,
    files: Vec<String>,
    summary: Summary,
    failed: Vec<Full>,
    others: Vec<Full>,
    across: Vec<Fragment>,
    notices: Vec<String>,
    rules: BTreeMap<&'static str, &'static Rule>,
}

/// A connection that may be shown in full.
#[derive(Debug)]
struct Full {
    /// The id of its element.
    id: String,
    body: Fragment,
}

impl Report {
    /// A report without connections so far.
    pub fn new(settings: ReportSettings, context: Context) -> Self {
        Self {
            settings,
            context,
            inputs: Vec::new(),
            files: Vec::new(),
            summary: Summary::default(),
            failed: Vec::new(),
            others: Vec::new(),
            across: Vec::new(),
            notices: Vec::new(),
            rules: BTreeMap::new(),
        }
    }

    /// How many connections were told, and how many of them are shown in full.
    pub fn shown(&self) -> (u64, usize) {
        let full = (self.failed.len() + self.others.len()).min(self.settings.full);
        (self.summary.connections(), full)
    }

    /// The whole page. `closing`: the closing words of the run.
    pub fn finish(mut self, closing: &str) -> String {
        let (all, full) = self.shown();
        let mut shown = self.failed;
        shown.extend(self.others);
        shown.truncate(full);
        for row in &mut self.summary.rows {
            row.link = row.link.take().filter(|link| shown.iter().any(|full| full.id == *link));
            if let Some(link) = &mut row.link {
                link.insert(0, '#');
            }
        }
        let title = title(&self.inputs);
        let (summary_of_all, rules, across) = (self.summary, self.rules, self.across);
        let (notices, remark) = (self.notices, self.settings.remark);
        let settings = Settings::default();
        let body = Fragment::of(html! {
            main.report {
                header {
                    h1 { (title) }
                    p { (cut(closing, SENTENCE)) }
                    @if let Some(remark) = remark { p.remark { (remark) } }
                    @if (full as u64) < all { p.remark { (in_full(full, all)) } }
                }
                @if all > 1 { (summary(&summary_of_all, "summary", &settings)) }
                @if !notices.is_empty() {
                    ul.notices aria-label="Notices" { @for notice in &notices { li { (notice) } } }
                }
                @if !across.is_empty() {
                    section.verdict aria-label="Across the connections" {
                        h3 { "Across the connections" }
                        ol.findings { @for one in &across { li { (one) } } }
                    }
                }
                @for full in &shown { (full.body) }
                @if !rules.is_empty() {
                    h2 { "The causes, explained" }
                    div.rule-pages { @for rule in rules.values() { (rule_page(rule)) } }
                }
                footer {
                    p {
                        "Made with mtlscope " (env!("CARGO_PKG_VERSION"))
                        ". Nothing in this page is loaded from elsewhere, and nothing in it runs. \
                         Numbers of frames are those that Wireshark shows."
                    }
                }
            }
        });
        page(&title, &body)
    }

    fn full(&self, connection: &Connection, findings: &[Finding], settings: &Settings) -> Full {
        let id = settings.id(connection, "connection");
        let identities = identities::checked(connection, &self.context);
        let body = html! {
            article.connection id=(id) {
                (head(connection, settings))
                (verdict(connection, findings, settings))
                (ladder(connection, settings))
                (certificates(connection, &identities, settings))
                @if self.settings.messages { (messages(connection, settings)) }
            }
        };
        Full { id, body: Fragment::of(body) }
    }
}

fn in_full(full: usize, all: u64) -> String {
    format!(
        "{} of {} connections are shown in full, those that failed first; the others stand in the table. \
         --full N shows more.",
        grouped(full as u64),
        grouped(all)
    )
}

fn title(inputs: &[String]) -> String {
    let name = |path: &String| {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        cut(name, 120).into_owned()
    };
    match inputs {
        [] => "mtlscope report".to_owned(),
        [only] => format!("Mutual TLS in {}", name(only)),
        [first, ..] => format!(
            "Mutual TLS in {} and {}",
            name(first),
            count(inputs.len() - 1, "more file", "more files")
        ),
    }
}

/// Each handshake message field by field, folded away.
fn messages(connection: &Connection, settings: &Settings) -> Markup {
    let taken_apart = connection.steps.iter().enumerate().filter_map(|(place, step)| {
        let StepKind::Message(told) = &step.kind else { return None };
        let id = settings.id(connection, &format!("message-{place}"));
        let fragment = message(told, connection.handshakes.get(step.handshake), &id, settings)?;
        let frame = step.frame.map(|frame| format!("frame {frame}, ")).unwrap_or_default();
        Some((format!("{}: {frame}from the {}", wording::message::name(told), step.side), fragment))
    });
    html! {
        section.messages aria-label="Messages" {
            h3 { "The messages, field by field" }
            @for (name, fragment) in taken_apart {
                details { summary { (name) } (fragment) }
            }
        }
    }
}

impl View for Report {
    fn shows_contents(&self) -> bool {
        true
    }

    fn file(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.inputs.push(name.to_owned());
        self.files = vec![name.to_owned()];
        Ok(())
    }

    fn continues(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.inputs.push(name.to_owned());
        self.files.push(name.to_owned());
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        let settings = Settings {
            id_prefix: match self.settings.name_files {
                true => format!("f{}c", self.inputs.len()),
                false => "c".to_owned(),
            },
            files: if self.settings.name_files { self.files.clone() } else { Vec::new() },
            spacing: self.settings.spacing,
            ..Settings::default()
        };
        let file = settings.files.first().map(String::as_str);
        let link = settings.id(connection, "connection");
        self.summary.add(Brief::of(connection, findings, file, Some(link)), self.settings.listed);
        let has_failed = has_failed(connection, findings);
        let kept = if has_failed { self.failed.len() } else { self.others.len() };
        if kept < self.settings.full {
            let full = self.full(connection, findings, &settings);
            if has_failed { self.failed.push(full) } else { self.others.push(full) }
        }
        self.rules.extend(findings.iter().map(|finding| (finding.rule.id, finding.rule)));
        Ok(())
    }

    fn across(&mut self, findings: &[Finding], _: &mut dyn Write) -> io::Result<()> {
        for one in findings {
            let settings = Settings { files: self.files.clone(), ..Settings::default() };
            let id = format!("across-{}", self.across.len() + 1);
            self.across.push(finding(one, &settings, &id));
            self.rules.insert(one.rule.id, one.rule);
        }
        Ok(())
    }

    fn notice(&mut self, notice: &Notice, _: &mut dyn Write) -> io::Result<()> {
        const MOST: usize = 100;
        if self.notices.len() < MOST {
            self.notices.push(cut(&wording::notice(notice), SENTENCE).into_owned());
        }
        Ok(())
    }
}

/// Whether a connection is one that a reader wants to see first.
pub fn has_failed(connection: &Connection, findings: &[Finding]) -> bool {
    connection.outcome.verdict == Verdict::Refused
        || findings.iter().any(|finding| finding.severity == Severity::Error)
}
