//! JSON whose strings cannot attack a terminal, and which lose nothing by it.

use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::printable::deceives;

/// Compact JSON. Characters that would move a cursor, turn the writing direction or hide are written as `\uXXXX`.
pub(crate) struct Safe;

impl Formatter for Safe {
    #[inline]
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // What is below a space is escaped by serde_json itself.
        if fragment.bytes().fold(true, |safe, byte| safe & (byte < 0x7f)) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut plain = 0;
        for (place, c) in fragment.char_indices() {
            if deceives(c) {
                writer.write_all(fragment.get(plain..place).unwrap_or_default().as_bytes())?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                plain = place + c.len_utf8();
            }
        }
        writer.write_all(fragment.get(plain..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[test]
    fn escapes_what_deceives_and_keeps_it() {
        let text = "a\x1b[2J\u{9b}b\u{202e}Zoë\u{e0001}\u{7f}\n\"";
        let mut out = Vec::new();
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Safe)).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert_eq!(json, r#""a\u001b[2J\u009bb\u202eZoë\udb40\udc01\u007f\n\"""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
