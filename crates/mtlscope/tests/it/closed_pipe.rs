//! A reader that has seen enough (`| head`) is no failure: the program ends quietly.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::run::{accepted, fixture, refused};

/// Runs the program, reads one line of its output and closes the pipe. Returns the exit code and standard error.
fn head(arguments: Vec<OsString>) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::with_capacity(1, program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut err = String::new();
    program.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (program.wait().unwrap().code(), err)
}

#[test]
fn ends_the_run_quietly_with_the_code_of_what_was_found_until_then() {
    // More than a pipe and the program's own buffer hold.
    let many = |file: std::path::PathBuf| {
        let mut arguments: Vec<OsString> = vec!["read".into(), "-x".into(), "-V".into()];
        arguments.extend(std::iter::repeat_n(OsString::from(file), 200));
        arguments
    };
    assert_eq!(head(many(accepted())), (Some(0), String::new()));
    assert_eq!(head(many(refused())), (Some(1), String::new()));
    assert_eq!(head(vec!["demo".into()]), (Some(0), String::new()));
    let json: Vec<OsString> =
        vec!["read".into(), "--json".into(), fixture("wireshark-article-tls13/capture.pcap").into()];
    assert_eq!(head(json), (Some(0), String::new()));
}
