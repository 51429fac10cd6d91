//! From what was typed to a capture that runs: first all is opened that needs rights, then they are dropped, then packets are
//! looked at.

use std::net::ToSocketAddrs;
use std::num::NonZeroU64;
use std::sync::Arc;

use mtlscope_dissect::Settings;
use mtlscope_sources::interface::{self, InterfaceError, LiveCapture, Network, Wanted, Wish};
use mtlscope_sources::recorder::Link;
use mtlscope_sources::{GrowingKeyLog, SourceError};
use mtlscope_views::printable::printable;

use super::interfaces;
use super::recording::{Place, Recording};
use super::rotation::Rotation;
use super::running::{Ended, Limits, Running, Until as End};
use crate::cli;
use crate::closing;
use crate::commands::{read, written};
use crate::confinement::{Identity, Needs, ask_for_priority, drop_privileges, restrict_system_calls};
use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::exit::Exit;
use crate::failed_connections::FailedConnections;
use crate::judging::Judging;
use crate::live_ends::Watched;
use crate::page::LivePage;
use crate::pipeline::{Interrupted, Pipeline};
use crate::progress::ProgressLine;
use crate::rereading::Rereading;
use crate::showing::{Showing, Stop, Until};
use crate::stop_signals;

pub(crate) fn run(typed: &cli::Capture, console: &mut Console<'_>) -> Exit {
    if typed.list_interfaces {
        return match interface::interfaces() {
            Ok(found) => written(interfaces::write(&found, console.out), console),
            Err(error) => {
                console.complain(&InterfaceError::List(error));
                Exit::CouldNotLook
            }
        };
    }
    match capture(typed, console) {
        Ok(exit) => exit,
        Err(why) => {
            console.complain(&why);
            Exit::CouldNotLook
        }
    }
}

fn capture(typed: &cli::Capture, console: &mut Console<'_>) -> Result<Exit, String> {
    if !typed.expression.is_empty() {
        return Err(format!(
            "cannot read the expression {}: what is captured is said with --port, --host and --net (as in --port 443 --net 10.0.0.0/8), what \
             is shown with -Y",
            printable(&typed.expression.join(" "))
        ));
    }
    let filter = typed.filter.as_deref().map(ConnectionFilter::compile).transpose();
    let filter = filter.map_err(|error| error.to_string())?;
    let wish = Wish {
        interfaces: typed.interface.clone(),
        wanted: wanted(typed)?,
        promiscuous: typed.promiscuous,
        buffer_mebibytes: typed.buffer_size.into(),
    };
    let identity = Identity::choose(typed.run_as.as_deref())?;
    let (judging, errors) = Judging::read(&typed.known);
    let mut showing = Showing { filter, ..showing(typed, console) };
    for error in &errors {
        showing.could_not(error);
    }
    showing.collection = read::collection(&typed.keyless, &typed.passphrase, &mut showing);
    let key_logs = key_logs(typed)?;
    let place = typed.write.as_deref().map(|path| Place::of(path, identity.owner_of_files())).transpose();
    let place = place.map_err(|error| error.to_string())?;

    let live = LiveCapture::open(&wish).map_err(|error| unopened(&error))?;
    let links: Vec<Link> = live.links().cloned().collect();
    // One file is made while we still may: the directory may be root's.
    let rotation = Rotation::of(&typed.rotate);
    let is_one_file = rotation.is_none() && typed.keep.is_none();
    let whole =
        place.as_ref().filter(|_| is_one_file).map(|place| Recording::whole(place, &links)).transpose();
    let whole = whole.map_err(|error| error.to_string())?;
    ask_for_priority(typed.nice)?;
    drop_privileges(&identity)?;
    let recording = match (whole, place) {
        (None, Some(place)) => Some(later(place, &links, rotation).map_err(|error| {
            format!(
                "{error}; files that follow are made {identity}, once every right is dropped (see --run-as)"
            )
        })?),
        (whole, _) => whole,
    };
    showing.failed = typed.keep.map(FailedConnections::new);
    let names: Vec<&str> = links.iter().map(|link| link.name.as_str()).collect();
    let names = names.join(", ");
    // Its threads would keep rights that are dropped later, and its recording is to be ours as we are now.
    let rereading = Rereading {
        judging: judging.clone(),
        collection: showing.collection.clone(),
        verify: typed.verify,
        ..Rereading::default()
    };
    let page = LivePage::serve(&typed.live_page, &names, rereading, &mut showing.console)?;
    let stop = stop_signals::flag_on_stop().map_err(|error| format!("cannot wait for signals: {error}"))?;
    restrict_system_calls(Needs {
        files: !key_logs.is_empty() || !is_one_file || page.is_some(),
        page: page.is_some(),
    })?;
    let (sinks, page) = page.map(|page| page.begin(&mut showing)).unzip();

    showing.console.complain(&format_args!("capturing on {names} (Ctrl-C ends it)"));
    let limits = Limits { packets: typed.count.map(NonZeroU64::get), duration: typed.duration };
    let asks_about_frames = showing.filter.as_ref().is_some_and(ConnectionFilter::needs_frames);
    let settings = Settings {
        keep_bytes: typed.looks.tree || typed.looks.hex || asks_about_frames || page.is_some(),
        packets: asks_about_frames,
        secrets_may_come: !key_logs.is_empty(),
        session_keys: typed.keep.is_some(),
        ..Settings::default()
    };
    let mut running = Running::new(
        live,
        recording,
        key_logs,
        End { stopped: Arc::clone(&stop), input_ends: typed.until_input_ends, limits },
    );
    let watched = Watched { settings, context: judging.context(), sinks: sinks.into_iter().collect() };
    let told = tell(&names, watched, typed.verify, &mut running, &mut showing);
    let (statistics, failures) = running.end(showing.failed.as_ref());
    showing.progress = None;
    for failure in &failures {
        showing.could_not(failure);
    }
    let by_signal = match told {
        Ok(Ended::BySignal) => true,
        Ok(Ended::AsAsked) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => false,
        Ok(Ended::Lost(error)) => {
            showing.could_not(&error);
            false
        }
        Err(Interrupted::Showing(stop)) => {
            showing.stopped(&stop);
            false
        }
        Err(Interrupted::Source(error)) => {
            showing.could_not(&error);
            false
        }
    };
    if let Err(stop) = close(typed, &statistics, &links, &mut showing) {
        showing.stopped(&stop);
    }
    if let Some(page) = page {
        page.stay_until(&stop, &mut showing);
    }
    // Who stops it by hand has seen what there was to see.
    Ok(if by_signal && showing.exit == Exit::Trouble { Exit::Clean } else { showing.exit })
}

/// A recording whose files are made one after the other, by whom we are by now.
fn later(place: Place, links: &[Link], rotation: Option<Rotation>) -> Result<Recording, SourceError> {
    match rotation {
        Some(rotation) => Recording::cut(place, links, rotation),
        None => Recording::failed(place, links),
    }
}

fn tell(
    names: &str,
    watched: Watched,
    verify: bool,
    running: &mut Running,
    showing: &mut Showing<'_>,
) -> Result<Ended, Interrupted> {
    showing.input(names)?;
    let Watched { settings, context, sinks } = watched;
    let mut pipeline = Pipeline::new(settings, verify, showing).judging(context).keeping(sinks).comparing();
    let ended = running.run(&mut pipeline)?;
    pipeline.finish()?;
    Ok(ended)
}

/// Looks up what was typed of hosts, networks and ports.
fn wanted(typed: &cli::Capture) -> Result<Wanted, String> {
    let mut networks = Vec::new();
    for host in &typed.host {
        if let Some(network) = Network::parse(host).filter(|_| !host.contains('/')) {
            networks.push(network);
            continue;
        }
        let found = (host.as_str(), 0).to_socket_addrs().map_err(|error| {
            format!("cannot find the address of {}: {error} (give the address itself)", printable(host))
        })?;
        networks.extend(found.map(|address| Network::host(address.ip())));
    }
    for net in &typed.net {
        let network = Network::parse(net).ok_or_else(|| {
            format!("{} is no network (write it as 10.0.0.0/8 or 2001:db8::/32)", printable(net))
        })?;
        networks.push(network);
    }
    Ok(Wanted { networks, ports: typed.port.clone() })
}

fn key_logs(typed: &cli::Capture) -> Result<Vec<GrowingKeyLog>, String> {
    let logs = typed.keylog.iter().map(|path| GrowingKeyLog::open(path).map_err(|error| error.to_string()));
    logs.collect()
}

/// Why an interface could not be opened, and where the right to is missing, what to run.
fn unopened(error: &InterfaceError) -> String {
    let InterfaceError::NotPermitted { .. } = error else { return error.to_string() };
    let program = std::env::current_exe();
    let program = program.map_or_else(
        |_| "\"$(command -v mtlscope)\"".to_owned(),
        |path| printable(&path.to_string_lossy()).to_string(),
    );
    format!(
        "{error}. Run it with sudo; or once\n  sudo setcap cap_net_raw+ep {program}\nand then as yourself; or read what tcpdump \
         captures, here or elsewhere:\n  ssh HOST tcpdump -i any -U -w - not port 22 | mtlscope read -"
    )
}

fn showing<'a>(typed: &cli::Capture, console: &'a mut Console<'_>) -> Showing<'a> {
    let view = read::view(typed.looks, false, false, typed.appearance.settings(console));
    let shows_progress = console.err_terminal.is_some() && !typed.quiet;
    Showing {
        shows_notices: !typed.looks.json,
        // Elsewhere what is told is written whenever there is nothing to take: see `running.rs`.
        at_once: console.out_terminal.is_some(),
        until: Until {
            connections: typed.connections.map(NonZeroU64::get),
            first_failure: typed.first_failure,
        },
        progress: shows_progress.then(ProgressLine::new),
        ..Showing::new(console.lend(), view)
    }
}

/// What was counted, and the closing words.
fn close(
    typed: &cli::Capture,
    statistics: &[interface::Statistics],
    links: &[Link],
    showing: &mut Showing<'_>,
) -> Result<(), Stop> {
    let counted: Vec<mtlscope_views::Counted> = links
        .iter()
        .zip(statistics)
        .map(|(link, counted)| mtlscope_views::Counted {
            interface: link.name.clone(),
            received: counted.received,
            dropped: counted.dropped,
        })
        .collect();
    showing.counted(&counted)?;
    let words = closing::words(&showing.tally, showing.filter.as_ref().map(ConnectionFilter::passed_over));
    if !typed.looks.json {
        if showing.tally.connections > 0 {
            writeln!(showing.console.out)?;
        }
        writeln!(showing.console.out, "{words}")?;
        showing.console.out.flush()?;
    }
    showing.console.complain(&closing::captured(&showing.tally, &counted));
    Ok(())
}
