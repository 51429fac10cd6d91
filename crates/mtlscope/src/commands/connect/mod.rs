//! `mtlscope connect`: one connection after the other, each attempted on a thread of its own, watched by the engine, and
//! shown once both have said all they know.

pub(super) mod plan;
mod view;

use std::thread;

use mtlscope_diagnose::connection::Verdict;
use mtlscope_dissect::Settings;
use mtlscope_sources::client::{self, ClientError, Ended, Plan, Report, Tls, TlsPlan, redirected};
use mtlscope_sources::feed::Feed;
use mtlscope_sources::http::Request;
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::{self, Certificates, Terminal};

use crate::certificate_directory::CertificateDirectory;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop};
use plan::Destination;
use view::{Keeping, Kept};

pub(crate) fn run(typed: &cli::Connect, console: &mut Console<'_>) -> Exit {
    match prepared(typed) {
        Ok(prepared) => connect(typed, &prepared, console),
        Err(what) => {
            if !typed.show.silent || typed.show.show_error {
                console.complain(&what);
            }
            Exit::CouldNotLook
        }
    }
}

/// What all attempts share.
struct Prepared {
    destinations: Vec<Destination>,
    tls: TlsPlan,
    route: client::Route,
    proxy: Option<client::Proxy>,
    limits: client::Limits,
}

/// Reads and checks all that was typed before anybody is called. The error is a sentence.
fn prepared(typed: &cli::Connect) -> Result<Prepared, String> {
    let words = |error: ClientError| error.to_string();
    Ok(Prepared {
        destinations: typed
            .urls
            .iter()
            .map(|url| Destination::parse(url, typed.tls.starttls))
            .collect::<Result<_, _>>()?,
        tls: plan::tls(typed).map_err(words)?,
        route: plan::route(&typed.route)?,
        proxy: plan::proxy(&typed.route).map_err(words)?,
        limits: plan::limits(&typed.route),
    })
}

fn connect(typed: &cli::Connect, prepared: &Prepared, console: &mut Console<'_>) -> Exit {
    let settings = terminal::Settings {
        fields: typed.show.tree,
        certificates: match typed.show.certs {
            None => Certificates::Brief,
            Some(cli::CertificateForm::Full) => Certificates::Full,
            Some(cli::CertificateForm::Pem) => Certificates::FullWithPem,
        },
        ..typed.appearance.settings(console)
    };
    let shown: Box<dyn View> = match typed.show.output_json {
        true => Box::new(v1::Lines::new()),
        false => Box::new(Terminal::new(settings.clone())),
    };
    let kept = Kept::default();
    let keeping =
        Keeping { kept: kept.clone(), traces: Vec::new(), notices: Box::new(Terminal::new(settings)) };
    let mut showing =
        Showing { shows_notices: !typed.show.output_json, ..Showing::new(console.lend(), Box::new(keeping)) };
    if let Some(directory) = &typed.show.save_certs {
        match CertificateDirectory::open(directory) {
            Ok(directory) => showing.certificates = Some(directory),
            Err(failure) => showing.could_not(&failure),
        }
    }
    let settings = Settings {
        keep_bytes: typed.show.tree || typed.show.msg,
        secrets_may_come: true,
        ..Settings::default()
    };
    let run = Run { typed, prepared, pipeline: Pipeline::new(settings, true, &mut showing), kept, shown };
    let ended = run.all();
    match ended {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => {}
        Err(Interrupted::Showing(stop)) => showing.stopped(&stop),
        Err(Interrupted::Source(error)) => showing.could_not(&error),
    }
    showing.exit
}

struct Run<'a, 'b, 'console> {
    typed: &'a cli::Connect,
    prepared: &'a Prepared,
    pipeline: Pipeline<'b, 'console>,
    kept: Kept,
    shown: Box<dyn View>,
}

impl Run<'_, '_, '_> {
    fn all(mut self) -> Result<(), Interrupted> {
        let (root, _) = Feed::new();
        let mut ready: Option<(Vec<String>, Tls)> = None;
        for destination in &self.prepared.destinations {
            let alpn = plan::alpn(self.typed, destination);
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
            self.follow(destination.clone(), &tls, &root)?;
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
            Err(ClientError::Stack { what: "attempt a connection", cause: "its thread panicked".to_owned() })
        });
        self.show(&report)?;
        match report {
            Ok(report) => Ok(Some(report)),
            Err(error) => {
                self.could_not(&error);
                Ok(None)
            }
        }
    }

    fn show(&mut self, report: &Result<Report, ClientError>) -> Result<(), Interrupted> {
        let showing = self.pipeline.showing();
        for (connection, findings) in self.kept.take() {
            let refused = connection.outcome.verdict == Verdict::Refused;
            let broken =
                report.as_ref().is_ok_and(|report| !matches!(report.ended, Ended::Answered | Ended::Quiet));
            if refused || broken {
                showing.exit = showing.exit.max(Exit::Trouble);
            }
            self.shown.connection(&connection, &findings, showing.console.out).map_err(Stop::from)?;
        }
        showing.console.out.flush().map_err(Stop::from)?;
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
