//! The options of a TCP header. RFC 9293 section 3.2; the numbers: <https://www.iana.org/assignments/tcp-parameters/>.
//!
//! ```text
//! end(0) | no operation(1) | kind length value[length - 2]
//! ```

/// One option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TcpOption<'a> {
    /// Its number.
    pub kind: u8,
    /// Its length as stated, kind and length included; 1 for those that have none.
    pub length: u8,
    /// What it says.
    pub value: &'a [u8],
}

impl TcpOption<'_> {
    /// End of the options.
    pub const END: u8 = 0;
    /// No operation: padding.
    pub const NO_OPERATION: u8 = 1;
    /// Maximum segment size.
    pub const MAXIMUM_SEGMENT_SIZE: u8 = 2;
    /// Window scale. RFC 7323 section 2.
    pub const WINDOW_SCALE: u8 = 3;
    /// Selective acknowledgment permitted. RFC 2018 section 2.
    pub const SACK_PERMITTED: u8 = 4;
    /// Selective acknowledgment. RFC 2018 section 3.
    pub const SACK: u8 = 5;
    /// Timestamps. RFC 7323 section 3.
    pub const TIMESTAMPS: u8 = 8;
}

/// The options of one header, in order, also those behind the end of them: padding, mostly. Ends at the first that makes
/// no sense.
#[derive(Clone, Debug)]
pub struct TcpOptions<'a> {
    rest: &'a [u8],
}

impl<'a> TcpOptions<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        let (&kind, behind) = self.rest.split_first()?;
        if matches!(kind, TcpOption::END | TcpOption::NO_OPERATION) {
            self.rest = behind;
            return Some(TcpOption { kind, length: 1, value: &[] });
        }
        let length = *behind.first()?;
        let Some(value) = self.rest.get(2..usize::from(length)) else {
            self.rest = &[];
            return None;
        };
        self.rest = self.rest.get(usize::from(length)..).unwrap_or(&[]);
        Some(TcpOption { kind, length, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_option_after_the_other_and_ends_at_nonsense() {
        let bytes = [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 9, 1, 0];
        let kinds: Vec<_> = TcpOptions::new(&bytes).map(|option| (option.kind, option.value.len())).collect();
        assert_eq!(kinds, [(2, 2), (1, 0), (3, 1), (4, 0)]);
        assert_eq!(TcpOptions::new(&[0, 0, 2, 4]).count(), 2);
        assert_eq!(TcpOptions::new(&[2]).count(), 0);
        assert_eq!(TcpOptions::new(&[8, 10, 0]).count(), 0);
    }
}
