//! The whole way from inputs to events: packets to flows, flows to streams, streams to TLS.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::event::{ClosedWhy, Event, EventKind};
use crate::evidence::FrameNumber;
use crate::flow::{Flow, Shared, Stage, Tunnel};
use crate::flow_table::{FlowKey, FlowTable, Keyed, Place};
use crate::guess::{self, Guess};
use crate::input::{Chunk, ChunkKind, FlowId, Frame, Input, Line, Secret};
use crate::limits::Limits;
use crate::link::{self, Carried};
use crate::net::fragments::Fragments;
use crate::net::{self, Datagram, Read};
use crate::notice::{Notice, NoticeKind};
use crate::packet::{PacketReader, Tcp};
use crate::printout::Printouts;
use crate::reassembly::At;
use crate::time::Timestamp;
use crate::transport::tcp::Segment;
use crate::transport::udp;
use crate::walk::{self, Walked};

/// IANA protocol number of TCP.
const TCP: u8 = 6;
/// IANA protocol number of UDP.
const UDP: u8 = 17;

/// Frames for which a flow that ended is remembered by its addresses, behind the time in which it takes late packets.
const GONE_FRAMES: u64 = 1 << 16;
/// Flows remembered so at most.
const GONE_REMEMBERED: usize = 1 << 14;

/// A capture's clock that steps back by more than this, in nanoseconds, has been set anew.
const SET_BACK: i64 = 1_000_000_000;

/// What a run of the dissector keeps and expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Bounds on what is held.
    pub limits: Limits,
    /// Whether messages keep their bytes ([`crate::tls::message::Message::bytes`]).
    pub keep_bytes: bool,
    /// Whether secrets may come after the records they open. If so, sealed records wait for them, within the limits.
    pub secrets_may_come: bool,
    /// Whether the secrets that opened records are told ([`EventKind::SessionKeys`]).
    pub session_keys: bool,
    /// Whether every packet and every TLS record is told too ([`EventKind::Packet`], [`EventKind::Record`]).
    pub packets: bool,
    /// Which of the packets' connections are looked at: all, or one part of them.
    pub part: Part,
}

/// One of several parts of the connections in a capture, so that several threads can read it: each dissector is given
/// every frame and follows the connections of its part. What concerns the input as a whole every part tells.
///
/// With the same limits for all, the parts tell together what one dissector for all would tell, as long as no limit is
/// reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Part {
    /// Which part, from 0.
    pub index: u32,
    /// Of how many; 0 and 1 are the whole.
    pub of: u32,
}

impl Part {
    #[inline]
    fn has(self, key: &FlowKey) -> bool {
        self.of < 2 || key.spread() % self.of == self.index
    }
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
    flows: FlowTable<Flow>,
    /// The client randoms whose secrets a live end gave, to forget them with its connection.
    live_secrets: HashMap<FlowId, Vec<[u8; 32]>, RandomState>,
    /// The latest time seen of the packets.
    clock: Timestamp,
    /// Ended flows and when they are forgotten, in the order they ended.
    ended: VecDeque<(Timestamp, Place)>,
    /// Flows that ended and are forgotten, the latest of them: so long do peers send again what nobody acknowledges.
    gone: VecDeque<(FrameNumber, FlowKey)>,
    gone_keys: HashSet<FlowKey, RandomState>,
    /// Flows with records that wait for late keys.
    waiting: Vec<Place>,
    shared: Shared,
    /// Reads packets in full, where they are asked for.
    packets: PacketReader,
    unknown_link_types: Vec<u16>,
    /// What was printed line by line.
    printouts: Printouts,
    /// Pieces of IP datagrams that wait for the others.
    fragments: Fragments,
    encryption_told: bool,
    last: At,
    /// Connections still to be closed, once the input has ended.
    closing: std::vec::IntoIter<Place>,
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        Self {
            flows: FlowTable::default(),
            live_secrets: HashMap::default(),
            clock: Timestamp::default(),
            ended: VecDeque::new(),
            gone: VecDeque::new(),
            gone_keys: HashSet::default(),
            waiting: Vec::new(),
            shared: Shared::new(settings),
            packets: PacketReader::default(),
            unknown_link_types: Vec::new(),
            printouts: Printouts::default(),
            fragments: Fragments::default(),
            encryption_told: false,
            last: At { frame: None, time: Timestamp::default() },
            closing: Vec::new().into_iter(),
        }
    }

    /// A dissector for one part of the connections, with the settings of this one and the lines of key logs given to it so
    /// far, which they share: from here on neither takes more.
    pub fn part(&self, part: Part) -> Self {
        let mut other = Self::new(Settings { part, ..self.shared.settings });
        other.shared.key_log = Arc::clone(&self.shared.key_log);
        other
    }

    /// Takes one input. Behind it, [`Dissector::poll`] until nothing comes.
    #[inline]
    pub fn push(&mut self, input: Input<'_>) {
        match input {
            // What nearly all inputs are, and all that is done for them.
            Input::Frame(frame) if !self.shared.settings.packets && !self.shared.testimony.is_there() => {
                self.frame(&frame);
            }
            input => self.push_rarer(input),
        }
    }

    #[inline(never)]
    fn push_rarer(&mut self, input: Input<'_>) {
        match input {
            Input::Frame(frame) if self.shared.testimony.is_there() => {
                self.shared.testimony.stands_with(frame.number);
                match self.shared.settings.packets {
                    true => self.packet(&frame),
                    false => self.frame(&frame),
                }
                self.shared.testimony.forget();
            }
            Input::Frame(frame) if self.shared.settings.packets => self.packet(&frame),
            Input::Frame(frame) => self.frame(&frame),
            Input::Comment(text) => self.shared.testimony.add(text),
            Input::Chunk(chunk) => self.chunk(&chunk),
            Input::Secret(secret) => self.secret(&secret),
            Input::Line(line) => self.line(&line),
            Input::RsaKey(key) => {
                if !self.shared.rsa_keys.add(key.der) {
                    self.notice(NoticeKind::RsaKeyUnusable, self.last.frame);
                }
            }
            Input::Notice(text) => self.notice(NoticeKind::Source(text.to_owned()), self.last.frame),
            // Another clock than the packets' may be behind them, and then says nothing.
            Input::Now(time) if time >= self.clock => {
                self.forget_ended(At { time, ..self.last });
                self.let_go_of_silent();
            }
            Input::Now(_) => {}
        }
    }

    /// The next event, if there is one.
    #[inline]
    pub fn poll(&mut self) -> Option<Event> {
        if self.shared.events.is_empty() && self.closing.len() > 0 {
            return self.poll_closing();
        }
        self.shared.events.pop_front()
    }

    /// Whether [`Dissector::poll`] would give an event. Most packets bring none, and are done with by asking this.
    #[inline]
    pub fn has_events(&self) -> bool {
        !self.shared.events.is_empty() || self.closing.len() > 0
    }

    /// The input has ended: every connection is closed, one after the other, as [`Dissector::poll`] is called until
    /// nothing comes.
    pub fn finish(&mut self) {
        let mut events = Vec::new();
        self.printouts.finish(self.last, &mut self.shared.connections, &mut events);
        self.shared.events.extend(events);
        self.fragments.finish();
        self.tell_fragments();
        let ill_formed = self.shared.key_log.lines_ill_formed();
        if ill_formed > 0 {
            self.notice(NoticeKind::KeyLogLines { ill_formed }, None);
        }
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

    /// How many TCP connections are followed now. Never more than [`Limits::flows`].
    pub fn flows(&self) -> usize {
        self.flows.len()
    }

    /// Bytes held for all connections together: segments out of order, IP fragments, talks in clear, and records that
    /// wait for late keys. Never more than [`Limits::out_of_order_total`], [`Limits::fragments_total`],
    /// [`Limits::talks_total`] and [`Limits::waiting_total`], and none once all is polled behind [`Dissector::finish`].
    pub fn held_bytes(&self) -> usize {
        self.shared.out_of_order_bytes
            + self.fragments.held_bytes()
            + self.shared.talk_bytes
            + self.shared.waiting_bytes
    }

    /// Takes a frame, and tells its packet before what else it brings.
    #[cold]
    fn packet(&mut self, frame: &Frame<'_>) {
        let (mut packet, ends) = self.packets.read(frame, &self.shared.settings.limits);
        let before = self.shared.events.len();
        let bytes_before = ends.and_then(|(key, sender)| self.flow_between(&key)?.offset_of(sender));
        self.frame(frame);
        if let Some((key, sender)) = ends
            && let Some(flow) = self.flow_between(&key)
            && let Stage::Tls(tls) = &flow.stage
        {
            packet.connection = Some(tls.id());
            if flow.offset_of(sender) > bytes_before {
                let payload = packet.tcp().map_or(0, |tcp| tcp.payload.len());
                packet.unfinished = flow.unfinished(sender).min(payload) as u32;
            }
        }
        if let Some((key, sender)) = ends
            && let Some(tcp) = packet.tcp().map(|tcp| (tcp.sequence_number, tcp.has(Tcp::SYN)))
            && let Some(flow) = self.flow_between(&key)
        {
            let (sequence_number, syn) = tcp;
            packet.stream_offset =
                flow.directions[sender].offset_at(sequence_number.wrapping_add(u32::from(syn)));
        }
        let kind = EventKind::Packet(Box::new(packet));
        self.shared.events.insert(before, Event { connection: None, kind });
    }

    fn flow_between(&mut self, key: &FlowKey) -> Option<&Flow> {
        let place = self.flows.find(key)?;
        self.flows.get_if(place).map(|flow| &*flow)
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        let at = At { frame: Some(frame.number), time: frame.time };
        self.last = at;
        self.forget_ended(at);
        let (packet, vlan) = match link::carried(frame.link_type, frame.bytes) {
            Carried::Ip { packet, vlan } => (packet, vlan),
            Carried::Nothing => return,
            Carried::More => return self.walk(frame),
        };
        match net::read(packet) {
            Read::Whole(datagram) if datagram.protocol == TCP => {
                self.tcp(&datagram, at, || Tunnel::Vlan(vlan));
            }
            Read::Whole(datagram) if datagram.protocol == UDP && udp::tunnel(datagram.payload).is_none() => {}
            Read::Nothing => {}
            _ => self.walk(frame),
        }
    }

    /// The slow way: tunnels, fragments, and what else is not IP at once.
    #[cold]
    fn walk(&mut self, frame: &Frame<'_>) {
        let at = self.last;
        let mut fragments = std::mem::take(&mut self.fragments);
        let limits = self.shared.settings.limits;
        let walked = walk::walk(frame, &mut fragments, &limits, &mut |datagram, layers| {
            if datagram.protocol == TCP {
                self.tcp(datagram, at, || Tunnel::Layers(walk::tunnels(layers).into()));
            }
        });
        self.fragments = fragments;
        match walked {
            Walked::Done => {}
            Walked::UnknownLinkType => self.unknown_link_type(frame),
            Walked::Encrypted => {
                if !std::mem::replace(&mut self.encryption_told, true) {
                    self.notice(NoticeKind::EncryptedWifi, at.frame);
                }
            }
        }
        self.tell_fragments();
    }

    fn tell_fragments(&mut self) {
        let notices = self
            .fragments
            .notices()
            .map(|notice| Event { connection: None, kind: EventKind::Notice(Box::new(notice)) });
        self.shared.events.extend(notices);
    }

    /// A datagram of TCP, and what it travelled in, which is asked for only where it opens a connection.
    #[inline]
    fn tcp(&mut self, datagram: &Datagram<'_>, at: At, tunnel: impl Fn() -> Tunnel) {
        let Some(segment) = Segment::read(datagram) else { return };
        let (key, sender) = FlowKey::of(
            (datagram.source, segment.source_port),
            (datagram.destination, segment.destination_port),
        );
        if !self.shared.settings.part.has(&key) {
            return;
        }
        let place = match self.flows.find(&key) {
            Some(place) if segment.syn() && self.is_new_connection(place, sender, &segment) => {
                self.close(place, ClosedWhy::PortsReused);
                self.open(key, at, tunnel())
            }
            Some(place) => place,
            // A stray acknowledgment or reset opens nothing: a flood of them costs no memory.
            None if segment.payload.is_empty() && segment.missing == 0 && !segment.syn() => return,
            // What a connection that is over sends again is no new one, unless it begins like one.
            None if !segment.syn() && self.gone_keys.contains(&key) && !begins_with_hello(&segment) => return,
            None => self.open(key, at, tunnel()),
        };
        let Some(flow) = self.flows.get_if(place) else { return };
        flow.last = at;
        // Where no secrets may come nothing waits, and what holds the answer need not be touched by every packet.
        let may_wait = self.shared.settings.secrets_may_come;
        let waited = may_wait && flow.is_waiting();
        flow.segment(sender, &segment, at, &mut self.shared);
        if may_wait && !waited && flow.is_waiting() {
            self.waiting.push(place);
        }
        if flow.is_over() && !flow.has_ended {
            flow.has_ended = true;
            self.ended.push_back((self.clock.plus_nanoseconds(self.shared.settings.limits.linger), place));
        }
    }

    /// Whether a SYN begins another connection between the ends of one that is known.
    fn is_new_connection(&mut self, place: Place, sender: usize, segment: &Segment<'_>) -> bool {
        let Some(flow) = self.flows.get_if(place) else { return false };
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

    fn open(&mut self, key: FlowKey, at: At, tunnel: Tunnel) -> Place {
        if self.flows.len() >= self.shared.settings.limits.flows
            && let Some(eldest) = self.flows.eldest_of_some(|flow| at.time - flow.last.time)
        {
            self.close(eldest, ClosedWhy::LetGo);
        }
        self.flows.insert(Flow::new(key, at, tunnel))
    }

    fn close(&mut self, place: Place, why: ClosedWhy) {
        if let Some(mut flow) = self.flows.remove(place) {
            flow.close(why, &mut self.shared);
        }
    }

    /// Forgets connections that ended long enough ago that nothing more is to be expected of them. Those that one frame
    /// makes it forget go in the order in which they began.
    ///
    /// The clock runs by all packets and never back, so that each part of the connections forgets at the same frames.
    #[inline]
    fn forget_ended(&mut self, at: At) {
        let is_set_back = self.clock - at.time > SET_BACK;
        if is_set_back || at.time > self.clock {
            self.clock = at.time;
        }
        if self.ended.front().is_some_and(|(deadline, _)| is_set_back || *deadline <= self.clock) {
            self.forget_due(is_set_back, at);
        }
    }

    /// Lets go of connections that have been silent for long: a few are looked at each time, so that it costs nothing.
    fn let_go_of_silent(&mut self) {
        const LOOKED_AT: usize = 1024;
        let (now, limits) = (self.clock, self.shared.settings.limits);
        let silent = self.flows.some_of_next(LOOKED_AT, |flow| {
            let limit = match (flow.has_failed(), flow.is_half_closed()) {
                (true, _) => limits.silence_failed,
                (false, true) => limits.silence_half_closed,
                (false, false) => limits.silence,
            };
            now - flow.last.time > limit
        });
        for place in silent {
            // One side has done with it: what may come is a late word, and no connection of its own.
            if let Some(flow) = self.flows.get_if(place)
                && (flow.has_failed() || flow.is_half_closed())
            {
                let key = *flow.key();
                self.remember_gone(key, self.last.frame);
            }
            self.close(place, ClosedWhy::Silent);
        }
    }

    #[cold]
    fn forget_due(&mut self, all: bool, at: At) {
        let mut due = Vec::new();
        while let Some((deadline, place)) = self.ended.front().copied() {
            if !all && deadline > self.clock {
                break;
            }
            self.ended.pop_front();
            if let Some(flow) = self.flows.get_if(place) {
                let key = *flow.key();
                due.push((flow.first.frame, place));
                self.remember_gone(key, at.frame);
            }
        }
        due.sort_by_key(|(first_frame, _)| *first_frame);
        for (_, place) in due {
            self.close(place, ClosedWhy::Ended);
        }
    }

    fn remember_gone(&mut self, key: FlowKey, now: Option<FrameNumber>) {
        let Some(now) = now else { return };
        while let Some((frame, eldest)) = self.gone.front()
            && frame.get().saturating_add(GONE_FRAMES) < now.get()
        {
            self.gone_keys.remove(eldest);
            self.gone.pop_front();
        }
        if !self.gone_keys.insert(key) {
            return;
        }
        self.gone.push_back((now, key));
        if self.gone.len() > GONE_REMEMBERED
            && let Some((_, eldest)) = self.gone.pop_front()
        {
            self.gone_keys.remove(&eldest);
        }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        let at = At { frame: None, time: chunk.time };
        self.last = at;
        let ends = [chunk.client, chunk.server];
        // The flow's number stands in for addresses, which two taps may share.
        let number = std::net::IpAddr::V6(std::net::Ipv6Addr::from(u128::from(chunk.flow.0) << 64));
        let (key, _) = FlowKey::of((number, 0), (number, 1));
        let place = match self.flows.find(&key) {
            Some(place) => place,
            None => self.flows.insert(Flow::live_between(key, ends, at)),
        };
        let Some(flow) = self.flows.get_if(place) else { return };
        flow.last = at;
        let sender = chunk.side.index();
        let waited = flow.is_waiting();
        flow.live(sender, &chunk.what, at, &mut self.shared);
        if !waited && flow.is_waiting() {
            self.waiting.push(place);
        }
        // Both sides may be done while the end at the one still has something to say of it: only its last word closes.
        if matches!(chunk.what, ChunkKind::End) {
            self.close(place, ClosedWhy::Ended);
            for client_random in self.live_secrets.remove(&chunk.flow).unwrap_or_default() {
                if let Some(key_log) = Arc::get_mut(&mut self.shared.key_log) {
                    key_log.forget(&client_random);
                }
            }
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        self.last = At { frame: None, time: line.time };
        let mut events = Vec::new();
        self.printouts.line(line.text, self.last, &mut self.shared.connections, &mut events);
        self.shared.events.extend(events);
    }

    fn secret(&mut self, secret: &Secret<'_>) {
        // Secrets that are shared with the dissectors of other parts are read by all at once, and stay as they are.
        let Some(key_log) = Arc::get_mut(&mut self.shared.key_log) else { return };
        let added = key_log.add(secret.lines, secret.origin);
        if let Some(flow) = secret.flow {
            self.live_secrets.entry(flow).or_default().extend(&added.client_randoms);
        }
        if self.waiting.is_empty() || added.client_randoms.is_empty() {
            return;
        }
        for place in std::mem::take(&mut self.waiting) {
            let Some(flow) = self.flows.get_if(place) else { continue };
            let Stage::Tls(tls) = &mut flow.stage else { continue };
            if tls.client_random().is_some_and(|random| added.client_randoms.contains(random)) {
                tls.wake(&mut self.shared.surroundings());
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
        let kind = EventKind::Notice(Box::new(Notice { kind, frame }));
        self.shared.events.push_back(Event { connection: None, kind });
    }
}

fn begins_with_hello(segment: &Segment<'_>) -> bool {
    matches!(guess::hello(segment.payload), Guess::Hello(_) | Guess::Ssl2Hello)
}
