//! `mtlscope read -Y` and `--fields`: which connections are shown, and what is said where none is.

use mtlscope::Exit;

use crate::run::{Ran, accepted, fixture, refused, run};

fn filtered(filter: &str, more: &[&str]) -> Ran {
    let files = [refused(), accepted()].map(|file| file.to_str().unwrap().to_owned());
    run(["read", "-Y", filter].into_iter().chain(more.iter().copied()).map(str::to_owned).chain(files))
}

#[test]
fn only_connections_that_are_meant_are_shown_and_judged() {
    let ran = filtered("outcome.result == \"refused\"", &["--json"]);
    assert_eq!((ran.out.lines().count(), ran.exit), (1, Exit::Trouble), "{}", ran.out);
    assert!(ran.out.contains(r#""result":"refused""#));
    let ran = filtered("outcome.result == \"accepted\"", &[]);
    assert_eq!(ran.exit, Exit::Clean);
    assert!(
        ran.out.ends_with("1 connection: 1 accepted. 1 more does not match the filter.\n"),
        "{}",
        ran.out
    );
    let ran = filtered("finding.id contains \"ca\" and authority and server.port > 1", &["--json"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.err);
}

#[test]
fn a_filter_that_finds_nothing_says_how_many_connections_there_were() {
    let ran = filtered("server_name == \"nowhere.example\"", &[]);
    assert_eq!(
        (ran.out.as_str(), ran.exit),
        ("None of the 2 connections matches the filter.\n", Exit::Clean)
    );
    let ran = filtered("server_name == \"nowhere.example\"", &["--json"]);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err, "mtlscope: None of the 2 connections matches the filter.\n");
}

#[test]
fn a_filter_that_finds_nothing_in_sealed_connections_says_that_they_are() {
    let capture = fixture("wireshark-article-tls13/capture.pcap");
    let capture = capture.to_str().unwrap();
    let ran = run(["read", "-Y", "leaf.subject", capture]);
    assert!(ran.out.contains("cannot be seen: it is encrypted (give a key log to see it)."), "{}", ran.out);
    let keys = fixture("wireshark-article-tls13/keys.log");
    let ran =
        run(["read", "-Y", "client_auth.requested == yes", "--keylog", keys.to_str().unwrap(), capture]);
    assert!(ran.out.contains("The keys opened it."), "{}", ran.out);
    // What no key hides is no reason.
    let ran = run(["read", "-Y", "server.port == 1", capture]);
    assert_eq!(ran.out, "The only connection does not match the filter.\n");
}

#[test]
fn an_ill_formed_filter_is_pointed_at_and_nothing_is_read() {
    let ran = filtered("outcome.resutl == \"refused\"", &[]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""));
    assert_eq!(
        ran.err,
        "mtlscope: no field is called outcome.resutl, did you mean outcome.result?\n  outcome.resutl == \"refused\"\n  \
         ^^^^^^^^^^^^^^\n"
    );
    let ran = filtered("leaf.subject contains", &[]);
    assert!(ran.err.ends_with("  leaf.subject contains\n                       ^\n"), "{}", ran.err);
}

#[test]
fn fields_are_listed_without_a_capture() {
    let all = run(["read", "--fields"]);
    assert_eq!(all.exit, Exit::Clean);
    for name in ["outcome.result ", "tcp.port ", "ip.addr "] {
        assert!(all.out.lines().any(|line| line.starts_with(name)), "{name}");
    }
    let some = run(["read", "--fields", "authority"]);
    assert!(some.out.lines().count() < 10 && some.out.contains("authority"), "{}", some.out);
    let none = run(["read", "--fields", "xyzzy"]);
    assert_eq!((none.exit, none.out.as_str()), (Exit::CouldNotLook, ""));
    assert_eq!(none.err, "mtlscope: no field has xyzzy in its name or description\n");
}
