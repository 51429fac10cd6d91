//! The server met in its own process, by clients that can be asked after their handshake.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use mtlscope_dissect::input::{ChunkKind, Input};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream, SslVersion};

use super::{
    Authorities, Limits, Policy, Refusal, Server, ServerCertificate, Settings, Tls, VerifyClient, Version,
};
use crate::Source;
use crate::authority::{Identity, Pki, Plan};
use crate::feed::{Feed, FeedSource};
use crate::stack::ffi;

fn settings(pki: &Pki, policy: Policy) -> Settings {
    Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        policy,
        tls: Tls {
            certificates: vec![ServerCertificate::from(&pki.server)],
            trusted: Authorities::from(pki),
            advertised: None,
            revocation: None,
            min: Version::Tls12,
            max: Version::Tls13,
            weak: false,
            alpn: Vec::new(),
            session_tickets: true,
            ocsp_staple: None,
        },
        limits: Limits::default(),
    }
}

/// A connection of TLS 1.3 that says that it can be asked after the handshake.
fn connect(server: &Server, identity: Option<&Identity>) -> SslStream<TcpStream> {
    let mut context = SslContext::builder(SslMethod::tls_client()).unwrap();
    context.set_min_proto_version(Some(SslVersion::TLS1_3)).unwrap();
    if let Some(identity) = identity {
        context.set_certificate(&identity.certificate).unwrap();
        for above in &identity.chain {
            context.add_extra_chain_cert(above.clone()).unwrap();
        }
        context.set_private_key(&identity.key).unwrap();
    }
    let mut ssl = Ssl::new(&context.build()).unwrap();
    ffi::set_post_handshake_auth(&mut ssl, true);
    ssl.connect(TcpStream::connect(server.address()).unwrap()).unwrap()
}

fn get(server: &Server, identity: Option<&Identity>, request: &str) -> String {
    let mut stream = connect(server, identity);
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    // A refusal by alert is an error here; what came before it stands.
    let _ = stream.read_to_string(&mut response);
    response
}

/// All that the server said of each connection, in the order in which they came, once it has stopped.
fn said(mut source: FeedSource) -> Vec<Vec<String>> {
    let mut said = BTreeMap::<u64, Vec<String>>::new();
    while let Some(input) = source.next().unwrap() {
        if let Input::Chunk(chunk) = input
            && let ChunkKind::Said(text) = chunk.what
        {
            said.entry(chunk.flow.0).or_default().push(text.to_owned());
        }
    }
    said.into_values().collect()
}

/// What the server said until a connection ended.
fn said_of_one(source: &mut FeedSource) -> Vec<String> {
    let mut said = Vec::new();
    while let Some(input) = source.next().unwrap() {
        let Input::Chunk(chunk) = input else { continue };
        match chunk.what {
            ChunkKind::Said(text) => said.push(text.to_owned()),
            ChunkKind::End => break,
            _ => {}
        }
    }
    said
}

#[test]
fn asks_after_the_handshake_and_keeps_the_body() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let policy = Policy {
        verify_client: VerifyClient::Require,
        refusal: Refusal::Forbidden,
        protect: vec!["/secure".to_owned()],
        asks_late: true,
        ..Policy::default()
    };
    let (feed, source) = Feed::new();
    let server = Server::bind(&settings(&pki, policy), &feed).unwrap();
    drop(feed);
    let heard = thread::spawn(move || said(source));
    let client = pki.client("TestClient");
    let head = "POST /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let request = format!("{head}Content-Length: 40000\r\n\r\n{}", "x".repeat(40_000));
    assert!(get(&server, client, &request).ends_with("Welcome TestClient\n"));
    assert!(get(&server, None, &request).contains("HTTP Error 403.7"));
    // Asked once, it is known for the requests that follow.
    let mut stream = connect(&server, client);
    for request in ["GET /secure HTTP/1.1\r\n\r\n", "GET /secure HTTP/1.1\r\nConnection: close\r\n\r\n"] {
        stream.write_all(request.as_bytes()).unwrap();
    }
    let mut responses = String::new();
    stream.read_to_string(&mut responses).unwrap();
    assert_eq!(responses.matches("Welcome TestClient").count(), 2, "{responses}");
    server.stop();
    drop(server);
    let mut heard = heard.join().unwrap();
    for said in &mut heard {
        // The last client may still be parting when the server is stopped.
        said.retain(|said| said != "the server stops");
    }
    let verified = |result: &str| format!("SSL_CLIENT_VERIFY={result}");
    assert_eq!(
        heard,
        [["NONE", "SUCCESS"], ["NONE", "NONE"], ["NONE", "SUCCESS"]]
            .map(|results| results.map(verified).to_vec())
    );
}

#[test]
fn refuses_by_alert_after_the_handshake_as_apache_does() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let policy = Policy {
        verify_client: VerifyClient::Require,
        protect: vec!["/".to_owned()],
        asks_late: true,
        ..Policy::default()
    };
    let (feed, mut source) = Feed::new();
    let server = Server::bind(&settings(&pki, policy), &feed).unwrap();
    drop(feed);
    assert_eq!(get(&server, None, "GET / HTTP/1.1\r\n\r\n"), "");
    // The client has the alert before the server has told of it: a server that is stopped meanwhile tells that instead.
    let heard = said_of_one(&mut source);
    server.stop();
    assert!(heard.iter().any(|said| said.contains("peer did not return a certificate")), "{heard:?}");
}

#[test]
fn a_stopped_server_has_let_go_of_its_port() {
    let pki = Pki::new(&Plan::default()).unwrap();
    let (feed, source) = Feed::new();
    let server = Server::bind(&settings(&pki, Policy::default()), &feed).unwrap();
    let address = server.address();
    let silent = TcpStream::connect(address).unwrap();
    server.stop();
    drop((server, feed, silent));
    said(source);
    assert!(TcpStream::connect(address).is_err());
}
