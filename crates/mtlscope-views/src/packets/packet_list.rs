//! The packet list: a line a frame, in the columns that Wireshark and tshark show.

use std::io::{self, Write};

use mtlscope_dissect::packet::{Header, Packet};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::tls::registry::ProtocolVersion;

use super::label::address;
use super::{Frame, info, tcp_info};
use crate::printable::printable;

/// What the columns of one frame say.
#[derive(Clone, Debug)]
pub struct Row {
    /// `No.`
    pub number: u64,
    /// `Time`: seconds since the first frame, with six digits.
    pub time: String,
    /// `Source`: the address of the innermost header that has one.
    pub source: String,
    /// `Destination`
    pub destination: String,
    /// `Protocol`: of the innermost header that is known.
    pub protocol: String,
    /// `Length`, on the wire.
    pub length: u32,
    /// `Info`
    pub info: String,
}

/// The row of a frame. `first`: when the first frame of the capture came. `version`: what its connection came to use, where
/// that is known already.
pub(super) fn row(frame: &Frame, first: Timestamp, version: Option<ProtocolVersion>) -> Row {
    let packet = &frame.packet;
    let (source, destination) = ends(packet);
    let (protocol, info) = match info::tls(frame, version) {
        Some((protocol, info)) => {
            let remarks = packet.tcp().map(|tcp| tcp_info::remarks(&tcp.analysis)).unwrap_or_default();
            let comma = if remarks.is_empty() { "" } else { ", " };
            (protocol.to_owned(), [&remarks, comma, &info].concat())
        }
        None => innermost(packet),
    };
    Row {
        number: packet.number.get(),
        time: seconds(packet.time - first),
        source,
        destination,
        protocol,
        length: packet.wire_length,
        info,
    }
}

/// Writes a row as tshark does. Fails only where `out` does.
pub fn write(row: &Row, out: &mut dyn Write) -> io::Result<()> {
    let Row { number, time, source, destination, protocol, length, info } = row;
    let info = printable(info);
    writeln!(out, "{number:>5} {time:>10} {source:>12} → {destination:<12} {protocol} {length} {info}")
}

/// Microseconds, cut and not rounded.
fn seconds(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let microseconds = nanoseconds.unsigned_abs() / 1000;
    format!("{sign}{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
}

fn ends(packet: &Packet) -> (String, String) {
    let mut ends = (String::new(), String::new());
    for layer in &packet.layers {
        match &layer.header {
            Header::Ethernet(header) => {
                ends = (String::new(), String::new());
                address(header.source, &mut ends.0);
                address(header.destination, &mut ends.1);
            }
            Header::Ipv4(header) => ends = (header.source.to_string(), header.destination.to_string()),
            Header::Ipv6(header) => ends = (header.source.to_string(), header.destination.to_string()),
            _ => {}
        }
    }
    ends
}

fn innermost(packet: &Packet) -> (String, String) {
    let Some(layer) = packet.layers.last() else { return ("frame".to_owned(), String::new()) };
    match &layer.header {
        Header::Tcp(tcp) => ("TCP".to_owned(), tcp_info::info(tcp, packet.unfinished > 0)),
        Header::Udp(udp) => {
            let length = udp.length.saturating_sub(8);
            ("UDP".to_owned(), format!("{} → {} Len={length}", udp.source_port, udp.destination_port))
        }
        Header::Ipv4(_) => ("IPv4".to_owned(), String::new()),
        Header::Ipv6(_) | Header::Ipv6Extension(_) => ("IPv6".to_owned(), String::new()),
        Header::Other("icmpv6") => ("ICMPv6".to_owned(), String::new()),
        Header::Other(name) => (name.to_uppercase(), String::new()),
        Header::Ethernet(header) => ("Ethernet".to_owned(), format!("0x{:04x}", header.type_or_length)),
        _ => (String::new(), String::new()),
    }
}
