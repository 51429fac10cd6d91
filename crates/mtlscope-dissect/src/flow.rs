//! One TCP connection while it is followed: its two directions, and how far it is understood.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::decrypt::{KeyLog, RsaKeys, Sessions};
use crate::dissector::Settings;
use crate::event::{Closed, ClosedWhy, ConnectionId, Event, EventKind, Opened, TransportEnd};
use crate::evidence::Evidence;
use crate::flow_table::{FlowKey, Keyed};
use crate::guess::{self, Guess};
use crate::input::ChunkKind;
use crate::notice::{Notice, NoticeKind};
use crate::preamble::{self, PreambleProtocol, PreambleResult, Talk, tds};
use crate::reassembly::{At, Direction, Placed, Ready};
use crate::side::Side;
use crate::testimony::Testimony;
use crate::tls::dissector::{Surroundings, TlsDissector};
use crate::tls::registry::HandshakeType;
use crate::transport::tcp::Segment;
use crate::turned_away::{TurnedAway, turned_away};
use crate::x509::{CertificateCache, NameCache};

/// One TCP connection.
#[derive(Debug)]
pub(crate) struct Flow {
    key: FlowKey,
    /// By sender: the lower end, the higher end.
    pub(crate) directions: [Direction; 2],
    pub(crate) stage: Stage,
    /// Which end is the client, once that is known: a byte, since two more would cost sixteen.
    client: Option<u8>,
    /// The first packet seen of it.
    pub(crate) first: At,
    /// The last one.
    pub(crate) last: At,
    /// The one VLAN that the first packet travelled in, or 0.
    vlan: u16,
    besides: Option<Box<Besides>>,
    /// Which ends closed or reset.
    fins: [bool; 2],
    reset: bool,
    /// Whether it is known to be over and waits only for late packets.
    pub(crate) has_ended: bool,
}

impl Keyed for Flow {
    #[inline]
    fn key(&self) -> &FlowKey {
        &self.key
    }
}

/// What few flows have.
#[derive(Debug, Default)]
struct Besides {
    /// The ends of a live connection, whose key is a number; those of another are its key.
    live_ends: Option<[SocketAddr; 2]>,
    /// What the first packet travelled in, if that is more than one VLAN.
    layers: Box<[String]>,
}

/// What the first packet of a flow travelled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tunnel {
    /// One VLAN, or 0 for none: what most packets have, and what costs nothing to note.
    Vlan(u16),
    /// More than that, outermost first, in words.
    Layers(Box<[String]>),
}

/// How far a flow is understood.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Not yet; with what was said so far, once anything was.
    Guessing(Option<Box<Guessing>>),
    /// It is TLS.
    Tls(Box<TlsDissector>),
    /// It is something else.
    Foreign,
}

/// What is known of a flow before it is understood.
#[derive(Debug, Default)]
pub(crate) struct Guessing {
    /// The first bytes of each side, as far as they might begin a hello.
    heads: [Vec<u8>; 2],
    /// How many bytes were searched.
    searched: [u64; 2],
    /// What was said, where that may lead to TLS.
    talk: Option<Box<Talk>>,
}

impl Flow {
    pub(crate) fn new(key: FlowKey, at: At, tunnel: Tunnel) -> Self {
        let (vlan, besides) = match tunnel {
            Tunnel::Vlan(vlan) => (vlan, None),
            Tunnel::Layers(layers) => (0, Some(Box::new(Besides { layers, live_ends: None }))),
        };
        Self {
            key,
            directions: Default::default(),
            stage: Stage::Guessing(None),
            client: None,
            first: at,
            last: at,
            vlan,
            besides,
            fins: [false; 2],
            reset: false,
            has_ended: false,
        }
    }

    /// A connection of a live end, client first.
    pub(crate) fn live_between(key: FlowKey, ends: [SocketAddr; 2], at: At) -> Self {
        let besides = Besides { live_ends: Some(ends), ..Besides::default() };
        let mut flow = Self::new(key, at, Tunnel::Vlan(0));
        flow.besides = Some(Box::new(besides));
        flow.set_client(Side::Client.index());
        flow
    }

    fn ends(&self) -> [SocketAddr; 2] {
        let live_ends = self.besides.as_ref().and_then(|besides| besides.live_ends);
        live_ends.unwrap_or_else(|| self.key.ends())
    }

    /// What the first packet travelled in, outermost first, in words.
    fn tunnel(&self) -> Vec<String> {
        match &self.besides {
            Some(besides) if !besides.layers.is_empty() => besides.layers.to_vec(),
            _ if self.vlan > 0 => vec![format!("VLAN {}", self.vlan)],
            _ => Vec::new(),
        }
    }

    fn client(&self) -> Option<usize> {
        self.client.map(usize::from)
    }

    fn set_client(&mut self, end: usize) {
        self.client = Some(end as u8);
    }

    /// Whether nothing more is to be expected: both sides closed, or one reset.
    pub(crate) fn is_over(&self) -> bool {
        self.reset || self.fins[0] && self.fins[1]
    }

    /// Whether one side has closed, and the other not.
    pub(crate) fn is_half_closed(&self) -> bool {
        self.fins[0] != self.fins[1]
    }

    /// Whether one side has told the other that it goes no further.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(&self.stage, Stage::Tls(tls) if tls.has_failed())
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(&self.stage, Stage::Tls(tls) if tls.is_waiting())
    }

    /// How many bytes of a sender were handed on, once any were to come.
    pub(crate) fn offset_of(&self, sender: usize) -> Option<u64> {
        let direction = &self.directions[sender];
        direction.is_begun().then(|| direction.offset())
    }

    /// How many bytes of a sender begin a record that has not ended.
    pub(crate) fn unfinished(&self, sender: usize) -> usize {
        match &self.stage {
            Stage::Tls(tls) => tls.unfinished(self.side_of(sender)),
            Stage::Guessing(_) | Stage::Foreign => 0,
        }
    }

    fn side_of(&self, sender: usize) -> Side {
        if self.client() == Some(sender) { Side::Client } else { Side::Server }
    }

    #[inline]
    pub(crate) fn segment(&mut self, sender: usize, segment: &Segment<'_>, at: At, shared: &mut Shared) {
        if segment.syn() {
            if !self.directions[sender].is_begun() {
                self.directions[sender].begin(segment.sequence_number);
            }
            self.set_client(if segment.ack() { 1 - sender } else { sender });
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
                &shared.settings.limits,
            );
            match placed {
                Placed::Continues(bytes) => self.bytes(sender, bytes, offset, at, shared),
                Placed::Early | Placed::Old => self.tell_copies_that_differ(sender, at, shared),
            }
            if self.directions[sender].holds() || held_before > 0 {
                self.take_ready(sender, at, false, shared);
                let held = self.directions[sender].held_bytes();
                shared.out_of_order_bytes = (shared.out_of_order_bytes + held).saturating_sub(held_before);
                if shared.out_of_order_bytes > shared.settings.limits.out_of_order_total {
                    self.take_ready(sender, at, true, shared);
                    shared.out_of_order_bytes =
                        shared.out_of_order_bytes.saturating_sub(held - self.directions[sender].held_bytes());
                }
            }
            if shared.testimony.is_there() {
                self.testify(sender, segment.missing > 0, at, shared);
            }
        } else if self.directions[1 - sender].holds() {
            // An acknowledgment may show that a hole will not fill.
            let held_before = self.directions[1 - sender].held_bytes();
            self.take_ready(1 - sender, at, false, shared);
            let filled = held_before - self.directions[1 - sender].held_bytes();
            shared.out_of_order_bytes = shared.out_of_order_bytes.saturating_sub(filled);
        }
        if segment.fin() {
            let length = segment.payload.len() as u32 + segment.missing;
            self.directions[sender].finish(sequence_number.wrapping_add(length));
        }
        if !self.fins[sender] && self.directions[sender].is_finished() {
            self.fins[sender] = true;
            self.transport_end(sender, TransportEnd::Fin, at, shared);
        }
        if segment.rst() && !self.reset {
            self.reset = true;
            self.take_all(at, shared);
            self.transport_end(sender, TransportEnd::Reset, at, shared);
        }
    }

    /// Hands on what the comment of this packet says, where that was not told in place of a record. Of what a side sent it is
    /// heard only where the capture cut the packet.
    #[cold]
    fn testify(&mut self, sender: usize, is_cut: bool, at: At, shared: &mut Shared) {
        let side = self.side_of(sender);
        let offset = self.directions[sender].offset();
        let Stage::Tls(tls) = &mut self.stage else { return };
        let surroundings = &mut shared.surroundings();
        if is_cut && surroundings.testimony.speaks_of(side, at.frame) {
            let evidence =
                Evidence { first_frame: at.frame, frame: at.frame, time: at.time, side, offset, length: 0 };
            tls.attest(side, &evidence, at, surroundings);
        }
        for (side, text) in surroundings.testimony.give_words() {
            tls.tell(EventKind::Said { side, time: at.time, text }, surroundings);
        }
    }

    /// Says that bytes came twice and were not the same.
    fn tell_copies_that_differ(&mut self, sender: usize, at: At, shared: &mut Shared) {
        let side = self.side_of(sender);
        if let Stage::Tls(tls) = &mut self.stage
            && let Some(first) = self.directions[sender].take_copy_differed(at)
        {
            tls.notice(NoticeKind::CopiesDiffer { side, first }, at, &mut shared.surroundings());
        }
    }

    pub(crate) fn live(&mut self, sender: usize, what: &ChunkKind<'_>, at: At, shared: &mut Shared) {
        match what {
            ChunkKind::Bytes(bytes) => {
                if !self.directions[sender].is_begun() {
                    self.directions[sender].begin(0);
                }
                let offset = self.directions[sender].offset();
                self.directions[sender].pass(bytes.len() as u64);
                self.bytes(sender, bytes, offset, at, shared);
            }
            ChunkKind::Missing(length) => {
                if !self.directions[sender].is_begun() {
                    self.directions[sender].begin(0);
                }
                self.directions[sender].pass(*length);
                self.gap(sender, *length, false, at, shared);
            }
            ChunkKind::Fin if !self.fins[sender] => {
                self.fins[sender] = true;
                self.transport_end(sender, TransportEnd::Fin, at, shared);
            }
            ChunkKind::Reset if !self.reset => {
                self.reset = true;
                self.transport_end(sender, TransportEnd::Reset, at, shared);
            }
            ChunkKind::Said(text) => {
                let side = self.side_of(sender);
                if let Stage::Tls(tls) = &mut self.stage {
                    let kind = EventKind::Said { side, time: at.time, text: (*text).to_owned() };
                    tls.tell(kind, &mut shared.surroundings());
                }
            }
            ChunkKind::Fin | ChunkKind::Reset | ChunkKind::End => {}
        }
    }

    /// Bytes of a sender are not there, and will not come.
    fn gap(&mut self, sender: usize, length: u64, snapped: bool, at: At, shared: &mut Shared) {
        let side = self.side_of(sender);
        match &mut self.stage {
            Stage::Tls(tls) => tls.gap(side, length, snapped, at, &mut shared.surroundings()),
            Stage::Guessing(Some(guessing)) => guessing.heads[sender].clear(),
            Stage::Guessing(None) | Stage::Foreign => {}
        }
    }

    /// Hands on all that was held back: nothing more comes.
    fn take_all(&mut self, at: At, shared: &mut Shared) {
        for sender in [0, 1] {
            let held = self.directions[sender].held_bytes();
            self.take_ready(sender, at, true, shared);
            shared.out_of_order_bytes = shared.out_of_order_bytes.saturating_sub(held);
        }
    }

    /// Hands on what was held back and is due.
    fn take_ready(&mut self, sender: usize, at: At, force: bool, shared: &mut Shared) {
        let mut hole_was_given_up = false;
        loop {
            let offset = self.directions[sender].offset();
            match self.directions[sender].ready(at.time, &shared.settings.limits, force) {
                Some(Ready::Bytes(held)) => {
                    // Bytes that came early count where they are complete: Wireshark shows them in the frame that filled
                    // the hole before them. Where nothing filled it they were complete when they came.
                    let held_at = if hole_was_given_up {
                        held.at
                    } else {
                        At { frame: held.at.frame.max(at.frame), time: held.at.time.max(at.time) }
                    };
                    self.bytes(sender, &held.bytes, offset, held_at, shared);
                }
                Some(Ready::Gap { length, snapped }) => {
                    hole_was_given_up = true;
                    self.gap(sender, length, snapped, at, shared);
                }
                None => return,
            }
        }
    }

    #[inline]
    fn bytes(&mut self, sender: usize, bytes: &[u8], offset: u64, at: At, shared: &mut Shared) {
        let side = self.side_of(sender);
        match &mut self.stage {
            Stage::Tls(tls) => tls.bytes(side, bytes, offset, at, &mut shared.surroundings()),
            Stage::Guessing(_) => self.guess(sender, bytes, offset, at, shared),
            Stage::Foreign => {}
        }
    }

    /// Looks whether these bytes begin TLS.
    fn guess(&mut self, sender: usize, bytes: &[u8], offset: u64, at: At, shared: &mut Shared) {
        let from_start = self.directions[sender].start_seen();
        let limit = shared.settings.limits.searched_for_hello;
        let client = self.client();
        let Stage::Guessing(guessing) = &mut self.stage else { return };
        let Guessing { heads, searched, talk } = &mut **guessing.get_or_insert_default();
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
        let mut start = (offset + bytes.len() as u64).saturating_sub(candidate.len() as u64);
        let mut candidate = candidate;
        if let Some(length) = preamble::ahead_of_hello(candidate, start == 0)
            && let Some((ahead, rest)) = candidate.split_at_checked(length)
            && matches!(guess::hello(rest), Guess::Hello(_) | Guess::NeedMore(_))
        {
            keep_talk(talk, *searched == [0; 2], sender, ahead, start, at, shared);
            searched[sender] += length as u64;
            start += length as u64;
            candidate = rest;
        }
        if let Some(Guess::Hello(_)) = tds::content(candidate).map(guess::hello) {
            self.set_client(sender);
            self.begin_tls(sender, candidate, start, Beginning::InTds, at, shared);
            return;
        }
        match guess::hello(candidate) {
            Guess::Ssl2Hello => {
                self.set_client(sender);
                self.begin_tls(sender, candidate, start, Beginning::Hello, at, shared);
            }
            Guess::Hello(handshake_type) => {
                let says = if handshake_type == HandshakeType::CLIENT_HELLO { sender } else { 1 - sender };
                self.set_client(says);
                self.begin_tls(sender, candidate, start, Beginning::Hello, at, shared);
            }
            // Only the first answer to a client that did not begin TLS is looked at.
            Guess::No
                if searched[sender] == 0
                    && searched[1 - sender] > 0
                    && talk.is_none()
                    && from_start
                    && client != Some(sender)
                    && let away = turned_away(candidate)
                    && away != TurnedAway::No =>
            {
                match away {
                    TurnedAway::NeedMore => heads[sender] = candidate.to_vec(),
                    _ => self.begin_without_tls(sender, candidate, start, at, shared),
                }
            }
            Guess::NeedMore(_) if candidate.len() < bytes.len() + 16 => heads[sender] = candidate.to_vec(),
            _ if !from_start && guess::record_chain(candidate) => {
                if client.is_none() {
                    // Nobody was seen to call: the end with the lower port is the one that is called.
                    let [low, high] = self.ends();
                    self.set_client(if low.port() < high.port() { 1 } else { 0 });
                }
                self.begin_tls(sender, candidate, start, Beginning::Late, at, shared);
            }
            _ => {
                keep_talk(talk, *searched == [0; 2], sender, candidate, start, at, shared);
                searched[sender] += candidate.len() as u64;
                if searched.iter().all(|searched| *searched > limit) {
                    self.forget_talk(shared);
                    self.stage = Stage::Foreign;
                }
            }
        }
    }

    /// Takes what was said in clear out of the stage.
    fn forget_talk(&mut self, shared: &mut Shared) -> Option<Box<Talk>> {
        let Stage::Guessing(Some(guessing)) = &mut self.stage else { return None };
        let talk = guessing.talk.take()?;
        shared.talk_bytes = shared.talk_bytes.saturating_sub(talk.held_bytes());
        Some(talk)
    }

    /// A talk that was to lead to TLS ends without: says what came of it.
    fn tell_talk_without_tls(&mut self, shared: &mut Shared) {
        let (Some(talk), Some(client)) = (self.forget_talk(shared), self.client()) else { return };
        let Some(preamble) = preamble::read(&talk, client).pop() else { return };
        let goes_through = matches!(
            preamble.protocol,
            PreambleProtocol::HttpConnect
                | PreambleProtocol::Socks4
                | PreambleProtocol::Socks5
                | PreambleProtocol::ProxyProtocol1
                | PreambleProtocol::ProxyProtocol2
        );
        // A way through is used for much else than TLS.
        if goes_through && preamble.result != PreambleResult::Refused || shared.talks_told >= TALKS_TOLD {
            return;
        }
        shared.talks_told += 1;
        let Some(last) = preamble.steps.last() else { return };
        let kind = NoticeKind::NoTlsCame {
            protocol: preamble.protocol,
            client: self.ends()[client],
            server: self.ends()[1 - client],
            result: preamble.result,
            words: last.text.clone(),
        };
        let kind = EventKind::Notice(Box::new(Notice::at(kind, &last.evidence)));
        shared.events.push_back(Event { connection: None, kind });
    }

    /// Counts the connection, and tells that it was opened.
    fn open_tls(&mut self, client: usize, shared: &mut Shared) -> Box<TlsDissector> {
        shared.connections += 1;
        let mut tls = Box::new(TlsDissector::new(ConnectionId(shared.connections)));
        let ends = self.ends();
        let opened = Opened {
            client: ends[client],
            server: ends[1 - client],
            first_frame: self.first.frame,
            start: self.first.time,
            start_seen: self.directions[client].start_seen(),
            tunnel: self.tunnel(),
        };
        tls.tell(EventKind::Opened(Box::new(opened)), &mut shared.surroundings());
        tls
    }

    fn begin_tls(
        &mut self,
        sender: usize,
        bytes: &[u8],
        offset: u64,
        beginning: Beginning,
        at: At,
        shared: &mut Shared,
    ) {
        let client = self.client().unwrap_or(sender);
        let mut tls = self.open_tls(client, shared);
        let talk = self.forget_talk(shared);
        let surroundings = &mut shared.surroundings();
        let preambles = talk.map(|talk| preamble::read(&talk, client)).unwrap_or_default();
        let is_explained = !preambles.is_empty();
        for preamble in preambles {
            tls.tell(EventKind::Preamble(Box::new(preamble)), surroundings);
        }
        if beginning == Beginning::InTds {
            tls.unwrap_tds();
        }
        if beginning == Beginning::Late {
            let kind = NoticeKind::StartMissing;
            tls.tell(EventKind::Notice(Box::new(Notice { kind, frame: self.first.frame })), surroundings);
            tls.joins_late(Side::Client);
            tls.joins_late(Side::Server);
        }
        // What the other side said before may be clear text, or nothing: its records begin where they look like it.
        let (mut other_head, mut other_searched) = (Vec::new(), 0);
        if let Stage::Guessing(Some(guessing)) = &mut self.stage {
            let Guessing { heads, searched, .. } = &mut **guessing;
            other_head = std::mem::take(&mut heads[1 - sender]);
            other_searched = searched[1 - sender];
            if searched[sender] > 0 && !is_explained {
                let kind = NoticeKind::ClearTextBefore { side: self.side_of(sender), length: offset };
                tls.tell(EventKind::Notice(Box::new(Notice { kind, frame: at.frame })), surroundings);
            }
        }
        if other_searched > 0
            || self.directions[1 - sender].is_begun() && !self.directions[1 - sender].start_seen()
        {
            tls.await_records(self.side_of(1 - sender));
        }
        if sender == client && beginning == Beginning::Hello && guess::hello(bytes) == Guess::Ssl2Hello {
            tls.await_ssl2_hello(at, offset);
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

    /// Tells of a connection without TLS, in which the server says that it wants TLS.
    #[cold]
    fn begin_without_tls(&mut self, server: usize, answer: &[u8], offset: u64, at: At, shared: &mut Shared) {
        let client = 1 - server;
        self.set_client(client);
        let length = self.directions[client].offset();
        let mut tls = self.open_tls(client, shared);
        let surroundings = &mut shared.surroundings();
        tls.tell_answer_in_clear(length, answer, offset, at, surroundings);
        self.stage = Stage::Tls(tls);
    }

    fn transport_end(&mut self, sender: usize, how: TransportEnd, at: At, shared: &mut Shared) {
        let side = self.side_of(sender);
        if let Stage::Tls(tls) = &mut self.stage {
            let kind = EventKind::TransportEnd { side, how, frame: at.frame, time: at.time };
            tls.tell(kind, &mut shared.surroundings());
        }
    }

    pub(crate) fn close(&mut self, why: ClosedWhy, shared: &mut Shared) {
        let at = self.last;
        self.take_all(at, shared);
        let client = self.client().unwrap_or(0);
        let Stage::Tls(tls) = &mut self.stage else { return self.tell_talk_without_tls(shared) };
        let surroundings = &mut shared.surroundings();
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

/// How TLS was recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Beginning {
    /// By a hello.
    Hello,
    /// By a hello inside a packet of TDS.
    InTds,
    /// By a chain of records, in the middle of the connection.
    Late,
}

/// Talks that were to lead to TLS and did not are told so often.
const TALKS_TOLD: u32 = 32;

/// Keeps what was said, if it may lead to TLS: which its first bytes must promise.
fn keep_talk(
    talk: &mut Option<Box<Talk>>,
    is_first: bool,
    sender: usize,
    bytes: &[u8],
    offset: u64,
    at: At,
    shared: &mut Shared,
) {
    if is_first && preamble::may_begin(bytes) {
        *talk = Some(Box::default());
    }
    let Some(kept) = talk else { return };
    let before = kept.held_bytes();
    let is_kept = kept.add(sender, bytes, offset, at);
    shared.talk_bytes = (shared.talk_bytes + kept.held_bytes()).saturating_sub(before);
    if !is_kept || shared.talk_bytes > shared.settings.limits.talks_total {
        shared.talk_bytes = shared.talk_bytes.saturating_sub(kept.held_bytes());
        *talk = None;
    }
}

/// What the flows use in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) key_log: Arc<KeyLog>,
    pub(crate) rsa_keys: RsaKeys,
    pub(crate) sessions: Sessions,
    pub(crate) certificates: CertificateCache,
    pub(crate) names: NameCache,
    pub(crate) events: VecDeque<Event>,
    pub(crate) plain_text: Vec<u8>,
    /// What the comment of the frame at hand says.
    pub(crate) testimony: Testimony,
    pub(crate) waiting_bytes: usize,
    pub(crate) out_of_order_bytes: usize,
    /// Bytes of talks in clear.
    pub(crate) talk_bytes: usize,
    /// Talks without TLS that were told.
    talks_told: u32,
    /// How many connections were told of so far.
    pub(crate) connections: u64,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            key_log: Arc::new(KeyLog::new()),
            rsa_keys: RsaKeys::default(),
            sessions: Sessions::default(),
            certificates: CertificateCache::new(settings.limits.certificates),
            names: NameCache::new(settings.limits.certificates),
            events: VecDeque::new(),
            plain_text: Vec::new(),
            testimony: Testimony::default(),
            waiting_bytes: 0,
            out_of_order_bytes: 0,
            talk_bytes: 0,
            talks_told: 0,
            connections: 0,
        }
    }

    pub(crate) fn surroundings(&mut self) -> Surroundings<'_> {
        Surroundings {
            limits: &self.settings.limits,
            keep_bytes: self.settings.keep_bytes,
            secrets_may_come: self.settings.secrets_may_come,
            records_told: self.settings.packets,
            session_keys_told: self.settings.session_keys,
            key_log: &self.key_log,
            rsa_keys: &mut self.rsa_keys,
            sessions: &mut self.sessions,
            certificates: &mut self.certificates,
            names: &mut self.names,
            events: &mut self.events,
            plain_text: &mut self.plain_text,
            testimony: &mut self.testimony,
            waiting_bytes: &mut self.waiting_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_takes_no_more_room_than_it_must() {
        // The allocator has blocks of 256 and of 320 bytes.
        assert!(size_of::<Flow>() <= 256, "{}", size_of::<Flow>());
    }
}
