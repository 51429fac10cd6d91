//! Probing one server: the attempts of the plan, each watched by the engine, until no other can tell more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mtlscope_diagnose::attempt::{Attempt, HttpAnswer};
use mtlscope_diagnose::connection::{Connection, Sign, Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::probe::{Asked, Circumstances, Met, Probe, Protocol, Reading, Took, Try};
use mtlscope_dissect::tls::registry::{AlertDescription, ProtocolVersion};
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::Source;
use mtlscope_sources::client::{
    self, ClientError, Ended, Limits, Plan, Report, Route, Starttls, Tls, TlsPlan, Version,
};
use mtlscope_sources::feed::{Feed, FeedSource};
use mtlscope_sources::http::Request;
use mtlscope_sources::probe::plan::{self, Offer, Wishes};

use super::server::Server;

/// How to probe: the same for all servers.
pub(super) struct Prober {
    pub(super) route: Route,
    pub(super) starttls: Option<Starttls>,
    pub(super) http: bool,
    /// Versions, protocols and credentials are set for each attempt.
    pub(super) tls: TlsPlan,
    /// Whether it matters who the server is.
    pub(super) insecure: bool,
    pub(super) timeout: Duration,
    /// What was made ready for one server serves the next.
    pub(super) ready: Mutex<HashMap<Offer, Tls>>,
}

/// What came of one attempt.
struct Made {
    offer: Offer,
    report: Result<Report, ClientError>,
    /// `None` where no connection came about.
    connection: Option<(Connection, Vec<Finding>)>,
}

impl Prober {
    /// Makes ready what any attempt may need, so that what is wrong with the files shows before anybody is called.
    pub(super) fn check(&self) -> Result<(), ClientError> {
        self.tls_for(Offer {
            version: Version::Tls13,
            http2: self.http,
            certificate: self.tls.credentials.is_some(),
            post_handshake_auth: true,
        })
        .map(|_| ())
    }

    /// All there is to find out of one server.
    pub(super) fn probe(&self, server: &Server) -> Probe {
        let deadline = Instant::now() + self.timeout;
        let mut wishes = Wishes { http: self.http, certificate: self.tls.credentials.is_some() };
        let mut probe = Probe {
            target: server.name.clone(),
            address: None,
            trouble: None,
            tries: Vec::new(),
            notes: Vec::new(),
        };
        let mut made: Vec<(Offer, plan::Met)> = Vec::new();
        loop {
            let offers = plan::next(&made, wishes);
            if offers.is_empty() || Instant::now() >= deadline {
                break;
            }
            let round = thread::scope(|scope| {
                let running: Vec<_> = offers
                    .iter()
                    .map(|offer| scope.spawn(|| self.attempt(server, *offer, deadline)))
                    .collect();
                // A thread that panicked was an attempt that failed; none of ours does.
                running.into_iter().filter_map(|one| one.join().ok()).collect::<Vec<_>>()
            });
            let is_first = made.is_empty();
            if is_first && let Some(error) = nobody_there(&round) {
                probe.trouble = Some(error);
                break;
            }
            for one in round {
                probe.address = probe.address.or(one.report.as_ref().ok().map(|report| report.peer));
                let trust = one.report.as_ref().ok().and_then(server_trouble);
                let attempt = self.read(one.offer, one.report, one.connection);
                made.push((one.offer, met(&attempt)));
                probe.tries.push(attempt);
                if let Some(trouble) = trust.filter(|_| !self.insecure && probe.notes.is_empty()) {
                    let kept_back = match wishes.certificate {
                        true => ", so yours was not shown to it",
                        false => "",
                    };
                    wishes.certificate = false;
                    probe.notes.push(format!(
                        "the server's own certificate fails the check: {trouble}{kept_back} (--cacert FILE names the \
                         authority that vouches for it; -k: it does not matter)"
                    ));
                }
            }
        }
        probe.notes.extend(probe.tries.iter().find_map(cannot_be_asked));
        if self.http
            && probe.tries.iter().all(|one| one.reading().is_some_and(is_mute))
            && probe.trouble.is_none()
        {
            probe.notes.push(
                "the server completes the handshake and gives no HTTP answer: if it is no web server, say --no-http"
                    .to_owned(),
            );
        }
        if probe.trouble.is_none() && Instant::now() >= deadline {
            probe.notes.push(format!(
                "the time for this server ran out ({} s: --timeout), so not everything was tried to its end",
                self.timeout.as_secs_f64()
            ));
        }
        probe
    }

    fn attempt(&self, server: &Server, offer: Offer, deadline: Instant) -> Made {
        let left = deadline.saturating_duration_since(Instant::now());
        let tls = match self.tls_for(offer) {
            Ok(tls) => tls,
            Err(error) => return Made { offer, report: Err(error), connection: None },
        };
        let plan = Plan {
            target: server.target.clone(),
            route: self.route.clone(),
            proxy: None,
            starttls: self.starttls,
            tls,
            http: self.http.then(|| request(server)),
            // Whoever is silent is to leave time for the next round.
            limits: Limits { whole: Some(left), silence: self.timeout / 3, ..Limits::default() },
        };
        let (feed, mut source) = Feed::new();
        let (report, connection) = thread::scope(|scope| {
            let running = scope.spawn(move || {
                // The feed goes with the attempt, and the source ends.
                let feed = feed;
                client::attempt(&plan, &feed)
            });
            let connection = tell(&mut source);
            (running.join(), connection)
        });
        // The limit is set by another option here.
        let report = report.map(|report| {
            report.map_err(|failed| match failed.error {
                ClientError::TimedOut { seconds, during, .. } => {
                    ClientError::TimedOut { seconds, during, option: "--timeout" }
                }
                other => other,
            })
        });
        let report = report.unwrap_or_else(|_| {
            Err(ClientError::Stack { what: "make an attempt", cause: "the attempt panicked".to_owned() })
        });
        Made { offer, report, connection }
    }

    fn tls_for(&self, offer: Offer) -> Result<Tls, ClientError> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tls) = ready.get(&offer) {
            return Ok(tls.clone());
        }
        let protocols: &[&str] = match (self.http, offer.http2) {
            (false, _) => &[],
            (true, true) => &["h2", "http/1.1"],
            (true, false) => &["http/1.1"],
        };
        let tls = Tls::new(&TlsPlan {
            min: Some(offer.version),
            max: Some(offer.version),
            alpn: protocols.iter().map(|&protocol| protocol.to_owned()).collect(),
            credentials: self.tls.credentials.clone().filter(|_| offer.certificate),
            // Whoever shows nothing may look at any server; what the check says is told.
            verify: offer.certificate && !self.insecure,
            post_handshake_auth: offer.post_handshake_auth,
            ..self.tls.clone()
        })?;
        ready.insert(offer, tls.clone());
        Ok(tls)
    }

    fn read(
        &self,
        offer: Offer,
        report: Result<Report, ClientError>,
        connection: Option<(Connection, Vec<Finding>)>,
    ) -> Try {
        let agreed = connection
            .as_ref()
            .and_then(|(connection, _)| connection.initial().alpn.seen())
            .map(|protocol| protocol == "h2");
        let protocol = match (self.http, agreed.unwrap_or(offer.http2 && report.is_err())) {
            (false, _) => Protocol::None,
            (true, true) => Protocol::Http2,
            (true, false) => Protocol::Http1,
        };
        let (result, findings) = match (report, connection) {
            (Ok(report), Some((connection, findings))) => (result(&report, &connection, self.http), findings),
            (Ok(_), None) => (Met::Failed("nothing was seen of the connection".to_owned()), Vec::new()),
            (Err(error), _) => (Met::Failed(error.to_string()), Vec::new()),
        };
        Try {
            version: match offer.version {
                Version::Tls13 => ProtocolVersion::TLS13,
                _ => ProtocolVersion::TLS12,
            },
            protocol,
            with_certificate: offer.certificate,
            offers_post_handshake: offer.post_handshake_auth,
            result,
            findings,
        }
    }
}

/// The engine on one attempt.
fn tell(source: &mut FeedSource) -> Option<(Connection, Vec<Finding>)> {
    let mut dissector = Dissector::new(Settings::default());
    let mut teller = Teller::default();
    while let Ok(Some(input)) = source.next() {
        dissector.push(input);
        while let Some(event) = dissector.poll() {
            teller.hear(event);
        }
    }
    dissector.finish();
    while let Some(event) = dissector.poll() {
        teller.hear(event);
    }
    let context = Context { keys_given: true, ..Context::default() };
    loop {
        match teller.poll()? {
            Told::Connection(connection) => {
                let findings = diagnose(&connection, &context);
                return Some((*connection, findings));
            }
            Told::Notice(_) => {}
        }
    }
}

/// Why no attempt of the first round found a server, if none did.
fn nobody_there(round: &[Made]) -> Option<String> {
    let mut errors = round.iter().map(|one| one.report.as_ref().err());
    let first = errors.next()??.to_string();
    errors.all(|error| error.is_some()).then_some(first)
}

/// What is wrong with the server's own certificate, if something is.
fn server_trouble(report: &Report) -> Option<String> {
    let chain = report.chain.as_ref().filter(|chain| chain.code != 0)?;
    Some(format!("{} (at depth {})", chain.text, chain.depth))
}

fn result(report: &Report, connection: &Connection, asked_in_http: bool) -> Met {
    let refusal = connection.refusal();
    if !connection.initial().server_hello.is_seen() {
        return match (refusal, &report.ended) {
            (Some(refusal), _) if matches!(refusal.sign, Sign::Alert(alert) if alert.description == AlertDescription::PROTOCOL_VERSION) => {
                Met::NotSpoken
            }
            (Some(refusal), _) => Met::Failed(format!("the {} {refusal}", refusal.by)),
            (None, ended) => Met::Failed(words(ended)),
        };
    }
    let body = report.response.as_ref().map(|response| String::from_utf8_lossy(&response.body));
    let answer = report
        .response
        .as_ref()
        .zip(body.as_deref())
        .map(|(response, text)| HttpAnswer { code: response.status, text });
    let silence = words(&report.ended);
    let circumstances =
        Circumstances { asked_in_http, wants_http1: wants_http1(&report.ended), silence: &silence };
    Met::Read(Box::new(Reading::of(&Attempt { connection, answer }, circumstances)))
}

/// What a late request means for clients that cannot be asked late.
fn cannot_be_asked(one: &Try) -> Option<String> {
    let reading = one.reading().filter(|_| !one.offers_post_handshake)?;
    let gets = match &reading.took {
        Took::RefusedInHttp { status, .. } => format!("is answered HTTP {status}"),
        Took::RefusedInTls(what) => format!("is refused (the server {what})"),
        Took::Untold(what) => format!("gets no answer ({what})"),
        _ => return None,
    };
    Some(format!(
        "in TLS 1.3 the server asks after the handshake, and a client that does not offer post_handshake_auth, as no browser \
         does, {gets}: certificate or not"
    ))
}

fn is_mute(reading: &Reading) -> bool {
    reading.asked == Asked::Never && matches!(reading.took, Took::Untold(_))
}

/// Whether the server gave the request back with HTTP_1_1_REQUIRED.
fn wants_http1(ended: &Ended) -> bool {
    matches!(ended, Ended::Broken(what) if what.contains("HTTP/1.1"))
}

fn words(ended: &Ended) -> String {
    match ended {
        Ended::Answered | Ended::Quiet => String::new(),
        Ended::HandshakeFailed(text) | Ended::Alert(text) | Ended::Broken(text) => text.clone(),
        Ended::Closed => "the server closed the connection without an answer".to_owned(),
        Ended::Reset => "the server reset the connection without an answer".to_owned(),
        Ended::TimedOut => "the server was silent".to_owned(),
    }
}

/// What decides about the next attempts.
fn met(attempt: &Try) -> plan::Met {
    let Some(reading) = attempt.reading() else { return plan::Met::Nothing };
    plan::Met::Handshake {
        http2: attempt.protocol == Protocol::Http2,
        asked: reading.asked == Asked::InHandshake,
        asked_later: matches!(reading.asked, Asked::InRenegotiation | Asked::AfterHandshake),
        refused: reading.asked == Asked::InHandshake && matches!(reading.took, Took::RefusedInTls(_)),
    }
}

fn request(server: &Server) -> Request {
    Request {
        method: "GET".to_owned(),
        target: server.path.clone(),
        authority: match server.target.port {
            443 => server.target.host.clone(),
            _ => server.target.to_string(),
        },
        headers: [("User-Agent", concat!("mtlscope/", env!("CARGO_PKG_VERSION"))), ("Accept", "*/*")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: None,
        save: None,
    }
}
