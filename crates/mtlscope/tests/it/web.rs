//! `mtlscope web`: what it refuses before it serves, and that it serves until it is stopped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use mtlscope::Exit;

use crate::run::{refused, run};

#[test]
fn a_capture_that_is_not_there_is_said_before_a_page_is_promised() {
    let ran = run(["web", "--no-open", "no-such.pcap"]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains("no-such.pcap") && !ran.err.contains("http://"), "{}", ran.err);
    let ran = run(["web", "--no-open", "--keylog", "no-such.log"]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains("no-such.log"), "{}", ran.err);
}

#[test]
fn a_port_that_is_taken_is_said_with_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = run(["web", "--no-open", "--page-port", &port]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains(&port) && ran.err.contains("--page-port"), "{}", ran.err);
}

#[test]
fn the_printed_address_shows_the_capture_until_a_signal_ends_it() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .args(["web", "--no-open"])
        .arg(refused())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let ask = |path: &str, cookie: &str| {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let opened = ask(&format!("/{path}"), "");
    let cookie = opened.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let mut rows = String::new();
    for _ in 0..500 {
        rows = ask("/api/rows", cookie);
        if rows.contains("\"total\":1") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(rows.contains("\"outcome\":\"refused\"") && rows.contains("\"rule\":\"unknown-ca\""), "{rows}");
    let shown = ask("/api/connections/0-1", cookie);
    assert!(shown.contains("class=\"verdict refused\"") && shown.contains("CertificateRequest"), "{shown}");
    // Of one message, read again with its bytes.
    let step = ask("/api/connections/0-1/steps/0", cookie);
    assert!(step.contains("data-at=\"0\"") && step.contains("msg_type"), "{step}");
    // SIGTERM, without `unsafe` of ours.
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
