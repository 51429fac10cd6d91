//! Text that a peer chose, made safe to print: nothing in it can move a cursor, turn the writing direction or hide.

use std::fmt::{self, Write};

/// Writes `text` with whatever could deceive a reader or a terminal as `\XX`, one for each byte of its UTF-8.
pub(crate) fn write_safely(f: &mut impl Write, text: &str) -> fmt::Result {
    for c in text.chars() {
        write_char_safely(f, c)?;
    }
    Ok(())
}

/// Writes one character, escaped if it must be.
pub(crate) fn write_char_safely(f: &mut impl Write, c: char) -> fmt::Result {
    if deceives(c) { write_escaped(f, c.encode_utf8(&mut [0; 4]).as_bytes()) } else { f.write_char(c) }
}

/// Writes bytes as `\XX`, as RFC 4514 section 2.4 does.
pub(crate) fn write_escaped(f: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "\\{byte:02X}"))
}

/// Whether this is a control character, or one that reorders, joins or hides what stands around it.
pub fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
