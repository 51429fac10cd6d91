//! One client, from its first byte to its last: the handshake, then requests and answers.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mtlscope_dissect::side::Side;
use openssl::error::ErrorStack;
use openssl::ssl::{Error, Ssl, SslRef, SslStream};

use super::Shared;
use super::environment::{self, Variables};
use super::late;
use super::pages::{self, Known, Page};
use super::patience::Patience;
use super::policy::Policy;
use super::request::{Ahead, NoRequest, Request};
use super::verification::Verification;
use super::visitors::Visit;
use crate::feed::FlowFeed;
use crate::http::h2_server::{self, Answer};
use crate::stack;
use crate::tapped::Tapped;

/// What a body may come to that is read and thrown away.
const BODY: usize = 1024 * 1024;
/// What a body may come to that is kept while its client is asked for a certificate: IIS's `uploadReadAheadSize`.
const KEPT: usize = 48 * 1024;
/// What the server calls itself.
const SOFTWARE: &str = concat!("mtlscope/", env!("CARGO_PKG_VERSION"));
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
            if stream.ssl().selected_alpn_protocol() == Some(b"h2") {
                return http2(stream, shared);
            }
            let mut client = Client { stream, ahead: Ahead::default(), visit, shared, asked: false };
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
    /// Whether it was asked for a certificate since the handshake.
    asked: bool,
}

/// What becomes of a connection after an answer.
enum Then {
    Stays,
    Ends,
}

impl Client<'_> {
    fn requests(&mut self) {
        loop {
            self.stream.get_mut().renew(self.shared.limits.idle);
            let request = match self.ahead.request(&mut self.stream) {
                Ok(request) => request,
                Err(NoRequest::Gone) => return,
                Err(NoRequest::Malformed) => return self.refuse(&pages::malformed()),
                Err(NoRequest::TooLarge) => return self.refuse(&pages::head_too_large()),
            };
            self.visit.waits(false);
            let then = self.answer(&request);
            self.visit.waits(true);
            if !matches!(then, Ok(Then::Stays)) {
                return;
            }
        }
    }

    fn answer(&mut self, request: &Request) -> io::Result<Then> {
        let asks = !self.asked && self.shared.policy.asks_for(&request.target);
        // A client that waits with its body is asked first, as Apache does: then there is nothing to keep.
        let ask_first = asks && request.expects_continue;
        if ask_first && let Some(then) = self.ask()? {
            return Ok(then);
        }
        if request.expects_continue {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.stream.get_mut().renew(self.shared.limits.idle);
        let most = if asks && !ask_first { KEPT } else { BODY };
        let Ok(Some(_)) = self.ahead.body(request.body, most, &mut self.stream) else {
            self.refuse(&pages::too_large(&self.shared.policy));
            return Ok(Then::Ends);
        };
        if asks
            && !ask_first
            && let Some(then) = self.ask()?
        {
            return Ok(then);
        }
        let known = known(&self.shared.policy, self.stream.ssl());
        let page = pages::page(&self.shared.policy, &known, &request.target, &request.accept);
        self.write(&page, request.keep_alive, request.method == "HEAD")?;
        Ok(if request.keep_alive { Then::Stays } else { Then::Ends })
    }

    /// Asks for a certificate. What it gives back says what becomes of the connection, where the request is done with.
    fn ask(&mut self) -> io::Result<Option<Then>> {
        self.asked = true;
        self.stream.get_mut().renew(self.shared.limits.handshake);
        match late::ask(&mut self.stream, &self.shared.policy, &mut self.ahead) {
            late::Answer::Given => {
                testify(&self.stream);
                Ok(None)
            }
            late::Answer::NotOffered => {
                let flow = self.stream.get_ref().tapped().flow();
                flow.said(
                    Side::Server,
                    "cannot ask after the handshake: the client did not offer post_handshake_auth",
                );
                self.write(&pages::cannot_be_asked(&self.shared.policy), false, false)?;
                Ok(Some(Then::Ends))
            }
            late::Answer::TooMuch => {
                self.refuse(&pages::too_large(&self.shared.policy));
                Ok(Some(Then::Ends))
            }
            late::Answer::Broken(error) => {
                let why = reason(&error, self.stream.ssl());
                self.stream.get_ref().tapped().flow().said(Side::Server, &why);
                linger(&mut self.stream);
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    /// The last answer of a connection.
    fn refuse(&mut self, page: &Page) {
        // Whoever sends what is refused may not read either.
        if self.write(page, false, false).is_ok() {
            let _ = self.stream.shutdown();
            linger(&mut self.stream);
        }
    }

    fn write(&mut self, page: &Page, keep_alive: bool, head_only: bool) -> io::Result<()> {
        let Page { status, reason, content_type, body } = page;
        let connection = if keep_alive { "keep-alive" } else { "close" };
        let length = body.len();
        let body = if head_only { "" } else { body };
        let response = format!(
            "HTTP/1.1 {status} {reason}\r\nServer: {SOFTWARE}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: {connection}\r\n\r\n{body}"
        );
        self.stream.write_all(response.as_bytes())
    }
}

/// What pages are told of a client.
fn known(policy: &Policy, ssl: &SslRef) -> Known {
    Known {
        error: Verification::of(ssl).error,
        has_certificate: ssl.peer_certificate().is_some(),
        variables: if policy.std_env_vars { Variables::of(ssl) } else { Variables::default() },
    }
}

/// Serves a client that chose HTTP/2. It cannot be asked any more, so all that is known of it is known now.
fn http2(mut stream: SslStream<Patience>, shared: &Shared) {
    let policy = shared.policy.clone();
    let known = known(&policy, stream.ssl());
    let flow = stream.get_ref().tapped().flow().clone();
    let socket = stream.get_ref().tapped().stream().try_clone();
    let Ok(socket) = stream.get_mut().leave_waiting().and(socket) else { return };
    let answer = move |asked: &h2_server::Asked<'_>| {
        let h2_server::Asked { method, target, .. } = asked;
        let page = match (asked.body_too_large, policy.asks_for(target)) {
            (false, true) => {
                let why = "HTTP/2 forbids to ask after the handshake: HTTP_1_1_REQUIRED";
                flow.said(Side::Server, &format!("{method} {target}: {why}"));
                return Answer::Http11Required;
            }
            (false, false) => pages::page(&policy, &known, target, asked.accept),
            (true, _) => pages::too_large(&policy),
        };
        flow.said(Side::Server, &format!("{method} {target}: status {}", page.status));
        let response = http::Response::builder()
            .status(page.status)
            .header("server", SOFTWARE)
            .header("content-type", page.content_type)
            .header("content-length", page.body.len())
            .body(if *method == "HEAD" { String::new() } else { page.body });
        response.map_or(Answer::Http11Required, Answer::Response)
    };
    let bounds = h2_server::Bounds { idle: shared.limits.idle, body: BODY };
    // How it ended is on the wire.
    let _ = h2_server::serve(stream, socket, bounds, answer);
}
