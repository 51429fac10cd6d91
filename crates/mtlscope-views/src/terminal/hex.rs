//! A message in hex and ASCII, sixteen bytes a line, as Wireshark shows it.

use std::io::{self, Write};

use super::{Ink, Line, Settings};

const BYTES_A_LINE: usize = 16;

/// Writes the bytes of one message; offsets are in hex and count from its first byte.
pub(super) fn write(bytes: &[u8], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for (place, row) in bytes.chunks(BYTES_A_LINE).enumerate() {
        let mut digits = String::with_capacity(3 * BYTES_A_LINE + 1);
        for (column, byte) in row.iter().enumerate() {
            digits.push_str(if column == 8 { "  " } else { " " });
            digits.push_str(&format!("{byte:02x}"));
        }
        let text: String = row
            .iter()
            .map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        let mut line = Line::new();
        line.add(Ink::Faint, format!("          {:04x} ", place * BYTES_A_LINE))
            .add(Ink::Plain, format!("{digits:<49}"))
            .add(Ink::Faint, format!("   {text}"));
        line.write(settings, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_sixteen_bytes_a_line_and_no_control_character() {
        let mut out = Vec::new();
        let bytes: Vec<u8> = (0x19..0x2b).collect();
        write(&bytes, &Settings::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
