//! Bad input, the whole way from bytes to both views: cut, changed, shuffled and random. Nothing panics, what is held stays
//! within the limits, every finding has evidence, and nothing printed can steer a terminal.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::LazyLock;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Chunk, ChunkKind, FlowId, Frame, Input, LinkType, Secret, SecretOrigin};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Limits, Settings};
use mtlscope_sources::{CaptureFile, Source};
use mtlscope_views::View;
use mtlscope_views::json::v1::Lines;
use mtlscope_views::terminal::{self, Certificates, Terminal};

/// Small enough that hostile input meets them.
const LIMITS: Limits = Limits {
    out_of_order_per_side: 8 << 10,
    out_of_order_total: 16 << 10,
    fragments_total: 8 << 10,
    fragmented_datagrams: 4,
    fragments_per_datagram: 8,
    fragment_patience: 1_000_000,
    talks_total: 8 << 10,
    handshake_message: 16 << 10,
    transcript: 16 << 10,
    flows: 8,
    waiting_total: 8 << 10,
    waiting_per_flow: 4 << 10,
    sealed_records_told: 8,
    searched_for_hello: 4 << 10,
    certificates: 4,
    linger: 1_000_000,
    silence: 1_000_000_000,
    silence_half_closed: 1_000_000,
    silence_failed: 1_000_000,
};

/// The way from inputs to both views, showing all they can show.
struct Way {
    dissector: Dissector,
    teller: Teller,
    context: Context,
    views: [Box<dyn View>; 2],
    frames: u64,
    connections: usize,
}

impl Way {
    fn new(secrets_may_come: bool) -> Self {
        let everything = terminal::Settings {
            fields: true,
            hex: true,
            certificates: Certificates::Full,
            ..terminal::Settings::default()
        };
        Self {
            dissector: Dissector::new(Settings {
                limits: LIMITS,
                keep_bytes: true,
                secrets_may_come,
                session_keys: true,
                packets: secrets_may_come,
                ..Settings::default()
            }),
            teller: Teller::default().checking_every_proof(true),
            context: Context::default(),
            views: [Box::new(Terminal::new(everything)), Box::new(Lines::new())],
            frames: 0,
            connections: 0,
        }
    }

    fn push(&mut self, input: Input<'_>) {
        self.frames += u64::from(matches!(input, Input::Frame(_)));
        self.context.keys_given |= matches!(input, Input::Secret(_));
        self.dissector.push(input);
        let held = self.dissector.held_bytes();
        let limit =
            LIMITS.out_of_order_total + LIMITS.fragments_total + LIMITS.talks_total + LIMITS.waiting_total;
        assert!(held <= limit, "{held} bytes are held");
        self.tell();
    }

    fn packet(&mut self, packet: &Packet, bytes: &[u8]) {
        let number = FrameNumber::new(self.frames + 1).unwrap();
        let Packet { time, link_type, wire_length, .. } = *packet;
        self.push(Input::Frame(Frame { number, time, link_type, wire_length, bytes }));
    }

    fn keys(&mut self, lines: &[u8]) {
        self.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }));
    }

    fn tell(&mut self) {
        while let Some(event) = self.dissector.poll() {
            self.teller.hear(event);
        }
        while let Some(told) = self.teller.poll() {
            let [terminal, json] = &mut self.views;
            let (mut text, mut line) = (Vec::new(), Vec::new());
            match told {
                Told::Notice(notice) => {
                    terminal.notice(&notice, &mut text).unwrap();
                    json.notice(&notice, &mut line).unwrap();
                }
                Told::Connection(connection) => {
                    self.connections += 1;
                    let findings = diagnose(&connection, &self.context);
                    for finding in &findings {
                        assert!(!finding.evidence.is_empty(), "{}: no evidence", finding.rule.id);
                        let frames = finding.frames();
                        assert!(frames.iter().all(|frame| frame.get() <= self.frames), "{frames:?}");
                        assert!(
                            !finding.message.is_empty() && !finding.fix.is_empty(),
                            "{}",
                            finding.rule.id
                        );
                    }
                    terminal.connection(&connection, &findings, &mut text).unwrap();
                    json.connection(&connection, &findings, &mut line).unwrap();
                    let _: serde_json::Value = serde_json::from_slice(&line).unwrap();
                }
            }
            let text = String::from_utf8(text).unwrap();
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a control character: {text:?}");
        }
    }

    /// How many connections were told.
    fn finish(mut self) -> usize {
        self.dissector.finish();
        self.tell();
        assert_eq!(self.dissector.held_bytes(), 0);
        self.connections
    }
}

/// A packet of a fixture.
struct Packet {
    time: Timestamp,
    link_type: LinkType,
    wire_length: u32,
    bytes: Vec<u8>,
}

struct Fixture {
    name: String,
    file: Vec<u8>,
    keys: Vec<u8>,
    packets: Vec<Packet>,
}

/// The fixtures, the smallest first.
static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut fixtures: Vec<Fixture> = std::fs::read_dir(folders)
        .unwrap()
        .map(|folder| folder.unwrap().path())
        // A set of many, each much like the others.
        .filter(|folder| !folder.ends_with("keyless"))
        .map(|folder| Fixture::read(&folder))
        .collect();
    fixtures.sort_by_key(|fixture| fixture.file.len());
    assert!(fixtures.len() > 10);
    fixtures
});

impl Fixture {
    fn read(folder: &Path) -> Self {
        let file =
            ["capture.pcap", "capture.pcapng"].iter().find_map(|name| std::fs::read(folder.join(name)).ok());
        let file = file.unwrap();
        let mut packets = Vec::new();
        let mut capture = open(&file).unwrap();
        while let Some(input) = capture.next().unwrap() {
            if let Input::Frame(Frame { time, link_type, wire_length, bytes, .. }) = input {
                packets.push(Packet { time, link_type, wire_length, bytes: bytes.to_vec() });
            }
        }
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            file,
            keys: std::fs::read(folder.join("keys.log")).unwrap_or_default(),
            packets,
        }
    }
}

fn open(file: &[u8]) -> Option<CaptureFile> {
    CaptureFile::from_reader("a capture", Cursor::new(file.to_vec())).ok()
}

/// Reads a file to its end. What is no capture is an error of one line, and that is all.
fn read(file: &[u8], keys: &[u8]) -> usize {
    let mut way = Way::new(false);
    way.keys(keys);
    match CaptureFile::from_reader("a capture", Cursor::new(file.to_vec())) {
        Ok(mut capture) => {
            while let Ok(Some(input)) = capture.next() {
                way.push(input);
            }
        }
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
    way.finish()
}

/// Runs it, and says on which input it panicked.
fn survives(what: impl Fn() -> String, run: impl FnOnce() -> usize) -> usize {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| panic!("panicked on {}", what()))
}

/// Marsaglia's xorshift64: the same bytes on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }
}

#[test]
fn every_fixture_is_told_before_it_is_mangled() {
    for fixture in FIXTURES.iter() {
        assert!(read(&fixture.file, &fixture.keys) > 0, "{}", fixture.name);
    }
}

/// A cut inside a packet changes nothing but the notice, so the whole way is gone once for each number of packets.
#[test]
fn every_prefix_of_every_fixture_is_read() {
    for fixture in FIXTURES.iter() {
        let mut before = None;
        for length in 0..fixture.file.len() {
            let prefix = &fixture.file[..length];
            let what = || format!("the first {length} bytes of {}", fixture.name);
            let frames = survives(what, || {
                let Some(mut capture) = open(prefix) else { return 0 };
                std::iter::from_fn(|| Some(matches!(capture.next().unwrap()?, Input::Frame(_))))
                    .filter(|is_frame| *is_frame)
                    .count()
            });
            if before.replace(frames) != Some(frames) {
                survives(what, || read(prefix, &fixture.keys));
            }
        }
    }
}

#[test]
fn every_packet_of_the_smallest_fixtures_is_cut_anywhere() {
    for fixture in &FIXTURES[..2] {
        for (index, packet) in fixture.packets.iter().enumerate() {
            for length in 0..packet.bytes.len() {
                survives(
                    || format!("packet {} of {} cut to {length} bytes", index + 1, fixture.name),
                    || {
                        let mut way = Way::new(false);
                        way.keys(&fixture.keys);
                        for (place, packet) in fixture.packets.iter().enumerate() {
                            let kept = if place == index { length } else { packet.bytes.len() };
                            way.packet(packet, &packet.bytes[..kept]);
                        }
                        way.finish()
                    },
                );
            }
        }
    }
}

fn change_bytes(fixtures: &[Fixture], step: usize) {
    for fixture in fixtures {
        for place in (0..fixture.file.len()).step_by(step) {
            for change in [|byte: u8| byte ^ 0xff, |byte: u8| byte.wrapping_add(1)] {
                let mut file = fixture.file.clone();
                file[place] = change(file[place]);
                survives(
                    || format!("{} with byte {place} {:#04x}", fixture.name, file[place]),
                    || read(&file, &fixture.keys),
                );
            }
        }
    }
}

#[test]
fn every_byte_of_the_smallest_fixture_is_changed() {
    change_bytes(&FIXTURES[..1], 1);
}

#[test]
fn every_byte_of_the_smallest_fixture_but_one_is_changed() {
    change_bytes(&FIXTURES[1..2], 1);
}

/// A prime step, so that every field of a repeated structure is met somewhere.
#[test]
fn bytes_of_every_other_fixture_are_changed() {
    change_bytes(&FIXTURES[2..], 83);
}

#[test]
fn packets_are_lost_repeated_and_swapped() {
    for fixture in FIXTURES.iter() {
        let count = fixture.packets.len();
        let in_order = || 0..count;
        let mut orders: Vec<Vec<usize>> = vec![
            in_order().rev().collect(),
            in_order().chain(in_order()).collect(),
            in_order().flat_map(|place| [place, place]).collect(),
        ];
        for lost in in_order() {
            orders.push(in_order().filter(|place| *place != lost).collect());
            let mut swapped: Vec<usize> = in_order().collect();
            swapped.swap(lost, (lost + 1) % count);
            orders.push(swapped);
        }
        for order in orders {
            survives(
                || format!("{} in the order {order:?}", fixture.name),
                || {
                    let mut way = Way::new(true);
                    for place in &order {
                        way.packet(&fixture.packets[*place], &fixture.packets[*place].bytes);
                    }
                    way.keys(&fixture.keys);
                    way.finish()
                },
            );
        }
    }
}

#[test]
fn key_logs_are_cut_changed_and_foreign() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for fixture in FIXTURES.iter().filter(|fixture| !fixture.keys.is_empty()) {
        let foreign = &FIXTURES[random.below(FIXTURES.len())].keys;
        let mut key_logs = vec![foreign.clone(), [foreign, &fixture.keys[..]].concat(), random.bytes(500)];
        for place in (0..fixture.keys.len()).step_by(29) {
            key_logs.push(fixture.keys[..place].to_vec());
            let mut changed = fixture.keys.clone();
            changed[place] = if place % 2 == 0 { changed[place] ^ 1 } else { 0xff };
            key_logs.push(changed);
        }
        for keys in key_logs {
            survives(
                || format!("{} with the key log {}", fixture.name, String::from_utf8_lossy(&keys)),
                || read(&fixture.file, &keys),
            );
        }
    }
}

#[test]
fn keys_come_behind_any_packet() {
    for fixture in FIXTURES.iter().filter(|fixture| !fixture.keys.is_empty()) {
        for middle in 0..fixture.packets.len() {
            survives(
                || format!("{} with its keys behind packet {middle}", fixture.name),
                || {
                    let mut way = Way::new(true);
                    for (place, packet) in fixture.packets.iter().enumerate() {
                        if place == middle {
                            way.keys(&fixture.keys);
                        }
                        way.packet(packet, &packet.bytes);
                    }
                    way.finish()
                },
            );
        }
    }
}

#[test]
fn random_bytes_are_read_as_a_file() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let pcap =
        &FIXTURES.iter().find(|fixture| fixture.file.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1])).unwrap().file;
    let pcapng =
        &FIXTURES.iter().find(|fixture| fixture.file.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a])).unwrap().file;
    // Nothing, magic numbers (gzip, Zstandard, pcap, pcapng), whole headers.
    let starts: [&[u8]; 7] = [
        &[],
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
        &[0x28, 0xb5, 0x2f, 0xfd],
        &pcap[..4],
        &pcap[..24],
        &pcapng[..4],
        &pcapng[..pcapng.len() / 2],
    ];
    for round in 0..3000 {
        let start = starts[round % starts.len()];
        let length = random.below(600);
        let file = [start, &random.bytes(length)].concat();
        survives(|| format!("{file:02x?}"), || read(&file, &[]));
    }
}

#[test]
fn random_bytes_are_read_as_frames() {
    let mut random = Random(0x0123_4567_89ab_cdef);
    let template = &FIXTURES[0].packets;
    for _ in 0..1500 {
        let seed = random.0;
        survives(
            || format!("frames of the seed {seed:#x}"),
            || {
                let mut way = Way::new(true);
                for _ in 0..12 {
                    let link_type =
                        LinkType([0, 1, 12, 101, 108, 113, 228, 229, 276, 7777][random.below(10)]);
                    let length = random.below(300);
                    let mut bytes = random.bytes(length);
                    let mut packet = Packet {
                        time: Timestamp::from_nanoseconds(random.next() as i64 >> random.below(64)),
                        link_type,
                        wire_length: random.next() as u32 >> random.below(32),
                        bytes: Vec::new(),
                    };
                    if random.below(3) > 0 {
                        // A real packet whose tail is random: it gets past the first checks.
                        let real = &template[random.below(template.len())];
                        let kept = random.below(real.bytes.len());
                        packet.link_type = real.link_type;
                        bytes.splice(..0, real.bytes[..kept].iter().copied());
                    }
                    way.packet(&packet, &bytes);
                }
                way.finish()
            },
        );
    }
}

#[test]
fn random_bytes_are_read_as_streams_that_begin_like_tls() {
    let mut random = Random(0xfeed_face_cafe_beef);
    let ends = [443, 50_000].map(|port| std::net::SocketAddr::from(([10, 0, 0, 1], port)));
    let mut told = 0;
    for _ in 0..3000 {
        let seed = random.0;
        told += survives(
            || format!("streams of the seed {seed:#x}"),
            || {
                let mut way = Way::new(true);
                for time in 0..8 {
                    let length = random.below(200);
                    let content_type = [20, 21, 22, 22, 22, 23, 24][random.below(7)];
                    let mut bytes = vec![content_type, 3, random.below(5) as u8, 0, (length + 6) as u8];
                    let message = [0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24, 25][random.below(15)];
                    bytes.extend([if time == 0 { 1 } else { message }, 0, 0, (length + 2) as u8, 3, 3]);
                    bytes.extend(random.bytes(length));
                    if time == 0 {
                        bytes[..3].copy_from_slice(&[22, 3, 1]);
                    }
                    way.push(Input::Chunk(Chunk {
                        flow: FlowId(random.below(2) as u64),
                        time: Timestamp::from_nanoseconds(time),
                        client: ends[1],
                        server: ends[0],
                        side: if time == 0 || random.below(2) == 0 { Side::Client } else { Side::Server },
                        what: ChunkKind::Bytes(&bytes),
                    }));
                }
                way.finish()
            },
        );
    }
    assert!(told > 1000, "only {told} were taken for TLS");
}
