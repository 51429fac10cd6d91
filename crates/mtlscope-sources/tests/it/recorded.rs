//! Recordings of live ends: read back by ours, and by tshark where it is installed.

use std::net::SocketAddr;
use std::process::Command;

use mtlscope_dissect::event::EventKind;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Chunk, ChunkKind, FlowId, Frame, Input, LinkType, Secret, SecretOrigin};
use mtlscope_dissect::notice::NoticeKind;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{CaptureFile, KeyLogWriter, Recorder, Sink, Source};

use super::{Heard, Scratch, hear};

const NOW: i64 = 1_700_000_000_123_456_789;
const KEY: &str = "CLIENT_RANDOM 00ff 0011\n";

fn chunk<'a>(flow: u64, client: &str, side: Side, what: ChunkKind<'a>) -> Input<'a> {
    let client: SocketAddr = client.parse().unwrap();
    let server = match client {
        SocketAddr::V4(_) => "127.0.0.1:443",
        SocketAddr::V6(_) => "[::1]:443",
    };
    Input::Chunk(Chunk {
        flow: FlowId(flow),
        time: Timestamp::from_nanoseconds(NOW),
        client,
        server: server.parse().unwrap(),
        side,
        what,
    })
}

const fn secret(lines: &[u8]) -> Input<'_> {
    Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None })
}

/// A connection over each IP version, one closed and one reset.
fn record(recorder: &mut Recorder) {
    let long = vec![b'x'; 5001];
    for input in [
        chunk(1, "127.0.0.1:50000", Side::Server, ChunkKind::Said("unable to get\tissuer")),
        chunk(1, "127.0.0.1:50000", Side::Client, ChunkKind::Bytes(b"GET")),
        secret(KEY.as_bytes()),
        chunk(2, "[::1]:50001", Side::Client, ChunkKind::Bytes(&long)),
        chunk(1, "127.0.0.1:50000", Side::Server, ChunkKind::Bytes(&long)),
        chunk(1, "127.0.0.1:50000", Side::Client, ChunkKind::Fin),
        chunk(1, "127.0.0.1:50000", Side::Server, ChunkKind::Bytes(b"odd")),
        chunk(1, "127.0.0.1:50000", Side::Server, ChunkKind::Fin),
        chunk(1, "127.0.0.1:50000", Side::Client, ChunkKind::End),
        chunk(2, "[::1]:50001", Side::Server, ChunkKind::Reset),
        chunk(2, "[::1]:50001", Side::Client, ChunkKind::Fin),
        chunk(2, "[::1]:50001", Side::Client, ChunkKind::End),
        chunk(3, "127.0.0.1:50002", Side::Client, ChunkKind::Said("connection refused")),
        chunk(3, "127.0.0.1:50002", Side::Client, ChunkKind::End),
    ] {
        recorder.take(&input).unwrap();
    }
}

fn recorded(name: &str) -> (Scratch, Heard) {
    let file = Scratch::new(name, b"something longer than nothing that was there before");
    let mut recorder = Recorder::create(&file.0).unwrap();
    record(&mut recorder);
    recorder.finish().unwrap();
    let heard = hear(&mut CaptureFile::open(&file.0).unwrap());
    (file, heard)
}

#[test]
fn a_recording_holds_packets_and_secrets_in_their_order() {
    let (_file, heard) = recorded("recording.pcapng");
    assert_eq!(heard.notices, [""; 0]);
    assert_eq!(heard.secrets, KEY);
    assert_eq!(heard.origins, [SecretOrigin::DecryptionSecretsBlock]);
    assert_eq!(heard.comments, ["mtlscope: the server says: unable to get\tissuer"]);
    // Each connection's SYN, SYN-ACK, ACK; 1 + 4 + 1 segments, FIN and ACK twice; 4 segments and RST.
    assert_eq!(heard.frames.len(), 3 + 6 + 4 + 3 + 4 + 1);
    assert!(heard.frames.iter().all(|f| f.nanoseconds == NOW && f.link_type == 101));
    assert!(heard.frames.iter().all(|f| f.wire_length as usize == f.bytes.len() && f.bytes.len() <= 1500));
}

#[test]
fn a_run_that_is_killed_leaves_what_ended_before() {
    let file = Scratch::new("killed.pcapng", b"");
    let mut recorder = Recorder::create(&file.0).unwrap();
    record(&mut recorder);
    std::mem::forget(recorder);
    let heard = hear(&mut CaptureFile::open(&file.0).unwrap());
    assert_eq!((heard.frames.len(), heard.notices.len()), (21, 0));
}

#[test]
fn captured_frames_are_kept_as_they_are_each_with_its_link_type() {
    let file = Scratch::new("frames.pcapng", b"");
    let mut recorder = Recorder::create(&file.0).unwrap();
    for (number, link_type) in [(1, 1), (2, 113), (3, 1)] {
        recorder
            .take(&Input::Frame(Frame {
                number: FrameNumber::new(number).unwrap(),
                time: Timestamp::from_nanoseconds(NOW + number.cast_signed()),
                link_type: LinkType(link_type),
                wire_length: 1000,
                bytes: b"abcde",
            }))
            .unwrap();
    }
    recorder.finish().unwrap();
    let heard = hear(&mut CaptureFile::open(&file.0).unwrap());
    let links: Vec<u16> = heard.frames.iter().map(|frame| frame.link_type).collect();
    assert_eq!(links, [1, 113, 1]);
    assert!(heard.frames.iter().all(|frame| frame.bytes == b"abcde" && frame.wire_length == 1000));
    assert_eq!(heard.frames[2].nanoseconds, NOW + 3);
}

#[cfg(unix)]
#[test]
fn files_with_keys_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |file: &Scratch| std::fs::metadata(&file.0).unwrap().permissions().mode() & 0o777;
    let (recording, keys) = (Scratch::new("wide.pcapng", b"x"), Scratch::new("wide.log", b"x"));
    for file in [&recording, &keys] {
        std::fs::set_permissions(&file.0, PermissionsExt::from_mode(0o644)).unwrap();
    }
    let _recorder = Recorder::create(&recording.0).unwrap();
    let _writer = KeyLogWriter::append(&keys.0).unwrap();
    assert_eq!((mode(&recording), mode(&keys)), (0o600, 0o600));
}

#[test]
fn a_key_log_is_added_to_and_whole_after_each_batch() {
    let file = Scratch::new("appended.log", b"# another program's");
    let mut writer = KeyLogWriter::append(&file.0).unwrap();
    writer.take(&chunk(1, "127.0.0.1:1", Side::Client, ChunkKind::Bytes(b"no secret"))).unwrap();
    writer.take(&secret(KEY.as_bytes())).unwrap();
    assert_eq!(std::fs::read_to_string(&file.0).unwrap(), format!("# another program's\n{KEY}"));
    KeyLogWriter::append(&file.0).unwrap().take(&secret(KEY.as_bytes())).unwrap();
    assert_eq!(std::fs::read_to_string(&file.0).unwrap(), format!("# another program's\n{KEY}{KEY}"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once() {
    let full = std::path::Path::new("/dev/full");
    let error = Recorder::create(full).unwrap_err().to_string();
    assert!(error.contains("/dev/full") && error.contains("disk full"), "{error}");
    let mut writer = KeyLogWriter::append(full).unwrap();
    writer.take(&secret(KEY.as_bytes())).unwrap_err();
    writer.take(&secret(KEY.as_bytes())).unwrap();
}

/// A TLS record.
fn record_of(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3, 0, content.len() as u8], content].concat()
}

/// What a dissector says is missing.
fn gaps(dissector: &mut Dissector) -> Vec<(Side, u64)> {
    let mut gaps = Vec::new();
    while let Some(event) = dissector.poll() {
        if let EventKind::Notice(notice) = event.kind
            && let NoticeKind::Gap { side, length } = notice.kind
        {
            gaps.push((side, length));
        }
    }
    gaps
}

#[test]
fn what_was_not_kept_is_a_gap_live_and_in_the_recording() {
    let hello = |kind: u8, rest: &[u8]| {
        let body = [&[3, 3], &[7; 32][..], &[0], rest].concat();
        record_of(22, &[&[kind, 0, 0, body.len() as u8], &body[..]].concat())
    };
    let (client, server) = (hello(1, &[0, 2, 0xc0, 0x2f, 1, 0]), hello(2, &[0xc0, 0x2f, 0]));
    let after = record_of(23, &[7; 100]);
    let of = |side, what| chunk(1, "127.0.0.1:50000", side, what);
    let inputs = [
        of(Side::Client, ChunkKind::Bytes(&client)),
        of(Side::Server, ChunkKind::Bytes(&server)),
        of(Side::Client, ChunkKind::Missing(1000)),
        of(Side::Server, ChunkKind::Missing(200_000)),
        of(Side::Client, ChunkKind::Bytes(&after)),
        of(Side::Server, ChunkKind::Bytes(&after)),
        of(Side::Client, ChunkKind::Fin),
        of(Side::Client, ChunkKind::End),
    ];
    let file = Scratch::new("missing.pcapng", b"");
    let mut recorder = Recorder::create(&file.0).unwrap();
    let mut live = Dissector::new(Settings::default());
    for input in inputs {
        recorder.take(&input).unwrap();
        live.push(input);
    }
    recorder.finish().unwrap();
    let lost = [(Side::Client, 1000), (Side::Server, 200_000)];
    assert_eq!(gaps(&mut live), lost);
    let (mut read, mut capture) = (Dissector::new(Settings::default()), CaptureFile::open(&file.0).unwrap());
    while let Some(input) = capture.next().unwrap() {
        read.push(input);
    }
    let mut gaps_read = gaps(&mut read);
    read.finish();
    gaps_read.extend(gaps(&mut read));
    gaps_read.sort_unstable();
    assert_eq!(gaps_read, lost);
}

#[test]
fn a_writer_that_fails_later_is_told_once_and_then_let_be() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let room = bytes.len().min(self.0);
            self.0 -= room;
            if room == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(room) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut recorder = Recorder::to_writer("test", Full(1000)).unwrap();
    let mut end = |flow| {
        recorder.take(&chunk(flow, "127.0.0.1:1", Side::Client, ChunkKind::Bytes(&[0; 2000]))).unwrap();
        recorder.take(&chunk(flow, "127.0.0.1:1", Side::Client, ChunkKind::End))
    };
    assert!(end(1).is_err());
    assert!(end(2).is_ok());
    assert!(recorder.finish().is_ok());
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let error = Recorder::create(std::path::Path::new("/nowhere/x.pcapng")).unwrap_err().to_string();
    assert!(error.contains("/nowhere/x.pcapng") && error.contains("directory"), "{error}");
}

#[test]
fn tshark_finds_nothing_to_say_of_the_packets() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("skipped: tshark is not installed");
        return;
    }
    let (file, _) = recorded("tshark.pcapng");
    let fields = |filter: &str, field: &str| {
        let output = Command::new("tshark")
            .args(["-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r"])
            .arg(&file.0)
            .args(["-Y", filter, "-T", "fields", "-e", field])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(fields("tcp.checksum.status == 1", "frame.number").len(), 21);
    assert_eq!(fields("ip.checksum.status == 1", "frame.number").len(), 13);
    assert_eq!(fields("tcp.analysis.flags", "frame.number"), [""; 0]);
    assert_eq!(fields("tcp.connection.syn || tcp.connection.synack", "tcp.stream"), ["0", "0", "1", "1"]);
    assert_eq!(fields("tcp.connection.rst", "tcp.stream"), ["1"]);
    let comments = fields("frame.comment", "frame.comment");
    assert_eq!(comments.len(), 1);
    assert!(comments[0].starts_with("mtlscope: the server says: unable to get"), "{comments:?}");
}
