//! How Wireshark writes values in columns: numbers by their names. Its own list of these (`tshark -G values`) says which
//! numbers are meant.

use std::collections::HashMap;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The names of numbers, by field.
#[derive(Default)]
pub(super) struct Labels {
    named: HashMap<String, HashMap<u64, Vec<String>>>,
    /// Of flags: how yes and no are written.
    flags: HashMap<String, [String; 2]>,
}

/// After so many digits bytes are cut in a column.
const CUT_BYTES: usize = 72;

/// The longest text of a column, in bytes.
const LONGEST_COLUMN: usize = 2047;

impl Labels {
    /// Asks tshark.
    pub(super) fn of_tshark() -> Result<Self> {
        let output = Command::new("tshark").args(["-G", "values"]).output().context("cannot run tshark")?;
        ensure!(output.status.success(), "tshark -G values fails");
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(lines: &str) -> Self {
        let mut labels = Self::default();
        for line in lines.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            match columns[..] {
                ["V", field, number, name] => {
                    let Some(number) = parse_number(number) else { continue };
                    let of_field = labels.named.entry(field.to_owned()).or_default();
                    of_field.entry(number).or_default().push(name.to_owned());
                }
                ["T", field, yes, no] => {
                    labels.flags.insert(field.to_owned(), [no.to_owned(), yes.to_owned()]);
                }
                _ => {}
            }
        }
        labels
    }

    /// Whether a column of Wireshark's says what these values are, in their order.
    pub(super) fn says(&self, field: &str, column: &str, values: &[String]) -> bool {
        if values.is_empty() {
            return column.is_empty();
        }
        let mut rest = column;
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                match rest.strip_prefix(',') {
                    Some(behind) => rest = behind,
                    None => return is_cut(column, rest),
                }
            }
            let forms = self.forms(field, value);
            let is_last = place + 1 == values.len();
            let fits = |form: &&String| {
                rest.strip_prefix(form.as_str())
                    .is_some_and(|behind| if is_last { behind.is_empty() } else { behind.starts_with(',') })
            };
            match forms.iter().find(fits) {
                Some(form) => rest = &rest[form.len()..],
                None => {
                    let unknown = unnamed(rest, value).or_else(|| named_identifier(rest, value));
                    match unknown {
                        Some(behind) if behind.is_empty() == is_last => rest = behind,
                        _ => return is_cut(column, rest) && forms.iter().any(|form| form.starts_with(rest)),
                    }
                }
            }
        }
        rest.is_empty()
    }

    /// Every way in which a value may be written.
    fn forms(&self, field: &str, value: &str) -> Vec<String> {
        let mut forms = vec![value.to_owned(), "✓".to_owned()];
        if let Some(number) = parse_number(value) {
            if let Some(names) = self.named.get(field).and_then(|of_field| of_field.get(&number)) {
                forms.extend(names.iter().cloned());
            }
            if let Some(flag) =
                self.flags.get(field).and_then(|words| words.get(usize::try_from(number).ok()?))
            {
                forms.push(flag.clone());
            }
            forms.push(if number == 0 { "False" } else { "True" }.to_owned());
            // A column shows three digits of the flags, and with identifications also the decimal number.
            forms.push(format!("0x{number:03x}"));
            forms.push(format!("{value} ({number})"));
        }
        // Bytes are cut after 36 of them.
        if let Some(begin) = value.get(..CUT_BYTES).filter(|begin| value.len() > begin.len() && is_hex(begin))
        {
            forms.push(format!("{begin}…"));
        }
        forms.push(format!("{value} seconds"));
        // Text is shown with what is no text escaped.
        forms.push(value.replace('\\', "\\\\").replace('"', "\\\""));
        forms
    }
}

/// Whether the column ended because it was full.
fn is_cut(column: &str, rest: &str) -> bool {
    column.len() + 8 >= LONGEST_COLUMN && rest.len() < 512
}

/// A number without a name is written `Unknown (0x1234)`, `Reserved (GREASE) (0x0a0a)` and alike: what stands behind it.
fn unnamed<'a>(rest: &'a str, value: &str) -> Option<&'a str> {
    let number = parse_number(value)?;
    let end = rest.find(')')? + 1;
    let (text, behind) = rest.split_at(end);
    let inside = text.rsplit_once('(').map(|(_, inside)| inside.trim_end_matches(')'))?;
    // So is what was seen of a connection: `Complete, WITH_DATA (31)`.
    let is_named_so = ["Unknown", "Complete", "Incomplete"].iter().any(|name| text.starts_with(name));
    (is_named_so && parse_number(inside) == Some(number)).then_some(behind)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An object identifier is written by its name, of which tshark has no list: any name will do here, and the filters and
/// the sample hold the numbers.
fn named_identifier<'a>(rest: &'a str, value: &str) -> Option<&'a str> {
    let is_dotted = value.contains('.') && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let (name, behind) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
    (is_dotted && name.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(behind)
}

fn parse_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_by_names_numbers_and_marks() {
        let labels = Labels::parse("V\tkind\t1\tClient Hello\nV\tkind\t2\tA, B\nT\tflag\tSet\tNot set\n");
        let says = |field: &str, column: &str, values: &[&str]| {
            labels.says(field, column, &values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        };
        assert!(says("kind", "Client Hello,A, B,7", &["1", "2", "7"]));
        assert!(!says("kind", "Client Hello", &["2"]));
        assert!(!says("kind", "Client Hello", &["1", "1"]));
        assert!(!says("kind", "Client Hello,Client Hello", &["1"]));
        assert!(says("kind", "Unknown (0x0009)", &["9"]));
        assert!(says("any", "Complete, WITH_DATA (31)", &["31"]));
        assert!(!says("any", "Incomplete (28)", &["24"]));
        assert!(says("flag", "Not set", &["0"]) && !says("flag", "Set", &["0"]));
        assert!(says("any", "", &[]) && !says("any", "", &["1"]) && !says("any", "x", &[]));
        assert!(says("any", "✓,✓", &["1", "1"]));
    }
}
