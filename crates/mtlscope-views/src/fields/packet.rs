//! The fields of a packet's headers, all kinds of header together.

use mtlscope_dissect::packet::{Header, Layer, Packet};
use mtlscope_dissect::time::Timestamp;

use super::frame::{self, InCapture};
use super::header::{Of, Wanted, tell};
use super::{
    Field, Occurrence, Spanning, Value, WholeStream, ethernet, ip, ipv6, linux_cooked, loopback, tcp,
    tcp_analysis, tcp_options, tcp_reassembly, udp, vlan,
};

/// Every field of a header.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    let link = ethernet::FIELDS.iter().map(|told| &told.field);
    let vlan = vlan::FIELDS.iter().chain(vlan::PROVIDER_FIELDS).map(|told| &told.field);
    let ip = ip::FIELDS.iter().map(|told| &told.field);
    let ipv6 = ipv6::FIELDS.iter().map(|told| &told.field);
    let extensions = ipv6::EXTENSION_FIELDS.iter().map(|told| &told.field);
    let streams = tcp_analysis::STREAM_FIELDS.iter().map(|told| &told.field);
    let tcp =
        tcp::FIELDS.iter().chain(tcp_options::FIELDS).chain(tcp_analysis::FIELDS).map(|told| &told.field);
    let reassembly = tcp_reassembly::FIELDS.iter().map(|told| &told.field);
    frame::FIELDS
        .iter()
        .map(|told| &told.field)
        .chain(link)
        .chain(vlan)
        .chain(linux_cooked::FIELDS.iter().map(|told| &told.field))
        .chain(loopback::FIELDS.iter().map(|told| &told.field))
        .chain(ip)
        .chain(ipv6)
        .chain(extensions)
        .chain(tcp)
        .chain(streams)
        .chain(reassembly)
        .chain(udp::FIELDS.iter().map(|told| &told.field))
}

/// Whether a field tells of the time since a frame that was shown: what is shown changes it.
pub fn depends_on_what_is_shown(field: &Field) -> bool {
    field.name == "frame.time_delta_displayed"
}

/// The times of a capture so far, from which those of a packet are told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    first: Option<Timestamp>,
    previous: Option<Timestamp>,
    displayed: Option<Timestamp>,
}

impl Times {
    /// Adds what a packet's headers say. `carries`: the protocols inside that are no headers, as `tls`.
    pub fn tell(&self, packet: &Packet, carries: &[&str], wanted: &Wanted, told: &mut Vec<Occurrence>) {
        let mut protocols = frame::protocols(packet);
        for name in carries {
            protocols.push(':');
            protocols.push_str(name);
        }
        let header = InCapture {
            first: self.first.unwrap_or(packet.time),
            previous: self.previous.unwrap_or(packet.time),
            displayed: self.displayed.unwrap_or(packet.time),
            protocols,
        };
        let whole = Layer { header: Header::RawIp, place: 0..packet.bytes.len() };
        tell(frame::FIELDS, &Of { packet, layer: &whole, header: &header }, 1, wanted, told);
        let mut counts = [0_u8; 16];
        for layer in &packet.layers {
            tell_layer(packet, layer, &mut counts, wanted, told);
        }
    }

    /// A packet went by.
    pub fn pass(&mut self, packet: &Packet, is_shown: bool) {
        self.first.get_or_insert(packet.time);
        self.previous = Some(packet.time);
        if is_shown {
            self.displayed = Some(packet.time);
        }
    }
}

/// Adds what a segment has of records that span several.
pub(crate) fn tell_spanning(
    packet: &Packet,
    spanning: &Spanning,
    wanted: &Wanted,
    told: &mut Vec<Occurrence>,
) {
    if let Some(layer) = packet.layers.iter().rev().find(|layer| matches!(layer.header, Header::Tcp(_))) {
        tell(tcp_reassembly::FIELDS, &Of { packet, layer, header: spanning }, 1, wanted, told);
    }
}

/// Adds what is known of the connection of a segment. `known`: what a first pass found; without one, what came before counts.
pub(crate) fn tell_stream(
    packet: &Packet,
    known: Option<WholeStream>,
    wanted: &Wanted,
    told: &mut Vec<Occurrence>,
) {
    for layer in packet.layers.iter().rev() {
        if let Header::Tcp(tcp) = &layer.header
            && !tcp.is_quoted
        {
            let so_far = WholeStream::so_far(tcp);
            let header = &known.unwrap_or(so_far);
            return tell(tcp_analysis::STREAM_FIELDS, &Of { packet, layer, header }, 1, wanted, told);
        }
    }
}

/// What is known of a segment that an ICMP error quotes.
const QUOTED: [&str; 5] = ["tcp", "tcp.srcport", "tcp.dstport", "tcp.port", "tcp.seq"];

/// Adds what one header says. `counts`: how many of each kind came before.
fn tell_layer(
    packet: &Packet,
    layer: &Layer,
    counts: &mut [u8; 16],
    wanted: &Wanted,
    told: &mut Vec<Occurrence>,
) {
    let mut count = |kind: usize| {
        counts[kind] = counts[kind].saturating_add(1);
        counts[kind]
    };
    match &layer.header {
        Header::Ethernet(header) => {
            tell(ethernet::FIELDS, &Of { packet, layer, header }, count(0), wanted, told);
        }
        Header::Vlan(header) if header.protocol == 0x88a8 => {
            tell(vlan::PROVIDER_FIELDS, &Of { packet, layer, header }, count(1), wanted, told);
        }
        Header::Vlan(header) => tell(vlan::FIELDS, &Of { packet, layer, header }, count(2), wanted, told),
        Header::LinuxCooked(header) => {
            tell(linux_cooked::FIELDS, &Of { packet, layer, header }, count(3), wanted, told);
        }
        Header::Loopback(header) => {
            tell(loopback::FIELDS, &Of { packet, layer, header }, count(4), wanted, told);
        }
        Header::Ipv4(header) => tell(ip::FIELDS, &Of { packet, layer, header }, count(5), wanted, told),
        Header::Ipv6(header) => {
            let number = count(6);
            tell(ipv6::FIELDS, &Of { packet, layer, header }, number, wanted, told);
            // Wireshark counts the version of both as a field of `ip`.
            if let Some(field) = ip::FIELDS.iter().map(|told| &told.field).find(|it| it.name == "ip.version")
                && wanted.wants(field)
            {
                told.push(Occurrence { field, value: Value::Unsigned(6), layer: number });
            }
        }
        Header::Ipv6Extension(header) => {
            tell(ipv6::EXTENSION_FIELDS, &Of { packet, layer, header }, count(7), wanted, told);
        }
        Header::Tcp(header) if header.is_quoted => {
            let wanted = match wanted {
                Wanted::All => Wanted::Only(QUOTED.into()),
                Wanted::Only(names) => {
                    Wanted::Only(QUOTED.into_iter().filter(|name| names.contains(name)).collect())
                }
            };
            tell(tcp::FIELDS, &Of { packet, layer, header: &**header }, count(8), &wanted, told);
        }
        Header::Tcp(header) => {
            let number = count(8);
            tell(tcp::FIELDS, &Of { packet, layer, header: &**header }, number, wanted, told);
            tell(tcp_analysis::FIELDS, &Of { packet, layer, header: &**header }, number, wanted, told);
            tell(tcp_options::FIELDS, &Of { packet, layer, header: &**header }, number, wanted, told);
        }
        Header::Udp(header) => tell(udp::FIELDS, &Of { packet, layer, header }, count(9), wanted, told),
        _ => {}
    }
}
