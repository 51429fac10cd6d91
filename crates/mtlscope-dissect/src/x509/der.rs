//! One DER element after the other, for the few structures that are read again after the certificate was parsed.
//!
//! ITU-T X.690 section 8.1. Only single-byte tags and definite lengths, which is all that certificates use.

/// The tag of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// The tag of a BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// The tag of an OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// The tag of a SET.
pub const SET: u8 = 0x31;

/// A tag, a length and the content.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The tag with its class and its constructed bit.
    pub tag: u8,
    /// What stands behind the length.
    pub content: &'a [u8],
    /// Tag, length and content.
    pub whole: &'a [u8],
}

/// The elements of a list, one by one; ends early at the first that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    /// What was not read yet.
    pub rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// Those that stand one behind the other in `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (element, rest) = element(self.rest)?;
        self.rest = rest;
        Some(element)
    }
}

/// The first element of `bytes`, and what follows it.
pub fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, after_first) = after_tag.split_first()?;
    let (length, content_on) = if first < 0x80 {
        (usize::from(first), after_first)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (length, rest) = after_first.split_at_checked(count)?;
        (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = content_on.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag, content, whole }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_short_and_long_lengths() {
        let (short, rest) = element(&[4, 1, 9, 7]).unwrap();
        assert_eq!((short.tag, short.content, short.whole, rest), (4, &[9][..], &[4, 1, 9][..], &[7][..]));
        let (long, _) = element(&[4, 0x81, 1, 9]).unwrap();
        assert_eq!(long.content, [9]);
    }

    #[test]
    fn refuses_what_reaches_beyond_the_end_or_has_no_definite_length() {
        for bad in [&[][..], &[4], &[4, 2, 0], &[4, 0x80, 0, 0], &[4, 0x85, 0, 0, 0, 0, 0], &[0x1f, 1, 0]] {
            assert!(element(bad).is_none(), "{bad:?}");
        }
    }
}
