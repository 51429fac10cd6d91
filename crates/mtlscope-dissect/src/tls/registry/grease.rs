//! GREASE: numbers that mean nothing, offered so that peers stay used to numbers they do not know. RFC 8701.

/// Whether a two-byte number is one of 0x0a0a, 0x1a1a .. 0xfafa: suites, extensions, groups, schemes, versions.
pub(crate) const fn is_grease_u16(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

/// Whether a one-byte number is one of 0x0b, 0x2a, 0x49 .. 0xe4: PSK key exchange modes.
pub(crate) const fn is_grease_u8(number: u8) -> bool {
    number % 0x1f == 0x0b && number <= 0xe4
}

/// Whether an ALPN protocol name is one of the two-byte GREASE names.
pub(crate) fn is_grease_protocol(name: &[u8]) -> bool {
    match name {
        [first, second] => is_grease_u16(u16::from_be_bytes([*first, *second])),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_sixteen_and_the_eight_numbers() {
        let two: Vec<u16> = (0..=u16::MAX).filter(|number| is_grease_u16(*number)).collect();
        assert_eq!(two.len(), 16);
        assert_eq!((two.first(), two.last()), (Some(&0x0a0a), Some(&0xfafa)));
        let one: Vec<u8> = (0..=u8::MAX).filter(|number| is_grease_u8(*number)).collect();
        assert_eq!(one, [0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4]);
    }
}
