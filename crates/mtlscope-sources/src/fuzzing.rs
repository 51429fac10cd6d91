//! Bodies of the fuzz targets. Each takes any bytes, and must return.

use std::io::Cursor;

use mtlscope_dissect::input::Input;

use crate::{CaptureFile, Source};

/// Unpacked bytes after which reading stops: a few packed ones can unpack to gigabytes, which is slow and nothing else.
const UNPACKED: usize = 16 << 20;

/// Any bytes as a capture, packed or not.
///
/// # Panics
/// When frames are not counted from 1, a notice says nothing, or something comes behind the end.
pub fn fuzz_capture_file(data: &[u8]) {
    let Ok(mut capture) = CaptureFile::from_reader("a capture", Cursor::new(data.to_vec())) else { return };
    let (mut frames, mut bytes) = (0, 0);
    while let Ok(Some(input)) = capture.next() {
        match input {
            Input::Frame(frame) => {
                frames += 1;
                bytes += frame.bytes.len() + 16;
                assert_eq!(frame.number.get(), frames);
            }
            Input::Secret(secret) => bytes += secret.lines.len() + 16,
            Input::Notice(notice) => assert!(!notice.is_empty()),
            _ => {}
        }
        if bytes > UNPACKED {
            return;
        }
    }
    assert!(matches!(capture.next(), Ok(None)));
}
