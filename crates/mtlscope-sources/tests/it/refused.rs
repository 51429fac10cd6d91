//! What cannot be read is refused in one line that says what it is and what to try.

use std::path::Path;

use mtlscope_sources::{CaptureFile, KeyLogFile, decryption_secrets};

use crate::build::{Order, pcap_header, section};
use crate::{Scratch, read};

#[track_caller]
fn check(content: &[u8], expected: &[&str]) {
    let text = read(content).unwrap_err().to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    for expected in expected {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn says_what_a_file_is_that_is_no_capture() {
    check(b"", &["it is empty"]);
    check(b"\x7fELF", &["ELF"]);
    check(b"abc", &["it is text"]);
    check(b"GMBU\0\0\0\0", &["Network Monitor", "editcap -F pcapng in out"]);
    check(b"CLIENT_RANDOM 00 11\n", &["key log", "--keylog"]);
}

#[test]
fn says_what_is_wrong_with_a_header() {
    let order = Order::Little;
    check(
        &pcap_header(order, 0xa1b2_c3d4, (2, 4), 0, 1)[..20],
        &["pcap header is broken", "20 bytes instead of 24"],
    );
    check(&pcap_header(order, 0xa1b2_c3d4, (1, 4), 0, 1), &["version is 1.4"]);
    check(&section(order)[..20], &["pcapng header is broken", "20 bytes instead of 28"]);
    let mut magic = section(order);
    magic[8] = 0;
    check(&magic, &["byte-order magic is 003c2b1a"]);
    let mut version = section(order);
    version[12] = 2;
    check(&version, &["version is 2.0"]);
}

#[test]
fn says_why_a_file_cannot_be_opened() {
    let missing = Path::new("no/such/file.pcap");
    let directory = std::env::temp_dir();
    for (path, expected) in [(missing, "no such file"), (directory.as_path(), "it is a directory")] {
        for error in [
            CaptureFile::open(path).map(drop).unwrap_err(),
            KeyLogFile::open(path).map(drop).unwrap_err(),
            decryption_secrets(path).map(drop).unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(text.contains(expected) && text.lines().count() == 1, "{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn says_that_permission_is_missing() {
    use std::os::unix::fs::PermissionsExt;
    let file = Scratch::new("secret.pcap", b"");
    std::fs::set_permissions(&file.0, PermissionsExt::from_mode(0o000)).unwrap();
    // Root may read it all the same.
    let text = CaptureFile::open(&file.0).unwrap_err().to_string();
    assert!(text.contains("permission denied") || text.contains("it is empty"), "{text}");
}
