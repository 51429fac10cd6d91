//! What a file that is not what was asked for looks like, by its first bytes, and what to do with it.

use std::fmt::Write;

use crate::key_log_file::looks_like_a_key_log_line;
use crate::stored::packing;

/// What a file looks like and what to try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resemblance {
    /// A clause: "it looks like a certificate (PEM)".
    pub looks: String,
    /// What to try where packets were wanted.
    pub to_read_packets: &'static str,
    /// What to try where keys were wanted.
    pub to_read_keys: &'static str,
}

const CAPTURE: &str = "wanted is pcap or pcapng, as `tcpdump -w file` writes it; is this the right file?";
const CONVERT: &str = "convert it: `editcap -F pcapng in out`";
const UNPACK: &str = "unpack it first; only gzip and Zstandard are unpacked on the fly";
const KEYS: &str = "wanted are lines like `CLIENT_RANDOM <64 hex digits> <96 hex digits>`, as a program writes them with the \
                    environment variable SSLKEYLOGFILE set; is this the right file?";
const AS_CAPTURE: &str = "give it as the capture, not as the key log";
const PRIVATE_KEY: &str = "a private key is no capture; `tcpdump -w file` makes one";

/// Judges a file by its first bytes: a few hundred suffice.
pub(crate) fn resemblance(start: &[u8]) -> Resemblance {
    let (looks, to_read_packets, to_read_keys) = match of_magic(start) {
        Some(known) => known,
        None => match std::str::from_utf8(start).or_else(|error| {
            // The end may be in the middle of a character.
            start
                .get(..error.valid_up_to())
                .filter(|_| error.error_len().is_none())
                .map_or(Err(error), |whole| std::str::from_utf8(whole))
        }) {
            Ok(text)
                if !text.is_empty() && text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace()) =>
            {
                of_text(text)
            }
            _ => {
                let mut looks = "it is binary data of a kind unknown here, starting".to_owned();
                for byte in start.iter().take(8) {
                    let _ = write!(looks, " {byte:02x}");
                }
                return Resemblance { looks, to_read_packets: CAPTURE, to_read_keys: KEYS };
            }
        },
    };
    Resemblance { looks: looks.to_owned(), to_read_packets, to_read_keys }
}

type Known = (&'static str, &'static str, &'static str);

fn of_magic(start: &[u8]) -> Option<Known> {
    Some(match start {
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => ("it is a pcapng capture", CONVERT, AS_CAPTURE),
        [0xd4, 0xc3, 0xb2, 0xa1, ..] | [0xa1, 0xb2, 0xc3, 0xd4, ..] => {
            ("it is a pcap capture", CONVERT, AS_CAPTURE)
        }
        [0x4d, 0x3c, 0xb2, 0xa1, ..] | [0xa1, 0xb2, 0x3c, 0x4d, ..] => {
            ("it is a pcap capture", CONVERT, AS_CAPTURE)
        }
        [b's', b'n', b'o', b'o', b'p', 0, ..] => ("it is a snoop capture", CONVERT, AS_CAPTURE),
        [b'G', b'M', b'B', b'U', ..] | [b'R', b'T', b'S', b'S', ..] => {
            ("it is a Microsoft Network Monitor capture", CONVERT, AS_CAPTURE)
        }
        [b'X', b'C', b'P', 0, ..] => ("it is a NetXRay or Windows Sniffer capture", CONVERT, AS_CAPTURE),
        [b'T', b'R', b'S', b'N', b'I', b'F', b'F', ..] => ("it is a Sniffer capture", CONVERT, AS_CAPTURE),
        [b'b', b't', b's', b'n', b'o', b'o', b'p', 0, ..] => {
            ("it is a Bluetooth capture (btsnoop)", CAPTURE, KEYS)
        }
        [b'i', b'p', b't', b'r', b'a', b'c', b'e', b' ', ..] => {
            ("it is an AIX iptrace capture", CONVERT, AS_CAPTURE)
        }
        [0xa1, 0xb2, 0xcd, 0x34, ..] | [0x34, 0xcd, 0xb2, 0xa1, ..] => {
            ("it is a pcap capture", CONVERT, AS_CAPTURE)
        }
        _ if packing(start).is_some() => ("it was compressed twice", "unpack it once", "unpack it once"),
        [0x7f, b'E', b'L', b'F', ..] => ("it is a program or library (ELF)", CAPTURE, KEYS),
        [b'M', b'Z', ..] => ("it is a Windows program (MZ)", CAPTURE, KEYS),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => ("it is a zip archive", UNPACK, UNPACK),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => ("it is compressed with bzip2", UNPACK, UNPACK),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => ("it is compressed with xz", UNPACK, UNPACK),
        [b'7', b'z', 0xbc, 0xaf, ..] => ("it is a 7-Zip archive", UNPACK, UNPACK),
        [0x04, 0x22, 0x4d, 0x18, ..] => ("it is compressed with lz4", UNPACK, UNPACK),
        _ if start.get(257..262) == Some(b"ustar") => ("it is a tar archive", UNPACK, UNPACK),
        [b'%', b'P', b'D', b'F', ..] => ("it is a PDF document", CAPTURE, KEYS),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("it is an Office document", CAPTURE, KEYS),
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..] => ("it is an SQLite database", CAPTURE, KEYS),
        [0xfe, 0xed, 0xfe, 0xed, ..] => ("it is a Java key store (JKS)", PRIVATE_KEY, KEYS),
        [0x05, 0x02, 0x00, ..] => ("it looks like a Kerberos keytab", CAPTURE, KEYS),
        // UTF-16, as PowerShell's `>` writes it.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => (
            "it is UTF-16 text",
            CAPTURE,
            "save it as UTF-8: PowerShell's `>` writes UTF-16, `Out-File -Encoding utf8` does not",
        ),
        [0x30, ..] => return of_der(start),
        [] => (
            "it is empty",
            CAPTURE,
            "the program has written no key yet; was SSLKEYLOGFILE set when it was started?",
        ),
        _ if start.iter().take(16).all(|&b| b == 0) => {
            ("it starts with zeros alone", "was the disk full, or the copy not finished?", KEYS)
        }
        _ => return None,
    })
}

/// DER (X.690): SEQUENCE, then by what the sequence starts with.
fn of_der(start: &[u8]) -> Option<Known> {
    let body = match start {
        [0x30, 0x82, _, _, body @ ..] | [0x30, 0x81, _, body @ ..] | [0x30, 0x83, _, _, _, body @ ..] => body,
        [0x30, 0x00..=0x7f, body @ ..] | [0x30, 0x80, body @ ..] => body,
        _ => return None,
    };
    Some(match body {
        [0x02, 0x01, 0x03, 0x30, ..] => ("it looks like a PKCS#12 key store", PRIVATE_KEY, KEYS),
        [0x02, 0x01, 0x00 | 0x01, 0x02 | 0x04 | 0x30, ..] => {
            ("it looks like a private key (DER)", PRIVATE_KEY, KEYS)
        }
        [0x30, 0x82 | 0x81, ..] => ("it looks like a certificate (DER)", CAPTURE, KEYS),
        [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, ..] => {
            ("it looks like PKCS#7 (DER)", CAPTURE, KEYS)
        }
        _ => return None,
    })
}

fn of_text(text: &str) -> Known {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let starts =
        |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if text.lines().any(|line| looks_like_a_key_log_line(line.as_bytes())) {
        ("it is a key log", "give it with `--keylog`", KEYS)
    } else if let Some(at) = text.find("-----BEGIN ") {
        let label = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if label.contains("PRIVATE KEY") {
            ("it is a private key (PEM)", PRIVATE_KEY, KEYS)
        } else if label.contains("CERTIFICATE") {
            ("it is a certificate or a request for one (PEM)", CAPTURE, KEYS)
        } else {
            ("it is a PEM file", CAPTURE, KEYS)
        }
    } else if starts("version https://git-lfs") {
        (
            "it is a Git LFS pointer, not the file itself",
            "fetch it: `git lfs pull`",
            "fetch it: `git lfs pull`",
        )
    } else if starts("<!doctype html") || starts("<html") {
        ("it is a web page", "was a download answered by a login or error page?", KEYS)
    } else if starts("<?xml") || starts("<pdml") {
        ("it is XML", CAPTURE, KEYS)
    } else if starts("{") || text.strip_prefix('[').is_some_and(begins_a_value) {
        ("it looks like JSON", CAPTURE, KEYS)
    } else if text.is_empty() {
        ("it holds blank lines alone", CAPTURE, KEYS)
    } else if printed_by_tcpdump(text) {
        ("it looks like what tcpdump prints", "capture with `tcpdump -w file` to write packets instead", KEYS)
    } else if text.lines().all(|line| line.starts_with('#') || line.trim().is_empty()) {
        (
            "it holds comments alone",
            CAPTURE,
            "the program has written no key yet; was SSLKEYLOGFILE set when it was started?",
        )
    } else {
        ("it is text", CAPTURE, KEYS)
    }
}

/// `12:34:56.789012 IP `: tcpdump without `-w`.
fn printed_by_tcpdump(text: &str) -> bool {
    let shape = b"00:00:00.000000 ";
    let line = text.as_bytes();
    line.len() > shape.len()
        && shape
            .iter()
            .zip(line)
            .all(|(&want, &got)| if want == b'0' { got.is_ascii_digit() } else { want == got })
}

/// Whether what stands behind the bracket of a list is a list of JSON, and no time of a log.
fn begins_a_value(rest: &str) -> bool {
    rest.trim_start().starts_with(['{', '[', '"', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(start: &[u8], looks: &str, to_try: &str) {
        let got = resemblance(start);
        assert!(got.looks.contains(looks), "{got:?}");
        assert!(got.to_read_packets.contains(to_try), "{got:?}");
    }

    #[test]
    fn knows_what_people_give_by_mistake() {
        check(b"\x7fELF\x02\x01", "ELF", "tcpdump -w");
        check(b"snoop\0\0\0\0\0\0\x02", "snoop", "editcap");
        check(b"GMBU\0\x02", "Network Monitor", "editcap");
        check(b"-----BEGIN CERTIFICATE-----\nMIIB", "certificate", "tcpdump -w");
        check(b"Bag Attributes\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "private key", "no capture");
        check(&[0x30, 0x82, 0x05, 0x00, 0x30, 0x82, 0x03, 0xe8], "certificate (DER)", "");
        check(&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03, 0x30, 0x82], "PKCS#12", "");
        check(&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0d], "private key (DER)", "");
        check(b"PK\x03\x04\x14", "zip", "unpack");
        check(b"# keys\r\nCLIENT_RANDOM 00ff 0011\r\n", "key log", "--keylog");
        check(b"{\"frames\": []}", "JSON", "");
        check(b"[ {\"frames\": []}]", "JSON", "");
        check(b"[2026-11-24 10:00:00][info] a line of a log", "it is text", "");
        check(b"<!DOCTYPE html><html>", "web page", "login");
        check(b"12:34:56.789012 IP 10.0.0.1.443 > ", "tcpdump prints", "-w");
        check("f\u{fc}r dich".as_bytes(), "it is text", "tcpdump -w");
        check("cut in a character: \u{fc}".as_bytes().split_last().unwrap().1, "it is text", "");
        check(b"\x01\x02\x03\x04\xff", "binary data of a kind unknown here, starting 01 02 03 04 ff", "");
        check(&[0; 64], "zeros", "disk full");
        check(b"\xff\xfeC\0L\0", "UTF-16", "");
    }
}
