//! Through an HTTP proxy, by CONNECT.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use openssl::base64::encode_block;
use zeroize::Zeroizing;

use super::attempt::Log;
use super::dial::timed_out;
use super::{ClientError, StepKind, Target};

/// The most that a proxy's answer may have, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;

/// An HTTP proxy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proxy {
    /// Where it is.
    pub target: Target,
    /// `user:password`, if it wants them.
    pub login: Option<Login>,
}

/// A name and its password. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Login(Zeroizing<String>);

impl Login {
    /// `user:password`, in plain text.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(..)")
    }
}

impl Proxy {
    /// As curl's `-x` takes it: `[http://][user:password@]host[:port]`, port 1080 where none is given.
    ///
    /// # Errors
    /// Where it is of another kind, or no address.
    pub fn parse(text: &str) -> Result<Self, ClientError> {
        let unusable =
            |cause: &str| ClientError::ProxyUnusable { proxy: text.to_owned(), cause: cause.to_owned() };
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = url::Url::parse(&with_scheme)
            .map_err(|error| unusable(&format!("{error} (wanted is http://HOST:PORT)")))?;
        if url.scheme() != "http" {
            return Err(unusable("only HTTP proxies are spoken to (wanted is http://HOST:PORT)"));
        }
        let host = url.host_str().ok_or_else(|| unusable("it names no host (wanted is http://HOST:PORT)"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        // `url` swallows the port that is the scheme's own.
        let is_80 = with_scheme.trim_end_matches('/').ends_with(":80");
        let port = url.port().unwrap_or(if is_80 { 80 } else { 1080 });
        let login = (!url.username().is_empty()).then(|| {
            let plain = format!("{}:{}", url.username(), url.password().unwrap_or_default());
            Login::new(&percent_decoded(&plain))
        });
        Ok(Self { target: Target { host, port }, login })
    }

    /// Asks it for a way to the target.
    pub(super) fn open(
        &self,
        stream: &mut TcpStream,
        to: &Target,
        deadline: Instant,
        log: &mut Log<'_>,
    ) -> Result<(), ClientError> {
        let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
        log.step(StepKind::ClearSent(format!("CONNECT {to} HTTP/1.1")));
        if let Some(login) = &self.login {
            request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", encode_block(login.0.as_bytes())));
        }
        request.push_str("Proxy-Connection: Keep-Alive\r\n\r\n");
        let request = Zeroizing::new(request);
        stream.write_all(request.as_bytes()).map_err(|error| self.broke(&error))?;
        let head = self.head(stream, deadline)?;
        let line = head.lines().next().unwrap_or_default().to_owned();
        log.step(StepKind::ClearReceived(line.clone()));
        let status = line.split_whitespace().nth(1).unwrap_or_default();
        let failed = |cause: String| ClientError::Proxy { proxy: self.target.to_string(), cause };
        if !line.starts_with("HTTP/") {
            return Err(failed("does not speak HTTP (is it a proxy, and is the port right?)".to_owned()));
        }
        match status {
            "200" | "201" | "202" | "204" => Ok(()),
            "407" => Err(failed(format!(
                "wants a name and a password: {line} (give them: -x http://USER:PASSWORD@HOST:PORT)"
            ))),
            _ => Err(failed(format!(
                "does not let through to {to}: {line} (does it allow this target and port?)"
            ))),
        }
    }

    /// The answer's head. Read byte by byte: what follows it is TLS, and belongs to others.
    fn head(&self, stream: &mut TcpStream, deadline: Instant) -> Result<String, ClientError> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") && head.len() < HEAD_LIMIT {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let mut byte = [0];
            let read = stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut byte));
            match read {
                Ok(0) => break,
                Ok(_) => head.extend_from_slice(&byte),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(timed_out(left, format!("while the proxy {} connects", self.target)));
                }
                Err(error) => return Err(self.broke(&error)),
            }
        }
        if head.is_empty() {
            let cause =
                "closed the connection without a word (is it a proxy, and is the port right?)".to_owned();
            return Err(ClientError::Proxy { proxy: self.target.to_string(), cause });
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    fn broke(&self, error: &std::io::Error) -> ClientError {
        let cause = format!("broke off: {error} (is it a proxy, and is the port right?)");
        ClientError::Proxy { proxy: self.target.to_string(), cause }
    }

    /// The same trouble, said of the proxy.
    pub(super) fn unreachable(&self, error: &ClientError) -> ClientError {
        ClientError::Proxy { proxy: self.target.to_string(), cause: format!("cannot be reached: {error}") }
    }
}

fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_named_as_in_curl() {
        for (text, host, port) in [
            ("proxy.test:3128", "proxy.test", 3128),
            ("http://proxy.test", "proxy.test", 1080),
            ("http://proxy.test:80/", "proxy.test", 80),
            ("http://u:p%40@[::1]:8080", "::1", 8080),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!((proxy.target.host.as_str(), proxy.target.port), (host, port), "{text}");
        }
        let login = Proxy::parse("http://u:p%40@a:1").unwrap().login.unwrap();
        assert_eq!(login.0.as_str(), "u:p@");
        assert!(!format!("{login:?}").contains("p@"));
        assert!(Proxy::parse("socks5://a:1").unwrap_err().to_string().contains("only HTTP proxies"));
    }
}
