//! The HTTP answer: its first line, its fields where asked for, and the beginning of its body.

use std::io::{self, Write};

use crate::terminal::{Ink, Line, Settings};

/// The most of a body that is shown, in lines. A page that explains a refusal is short.
const LINES: usize = 24;
/// The longest line of a body that is shown, in characters.
const LINE: usize = 400;

/// An answer, as the client read it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// `HTTP/1.1 403 Forbidden`.
    pub status_line: &'a str,
    /// The header fields, where they are to be shown.
    pub headers: &'a [(String, String)],
    /// The body, as much of it as was kept; empty where it is not to be shown.
    pub body: &'a [u8],
    /// How long all of it is.
    pub length: u64,
    /// How to see the rest of it: a clause.
    pub hint: &'a str,
}

/// Writes the answer. What a server sends does not reach a terminal raw.
pub fn write(answer: &Shown<'_>, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let settings = &Settings { width: None, ..settings.clone() };
    let mut say = |ink: Ink, text: &str| {
        let mut line = Line::new();
        line.add(Ink::Plain, "  ").add(ink, text);
        line.write(settings, out)
    };
    say(Ink::Strong, answer.status_line)?;
    for (name, value) in answer.headers {
        say(Ink::Faint, &format!("{name}: {value}"))?;
    }
    if answer.body.is_empty() {
        return Ok(());
    }
    let Ok(text) = std::str::from_utf8(answer.body).or_else(|error| match error.error_len() {
        // Cut in the middle of a letter.
        None => std::str::from_utf8(answer.body.get(..error.valid_up_to()).unwrap_or_default()),
        Some(_) => Err(error),
    }) else {
        return say(Ink::Faint, &format!("({} bytes that are no text: {})", answer.length, answer.hint));
    };
    let mut shown = 0;
    for line in text.lines().take(LINES) {
        shown += line.len() + 1;
        match line.char_indices().nth(LINE) {
            None => say(Ink::Plain, &format!("  {line}"))?,
            Some((place, _)) => say(Ink::Plain, &format!("  {}...", line.get(..place).unwrap_or_default()))?,
        }
    }
    if text.lines().nth(LINES).is_some() || answer.length > answer.body.len() as u64 {
        let left = answer.length.saturating_sub(shown as u64);
        say(Ink::Faint, &format!("({left} more bytes: {})", answer.hint))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &[u8], length: u64) -> String {
        let headers = [("Server".to_owned(), "a\x1b[2J".to_owned())];
        let answer = Shown {
            status_line: "HTTP/1.1 200 OK",
            headers: &headers,
            body,
            length,
            hint: "-o FILE saves it",
        };
        let mut out = Vec::new();
        write(&answer, &Settings::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_is_indented_and_harmless() {
        let text = shown(b"Welcome TestClient\x1b[31m\n", 24);
        assert_eq!(text, "  HTTP/1.1 200 OK\n  Server: a\\1B[2J\n    Welcome TestClient\\1B[31m\n");
    }

    #[test]
    fn what_is_long_or_no_text_is_said_to_be() {
        let long = "line\n".repeat(100);
        let text = shown(long.as_bytes(), 500);
        assert_eq!(text.lines().count(), 2 + LINES + 1);
        assert!(text.ends_with("(380 more bytes: -o FILE saves it)\n"), "{text}");
        assert!(shown(&[0xff, 0xfe, 0], 3).contains("3 bytes that are no text"));
        assert!(shown("aä".as_bytes().get(..2).unwrap(), 3).contains("    a\n"));
    }
}
