//! `mtlscope connect`: one connection after the other, each attempted on a thread of its own, watched by the engine, and
//! shown once both have said all they know.

mod candidates;
pub(super) mod plan;
mod shown;
mod view;

use std::thread;

use mtlscope_dissect::Settings;
use mtlscope_sources::Sink;
use mtlscope_sources::client::{self, ClientError, Failed, Plan, Report, Tls, TlsPlan, redirected};
use mtlscope_sources::feed::Feed;
use mtlscope_sources::http::Request;
use mtlscope_views::terminal::{self, Certificates, Terminal};

use crate::certificate_directory::CertificateDirectory;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::live_ends;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop};
use candidates::Candidates;
use plan::Destination;
use shown::Shown;
use view::{Gathered, Gathering};

pub(crate) fn run(typed: &cli::Connect, console: &mut Console<'_>) -> Exit {
    match prepared(typed) {
        Ok(mut prepared) => connect(typed, &mut prepared, console),
        Err(what) => {
            if !typed.show.silent || typed.show.show_error {
                console.complain(&what);
            }
            Exit::CouldNotLook
        }
    }
}

/// Makes the connections as [`run`] does and shows nothing: for whoever compares them. The error is a sentence.
pub(super) fn watched(typed: &cli::Connect, console: &mut Console<'_>) -> Result<Vec<view::Told>, String> {
    let mut prepared = prepared(typed)?;
    let gathered = Gathered::new(&typed.show, &terminal::Settings::default());
    let notices = Box::new(Terminal::new(terminal::Settings::default()));
    let view = Box::new(Gathering { gathered: gathered.clone(), notices });
    let mut showing = Showing { shows_notices: false, ..Showing::new(console.lend(), view) };
    let settings = Settings { secrets_may_come: true, ..Settings::default() };
    let sinks = std::mem::take(&mut prepared.sinks);
    let pipeline = Pipeline::new(settings, true, &mut showing).keeping(sinks);
    let run = Run { typed, prepared: &mut prepared, pipeline, gathered: gathered.clone(), shown: None };
    match run.all() {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => Ok(gathered.take()),
        Err(Interrupted::Showing(Stop::Output(error))) => Err(error.to_string()),
        Err(Interrupted::Source(error)) => Err(error.to_string()),
    }
}

/// What all attempts share.
struct Prepared {
    destinations: Vec<Destination>,
    tls: TlsPlan,
    route: client::Route,
    proxy: Option<client::Proxy>,
    limits: client::Limits,
    candidates: Candidates,
    sinks: Vec<Box<dyn Sink>>,
}

/// Reads and checks all that was typed before anybody is called. The error is a sentence.
fn prepared(typed: &cli::Connect) -> Result<Prepared, String> {
    let words = |error: ClientError| error.to_string();
    let destinations =
        typed.urls.iter().map(|url| Destination::parse(url, typed.tls.starttls)).collect::<Result<_, _>>()?;
    let tls = plan::tls(typed).map_err(words)?;
    let mut candidates = Candidates::default();
    if let Some(authorities) = &typed.tls.cacert {
        candidates.know(authorities);
    }
    if let (Some(credentials), Some(name)) = (&tls.credentials, &typed.identity.cert) {
        candidates.given(&plan::cert_and_password(name).0, credentials);
    }
    if let Some(folder) = &typed.identity.cert_dir {
        let passphrase = plan::passphrase(&typed.identity).map_err(words)?;
        candidates.folder(folder, passphrase.as_ref())?;
    }
    let route = plan::route(&typed.route)?;
    let proxy = plan::proxy(&typed.route).map_err(words)?;
    let sinks = live_ends::sinks(typed.show.record.as_deref(), typed.show.keylog.as_deref())?;
    Ok(Prepared { destinations, tls, route, proxy, limits: plan::limits(&typed.route), candidates, sinks })
}

fn connect(typed: &cli::Connect, prepared: &mut Prepared, console: &mut Console<'_>) -> Exit {
    let terminal = terminal::Settings {
        fields: typed.show.tree,
        certificates: match typed.show.certs {
            None => Certificates::Brief,
            Some(cli::CertificateForm::Full) => Certificates::Full,
            Some(cli::CertificateForm::Pem) => Certificates::FullWithPem,
        },
        ..typed.appearance.settings(console)
    };
    let gathered = Gathered::new(&typed.show, &terminal);
    let notices = Box::new(Terminal::new(terminal.clone()));
    let view = Box::new(Gathering { gathered: gathered.clone(), notices });
    let mut showing =
        Showing { shows_notices: !typed.show.output_json, ..Showing::new(console.lend(), view) };
    if let Some(directory) = &typed.show.save_certs {
        match CertificateDirectory::open(directory) {
            Ok(directory) => showing.certificates = Some(directory),
            Err(failure) => showing.could_not(&failure),
        }
    }
    for trouble in std::mem::take(&mut prepared.candidates.troubles) {
        showing.could_not(&trouble);
    }
    let settings = Settings {
        keep_bytes: typed.show.tree || typed.show.msg,
        secrets_may_come: true,
        ..Settings::default()
    };
    let sinks = std::mem::take(&mut prepared.sinks);
    let pipeline = Pipeline::new(settings, true, &mut showing).keeping(sinks);
    let shown = Shown { typed, settings: terminal.clone(), ladder: Terminal::new(terminal) };
    let ended = Run { typed, prepared, pipeline, gathered, shown: Some(shown) }.all();
    match ended {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => {}
        Err(Interrupted::Showing(stop)) => showing.stopped(&stop),
        Err(Interrupted::Source(error)) => showing.could_not(&error),
    }
    showing.exit
}

struct Run<'a, 'b, 'console> {
    typed: &'a cli::Connect,
    prepared: &'a mut Prepared,
    pipeline: Pipeline<'b, 'console>,
    gathered: Gathered,
    /// `None` where somebody else shows what was gathered.
    shown: Option<Shown<'a>>,
}

impl Run<'_, '_, '_> {
    fn all(mut self) -> Result<(), Interrupted> {
        let (root, _) = Feed::new();
        let mut ready: Option<(Vec<String>, Tls)> = None;
        for destination in self.prepared.destinations.clone() {
            let alpn = plan::alpn(self.typed, &destination);
            // The same for most targets: read once.
            let tls = match ready.take_if(|(known, _)| *known == alpn) {
                Some((_, tls)) => tls,
                None => match Tls::new(&TlsPlan { alpn: alpn.clone(), ..self.prepared.tls.clone() }) {
                    Ok(tls) => tls,
                    Err(error) => {
                        self.could_not(&error);
                        break;
                    }
                },
            };
            self.follow(destination, &tls, &root)?;
            ready = Some((alpn, tls));
        }
        self.pipeline.finish()
    }

    /// One target, and where it sends us.
    fn follow(&mut self, mut at: Destination, tls: &Tls, root: &Feed) -> Result<(), Interrupted> {
        let mut request = match at.speaks_http.then(|| plan::request(self.typed, &at)).transpose() {
            Ok(request) => request,
            Err(what) => {
                self.could_not(&what);
                return Ok(());
            }
        };
        let mut left = self.typed.http.max_redirs;
        loop {
            let Some(report) = self.hop(&at, request.clone(), tls, root)? else { return Ok(()) };
            let Some(asked) = request.filter(|_| self.typed.http.location) else { return Ok(()) };
            let Some((url, next)) = redirected(&at.url, &asked, &report) else { return Ok(()) };
            if left == 0 {
                let most = self.typed.http.max_redirs;
                self.could_not(&format!("more than {most} redirects (--max-redirs sets the limit)"));
                return Ok(());
            }
            left -= 1;
            at = match Destination::redirected(url) {
                Ok(at) => at,
                Err(what) => {
                    self.could_not(&what);
                    return Ok(());
                }
            };
            request = Some(next);
        }
    }

    /// One connection, made, watched and shown.
    fn hop(
        &mut self,
        at: &Destination,
        http: Option<Request>,
        tls: &Tls,
        root: &Feed,
    ) -> Result<Option<Report>, Interrupted> {
        let plan = Plan {
            target: at.target.clone(),
            route: self.prepared.route.clone(),
            proxy: self.prepared.proxy.clone(),
            starttls: at.starttls,
            tls: tls.clone(),
            http,
            limits: self.prepared.limits,
        };
        let (feed, mut source) = root.again();
        let (fed, report) = thread::scope(|scope| {
            // The feed goes with the attempt, and the source ends.
            let attempt = scope.spawn(move || client::attempt(&plan, &feed));
            (self.pipeline.feed(&mut source), attempt.join())
        });
        fed?;
        let report = report.unwrap_or_else(|_| {
            let cause = "its thread panicked".to_owned();
            Err(ClientError::Stack { what: "attempt a connection", cause }.into())
        });
        self.show(at, report.as_ref())?;
        match report {
            Ok(report) => Ok(Some(report)),
            Err(failed) => {
                self.could_not(&failed);
                Ok(None)
            }
        }
    }

    fn show(&mut self, at: &Destination, went: Result<&Report, &Failed>) -> Result<(), Interrupted> {
        let Some(shown) = &mut self.shown else { return Ok(()) };
        let report = went.ok();
        let showing = self.pipeline.showing();
        let out = &mut *showing.console.out;
        if !self.typed.show.output_json {
            self.gathered.trace(went, &at.target, out).map_err(Stop::from)?;
        }
        for (connection, findings) in self.gathered.take() {
            let refused = shown
                .connection(&connection, &findings, at, report, &mut self.prepared.candidates, out)
                .map_err(Stop::from)?;
            if refused {
                showing.exit = showing.exit.max(Exit::Trouble);
            }
        }
        out.flush().map_err(Stop::from)?;
        Ok(())
    }

    fn could_not(&mut self, what: &dyn std::fmt::Display) {
        let showing = self.pipeline.showing();
        showing.exit = Exit::CouldNotLook;
        if !self.typed.show.silent || self.typed.show.show_error {
            showing.console.complain(what);
        }
    }
}
