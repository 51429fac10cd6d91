//! Coloured text for a terminal: pieces of a line, cut to the width; paragraphs, wrapped to it.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Settings;
use crate::printable::printable;

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ink {
    Plain,
    /// Aside from the point: numbers, sizes, hints.
    Faint,
    /// A heading, or the point.
    Strong,
    Client,
    Server,
    /// What client authentication is about.
    Identity,
    Good,
    Bad,
    Doubtful,
}

impl Ink {
    /// The SGR parameters. ECMA-48 section 8.3.117.
    fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Faint => Some("2"),
            Self::Strong => Some("1"),
            Self::Client => Some("36"),
            Self::Server => Some("35"),
            Self::Identity => Some("1;34"),
            Self::Good => Some("32"),
            Self::Bad => Some("1;31"),
            Self::Doubtful => Some("33"),
        }
    }
}

/// One line, piece by piece.
#[derive(Default)]
pub(crate) struct Line {
    pieces: Vec<(Ink, String)>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds text, made safe to print.
    pub(crate) fn add(&mut self, ink: Ink, text: impl AsRef<str>) -> &mut Self {
        self.pieces.push((ink, printable(text.as_ref()).into_owned()));
        self
    }

    /// Writes the line, cut to the width where there is one.
    pub(crate) fn write(&self, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mark = if settings.ascii { "..." } else { "…" };
        let whole: usize = self.pieces.iter().map(|(_, text)| columns_of(text)).sum();
        let cut = settings.width.filter(|width| whole > *width);
        let mut left = cut.map_or(usize::MAX, |width| width.saturating_sub(mark.width()));
        for (ink, text) in &self.pieces {
            let shown = head(text, left);
            left -= columns_of(shown);
            write_inked(*ink, shown, settings, out)?;
            if shown.len() < text.len() {
                break;
            }
        }
        if cut.is_some() {
            write_inked(Ink::Faint, mark, settings, out)?;
        }
        out.write_all(b"\n")
    }
}

/// The longest head of a text that takes no more than `columns`.
pub(crate) fn head(text: &str, columns: usize) -> &str {
    let mut left = columns;
    for (place, c) in text.char_indices() {
        match left.checked_sub(c.width().unwrap_or(0)) {
            Some(rest) => left = rest,
            None => return text.get(..place).unwrap_or_default(),
        }
    }
    text
}

fn write_inked(ink: Ink, text: &str, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let safe;
    let text = if settings.ascii && !text.is_ascii() {
        safe = ascii(text);
        &safe
    } else {
        text
    };
    match ink.sgr().filter(|_| settings.colour && !text.is_empty()) {
        Some(sgr) => write!(out, "\x1b[{sgr}m{text}\x1b[0m"),
        None => out.write_all(text.as_bytes()),
    }
}

/// Text with whatever is not ASCII as `\XX`, one for each byte of its UTF-8.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c.is_ascii() {
            true => c.to_string(),
            false => c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:02X}")).collect(),
        })
        .collect()
}

/// Writes a paragraph wrapped to the width. `lead` stands before the first line, and as many spaces before the others.
pub(crate) fn paragraph(
    indent: usize,
    lead: (Ink, &str),
    ink: Ink,
    text: &str,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = printable(text);
    let margin = indent + lead.1.width();
    let columns = settings.text_width().saturating_sub(margin).max(20);
    for (place, line) in wrap(&text, columns).iter().enumerate() {
        write!(out, "{:indent$}", "")?;
        if place == 0 {
            write_inked(lead.0, lead.1, settings, out)?;
        } else {
            write!(out, "{:width$}", "", width = lead.1.width())?;
        }
        write_inked(ink, line, settings, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Breaks a text at its spaces into lines of at most `columns`; a longer word gets a line of its own.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && columns_of(&line) + 1 + columns_of(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// How many columns a text takes. Nearly all of it is ASCII, one column a byte; the tables are for the rest.
fn columns_of(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &Line, settings: &Settings) -> String {
        let mut out = Vec::new();
        line.write(settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cuts_a_line_to_the_columns_it_takes_and_not_to_its_characters() {
        let mut line = Line::new();
        line.add(Ink::Plain, "証明書").add(Ink::Plain, "abc");
        let settings = |width| Settings { width: Some(width), ..Settings::default() };
        assert_eq!(written(&line, &settings(9)), "証明書abc\n");
        assert_eq!(written(&line, &settings(8)), "証明書a…\n");
        assert_eq!(written(&line, &settings(6)), "証明…\n");
    }

    #[test]
    fn writes_only_ascii_when_asked() {
        let mut line = Line::new();
        line.add(Ink::Plain, "Zoë");
        assert_eq!(written(&line, &Settings { ascii: true, ..Settings::default() }), "Zo\\C3\\AB\n");
    }

    #[test]
    fn colours_only_when_asked_and_never_by_the_wire() {
        let mut line = Line::new();
        line.add(Ink::Bad, "a\x1b[0m");
        assert_eq!(written(&line, &Settings::default()), "a\\1B[0m\n");
        assert_eq!(
            written(&line, &Settings { colour: true, ..Settings::default() }),
            "\x1b[1;31ma\\1B[0m\x1b[0m\n"
        );
    }

    #[test]
    fn wraps_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("overlongword x", 4), ["overlongword", "x"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
