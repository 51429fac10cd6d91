//! Key log files as programs and people leave them.

use std::io::Cursor;

use mtlscope_dissect::input::{Input, SecretOrigin};
use mtlscope_sources::{KeyLogFile, Source};

use crate::build::small_pcap;
use crate::{Heard, Scratch, hear};

fn read(text: &[u8]) -> Heard {
    hear(&mut KeyLogFile::from_reader("keys.log", Cursor::new(text.to_vec())).unwrap())
}

#[track_caller]
fn refused(text: &[u8], expected: &str) {
    let error = KeyLogFile::from_reader("keys.log", Cursor::new(text.to_vec())).unwrap_err().to_string();
    assert!(error.contains(expected) && error.lines().count() == 1, "{error}");
}

#[test]
fn reads_a_key_log_with_comments_byte_order_mark_and_windows_line_ends() {
    let text = "# made by curl\r\n\r\nCLIENT_RANDOM 00 11\r\nEXPORTER_SECRET 22 33";
    let heard = read(&[b"\xef\xbb\xbf", text.as_bytes()].concat());
    assert_eq!(heard.secrets, text);
    assert!(heard.origins.iter().all(|&origin| origin == SecretOrigin::KeyLog));
    assert!(heard.notices.is_empty());
}

#[test]
fn comes_in_pieces_of_whole_lines() {
    let mut text = String::new();
    while text.len() < 3 << 20 {
        text += &format!("CLIENT_RANDOM {:064x} {:096x}\n", text.len(), 7);
    }
    let file = Scratch::new("large.keylog", text.as_bytes());
    let mut source = KeyLogFile::open(&file.0).unwrap();
    let mut got: Vec<u8> = Vec::new();
    while let Some(Input::Secret(secret)) = source.next().unwrap() {
        assert!(secret.lines.ends_with(b"\n") && secret.lines.len() <= 1 << 20);
        got.extend(secret.lines);
    }
    assert!(got == text.as_bytes());
    assert_eq!(source.progress().bytes_read, text.len() as u64);
}

#[test]
fn refuses_what_is_no_key_log_and_says_what_lines_are_wanted() {
    refused(b"", "it is empty");
    refused(b"# a comment\n\n", "holds comments alone");
    refused(b"hello world\n", "CLIENT_RANDOM <64 hex digits>");
    refused(&small_pcap(), "it is a pcap capture (give it as the capture");
    refused(b"\xff\xfeC\0L\0I\0E\0", "UTF-16");
    refused(&[b'x'; 2 << 20], "it is text");
}

#[test]
fn never_prints_a_key() {
    let source =
        KeyLogFile::from_reader("keys.log", Cursor::new(b"CLIENT_RANDOM 00c0ffee 11".to_vec())).unwrap();
    assert!(!format!("{source:?}").contains("c0ffee"));
    // Not even of a file that looks a little like one.
    let error =
        KeyLogFile::from_reader("keys.log", Cursor::new(b"CLIENT_RANDOM 00c0ffee\n".to_vec())).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("c0ffee"));
}
