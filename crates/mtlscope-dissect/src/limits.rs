//! How much is held before giving up. Whatever is let go is said in a notice.

/// Bounds on what the dissector holds. Bytes unless said otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Out-of-order bytes held for one direction of a connection.
    pub out_of_order_per_side: usize,
    /// Out-of-order bytes held for all connections together.
    pub out_of_order_total: usize,
    /// Bytes of IP fragments held until the datagrams they belong to are complete.
    pub fragments_total: usize,
    /// Datagrams in fragments that are held at once.
    pub fragmented_datagrams: usize,
    /// Fragments of one datagram.
    pub fragments_per_datagram: usize,
    /// Nanoseconds of capture time in which the fragments of a datagram must come.
    pub fragment_patience: i64,
    /// The longest handshake message that is put together. TLS allows 16 MiB; real ones stay below 1 MiB.
    pub handshake_message: usize,
    /// Handshake messages kept of one connection for its transcript (CertificateVerify).
    pub transcript: usize,
    /// Connections held at once; beyond, one of those longest silent (of a few looked at) is told and let go.
    pub flows: usize,
    /// Sealed records waiting for late keys, for all connections together.
    pub waiting_total: usize,
    /// Sealed records waiting for late keys, for one connection.
    pub waiting_per_flow: usize,
    /// Sealed records of one connection that are told one by one; beyond, they are only counted.
    pub sealed_records_told: u32,
    /// Bytes of clear or foreign data searched for a first ClientHello, per side.
    pub searched_for_hello: u64,
    /// What is said in clear by connections that may come to TLS (STARTTLS, proxies), for all together.
    pub talks_total: usize,
    /// Distinct certificates remembered parsed.
    pub certificates: usize,
    /// Nanoseconds of capture time for which an ended connection stays known, to take late packets.
    pub linger: i64,
    /// Nanoseconds of silence after which a connection is told and let go where time is told ([`crate::input::Input::Now`]).
    pub silence: i64,
    /// The same where one side has closed: the other has nothing more to say, and has only not closed yet.
    pub silence_half_closed: i64,
    /// The same behind a fatal alert, upon which both sides are to close at once (RFC 8446 section 6.2), and some do not.
    pub silence_failed: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            out_of_order_per_side: 1 << 20,
            out_of_order_total: 64 << 20,
            fragments_total: 4 << 20,
            fragmented_datagrams: 1024,
            fragments_per_datagram: 2048,
            fragment_patience: 30_000_000_000,
            handshake_message: 1 << 20,
            transcript: 2 << 20,
            flows: 1_000_000,
            waiting_total: 64 << 20,
            waiting_per_flow: 256 << 10,
            sealed_records_told: 256,
            searched_for_hello: 64 << 10,
            talks_total: 16 << 20,
            certificates: 4096,
            linger: 250_000_000,
            silence: 3_600_000_000_000,
            silence_half_closed: 5_000_000_000,
            silence_failed: 1_000_000_000,
        }
    }
}
