//! Slices: `[i:j]`, `[i-j]`, `[i]`, `[:j]`, `[i:]` and lists of them, as text and applied to bytes.

use super::error::FilterError;
use super::syntax::{End, Span};

/// Reads what stands in brackets. `at`: where its text begins in the filter.
pub(super) fn spans(inside: &str, at: usize) -> Result<Vec<Span>, FilterError> {
    let mut spans = Vec::new();
    let mut start = at;
    for part in inside.split(',') {
        let span =
            span(part.trim()).map_err(|message| FilterError::new(message, start..start + part.len()))?;
        spans.push(span);
        start += part.len() + 1;
    }
    Ok(spans)
}

fn span(text: &str) -> Result<Span, String> {
    if let Some((start, length)) = text.split_once(':') {
        let start = match start.trim() {
            "" => 0,
            start => number(start)?,
        };
        let end = match length.trim() {
            "" => End::Open,
            length => match number(length)? {
                length if length > 0 => End::Length(length),
                _ => return Err(format!("the length of {text} is not above zero")),
            },
        };
        return Ok(Span { start, end });
    }
    // The first hyphen that is no sign parts the ends.
    let hyphen = text.char_indices().skip(1).find(|(_, character)| *character == '-');
    let Some((hyphen, _)) = hyphen else {
        return Ok(Span { start: number(text)?, end: End::Length(1) });
    };
    let (start, end) = (number(text[..hyphen].trim())?, number(text[hyphen + 1..].trim())?);
    if (start < 0) != (end < 0) || start > end {
        return Err(format!("{start} does not come before {end}"));
    }
    Ok(Span { start, end: End::Offset(end) })
}

fn number(text: &str) -> Result<i64, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let parsed = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    match parsed {
        Ok(number) if !digits.starts_with('+') => Ok(sign * i64::from(number)),
        _ if text.is_empty() => Err("a number is missing in the brackets".to_owned()),
        _ => Err(format!("{text} is no number; slices are [start:length], [first-last], [one]")),
    }
}

/// The bytes that spans take, one after the other, up to the first span that does not lie within.
pub(super) fn cut(bytes: &[u8], spans: &[Span]) -> Vec<u8> {
    let mut cut = Vec::new();
    for span in spans {
        match within(bytes, span) {
            Some(part) => cut.extend_from_slice(part),
            None => break,
        }
    }
    cut
}

fn within<'a>(bytes: &'a [u8], span: &Span) -> Option<&'a [u8]> {
    let length = i64::try_from(bytes.len()).ok()?;
    let from_start = |offset: i64| if offset < 0 { offset + length } else { offset };
    let start = from_start(span.start);
    let end = match span.end {
        End::Length(length) => start.checked_add(length)?,
        End::Offset(last) => from_start(last).checked_add(1)?,
        End::Open => length,
    };
    bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// Whether a layer is meant. Layers are counted from 1.
pub(super) fn has_layer(spans: &[Span], layer: u8) -> bool {
    let layer = i64::from(layer);
    spans.iter().any(|span| {
        layer >= span.start
            && match span.end {
                End::Length(length) => layer < span.start.saturating_add(length),
                End::Offset(last) => layer <= last,
                End::Open => true,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_of(bytes: &[u8], inside: &str) -> Vec<u8> {
        cut(bytes, &spans(inside, 0).unwrap())
    }

    #[test]
    fn slices_count_as_wiresharks_do() {
        let bytes = b"0123456789";
        for (inside, taken) in [
            ("0:3", "012"),
            ("1-3", "123"),
            ("4", "4"),
            (":2", "01"),
            ("8:", "89"),
            ("-2:", "89"),
            ("-3:2", "78"),
            ("-3--2", "78"),
            ("0x4:1", "4"),
            ("1,3-5,9:", "13459"),
            // Up to the first that does not lie within.
            ("0,20,1", "0"),
            ("8:3", ""),
            ("-20:", ""),
            ("10:", ""),
        ] {
            assert_eq!(cut_of(bytes, inside), taken.as_bytes(), "{inside}");
        }
    }

    #[test]
    fn what_is_no_slice_is_refused_at_its_place() {
        for (inside, place) in [
            ("", 5..5),
            ("a", 5..6),
            ("1,b:2", 7..10),
            ("3:0", 5..8),
            ("5-2", 5..8),
            ("-5-2", 5..9),
            ("1,", 7..7),
        ] {
            assert_eq!(spans(inside, 5).unwrap_err().place(), place, "{inside}");
        }
    }

    #[test]
    fn layers_are_counted_from_one() {
        let spans = spans("2-3,5", 0).unwrap();
        let layers: Vec<u8> = (0..8).filter(|layer| has_layer(&spans, *layer)).collect();
        assert_eq!(layers, [2, 3, 5]);
    }
}
