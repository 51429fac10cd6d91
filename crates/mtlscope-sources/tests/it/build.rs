//! Captures, written field by field in either byte order.

#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::Little, Self::Big];

    pub(crate) fn u16(self, n: u16) -> [u8; 2] {
        match self {
            Self::Little => n.to_le_bytes(),
            Self::Big => n.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, n: u32) -> [u8; 4] {
        match self {
            Self::Little => n.to_le_bytes(),
            Self::Big => n.to_be_bytes(),
        }
    }

    pub(crate) fn u64(self, n: u64) -> [u8; 8] {
        match self {
            Self::Little => n.to_le_bytes(),
            Self::Big => n.to_be_bytes(),
        }
    }

    pub(crate) fn words(self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|&word| self.u32(word)).collect()
    }
}

pub(crate) fn pcap_header(
    order: Order,
    magic: u32,
    version: (u16, u16),
    snaplen: u32,
    link_type: u32,
) -> Vec<u8> {
    let mut out = order.u32(magic).to_vec();
    out.extend(order.u16(version.0));
    out.extend(order.u16(version.1));
    out.extend(order.words(&[0, 0, snaplen, link_type]));
    out
}

pub(crate) fn pcap_record(order: Order, time: (u32, u32), wire: u32, packet: &[u8]) -> Vec<u8> {
    let mut out = order.words(&[time.0, time.1, packet.len() as u32, wire]);
    out.extend(packet);
    out
}

/// Three packets of 4, 0 and 60 bytes.
pub(crate) fn small_pcap() -> Vec<u8> {
    let order = Order::Little;
    let mut out = pcap_header(order, 0xa1b2_c3d4, (2, 4), 65_535, 1);
    for packet in [&[1; 4][..], &[], &[3; 60]] {
        out.extend(pcap_record(order, (1, 2), 60, packet));
    }
    out
}

pub(crate) fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = padded as u32 + 12;
    let mut out = order.words(&[kind, length]);
    out.extend(body);
    out.resize(8 + padded, 0);
    out.extend(order.u32(length));
    out
}

pub(crate) fn section(order: Order) -> Vec<u8> {
    let mut body = order.u32(0x1a2b_3c4d).to_vec();
    body.extend(order.u16(1));
    body.extend(order.u16(0));
    body.extend(order.u64(u64::MAX));
    block(order, 0x0a0d_0d0a, &body)
}

pub(crate) fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut out = order.u16(code).to_vec();
    out.extend(order.u16(value.len() as u16));
    out.extend(value);
    out.resize(4 + value.len().next_multiple_of(4), 0);
    out
}

pub(crate) fn interface(order: Order, link_type: u16, snaplen: u32, options: &[Vec<u8>]) -> Vec<u8> {
    let mut body = order.u16(link_type).to_vec();
    body.extend([0; 2]);
    body.extend(order.u32(snaplen));
    body.extend(options.concat());
    block(order, 1, &body)
}

pub(crate) fn enhanced(order: Order, interface: u32, ticks: u64, wire: u32, packet: &[u8]) -> Vec<u8> {
    let mut body = order.words(&[interface, (ticks >> 32) as u32, ticks as u32, packet.len() as u32, wire]);
    body.extend(packet);
    block(order, 6, &body)
}

pub(crate) fn obsolete(order: Order, interface: u16, ticks: u64, wire: u32, packet: &[u8]) -> Vec<u8> {
    let mut body = order.u16(interface).to_vec();
    body.extend(order.u16(9));
    body.extend(order.words(&[(ticks >> 32) as u32, ticks as u32, packet.len() as u32, wire]));
    body.extend(packet);
    block(order, 2, &body)
}

pub(crate) fn simple(order: Order, wire: u32, packet: &[u8]) -> Vec<u8> {
    let mut body = order.u32(wire).to_vec();
    body.extend(packet);
    block(order, 3, &body)
}

pub(crate) fn secrets(order: Order, secrets_type: u32, text: &[u8]) -> Vec<u8> {
    let mut body = order.words(&[secrets_type, text.len() as u32]);
    body.extend(text);
    block(order, 10, &body)
}

pub(crate) const TLS_KEY_LOG: u32 = 0x544c_534b;
pub(crate) const KEY_LOG: &[u8] = b"CLIENT_RANDOM 0011 2233\nCLIENT_RANDOM 4455 6677\n";

/// A key log, then a packet block of each kind, an unknown block between.
pub(crate) fn small_pcapng() -> Vec<u8> {
    let order = Order::Big;
    [
        section(order),
        interface(order, 1, 40, &[]),
        secrets(order, TLS_KEY_LOG, KEY_LOG),
        enhanced(order, 0, 1_000_000, 60, &[1; 5]),
        block(order, 0x0bad, &[7; 9]),
        simple(order, 60, &[2; 40]),
        obsolete(order, 0, 3_000_000, 60, &[3; 8]),
    ]
    .concat()
}
