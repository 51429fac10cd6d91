//! Text that a peer chose, made safe to print: nothing in it can move a cursor, turn the writing direction or hide.

use std::borrow::Cow;

pub use mtlscope_dissect::printable::deceives;

/// The text with whatever could deceive a reader or a terminal as `\XX`, one for each byte of its UTF-8, as RFC 4514
/// writes it. What has nothing of the kind is given back as it is, so twice is the same as once.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(deceives) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if deceives(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                safe.push_str(&format!("\\{byte:02X}"));
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cannot_attack_a_terminal() {
        assert_eq!(printable("a\x1b[2J\u{9b}b\u{202e}c\n"), r"a\1B[2J\C2\9Bb\E2\80\AEc\0A");
        assert_eq!(printable(&printable("\x1b")), r"\1B");
    }

    #[test]
    fn leaves_other_text_as_it_is() {
        assert!(matches!(printable(r"Zoë \ 証明"), Cow::Borrowed(r"Zoë \ 証明")));
    }
}
