//! Values that become one string: moments, hashes, whatever has a `Display`.

use std::cell::RefCell;
use std::fmt::Display;
use std::net::IpAddr;

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::time::{Timestamp, civil};
use mtlscope_dissect::tls::registry::{CipherSuite, ProtocolVersion};
use mtlscope_dissect::x509::Time;
use serde::{Serialize, Serializer};

use crate::json::line;

/// A string as `Display` says it.
pub(in crate::json) struct Shown<T>(pub(in crate::json) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A registered number as `Display` says it: mostly by its name, which is at hand.
pub(in crate::json) struct Registered<T>(pub(in crate::json) T);

impl Serialize for Registered<ProtocolVersion> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        by_name(self.0.name(), self.0, serializer)
    }
}

impl Serialize for Registered<CipherSuite> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        by_name(self.0.name(), self.0, serializer)
    }
}

fn by_name<S: Serializer>(
    name: Option<&str>,
    number: impl Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match name {
        Some(name) => serializer.serialize_str(name),
        None => serializer.collect_str(&number),
    }
}

/// A moment of the capture: RFC 3339, UTC, nine digits of a second.
pub(in crate::json) struct Moment(pub(in crate::json) Timestamp);

impl Moment {
    /// The text, which is ASCII.
    pub(in crate::json) fn text(&self) -> [u8; 30] {
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        put_day_and_time(&mut text, self.0.seconds());
        self.put_subsecond(&mut text);
        text
    }

    fn put_subsecond(&self, text: &mut [u8; 30]) {
        put(text, 20, 9, self.0.subsecond_nanoseconds());
    }
}

/// Moments one after the other, mostly of the same second: its text is made once.
#[derive(Debug)]
pub(in crate::json) struct Clock {
    second: i64,
    text: [u8; 30],
}

impl Default for Clock {
    fn default() -> Self {
        Self { second: 0, text: Moment(Timestamp::default()).text() }
    }
}

impl Clock {
    /// As [`Moment::text`].
    #[inline]
    pub(in crate::json) fn text(&mut self, time: Timestamp) -> &[u8; 30] {
        let second = time.seconds();
        if self.second == second {
            Moment(time).put_subsecond(&mut self.text);
        } else {
            (self.second, self.text) = (second, Moment(time).text());
        }
        &self.text
    }
}

/// A moment, by a clock.
pub(in crate::json) struct ClockTime<'a>(
    pub(in crate::json) Timestamp,
    pub(in crate::json) &'a RefCell<Clock>,
);

impl Serialize for ClockTime<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(self.1.borrow_mut().text(self.0)).unwrap_or_default())
    }
}

/// An address. Those of IPv4 are many and plain: they are written without the machinery behind `Display`.
pub(in crate::json) struct Address(pub(in crate::json) IpAddr);

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let IpAddr::V4(address) = self.0 else { return Shown(self.0).serialize(serializer) };
        let mut text = [b'.'; 16];
        let mut length = 0;
        for octet in address.octets() {
            let mut digits = itoa::Buffer::new();
            let digits = digits.format(octet).as_bytes();
            // Four times three digits and a dot fit.
            text.get_mut(length..length + digits.len()).unwrap_or_default().copy_from_slice(digits);
            length += digits.len() + 1;
        }
        let text = text.get(..length - 1).unwrap_or_default();
        serializer.serialize_str(str::from_utf8(text).unwrap_or_default())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Appends a number in decimal, or `null`.
pub(in crate::json) fn append_number(line: &mut Vec<u8>, number: Option<u64>) {
    match number {
        Some(number) => line::append_number(line, number),
        None => line.extend_from_slice(b"null"),
    }
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
    let second = seconds.rem_euclid(86_400) as u32;
    put(text, 0, 4, year.rem_euclid(10_000) as u32);
    put(text, 5, 2, month as u32);
    put(text, 8, 2, day as u32);
    put(text, 11, 2, second / 3600);
    put(text, 14, 2, second / 60 % 60);
    put(text, 17, 2, second % 60);
}

/// Puts a number with leading zeros.
fn put(text: &mut [u8], place: usize, digits: usize, mut number: u32) {
    let place = text.get_mut(place..place + digits).unwrap_or_default();
    let mut pairs = place.rchunks_exact_mut(2);
    for pair in &mut pairs {
        let two = number % 100;
        pair.copy_from_slice(&[b'0' + (two / 10) as u8, b'0' + (two % 10) as u8]);
        number /= 100;
    }
    if let [digit] = pairs.into_remainder() {
        *digit = b'0' + (number % 10) as u8;
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
    fn a_clock_tells_each_moment_as_it_is() {
        let mut clock = Clock::default();
        for nanoseconds in [
            0,
            1,
            999_999_999,
            1_000_000_000,
            1_000_000_001,
            -1,
            -1_000_000_000,
            5,
            i64::MIN,
            i64::MIN + 1,
            i64::MAX,
        ] {
            let time = Timestamp::from_nanoseconds(nanoseconds);
            assert_eq!(*clock.text(time), Moment(time).text());
            assert_eq!(*clock.text(time), Moment(time).text());
        }
    }

    #[test]
    fn addresses_are_those_that_display_prints() {
        for address in
            ["0.0.0.0", "255.255.255.255", "10.0.3.232", "1.22.100.9", "::1", "2001:db8::1", "::ffff:1.2.3.4"]
        {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(serde_json::to_value(Address(address)).unwrap(), address.to_string());
        }
    }

    #[test]
    fn registered_numbers_are_those_that_display_prints() {
        for number in (0..=u16::MAX).step_by(5).chain([0x0303, 0x0304, 0x1301, 0xc02f, 0x0a0a]) {
            let (version, suite) = (ProtocolVersion(number), CipherSuite(number));
            assert_eq!(serde_json::to_value(Registered(version)).unwrap(), version.to_string());
            assert_eq!(serde_json::to_value(Registered(suite)).unwrap(), suite.to_string());
        }
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
