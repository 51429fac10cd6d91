//! `mtlscope connect` against servers made of OpenSSL and of scripts: verdicts, exit codes, words.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use mtlscope::Exit::{self, Clean, CouldNotLook, Trouble};
use mtlscope_sources::authority::{Identity, Pki, Plan, Zoo};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use crate::run::{Ran, run};

/// A test authority.
static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::new(&Plan::default()).unwrap());

thread_local! {
    /// The files of the authority and of a stranger's. Each test runs on a thread of its own, with which they go; what is
    /// static would never be removed.
    static FOLDER: tempfile::TempDir = written();
}

fn written() -> tempfile::TempDir {
    let pki = &*PKI;
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    let client = pki.clients.first().unwrap();
    put("ca.pem", pki.ca_pem().unwrap().as_bytes());
    put("client.pem", client.chain_pem().unwrap().as_bytes());
    put("client.key", &client.key_pem().unwrap());
    put("locked.key", &client.encrypted_key_pem("secret").unwrap());
    put("client.p12", &client.pkcs12("secret").unwrap());
    put("old.p12", &client.legacy_pkcs12("secret").unwrap());
    let zoo = Zoo::new(pki).unwrap();
    let stranger = &zoo.specimen("unknown-ca").unwrap().identity;
    put("stranger.pem", stranger.chain_pem().unwrap().as_bytes());
    put("stranger.key", &stranger.key_pem().unwrap());
    std::fs::create_dir(folder.path().join("candidates")).unwrap();
    put("candidates/good.pem", client.chain_pem().unwrap().as_bytes());
    put("candidates/stranger.pem", stranger.chain_pem().unwrap().as_bytes());
    put("candidates/notes.txt", b"not a certificate");
    folder
}

fn file(name: &str) -> String {
    FOLDER.with(|folder| folder.path().join(name).display().to_string())
}

/// How a server asks.
#[derive(Clone, Copy, PartialEq)]
enum Asks {
    Never,
    /// And takes whatever comes.
    Wants,
    Requires,
}

/// What it answers: to this path, with this client's certificate.
type Answer = fn(path: &str, has_certificate: bool) -> String;

fn page(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn welcome(_: &str, has_certificate: bool) -> String {
    page("200 OK", if has_certificate { "Welcome" } else { "Hello nobody" })
}

/// A server for so many connections, which first says this in clear. Its port.
fn server(asks: Asks, version: SslVersion, connections: usize, answer: Answer) -> u16 {
    serve(asks, version, connections, answer, &[])
}

/// `clear`: what is said, and what is waited for, before TLS.
fn serve(
    asks: Asks,
    version: SslVersion,
    connections: usize,
    answer: Answer,
    clear: &'static [(&'static str, &'static str)],
) -> u16 {
    let context = context(&PKI.server, asks, version);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for _ in 0..connections {
            let Ok((mut stream, _)) = listener.accept() else { return };
            for (said, heard) in clear {
                let _ = stream.write_all(said.as_bytes());
                read_until(&mut stream, heard.as_bytes());
            }
            if let Ok(mut stream) = Ssl::new(&context).unwrap().accept(stream) {
                meet(&mut stream, answer);
            }
        }
    });
    port
}

/// Answers one request, and says goodbye.
fn meet(stream: &mut SslStream<TcpStream>, answer: Answer) {
    let head = read_until(stream, b"\r\n\r\n");
    let head = String::from_utf8_lossy(&head).into_owned();
    let Some(path) = head.split(' ').nth(1) else { return };
    let has_certificate = stream.ssl().peer_certificate().is_some();
    let _ = stream.write_all(answer(path, has_certificate).as_bytes());
    let _ = stream.shutdown();
}

fn read_until(stream: &mut impl Read, end: &[u8]) -> Vec<u8> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(end) && matches!(stream.read(&mut byte), Ok(1)) {
        bytes.push(byte[0]);
    }
    bytes
}

fn context(identity: &Identity, asks: Asks, version: SslVersion) -> SslContext {
    let mut context = SslContext::builder(SslMethod::tls_server()).unwrap();
    context.set_certificate(&identity.certificate).unwrap();
    context.set_private_key(&identity.key).unwrap();
    for one in &identity.chain {
        context.add_extra_chain_cert(one.clone()).unwrap();
    }
    context.set_min_proto_version(Some(version)).unwrap();
    context.set_max_proto_version(Some(version)).unwrap();
    let root: X509 = PKI.root.certificate.clone();
    context.add_client_ca(&root).unwrap();
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(root).unwrap();
    context.set_cert_store(store.build());
    context.set_session_id_context(b"test").unwrap();
    match asks {
        Asks::Never => context.set_verify(SslVerifyMode::NONE),
        Asks::Wants => context.set_verify_callback(SslVerifyMode::PEER, |_, _| true),
        Asks::Requires => context.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT),
    }
    context.build()
}

/// Connects to a port of ours; `{}` stands for it, and words with a dot or slash that name a file of ours for its path.
fn connect(words: &str, port: u16) -> Ran {
    let typed = words.replace("{}", &port.to_string());
    let typed = typed.split_whitespace().map(|word| match word.strip_prefix('@') {
        Some(name) => file(name),
        None => word.to_owned(),
    });
    run(["connect".to_owned()].into_iter().chain(typed))
}

const VERSIONS: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];
const GOOD: &str = "--cacert @ca.pem --cert @client.pem --key @client.key";
const STRANGER: &str = "--cacert @ca.pem --cert @stranger.pem --key @stranger.key";

/// Every one of these stands in the text, its line breaks aside.
fn says(ran: &Ran, words: &[&str]) {
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in words {
        assert!(flat.contains(words), "{words:?} is missing in\n{}\n{}", ran.out, ran.err);
    }
}

#[test]
fn a_client_that_belongs_is_accepted() {
    for version in VERSIONS {
        let port = server(Asks::Requires, version, 1, welcome);
        let ran = connect(&format!("https://localhost:{{}}/ {GOOD}"), port);
        says(&ran, &["Accepted: HTTP 200", "the server's chain is good", "would match", "Welcome"]);
        assert_eq!((ran.exit, ran.err.as_str()), (Clean, ""), "{}", ran.out);
    }
}

#[test]
fn a_stranger_is_refused_and_told_why_however_late() {
    for version in VERSIONS {
        for url in ["https://localhost:{}/", "localhost:{}"] {
            let port = server(Asks::Requires, version, 1, welcome);
            let ran = connect(&format!("{url} {STRANGER}"), port);
            says(&ran, &["unknown_ca", "error: unknown-ca", "would not match"]);
            if version == SslVersion::TLS1_3 {
                says(&ran, &["The handshake is complete", "Server's answer Refused"]);
            }
            assert_eq!((ran.exit, ran.err.as_str()), (Trouble, ""), "{}", ran.out);
        }
    }
}

#[test]
fn without_a_certificate_it_shows_what_the_server_requires() {
    let forbids: Answer = |_, has_certificate| match has_certificate {
        true => page("200 OK", ""),
        false => page("403 Forbidden", "client certificate required"),
    };
    for version in VERSIONS {
        for (asks, answer, exit, words) in [
            (Asks::Requires, welcome as Answer, Trouble, "requires a client certificate, in TLS"),
            (Asks::Wants, forbids, Trouble, "requires a client certificate, by HTTP status"),
            (Asks::Wants, welcome, Clean, "wants a client certificate, and goes on without one"),
            (Asks::Never, welcome, Clean, "does not ask for a client certificate"),
        ] {
            let port = server(asks, version, 1, answer);
            let ran = connect("https://localhost:{}/ --cacert @ca.pem", port);
            says(&ran, &[words]);
            assert_eq!(ran.exit, exit, "{}", ran.out);
        }
    }
}

#[test]
fn a_server_that_is_not_trusted_is_refused_unless_that_does_not_matter() {
    for version in VERSIONS {
        let port = server(Asks::Never, version, 2, welcome);
        // A trust of somebody else's, so that the machine's own does not count.
        let refused = connect("https://localhost:{}/ --cacert @stranger.pem", port);
        says(&refused, &["It refused the server", "unable to get local issuer certificate"]);
        assert_eq!(refused.exit, Trouble, "{}", refused.out);
        let ignored = connect("https://localhost:{}/ --cacert @stranger.pem -k", port);
        says(&ignored, &["fails the check, and that was ignored", "Accepted: HTTP 200"]);
        assert_eq!(ignored.exit, Clean, "{}", ignored.out);
    }
}

#[test]
fn a_certificate_for_another_name_is_no_good() {
    let port = server(Asks::Never, SslVersion::TLS1_3, 1, welcome);
    let ran = connect("https://b.test:{}/ --resolve b.test:{}:127.0.0.1 --cacert @ca.pem", port);
    says(&ran, &["hostname mismatch"]);
    assert_eq!(ran.exit, Trouble);
    let port = server(Asks::Never, SslVersion::TLS1_3, 1, welcome);
    let ran =
        connect("https://localhost:443/ --connect-to localhost:443:127.0.0.1:{} --cacert @ca.pem", port);
    assert_eq!(ran.exit, Clean, "{}", ran.out);
}

#[test]
fn certificates_are_read_however_they_are_stored() {
    for (words, exit) in [
        ("--cert @client.p12:secret --cert-type P12", Clean),
        ("-E @client.p12 --pass secret", Clean),
        ("-E @old.p12 --pass secret", Clean),
        ("-E @client.pem --key @locked.key --pass secret", Clean),
        ("-E @client.pem --key @locked.key --pass wrong", CouldNotLook),
        ("-E @client.pem --key @locked.key", CouldNotLook),
        ("-E @client.pem --key @stranger.key", CouldNotLook),
        ("-E @client.pem --key @missing.key", CouldNotLook),
        ("-E @client.pem", CouldNotLook),
        ("-E @client.key --key @client.pem", CouldNotLook),
        ("-E @client.pem --key @client.key --cert-type P12", CouldNotLook),
        ("--key @client.key", CouldNotLook),
        ("--cacert @missing.pem", CouldNotLook),
        ("--ciphers nonsense", CouldNotLook),
        ("--tlsv1.3 --tls-max 1.2", CouldNotLook),
    ] {
        let port = match exit {
            Clean => server(Asks::Requires, SslVersion::TLS1_3, 1, welcome),
            _ => 1,
        };
        let words = words.replace("@client.p12:secret", &format!("{}:secret", file("client.p12")));
        let ran = connect(&format!("https://localhost:{{}}/ -k {words}"), port);
        assert_eq!(ran.exit, exit, "{words}\n{}{}", ran.out, ran.err);
        if exit == CouldNotLook {
            is_one_line_with_advice(&ran);
        }
    }
}

fn is_one_line_with_advice(ran: &Ran) {
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.starts_with("mtlscope: ") && ran.err.contains('('), "{}", ran.err);
}

#[test]
fn where_no_connection_comes_about_it_says_why() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    // The system accepts, and nobody says a word.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let chatty = chatty_server("220 mail.test ESMTP\r\n");
    for (words, port, said) in [
        ("https://127.0.0.1:{}/", closed, "nothing listens"),
        ("https://127.0.0.1:{}/ --max-time 0.3", silent_port, "timed out after 0.3 s in the TLS handshake"),
        ("https://127.0.0.1:{}/", chatty, "--starttls smtp"),
        ("https://localhost/ -x 127.0.0.1:{}", closed, "the proxy 127.0.0.1"),
        ("http://localhost:{}/", closed, "say https://"),
        ("https://localhost/ -x socks5://127.0.0.1:{}", closed, "only HTTP proxies"),
        ("https://localhost:{}/ --resolve nonsense", closed, "--resolve nonsense"),
        ("https://127.0.0.1:{}/ -6", closed, "no IPv6 address"),
    ] {
        let ran = connect(words, port);
        assert_eq!(ran.exit, CouldNotLook, "{words}\n{}{}", ran.out, ran.err);
        assert!(ran.err.contains(said), "{words}: {}", ran.err);
        is_one_line_with_advice(&ran);
        if said == "nothing listens" {
            let traced = connect(&format!("{words} -v"), port).out;
            assert!(
                traced.starts_with(&format!("*   Trying 127.0.0.1:{port}...\n* connect to 127.0.0.1")),
                "{traced}"
            );
        }
        if port == silent_port {
            assert!(ran.out.contains("not asked for."), "{}", ran.out);
            assert!(!ran.out.contains("captured"), "{}", ran.out);
        }
        let hushed = connect(&format!("{words} -s"), port);
        if port != chatty {
            assert_eq!((hushed.exit, hushed.err.as_str()), (CouldNotLook, ""), "{words}");
        }
    }
}

/// A server that greets in clear, once for each of two visitors.
fn chatty_server(greeting: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for _ in 0..2 {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = stream.write_all(greeting.as_bytes());
            kept.push(stream);
        }
        thread::sleep(Duration::from_secs(1));
    });
    port
}

#[test]
fn redirects_are_followed_each_in_a_connection_of_its_own() {
    let moves: Answer = |path, _| match path {
        "/" => "HTTP/1.1 302 Found\r\nLocation: /next?a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .to_owned(),
        "/loop" => "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n".to_owned(),
        path => page("200 OK", path),
    };
    let port = server(Asks::Never, SslVersion::TLS1_3, 2, moves);
    let ran = connect("https://localhost:{}/ -k --location --output-json", port);
    let statuses: Vec<u64> = ran
        .out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["http"]["status"].as_u64().unwrap()
        })
        .collect();
    assert_eq!((statuses.as_slice(), ran.exit), (&[302, 200][..], Clean), "{}", ran.err);
    let port = server(Asks::Never, SslVersion::TLS1_3, 3, moves);
    let ran = connect("https://localhost:{}/loop -k -L --max-redirs 2", port);
    assert_eq!(ran.exit, CouldNotLook);
    assert!(ran.err.contains("more than 2 redirects"), "{}", ran.err);
}

#[test]
fn the_words_of_the_articles_are_understood() {
    let port = server(Asks::Wants, SslVersion::TLS1_3, 1, welcome);
    let ran = connect(
        "--location https://localhost:{}/server.php --key @client.key -E @client.pem --cacert @ca.pem",
        port,
    );
    says(&ran, &["Welcome"]);
    assert_eq!(ran.exit, Clean);
    let port = server(Asks::Wants, SslVersion::TLS1_2, 1, welcome);
    let ran = connect("-v https://localhost:{} -k --tlsv1.2 --tls-max 1.2", port);
    says(&ran, &["TLSv1.2 (IN), TLS handshake, Request CERT (13):", "> GET / HTTP/1.1", "< HTTP/1.1 200 OK"]);
    let port = server(Asks::Wants, SslVersion::TLS1_3, 1, welcome);
    let ran = connect(
        "-connect localhost:{} -status -msg -key @client.key -cert @client.pem -CAfile @ca.pem -state",
        port,
    );
    says(
        &ran,
        &[
            "SSL_connect:before SSL initialization",
            "<<< TLS 1.3, Handshake [length",
            "OCSP response: no response sent",
            "depth=0 O = mtlscope test, CN = localhost verify return:1",
            "Acceptable client certificate CA names",
        ],
    );
    assert_eq!(ran.exit, Clean, "{}{}", ran.out, ran.err);
}

#[test]
fn a_recording_and_a_key_log_tell_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let (recording, key_log) = (folder.path().join("trace.pcapng"), folder.path().join("keys.log"));
    let port = server(Asks::Requires, SslVersion::TLS1_3, 1, welcome);
    let shown = |path: &Path| path.display().to_string();
    let ran = connect(
        &format!(
            "https://localhost:{{}}/ {STRANGER} --record {} --keylog {}",
            shown(&recording),
            shown(&key_log)
        ),
        port,
    );
    assert_eq!(ran.exit, Trouble, "{}", ran.err);
    let read = run::<PathBuf>(["read".into(), recording]);
    says(&read, &["unknown_ca", "error: unknown-ca"]);
    assert_eq!(read.exit, Trouble);
    let keys = std::fs::read_to_string(key_log).unwrap();
    assert!(keys.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), "{keys}");
}

#[test]
fn each_certificate_of_a_folder_is_judged() {
    let port = server(Asks::Wants, SslVersion::TLS1_3, 1, welcome);
    let ran = connect("https://localhost:{}/ -k --cert-dir @candidates --output-json", port);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let fits: Vec<(&str, &str)> = told["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["source"].as_str().unwrap(), one["fit"].as_str().unwrap()))
        .collect();
    assert_eq!(fits, [("good.pem", "matches"), ("stranger.pem", "does_not_match")]);
    assert_eq!((ran.exit, ran.err.as_str()), (Clean, ""));
}

#[test]
fn tls_begins_behind_a_talk_in_clear() {
    let pop3 = &[("+OK ready\r\n", "STLS\r\n"), ("+OK begin\r\n", "")];
    let port = serve(Asks::Requires, SslVersion::TLS1_3, 1, welcome, pop3);
    let ran = connect(&format!("localhost:{{}} --starttls pop3 {STRANGER} -v"), port);
    says(&ran, &["> STLS", "< +OK begin", "unknown_ca"]);
    assert_eq!(ran.exit, Trouble, "{}", ran.err);
}

#[test]
fn a_proxy_is_asked_to_connect() {
    let port = server(Asks::Requires, SslVersion::TLS1_3, 1, welcome);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = listener.local_addr().unwrap().port();
    let asked = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let head = read_until(&mut client, b"\r\n\r\n");
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let up = thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut server, &mut client);
        drop(client);
        up.join().unwrap();
        String::from_utf8(head).unwrap()
    });
    let ran = connect(&format!("https://localhost:{port}/ {GOOD} -x http://u:p@127.0.0.1:{{}} -v"), proxy);
    says(&ran, &["Welcome", "< HTTP/1.1 200 Connection established"]);
    assert_eq!(ran.exit, Clean, "{}", ran.err);
    let asked = asked.join().unwrap();
    assert!(asked.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")), "{asked}");
    assert!(asked.contains("Proxy-Authorization: Basic dTpw\r\n"), "{asked}");
    assert!(!ran.out.contains("dTpw"), "{}", ran.out);
}

#[test]
fn a_body_is_shown_saved_or_printed() {
    let port = server(Asks::Never, SslVersion::TLS1_3, 3, |_, _| page("200 OK", "line one\nline two\n"));
    let shown = connect("https://localhost:{}/ -k -i", port);
    assert!(shown.out.contains("  Connection: close\n    line one\n    line two\n"), "{}", shown.out);
    let printed = connect("https://localhost:{}/ -k -o -", port);
    assert!(printed.out.ends_with("\nline one\nline two\n"), "{}", printed.out);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    connect(&format!("https://localhost:{{}}/ -k -o {}", path.display()), port);
    assert_eq!(std::fs::read_to_string(path).unwrap(), "line one\nline two\n");
}

#[test]
fn versions_are_offered_as_asked_and_weakness_is_said() {
    let port = server(Asks::Never, SslVersion::TLS1_2, 1, welcome);
    let ran = connect("https://localhost:{}/ -k --tls-max 1.2 --tlsv1.0", port);
    says(&ran, &["TLS 1.0 is offered, as asked"]);
    assert_eq!(ran.exit, Clean, "{}", ran.out);
    let port = server(Asks::Never, SslVersion::TLS1_2, 1, welcome);
    let ran = connect("https://localhost:{}/ -k --tlsv1.3", port);
    assert_eq!(ran.exit, Exit::Trouble);
    says(&ran, &["protocol_version"]);
}

#[test]
fn many_targets_are_visited_one_after_the_other() {
    let port = server(Asks::Requires, SslVersion::TLS1_3, 2, welcome);
    let ran = connect(&format!("https://localhost:{{}}/a https://localhost:{{}}/b {GOOD}"), port);
    assert_eq!((ran.out.matches("Accepted: HTTP 200").count(), ran.exit), (2, Clean), "{}", ran.out);
    assert!(ran.out.contains("#2  "), "{}", ran.out);
}
