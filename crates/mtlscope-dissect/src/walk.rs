//! The slow way through a packet: header by header, into tunnels and aggregates, with fragments put together, down to
//! the innermost IP datagram. One packet may hold several.
//!
//! Most packets never come here: see [`crate::link::carried`].

use crate::input::Frame;
use crate::layer::{self, Layer, Next, Protocol};
use crate::limits::Limits;
use crate::link::{self, ethernet, ieee80211};
use crate::net::fragments::Fragments;
use crate::net::{self, Datagram, Read, ipv6};
use crate::reassembly::At;
use crate::transport::udp;

/// Headers in one packet, one inside the other. The deepest tunnels of real networks have about twelve.
const LAYERS: usize = 32;

/// What the walk over a packet came to, besides the datagrams it met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Walked {
    /// To its end.
    Done,
    /// The link type is not read.
    UnknownLinkType,
    /// A frame of 802.11 is encrypted.
    Encrypted,
}

/// Walks over the headers of a frame. `meet` is called with each innermost datagram and the headers before it, outermost
/// first; the last of them is the datagram's own IP header.
pub(crate) fn walk(
    frame: &Frame<'_>,
    fragments: &mut Fragments,
    limits: &Limits,
    meet: &mut dyn FnMut(&Datagram<'_>, &[Layer<'_>]),
) -> Walked {
    let at = At { frame: Some(frame.number), time: frame.time };
    let mut walk = Walk { at, fragments, limits, meet, walked: Walked::Done };
    walk.on(Next::LinkType(frame.link_type), frame.bytes, Vec::new());
    walk.walked
}

struct Walk<'w> {
    at: At,
    fragments: &'w mut Fragments,
    limits: &'w Limits,
    meet: &'w mut dyn FnMut(&Datagram<'_>, &[Layer<'_>]),
    walked: Walked,
}

impl Walk<'_> {
    /// Goes on with what stands behind some headers.
    fn on<'a>(&mut self, mut next: Next, mut bytes: &'a [u8], mut layers: Vec<Layer<'a>>) {
        while layers.len() < LAYERS {
            next = match next {
                Next::Header(Protocol::Ieee80211Subframe) => return self.aggregate(bytes, &layers),
                Next::Header(protocol) => {
                    let Some(step) = layer::read(protocol, bytes) else { return };
                    if step.next == Next::Encrypted {
                        self.walked = Walked::Encrypted;
                    }
                    layers.push(Layer { protocol, header: step.header });
                    bytes = step.payload;
                    step.next
                }
                Next::LinkType(link_type) => match link::first(link_type) {
                    Some(next) => next,
                    None => {
                        self.walked = Walked::UnknownLinkType;
                        return;
                    }
                },
                Next::EtherType(ether_type) => ethernet::behind(ether_type),
                Next::IpProtocol(number) => net::behind(number),
                Next::Ip => return self.ip(bytes, layers),
                Next::Encrypted | Next::Nothing => return,
            };
        }
    }

    fn ip<'a>(&mut self, packet: &'a [u8], mut layers: Vec<Layer<'a>>) {
        let (protocol, length) = match packet.first() {
            Some(first) if first >> 4 == 4 => (Protocol::Ipv4, usize::from(first & 15) * 4),
            Some(first) if first >> 4 == 6 => (Protocol::Ipv6, 40),
            _ => return,
        };
        let Some(header) = packet.get(..length) else { return };
        layers.push(Layer { protocol, header });
        self.read(net::read(packet), layers);
    }

    fn read<'a>(&mut self, read: Read<'a>, layers: Vec<Layer<'a>>) {
        match read {
            Read::Whole(datagram) => self.datagram(&datagram, layers),
            Read::Fragment(fragment) => {
                let Some(complete) = self.fragments.take(&fragment, self.at, self.limits) else { return };
                // Headers of IPv6 may stand behind the fragment's own.
                let whole = ipv6::behind_extensions(Datagram {
                    source: fragment.source,
                    destination: fragment.destination,
                    protocol: complete.protocol,
                    payload: &complete.payload,
                    stated_length: complete.payload.len(),
                });
                if let Read::Whole(datagram) = whole {
                    self.datagram(&datagram, layers);
                }
            }
            Read::Nothing => {}
        }
    }

    fn datagram<'a>(&mut self, datagram: &Datagram<'a>, layers: Vec<Layer<'a>>) {
        let next = match datagram.protocol {
            17 if udp::tunnel(datagram.payload).is_none() => Next::Nothing,
            number => net::behind(number),
        };
        match next {
            Next::Nothing => (self.meet)(datagram, &layers),
            next => self.on(next, datagram.payload, layers),
        }
    }

    /// The packets of an aggregate of 802.11, one after the other.
    fn aggregate<'a>(&mut self, bytes: &'a [u8], layers: &[Layer<'a>]) {
        for (header, packet) in ieee80211::subframes(bytes) {
            let mut layers = layers.to_vec();
            layers.push(Layer { protocol: Protocol::Ieee80211Subframe, header });
            self.on(Next::Header(Protocol::Llc), packet, layers);
        }
    }
}

/// What a packet travelled in, outermost first, in words: the tunnels that its headers make.
pub(crate) fn tunnels(layers: &[Layer<'_>]) -> Vec<String> {
    // The last header is the connection's own IP.
    let outer = layers.split_last().map_or(&[][..], |(_, outer)| outer);
    outer.iter().filter_map(Layer::tunnel).collect()
}
