//! The server's side of HTTP/2: the `h2` crate on a runtime of one thread, the worker's own. Nothing outside this file is
//! async.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{Request, Response};
use openssl::ssl::SslStream;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::task::LocalSet;
use tokio::time::timeout;

/// Requests of one connection that are worked on at a time.
const STREAMS: u32 = 128;
/// What the header fields of a request may come to, in bytes.
const FIELDS: u32 = 64 * 1024;
/// How long the last frames may take, once no more requests are taken.
const FAREWELL: Duration = Duration::from_secs(1);

/// What is asked, as far as the answer depends on it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) accept: &'a str,
    /// Whether the body was larger than it may be.
    pub(crate) body_too_large: bool,
}

/// What is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A response; its body is empty where the method is HEAD.
    Response(Response<String>),
    /// Only HTTP/1.1 can do this: the stream is reset with HTTP_1_1_REQUIRED.
    Http11Required,
}

/// Bounds on one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How long the next request is waited for, and the body of each.
    pub(crate) idle: Duration,
    /// How large a body may be, in bytes.
    pub(crate) body: usize,
}

/// Serves one connection whose handshake is done and whose socket does not block. `socket` is the same socket, to wait
/// at.
///
/// # Errors
/// When the connection broke, or the client did not keep to HTTP/2.
pub(crate) fn serve<S: Read + Write>(
    stream: SslStream<S>,
    socket: TcpStream,
    bounds: Bounds,
    answer: impl Fn(&Asked<'_>) -> Answer + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    LocalSet::new().block_on(&runtime, async move {
        let socket = tokio::net::TcpStream::from_std(socket)?;
        requests(Ready { stream, socket }, bounds, Rc::new(answer)).await.map_err(io::Error::other)
    })
}

async fn requests<S: Read + Write>(
    io: Ready<S>,
    bounds: Bounds,
    answer: Rc<impl Fn(&Asked<'_>) -> Answer + 'static>,
) -> Result<(), h2::Error> {
    let handshake = h2::server::Builder::new()
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(FIELDS)
        .handshake::<_, Bytes>(io);
    let Ok(connection) = timeout(bounds.idle, handshake).await else { return Ok(()) };
    let mut connection = connection?;
    loop {
        match timeout(bounds.idle, connection.accept()).await {
            Ok(Some(request)) => {
                let (request, respond) = request?;
                let answer = Rc::clone(&answer);
                tokio::task::spawn_local(async move {
                    // A client that takes its request back wants no answer.
                    let _ = respond_to(request, respond, bounds, &*answer).await;
                });
            }
            Ok(None) => return Ok(()),
            Err(_) => break,
        }
    }
    connection.graceful_shutdown();
    // Who does not go by then is cut off.
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = connection.accept().await {} }).await;
    Ok(())
}

async fn respond_to(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    bounds: Bounds,
    answer: &impl Fn(&Asked<'_>) -> Answer,
) -> Result<(), h2::Error> {
    let (head, body) = request.into_parts();
    let Ok(complete) = timeout(bounds.idle, read(body, bounds.body)).await else {
        respond.send_reset(Reason::CANCEL);
        return Ok(());
    };
    let accept = head.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    let asked = Asked {
        method: head.method.as_str(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()),
        accept: accept.unwrap_or_default(),
        body_too_large: !complete?,
    };
    match answer(&asked) {
        Answer::Http11Required => respond.send_reset(Reason::HTTP_1_1_REQUIRED),
        Answer::Response(response) => {
            let (head, body) = response.into_parts();
            let mut stream = respond.send_response(Response::from_parts(head, ()), body.is_empty())?;
            if !body.is_empty() {
                stream.send_data(body.into(), true)?;
            }
        }
    }
    Ok(())
}

/// Reads a body and throws it away; whether it was no larger than `most`.
async fn read(mut body: RecvStream, most: usize) -> Result<bool, h2::Error> {
    let mut length = 0;
    while let Some(data) = body.data().await {
        let data = data?;
        length += data.len();
        if length > most {
            return Ok(false);
        }
        body.flow_control().release_capacity(data.len())?;
    }
    Ok(true)
}

/// A TLS stream over a socket that does not block, with the socket to wait at.
struct Ready<S> {
    stream: SslStream<S>,
    socket: tokio::net::TcpStream,
}

impl<S: Read + Write> Ready<S> {
    /// Does it at once, or once the socket is ready for `interest`.
    fn when_ready<T>(
        &mut self,
        context: &mut Context<'_>,
        interest: Interest,
        mut what: impl FnMut(&mut SslStream<S>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        // First without asking: the stack may hold bytes that the socket no longer has.
        match what(&mut self.stream) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return Poll::Ready(done),
        }
        loop {
            ready!(match interest.is_readable() {
                true => self.socket.poll_read_ready(context),
                false => self.socket.poll_write_ready(context),
            })?;
            match self.socket.try_io(interest, || what(&mut self.stream)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl<S: Read + Write> Unpin for Ready<S> {}

impl<S: Read + Write> AsyncRead for Ready<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let unfilled = buffer.initialize_unfilled();
        let length = ready!(self.when_ready(context, Interest::READABLE, |stream| stream.read(unfilled)))?;
        buffer.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: Read + Write> AsyncWrite for Ready<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.when_ready(context, Interest::WRITABLE, |stream| stream.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A client that is gone already misses nothing.
        let _ = self.stream.shutdown();
        Poll::Ready(Ok(()))
    }
}
