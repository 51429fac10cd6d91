//! Several threads print what one does, byte for byte.

use std::fs;

use crate::made::{Capture, STEPS};
use crate::run::{accepted, refused, run};

/// Some thousand connections of different lengths, interleaved; some stay open, some ports are used again, and the clock
/// steps back now and then.
fn many() -> Vec<u8> {
    let mut capture = Capture::new();
    let mut time = 5_000_000;
    for turn in 0..6_000_u32 {
        // A connection's steps are spread over some hundred turns.
        for step in 0..STEPS {
            let delay = step * (17 + turn % 5);
            if let Some(connection) = turn.checked_sub(delay).filter(|at| at % 4 == step % 2) {
                capture.step(time, connection % 4_000, step);
            }
        }
        time += 40;
        if turn % 500 == 499 {
            time -= 300;
        }
        if turn == 3_000 {
            time -= 4_000_000;
        }
    }
    capture.bytes
}

#[test]
fn threads_change_nothing_in_what_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("many.pcap");
    fs::write(&file, many()).unwrap();
    let read = |options: &[&str], threads: &str| {
        let mut arguments = vec!["read", "--threads", threads];
        arguments.extend(options);
        arguments.push(file.to_str().unwrap());
        run(arguments)
    };
    for options in [&["--json"][..], &[], &["--json", "--connections", "700"]] {
        let one = read(options, "1");
        assert!(one.out.lines().count() > 10, "{}", one.out);
        for threads in ["2", "5"] {
            let several = read(options, threads);
            assert!(several.out == one.out, "{options:?} by {threads} threads");
            assert_eq!(
                (several.exit, &several.err),
                (one.exit, &one.err),
                "{options:?} by {threads} threads"
            );
        }
    }
}

#[test]
fn threads_read_small_captures_too() {
    for file in [accepted(), refused()] {
        let file = file.to_str().unwrap();
        assert_eq!(run(["read", "--threads", "3", file]).out, run(["read", "--threads", "1", file]).out);
    }
}

#[test]
fn a_file_that_is_cut_is_told_of_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cut.pcap");
    let whole = many();
    fs::write(&file, &whole[..whole.len() / 2 + 5]).unwrap();
    let read = |threads: &str| run(["read", "--json", "--threads", threads, file.to_str().unwrap()]);
    let (one, several) = (read("1"), read("4"));
    assert_eq!(one.err.lines().count(), 1, "{}", one.err);
    assert_eq!((one.exit, one.err), (several.exit, several.err));
    assert!(one.out == several.out);
}
