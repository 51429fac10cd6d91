//! `mtlscope web`: what it refuses before it serves, and that it serves until it is stopped.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mtlscope::Exit;

use crate::rotated::part;
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

/// A program that serves a page, opened.
struct Served {
    program: Child,
    host: String,
    cookie: String,
}

impl Served {
    fn start<A: AsRef<OsStr>>(arguments: &[A]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mtlscope"))
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut served = Self { program, host: host.to_owned(), cookie: String::new() };
        let opened = served.ask(&format!("/{path}"));
        let cookie = opened.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        served.cookie = cookie.split(';').next().unwrap().to_owned();
        served
    }

    fn ask(&self, path: &str) -> String {
        let (host, cookie) = (&self.host, &self.cookie);
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks until the answer has these words.
    fn until(&self, path: &str, words: &str) -> String {
        let begin = Instant::now();
        loop {
            let answer = self.ask(path);
            if answer.contains(words) {
                return answer;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{words} is not in {answer}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends SIGTERM, without `unsafe` of ours. Gives the exit code.
    fn stop(mut self) -> Option<i32> {
        assert!(Command::new("kill").arg(self.program.id().to_string()).status().unwrap().success());
        self.program.wait().unwrap().code()
    }
}

#[test]
fn the_printed_address_shows_the_capture_until_a_signal_ends_it() {
    let served = Served::start(&["web".as_ref(), "--no-open".as_ref(), refused().as_os_str()]);
    let rows = served.until("/api/rows", "\"total\":1");
    assert!(rows.contains("\"outcome\":\"refused\"") && rows.contains("\"rule\":\"unknown-ca\""), "{rows}");
    let shown = served.ask("/api/connections/0-1");
    assert!(shown.contains("class=\"verdict refused\"") && shown.contains("CertificateRequest"), "{shown}");
    // Of one message, read again with its bytes.
    let step = served.ask("/api/connections/0-1/steps/0");
    assert!(step.contains("data-at=\"0\"") && step.contains("msg_type"), "{step}");
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn what_the_user_says_beside_a_capture_counts_on_the_page_too() {
    let served = Served::start(&[
        "web".as_ref(),
        "--no-open".as_ref(),
        refused().as_os_str(),
        "--expect".as_ref(),
        "outcome=accepted".as_ref(),
    ]);
    let rows = served.until("/api/rows", "\"total\":1");
    assert!(rows.contains("not-as-expected"), "{rows}");
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn captures_that_follow_one_another_are_one_on_the_page_and_others_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let parts = [("cap_2.pcap", 0..9, 0), ("cap_1.pcap", 9..100, 0), ("cap_3.pcap", 0..100, 3600)];
    let parts = parts.map(|(name, packets, seconds)| part(directory.path(), name, packets, seconds));
    let mut arguments: Vec<OsString> = vec!["web".into(), "--no-open".into()];
    arguments.extend(parts.iter().map(|part| part.clone().into_os_string()));
    let served = Served::start(&arguments);
    let rows = served.until("/api/rows", "\"total\":2");
    assert!(rows.contains("\"key\":\"0-1\"") && rows.contains("\"key\":\"1-1\""), "{rows}");
    let state = served.until("/api/state", "\"version\":2");
    assert!(state.contains("cap_2.pcap and 1 more\"") && state.contains("cap_3.pcap\""), "{state}");
    // Read again over the seam: the alert stands in the second file, which is named.
    let shown = served.ask("/api/connections/0-1");
    assert!(shown.contains("no-client-cert-configured"), "{shown}");
    assert!(shown.contains(&format!("frames of {}", parts[1].display())), "{shown}");
    let filtered = served.until("/api/rows?filter=tls.alert_message.desc", "\"filtering\":null");
    assert!(filtered.contains("\"meant\":2"), "{filtered}");
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn the_page_of_a_command_stays_behind_it_and_ends_with_a_signal_and_the_right_code() {
    let served =
        Served::start(&["run", "--web", "--no-open", "--exit-code", "command", "--", "sh", "-c", "exit 7"]);
    served.until("/api/state", "\"stage\":\"done\"");
    assert!(served.ask("/api/state").contains("\"name\":\"sh -c exit 7\""));
    assert_eq!(served.stop(), Some(7));
}
