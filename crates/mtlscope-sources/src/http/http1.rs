//! HTTP/1.1 of the client: a request's bytes, and an answer read from its bytes as they come.

use std::fmt::Write;

use super::{Request, Response, Save};

/// The most that a head may have, in bytes.
const HEAD_LIMIT: usize = 256 * 1024;
/// The most header fields.
const FIELDS_LIMIT: usize = 256;

/// A request's head, as it is sent.
pub(crate) fn head(request: &Request) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    if !request.authority.is_empty() {
        let _ = write!(head, "Host: {}\r\n", request.authority);
    }
    for (name, value) in &request.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if let Some(body) = &request.body
        && !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    head
}

/// Reads an answer piece by piece.
#[derive(Debug)]
pub(crate) struct Reading {
    /// What was received and not yet understood.
    waiting: Vec<u8>,
    response: Response,
    state: State,
    is_head_request: bool,
    keep: usize,
    save: Option<Save>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Head,
    /// So many bytes of the body are to come.
    Counted(u64),
    ToTheEnd,
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    Done,
}

/// Why an answer cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It is not as HTTP wants it: a clause.
    Http(String),
    /// It cannot be saved.
    Save(std::io::Error),
}

impl Reading {
    pub(crate) fn new(request: &Request, keep: usize) -> Self {
        Self {
            waiting: Vec::new(),
            response: Response::default(),
            state: State::Head,
            is_head_request: request.method == "HEAD",
            keep,
            save: request.save.clone(),
        }
    }

    /// Takes what came. True once the answer is whole.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<bool, Unreadable> {
        self.waiting.extend_from_slice(bytes);
        while self.step()? {}
        Ok(self.state == State::Done)
    }

    /// Nothing more comes. True where the answer is whole.
    pub(crate) fn end(&mut self) -> bool {
        if self.state == State::ToTheEnd {
            self.state = State::Done;
        }
        self.state == State::Done
    }

    /// Whether its head came.
    pub(crate) fn has_head(&self) -> bool {
        self.state != State::Head
    }

    /// Whether not one byte of it came.
    pub(crate) fn is_untouched(&self) -> bool {
        self.state == State::Head && self.waiting.is_empty()
    }

    /// The answer so far; `None` before its head is whole.
    pub(crate) fn into_response(self) -> Option<Response> {
        self.has_head().then_some(self.response)
    }

    pub(crate) fn response(&self) -> &Response {
        &self.response
    }

    /// One step further. False where more must come first.
    fn step(&mut self) -> Result<bool, Unreadable> {
        match self.state {
            State::Head => self.read_head(),
            State::Done => Ok(false),
            State::ToTheEnd => {
                let all = self.waiting.len();
                self.body(all)?;
                Ok(false)
            }
            State::Counted(left) | State::Chunk(left) => {
                let now = self.waiting.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.body(now)?;
                let left = left - now as u64;
                self.state = match (self.state, left) {
                    (State::Counted(_), 0) => State::Done,
                    (State::Counted(_), left) => State::Counted(left),
                    (_, 0) => State::ChunkEnd,
                    (_, left) => State::Chunk(left),
                };
                Ok(left == 0)
            }
            State::ChunkSize => match httparse::parse_chunk_size(&self.waiting) {
                Ok(httparse::Status::Complete((used, size))) => {
                    self.waiting.drain(..used);
                    self.state = if size == 0 { State::Trailers } else { State::Chunk(size) };
                    Ok(true)
                }
                Ok(httparse::Status::Partial) if self.waiting.len() < HEAD_LIMIT => Ok(false),
                _ => Err(Unreadable::Http("a chunk of its body has no size".to_owned())),
            },
            State::ChunkEnd | State::Trailers => {
                let Some(line) = self.waiting.iter().position(|byte| *byte == b'\n') else {
                    return match self.waiting.len() < HEAD_LIMIT {
                        true => Ok(false),
                        false => Err(Unreadable::Http("what follows its body is too long".to_owned())),
                    };
                };
                let is_empty = self.waiting.iter().take(line).all(|byte| *byte == b'\r');
                self.waiting.drain(..=line);
                match self.state {
                    State::ChunkEnd => self.state = State::ChunkSize,
                    _ if is_empty => self.state = State::Done,
                    _ => {}
                }
                Ok(true)
            }
        }
    }

    fn read_head(&mut self) -> Result<bool, Unreadable> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS_LIMIT];
        let mut parsed = httparse::Response::new(&mut fields);
        let used = match parsed.parse(&self.waiting) {
            Ok(httparse::Status::Complete(used)) => used,
            Ok(httparse::Status::Partial) if self.waiting.len() < HEAD_LIMIT => return Ok(false),
            Ok(httparse::Status::Partial) => {
                return Err(Unreadable::Http("its head is too long".to_owned()));
            }
            Err(error) => return Err(Unreadable::Http(format!("its head is not HTTP/1.1: {error}"))),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let status = parsed.code.unwrap_or_default();
        let response = Response {
            version: format!("HTTP/1.{}", parsed.version.unwrap_or(1)),
            status,
            reason: parsed.reason.unwrap_or_default().to_owned(),
            headers: parsed.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect(),
            ..Response::default()
        };
        self.waiting.drain(..used);
        // An interim answer: the real one follows.
        if (100..200).contains(&status) && status != 101 {
            return Ok(true);
        }
        let has_body = !self.is_head_request && status != 204 && status != 304 && status != 101;
        let is_chunked = response
            .header("transfer-encoding")
            .is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        let length = response.header("content-length").and_then(|value| value.trim().parse().ok());
        self.state = match (has_body, is_chunked, length) {
            (false, ..) | (_, false, Some(0)) => State::Done,
            (_, true, _) => State::ChunkSize,
            (_, _, Some(length)) => State::Counted(length),
            (_, _, None) => State::ToTheEnd,
        };
        self.response = response;
        Ok(true)
    }

    fn body(&mut self, length: usize) -> Result<(), Unreadable> {
        let piece: Vec<u8> = self.waiting.drain(..length).collect();
        self.response.take(&piece, self.keep, self.save.as_ref()).map_err(Unreadable::Save)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: "/a?b".to_owned(),
            authority: "a.test".to_owned(),
            headers: vec![("Accept".to_owned(), "*/*".to_owned())],
            body: None,
            save: None,
        }
    }

    /// Reads an answer byte by byte, and in one piece.
    fn read(method: &str, bytes: &[u8], ends: bool) -> Response {
        let mut whole = Reading::new(&request(method), 1000);
        let is_done = whole.push(bytes).unwrap() || (ends && whole.end());
        assert!(is_done, "{whole:?}");
        let mut split = Reading::new(&request(method), 1000);
        for byte in bytes {
            split.push(&[*byte]).unwrap();
        }
        split.end();
        let response = whole.into_response().unwrap();
        assert_eq!(split.into_response().unwrap(), response);
        response
    }

    #[test]
    fn a_request_is_written_with_its_length() {
        assert_eq!(head(&request("GET")), "GET /a?b HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\n\r\n");
        let with_body = Request { body: Some(b"x=1".to_vec()), ..request("POST") };
        assert!(head(&with_body).ends_with("Accept: */*\r\nContent-Length: 3\r\n\r\n"));
    }

    #[test]
    fn answers_are_read_however_they_end() {
        let counted = read("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false);
        assert_eq!((counted.status, counted.body.as_slice()), (200, &b"ok"[..]));
        let chunked = read(
            "GET",
            b"HTTP/1.1 403 Forbidden\r\ntransfer-encoding: Chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
            false,
        );
        assert_eq!(
            (chunked.status_line().as_str(), chunked.body.as_slice()),
            ("HTTP/1.1 403 Forbidden", &b"abcde"[..])
        );
        assert_eq!(read("GET", b"HTTP/1.0 400 Bad Request\r\n\r\nall that comes", true).length, 14);
        assert_eq!(read("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", false).length, 0);
        assert_eq!(
            read("GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false).status,
            204
        );
    }

    #[test]
    fn what_is_no_answer_is_said() {
        let mut reading = Reading::new(&request("GET"), 1000);
        assert!(matches!(reading.push(b"SSH-2.0-x\r\n"), Err(Unreadable::Http(_))));
        let mut long = Reading::new(&request("GET"), 1000);
        let mut head = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
        head.resize(HEAD_LIMIT + 1, b'a');
        assert!(matches!(long.push(&head), Err(Unreadable::Http(_))));
    }

    #[test]
    fn no_more_of_a_body_is_kept_than_asked_for() {
        let mut reading = Reading::new(&request("GET"), 3);
        reading.push(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde").unwrap();
        let response = reading.into_response().unwrap();
        assert_eq!((response.body.as_slice(), response.length), (&b"abc"[..], 5));
    }
}
