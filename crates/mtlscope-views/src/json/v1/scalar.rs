//! Values that become one string: moments, hashes, whatever has a `Display`.

use std::fmt::Display;

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Time;
use serde::{Serialize, Serializer};

/// A string as `Display` says it.
pub(super) struct Shown<T>(pub(super) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A registered number by its name, where it was seen.
pub(super) fn registered<S: Serializer, T: Display>(
    number: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.collect_str(number),
        None => serializer.serialize_none(),
    }
}

/// A moment of the capture: RFC 3339, UTC, nine digits of a second.
pub(super) struct Moment(pub(super) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        put_day_and_time(&mut text, self.0.seconds());
        put(&mut text, 20, 9, i64::from(self.0.subsecond_nanoseconds()));
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// A moment in a certificate: RFC 3339, UTC, whole seconds.
pub(super) fn day_and_time<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = *b"0000-00-00T00:00:00Z";
    put_day_and_time(&mut text, time.seconds());
    serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
}

/// A SHA-256 hash in lower-case hex.
pub(super) struct Hex(pub(super) [u8; 32]);

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

/// Year, month and day of a day counted from 1970-01-01, in years that begin in March, of which 400 are an era.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
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
    fn days_are_those_that_the_certificate_itself_prints() {
        for seconds in (-62_000_000_000_i64..253_000_000_000).step_by(7_777_777_777) {
            let mut text = *b"0000-00-00T00:00:00Z";
            put_day_and_time(&mut text, seconds);
            assert_eq!(str::from_utf8(&text).unwrap(), Time::from_seconds(seconds).to_string());
        }
    }
}
