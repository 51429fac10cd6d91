//! What is gathered while captures are read, and what becomes of it at the end: a page, a picture, Markdown.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::notice::Notice;
use mtlscope_views::html::{self, ReportSettings, Spacing, has_failed, ladder_svg_file};
use mtlscope_views::wording::grouped;
use mtlscope_views::{View, markdown};

use crate::cli;
use crate::judging::Judging;

/// Rows of the table at most: a page with more is slow to open.
const LISTED: usize = 2_000;

/// What is gathered.
pub(super) enum Gathering {
    /// Nothing more.
    Taken,
    Page(Box<html::Report>),
    Picture(Picture),
    Markdown(Markdown),
}

/// What is to be written, and a word for who asked for it.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) remark: Option<String>,
}

/// The ladder of the first connection that failed, or of the first.
#[derive(Default)]
pub(super) struct Picture {
    spacing: Spacing,
    drawn: Option<Drawn>,
    connections: u64,
}

struct Drawn {
    number: u64,
    failed: bool,
    text: String,
}

/// Connections one after the other, those that failed first.
#[derive(Default)]
pub(super) struct Markdown {
    full: usize,
    name_files: bool,
    files: Vec<String>,
    failed: Vec<Vec<u8>>,
    others: Vec<Vec<u8>>,
    connections: u64,
}

impl Default for Gathering {
    fn default() -> Self {
        Self::Taken
    }
}

impl Gathering {
    pub(super) fn new(typed: &cli::Report, judging: &Judging) -> Self {
        let spacing = if typed.to_scale { Spacing::ToScale } else { Spacing::Even };
        let name_files = typed.captures.len() > 1;
        if typed.svg {
            return Self::Picture(Picture { spacing, ..Picture::default() });
        }
        if typed.markdown {
            return Self::Markdown(Markdown { full: typed.full, name_files, ..Markdown::default() });
        }
        let settings = ReportSettings {
            full: typed.full,
            listed: LISTED,
            messages: typed.tree,
            spacing,
            name_files,
            remark: None,
        };
        Self::Page(Box::new(html::Report::new(settings, judging.context())))
    }

    /// What is to be written; `None` where there is nothing that could be. `closing`: the closing words.
    pub(super) fn finish(self, closing: &str) -> Option<Written> {
        match self {
            Self::Taken => None,
            Self::Page(report) => Some(Written { text: report.finish(closing), remark: None }),
            Self::Picture(picture) => {
                let drawn = picture.drawn?;
                let remark = (picture.connections > 1).then(|| {
                    let which = if drawn.failed { "the first that failed" } else { "the first" };
                    format!(
                        "drawn is connection {}, {which} of {}; CAPTURE#N picks another",
                        drawn.number,
                        grouped(picture.connections)
                    )
                });
                Some(Written { text: drawn.text, remark })
            }
            Self::Markdown(gathered) => {
                let mut all = gathered.failed;
                all.extend(gathered.others);
                all.truncate(gathered.full);
                if all.is_empty() {
                    return None;
                }
                let shown = all.len() as u64;
                let remark = (shown < gathered.connections).then(|| {
                    format!(
                        "written are {} of {} connections, those that failed first; --full N writes more, CAPTURE#N one",
                        grouped(shown),
                        grouped(gathered.connections)
                    )
                });
                Some(Written { text: String::from_utf8_lossy(&all.join(&b'\n')).into_owned(), remark })
            }
        }
    }
}

impl View for Gathering {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Page(report) => report.file(name, out),
            Self::Markdown(gathered) => {
                gathered.files = vec![name.to_owned()];
                Ok(())
            }
            Self::Picture(_) | Self::Taken => Ok(()),
        }
    }

    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Page(report) => report.continues(name, out),
            Self::Markdown(gathered) => {
                gathered.files.push(name.to_owned());
                Ok(())
            }
            Self::Picture(_) | Self::Taken => Ok(()),
        }
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let failed = has_failed(connection, findings);
        match self {
            Self::Page(report) => report.connection(connection, findings, out),
            Self::Picture(picture) => {
                picture.connections += 1;
                if picture.drawn.as_ref().is_none_or(|drawn| failed && !drawn.failed) {
                    let settings = html::Settings { spacing: picture.spacing, ..html::Settings::default() };
                    let text = ladder_svg_file(connection, &settings);
                    picture.drawn = Some(Drawn { number: connection.id.0, failed, text });
                }
                Ok(())
            }
            Self::Markdown(gathered) => {
                gathered.connections += 1;
                let kept = if failed { &mut gathered.failed } else { &mut gathered.others };
                if kept.len() < gathered.full {
                    let files = if gathered.name_files { gathered.files.as_slice() } else { &[] };
                    let mut text = Vec::new();
                    markdown::write(connection, findings, files, &mut text)?;
                    kept.push(text);
                }
                Ok(())
            }
            Self::Taken => Ok(()),
        }
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Page(report) => report.across(findings, out),
            _ => Ok(()),
        }
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Page(report) => report.notice(notice, out),
            _ => Ok(()),
        }
    }
}
