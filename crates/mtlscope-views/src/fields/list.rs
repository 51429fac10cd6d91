//! `--fields`: the fields that can be filtered on and printed, a line each.

use std::io::{self, Write};

use super::{Field, Kind, registry};

/// The fields whose name or sentence holds this text, or all.
pub fn matching(pattern: Option<&str>) -> Vec<&'static Field> {
    let pattern = pattern.unwrap_or_default().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&pattern);
    registry::all().filter(|field| fits(field.name) || fits(field.about)).collect()
}

/// Writes name, type and sentence of each, in columns. Fails only where `out` does.
pub fn write(fields: &[&Field], out: &mut dyn Write) -> io::Result<()> {
    // A few names are so long that a column for them would be mostly empty.
    const WIDEST: usize = 44;
    let widest = fields.iter().map(|field| field.name.len()).filter(|width| *width <= WIDEST).max();
    for Field { name, kind, about } in fields {
        writeln!(out, "{name:width$}  {:14}  {about}", word(*kind), width = widest.unwrap_or_default())?;
    }
    Ok(())
}

/// A type, in a word or two.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Protocol => "protocol",
        Kind::Label => "label",
        Kind::Boolean => "yes or no",
        Kind::Unsigned(_) | Kind::Signed => "number",
        Kind::Float => "fraction",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
        Kind::Ethernet => "ethernet",
        Kind::Ipv4 => "ipv4",
        Kind::Ipv6 => "ipv6",
        Kind::AbsoluteTime => "moment",
        Kind::RelativeTime => "seconds",
        Kind::Oid => "oid",
        Kind::FrameNumber => "frame",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(pattern: Option<&str>) -> String {
        let mut out = Vec::new();
        write(&matching(pattern), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_field_has_a_line_with_its_type_and_its_sentence() {
        let all = listed(None);
        assert_eq!(all.lines().count(), registry::all().count());
        let line = all.lines().find(|line| line.starts_with("outcome.result ")).unwrap();
        assert!(line.contains("  text  ") && line.contains("How it came out"), "{line}");
    }

    #[test]
    fn a_pattern_chooses() {
        let chosen = listed(Some("LEAF."));
        assert!(
            chosen.lines().count() >= 12 && chosen.lines().all(|line| line.contains("leaf.")),
            "{chosen}"
        );
        assert_eq!(listed(Some("no such thing")), "");
    }
}
