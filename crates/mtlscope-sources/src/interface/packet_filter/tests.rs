//! Tests of the filter: each program is run on made-up packets by a machine of a page, written from the kernel's description.

use super::*;

const TCP: u8 = 6;

/// What the kernel knows of a packet besides its bytes.
#[derive(Clone, Copy)]
struct Skb<'a> {
    bytes: &'a [u8],
    protocol: u32,
    packet_type: u32,
    interface: u32,
}

/// Whether a program lets a packet through.
fn passes(program: &[Instruction], skb: Skb<'_>) -> bool {
    let (mut a, mut x, mut store, mut at) = (0_u32, 0_u32, 0_u32, 0_usize);
    loop {
        let Instruction { code, if_true, if_false, operand } = program[at];
        at += 1;
        let load = |place: u32, length: usize| -> Option<u32> {
            match place {
                PROTOCOL => Some(skb.protocol),
                PACKET_TYPE => Some(skb.packet_type),
                INTERFACE => Some(skb.interface),
                place => {
                    let bytes = skb.bytes.get(place as usize..place as usize + length)?;
                    Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
                }
            }
        };
        let loaded = match code {
            LOAD_WORD => load(operand, 4),
            LOAD_HALF => load(operand, 2),
            LOAD_WORD_AT_X => load(operand + x, 4),
            LOAD_HALF_AT_X => load(operand + x, 2),
            LOAD_BYTE_AT_X => load(operand + x, 1),
            LOAD_STORED => Some(store),
            AND => Some(a & operand),
            SHIFT_LEFT => Some(a << operand),
            ADD => Some(a + operand),
            ADD_X => Some(a + x),
            X_TO_A => Some(x),
            _ => Some(a),
        };
        // What lies outside of the packet ends the program, as in the kernel.
        let Some(loaded) = loaded else { return false };
        a = loaded;
        match code {
            LOAD_X => x = operand,
            STORE => store = a,
            A_TO_X => x = a,
            JUMP => at += operand as usize,
            JUMP_IF_EQUAL => at += usize::from(if a == operand { if_true } else { if_false }),
            JUMP_IF_ANY_BIT => at += usize::from(if a & operand != 0 { if_true } else { if_false }),
            RETURN => return operand != 0,
            _ => {}
        }
    }
}

fn v4(source: [u8; 4], destination: [u8; 4], protocol: u8, fragment: u16, ports: [u16; 2]) -> Vec<u8> {
    let mut packet = vec![0x46, 0, 0, 0, 0, 0];
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
    packet.extend([1; 4]); // an option
    packet.extend(ports.map(u16::to_be_bytes).concat());
    packet
}

fn v6(source: &str, destination: &str, next: u8, rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 0, next, 64];
    for address in [source, destination] {
        packet.extend(address.parse::<std::net::Ipv6Addr>().unwrap().octets());
    }
    packet.extend(rest);
    packet
}

/// Whether a packet passes each way it can come: raw, raw in one VLAN or two, cooked.
fn passes_all_ways(wanted: &Wanted, packet: &[u8]) -> bool {
    let protocol = if packet[0] >> 4 == 4 { IPV4 } else { IPV6 };
    let ethertype = (protocol as u16).to_be_bytes();
    let ethernet = [[7; 12].as_slice(), &ethertype, packet].concat();
    let tagged = [[7; 12].as_slice(), &[0x81, 0, 0, 5], &ethertype, packet].concat();
    let twice = [[7; 12].as_slice(), &[0x88, 0xa8, 0, 4, 0x81, 0, 0, 5], &ethertype, packet].concat();
    let inner = [[0, 5].as_slice(), &ethertype, packet].concat();
    let raw = program(wanted, Kind::Raw, Some(1)).unwrap();
    let cooked = program(wanted, Kind::Cooked, Some(1)).unwrap();
    let skb = |bytes, protocol| Skb { bytes, protocol, packet_type: OUTGOING, interface: 2 };
    let answers = [
        passes(&raw, skb(&ethernet, protocol)),
        passes(&raw, skb(&tagged, 0x8100)),
        passes(&raw, skb(&twice, 0x88a8)),
        passes(&cooked, skb(packet, protocol)),
        passes(&cooked, skb(&inner, 0x8100)),
    ];
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    answers[0]
}

fn wanted(networks: &[&str], ports: &[u16]) -> Wanted {
    let networks = networks.iter().map(|text| Network::parse(text).unwrap()).collect();
    Wanted { networks, ports: ports.to_vec() }
}

#[test]
fn loopback_shows_each_packet_once() {
    let program = program(&Wanted::default(), Kind::Raw, Some(1)).unwrap();
    let skb = |interface, packet_type| Skb { bytes: &[], protocol: 0, packet_type, interface };
    assert!(!passes(&program, skb(1, OUTGOING)));
    assert!(passes(&program, skb(1, 0)));
    assert!(passes(&program, skb(2, OUTGOING)), "of other interfaces both directions count");
}

#[test]
fn an_address_is_looked_for_at_both_ends() {
    let host = wanted(&["192.0.2.7"], &[]);
    let packet = |source, destination| v4(source, destination, 1, 0, [0, 0]);
    assert!(passes_all_ways(&host, &packet([192, 0, 2, 7], [10, 0, 0, 1])));
    assert!(passes_all_ways(&host, &packet([10, 0, 0, 1], [192, 0, 2, 7])));
    assert!(!passes_all_ways(&host, &packet([10, 0, 0, 1], [192, 0, 2, 8])));
    assert!(!passes_all_ways(&host, &v6("2001:db8::1", "2001:db8::2", TCP, &[0; 20])));
    let network = wanted(&["2001:db8:4000::/34", "198.51.100.0/23"], &[]);
    assert!(passes_all_ways(&network, &v6("2001:db8:7fff::1", "::1", TCP, &[0; 20])));
    assert!(!passes_all_ways(&network, &v6("2001:db8:8000::1", "::1", TCP, &[0; 20])));
    assert!(passes_all_ways(&network, &packet([9, 9, 9, 9], [198, 51, 101, 4])));
    assert!(!passes_all_ways(&network, &packet([9, 9, 9, 9], [198, 51, 102, 4])));
    assert!(passes_all_ways(&wanted(&["0.0.0.0/0"], &[]), &packet([1, 2, 3, 4], [5, 6, 7, 8])));
}

#[test]
fn a_port_is_looked_for_behind_options_and_extension_headers() {
    let https = wanted(&[], &[443, 8443]);
    let packet = |protocol, fragment, ports| v4([1; 4], [2; 4], protocol, fragment, ports);
    assert!(passes_all_ways(&https, &packet(TCP, 0x4000, [50_000, 443])));
    assert!(passes_all_ways(&https, &packet(TCP, 0, [8443, 50_000])));
    assert!(passes_all_ways(&https, &packet(17, 0, [50_000, 443])));
    assert!(!passes_all_ways(&https, &packet(TCP, 0, [50_000, 80])));
    assert!(!passes_all_ways(&https, &packet(1, 0, [50_000, 443])), "ICMP has no ports");
    assert!(passes_all_ways(&https, &packet(TCP, 7, [1, 2])), "a later fragment belongs to something");

    let v6 = |next, rest: &[u8]| v6("2001:db8::1", "2001:db8::2", next, rest);
    let ports = [0xc3, 0x50, 0x01, 0xbb];
    assert!(passes_all_ways(&https, &v6(TCP, &ports)));
    assert!(!passes_all_ways(&https, &v6(TCP, &[0xc3, 0x50, 0, 80])));
    let options = [[60, 0, 0, 0, 0, 0, 0, 0].as_slice(), &[51, 1], &[0; 14], &[44, 1], &[0; 10]].concat();
    let fragment = |offset: u8| [[TCP, 0, 0, offset, 0, 0, 0, 0].as_slice(), &ports].concat();
    assert!(passes_all_ways(&https, &v6(0, &[options.as_slice(), &fragment(1)].concat())));
    assert!(passes_all_ways(&https, &v6(44, &fragment(8))), "a later fragment");
    assert!(!passes_all_ways(&https, &v6(58, &ports)));
}

#[test]
fn addresses_and_ports_must_both_fit() {
    let both = wanted(&["192.0.2.0/24"], &[443]);
    assert!(passes_all_ways(&both, &v4([192, 0, 2, 1], [10, 0, 0, 1], TCP, 0, [443, 5])));
    assert!(!passes_all_ways(&both, &v4([192, 0, 2, 1], [10, 0, 0, 1], TCP, 0, [80, 5])));
    assert!(!passes_all_ways(&both, &v4([192, 0, 3, 1], [10, 0, 0, 1], TCP, 0, [443, 5])));
}

#[test]
fn what_is_cut_short_is_left_out_and_ends_nowhere_else() {
    let both = wanted(&["192.0.2.0/24", "2001:db8::/32"], &[443]);
    let program = program(&both, Kind::Raw, None).unwrap();
    let ip = v6("2001:db8::1", "::1", 0, &[[0; 64].as_slice(), &[1, 0xbb, 1, 0xbb]].concat());
    let packet = [[7; 12].as_slice(), &[0x86, 0xdd], &ip].concat();
    for length in 0..packet.len() {
        let bytes = &packet[..length];
        assert!(!passes(&program, Skb { bytes, protocol: IPV6, packet_type: 0, interface: 0 }), "{length}");
    }
}

#[test]
fn reads_networks_as_people_write_them() {
    for good in ["10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::7", "fe80::/10"] {
        assert!(Network::parse(good).is_some(), "{good}");
    }
    for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "example.com", "10.0.0.0/x", "/8"] {
        assert!(Network::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn more_than_the_kernel_takes_is_refused() {
    let many: Vec<String> = (0..2000).map(|n| format!("2001:db8::{n:x}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(program(&wanted(&many, &[]), Kind::Raw, None).is_none());
    assert!(program(&wanted(&many[..100], &[443]), Kind::Raw, None).is_some());
}
