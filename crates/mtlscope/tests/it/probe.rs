//! `mtlscope probe` against servers of our own, one for each way to want a certificate.

use mtlscope::Exit;
use mtlscope_sources::authority::{Pki, Plan, zoo};
use mtlscope_sources::feed::Feed;
use mtlscope_sources::server::{self, Limits, Policy, Refusal, Server, Settings, VerifyClient, Version};
use serde_json::Value;

use crate::run::{Ran, run};

/// An authority, its files, and servers that trust it.
struct Place {
    pki: Pki,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let pki = Pki::new(&Plan::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = Self { pki, folder };
        let client = place.pki.client("TestClient").unwrap();
        let expired = zoo::leaf_expired(&place.pki).unwrap().identity;
        for (name, content) in [
            ("ca.pem", place.pki.ca_pem().unwrap()),
            ("client.pem", client.chain_pem().unwrap()),
            ("client.key", String::from_utf8(client.key_pem().unwrap().to_vec()).unwrap()),
            ("expired.pem", expired.chain_pem().unwrap()),
            ("expired.key", String::from_utf8(expired.key_pem().unwrap().to_vec()).unwrap()),
        ] {
            std::fs::write(place.folder.path().join(name), content).unwrap();
        }
        place
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn serve(&self, policy: Policy, min: Version, alpn: &[&str]) -> Server {
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            policy,
            tls: server::Tls {
                certificates: vec![server::ServerCertificate::from(&self.pki.server)],
                trusted: server::Authorities::from(&self.pki),
                advertised: None,
                revocation: None,
                min,
                max: Version::Tls13,
                weak: false,
                alpn: alpn.iter().map(|&protocol| protocol.to_owned()).collect(),
                session_tickets: true,
                ocsp_staple: None,
            },
            limits: Limits::default(),
        };
        Server::bind(&settings, &Feed::new().0).unwrap()
    }

    fn probe(&self, server: &Server, path: &str, more: &[&str]) -> Ran {
        let target = format!("127.0.0.1:{}{path}", server.address().port());
        let ca = self.file("ca.pem");
        run(["probe", &target, "--cacert", &ca].into_iter().chain(more.iter().copied()))
    }

    fn json(&self, server: &Server, path: &str, more: &[&str]) -> (Exit, Value) {
        let more: Vec<&str> = ["--json"].into_iter().chain(more.iter().copied()).collect();
        let ran = self.probe(server, path, &more);
        assert_eq!(ran.err, "");
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        (ran.exit, serde_json::from_str(&ran.out).unwrap())
    }
}

const H1: &[&str] = &["http/1.1"];
const BOTH: &[&str] = &["h2", "http/1.1"];

fn wants(verify_client: VerifyClient) -> Policy {
    Policy { verify_client, ..Policy::default() }
}

/// `TLS 1.3 h2 handshake refused tls`, for each attempt.
fn attempts(probe: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or("-".to_owned(), str::to_owned);
    let mut attempts: Vec<String> = probe["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| {
            let fields =
                ["version", "protocol", "asked", "result", "layer"].map(|field| word(&attempt[field]));
            let mut text = fields.join(" ");
            if attempt["with_certificate"] == true {
                text.push_str(" with");
            }
            if attempt["post_handshake_auth"] == false {
                text.push_str(" as-browsers");
            }
            text
        })
        .collect();
    attempts.sort();
    attempts
}

#[test]
fn servers_that_never_ask_that_ask_and_that_insist_are_told_apart() {
    let place = Place::new();
    for (verify_client, requirement, layers) in [
        (VerifyClient::None, "none", &[][..]),
        (VerifyClient::Optional, "optional", &[]),
        (VerifyClient::Require, "required", &["tls"]),
    ] {
        for alpn in [H1, BOTH] {
            let server = place.serve(wants(verify_client), Version::Tls12, alpn);
            let (exit, probe) = place.json(&server, "/", &["--expect", requirement]);
            assert_eq!(exit, Exit::Clean, "{probe}");
            assert_eq!((&probe["requirement"], &probe["as_expected"]), (&requirement.into(), &true.into()));
            assert_eq!(probe["layers"], serde_json::to_value(layers).unwrap());
            assert_eq!(probe["notes"].as_array().unwrap().len(), 0, "{probe}");
        }
    }
}

#[test]
fn a_refusal_by_status_behind_a_completed_handshake_is_no_option() {
    let place = Place::new();
    let nginx = Policy { refusal: Refusal::BadRequest, ..wants(VerifyClient::Require) };
    let server = place.serve(nginx, Version::Tls12, BOTH);
    let (_, probe) = place.json(&server, "/", &[]);
    assert_eq!((&probe["requirement"], &probe["layers"]), (&"required".into(), &vec!["http"].into()));
    assert_eq!(
        attempts(&probe),
        [
            "TLS 1.2 h2 handshake refused http",
            "TLS 1.2 http/1.1 handshake refused http",
            "TLS 1.3 h2 handshake refused http",
            "TLS 1.3 http/1.1 handshake refused http",
        ]
    );
    assert!(probe["attempts"].as_array().unwrap().iter().all(|attempt| attempt["http_status"] == 400));
    let text = place.probe(&server, "/", &[]).out;
    assert!(
        text.contains("requires a client certificate, by HTTP status 400 behind a completed handshake"),
        "{text}"
    );
    assert!(text.contains("names 1 authority: CN=mtlscope Test Root CA"), "{text}");
    assert!(text.lines().count() < 24, "one screen\n{text}");
}

#[test]
fn a_path_for_which_the_server_asks_late_is_told_from_the_others() {
    let place = Place::new();
    let late =
        Policy { protect: vec!["/secure".to_owned()], asks_late: true, ..wants(VerifyClient::Require) };
    let server = place.serve(late, Version::Tls12, H1);
    assert_eq!(place.json(&server, "/", &[]).1["requirement"], "none");
    let (_, probe) = place.json(&server, "/secure", &[]);
    assert_eq!(probe["requirement"], "required");
    let found = attempts(&probe);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("TLS 1.2 http/1.1 renegotiation refused"), "{found:?}");
    assert!(found[1].starts_with("TLS 1.3 http/1.1 no refused http as-browsers"), "{found:?}");
    assert!(found[2].starts_with("TLS 1.3 http/1.1 post_handshake refused"), "{found:?}");
    assert!(probe["notes"][0].as_str().unwrap().contains("no browser does"), "{probe}");
}

#[test]
fn a_certificate_is_tried_once_a_version_and_its_refusal_is_an_error() {
    let place = Place::new();
    let server = place.serve(wants(VerifyClient::Require), Version::Tls12, H1);
    let shown = |name: &str| {
        let (cert, key) = (place.file(&format!("{name}.pem")), place.file(&format!("{name}.key")));
        place.json(&server, "/", &["--cert", &cert, "--key", &key])
    };
    let (exit, probe) = shown("client");
    assert_eq!(exit, Exit::Clean, "{probe}");
    let found = attempts(&probe);
    assert!(found.contains(&"TLS 1.2 http/1.1 handshake accepted http with".to_owned()), "{found:?}");
    assert!(found.contains(&"TLS 1.3 http/1.1 handshake accepted http with".to_owned()), "{found:?}");
    let (exit, probe) = shown("expired");
    assert_eq!(exit, Exit::Trouble);
    assert_eq!(probe["requirement"], "required");
    let rules: Vec<&str> = probe["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|attempt| attempt["findings"].as_array().unwrap())
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"leaf-expired"), "{rules:?}");
}

#[test]
fn a_server_whose_own_certificate_fails_the_check_is_not_shown_ours() {
    let place = Place::new();
    let server = place.serve(wants(VerifyClient::Require), Version::Tls12, H1);
    let target = format!("127.0.0.1:{}", server.address().port());
    let (cert, key) = (place.file("client.pem"), place.file("client.key"));
    let probe = |more: &[&str]| {
        let arguments = ["probe", "--json", &target, "--cert", &cert, "--key", &key];
        let ran = run(arguments.into_iter().chain(more.iter().copied()));
        serde_json::from_str::<Value>(&ran.out).unwrap()
    };
    let doubted = probe(&[]);
    assert_eq!(doubted["requirement"], "required");
    assert!(attempts(&doubted).iter().all(|attempt| !attempt.ends_with("with")), "{doubted}");
    assert!(doubted["notes"][0].as_str().unwrap().contains("yours was not shown"), "{doubted}");
    let trusting = probe(&["-k"]);
    assert_eq!(attempts(&trusting).iter().filter(|attempt| attempt.ends_with("with")).count(), 2);
    assert_eq!(trusting["notes"].as_array().unwrap().len(), 0);
}

#[test]
fn a_version_that_is_not_spoken_is_said_to_be_so() {
    let place = Place::new();
    let server = place.serve(wants(VerifyClient::Optional), Version::Tls13, H1);
    let (_, probe) = place.json(&server, "/", &[]);
    assert_eq!(
        attempts(&probe),
        ["TLS 1.2 http/1.1 - version_not_spoken -", "TLS 1.3 http/1.1 handshake accepted http"]
    );
    assert_eq!(probe["requirement"], "optional");
}

#[test]
fn without_http_the_handshake_alone_tells() {
    let place = Place::new();
    for (verify_client, requirement) in [(VerifyClient::None, "none"), (VerifyClient::Require, "required")] {
        let server = place.serve(wants(verify_client), Version::Tls12, H1);
        assert_eq!(place.json(&server, "/", &["--no-http"]).1["requirement"], requirement);
    }
}

#[test]
fn several_servers_are_told_in_the_order_typed_and_one_out_of_reach_stops_none() {
    let place = Place::new();
    let optional = place.serve(wants(VerifyClient::Optional), Version::Tls12, H1);
    let none = place.serve(wants(VerifyClient::None), Version::Tls12, H1);
    // A port on which nobody listens.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let targets: Vec<String> =
        [optional.address(), nobody, none.address()].iter().map(ToString::to_string).collect();
    let ca = place.file("ca.pem");
    let mut arguments = vec!["probe", "--cacert", &ca, "--expect", "optional"];
    arguments.extend(targets.iter().map(String::as_str));
    let ran = run(arguments);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::CouldNotLook, ""));
    let places: Vec<Option<usize>> = targets.iter().map(|target| ran.out.find(target)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{}", ran.out);
    for told in ["as expected: optional", "connection refused", "not as expected: optional"] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
    assert!(
        ran.out.ends_with("3 servers: 1 asks and does not insist, 1 never asks, 1 could not be probed.\n"),
        "{}",
        ran.out
    );
}

#[test]
fn what_was_expected_and_is_not_so_is_an_error() {
    let place = Place::new();
    let server = place.serve(wants(VerifyClient::Optional), Version::Tls12, H1);
    let ran = place.probe(&server, "/", &["--expect", "required"]);
    assert_eq!(ran.exit, Exit::Trouble);
    assert!(ran.out.contains("not as expected: required"), "{}", ran.out);
}

#[test]
fn a_server_that_is_silent_is_given_up_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = silent.local_addr().unwrap().to_string();
    let ran = run(["probe", &target, "--timeout", "0.3"]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.out.contains("--timeout sets the limit"), "{}", ran.out);
}

#[test]
fn what_cannot_be_used_is_said_before_anybody_is_called() {
    for (arguments, said) in [
        (&["probe", "http://a.test"][..], "http is not https"),
        (&["probe", "a.test:0"], "0 is no port"),
        (&["probe", "a.test", "--cert", "/nowhere/c.pem"], "/nowhere/c.pem"),
        (&["probe", "a.test", "--cacert", "/nowhere/ca.pem"], "/nowhere/ca.pem"),
        (&["probe", "a.test", "--resolve", "a.test"], "--resolve a.test"),
    ] {
        let ran = run(arguments.iter().copied());
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""), "{arguments:?}");
        assert!(ran.err.contains(said) && ran.err.lines().count() == 1, "{}", ran.err);
    }
}
