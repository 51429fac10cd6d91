//! Values that become one string: moments, hashes, whatever has a `Display`.

use std::fmt::Display;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::time::{Timestamp, civil};
use mtlscope_dissect::x509::Time;
use serde::{Serialize, Serializer};

/// A string as `Display` says it.
pub(in crate::json) struct Shown<T>(pub(in crate::json) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // In one piece: the serialiser would look at each piece of a `Display` for itself.
        serializer.serialize_str(&self.0.to_string())
    }
}

/// A registered number by its name, where it was seen.
pub(in crate::json) fn registered<S: Serializer, T: Display>(
    number: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => Shown(number).serialize(serializer),
        None => serializer.serialize_none(),
    }
}

/// A moment of the capture: RFC 3339, UTC, nine digits of a second.
pub(in crate::json) struct Moment(pub(in crate::json) Timestamp);

impl Moment {
    /// The text, which is ASCII.
    pub(in crate::json) fn text(&self) -> [u8; 30] {
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        put_day_and_time(&mut text, self.0.seconds());
        put(&mut text, 20, 9, i64::from(self.0.subsecond_nanoseconds()));
        text
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Appends a number in decimal, or `null`.
pub(in crate::json) fn append_number(line: &mut Vec<u8>, number: Option<u64>) {
    let Some(mut number) = number else { return line.extend_from_slice(b"null") };
    // 2^64 has twenty digits.
    let mut digits = [0; 20];
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// A moment in a certificate: RFC 3339, UTC, whole seconds.
pub(in crate::json) fn day_and_time<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = *b"0000-00-00T00:00:00Z";
    put_day_and_time(&mut text, time.seconds());
    serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
}

/// A SHA-256 hash in lower-case hex.
pub(in crate::json) struct Hex(pub(in crate::json) [u8; 32]);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// Puts `YYYY-MM-DDTHH:MM:SS` at the start of a text. Years outside 0 to 9999 keep their last four digits.
fn put_day_and_time(text: &mut [u8], seconds: i64) {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    put(text, 0, 4, year.rem_euclid(10_000));
    put(text, 5, 2, month);
    put(text, 8, 2, day);
    put(text, 11, 2, second / 3600);
    put(text, 14, 2, second / 60 % 60);
    put(text, 17, 2, second % 60);
}

/// Puts a number that is not negative, with leading zeros.
fn put(text: &mut [u8], place: usize, digits: usize, mut number: i64) {
    for digit in text.iter_mut().skip(place).take(digits).rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Which of the connection's `files` a frame is in, from 0; `None`, which is not written, for the first. `base`: the
/// number of the first.
pub(super) fn file_of(frame: Option<FrameNumber>, base: u16) -> Option<u16> {
    frame.map(|frame| frame.file().saturating_sub(base)).filter(|file| *file > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rfc_3339_with_nine_digits() {
        let shown =
            |nanoseconds| serde_json::to_string(&Moment(Timestamp::from_nanoseconds(nanoseconds))).unwrap();
        assert_eq!(shown(0), r#""1970-01-01T00:00:00.000000000Z""#);
        assert_eq!(shown(-1), r#""1969-12-31T23:59:59.999999999Z""#);
        assert_eq!(shown(951_782_400_012_345_678), r#""2000-02-29T00:00:00.012345678Z""#);
        assert_eq!(shown(i64::MAX), r#""2262-04-11T23:47:16.854775807Z""#);
    }

    #[test]
    fn numbers_are_decimal() {
        let mut line = Vec::new();
        for number in [Some(0), Some(10), None, Some(u64::MAX)] {
            append_number(&mut line, number);
            line.push(b' ');
        }
        assert_eq!(line, b"0 10 null 18446744073709551615 ");
    }

    #[test]
    fn days_are_those_that_the_certificate_itself_prints() {
        for seconds in (-62_000_000_000_i64..253_000_000_000).step_by(7_777_777_777) {
            let mut text = *b"0000-00-00T00:00:00Z";
            put_day_and_time(&mut text, seconds);
            assert_eq!(str::from_utf8(&text).unwrap(), Time::from_seconds(seconds).to_string());
        }
    }
}
