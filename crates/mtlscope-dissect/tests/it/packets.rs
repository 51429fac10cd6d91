//! Packets of one TCP connection, made byte by byte, and what the dissector tells of them.

use mtlscope_dissect::event::{Event, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::{Frame, Input, LinkType};
use mtlscope_dissect::notice::NoticeKind;
use mtlscope_dissect::packet::Analysis;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::{Dissector, Settings};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// A client at port 40000, a server at port 443, a packet a second.
#[derive(Default)]
pub(crate) struct Wire {
    packets: Vec<Vec<u8>>,
}

impl Wire {
    /// Both SYNs; the client's bytes begin at 101, the server's at 501.
    pub(crate) fn connected() -> Self {
        Self::default().client(SYN, 100, 0, &[]).server(SYN | ACK, 500, 101, &[])
    }

    pub(crate) fn client(self, flags: u8, sequence: u32, acknowledgment: u32, payload: &[u8]) -> Self {
        self.packet([40000, 443], [1, 2], flags, [sequence, acknowledgment], payload)
    }

    pub(crate) fn server(self, flags: u8, sequence: u32, acknowledgment: u32, payload: &[u8]) -> Self {
        self.packet([443, 40000], [2, 1], flags, [sequence, acknowledgment], payload)
    }

    fn packet(
        mut self,
        ports: [u16; 2],
        hosts: [u8; 2],
        flags: u8,
        numbers: [u32; 2],
        payload: &[u8],
    ) -> Self {
        let length = (40 + payload.len()) as u16;
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, hosts[0], 10, 0, 0, hosts[1]]);
        ports.iter().for_each(|port| packet.extend(port.to_be_bytes()));
        numbers.iter().for_each(|number| packet.extend(number.to_be_bytes()));
        packet.extend([0x50, flags, 255, 255, 0, 0, 0, 0]);
        packet.extend(payload);
        self.packets.push(packet);
        self
    }

    /// The packets, IP first, one after the other.
    pub(crate) fn into_packets(self) -> Vec<Vec<u8>> {
        self.packets
    }

    /// Everything told of it, as words: `1 Opened`, `1 client 22 ClientHello @3`, the connection first.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told_with(Settings::default())
    }

    /// The same, with every packet and record: `1 packet @3`, `1 record 22 @4`.
    pub(crate) fn told_in_full(&self) -> Vec<String> {
        self.told_with(Settings { packets: true, ..Settings::default() })
    }

    /// What a look at the stream says of each packet.
    pub(crate) fn analyses(&self) -> Vec<Analysis> {
        let mut analyses = Vec::new();
        self.each_event(Settings { packets: true, ..Settings::default() }, |event| {
            if let EventKind::Packet(packet) = &event.kind {
                analyses.push(packet.tcp().expect("each is a segment").analysis);
            }
        });
        analyses
    }

    fn each_event(&self, settings: Settings, mut take: impl FnMut(&Event)) {
        let mut dissector = Dissector::new(settings);
        for (index, packet) in self.packets.iter().enumerate() {
            dissector.push(Input::Frame(Frame {
                number: FrameNumber::new(index as u64 + 1).expect("frames count from 1"),
                time: Timestamp::from_parts(1_800_000_000 + index as i64, 0),
                link_type: LinkType(101),
                wire_length: packet.len() as u32,
                bytes: packet,
            }));
            while let Some(event) = dissector.poll() {
                take(&event);
            }
        }
    }

    fn told_with(&self, settings: Settings) -> Vec<String> {
        let mut dissector = Dissector::new(settings);
        let mut told = Vec::new();
        for (index, packet) in self.packets.iter().enumerate() {
            dissector.push(Input::Frame(Frame {
                number: FrameNumber::new(index as u64 + 1).expect("frames count from 1"),
                time: Timestamp::from_parts(1_800_000_000 + index as i64, 0),
                link_type: LinkType(101),
                wire_length: packet.len() as u32,
                bytes: packet,
            }));
            told.extend(words(&mut dissector));
        }
        dissector.finish();
        told.extend(words(&mut dissector));
        told
    }
}

/// A record of version TLS 1.2.
pub(crate) fn record(content_type: u8, fragment: &[u8]) -> Vec<u8> {
    let length = (fragment.len() as u16).to_be_bytes();
    [&[content_type, 3, 3][..], &length, fragment].concat()
}

/// A handshake message in a record of its own.
pub(crate) fn message(handshake_type: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    record(22, &[&[handshake_type, 0][..], &length, body].concat())
}

/// A ClientHello without extensions.
pub(crate) fn client_hello() -> Vec<u8> {
    message(1, &[&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x30, 1, 0]].concat())
}

/// A ServerHello of TLS 1.2.
pub(crate) fn server_hello() -> Vec<u8> {
    message(2, &[&[3, 3][..], &[8; 32], &[0, 0xc0, 0x30, 0]].concat())
}

fn words(dissector: &mut Dissector) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(event) = dissector.poll() {
        let mut connection = event.connection.map_or(0, |id| id.0);
        let at = |evidence: &mtlscope_dissect::evidence::Evidence| {
            format!("@{}", evidence.frame.map_or(0, FrameNumber::get))
        };
        let word = match &event.kind {
            EventKind::Packet(packet) => {
                connection = packet.connection.map_or(0, |id| id.0);
                let tcp = packet.tcp().expect("each is a segment");
                let (seq, ack) = (tcp.relative_sequence_number, tcp.relative_acknowledgment_number);
                format!("packet @{} of stream {} seq {seq} ack {ack}", packet.number, tcp.stream)
            }
            EventKind::Heartbeat { heartbeat, evidence, .. } => {
                format!("heartbeat {} {}", heartbeat.payload_length, at(evidence))
            }
            EventKind::Record(record) => {
                format!("record {} {}", record.outer_content_type.0, at(&record.evidence))
            }
            EventKind::Opened(_) => "Opened".to_owned(),
            EventKind::Message(message) => {
                format!("{} {}", message.handshake_type.0, at(&message.evidence))
            }
            EventKind::ChangeCipherSpec { evidence, .. } => format!("CCS {}", at(evidence)),
            EventKind::Alert { alert, evidence, .. } => {
                format!("alert {} {}", alert.description.0, at(evidence))
            }
            EventKind::Notice(notice) => match (&notice.kind, notice.frame) {
                (kind @ NoticeKind::CopiesDiffer { .. }, Some(frame)) => format!("at frame {frame}: {kind}"),
                _ => continue,
            },
            EventKind::Sealed(record) => {
                format!("sealed {} {}", record.content_type.0, at(&record.evidence))
            }
            _ => continue,
        };
        words.push(format!("{connection} {word}"));
    }
    words
}
