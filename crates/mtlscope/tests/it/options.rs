//! The options of `mtlscope read` that change what is shown, how, and when to stop.

use std::ffi::OsString;

use mtlscope::{Exit, Terminal};

use crate::run::{Given, Ran, accepted, refused, run, run_with};

fn read_refused(arguments: &[&str], given: Given) -> Ran {
    let arguments = std::iter::once(&"read").chain(arguments).map(OsString::from);
    run_with(arguments.chain([refused().into()]), given)
}

#[test]
fn more_is_shown_where_it_is_asked_for() {
    let lines = |arguments: &[&str]| read_refused(arguments, Given::default()).out.lines().count();
    let plain = lines(&[]);
    assert!(lines(&["-V"]) > plain + 50);
    assert_eq!(lines(&["-V"]), lines(&["--tree"]));
    assert!(lines(&["-x"]) > plain + 50);
    assert!(lines(&["--certs"]) > plain + 10);
    let pem = read_refused(&["--certs=pem"], Given::default()).out;
    assert!(pem.contains("-----BEGIN CERTIFICATE-----"), "{pem}");
}

#[test]
fn colour_is_for_terminals_unless_told_otherwise() {
    let terminal = Given { terminal: Some(Terminal { columns: Some(100) }), ..Given::default() };
    let plain_terminal = Given { no_color: true, ..terminal.clone() };
    for (arguments, given, expected) in [
        (&[][..], Given::default(), false),
        (&[], terminal.clone(), true),
        (&[], plain_terminal.clone(), false),
        (&["--color", "always"], plain_terminal, true),
        (&["--color", "always"], Given::default(), true),
        (&["--color=never"], terminal, false),
    ] {
        assert_eq!(read_refused(arguments, given).out.contains('\x1b'), expected, "{arguments:?}");
    }
}

#[test]
fn lines_fit_the_terminal_or_the_width_asked_for() {
    let terminal =
        Given { terminal: Some(Terminal { columns: Some(70) }), no_color: true, ..Given::default() };
    let widest = |ran: Ran| ran.out.lines().map(|line| line.chars().count()).max();
    assert!(widest(read_refused(&["--ascii"], terminal)) <= Some(70));
    assert!(widest(read_refused(&["--width", "60"], Given::default())) <= Some(60));
    assert!(read_refused(&["--ascii"], Given::default()).out.is_ascii());
}

#[test]
fn reading_stops_where_it_is_told_to() {
    let run = |arguments: &[&str]| {
        let files = [accepted(), refused(), accepted()].map(OsString::from);
        run(["read"].iter().chain(arguments).map(OsString::from).chain(files))
    };
    for (arguments, lines, exit) in [
        (&["--json"][..], 3, Exit::Trouble),
        (&["--json", "--connections", "1"], 1, Exit::Clean),
        (&["--json", "--first-failure"], 2, Exit::Trouble),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.out.lines().count(), ran.exit), (lines, exit), "{arguments:?}");
    }
    assert!(run(&["--first-failure"]).out.ends_with("then stopped as asked.\n"));
}

#[test]
fn certificates_of_several_captures_are_saved_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("certificates");
    let arguments: Vec<OsString> = vec![
        "read".into(),
        "--save-certs".into(),
        inside.clone().into(),
        refused().into(),
        accepted().into(),
    ];
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(&inside)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(run(arguments.clone()).err, "");
    let first = names();
    assert!(first.iter().any(|name| name.starts_with("1-client-0-")), "{first:?}");
    assert!(first.iter().any(|name| name.starts_with("1-server-0-")), "{first:?}");
    run(arguments);
    assert_eq!(names(), first, "a second run writes nothing new");
}

#[test]
fn certificates_that_cannot_be_saved_are_said_once() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let arguments: Vec<OsString> =
        vec!["read".into(), "--save-certs".into(), file.path().into(), refused().into(), accepted().into()];
    let ran = run(arguments);
    assert_eq!((ran.exit, ran.err.lines().count()), (Exit::CouldNotLook, 1), "{}", ran.err);
    assert!(ran.out.contains("2 connections:"), "{}", ran.out);
}
