//! `mtlscope run`: what the command notices of being watched, what is told of it, and what is left behind: nothing.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use mtlscope_sources::authority::{Files, Pki, Plan};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mtlscope");

/// Runs `mtlscope run` with these arguments; its private directory is made in one of the test's.
fn run(arguments: &[&str]) -> Ran {
    run_in(&tempfile::tempdir().unwrap(), arguments, &[])
}

struct Ran {
    output: Output,
    /// What is left of temporary files.
    left: usize,
}

impl Ran {
    fn code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    fn out(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("run").env("TMPDIR", directory).stdin(Stdio::null());
    // What is set where the tests run is none of theirs.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "LD_PRELOAD", "SSLKEYLOGFILE"] {
        command.env_remove(name);
    }
    command
}

fn run_in(directory: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let output =
        command(directory.path()).args(arguments).envs(environment.iter().copied()).output().unwrap();
    Ran { output, left: directory.path().read_dir().unwrap().count() }
}

/// The files of an authority, made once for the process.
fn pki() -> &'static Pki {
    static MADE: OnceLock<Pki> = OnceLock::new();
    MADE.get_or_init(|| Pki::new(&Plan::default()).unwrap())
}

fn pki_in(directory: &TempDir) -> String {
    let path = directory.path().join("pki");
    Files::new(pki(), None, "pass").unwrap().write(&path, false).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A server of ours, until it is dropped.
struct Server(Child, String);

impl Server {
    fn start(pki: &str) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--pki", pki])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
        let place = first.split_once("https://").unwrap().1.split('/').next().unwrap().to_owned();
        Self(child, place)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_commands_streams_and_exit_code_are_its_own() {
    let ran = run(&["--", "sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert_eq!((ran.code(), ran.out().as_str()), (0, "out\n"), "nothing was wrong with any handshake");
    let err = ran.err();
    assert!(err.starts_with("err\n"), "{err}");
    for said in ["no connection with TLS was seen", "preload: loaded in sh", "sh ended with exit code 3"] {
        assert!(err.contains(said), "{said}: {err}");
    }
    assert_eq!(ran.left, 0, "the private directory is gone");
}

#[test]
fn the_exit_code_can_be_the_commands() {
    let code = |script| run(&["--exit-code", "command", "--", "sh", "-c", script]).code();
    assert_eq!(code("exit 3"), 3);
    assert_eq!(code("exit 0"), 0);
    assert_eq!(code("kill -s KILL $$"), 128 + 9);
}

#[test]
fn a_command_that_cannot_be_run_is_said_so() {
    for (command, said) in [
        ("no-such-program-anywhere", "there is no such program"),
        ("/etc/passwd", "permission denied"),
        ("/", "permission denied"),
    ] {
        for options in [&["--"][..], &["--exit-code", "command", "--"]] {
            let ran = run(&[options, &[command]].concat());
            let err = ran.err();
            assert_eq!((ran.code(), ran.left), (2, 0), "{err}");
            assert!(err.starts_with(&format!("mtlscope: cannot run {command}: {said}")), "{err}");
            assert_eq!(err.lines().count(), 1, "{err}");
        }
    }
}

#[test]
fn a_signal_is_passed_on_to_the_command() {
    let directory = tempfile::tempdir().unwrap();
    for (signal, code) in [("TERM", 7), ("INT", 8), ("USR1", 9)] {
        let script = "trap 'exit 7' TERM; trap 'exit 8' INT; trap 'exit 9' USR1; echo ready; \
                      while :; do sleep 0.05; done";
        let mut child = command(directory.path())
            .args(["--exit-code", "command", "--", "sh", "-c", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n");
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_handshake_is_told_and_recorded_by_the_library_alone() {
    let directory = tempfile::tempdir().unwrap();
    let pki = pki_in(&directory);
    let server = Server::start(&pki);
    let url = format!("https://{}/", server.1);
    let (ca, cert, key) = (format!("{pki}/ca.pem"), format!("{pki}/client.pem"), format!("{pki}/client.key"));
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (json, record) = (file("told.json"), file("run.pcapng"));
    let client = [PROGRAM, "connect", &url, "--cacert", &ca, "--cert", &cert, "--key", &key];
    let options = ["--without", "proxy", "-o", &json, "--json", "-w", &record, "--"];
    let ran = run(&[&options[..], &client].concat());
    let err = ran.err();
    assert_eq!(ran.code(), 0, "{err}");
    assert!(err.contains(": preload, in mtlscope ("), "{err}");
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(told["outcome"]["result"], "accepted", "{told}");
    let server_is = format!("{}:{}", told["server"]["ip"].as_str().unwrap(), told["server"]["port"]);
    assert_eq!(server_is, server.1, "the true destination");
    let read = Command::new(PROGRAM).args(["read", &record]).output().unwrap();
    assert!(String::from_utf8(read.stdout).unwrap().contains(&server.1), "the recording can be read");
}

#[test]
fn what_is_left_in_the_background_is_told_too() {
    let directory = tempfile::tempdir().unwrap();
    let pki = pki_in(&directory);
    let server = Server::start(&pki);
    let script = format!("{{ sleep 0.1; {PROGRAM} connect https://{}/ -k; }} >/dev/null 2>&1 &", server.1);
    let ran = run(&["--", "sh", "-c", &script]);
    assert!(ran.err().contains(": preload, in mtlscope ("), "{}", ran.err());
}

#[test]
fn a_refusal_of_the_destination_reaches_the_command() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = free.local_addr().unwrap().to_string();
    drop(free);
    for options in [&["--without", "proxy"][..], &["--without", "proxy,preload"]] {
        let ran = run(&[options, &["--exit-code", "command", "--", PROGRAM, "connect", &place]].concat());
        assert_eq!(ran.code(), 2, "{}", ran.err());
        let said = ran.err() + &ran.out();
        assert!(said.to_lowercase().contains("connection refused"), "{options:?}: {said}");
    }
}

#[test]
fn what_the_environment_says_already_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let script = "echo \"$HTTPS_PROXY|$SSLKEYLOGFILE|$NODE_OPTIONS\"";
    let own = [("HTTPS_PROXY", "http://user:secret@proxy.example:1"), ("SSLKEYLOGFILE", "/dev/null")];
    let ran = run_in(&directory, &["--", "sh", "-c", script], &own);
    assert!(
        ran.out().starts_with("http://user:secret@proxy.example:1|/dev/null|--tls-keylog="),
        "{}",
        ran.out()
    );
    assert!(ran.err().contains("HTTPS_PROXY is set already"), "{}", ran.err());
    assert!(!ran.err().contains("secret@"), "{}", ran.err());
}

#[test]
fn the_command_is_not_held_up_where_nobody_reads_what_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    let mut child = command(directory.path())
        .args(["--exit-code", "command", "--", "sh", "-c", "exec 2>/dev/null; sleep 0.2; exit 5"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert!(begin.elapsed() < Duration::from_secs(20));
}

/// More than everything on the way to whoever does not read can hold.
#[test]
fn the_command_is_not_held_up_where_what_is_told_is_not_read_for_long() {
    const CONNECTIONS: usize = 100;
    const LONG: usize = 96 << 20;
    let directory = tempfile::tempdir().unwrap();
    let told = directory.path().join("told.json");
    assert!(Command::new("mkfifo").arg(&told).status().unwrap().success());
    // It says where its proxy is, and is over when we say so.
    let mut child = command(directory.path())
        .args(["--json", "--output", told.to_str().unwrap()])
        .args(["--", "sh", "-c", "echo $HTTPS_PROXY; read wait"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told = File::open(&told).unwrap();
    let mut proxy = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut proxy).unwrap();
    let proxy = proxy.trim().strip_prefix("http://").unwrap();

    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap();
    let server = thread::spawn(move || {
        let lengths = (0..=CONNECTIONS).map(|_| {
            let (mut client, _) = server.accept().unwrap();
            io::copy(&mut client, &mut io::sink()).unwrap()
        });
        lengths.max()
    });
    let hello = hello();
    for length in [vec![0; CONNECTIONS], vec![LONG]].concat() {
        let mut client = TcpStream::connect(proxy).unwrap();
        client.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(client, "CONNECT {to} HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = [0; "HTTP/1.1 200 Connection established\r\n\r\n".len()];
        client.read_exact(&mut answer).unwrap();
        client.write_all(&hello).unwrap();
        client.write_all(&vec![0; length]).expect("it passes though nobody reads what is told");
        client.shutdown(Shutdown::Write).unwrap();
        io::copy(&mut client, &mut io::sink()).unwrap();
    }
    assert_eq!(server.join().unwrap(), Some((hello.len() + LONG) as u64));

    drop(child.stdin.take());
    let told: Vec<Value> =
        BufReader::new(told).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(child.wait().unwrap().code(), Some(1), "none of them came to an end");
    assert!(told.len() <= CONNECTIONS + 1 && told.len() > CONNECTIONS / 2, "{}", told.len());
}

/// A ClientHello of TLS 1.2 with one suite and no extensions.
fn hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0]].concat();
    let length = body.len() as u8;
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}
