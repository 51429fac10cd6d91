//! Traffic made to hurt: what is held stays within the limits, and nothing that fits is lost.

use mtlscope_dissect::event::{ClosedWhy, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Limits, Settings};

use crate::packets::{ACK, SYN, client_hello, record};

fn limits() -> Limits {
    Limits {
        flows: FLOWS,
        out_of_order_per_side: 16 << 10,
        out_of_order_total: OUT_OF_ORDER,
        linger: 1_000_000,
        ..Limits::default()
    }
}

const FLOWS: usize = 500;
const OUT_OF_ORDER: usize = 32 << 10;

/// What was told, by kind.
#[derive(Debug, Default)]
struct Told {
    opened: usize,
    let_go: usize,
    messages: usize,
    sealed: usize,
    events: usize,
    /// The most flows and the most bytes held at once.
    flows: usize,
    held: usize,
}

struct Flood {
    dissector: Dissector,
    frames: u64,
    told: Told,
}

impl Flood {
    fn new() -> Self {
        let dissector = Dissector::new(Settings { limits: limits(), ..Settings::default() });
        Self { dissector, frames: 0, told: Told::default() }
    }

    /// A packet from a client of that number.
    fn packet(&mut self, client: u32, flags: u8, sequence_number: u32, payload: &[u8]) {
        let [_, a, b, c] = client.to_be_bytes();
        let mut packet = vec![0x45, 0];
        packet.extend(((40 + payload.len()) as u16).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, a, b, c, 192, 0, 2, 1, 0x9c, 0x40, 1, 0xbb]);
        packet.extend(sequence_number.to_be_bytes());
        packet.extend([0, 0, 0, 0, 0x50, flags, 255, 255, 0, 0, 0, 0]);
        packet.extend(payload);
        self.frames += 1;
        self.dissector.push(Input::Frame(Frame {
            number: FrameNumber::new(self.frames).unwrap(),
            time: Timestamp::from_nanoseconds(self.frames as i64 * 1000),
            link_type: LinkType(101),
            wire_length: packet.len() as u32,
            bytes: &packet,
        }));
        self.told.flows = self.told.flows.max(self.dissector.flows());
        self.told.held = self.told.held.max(self.dissector.held_bytes());
        self.hear();
    }

    fn hear(&mut self) {
        while let Some(event) = self.dissector.poll() {
            self.told.events += 1;
            match event.kind {
                EventKind::Opened(_) => self.told.opened += 1,
                EventKind::Closed(closed) if closed.why == ClosedWhy::LetGo => self.told.let_go += 1,
                EventKind::Message(_) => self.told.messages += 1,
                EventKind::Sealed(_) => self.told.sealed += 1,
                _ => {}
            }
        }
    }

    fn end(mut self) -> Told {
        self.dissector.finish();
        self.hear();
        assert_eq!((self.dissector.flows(), self.dissector.held_bytes()), (0, 0));
        self.told
    }
}

#[test]
fn half_open_connections_take_the_room_of_the_limit_and_tell_nothing() {
    let mut flood = Flood::new();
    (0..20_000).for_each(|client| flood.packet(client, SYN, 1, &[]));
    let told = flood.end();
    assert_eq!((told.flows, told.held, told.events), (FLOWS, 0, 0));
}

#[test]
fn connections_of_one_packet_are_each_told_and_let_go() {
    let mut flood = Flood::new();
    let hello = client_hello();
    (0..20_000).for_each(|client| flood.packet(client, ACK, 1, &hello));
    let told = flood.end();
    assert_eq!((told.flows, told.opened, told.messages), (FLOWS, 20_000, 20_000));
    assert_eq!(told.let_go, 20_000 - FLOWS);
}

#[test]
fn stray_acknowledgments_take_no_room() {
    let mut flood = Flood::new();
    (0..20_000).for_each(|client| flood.packet(client, ACK, 1, &[]));
    let told = flood.end();
    assert_eq!((told.flows, told.events), (0, 0));
}

#[test]
fn one_connection_of_tiny_overlapping_and_reordered_segments_is_put_together() {
    let mut flood = Flood::new();
    let stream = [client_hello(), record(22, &[&[16, 0, 0x20, 0][..], &vec![5; 0x2000]].concat())].concat();
    flood.packet(1, SYN, 999, &[]);
    // Pairs of segments from behind, each with a byte of its neighbour, then a flood of repeats of what is old.
    let mut at = 0;
    while at < stream.len() {
        for start in [at + 3, at] {
            let end = (start + 4).min(stream.len());
            if start < end {
                flood.packet(1, ACK, 1000 + start as u32, &stream[start..end]);
                flood.packet(1, ACK, 1000, &stream[..end.min(40)]);
            }
        }
        at += 6;
    }
    let told = flood.end();
    assert_eq!((told.opened, told.messages), (1, 2), "{told:?}");
    assert!(told.held < 64, "{told:?}");
}

#[test]
fn holes_hold_no_more_than_the_limit() {
    let mut flood = Flood::new();
    for client in 0..40 {
        flood.packet(client, SYN, 999, &[]);
        flood.packet(client, ACK, 1000, &client_hello());
        // Every second byte, far ahead.
        (0..2_000).for_each(|at| flood.packet(client, ACK, 5000 + 2 * at, &[23]));
    }
    let told = flood.end();
    assert!(told.held <= OUT_OF_ORDER, "{told:?}");
    assert_eq!((told.opened, told.messages), (40, 40));
}

#[test]
fn one_connection_that_never_ends_tells_a_bounded_number_of_records() {
    let mut flood = Flood::new();
    flood.packet(1, SYN, 999, &[]);
    let hello = client_hello();
    flood.packet(1, ACK, 1000, &hello);
    let data = record(23, &[9; 100]);
    let mut sequence_number = 1000 + hello.len() as u32;
    for _ in 0..20_000 {
        flood.packet(1, ACK, sequence_number, &data);
        sequence_number = sequence_number.wrapping_add(data.len() as u32);
    }
    let told = flood.end();
    assert_eq!((told.held, told.sealed), (0, limits().sealed_records_told as usize), "{told:?}");
}
