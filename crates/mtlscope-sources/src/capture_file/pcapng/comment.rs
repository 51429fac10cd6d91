//! The comments of one packet, out of the options of its block. Wireshark writes several as several options.
//!
//! draft-ietf-opsawg-pcapng, section 3.5.

use super::ByteOrder;

const END_OF_OPTIONS: u16 = 0;
const OPT_COMMENT: u16 = 1;

/// All of them, a line each; `None` where there is none.
#[cold]
pub(super) fn of(mut options: &[u8], order: ByteOrder) -> Option<String> {
    let mut comments = String::new();
    while let Some((&[c0, c1, n0, n1], rest)) = options.split_first_chunk() {
        let (code, length) = (order.u16([c0, c1]), usize::from(order.u16([n0, n1])));
        let Some(value) = rest.get(..length).filter(|_| code != END_OF_OPTIONS) else { break };
        if code == OPT_COMMENT {
            if !comments.is_empty() {
                comments.push('\n');
            }
            comments.push_str(&String::from_utf8_lossy(value));
        }
        options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    (!comments.is_empty()).then_some(comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_comments_are_a_line_each_and_what_is_cut_ends_them() {
        let options = [1, 0, 3, 0, b'a', b'b', b'c', 0, 2, 0, 4, 0, 9, 9, 9, 9, 1, 0, 1, 0, b'd', 0, 0, 0];
        assert_eq!(of(&options, ByteOrder::Little).as_deref(), Some("abc\nd"));
        assert_eq!(of(&options[..6], ByteOrder::Little), None);
        assert_eq!(of(&[0, 0, 0, 0, 1, 0, 1, 0, b'd', 0, 0, 0], ByteOrder::Little), None);
        assert_eq!(of(&[0, 1, 0, 1, b'd', 0, 0, 0], ByteOrder::Big).as_deref(), Some("d"));
    }
}
