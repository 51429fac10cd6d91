//! Captures made here: many small connections, interleaved, as no fixture holds them.

/// A pcap file of raw IP packets, header first.
pub(crate) struct Capture {
    pub(crate) bytes: Vec<u8>,
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

impl Capture {
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::new();
        for number in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 101] {
            bytes.extend(number.to_le_bytes());
        }
        Self { bytes }
    }

    /// A packet of the connection of that number, at a time in microseconds.
    fn packet(&mut self, time: u64, connection: u32, from_client: bool, flags: u8, at: u32, payload: &[u8]) {
        let mut packet = vec![0x45, 0];
        packet.extend(((40 + payload.len()) as u16).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0]);
        let (client, server) = ([10, 0, (connection >> 14) as u8, 1], [10, 1, 0, 1]);
        let (client_port, server_port) = (20_000 + (connection & 0x3fff) as u16, 443_u16);
        let ends = [(client, client_port), (server, server_port)];
        let [source, destination] = if from_client { ends } else { [ends[1], ends[0]] };
        packet.extend(source.0);
        packet.extend(destination.0);
        packet.extend(source.1.to_be_bytes());
        packet.extend(destination.1.to_be_bytes());
        packet.extend((1000 + at).to_be_bytes());
        packet.extend([0, 0, 0, 0, 0x50, flags, 255, 255, 0, 0, 0, 0]);
        packet.extend(payload);
        self.bytes.extend(((1_700_000_000 + time / 1_000_000) as u32).to_le_bytes());
        self.bytes.extend(((time % 1_000_000) as u32).to_le_bytes());
        self.bytes.extend([packet.len() as u32; 2].iter().flat_map(|length| length.to_le_bytes()));
        self.bytes.extend(packet);
    }

    /// One step of a connection's life: hellos, an alert of the server, and an end by FIN or RST, or none.
    pub(crate) fn step(&mut self, time: u64, connection: u32, step: u32) {
        let (hello, answer) = (client_hello(connection), server_hello());
        let alert = [21, 3, 3, 0, 2, 2, if connection.is_multiple_of(3) { 48 } else { 40 }];
        match (step, connection % 7) {
            (0, _) => self.packet(time, connection, true, SYN, 0, &[]),
            (1, _) => self.packet(time, connection, true, ACK, 1, &hello),
            (2, 6) => {}
            (2, _) => self.packet(time, connection, false, ACK, 1, &answer),
            (3, _) => self.packet(time, connection, false, ACK, 1 + answer.len() as u32, &alert),
            (4, 5) => self.packet(time, connection, true, RST, 1 + hello.len() as u32, &[]),
            (4, 0..=4) => {
                self.packet(time, connection, false, FIN | ACK, 8 + answer.len() as u32, &[]);
                self.packet(time, connection, true, FIN | ACK, 1 + hello.len() as u32, &[]);
            }
            _ => {}
        }
    }

    /// A whole connection, and a second later the SYN of another, by which the first is known to be over.
    pub(crate) fn whole(&mut self, time: u64, connection: u32) {
        (0..5).for_each(|step| self.step(time + u64::from(step), connection, step));
        self.step(time + 1_000_000, connection + 7, 0);
    }
}

/// Steps of a connection's life.
pub(crate) const STEPS: u32 = 5;

fn client_hello(connection: u32) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(connection.to_be_bytes().repeat(8));
    body.extend([0, 0, 2, 0xc0, 0x30, 1, 0]);
    message(1, &body)
}

fn server_hello() -> Vec<u8> {
    let mut hello = message(2, &[&[3, 3][..], &[8; 32], &[0, 0xc0, 0x30, 0]].concat());
    hello.extend(message(13, &[1, 1, 0, 2, 4, 1, 0, 0]));
    hello.extend(message(14, &[]));
    hello
}

fn message(handshake_type: u8, body: &[u8]) -> Vec<u8> {
    let message = [&[handshake_type, 0, 0, body.len() as u8][..], body].concat();
    [&[22, 3, 3, 0, message.len() as u8][..], &message].concat()
}
