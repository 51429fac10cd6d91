//! The moments between which a certificate holds. RFC 5280 section 4.1.2.5.
//!
//! ```text
//! Validity ::= SEQUENCE {
//!      notBefore      Time,
//!      notAfter       Time }
//!
//! Time ::= CHOICE {
//!      utcTime        UTCTime,
//!      generalTime    GeneralizedTime }
//! ```

use std::fmt;

use crate::time::{Timestamp, civil};

/// A moment in a certificate: whole seconds, any year from 0 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    seconds: i64,
}

impl Time {
    /// From seconds since 1970-01-01 00:00 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Seconds since 1970-01-01 00:00 UTC.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// As a moment of the capture's clock. Before 1677 and after 2262 this is the end of that clock's range.
    pub const fn timestamp(self) -> Timestamp {
        Timestamp::from_parts(self.seconds, 0)
    }
}

/// RFC 3339, in UTC: `2024-01-01T00:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.seconds.div_euclid(86_400);
        let second = self.seconds.rem_euclid(86_400);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_moments_as_rfc_3339_does() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_704_067_199, "2023-12-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(Time::from_seconds(seconds).to_string(), text);
        }
    }

    #[test]
    fn the_end_of_time_stays_the_end_of_time() {
        let never = Time::from_seconds(253_402_300_799);
        assert_eq!(never.timestamp().nanoseconds(), i64::MAX);
        assert_eq!(never.seconds(), 253_402_300_799);
    }
}
