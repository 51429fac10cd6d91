//! Text and times in ASN.1, as Wireshark shows them.

use mtlscope_dissect::time::Timestamp;

use super::super::Value;

const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;

/// The text of a string. It ends before a zero.
pub(super) fn text(tag: u8, content: &[u8]) -> String {
    let text = match tag {
        BMP_STRING => {
            let units = content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        UNIVERSAL_STRING => content
            .chunks_exact(4)
            .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
            .map(|number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => String::from_utf8_lossy(content).into_owned(),
    };
    match text.split_once('\0') {
        Some((before, _)) => before.to_owned(),
        None => text,
    }
}

/// A moment: as text for a UTCTime, whose century is not written (`2026-11-21 19:11:48 (UTC)`), as a moment for a
/// GeneralizedTime.
pub(super) fn time(as_text: bool, content: &[u8]) -> Option<Value> {
    let written = std::str::from_utf8(content).ok()?;
    if as_text {
        let digits = written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len());
        let (date, zone) = written.split_at(digits);
        let century = if date.as_bytes().first()? < &b'5' { "20" } else { "19" };
        let part = |at: usize| date.get(at..at + 2);
        let mut text = format!("{century}{}-{}-{} {}:{}", part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
        if let Some(seconds) = part(10) {
            text.push(':');
            text.push_str(seconds);
        }
        match zone {
            "Z" => text.push_str(" (UTC)"),
            _ => text.push_str(&format!(" (UTC{zone})")),
        }
        return Some(Value::Text(text.into()));
    }
    let number = |from: usize, to: usize| written.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let seconds = number(8, 10)? * 3600 + number(10, 12)? * 60 + number(12, 14)?;
    let ahead = match written.get(written.len().saturating_sub(5)..)?.split_at_checked(1) {
        Some(("+", zone)) => zone_seconds(zone)?,
        Some(("-", zone)) => -zone_seconds(zone)?,
        _ => 0,
    };
    Some(Value::AbsoluteTime(Timestamp::from_parts(days * 86400 + seconds - ahead, 0)))
}

/// The seconds of a time zone: `0130`.
fn zone_seconds(zone: &str) -> Option<i64> {
    let number = zone.parse::<i64>().ok()?;
    Some(number / 100 * 3600 + number % 100 * 60)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their odd day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_by_its_tag() {
        assert_eq!(text(0x0c, "é\0x".as_bytes()), "é");
        assert_eq!(text(BMP_STRING, &[0, b'a', 0, 0xe9]), "aé");
        assert_eq!(text(UNIVERSAL_STRING, &[0, 0, 0, b'a', 0, 1, 0xf6, 0]), "a😀");
    }

    #[test]
    fn times_are_as_wireshark_shows_them() {
        let utc = |written: &str| match time(true, written.as_bytes()) {
            Some(Value::Text(text)) => text.into_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(utc("261121191148Z"), "2026-11-21 19:11:48 (UTC)");
        assert_eq!(utc("9901010000+0100"), "1999-01-01 00:00 (UTC+0100)");
        let moment = Value::AbsoluteTime(Timestamp::from_parts(951_782_400, 0));
        assert_eq!(time(false, b"20000229000000Z"), Some(moment));
        let ahead = time(false, b"20000229013000+0130");
        assert_eq!(ahead, time(false, b"20000229000000Z"));
        assert_eq!(time(false, b"20001329000000Z"), None);
        assert_eq!(time(true, b""), None);
    }
}
