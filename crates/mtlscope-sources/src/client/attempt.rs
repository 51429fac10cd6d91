//! One attempt, from the name to the last word.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use mtlscope_dissect::side::Side;
use openssl::ssl::{HandshakeError, MidHandshakeSslStream, Ssl, SslVersion};

use super::channel::{Channel, Trouble, trouble};
use super::dial::{dial, seconds};
use super::report::{Ended, Failed, Report, Shaken, Step, StepKind};
use super::watch::Watch;
use super::{ClientError, Plan};
use crate::feed::{Feed, FlowFeed};
use crate::http::http1::{self, Reading, Unreadable};
use crate::http::{Request, Response, h2};
use crate::stack;
use crate::tapped::Tapped;

/// What our end does, written down as it happens.
pub(super) struct Log<'a> {
    feed: &'a Feed,
    steps: Vec<Step>,
}

impl<'a> Log<'a> {
    pub(super) fn new(feed: &'a Feed) -> Self {
        Self { feed, steps: Vec::new() }
    }

    pub(super) fn step(&mut self, kind: StepKind) {
        self.steps.push(Step { time: self.feed.now(), kind });
    }
}

/// Makes one connection, has the engine see all of it, and waits for the other end's last word. A refusal is a result.
///
/// # Errors
/// Where no connection came about, or TLS was not even spoken.
pub fn attempt(plan: &Plan, feed: &Feed) -> Result<Report, Failed> {
    let mut log = Log::new(feed);
    let watch = Watch::new(plan.tls.trace().then(|| feed.clone()));
    let went = begun(plan, feed, &watch, &mut log);
    let mut steps = log.steps;
    steps.append(&mut watch.told().steps);
    steps.sort_by_key(|step| step.time);
    match went {
        Ok(report) => Ok(Report { steps, ..report }),
        Err(error) => Err(Failed { error, steps }),
    }
}

fn begun(plan: &Plan, feed: &Feed, watch: &Watch, log: &mut Log<'_>) -> Result<Report, ClientError> {
    let start = Instant::now();
    let end = plan.limits.whole.map(|whole| start + whole);
    let before = |limit: Duration| end.map_or(start + limit, |end| end.min(start + limit));
    let (stream, round_trip) = reach(plan, before(plan.limits.connect), log)?;
    let ends = stream.local_addr().and_then(|local| Ok((local, stream.peer_addr()?)));
    let (local, peer) = ends.map_err(|cause| ClientError::Stack {
        what: "name the ends of a socket",
        cause: cause.to_string(),
    })?;

    let flow = feed.open(local, peer);
    let stack_failed = ClientError::stack("prepare a connection");
    let mut ssl = plan.tls.connection(&plan.target).map_err(&stack_failed)?;
    stack::attach(&mut ssl, flow.clone()).map_err(&stack_failed)?;
    watch.attach(&mut ssl).map_err(&stack_failed)?;

    let mut attempt = Attempt { plan, flow, watch: watch.clone(), end, round_trip, log };
    let mut report = Report {
        local,
        peer,
        notes: plan.tls.notes().to_vec(),
        steps: Vec::new(),
        shaken: None,
        asked: false,
        ticket: false,
        chain: None,
        chain_troubles: Vec::new(),
        server_chain: Vec::new(),
        ocsp_response: None,
        alert_received: None,
        alert_sent: None,
        response: None,
        ended: Ended::Quiet,
    };
    let tapped = Tapped::new(stream, attempt.flow.clone(), Side::Client);
    match attempt.handshake(ssl, tapped)? {
        Ok(mut channel) => {
            attempt.log.step(StepKind::Shaken);
            report.take_handshake(&channel, feed);
            let went = attempt.talk(&mut channel, &mut report);
            let failed = !matches!(went, Ok(Ended::Answered | Ended::Quiet | Ended::Alert(_)));
            attempt.close(channel, failed);
            report.ended = went?;
        }
        Err(failed) => {
            report.take_server(failed.ssl());
            let words = attempt.failure(failed)?;
            report.ended = words;
        }
    }
    attempt.testify(&report);
    report.take_watch(watch);
    Ok(report)
}

/// The way up to TLS. Also how long a round trip takes.
fn reach(plan: &Plan, deadline: Instant, log: &mut Log<'_>) -> Result<(TcpStream, Duration), ClientError> {
    let destination = plan.route.destination(&plan.target);
    let first = match &plan.proxy {
        Some(proxy) => proxy.target.clone(),
        None => destination.clone(),
    };
    let addresses = plan.route.addresses(&first, deadline)?;
    let dialled = Instant::now();
    let mut stream = dial(&addresses, deadline, log).map_err(|error| match &plan.proxy {
        Some(proxy) => proxy.unreachable(&error),
        None => error,
    })?;
    let mut round_trip = dialled.elapsed();
    if let Some(proxy) = &plan.proxy {
        let asked = Instant::now();
        proxy.open(&mut stream, &destination, deadline, log)?;
        round_trip = round_trip.max(asked.elapsed());
    }
    if let Some(protocol) = plan.starttls {
        protocol.speak(&mut stream, &plan.target, deadline, log)?;
    }
    Ok((stream, round_trip))
}

struct Attempt<'a, 'feed> {
    plan: &'a Plan,
    flow: FlowFeed,
    watch: Watch,
    end: Option<Instant>,
    round_trip: Duration,
    log: &'a mut Log<'feed>,
}

impl Attempt<'_, '_> {
    /// The TLS handshake. The inner error is a handshake that failed after it had begun.
    fn handshake(
        &mut self,
        ssl: Ssl,
        mut tapped: Tapped,
    ) -> Result<Result<Channel, MidHandshakeSslStream<Tapped>>, ClientError> {
        let patience = self.patience();
        tapped.read_until(Some(patience));
        let _ = tapped.stream().set_write_timeout(Some(self.plan.limits.silence));
        match ssl.connect(tapped) {
            Ok(stream) => Ok(Ok(Channel { stream, end: self.end, silence: self.plan.limits.silence })),
            Err(HandshakeError::SetupFailure(errors)) => {
                Err(ClientError::stack("prepare a connection")(errors))
            }
            Err(HandshakeError::Failure(failed) | HandshakeError::WouldBlock(failed)) => Ok(Err(failed)),
        }
    }

    fn patience(&self) -> Instant {
        let silence = Instant::now() + self.plan.limits.silence;
        self.end.map_or(silence, |end| end.min(silence))
    }

    /// What to make of a handshake that failed.
    fn failure(&mut self, failed: MidHandshakeSslStream<Tapped>) -> Result<Ended, ClientError> {
        let what = trouble(failed.error());
        let heard = failed.get_ref().heard();
        if failed.get_ref().sent() == 0 {
            let cause = match what {
                Trouble::Stack(words) => words,
                other => format!("{other:?}"),
            };
            return Err(ClientError::NothingToOffer { cause });
        }
        if let (Trouble::Stack(_), Some(looks)) = (&what, not_tls(heard)) {
            self.flow.said(Side::Client, &format!("the server does not answer in TLS: {looks}"));
            return Err(ClientError::NotTls { target: self.plan.target.to_string(), looks });
        }
        if let Trouble::TimedOut = what {
            let (limit, option) = match (self.end, self.plan.limits.whole) {
                (Some(end), Some(whole)) if Instant::now() >= end => (whole, "--max-time"),
                _ => (self.plan.limits.silence, "--connect-timeout"),
            };
            self.flow.said(Side::Client, "the server was silent for too long: I gave up in the handshake");
            return Err(ClientError::TimedOut {
                seconds: seconds(limit),
                during: format!("in the TLS handshake with {}", self.plan.target),
                option,
            });
        }
        let text = match what {
            Trouble::Closed => "the server closed the connection in the handshake".to_owned(),
            Trouble::Reset => "the server reset the connection in the handshake".to_owned(),
            Trouble::TimedOut => String::new(),
            Trouble::Alert(text) => text,
            // The reason behind `certificate verify failed`.
            Trouble::Stack(text) => match &self.watch.told().chain {
                Some(chain) if chain.code != 0 && text.contains("verify failed") => {
                    format!("{text}: {} ({}) at depth {}", chain.text, chain.code, chain.depth)
                }
                _ => text,
            },
        };
        Ok(Ended::HandshakeFailed(text))
    }

    /// Behind the handshake: waits for a late refusal, asks, and hears the answer.
    fn talk(&mut self, channel: &mut Channel, report: &mut Report) -> Result<Ended, ClientError> {
        let limits = &self.plan.limits;
        // Up to TLS 1.2 a server has taken the client's answer before its own Finished: what it has to say was said.
        let is_tls13 = channel.stream.ssl().version2() == Some(SslVersion::TLS1_3);
        let asked = self.watch.told().asked && is_tls13;
        let grace = limits.grace + 2 * self.round_trip;
        let Some(request) = &self.plan.http else {
            return Ok(self.listen(channel, asked, grace));
        };
        // A server that refuses behind the handshake closes, and a request that then arrives makes it reset the
        // connection, which can sweep the alert away unread: so it gets a moment.
        if asked {
            let watch = self.watch.clone();
            let before = watch.told().tickets;
            let until = Instant::now() + grace;
            if let Err(trouble) = channel.listen(until, move |_| watch.told().tickets > before) {
                return Ok(ended(trouble));
            }
        }
        let is_h2 = channel.stream.ssl().selected_alpn_protocol() == Some(b"h2");
        if is_h2 { self.h2(channel, request, report) } else { self.http1(channel, request, report) }
    }

    /// Without a request: hears the server's last word, if there is one.
    fn listen(&self, channel: &mut Channel, asked: bool, grace: Duration) -> Ended {
        let start = Instant::now();
        let watch = self.watch.clone();
        let late = if asked { self.plan.limits.late } else { grace };
        let before = watch.told().tickets;
        let heard = channel
            .listen(start + late, move |_| watch.told().tickets > before)
            // Some servers check the certificate behind the handshake, ticket or no ticket.
            .and_then(|()| channel.listen((start + late).min(Instant::now() + grace), |_| false));
        match heard {
            Ok(()) => Ended::Quiet,
            Err(trouble) => ended(trouble),
        }
    }

    fn http1(
        &mut self,
        channel: &mut Channel,
        request: &Request,
        report: &mut Report,
    ) -> Result<Ended, ClientError> {
        let head = http1::head(request);
        let mut bytes = head.clone().into_bytes();
        bytes.extend_from_slice(request.body.as_deref().unwrap_or_default());
        let written = channel.write(&bytes);
        self.log.step(StepKind::Request(head));
        let mut reading = Reading::new(request, self.plan.limits.body);
        let mut buffer = vec![0; 16 * 1024];
        let ended = loop {
            let had_head = reading.has_head();
            // Where it could not be written, what the server said before is still there to be read.
            match channel.read(&mut buffer) {
                Ok(0) if reading.end() => break Ended::Answered,
                Ok(0) if reading.is_untouched() => break Ended::Closed,
                Ok(0) => break Ended::Broken("it breaks off".to_owned()),
                Ok(length) => match reading.push(buffer.get(..length).unwrap_or_default()) {
                    Ok(is_whole) => {
                        if reading.has_head() && !had_head {
                            self.log.step(StepKind::Response(response_head(reading.response())));
                        }
                        if is_whole {
                            break Ended::Answered;
                        }
                    }
                    Err(Unreadable::Http(what)) => break Ended::Broken(what),
                    Err(Unreadable::Save(cause)) => return Err(ClientError::Save { cause }),
                },
                // HTTP/1.0 ends so, and many a server without a goodbye.
                Err(Trouble::Closed) if reading.end() => break Ended::Answered,
                Err(trouble) => {
                    let first = match (written.clone(), &trouble) {
                        (Err(first), Trouble::Stack(_) | Trouble::Closed) => first,
                        _ => trouble,
                    };
                    break match (first, reading.is_untouched()) {
                        (Trouble::Closed | Trouble::Reset, false) => {
                            Ended::Broken("it breaks off".to_owned())
                        }
                        (other, _) => ended(other),
                    };
                }
            }
        };
        report.response = reading.into_response();
        Ok(ended)
    }

    fn h2(
        &mut self,
        channel: &mut Channel,
        request: &Request,
        report: &mut Report,
    ) -> Result<Ended, ClientError> {
        self.log.step(StepKind::Request(h2::head(request)));
        let (response, outcome) = h2::exchange(channel, request, self.plan.limits.body);
        if let Some(response) = &response {
            self.log.step(StepKind::Response(response_head(response)));
        }
        report.response = response;
        match outcome {
            Ok(()) => Ok(Ended::Answered),
            Err(h2::Failure::Save(cause)) => Err(ClientError::Save { cause }),
            Err(h2::Failure::Trouble(trouble)) => Ok(ended(trouble)),
            Err(h2::Failure::Broken(what)) => Ok(Ended::Broken(what)),
        }
    }

    /// Says goodbye, and lets go. Where our stack gave up, what still lies in the socket is read first.
    fn close(&self, mut channel: Channel, failed: bool) {
        if failed {
            channel.drain();
        }
        // A goodbye that nobody hears any more is none the worse.
        let _ = channel.stream.shutdown();
    }

    /// What our end concludes goes to the engine too: testimony.
    fn testify(&self, report: &Report) {
        let told = self.watch.told();
        let mut said = Vec::new();
        match (&report.ended, &report.response) {
            (Ended::HandshakeFailed(text) | Ended::Alert(text), _) => said.push(text.clone()),
            (Ended::Closed, None) => {
                said.push("the server closed the connection without an answer".to_owned())
            }
            (Ended::Reset, None) => said.push("the server reset the connection without an answer".to_owned()),
            (Ended::TimedOut, _) => said.push("the server was silent for too long".to_owned()),
            (Ended::Broken(what), _) => said.push(format!("the answer cannot be read: {what}")),
            _ => {}
        }
        if report.shaken.is_some()
            && let Some(chain) = &told.chain
            && chain.code != 0
        {
            said.push(format!(
                "the server's chain fails my check: {} ({}) at depth {}",
                chain.text, chain.code, chain.depth
            ));
        }
        for text in said {
            self.flow.said(Side::Client, &text);
        }
    }
}

impl Report {
    fn take_handshake(&mut self, channel: &Channel, feed: &Feed) {
        let ssl = channel.stream.ssl();
        let alpn = ssl.selected_alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        self.shaken = Some(Shaken {
            version: ssl.version_str().to_owned(),
            cipher: ssl.current_cipher().map_or("", |cipher| cipher.name()).to_owned(),
            alpn,
            time: feed.now(),
        });
        self.take_server(ssl);
    }

    fn take_server(&mut self, ssl: &openssl::ssl::SslRef) {
        self.ocsp_response = ssl.ocsp_status().map(<[u8]>::to_vec);
        self.server_chain = ssl
            .peer_cert_chain()
            .map(|chain| chain.iter().filter_map(|one| one.to_der().ok()).collect())
            .unwrap_or_default();
    }

    fn take_watch(&mut self, watch: &Watch) {
        let mut told = watch.told();
        self.asked = told.asked;
        self.ticket = told.tickets > 0;
        self.chain = told.chain.take();
        self.chain_troubles = std::mem::take(&mut told.chain_troubles);
        self.alert_received = told.alert_received;
        self.alert_sent = told.alert_sent;
    }
}

fn ended(trouble: Trouble) -> Ended {
    match trouble {
        Trouble::Closed => Ended::Closed,
        Trouble::Reset => Ended::Reset,
        Trouble::TimedOut => Ended::TimedOut,
        Trouble::Alert(text) => Ended::Alert(text),
        Trouble::Stack(text) => Ended::Broken(text),
    }
}

fn response_head(response: &Response) -> String {
    let mut head = format!("{}\r\n", response.status_line());
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head
}

/// What first bytes look like that are not TLS, and what to do. `None` where they may be TLS, or there are none.
fn not_tls(heard: &[u8]) -> Option<String> {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    let looks = match heard {
        [] | [ALERT | HANDSHAKE, 3, ..] => return None,
        [b'H', b'T', b'T', b'P', ..] => "it answers in HTTP without TLS (use the port that serves https)",
        [b'2', b'2', b'0', ..] => "it greets like a mail or FTP server (--starttls smtp, or ftp)",
        [b'*', b' ', b'O', b'K', ..] => "it greets like an IMAP server (--starttls imap)",
        [b'+', b'O', b'K', ..] => "it greets like a POP3 server (--starttls pop3)",
        [b'S', b'S', b'H', b'-', ..] => "it is an SSH server",
        _ => "what it sends is not TLS (is the port right? does it want --starttls?)",
    };
    Some(looks.to_owned())
}
