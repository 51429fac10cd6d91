//! Options of headers in which addresses or identities may stand, blanked: MPTCP's addresses, the client's address that load balancers
//! put into TCP options, recorded routes, home addresses, what tunnels say of their ends. Lengths stay as they were.

use mtlscope_dissect::packet::TcpOption;

/// TCP options that say nothing of who or where; all others become padding.
const HARMLESS_TCP: [u8; 7] = [
    TcpOption::END,
    TcpOption::NO_OPERATION,
    TcpOption::MAXIMUM_SEGMENT_SIZE,
    TcpOption::WINDOW_SCALE,
    TcpOption::SACK_PERMITTED,
    TcpOption::SACK,
    TcpOption::TIMESTAMPS,
];

/// Options of IPv6 that say nothing of who or where: padding, tunnel encapsulation limit (RFC 2473), router alert (RFC 2711), jumbo
/// payload (RFC 2675), without which the packet could not be read.
const HARMLESS_IPV6: [u8; 5] = [0, 1, 4, 5, 0xc2];
const PAD_N: u8 = 1;

/// Blanks the options of a TCP header.
pub(super) fn tcp(mut options: &mut [u8]) {
    while let Some(&kind) = options.first() {
        let length = match kind {
            TcpOption::END | TcpOption::NO_OPERATION => 1,
            _ => options.get(1).map_or(0, |&length| usize::from(length)),
        };
        // What makes no sense may be anything.
        if !(1..=options.len()).contains(&length) {
            return no_operations(options);
        }
        let (option, rest) = options.split_at_mut(length);
        if !HARMLESS_TCP.contains(&kind) {
            no_operations(option);
        }
        options = rest;
    }
}

/// Blanks options of TCP or IPv4, which have the same padding.
pub(super) fn no_operations(options: &mut [u8]) {
    options.fill(TcpOption::NO_OPERATION);
}

/// Blanks the options of an IPv6 extension header, of which the first two bytes are its own.
pub(super) fn ipv6(extension: &mut [u8]) {
    let mut options = extension.get_mut(2..).unwrap_or_default();
    while let Some(&kind) = options.first() {
        let length = match kind {
            0 => 1,
            _ => 2 + options.get(1).map_or(0, |&length| usize::from(length)),
        };
        if options.len() < length {
            return options.fill(0);
        }
        let (option, rest) = options.split_at_mut(length);
        if !HARMLESS_IPV6.contains(&kind)
            && let Some((head, value)) = option.split_first_mut()
        {
            *head = PAD_N;
            value.get_mut(1..).unwrap_or_default().fill(0);
        }
        options = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_tcp_that_hold_addresses_become_padding_and_the_rest_stays() {
        // ADD_ADDR of MPTCP (RFC 8684 section 3.4.1) between a segment size and timestamps; then the option of load balancers.
        let mut options =
            [2, 4, 5, 0xb4, 30, 8, 0x30, 2, 10, 1, 2, 3, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 28, 6, 10, 1, 2, 3];
        tcp(&mut options);
        assert_eq!(options[..4], [2, 4, 5, 0xb4]);
        assert_eq!(options[4..12], [1; 8]);
        assert_eq!(options[12..22], [8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
        assert_eq!(options[22..], [1; 6]);
        for mut broken in [vec![30, 8, 10, 1], vec![30], vec![2, 0, 10, 1], vec![9, 2, 3]] {
            tcp(&mut broken);
            assert!(broken.iter().all(|&byte| byte == 1), "{broken:?}");
        }
    }

    #[test]
    fn options_of_ipv6_that_hold_addresses_become_padding() {
        // A home address (RFC 6275 section 6.3) behind a router alert.
        let mut extension = vec![6, 2, 5, 2, 0, 0, 0xc9, 16];
        extension.extend([0xfd; 16]);
        ipv6(&mut extension);
        assert_eq!(extension[..8], [6, 2, 5, 2, 0, 0, 1, 16]);
        assert_eq!(extension[8..], [0; 16]);
        let mut broken = vec![6, 0, 0xc9, 16, 0xfd, 0xfd, 0xfd, 0xfd];
        ipv6(&mut broken);
        assert_eq!(broken, [6, 0, 0, 0, 0, 0, 0, 0]);
    }
}
