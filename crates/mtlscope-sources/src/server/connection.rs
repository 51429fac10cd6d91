//! One client, from its first byte to its last: the handshake, then requests and answers.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mtlscope_dissect::side::Side;
use openssl::error::ErrorStack;
use openssl::ssl::{Error, Ssl, SslRef, SslStream};

use super::pages::{self, Page};
use super::patience::Patience;
use super::request::{Ahead, NoRequest, Request};
use super::verification::Verification;
use super::visitors::Visit;
use super::{Shared, environment};
use crate::feed::FlowFeed;
use crate::stack;
use crate::tapped::Tapped;

/// What a body may come to that is read and thrown away.
const BODY: usize = 1024 * 1024;
/// How long we listen to a client whom we have refused, so that it can read why before the connection is reset.
const LINGER: Duration = Duration::from_secs(2);
/// And to how much, in bytes.
const LINGER_BYTES: usize = 256 * 1024;

/// Serves one client until either end is done. What happens is in the feed.
pub(super) fn serve(stream: TcpStream, flow: FlowFeed, visit: &Visit<'_>, shared: &Shared) {
    // Without it, small answers wait for acknowledgements. Where it cannot be had, they do.
    let _ = stream.set_nodelay(true);
    let tapped = Tapped::new(stream, flow, Side::Server);
    let Ok(socket) = Patience::new(tapped, shared.limits.handshake) else { return };
    let Ok(mut stream) = prepared(socket, shared) else { return };
    match stream.accept() {
        Ok(()) => {
            testify(&stream);
            let mut client = Client { stream, ahead: Ahead::default(), visit, shared };
            client.requests();
            part(client.stream);
        }
        Err(error) => {
            let why = reason(&error, stream.ssl());
            stream.get_ref().tapped().flow().said(Side::Server, &why);
            linger(&mut stream);
        }
    }
}

fn prepared(socket: Patience, shared: &Shared) -> Result<SslStream<Patience>, ErrorStack> {
    let mut ssl = Ssl::new(&shared.context)?;
    stack::attach(&mut ssl, socket.tapped().flow().clone())?;
    Verification::attach(&mut ssl)?;
    SslStream::new(ssl, socket)
}

/// Says what the server makes of the client's certificate.
fn testify(stream: &SslStream<Patience>) {
    let verdict = format!("SSL_CLIENT_VERIFY={}", environment::client_verify(stream.ssl()));
    stream.get_ref().tapped().flow().said(Side::Server, &verdict);
}

/// What went wrong with a handshake, in the words of who knows best.
fn reason(error: &Error, ssl: &SslRef) -> String {
    if Verification::of(ssl).error.is_some() {
        return format!("SSL_CLIENT_VERIFY={}", environment::client_verify(ssl));
    }
    if let Some(reason) =
        error.ssl_error().and_then(|stack| stack.errors().first()).and_then(openssl::error::Error::reason)
    {
        return format!("handshake failed: {reason}");
    }
    match error.io_error().map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => {
            "handshake given up: the client said nothing more in time".to_owned()
        }
        Some(io::ErrorKind::ConnectionReset) => "handshake ended by the client's reset".to_owned(),
        _ => "handshake ended by the client, which closed the connection".to_owned(),
    }
}

/// Closes in order, so that the client can tell the end from a cut.
fn part(mut stream: SslStream<Patience>) {
    // A client that is gone already misses nothing.
    let _ = stream.shutdown();
}

/// Lets a refused client read the alert before the socket goes: closing it over unread bytes would be a reset.
fn linger(stream: &mut SslStream<Patience>) {
    let socket = stream.get_mut();
    if socket.tapped_mut().shut_down_write().is_err() {
        return;
    }
    socket.renew(LINGER);
    let mut buffer = [0; 4096];
    let mut heard = 0;
    while heard < LINGER_BYTES {
        match socket.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(length) => heard += length,
        }
    }
}

/// A client whose handshake is finished.
struct Client<'a> {
    stream: SslStream<Patience>,
    ahead: Ahead,
    visit: &'a Visit<'a>,
    shared: &'a Shared,
}

impl Client<'_> {
    fn requests(&mut self) {
        loop {
            self.stream.get_mut().renew(self.shared.limits.idle);
            let request = match self.ahead.request(&mut self.stream) {
                Ok(request) => request,
                Err(NoRequest::Gone(_)) => return,
                Err(NoRequest::Malformed) => {
                    return self.refuse(
                        400,
                        "Bad Request",
                        "Your browser sent a request that this server could not understand.",
                    );
                }
                Err(NoRequest::TooLarge) => {
                    return self.refuse(
                        431,
                        "Request Header Fields Too Large",
                        "The head of the request is too large.",
                    );
                }
            };
            self.visit.waits(false);
            let again = self.answer(&request);
            self.visit.waits(true);
            if !matches!(again, Ok(true)) {
                return;
            }
        }
    }

    fn refuse(&mut self, status: u16, reason: &'static str, why: &str) {
        // Whoever sends this may not read either.
        let _ = self.write(
            &Page::html(status, reason, format!("<h1>{reason}</h1>\n<p>{why}</p>\n")),
            false,
            false,
        );
    }

    /// Whether the connection stays open.
    fn answer(&mut self, request: &Request) -> io::Result<bool> {
        if request.expects_continue {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.stream.get_mut().renew(self.shared.limits.idle);
        let Ok(Some(_)) = self.ahead.body(request.body, BODY, &mut self.stream) else {
            self.refuse(
                413,
                "Request Entity Too Large",
                "The body of the request is larger than this server takes.",
            );
            return Ok(false);
        };
        let refusal = pages::refusal(&self.shared.policy, self.stream.ssl());
        let page = refusal.unwrap_or_else(|| self.page(request));
        self.write(&page, request.keep_alive, request.method == "HEAD")?;
        Ok(request.keep_alive)
    }

    fn page(&self, request: &Request) -> Page {
        let variables = match self.shared.policy.std_env_vars {
            true => environment::variables(self.stream.ssl()),
            false => Vec::new(),
        };
        let _ = &request.target;
        let _ = &request.accept;
        pages::welcome(&variables)
    }

    fn write(&mut self, page: &Page, keep_alive: bool, head_only: bool) -> io::Result<()> {
        let Page { status, reason, content_type, body } = page;
        let connection = if keep_alive { "keep-alive" } else { "close" };
        let length = body.len();
        let version = env!("CARGO_PKG_VERSION");
        let body = if head_only { "" } else { body };
        let response = format!(
            "HTTP/1.1 {status} {reason}\r\nServer: mtlscope/{version}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: {connection}\r\n\r\n{body}"
        );
        self.stream.write_all(response.as_bytes())
    }
}
