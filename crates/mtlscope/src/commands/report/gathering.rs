//! What is gathered while captures are read, and what becomes of it at the end: a page, a picture, Markdown.

use std::io::{self, Write};
use std::path::Path;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::sharing::Policy;
use mtlscope_dissect::notice::Notice;
use mtlscope_views::html::{self, ReportSettings, Spacing, has_failed, ladder_svg_file};
use mtlscope_views::wording::grouped;
use mtlscope_views::{View, markdown};

use crate::cli;
use crate::judging::Judging;

/// Rows of the table at most: a page with more is slow to open.
const LISTED: usize = 2_000;

/// What a page says of itself that a stranger may have.
const FOR_STRANGERS: &str = "Made for a stranger: nothing that was said inside the connections stands here. Of HTTP the \
     method, the status and a few known words are told. Names, addresses and certificates of both ends are.";

/// What is gathered, and how much of it may be told.
#[derive(Default)]
pub(super) struct Gathering {
    form: Form,
    /// Whether only what a stranger may know is told, and what that is judged with.
    sharing: Option<Sharing>,
}

/// What is told to strangers is judged anew: a finding may quote what they may not know.
struct Sharing {
    policy: Policy,
    context: Context,
}

/// What becomes of it.
#[derive(Default)]
enum Form {
    /// Nothing more.
    #[default]
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

impl Gathering {
    pub(super) fn new(typed: &cli::Report, judging: &Judging) -> Self {
        let spacing = if typed.to_scale { Spacing::ToScale } else { Spacing::Even };
        let name_files = typed.captures.len() > 1;
        let sharing = typed.share.then(|| Sharing {
            policy: Policy::default(),
            context: Context {
                keys_given: !(typed.keys.keylog.is_empty() && typed.keys.rsa_key.is_empty()),
                ..judging.context()
            },
        });
        if typed.svg {
            let picture = Picture { spacing, ..Picture::default() };
            return Self { form: Form::Picture(picture), sharing };
        }
        if typed.markdown {
            let markdown = Markdown { full: typed.full, name_files, ..Markdown::default() };
            return Self { form: Form::Markdown(markdown), sharing };
        }
        let settings = ReportSettings {
            full: typed.full,
            listed: LISTED,
            messages: typed.tree,
            spacing,
            name_files,
            remark: sharing.is_some().then(|| FOR_STRANGERS.to_owned()),
        };
        let report = html::Report::new(settings, judging.context());
        Self { form: Form::Page(Box::new(report)), sharing }
    }

    /// What is to be written; `None` where there is nothing that could be. `closing`: the closing words.
    pub(super) fn finish(self, closing: &str) -> Option<Written> {
        match self.form {
            Form::Taken => None,
            Form::Page(report) => Some(Written { text: report.finish(closing), remark: None }),
            Form::Picture(picture) => {
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
            Form::Markdown(gathered) => {
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

impl Gathering {
    /// A file's name; strangers need not know where it lies.
    fn told_name<'a>(&self, name: &'a str) -> &'a str {
        let is_told_bare = self.sharing.is_some();
        let bare = Path::new(name).file_name().and_then(|name| name.to_str());
        bare.filter(|_| is_told_bare).unwrap_or(name)
    }
}

impl View for Gathering {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let name = self.told_name(name);
        match &mut self.form {
            Form::Page(report) => report.file(name, out),
            Form::Markdown(gathered) => {
                gathered.files = vec![name.to_owned()];
                Ok(())
            }
            Form::Picture(_) | Form::Taken => Ok(()),
        }
    }

    fn continues(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let name = self.told_name(name);
        match &mut self.form {
            Form::Page(report) => report.continues(name, out),
            Form::Markdown(gathered) => {
                gathered.files.push(name.to_owned());
                Ok(())
            }
            Form::Picture(_) | Form::Taken => Ok(()),
        }
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let told = self.sharing.as_ref().map(|sharing| {
            let told = sharing.policy.told(connection);
            let findings = diagnose(&told, &sharing.context);
            (told, findings)
        });
        let (connection, findings) =
            told.as_ref().map_or((connection, findings), |(connection, findings)| (connection, findings));
        let failed = has_failed(connection, findings);
        match &mut self.form {
            Form::Page(report) => report.connection(connection, findings, out),
            Form::Picture(picture) => {
                picture.connections += 1;
                if picture.drawn.as_ref().is_none_or(|drawn| failed && !drawn.failed) {
                    let settings = html::Settings { spacing: picture.spacing, ..html::Settings::default() };
                    let text = ladder_svg_file(connection, &settings);
                    picture.drawn = Some(Drawn { number: connection.id.0, failed, text });
                }
                Ok(())
            }
            Form::Markdown(gathered) => {
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
            Form::Taken => Ok(()),
        }
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        match &mut self.form {
            Form::Page(report) => report.across(findings, out),
            _ => Ok(()),
        }
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        match &mut self.form {
            Form::Page(report) => report.notice(notice, out),
            _ => Ok(()),
        }
    }
}
