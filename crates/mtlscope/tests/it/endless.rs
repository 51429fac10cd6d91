//! Captures without an end, through a pipe: what can be said is said at once, and a reader who has seen enough ends the run.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::made::Capture;

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
fn the_first_failure_ends_an_endless_capture() {
    for options in
        [&["--json", "--first-failure"][..], &["--first-failure"], &["--json", "--connections", "3"]]
    {
        let mut program = start(options);
        let writer = write_without_end(program.stdin.take().unwrap());
        let mut out = String::new();
        program.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(program.wait().unwrap().code(), Some(1), "{out}");
        assert!(!out.is_empty());
        writer.join().unwrap();
    }
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
        assert_eq!((program.wait().unwrap().code(), err.as_str()), (Some(1), ""));
        writer.join().unwrap();
    }
}
