//! `mtlscope run`: a command runs, and its handshakes are told.
//!
//! ```text
//! wrapping (environment, key logs, library) -> command
//!                                                 |  proxy, preload
//!                            feed <- relays <-----+-----> the true destinations
//!                             |
//!                          pipeline -> what is told, and at the end by which means it was seen
//! ```

mod account;
#[cfg(target_os = "linux")]
mod captured;
mod child;

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mtlscope_dissect::Settings as EngineSettings;
use mtlscope_sources::Source;
use mtlscope_sources::feed::{Feed, FeedSource};
use mtlscope_sources::relay::{ClientAddress, Limits, Mode, Relay, Settings};
use mtlscope_sources::wrapped::{Environment, Means, Relays, Wrapping};
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::Terminal;

use crate::cli;
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::live_ends::{self, Watched};
use crate::open_files;
use crate::page::LivePage;
use crate::rereading::Rereading;
use crate::showing::{Showing, Stop};
use account::{Account, Counting, Ways};
use child::{Behind, Child};

/// What is left in the background when the command is over gets so long, and so do connections that are open then.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked whether anything is left.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Node writes its key log when it finds the time, perhaps behind the end of the connection.
const GRACE_FOR_SECRETS: Duration = Duration::from_millis(200);
/// As patient as the system itself, which gives a connect up after some two minutes.
const CONNECT: Duration = Duration::from_secs(130);
/// A command's connections may be silent for as long as they like.
const IDLE: Duration = Duration::from_secs(365 * 24 * 3600);
/// Connections at a time.
const CONNECTIONS: usize = 8192;

pub(crate) fn run(typed: &cli::Run, console: &mut Console<'_>) -> Exit {
    let told = match &typed.output {
        Some(path) => match File::create(path) {
            Ok(file) => {
                let capture_to = file.try_clone().ok();
                let mut out = BufWriter::new(file);
                let mut lent = Console { out: &mut out, out_terminal: None, ..console.lend() };
                watch(typed, &mut lent, capture_to)
            }
            Err(error) => Err(format!("cannot write {}: {error} (check its directory)", path.display())),
        },
        // Standard output is the command's.
        None => {
            let err = RefCell::new(Box::new(&mut *console.err) as Box<dyn Write + '_>);
            let mut lent = Console {
                input: console.input.take(),
                out: &mut BufWriter::new(Shared(&err)),
                err: &mut Shared(&err),
                out_terminal: console.err_terminal,
                err_terminal: console.err_terminal,
                no_color: console.no_color,
            };
            watch(typed, &mut lent, None)
        }
    };
    told.unwrap_or_else(|why| {
        console.complain(&why);
        Exit::CouldNotLook
    })
}

/// Standard error, to which both what is told and complaints go.
struct Shared<'a, 'b>(&'a RefCell<Box<dyn Write + 'b>>);

impl Write for Shared<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// Runs the command and tells its handshakes. `capture_to`: where a capture writes, if not to standard error.
fn watch(typed: &cli::Run, console: &mut Console<'_>, capture_to: Option<File>) -> Result<Exit, String> {
    match typed.capture {
        true => capture(typed, console, capture_to),
        false => relay(typed, console),
    }
}

/// Has a process of ours capture while the command runs.
#[cfg(target_os = "linux")]
fn capture(typed: &cli::Run, console: &mut Console<'_>, out: Option<File>) -> Result<Exit, String> {
    // Nothing is relayed: the library has no place to lead to, and asks OpenSSL for secrets alone.
    let means = Means { proxy: false, ..means(typed) };
    let wrapping = Wrapping::prepare(means).map_err(|error| error.to_string())?;
    let environment = wrapping.environment(&Relays::default(), &|name| std::env::var_os(name));
    let key_logs = wrapping.key_log_files(environment.own_key_log.as_deref());
    let capture = captured::Capture::start(typed, &key_logs, out)?;
    let behind = typed.live_page.web.then(|| capture.stopping());
    let child = match Child::start(&typed.command, &environment.changes, behind) {
        Ok(child) => child,
        Err(why) => {
            capture.give_up();
            return Err(why);
        }
    };
    for remark in &environment.remarks {
        console.complain(remark);
    }
    let status = child.wait().map_err(|error| format!("cannot wait for the command: {error}"))?;
    let found = capture.end();
    let ways = Ways::default();
    let account = Account {
        captured_on: Some(typed.interface.join(", ")),
        ..account(typed, means, &wrapping, &environment, &ways, status)
    };
    let written = write(typed, &account, console);
    Ok(match (typed.exit_code, written) {
        (cli::ExitCode::Command, _) => Exit::Command(child::exit_code(status)),
        (cli::ExitCode::Mtlscope, Ok(())) => found,
        (cli::ExitCode::Mtlscope, Err(error)) => {
            console.complain(&console::cannot_write(&error));
            Exit::CouldNotLook
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn capture(_: &cli::Run, _: &mut Console<'_>, _: Option<File>) -> Result<Exit, String> {
    Err("cannot capture on this system, only on Linux (leave out --capture)".to_owned())
}

/// Relays the command's connections, and tells them until it is over.
fn relay(typed: &cli::Run, console: &mut Console<'_>) -> Result<Exit, String> {
    let sinks = live_ends::sinks(typed.record.as_deref(), typed.keylog.as_deref())?;
    let means = means(typed);
    let wrapping = Wrapping::prepare(means).map_err(|error| error.to_string())?;
    let (feed, source) = Feed::waiting_at_most(live_ends::PATIENCE);
    let ways = Ways::default();
    let (relays, named) = start_relays(&wrapping, means, &ways, &feed)?;
    drop(feed);
    let environment = wrapping.environment(&named, &|name| std::env::var_os(name));
    let own_key_log = environment.own_key_log.as_deref();
    let mut source = source.following(wrapping.key_logs(own_key_log));
    let page = LivePage::serve(&typed.live_page, &called(&typed.command), Rereading::default(), console)?;
    let stopper = page.as_ref().map(LivePage::stopper);
    let behind = stopper.map(|stopper| -> Behind { Box::new(move || stopper.stop()) });
    let child = Child::start(&typed.command, &environment.changes, behind)?;
    open_files::raise_limit();
    for remark in &environment.remarks {
        console.complain(remark);
    }
    let waiting = thread::spawn(move || {
        let status = child.wait();
        let over = Instant::now();
        while child::background_is_left() && over.elapsed() < GRACE {
            thread::sleep(LOOK_AGAIN);
        }
        // Once they have stopped the feed ends, and with it what is told.
        for relay in relays {
            relay.finish(GRACE);
        }
        status
    });

    let mut showing = showing(typed, &ways, console);
    let settings = EngineSettings { secrets_may_come: means.key_log, ..EngineSettings::default() };
    let mut watched = Watched { settings, sinks, ..Watched::default() };
    let staying = page.map(|page| page.accompany(&mut watched, &mut showing));
    let to_the_end = live_ends::tell(&mut source, watched, &mut showing);
    // The command must not notice that nobody is told any more.
    drain(&mut source);
    let status = match waiting.join() {
        Ok(status) => status.map_err(|error| format!("cannot wait for the command: {error}"))?,
        Err(_) => return Err("cannot wait for the command".to_owned()),
    };
    if to_the_end {
        let account = account(typed, means, &wrapping, &environment, &ways, status);
        if let Err(error) = write(typed, &account, &mut showing.console) {
            showing.stopped(&Stop::Output(error));
        }
    }
    if let Some(staying) = staying {
        staying.stay_behind(&mut showing);
    }
    Ok(match typed.exit_code {
        cli::ExitCode::Mtlscope => showing.exit,
        cli::ExitCode::Command => Exit::Command(child::exit_code(status)),
    })
}

/// What the page calls the source: the command, as far as it tells something.
fn called(command: &[OsString]) -> String {
    const LONGEST: usize = 60;
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let words = words.join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or(&words)),
        None => words,
    }
}

fn means(typed: &cli::Run) -> Means {
    let with = |means| !typed.without.contains(&means);
    Means {
        proxy: with(cli::Means::Proxy),
        key_log: with(cli::Means::Keylog),
        preload: with(cli::Means::Preload),
    }
}

/// The relays that these means need, and where they listen.
fn start_relays(
    wrapping: &Wrapping,
    means: Means,
    ways: &Ways,
    feed: &Feed,
) -> Result<(Vec<Relay>, Relays), String> {
    let start = |mode: Mode| {
        let watcher = ways.clone();
        let settings = Settings {
            listen: vec![([127, 0, 0, 1], 0).into(), (std::net::Ipv6Addr::LOCALHOST, 0).into()],
            limits: Limits { connect: CONNECT, idle: IDLE, connections: CONNECTIONS },
            client: ClientAddress::Outgoing,
            grace_for_secrets: if means.key_log { GRACE_FOR_SECRETS } else { Duration::ZERO },
            watcher: Some(Arc::new(move |_, came| watcher.hear(came))),
            ..Settings::new(([127, 0, 0, 1], 0).into(), mode)
        };
        Relay::start(settings, feed).map_err(|error| error.to_string())
    };
    let mut relays = Vec::new();
    let mut named = Relays::default();
    if means.proxy {
        let relay = start(Mode::Proxy { http: true, socks: true })?;
        named.proxy = Some(relay.address());
        relays.push(relay);
    }
    if means.preload {
        let relay = start(Mode::Announced { socket: wrapping.control() })?;
        let port = |is_v4: bool| {
            relay.addresses().iter().find(|address| address.is_ipv4() == is_v4).map(|address| address.port())
        };
        (named.port4, named.port6) = (port(true), port(false));
        relays.push(relay);
    }
    Ok((relays, named))
}

fn showing<'a>(typed: &cli::Run, ways: &Ways, console: &'a mut Console<'_>) -> Showing<'a> {
    let settings = typed.appearance.settings(console);
    let view: Box<dyn View> =
        if typed.json { Box::new(v1::Lines::new()) } else { Box::new(Terminal::new(settings)) };
    Showing {
        shows_notices: !typed.json,
        at_once: true,
        ..Showing::new(console.lend(), Box::new(Counting::new(view, ways.clone())))
    }
}

/// Takes what still comes, and does nothing with it.
fn drain(source: &mut FeedSource) {
    while let Ok(Some(_)) = source.next() {}
}

/// By which means what was seen, and how the command ended.
fn account<'a>(
    typed: &'a cli::Run,
    means: Means,
    wrapping: &Wrapping,
    environment: &'a Environment,
    ways: &'a Ways,
    status: ExitStatus,
) -> Account<'a> {
    Account {
        command: typed.command.first().map(OsString::as_os_str).unwrap_or_default(),
        means,
        environment,
        traces: wrapping.traces(environment.own_key_log.as_deref()),
        ways,
        captured_on: None,
        ending: child::ending(status),
    }
}

/// Writes the account. That nobody reads it is no error.
fn write(typed: &cli::Run, account: &Account<'_>, console: &mut Console<'_>) -> io::Result<()> {
    let text = account.text();
    // One JSON object a line is promised: what is said beside them is for a person.
    let written = match typed.json {
        true => console.err.write_all(text.as_bytes()),
        false => console.out.write_all(text.as_bytes()),
    };
    match written.and_then(|()| console.out.flush()) {
        Err(error) if !console::is_closed_pipe(&error) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
