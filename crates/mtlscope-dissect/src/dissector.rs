//! The whole way from inputs to events: packets to flows, flows to streams, streams to TLS.

use std::collections::VecDeque;
use std::net::SocketAddr;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::decrypt::KeyLog;
use crate::event::{Closed, ClosedWhy, ConnectionId, Event, EventKind, Opened, TransportEnd};
use crate::evidence::FrameNumber;
use crate::flow::{FlowKey, FlowTable, Place};
use crate::guess::{self, Guess};
use crate::input::{Chunk, ChunkKind, FlowId, Frame, Input, Secret};
use crate::limits::Limits;
use crate::link::{self, Carried};
use crate::net::{self, Read};
use crate::notice::{Notice, NoticeKind};
use crate::reassembly::{At, Direction, Placed, Ready};
use crate::side::Side;
use crate::time::Timestamp;
use crate::tls::dissector::{Surroundings, TlsDissector};
use crate::tls::registry::HandshakeType;
use crate::transport::tcp::Segment;
use crate::x509::{CertificateCache, NameCache};

/// IANA protocol number of TCP.
const TCP: u8 = 6;

/// Flows that ended and are remembered by their addresses, behind the time in which they take late packets.
const GONE_REMEMBERED: usize = 4096;

/// What a run of the dissector keeps and expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Bounds on what is held.
    pub limits: Limits,
    /// Whether messages keep their bytes ([`crate::tls::message::Message::bytes`]).
    pub keep_bytes: bool,
    /// Whether secrets may come after the records they open. If so, sealed records wait for them, within the limits.
    pub secrets_may_come: bool,
}

/// Inputs in, events out.
///
/// ```
/// use mtlscope_dissect::{Dissector, Settings};
/// use mtlscope_dissect::input::Input;
///
/// let mut dissector = Dissector::new(Settings::default());
/// dissector.push(Input::Notice("nothing but a word of the source"));
/// dissector.finish();
/// assert!(dissector.poll().is_some());
/// assert!(dissector.poll().is_none());
/// ```
#[derive(Debug)]
pub struct Dissector {
    settings: Settings,
    flows: FlowTable<Flow>,
    chunk_flows: HashMap<FlowId, FlowKey, RandomState>,
    /// Ended flows and when they are forgotten, in the order they ended.
    ended: VecDeque<(Timestamp, Place)>,
    /// Flows that ended and are forgotten, the latest of them: so long do peers send again what nobody acknowledges.
    gone: VecDeque<FlowKey>,
    gone_keys: HashSet<FlowKey, RandomState>,
    /// Flows with records that wait for late keys.
    waiting: Vec<Place>,
    shared: Shared,
    connections: u64,
    unknown_link_types: Vec<u16>,
    fragments_told: bool,
    last: At,
    /// Connections still to be closed, once the input has ended.
    closing: std::vec::IntoIter<Place>,
}

/// What the flows use in common.
#[derive(Debug)]
struct Shared {
    key_log: KeyLog,
    certificates: CertificateCache,
    names: NameCache,
    events: VecDeque<Event>,
    plain_text: Vec<u8>,
    waiting_bytes: usize,
    out_of_order_bytes: usize,
}

/// One TCP connection.
#[derive(Debug)]
struct Flow {
    ends: [SocketAddr; 2],
    /// By sender: the lower end, the higher end.
    directions: [Direction; 2],
    stage: Stage,
    /// Which end is the client, once that is known.
    client: Option<usize>,
    first: At,
    last: At,
    vlan: u16,
    /// Which ends closed or reset.
    fins: [bool; 2],
    reset: bool,
    has_ended: bool,
}

/// How far a flow is understood.
#[derive(Debug)]
enum Stage {
    /// Not yet: the first bytes of each side, as far as they might begin a hello, and how many bytes were searched.
    Guessing { heads: [Vec<u8>; 2], searched: [u64; 2] },
    /// It is TLS.
    Tls(Box<TlsDissector>),
    /// It is something else.
    Foreign,
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            flows: FlowTable::default(),
            chunk_flows: HashMap::default(),
            ended: VecDeque::new(),
            gone: VecDeque::new(),
            gone_keys: HashSet::default(),
            waiting: Vec::new(),
            shared: Shared {
                key_log: KeyLog::new(),
                certificates: CertificateCache::new(settings.limits.certificates),
                names: NameCache::new(settings.limits.certificates),
                events: VecDeque::new(),
                plain_text: Vec::new(),
                waiting_bytes: 0,
                out_of_order_bytes: 0,
            },
            connections: 0,
            unknown_link_types: Vec::new(),
            fragments_told: false,
            last: At { frame: None, time: Timestamp::default() },
            closing: Vec::new().into_iter(),
        }
    }

    /// Takes one input. Behind it, [`Dissector::poll`] until nothing comes.
    #[inline]
    pub fn push(&mut self, input: Input<'_>) {
        match input {
            Input::Frame(frame) => self.frame(&frame),
            Input::Chunk(chunk) => self.chunk(&chunk),
            Input::Secret(secret) => self.secret(&secret),
            Input::Notice(text) => self.notice(NoticeKind::Source(text.to_owned()), self.last.frame),
        }
    }

    /// The next event, if there is one.
    #[inline]
    pub fn poll(&mut self) -> Option<Event> {
        self.shared.events.pop_front().or_else(|| self.poll_closing())
    }

    /// The input has ended: every connection is closed, one after the other, as [`Dissector::poll`] is called until
    /// nothing comes.
    pub fn finish(&mut self) {
        let mut places = self.flows.all();
        // In the order in which they began, which is the order in which people look for them.
        places.sort_by_key(|place| self.flows.get_if(*place).map(|flow| (flow.first.frame, flow.first.time)));
        self.closing = places.into_iter();
    }

    #[cold]
    fn poll_closing(&mut self) -> Option<Event> {
        loop {
            let place = self.closing.next()?;
            let ended = self.flows.get_if(place).is_some_and(|flow| flow.has_ended);
            self.close(place, if ended { ClosedWhy::Ended } else { ClosedWhy::InputEnds });
            if let Some(event) = self.shared.events.pop_front() {
                return Some(event);
            }
        }
    }

    /// How many client randoms the secrets given so far name.
    pub fn randoms_known(&self) -> usize {
        self.shared.key_log.randoms()
    }

    /// Bytes held for all connections together: segments out of order, and records that wait for late keys. Never more
    /// than [`Limits::out_of_order_total`] and [`Limits::waiting_total`], and none once all is polled behind
    /// [`Dissector::finish`].
    pub fn held_bytes(&self) -> usize {
        self.shared.out_of_order_bytes + self.shared.waiting_bytes
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        let at = At { frame: Some(frame.number), time: frame.time };
        self.last = at;
        self.forget_ended(at.time);
        let (packet, vlan) = match link::carried(frame.link_type, frame.bytes) {
            Carried::Ip { packet, vlan } => (packet, vlan),
            Carried::Nothing => return,
            Carried::UnknownLinkType => return self.unknown_link_type(frame),
        };
        let datagram = match net::read(packet) {
            Read::Whole(datagram) => datagram,
            Read::Fragment => {
                if !std::mem::replace(&mut self.fragments_told, true) {
                    let text = "IP fragments are not put together; connections that use them are incomplete";
                    self.notice(NoticeKind::Source(text.to_owned()), at.frame);
                }
                return;
            }
            Read::Nothing => return,
        };
        if datagram.protocol != TCP {
            return;
        }
        let Some(segment) = Segment::read(&datagram) else { return };
        let (key, sender) = FlowKey::of(
            (datagram.source, segment.source_port),
            (datagram.destination, segment.destination_port),
        );
        let place = match self.flows.find(&key) {
            Some(place) => match self.is_new_connection(place, sender, &segment) {
                true => {
                    self.close(place, ClosedWhy::PortsReused);
                    self.open(key, at, vlan)
                }
                false => place,
            },
            // A stray acknowledgment or reset opens nothing: a flood of them costs no memory.
            None if segment.payload.is_empty() && segment.missing == 0 && !segment.syn() => return,
            // What a connection that is over sends again is no new one, unless it begins like one.
            None if !segment.syn() && self.gone_keys.contains(&key) && !begins_with_hello(&segment) => return,
            None => self.open(key, at, vlan),
        };
        let Some(flow) = self.flows.get_if(place) else { return };
        flow.last = at;
        let connections = &mut self.connections;
        let waited = flow.is_waiting();
        flow.segment(sender, &segment, at, &self.settings, &mut self.shared, connections);
        if !waited && flow.is_waiting() {
            self.waiting.push(place);
        }
        if flow.is_over() && !flow.has_ended {
            flow.has_ended = true;
            self.ended.push_back((at.time.plus_nanoseconds(self.settings.limits.linger), place));
        }
    }

    fn is_new_connection(&mut self, place: Place, sender: usize, segment: &Segment<'_>) -> bool {
        let Some(flow) = self.flows.get_if(place) else { return false };
        if !segment.syn() {
            return false;
        }
        // A SYN with another sequence number than the one that began this direction. One that comes late, behind data
        // taken from the middle, begins nothing new: it has the number just before the data.
        let differs = flow.directions[sender].differs_from(segment.sequence_number);
        // A second answer to the SYN that is known, with another number, is a stray: its data would not fit.
        let answered = &flow.directions[1 - sender];
        let is_second_answer = segment.ack()
            && answered.start_seen()
            && !answered.differs_from(segment.acknowledgment_number.wrapping_sub(1));
        differs
            && !is_second_answer
            && (flow.directions[sender].start_seen() || flow.has_ended || !segment.ack())
    }

    fn open(&mut self, key: FlowKey, at: At, vlan: u16) -> Place {
        if self.flows.len() >= self.settings.limits.flows
            && let Some(eldest) = self.flows.eldest_of_some(|flow| at.time - flow.last.time)
        {
            self.close(eldest, ClosedWhy::LetGo);
        }
        self.flows.insert(key, Flow::new(key.ends(), at, vlan))
    }

    fn close(&mut self, place: Place, why: ClosedWhy) {
        if let Some(mut flow) = self.flows.remove(place) {
            flow.close(why, &self.settings, &mut self.shared, &mut self.connections);
        }
    }

    /// Forgets connections that ended long enough ago that nothing more is to be expected of them.
    #[inline]
    fn forget_ended(&mut self, now: Timestamp) {
        while let Some((deadline, place)) = self.ended.front().copied() {
            if deadline > now {
                return;
            }
            self.ended.pop_front();
            if let Some(flow) = self.flows.get_if(place) {
                let [low, high] = flow.ends;
                let (key, _) = FlowKey::of((low.ip(), low.port()), (high.ip(), high.port()));
                self.remember_gone(key);
            }
            self.close(place, ClosedWhy::Ended);
        }
    }

    fn remember_gone(&mut self, key: FlowKey) {
        if !self.gone_keys.insert(key) {
            return;
        }
        self.gone.push_back(key);
        if self.gone.len() > GONE_REMEMBERED
            && let Some(eldest) = self.gone.pop_front()
        {
            self.gone_keys.remove(&eldest);
        }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        let at = At { frame: None, time: chunk.time };
        self.last = at;
        let ends = [chunk.client, chunk.server];
        let key = match self.chunk_flows.get(&chunk.flow) {
            Some(key) => *key,
            None => {
                // The flow's number stands in for addresses, which two taps may share.
                let number = std::net::IpAddr::V6(std::net::Ipv6Addr::from(u128::from(chunk.flow.0) << 64));
                let (key, _) = FlowKey::of((number, 0), (number, 1));
                self.chunk_flows.insert(chunk.flow, key);
                key
            }
        };
        let place = match self.flows.find(&key) {
            Some(place) => place,
            None => {
                let mut flow = Flow::new(ends, at, 0);
                flow.client = Some(Side::Client.index());
                self.flows.insert(key, flow)
            }
        };
        let Some(flow) = self.flows.get_if(place) else { return };
        flow.last = at;
        let sender = chunk.side.index();
        let waited = flow.is_waiting();
        flow.live(sender, &chunk.what, at, &self.settings, &mut self.shared, &mut self.connections);
        if !waited && flow.is_waiting() {
            self.waiting.push(place);
        }
        if flow.is_over() {
            self.chunk_flows.remove(&chunk.flow);
            self.close(place, ClosedWhy::Ended);
        }
    }

    fn secret(&mut self, secret: &Secret<'_>) {
        let added = self.shared.key_log.add(secret.lines, secret.origin);
        if self.waiting.is_empty() || added.client_randoms.is_empty() {
            return;
        }
        for place in std::mem::take(&mut self.waiting) {
            let Some(flow) = self.flows.get_if(place) else { continue };
            let Stage::Tls(tls) = &mut flow.stage else { continue };
            if tls.client_random().is_some_and(|random| added.client_randoms.contains(random)) {
                tls.wake(&mut self.shared.surroundings(&self.settings));
            }
            if tls.is_waiting() {
                self.waiting.push(place);
            }
        }
    }

    fn unknown_link_type(&mut self, frame: &Frame<'_>) {
        let number = frame.link_type.0;
        if !self.unknown_link_types.contains(&number) {
            self.unknown_link_types.push(number);
            self.notice(NoticeKind::UnknownLinkType(number), Some(frame.number));
        }
    }

    fn notice(&mut self, kind: NoticeKind, frame: Option<FrameNumber>) {
        let kind = EventKind::Notice(Notice { kind, frame });
        self.shared.events.push_back(Event { connection: None, kind });
    }
}

fn begins_with_hello(segment: &Segment<'_>) -> bool {
    matches!(guess::hello(segment.payload), Guess::Hello(_))
}

impl Shared {
    fn surroundings<'a>(&'a mut self, settings: &'a Settings) -> Surroundings<'a> {
        Surroundings {
            limits: &settings.limits,
            keep_bytes: settings.keep_bytes,
            secrets_may_come: settings.secrets_may_come,
            key_log: &self.key_log,
            certificates: &mut self.certificates,
            names: &mut self.names,
            events: &mut self.events,
            plain_text: &mut self.plain_text,
            waiting_bytes: &mut self.waiting_bytes,
        }
    }
}

impl Flow {
    fn new(ends: [SocketAddr; 2], at: At, vlan: u16) -> Self {
        Self {
            ends,
            directions: Default::default(),
            stage: Stage::Guessing { heads: Default::default(), searched: [0; 2] },
            client: None,
            first: at,
            last: at,
            vlan,
            fins: [false; 2],
            reset: false,
            has_ended: false,
        }
    }

    /// Whether nothing more is to be expected: both sides closed, or one reset.
    fn is_over(&self) -> bool {
        self.reset || self.fins[0] && self.fins[1]
    }

    fn is_waiting(&self) -> bool {
        matches!(&self.stage, Stage::Tls(tls) if tls.is_waiting())
    }

    fn side_of(&self, sender: usize) -> Side {
        if self.client == Some(sender) { Side::Client } else { Side::Server }
    }

    #[inline]
    fn segment(
        &mut self,
        sender: usize,
        segment: &Segment<'_>,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        if segment.syn() {
            if !self.directions[sender].is_begun() {
                self.directions[sender].begin(segment.sequence_number);
            }
            self.client = Some(if segment.ack() { 1 - sender } else { sender });
        }
        if segment.ack() {
            self.directions[1 - sender].acknowledge(segment.acknowledgment_number);
        }
        if segment.ack()
            && !segment.payload.is_empty()
            && self.directions[1 - sender].lags_behind(segment.acknowledgment_number)
            && let Stage::Tls(tls) = &mut self.stage
        {
            // What this side says now answers bytes we have not seen: the messages are out of their order, or missing.
            tls.lose_transcript();
        }
        // A SYN may carry data (TCP Fast Open); its sequence number counts the SYN itself first.
        let sequence_number = segment.sequence_number.wrapping_add(u32::from(segment.syn()));
        if !segment.payload.is_empty() || segment.missing > 0 {
            let held_before = self.directions[sender].held_bytes();
            let offset = self.directions[sender].offset();
            let placed = self.directions[sender].place(
                sequence_number,
                segment.payload,
                segment.missing,
                at,
                &settings.limits,
            );
            if let Placed::Continues(bytes) = placed {
                self.bytes(sender, bytes, offset, at, settings, shared, connections);
            }
            if self.directions[sender].holds() || held_before > 0 {
                self.take_ready(sender, at, false, settings, shared, connections);
                let held = self.directions[sender].held_bytes();
                shared.out_of_order_bytes = (shared.out_of_order_bytes + held).saturating_sub(held_before);
                if shared.out_of_order_bytes > settings.limits.out_of_order_total {
                    self.take_ready(sender, at, true, settings, shared, connections);
                    shared.out_of_order_bytes =
                        shared.out_of_order_bytes.saturating_sub(held - self.directions[sender].held_bytes());
                }
            }
        } else if self.directions[1 - sender].holds() {
            // An acknowledgment may show that a hole will not fill.
            let held_before = self.directions[1 - sender].held_bytes();
            self.take_ready(1 - sender, at, false, settings, shared, connections);
            let filled = held_before - self.directions[1 - sender].held_bytes();
            shared.out_of_order_bytes = shared.out_of_order_bytes.saturating_sub(filled);
        }
        if segment.fin() {
            let length = segment.payload.len() as u32 + segment.missing;
            self.directions[sender].finish(sequence_number.wrapping_add(length));
        }
        if !self.fins[sender] && self.directions[sender].is_finished() {
            self.fins[sender] = true;
            self.transport_end(sender, TransportEnd::Fin, at, settings, shared);
        }
        if segment.rst() && !self.reset {
            self.reset = true;
            self.take_all(at, settings, shared, connections);
            self.transport_end(sender, TransportEnd::Reset, at, settings, shared);
        }
    }

    fn live(
        &mut self,
        sender: usize,
        what: &ChunkKind<'_>,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        match what {
            ChunkKind::Bytes(bytes) => {
                if !self.directions[sender].is_begun() {
                    self.directions[sender].begin(0);
                }
                let offset = self.directions[sender].offset();
                self.directions[sender].pass(bytes.len());
                self.bytes(sender, bytes, offset, at, settings, shared, connections);
            }
            ChunkKind::Fin if !self.fins[sender] => {
                self.fins[sender] = true;
                self.transport_end(sender, TransportEnd::Fin, at, settings, shared);
            }
            ChunkKind::Reset if !self.reset => {
                self.reset = true;
                self.transport_end(sender, TransportEnd::Reset, at, settings, shared);
            }
            ChunkKind::Fin | ChunkKind::Reset => {}
        }
    }

    /// Hands on all that was held back: nothing more comes.
    fn take_all(&mut self, at: At, settings: &Settings, shared: &mut Shared, connections: &mut u64) {
        for sender in [0, 1] {
            let held = self.directions[sender].held_bytes();
            self.take_ready(sender, at, true, settings, shared, connections);
            shared.out_of_order_bytes = shared.out_of_order_bytes.saturating_sub(held);
        }
    }

    /// Hands on what was held back and is due.
    fn take_ready(
        &mut self,
        sender: usize,
        at: At,
        force: bool,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        let mut hole_was_given_up = false;
        loop {
            let offset = self.directions[sender].offset();
            match self.directions[sender].ready(at.time, &settings.limits, force) {
                Some(Ready::Bytes(held)) => {
                    // Bytes that came early count where they are complete: Wireshark shows them in the frame that filled
                    // the hole before them. Where nothing filled it they were complete when they came.
                    let held_at = if hole_was_given_up {
                        held.at
                    } else {
                        At { frame: held.at.frame.max(at.frame), time: held.at.time.max(at.time) }
                    };
                    self.bytes(sender, &held.bytes, offset, held_at, settings, shared, connections);
                }
                Some(Ready::Gap { length, snapped }) => {
                    hole_was_given_up = true;
                    let side = self.side_of(sender);
                    match &mut self.stage {
                        Stage::Tls(tls) => {
                            tls.gap(side, length, snapped, at, &mut shared.surroundings(settings))
                        }
                        Stage::Guessing { heads, .. } => heads[sender].clear(),
                        Stage::Foreign => {}
                    }
                }
                None => return,
            }
        }
    }

    #[inline]
    #[allow(clippy::too_many_arguments)] // Where bytes go next, and what goes with them; a struct would only rename it.
    fn bytes(
        &mut self,
        sender: usize,
        bytes: &[u8],
        offset: u64,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        let side = self.side_of(sender);
        match &mut self.stage {
            Stage::Tls(tls) => tls.bytes(side, bytes, offset, at, &mut shared.surroundings(settings)),
            Stage::Guessing { .. } => self.guess(sender, bytes, offset, at, settings, shared, connections),
            Stage::Foreign => {}
        }
    }

    /// Looks whether these bytes begin TLS.
    #[allow(clippy::too_many_arguments)] // As `bytes`.
    fn guess(
        &mut self,
        sender: usize,
        bytes: &[u8],
        offset: u64,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        let from_start = self.directions[sender].start_seen();
        let limit = settings.limits.searched_for_hello;
        let Stage::Guessing { heads, searched } = &mut self.stage else { return };
        // One side may send much before the other begins TLS.
        if searched[sender] > limit {
            return;
        }
        let head = &mut heads[sender];
        let joined;
        let candidate: &[u8] = if head.is_empty() {
            bytes
        } else {
            head.extend_from_slice(bytes);
            joined = std::mem::take(head);
            &joined
        };
        let start = (offset + bytes.len() as u64).saturating_sub(candidate.len() as u64);
        match guess::hello(candidate) {
            Guess::Hello(handshake_type) => {
                let says = if handshake_type == HandshakeType::CLIENT_HELLO { sender } else { 1 - sender };
                self.client = Some(says);
                self.begin_tls(sender, candidate, start, false, at, settings, shared, connections);
            }
            Guess::NeedMore(_) if candidate.len() < bytes.len() + 16 => heads[sender] = candidate.to_vec(),
            _ if !from_start && guess::record_chain(candidate) => {
                if self.client.is_none() {
                    // Nobody was seen to call: the end with the lower port is the one that is called.
                    self.client = Some(if self.ends[0].port() < self.ends[1].port() { 1 } else { 0 });
                }
                self.begin_tls(sender, candidate, start, true, at, settings, shared, connections);
            }
            _ => {
                searched[sender] += candidate.len() as u64;
                if searched.iter().all(|searched| *searched > limit) {
                    self.stage = Stage::Foreign;
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // As `bytes`.
    fn begin_tls(
        &mut self,
        sender: usize,
        bytes: &[u8],
        offset: u64,
        late: bool,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
        connections: &mut u64,
    ) {
        *connections += 1;
        let id = ConnectionId(*connections);
        let mut tls = Box::new(TlsDissector::new(id));
        let client = self.client.unwrap_or(sender);
        let start_seen = self.directions[client].start_seen();
        let opened = Opened {
            client: self.ends[client],
            server: self.ends[1 - client],
            first_frame: self.first.frame,
            start: self.first.time,
            start_seen,
            tunnel: if self.vlan == 0 { Vec::new() } else { vec![format!("VLAN {}", self.vlan)] },
        };
        let surroundings = &mut shared.surroundings(settings);
        tls.tell(EventKind::Opened(Box::new(opened)), surroundings);
        if late {
            let kind = NoticeKind::StartMissing;
            tls.tell(EventKind::Notice(Notice { kind, frame: self.first.frame }), surroundings);
            tls.joins_late(Side::Client);
            tls.joins_late(Side::Server);
        }
        // What the other side said before may be clear text, or nothing: its records begin where they look like it.
        let (mut other_head, mut other_searched) = (Vec::new(), 0);
        if let Stage::Guessing { heads, searched } = &mut self.stage {
            other_head = std::mem::take(&mut heads[1 - sender]);
            other_searched = searched[1 - sender];
            if searched[sender] > 0 {
                let kind = NoticeKind::ClearTextBefore { side: self.side_of(sender), length: offset };
                tls.tell(EventKind::Notice(Notice { kind, frame: at.frame }), surroundings);
            }
        }
        if other_searched > 0
            || self.directions[1 - sender].is_begun() && !self.directions[1 - sender].start_seen()
        {
            tls.await_records(self.side_of(1 - sender));
        }
        tls.bytes(self.side_of(sender), bytes, offset, at, surroundings);
        if !other_head.is_empty() {
            let offset = self.directions[1 - sender].offset().saturating_sub(other_head.len() as u64);
            tls.bytes(self.side_of(1 - sender), &other_head, offset, at, surroundings);
        }
        for (ended, how) in [(self.fins[0], 0), (self.fins[1], 1)] {
            if ended {
                let side = self.side_of(how);
                let kind =
                    EventKind::TransportEnd { side, how: TransportEnd::Fin, frame: at.frame, time: at.time };
                tls.tell(kind, surroundings);
            }
        }
        self.stage = Stage::Tls(tls);
    }

    fn transport_end(
        &mut self,
        sender: usize,
        how: TransportEnd,
        at: At,
        settings: &Settings,
        shared: &mut Shared,
    ) {
        let side = self.side_of(sender);
        if let Stage::Tls(tls) = &mut self.stage {
            let kind = EventKind::TransportEnd { side, how, frame: at.frame, time: at.time };
            tls.tell(kind, &mut shared.surroundings(settings));
        }
    }

    fn close(&mut self, why: ClosedWhy, settings: &Settings, shared: &mut Shared, connections: &mut u64) {
        let at = self.last;
        self.take_all(at, settings, shared, connections);
        let Stage::Tls(tls) = &mut self.stage else { return };
        let client = self.client.unwrap_or(0);
        let surroundings = &mut shared.surroundings(settings);
        tls.finish(at, surroundings);
        let closed = Closed {
            why,
            last_frame: at.frame,
            end: at.time,
            records_untold: tls.records_untold(),
            bytes: [self.directions[client].offset(), self.directions[1 - client].offset()],
        };
        tls.tell(EventKind::Closed(closed), surroundings);
    }
}
