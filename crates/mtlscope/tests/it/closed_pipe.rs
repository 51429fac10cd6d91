//! Output that cannot be written. A reader that has seen enough (`| head`) is no failure; a full disk is.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use mtlscope::{Console, Exit};

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

/// A disk without space.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_said_once_and_is_no_success() {
    for arguments in
        [vec!["read".into(), accepted().into_os_string()], vec!["demo".into()], vec!["explain".into()]]
    {
        let mut err = Vec::new();
        let mut console = Console {
            input: None,
            out: &mut Full,
            err: &mut err,
            out_terminal: None,
            err_terminal: None,
            no_color: false,
        };
        let exit = mtlscope::run([vec![OsString::from("mtlscope")], arguments].concat(), &mut console);
        assert_eq!(exit, Exit::CouldNotLook);
        let err = String::from_utf8(err).unwrap();
        assert!(err.starts_with("mtlscope: cannot write the output: ") && err.lines().count() == 1, "{err}");
    }
}
