//! `mtlscope read` of text that programs printed.

use mtlscope::Exit;

use crate::run::{Given, run, run_with};

/// As printed in an article on IIS: asked, answered with an empty list, refused in HTTP.
const IIS: &str = "\
* Rebuilt URL to: https://azurevm.example/
* Trying ::1...
* Connected to localhost (::1) port 443 (#0)
* ALPN, offering h2
* TLSv1.2 (OUT), TLS handshake, Client hello (1):
* TLSv1.2 (IN), TLS handshake, Server hello (2):
* TLSv1.2 (IN), TLS handshake, Certificate (11):
* TLSv1.2 (IN), TLS handshake, Server key exchange (12):
* TLSv1.2 (IN), TLS handshake, Request CERT (13):
* TLSv1.2 (IN), TLS handshake, Server finished (14):
* TLSv1.2 (OUT), TLS handshake, Certificate (11):
* TLSv1.2 (OUT), TLS handshake, Client key exchange (16):
* TLSv1.2 (OUT), TLS change cipher, Client hello (1):
* TLSv1.2 (OUT), TLS handshake, Finished (20):
* TLSv1.2 (IN), TLS handshake, Finished (20):
* SSL connection using TLSv1.2 / ECDHE-RSA-AES256-SHA384
> GET / HTTP/1.1
< HTTP/1.1 403 Forbidden
< Server: Microsoft-IIS/8.5
";

fn read(text: &str, options: &[&str]) -> crate::run::Ran {
    let arguments = ["read", "-"].iter().chain(options).copied();
    run_with(arguments, Given { input: text.as_bytes().to_vec(), ..Given::default() })
}

#[test]
fn the_articles_trace_yields_that_the_client_sent_an_empty_certificate() {
    let ran = read(IIS, &["--json"]);
    assert_eq!(ran.exit, Exit::Trouble, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let client_auth = &told["client_auth"];
    assert_eq!(client_auth["requested"], "yes", "{told}");
    assert_eq!(client_auth["answer"], "empty", "{told}");
    assert_eq!(told["outcome"]["result"], "refused");
    assert_eq!(told["findings"][0]["id"], "no-client-cert-configured");
    assert_eq!(told["server_name"], serde_json::Value::Null);
    let ran = read(IIS, &[]);
    assert!(ran.out.contains("the client answered that it"), "{}", ran.out);
    assert!(!ran.out.contains(" ms"), "a printout has no times: {}", ran.out);
}

#[test]
fn it_reads_the_same_as_pasted_from_a_page() {
    let pasted = IIS.replace('*', "\u{2022}").replace("-", "\u{2013}").replace('\n', "\r\n");
    assert_eq!(read(&pasted, &[]).out, read(IIS, &[]).out);
}

#[test]
fn a_servers_log_says_who_refused() {
    let line = "2026/11/21 19:23:38 [info] 19199#19199: *1 client sent no required SSL certificate while reading client request \
                headers, client: 10.77.0.2, server: server.lab.test, request: \"GET / HTTP/1.1\", host: \"server.lab.test\"\n";
    let ran = read(line, &[]);
    assert_eq!(ran.exit, Exit::Trouble, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("10.77.0.2 \u{2192} server"), "{}", ran.out);
    assert!(ran.out.contains("by the server, as its log says."), "{}", ran.out);
    assert!(ran.out.contains("error: no-client-cert-configured"), "{}", ran.out);
}

#[test]
fn a_servers_log_names_the_cause_in_its_words() {
    let line = "2026/11/21 19:23:38 [info] 19199#19199: *1 client SSL certificate verify error: (10:certificate has expired) while \
                reading client request headers, client: 10.77.0.2, server: server.lab.test, request: \"GET / HTTP/1.1\"\n";
    let ran = read(line, &[]);
    assert_eq!(ran.exit, Exit::Trouble, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("error: leaf-expired (likely)"), "{}", ran.out);
    let unwrapped = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains("its log says why: certificate has expired."), "{}", ran.out);
}

#[test]
fn text_that_tells_of_no_handshake_is_refused_as_before() {
    let ran = read("nothing of the kind\n", &[]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    let ran = run(["read", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.out.is_empty(), "{}", ran.out);
}
