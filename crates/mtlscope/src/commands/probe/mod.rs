//! `mtlscope probe`: servers, several at a time, told in the order in which they were typed.

mod prober;
mod server;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use mtlscope_diagnose::probe::{Judgement, Probe, Try};
use mtlscope_diagnose::requirement::Level;
use mtlscope_sources::client::{ServerName, TlsPlan, Trust};
use mtlscope_views::probe::{Summary, write_line, write_table};
use mtlscope_views::terminal;

use super::connect::plan;
use crate::cli::{self, Expected};
use crate::console::{self, Console};
use crate::exit::Exit;
use prober::Prober;
use server::Server;

pub(crate) fn run(typed: &cli::Probe, console: &mut Console<'_>) -> Exit {
    let ready =
        typed.targets.iter().map(|target| Server::parse(target)).collect::<Result<Vec<_>, _>>().and_then(
            |servers| {
                let prober = prober(typed)?;
                prober.check().map_err(|error| error.to_string())?;
                Ok((servers, prober))
            },
        );
    let (servers, prober) = match ready {
        Ok(ready) => ready,
        Err(complaint) => {
            console.complain(&complaint);
            return Exit::CouldNotLook;
        }
    };
    let mut telling = Telling {
        typed,
        settings: typed.appearance.settings(console),
        summary: Summary::default(),
        told: 0,
        exit: Exit::Clean,
    };
    let bar = bar(servers.len(), console);
    let told = probe_all(&servers, &prober, typed.concurrency.get(), |probe| {
        let result = bar.suspend(|| telling.tell(probe, console));
        bar.inc(1);
        result
    });
    bar.finish_and_clear();
    match told.and_then(|()| telling.close(servers.len(), console)) {
        Err(error) if !console::is_closed_pipe(&error) => {
            console.complain(&console::cannot_write(&error));
            Exit::CouldNotLook
        }
        Ok(()) | Err(_) => telling.exit,
    }
}

/// Probes all, some at the same time, and hands them over in order.
fn probe_all(
    servers: &[Server],
    prober: &Prober,
    concurrency: usize,
    mut tell: impl FnMut(&Probe) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..concurrency.min(servers.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some((place, server)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    servers.get(place).map(|server| (place, server))
                } {
                    // Where nobody reads any more, the rest is let be.
                    if sender.send((place, prober.probe(server))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = HashMap::new();
        let mut due = 0;
        for (place, probe) in receiver {
            waiting.insert(place, probe);
            while let Some(probe) = waiting.remove(&due) {
                tell(&probe)?;
                due += 1;
            }
        }
        Ok(())
    })
}

/// What is told, and what it comes to.
struct Telling<'a> {
    typed: &'a cli::Probe,
    settings: terminal::Settings,
    summary: Summary,
    told: usize,
    exit: Exit,
}

impl Telling<'_> {
    fn tell(&mut self, probe: &Probe, console: &mut Console<'_>) -> std::io::Result<()> {
        self.summary.add(probe);
        let expected = self.typed.expect.map(|expected| (name(expected), holds(expected, probe)));
        if probe.tries.iter().any(Try::is_trouble) || expected.is_some_and(|(_, holds)| !holds) {
            self.exit = self.exit.max(Exit::Trouble);
        }
        if probe.trouble.is_some() {
            self.exit = Exit::CouldNotLook;
        }
        if self.typed.json {
            write_line(probe, expected, console.out)?;
        } else {
            if self.told > 0 {
                writeln!(console.out)?;
            }
            write_table(probe, expected, &self.settings, console.out)?;
        }
        self.told += 1;
        console.out.flush()
    }

    fn close(&self, servers: usize, console: &mut Console<'_>) -> std::io::Result<()> {
        if servers > 1 && !self.typed.json {
            writeln!(console.out, "\n{}.", self.summary.words())?;
        }
        Ok(())
    }
}

fn name(expected: Expected) -> &'static str {
    match expected {
        Expected::Required => "required",
        Expected::Optional => "optional",
        Expected::None => "none",
    }
}

fn holds(expected: Expected, probe: &Probe) -> bool {
    probe.trouble.is_none()
        && match expected {
            Expected::Required => {
                matches!(probe.judgement(), Judgement::Same(Level::RequiredByTls | Level::RequiredByHttp))
            }
            Expected::Optional => probe.judgement() == Judgement::Same(Level::Wanted),
            Expected::None => probe.judgement() == Judgement::Same(Level::NotAsked),
        }
}

fn prober(typed: &cli::Probe) -> Result<Prober, String> {
    let identity = cli::Identity {
        cert: typed.cert.clone(),
        key: typed.key.clone(),
        pass: typed.pass.clone(),
        pass_file: typed.pass_file.clone(),
        cert_type: typed.cert_type,
        key_type: typed.key_type,
        cert_dir: None,
        no_post_handshake_auth: false,
        no_renegotiation: false,
    };
    let route = cli::Route {
        resolve: typed.resolve.clone(),
        connect_to: typed.connect_to.clone(),
        ipv4: typed.ipv4,
        ipv6: typed.ipv6,
        proxy: None,
        proxy_user: None,
        max_time: None,
        connect_timeout: None,
    };
    Ok(Prober {
        route: plan::route(&route)?,
        http: typed.starttls.is_none() && !typed.no_http,
        starttls: typed.starttls,
        tls: TlsPlan {
            credentials: plan::credentials(&identity).map_err(|error| error.to_string())?,
            trust: match &typed.cacert {
                Some(file) => Trust::Files { file: Some(file.clone()), folder: None },
                None => Trust::System,
            },
            server_name: match &typed.servername {
                Some(name) => ServerName::Given(name.clone()),
                None => ServerName::Target,
            },
            ..TlsPlan::default()
        },
        insecure: typed.insecure,
        timeout: typed.timeout,
        ready: Mutex::default(),
    })
}

/// A bar for a person who waits for several servers.
fn bar(servers: usize, console: &Console<'_>) -> ProgressBar {
    if servers < 2 || console.err_terminal.is_none() {
        return ProgressBar::hidden();
    }
    // The template is ours; were it wrong, the plain bar would do.
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} servers")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(servers as u64).with_style(style)
}
