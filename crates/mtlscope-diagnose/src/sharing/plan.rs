//! Which bytes of which frames stay of a connection that is shared, and what their comments say.
//!
//! A frame is cut, never changed: it keeps its beginning up to the first byte that must not leave, as if the capture had
//! kept no more of it (snaplen).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::event::{ConnectionId, Protection, SessionKeys};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::packet::{Header, Packet, Tcp};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::testimony::{Line, Statement};
use mtlscope_dissect::tls::registry::HandshakeType;

use super::Policy;
use super::notes::{Noted, Stretches};
use crate::connection::{Connection, Step, StepKind};

/// Comments of one frame; behind them the rest is not told.
const LINES: usize = 64;
/// Bytes of the comments of one frame: an option of pcapng has 65,535.
const COMMENT: usize = 65_000;
/// Datagrams in fragments that are waited for, and frames with pieces of those that came whole.
const FRAGMENTED: usize = 1 << 16;

/// What stays of one connection.
#[derive(Debug)]
pub struct Plan {
    /// Its number.
    pub id: ConnectionId,
    /// What comments say, by frame.
    pub testimony: BTreeMap<FrameNumber, Vec<Line>>,
    /// Whether words said in clear before TLS were left out.
    pub talk_cut: bool,
    /// Whether records were cut of which nobody knows what they held.
    pub cut_unread: bool,
    client: SocketAddr,
    server: SocketAddr,
    first_frame: FrameNumber,
    last_frame: FrameNumber,
    sides: [Stretches; 2],
    secrets: Vec<SessionKeys>,
    policy: Policy,
}

/// What stays of one frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// How many bytes from its beginning.
    pub length: usize,
    /// How many bytes of what the connection carries are left out.
    pub left_out: usize,
    /// What its comment says.
    pub comment: String,
    /// What it holds of a TCP header.
    pub tcp: TcpHeader,
}

/// What a frame holds of a TCP header: all of it, but where IP cut it into fragments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TcpHeader {
    /// Where it begins, if it is whole.
    pub at: Option<usize>,
    /// Where its options lie, or as much of them as there is.
    pub options: Range<usize>,
}

impl Plan {
    pub(super) fn of(connection: &Connection, noted: Noted, policy: Policy) -> Option<Self> {
        let mut plan = Self {
            id: connection.id,
            testimony: BTreeMap::new(),
            talk_cut: noted.talk_cut,
            cut_unread: noted.sides.iter().any(|side| side.cut_unread),
            client: connection.client,
            server: connection.server,
            first_frame: connection.first_frame?,
            last_frame: connection.last_frame?,
            sides: noted.sides,
            secrets: noted.keys,
            policy,
        };
        for (step, statement) in plan.on_trust(connection) {
            let Some(frame) = step.frame else { continue };
            let lines = plan.testimony.entry(frame).or_default();
            let line = Line { side: step.side, statement };
            let length: usize = lines.iter().map(|line| line.to_string().len() + 1).sum();
            if lines.len() < LINES && length + line.to_string().len() < COMMENT {
                lines.push(line);
            }
        }
        Some(plan)
    }

    /// The lines of key logs that are given away.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let policy = self.policy;
        self.secrets.iter().flat_map(|keys| keys.lines.lines()).filter(move |line| policy.gives_secret(line))
    }

    /// The steps that a receiver can read himself.
    pub fn readable<'c>(&self, connection: &'c Connection) -> Vec<&'c Step> {
        self.sorted(connection)
            .into_iter()
            .filter(|(_, is_readable)| *is_readable)
            .map(|(step, _)| step)
            .collect()
    }

    fn on_trust<'c>(&self, connection: &'c Connection) -> Vec<(&'c Step, Statement)> {
        self.sorted(connection)
            .into_iter()
            .filter(|(_, is_readable)| !is_readable)
            .filter_map(|(step, _)| Some((step, self.policy.statement(step)?)))
            .collect()
    }

    /// Each step that was read, and whether a receiver can read it too: it lies in clear, or the secrets given away open it.
    fn sorted<'c>(&self, connection: &'c Connection) -> Vec<(&'c Step, bool)> {
        let is_tls13 = connection.initial().version.seen().is_some_and(|version| version.is_tls13());
        let gives = |label: &str| self.secrets().any(|line| line.starts_with(label));
        let opens = match is_tls13 {
            true => [gives("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), gives("SERVER_HANDSHAKE_TRAFFIC_SECRET ")],
            false => [gives("CLIENT_RANDOM "); 2],
        };
        // Behind these the keys of the application hold (TLS 1.3), or records are missing (TLS 1.2 and below).
        let mut is_behind = [false; 2];
        let mut sorted = Vec::new();
        for step in &connection.steps {
            let Some(protection) = step.kind.protection() else { continue };
            let side = step.side.index();
            let is_data = matches!(
                step.kind,
                StepKind::HttpRequest(_)
                    | StepKind::HttpStatus(_)
                    | StepKind::Http2Ending(..)
                    | StepKind::ApplicationData(..)
            );
            let message = step.kind.message().map(|message| message.handshake_type);
            let is_early = message == Some(HandshakeType::END_OF_EARLY_DATA);
            let is_readable = match protection {
                _ if is_data => false,
                Protection::Plain => true,
                Protection::Attested => false,
                Protection::Opened => opens[side] && !is_behind[side] && !is_early,
            };
            is_behind[side] |= match is_tls13 {
                true => message == Some(HandshakeType::FINISHED),
                false => is_data,
            };
            sorted.push((step, is_readable));
        }
        sorted
    }

    /// What stays of a frame that holds this piece.
    fn cut(&self, packet: &Packet, piece: &Piece) -> Cut {
        let side = if piece.source == self.client { Side::Client } else { Side::Server };
        let stretches = &self.sides[side.index()];
        let kept_payload =
            piece.stream_offset.map_or(0, |offset| stretches.kept_from(offset)).min(piece.payload);
        // Of the datagram, the TCP header first.
        let stays = piece.header + kept_payload;
        let here = stays.saturating_sub(piece.offset).min(piece.there);
        let left_out = (piece.header + piece.payload)
            .saturating_sub(stays.max(piece.offset))
            .min(piece.there.saturating_sub(here));
        let lines = self.testimony.get(&packet.number).map_or(&[][..], Vec::as_slice);
        let is_behind_beginning = stretches.tls_from.is_some_and(|from| {
            piece
                .stream_offset
                .and_then(|offset| u64::try_from(offset).ok())
                .is_some_and(|offset| offset >= from)
        });
        // Of what the capture itself had cut, or nobody could read, it is not known what it was.
        let is_known = !piece.is_snapped && !stretches.cut_unread;
        let says_cut = left_out > 0 && is_behind_beginning && is_known;
        let cut_away = Line { side, statement: Statement::CutAway };
        let comments = lines.iter().chain(says_cut.then_some(&cut_away)).map(ToString::to_string);
        Cut {
            length: (piece.start + here).min(packet.bytes.len()),
            left_out,
            comment: comments.collect::<Vec<String>>().join("\n"),
            tcp: piece.tcp_header(),
        }
    }
}

/// The plans of one capture, to be asked frame by frame.
#[derive(Debug)]
pub struct Plans {
    plans: Vec<Plan>,
    /// Those between two ends, the lower end first.
    between: HashMap<[SocketAddr; 2], Vec<usize>, RandomState>,
    fragments: Fragments,
}

impl Plans {
    pub(super) fn of(plans: Vec<Plan>, fragments: Fragments) -> Self {
        let mut between: HashMap<_, Vec<usize>, RandomState> = HashMap::default();
        for (index, plan) in plans.iter().enumerate() {
            between.entry(in_order([plan.client, plan.server])).or_default().push(index);
        }
        Self { plans, between, fragments }
    }

    /// All of them, in the order in which they were made.
    pub fn all(&self) -> &[Plan] {
        &self.plans
    }

    /// What stays of a frame, and of which plan it is; `None` for one that belongs to something else.
    pub fn cut(&self, packet: &Packet) -> Option<(usize, Cut)> {
        let piece = match self.fragments.pieces.get(&packet.number) {
            Some(piece) => *piece,
            None => Piece::of(packet)?,
        };
        let candidates = self.between.get(&in_order([piece.source, piece.destination]))?;
        candidates.iter().find_map(|&index| {
            let plan = self.plans.get(index)?;
            let is_in = (plan.first_frame..=plan.last_frame).contains(&packet.number);
            is_in.then(|| (index, plan.cut(packet, &piece)))
        })
    }
}

fn in_order([one, other]: [SocketAddr; 2]) -> [SocketAddr; 2] {
    if one <= other { [one, other] } else { [other, one] }
}

impl Stretches {
    /// How many bytes stay from this one on.
    fn kept_from(&self, offset: i64) -> usize {
        let Ok(offset) = u64::try_from(offset) else { return 0 };
        let place = self.kept.partition_point(|range| range.end <= offset);
        self.kept
            .get(place)
            .filter(|range| range.start <= offset)
            .map_or(0, |range| usize::try_from(range.end - offset).unwrap_or(usize::MAX))
    }
}

/// The part of a TCP segment that one frame holds: all of it, but where IP cut it into fragments.
#[derive(Clone, Copy, Debug)]
struct Piece {
    source: SocketAddr,
    destination: SocketAddr,
    /// Where the segment's payload stands in the stream.
    stream_offset: Option<i64>,
    /// Bytes of the TCP header.
    header: usize,
    /// Bytes of the payload, as captured of all pieces.
    payload: usize,
    /// Where in the segment this part begins, its header first.
    offset: usize,
    /// How many bytes of it the frame holds.
    there: usize,
    /// Where in the frame it begins.
    start: usize,
    /// Whether the capture had cut the payload.
    is_snapped: bool,
}

impl Piece {
    /// The segment that lies whole in a packet.
    fn of(packet: &Packet) -> Option<Self> {
        let (place, tcp) = innermost(packet)?;
        let header = place.len();
        // One that was put together lies nowhere; its pieces are known.
        if header == 0 {
            return None;
        }
        Self::new(packet, tcp, header).map(|piece| Self { start: place.start, ..piece })
    }

    fn tcp_header(&self) -> TcpHeader {
        const FIXED: usize = 20;
        let is_whole = self.offset == 0 && self.there >= self.header;
        // In the frame is what lies behind the offset, as far as it goes.
        let place = |of_header: usize| self.start + of_header.saturating_sub(self.offset).min(self.there);
        TcpHeader { at: is_whole.then_some(self.start), options: place(FIXED)..place(self.header) }
    }

    fn new(packet: &Packet, tcp: &Tcp, header: usize) -> Option<Self> {
        let (source, destination) = addresses(packet)?;
        Some(Self {
            source: SocketAddr::new(source, tcp.source_port),
            destination: SocketAddr::new(destination, tcp.destination_port),
            stream_offset: packet.stream_offset,
            header,
            payload: tcp.payload.len(),
            offset: 0,
            there: header + tcp.payload.len(),
            start: 0,
            is_snapped: (tcp.payload.len() as u64) < u64::from(tcp.payload_length),
        })
    }
}

/// The one TCP header of a packet that belongs to a connection. Several, or one that an ICMP error quotes, belong to none.
fn innermost(packet: &Packet) -> Option<(Range<usize>, &Tcp)> {
    let mut found = packet.layers.iter().filter_map(|layer| match &layer.header {
        Header::Tcp(tcp) => Some((layer.place.clone(), &**tcp)),
        _ => None,
    });
    let only = found.next()?;
    (found.next().is_none() && !only.1.is_quoted).then_some(only)
}

/// Between which addresses a packet travels, inside all tunnels.
fn addresses(packet: &Packet) -> Option<(IpAddr, IpAddr)> {
    packet.layers.iter().rev().find_map(|layer| match &layer.header {
        Header::Ipv4(ip) => Some((ip.source.into(), ip.destination.into())),
        Header::Ipv6(ip) => Some((ip.source.into(), ip.destination.into())),
        _ => None,
    })
}

/// Frames with pieces of datagrams that IP cut into fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    /// Those of which not all have come.
    waiting: HashMap<Datagram, Vec<Fragment>, RandomState>,
    pieces: HashMap<FrameNumber, Piece, RandomState>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Datagram {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
}

#[derive(Clone, Copy, Debug)]
struct Fragment {
    frame: FrameNumber,
    /// Where its part begins in the datagram, and in the frame.
    offset: usize,
    start: usize,
    there: usize,
}

impl Fragments {
    pub(super) fn note(&mut self, packet: &Packet) {
        let Some((datagram, fragment)) = Fragment::of(packet) else { return };
        if self.waiting.len() >= FRAGMENTED {
            self.waiting.clear();
        }
        let fragments = self.waiting.entry(datagram).or_default();
        if fragments.len() < LINES * LINES {
            fragments.push(fragment);
        }
        let Some((place, tcp)) = innermost(packet) else { return };
        if !place.is_empty() || self.pieces.len() >= FRAGMENTED {
            return;
        }
        let Some(whole) = Piece::new(packet, tcp, tcp.header_length.into()) else { return };
        for Fragment { frame, offset, start, there } in self.waiting.remove(&datagram).unwrap_or_default() {
            self.pieces.insert(frame, Piece { offset, start, there, ..whole });
        }
    }
}

impl Fragment {
    fn of(packet: &Packet) -> Option<(Datagram, Self)> {
        const MORE_OR_OFFSET: u16 = 0x3fff;
        const FRAGMENT: u8 = 44;
        let (source, destination) = addresses(packet)?;
        let (index, identification, offset) =
            packet.layers.iter().enumerate().rev().find_map(|(index, layer)| match &layer.header {
                Header::Ipv4(ip) if ip.flags_and_offset & MORE_OR_OFFSET != 0 => {
                    let offset = usize::from(ip.flags_and_offset & 0x1fff) * 8;
                    Some((index, u32::from(ip.identification), offset))
                }
                Header::Ipv6Extension(extension) if extension.kind == FRAGMENT => {
                    let [_, _, high, low, id @ ..] = extension.head;
                    let offset = usize::from(u16::from_be_bytes([high, low]) & !7);
                    Some((index, u32::from_be_bytes(id), offset))
                }
                _ => None,
            })?;
        let place = &packet.layers.get(index)?.place;
        let start = place.end;
        // What stands behind the datagram in the frame is padding.
        let end = packet.layers.iter().rev().find_map(|layer| match &layer.header {
            Header::Ipv4(ip) => Some(layer.place.start + usize::from(ip.total_length)),
            Header::Ipv6(ip) => Some(layer.place.end + usize::from(ip.payload_length)),
            _ => None,
        })?;
        let there = end.min(packet.bytes.len()).checked_sub(start)?;
        let datagram = Datagram { source, destination, identification };
        Some((datagram, Self { frame: packet.number, offset, start, there }))
    }
}
