//! What runs until it is stopped: each connection that a feed brings is shown as it ends, and what passes may be recorded.

use std::path::Path;
use std::time::Duration;

use mtlscope_diagnose::context::Context;
use mtlscope_dissect::Settings;
use mtlscope_sources::feed::FeedSource;
use mtlscope_sources::{KeyLogWriter, Recorder, Sink};

use crate::exit::Exit;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::Showing;

/// How long the connections of others wait for an engine that takes nothing: one whose output is not read. Then they go on
/// without it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What the engine is told beside the feed.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) settings: Settings,
    pub(crate) context: Context,
    /// What passes is also kept in these.
    pub(crate) sinks: Vec<Box<dyn Sink>>,
}

/// Shows what a feed brings, until it ends or nobody wants more. Then `stop` is to end whoever feeds it.
///
/// What others did in their connections is no failure of ours: the exit code is 0, or 2.
pub(crate) fn show(
    mut source: FeedSource,
    watched: Watched,
    showing: &mut Showing<'_>,
    stop: impl FnOnce(),
) -> Exit {
    tell(&mut source, watched, showing);
    // Nobody must wait for an engine that reads no more.
    drop(source);
    stop();
    if showing.exit == Exit::CouldNotLook { Exit::CouldNotLook } else { Exit::Clean }
}

/// Shows what a feed brings, until it ends or nobody wants more; whether it came to its end.
pub(crate) fn tell(source: &mut FeedSource, watched: Watched, showing: &mut Showing<'_>) -> bool {
    let Watched { settings, context, sinks } = watched;
    let mut pipeline = Pipeline::new(settings, false, showing).judging(context).keeping(sinks);
    let told = match pipeline.feed(source) {
        Ok(()) => pipeline.finish(),
        Err(interrupted) => {
            pipeline.close_sinks();
            Err(interrupted)
        }
    };
    match told {
        Ok(()) => return true,
        Err(Interrupted::Showing(stop)) => showing.stopped(&stop),
        Err(Interrupted::Source(error)) => showing.could_not(&error),
    }
    false
}

/// A recording and a key log to which what passes goes too, where they are named.
pub(crate) fn sinks(record: Option<&Path>, key_log: Option<&Path>) -> Result<Vec<Box<dyn Sink>>, String> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if let Some(path) = record {
        sinks.push(Box::new(Recorder::create(path).map_err(|error| error.to_string())?));
    }
    if let Some(path) = key_log {
        sinks.push(Box::new(KeyLogWriter::append(path).map_err(|error| error.to_string())?));
    }
    Ok(sinks)
}
