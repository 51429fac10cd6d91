//! What was odd or missing in the traffic. News, never an error.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::evidence::{Evidence, FrameNumber};
use crate::preamble::{PreambleProtocol, PreambleResult};
use crate::side::Side;
use crate::tls::handshake::NotUnpacked;
use crate::tls::registry::{CertificateCompressionAlgorithm, CipherSuite, KeyExchange, ProtocolVersion};
use crate::x509::KeyAlgorithm;

/// One oddity, and where it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What was odd.
    pub kind: NoticeKind,
    /// The frame in which it showed; `None` where it belongs to no frame.
    pub frame: Option<FrameNumber>,
}

impl Notice {
    /// A notice at the frame of some evidence.
    pub fn at(kind: NoticeKind, evidence: &Evidence) -> Self {
        Self { kind, frame: evidence.frame }
    }
}

/// The kinds of oddity. Their `Display` is a sentence for the user.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoticeKind {
    /// A link type we do not read; counted once a type.
    UnknownLinkType(u16),
    /// Frames of IEEE 802.11 that are encrypted; told once.
    EncryptedWifi,
    /// IP fragments that were not put together.
    FragmentsGivenUp {
        /// Who sent them.
        source: IpAddr,
        /// To whom.
        destination: IpAddr,
        /// What was wrong with them.
        why: &'static str,
    },
    /// More datagrams in fragments were given up than were told.
    FragmentsUntold {
        /// How many.
        datagrams: u64,
    },
    /// The first packet of the connection is not in the capture.
    StartMissing,
    /// Bytes of a stream are not in the capture.
    Gap {
        /// Whose bytes.
        side: Side,
        /// How many.
        length: u64,
    },
    /// Two copies of a stretch of a stream are not the same; the first one counts.
    CopiesDiffer {
        /// Whose bytes.
        side: Side,
        /// The frame of the first copy; that of the notice is the second.
        first: Option<FrameNumber>,
    },
    /// The capture kept only the head of a packet (snaplen).
    Snapped {
        /// Whose bytes.
        side: Side,
        /// How many are missing.
        length: u64,
    },
    /// Bytes in clear stood before the first TLS record.
    ClearTextBefore {
        /// Whose bytes.
        side: Side,
        /// How many.
        length: u64,
    },
    /// The client speaks in clear to a port that wants TLS: the whole connection is without.
    ClearTextInsteadOfTls {
        /// Its bytes before it was answered; 0 where they are not known.
        length: u64,
    },
    /// The server answers a ClientHello with HTTP in clear.
    HttpInsteadOfTls {
        /// The status: 400.
        status: u16,
    },
    /// A talk in clear that was meant to lead to TLS, or through a proxy, and did not.
    NoTlsCame {
        /// In which protocol.
        protocol: PreambleProtocol,
        /// Who asked.
        client: SocketAddr,
        /// Whom.
        server: SocketAddr,
        /// How it came out.
        result: PreambleResult,
        /// The last words.
        words: String,
    },
    /// What followed is no TLS record; reading goes on at the next one.
    NotARecord {
        /// Whose bytes.
        side: Side,
        /// How many were skipped.
        skipped: u64,
    },
    /// A message ends before its fields do.
    Truncated {
        /// The message or extension.
        what: &'static str,
    },
    /// A message goes on behind its last field.
    TrailingBytes {
        /// The message or extension.
        what: &'static str,
        /// How many bytes.
        length: usize,
    },
    /// A heartbeat that asks for more bytes back than it brings: Heartbleed.
    HeartbeatOverreaches {
        /// Whose.
        side: Side,
        /// How many bytes it says it brings.
        payload_length: u16,
        /// How many there are at most.
        there: u16,
    },
    /// Application data that the client sent before the server answered (0-RTT), opened.
    EarlyData,
    /// A public key alone in place of a certificate. RFC 7250.
    RawPublicKey {
        /// Whose.
        side: Side,
        /// Of which kind.
        algorithm: KeyAlgorithm,
    },
    /// A CompressedCertificate that stays packed.
    CertificateNotUnpacked {
        /// How it is packed.
        algorithm: CertificateCompressionAlgorithm,
        /// Why it stays so.
        why: NotUnpacked,
    },
    /// A certificate that is no X.509 DER.
    CertificateUnreadable {
        /// What the parser said.
        why: String,
    },
    /// Keys were given, but none for this connection.
    NoKeysForConnection {
        /// The client random that was looked for, in hex.
        client_random: String,
        /// How many randoms the given keys hold.
        randoms_known: usize,
    },
    /// Lines of the key log are none of a key log, or not whole.
    KeyLogLines {
        /// How many.
        ill_formed: u64,
    },
    /// The client begins with a hello of SSL 2, which can offer SSL 3.0 and TLS too.
    Ssl2Hello {
        /// What it offers.
        offers: ProtocolVersion,
    },
    /// The connection is one of SSL 2.
    Ssl2,
    /// A private key was given that RSA key exchange cannot be opened with.
    RsaKeyUnusable,
    /// An RSA key was given, and the secret of this connection was not encrypted to any.
    RsaKeyOfNoUse {
        /// The suite that was agreed on.
        cipher_suite: u16,
    },
    /// The secret was encrypted to an RSA key, and it is not one of those given.
    RsaKeyIsAnother,
    /// There is a key for this record, and it does not open it.
    KeyDoesNotFit {
        /// Whose record.
        side: Side,
    },
    /// The cipher suite is one we cannot open.
    CipherSuiteNotOpened {
        /// Its number.
        cipher_suite: u16,
    },
    /// A limit was reached; something was let go.
    LimitReached {
        /// Which limit, in words.
        what: &'static str,
    },
    /// Words of the source: a truncated tail, a skipped block.
    Source(String),
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLinkType(number) => write!(f, "packets of link type {number} are not read"),
            Self::EncryptedWifi => f.write_str(
                "frames of IEEE 802.11 are encrypted and were not read; decrypt them first, or capture behind the radio",
            ),
            Self::FragmentsGivenUp { source, destination, why } => {
                write!(f, "IP fragments from {source} to {destination} were not put together: {why}")
            }
            Self::FragmentsUntold { datagrams } => {
                write!(f, "the fragments of {datagrams} more IP packets were not put together")
            }
            Self::StartMissing => f.write_str("the capture starts after this connection began"),
            Self::Gap { side, length } => {
                write!(f, "{length} bytes from the {side} are not in the capture")
            }
            Self::CopiesDiffer { side, first } => {
                write!(f, "bytes of the {side} were sent again, and not the same")?;
                if let Some(frame) = first {
                    write!(f, " as in frame {}", frame.get())?;
                }
                f.write_str("; those that came first were read")
            }
            Self::Snapped { side, length } => {
                write!(
                    f,
                    "the capture kept only the head of a packet: {length} bytes from the {side} are missing"
                )
            }
            Self::ClearTextBefore { side, length } => {
                write!(f, "{length} bytes in clear from the {side} stand before the first TLS record")
            }
            Self::ClearTextInsteadOfTls { length: 0 } => {
                f.write_str("what the client says is no TLS, and the server wants TLS")
            }
            Self::ClearTextInsteadOfTls { length } => {
                write!(f, "the first {length} bytes from the client are no TLS, and the server wants TLS")
            }
            Self::HttpInsteadOfTls { status } => {
                write!(f, "the server answers the ClientHello in clear, with HTTP status {status}")
            }
            Self::NoTlsCame { protocol, client, server, result, words } => match result {
                PreambleResult::Refused => write!(f, "{server} refused what {client} asked for ({protocol}): {words}"),
                PreambleResult::Agreed => {
                    write!(f, "{server} agreed to TLS ({protocol}: {words}), and {client} did not begin it")
                }
                _ => write!(f, "what {client} asked of {server} ({protocol}: {words}) got no answer in the capture"),
            },
            Self::NotARecord { side, skipped } => {
                write!(f, "{skipped} bytes from the {side} are no TLS record and were skipped")
            }
            Self::Truncated { what } => write!(f, "{what} ends before its last field"),
            Self::TrailingBytes { what, length } => {
                write!(f, "{what} has {length} bytes behind its last field")
            }
            Self::HeartbeatOverreaches { side, payload_length, there } => write!(
                f,
                "a heartbeat of the {side} says that it brings {payload_length} bytes and has at most {there}: who answers \
                 it in full gives away memory (Heartbleed, CVE-2014-0160)"
            ),
            Self::EarlyData => f.write_str(
                "the client sent early data (0-RTT) before the server answered, opened with its early secret; such data \
                 can be replayed",
            ),
            Self::RawPublicKey { side, algorithm } => write!(
                f,
                "the {side} shows a raw public key ({algorithm}, RFC 7250) in place of a certificate: it has no name, no \
                 validity and no issuer"
            ),
            Self::CertificateNotUnpacked { algorithm, why } => write!(
                f,
                "a CompressedCertificate ({algorithm}) stays packed: {}",
                match why {
                    NotUnpacked::Algorithm => "its algorithm is not known here",
                    NotUnpacked::TooLong => "it says that it unpacks to more than 256 KiB",
                    NotUnpacked::Damaged => "it is damaged, or not as long as it says",
                    NotUnpacked::NoCertificate => "what comes out is no Certificate message",
                }
            ),
            Self::CertificateUnreadable { why } => write!(f, "a certificate cannot be read: {why}"),
            Self::NoKeysForConnection { client_random, randoms_known } => write!(
                f,
                "no key for client random {client_random}; the keys given hold {randoms_known} other random{}",
                if *randoms_known == 1 { "" } else { "s" }
            ),
            Self::KeyLogLines { ill_formed } => write!(
                f,
                "{ill_formed} line{} of the key log cannot be read: cut off, or of another kind of file",
                if *ill_formed == 1 { "" } else { "s" }
            ),
            Self::Ssl2Hello { offers } => write!(
                f,
                "the client begins with a hello of SSL 2, which offers {offers} and has no extensions: no SNI, no ALPN"
            ),
            Self::Ssl2 => f.write_str(
                "this connection is SSL 2, which is broken and forbidden (RFC 6176); what follows the hellos is not read",
            ),
            Self::RsaKeyUnusable => f.write_str(
                "a private key that was given is no RSA key of at most 4096 bits, and is not used",
            ),
            Self::RsaKeyOfNoUse { cipher_suite } => write!(
                f,
                "the RSA key given cannot open {}: its secret is agreed on by {}; a key log can (SSLKEYLOGFILE)",
                CipherSuite(*cipher_suite),
                match CipherSuite(*cipher_suite).key_exchange() {
                    Some(KeyExchange::RsaExport) => "an RSA key for this once",
                    Some(KeyExchange::Psk | KeyExchange::RsaPsk) => "a key that both have already",
                    _ => "Diffie-Hellman, which no key of the server undoes",
                }
            ),
            Self::RsaKeyIsAnother => f.write_str(
                "the RSA key given is not that of the server's certificate, and opens nothing here",
            ),
            Self::KeyDoesNotFit { side } => {
                write!(f, "the key given for this connection does not open a record of the {side}")
            }
            Self::CipherSuiteNotOpened { cipher_suite } => {
                write!(
                    f,
                    "records of cipher suite 0x{cipher_suite:04x} cannot be opened, though a key is there"
                )
            }
            Self::LimitReached { what } => write!(f, "limit reached: {what}"),
            Self::Source(text) => f.write_str(text),
        }
    }
}
