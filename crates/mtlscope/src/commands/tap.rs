//! `mtlscope tap`: a relay that tells each handshake that passes.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use mtlscope_dissect::Settings as EngineSettings;
use mtlscope_sources::GrowingKeyLog;
use mtlscope_sources::feed::Feed;
use mtlscope_sources::relay::{Limits, Mode, Relay, Settings};
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::{self, Certificates, Terminal};
use mtlscope_web::Stopper;

use crate::certificates_at_hand::CertificatesAtHand;
use crate::cli::{self, CertificateForm};
use crate::console::Console;
use crate::exit::Exit;
use crate::judging::Judging;
use crate::live_ends::{self, Watched};
use crate::open_files;
use crate::page::{self, LivePage};
use crate::rereading::Rereading;
use crate::showing::{Showing, Until};
use crate::stop_signals;

/// How much later than a connection's last byte its secrets may be written. Most programs write them before they use them.
const GRACE_FOR_SECRETS: Duration = Duration::from_millis(300);

pub(crate) fn run(typed: &cli::Tap, console: &mut Console<'_>) -> Exit {
    match tap(typed, console) {
        Ok(exit) => exit,
        Err(why) => {
            console.complain(&why);
            Exit::CouldNotLook
        }
    }
}

fn tap(typed: &cli::Tap, console: &mut Console<'_>) -> Result<Exit, String> {
    let (judging, errors) = Judging::read(&typed.known);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let mut showing = showing(typed, console);
    let CertificatesAtHand { files, notices } = CertificatesAtHand::read(&typed.keyless, &typed.passphrase)?;
    showing.collection = files;
    let key_logs = key_logs(typed)?;
    let sinks = live_ends::sinks(typed.record.as_deref(), None)?;
    let (feed, source) = Feed::waiting_at_most(live_ends::PATIENCE);
    open_files::raise_limit();
    let relay = Relay::start(settings(typed), &feed).map_err(|error| error.to_string())?;
    drop(feed);
    let rereading = Rereading { judging: judging.clone(), ..Rereading::default() };
    let page = LivePage::serve(&typed.live_page, "tap", rereading, &mut showing.console)?;
    let (stopper, page_stopper) = (relay.stopper(), page.as_ref().map(LivePage::stopper));
    stop_signals::on_stop(move || {
        stopper.stop();
        page_stopper.iter().for_each(Stopper::stop);
    })
    .map_err(|error| format!("cannot wait for signals: {error}"))?;
    showing.console.complain(&ready(typed, relay.addresses()));
    for address in relay.addresses().iter().filter(|address| !address.ip().is_loopback()) {
        showing.console.complain(&reachable(typed, *address));
    }
    for notice in &notices {
        showing.console.complain(notice);
    }
    let watched = Watched {
        settings: EngineSettings { secrets_may_come: !key_logs.is_empty(), ..EngineSettings::default() },
        context: judging.context(),
        sinks,
    };
    Ok(page::beside(page, source.following(key_logs), watched, &mut showing, || relay.stop()))
}

/// The key logs, which need not be there yet.
fn key_logs(typed: &cli::Tap) -> Result<Vec<GrowingKeyLog>, String> {
    let logs = typed.keylog.iter().map(|path| GrowingKeyLog::open(path).map_err(|error| error.to_string()));
    logs.collect()
}

fn settings(typed: &cli::Tap) -> Settings {
    let seconds = |number: NonZeroU32| Duration::from_secs(u64::from(number.get()));
    let mode = match &typed.to {
        Some(target) => Mode::Fixed(target.clone()),
        None => Mode::Proxy { http: typed.http_proxy, socks: typed.socks },
    };
    let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), mode);
    settings.listen.clone_from(&typed.listen);
    if !typed.keylog.is_empty() {
        settings.grace_for_secrets = GRACE_FOR_SECRETS;
    }
    settings.limits = Limits {
        connect: seconds(typed.connect_timeout),
        idle: seconds(typed.idle_timeout),
        connections: usize::try_from(typed.max_connections.get()).unwrap_or(usize::MAX),
    };
    settings
}

/// `relaying from 127.0.0.1:8444 to shop.example:443 (Ctrl-C ends it)`.
fn ready(typed: &cli::Tap, addresses: &[SocketAddr]) -> String {
    let joined = |scheme: &str| {
        let addresses: Vec<String> = addresses.iter().map(|address| format!("{scheme}{address}")).collect();
        addresses.join(" and ")
    };
    let what = match (&typed.to, typed.http_proxy, typed.socks) {
        (Some(to), ..) => format!("relaying from {} to {to}", joined("")),
        (None, true, false) => format!("an HTTP proxy at {}, for HTTPS_PROXY", joined("http://")),
        (None, false, _) => format!("a SOCKS proxy at {}, for ALL_PROXY", joined("socks5h://")),
        (None, true, true) => format!(
            "a proxy at {}, for HTTPS_PROXY, and at {}, for ALL_PROXY",
            joined("http://"),
            joined("socks5h://")
        ),
    };
    format!("{what} (Ctrl-C ends it)")
}

fn reachable(typed: &cli::Tap, address: SocketAddr) -> String {
    let whereto = match &typed.to {
        Some(to) => format!("get to {to}"),
        None => "get to whatever this one reaches".to_owned(),
    };
    format!("{} can be reached from other machines, which {whereto} through it", address.ip())
}

fn showing<'a>(typed: &cli::Tap, console: &'a mut Console<'_>) -> Showing<'a> {
    let settings = terminal::Settings {
        how: typed.how,
        certificates: match typed.certs {
            None => Certificates::Brief,
            Some(CertificateForm::Full) => Certificates::Full,
            Some(CertificateForm::Pem) => Certificates::FullWithPem,
        },
        ..typed.appearance.settings(console)
    };
    let view: Box<dyn View> =
        if typed.json { Box::new(v1::Lines::new()) } else { Box::new(Terminal::new(settings)) };
    let count = if typed.once { Some(1) } else { typed.count.map(NonZeroU64::get) };
    Showing {
        shows_notices: !typed.json,
        at_once: true,
        until: Until { connections: count, first_failure: false },
        ..Showing::new(console.lend(), view)
    }
}
