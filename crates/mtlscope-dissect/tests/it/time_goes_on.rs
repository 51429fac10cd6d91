//! Packets that are read as they pass: while none comes, the time that is told ends what is over.

use mtlscope_dissect::event::{ClosedWhy, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};

use crate::packets::{ACK, FIN, Wire, client_hello, record};

const START: i64 = 1_800_000_000;

/// Pushes a packet a second.
fn after(wire: Wire) -> Dissector {
    let mut dissector = Dissector::new(Settings::default());
    push(&mut dissector, wire, 0);
    dissector
}

/// The same, from so many seconds on.
fn push(dissector: &mut Dissector, wire: Wire, from: u64) {
    for (packet, second) in wire.into_packets().iter().zip(from..) {
        dissector.push(Input::Frame(Frame {
            number: FrameNumber::new(second + 1).unwrap(),
            time: Timestamp::from_parts(START + second as i64, 0),
            link_type: LinkType(101),
            wire_length: packet.len() as u32,
            bytes: packet,
        }));
    }
}

/// Why the connection is closed once it is so many seconds after the first packet.
fn closed_at(dissector: &mut Dissector, seconds: i64) -> Option<ClosedWhy> {
    dissector.push(Input::Now(Timestamp::from_parts(START + seconds, 0)));
    let events = std::iter::from_fn(|| dissector.poll());
    events
        .filter_map(|event| if let EventKind::Closed(closed) = event.kind { Some(closed.why) } else { None })
        .last()
}

fn hello() -> Wire {
    Wire::connected().client(ACK, 101, 501, &client_hello())
}

#[test]
fn what_both_sides_closed_is_told_without_another_packet() {
    let after_hello = 101 + client_hello().len() as u32;
    let wire = hello().server(FIN | ACK, 501, after_hello, &[]).client(FIN | ACK, after_hello, 502, &[]);
    let mut dissector = after(wire);
    assert_eq!(closed_at(&mut dissector, 4), None, "late packets may come");
    assert_eq!(closed_at(&mut dissector, 5), Some(ClosedWhy::Ended));
    assert_eq!(dissector.flows(), 0);
}

#[test]
fn what_one_side_closed_is_told_after_some_silence() {
    let mut dissector = after(hello().server(FIN | ACK, 501, 101, &[]));
    assert_eq!(closed_at(&mut dissector, 8), None);
    assert_eq!(closed_at(&mut dissector, 9), Some(ClosedWhy::Silent));
}

#[test]
fn what_failed_is_told_soon_though_nobody_closes_it_and_is_told_once() {
    let after_hello = 101 + client_hello().len() as u32;
    let alert = |bytes: &[u8]| hello().server(ACK, 501, after_hello, &record(21, bytes));
    let mut dissector = after(alert(&[2, 40]));
    assert_eq!(closed_at(&mut dissector, 4), None);
    assert_eq!(closed_at(&mut dissector, 5), Some(ClosedWhy::Silent));
    assert_eq!(dissector.flows(), 0);
    // The client says goodbye late, with data and without.
    let late = Wire::default().client(ACK, after_hello, 508, &record(21, &[1, 0])).client(
        FIN | ACK,
        after_hello + 7,
        508,
        &[],
    );
    push(&mut dissector, late, 10);
    assert_eq!(dissector.flows(), 0);
    // A warning is no end.
    assert_eq!(closed_at(&mut after(alert(&[1, 112])), 60), None);
}

#[test]
fn what_is_open_may_be_silent_for_an_hour() {
    let mut dissector = after(hello());
    assert_eq!(closed_at(&mut dissector, 3600), None);
    assert_eq!(closed_at(&mut dissector, 3603), Some(ClosedWhy::Silent));
}

#[test]
fn a_clock_behind_the_packets_says_nothing() {
    let mut dissector = after(hello());
    assert_eq!(closed_at(&mut dissector, -100_000), None);
    assert_eq!(dissector.flows(), 1);
}
