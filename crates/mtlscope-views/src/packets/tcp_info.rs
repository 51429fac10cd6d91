//! What the column Info of the packet list says of a segment that completes nothing.

use std::fmt::Write;

use mtlscope_dissect::packet::{Analysis, Tcp, TcpOption};

use crate::fields::tcp_sack_blocks;

/// The names of the flags that stand in the column, lowest bit first.
const FLAGS: [&str; 9] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];

/// `443 → 45422 [SYN, ACK] Seq=0 Ack=1 Win=28960 Len=0 MSS=1460`
/// `unfinished`: it belongs to a record that ends in a later one.
pub(super) fn info(tcp: &Tcp, unfinished: bool) -> String {
    let mut info = remarks(&tcp.analysis);
    // A string takes all that is written to it.
    let _ = write!(info, "{} → {} [", tcp.source_port, tcp.destination_port);
    let set = FLAGS.iter().enumerate().filter(|(bit, _)| tcp.flags >> bit & 1 != 0).map(|(_, name)| *name);
    let set: Vec<&str> = set.collect();
    info.push_str(if set.is_empty() { "<None>".to_owned() } else { set.join(", ") }.as_str());
    let _ = write!(info, "] Seq={}", tcp.relative_sequence_number);
    if tcp.has(Tcp::ACK) {
        let _ = write!(info, " Ack={}", tcp.relative_acknowledgment_number);
    }
    let _ = write!(info, " Win={}", tcp.scaled_window());
    if tcp.has(Tcp::URG) {
        let _ = write!(info, " Urg={}", tcp.urgent_pointer);
    }
    let _ = write!(info, " Len={}", tcp.payload_length);
    for option in tcp.options() {
        let _ = match (option.kind, option.value) {
            (TcpOption::MAXIMUM_SEGMENT_SIZE, [high, low]) => {
                write!(info, " MSS={}", u16::from_be_bytes([*high, *low]))
            }
            (TcpOption::WINDOW_SCALE, [shift]) => write!(info, " WS={}", 1_u32 << (*shift).min(14)),
            (TcpOption::SACK_PERMITTED, _) => write!(info, " SACK_PERM"),
            (TcpOption::TIMESTAMPS, [a, b, c, d, e, f, g, h]) => write!(
                info,
                " TSval={} TSecr={}",
                u32::from_be_bytes([*a, *b, *c, *d]),
                u32::from_be_bytes([*e, *f, *g, *h])
            ),
            _ => Ok(()),
        };
    }
    tcp_sack_blocks(tcp, |begin, end| {
        let _ = write!(info, " SLE={begin} SRE={end}");
    });
    if unfinished {
        info.push_str(" [TCP segment of a reassembled PDU]");
    }
    info
}

/// `[TCP Retransmission] `: what a look at the stream says, the last said first.
pub(super) fn remarks(analysis: &Analysis) -> String {
    let duplicate = analysis.duplicate_ack.map(|(number, frame)| format!("TCP Dup ACK {frame}#{number}"));
    let remarks = [
        (analysis.zero_window_probe_ack, "TCP ZeroWindowProbeAck"),
        (analysis.zero_window, "TCP ZeroWindow"),
        (analysis.zero_window_probe, "TCP ZeroWindowProbe"),
        (duplicate.is_some(), duplicate.as_deref().unwrap_or_default()),
        (analysis.keep_alive_ack, "TCP Keep-Alive ACK"),
        (analysis.keep_alive, "TCP Keep-Alive"),
        (analysis.window_full, "TCP Window Full"),
        (analysis.window_update, "TCP Window Update"),
        (analysis.ack_lost_segment, "TCP ACKed unseen segment"),
        (analysis.lost_segment, "TCP Previous segment not captured"),
        (analysis.reused_ports, "TCP Port numbers reused"),
        (analysis.out_of_order, "TCP Out-Of-Order"),
        (analysis.spurious_retransmission, "TCP Spurious Retransmission"),
        (analysis.fast_retransmission, "TCP Fast Retransmission"),
        (analysis.retransmission, "TCP Retransmission"),
    ];
    remarks.into_iter().filter(|(is, _)| *is).map(|(_, remark)| format!("[{remark}] ")).collect()
}
