//! `mtlscope serve`: a server that explains each client it meets.

mod settings;

use std::num::NonZeroU64;

use mtlscope_sources::feed::Feed;
use mtlscope_sources::server::Server;
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::Terminal;
use mtlscope_web::Stopper;

use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::live_ends::{self, Watched};
use crate::page::{self, LivePage};
use crate::rereading::Rereading;
use crate::showing::{Showing, Until};
use crate::stop_signals;
use settings::{Understood, understood};

pub(crate) fn run(typed: &cli::Serve, console: &mut Console<'_>) -> Exit {
    match serve(typed, console) {
        Ok(exit) => exit,
        Err(why) => {
            console.complain(&why);
            Exit::CouldNotLook
        }
    }
}

fn serve(typed: &cli::Serve, console: &mut Console<'_>) -> Result<Exit, String> {
    let Understood { settings, remarks } = understood(typed)?;
    let sinks = live_ends::sinks(typed.record.as_deref(), typed.keylog.as_deref())?;
    let (feed, source) = Feed::new();
    let server = Server::bind(&settings, &feed).map_err(|error| error.to_string())?;
    drop(feed);
    let page = LivePage::serve(
        &typed.live_page,
        &format!("serve {}", server.address()),
        Rereading::default(),
        console,
    )?;
    let (stopper, page_stopper) = (server.stopper(), page.as_ref().map(LivePage::stopper));
    stop_signals::on_stop(move || {
        stopper.stop();
        page_stopper.iter().for_each(Stopper::stop);
    })
    .map_err(|error| format!("cannot wait for signals: {error}"))?;
    console.complain(&format_args!("serving on https://{}/ (Ctrl-C ends it)", server.address()));
    for remark in &remarks {
        console.complain(remark);
    }
    let mut showing = showing(typed, console);
    let watched = Watched { sinks, ..Watched::default() };
    Ok(page::beside(page, source, watched, &mut showing, || server.stop()))
}

fn showing<'a>(typed: &cli::Serve, console: &'a mut Console<'_>) -> Showing<'a> {
    let settings = typed.appearance.settings(console);
    let view: Box<dyn View> =
        if typed.json { Box::new(v1::Lines::new()) } else { Box::new(Terminal::new(settings)) };
    Showing {
        shows_notices: !typed.json,
        at_once: true,
        until: Until { connections: typed.count.map(NonZeroU64::get), first_failure: false },
        ..Showing::new(console.lend(), view)
    }
}
