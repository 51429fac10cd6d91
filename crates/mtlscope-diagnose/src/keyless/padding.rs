//! Padding to multiples of a length, as OpenSSL's `record_padding` does it: then lengths lie.

use super::arithmetic::Sizes;

/// The least multiple that matters: a smaller one leaves the shapes of a flight what they are.
const LEAST_BLOCK: u32 = 32;

/// The length of whose multiples all these records are, if there are two of them or more.
pub(super) fn block(lengths: impl Iterator<Item = u16>, sizes: Sizes) -> Option<u32> {
    let mut number = 0;
    let divisor = lengths.fold(0, |divisor, length| {
        number += 1;
        greatest_common_divisor(divisor, u32::from(length).saturating_sub(sizes.tag))
    });
    (number > 1 && divisor >= LEAST_BLOCK).then_some(divisor)
}

/// Whether a record may be a short message that was padded to its length: that is round, and no other record of the side
/// shows that it does not pad so.
pub(super) fn may_be_padded(length: u16, all: impl Iterator<Item = u16>, sizes: Sizes) -> bool {
    let inner = u32::from(length).saturating_sub(sizes.tag);
    let is_round = [64, 100, 250].into_iter().any(|round| inner.is_multiple_of(round));
    let mut all = all.map(|length| u32::from(length).saturating_sub(sizes.tag));
    is_round && inner > 0 && all.all(|other| other.is_multiple_of(inner))
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    match b {
        0 => a,
        _ => greatest_common_divisor(b, a % b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { tag: 16, hash: 48 };

    #[test]
    fn multiples_of_a_block_are_seen_and_real_flights_are_not_multiples() {
        assert_eq!(block([1040, 528, 528].into_iter(), SIZES), Some(512));
        assert_eq!(block([80, 144].into_iter(), SIZES), Some(64));
        for real in [&[860, 96, 69][..], &[25, 69], &[1808, 281, 69], &[566, 101]] {
            assert_eq!(block(real.iter().copied(), SIZES), None, "{real:?}");
        }
        assert_eq!(block([528].into_iter(), SIZES), None, "one record shows nothing");
    }

    #[test]
    fn a_round_length_is_doubted_until_another_record_shows_otherwise() {
        assert!(may_be_padded(528, [528].into_iter(), SIZES));
        assert!(may_be_padded(216, [216, 416].into_iter(), SIZES));
        assert!(!may_be_padded(528, [528, 19].into_iter(), SIZES));
        assert!(!may_be_padded(566, [566].into_iter(), SIZES));
    }
}
