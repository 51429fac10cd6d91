//! An HTTP/1.1 request as the server needs it: its head, and how its body comes.

use std::io::{self, Read};

/// What a request's head may come to, in bytes.
const HEAD: usize = 64 * 1024;
/// Header fields a request may have.
const FIELDS: usize = 100;

/// A request, without its body.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query, as sent.
    pub(super) target: String,
    /// The value of the Accept header field.
    pub(super) accept: String,
    pub(super) body: Body,
    /// Whether the client waits for `100 Continue`.
    pub(super) expects_continue: bool,
    /// Whether the connection is to stay open.
    pub(super) keep_alive: bool,
}

/// How a body comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Body {
    Length(u64),
    Chunked,
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// The client closed, said nothing in time, or the connection broke.
    Gone,
    /// What came is not a request.
    Malformed,
    /// Its head is too large.
    TooLarge,
}

impl From<io::Error> for NoRequest {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Bytes from a client that were read ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead(Vec<u8>);

impl Ahead {
    /// Takes what was read elsewhere.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// How much waits, in bytes.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads the next head.
    pub(super) fn request(&mut self, stream: &mut dyn Read) -> Result<Request, NoRequest> {
        loop {
            if let Some((request, length)) = parse(&self.0)? {
                self.0.drain(..length);
                return Ok(request);
            }
            if self.0.len() > HEAD {
                return Err(NoRequest::TooLarge);
            }
            self.more(stream)?;
        }
    }

    /// Reads a body to its end. `None`: it is larger than `most`; what came of it is gone.
    pub(super) fn body(
        &mut self,
        body: Body,
        most: usize,
        stream: &mut dyn Read,
    ) -> Result<Option<Vec<u8>>, NoRequest> {
        match body {
            Body::Length(length) => match usize::try_from(length) {
                Ok(length) if length <= most => self.exactly(length, stream).map(Some),
                _ => Ok(None),
            },
            Body::Chunked => self.chunks(most, stream),
        }
    }

    fn chunks(&mut self, most: usize, stream: &mut dyn Read) -> Result<Option<Vec<u8>>, NoRequest> {
        let mut body = Vec::new();
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(&self.0) {
                    Ok(httparse::Status::Complete(chunk)) => break chunk,
                    Ok(httparse::Status::Partial) if self.0.len() < HEAD => self.more(stream)?,
                    Ok(httparse::Status::Partial) => return Err(NoRequest::TooLarge),
                    Err(_) => return Err(NoRequest::Malformed),
                }
            };
            self.0.drain(..start);
            if size == 0 {
                // Trailer fields, to the empty line.
                while !self.line(stream)?.is_empty() {}
                return Ok(Some(body));
            }
            match usize::try_from(size) {
                Ok(size) if size <= most.saturating_sub(body.len()) => {
                    body.extend(self.exactly(size, stream)?)
                }
                _ => return Ok(None),
            }
            if !self.line(stream)?.is_empty() {
                return Err(NoRequest::Malformed);
            }
        }
    }

    fn exactly(&mut self, length: usize, stream: &mut dyn Read) -> Result<Vec<u8>, NoRequest> {
        while self.0.len() < length {
            self.more(stream)?;
        }
        Ok(self.0.drain(..length).collect())
    }

    fn line(&mut self, stream: &mut dyn Read) -> Result<Vec<u8>, NoRequest> {
        loop {
            if let Some(end) = self.0.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.0.drain(..=end).collect();
                while matches!(line.last(), Some(b'\r' | b'\n')) {
                    line.pop();
                }
                return Ok(line);
            }
            if self.0.len() > HEAD {
                return Err(NoRequest::TooLarge);
            }
            self.more(stream)?;
        }
    }

    fn more(&mut self, stream: &mut dyn Read) -> io::Result<()> {
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.extend_from_slice(buffer.get(..length).unwrap_or_default());
        Ok(())
    }
}

/// The head at the start of these bytes, and its length; `None` while it is not complete.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, NoRequest> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(NoRequest::TooLarge),
        Err(_) => return Err(NoRequest::Malformed),
    };
    let (Some(method), Some(target)) = (head.method, head.path) else { return Err(NoRequest::Malformed) };
    let value = |name: &str| {
        head.headers
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .map(|field| String::from_utf8_lossy(field.value).into_owned())
    };
    let names = |name: &str, token: &str| {
        value(name).is_some_and(|value| value.split(',').any(|one| one.trim().eq_ignore_ascii_case(token)))
    };
    let body = match (names("transfer-encoding", "chunked"), value("content-length")) {
        (true, _) => Body::Chunked,
        (false, None) => Body::Length(0),
        (false, Some(length)) => Body::Length(length.trim().parse().map_err(|_| NoRequest::Malformed)?),
    };
    let keep_alive = match head.version {
        Some(0) => names("connection", "keep-alive"),
        _ => !names("connection", "close"),
    };
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        accept: value("accept").unwrap_or_default(),
        body,
        expects_continue: names("expect", "100-continue"),
        keep_alive,
    };
    Ok(Some((request, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> Result<(Request, Option<Vec<u8>>), NoRequest> {
        let mut ahead = Ahead::default();
        let request = ahead.request(&mut bytes)?;
        let body = ahead.body(request.body, 20, &mut bytes)?;
        Ok((request, body))
    }

    #[test]
    fn reads_heads_and_bodies_of_either_form() {
        let (request, body) =
            read(b"POST /a?b HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc").unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a?b"));
        assert!(request.expects_continue && request.keep_alive);
        assert_eq!(body.unwrap(), b"abc");
        let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\nT: v\r\n\r\n";
        let (request, body) = read(chunked).unwrap();
        assert!(!request.keep_alive);
        assert_eq!(body.unwrap(), b"abc");
    }

    #[test]
    fn a_body_that_is_too_large_is_none() {
        let (_, body) = read(b"POST / HTTP/1.1\r\nContent-Length: 21\r\n\r\n").unwrap();
        assert!(body.is_none());
        let (_, body) =
            read(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n").unwrap();
        assert!(body.is_none());
    }

    #[test]
    fn what_is_no_request_is_told_from_a_client_that_is_gone() {
        assert!(matches!(read(b"\x16\x03\x01 no"), Err(NoRequest::Malformed)));
        assert!(matches!(read(b"GET / HT"), Err(NoRequest::Gone)));
        assert!(matches!(read(b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), Err(NoRequest::Malformed)));
        let long = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &vec![b'a'; 2 * HEAD]].concat();
        assert!(matches!(read(&long), Err(NoRequest::TooLarge)));
    }
}
