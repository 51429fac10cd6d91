//! Captures without an end, through a pipe: what can be said is said at once, and a reader who has seen enough ends the run.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::made::Capture;
use crate::rotated::part;
use crate::run::refused;

fn start(options: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .arg("read")
        .args(options)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Writes one connection after the other until nobody reads any more.
fn write_without_end(mut pipe: impl Write + Send + 'static) -> thread::JoinHandle<u32> {
    thread::spawn(move || {
        let mut capture = Capture::new();
        for number in 0.. {
            capture.whole(u64::from(number) * 2_000_000, number * 14);
            if pipe.write_all(&capture.bytes).is_err() {
                return number;
            }
            capture.bytes.clear();
        }
        0
    })
}

#[test]
fn a_connection_is_shown_while_the_pipe_is_still_open() {
    for options in [&["--json"][..], &[]] {
        let mut program = start(options);
        let mut pipe = program.stdin.take().unwrap();
        let mut capture = Capture::new();
        capture.whole(0, 0);
        pipe.write_all(&capture.bytes).unwrap();
        pipe.flush().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("10.0.0.1"), "{line}");
        drop(pipe);
        program.wait().unwrap();
    }
}

#[test]
fn what_is_over_is_told_though_no_packet_comes_behind_it() {
    let directory = tempfile::tempdir().unwrap();
    let first = |capture: &[u8]| u64::from(u32::from_le_bytes(capture[24..28].try_into().unwrap()));
    let long_ago = fs::read(part(directory.path(), "then.pcap", 0..100, 0)).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let passed = u32::try_from(now - first(&long_ago)).unwrap();
    let capture = fs::read(part(directory.path(), "now.pcap", 0..100, passed)).unwrap();
    let mut program = start(&["--json"]);
    let mut pipe = program.stdin.take().unwrap();
    pipe.write_all(&capture).unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("no-client-cert-configured"), "{line}");
    drop(pipe);
    program.wait().unwrap();
}

/// Writes a capture in which the server refuses the client, then its last packet again and again, a second later each
/// time, until nobody reads any more.
fn write_a_refusal_without_end(mut pipe: impl Write + Send + 'static) -> thread::JoinHandle<()> {
    let capture = fs::read(refused()).unwrap();
    assert!(capture.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]), "a little-endian pcap");
    let number = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
    let mut last = 24;
    while last + 16 + (number(last + 8) as usize) < capture.len() {
        last += 16 + number(last + 8) as usize;
    }
    let mut packet = capture[last..].to_vec();
    thread::spawn(move || {
        let mut seconds = u32::from_le_bytes(packet[..4].try_into().unwrap());
        let mut result = pipe.write_all(&capture);
        while result.is_ok() {
            seconds = seconds.wrapping_add(1);
            packet[..4].copy_from_slice(&seconds.to_le_bytes());
            result = pipe.write_all(&packet);
        }
    })
}

#[test]
fn the_first_failure_ends_an_endless_capture() {
    for options in [&["--json", "--first-failure"][..], &["--first-failure"]] {
        let mut program = start(options);
        let writer = write_a_refusal_without_end(program.stdin.take().unwrap());
        let mut out = String::new();
        program.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(program.wait().unwrap().code(), Some(1), "{out}");
        assert!(!out.is_empty());
        writer.join().unwrap();
    }
}

#[test]
fn as_many_connections_as_asked_for_end_an_endless_capture() {
    let mut program = start(&["--json", "--connections", "3"]);
    let writer = write_without_end(program.stdin.take().unwrap());
    let mut out = String::new();
    program.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    program.wait().unwrap();
    assert_eq!(out.lines().count(), 3);
    writer.join().unwrap();
}

#[test]
fn a_reader_who_has_seen_enough_ends_an_endless_capture() {
    for options in [&["--json"][..], &[]] {
        let mut program = start(options);
        let writer = write_without_end(program.stdin.take().unwrap());
        let mut line = String::new();
        BufReader::with_capacity(1, program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut err = String::new();
        program.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert!(matches!(program.wait().unwrap().code(), Some(0 | 1)));
        assert_eq!(err, "");
        writer.join().unwrap();
    }
}
