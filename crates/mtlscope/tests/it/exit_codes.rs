//! Exit codes: 0 looked and no error found, 1 an error found, 2 could not look; 2 outranks 1.

use std::ffi::OsString;
use std::path::Path;

use mtlscope::Exit::{self, Clean, CouldNotLook, Trouble};

use crate::run::{accepted, fixture, refused, run};

fn exit(arguments: &[&Path]) -> Exit {
    let typed: Vec<OsString> =
        std::iter::once("read".into()).chain(arguments.iter().map(|path| path.into())).collect();
    run(typed).exit
}

#[test]
fn follow_the_table() {
    let (good, bad, missing) = (accepted(), refused(), Path::new("no-such-file.pcap"));
    let json = Path::new("--json");
    for (arguments, expected) in [
        (&[good.as_path()][..], Clean),
        (&[&bad], Trouble),
        (&[&bad, json], Trouble),
        (&[&good, &bad], Trouble),
        (&[&bad, &good], Trouble),
        (&[missing], CouldNotLook),
        (&[&bad, missing], CouldNotLook),
        (&[missing, &bad], CouldNotLook),
        (&[&good, missing, json], CouldNotLook),
        (&[], CouldNotLook),
        (&[&good, Path::new("--no-such-option")], CouldNotLook),
        (&[&good, json, Path::new("--tree")], CouldNotLook),
    ] {
        assert_eq!(exit(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn are_numbers() {
    assert_eq!([Clean, Trouble, CouldNotLook].map(mtlscope::Exit::code), [0, 1, 2]);
}

#[test]
fn what_cannot_be_read_is_one_line_and_the_rest_is_read_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let troubles = [
        directory.path().join("missing.pcap"),
        directory.path().to_owned(),
        path("empty.pcap", b""),
        path("foreign.pcap", b"%PDF-1.7 is no capture, however it is called"),
        path("broken.pcap", &[0xd4, 0xc3, 0xb2, 0xa1, 0xff, 0xff]),
    ];
    for trouble in &troubles {
        let arguments = ["read".into(), "--json".into(), trouble.clone().into_os_string(), refused().into()];
        let ran = run::<OsString>(arguments);
        assert_eq!(ran.exit, CouldNotLook, "{trouble:?}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(ran.err.starts_with("mtlscope: cannot "), "{}", ran.err);
        assert!(ran.err.contains('('), "says nothing of what to try: {}", ran.err);
        assert_eq!(ran.out.lines().count(), 1, "the other file was not read: {}", ran.out);
    }
}

#[test]
fn a_key_log_that_cannot_be_read_is_said_and_the_capture_read_without_it() {
    let capture = fixture("wireshark-article-tls13/capture.pcap");
    let ran = run::<OsString>(["read".into(), capture.clone().into(), "--keylog".into(), capture.into()]);
    assert_eq!(ran.exit, CouldNotLook);
    assert!(ran.err.contains("as a key log"), "{}", ran.err);
    assert!(ran.out.contains("1 connection:"), "{}", ran.out);
}
