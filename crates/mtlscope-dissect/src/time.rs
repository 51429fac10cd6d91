//! A moment, as the capture tells it. The engine has no clock of its own.

use std::fmt;
use std::ops::Sub;

/// Nanoseconds since 1970-01-01 00:00 UTC, as recorded in the capture.
///
/// Signed, since a broken capture clock may stand before 1970; 64 bits reach from 1677 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From whole nanoseconds since 1970.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// From seconds since 1970 and a fraction in nanoseconds. Saturates at the ends of the range.
    pub const fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds as i64))
    }

    /// Whole nanoseconds since 1970.
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// The part below a second, in nanoseconds.
    pub const fn subsecond_nanoseconds(self) -> u32 {
        self.0.rem_euclid(1_000_000_000) as u32
    }

    /// This moment and `nanoseconds` more.
    pub const fn plus_nanoseconds(self, nanoseconds: i64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }
}

/// The difference in nanoseconds.
impl Sub for Timestamp {
    type Output = i64;

    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.seconds(), self.subsecond_nanoseconds())
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Counts in years that begin in March, so that the leap day is the last: an "era" is 400 such years.
pub fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_TO_1970_FROM_MARCH_OF_YEAR_0: i64 = 719_468;
    const DAYS_IN_ERA: i64 = 146_097;
    let days = days.saturating_add(DAYS_TO_1970_FROM_MARCH_OF_YEAR_0);
    let era = days.div_euclid(DAYS_IN_ERA);
    let day_of_era = days.rem_euclid(DAYS_IN_ERA);
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
    fn splits_moments_before_1970_downwards() {
        let t = Timestamp::from_nanoseconds(-1);
        assert_eq!((t.seconds(), t.subsecond_nanoseconds()), (-1, 999_999_999));
    }
}
