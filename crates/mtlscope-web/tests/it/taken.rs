//! What is brought to the page: taken up to a limit, and refused with a reason beyond it, or where it is not what it should be.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::opened;
use crate::http::Client;

/// A line of a key log.
fn key(number: u8) -> String {
    format!("CLIENT_RANDOM {} {}\n", format!("{number:02x}").repeat(32), "11".repeat(48))
}

/// Waits until the state tells this.
fn until(client: &Client, what: &str) -> String {
    let begin = Instant::now();
    loop {
        let state = client.get("/api/state").body;
        if state.contains(what) {
            return state;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "{what} is not in {state}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_capture_is_taken_and_read() {
    let (_page, client) = opened();
    assert_eq!(client.post("/api/captures?name=a%3Cb%3E.pcap", b"capture!").status, 202);
    let state = until(&client, "\"stage\":\"done\"");
    assert!(state.contains("a<b>.pcap") && state.contains("8 bytes, 0 key logs"), "{state}");
}

#[test]
fn what_was_taken_is_gone_with_the_page() {
    let (page, client) = opened();
    assert_eq!(client.post("/api/captures?name=x", b"capture!").status, 202);
    let state = until(&client, "it lies at ");
    let (_, path) = state.split_once("it lies at ").unwrap();
    let (path, _) = path.split_once(" today").unwrap();
    assert!(Path::new(path).is_file(), "{path}");
    drop(page);
    assert!(!Path::new(path).exists(), "{path}");
}

#[test]
fn what_is_no_capture_is_refused_with_the_reason_and_leaves_nothing() {
    let (_page, client) = opened();
    let answer = client.post("/api/captures?name=x", b"nonsense");
    assert_eq!((answer.status, answer.body.as_str()), (422, "it is no capture"));
    assert!(until(&client, "\"captures\":[]").contains("\"rows\":0"));
}

#[test]
fn a_capture_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let (_page, client) = opened();
    let announced = client.ask("POST", "/api/captures?name=big.pcap", "", Some(&vec![0; 100_001]));
    assert_eq!(announced.status, 413);
    assert!(
        announced.body.contains("big.pcap") && announced.body.contains("mtlscope web"),
        "{}",
        announced.body
    );
    let mut pieces = Vec::new();
    for _ in 0..11 {
        pieces.extend(format!("{:x}\r\n", 10_000).into_bytes());
        pieces.extend([0; 10_000]);
        pieces.extend(b"\r\n");
    }
    pieces.extend(b"0\r\n\r\n");
    let silent =
        client.ask("POST", "/api/captures?name=big.pcap", "Transfer-Encoding: chunked\r\n", Some(&pieces));
    assert_eq!(silent.status, 413);
    assert!(client.get("/api/state").body.contains("\"captures\":[]"));
}

#[test]
fn keys_are_taken_and_everything_is_read_again() {
    let (_page, client) = opened();
    assert_eq!(client.post("/api/captures?name=x", b"capture").status, 202);
    until(&client, "0 key logs");
    assert_eq!(client.post("/api/keys", key(1).as_bytes()).status, 204);
    assert!(until(&client, "1 key logs").contains("\"generation\":1"));
}

#[test]
fn what_holds_no_key_is_refused_and_so_is_too_much() {
    let (_page, client) = opened();
    for text in ["", "hello", "CLIENT_RANDOM 00 11", "<html>"] {
        let answer = client.post("/api/keys", text.as_bytes());
        assert_eq!(answer.status, 422, "{text}");
        assert!(answer.body.contains("SSLKEYLOGFILE"));
    }
    assert_eq!(client.post("/api/keys", &[b'#'; 2_000]).status, 413);
    // The limit is for all of them together.
    let taken =
        (0..10).take_while(|number| client.post("/api/keys", key(*number).as_bytes()).status == 204).count();
    assert_eq!(taken, 5);
}

#[test]
fn a_filter_that_is_none_is_told_with_its_place() {
    let (_page, client) = opened();
    let answer = client.get("/api/filter?text=tcp+and+outcome.resutl");
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("\"start\":8,\"end\":22") && answer.body.contains("outcome.result"),
        "{}",
        answer.body
    );
    assert_eq!(client.get("/api/filter?text=outcome.result").body, "null");
    assert_eq!(client.get("/api/rows?filter=tcp+and+outcome.resutl").status, 400);
    let fields = client.get("/api/fields?text=outcome.").body;
    assert!(fields.contains("outcome.result") && fields.contains("How it came out"), "{fields}");
}

#[test]
fn windows_beyond_the_end_are_empty_and_nonsense_is_refused() {
    let (_page, client) = opened();
    for query in ["from=0&count=0", "from=99999999999&count=99999999999", "slices=0"] {
        assert_eq!(client.get(&format!("/api/rows?{query}")).status, 200, "{query}");
        assert_eq!(client.get(&format!("/api/picture?{query}")).status, 200, "{query}");
    }
    for query in ["from=-1", "sort=nonsense", "descending=perhaps"] {
        assert_eq!(client.get(&format!("/api/rows?{query}")).status, 400, "{query}");
    }
    assert_eq!(client.post("/api/rows", b"").status, 405);
}
