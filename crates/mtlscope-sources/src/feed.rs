//! The way from live ends to the engine: whatever passes through a socket of ours, and the secrets its TLS stack gives,
//! as [`Input`]s. Any number of connections on any number of threads feed one [`FeedSource`].
//!
//! A connection gathers what it sees and hands it on in batches, secrets first, so that the engine can open each record
//! when it comes. The channel is bounded: who feeds faster than the engine reads, waits; where that would hold others up, not
//! without end ([`Feed::waiting_at_most`]).

mod channel;

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mtlscope_dissect::input::{Chunk, ChunkKind, FlowId, Input, Secret, SecretOrigin};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use zeroize::Zeroizing;

use self::channel::{Receiver, Sender, channel};
use crate::growing_key_log::{GrowingKeyLog, News};
use crate::{Progress, Source, SourceError};

/// Batches that wait for the engine, at most. A batch holds some 10 KiB.
const WAITING: usize = 512;
/// The same for those that wait for a time only, whose batches may hold what a relay reads at a time, 128 KiB.
const WAITING_FOR_A_TIME: usize = 64;
/// What a connection gathers before it hands it on without being asked, in bytes.
const GATHERED: usize = 16 * 1024;

/// Where live connections are opened. Cloned for each thread that opens some.
#[derive(Clone, Debug)]
pub struct Feed {
    sender: Sender,
    shared: Arc<Numbering>,
}

#[derive(Debug)]
struct Numbering {
    next: AtomicU64,
    clock: Clock,
}

/// The wall clock as it was at the start, carried on by one that never steps back.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Instant,
    start_time: Timestamp,
}

impl Clock {
    fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let start_time = Timestamp::from_parts(since.as_secs().cast_signed(), since.subsec_nanos());
        Self { start: Instant::now(), start_time }
    }

    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.start.elapsed().as_nanos()).unwrap_or(i64::MAX);
        self.start_time.plus_nanoseconds(passed)
    }
}

impl Feed {
    /// A feed, and the source at its other end, which ends when the feed, its clones and all their connections are gone.
    pub fn new() -> (Self, FeedSource) {
        Self::over(channel(WAITING, None))
    }

    /// A feed for connections of others, which must not be held up without end: where the engine takes nothing for so long,
    /// they go on without it, and what passes then is told as [`ChunkKind::Missing`].
    pub fn waiting_at_most(patience: Duration) -> (Self, FeedSource) {
        Self::over(channel(WAITING_FOR_A_TIME, Some(patience)))
    }

    fn over((sender, receiver): (Sender, Receiver)) -> (Self, FeedSource) {
        let shared = Arc::new(Numbering { next: AtomicU64::new(1), clock: Clock::new() });
        (Self { sender, shared }, FeedSource::new(receiver))
    }

    /// Another feed and its source, for connections that come later in the same run: numbers and times go on.
    pub fn again(&self) -> (Self, FeedSource) {
        let (sender, receiver) = channel(WAITING, None);
        let feed = Self { sender, shared: Arc::clone(&self.shared) };
        (feed, FeedSource::new(receiver))
    }

    /// The moment, on the clock that every connection of this feed is timed by.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// A new connection between these two.
    pub fn open(&self, client: SocketAddr, server: SocketAddr) -> FlowFeed {
        let batch = Batch {
            flow: self.shared.next.fetch_add(1, Ordering::Relaxed),
            ends: Some((client, server)),
            ..Batch::default()
        };
        let sender = Some(self.sender.clone());
        let open = Open { batch, sender, clock: self.shared.clock, begun: false, untold: false };
        FlowFeed { open: Arc::new(Mutex::new(open)) }
    }

    /// News that belongs to no connection: one line.
    pub fn notice(&self, text: &str) {
        let bytes = text.as_bytes().to_vec();
        let entry = Entry { side: Side::Client, what: What::Notice, time: self.now(), range: 0..bytes.len() };
        if let Some(batch) = self.sender.send(Batch { entries: vec![entry], bytes, ..Batch::default() }) {
            self.sender.send_last(batch);
        }
    }
}

/// One live connection on its way to the engine. Clones feed the same connection.
#[derive(Clone, Debug)]
pub struct FlowFeed {
    open: Arc<Mutex<Open>>,
}

struct Open {
    batch: Batch,
    /// `None` behind the end.
    sender: Option<Sender>,
    clock: Clock,
    /// Something of it was handed on.
    begun: bool,
    /// Its beginning could not be.
    untold: bool,
}

impl FlowFeed {
    /// Its number, which each of its chunks carries.
    pub fn id(&self) -> FlowId {
        FlowId(self.lock().batch.flow)
    }

    /// Whether what comes still goes to the engine.
    pub fn is_live(&self) -> bool {
        self.lock().sender.is_some()
    }

    /// It turned out to be between these two. Holds for what was not handed on yet: for who learns where a connection
    /// leads only from its first bytes.
    pub fn is_between(&self, client: SocketAddr, server: SocketAddr) {
        self.lock().batch.ends = Some((client, server));
    }

    /// Forgets what was not handed on yet, and all that comes: this connection is none of the engine's business.
    pub fn forget(&self) {
        let mut open = self.lock();
        open.batch.clear();
        open.sender = None;
    }

    /// These bytes passed, sent by `side`.
    pub fn bytes(&self, side: Side, bytes: &[u8]) {
        let mut open = self.lock();
        open.add(side, What::Bytes, bytes);
        if open.batch.bytes.len() >= GATHERED {
            open.hand_on();
        }
    }

    /// `side` closed its half of the connection.
    pub fn fin(&self, side: Side) {
        self.lock().add(side, What::Fin, &[]);
    }

    /// `side` reset the connection.
    pub fn reset(&self, side: Side) {
        self.lock().add(side, What::Reset, &[]);
    }

    /// What the stack or program at `side` says of the connection: one line, no secrets.
    pub fn said(&self, side: Side, text: &str) {
        self.lock().add(side, What::Said, text.as_bytes());
    }

    /// A line of the key log that belongs to this connection.
    pub fn secret(&self, line: &[u8]) {
        let mut open = self.lock();
        if open.sender.is_some() {
            open.batch.secrets.extend_from_slice(line);
            open.batch.secrets.push(b'\n');
        }
    }

    /// Hands on what was gathered: before a wait, so that who watches sees what has happened so far.
    pub fn flush(&self) {
        self.lock().hand_on();
    }

    /// Our end lets go of the connection: what comes after is not fed. Comes by itself when the last clone goes.
    pub fn end(&self) {
        self.lock().end();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A panic elsewhere leaves a batch whole: entries are added one at a time.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn add(&mut self, side: Side, what: What, bytes: &[u8]) {
        if self.sender.is_none() {
            return;
        }
        let start = self.batch.bytes.len();
        self.batch.bytes.extend_from_slice(bytes);
        let range = start..self.batch.bytes.len();
        self.batch.entries.push(Entry { side, what, time: self.clock.now(), range });
    }

    fn hand_on(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let next = Batch { flow: self.batch.flow, ends: self.batch.ends, ..Batch::default() };
        let batch = std::mem::replace(&mut self.batch, next);
        let Some(sender) = &self.sender else { return };
        match sender.send(batch) {
            None => self.begun = true,
            Some(mut batch) => {
                batch.let_bytes_go();
                if !self.begun && !std::mem::replace(&mut self.untold, true) {
                    sender.count_untold();
                }
                self.batch = batch;
            }
        }
    }

    fn end(&mut self) {
        self.add(Side::Client, What::End, &[]);
        self.hand_on();
        if let Some(sender) = self.sender.take()
            && self.begun
            && !self.batch.is_empty()
        {
            sender.send_last(std::mem::take(&mut self.batch));
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("batch", &self.batch)
            .field("ended", &self.sender.is_none())
            .finish_non_exhaustive()
    }
}

/// What one connection saw since it last handed something on.
#[derive(Default)]
struct Batch {
    flow: u64,
    ends: Option<(SocketAddr, SocketAddr)>,
    secrets: Zeroizing<Vec<u8>>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

struct Entry {
    side: Side,
    what: What,
    time: Timestamp,
    /// Place in the batch's bytes.
    range: Range<usize>,
}

#[derive(Clone, Copy)]
enum What {
    Bytes,
    Missing(u64),
    Fin,
    Reset,
    Said,
    End,
    Notice,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.secrets.is_empty()
    }

    /// Keeps of the bytes only how many there were of each side.
    fn let_bytes_go(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut kept: Vec<Entry> = Vec::new();
        for entry in self.entries.drain(..) {
            let length = match entry.what {
                What::Bytes => entry.range.len() as u64,
                What::Missing(length) => length,
                What::Fin | What::Reset | What::Said | What::End | What::Notice => {
                    let start = self.bytes.len();
                    self.bytes.extend_from_slice(bytes.get(entry.range).unwrap_or_default());
                    kept.push(Entry { range: start..self.bytes.len(), ..entry });
                    continue;
                }
            };
            // Of what is missing the order does not matter, so that it stays little however long this lasts.
            let before = kept
                .iter_mut()
                .rev()
                .map_while(|kept| match &mut kept.what {
                    What::Missing(length) => Some((kept.side, length)),
                    _ => None,
                })
                .find(|(side, _)| *side == entry.side);
            match before {
                Some((_, before)) => *before += length,
                None => kept.push(Entry { what: What::Missing(length), range: 0..0, ..entry }),
            }
        }
        self.entries = kept;
    }

    fn clear(&mut self) {
        self.secrets.clear();
        self.entries.clear();
        self.bytes.clear();
    }
}

/// Never prints secrets.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("flow", &self.flow)
            .field("entries", &self.entries.len())
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The engine's end of a [`Feed`].
#[derive(Debug)]
pub struct FeedSource {
    receiver: Receiver,
    batch: Batch,
    /// What the feed itself has to say.
    news: String,
    /// The next entry of the batch; the secrets have gone ahead of all of them.
    place: usize,
    bytes_read: u64,
    /// Key logs that programs write meanwhile.
    key_logs: Vec<GrowingKeyLog>,
    /// Whether they were looked at for the entry that is next.
    has_looked: bool,
}

impl FeedSource {
    fn new(receiver: Receiver) -> Self {
        Self {
            receiver,
            batch: Batch::default(),
            news: String::new(),
            place: 0,
            bytes_read: 0,
            key_logs: Vec::new(),
            has_looked: false,
        }
    }

    /// Also reads these key logs on as they grow: each time before something is handed on, so that a connection's secrets
    /// are there when its end is told. They open any connection.
    pub fn following(self, key_logs: Vec<GrowingKeyLog>) -> Self {
        Self { key_logs, ..self }
    }
}

impl Source for FeedSource {
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        if self.place >= self.batch.entries.len() {
            let untold = self.receiver.take_untold();
            if untold > 0 {
                self.news = format!(
                    "{untold} connections began while what is told was not read: they passed, and are not told, or not from \
                     their beginning"
                );
                return Ok(Some(Input::Notice(&self.news)));
            }
            // Batches without entries hold secrets alone.
            let Some(batch) = self.receiver.next() else { return Ok(None) };
            self.batch = batch;
            self.place = 0;
            self.has_looked = false;
            self.bytes_read += self.batch.bytes.len() as u64;
            if !self.batch.secrets.is_empty() {
                return Ok(Some(Input::Secret(Secret {
                    origin: SecretOrigin::OwnEnd,
                    lines: &self.batch.secrets,
                    flow: Some(FlowId(self.batch.flow)),
                })));
            }
        }
        // Whoever waits for the end of a connection has its secrets then, and bytes that came late may wait for them.
        if !self.has_looked {
            match self.key_logs.iter_mut().find_map(GrowingKeyLog::look) {
                Some(News::Lines(lines)) => {
                    return Ok(Some(Input::Secret(Secret {
                        origin: SecretOrigin::KeyLog,
                        lines,
                        flow: None,
                    })));
                }
                Some(News::Notice(text)) => {
                    self.news = text;
                    return Ok(Some(Input::Notice(&self.news)));
                }
                None => self.has_looked = true,
            }
        }
        let Some(entry) = self.batch.entries.get(self.place) else { return Ok(None) };
        self.place += 1;
        if self.batch.entries.get(self.place).is_some_and(|next| !matches!(next.what, What::Bytes)) {
            self.has_looked = false;
        }
        let bytes = self.batch.bytes.get(entry.range.clone()).unwrap_or_default();
        let text = || str::from_utf8(bytes).unwrap_or_default();
        let what = match entry.what {
            What::Bytes => ChunkKind::Bytes(bytes),
            What::Missing(length) => ChunkKind::Missing(length),
            What::Fin => ChunkKind::Fin,
            What::Reset => ChunkKind::Reset,
            What::Said => ChunkKind::Said(text()),
            What::End => ChunkKind::End,
            What::Notice => return Ok(Some(Input::Notice(text()))),
        };
        let Some((client, server)) = self.batch.ends else {
            return Ok(Some(Input::Notice("a live connection without ends")));
        };
        let flow = FlowId(self.batch.flow);
        Ok(Some(Input::Chunk(Chunk { flow, time: entry.time, client, server, side: entry.side, what })))
    }

    fn progress(&self) -> Progress {
        Progress { bytes_read: self.bytes_read, total: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(source: &mut FeedSource) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(input) = source.next().unwrap() {
            heard.push(match input {
                Input::Secret(secret) => format!("secret of {} bytes", secret.lines.len()),
                Input::Chunk(chunk) => format!("{} {} {:?}", chunk.flow.0, chunk.side, chunk.what),
                other => format!("{other:?}"),
            });
        }
        heard
    }

    fn ends() -> (SocketAddr, SocketAddr) {
        (([127, 0, 0, 1], 50_000).into(), ([127, 0, 0, 1], 443).into())
    }

    #[test]
    fn secrets_go_ahead_of_what_they_open_and_the_end_comes_by_itself() {
        let (feed, mut source) = Feed::new();
        let flow = feed.open(ends().0, ends().1);
        flow.bytes(Side::Client, b"hello");
        flow.secret(b"CLIENT_RANDOM aa bb");
        flow.said(Side::Server, "unable to get local issuer certificate");
        flow.fin(Side::Server);
        drop((flow, feed));
        assert_eq!(
            heard(&mut source),
            [
                "secret of 20 bytes",
                "1 client Bytes([104, 101, 108, 108, 111])",
                "1 server Said(\"unable to get local issuer certificate\")",
                "1 server Fin",
                "1 client End",
            ]
        );
    }

    #[test]
    fn connections_are_numbered_and_nothing_is_fed_behind_an_end() {
        let (feed, mut source) = Feed::new();
        let (one, two) = (feed.open(ends().0, ends().1), feed.open(ends().0, ends().1));
        two.reset(Side::Client);
        two.end();
        two.fin(Side::Client);
        drop((one, two, feed));
        assert_eq!(heard(&mut source), ["2 client Reset", "2 client End", "1 client End"]);
    }

    #[test]
    fn a_connection_may_learn_late_where_it_leads_and_may_be_forgotten() {
        let (feed, mut source) = Feed::new();
        let (asked, forgotten) = (feed.open(ends().0, ends().0), feed.open(ends().0, ends().0));
        asked.bytes(Side::Client, b"x");
        asked.is_between(ends().0, ends().1);
        forgotten.bytes(Side::Client, b"y");
        forgotten.forget();
        forgotten.fin(Side::Client);
        asked.flush();
        feed.notice("news");
        let Some(Input::Chunk(chunk)) = source.next().unwrap() else { panic!("no chunk") };
        assert_eq!(chunk.server, ends().1);
        drop((asked, forgotten, feed));
        assert_eq!(heard(&mut source), ["Notice(\"news\")", "1 client End"]);
    }

    #[test]
    fn a_key_log_that_grows_is_read_on_before_a_connection_ends() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.log");
        let (feed, source) = Feed::new();
        let mut source = source.following(vec![GrowingKeyLog::whole(&path)]);
        let flow = feed.open(ends().0, ends().1);
        flow.bytes(Side::Client, b"hello");
        flow.fin(Side::Client);
        assert!(matches!(source_after(&flow, &mut source), Input::Chunk(_)));
        std::fs::write(&path, "CLIENT_RANDOM aa bb\n").unwrap();
        drop((flow, feed));
        assert_eq!(heard(&mut source), ["secret of 20 bytes", "1 client Fin", "1 client End"]);
    }

    fn source_after<'a>(flow: &FlowFeed, source: &'a mut FeedSource) -> Input<'a> {
        flow.flush();
        source.next().unwrap().unwrap()
    }

    #[test]
    fn who_waits_for_a_time_only_goes_on_and_what_passes_then_is_told_as_missing() {
        const PIECE: usize = GATHERED;
        let (feed, mut source) = Feed::waiting_at_most(Duration::from_millis(20));
        let flow = feed.open(ends().0, ends().1);
        for _ in 0..1000 {
            flow.bytes(Side::Client, &[7; PIECE]);
            flow.bytes(Side::Server, b"x");
        }
        let unseen = feed.open(ends().0, ends().1);
        unseen.bytes(Side::Client, &[7; PIECE]);
        drop(unseen);
        flow.fin(Side::Client);
        drop((flow, feed));
        let (mut there, mut missing, mut rest) = ([0, 0], [0, 0], Vec::new());
        while let Some(input) = source.next().unwrap() {
            match input {
                Input::Chunk(Chunk { what: ChunkKind::Bytes(bytes), side, flow: FlowId(1), .. }) => {
                    assert_eq!(missing, [0, 0], "what was seen comes before what was not");
                    there[side.index()] += bytes.len() as u64;
                }
                Input::Chunk(Chunk { what: ChunkKind::Missing(length), side, flow: FlowId(1), .. }) => {
                    missing[side.index()] += length;
                }
                Input::Chunk(chunk) => rest.push(format!("{} {:?}", chunk.flow.0, chunk.what)),
                other => rest.push(format!("{other:?}")),
            }
        }
        assert_eq!(there[0] + missing[0], 1000 * PIECE as u64);
        assert_eq!(there[1] + missing[1], 1000);
        assert!(there[0] >= 64 * PIECE as u64, "{there:?}");
        assert_eq!(rest.len(), 3, "{rest:?}");
        assert!(rest[0].contains("1 connections began while"), "{rest:?}");
        assert_eq!(rest[1..], ["1 Fin", "1 End"]);
    }

    #[test]
    fn once_the_engine_takes_again_it_sees_again() {
        let (feed, mut source) = Feed::waiting_at_most(Duration::ZERO);
        let flow = feed.open(ends().0, ends().1);
        let filled = |flow: &FlowFeed| {
            for _ in 0..=WAITING_FOR_A_TIME {
                flow.bytes(Side::Client, b"x");
                flow.flush();
            }
        };
        filled(&flow);
        for _ in 0..WAITING_FOR_A_TIME {
            assert!(matches!(
                source.next().unwrap(),
                Some(Input::Chunk(Chunk { what: ChunkKind::Bytes(_), .. }))
            ));
        }
        flow.bytes(Side::Client, b"y");
        drop((flow, feed));
        assert_eq!(heard(&mut source), ["1 client Missing(1)", "1 client Bytes([121])", "1 client End"]);
    }

    #[test]
    fn no_secret_is_printed() {
        let (feed, _source) = Feed::new();
        let flow = feed.open(ends().0, ends().1);
        flow.secret(b"CLIENT_RANDOM 0123 4567");
        assert!(!format!("{flow:?}").contains("4567"));
    }
}
