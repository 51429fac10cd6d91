//! `mtlscope serve`, met by clients of every kind: what they get, and what is told of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use mtlscope_sources::authority::{Files, Identity, Pki, Plan, Zoo};
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, SslVersion};
use serde_json::Value;
use tempfile::TempDir;

use crate::running::{PATIENCE, Running};

/// An authority, made once.
struct Made {
    pki: Pki,
    zoo: Zoo,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let pki = Pki::new(&Plan::default()).unwrap();
        let zoo = Zoo::new(&pki).unwrap();
        Made { pki, zoo }
    })
}

thread_local! {
    /// Its files. Each test runs on a thread of its own, with which they go; what is static would never be removed.
    static DIRECTORY: TempDir = written();
}

fn written() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let Made { pki, zoo } = made();
    Files::new(pki, Some(zoo), "pass").unwrap().write(directory.path(), false).unwrap();
    directory
}

fn client() -> &'static Identity {
    made().pki.client("TestClient").unwrap()
}

fn zoo(name: &str) -> &'static Identity {
    &made().zoo.specimen(name).unwrap_or_else(|| panic!("no {name} in the zoo")).identity
}

fn file(name: &str) -> String {
    DIRECTORY.with(|directory| directory.path().join(name).to_str().unwrap().to_owned())
}

/// Serves with these options, besides the authority.
fn serve(options: &[&str]) -> Running {
    let pki = DIRECTORY.with(|directory| directory.path().to_str().unwrap().to_owned());
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--pki", &pki];
    Running::start(&[&serve, options].concat())
}

/// A client of ours.
struct Client {
    context: SslContextBuilder,
    name: Option<&'static str>,
}

impl Client {
    fn new(version: SslVersion) -> Self {
        let mut context = SslContext::builder(SslMethod::tls_client()).unwrap();
        context.set_security_level(0);
        context.set_min_proto_version(Some(version)).unwrap();
        context.set_max_proto_version(Some(version)).unwrap();
        Self { context, name: None }
    }

    fn with(mut self, identity: &Identity) -> Self {
        self.context.set_certificate(&identity.certificate).unwrap();
        for above in &identity.chain {
            self.context.add_extra_chain_cert(above.clone()).unwrap();
        }
        self.context.set_private_key(&identity.key).unwrap();
        self
    }

    fn connect(self, address: SocketAddr) -> Result<SslStream<TcpStream>, String> {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut ssl = Ssl::new(&self.context.build()).unwrap();
        if let Some(name) = self.name {
            ssl.set_hostname(name).unwrap();
        }
        ssl.connect(socket).map_err(|error| error.to_string())
    }

    /// One request, and all that comes back; or what went wrong.
    fn get(self, address: SocketAddr, path: &str) -> Result<String, String> {
        self.ask(address, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn ask(self, address: SocketAddr, request: &str) -> Result<String, String> {
        let mut stream = self.connect(address)?;
        stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let mut response = String::new();
        stream.read_to_string(&mut response).map_err(|error| error.to_string())?;
        Ok(response)
    }
}

const BOTH: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];

fn findings(connection: &Value) -> Vec<&str> {
    connection["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

fn said(connection: &Value) -> String {
    connection["said"].to_string()
}

#[test]
fn greets_a_client_with_a_certificate_and_tells_of_it() {
    let server = serve(&[]);
    for version in BOTH {
        let response = Client::new(version).with(client()).get(server.address, "/").unwrap();
        assert!(response.ends_with("Welcome TestClient\n"), "{response}");
        let told = server.told();
        assert_eq!(told["outcome"]["result"], "accepted", "{told}");
        assert_eq!(told["client_auth"]["answer"], "certificate");
        assert!(said(&told).contains("SSL_CLIENT_VERIFY=SUCCESS"), "{told}");
        let response = Client::new(version).get(server.address, "/server.php").unwrap();
        assert!(response.ends_with("SSL client verification failed\n"), "{response}");
        assert_eq!(server.told()["client_auth"]["answer"], "empty");
    }
}

#[test]
fn keeps_the_variables_from_the_page_as_apache_does_without_std_env_vars() {
    let server = serve(&["--no-std-env-vars"]);
    let response = Client::new(SslVersion::TLS1_3).with(client()).get(server.address, "/").unwrap();
    assert!(response.ends_with("SSL client verification failed\n"), "{response}");
    assert!(said(&server.told()).contains("SSL_CLIENT_VERIFY=SUCCESS"));
}

#[test]
fn refuses_each_flaw_in_the_handshake_and_names_its_cause() {
    for specimen in &made().zoo.specimens {
        let given = specimen.server;
        let trusted = file(given.trusted);
        let mut options = vec!["--verify-client", "require", "--ca-certificate", &trusted];
        let (revoked, named) = (given.revoked.map(file), given.named.map(file));
        if let Some(revoked) = &revoked {
            options.extend(["--ca-revocation", revoked]);
        }
        if let Some(named) = &named {
            options.extend(["--ca-dn-request", named]);
        }
        let server = serve(&options);
        for version in BOTH {
            let got = Client::new(version).with(&specimen.identity).get(server.address, "/");
            let told = server.told();
            let found = findings(&told);
            // The causes that have a rule are named; of the others, the server's own words tell.
            if mtlscope_diagnose::rules::rule(specimen.name).is_some() && specimen.openssl_alert.is_some() {
                assert!(found.contains(&specimen.name), "{} {version:?}: {found:?}", specimen.name);
            }
            let alert = &told["alerts"][0];
            if let Some(number) = specimen.openssl_alert {
                assert_eq!((&alert["from"], &alert["number"]), (&"server".into(), &number.into()), "{told}");
                assert!(said(&told).contains("FAILED:") || specimen.name == "wrong-private-key", "{told}");
            }
            assert_eq!(got.is_err(), specimen.openssl_alert.is_some(), "{}: {got:?}", specimen.name);
        }
    }
    let server = serve(&["--verify-client", "require"]);
    for version in BOTH {
        assert!(Client::new(version).get(server.address, "/").is_err());
        let told = server.told();
        assert_eq!(told["outcome"]["result"], "refused", "{told}");
    }
}

#[test]
fn lets_an_unknown_authority_pass_as_generous_where_asked_to() {
    let server = serve(&["--verify-client", "optional_no_ca"]);
    for version in BOTH {
        let response = Client::new(version).with(zoo("unknown-ca")).get(server.address, "/env").unwrap();
        // Apache's own words: it lets both in.
        let verify = match version {
            SslVersion::TLS1_3 => "FAILED:unable to verify the first certificate",
            _ => "GENEROUS",
        };
        assert!(response.contains(&format!("SSL_CLIENT_VERIFY={verify}\n")), "{response}");
        assert!(Client::new(version).with(zoo("leaf-expired")).get(server.address, "/env").is_err());
    }
}

#[test]
fn counts_the_root_as_apache_does_and_not_as_nginx_does() {
    // The chain is client, intermediate, root.
    let apache = serve(&["--like", "apache"]);
    let refused = Client::new(SslVersion::TLS1_2).with(client()).get(apache.address, "/");
    assert!(refused.is_err(), "{refused:?}");
    assert!(said(&apache.told()).contains("certificate chain too long"));
    let deeper = serve(&["--like", "apache", "--verify-depth", "2"]);
    let response = Client::new(SslVersion::TLS1_2).with(client()).get(deeper.address, "/").unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
    let nginx = serve(&["--like", "nginx"]);
    let response = Client::new(SslVersion::TLS1_2).with(client()).get(nginx.address, "/").unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
}

#[test]
fn answers_as_nginx_does() {
    let server = serve(&["--like", "nginx"]);
    for version in BOTH {
        let response = Client::new(version).get(server.address, "/").unwrap();
        assert!(response.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{response}");
        assert!(response.contains("<center>No required SSL certificate was sent</center>"), "{response}");
        let response = Client::new(version).with(zoo("leaf-expired")).get(server.address, "/").unwrap();
        assert!(response.contains("<center>The SSL certificate error</center>"), "{response}");
        server.told();
        assert!(said(&server.told()).contains("FAILED:certificate has expired"));
    }
}

#[test]
fn answers_with_the_substatus_of_iis() {
    let server = serve(&["--like", "iis", "--ca-revocation", &file("crl.pem")]);
    for version in BOTH {
        for (identity, substatus) in
            [(None, "403.7"), (Some(zoo("leaf-expired")), "403.17"), (Some(zoo("unknown-ca")), "403.1")]
        {
            let asking = Client::new(version);
            let asking = match identity {
                Some(identity) => asking.with(identity),
                None => asking,
            };
            let response = asking.get(server.address, "/").unwrap();
            assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{response}");
            assert!(response.contains(&format!("HTTP Error {substatus}")), "{response}");
        }
        let response = Client::new(version).with(client()).get(server.address, "/").unwrap();
        assert!(response.ends_with("Welcome TestClient\n"), "{response}");
    }
}

#[test]
fn asks_for_a_protected_path_by_renegotiation_and_keeps_the_body() {
    let server = serve(&["--like", "iis", "--protect", "/secure"]);
    assert!(server.remarks.recv_timeout(PATIENCE).unwrap().contains("HTTP/2 is not offered"));
    let response = Client::new(SslVersion::TLS1_2).with(client()).get(server.address, "/").unwrap();
    assert!(response.ends_with("SSL client verification failed\n"), "{response}");
    assert_eq!(server.told()["client_auth"]["requested"], "no");
    let body = "x".repeat(40_000);
    let request = format!(
        "POST /secure/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let response = Client::new(SslVersion::TLS1_2).with(client()).ask(server.address, &request).unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
    let told = server.told();
    assert_eq!(told["client_auth"]["when"], "renegotiation", "{}", told["client_auth"]);
    let response = Client::new(SslVersion::TLS1_2).get(server.address, "/secure").unwrap();
    assert!(response.contains("HTTP Error 403.7"), "{response}");
}

#[test]
fn asks_for_a_protected_path_after_the_handshake_of_tls_13() {
    let server = serve(&["--like", "iis", "--protect", "/secure"]);
    // This client does not offer post_handshake_auth.
    let response = Client::new(SslVersion::TLS1_3).with(client()).get(server.address, "/secure").unwrap();
    assert!(response.starts_with("HTTP/1.1 500 ") && response.contains("0x80070032"), "{response}");
    let told = server.told();
    assert!(said(&told).contains("did not offer post_handshake_auth"), "{told}");
    let apache = serve(&["--like", "apache", "--protect", "/secure"]);
    let response = Client::new(SslVersion::TLS1_3).with(client()).get(apache.address, "/secure").unwrap();
    assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{response}");
    assert!(response.contains("Cannot perform Post-Handshake Authentication"), "{response}");
}

#[test]
fn a_body_that_cannot_be_kept_is_refused_before_asking() {
    let server = serve(&["--like", "iis", "--protect", "/secure"]);
    let request =
        "POST /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 49153\r\n\r\n";
    let response = Client::new(SslVersion::TLS1_2).with(client()).ask(server.address, request).unwrap();
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    assert_eq!(server.told()["client_auth"]["requested"], "no");
}

#[test]
fn a_client_that_waits_with_its_body_is_asked_first() {
    let server = serve(&["--like", "iis", "--protect", "/secure"]);
    let mut stream = Client::new(SslVersion::TLS1_2).with(client()).connect(server.address).unwrap();
    let length = 200_000;
    let head = format!(
        "POST /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&vec![b'x'; length]).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
}

#[test]
fn shows_the_variables_as_json_where_asked_to() {
    let server = serve(&[]);
    let body = |response: String| response.split_once("\r\n\r\n").unwrap().1.to_owned();
    let by_query = Client::new(SslVersion::TLS1_3).with(client()).get(server.address, "/env?json").unwrap();
    let variables: Value = serde_json::from_str(&body(by_query)).unwrap();
    for (name, value) in [
        ("SSL_CLIENT_VERIFY", "SUCCESS"),
        ("SSL_CLIENT_S_DN", "CN=TestClient,O=mtlscope test"),
        ("SSL_CLIENT_S_DN_CN", "TestClient"),
        ("SSL_CLIENT_A_KEY", "id-ecPublicKey"),
        ("SSL_CLIENT_A_SIG", "ecdsa-with-SHA256"),
        ("SSL_PROTOCOL", "TLSv1.3"),
        ("SSL_SERVER_SAN_DNS_0", "localhost"),
        ("SSL_SESSION_RESUMED", "Initial"),
        ("HTTPS", "on"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    // A whole year is left only within the second in which the certificate was made.
    assert!(["364", "365"].contains(&variables["SSL_CLIENT_V_REMAIN"].as_str().unwrap()));
    assert!(variables["SSL_CLIENT_CERT"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(variables["SSL_CLIENT_CERT_CHAIN_0"].is_string());
    let request =
        "GET /env HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
    let by_accept = Client::new(SslVersion::TLS1_2).ask(server.address, request).unwrap();
    let variables: Value = serde_json::from_str(&body(by_accept)).unwrap();
    assert_eq!(variables["SSL_CLIENT_VERIFY"], "NONE");
}

#[test]
fn chooses_the_certificate_by_the_name_that_the_client_asks_for() {
    let (cert, key) = (file("client.pem"), file("client.key"));
    let own = [file("server.pem"), file("server.key")];
    let sni = format!("other.test={cert},{key}");
    let process = Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .args(["serve", "--listen", "127.0.0.1:0", "--cert", &own[0], "--key", &own[1], "--sni", &sni])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut process = process;
    let mut first = String::new();
    BufReader::new(process.stderr.take().unwrap()).read_line(&mut first).unwrap();
    let address: SocketAddr =
        first.split_once("https://").unwrap().1.split('/').next().unwrap().parse().unwrap();
    for (name, shown) in
        [(Some("other.test"), "TestClient"), (Some("localhost"), "localhost"), (None, "localhost")]
    {
        let asking = Client { name, ..Client::new(SslVersion::TLS1_3) };
        let stream = asking.connect(address).unwrap();
        let certificate = stream.ssl().peer_certificate().unwrap();
        let mut subject = certificate.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME);
        let subject = subject.next().unwrap().data().to_string().unwrap();
        assert_eq!(subject, shown, "{name:?}");
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_in_order_and_open_connections_are_told() {
    for signal in ["INT", "TERM"] {
        let mut server = serve(&[]);
        let open = Client::new(SslVersion::TLS1_3).with(client()).connect(server.address).unwrap();
        let silent = TcpStream::connect(server.address).unwrap();
        thread::sleep(Duration::from_millis(100));
        server.signal(signal);
        assert_eq!(server.exit_code(), Some(0));
        let told = server.told();
        assert_eq!(told["client_auth"]["answer"], "certificate", "{told}");
        assert!(said(&told).contains("the server stops"), "{told}");
        drop((open, silent));
    }
}

#[test]
fn ends_after_the_connections_it_was_to_count() {
    let mut server = serve(&["--count", "2"]);
    for _ in 0..2 {
        Client::new(SslVersion::TLS1_3).get(server.address, "/").unwrap();
    }
    assert_eq!(server.exit_code(), Some(0));
    assert!(server.told()["connection"] == 1 && server.told()["connection"] == 2);
}

#[test]
fn a_thousand_silent_clients_hold_nobody_up() {
    // More clients than places: who is silent the longest makes room.
    let server = serve(&["--max-connections", "200"]);
    let silent: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            if number % 2 == 0 {
                // Half of them begin a record and never end it.
                let _ = stream.write_all(&[22, 3, 1]);
            }
            stream
        })
        .collect();
    let start = Instant::now();
    let response = Client::new(SslVersion::TLS1_3).with(client()).get(server.address, "/").unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    drop(silent);
}

#[test]
fn what_it_records_is_read_as_it_was_told() {
    let directory = tempfile::tempdir().unwrap();
    let (recording, keys) = (directory.path().join("trace.pcapng"), directory.path().join("keys.log"));
    let mut server =
        serve(&["--count", "2", "-w", recording.to_str().unwrap(), "--keylog", keys.to_str().unwrap()]);
    for version in BOTH {
        Client::new(version).with(client()).get(server.address, "/").unwrap();
    }
    assert_eq!(server.exit_code(), Some(0));
    let read = crate::run::run(["read", "--json", recording.to_str().unwrap()]);
    let read: Vec<Value> = read.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), 2);
    for read in read {
        let told = server.told();
        let messages = |connection: &Value| -> Vec<String> {
            let messages = connection["messages"].as_array().unwrap();
            messages.iter().map(|message| format!("{} {}", message["from"], message["name"])).collect()
        };
        assert_eq!(messages(&read), messages(&told));
        for same in ["version", "cipher_suite", "alpn", "client_auth"] {
            assert_eq!(read[same], told[same], "{same}");
        }
        assert_eq!(findings(&read), findings(&told));
    }
    let keys = std::fs::read_to_string(keys).unwrap();
    assert!(keys.contains("CLIENT_RANDOM ") && keys.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), "{keys}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_flood_of_handshakes_leaves_it_answering_and_its_memory_bounded() {
    let server = serve(&["--max-connections", "64"]);
    let resident = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let flood = |number: usize| {
        for _ in 0..number {
            let mut ssl = Client::new(SslVersion::TLS1_3).with(client());
            ssl.context.set_max_proto_version(Some(SslVersion::TLS1_3)).unwrap();
            // Goes without a word, as floods do.
            drop(ssl.connect(server.address));
        }
    };
    flood(100);
    let before = resident();
    flood(400);
    let after = resident();
    let response = Client::new(SslVersion::TLS1_3).with(client()).get(server.address, "/").unwrap();
    assert!(response.ends_with("Welcome TestClient\n"), "{response}");
    assert!(after < before + 20 * 1024, "{before} KiB, then {after} KiB");
}

#[test]
fn what_makes_no_sense_is_said_on_one_line() {
    for (options, words) in [
        (vec!["--client-cert-negotiation", "disable"], "without --protect"),
        (vec!["--like", "nginx", "--protect", "/x"], "exclude each other"),
        (vec!["--protect", "x"], "must begin with /"),
        (vec!["--tls-min", "1.3", "--tls-max", "1.2"], "no version is left"),
        (vec!["--cert", "/nonexistent.pem"], "no such file"),
    ] {
        let ran = crate::run::run([vec!["serve"], options].concat());
        assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
        assert!(ran.err.contains(words) && ran.err.lines().count() == 1, "{}", ran.err);
    }
}
