//! Does a certificate hold at a moment? RFC 5280 section 4.1.2.5.

use std::time::Duration;

use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Certificate;

/// How a moment stands to the dates of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Validity {
    /// Within them. Both ends are within.
    Valid,
    /// Before them.
    NotYetValid {
        /// How long before.
        by: Duration,
    },
    /// After them.
    Expired {
        /// How long after.
        by: Duration,
    },
}

/// Whether `certificate` holds at `at`, which is the capture's time and no clock of ours.
pub fn check(certificate: &Certificate, at: Timestamp) -> Validity {
    let now = at.seconds();
    let early = certificate.not_before.seconds().saturating_sub(now);
    let late = now.saturating_sub(certificate.not_after.seconds());
    match (u64::try_from(early), u64::try_from(late)) {
        (Ok(early @ 1..), _) => Validity::NotYetValid { by: Duration::from_secs(early) },
        (_, Ok(late @ 1..)) => Validity::Expired { by: Duration::from_secs(late) },
        _ => Validity::Valid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures;

    // 2023-01-01T00:00:00Z to 2024-01-01T00:00:00Z
    const FROM: i64 = 1_672_531_200;
    const TO: i64 = 1_704_067_200;

    fn at(seconds: i64) -> Validity {
        check(&fixtures::expired(), Timestamp::from_parts(seconds, 999_999_999))
    }

    #[test]
    fn both_ends_are_within() {
        assert_eq!((at(FROM), at(TO)), (Validity::Valid, Validity::Valid));
    }

    #[test]
    fn says_by_how_much_it_misses() {
        assert_eq!(at(FROM - 1), Validity::NotYetValid { by: Duration::from_secs(1) });
        assert_eq!(at(TO + 86_400), Validity::Expired { by: Duration::from_secs(86_400) });
        let ends = [i64::MIN, i64::MAX].map(Timestamp::from_nanoseconds);
        assert!(matches!(check(&fixtures::notyet(), ends[0]), Validity::NotYetValid { .. }));
        assert!(matches!(check(&fixtures::expired(), ends[1]), Validity::Expired { .. }));
    }
}
