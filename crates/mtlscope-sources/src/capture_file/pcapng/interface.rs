//! One interface of a pcapng section: what its packets are, and what its clock counts.
//!
//! draft-ietf-opsawg-pcapng, section 4.2.
//!
//! ```text
//! Interface Description Block:  type = 1 (4)  total length (4)  link type (2)  reserved (2)  snaplen (4)
//!                               options  total length (4)
//! Option:                       code (2)  length (2)  value, padded to 4
//! ```

use mtlscope_dissect::input::LinkType;
use mtlscope_dissect::time::Timestamp;

use super::ByteOrder;

const END_OF_OPTIONS: u16 = 0;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

#[derive(Debug)]
pub(super) struct Interface {
    pub(super) link_type: LinkType,
    /// What is captured of a packet at most; no limit is the largest number.
    pub(super) snaplen: u32,
    tick: Tick,
    /// Nanoseconds to add to each time.
    offset: i64,
}

impl Interface {
    /// Reads a whole block. Options that make no sense count as absent.
    pub(super) fn parse(block: &[u8], order: ByteOrder) -> Option<Self> {
        let body = block.get(8..block.len().checked_sub(4)?)?;
        let (&[l0, l1, _, _, s0, s1, s2, s3], mut options) = body.split_first_chunk()?;
        let snaplen = order.u32([s0, s1, s2, s3]);
        let mut interface = Self {
            link_type: LinkType(order.u16([l0, l1])),
            snaplen: if snaplen == 0 { u32::MAX } else { snaplen },
            tick: Tick::Nanoseconds(1000),
            offset: 0,
        };
        while let Some((&[c0, c1, n0, n1], rest)) = options.split_first_chunk() {
            let (code, length) = (order.u16([c0, c1]), usize::from(order.u16([n0, n1])));
            let Some(value) = rest.get(..length).filter(|_| code != END_OF_OPTIONS) else { break };
            match (code, value) {
                (IF_TSRESOL, &[resolution]) => interface.tick = Tick::of(resolution),
                (IF_TSOFFSET, &[s0, s1, s2, s3, s4, s5, s6, s7]) => {
                    let (first, second) = (order.u32([s0, s1, s2, s3]), order.u32([s4, s5, s6, s7]));
                    let (low, high) =
                        if order == ByteOrder::Little { (first, second) } else { (second, first) };
                    let seconds = (u64::from(high) << 32 | u64::from(low)) as i64;
                    interface.offset = seconds.saturating_mul(NANOSECONDS_PER_SECOND as i64);
                }
                _ => {}
            }
            options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Some(interface)
    }

    /// What this interface's clock means when it says `ticks`. Saturates at the ends of what a [`Timestamp`] can say.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.tick {
            Tick::Nanoseconds(n) => ticks.saturating_mul(n),
            Tick::PerNanosecond(n) => ticks / n,
            Tick::BinaryFraction(shift) => {
                let nanoseconds = (u128::from(ticks) * u128::from(NANOSECONDS_PER_SECOND)) >> shift;
                u64::try_from(nanoseconds).unwrap_or(u64::MAX)
            }
        };
        Timestamp::from_nanoseconds(self.offset.saturating_add_unsigned(nanoseconds))
    }
}

/// How long one tick of the clock is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tick {
    /// This many nanoseconds.
    Nanoseconds(u64),
    /// One of this many parts of a nanosecond.
    PerNanosecond(u64),
    /// A second divided by two, this many times.
    BinaryFraction(u8),
}

impl Tick {
    /// The value of `if_tsresol`: a negative power of 10, or of 2 where the highest bit is set.
    fn of(resolution: u8) -> Self {
        let power = resolution & 0x7f;
        if resolution & 0x80 != 0 {
            return Self::BinaryFraction(power);
        }
        match power {
            0..=9 => Self::Nanoseconds(10_u64.pow(u32::from(9 - power))),
            // Beyond 10^-28 even the largest count of ticks is less than a nanosecond.
            _ => 10_u64
                .checked_pow(u32::from(power - 9))
                .map_or(Self::BinaryFraction(0x7f), Self::PerNanosecond),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(resolution: u8, ticks: u64, nanoseconds: i64) {
        let interface =
            Interface { link_type: LinkType(1), snaplen: 0, tick: Tick::of(resolution), offset: 0 };
        assert_eq!(interface.time(ticks).nanoseconds(), nanoseconds);
    }

    #[test]
    fn reads_clocks_of_every_resolution() {
        check(0, 3, 3_000_000_000);
        check(3, 3, 3_000_000);
        check(6, 3, 3_000);
        check(9, 3, 3);
        check(12, 3_999, 3);
        check(127, u64::MAX, 0);
        check(0x80, 3, 3_000_000_000);
        check(0x80 | 1, 3, 1_500_000_000);
        check(0x80 | 32, 3 << 31, 1_500_000_000);
        check(0xff, u64::MAX, 0);
        check(0, u64::MAX, i64::MAX);
    }
}
