//! HTTP/2 of the client: one request over a connection of ours, driven by the `h2` crate on a runtime of its own thread.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use openssl::ssl::{Error, ErrorCode};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::time::timeout_at;

use super::{Request, Response};
use crate::client::channel::{Channel, Trouble, trouble};

/// Why an exchange did not come to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The connection failed.
    Trouble(Trouble),
    /// It is not as HTTP/2 wants it: a clause.
    Broken(String),
    /// The body cannot be saved.
    Save(io::Error),
}

/// A request's head as text, in HTTP/2's own fields.
pub(crate) fn head(request: &Request) -> String {
    let mut head = format!(
        ":method: {}\r\n:scheme: https\r\n:authority: {}\r\n:path: {}\r\n",
        request.method, request.authority, request.target
    );
    for (name, value) in &request.headers {
        head.push_str(&format!("{}: {value}\r\n", name.to_ascii_lowercase()));
    }
    head.push_str("\r\n");
    head
}

/// Makes the request, and hears the answer. Of a failed exchange the answer so far.
pub(crate) fn exchange(
    channel: &mut Channel,
    request: &Request,
    keep: usize,
) -> (Option<Response>, Result<(), Failure>) {
    let broken = |error: &dyn std::fmt::Display| Failure::Broken(error.to_string());
    let message = match message(request) {
        Ok(message) => message,
        Err(error) => return (None, Err(broken(&error))),
    };
    let runtime = match runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return (None, Err(broken(&error))),
    };
    let socket = channel.stream.get_ref().stream();
    let clone = socket.set_nonblocking(true).and_then(|()| socket.try_clone());
    let clone = match clone {
        Ok(clone) => clone,
        Err(error) => return (None, Err(broken(&error))),
    };
    channel.stream.get_mut().read_until(None);
    let met = Rc::new(RefCell::new(None));
    let mut response = None;
    let outcome = runtime.block_on(async {
        let ready = TcpStream::from_std(clone).map_err(|error| broken(&error))?;
        let link = Link { channel, ready, met: Rc::clone(&met) };
        speak(link, message, request, keep, &mut response).await
    });
    // A socket that does not block any more would only be closed.
    let _ = channel.stream.get_ref().stream().set_nonblocking(false);
    let met = met.borrow_mut().take();
    let outcome = outcome.map_err(|failure| match (failure, met) {
        (Failure::Broken(_), Some(trouble)) => Failure::Trouble(trouble),
        (failure, _) => failure,
    });
    (response, outcome)
}

async fn speak(
    link: Link<'_>,
    message: http::Request<()>,
    request: &Request,
    keep: usize,
    response: &mut Option<Response>,
) -> Result<(), Failure> {
    let (end, silence) = (link.channel.end, link.channel.silence);
    let patience = || {
        let silent = tokio::time::Instant::now() + silence;
        end.map_or(silent, |end| silent.min(end.into()))
    };
    let broken = |error: h2::Error| Failure::Broken(error.to_string());
    let (mut sender, mut connection) = h2::client::handshake(link).await.map_err(broken)?;
    let exchange = async {
        poll_fn(|context| sender.poll_ready(context)).await.map_err(broken)?;
        let body = request.body.as_ref();
        let (answer, mut stream) = sender.send_request(message, body.is_none()).map_err(broken)?;
        if let Some(body) = body {
            stream.send_data(Bytes::copy_from_slice(body), true).map_err(broken)?;
        }
        let silent = |_| Failure::Trouble(Trouble::TimedOut);
        let answer = timeout_at(patience(), answer).await.map_err(silent)?.map_err(broken)?;
        let (parts, mut body) = answer.into_parts();
        let answer = response.insert(Response {
            version: "HTTP/2".to_owned(),
            status: parts.status.as_u16(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
            ..Response::default()
        });
        while let Some(piece) = timeout_at(patience(), body.data()).await.map_err(silent)? {
            let piece = piece.map_err(broken)?;
            answer.take(&piece, keep, request.save.as_ref()).map_err(Failure::Save)?;
            // More room than there is would be asked for only by a slip of ours.
            let _ = body.flow_control().release_capacity(piece.len());
        }
        Ok(())
    };
    let mut exchange = Box::pin(exchange);
    let outcome = poll_fn(|context| {
        if let Poll::Ready(outcome) = exchange.as_mut().poll(context) {
            return Poll::Ready(outcome);
        }
        Poll::Ready(Err(Failure::Broken(match ready!(Pin::new(&mut connection).poll(context)) {
            Err(error) => error.to_string(),
            Ok(()) => "the connection ended before the answer".to_owned(),
        })))
    })
    .await;
    drop(exchange);
    drop(sender);
    // The goodbye of HTTP/2 gets a moment to be written.
    const MOMENT: Duration = Duration::from_millis(50);
    let _ = tokio::time::timeout(MOMENT, connection).await;
    outcome
}

fn message(request: &Request) -> Result<http::Request<()>, http::Error> {
    let uri = http::Uri::builder()
        .scheme("https")
        .authority(request.authority.as_str())
        .path_and_query(request.target.as_str())
        .build()?;
    let mut message = http::Request::builder().method(request.method.as_str()).uri(uri);
    for (name, value) in &request.headers {
        // What belongs to a connection of HTTP/1.1 has no place here (RFC 9113 section 8.2.2).
        let is_of_http1 = ["connection", "host", "transfer-encoding", "keep-alive", "upgrade"]
            .iter()
            .any(|one| name.eq_ignore_ascii_case(one));
        if !is_of_http1 {
            message = message.header(name.as_str(), value.as_str());
        }
    }
    message.body(())
}

/// An encrypted connection as `h2` wants it: it never blocks, and tells when to come again.
struct Link<'a> {
    channel: &'a mut Channel,
    /// The same socket, for its readiness alone.
    ready: TcpStream,
    /// What went wrong first.
    met: Rc<RefCell<Option<Trouble>>>,
}

impl Link<'_> {
    fn fail(&self, error: &Error) -> io::Error {
        let trouble = trouble(error);
        let text = format!("{trouble:?}");
        self.met.borrow_mut().get_or_insert(trouble);
        io::Error::other(text)
    }

    /// `Ok(None)`: not now.
    fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.channel.stream.ssl_read(buffer) {
            Ok(length) => Ok(Some(length)),
            Err(error) if error.code() == ErrorCode::ZERO_RETURN => Ok(Some(0)),
            Err(error) if is_later(&error) => Ok(None),
            Err(error) => Err(self.fail(&error)),
        }
    }

    fn write_now(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        match self.channel.stream.ssl_write(bytes) {
            Ok(length) => Ok(Some(length)),
            Err(error) if is_later(&error) => Ok(None),
            Err(error) => Err(self.fail(&error)),
        }
    }
}

fn is_later(error: &Error) -> bool {
    error.code() == ErrorCode::WANT_READ || error.code() == ErrorCode::WANT_WRITE
}

fn not_now() -> io::Error {
    ErrorKind::WouldBlock.into()
}

impl AsyncRead for Link<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = self.get_mut();
        let mut bytes = [0; 16 * 1024];
        let room = bytes.len().min(buffer.remaining());
        let Some(bytes) = bytes.get_mut(..room) else { return Poll::Ready(Ok(())) };
        loop {
            // What was read ahead lies in the stack: the socket would not tell of it.
            if let Some(length) = link.read_now(bytes)? {
                buffer.put_slice(bytes.get(..length).unwrap_or_default());
                return Poll::Ready(Ok(()));
            }
            ready!(link.ready.poll_read_ready(context))?;
            // Tried once more, so that the runtime knows that the socket is empty.
            let mut read = None;
            let tried = link.ready.try_io(Interest::READABLE, || {
                read = match link.channel.stream.ssl_read(bytes) {
                    Err(error) if is_later(&error) => return Err(not_now()),
                    other => Some(other),
                };
                Ok(())
            });
            match (tried, read) {
                (Ok(()), Some(Ok(length))) => {
                    buffer.put_slice(bytes.get(..length).unwrap_or_default());
                    return Poll::Ready(Ok(()));
                }
                (Ok(()), Some(Err(error))) if error.code() == ErrorCode::ZERO_RETURN => {
                    return Poll::Ready(Ok(()));
                }
                (Ok(()), Some(Err(error))) => return Poll::Ready(Err(link.fail(&error))),
                (Err(error), _) if error.kind() != ErrorKind::WouldBlock => return Poll::Ready(Err(error)),
                _ => {}
            }
        }
    }
}

impl AsyncWrite for Link<'_> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let link = self.get_mut();
        loop {
            if let Some(length) = link.write_now(bytes)? {
                link.channel.stream.get_ref().flow().flush();
                return Poll::Ready(Ok(length));
            }
            ready!(link.ready.poll_write_ready(context))?;
            let mut written = None;
            let tried = link.ready.try_io(Interest::WRITABLE, || {
                written = match link.channel.stream.ssl_write(bytes) {
                    Err(error) if is_later(&error) => return Err(not_now()),
                    other => Some(other),
                };
                Ok(())
            });
            match (tried, written) {
                (Ok(()), Some(Ok(length))) => return Poll::Ready(Ok(length)),
                (Ok(()), Some(Err(error))) => return Poll::Ready(Err(link.fail(&error))),
                (Err(error), _) if error.kind() != ErrorKind::WouldBlock => return Poll::Ready(Err(error)),
                _ => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The goodbye is said where the attempt ends.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
