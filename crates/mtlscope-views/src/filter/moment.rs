//! Moments as filters write them: `"2026-11-22 12:00:00.5Z"`, `"Nov 22, 2026 12:00:00"`.
//!
//! Without a zone Wireshark means the time of the place where it runs; here, where nothing of the machine is known, UTC.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Nanoseconds since 1970 in UTC.
pub(super) fn parse(text: &str) -> Option<i128> {
    let mut reader = Reader { rest: text.trim() };
    let ((year, month, day), is_iso) = match reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
        true => (reader.iso_day()?, true),
        false => (reader.named_day()?, false),
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut nanoseconds = i128::from(days(year, month, day)) * 86_400 * SECOND;
    if is_iso && reader.rest.is_empty() {
        return Some(nanoseconds);
    }
    let hour = reader.number(2)?;
    reader.sign(':')?;
    let minute = reader.number(2)?;
    let second = match reader.sign(':') {
        Some(()) => reader.number(2)?,
        // Without seconds only ISO 8601 is understood.
        None if is_iso => 0,
        None => return None,
    };
    // 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    nanoseconds += i128::from(hour * 3600 + minute * 60 + second) * SECOND;
    if reader.sign('.').is_some() {
        nanoseconds += reader.fraction()?;
    }
    nanoseconds -= i128::from(reader.zone()?) * SECOND;
    reader.rest.is_empty().then_some(nanoseconds)
}

const SECOND: i128 = 1_000_000_000;

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// `2026-11-22`, and the `T` or blank that parts it from the time.
    fn iso_day(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.number(4)?;
        self.sign('-')?;
        let month = self.number(2)?;
        self.sign('-')?;
        let day = self.number(2)?;
        self.rest = self.rest.strip_prefix('T').unwrap_or_else(|| self.rest.trim_start());
        Some((year, month, day))
    }

    /// `Nov 22, 2026 `.
    fn named_day(&mut self) -> Option<(i64, i64, i64)> {
        let name = self.rest.get(..3)?;
        let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
        self.rest = self.rest.get(3..)?.strip_prefix(' ')?.trim_start();
        let day = self.number(2)?;
        self.sign(',')?;
        self.rest = self.rest.trim_start();
        let year = self.number(4)?;
        self.rest = self.rest.strip_prefix(' ')?.trim_start();
        Some((year, i64::try_from(month).ok()? + 1, day))
    }

    /// A number of at most so many digits.
    fn number(&mut self, most: usize) -> Option<i64> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.rest.get(..digits)?.parse().ok()?;
        self.rest = self.rest.get(digits..)?;
        Some(number)
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    /// Nanoseconds; further digits do not count.
    fn fraction(&mut self) -> Option<i128> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let fraction = format!("{:0<9}", self.rest.get(..digits.min(9))?).parse().ok()?;
        self.rest = self.rest.get(digits..)?;
        Some(fraction)
    }

    /// `Z`, `UTC`, `+01:00`, `-0100` or nothing: seconds east of Greenwich.
    fn zone(&mut self) -> Option<i64> {
        let zone = self.rest.trim_start();
        self.rest = zone;
        if matches!(zone, "" | "Z" | "UTC") {
            self.rest = "";
            return Some(0);
        }
        let east = match self.sign('+') {
            Some(()) => 1,
            None => {
                self.sign('-')?;
                -1
            }
        };
        let hours = self.number(2)?;
        let _ = self.sign(':');
        let minutes = if self.rest.is_empty() { 0 } else { self.number(2)? };
        Some(east * (hours * 3600 + minutes * 60))
    }
}

/// Days since 1970-01-01. A 31st of a shorter month is the day after its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use mtlscope_dissect::time::civil;

    use super::*;

    #[test]
    fn both_ways_of_writing_are_read() {
        const NOON: i128 = 1_795_348_800 * SECOND;
        for (text, expected) in [
            ("2026-11-22 12:00:00", NOON),
            ("2026-11-22T12:00:00Z", NOON),
            ("2026-11-22 12:00", NOON),
            ("2026-11-22", NOON - 12 * 3600 * SECOND),
            ("2026-11-22 12:00:00.5", NOON + SECOND / 2),
            ("2026-11-22 12:00:00.1234567891", NOON + 123_456_789),
            ("2026-11-22 13:30:00+01:30", NOON),
            ("2026-11-22 11:00:00-0100", NOON),
            ("Nov 22, 2026 12:00:00", NOON),
            ("Nov 22, 2026 12:00:00.5 UTC", NOON + SECOND / 2),
            ("1970-1-1", 0),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "1600000000",
            "2026-13-01",
            "2026-11-32",
            "2026-11-22 24:00:00",
            "Nov 22, 2026",
            "Nov 22, 2026 12:00",
            "November 22, 2026 12:00:00",
            "2026-11-22 12",
            "2026-11-22 12:00:00 CET",
            "2026-11-22x",
            "ä",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_the_inverse_of_the_calendar() {
        for day in (-800_000..200_000).step_by(97) {
            let (year, month, day_of_month) = civil(day);
            assert_eq!(days(year, month, day_of_month), day);
        }
    }
}
