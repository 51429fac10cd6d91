//! `mtlscope serve`: a server that explains each client it meets.

mod settings;

use std::num::NonZeroU64;

use mtlscope_dissect::Settings as EngineSettings;
use mtlscope_sources::Sink;
use mtlscope_sources::feed::Feed;
use mtlscope_sources::key_log_writer::KeyLogWriter;
use mtlscope_sources::recorder::Recorder;
use mtlscope_sources::server::Server;
use mtlscope_views::View;
use mtlscope_views::json::v1;
use mtlscope_views::terminal::Terminal;

use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::page::LivePage;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop, Until};
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
    let mut sinks = sinks(typed)?;
    let (feed, mut source) = Feed::new();
    let server = Server::bind(&settings, &feed).map_err(|error| error.to_string())?;
    drop(feed);
    let name = format!("serve {}", server.address());
    let (page, view) = LivePage::of(&typed.live_page, &name, view(typed, console), &mut sinks, console)?;
    let (stopper, page_stopper) = (server.stopper(), page.as_ref().map(LivePage::stopper));
    stop_signals::on_stop(move || {
        stopper.stop();
        if let Some(page) = page_stopper {
            page.stop();
        }
    })
    .map_err(|error| format!("cannot wait for signals: {error}"))?;
    console.complain(&format_args!("serving on https://{}/ (Ctrl-C ends it)", server.address()));
    for remark in &remarks {
        console.complain(remark);
    }
    let mut showing = Showing {
        shows_notices: !typed.json,
        at_once: true,
        until: Until { connections: typed.count.map(NonZeroU64::get), first_failure: false },
        ..Showing::new(console.lend(), view)
    };
    let settings = EngineSettings { keep_bytes: page.is_some(), ..EngineSettings::default() };
    let mut pipeline = Pipeline::new(settings, false, &mut showing).keeping(sinks);
    let told = match pipeline.feed(&mut source) {
        Ok(()) => pipeline.finish(),
        Err(interrupted) => {
            pipeline.close_sinks();
            Err(interrupted)
        }
    };
    // First, so that no worker waits for an engine that reads no more.
    drop(source);
    server.stop();
    match told {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => {}
        Err(Interrupted::Showing(stop)) => showing.stopped(&stop),
        Err(Interrupted::Source(error)) => showing.could_not(&error),
    }
    let exit = showing.exit;
    // The page tells that nothing more comes, and stays.
    drop(showing);
    if let Some(page) = page {
        page.stay();
    }
    // What the clients did is no failure of the server.
    Ok(if exit == Exit::CouldNotLook { Exit::CouldNotLook } else { Exit::Clean })
}

/// What passes is also kept in these.
fn sinks(typed: &cli::Serve) -> Result<Vec<Box<dyn Sink>>, String> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if let Some(path) = &typed.record {
        sinks.push(Box::new(Recorder::create(path).map_err(|error| error.to_string())?));
    }
    if let Some(path) = &typed.keylog {
        sinks.push(Box::new(KeyLogWriter::append(path).map_err(|error| error.to_string())?));
    }
    Ok(sinks)
}

fn view(typed: &cli::Serve, console: &Console<'_>) -> Box<dyn View> {
    match typed.json {
        true => Box::new(v1::Lines::new()),
        false => Box::new(Terminal::new(typed.appearance.settings(console))),
    }
}
