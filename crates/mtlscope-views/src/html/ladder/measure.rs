//! How much room text takes in a drawing, which no one has measured when it is written: a cautious guess.

use unicode_width::UnicodeWidthStr;

use crate::printable::printable;
use crate::terminal::{head, wrap};

/// The width of a text in pixels, at a font size.
pub(super) fn width(text: &str, size: f32) -> f32 {
    const OF_A_COLUMN: f32 = 0.56;
    text.width() as f32 * size * OF_A_COLUMN
}

/// A text broken into at most `most` lines of that many pixels; what does not fit is cut with `…`.
pub(super) fn lines(text: &str, pixels: f32, size: f32, most: usize) -> Vec<String> {
    let columns = ((pixels / width("x", size)) as usize).max(8);
    let mut lines: Vec<String> = Vec::new();
    // What a peer wrote may be a megabyte, of marks without width at that: only the first of them are looked at, as they will be
    // shown.
    let characters = columns.saturating_mul(2 * (most + 1));
    let looked_at =
        text.char_indices().nth(characters).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let shown = printable(looked_at);
    let beginning = head(&shown, columns.saturating_mul(most + 1));
    let mut cut = looked_at.len() < text.len() || beginning.len() < shown.len();
    for line in wrap(beginning, columns) {
        // A word longer than a line.
        let mut rest = line.as_str();
        loop {
            let part = head(rest, columns);
            lines.push(part.to_owned());
            if part.is_empty() || part.len() == rest.len() {
                break;
            }
            rest = &rest[part.len()..];
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        cut = true;
    }
    if cut && let Some(last) = lines.last_mut() {
        *last = format!("{}…", head(last, columns.saturating_sub(1)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_to_its_room() {
        let room = |columns: f32| columns * width("x", 10.0) + 0.1;
        assert_eq!(lines("one two three four", room(9.0), 10.0, 3), ["one two", "three", "four"]);
        assert_eq!(lines("one two three four", room(9.0), 10.0, 2), ["one two", "three…"]);
        assert_eq!(lines("abcdefghijklmnopq", room(10.0), 10.0, 3), ["abcdefghij", "klmnopq"]);
        assert_eq!(lines(&"証".repeat(100_000), room(10.0), 10.0, 1), ["証証証証…"]);
        assert_eq!(lines("", room(9.0), 10.0, 2), [""]);
        assert_eq!(lines(&"\u{202e}".repeat(100_000), room(10.0), 10.0, 1), [r"\E2\80\AE…"]);
        assert!(lines(&"\u{301}".repeat(100_000), room(10.0), 10.0, 1).concat().len() < 100);
    }
}
