//! A capture that runs: packets are taken as they come, recorded and handed to the pipeline; a few times a second, whatever else
//! there is to look after gets its turn. All on one thread.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::time::Timestamp;
use mtlscope_sources::SourceError;
use mtlscope_sources::growing_key_log::{GrowingKeyLog, News};
use mtlscope_sources::interface::{InterfaceError, LiveCapture, Statistics};
use mtlscope_views::wording::grouped;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::recording::Recording;
use crate::failed_connections::FailedConnections;
use crate::pipeline::{Interrupted, Pipeline};
use crate::wall_clock::moment;

/// How often key logs, clock, signals and the rest get their turn.
const TURN: Duration = Duration::from_millis(100);
/// After how many packets it is looked whether that is due.
const PACKETS: u32 = 512;
/// How many pieces of a key log are taken at a turn, at most: some 16 MiB.
const NEWS: u32 = 256;

/// What ends a capture by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limits {
    pub(super) packets: Option<u64>,
    pub(super) duration: Option<Duration>,
}

/// What ends a capture.
pub(super) struct Until {
    /// Set by a signal.
    pub(super) stopped: Arc<AtomicBool>,
    /// Whether the end of standard input ends it, too. Nothing is expected there.
    pub(super) input_ends: bool,
    pub(super) limits: Limits,
}

/// How a capture ended.
pub(super) enum Ended {
    BySignal,
    AsAsked,
    /// Nothing more can come.
    Lost(InterfaceError),
}

/// Open interfaces, and what goes with them.
pub(super) struct Running {
    live: LiveCapture,
    recording: Option<Recording>,
    key_logs: Vec<GrowingKeyLog>,
    until: Until,
    /// Whether standard input was seen to end.
    over: bool,
    packets: u64,
    statistics: Vec<Statistics>,
    /// How many lost packets were told of.
    drops_told: u64,
    /// What could not be done, to be told at the end.
    failures: Vec<SourceError>,
}

impl Running {
    pub(super) fn new(
        live: LiveCapture,
        recording: Option<Recording>,
        key_logs: Vec<GrowingKeyLog>,
        until: Until,
    ) -> Self {
        Self {
            live,
            recording,
            key_logs,
            until,
            over: false,
            packets: 0,
            statistics: Vec::new(),
            drops_told: 0,
            failures: Vec::new(),
        }
    }

    /// Takes packets until something ends it. What came before that is taken to its last packet.
    pub(super) fn run(&mut self, pipeline: &mut Pipeline<'_, '_>) -> Result<Ended, Interrupted> {
        let begin = Instant::now();
        let mut next_turn = begin;
        // Once it is to end: how, at what time of the packets, and how long to wait for those that the kernel still holds.
        let mut ending: Option<(Ended, Timestamp, Instant)> = None;
        loop {
            let mut taken = 0;
            while taken < PACKETS
                && let Some(captured) = self.live.take()
            {
                if let Some((_, end, _)) = &ending
                    && captured.frame.time > *end
                {
                    break;
                }
                if let Some(recording) = &mut self.recording
                    && let Err(error) = recording.packet(&captured)
                {
                    self.failures.push(error);
                }
                if let Some(failed) = &mut pipeline.showing().failed {
                    failed.packet(captured.interface, &captured.frame);
                }
                pipeline.push(Input::Frame(captured.frame))?;
                self.packets += 1;
                taken += 1;
                if self.until.limits.packets == Some(self.packets) {
                    self.turn(pipeline, false)?;
                    return Ok(Ended::AsAsked);
                }
            }
            let is_idle = taken < PACKETS;
            let now = Instant::now();
            if now >= next_turn {
                self.turn(pipeline, is_idle)?;
                next_turn = now + TURN;
            }
            match ending.take() {
                Some((ended, _, until)) if is_idle && now >= until => {
                    self.turn(pipeline, true)?;
                    return Ok(ended);
                }
                Some(going_on) => ending = Some(going_on),
                None if self.until.stopped.load(Ordering::Relaxed) => {
                    ending = Some((Ended::BySignal, moment(), now + self.live.latency()));
                }
                None if self.over
                    || self.until.limits.duration.is_some_and(|limit| begin.elapsed() >= limit) =>
                {
                    ending = Some((Ended::AsAsked, moment(), now + self.live.latency()));
                }
                None => {}
            }
            if is_idle {
                pipeline.showing().flush()?;
                match self.live.wait(next_turn.saturating_duration_since(Instant::now())) {
                    Ok(None) => {}
                    Ok(Some(news)) => pipeline.push(Input::Notice(&news))?,
                    Err(error) => return Ok(Ended::Lost(error)),
                }
            }
        }
    }

    /// Ends the recording. What the kernel counted of each interface, and what could not be done.
    pub(super) fn end(mut self, failed: Option<&FailedConnections>) -> (Vec<Statistics>, Vec<SourceError>) {
        self.statistics = self.live.statistics();
        if let Some(recording) = self.recording.take()
            && let Err(error) = recording.end(failed, &self.statistics)
        {
            self.failures.push(error);
        }
        (self.statistics, self.failures)
    }

    /// Everything but packets.
    fn turn(&mut self, pipeline: &mut Pipeline<'_, '_>, is_idle: bool) -> Result<(), Interrupted> {
        self.over = self.over || self.until.input_ends && input_has_ended();
        for key_log in &mut self.key_logs {
            // Packets wait meanwhile: of a long one the rest comes at the next turn.
            for _ in 0..NEWS {
                let Some(news) = key_log.look() else { break };
                let lines = match news {
                    News::Lines(lines) => lines,
                    News::Notice(notice) => {
                        pipeline.push(Input::Notice(&notice))?;
                        continue;
                    }
                };
                if let Some(recording) = &mut self.recording
                    && let Err(error) = recording.secrets(lines)
                {
                    self.failures.push(error);
                }
                pipeline.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }))?;
            }
        }
        self.statistics = self.live.statistics();
        if let Some(recording) = &mut self.recording
            && let Err(error) = recording.turn(pipeline.showing().failed.as_ref(), &self.statistics)
        {
            self.failures.push(error);
        }
        for failure in self.failures.drain(..) {
            pipeline.showing().could_not(&failure);
        }
        // The kernel may still hold packets that came a moment ago.
        let seen = i64::try_from(self.live.latency().as_nanos()).unwrap_or_default();
        let now = if is_idle { Some(moment().plus_nanoseconds(-seen)) } else { pipeline.last_frame() };
        if let Some(now) = now {
            pipeline.push(Input::Now(now))?;
        }
        self.tell_drops(pipeline)?;
        pipeline.showing().stands(self.packets, self.statistics.iter().map(|counted| counted.dropped).sum());
        Ok(())
    }

    /// Says that packets were lost: when it begins, and each time as many again were.
    fn tell_drops(&mut self, pipeline: &mut Pipeline<'_, '_>) -> Result<(), Interrupted> {
        let dropped: u64 = self.statistics.iter().map(|counted| counted.dropped).sum();
        if dropped == 0 || dropped < self.drops_told * 2 {
            return Ok(());
        }
        self.drops_told = dropped;
        let notice = format!(
            "the kernel had no room for {} packets so far, which are missing (a larger --buffer-size, or --host, --net and --port)",
            grouped(dropped)
        );
        pipeline.push(Input::Notice(&notice))
    }
}

/// Asked now and then: a thread that waited for it would need calls of the system that are given up.
fn input_has_ended() -> bool {
    let input = std::io::stdin();
    let mut polled = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    poll(&mut polled, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}
