//! What the world hands in. Every source, be it a file, an interface or an end of our own, speaks only these words;
//! the engine cannot tell where they came from.

use std::fmt;
use std::net::SocketAddr;

use crate::evidence::FrameNumber;
use crate::side::Side;
use crate::time::Timestamp;

/// One thing that happened in the outside world.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A captured packet.
    Frame(Frame<'a>),
    /// Bytes that one end of a live connection sent, in order.
    Chunk(Chunk<'a>),
    /// Key material.
    Secret(Secret<'a>),
    /// A line of what a program printed of its own handshake.
    Line(Line<'a>),
    /// A server's private key, which opens RSA key exchange.
    RsaKey(RsaKey<'a>),
    /// What the frame that comes next was commented with, by whoever wrote the capture: [`crate::testimony`] in it is heard,
    /// other comments are passed over.
    Comment(&'a str),
    /// Something the source itself has to say about what it reads: a truncated tail, a skipped block.
    Notice(&'a str),
    /// It is this late, and all that was captured before was handed in. Where packets come as they pass, it makes their
    /// time go on while none comes, so that what is over is told.
    Now(Timestamp),
}

/// A captured packet, link layer first.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its place in the capture, from 1.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// What its first byte belongs to.
    pub link_type: LinkType,
    /// Its length on the wire in bytes; more than `bytes.len()` where the capture cut it (snaplen).
    pub wire_length: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
}

/// A line of a printout: `curl -v`, `openssl s_client -msg`, a server's error log.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// When it was printed, as far as the source knows: the file's time.
    pub time: Timestamp,
    /// The line, with or without its end.
    pub text: &'a str,
}

/// Whether text reads like a printout of a handshake: a source asks, to tell it from other text.
pub use crate::printout::is_printout;

/// A capture's link-layer header type. Registry: <https://www.tcpdump.org/linktypes.html>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkType(pub u16);

/// Which live connection a [`Chunk`] belongs to: chosen by the source, never used twice in one run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlowId(pub u64);

/// Bytes that passed through a socket of ours, in order.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The connection.
    pub flow: FlowId,
    /// When it passed.
    pub time: Timestamp,
    /// Its client's address.
    pub client: SocketAddr,
    /// Its server's address.
    pub server: SocketAddr,
    /// Who sent it.
    pub side: Side,
    /// What happened.
    pub what: ChunkKind<'a>,
}

/// What a [`Chunk`] tells of its connection.
#[derive(Clone, Copy, Debug)]
pub enum ChunkKind<'a> {
    /// Bytes, in order.
    Bytes(&'a [u8]),
    /// So many bytes of this side passed here, and were not kept.
    Missing(u64),
    /// This side closed its half (FIN).
    Fin,
    /// This side reset the connection (RST).
    Reset,
    /// What the TLS stack or the program at this side says of the connection: testimony, shown beside what was seen and
    /// never in its place. One line.
    Said(&'a str),
    /// Nothing more comes of this connection: our end has let go of it. The last chunk of a flow.
    End,
}

/// Where a secret was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretOrigin {
    /// A key log file (SSLKEYLOGFILE).
    KeyLog,
    /// The stack of a live end of ours, by its key-log callback.
    OwnEnd,
    /// A Decryption Secrets Block inside the capture.
    DecryptionSecretsBlock,
    /// A server's private RSA key, to which the client encrypted the secret.
    RsaKey,
}

/// Key material: the text of an NSS key log, whole lines, as many as there are.
///
/// Format: <https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile-02.html>.
#[derive(Clone, Copy)]
pub struct Secret<'a> {
    /// Where it was found.
    pub origin: SecretOrigin,
    /// The lines.
    pub lines: &'a [u8],
    /// The live connection whose stack gave them, and which alone they open: they are forgotten when it ends. `None` for
    /// what may open any connection.
    pub flow: Option<FlowId>,
}

/// A private RSA key: DER, PKCS#1 or PKCS#8.
#[derive(Clone, Copy)]
pub struct RsaKey<'a> {
    /// The key.
    pub der: &'a [u8],
}

/// Never prints the key.
impl fmt::Debug for RsaKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").finish_non_exhaustive()
    }
}

/// Never prints the secret.
impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("origin", &self.origin)
            .field("lines", &"..")
            .field("flow", &self.flow)
            .finish()
    }
}
