//! Captures built by hand, broken by hand, and real ones where they are at hand.

// What a test cannot unwrap has failed it; and a test that is skipped says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod build;
mod damaged;
mod key_logs;
mod packed;
mod pcap;
mod pcapng;
mod piped;
mod real;
mod recorded;
mod refused;

use std::io::Cursor;
use std::path::PathBuf;

use mtlscope_dissect::input::{Input, SecretOrigin};
use mtlscope_sources::{CaptureFile, Source, SourceError};

/// A frame, owned.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Frame {
    number: u64,
    nanoseconds: i64,
    link_type: u16,
    wire_length: u32,
    bytes: Vec<u8>,
}

/// Everything a source said.
#[derive(Default, PartialEq, Eq, Debug)]
struct Heard {
    frames: Vec<Frame>,
    secrets: String,
    origins: Vec<SecretOrigin>,
    comments: Vec<String>,
    notices: Vec<String>,
}

fn hear(source: &mut dyn Source) -> Heard {
    let mut heard = Heard::default();
    while let Some(input) = source.next().unwrap() {
        match input {
            Input::Frame(frame) => heard.frames.push(Frame {
                number: frame.number.get(),
                nanoseconds: frame.time.nanoseconds(),
                link_type: frame.link_type.0,
                wire_length: frame.wire_length,
                bytes: frame.bytes.to_vec(),
            }),
            Input::Secret(secret) => {
                heard.secrets += std::str::from_utf8(secret.lines).unwrap_or("(not UTF-8)");
                heard.origins.push(secret.origin);
            }
            Input::Comment(text) => heard.comments.push(text.to_owned()),
            Input::Notice(text) => heard.notices.push(text.to_owned()),
            other => panic!("{other:?}"),
        }
    }
    assert!(source.next().unwrap().is_none(), "the end is the end");
    heard
}

fn read(bytes: &[u8]) -> Result<Heard, SourceError> {
    CaptureFile::from_reader("test", Cursor::new(bytes.to_vec())).map(|mut capture| hear(&mut capture))
}

/// A file of its own for each caller, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("mtlscope-sources-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
