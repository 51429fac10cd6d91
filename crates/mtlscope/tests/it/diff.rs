//! `mtlscope diff`: connections of captures, and connections made now.

use crate::run::{fixture, run};

fn capture(name: &str) -> String {
    fixture(&format!("{name}/capture.pcap")).to_string_lossy().into_owned()
}

#[test]
fn the_wireshark_article_with_and_without_a_certificate() {
    let good = capture("wireshark-article-tls12-with-certificate");
    let bad = capture("wireshark-article-tls12-without-certificate");
    let ran = run(["diff", &good, &bad]);
    assert_eq!(ran.exit, mtlscope::Exit::Trouble, "{}", ran.err);
    assert!(
        ran.out.contains("They part first at: Certificate of the client  (frame 11 | 10)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("client's answer: a certificate | an empty list"), "{}", ran.out);
}

#[test]
fn a_connection_against_itself_differs_in_nothing() {
    let file = capture("wireshark-article-tls13");
    let ran = run(["diff", &format!("{file}#1"), &format!("{file}#1")]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Nothing that decides a handshake differs."), "{}", ran.out);
}

#[test]
fn keys_open_both() {
    let [good, bad] = ["wireshark-article-tls13", "required-none-sent-tls13"];
    let [good_keys, bad_keys] = [good, bad].map(|name| fixture(&format!("{name}/keys.log")));
    let keys = [&good_keys, &bad_keys].map(|path| path.to_string_lossy());
    let ran =
        run(["diff", &capture(good), &capture(bad), "--keylog", &keys[0], "--keylog", &keys[1], "--json"]);
    let object: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(object["schema"], "diff/v1");
    assert_eq!(object["differs"], true);
    let differences = object["differences"].as_array().unwrap();
    let answer = differences.iter().find(|one| one["name"] == "client's answer").unwrap();
    assert_eq!(answer["bad"]["values"][0], "an empty list");
}

#[test]
fn two_requests_and_two_hellos() {
    let one = capture("unknown-ca-tls12");
    let other = capture("asked-in-renegotiation");
    let ran = run(["diff", "--servers", &one, &one]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert!(ran.out.contains("The two CertificateRequest messages say the same."), "{}", ran.out);
    let ran = run(["diff", "--servers", &one, &other]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("give the keys with --keylog"), "{}", ran.err);
    let ran = run(["diff", "--clients", &one, &capture("wireshark-article-tls13")]);
    assert_eq!(ran.exit, mtlscope::Exit::Trouble);
    assert!(ran.out.contains("supported_versions"), "{}", ran.out);
}

#[test]
fn a_filter_picks_the_connections() {
    let file = capture("unknown-ca-tls12");
    let ran = run(["diff", &file, &file, "-Y", "server_name == \"server.lab.test\""]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}{}", ran.out, ran.err);
    let ran = run(["diff", &file, &file, "-Y", "tls.handshake.type == 13"]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}{}", ran.out, ran.err);
    let ran = run(["diff", &file, &file, "-Y", "server_name == \"other.test\""]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook, "{}", ran.out);
    let ran = run(["diff", &file, &file, "-Y", "no.such == 1"]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("no field is called no.such"), "{}", ran.err);
}

#[test]
fn a_capture_is_held_against_what_somebody_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let pasted = folder.path().join("curl.txt");
    let text = "* TLSv1.2 (OUT), TLS handshake, Client hello (1):\n* TLSv1.2 (IN), TLS handshake, Server hello (2):\n\
                * TLSv1.2 (IN), TLS handshake, Request CERT (13):\n* TLSv1.2 (OUT), TLS handshake, Certificate (11):\n\
                * TLSv1.2 (OUT), TLS handshake, Client key exchange (16):\n* TLSv1.2 (OUT), TLS handshake, Finished (20):\n\
                * TLSv1.2 (IN), TLS alert, handshake failure (552):\n";
    std::fs::write(&pasted, text).unwrap();
    let good = capture("wireshark-article-tls12-with-certificate");
    let ran = run(["diff", &good, &pasted.to_string_lossy()]);
    assert_eq!(ran.exit, mtlscope::Exit::Trouble, "{}", ran.err);
    assert!(!ran.out.contains("unknown type"), "{}", ran.out);
    assert!(ran.out.contains("ServerHello") && ran.out.contains("no-client-cert-configured"), "{}", ran.out);
    let hellos = ran.out.lines().find(|line| line.contains("ClientHello")).unwrap();
    assert_eq!(hellos.matches("ClientHello").count(), 2, "in one row: {hellos}");
}

#[test]
fn what_is_not_there_is_said() {
    let file = capture("unknown-ca-tls12");
    let ran = run(["diff", &format!("{file}#7"), &file]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("there is no connection 7"), "{}", ran.err);
    let ran = run(["diff", "/nowhere.pcap", &file]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    let ran = run(["diff", "https://127.0.0.1:1/", &file]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook, "{}{}", ran.out, ran.err);
    let ran = run(["diff", "https://127.0.0.1:1/", &file, "--", "--no-such-option"]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("no-such-option"), "{}", ran.err);
}
