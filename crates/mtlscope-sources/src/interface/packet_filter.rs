//! The filter that the kernel holds each packet against, so that only what matters is copied: a program of classic BPF.
//!
//! It is made here, since it must fit packets with and without link layer, with VLAN tags inside, and IPv6 with its extension
//! headers. It always leaves out one of the two times that loopback shows each packet.
//! <https://www.kernel.org/doc/html/latest/networking/filter.html>

use std::net::IpAddr;

use super::packet_ring::Kind;

/// What of the traffic is wanted: packets from or to one of these addresses, and from or to one of these ports. An empty list
/// leaves nothing out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Addresses.
    pub networks: Vec<Network>,
    /// Ports, of TCP and of UDP (which carries tunnels). What is behind the first fragment of a datagram has none and is taken.
    pub ports: Vec<u16>,
}

/// Addresses that begin alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// One address.
    pub const fn host(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// `10.0.0.0/8`, `2001:db8::/32`, or an address alone. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let whole = Self::host(address.parse().ok()?);
        match prefix {
            None => Some(whole),
            Some(prefix) if prefix <= whole.prefix => Some(Self { prefix, ..whole }),
            Some(_) => None,
        }
    }

    /// The words of the address, each with those of its bits that count.
    fn words(&self) -> Vec<(u32, u32)> {
        let octets = match self.address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (words, _) = octets.as_chunks::<4>();
        let word = |(index, &bytes): (usize, &[u8; 4])| {
            let bits = u32::from(self.prefix).saturating_sub(index as u32 * 32).min(32);
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            (u32::from_be_bytes(bytes) & mask, mask)
        };
        words.iter().enumerate().map(word).collect()
    }
}

/// An instruction of the kernel's machine (`sock_filter`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Instruction {
    pub(super) code: u16,
    /// How many instructions to skip.
    pub(super) if_true: u8,
    pub(super) if_false: u8,
    pub(super) operand: u32,
}

// The accumulator A, the index register X, the store M[0].
const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_WORD_AT_X: u16 = 0x40;
const LOAD_HALF_AT_X: u16 = 0x48;
const LOAD_BYTE_AT_X: u16 = 0x50;
const LOAD_STORED: u16 = 0x60;
const LOAD_X: u16 = 0x01;
const STORE: u16 = 0x02;
const ADD: u16 = 0x04;
const ADD_X: u16 = 0x0c;
const AND: u16 = 0x54;
const SHIFT_LEFT: u16 = 0x64;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;
const A_TO_X: u16 = 0x07;
const X_TO_A: u16 = 0x87;

/// What the kernel tells of a packet at places that no packet has (`SKF_AD_OFF`).
const PROTOCOL: u32 = 0xffff_f000;
const PACKET_TYPE: u32 = PROTOCOL + 4;
const INTERFACE: u32 = PROTOCOL + 8;

const OUTGOING: u32 = 4;
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const TAGS: [u32; 3] = [0x8100, 0x88a8, 0x9100];
const TRANSPORTS: [u32; 3] = [6, 17, 132];
const FRAGMENT: u32 = 44;
const AUTHENTICATION: u32 = 51;
/// Hop-by-hop options, routing, destination options.
const EXTENSIONS: [u32; 3] = [0, 43, 60];
/// How many tags and extension headers are stepped over: the machine has no loops.
const MOST_TAGS: usize = 3;
const MOST_EXTENSIONS: usize = 6;
/// Instructions that the kernel takes (`BPF_MAXINSNS`).
const MOST: usize = 4096;

/// The program for what is wanted. `loopback`: the interface that shows each packet twice. `None`: it would be longer than the
/// kernel takes.
pub(super) fn program(wanted: &Wanted, kind: Kind, loopback: Option<u32>) -> Option<Vec<Instruction>> {
    let mut program = Program::default();
    let (accept, drop) = (program.label(), program.label());
    if let Some(loopback) = loopback {
        let other = program.label();
        program.put(LOAD_WORD, INTERFACE);
        program.unless_equal(loopback, other);
        program.put(LOAD_WORD, PACKET_TYPE);
        program.if_equal(OUTGOING, drop);
        program.here(other);
    }
    if wanted != &Wanted::default() {
        program.network_layer(wanted, kind, accept, drop);
    }
    program.here(accept);
    program.put(RETURN, u32::MAX);
    program.here(drop);
    program.put(RETURN, 0);
    program.linked()
}

/// Instructions whose jumps are still to labels.
#[derive(Default)]
struct Program {
    instructions: Vec<Instruction>,
    /// Where each label stands.
    labels: Vec<usize>,
    /// Which instructions jump to which label.
    jumps: Vec<(usize, Label)>,
}

#[derive(Clone, Copy)]
struct Label(usize);

impl Program {
    fn label(&mut self) -> Label {
        self.labels.push(0);
        Label(self.labels.len() - 1)
    }

    fn here(&mut self, label: Label) {
        self.labels[label.0] = self.instructions.len();
    }

    fn put(&mut self, code: u16, operand: u32) {
        self.instructions.push(Instruction { code, if_true: 0, if_false: 0, operand });
    }

    fn jump(&mut self, label: Label) {
        self.jumps.push((self.instructions.len(), label));
        self.put(JUMP, 0);
    }

    /// A condition reaches 255 instructions far, a jump as far as one likes: so a condition skips a jump.
    fn test(&mut self, code: u16, operand: u32, jumps_if: bool, label: Label) {
        let (if_true, if_false) = if jumps_if { (0, 1) } else { (1, 0) };
        self.instructions.push(Instruction { code, if_true, if_false, operand });
        self.jump(label);
    }

    fn if_equal(&mut self, value: u32, label: Label) {
        self.test(JUMP_IF_EQUAL, value, true, label);
    }

    fn unless_equal(&mut self, value: u32, label: Label) {
        self.test(JUMP_IF_EQUAL, value, false, label);
    }

    /// From the start of a packet to its verdict.
    fn network_layer(&mut self, wanted: &Wanted, kind: Kind, accept: Label, drop: Label) {
        let (v4, v6) = (self.label(), self.label());
        // X: where the network layer's header begins. A: which one it is.
        match kind {
            Kind::Raw => {
                self.put(LOAD_X, 14);
                self.put(LOAD_HALF, 12);
            }
            Kind::Cooked => {
                self.put(LOAD_X, 0);
                self.put(LOAD_WORD, PROTOCOL);
            }
        }
        for _ in 0..MOST_TAGS {
            let (tagged, behind) = (self.label(), self.label());
            for tag in TAGS {
                self.if_equal(tag, tagged);
            }
            self.jump(behind);
            self.here(tagged);
            self.put(LOAD_HALF_AT_X, 2);
            self.step_on(4);
            self.here(behind);
        }
        self.if_equal(IPV4, v4);
        self.if_equal(IPV6, v6);
        self.jump(drop);

        self.here(v4);
        self.addresses(wanted, true, drop);
        self.v4_ports(wanted, accept, drop);
        self.here(v6);
        self.addresses(wanted, false, drop);
        self.v6_ports(wanted, accept, drop);
    }

    /// X goes on by so much, and A stays.
    fn step_on(&mut self, length: u32) {
        self.put(STORE, 0);
        self.put(X_TO_A, 0);
        self.put(ADD, length);
        self.put(A_TO_X, 0);
        self.put(LOAD_STORED, 0);
    }

    /// Goes on behind itself if one of the addresses is wanted.
    fn addresses(&mut self, wanted: &Wanted, is_v4: bool, drop: Label) {
        if wanted.networks.is_empty() {
            return;
        }
        let places = if is_v4 { [12, 16] } else { [8, 24] };
        let matched = self.label();
        for network in wanted.networks.iter().filter(|network| network.address.is_ipv4() == is_v4) {
            for place in places {
                let other = self.label();
                for (index, (value, mask)) in network.words().into_iter().enumerate() {
                    if mask == 0 {
                        continue;
                    }
                    self.put(LOAD_WORD_AT_X, place + index as u32 * 4);
                    if mask != u32::MAX {
                        self.put(AND, mask);
                    }
                    self.unless_equal(value, other);
                }
                self.jump(matched);
                self.here(other);
            }
        }
        self.jump(drop);
        self.here(matched);
    }

    fn v4_ports(&mut self, wanted: &Wanted, accept: Label, drop: Label) {
        if wanted.ports.is_empty() {
            return self.jump(accept);
        }
        // A later fragment has no ports.
        self.put(LOAD_HALF_AT_X, 6);
        self.test(JUMP_IF_ANY_BIT, 0x1fff, true, accept);
        let transport = self.label();
        self.put(LOAD_BYTE_AT_X, 9);
        for protocol in TRANSPORTS {
            self.if_equal(protocol, transport);
        }
        self.jump(drop);
        self.here(transport);
        self.put(LOAD_BYTE_AT_X, 0);
        self.put(AND, 0xf);
        self.put(SHIFT_LEFT, 2);
        self.put(ADD_X, 0);
        self.put(A_TO_X, 0);
        self.ports(wanted, accept, drop);
    }

    fn v6_ports(&mut self, wanted: &Wanted, accept: Label, drop: Label) {
        if wanted.ports.is_empty() {
            return self.jump(accept);
        }
        let transport = self.label();
        self.put(LOAD_BYTE_AT_X, 6);
        self.step_on(40);
        for _ in 0..MOST_EXTENSIONS {
            let [extension, fragment, authentication, behind] = std::array::from_fn(|_| self.label());
            for protocol in TRANSPORTS {
                self.if_equal(protocol, transport);
            }
            for protocol in EXTENSIONS {
                self.if_equal(protocol, extension);
            }
            self.if_equal(FRAGMENT, fragment);
            self.if_equal(AUTHENTICATION, authentication);
            self.jump(drop);
            self.here(fragment);
            self.put(LOAD_HALF_AT_X, 2);
            self.test(JUMP_IF_ANY_BIT, 0xfff8, true, accept);
            self.put(LOAD_BYTE_AT_X, 0);
            self.step_on(8);
            self.jump(behind);
            // Lengths in units of eight bytes beyond the first eight, and of four beyond the first eight.
            for (label, shift) in [(extension, 3), (authentication, 2)] {
                self.here(label);
                self.put(LOAD_BYTE_AT_X, 0);
                self.put(STORE, 0);
                self.put(LOAD_BYTE_AT_X, 1);
                self.put(SHIFT_LEFT, shift);
                self.put(ADD, 8);
                self.put(ADD_X, 0);
                self.put(A_TO_X, 0);
                self.put(LOAD_STORED, 0);
                self.jump(behind);
            }
            self.here(behind);
        }
        for protocol in TRANSPORTS {
            self.if_equal(protocol, transport);
        }
        self.jump(drop);
        self.here(transport);
        self.ports(wanted, accept, drop);
    }

    /// X is at a header that begins with both ports.
    fn ports(&mut self, wanted: &Wanted, accept: Label, drop: Label) {
        for place in [0, 2] {
            self.put(LOAD_HALF_AT_X, place);
            for &port in &wanted.ports {
                self.if_equal(port.into(), accept);
            }
        }
        self.jump(drop);
    }

    /// With each jump's distance in place.
    fn linked(mut self) -> Option<Vec<Instruction>> {
        for (from, label) in self.jumps {
            let distance = self.labels[label.0].checked_sub(from + 1)?;
            self.instructions[from].operand = distance as u32;
        }
        (self.instructions.len() <= MOST).then_some(self.instructions)
    }
}

#[cfg(test)]
mod tests;
