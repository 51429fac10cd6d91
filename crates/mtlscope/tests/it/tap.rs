//! `mtlscope tap`, between clients and servers of ours and of others: that all who watch tell the same, and how it ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use mtlscope::Exit;
use mtlscope_sources::authority::{Files, Pki, Plan, Zoo};
use serde_json::Value;
use tempfile::TempDir;

use crate::run::run;
use crate::running::{PATIENCE, Running};

/// An authority's files, a server that requires a certificate of it, and what else a test leaves behind.
struct Stage {
    directory: TempDir,
    server: Running,
}

impl Stage {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pki = Pki::new(&Plan::default()).unwrap();
        let zoo = Zoo::new(&pki).unwrap();
        Files::new(&pki, Some(&zoo), "pass").unwrap().write(directory.path(), false).unwrap();
        let shown = directory.path().to_str().unwrap();
        let listen = ["serve", "--json", "--listen", "127.0.0.1:0", "--verify-client", "require"];
        let server = Running::start(&[&listen, &["--pki", shown][..]].concat());
        Self { directory, server }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    fn tap(&self, options: &[&str]) -> Running {
        Running::start(&[&["tap", "--json", "--listen", "127.0.0.1:0"], options].concat())
    }

    /// What our client tells of a connection to the server, made so.
    fn connect(&self, client: Option<&str>, options: &[&str]) -> Value {
        let url = format!("https://localhost:{}/", self.server.address.port());
        let authority = self.path("ca.pem");
        let mut typed = vec!["connect", &url, "--cacert", &authority, "--output-json"];
        typed.extend(options);
        let files = client.map(|name| [self.path(&format!("{name}.pem")), self.path(&format!("{name}.key"))]);
        if let Some([certificate, key]) = &files {
            typed.extend(["--cert", certificate, "--key", key]);
        }
        let ran = run(typed);
        let told: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
        told["connection"].clone()
    }
}

/// What a witness tells: what each side sent, in order, and what is to be said of it. How a connection is taken leave of
/// depends on whose side one stands.
fn account(connection: &Value) -> Value {
    let of = |side: &str| -> Vec<&Value> {
        let all = connection["messages"].as_array().unwrap().iter();
        let sent = all.filter(|message| message["from"] == side && !message["type"].is_null());
        sent.map(|message| &message["name"]).collect()
    };
    let alerts = connection["alerts"].as_array().unwrap();
    let alerts: Vec<_> =
        alerts.iter().filter(|alert| alert["number"] != 0).map(|a| (&a["from"], &a["number"])).collect();
    // Of a reset behind the last word only who stands between hears.
    let findings = findings(connection).into_iter().filter(|id| *id != "benign-rst-after-close");
    serde_json::json!({
        "client": of("client"),
        "server": of("server"),
        "alerts": alerts,
        "outcome": [&connection["outcome"]["result"], &connection["outcome"]["by"], &connection["outcome"]["layer"]],
        "answer": connection["client_auth"]["answer"],
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn findings(connection: &Value) -> Vec<&str> {
    let findings = connection["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// The connections in a recording.
fn read(recording: &str) -> Vec<Value> {
    let ran = run::<PathBuf>(["read".into(), "--json".into(), recording.into()]);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn client_server_tap_and_recording_tell_the_same() {
    let stage = Stage::new();
    for version in ["--tlsv1.2", "--tlsv1.3"] {
        for client in [Some("client"), None, Some("zoo/leaf-expired"), Some("zoo/unknown-ca")] {
            for through in ["--connect-to", "-x"] {
                let (recording, keys) = (stage.path("tap.pcapng"), stage.path("keys.log"));
                let _ = std::fs::remove_file(&keys);
                let to = format!("localhost:{}", stage.server.address.port());
                let way: &[&str] =
                    if through == "-x" { &["--http-proxy", "--socks"] } else { &["--to", &to] };
                let mut tap =
                    stage.tap(&[way, &["--once", "--keylog", &keys, "--record", &recording]].concat());
                let lead = match through {
                    "-x" => format!("http://{}", tap.address),
                    _ => format!("::{}", tap.address),
                };
                let highest = if version == "--tlsv1.2" { "1.2" } else { "1.3" };
                let by_client = stage
                    .connect(client, &[version, "--tls-max", highest, through, &lead, "--keylog", &keys]);
                let case = format!("{version} {client:?} {through}");
                let (by_server, by_tap) = (stage.server.told(), tap.told());
                assert_eq!(tap.exit_code(), Some(0), "{case}");
                let recorded = read(&recording);
                assert_eq!(recorded.len(), 1, "{case}");
                for (witness, told) in [("server", &by_server), ("tap", &by_tap), ("recording", &recorded[0])]
                {
                    let (told, mut client) = (account(told), account(&by_client));
                    if told["outcome"][0] == "refused" {
                        // A server that refuses reads no further, and its reset overtakes what is on the way.
                        let heard = told["client"].as_array().unwrap().len();
                        client["client"].as_array_mut().unwrap().truncate(heard);
                    }
                    assert_eq!(told, client, "{case}: {witness}");
                }
                assert_eq!(account(&recorded[0]), account(&by_tap), "{case}");
                assert_eq!(findings(&recorded[0]), findings(&by_tap), "{case}");
                assert_eq!(by_tap["decrypted_with"], "key_log", "{case}");
                assert_eq!(by_tap["server"]["port"], stage.server.address.port(), "{case}");
                let destination = &by_tap["preambles"][0]["destination"];
                assert_eq!(destination.is_null(), through != "-x", "{case}: {destination}");
            }
        }
    }
}

#[test]
fn without_keys_it_tells_by_sizes_what_it_tells_of_its_recording() {
    let stage = Stage::new();
    let recording = stage.path("tap.pcapng");
    for client in [Some("client"), None] {
        let (to, certificates) = (stage.server.address.to_string(), stage.path(""));
        let mut tap = stage.tap(&["--to", &to, "--once", "-w", &recording, "--cert-dir", &certificates]);
        stage.connect(client, &["--tlsv1.3", "--connect-to", &format!("::{}", tap.address)]);
        let told = tap.told();
        assert_eq!(tap.exit_code(), Some(0));
        let auth = &told["client_auth"];
        assert_eq!((&auth["requested"], &auth["how"]), (&"yes".into(), &"inferred".into()), "{told}");
        let answer = if client.is_some() { "certificate" } else { "empty" };
        assert_eq!(auth["answer"], answer, "{told}");
        let candidates = auth["inferred"]["candidates"].as_array().unwrap();
        let has_its_size = candidates.iter().any(|candidate| candidate["file"] == "client.pem");
        assert_eq!(has_its_size, client.is_some(), "{candidates:?}");
        let read = &read(&recording)[0];
        assert_eq!(account(&told), account(read));
        assert_eq!(sums(&told), sums(read));
        assert!(told["decrypted_with"].is_null() && read["decrypted_with"].is_null());
    }
}

/// What was summed up, without the frames that only a recording has.
fn sums(connection: &Value) -> Vec<String> {
    let sums = connection["client_auth"]["inferred"]["arithmetic"].as_array().unwrap();
    let without_frame = |sum: &Value| {
        let (who, what) = sum.as_str().unwrap().split_once(": ").unwrap();
        format!("{}: {what}", who.split(',').next().unwrap())
    };
    assert!(!sums.is_empty());
    sums.iter().map(without_frame).collect()
}

/// Each connection takes two files of the tap, and shells grant some hundreds.
#[cfg(unix)]
#[test]
fn it_takes_more_connections_than_the_shell_grants_it_files() {
    const CONNECTIONS: usize = 100;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap().to_string();
    let script = "ulimit -Sn 64; exec \"$@\"";
    let tap = ["tap", "--json", "--listen", "127.0.0.1:0", "--to", &to];
    let mut command = Command::new("sh");
    let tap = Running::of(command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_mtlscope")]).args(tap));
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = TcpStream::connect(tap.address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();
        open.push((client, server));
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_in_order_and_open_connections_are_told() {
    for signal in ["INT", "TERM"] {
        let stage = Stage::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut tap = stage.tap(&["--to", &listener.local_addr().unwrap().to_string()]);
        let mut client = TcpStream::connect(tap.address).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        // A ClientHello that was recorded: nothing answers it.
        client.write_all(&hello()).unwrap();
        server.read_exact(&mut [0; 16]).unwrap();
        tap.signal(signal);
        assert_eq!(tap.exit_code(), Some(0), "{signal}");
        let told = tap.told();
        assert_eq!(told["outcome"]["result"], "incomplete", "{told}");
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(matches!(client.read(&mut [0; 1]), Ok(0) | Err(_)));
    }
}

/// A ClientHello of TLS 1.2 with one suite and no extensions.
fn hello() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x2f, 1, 0]);
    let mut message = vec![1, 0, 0, body.len() as u8];
    message.extend(body);
    let mut record = vec![22, 3, 1, 0, message.len() as u8];
    record.extend(message);
    record
}

#[test]
fn a_closed_pipe_ends_it_and_its_relay() {
    let stage = Stage::new();
    let mut process = Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .args(["tap", "--listen", "127.0.0.1:0", "--to", &stage.server.address.to_string()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stderr.take().unwrap()), &mut first)
        .unwrap();
    let address: SocketAddr =
        first.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("{first}"));
    stage.connect(None, &["--connect-to", &format!("::{address}")]);
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_relayed_is_said_in_one_line_with_advice() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (directory, no_key_log) = (here.display().to_string(), here.join("Cargo.toml").display().to_string());
    for (typed, said) in [
        (vec!["--to", "a.test:443", "--listen", &taken], "another program listens there"),
        (
            vec!["--to", "localhost:18888", "--listen", "127.0.0.1:18888", "--listen", "[::1]:18888"],
            "name another port",
        ),
        (vec!["--to", "a.test:443", "--listen", "127.0.0.1:0", "--keylog", &directory], "it is a directory"),
        (vec!["--to", "a.test:443", "--listen", "127.0.0.1:0", "--keylog", &no_key_log], "as a key log"),
        (vec!["--to", "a.test:443", "-w", "/nowhere/x.pcapng"], "cannot write /nowhere/x.pcapng"),
        (vec!["--to", "a.test:443", "--cert-dir", "/nowhere"], "/nowhere"),
        (vec!["--to", "a.test"], "HOST:PORT"),
        (vec![], "--to <HOST:PORT>"),
        (vec!["--to", "a.test:443", "--socks"], "cannot be used with"),
    ] {
        let ran = run([&["tap"], &typed[..]].concat());
        assert_eq!(ran.exit, Exit::CouldNotLook, "{typed:?}");
        assert!(ran.err.contains(said) && ran.out.is_empty(), "{typed:?}: {}", ran.err);
    }
}
