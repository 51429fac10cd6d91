//! Keys that come while packets pass, in pieces, as programs log them: what is told at the end must be what is told with all keys at
//! hand.

use std::fs;
use std::path::Path;

use mtlscope_diagnose::connection::{Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{CaptureFile, Source};
use mtlscope_views::View;
use mtlscope_views::json::v1::Lines;

/// Lines of a key log that come behind so many frames.
type Part<'a> = (usize, &'a [u8]);

/// How many frames a capture has, and what is told of each of its connections where keys come like this.
fn told(capture: &Path, keys: &[Part<'_>]) -> (usize, Vec<String>) {
    let mut dissector = Dissector::new(Settings { secrets_may_come: true, ..Settings::default() });
    let context = Context { keys_given: true, ..Context::default() };
    let give = |frames: usize, dissector: &mut Dissector| {
        for (_, lines) in keys.iter().filter(|(behind, _)| *behind == frames) {
            dissector.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }));
        }
    };
    give(0, &mut dissector);
    let mut source = CaptureFile::open(capture).unwrap();
    let mut frames = 0;
    while let Some(input) = source.next().unwrap() {
        if let Input::Frame(_) = input {
            dissector.push(input);
            frames += 1;
            give(frames, &mut dissector);
        }
    }
    dissector.finish();
    let (mut view, mut teller, mut lines) = (Lines::new(), Teller::default(), Vec::new());
    while let Some(event) = dissector.poll() {
        teller.hear(event);
        while let Some(told) = teller.poll() {
            if let Told::Connection(connection) = told {
                let mut out = Vec::new();
                view.connection(&connection, &diagnose(&connection, &context), &mut out).unwrap();
                lines.push(String::from_utf8(out).unwrap());
            }
        }
    }
    (frames, lines)
}

/// Some of all ways to cut a key log in two and to let each half come late, as far as one connection goes: what ended before
/// its keys came is told without.
#[test]
fn it_does_not_matter_when_keys_come() {
    /// Each frame would take long.
    const FRAMES_APART: usize = 2;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut count = 0;
    for folder in fs::read_dir(fixtures).unwrap() {
        let folder = folder.unwrap().path();
        let capture = folder.join("capture.pcap");
        let Ok(keys) = fs::read(folder.join("keys.log")) else { continue };
        if !capture.is_file() {
            continue;
        }
        let (frames, at_hand) = told(&capture, &[(0, &keys)]);
        let lines: Vec<&[u8]> = keys.split_inclusive(|byte| *byte == b'\n').collect();
        if at_hand.len() > 1 {
            continue;
        }
        for behind in (1..=frames).step_by(FRAMES_APART) {
            for cut in 0..lines.len() {
                let (first, rest) = (lines[..cut].concat(), lines[cut..].concat());
                let (_, late) = told(&capture, &[(behind / 2, &first), (behind, &rest)]);
                assert_eq!(
                    late,
                    at_hand,
                    "{}: {cut} lines behind frame {}, the rest behind {behind} of {frames}",
                    folder.display(),
                    behind / 2
                );
            }
        }
        count += 1;
    }
    assert!(count > 20, "{count} fixtures");
}
