//! A connection on the terminal: its head, the ladder of what was said, who refused whom and why, and the fix.
//!
//! ```text
//! #1  192.0.2.1:50000 -> 192.0.2.2:443     summary
//!   the two ends, and what passed          ladder, with fields and hex under each message where asked
//!   Refused by the server ...              verdict
//!   error: unknown-ca                      findings
//!   the chains in full                     certificates, where asked
//! ```

mod certificate;
mod credential;
mod findings;
mod hex;
mod inferred;
mod ladder;
mod summary;
mod text;
mod tree;
mod verdict;

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::notice::Notice;

pub use credential::write_credential;
pub(crate) use ladder::write as write_ladder;
pub(crate) use text::{Ink, Line, head, paragraph, wrap};
pub(crate) use tree::field_tree;

use crate::{Printer, View};

/// How to write, and how much.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Columns of the terminal; lines of the ladder are cut to it. `None` where the output is no terminal: nothing is cut,
    /// and paragraphs are wrapped at 100.
    pub width: Option<usize>,
    /// Whether to use colours.
    pub colour: bool,
    /// Whether to write nothing but ASCII.
    pub ascii: bool,
    /// Whether to show every field of each message with its offset (`-V`), where its bytes were kept.
    pub fields: bool,
    /// Whether to show each message in hex (`-x`), where its bytes were kept.
    pub hex: bool,
    /// Whether, and how, to show the certificates in full (`--certs`).
    pub certificates: Certificates,
    /// Whether to show the arithmetic of what was inferred from the sizes of encrypted records (`--how`).
    pub how: bool,
    /// Whether to say which file a connection is from: where there are several.
    pub name_files: bool,
}

/// How much to show of the certificates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Certificates {
    /// One line each, in the ladder.
    #[default]
    Brief,
    /// As a person reads them.
    Full,
    /// That, and then as PEM.
    FullWithPem,
}

impl Settings {
    /// The columns to which paragraphs are wrapped: no wider than is read with ease.
    pub(crate) fn text_width(&self) -> usize {
        const EASY_TO_READ: usize = 100;
        self.width.unwrap_or(EASY_TO_READ).min(EASY_TO_READ)
    }
}

/// Writes blocks of text, one a connection.
#[derive(Debug, Default)]
pub struct Terminal {
    settings: Settings,
    /// The files that are read as one.
    files: Vec<String>,
    begun: bool,
}

impl Terminal {
    /// A view with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, files: Vec::new(), begun: false }
    }
}

impl View for Terminal {
    fn printer(&self) -> Option<Box<dyn Printer>> {
        Some(Box::new(BlockPrinter { settings: self.settings.clone(), files: self.files.clone() }))
    }

    fn printed(&mut self, text: &[u8], _: Option<FrameNumber>, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            out.write_all(b"\n")?;
        }
        out.write_all(text)
    }

    fn file(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.files = vec![name.to_owned()];
        Ok(())
    }

    fn continues(&mut self, name: &str, _: &mut dyn Write) -> io::Result<()> {
        self.files.push(name.to_owned());
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            out.write_all(b"\n")?;
        }
        write_block(connection, findings, &self.files, &self.settings, out)
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        out.write_all(b"\n")?;
        let mut line = Line::new();
        line.add(Ink::Strong, "Across the connections");
        line.write(&self.settings, out)?;
        let files = if self.settings.name_files { self.files.as_slice() } else { &[] };
        findings::write(findings, files, &self.settings, out)
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        findings::write_notices(std::slice::from_ref(notice), &self.settings, out)
    }
}

/// Prints connections of one input for a thread of its own.
struct BlockPrinter {
    settings: Settings,
    files: Vec<String>,
}

impl Printer for BlockPrinter {
    fn print(&mut self, connection: &Connection, findings: &[Finding], text: &mut Vec<u8>) -> io::Result<()> {
        write_block(connection, findings, &self.files, &self.settings, text)
    }
}

/// Writes all that there is to show of a connection.
fn write_block(
    connection: &Connection,
    findings: &[Finding],
    files: &[String],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let files = if settings.name_files { files } else { &[] };
    summary::write(connection, files, settings, out)?;
    out.write_all(b"\n")?;
    ladder::write(connection, files, settings, out)?;
    out.write_all(b"\n")?;
    verdict::write(connection, settings, out)?;
    if settings.how {
        inferred::write_how(connection, settings, out)?;
    }
    findings::write(findings, files, settings, out)?;
    findings::write_notices(&connection.notices, settings, out)?;
    if settings.certificates != Certificates::Brief {
        certificate::write_all(connection, settings, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::connection::Said;
    use mtlscope_dissect::input::SecretOrigin;
    use mtlscope_dissect::side::Side;

    use super::*;
    use crate::told;

    fn shown(connection: &Connection, findings: &[Finding], settings: Settings) -> String {
        let mut out = Vec::new();
        Terminal::new(settings).connection(connection, findings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_told_connection_has_its_block() {
        for (name, connection) in told::all() {
            insta::assert_snapshot!(name, shown(&connection, &[], Settings::default()));
        }
    }

    #[test]
    fn a_refusal_on_a_narrow_ascii_terminal_with_a_finding() {
        let connection = told::unknown_ca();
        let settings = Settings { width: Some(72), ascii: true, ..Settings::default() };
        let text = shown(&connection, &told::findings(&connection), settings);
        assert!(text.is_ascii());
        assert!(text.lines().all(|line| line.len() <= 72), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn colour_comes_and_goes_with_its_setting_and_changes_no_letter() {
        for (name, connection) in told::all() {
            let plain = shown(&connection, &[], Settings::default());
            let coloured = shown(&connection, &[], Settings { colour: true, ..Settings::default() });
            assert!(!plain.contains('\x1b'), "{name}");
            assert_ne!(plain, coloured, "{name}");
            let mut bare = String::new();
            for piece in coloured.split('\x1b') {
                bare.push_str(
                    piece.strip_prefix('[').and_then(|rest| Some(rest.split_once('m')?.1)).unwrap_or(piece),
                );
            }
            assert_eq!(plain, bare, "{name}");
        }
    }

    #[test]
    fn nothing_that_a_peer_chose_reaches_the_terminal_raw() {
        let connection = told::broken();
        let settings = Settings { certificates: Certificates::Full, fields: true, ..Settings::default() };
        let text = shown(&connection, &told::findings(&connection), settings);
        assert!(text.chars().all(|c| c == '\n' || !crate::printable::deceives(c)), "{text:?}");
    }

    #[test]
    fn a_live_connection_has_no_frames_and_shows_what_its_end_says() {
        let mut connection = told::accepted();
        connection.first_frame = None;
        connection.decrypted_with = Some(SecretOrigin::OwnEnd);
        connection.steps.iter_mut().for_each(|step| step.frame = None);
        let text = "SSL_CLIENT_VERIFY=SUCCESS\x1b[2J".to_owned();
        connection.said.push(Said { side: Side::Server, time: connection.start, text });
        let text = shown(&connection, &[], Settings::default());
        assert!(!text.contains("  frame "), "{text}");
        assert!(text.contains("  The server says     SSL_CLIENT_VERIFY=SUCCESS"), "{text}");
        assert!(!text.contains('\x1b'), "{text:?}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_width_is_too_small() {
        for (_, connection) in told::all() {
            for width in 0..30 {
                let settings = Settings {
                    width: Some(width),
                    certificates: Certificates::Full,
                    fields: true,
                    hex: true,
                    ..Settings::default()
                };
                shown(&connection, &told::findings(&connection), settings);
            }
        }
    }

    #[test]
    fn certificates_are_shown_in_full_each_chain_once() {
        let settings = Settings { certificates: Certificates::FullWithPem, ..Settings::default() };
        let text = shown(&told::asked_later(), &[], settings);
        let (_, certificates) = text.split_once("\n\n  Certificate of").unwrap();
        insta::assert_snapshot!(format!("  Certificate of{certificates}"));
        let twice = shown(
            &told::renegotiated(),
            &[],
            Settings { certificates: Certificates::Full, ..Settings::default() },
        );
        assert_eq!(twice.matches("Certificate of the server").count(), 1);
    }

    #[test]
    fn several_files_are_told_apart_and_blocks_are_parted() {
        let mut out = Vec::new();
        let mut view = Terminal::new(Settings { name_files: true, ..Settings::default() });
        view.file("a.pcap", &mut out).unwrap();
        view.connection(&told::hidden(), &[], &mut out).unwrap();
        view.connection(&told::hidden(), &[], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("(a.pcap)\n").count(), 2);
        assert_eq!(text.matches("\n\n#1  ").count(), 1);
    }
}
