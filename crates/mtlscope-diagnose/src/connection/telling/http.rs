//! The first lines of HTTP inside: whether a head of application data is one, and the line made safe to print. The first
//! messages of HTTP/2 come written like those of HTTP/1.1, as curl shows them: `GET / HTTP/2`, `HTTP/2 403`.
//!
//! RFC 9112 sections 3 and 4.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version
//! status-line  = HTTP-version SP status-code SP [ reason-phrase ]
//! ```

use std::sync::Arc;

use mtlscope_dissect::event::ApplicationData;
use mtlscope_dissect::side::Side;

use crate::connection::{HttpRequest, HttpStatus, StepKind};

/// Bytes kept of a first line.
const LINE: usize = 1024;
/// Bytes kept of what follows a status line.
const HEAD: usize = 4096;

/// What a head of application data is.
pub(super) fn read(data: &ApplicationData) -> StepKind {
    let http = match data.evidence.side {
        Side::Client => request(data).map(StepKind::HttpRequest),
        Side::Server => status(data).map(|status| StepKind::HttpStatus(Arc::new(status))),
    };
    http.unwrap_or(StepKind::ApplicationData(data.evidence, data.length, data.protection))
}

fn request(data: &ApplicationData) -> Option<HttpRequest> {
    let (line, _) = first_line(&data.head);
    let method = line.split(|byte| *byte == b' ').next()?;
    let is_method =
        !method.is_empty() && method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-');
    // The preface of HTTP/2 (`PRI * HTTP/2.0`) only looks like a request. RFC 9113 section 3.4.
    let is_http1 = line.len() > LINE || line.windows(8).any(|window| window == b" HTTP/1.");
    let is_http2 = line.ends_with(b" HTTP/2");
    (is_method && line.len() > method.len() && (is_http1 || is_http2)).then(|| HttpRequest {
        line: printable(line, LINE),
        evidence: data.evidence,
        protection: data.protection,
    })
}

fn status(data: &ApplicationData) -> Option<HttpStatus> {
    let (line, rest) = first_line(&data.head);
    let behind_version = match line.strip_prefix(b"HTTP/2 ") {
        Some(rest) => rest,
        None => line.strip_prefix(b"HTTP/1.")?.get(2..)?,
    };
    let digits = behind_version.get(..3)?;
    let code = std::str::from_utf8(digits).ok()?.parse().ok().filter(|code| (100..1000).contains(code))?;
    let ends_there = matches!(behind_version.get(3), None | Some(b' '));
    ends_there.then(|| HttpStatus {
        code,
        line: printable(line, LINE),
        head: printable(rest, HEAD),
        evidence: data.evidence,
        protection: data.protection,
    })
}

/// The first line without its end, and what follows it.
fn first_line(head: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = head.splitn(2, |byte| *byte == b'\n');
    let line = parts.next().unwrap_or_default();
    (line.strip_suffix(b"\r").unwrap_or(line), parts.next().unwrap_or_default())
}

/// Text with line ends kept and every other control character shown as an escape.
pub(in crate::connection) fn printable(bytes: &[u8], limit: usize) -> String {
    let bytes = bytes.get(..limit).unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    match std::str::from_utf8(bytes) {
        Ok(whole) => push_printable(&mut text, whole),
        Err(_) => {
            for chunk in bytes.utf8_chunks() {
                push_printable(&mut text, chunk.valid());
                if !chunk.invalid().is_empty() {
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }
    text
}

/// Nearly all of it is plain, so it is copied in runs.
fn push_printable(text: &mut String, mut rest: &str) {
    while let Some(place) = first_that_may_be_control(rest.as_bytes())
        && let Some((plain, behind)) = rest.split_at_checked(place)
        && let Some(character) = behind.chars().next()
    {
        text.push_str(plain);
        match character {
            '\r' => {}
            control if control.is_control() => text.extend(control.escape_default()),
            other => text.push(other),
        }
        rest = behind.get(character.len_utf8()..).unwrap_or_default();
    }
    text.push_str(rest);
}

/// Where the first byte is that may belong to a control character. Looked for in many bytes at once, since most texts have
/// one at the end of each line, and none in between.
fn first_that_may_be_control(bytes: &[u8]) -> Option<usize> {
    // DEL and those below 0x20, and the first byte of the controls that UTF-8 writes with two (U+0080 to U+009F).
    let may_be = |byte: &u8| (*byte < 0x20) & (*byte != b'\n') | (*byte == 0x7f) | (*byte == 0xc2);
    let (blocks, _) = bytes.as_chunks::<32>();
    let plain = blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | may_be(byte)));
    let start = 32 * plain.count();
    Some(start + bytes.get(start..)?.iter().position(may_be)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped_and_the_rest_stays() {
        let cases = [
            (&b"HTTP/1.1 200 OK\r\nA: b\r\n"[..], "HTTP/1.1 200 OK\nA: b\n"),
            (b"\x1b[31mred\x7f\0", "\\u{1b}[31mred\\u{7f}\\u{0}"),
            ("a\tb \u{85}\u{a9} \u{9f}\u{2028}".as_bytes(), "a\\tb \\u{85}\u{a9} \\u{9f}\u{2028}"),
            (b"\xff\xc2", "\u{fffd}\u{fffd}"),
            (b"", ""),
            (b"a line that is longer than a block of bytes is\rlooked at in\x00blocks of them\n, and the rest byte by byte\t", "a line that is longer than a block of bytes islooked at in\\u{0}blocks of them\n, and the rest byte by byte\\t"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(printable(bytes, 4096), expected);
        }
        assert_eq!(printable(b"cut", 2), "cu");
    }
}
