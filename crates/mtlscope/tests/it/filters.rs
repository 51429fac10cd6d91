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
    assert!(
        ran.out.contains("cannot be seen: it is encrypted (a key log of either end opens it: --keylog)."),
        "{}",
        ran.out
    );
    let keys = fixture("wireshark-article-tls13/keys.log");
    let ran =
        run(["read", "-Y", "client_auth.requested == yes", "--keylog", keys.to_str().unwrap(), capture]);
    assert!(ran.out.contains("The keys opened it."), "{}", ran.out);
    // What no key hides is no reason.
    let ran = run(["read", "-Y", "server.port == 1", capture]);
    assert_eq!(ran.out, "The only connection does not match the filter.\n");
}

#[test]
fn a_filter_for_what_http_answers_says_that_the_answer_is_sealed_and_what_opens_it() {
    let sealed = |case: &str, filter: &str| {
        let ran = run(["read", "-Y", filter, fixture(&format!("{case}/capture.pcap")).to_str().unwrap()]);
        assert_eq!(ran.exit, Exit::Clean);
        ran.out
    };
    let key_log = "cannot be seen: it is encrypted (a key log of either end opens it: --keylog).\n";
    for filter in ["http_status == 403", "outcome.how == \"http\"", "alert == \"bad_certificate\""] {
        let said = sealed("required-none-sent-http400", filter);
        assert!(said.ends_with(key_log), "{filter}: {said}");
    }
    let said = sealed("rsa-key-exchange", "http_status == 403");
    assert!(said.contains("the server's private key opens it: --rsa-key"), "{said}");
    // The certificates of TLS 1.2 travel in clear: what is not there was not sent.
    let said = sealed("rsa-key-exchange", "leaf.subject == \"CN=nobody\"");
    assert_eq!(said, "None of the 5 connections matches the filter.\n");
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
    let some = run(["read", "--fields", "outcome."]);
    assert!(some.out.lines().count() < 10 && some.out.contains("outcome.result "), "{}", some.out);
    let none = run(["read", "--fields", "xyzzy"]);
    assert_eq!((none.exit, none.out.as_str()), (Exit::CouldNotLook, ""));
    assert_eq!(none.err, "mtlscope: no field has xyzzy in its name or description\n");
}

/// The frames that a filter means, by number.
fn frames(filter: &str, more: &[&str]) -> Vec<u64> {
    let file = refused();
    let arguments = ["-r", file.to_str().unwrap(), "-Y", filter, "-T", "fields", "-e", "frame.number"];
    let ran = run(arguments.iter().chain(more).copied());
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""), "{filter}");
    ran.out.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn frames_are_filtered_by_their_fields() {
    let all = frames("frame", &[]);
    assert!(all.len() > 8);
    let hellos = frames("ssl.handshake.type == \"Client Hello\"", &[]);
    assert_eq!(hellos.len(), 1);
    assert_eq!(frames("tls.handshake.type == 1 and tls.handshake.random[0:2]", &["-2"]), hellos);
    assert_eq!(frames("tcp.flags.syn == 1 and tcp.flags.ack == 0", &[]), [1]);
    let others = frames("not tls.handshake.type == 1", &[]);
    assert_eq!(others.len() + 1, all.len());
    // What stands alone beside -r is a filter, too.
    let file = refused();
    let ran = run(["-r", file.to_str().unwrap(), "tcp.flags.syn == 1 and", "tcp.flags.ack == 0", "--frames"]);
    assert_eq!((ran.out.lines().count(), ran.exit), (1, Exit::Clean), "{}", ran.err);
}

#[test]
fn frames_are_filtered_by_what_their_connection_was_as_a_whole() {
    assert_eq!(frames("outcome.result == refused", &[]), frames("tcp", &[]));
    assert_eq!(frames("outcome.result == accepted", &[]), [0_u64; 0]);
    assert_eq!(frames("outcome.result == refused and frame.number == outcome.frame", &[]).len(), 1);
}

#[test]
fn a_filter_over_frames_that_finds_nothing_says_that_they_are_sealed() {
    let capture = fixture("wireshark-article-tls13/capture.pcap");
    let ran = run(["read", "--frames", "-Y", "tls.handshake.type == 13", capture.to_str().unwrap()]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Clean, ""));
    assert_eq!(
        ran.err,
        "mtlscope: no frame of the only connection matches the filter. Something that it asks for cannot be seen: it is \
         encrypted (a key log of either end opens it: --keylog).\n"
    );
}

#[test]
fn connections_are_found_by_the_fields_of_their_frames() {
    let ran = filtered("tls.handshake.type == 13 and outcome.result == \"refused\"", &["--json"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.err);
    let ran = filtered("tcp.flags.syn == 1 and tcp.flags.ack == 0", &["--json"]);
    assert_eq!(ran.out.lines().count(), 2, "the first frame counts, though TLS is not yet seen in it");
    // Both must hold of the same frame.
    let ran = filtered("tcp.flags.syn == 1 and tls", &["--json"]);
    assert_eq!(ran.out, "");
    let ran = filtered("frame.number == client.port", &[]);
    assert!(ran.err.contains("cannot be compared with one of the whole connection"), "{}", ran.err);
}
