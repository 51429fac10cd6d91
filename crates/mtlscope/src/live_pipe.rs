//! A capture that is made while it is read: `tcpdump -U -w - | mtlscope read -`. While no packet comes, time goes on, so that what is over
//! is told without waiting for the next.

use std::time::{Duration, Instant};

use mtlscope_dissect::input::Input;
use mtlscope_sources::Source;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::pipeline::{Interrupted, Pipeline};
use crate::wall_clock::moment;

/// How often time is told.
const STEP: Duration = Duration::from_millis(250);
/// Packets older than this, in nanoseconds, are of a file, however it comes: its pauses are none of the connections'. Clocks of other
/// hosts may differ by as much.
const LIVE: u64 = 60_000_000_000;

/// Takes all that a source has which reads standard input.
pub(crate) fn feed(pipeline: &mut Pipeline<'_, '_>, source: &mut dyn Source) -> Result<(), Interrupted> {
    let (mut waits_since, mut told) = (None, Instant::now());
    loop {
        if source.is_drained() {
            let since: Instant = *waits_since.get_or_insert_with(Instant::now);
            let has_more = wait_for_input();
            if told.elapsed() >= STEP {
                told = Instant::now();
                tell_time(pipeline, since.elapsed())?;
            }
            if !has_more {
                continue;
            }
        }
        if !pipeline.take_next(source)? {
            return Ok(());
        }
        waits_since = None;
    }
}

/// Tells what time it is so long after the last packet, by the clock of the packets, which may be another host's.
fn tell_time(pipeline: &mut Pipeline<'_, '_>, silent: Duration) -> Result<(), Interrupted> {
    let Some(last) = pipeline.last_frame().filter(|last| (moment() - *last).unsigned_abs() < LIVE) else {
        return Ok(());
    };
    let silent = i64::try_from(silent.as_nanos()).unwrap_or(i64::MAX);
    pipeline.push(Input::Now(last.plus_nanoseconds(silent)))
}

/// Waits for a while. True where something can be read, or the end is reached.
fn wait_for_input() -> bool {
    let input = std::io::stdin();
    let wait = Timespec::try_from(STEP).ok();
    !matches!(poll(&mut [PollFd::new(&input, PollFlags::IN)], wait.as_ref()), Ok(0) | Err(Errno::INTR))
}
